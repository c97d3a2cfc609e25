//! What is asked of the database, in which order, and when.
//!
//! All questions go over one connection, one after the other, so what the screen is about is asked first, and what stands around
//! it follows more slowly.

use chrono::Duration;

use super::effect::{Effect, Query};
use super::feed::{Pace, Renewed};
use super::model::{Connection, Model, Screen};
use super::msg::Failure;
use super::overview::Page;
use super::{activity, jobs, overview, review};
use crate::domain::Filter;

/// What covers a day changes little in a few seconds.
const SLOWLY: Duration = Duration::seconds(10);
/// Counting anew costs the database more than a list.
const COUNTS: Duration = Duration::milliseconds(70);
/// What the header says of other screens need not follow every change.
const BESIDE: Duration = Duration::seconds(1);
/// The trail has rows that change no job, so it hears of nothing.
const TRAIL: Duration = Duration::seconds(2);

/// Asks for what is shown and is due, and notes when the next is.
pub fn ask(model: &mut Model) -> Vec<Effect> {
    model.asks_at = None;
    if model.connection != Connection::Live {
        return Vec::new();
    }
    let now = model.now;
    let mut effects = Vec::new();
    for (query, pace) in questions(model) {
        let feed = &mut feeds(model)[query.kind()];
        let Some(due_at) = feed.due_at(now, pace) else { continue };
        if due_at <= now {
            let generation = feed.ask(now);
            effects.push(Effect::Refresh { generation, query: Box::new(query) });
        } else {
            model.asks_at = Some(model.asks_at.map_or(due_at, |soonest| soonest.min(due_at)));
        }
    }
    effects
}

/// What is shown should be asked for at once, not at the next turn.
pub fn hurry(model: &mut Model) {
    for feed in feeds(model) {
        feed.hurry();
    }
}

/// Jobs changed: what shows them should be asked for soon.
pub fn follow(model: &mut Model) {
    for feed in feeds(model) {
        feed.age();
    }
}

/// No answer will come for what was under way.
pub fn lose(model: &mut Model, failure: &Failure) {
    for feed in feeds(model) {
        feed.lose(failure.clone());
    }
}

/// Everything that is asked for again and again, by the kind of its question.
fn feeds(model: &mut Model) -> [&mut dyn Renewed; Query::KINDS] {
    [
        &mut model.overview.feed,
        &mut model.overview.day,
        &mut model.overview.teams,
        &mut model.review.feed,
        &mut model.dead_letters.feed,
        &mut model.activity.feed,
        &mut model.jobs.feed,
        &mut model.jobs.detail,
    ]
}

/// The questions that what is shown answers, the screen's own first. The header's counts come with the Overview.
fn questions(model: &mut Model) -> Vec<(Query, Pace)> {
    let every = model.settings.refresh_every;
    let shown = Pace::new(every, Duration::zero());
    let slowly = Pace::new(every.max(SLOWLY), SLOWLY);
    let beside = (Query::Overview, Pace::new(every, BESIDE));
    match model.screen {
        Screen::Overview => {
            let mut questions = vec![(Query::Overview, Pace::new(every, COUNTS))];
            match (model.overview.page, overview::layout(model.size).activity) {
                (Page::Chart, _) => questions.push((Query::Day, slowly)),
                (Page::Teams, _) => questions.push((Query::Teams, slowly)),
                (Page::Now, Some(area)) => {
                    let newest = activity::want(model, Filter::default(), usize::from(area.height));
                    questions.push((newest, shown));
                }
                (Page::Now, None) => {}
            }
            questions
        }
        Screen::Review => vec![(review::list::question(model), shown), beside],
        Screen::DeadLetters => vec![(Query::DeadLetters(model.dead_letters.filter.clone()), shown), beside],
        Screen::Activity => {
            let filter = model.activity.filter.clone();
            let rows = model.activity.cursor.reach(usize::from(model.size.height));
            let newest = activity::want(model, filter, rows);
            vec![(newest, Pace::new(every.min(TRAIL), Duration::zero())), beside]
        }
        Screen::Jobs => {
            let detail = model.jobs.open.map(|job_id| (Query::Job(job_id), shown));
            detail.into_iter().chain([(jobs::question(model), shown), beside]).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;
    use crate::app::activity::ActivityList;
    use crate::app::feed::{Generation, Reply};
    use crate::app::msg::Msg;
    use crate::app::sample::{Sitting, backlog, list, run};

    fn millis(millis: i64) -> Duration {
        Duration::milliseconds(millis)
    }

    impl Sitting {
        /// What is asked for since the last time, in that order.
        fn questions(&mut self) -> Vec<(Generation, Query)> {
            let asked = self.effects.drain(..).filter_map(|effect| match effect {
                Effect::Refresh { generation, query } => Some((generation, *query)),
                _ => None,
            });
            asked.collect()
        }

        fn asks_for_the_list(&mut self) -> Option<Generation> {
            let list = |(generation, query)| matches!(query, Query::Review(..)).then_some(generation);
            self.questions().into_iter().find_map(list)
        }

        /// Jobs changed so many milliseconds later.
        fn wake(&mut self, after: i64) -> DateTime<Utc> {
            self.now += millis(after);
            self.send(Msg::Wake(self.now));
            self.now
        }
    }

    #[test]
    fn what_changed_too_soon_is_asked_for_exactly_when_it_is_due() {
        let mut sitting = Sitting::review(120, 40);
        sitting.effects.clear();
        let asked_at = sitting.wake(3000);
        let generation = sitting.asks_for_the_list().unwrap();
        let at = asked_at + millis(40);
        sitting.send(Msg::ReviewLoaded(Reply { generation, at, result: Ok(list()) }));
        sitting.wake(50);
        assert_eq!(sitting.asks_for_the_list(), None, "the database is left alone for a while");
        let due_at = asked_at + millis(80);
        assert_eq!(sitting.model.asks_at, Some(due_at));
        sitting.wait(due_at - sitting.now - millis(1));
        assert_eq!(sitting.asks_for_the_list(), None);
        sitting.wait(millis(1));
        assert!(sitting.asks_for_the_list().is_some());
    }

    #[test]
    fn nothing_is_due_while_everything_is_asked_for_or_nobody_answers() {
        let mut sitting = Sitting::connected(Screen::Review, 120, 40);
        assert_eq!((sitting.questions().len(), sitting.model.asks_at), (2, None));
        sitting.send(Msg::ConnectionLost("connection refused".to_owned(), sitting.now));
        assert_eq!(sitting.model.asks_at, None);
    }

    #[test]
    fn the_screens_own_question_goes_first() {
        for (screen, own) in [
            (Screen::Overview, "Overview"),
            (Screen::Review, "Review"),
            (Screen::DeadLetters, "DeadLetters"),
            (Screen::Activity, "Activity"),
            (Screen::Jobs, "Jobs"),
        ] {
            let asked = Sitting::connected(screen, 200, 60).questions();
            assert!(format!("{:?}", asked[0].1).starts_with(own), "{asked:?}");
            assert!(asked.iter().any(|(_, query)| *query == Query::Overview), "the header's counts: {asked:?}");
        }
    }

    #[test]
    fn what_the_header_says_of_other_screens_follows_within_a_second() {
        let mut sitting = Sitting::review(120, 40);
        sitting.wake(3000);
        sitting.answer(list(), backlog());
        sitting.effects.clear();
        let asked_at = sitting.now;
        let counts = |sitting: &mut Sitting| sitting.questions().iter().any(|(_, query)| *query == Query::Overview);
        sitting.wake(500);
        assert!(!counts(&mut sitting), "the list has the connection");
        sitting.wait(asked_at + BESIDE - sitting.now);
        assert!(counts(&mut sitting));

        let mut sitting = Sitting::connected(Screen::Overview, 120, 40);
        sitting.answer(list(), backlog());
        sitting.effects.clear();
        sitting.wake(COUNTS.num_milliseconds());
        assert!(counts(&mut sitting), "at once where the counts are shown");
    }

    #[test]
    fn beside_the_counts_no_more_of_the_trail_is_asked_for_than_is_shown() {
        let mut sitting = Sitting::connected(Screen::Overview, 120, 40);
        let shown = overview::layout(sitting.model.size).activity.unwrap().height;
        let trail = |sitting: &mut Sitting| {
            let of_trail = |(generation, query)| match query {
                Query::Activity(_, at_most) => Some((generation, at_most)),
                _ => None,
            };
            sitting.questions().into_iter().find_map(of_trail)
        };
        let (generation, at_most) = trail(&mut sitting).unwrap();
        assert_eq!(at_most, usize::from(shown));
        let few = ActivityList { rows: vec![run("ada", "review_approve", "succeeded")] };
        sitting.send(Msg::ActivityLoaded(Reply { generation, at: sitting.now, result: Ok(few.clone()) }));
        sitting.press("4");
        assert_eq!(sitting.model.activity.feed.data(), Some(&few), "until there are more");
        assert_eq!(
            trail(&mut sitting).map(|(_, at_most)| at_most),
            Some(100),
            "forty rows and as many again, in fifties"
        );
    }
}
