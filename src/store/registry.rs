//! What is registered: agencies, logins, settings, codes, event types.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::statement::sql;
use super::{Result, Store};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Agency {
    pub agency: String,
    pub time_zone: String,
    /// `deadline_first` or `savable_first`.
    pub review_order: String,
}

/// One registered login, of whatever class; what its class does not have is empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Access {
    pub login: String,
    pub class: String,
    /// None and no agencies: all of them.
    pub agency: Option<String>,
    pub roles: Vec<String>,
    pub kinds: Vec<String>,
    pub channels: Vec<String>,
    pub agencies: Vec<String>,
    pub enabled: bool,
}

/// One key, with the value that holds for an agency or, where `agency` is None, for everyone.
#[derive(Debug, Clone, PartialEq, Serialize, sqlx::FromRow)]
pub struct Setting {
    pub key: String,
    pub value_type: String,
    pub lowest: Option<f64>,
    pub highest: Option<f64>,
    pub default_value: Option<Value>,
    /// A workflow_admin may set it for the own agency.
    pub per_agency: bool,
    pub agency: Option<String>,
    /// None: the default holds.
    pub value: Option<Value>,
    pub set_by: Option<String>,
    pub set_at: Option<DateTime<Utc>>,
}

/// One registered code of one list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Code {
    pub list: String,
    pub code: String,
    /// Of a host: the agency that trusts it; none: all of them.
    pub agency: Option<String>,
    /// Of a reason: the acts it is for.
    pub used_by: Vec<String>,
    /// Of an error code: whether a send that failed with it may have left.
    pub effect: Option<String>,
    #[sqlx(rename = "final")]
    #[serde(rename = "final")]
    pub is_final: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct EventType {
    pub event_type: String,
    pub stream: String,
    pub lane: String,
    /// None: its events are withheld.
    pub ratified_at: Option<DateTime<Utc>>,
}

impl Store {
    pub async fn agencies(&self) -> Result<Vec<Agency>> {
        self.statement(sql!("agencies")).rows().await
    }

    /// Everyone who is registered and whom this login may see.
    pub async fn access(&self) -> Result<Vec<Access>> {
        self.statement(sql!("access")).rows().await
    }

    pub async fn settings(&self) -> Result<Vec<Setting>> {
        self.statement(sql!("settings")).rows().await
    }

    /// Codes of all lists, or of one.
    pub async fn vocabulary(&self, list: Option<&str>) -> Result<Vec<Code>> {
        self.statement(sql!("vocabulary")).bind(list).rows().await
    }

    /// Hosts that this login's agency trusts, or all of them do, in lower case; what lies under one is trusted too.
    pub async fn known_hosts(&self) -> Result<Vec<String>> {
        Ok(self.vocabulary(Some("host")).await?.into_iter().map(|host| host.code).collect())
    }

    /// The codes that a producer's messages carry, of the lists `language`, `intent` and `channel`: all that it may see.
    pub async fn import_vocabulary(&self) -> Result<Vec<Code>> {
        self.statement(sql!("import_vocabulary")).rows().await
    }

    pub async fn event_types(&self) -> Result<Vec<EventType>> {
        self.statement(sql!("event_types")).rows().await
    }
}
