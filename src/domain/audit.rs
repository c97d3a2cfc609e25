//! One row of the audit trail with everything that is kept of it, for whoever audits it elsewhere.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::JobId;

/// Ids, codes, numbers, times and logins. `run_id` grows with every row; two rows of one call share its `command_id`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    pub run_id: i64,
    pub at: DateTime<Utc>,
    pub login: String,
    pub call: String,
    pub agency: Option<String>,
    pub job_id: Option<JobId>,
    pub outcome: String,
    pub from_status: Option<String>,
    pub to_status: Option<String>,
    /// A reason or error code, where the act had one.
    pub code: Option<String>,
    pub command_id: Option<Uuid>,
    /// Its event was not written, because nobody has ratified the type yet.
    pub event_withheld: bool,
}
