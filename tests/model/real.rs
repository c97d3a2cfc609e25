//! The real thing: one database in which one history at a time happens, and what is seen of it.
//!
//! Everybody's calls go over one connection that takes on the caller's identity, because the guards go by `session_user` and
//! a connection apiece would cost more than the calls. The clock stands still until a history moves it. Between histories
//! all rows that histories make are deleted; the guards against that are out of force in the session that does it only.

use std::collections::BTreeMap;

use countersign::domain::{JobKind, Role};
use countersign::store::Store;
use serde::Deserialize;
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Row};
use uuid::Uuid;

use super::calls::Asked;
use super::people::{AGENCIES, Agency, EXECUTORS, NOBODY, PRODUCERS, STAFF, Who, everybody, executors, producer};
use super::statements::{function, time};
use super::world::{KindRules, Moment};
use crate::support::{self, Database};

/// How often the tables are emptied for good instead of row by row, which leaves dead rows behind.
const HISTORIES_PER_TRUNCATION: usize = 100;

/// What the model calls otherwise.
pub struct Names {
    prefix: String,
    /// The ids of the world's jobs, in its order.
    pub jobs: Vec<i64>,
    pub agencies: Vec<Agency>,
    pub holds: Vec<i64>,
    pub keys: BTreeMap<Agency, String>,
}

impl Names {
    /// Fixtures have logins of this database only, because revoking one is felt in the whole cluster.
    pub fn login(&self, who: Who) -> String {
        format!("{}{who}", self.prefix)
    }
}

pub struct Real {
    database: Database,
    connection: PgConnection,
    pub names: Names,
    pub rules: BTreeMap<JobKind, KindRules>,
    /// Every table that a history writes to, comma separated.
    tables: String,
    histories: usize,
    last_write: i64,
    last_run: i64,
    last_event: i64,
}

/// An answer, or the SQLSTATE of a refusal.
pub type Answered = Result<Value, String>;

/// What a call wrote.
#[derive(Debug, Deserialize)]
pub struct Seen {
    /// Jobs that were written since the last look.
    pub jobs: Vec<Value>,
    pub runs: Vec<Run>,
    pub events: Vec<String>,
    last_write: i64,
    last_run: i64,
    last_event: i64,
}

/// A row of the audit trail.
#[derive(Debug, Deserialize)]
pub struct Run {
    pub login: String,
    pub job_id: Option<i64>,
    pub outcome: String,
    pub from_status: Option<String>,
    pub to_status: Option<String>,
}

/// What a history left behind, apart from its jobs.
#[derive(Debug, Deserialize)]
pub struct Remains {
    /// `message`, `conversation`, `seq`, `direction`, `revises`, `author`, `stored_by`, `made_for`.
    pub messages: Vec<Value>,
    /// `job`, `decision`, `by`, `draft`, `created`, `undone_by`.
    pub decisions: Vec<Value>,
    /// `job`, `approve`, `is_dispensed`.
    pub evidence: Vec<Value>,
}

impl Real {
    /// A database with everybody in it, under logins of its own.
    pub async fn new() -> Real {
        let database = support::database().await;
        let prefix = database.login(&format!("m{}_", Uuid::new_v4().simple().to_string().split_at(8).0));
        let keys = database.value::<Value>("select jsonb_object_agg(agency, key_id) from care.sealing_key").await;
        let key = |agency: Agency| (agency, keys[agency].as_str().unwrap().to_owned());
        let names = Names {
            prefix,
            jobs: Vec::new(),
            agencies: Vec::new(),
            holds: Vec::new(),
            keys: AGENCIES.map(key).into_iter().collect(),
        };
        for who in everybody() {
            database.admin().create_login(&names.login(who)).await.unwrap();
        }
        register(&database, &names).await;
        database.execute(include_str!("prepare.sql")).await;
        let rules: Vec<KindRow> = rows(&database, "select to_jsonb(row) from model.kind_rules as row").await;
        let tables = database.value("select tables from model.of_histories").await;
        let options: PgConnectOptions = database.url_of("ada").parse().unwrap();
        let superuser = database.value::<String>("select current_user::text").await;
        let connection = options.username(&superuser).connect().await.unwrap();
        Real {
            database,
            connection,
            names,
            rules: rules.into_iter().map(|row| (row.job_kind, row.rules())).collect(),
            tables,
            histories: 0,
            last_write: 0,
            last_run: 0,
            last_event: 0,
        }
    }

    /// Before the next history nothing of the last one is left.
    pub async fn reset(&mut self) {
        self.names.jobs.clear();
        self.names.agencies.clear();
        self.names.holds.clear();
        let empty = if self.histories.is_multiple_of(HISTORIES_PER_TRUNCATION) {
            format!("truncate {}", self.tables)
        } else {
            self.tables.split(", ").map(|table| format!("delete from {table};")).collect()
        };
        self.histories += 1;
        let statement = format!(
            "set session_replication_role = replica; {empty};
             delete from queue.dot_config where key <> 'queue.environment';
             set session_replication_role = origin;
             update queue.agency set review_order = 'deadline_first' where review_order <> 'deadline_first';
             update model.clock set at = '{}'",
            time(0).to_rfc3339()
        );
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut self.connection).await.unwrap();
        self.look().await;
    }

    /// Registers the executors as they were at the beginning.
    pub async fn restore_executors(&mut self) {
        let pad = self.names.login("pad");
        for (login, whitelist) in executors() {
            let call = super::calls::Call::RegisterExecutor { login, whitelist };
            let asked = Asked { who: "pad", command: Uuid::new_v4(), call };
            let statement = as_login(&pad, &function(&asked, &self.names));
            sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut self.connection).await.unwrap();
        }
    }

    pub async fn set_clock(&mut self, at: Moment) {
        sqlx::query("update model.clock set at = $1").bind(time(at)).execute(&mut self.connection).await.unwrap();
    }

    /// Runs a statement as the superuser.
    pub async fn execute(&self, statement: &str) {
        self.database.execute(statement).await;
    }

    pub async fn perform(&mut self, asked: &Asked) -> Answered {
        let statement = as_login(&self.names.login(asked.who), &function(asked, &self.names));
        match sqlx::raw_sql(AssertSqlSafe(statement)).fetch_all(&mut self.connection).await {
            Ok(rows) => Ok(serde_json::from_str(rows[0].get(0)).unwrap()),
            Err(sqlx::Error::Database(error)) => Err(error.code().unwrap().into_owned()),
            Err(error) => panic!("{error}"),
        }
    }

    pub async fn look(&mut self) -> Seen {
        let seen: sqlx::types::Json<Seen> = sqlx::query_scalar("select model.seen($1, $2, $3)")
            .bind(self.last_write)
            .bind(self.last_run)
            .bind(self.last_event)
            .fetch_one(&mut self.connection)
            .await
            .unwrap();
        (self.last_write, self.last_run, self.last_event) = (seen.last_write, seen.last_run, seen.last_event);
        seen.0
    }

    pub async fn remains(&mut self) -> Remains {
        let remains: sqlx::types::Json<Remains> =
            sqlx::query_scalar("select model.remains()").fetch_one(&mut self.connection).await.unwrap();
        remains.0
    }

    /// The store that sees everything.
    pub fn admin(&self) -> &Store {
        self.database.admin()
    }
}

/// One statement, as somebody; whatever happens, the connection is the superuser's again afterwards, because an error
/// takes the change of identity back.
fn as_login(login: &str, function: &str) -> String {
    format!("set session authorization \"{login}\"; select {function}::text; reset session authorization")
}

#[derive(Deserialize)]
struct KindRow {
    job_kind: JobKind,
    attempts: Option<i64>,
    lease: i64,
    sla: i64,
    retry_after: i64,
    escalates: bool,
}

impl KindRow {
    fn rules(self) -> KindRules {
        let KindRow { attempts, lease, sla, retry_after, escalates, .. } = self;
        KindRules { attempts, lease, sla, retry_after, escalates }
    }
}

async fn rows<T: for<'de> Deserialize<'de>>(database: &Database, statement: &str) -> Vec<T> {
    let all = format!("select coalesce(jsonb_agg(one.to_jsonb), '[]') from ({statement}) as one");
    serde_json::from_value(database.value::<Value>(&all).await).unwrap()
}

async fn register(database: &Database, names: &Names) {
    let first = database.as_login("pad").await;
    let id = Uuid::new_v4;
    for person in &STAFF {
        first.register_staff(&names.login(person.who), person.agency, person.roles, id()).await.unwrap();
    }
    for (who, list) in executors() {
        first.register_executor(&names.login(who), &list.kinds, &list.channels, &list.agencies, id()).await.unwrap();
    }
    for who in PRODUCERS {
        let list = producer(who).expect("a producer is registered for something");
        first.register_producer(&names.login(who), &list.agencies, &list.channels, id()).await.unwrap();
    }
    debug_assert!(EXECUTORS.iter().all(|who| executors().contains_key(who)) && !executors().contains_key(NOBODY));
    debug_assert!(STAFF.iter().any(|person| person.has(Role::PlatformAdmin)));
}
