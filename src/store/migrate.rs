//! Brings a database to this program's version, and says how far one is.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::AssertSqlSafe;
use sqlx::migrate::{MigrateError, Migrator};

use super::administration::quoted;
use super::statement::sql;
use super::{Error, Link, Result, Store};

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// One migration of this program, and whether the database has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Migration {
    pub version: i64,
    pub description: String,
    pub applied_at: Option<DateTime<Utc>>,
    /// The file is no longer what was applied.
    pub changed: bool,
}

#[derive(sqlx::FromRow)]
struct Applied {
    version: i64,
    applied_at: DateTime<Utc>,
    checksum: Vec<u8>,
}

impl Store {
    /// Applies what is pending. Safe twice and at once: the second waits for the first and finds nothing left.
    /// Returns how many were applied.
    pub async fn migrate(&self) -> Result<usize> {
        if self.link == Link::Pooled {
            return Err(Error::Pooled);
        }
        let pending = self.migrations().await?.iter().filter(|migration| migration.applied_at.is_none()).count();
        let mut connection = self.connection("migrate").await?;
        // A migration may take its time; the next user of this connection must not inherit that.
        connection.close_on_drop();
        sqlx::raw_sql("set statement_timeout = 0; set lock_timeout = '5min'")
            .execute(&mut *connection)
            .await
            .map_err(|error| Error::from_statement("migrate", error))?;
        MIGRATIONS.run_direct(None, &mut *connection, false).await.map_err(migration_error)?;
        // Every login may see how far its database is. Granted by two at once, one of them would fail.
        let in_turn = "lock table public._sqlx_migrations in share row exclusive mode";
        sqlx::raw_sql(AssertSqlSafe(format!("{in_turn}; {}", sql!("show_migrations").text)))
            .execute(&mut *connection)
            .await
            .map_err(|error| Error::from_statement("migrate", error))?;
        Ok(pending)
    }

    /// Every migration of this program, oldest first.
    pub async fn migrations(&self) -> Result<Vec<Migration>> {
        let applied: Vec<Applied> = match self.statement(sql!("migrations")).rows().await {
            Err(Error::NotMigrated) => Vec::new(),
            rows => rows?,
        };
        let applied: HashMap<i64, Applied> = applied.into_iter().map(|row| (row.version, row)).collect();
        let known = MIGRATIONS.iter().map(|migration| {
            let row = applied.get(&migration.version);
            Migration {
                version: migration.version,
                description: migration.description.to_string(),
                applied_at: row.map(|row| row.applied_at),
                changed: row.is_some_and(|row| row.checksum != migration.checksum.as_ref()),
            }
        });
        Ok(known.collect())
    }

    /// False when there was one of that name. Over the administrator's connection.
    pub async fn create_database(&self, name: &str) -> Result<bool> {
        match self.administer("create_database", format!("create database {}", quoted(name))).await {
            Ok(()) => Ok(true),
            Err(error) if matches!(error.sqlstate(), Some("42P04" | "23505")) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Drops a database with whoever is connected to it. Over the administrator's connection.
    pub async fn drop_database(&self, name: &str) -> Result<()> {
        self.administer("create_database", format!("drop database if exists {} with (force)", quoted(name))).await
    }
}

fn migration_error(error: MigrateError) -> Error {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            Error::from_statement("migrate", error)
        }
        MigrateError::VersionMismatch(version) => Error::MigrationChanged { version },
        MigrateError::VersionMissing(version) => Error::MigrationUnknown { version },
        _ => Error::Unreadable { what: "migrate" },
    }
}
