//! Counts for whoever only counts, per agency, and the audit trail as a stream.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use sqlx::postgres::PgRow;
use sqlx::{Acquire, FromRow, Row};
use tokio::time::timeout;

use super::row::word;
use super::statement::sql;
use super::{Error, Result, Store};
use crate::domain::{AuditEntry, ChannelHealth, JobKind, KindBacklog, KindPressure};

/// Longer than the database pauses between two rows unless it is away.
const BETWEEN_ROWS: Duration = Duration::from_secs(20);

/// Everything that is counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    pub load: Vec<Load>,
    pub totals: Vec<Total>,
    pub channels: Vec<ChannelHealth>,
    pub holds: Vec<StandingHolds>,
}

/// How often something has happened to jobs of one kind of one agency since the beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Total {
    pub agency: String,
    pub job_kind: JobKind,
    /// `came`, `gone`, `decided`, or the outcome with which they ended or died.
    pub what: String,
    pub jobs: u64,
}

/// Holds over the same work of one agency.
#[derive(Debug, Clone, PartialEq)]
pub struct StandingHolds {
    pub agency: String,
    /// None: of every kind.
    pub job_kind: Option<JobKind>,
    /// None: on every channel.
    pub channel_kind: Option<String>,
    pub holds: i64,
    /// For how long the oldest has stood.
    pub oldest_seconds: f64,
}

/// One kind of one agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    pub agency: String,
    /// Without its rates.
    pub backlog: KindBacklog,
    pub pressure: KindPressure,
    /// When the oldest lease that is still held began.
    pub oldest_lease_at: Option<DateTime<Utc>>,
    /// The database's clock.
    pub at: DateTime<Utc>,
}

impl FromRow<'_, PgRow> for Load {
    fn from_row(row: &PgRow) -> std::result::Result<Self, sqlx::Error> {
        Ok(Load {
            agency: row.try_get("agency")?,
            backlog: KindBacklog::from_row(row)?,
            pressure: KindPressure::from_row(row)?,
            oldest_lease_at: row.try_get("oldest_lease_at")?,
            at: row.try_get("at")?,
        })
    }
}

impl FromRow<'_, PgRow> for Total {
    fn from_row(row: &PgRow) -> std::result::Result<Self, sqlx::Error> {
        let jobs: i64 = row.try_get("jobs")?;
        Ok(Total {
            agency: row.try_get("agency")?,
            job_kind: word(row, "job_kind")?,
            what: row.try_get("what")?,
            jobs: u64::try_from(jobs).unwrap_or_default(),
        })
    }
}

impl FromRow<'_, PgRow> for StandingHolds {
    fn from_row(row: &PgRow) -> std::result::Result<Self, sqlx::Error> {
        let job_kind: Option<&str> = row.try_get("job_kind")?;
        Ok(StandingHolds {
            agency: row.try_get("agency")?,
            job_kind: if job_kind.is_some() { Some(word(row, "job_kind")?) } else { None },
            channel_kind: row.try_get("channel_kind")?,
            holds: row.try_get("holds")?,
            oldest_seconds: row.try_get("oldest_seconds")?,
        })
    }
}

impl Store {
    /// Whatever is counted, of every agency that this login sees. Monitors may ask.
    pub async fn look(&self) -> Result<Look> {
        Ok(Look {
            load: self.load().await?,
            totals: self.statement(sql!("totals")).rows().await?,
            channels: self.channel_health().await?,
            holds: self.statement(sql!("standing_holds")).rows().await?,
        })
    }

    /// Every kind of every agency that this login sees, at zero too. Monitors may ask.
    async fn load(&self) -> Result<Vec<Load>> {
        self.statement(sql!("load")).rows().await
    }

    /// Passes every row of the audit trail that this login sees, written from `from` to before `until`, to `each`, in the
    /// order in which they were written and as of one moment. Holds one row at a time, however many there are.
    pub async fn each_audit_entry<E: From<Error>>(
        &self,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
        mut each: impl FnMut(AuditEntry) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let what = sql!("audit_trail");
        let failed = |error| Error::from_statement(what.name, error);
        let mut connection = self.connection(what.name).await?;
        let mut transaction = connection.begin().await.map_err(failed)?;
        sqlx::raw_sql(sql!("take_your_time").text).execute(&mut *transaction).await.map_err(failed)?;
        let mut rows = sqlx::query_as(what.text).bind(from).bind(until).persistent(false).fetch(&mut *transaction);
        loop {
            let next = timeout(BETWEEN_ROWS, rows.try_next()).await.map_err(|_| Error::Interrupted)?;
            match next.map_err(failed)? {
                Some(entry) => each(entry)?,
                None => return Ok(()),
            }
        }
    }
}
