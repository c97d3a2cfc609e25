//! The ordered writer: whatever changes something goes through here, one after the other, in the order of the keys.
//!
//! Each act gets one `command_id`. When the connection breaks around it, its fate is asked for; it is never given a
//! second time under another id.

use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::sleep;
use uuid::Uuid;

use super::desk::{Desk, failure};
use super::opening;
use crate::app::dead_letters::DeadLetterAct;
use crate::app::review::{Change, Decision};
use crate::app::{Effect, Failure, Msg};
use crate::domain::{JobId, Outcome, Pin};
use crate::store;
use crate::store::review::Reading;

/// How long to wait before asking again for the fate of a command.
const ASK_AGAIN: Duration = Duration::from_millis(500);

/// The task that writes.
pub struct Writer {
    orders: UnboundedSender<Effect>,
    task: JoinHandle<()>,
}

impl Writer {
    pub fn start(desk: Desk) -> Writer {
        let (orders, inbox) = unbounded_channel();
        Writer { orders, task: tokio::spawn(write(desk, inbox)) }
    }

    /// Queues an act behind those before it.
    pub fn give(&self, effect: Effect) {
        let _ = self.orders.send(effect);
    }

    /// Takes no more, and returns what ends when the last act is answered.
    pub fn close(self) -> JoinHandle<()> {
        self.task
    }
}

async fn write(desk: Desk, mut orders: UnboundedReceiver<Effect>) {
    while let Some(effect) = orders.recv().await {
        perform(&desk, effect).await;
    }
}

async fn perform(desk: &Desk, effect: Effect) {
    match effect {
        Effect::OpenForReview { ticket, job_id } => {
            let result = opening::claim_and_open(desk, job_id).await;
            desk.tell(Msg::Opened { ticket, result, now: desk.clock.now() });
        }
        Effect::Reopen { ticket, job_id } => {
            let result = opening::claim_and_open(desk, Some(job_id)).await;
            desk.tell(Msg::Opened { ticket, result, now: desk.clock.now() });
        }
        Effect::Look { ticket, job_id } => {
            let result = opening::look(desk, job_id).await;
            desk.tell(Msg::Opened { ticket, result, now: desk.clock.now() });
        }
        Effect::TakeEscalation { ticket, job_id } => {
            let result = take_escalation(desk, job_id).await;
            desk.tell(Msg::Opened { ticket, result, now: desk.clock.now() });
        }
        Effect::Decide { job_id, decision } => decide(desk, job_id, decision).await,
        Effect::Undo { job_id } => {
            let command = Uuid::new_v4();
            let result = settled(desk, command, desk.store.undo(job_id, command).await).await;
            desk.tell(Msg::Undone { job_id, result, now: desk.clock.now() });
        }
        Effect::Skip { job_id, lease_token, reason } => {
            let command = Uuid::new_v4();
            let result = settled(desk, command, desk.store.skip(job_id, lease_token, &reason, command).await).await;
            desk.tell(Msg::Skipped { job_id, result });
        }
        Effect::Release { job_id, lease_token } => {
            if let Err(error) = desk.store.release(job_id, lease_token, Uuid::new_v4()).await {
                // The lease runs out by itself; nobody has to do anything.
                tracing::info!(job = job_id.0, %error, "a lease could not be given back");
            }
        }
        Effect::ExtendLease { job_id, pin } => extend_lease(desk, job_id, pin).await,
        Effect::ActOnDeadLetters { act, jobs } => {
            for job_id in jobs {
                let command = Uuid::new_v4();
                let answer = match &act {
                    DeadLetterAct::Retry { may_have_left } => {
                        desk.store.retry_dead_letter(job_id, *may_have_left, command).await
                    }
                    DeadLetterAct::Discard { reason } => desk.store.discard_dead_letter(job_id, reason, command).await,
                };
                let result = settled(desk, command, answer).await;
                desk.tell(Msg::DeadLetterActed { job_id, result });
            }
        }
        // Questions, the clipboard and the end are the loop's own.
        Effect::Refresh { .. } | Effect::Watch { .. } | Effect::Copy(_) | Effect::Quit => {}
    }
}

async fn decide(desk: &Desk, job_id: JobId, decision: Decision) {
    let command = Uuid::new_v4();
    let verb = decision.verb();
    let answer = match &decision {
        Decision::Approve { pin } => desk.store.approve(job_id, pin, Reading::default(), command).await,
        Decision::Reject { pin, reason } => desk.store.reject(job_id, pin, reason, None, command).await,
        Decision::Escalate { pin, reason } => desk.store.escalate(job_id, pin, reason, command).await,
    };
    if answer.as_ref().is_err_and(store::Error::is_undecided) {
        desk.tell(Msg::DecisionInDoubt { job_id, verb });
    }
    let result = settled(desk, command, answer).await;
    desk.tell(Msg::Decided { job_id, verb, result, now: desk.clock.now() });
}

/// Turns a lost answer into a known one: asks what became of the command until the database says.
async fn settled(desk: &Desk, command: Uuid, answer: store::Result<Outcome>) -> Result<Outcome, Failure> {
    if !answer.as_ref().is_err_and(store::Error::is_undecided) {
        return answer.map_err(failure);
    }
    let mut absences = 0;
    loop {
        sleep(ASK_AGAIN).await;
        match desk.store.command_fate(command).await {
            Ok(fate) if fate.found => {
                let known = fate.answer.and_then(|answer| serde_json::from_value(answer).ok());
                return known.ok_or_else(|| Failure::Other("it took effect; look at the job for how".to_owned()));
            }
            // A server that lost its client may still be at work on the command, so one "no" is not enough.
            Ok(_) if absences < 2 => absences += 1,
            Ok(_) => {
                return Err(Failure::Other("the connection broke before it took effect; nothing was done".to_owned()));
            }
            Err(_) => absences = 0,
        }
    }
}

async fn take_escalation(desk: &Desk, job_id: JobId) -> Result<Box<crate::app::review::Opened>, Failure> {
    let command = Uuid::new_v4();
    let answer = desk.store.take_escalation(job_id, command).await.map(|claim| claim.outcome);
    let taken = settled(desk, command, answer).await?;
    match (taken.is_applied(), taken.created_job_id) {
        (true, Some(approve)) => opening::open(desk, approve, taken.lease_token, None).await,
        _ => Err(Failure::Refused(taken)),
    }
}

async fn extend_lease(desk: &Desk, job_id: JobId, pin: Pin) {
    let Ok(claim) = desk.store.extend_lease(job_id, pin.lease_token).await else { return };
    if !claim.outcome.is_applied() {
        let change = Change::LeaseLost { by: claim.outcome.by };
        desk.tell(Msg::Changed { job_id, pin, change, now: desk.clock.now() });
    }
}
