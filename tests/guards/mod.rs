//! The promises that the database keeps against everybody, whatever SQL they run: by the contract's numbers.

mod agencies;
mod arguments;

mod catalogue;
mod columns;
mod dispensation;
mod escalating;
mod eyes;
mod forgetting;
mod gate;
mod hold_races;
mod holding;
mod machine;
mod moves;
mod outbox;
mod order;
mod payloads;
mod pins;
pub(crate) mod plausible;
mod races;
mod revocation;
mod skipping;

mod resealing;
mod sealing;
mod sweeping;
mod switching;
mod walk;
mod walls;
mod wanted;

use sqlx::postgres::PgPool;
use sqlx::{AssertSqlSafe, Executor, Postgres};

/// The SQLSTATE that a statement was refused with; none when it went through.
async fn refused<'c>(connection: impl Executor<'c, Database = Postgres>, statement: &str) -> Option<String> {
    let error = sqlx::query(AssertSqlSafe(statement.to_owned())).execute(connection).await.err()?;
    Some(error.as_database_error().unwrap().code().unwrap().into_owned())
}

/// The rows of a statement that returns one text.
async fn texts(pool: &PgPool, statement: &str) -> Vec<String> {
    sqlx::query_scalar(AssertSqlSafe(statement.to_owned())).fetch_all(pool).await.unwrap()
}
