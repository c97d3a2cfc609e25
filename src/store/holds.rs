//! Standing orders that stop what they cover from being claimed.

use serde::Deserialize;
use uuid::Uuid;

use super::statement::sql;
use super::{Result, Store};
pub use crate::domain::hold::{Hold, HoldForecast, ResumeForecast, Scope, Trial};
use crate::domain::{JobKind, Outcome};

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Placed {
    #[serde(flatten)]
    pub outcome: Outcome,
    #[serde(default)]
    pub hold_id: Option<i64>,
    /// Jobs that it stopped. Nothing else that it covers is claimed either.
    #[serde(default)]
    pub paused: i64,
    /// The rest shows as paused with the next sweeps.
    #[serde(default)]
    pub more: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Resumed {
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Jobs that wait for their turn again.
    #[serde(default)]
    pub resumed: i64,
    /// The rest goes back with the next sweeps.
    #[serde(default)]
    pub more: bool,
}

impl Store {
    /// Holds that stand or still give back what they kept, newest first, with what each keeps now.
    pub async fn holds(&self) -> Result<Vec<Hold>> {
        Ok(self.overview().await?.alerts.holds)
    }

    /// What a hold over this would stop.
    pub async fn hold_forecast(&self, scope: &Scope) -> Result<HoldForecast> {
        let found = self
            .statement(sql!("hold_forecast"))
            .bind(scope.job_kind.map(JobKind::as_str))
            .bind(&scope.channel_kind)
            .bind(&scope.agency)
            .row()
            .await?;
        Ok(found.unwrap_or_default())
    }

    pub async fn place_hold(
        &self,
        scope: &Scope,
        reason: &str,
        ticket: Option<&str>,
        command_id: Uuid,
    ) -> Result<Placed> {
        self.statement(sql!("hold"))
            .bind(scope.job_kind.map(JobKind::as_str))
            .bind(&scope.channel_kind)
            .bind(&scope.agency)
            .bind(reason)
            .bind(ticket)
            .bind(command_id.to_string())
            .answer()
            .await
    }

    /// What ending the hold at this pace would do.
    pub async fn resume_forecast(&self, hold_id: i64, per_minute: Option<i32>) -> Result<ResumeForecast> {
        let found = self.statement(sql!("resume_forecast")).bind(hold_id).bind(per_minute).row().await?;
        Ok(found.unwrap_or_default())
    }

    /// Lets a few sends go ahead of the rest, at once, while the hold stands.
    pub async fn try_resume(&self, hold_id: i64, sends: i32, command_id: Uuid) -> Result<Resumed> {
        self.statement(sql!("try_resume")).bind(hold_id).bind(sends).bind(command_id.to_string()).answer().await
    }

    /// Lets no more of a trial go: what nobody claimed yet is kept again. Answers what became of the others; none where the
    /// hold has ended.
    pub async fn stop_trial(&self, hold_id: i64) -> Result<Option<Trial>> {
        let stopped = self.try_resume(hold_id, 0, Uuid::now_v7()).await?;
        Ok(if stopped.outcome.is_applied() { Some(self.trial(hold_id).await?) } else { None })
    }

    /// What became of those that were let through the last time.
    pub async fn trial(&self, hold_id: i64) -> Result<Trial> {
        Ok(self.statement(sql!("trial")).bind(hold_id).row().await?.unwrap_or_default())
    }

    /// Lets the jobs go again, at most so many a minute where a pace is given.
    pub async fn resume_hold(&self, hold_id: i64, per_minute: Option<i32>, command_id: Uuid) -> Result<Resumed> {
        self.statement(sql!("resume")).bind(hold_id).bind(per_minute).bind(command_id.to_string()).answer().await
    }
}
