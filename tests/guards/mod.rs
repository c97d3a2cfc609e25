//! The promises that the database keeps against everybody, whatever SQL they run: by the contract's numbers.

mod agencies;
mod all_or_nothing;
mod arguments;

mod catalogue;
mod columns;
mod commands;
mod crowd;
mod dispensation;
mod escalating;
mod eyes;
mod fate;
mod forgetting;
mod gate;
mod hold_races;
mod holding;
mod hours;
mod importing;
mod machine;
mod moves;
mod order;
mod outages;
mod outbox;
mod payloads;
mod pins;
pub(crate) mod plausible;
mod races;
mod replays;
mod revocation;
mod skipping;

mod resealing;
mod sealing;
mod sweepers;
mod sweeping;
mod switching;
mod undoing;
mod walk;
mod walls;
mod wanted;

use std::collections::BTreeMap;

use sqlx::postgres::PgPool;
use sqlx::{AssertSqlSafe, Executor, Postgres};

use crate::support::Database;

/// The SQLSTATE that a statement was refused with; none when it went through.
async fn refused<'c>(connection: impl Executor<'c, Database = Postgres>, statement: &str) -> Option<String> {
    let error = sqlx::query(AssertSqlSafe(statement.to_owned())).execute(connection).await.err()?;
    Some(error.as_database_error().unwrap().code().unwrap().into_owned())
}

/// The rows of a statement that returns one text.
async fn texts(pool: &PgPool, statement: &str) -> Vec<String> {
    sqlx::query_scalar(AssertSqlSafe(statement.to_owned())).fetch_all(pool).await.unwrap()
}

/// A digest of the rows of every table: what has the same contents was not written to.
async fn contents(db: &Database) -> BTreeMap<String, String> {
    let one_of_each: String = db
        .value(
            "select string_agg(format(
                        'select %L, md5(string_agg(held::text, chr(10) order by held::text)) from %s as held',
                        pg_class.oid::regclass, pg_class.oid::regclass), ' union all ')
             from pg_class
             where relkind = 'r' and relnamespace in ('queue'::regnamespace, 'care'::regnamespace)",
        )
        .await;
    let rows: Vec<(String, Option<String>)> =
        sqlx::query_as(AssertSqlSafe(one_of_each)).fetch_all(db.pool()).await.unwrap();
    rows.into_iter().map(|(table, digest)| (table, digest.unwrap_or_default())).collect()
}
