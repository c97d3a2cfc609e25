//! The flow of the last hours, and everything that a forecast is made from.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row};

use super::row::{job_id, optional_job_id, word};
use super::statement::sql;
use super::{Error, Result, Store};
use crate::domain::forecast::WINDOW;
use crate::domain::handover::Matter;
use crate::domain::situation::{FullTier, MINUTES, NextBreach, Working, Workload};
use crate::domain::{BusinessHours, Flow, History, JobKind, Outcome, Situation, TeamHour};

/// Of each kind so many are named.
const NAMED: i32 = 3;

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

impl FromRow<'_, PgRow> for Workload {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        let full_since: Option<DateTime<Utc>> = row.try_get("full_since")?;
        let escalates: bool = row.try_get("escalates")?;
        let minutes: Vec<Option<DateTime<Utc>>> = row.try_get("minutes")?;
        let jobs: Vec<i64> = row.try_get("jobs")?;
        let closes_at: Option<DateTime<Utc>> = row.try_get("closes_at")?;
        let remaining: Option<i64> = row.try_get("remaining_seconds")?;
        let (with, without): (Vec<_>, Vec<_>) = minutes.into_iter().zip(jobs).partition(|(due, _)| due.is_some());
        Ok(Workload {
            job_kind: word(row, "job_kind")?,
            order: word(row, "review_order")?,
            late_leave: escalates && full_since.is_none(),
            allowed: Duration::seconds(row.try_get("allowed_seconds")?),
            day_ends: closes_at.zip(remaining.map(Duration::seconds)),
            deadlines: with.into_iter().filter_map(|(due, jobs)| Some((due?, jobs))).collect(),
            without: without.into_iter().map(|(_, jobs)| jobs).sum(),
        })
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

struct AtWork {
    job_kind: JobKind,
    people: u32,
    /// On any kind.
    working: Working,
}

impl FromRow<'_, PgRow> for AtWork {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        let many = |name| row.try_get::<i64, _>(name).map(|many| u32::try_from(many).unwrap_or(u32::MAX));
        let working = Working { reviewers: many("reviewers")?, programs: many("programs")? };
        Ok(AtWork { job_kind: word(row, "job_kind")?, people: many("people")?, working })
    }
}

impl FromRow<'_, PgRow> for FullTier {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(FullTier {
            agency: row.try_get("agency")?,
            role: row.try_get("role")?,
            since: row.try_get("since")?,
            open_jobs: row.try_get("open_jobs")?,
            most: row.try_get("most")?,
            stay: row.try_get("stay")?,
        })
    }
}

impl FromRow<'_, PgRow> for NextBreach {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(NextBreach {
            job_id: job_id(row, "job_id")?,
            job_kind: word(row, "job_kind")?,
            deadline_at: row.try_get("deadline_at")?,
            lease_owner: row.try_get("lease_owner")?,
        })
    }
}

impl Store {
    /// How things stand at `now`, by the database's clock, over the agencies that this login sees. A monitor sees no jobs and
    /// no people, so what names them stays empty.
    pub async fn situation(&self, now: DateTime<Utc>) -> Result<Situation> {
        let minutes = i32::try_from(MINUTES).unwrap_or(i32::MAX) + 1;
        let window = i32::try_from(WINDOW).unwrap_or(i32::MAX);
        let (history, workload, at_work, full_tiers, next, hours) = tokio::join!(
            self.flow_history(now, minutes, 1),
            self.statement(sql!("workload")).rows::<Workload>(),
            self.statement(sql!("at_work")).bind(window).rows::<AtWork>(),
            self.statement(sql!("full_tiers")).rows::<FullTier>(),
            self.statement(sql!("next_to_breach")).bind(NAMED).rows::<NextBreach>(),
            self.business_hours(),
        );
        let (history, workload, at_work) = (history?, workload?, seen(at_work)?);
        let (full_tiers, next, hours) = (seen(full_tiers)?, seen(next)?, seen(hours)?);
        let working = at_work.first().map(|row| row.working).unwrap_or_default();
        let people = at_work.into_iter().map(|row| (row.job_kind, row.people));
        let lost = hours.iter().filter(|place| !place.hours.is_empty() && !place.zone_is_known);
        let unknown_zones = lost.map(|place| place.time_zone.clone()).collect();
        let nights = hours.into_iter().filter(BusinessHours::runs_through_the_night).map(|place| place.agency);
        let people = people.collect::<BTreeMap<_, _>>();
        let situation = Situation::new(history, &workload, &people, full_tiers, next, now);
        Ok(Situation { through_the_night: nights.collect(), unknown_zones, working, ..situation })
    }

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

/// What a login may not see is nothing to it.
fn seen<T>(rows: Result<Vec<T>>) -> Result<Vec<T>> {
    match rows {
        Err(Error::NotAllowed { .. }) => Ok(Vec::new()),
        rows => rows,
    }
}
