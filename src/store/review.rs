//! What a person reviews and decides.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

pub use super::opened::Opened;
use super::statement::sql;
use super::{NewBody, Result, Store};
use crate::domain::review::Decided;
use crate::domain::review::KeptRevision;
pub use crate::domain::review::Reading;
use crate::domain::{JobId, Outcome, PayloadRef, Pin, Status, Waiting};

/// How somebody wants to see what waits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListOrder {
    /// What can still make its deadline before what cannot; none: as the agency has it. What is claimed follows the agency.
    pub savable_first: Option<bool>,
    /// As in [`Store::claim_next`].
    pub reads: Vec<String>,
}

/// As the calls take it: none instead of nothing.
fn as_list(codes: &[String]) -> Option<Vec<String>> {
    Some(codes.to_vec()).filter(|codes| !codes.is_empty())
}

/// The answer of `claim_review`, `take_escalation` and `extend_lease`: an outcome, with the lease when there is one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Claim {
    #[serde(flatten)]
    pub outcome: Outcome,
    #[serde(default)]
    pub lease_expires_at: Option<DateTime<Utc>>,
}

/// What an open pane compares with what is on its screen, without opening a body.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PaneState {
    pub status: Status,
    pub lease_owner: Option<String>,
    pub lease_token: i64,
    pub lease_expires_at: Option<DateTime<Utc>>,
    pub payload_ref: PayloadRef,
    /// The number of the newest inbound message; 0 when there is none.
    pub newest_inbound_seq: i64,
}

impl Store {
    /// What waits for the roles of this login: the first `at_most`, of which the database gives at most 1000.
    pub async fn waiting(&self, at_most: i32, order: &ListOrder) -> Result<Vec<Waiting>> {
        self.statement(sql!("waiting")).bind(at_most).bind(order.savable_first).bind(as_list(&order.reads)).rows().await
    }

    /// The same of one job, whether it still waits or not. None: there is no such job for this login.
    pub async fn waiting_job(&self, job: JobId) -> Result<Option<Waiting>> {
        self.statement(sql!("waiting_job")).bind(job.0).row().await
    }

    /// What this login decided in the last quarter of an hour, newest first.
    pub async fn decided_lately(&self) -> Result<Vec<Decided>> {
        self.statement(sql!("decided_lately")).rows().await
    }

    /// Takes the lease of one job, or of the next one in the agency's order, whatever its language.
    pub async fn claim_review(&self, job: Option<JobId>) -> Result<Claim> {
        self.claim(job, &[]).await
    }

    /// Takes the lease of the next job that is in one of these languages or in none; without languages, of the next.
    pub async fn claim_next(&self, reads: &[String]) -> Result<Claim> {
        self.claim(None, reads).await
    }

    async fn claim(&self, job: Option<JobId>, reads: &[String]) -> Result<Claim> {
        self.statement(sql!("claim_review")).bind(job.map(|job| job.0)).bind(as_list(reads)).answer().await
    }

    /// The whole conversation, sealed. Without the lease's token it is for reading only: there is no pin.
    pub async fn open_body(&self, job: JobId, lease_token: Option<i64>) -> Result<Opened> {
        self.open(job, lease_token).await
    }

    /// Whether what is on the screen still is what is there. None: there is no such job for this login.
    pub async fn pane_state(&self, job: JobId) -> Result<Option<PaneState>> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(flatten)]
            state: Option<PaneState>,
        }
        let answer: Answer = self.statement(sql!("pane_state")).bind(job.0).answer().await?;
        Ok(answer.state)
    }

    /// How many others could approve the draft of this job, and are there.
    pub async fn others_online(&self, job: JobId) -> Result<u32> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default)]
            others: u32,
        }
        let answer: Answer = self.statement(sql!("others_online")).bind(job.0).answer().await?;
        Ok(answer.others)
    }

    /// Texts that somebody saved for a job that was not theirs any more, newest first; at most 200.
    pub async fn kept_revisions(&self) -> Result<Vec<KeptRevision>> {
        self.statement(sql!("kept_revisions")).rows().await
    }

    pub async fn approve(&self, job: JobId, pin: &Pin, reading: Reading, command_id: Uuid) -> Result<Outcome> {
        self.statement(sql!("review_approve"))
            .bind(job.0)
            .bind(pin.to_string())
            .bind(reading.seconds_on_screen)
            .bind(reading.warnings_accepted)
            .bind(command_id.to_string())
            .answer()
            .await
    }

    /// A rejection, with a sealed note where the reviewer wrote one.
    pub async fn reject(
        &self,
        job: JobId,
        pin: &Pin,
        reason: &str,
        note: Option<&NewBody>,
        command_id: Uuid,
    ) -> Result<Outcome> {
        self.statement(sql!("review_reject"))
            .bind(job.0)
            .bind(pin.to_string())
            .bind(reason)
            .bind(note.map(|note| &note.key_id))
            .bind(note.map(|note| &note.sealed))
            .bind(command_id.to_string())
            .answer()
            .await
    }

    pub async fn escalate(&self, job: JobId, pin: &Pin, reason: &str, command_id: Uuid) -> Result<Outcome> {
        self.statement(sql!("review_escalate"))
            .bind(job.0)
            .bind(pin.to_string())
            .bind(reason)
            .bind(command_id.to_string())
            .answer()
            .await
    }

    /// Stores an edited draft and releases the job for somebody else's look. When the job is not the caller's any more, the
    /// text is kept all the same, and nothing points at it.
    pub async fn revise(
        &self,
        job: JobId,
        pin: &Pin,
        draft_id: Uuid,
        body: &NewBody,
        command_id: Uuid,
    ) -> Result<Outcome> {
        self.statement(sql!("review_revise"))
            .bind(job.0)
            .bind(pin.to_string())
            .bind(draft_id.to_string())
            .bind(&body.key_id)
            .bind(&body.sealed)
            .bind(&body.digest)
            .bind(command_id.to_string())
            .answer()
            .await
    }

    /// Takes back a decision as long as what it created was never claimed.
    pub async fn undo(&self, job: JobId, command_id: Uuid) -> Result<Outcome> {
        self.statement(sql!("review_undo")).bind(job.0).bind(command_id.to_string()).answer().await
    }

    /// Finishes an escalate job and opens an approve job in its place, leased to whoever takes it.
    pub async fn take_escalation(&self, job: JobId, command_id: Uuid) -> Result<Claim> {
        self.statement(sql!("take_escalation")).bind(job.0).bind(command_id.to_string()).answer().await
    }

    pub async fn skip(&self, job: JobId, lease_token: i64, reason: &str, command_id: Uuid) -> Result<Outcome> {
        self.statement(sql!("skip_review"))
            .bind(job.0)
            .bind(lease_token)
            .bind(reason)
            .bind(command_id.to_string())
            .answer()
            .await
    }

    /// Gives the lease back; the job waits again. Programs get their attempt back.
    pub async fn release(&self, job: JobId, lease_token: i64, command_id: Uuid) -> Result<Outcome> {
        self.statement(sql!("release_job")).bind(job.0).bind(lease_token).bind(command_id.to_string()).answer().await
    }

    /// Takes the lease from whoever holds it, for seniors.
    pub async fn force_release(&self, job: JobId, command_id: Uuid) -> Result<Outcome> {
        self.statement(sql!("force_release")).bind(job.0).bind(command_id.to_string()).answer().await
    }

    pub async fn extend_lease(&self, job: JobId, lease_token: i64) -> Result<Claim> {
        self.statement(sql!("extend_lease")).bind(job.0).bind(lease_token).answer().await
    }
}
