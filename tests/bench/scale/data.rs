//! As many jobs as wanted, as if they had come over ninety days.

use std::time::Instant;

use sqlx::AssertSqlSafe;

use crate::support::{self, Database};

/// A database with jobs, gone when the value is dropped.
pub struct Data {
    pub database: Database,
    pub name: String,
    pub jobs: i64,
    pub live: i64,
    pub key: String,
}

impl Data {
    /// Makes them, on a server that is set up for loading, and says how long that took.
    pub async fn make(jobs: i64, live: i64) -> Data {
        let began = Instant::now();
        let database = support::database().await;
        let key = database.keyring().key_ids("acme").unwrap().remove(0);
        let name = database.value("select current_database()::text").await;
        let data = Data { database, name, jobs, live, key };
        // The tests' clock, which can be set forward, costs every call some time.
        data.database
            .execute("create or replace function queue.clock() returns timestamptz language sql volatile as $$ select clock_timestamp() $$")
            .await;
        // The migration says so of the database that it migrates, and a clone does not take that over.
        data.database.execute(&format!("alter database {} set jit = off", data.name)).await;
        data.database.execute(&data.filled(include_str!("jobs.sql"))).await;
        data.fold().await;
        data.database.execute("vacuum analyze").await;
        let size: String = data.database.value("select pg_size_pretty(pg_database_size(current_database()))").await;
        println!("  {jobs} jobs, {live} of them open, {size}, made in {:.0} s", began.elapsed().as_secs_f64());
        data
    }

    /// A statement with this data's names in it.
    pub fn filled(&self, statement: &str) -> String {
        let logins = [("producer", "prod"), ("executor", "exe"), ("reviewer", "ada"), ("second", "bo")];
        let mut text = statement
            .replace("{jobs}", &self.jobs.to_string())
            .replace("{live}", &self.live.to_string())
            .replace("{key}", &self.key);
        for (name, who) in logins {
            text = text.replace(&format!("{{{name}}}"), &self.database.login(who));
        }
        text
    }

    /// Everything that is counted lies in the tally then, and every job in its bitmaps, as in a system that has been up for a while.
    pub async fn fold(&self) {
        self.database.execute("do $$ begin perform queue.draw_bitmaps(); while queue.draw_bitmaps(100000) > 0 loop null; end loop; end $$").await;
        self.database.execute("select queue.fold(100000000)").await;
        // Rows stay there for seconds, but all of these came at once, and the file would stay as long as they made it.
        self.database.execute("vacuum full queue.job_change").await;
    }

    /// Work for those who write: questions that a reviewer holds, and a plain copy of the tables beside them.
    pub async fn begin_to_write(&self) {
        let began = Instant::now();
        self.database.execute(&self.filled(include_str!("plain.sql"))).await;
        self.fold().await;
        self.database.execute("vacuum analyze").await;
        println!("  plain copies made in {:.0} s", began.elapsed().as_secs_f64());
    }

    /// Where a program of PostgreSQL connects, as one of the fixtures' people and programs.
    pub async fn url(&self, who: &str) -> String {
        let login = if who == "postgres" { who.to_owned() } else { self.database.login(who) };
        crate::server::url(&login, &self.name).await
    }

    pub async fn count(&self, statement: &str) -> i64 {
        self.database.value(statement).await
    }
}
