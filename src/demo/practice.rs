//! A practice set for the first day: a few conversations of every kind, no traffic, and after each decision what a careful
//! reviewer does.

use chrono::TimeDelta;

use super::cast;
use super::catalogue::Catalogue;
use super::chance::Chance;
use super::conversations::{Sample, Verdict};
use super::opening;
use super::pace::Pace;
use super::stage::Demo;
use super::traffic::producers::Arrival;
use super::traffic::worker::StopSender;
use crate::domain::lesson::{Lesson, Lessons};
use crate::domain::review::Verb;
use crate::session::Result;

/// How many of each there are.
const SET: [(Verdict, usize); 3] = [(Verdict::Approve, 5), (Verdict::Reject, 5), (Verdict::Escalate, 2)];

/// Nobody has to hurry here.
const DUE_IN: TimeDelta = TimeDelta::hours(4);

/// Below this a draft goes up the ladder by itself, before anybody could practise on it.
const SURE: f64 = 0.5;

impl Demo {
    /// Lays the set out, each conversation with its lesson.
    pub async fn start_practice(&self) -> Result<Lessons> {
        let (_sender, stop) = StopSender::new();
        let office = self.office(Pace::AT_ONCE);
        let intake = self.desk(cast::INTAKE, &office, &stop).await?;
        let now = intake.store.whoami().await?.server_time;
        let set = set(&office.catalogue, &mut Chance::new(12));
        let arrivals: Vec<_> = set.iter().map(|sample| Arrival::of_the_past(sample, now)).collect();
        opening::bring_in(&intake, &arrivals, now, |place| DUE_IN + TimeDelta::minutes(place as i64)).await?;
        intake.store.close().await;
        Ok(arrivals.iter().zip(&set).map(|(arrival, sample)| (arrival.conversation, lesson(sample))).collect())
    }
}

/// So many of each verdict in the language that most people read, mixed.
fn set(catalogue: &Catalogue, chance: &mut Chance) -> Vec<Sample> {
    let mut missing = SET;
    let mut is_wanted = |sample: &Sample| {
        let open = missing.iter_mut().find(|(verdict, left)| *verdict == sample.verdict && *left > 0);
        open.map(|(_, left)| *left -= 1).is_some()
    };
    let can_be_used = |sample: &Sample| sample.language == "en" && sample.confidence >= SURE;
    let deck = catalogue.deck(chance).into_iter();
    let mut set: Vec<_> = deck.filter(|sample| can_be_used(sample) && is_wanted(sample)).collect();
    chance.shuffle(&mut set);
    set
}

fn lesson(sample: &Sample) -> Lesson {
    let verb = match sample.verdict {
        Verdict::Approve => Verb::Approve,
        Verdict::Reject => Verb::Reject,
        Verdict::Escalate => Verb::Escalate,
    };
    Lesson { verb, reason: sample.reason.clone(), teaches: sample.teaches.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_set_has_something_of_everything_and_not_in_a_row() {
        let chosen = set(&Catalogue::new(), &mut Chance::new(12));
        for (verdict, wanted) in SET {
            assert_eq!(chosen.iter().filter(|sample| sample.verdict == verdict).count(), wanted, "{verdict:?}");
        }
        let turns = chosen.windows(2).filter(|pair| pair[0].verdict != pair[1].verdict).count();
        assert!(turns >= 5, "whoever repeats the last answer learns nothing: {turns}");
    }
}
