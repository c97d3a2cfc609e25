//! How the dashboard ended, and what the person has to know of what they confirmed before.

use std::collections::BTreeMap;
use std::fmt;

use super::Error;
use crate::app::{Failure, Model, Msg};
use crate::domain::{JobId, Outcome};

/// How the dashboard ended.
#[derive(Debug)]
pub struct Farewell {
    /// What was confirmed and did not take effect, or perhaps did. Empty when there is nothing to say.
    pub unsettled: Vec<Unsettled>,
    /// Why it ended, if not because it was told to.
    pub error: Option<Error>,
}

/// Something confirmed that is not known to have taken effect. Says which and why, never a content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsettled {
    /// The database said no, in these words, after the screen was gone.
    Refused { job_id: JobId, act: &'static str, why: String },
    /// No answer came in time.
    Unknown { job_id: JobId, act: &'static str },
    /// Some of a set of dead letters.
    DeadLetters { act: &'static str, refused: usize, unknown: usize },
}

impl fmt::Display for Unsettled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unsettled::Refused { job_id, act, why } => write!(f, "{job_id} {act}: not done, {why}"),
            Unsettled::Unknown { job_id, act } => {
                let JobId(number) = job_id;
                write!(f, "{job_id} {act}: unknown; `countersign show {number}` tells what became of it")
            }
            Unsettled::DeadLetters { act, refused, unknown } => write!(
                f,
                "{act} of dead letters: {refused} refused, {unknown} unknown; `countersign dead-letters` shows what is left"
            ),
        }
    }
}

/// What was confirmed and is not answered, from the moment on from which no screen shows the answers.
#[derive(Debug, Default)]
pub struct Ledger {
    open: BTreeMap<JobId, &'static str>,
    refused: Vec<Unsettled>,
    dead_letters: Option<(&'static str, usize, usize)>,
}

const UNDO: &str = "undo";

impl Ledger {
    /// Begins with what the model waits for.
    pub fn of(model: &Model) -> Ledger {
        let decisions = model.review.in_flight.iter().map(|flight| (flight.job_id, flight.verb.as_str()));
        let undoing = model.review.undoing.map(|job_id| (job_id, UNDO));
        let report = model.dead_letters.report.as_ref().filter(|report| !report.is_complete());
        Ledger {
            open: decisions.chain(undoing).collect(),
            refused: Vec::new(),
            dead_letters: report.map(|report| (report.verb.as_str(), 0, report.pending.len())),
        }
    }

    /// Whether everything is answered.
    pub fn is_settled(&self) -> bool {
        self.open.is_empty() && self.dead_letters.is_none_or(|(_, _, unknown)| unknown == 0)
    }

    /// Takes an answer in.
    pub fn note(&mut self, msg: &Msg) {
        match msg {
            Msg::Decided { job_id, verb, result, .. } => self.close(*job_id, verb.as_str(), result),
            Msg::Undone { job_id, result, .. } => self.close(*job_id, UNDO, result),
            Msg::DeadLetterActed { result, .. } => {
                if let Some((_, refused, unknown)) = &mut self.dead_letters {
                    *unknown = unknown.saturating_sub(1);
                    *refused += usize::from(why_not(result).is_some());
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, job_id: JobId, act: &'static str, result: &Result<Outcome, Failure>) {
        self.open.remove(&job_id);
        if let Some(why) = why_not(result) {
            self.refused.push(Unsettled::Refused { job_id, act, why });
        }
    }

    /// What is left to be said.
    pub fn unsettled(self) -> Vec<Unsettled> {
        let unknown = self.open.into_iter().map(|(job_id, act)| Unsettled::Unknown { job_id, act });
        let dead_letters = self.dead_letters.filter(|(_, refused, unknown)| refused + unknown > 0);
        let dead_letters = dead_letters.map(|(act, refused, unknown)| Unsettled::DeadLetters { act, refused, unknown });
        self.refused.into_iter().chain(unknown).chain(dead_letters).collect()
    }
}

fn why_not(result: &Result<Outcome, Failure>) -> Option<String> {
    match result {
        Ok(outcome) if outcome.is_applied() => None,
        Ok(outcome) => Some(outcome.to_string()),
        Err(failure) => Some(failure.to_string()),
    }
}
