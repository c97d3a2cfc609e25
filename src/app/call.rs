//! A call to somebody who looks elsewhere: something came that is theirs to see to. It says how much, never what.
//!
//! Called is when a number has risen since it was last known, and no more often than once a minute; what rose meanwhile is
//! said then, unless it is gone.

use chrono::{DateTime, Duration, Utc};

use super::effect::Effect;
use super::model::Model;
use crate::domain::{JobKind, Role};

/// How long it stays quiet after a call.
const QUIET: Duration = Duration::minutes(1);

/// The ways in which somebody wants to be called; neither, unless they chose so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ways {
    /// The terminal's bell.
    pub bell: bool,
    /// A notification of the desktop, through the terminal (OSC 9).
    pub desktop: bool,
}

/// What was known, to tell what is new.
#[derive(Debug, Default)]
pub struct Calling {
    known: Option<Numbers>,
    called_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Numbers {
    /// Ready for people.
    waiting: i64,
    /// Open and past their deadline.
    breached: i64,
    dead_letters: i64,
    /// Full hours for which the oldest hold stands, so that each of them is a reminder.
    held_hours: i64,
}

/// Calls when the counts that just came are a reason to.
pub fn listen(model: &mut Model) -> Option<Effect> {
    let now = Numbers::of(model)?;
    let Some(known) = model.calling.known else {
        model.calling.known = Some(now);
        return None;
    };
    // What fell is not news, and what rises again afterwards is.
    let known = known.and(now);
    model.calling.known = Some(known);
    if model.calling.called_at.is_some_and(|at| model.now - at < QUIET) {
        return None;
    }
    let said = now.news(known);
    model.calling.known = Some(now);
    if said.is_empty() {
        return None;
    }
    model.calling.called_at = Some(model.now);
    Some(Effect::Call(said.join(", ")))
}

impl Numbers {
    /// As far as they are this person's to see to; none before the first counts.
    fn of(model: &Model) -> Option<Numbers> {
        let (data, me) = (model.overview.feed.data()?, &model.session.principal);
        let people = [JobKind::Approve, JobKind::Escalate];
        let waiting = data.backlog.kinds.iter().filter(|kind| people.contains(&kind.job_kind)).map(|kind| kind.ready);
        let breached = data.pressure.iter().map(|row| row.breached);
        let held_since = data.alerts.holds.iter().filter(|hold| hold.stands()).map(|hold| hold.placed_at).min();
        Some(Numbers {
            waiting: if me.reviews() { waiting.sum() } else { 0 },
            breached: breached.sum(),
            dead_letters: if me.has(Role::Oncall) { data.backlog.dead_letters() } else { 0 },
            held_hours: held_since.filter(|_| me.has(Role::Oncall)).map_or(0, |since| (model.now - since).num_hours()),
        })
    }

    /// The smaller of each.
    fn and(self, other: Numbers) -> Numbers {
        Numbers {
            waiting: self.waiting.min(other.waiting),
            breached: self.breached.min(other.breached),
            dead_letters: self.dead_letters.min(other.dead_letters),
            held_hours: self.held_hours.min(other.held_hours),
        }
    }

    /// What there is to say after the others were known. That more wait where some waited already is no news.
    fn news(self, known: Numbers) -> Vec<String> {
        let drafts = (known.waiting == 0 && self.waiting > 0).then(|| format!("{} waiting for review", self.waiting));
        let late = (self.breached > known.breached).then(|| format!("{} past their deadline", self.breached));
        let dead = (self.dead_letters > known.dead_letters).then(|| format!("{} dead letters", self.dead_letters));
        let held = (self.held_hours > known.held_hours).then(|| format!("a hold stands for {} h", self.held_hours));
        [late, dead, held, drafts].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Screen;
    use crate::app::sample::{self, Sitting};
    use crate::domain::{Backlog, KindBacklog};

    /// Somebody with these roles, who knows that nothing waits.
    fn sitting(roles: &[Role]) -> Sitting {
        let mut sitting = Sitting::connected(Screen::Overview, 80, 24);
        sitting.model.session.principal.roles = roles.to_vec();
        assert_eq!(calls(&mut sitting, 0, 0, 0), Vec::<String>::new());
        sitting
    }

    /// What is said when these counts come after so many seconds.
    fn calls(sitting: &mut Sitting, after: i64, waiting: i64, dead: i64) -> Vec<String> {
        sitting.wait(Duration::seconds(after));
        let rows = [(JobKind::Approve, waiting, 0), (JobKind::Send, 7, dead)];
        let rows =
            rows.map(|(kind, ready, dead_letter)| KindBacklog { ready, dead_letter, ..KindBacklog::empty(kind) });
        sitting.answer(sample::list(), Backlog::complete(rows.into()));
        let said = |effect| if let Effect::Call(said) = effect { Some(said) } else { None };
        sitting.asked().into_iter().filter_map(said).collect()
    }

    #[test]
    fn the_first_that_waits_is_called_and_more_of_them_are_not() {
        let mut sitting = sitting(&[Role::Reviewer]);
        assert_eq!(calls(&mut sitting, 5, 2, 0), ["2 waiting for review"]);
        assert_eq!(calls(&mut sitting, 120, 9, 0), Vec::<String>::new());
        assert_eq!(calls(&mut sitting, 120, 0, 0), Vec::<String>::new());
        assert_eq!(calls(&mut sitting, 120, 1, 0), ["1 waiting for review"]);
    }

    #[test]
    fn each_is_called_for_what_is_theirs() {
        assert_eq!(calls(&mut sitting(&[Role::Oncall]), 5, 5, 3), ["3 dead letters"]);
        assert_eq!(calls(&mut sitting(&[Role::Reviewer]), 5, 5, 3), ["5 waiting for review"]);
        assert_eq!(calls(&mut sitting(&[Role::Operator]), 5, 5, 3), Vec::<String>::new());
    }

    #[test]
    fn within_a_minute_nothing_more_is_said_and_afterwards_what_is_still_there() {
        let mut sitting = sitting(&[Role::Oncall]);
        assert_eq!(calls(&mut sitting, 5, 0, 1), ["1 dead letters"]);
        assert_eq!(calls(&mut sitting, 10, 0, 4), Vec::<String>::new());
        assert_eq!(calls(&mut sitting, 20, 0, 3), Vec::<String>::new());
        assert_eq!(calls(&mut sitting, 31, 0, 3), ["3 dead letters"]);
        assert_eq!(calls(&mut sitting, 90, 0, 5), ["5 dead letters"]);
        assert_eq!(calls(&mut sitting, 10, 0, 6), Vec::<String>::new());
        assert_eq!(calls(&mut sitting, 60, 0, 5), Vec::<String>::new(), "that one is gone");
    }

    #[test]
    fn a_deadline_that_passed_is_said_first() {
        let known = Numbers { waiting: 0, breached: 2, dead_letters: 0, held_hours: 1 };
        let now = Numbers { waiting: 4, breached: 3, dead_letters: 1, held_hours: 2 };
        let expected = ["3 past their deadline", "1 dead letters", "a hold stands for 2 h", "4 waiting for review"];
        assert_eq!(now.news(known), expected);
        assert_eq!(known.and(now), known);
    }
}
