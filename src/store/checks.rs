//! What `doctor` asks the database about itself and about this login.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::statement::sql;
use super::{Result, Store};

/// What the server is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Server {
    /// As in `150018`.
    pub version_number: i32,
    pub version: String,
    pub database: String,
    pub encoding: String,
    pub in_recovery: bool,
    pub clock: DateTime<Utc>,
    pub connections: i64,
    pub max_connections: i32,
}

/// One setting of the server that matters here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct ServerSetting {
    pub name: String,
    pub value: String,
}

/// What this login may do, beyond what it should.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Rights {
    pub login: String,
    pub superuser: bool,
    /// A member of the owner role is bound by nothing.
    pub owner: bool,
    pub can_create_roles: bool,
    /// Group roles that it is a member of.
    pub groups: Vec<String>,
    /// The schema is there and may be used.
    pub uses_queue: bool,
}

/// Events whose type nobody had ratified when they would have been written: as many as the audit trail still tells of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Withheld {
    pub events: i64,
    pub since: Option<DateTime<Utc>>,
}

impl Store {
    pub async fn server(&self) -> Result<Server> {
        let row = self.statement(sql!("server")).row().await?;
        row.ok_or(super::Error::Unreadable { what: "server" })
    }

    /// The settings that decide whether arguments or rows can reach the server's log, and whether a commit is kept.
    pub async fn server_settings(&self) -> Result<Vec<ServerSetting>> {
        self.statement(sql!("server_settings")).rows().await
    }

    pub async fn rights(&self) -> Result<Rights> {
        let row = self.statement(sql!("rights")).row().await?;
        row.ok_or(super::Error::Unreadable { what: "rights" })
    }

    /// For staff, who see the audit trail of their agency.
    pub async fn withheld_events(&self) -> Result<Withheld> {
        let row = self.statement(sql!("withheld_events")).row().await?;
        row.ok_or(super::Error::Unreadable { what: "withheld events" })
    }
}
