//! What came of histories altogether: a model that agrees because nothing happened proves nothing.

use std::collections::{BTreeMap, BTreeSet};

use countersign::domain::Status;

use super::calls::{Call, Reply};
use super::real::Seen;

#[derive(Debug, Default)]
pub struct Tally {
    /// How often which call was answered how.
    pub answers: BTreeMap<(&'static str, &'static str), usize>,
    /// Moves of jobs, as the audit trail names them.
    pub moves: BTreeSet<(String, String)>,
}

impl Tally {
    pub fn count(&mut self, call: &Call, reply: &Reply, seen: &Seen) {
        let outcome = match reply {
            Reply::Answered(answer) => answer.outcome,
            Reply::Replayed(_) => "replayed",
            Reply::Misuse(_) => "misuse",
        };
        *self.answers.entry((call.name(), outcome)).or_default() += 1;
        for run in &seen.runs {
            if let (Some(from), Some(to)) = (&run.from_status, &run.to_status)
                && from != to
            {
                self.moves.insert((from.clone(), to.clone()));
            }
        }
    }

    pub fn add(&mut self, other: Tally) {
        for (answer, times) in other.answers {
            *self.answers.entry(answer).or_default() += times;
        }
        self.moves.extend(other.moves);
    }

    pub fn calls(&self) -> usize {
        self.answers.values().sum()
    }

    /// Moves of the one machine that never happened.
    pub fn moves_not_made(&self) -> Vec<(Status, Status)> {
        let is_made = |(from, to): &(Status, Status)| self.moves.contains(&(from.to_string(), to.to_string()));
        Status::TRANSITIONS.into_iter().filter(|pair| !is_made(pair)).collect()
    }
}
