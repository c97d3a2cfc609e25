//! Where the canary is looked for.

use std::collections::BTreeSet;
use std::error::Error;

use super::Canary;
use crate::support::Database;

/// Everything that an error says to anybody who asks it, its causes too.
pub fn told(error: &dyn Error) -> String {
    let mut told = format!("{error} {error:?} {error:#?}");
    let mut cause = error.source();
    while let Some(error) = cause {
        told += &format!(" {error} {error:?}");
        cause = error.source();
    }
    told
}

/// Makes the server write down all it can about what it refuses, for sessions that begin after this. The private cluster
/// writes much less; a server that others run may write as much.
pub async fn talkative(db: &Database) {
    let name: String = db.value("select current_database()::text").await;
    for setting in [
        "log_min_messages = notice",
        "log_error_verbosity = verbose",
        "log_min_error_statement = notice",
        // The canary comes in thousands of transactions, which need not wait for the disk.
        "synchronous_commit = off",
    ] {
        db.execute(&format!("alter database {name} set {setting}")).await;
    }
}

/// The tables of the queue that show it in any column.
pub async fn tables(db: &Database, canary: &Canary) -> BTreeSet<String> {
    let names: Vec<String> =
        sqlx::query_scalar("select tablename::text from pg_tables where schemaname = 'queue' order by 1")
            .fetch_all(db.pool())
            .await
            .unwrap();
    let mut found = BTreeSet::new();
    for name in names {
        let rows: Option<String> =
            db.value(&format!("select string_agg(row::text, ' ') from queue.{name} as row")).await;
        if rows.is_some_and(|rows| canary.found_in(&rows).is_some()) {
            found.insert(name);
        }
    }
    found
}

/// The columns that show it in a dump of the whole database; what stands outside of tables is named by its line.
pub fn dumped(dump: &str, canary: &Canary) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut table: Option<(&str, Vec<&str>)> = None;
    for line in dump.lines() {
        match &table {
            None => {
                if let Some((name, columns)) = line.strip_prefix("COPY ").and_then(|copy| copy.split_once(" (")) {
                    let (columns, _) = columns.split_once(')').expect("the columns of a COPY stand in parentheses");
                    table = Some((name, columns.split(", ").collect()));
                } else if canary.found_in(line).is_some() {
                    found.insert(line.to_owned());
                }
            }
            Some(_) if line == "\\." => table = None,
            Some((name, columns)) => {
                let shown = line.split('\t').zip(columns).filter(|(value, _)| canary.found_in(value).is_some());
                found.extend(shown.map(|(_, column)| format!("{name}.{column}")));
            }
        }
    }
    found
}
