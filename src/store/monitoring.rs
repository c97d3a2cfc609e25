//! Counts for whoever only counts, per agency, and the audit trail as a stream.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use sqlx::postgres::PgRow;
use sqlx::{Acquire, FromRow, Row};
use tokio::time::timeout;

use super::statement::sql;
use super::{Error, Result, Store};
use crate::domain::{AuditEntry, KindBacklog, KindPressure};

/// Longer than the database pauses between two rows unless it is away.
const BETWEEN_ROWS: Duration = Duration::from_secs(20);

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

impl Store {
    /// Every kind of every agency that this login sees, at zero too. Monitors may ask.
    pub async fn load(&self) -> Result<Vec<Load>> {
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
        sqlx::query(sql!("take_your_time").text).execute(&mut *transaction).await.map_err(failed)?;
        let mut rows = sqlx::query_as(what.text).bind(from).bind(until).fetch(&mut *transaction);
        loop {
            let next = timeout(BETWEEN_ROWS, rows.try_next()).await.map_err(|_| Error::Interrupted)?;
            match next.map_err(failed)? {
                Some(entry) => each(entry)?,
                None => return Ok(()),
            }
        }
    }
}
