//! One act that changes something, under the one id that it has for good, and what became of it.

use std::time::Duration;

use tokio::time::sleep;
use uuid::Uuid;

use super::desk::{Desk, failure};
use crate::app::Failure;
use crate::app::dead_letters::DeadLetterAct;
use crate::app::review::Decision;
use crate::app::review::words::Writing;
use crate::domain::{Direction, JobId, Outcome};
use crate::store::dead_letters::Retry;
use crate::store::{self, NewBody, Store};
use crate::vault::Place;

/// How long to wait before asking again for the fate of a command.
const ASK_AGAIN: Duration = Duration::from_millis(500);

/// An act on one job. Given twice it takes effect once, because the id stays.
pub struct Command {
    id: Uuid,
    job_id: JobId,
    act: Act,
    /// What the act stores, and its id, sealed once: given again, the command is the same.
    sealed: Option<(Uuid, NewBody)>,
}

/// What is done with the job.
pub enum Act {
    Decide(Decision),
    Undo,
    Skip {
        lease_token: i64,
        reason: String,
    },
    TakeEscalation,
    ForceRelease,
    /// The number of seconds until its turn, where it is one of many.
    DeadLetter(DeadLetterAct, i32),
}

impl Command {
    pub fn new(job_id: JobId, act: Act) -> Command {
        Command { id: Uuid::new_v4(), job_id, act, sealed: None }
    }

    /// A decision, with the words that go with it sealed.
    pub async fn of_decision(desk: &Desk, job_id: JobId, decision: Decision) -> Result<Command, Failure> {
        let sealed = sealed(desk, job_id, &decision).await?;
        Ok(Command { sealed, ..Command::new(job_id, Act::Decide(decision)) })
    }

    /// Gives the command and returns what it answers, however often the connection breaks on the way. `on_doubt` is called
    /// when the first answer is lost.
    pub async fn settle(&self, desk: &Desk, on_doubt: impl FnOnce() + Send) -> Result<Outcome, Failure> {
        match self.give(&desk.store).await {
            Err(error) if error.is_undecided() => {
                on_doubt();
                self.find_out(&desk.store).await
            }
            answer => answer.map_err(failure),
        }
    }

    /// Turns a lost answer into a known one: asks what became of the command until the database says.
    ///
    /// That nothing is known of it yet proves nothing: what was sent may still be on its way, or at work. So the same
    /// command is given again under the same id. Whichever of the two arrives first takes effect, the other gets its
    /// answer; and what was confirmed too long ago is refused by its lease.
    async fn find_out(&self, store: &Store) -> Result<Outcome, Failure> {
        loop {
            sleep(ASK_AGAIN).await;
            match store.command_fate(self.id).await {
                Ok(fate) if fate.found => {
                    let known = fate.answer.and_then(|answer| serde_json::from_value(answer).ok());
                    return known.ok_or_else(|| Failure::Other("it took effect; look at the job for how".to_owned()));
                }
                Ok(_) => match self.give(store).await {
                    Err(error) if says_nothing(&error) => {}
                    answer => return answer.map_err(failure),
                },
                Err(_) => {}
            }
        }
    }

    async fn give(&self, store: &Store) -> store::Result<Outcome> {
        let (job, id) = (self.job_id, self.id);
        match &self.act {
            Act::Decide(Decision::Approve { pin, reading }) => store.approve(job, pin, *reading, id).await,
            Act::Decide(Decision::Reject { pin, reason, note: _ }) => {
                store.reject(job, pin, reason, self.sealed.as_ref().map(|(_, body)| body), id).await
            }
            Act::Decide(Decision::Escalate { pin, reason }) => store.escalate(job, pin, reason, id).await,
            Act::Decide(Decision::Revise { pin, text: _ }) => {
                let (draft_id, body) = self.sealed.as_ref().expect("a revision was sealed before it was given");
                store.revise(job, pin, *draft_id, body, id).await
            }
            Act::ForceRelease => store.force_release(job, id).await,
            Act::Undo => store.undo(job, id).await,
            Act::Skip { lease_token, reason } => store.skip(job, *lease_token, reason, id).await,
            Act::TakeEscalation => store.take_escalation(job, id).await.map(|claim| claim.outcome),
            Act::DeadLetter(DeadLetterAct::Retry { may_have_left, reason, .. }, after_seconds) => {
                let (reason, after_seconds) = (reason.clone(), *after_seconds);
                let how = Retry { may_have_left: *may_have_left, reason, after_seconds };
                store.retry_dead_letter_again(job, &how, id).await
            }
            Act::DeadLetter(DeadLetterAct::ConfirmSent { provider_ref }, _) => {
                store.confirm_sent(job, provider_ref, id).await
            }
            Act::DeadLetter(DeadLetterAct::Discard { reason }, _) => store.discard_dead_letter(job, reason, id).await,
        }
    }
}

/// Seals what a decision says, for the place where it belongs: a revision as a draft of its own, a note for the job that
/// is decided on.
async fn sealed(desk: &Desk, JobId(job): JobId, decision: &Decision) -> Result<Option<(Uuid, NewBody)>, Failure> {
    let (writing, is_note) = match decision {
        Decision::Reject { note: Some(note), .. } => (note.clone(), true),
        Decision::Revise { text, .. } => (text.clone(), false),
        Decision::Approve { .. } | Decision::Reject { note: None, .. } | Decision::Escalate { .. } => return Ok(None),
    };
    let keys = desk.keys.clone().ok_or_else(|| Failure::Other("there are no keys here to seal it with".to_owned()))?;
    let id = Uuid::now_v7();
    let sealing = tokio::task::spawn_blocking(move || {
        let Writing { agency, conversation_id: conversation, words } = &writing;
        if is_note {
            return keys.seal_note(agency, *conversation, job, words.as_str().as_bytes());
        }
        let place = Place { agency, conversation: *conversation, message: id, direction: Direction::Draft };
        keys.seal(&place, words.as_str().as_bytes())
    });
    let sealed = sealing.await.map_err(|_| Failure::Other("it could not be sealed".to_owned()))?;
    let sealed = sealed.map_err(|error| Failure::Other(format!("it could not be sealed: {error}")))?;
    Ok(Some((id, NewBody { key_id: sealed.key_id, sealed: sealed.bytes, digest: sealed.digest.to_vec() })))
}

/// Away again, or the first one is still at work.
fn says_nothing(error: &store::Error) -> bool {
    error.is_away() || error.is_twin_under_way() || matches!(error, store::Error::Timeout { .. })
}
