//! One job with all that belongs to it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row};
use uuid::Uuid;

use super::row::job_id;
use super::statement::sql;
use super::{Result, Store};
use crate::domain::{Direction, Job, JobId, Outcome};

/// One event of what is known about a conversation, a customer, a draft or a provider's id, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceEvent {
    pub at: DateTime<Utc>,
    /// `inbound stored` and the like, or the name of the call.
    pub what: String,
    #[serde(default)]
    pub job_id: Option<JobId>,
    #[serde(default)]
    pub who: Option<String>,
    #[serde(default)]
    pub outcome: Option<String>,
    #[serde(default)]
    pub code: Option<String>,
    #[serde(default)]
    pub message_id: Option<Uuid>,
    #[serde(default)]
    pub seq: Option<i64>,
    #[serde(default)]
    pub direction: Option<Direction>,
    #[serde(default)]
    pub conversation_id: Option<Uuid>,
    #[serde(default)]
    pub provider_ref: Option<String>,
    /// Whether the body was erased at the customer's wish; none for what is no message.
    #[serde(default)]
    pub erased: Option<bool>,
}

/// What a decision says of the draft that was on the screen, taken back or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedDraft {
    /// The job that was decided.
    pub job_id: JobId,
    pub draft_id: Uuid,
    pub draft_digest: Vec<u8>,
}

impl FromRow<'_, PgRow> for PinnedDraft {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(PinnedDraft {
            job_id: job_id(row, "job_id")?,
            draft_id: row.try_get("draft_id")?,
            draft_digest: row.try_get("draft_digest")?,
        })
    }
}

impl Store {
    /// None when it does not exist or belongs to another agency, which look the same.
    pub async fn job(&self, job: JobId) -> Result<Option<Job>> {
        self.statement(sql!("job")).bind(job.0).row().await
    }

    /// The job with what it came from and what came of it, in the order of their birth.
    pub async fn tree(&self, job: JobId) -> Result<Vec<Job>> {
        self.statement(sql!("job_tree")).bind(job.0).rows().await
    }

    /// Codes of what keeps a job from being claimed; empty when nothing does.
    pub async fn why_blocked(&self, job: JobId) -> Result<Vec<String>> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default)]
            reasons: Vec<String>,
        }
        let answer: Answer = self.statement(sql!("why_blocked")).bind(job.0).answer().await?;
        Ok(answer.reasons)
    }

    /// Everything about a conversation (its id), a customer, a draft or a provider's id, oldest first.
    pub async fn trace(&self, reference: &str) -> Result<Vec<TraceEvent>> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default)]
            events: Vec<TraceEvent>,
        }
        let answer: Answer = self.statement(sql!("trace")).bind(reference).answer().await?;
        Ok(answer.events)
    }

    /// What the decisions of a conversation pinned, oldest first.
    pub async fn pins_of_decisions(&self, conversation: Uuid) -> Result<Vec<PinnedDraft>> {
        self.statement(sql!("pins_of_decisions")).bind(conversation).rows().await
    }

    pub async fn retry_now(&self, job: JobId, command_id: Uuid) -> Result<Outcome> {
        self.statement(sql!("retry_now")).bind(job.0).bind(command_id.to_string()).answer().await
    }

    pub async fn cancel_job(&self, job: JobId, reason: &str, command_id: Uuid) -> Result<Outcome> {
        self.statement(sql!("cancel_job")).bind(job.0).bind(reason).bind(command_id.to_string()).answer().await
    }
}
