//! What waits and how near its deadline is.

use sqlx::FromRow;
use sqlx::postgres::PgRow;

use super::row::word;
use super::statement::sql;
use super::{Error, Result, Store};
use crate::domain::{Backlog, JobKind, KindPressure};

/// Jobs of one kind that were born and that ended in the last minute.
struct Rate {
    job_kind: JobKind,
    arrived: i64,
    finished: i64,
}

impl FromRow<'_, PgRow> for Rate {
    fn from_row(row: &PgRow) -> std::result::Result<Self, sqlx::Error> {
        use sqlx::Row;
        Ok(Rate {
            job_kind: word(row, "job_kind")?,
            arrived: row.try_get("arrived")?,
            finished: row.try_get("finished")?,
        })
    }
}

impl Store {
    /// All seven kinds, summed over the agencies that this login sees. A monitor sees counts but no jobs, so for it the
    /// rates stay at zero.
    pub async fn backlog(&self) -> Result<Backlog> {
        let mut backlog = Backlog::complete(self.statement(sql!("backlog")).rows().await?);
        let rates: Vec<Rate> = match self.statement(sql!("rates")).rows().await {
            Err(Error::NotAllowed { .. }) => Vec::new(),
            rates => rates?,
        };
        for rate in rates {
            if let Some(kind) = backlog.kinds.iter_mut().find(|kind| kind.job_kind == rate.job_kind) {
                kind.arrived_per_minute = rate.arrived;
                kind.finished_per_minute = rate.finished;
            }
        }
        Ok(backlog)
    }

    /// The kinds in the order in which a message passes through them, summed over the agencies that this login sees.
    pub async fn pressure(&self) -> Result<Vec<KindPressure>> {
        let mut rows: Vec<KindPressure> = self.statement(sql!("pressure")).rows().await?;
        rows.sort_by_key(|row| row.job_kind);
        Ok(rows)
    }
}
