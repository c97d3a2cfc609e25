//! The server that is measured: PostgreSQL as it is delivered but for `shared_buffers = 1GB`. The tests' own settings, which
//! give up durability, serve only for filling it.

use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use countersign::store::Store;
use rustix::process::{Pid, Signal, kill_process};
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, PgPool};

use crate::support;

/// How long a shutdown may take, its checkpoint included.
const PATIENCE: Duration = Duration::from_secs(600);

/// Settings of the tests' cluster that PostgreSQL has otherwise where nobody sets them.
const AS_DELIVERED: &str = "
    alter system set shared_buffers = '1GB';
    alter system set work_mem = '4MB';
    alter system set fsync = on;
    alter system set full_page_writes = on;
    alter system set synchronous_commit = on;
    alter system set wal_level = replica;
    alter system set max_wal_senders = 10;
    alter system set jit = on;
    alter system reset max_wal_size;
    alter system reset autovacuum";

/// Nothing is durable, and nobody cleans while the tables are filled.
const FOR_LOADING: &str = "
    alter system reset all;
    alter system set shared_buffers = '1GB';
    alter system set max_wal_size = '4GB';
    alter system set autovacuum = off";

/// Starts it anew, quick to fill.
pub async fn for_loading() {
    restart(FOR_LOADING).await;
}

/// Starts it anew as it is measured. What was filled before is on the disk then.
pub async fn as_delivered(connections: u32) {
    restart(&format!("{AS_DELIVERED}; alter system set max_connections = {connections}")).await;
    tokio::task::spawn_blocking(rustix::fs::sync).await.unwrap();
    let pool = administrator().await;
    execute(&pool, "checkpoint").await;
    pool.close().await;
}

/// Where a program of PostgreSQL connects, as a login.
pub async fn url(login: &str, database: &str) -> String {
    support::server().await.cluster().expect("the bench starts a server of its own").url(login, database)
}

async fn administrator() -> PgPool {
    PgPoolOptions::new().max_connections(1).connect(&url("postgres", "postgres").await).await.unwrap()
}

/// Each statement by itself: `alter system` wants no transaction around it.
async fn execute(pool: &PgPool, statements: &str) {
    for statement in statements.split(';').map(str::trim).filter(|statement| !statement.is_empty()) {
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(pool).await.unwrap();
    }
}

async fn restart(settings: &str) {
    let pool = administrator().await;
    execute(&pool, settings).await;
    let file = format!("{}/postmaster.pid", data_directory(&pool).await);
    pool.close().await;
    tokio::task::spawn_blocking(move || {
        let postmaster = first_line(&file);
        kill_process(Pid::from_raw(postmaster).expect("a process has a number"), Signal::INT).unwrap();
        let until = Instant::now() + PATIENCE;
        while fs::exists(&file).unwrap() {
            assert!(Instant::now() < until, "the server does not stop");
            sleep(Duration::from_millis(20));
        }
    })
    .await
    .unwrap();
    let server = support::server().await;
    tokio::task::spawn_blocking(|| server.cluster().expect("it was there before").ensure_running().unwrap())
        .await
        .unwrap();
}

async fn data_directory(pool: &PgPool) -> String {
    sqlx::query_scalar("show data_directory").fetch_one(pool).await.unwrap()
}

fn first_line(file: &str) -> i32 {
    let text = fs::read_to_string(file).unwrap();
    text.lines().next().and_then(|line| line.trim().parse().ok()).expect("its first line is the process")
}

/// The number of the server's first process.
pub async fn postmaster() -> i32 {
    let pool = administrator().await;
    let file = format!("{}/postmaster.pid", data_directory(&pool).await);
    pool.close().await;
    first_line(&file)
}

/// Seconds of a processor that the server used so far: its processes, and those that have ended.
pub fn server_seconds(postmaster: i32) -> f64 {
    let children = fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let process: i32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
        let stat = Stat::of(process)?;
        (stat.parent == postmaster).then_some(stat.own)
    });
    children.sum::<f64>() + Stat::of(postmaster).map_or(0.0, |stat| stat.own + stat.of_children)
}

/// Seconds of a processor that a process used so far.
pub fn process_seconds(process: i32) -> f64 {
    Stat::of(process).map_or(0.0, |stat| stat.own)
}

struct Stat {
    parent: i32,
    own: f64,
    of_children: f64,
}

impl Stat {
    /// None: it is gone.
    fn of(process: i32) -> Option<Stat> {
        let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        // The name in parentheses may hold anything.
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        let seconds = |at: usize| fields.get(at)?.parse::<f64>().ok().map(|ticks| ticks / TICKS);
        Some(Stat {
            parent: fields.get(1)?.parse().ok()?,
            own: seconds(11)? + seconds(12)?,
            of_children: seconds(13)? + seconds(14)?,
        })
    }
}

/// The kernel's unit of time towards programs.
const TICKS: f64 = 100.0;
