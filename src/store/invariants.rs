//! Looks afterwards whether what the database promises did hold.
//!
//! Needs a login that sees everything: the administrator's. The guards themselves live in the database; this only counts
//! the rows that they should have kept out.

use serde::Serialize;

use super::statement::sql;
use super::{Result, Store};

/// One promise and how many rows break it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Invariant {
    /// As the contract numbers it, with what was counted.
    pub invariant: String,
    pub broken: i64,
}

impl Store {
    /// Every promise that can be counted, also those that hold.
    pub async fn invariants(&self) -> Result<Vec<Invariant>> {
        self.statement(sql!("invariants")).rows().await
    }

    /// Whether words that were stored sealed stand in the clear: `bodies` anywhere, `references` to customers in the queue.
    pub async fn words_in_the_clear(&self, bodies: &[String], references: &[String]) -> Result<Vec<Invariant>> {
        self.statement(sql!("words_in_the_clear")).bind(bodies).bind(references).rows().await
    }

    /// For a superuser.
    pub async fn departures(&self) -> Result<Departures> {
        Ok(self.statement(sql!("departures")).row().await?.unwrap_or_default())
    }
}

/// What should not have left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Departures {
    /// Replies that left more than once.
    pub doubled: i64,
    /// Replies that left although their customer had written again before.
    pub unwanted: i64,
}
