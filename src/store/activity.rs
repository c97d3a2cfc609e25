//! The audit trail.

use super::statement::sql;
use super::{Result, Store};
use crate::domain::{Activity, JobId};

impl Store {
    /// What happened after a run that is already known, newest first; 0 for the newest of all.
    pub async fn activity(&self, after_run: i64, limit: i64) -> Result<Vec<Activity>> {
        self.statement(sql!("activity")).bind(after_run).bind(limit).rows().await
    }

    /// Everything that happened to one job, oldest first.
    pub async fn history(&self, job: JobId) -> Result<Vec<Activity>> {
        self.statement(sql!("job_history")).bind(job.0).rows().await
    }
}
