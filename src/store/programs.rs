//! The calls of executors: claim, start, complete, fail.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::statement::sql;
use super::{NewBody, Result, Store};
use crate::domain::job::Codes;
use crate::domain::{JobId, JobKind, Outcome, PayloadRef, Status};

/// A job that an executor holds the lease of.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ClaimedJob {
    pub job_id: JobId,
    pub job_kind: JobKind,
    pub lease_token: i64,
    pub lease_expires_at: DateTime<Utc>,
    pub agency: String,
    pub channel_kind: String,
    /// The conversation.
    pub correlation_id: Uuid,
    pub payload_ref: PayloadRef,
    #[serde(rename = "safe_payload", default)]
    pub codes: Codes,
    pub attempt: i32,
    pub max_attempts: Option<i32>,
    pub deadline_at: Option<DateTime<Utc>>,
}

/// What a program reports when it is done; which fields count depends on the kind.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Completion {
    /// Of a classify job.
    pub result: Codes,
    /// Of a draft job: the draft that `put_draft` stored.
    pub draft_id: Option<Uuid>,
    /// Of a send job: the provider's id of the message.
    pub provider_ref: Option<String>,
}

/// The answer of `fail_job`, with where the job went.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Failed {
    #[serde(flatten)]
    pub outcome: Outcome,
    /// `retry_waiting` or `dead_letter`.
    #[serde(default)]
    pub status: Option<Status>,
}

impl Store {
    /// Leases up to `limit` due jobs of these kinds; empty when nothing is due.
    pub async fn claim_jobs(&self, kinds: &[JobKind], limit: i32) -> Result<Vec<ClaimedJob>> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default)]
            jobs: Vec<ClaimedJob>,
        }
        let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
        let answer: Answer = self.statement(sql!("claim_jobs")).bind(kinds).bind(limit).answer().await?;
        Ok(answer.jobs)
    }

    /// Begins the work; only from here on a send's body can be opened.
    pub async fn start_job(&self, job: JobId, lease_token: i64, command_id: Uuid) -> Result<Outcome> {
        self.statement(sql!("start_job")).bind(job.0).bind(lease_token).bind(command_id.to_string()).answer().await
    }

    /// Stores a draft under the lease of a draft job.
    pub async fn put_draft(
        &self,
        job: JobId,
        lease_token: i64,
        draft_id: Uuid,
        author_ref: &str,
        body: &NewBody,
        command_id: Uuid,
    ) -> Result<Outcome> {
        self.statement(sql!("put_draft"))
            .bind(job.0)
            .bind(lease_token)
            .bind(draft_id.to_string())
            .bind(author_ref)
            .bind(&body.key_id)
            .bind(&body.sealed)
            .bind(&body.digest)
            .bind(command_id.to_string())
            .answer()
            .await
    }

    pub async fn complete_job(
        &self,
        job: JobId,
        lease_token: i64,
        completion: &Completion,
        command_id: Uuid,
    ) -> Result<Outcome> {
        self.statement(sql!("complete_job"))
            .bind(job.0)
            .bind(lease_token)
            .bind(super::producers::codes(&completion.result))
            .bind(completion.draft_id.map(|draft| draft.to_string()))
            .bind(&completion.provider_ref)
            .bind(command_id.to_string())
            .answer()
            .await
    }

    pub async fn fail_job(&self, job: JobId, lease_token: i64, error_code: &str, command_id: Uuid) -> Result<Failed> {
        self.statement(sql!("fail_job"))
            .bind(job.0)
            .bind(lease_token)
            .bind(error_code)
            .bind(command_id.to_string())
            .answer()
            .await
    }
}
