//! Jobs that nobody will try again by themselves.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{JobId, JobKind};

/// The error code of a send whose effect is unknown: it may have left, so it is never simply repeated.
pub const OUTCOME_UNKNOWN: &str = "outcome_unknown";

/// One job in `dead_letter`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetter {
    pub job_id: JobId,
    pub job_kind: JobKind,
    pub agency: String,
    pub channel_kind: String,
    pub error_code: String,
    pub outcome_code: Option<String>,
    pub attempt: i32,
    pub max_attempts: Option<i32>,
    /// How often a person put it back already.
    pub retried_by_people: i64,
    /// The programs that claimed it, the latest first.
    pub workers: Vec<String>,
    /// Nothing else of its conversation is under way: given up, the customer gets no reply.
    pub nothing_else_open: bool,
    pub deadline_at: Option<DateTime<Utc>>,
    pub finished_at: DateTime<Utc>,
}

/// How often people put the same job back before the database asks why.
pub const RETRIES_WITHOUT_A_REASON: i64 = 3;

impl DeadLetter {
    /// People put it back so often that it takes a reason to do it again.
    pub fn needs_a_reason(&self) -> bool {
        self.retried_by_people >= RETRIES_WITHOUT_A_REASON
    }

    /// A retry could reach the customer twice; only `may_have_left` says that one knows.
    pub fn may_have_left(&self) -> bool {
        self.outcome_code.as_deref() == Some(OUTCOME_UNKNOWN)
    }
}

/// One row of the grid: an error code on a kind and channel, by age.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetterCell {
    pub error_code: String,
    pub job_kind: JobKind,
    pub channel_kind: String,
    pub last_5m: i64,
    pub last_1h: i64,
    pub last_24h: i64,
    pub last_7d: i64,
    pub total: i64,
}
