//! What happened over the last hours: the flow, what teams and people decided, what a shift hands over.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row};

use super::row::{optional_job_id, word};
use super::statement::sql;
use super::{Result, Store};
use crate::domain::handover::Matter;
use crate::domain::{Flow, History, JobKind, Outcome, TeamHour};

/// What one person decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReviewerFigures {
    pub login: String,
    pub decisions: i64,
    pub median_seconds: Option<f64>,
}

/// The answer about persons: `ok`, or why there is none.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct People {
    #[serde(flatten)]
    pub outcome: Outcome,
    #[serde(default)]
    pub people: Vec<ReviewerFigures>,
}

struct FlowRow(JobKind, Flow);

impl FromRow<'_, PgRow> for FlowRow {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        let flow = Flow {
            minute: row.try_get("minute")?,
            came: row.try_get("came")?,
            gone: row.try_get("gone")?,
            decided: row.try_get("decided")?,
            breached: row.try_get("breached")?,
        };
        Ok(FlowRow(word(row, "job_kind")?, flow))
    }
}

impl FromRow<'_, PgRow> for TeamHour {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(TeamHour {
            role: row.try_get("role")?,
            hour: row.try_get("hour")?,
            approved: row.try_get("approved")?,
            rejected: row.try_get("rejected")?,
            escalated: row.try_get("escalated")?,
            median_seconds: row.try_get("median_seconds")?,
        })
    }
}

impl FromRow<'_, PgRow> for Matter {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        let job_kind: Option<&str> = row.try_get("job_kind")?;
        Ok(Matter {
            what: word(row, "what")?,
            job_id: optional_job_id(row, "job_id")?,
            job_kind: if job_kind.is_some() { Some(word(row, "job_kind")?) } else { None },
            agency: row.try_get("agency")?,
            channel_kind: row.try_get("channel_kind")?,
            login: row.try_get("login")?,
            at: row.try_get("at")?,
            code: row.try_get("code")?,
            deadline_at: row.try_get("deadline_at")?,
            jobs: row.try_get("jobs")?,
        })
    }
}

impl Store {
    /// What came and went in the last `minutes`, at most a day, by steps of so many.
    pub async fn flow_history(&self, now: DateTime<Utc>, minutes: i32, step: i32) -> Result<History> {
        let step = step.max(1);
        let rows: Vec<FlowRow> = self.statement(sql!("flows")).bind(minutes).bind(step).rows().await?;
        let rows: Vec<(JobKind, Flow)> = rows.into_iter().map(|FlowRow(kind, flow)| (kind, flow)).collect();
        let steps = usize::try_from(minutes / step).unwrap_or(0);
        Ok(History::complete(&rows, now, i64::from(step), steps))
    }

    /// Decisions of each team in each of the last hours, the latest first.
    pub async fn team_figures(&self, hours: i32) -> Result<Vec<TeamHour>> {
        self.statement(sql!("team_figures")).bind(hours).rows().await
    }

    /// What happened in this time and still waits for somebody, the latest of each topic first; holds however old.
    pub async fn handover(&self, since: std::time::Duration) -> Result<Vec<Matter>> {
        self.statement(sql!("handover")).bind(since.as_secs_f64()).rows().await
    }

    /// Decisions of each person of the own agency, where the agency keeps figures about persons.
    pub async fn reviewer_figures(&self, hours: i32) -> Result<People> {
        self.statement(sql!("reviewer_figures")).bind(hours).answer().await
    }
}
