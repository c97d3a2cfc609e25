//! Sealed bodies on their way from one key to another, over the administrator's connection: no registered login has a
//! right to any of this.

use chrono::{DateTime, Utc};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::types::Json;
use sqlx::{Arguments, Connection, FromRow, Row};
use uuid::Uuid;

use super::statement::{Sql, sql};
use super::{Error, Result, Store, row};
use crate::domain::{Direction, JobId, Outcome};

/// The arguments of a statement in the order `$1`, `$2`, ….
macro_rules! arguments {
    ($name:literal, $($value:expr),+) => {{
        let mut arguments = PgArguments::default();
        $(arguments.add($value).map_err(|_| Error::Unreadable { what: $name })?;)+
        arguments
    }};
}

/// A key that the database accepts bodies under, and how many lie there.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, FromRow)]
pub struct SealingKey {
    pub key_id: String,
    pub registered_at: DateTime<Utc>,
    pub messages: i64,
    pub notes: i64,
}

/// A message's body as it lies, and where it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMessage {
    pub message_id: Uuid,
    pub conversation_id: Uuid,
    pub direction: Direction,
    pub sealed_body: Vec<u8>,
    pub digest: Vec<u8>,
}

/// A note as it lies, and where it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredNote {
    pub decision_id: i64,
    pub job_id: JobId,
    pub conversation_id: Uuid,
    pub sealed_body: Vec<u8>,
}

/// A body sealed anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resealed<Id> {
    pub id: Id,
    /// Of the envelope that was read: another one is not replaced.
    pub nonce: Vec<u8>,
    pub envelope: Vec<u8>,
}

impl Store {
    /// The agency's registered keys, oldest first.
    pub async fn sealing_keys(&self, agency: &str) -> Result<Vec<SealingKey>> {
        self.as_owner(sql!("sealing_keys"), arguments!("sealing_keys", agency)).await
    }

    /// Up to `at_most` messages sealed under a key, by their ids, after the one named.
    pub async fn messages_to_reseal(
        &self,
        key_id: &str,
        after: Option<Uuid>,
        at_most: i32,
    ) -> Result<Vec<StoredMessage>> {
        let arguments = arguments!("messages_to_reseal", key_id, after, at_most);
        self.as_owner(sql!("messages_to_reseal"), arguments).await
    }

    /// Up to `at_most` notes sealed under a key, by their decisions, after the one named.
    pub async fn notes_to_reseal(&self, key_id: &str, after: Option<i64>, at_most: i32) -> Result<Vec<StoredNote>> {
        let arguments = arguments!("notes_to_reseal", key_id, after, at_most);
        self.as_owner(sql!("notes_to_reseal"), arguments).await
    }

    /// Replaces messages' envelopes. Returns how many: what somebody else holds or changed meanwhile stays as it is.
    pub async fn reseal_messages(&self, from: &str, to: &str, resealed: Vec<Resealed<Uuid>>) -> Result<i32> {
        let (ids, nonces, envelopes) = columns(resealed);
        let arguments = arguments!("reseal_messages", from, to, ids, nonces, envelopes);
        self.number(sql!("reseal_messages"), arguments).await
    }

    /// Replaces notes' envelopes, as [`Store::reseal_messages`] does.
    pub async fn reseal_notes(&self, from: &str, to: &str, resealed: Vec<Resealed<i64>>) -> Result<i32> {
        let (ids, nonces, envelopes) = columns(resealed);
        self.number(sql!("reseal_notes"), arguments!("reseal_notes", from, to, ids, nonces, envelopes)).await
    }

    /// Makes the database refuse bodies under a key: `applied`, `not_found`, or `in_use` as long as something lies under
    /// it or it is the agency's newest.
    pub async fn retire_key(&self, key_id: &str) -> Result<Outcome> {
        let answer: Vec<(Json<Outcome>,)> = self.as_owner(sql!("retire_key"), arguments!("retire_key", key_id)).await?;
        let [(Json(outcome),)] = <[_; 1]>::try_from(answer).map_err(|_| Error::Unreadable { what: "retire_key" })?;
        Ok(outcome)
    }

    async fn number(&self, sql: Sql, arguments: PgArguments) -> Result<i32> {
        let rows: Vec<(i32,)> = self.as_owner(sql, arguments).await?;
        Ok(rows.into_iter().map(|(number,)| number).sum())
    }

    /// Lets a statement run as the owner of the schema. A managed PostgreSQL has no superuser for us, but its
    /// administrator is a member of that role.
    async fn as_owner<T>(&self, sql: Sql, arguments: PgArguments) -> Result<Vec<T>>
    where
        T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        self.answered(sql.name, async |connection| {
            let mut transaction = connection.begin().await?;
            sqlx::raw_sql("set local role countersign_owner").execute(&mut *transaction).await?;
            let rows = sqlx::query_as_with(sql.text, arguments).persistent(false).fetch_all(&mut *transaction).await?;
            transaction.commit().await?;
            Ok(rows)
        })
        .await
    }
}

fn columns<Id>(resealed: Vec<Resealed<Id>>) -> (Vec<Id>, Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let mut columns = (Vec::new(), Vec::new(), Vec::new());
    for Resealed { id, nonce, envelope } in resealed {
        columns.0.push(id);
        columns.1.push(nonce);
        columns.2.push(envelope);
    }
    columns
}

impl FromRow<'_, PgRow> for StoredMessage {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(StoredMessage {
            message_id: row.try_get("message_id")?,
            conversation_id: row.try_get("conversation_id")?,
            direction: row::word(row, "direction")?,
            sealed_body: row.try_get("sealed_body")?,
            digest: row.try_get("digest")?,
        })
    }
}

impl FromRow<'_, PgRow> for StoredNote {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(StoredNote {
            decision_id: row.try_get("decision_id")?,
            job_id: row::job_id(row, "job_id")?,
            conversation_id: row.try_get("conversation_id")?,
            sealed_body: row.try_get("sealed_body")?,
        })
    }
}
