//! How the dashboard ended, and what the person has to know of what they confirmed before.

use std::collections::BTreeMap;
use std::fmt;

use super::Error;
use crate::app::{Effect, Failure, Model, Msg};
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
    /// A text took no draft's place and is kept, attached to nothing.
    Kept { job_id: JobId },
    /// No answer came in time.
    Unknown { job_id: JobId, act: &'static str },
    /// Some of a set of dead letters.
    DeadLetters { act: &'static str, refused: usize, unknown: usize },
}

impl fmt::Display for Unsettled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unsettled::Refused { job_id, act, why } => write!(f, "{job_id} {act}: not done, {why}"),
            Unsettled::Kept { job_id } => {
                let JobId(number) = job_id;
                write!(f, "{job_id}: what you were writing is kept; `countersign review kept {number}` shows it")
            }
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

/// What was confirmed and is not answered, from the moment on in which it was given to the writer.
#[derive(Debug, Default)]
pub struct Ledger {
    open: BTreeMap<JobId, &'static str>,
    refused: Vec<Unsettled>,
    /// Of a set that was under way when the screen went: what was done with it, and how many of it were refused since and
    /// are not answered.
    dead_letters: Option<(&'static str, usize, usize)>,
}

const UNDO: &str = "undo";
const SKIP: &str = "skip";
const FORCE_RELEASE: &str = "force release";

impl Ledger {
    /// Notes what the writer is given. Only what a person confirmed counts: leases come and go by themselves.
    pub fn give(&mut self, effect: &Effect) {
        match effect {
            Effect::Decide { job_id, decision } => drop(self.open.insert(*job_id, decision.verb().as_str())),
            Effect::Undo { job_id } => drop(self.open.insert(*job_id, UNDO)),
            Effect::Skip { job_id, .. } => drop(self.open.insert(*job_id, SKIP)),
            Effect::ForceRelease { job_id } => drop(self.open.insert(*job_id, FORCE_RELEASE)),
            _ => {}
        }
    }

    /// From here on no screen shows the answers.
    pub fn leave(&mut self, model: &Model) {
        let report = model.dead_letters.report.as_ref().filter(|report| !report.is_complete());
        self.dead_letters = report.map(|report| (report.verb.as_str(), 0, report.pending.len()));
    }

    /// Takes an answer in that a screen shows: there is nothing left to be said of it.
    pub fn show(&mut self, msg: &Msg) {
        match msg {
            Msg::Decided { job_id, .. }
            | Msg::Undone { job_id, .. }
            | Msg::Skipped { job_id, .. }
            | Msg::Released { job_id, .. } => drop(self.open.remove(job_id)),
            _ => {}
        }
    }

    /// Takes an answer in that no screen shows any more.
    pub fn note(&mut self, msg: &Msg) {
        self.show(msg);
        match msg {
            Msg::Decided { job_id, verb, result, .. } => self.close(*job_id, verb.as_str(), result),
            Msg::Undone { job_id, result, .. } => self.close(*job_id, UNDO, result),
            Msg::Skipped { job_id, result } => self.close(*job_id, SKIP, result),
            Msg::Released { job_id, result } => self.close(*job_id, FORCE_RELEASE, result),
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
        if matches!(result, Ok(outcome) if outcome.kept) {
            self.refused.push(Unsettled::Kept { job_id });
            return;
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::dead_letters::DeadLetterList;
    use crate::app::review::Verb;
    use crate::app::sample::{Sitting, dead_letter, outcome, session, short};
    use crate::app::{Generation, Reply, Screen};
    use crate::domain::Role;

    const JOB: JobId = JobId(10431);

    /// What the writer was given by these keys, over an open job with a decision before it that can be undone.
    fn given(keys: &[&str]) -> (Sitting, Ledger) {
        let mut sitting = Sitting::review(80, 24).open(short(JOB.0, "Dear customer,\nit arrives tomorrow."));
        keys.iter().for_each(|keys| sitting.press(keys));
        let mut ledger = Ledger::default();
        sitting.effects.iter().for_each(|effect| ledger.give(effect));
        ledger.leave(&sitting.model);
        (sitting, ledger)
    }

    fn decided(result: Result<Outcome, Failure>, sitting: &Sitting) -> Msg {
        Msg::Decided { job_id: JOB, verb: Verb::Approve, result, now: sitting.now }
    }

    #[test]
    fn what_is_answered_before_the_end_is_not_mentioned_and_the_rest_is() {
        let undo = Unsettled::Unknown { job_id: JobId(10424), act: "undo" };
        let unknown = Unsettled::Unknown { job_id: JOB, act: "approve" };
        let refused = |why: &str| Unsettled::Refused { job_id: JOB, act: "approve", why: why.to_owned() };
        let cases = [
            (None, vec![undo.clone(), unknown]),
            (Some(Ok(outcome("applied"))), vec![undo.clone()]),
            (
                Some(Ok(outcome("draft_changed"))),
                vec![refused("the draft was replaced while you read; look at the new one"), undo.clone()],
            ),
            (
                Some(Err(Failure::Away("nothing listens there".to_owned()))),
                vec![refused("the database is away: nothing listens there"), undo.clone()],
            ),
        ];
        for (answer, expected) in cases {
            let (sitting, mut ledger) = given(&["Ay", "u"]);
            if let Some(result) = answer {
                ledger.note(&decided(result, &sitting));
            }
            assert_eq!(ledger.unsettled(), expected);
        }
        let (sitting, mut ledger) = given(&["Ay", "u"]);
        ledger.show(&decided(Ok(outcome("draft_changed")), &sitting));
        assert_eq!(ledger.unsettled(), [undo], "the screen has said the refusal");
    }

    #[test]
    fn whatever_a_person_confirmed_is_mentioned_and_an_opening_is_not() {
        let unknown = |act| vec![Unsettled::Unknown { job_id: JOB, act }];
        let cases = [("Ay", unknown("approve")), ("s1", unknown("skip")), ("n", Vec::new()), ("h", Vec::new())];
        for (keys, expected) in cases {
            assert_eq!(given(&[keys]).1.unsettled(), expected, "{keys}");
        }
        let mut ledger = Ledger::default();
        ledger.give(&Effect::ForceRelease { job_id: JOB });
        assert_eq!(ledger.unsettled(), unknown("force release"));
    }

    #[test]
    fn a_set_of_dead_letters_is_one_line_with_counts() {
        let mut sitting = Sitting::connected(Screen::DeadLetters, 120, 40);
        let mut oncall = session();
        oncall.principal.roles.push(Role::Oncall);
        sitting.send(Msg::Connected(Box::new(oncall), sitting.now));
        let jobs = (1..=3).map(dead_letter).collect();
        let list = DeadLetterList { cells: Vec::new(), jobs };
        sitting.send(Msg::DeadLettersLoaded(Reply { generation: Generation(1), at: sitting.now, result: Ok(list) }));
        sitting.press("XRy");
        let report = sitting.model.dead_letters.report.as_ref().expect("retry was confirmed");
        let pending: Vec<JobId> = report.pending.iter().copied().collect();
        let mut ledger = Ledger::default();
        ledger.leave(&sitting.model);
        for (job_id, word) in pending.into_iter().zip(["applied", "not_found"]) {
            ledger.note(&Msg::DeadLetterActed { job_id, result: Ok(outcome(word)) });
        }
        assert_eq!(ledger.unsettled(), [Unsettled::DeadLetters { act: "retry", refused: 1, unknown: 1 }]);
    }
}
