//! One row of the audit trail.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::JobId;

/// Who did what to which job, and what came of it. Codes and numbers only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    pub run_id: i64,
    pub at: DateTime<Utc>,
    pub login: String,
    pub call: String,
    pub job_id: Option<JobId>,
    pub outcome: String,
    pub from_status: Option<String>,
    pub to_status: Option<String>,
    /// A reason or error code, where the act had one.
    pub code: Option<String>,
}
