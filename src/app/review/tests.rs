//! What a person can and cannot bring about in Review.

mod answers;
mod keys;
mod list;
mod long;
mod looking;
mod reading;

use super::{Decision, Verb};
use crate::app::effect::Effect;
use crate::app::msg::Msg;
use crate::app::sample::{Sitting, pin, short};
use crate::domain::review::Reading;
use crate::domain::{JobId, Outcome};

const JOB: JobId = JobId(10431);

/// A short conversation is open, all of it on the screen.
fn ready() -> Sitting {
    let mut sitting = Sitting::review(80, 24).open(short(10431, "Dear customer,\nit arrives tomorrow."));
    sitting.asked();
    sitting
}

fn approve() -> Effect {
    Effect::Decide { job_id: JOB, decision: Decision::Approve { pin: pin(14), reading: Reading::default() } }
}

fn check(mut sitting: Sitting, keys: &str, expected: &[Effect]) {
    sitting.asked();
    sitting.press(keys);
    assert_eq!(sitting.asked(), expected, "{keys:?}");
}

fn decided_as(sitting: &mut Sitting, verb: Verb, outcome: Outcome) {
    sitting.send(Msg::Decided { job_id: JOB, verb, result: Ok(outcome), now: sitting.now });
}
