//! Standing orders that stop what they cover from being claimed.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::statement::sql;
use super::{Result, Store};
use crate::domain::{JobKind, Outcome};

/// What a hold covers; None means any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    pub job_kind: Option<JobKind>,
    pub channel_kind: Option<String>,
    pub agency: Option<String>,
}

/// One hold that stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Hold {
    pub hold_id: i64,
    pub job_kind: Option<String>,
    pub channel_kind: Option<String>,
    pub agency: Option<String>,
    pub reason: String,
    pub ticket: Option<String>,
    pub placed_by: String,
    pub placed_at: DateTime<Utc>,
    /// Jobs that it keeps in `paused` now.
    pub paused: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Placed {
    #[serde(flatten)]
    pub outcome: Outcome,
    #[serde(default)]
    pub hold_id: Option<i64>,
    /// Jobs that it stopped.
    #[serde(default)]
    pub paused: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Resumed {
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Jobs that wait for their turn again.
    #[serde(default)]
    pub resumed: i64,
}

impl Store {
    /// Holds that stand, newest first.
    pub async fn holds(&self) -> Result<Vec<Hold>> {
        self.statement(sql!("holds")).rows().await
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

    /// Lets the jobs go again, at most so many a minute where a pace is given.
    pub async fn resume_hold(&self, hold_id: i64, per_minute: Option<i32>, command_id: Uuid) -> Result<Resumed> {
        self.statement(sql!("resume")).bind(hold_id).bind(per_minute).bind(command_id.to_string()).answer().await
    }
}
