//! The program at rest, its memory, its start, its size; and many of it on one server.

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::data::Data;
use crate::overview::Looker;
use crate::report::{Bar, Report, median, spread};
use crate::screen::Terminal;
use crate::server;
use crate::wire::{self, Wire};

const STARTS: usize = 11;
/// How long a rest is looked at.
const SPAN: Duration = Duration::from_secs(20);
/// When the program has opened its connections and asked everything once.
const WARM: Duration = Duration::from_secs(5);
const MEBIBYTE: f64 = 1024.0 * 1024.0;

pub async fn one(report: &mut Report, data: &Data) {
    start(report, data).await;
    rest(report, data).await;
    let size = fs::metadata(env!("CARGO_BIN_EXE_countersign")).unwrap().len() as f64 / MEBIBYTE;
    report.add("binary, stripped", Bar::AtMost(20.0), size, "MB", json!({}));
}

async fn start(report: &mut Report, data: &Data) {
    let home = TempDir::new().unwrap();
    let mut took = Vec::new();
    for _ in 0..STARTS {
        let command = wire::dashboard(data, &home, "overview").await;
        let ms = spawn_blocking(move || {
            let began = Instant::now();
            let terminal = Terminal::start(command, 200, 60);
            let shown = terminal.wait_until(Duration::from_secs(30), has_data);
            assert!(shown.is_ok(), "no data within 30 s:\n{}", terminal.screen());
            began.elapsed().as_secs_f64() * 1000.0
        });
        took.push(ms.await.unwrap());
    }
    report.add(
        "process start to the first frame with data, median",
        Bar::AtMost(150.0),
        median(&took),
        "ms",
        spread(&took),
    );
}

/// The row of the questions says how many there are.
fn has_data(screen: &str) -> bool {
    screen.lines().any(|line| {
        let after = line.split_once(" approve ").map(|(_, after)| after.trim_start());
        after.is_some_and(|after| after.starts_with(|c: char| c.is_ascii_digit()))
    })
}

/// On the Overview a count changes whenever a deadline passes, which is news and has to be written; on Activity nothing does.
async fn rest(report: &mut Report, data: &Data) {
    let home = TempDir::new().unwrap();
    let [activity, overview] = ["activity", "overview"].map(|screen| wire::dashboard(data, &home, screen));
    let (idle, terminal) = (Terminal::start(activity.await, 200, 60), Terminal::start(overview.await, 200, 60));
    sleep(WARM).await;
    let [nothing, news] = [&idle, &terminal].map(listen);
    let process = i32::try_from(terminal.process_id()).unwrap();
    let (used, asked, began) = (server::process_seconds(process), transactions(data).await, Instant::now());
    sleep(SPAN).await;
    let seconds = began.elapsed().as_secs_f64();
    let of_a_core = (server::process_seconds(process) - used) / seconds * 100.0;
    // Of two dashboards; and asking for the number is a transaction too.
    let queries = (transactions(data).await - asked - 1) as f64 / seconds / 2.0;
    let memory = resident(process) / MEBIBYTE;
    report.add("at rest: of a core", Bar::AtMost(0.5), of_a_core, "%", json!({ "seconds": seconds }));
    let (nothing, news) = (*nothing.lock().unwrap(), *news.lock().unwrap());
    let told = |heard: Heard| json!({ "writes": heard.writes, "of_those_idle": heard.idle, "seconds": seconds });
    let what = "at rest: writes to the terminal where nothing happens";
    report.add(what, Bar::AtMost(0.0), nothing.writes as f64, "", told(nothing));
    let what = "  that change nothing, where deadlines pass";
    report.add(what, Bar::AtMost(0.0), news.idle as f64, "", told(news));
    report.add("at rest: statements a second", Bar::AtMost(2.0), queries, "/s", json!({}));
    report.add("memory, resident", Bar::AtMost(40.0), memory, "MB", json!({}));
    drop((idle, terminal));
}

/// What a program writes to its terminal.
#[derive(Clone, Copy, Default)]
struct Heard {
    writes: usize,
    /// After which everything stood where it had stood.
    idle: usize,
}

fn listen(terminal: &Terminal) -> Arc<Mutex<Heard>> {
    let heard = Arc::new(Mutex::new(Heard::default()));
    let (count, mut before) = (heard.clone(), None);
    terminal.watch(move |screen| {
        let now = Some(screen.contents_formatted());
        let mut heard = count.lock().unwrap();
        heard.writes += 1;
        heard.idle += usize::from(before == now);
        before = now;
    });
    heard
}

/// Statements of the program, each of which is a transaction of its own. What a session did, it reports within a second.
async fn transactions(data: &Data) -> i64 {
    data.count("select xact_commit + xact_rollback from pg_stat_database where datname = current_database()").await
}

fn resident(process: i32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("the kernel keeps account");
    line.split_whitespace().next().unwrap().parse::<f64>().unwrap() * 1024.0
}

/// Many dashboards of one person, who could be many.
pub async fn many(report: &mut Report, data: &Data, count: usize) {
    let home = TempDir::new().unwrap();
    let postmaster = server::postmaster().await;
    let mut looker = Looker::new(data).await;
    let alone = refreshes(&mut looker).await;
    let mut wires = Vec::new();
    for _ in 0..count {
        wires.push(Wire::start(wire::dashboard(data, &home, "overview").await, 120, 40));
        // Not all at once, as people do not come all at once.
        sleep(Duration::from_millis(50)).await;
    }
    sleep(WARM).await;
    let (used, began) = (server::server_seconds(postmaster), Instant::now());
    sleep(SPAN).await;
    let seconds = began.elapsed().as_secs_f64();
    let each = (server::server_seconds(postmaster) - used) / seconds / count as f64 * 1000.0;
    let crowded = refreshes(&mut looker).await;
    let connections =
        data.count("select count(*) from pg_stat_activity where application_name like 'countersign%'").await - 3;
    let what = format!("{count} dashboards: of the server, each and second");
    report.add(&what, Bar::AtMost(0.75), each, "ms", json!({ "dashboards": count, "seconds": seconds }));
    let figures = json!({ "alone_ms": spread(&alone), "crowded_ms": spread(&crowded) });
    report.add("  one refresh, of one alone", Bar::AtMost(1.2), median(&crowded) / median(&alone), "x", figures);
    report.add("  connections each", Bar::AtMost(2.0), connections as f64 / count as f64, "", json!({}));
}

async fn refreshes(looker: &mut Looker) -> Vec<f64> {
    let mut took = Vec::new();
    for _ in 0..30 {
        took.push(looker.refresh().await);
        sleep(Duration::from_millis(50)).await;
    }
    took
}
