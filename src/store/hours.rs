//! When agencies work.

use chrono::NaiveDate;
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row};
use uuid::Uuid;

use super::statement::sql;
use super::{Result, Store};
use crate::domain::Outcome;
use crate::domain::hours::{BusinessHours, Span};
use crate::domain::job::UnknownWord;

impl FromRow<'_, PgRow> for BusinessHours {
    fn from_row(row: &PgRow) -> std::result::Result<Self, sqlx::Error> {
        let hours: Vec<String> = row.try_get("hours")?;
        let hours: std::result::Result<Vec<Span>, UnknownWord> = hours.iter().map(|span| span.parse()).collect();
        Ok(BusinessHours {
            agency: row.try_get("agency")?,
            time_zone: row.try_get("time_zone")?,
            zone_is_known: row.try_get("zone_is_known")?,
            hours: hours.map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
            holidays: row.try_get("holidays")?,
        })
    }
}

impl Store {
    /// Of every agency that this login sees, in their order.
    pub async fn business_hours(&self) -> Result<Vec<BusinessHours>> {
        self.statement(sql!("business_hours")).rows().await
    }

    /// None: day and night. Without a time zone the clock stays the same. Deadlines that stand already stay.
    pub async fn set_business_hours(
        &self,
        agency: &str,
        hours: Option<&[Span]>,
        time_zone: Option<&str>,
        command_id: Uuid,
    ) -> Result<Outcome> {
        let hours: Option<Vec<String>> = hours.map(|spans| spans.iter().map(Span::to_string).collect());
        self.statement(sql!("set_business_hours"))
            .bind(agency)
            .bind(hours)
            .bind(time_zone)
            .bind(command_id.to_string())
            .answer()
            .await
    }

    /// Closes an agency on these days, or opens it again as on any other.
    pub async fn set_holidays(
        &self,
        agency: &str,
        days: &[NaiveDate],
        closed: bool,
        command_id: Uuid,
    ) -> Result<Outcome> {
        let days: Vec<String> = days.iter().map(NaiveDate::to_string).collect();
        self.statement(sql!("set_holidays"))
            .bind(agency)
            .bind(days)
            .bind(closed)
            .bind(command_id.to_string())
            .answer()
            .await
    }
}
