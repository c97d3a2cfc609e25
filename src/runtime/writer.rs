//! The ordered writer: whatever changes something goes through here, one after the other, in the order of the keys.
//!
//! An act is over when its answer is known, and the next one waits until then.

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;

use super::command::{Act, Command};
use super::desk::Desk;
use super::{holding, opening};
use crate::app::dead_letters::DeadLetterAct;
use crate::app::review::{Change, Decision, Opened};
use crate::app::{Effect, Failure, Msg};
use crate::domain::{JobId, Outcome, Pin};

/// The task that writes. Ends when this value is gone and the last act is answered.
pub struct Writer {
    orders: UnboundedSender<Effect>,
    given: usize,
    done: watch::Receiver<usize>,
}

impl Writer {
    pub fn start(desk: Desk) -> Writer {
        let (orders, inbox) = unbounded_channel();
        let (progress, done) = watch::channel(0);
        tokio::spawn(write(desk, inbox, progress));
        Writer { orders, given: 0, done }
    }

    /// Queues an act behind those before it.
    pub fn give(&mut self, effect: Effect) {
        if self.orders.send(effect).is_ok() {
            self.given += 1;
        }
    }

    /// Waits until every act that was given is answered, and its answer told; or until the task is no more.
    pub async fn emptied(&mut self) {
        let given = self.given;
        let _ = self.done.wait_for(|done| *done == given).await;
    }
}

async fn write(desk: Desk, mut orders: UnboundedReceiver<Effect>, progress: watch::Sender<usize>) {
    while let Some(effect) = orders.recv().await {
        perform(&desk, effect).await;
        progress.send_modify(|done| *done += 1);
    }
}

async fn perform(desk: &Desk, effect: Effect) {
    match effect {
        Effect::OpenForReview { ticket, job_id, reads } => {
            let result = opening::claim_and_open(desk, job_id, &reads).await;
            desk.tell(Msg::Opened { ticket, result, now: desk.clock.now() });
        }
        Effect::Reopen { ticket, job_id } => {
            let result = opening::claim_and_open(desk, Some(job_id), &[]).await;
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
            let result = settle(desk, job_id, Act::Undo).await;
            desk.tell(Msg::Undone { job_id, result, now: desk.clock.now() });
        }
        Effect::Skip { job_id, lease_token, reason } => {
            let result = settle(desk, job_id, Act::Skip { lease_token, reason }).await;
            desk.tell(Msg::Skipped { job_id, result });
        }
        Effect::ForceRelease { job_id } => {
            let result = settle(desk, job_id, Act::ForceRelease).await;
            desk.tell(Msg::Released { job_id, result });
        }
        Effect::Release { job_id, lease_token } => opening::give_back(desk, job_id, lease_token).await,
        Effect::ExtendLease { job_id, pin } => extend_lease(desk, job_id, pin).await,
        Effect::ActOnDeadLetters { acts } => act_on_dead_letters(desk, acts).await,
        Effect::Hold { scope, reason, ticket } => holding::hold(desk, scope, reason, ticket).await,
        // Questions, a resume, the clipboard and the end are the loop's own.
        Effect::Refresh { .. }
        | Effect::Watch { .. }
        | Effect::CountOthers { .. }
        | Effect::EditOutside { .. }
        | Effect::LookBack { .. }
        | Effect::ForecastHold { .. }
        | Effect::ForecastResume { .. }
        | Effect::Resume { .. }
        | Effect::StopResume
        | Effect::LookThrough(_)
        | Effect::Search { .. }
        | Effect::Suspend
        | Effect::Copy(_)
        | Effect::Call(_)
        | Effect::Quit => {}
    }
}

async fn decide(desk: &Desk, job_id: JobId, decision: Decision) {
    let verb = decision.verb();
    let result = match Command::of_decision(desk, job_id, decision).await {
        Ok(command) => command.settle(desk, || desk.tell(Msg::DecisionInDoubt { job_id, verb })).await,
        Err(failure) => Err(failure),
    };
    desk.tell(Msg::Decided { job_id, verb, result, now: desk.clock.now() });
}

/// One after the other. Where the database is away nothing is sent, and then not to the rest of them either: finding that
/// out takes seconds each time.
async fn act_on_dead_letters(desk: &Desk, acts: Vec<(JobId, DeadLetterAct)>) {
    let mut away = None;
    for (place, (job_id, act)) in (0..).zip(acts) {
        let turn = turn(&act, place);
        let result = match &away {
            Some(failure) => Err(Failure::clone(failure)),
            None => settle(desk, job_id, Act::DeadLetter(act, turn)).await,
        };
        if let Err(failure @ Failure::Away(_)) = &result {
            away = Some(failure.clone());
        }
        desk.tell(Msg::DeadLetterActed { job_id, result });
    }
}

/// Seconds until the turn of the job at this place of its set.
fn turn(act: &DeadLetterAct, place: i32) -> i32 {
    match act {
        DeadLetterAct::Retry { per_minute: Some(pace), .. } if *pace > 0 => place.saturating_mul(60) / pace,
        _ => 0,
    }
}

async fn settle(desk: &Desk, job_id: JobId, act: Act) -> Result<Outcome, Failure> {
    Command::new(job_id, act).settle(desk, || {}).await
}

async fn take_escalation(desk: &Desk, job_id: JobId) -> Result<Box<Opened>, Failure> {
    let taken = settle(desk, job_id, Act::TakeEscalation).await?;
    match (taken.is_applied(), taken.created_job_id, taken.lease_token) {
        (true, Some(approve), Some(lease_token)) => opening::open_leased(desk, approve, lease_token).await,
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::net::TcpListener;

    use super::*;
    use crate::store::{ConnectOptions, Store};

    #[tokio::test]
    async fn a_set_of_dead_letters_tries_a_database_that_is_away_once() {
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("postgres://kim@{}/countersign", silent.local_addr().unwrap());
        let tries = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&tries);
        tokio::spawn(async move {
            let mut kept = Vec::new();
            while let Ok((connection, _)) = silent.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                kept.push(connection);
            }
        });
        let (desk, mut messages) = Desk::new(Store::connect_lazily(&ConnectOptions::new(url)).unwrap(), None);
        let mut writer = Writer::start(desk);
        let act = DeadLetterAct::Retry { may_have_left: false, reason: None, per_minute: None };
        writer.give(Effect::ActOnDeadLetters { acts: (1..=40).map(|job| (JobId(job), act.clone())).collect() });
        writer.emptied().await;
        let mut away = 0;
        while let Ok(Msg::DeadLetterActed { result: Err(Failure::Away(_)), .. }) = messages.try_recv() {
            away += 1;
        }
        // The one connection, and the knock that asks whether anybody listens at all.
        assert_eq!((away, tries.load(Ordering::SeqCst)), (40, 2));
    }
}
