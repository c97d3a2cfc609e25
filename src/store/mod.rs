//! The only place that speaks SQL: one file per subject, rows to domain, errors without data.
//!
//! Every statement is a file under `sql/` that runs in `psql` as it stands; tables are always named with their schema.
//! The rules live in the database's functions: this module passes arguments and understands answers. Knows nothing of
//! screens and keys; bodies come and go sealed.

pub mod activity;
pub mod administration;
pub mod channels;
pub mod checks;
mod connection;
pub mod customers;
pub mod dead_letters;
mod error;
pub mod figures;
pub mod holds;
pub mod hours;
pub mod importing;
pub mod invariants;
mod job_list;
pub mod jobs;
mod link;
pub mod migrate;
pub mod monitoring;
mod opened;
pub mod overview;
pub mod producers;
pub mod programs;
pub mod registry;
pub mod resealing;
pub mod resuming;
pub mod retention;
pub mod review;
mod row;
mod statement;
pub mod sweeping;

use std::sync::Arc;
use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::Mutex;

use connection::Kept;
pub use connection::{ConnectOptions, Fate, Identity};
pub use error::{Error, Result};
use link::Link;
pub use opened::{NewBody, SealedBody};

/// A connected login. Cheap to clone; clones share the connections.
#[derive(Debug, Clone)]
pub struct Store {
    pool: PgPool,
    link: Link,
    /// A statement that takes longer counts as interrupted.
    patience: Duration,
    /// One statement after the other, over a connection that is kept. None: as many at once as there are connections.
    turn: Option<Arc<Mutex<Option<Kept>>>>,
}
