//! What is older than anybody has to keep.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::statement::sql;
use super::{Result, Store};
use crate::domain::Outcome;

/// What one batch of retention deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// `swept`; `no_period` as long as no part has a period, and `not_authorised`, delete nothing.
    #[serde(flatten)]
    pub outcome: Outcome,
    #[serde(default)]
    pub jobs: i64,
    #[serde(default)]
    pub messages: i64,
    /// Rows of the audit trail.
    #[serde(default)]
    pub audit: i64,
    /// Events.
    #[serde(default)]
    pub outbox: i64,
    /// Another batch would find more.
    #[serde(default)]
    pub more: bool,
}

impl Store {
    /// Deletes about `limit` rows of each part that has a period. Waits for nobody and holds nobody up.
    pub async fn retention_sweep(&self, limit: i32, command_id: Uuid) -> Result<Batch> {
        self.statement(sql!("retention_sweep")).bind(limit).bind(command_id.to_string()).answer().await
    }
}
