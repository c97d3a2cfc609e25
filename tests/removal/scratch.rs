//! A database to take guards away from, with one of everything in it.

use std::collections::HashSet;

use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Postgres, Row};
use tokio::sync::Mutex;

use super::attack::{Attack, read};
use crate::support::{Database, database};

const FIXTURES: [&str; 14] =
    ["ada", "bo", "sen", "lee", "kim", "opa", "wad", "pad", "gus", "prod", "exe", "sms_exe", "mon", "nobody"];

pub struct Scratch {
    db: Database,
    /// One for all, because each would plan every function for itself.
    connection: Mutex<PoolConnection<Postgres>>,
}

impl Scratch {
    pub async fn new() -> Scratch {
        let db = database().await;
        let connection = Mutex::new(db.pool().acquire().await.unwrap());
        let scratch = Scratch { db, connection };
        let world = read("world.sql").replace(":full_count", include_str!("../support/full_count.sql"));
        scratch.db.execute(&scratch.with_logins(&world)).await;
        scratch.db.execute(&scratch.with_logins(&read("crowd.sql"))).await;
        scratch
    }

    pub fn login(&self, who: &str) -> String {
        self.db.login(who)
    }

    /// What an attack comes to after `removal`. Both are undone.
    pub async fn result(&self, removal: &str, attack: &Attack) -> String {
        let isolation = if attack.is_repeatable_read { "repeatable read" } else { "read committed" };
        let begin = AssertSqlSafe(format!("begin isolation level {isolation}"));
        let mut connection = self.connection.lock().await;
        let mut transaction = connection.begin_with(begin).await.unwrap();
        sqlx::query_scalar("select world.result($4, $1, $2, $3)")
            .bind(self.with_logins(&attack.preparation))
            .bind(self.login_of(attack))
            .bind(self.with_logins(&attack.statement))
            .bind(removal)
            .fetch_one(&mut *transaction)
            .await
            .unwrap_or_else(|error| panic!("{}: {error}", attack.what))
    }

    /// How many of these attacks it takes after `removal` to find one that comes to something else than expected, and what
    /// that one comes to.
    pub async fn first_miss(&self, removal: &str, attacks: &[&Attack]) -> (usize, Option<String>) {
        let of = |part: fn(&Attack) -> &str| -> Vec<String> {
            attacks.iter().map(|attack| self.with_logins(part(attack))).collect()
        };
        let mut connection = self.connection.lock().await;
        let mut transaction = connection.begin().await.unwrap();
        let row = sqlx::query("select tried, result from world.first_miss($1, $2, $3, $4, $5)")
            .bind(removal)
            .bind(of(|attack| &attack.preparation))
            .bind(attacks.iter().map(|attack| self.login_of(attack)).collect::<Vec<_>>())
            .bind(of(|attack| &attack.statement))
            .bind(of(|attack| &attack.expected))
            .fetch_one(&mut *transaction)
            .await
            .unwrap_or_else(|error| panic!("{removal}: {error}"));
        (row.get::<Option<i32>, _>("tried").unwrap_or(0).try_into().unwrap(), row.get("result"))
    }

    /// What each attack comes to after a removal of its own.
    pub async fn results(&self, removals: &[String], attacks: &[&Attack]) -> Vec<String> {
        let of = |part: fn(&Attack) -> &str| -> Vec<String> {
            attacks.iter().map(|attack| self.with_logins(part(attack))).collect()
        };
        let mut connection = self.connection.lock().await;
        let mut transaction = connection.begin().await.unwrap();
        sqlx::query_scalar("select world.results($1, $2, $3, $4)")
            .bind(removals)
            .bind(of(|attack| &attack.preparation))
            .bind(attacks.iter().map(|attack| self.login_of(attack)).collect::<Vec<_>>())
            .bind(of(|attack| &attack.statement))
            .fetch_one(&mut *transaction)
            .await
            .unwrap()
    }

    /// What each attack comes to while every guard stands, and the functions that it goes through.
    pub async fn survey(&self, attacks: &[&Attack]) -> Vec<(String, HashSet<String>)> {
        let of = |part: fn(&Attack) -> &str| -> Vec<String> {
            attacks.iter().map(|attack| self.with_logins(part(attack))).collect()
        };
        let isolation = match attacks.iter().any(|attack| attack.is_repeatable_read) {
            true => "repeatable read",
            false => "read committed",
        };
        let begin = AssertSqlSafe(format!("begin isolation level {isolation}"));
        let mut connection = self.connection.lock().await;
        let mut transaction = connection.begin_with(begin).await.unwrap();
        let rows = sqlx::query("select result, touched from world.survey($1, $2, $3)")
            .bind(of(|attack| &attack.preparation))
            .bind(attacks.iter().map(|attack| self.login_of(attack)).collect::<Vec<_>>())
            .bind(of(|attack| &attack.statement))
            .fetch_all(&mut *transaction)
            .await
            .unwrap();
        let pairs =
            rows.iter().map(|row| (row.get("result"), row.get::<Vec<String>, _>("touched").into_iter().collect()));
        pairs.collect()
    }

    fn login_of(&self, attack: &Attack) -> String {
        match attack.login.as_str() {
            "owner" => "owner".to_owned(),
            who => self.login(who),
        }
    }

    /// The rows of a statement that returns texts.
    pub async fn rows<const N: usize>(&self, statement: &str) -> Vec<[String; N]> {
        let rows = sqlx::query(AssertSqlSafe(statement.to_owned())).fetch_all(self.db.pool()).await.unwrap();
        rows.iter().map(|row| std::array::from_fn(|column| row.get(column))).collect()
    }

    /// A session of the superuser, who becomes whoever acts.
    pub async fn session(&self) -> PgConnection {
        PgConnection::connect_with(&self.db.pool().connect_options()).await.unwrap()
    }

    pub async fn execute(&self, statement: &str) {
        self.db.execute(statement).await;
    }

    /// `{ada}` in a statement is the name that this run gave the fixture.
    pub fn with_logins(&self, sql: &str) -> String {
        FIXTURES.iter().fold(sql.to_owned(), |sql, who| sql.replace(&format!("{{{who}}}"), &self.login(who)))
    }
}
