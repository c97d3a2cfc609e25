//! Rows to domain values: columns that hold words are parsed, and a word that is not known is an error without the word.

use std::str::FromStr;

use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{FromRow, Row};

use crate::domain::backlog::KindBacklog;
use crate::domain::job::{Codes, UnknownWord};
use crate::domain::review::{Decided, KeptRevision, Waiting};
use crate::domain::{
    Activity, AuditEntry, ChannelHealth, DeadLetter, DeadLetterCell, HoldForecast, Job, JobId, KindPressure,
    OutageRule, ResumeForecast, Trial,
};

type Result<T> = std::result::Result<T, sqlx::Error>;

/// A column with a word of the domain.
pub(super) fn word<T: FromStr<Err = UnknownWord>>(row: &PgRow, column: &str) -> Result<T> {
    let text: &str = row.try_get(column)?;
    text.parse().map_err(|error: UnknownWord| sqlx::Error::Decode(Box::new(error)))
}

pub(super) fn job_id(row: &PgRow, column: &str) -> Result<JobId> {
    row.try_get(column).map(JobId)
}

pub(super) fn optional_job_id(row: &PgRow, column: &str) -> Result<Option<JobId>> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(JobId))
}

fn codes(row: &PgRow) -> Result<Codes> {
    let Json(codes) = row.try_get("safe_payload")?;
    Ok(codes)
}

impl FromRow<'_, PgRow> for Job {
    fn from_row(row: &PgRow) -> Result<Self> {
        Ok(Job {
            job_id: job_id(row, "job_id")?,
            job_kind: word(row, "job_kind")?,
            status: word(row, "status")?,
            priority: row.try_get("priority")?,
            agency: row.try_get("agency")?,
            target_ref: row.try_get("target_ref")?,
            channel_kind: row.try_get("channel_kind")?,
            correlation_id: row.try_get("correlation_id")?,
            parent_job_id: optional_job_id(row, "parent_job_id")?,
            payload_ref: word(row, "payload_ref")?,
            codes: codes(row)?,
            attempt: row.try_get("attempt")?,
            max_attempts: row.try_get("max_attempts")?,
            created_at: row.try_get("created_at")?,
            process_after: row.try_get("process_after")?,
            deadline_at: row.try_get("deadline_at")?,
            lease_owner: row.try_get("lease_owner")?,
            lease_expires_at: row.try_get("lease_expires_at")?,
            started_at: row.try_get("started_at")?,
            finished_at: row.try_get("finished_at")?,
            outcome_code: row.try_get("outcome_code")?,
            last_error_code: row.try_get("last_error_code")?,
        })
    }
}

impl FromRow<'_, PgRow> for Waiting {
    fn from_row(row: &PgRow) -> Result<Self> {
        Ok(Waiting {
            job_id: job_id(row, "job_id")?,
            job_kind: word(row, "job_kind")?,
            agency: row.try_get("agency")?,
            channel_kind: row.try_get("channel_kind")?,
            codes: codes(row)?,
            priority: row.try_get("priority")?,
            target_role: row.try_get("target_role")?,
            deadline_at: row.try_get("deadline_at")?,
            created_at: row.try_get("created_at")?,
            lease_owner: row.try_get("lease_owner")?,
            lease_expires_at: row.try_get("lease_expires_at")?,
            held_since: row.try_get("held_since")?,
            skipped_because: row.try_get("skipped_because")?,
            second_look: row.try_get("second_look")?,
            held: row.try_get("held")?,
        })
    }
}

impl FromRow<'_, PgRow> for KeptRevision {
    fn from_row(row: &PgRow) -> Result<Self> {
        Ok(KeptRevision {
            draft_id: row.try_get("draft_id")?,
            job_id: job_id(row, "job_id")?,
            kept_by: row.try_get("kept_by")?,
            kept_at: row.try_get("kept_at")?,
        })
    }
}

impl FromRow<'_, PgRow> for Decided {
    fn from_row(row: &PgRow) -> Result<Self> {
        Ok(Decided {
            job_id: job_id(row, "job_id")?,
            decision: row.try_get("decision")?,
            reason: row.try_get("reason")?,
            decided_at: row.try_get("decided_at")?,
            created_job_id: optional_job_id(row, "created_job_id")?,
            created_status: row.try_get("created_status")?,
            created_finished_at: row.try_get("created_finished_at")?,
            created_outcome: row.try_get("created_outcome")?,
            leaves_at: row.try_get("leaves_at")?,
            undone: row.try_get("undone")?,
        })
    }
}

impl FromRow<'_, PgRow> for DeadLetter {
    fn from_row(row: &PgRow) -> Result<Self> {
        Ok(DeadLetter {
            job_id: job_id(row, "job_id")?,
            job_kind: word(row, "job_kind")?,
            agency: row.try_get("agency")?,
            channel_kind: row.try_get("channel_kind")?,
            error_code: row.try_get("error_code")?,
            outcome_code: row.try_get("outcome_code")?,
            attempt: row.try_get("attempt")?,
            max_attempts: row.try_get("max_attempts")?,
            retried_by_people: row.try_get("retried_by_people")?,
            workers: row.try_get("workers")?,
            nothing_else_open: row.try_get("nothing_else_open")?,
            deadline_at: row.try_get("deadline_at")?,
            finished_at: row.try_get("finished_at")?,
        })
    }
}

impl FromRow<'_, PgRow> for DeadLetterCell {
    fn from_row(row: &PgRow) -> Result<Self> {
        Ok(DeadLetterCell {
            error_code: row.try_get("error_code")?,
            job_kind: word(row, "job_kind")?,
            channel_kind: row.try_get("channel_kind")?,
            last_5m: row.try_get("last_5m")?,
            last_1h: row.try_get("last_1h")?,
            last_24h: row.try_get("last_24h")?,
            last_7d: row.try_get("last_7d")?,
            total: row.try_get("total")?,
        })
    }
}

impl FromRow<'_, PgRow> for Activity {
    fn from_row(row: &PgRow) -> Result<Self> {
        Ok(Activity {
            run_id: row.try_get("run_id")?,
            at: row.try_get("at")?,
            login: row.try_get("login")?,
            call: row.try_get("call")?,
            job_id: optional_job_id(row, "job_id")?,
            outcome: row.try_get("outcome")?,
            from_status: row.try_get("from_status")?,
            to_status: row.try_get("to_status")?,
            code: row.try_get("code")?,
        })
    }
}

impl FromRow<'_, PgRow> for AuditEntry {
    fn from_row(row: &PgRow) -> Result<Self> {
        Ok(AuditEntry {
            run_id: row.try_get("run_id")?,
            at: row.try_get("at")?,
            login: row.try_get("login")?,
            call: row.try_get("call")?,
            agency: row.try_get("agency")?,
            job_id: optional_job_id(row, "job_id")?,
            outcome: row.try_get("outcome")?,
            from_status: row.try_get("from_status")?,
            to_status: row.try_get("to_status")?,
            code: row.try_get("code")?,
            command_id: row.try_get("command_id")?,
            event_withheld: row.try_get("event_withheld")?,
        })
    }
}

impl FromRow<'_, PgRow> for KindBacklog {
    fn from_row(row: &PgRow) -> Result<Self> {
        Ok(KindBacklog {
            job_kind: word(row, "job_kind")?,
            ready: row.try_get("ready")?,
            scheduled: row.try_get("scheduled")?,
            leased: row.try_get("leased")?,
            running: row.try_get("running")?,
            retry_waiting: row.try_get("retry_waiting")?,
            paused: row.try_get("paused")?,
            dead_letter: row.try_get("dead_letter")?,
            oldest_ready_at: row.try_get("oldest_ready_at")?,
            arrived_per_minute: 0,
            finished_per_minute: 0,
        })
    }
}

impl FromRow<'_, PgRow> for KindPressure {
    fn from_row(row: &PgRow) -> Result<Self> {
        Ok(KindPressure {
            job_kind: word(row, "job_kind")?,
            breached: row.try_get("breached")?,
            lt_5m: row.try_get("lt_5m")?,
            lt_15m: row.try_get("lt_15m")?,
            lt_1h: row.try_get("lt_1h")?,
            later: row.try_get("later")?,
            none: row.try_get("none")?,
            next_deadline_at: row.try_get("next_deadline_at")?,
            next_job_id: optional_job_id(row, "next_job_id")?,
        })
    }
}

impl FromRow<'_, PgRow> for ChannelHealth {
    fn from_row(row: &PgRow) -> Result<Self> {
        Ok(ChannelHealth {
            agency: row.try_get("agency")?,
            channel_kind: row.try_get("channel_kind")?,
            done: row.try_get("done")?,
            failed: row.try_get("failed")?,
            share: row.try_get("share")?,
            since: row.try_get("since")?,
            leading_error: row.try_get("leading_error")?,
            suspected: row.try_get("suspected")?,
            ready: row.try_get("ready")?,
            retry_waiting: row.try_get("retry_waiting")?,
            under_way: row.try_get("under_way")?,
            held: row.try_get("held")?,
            is_held: row.try_get("is_held")?,
            oldest_at: row.try_get("oldest_at")?,
            rule: OutageRule {
                window_seconds: row.try_get("window_seconds")?,
                least_attempts: row.try_get("least_attempts")?,
                least_share: row.try_get("least_share")?,
            },
        })
    }
}

impl FromRow<'_, PgRow> for HoldForecast {
    fn from_row(row: &PgRow) -> Result<Self> {
        Ok(HoldForecast {
            ready: row.try_get("ready")?,
            scheduled: row.try_get("scheduled")?,
            retry_waiting: row.try_get("retry_waiting")?,
            under_way: row.try_get("under_way")?,
            paused: row.try_get("paused")?,
            max_approval_age: row.try_get("max_approval_age")?,
        })
    }
}

impl FromRow<'_, PgRow> for ResumeForecast {
    fn from_row(row: &PgRow) -> Result<Self> {
        Ok(ResumeForecast {
            paused: row.try_get("paused")?,
            kept: row.try_get("kept")?,
            sends: row.try_get("sends")?,
            moved: row.try_get("moved")?,
            expired: row.try_get("expired")?,
        })
    }
}

impl FromRow<'_, PgRow> for Trial {
    fn from_row(row: &PgRow) -> Result<Self> {
        Ok(Trial {
            done: row.try_get("done")?,
            failed: row.try_get("failed")?,
            back_to_review: row.try_get("back_to_review")?,
            under_way: row.try_get("under_way")?,
        })
    }
}
