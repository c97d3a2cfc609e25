//! What marks this run on a server that others may test against at the same time, and the removal of what a run before it
//! left there: nobody is told when the last test of a run has ended.

use std::str::FromStr;
use std::sync::{OnceLock, mpsc};
use std::thread;

use countersign::store::ConnectOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, PgConnection};
use uuid::Uuid;

/// Eight hexadecimal digits.
const TAG_LENGTH: usize = 8;
const DATABASES: &str = "countersign_test_";

fn tag() -> &'static str {
    static TAG: OnceLock<String> = OnceLock::new();
    TAG.get_or_init(|| Uuid::new_v4().simple().to_string()[..TAG_LENGTH].to_owned())
}

/// Roles belong to the whole server, so a fixture's login carries the mark of its run.
pub fn login(who: &str) -> String {
    format!("t{}_{who}", tag())
}

pub fn database(name: &str) -> String {
    format!("{DATABASES}{}_{name}", tag())
}

/// Holds a lock that shows others that this run lives, for as long as this process does, and removes what runs without
/// such a lock left behind.
pub fn take_place_of_the_dead(administrator: &ConnectOptions) {
    let options = PgConnectOptions::from_str(&administrator.url).unwrap();
    let (ready, is_ready) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let connection = runtime.block_on(async {
            let mut connection = options.connect().await.unwrap();
            assert!(lock(&mut connection, tag()).await, "two runs have the same mark");
            bury(&mut connection).await;
            connection
        });
        ready.send(()).unwrap();
        // The lock lasts as long as its connection.
        loop {
            thread::park();
            let _held = &connection;
        }
    });
    is_ready.recv().unwrap();
}

async fn bury(connection: &mut PgConnection) {
    let names = "select datname::text from pg_database where datname ~ '^countersign_test_[0-9a-f]{8}_'
                 union all
                 select rolname::text from pg_roles where rolname ~ '^t[0-9a-f]{8}_'";
    let mut names: Vec<String> = sqlx::query_scalar(names).fetch_all(&mut *connection).await.unwrap();
    // Databases first: a role that owns something cannot go.
    names.sort_by_key(|name| !name.starts_with(DATABASES));
    for name in names {
        let (what, rest) = match name.strip_prefix(DATABASES) {
            Some(rest) => ("database", rest),
            None => ("role", &name[1..]),
        };
        let run = &rest[..TAG_LENGTH];
        if run != tag() && lock(connection, run).await {
            let statement = format!("drop {what} if exists \"{name}\"");
            // Another run may be burying the same dead.
            let _ = sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *connection).await;
            sqlx::query("select pg_advisory_unlock(hashtext('countersign_test'), hashtext($1))")
                .bind(run)
                .execute(&mut *connection)
                .await
                .unwrap();
        }
    }
}

async fn lock(connection: &mut PgConnection, run: &str) -> bool {
    sqlx::query_scalar("select pg_try_advisory_lock(hashtext('countersign_test'), hashtext($1))")
        .bind(run)
        .fetch_one(connection)
        .await
        .unwrap()
}
