//! The audit trail.

use super::statement::sql;
use super::{Result, Store};
use crate::domain::{Activity, Filter, JobId};

/// One kind of move, and how often it was made.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Act {
    pub call: String,
    pub job_kind: String,
    pub to_status: String,
    /// A reason or error code, where the act had one.
    pub code: Option<String>,
    pub times: i64,
}

impl Store {
    /// What happened after a run that is already known, newest first; 0 for the newest of all. Of the filter, `id:`,
    /// `holder:` (who did it), `error:` (its code or outcome), `status:` (what the job came to) and `mine` count: the
    /// trail knows nothing else.
    pub async fn activity(&self, filter: &Filter, after_run: i64, limit: i64) -> Result<Vec<Activity>> {
        let statuses: Vec<String> = filter.statuses.iter().map(ToString::to_string).collect();
        self.statement(sql!("activity"))
            .bind(after_run)
            .bind(filter.job_id.map(|job| job.0))
            .bind(&filter.holder)
            .bind(&filter.error)
            .bind(Some(statuses).filter(|statuses| !statuses.is_empty()))
            .bind(filter.mine)
            .bind(limit)
            .rows()
            .await
    }

    /// How often each move was made after a run that is already known.
    pub async fn acts_since(&self, run: i64) -> Result<Vec<Act>> {
        self.statement(sql!("acts_since")).bind(run).rows().await
    }

    /// Everything that happened to one job, oldest first.
    pub async fn history(&self, job: JobId) -> Result<Vec<Activity>> {
        self.statement(sql!("job_history")).bind(job.0).rows().await
    }
}
