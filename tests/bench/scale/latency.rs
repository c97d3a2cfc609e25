//! From the commit to the screen, and from the key to the screen, while sixteen clients write at half of what they could.

use std::fs;
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use portable_pty::CommandBuilder;
use serde_json::json;
use sqlx::postgres::{PgListener, PgPoolOptions};
use tempfile::TempDir;
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use uuid::Uuid;

use crate::Arguments;
use crate::data::Data;
use crate::pgbench::{self, Script, Turns};
use crate::report::{Bar, Report, median, quantile, spread};
use crate::screen::Terminal;
use crate::wire::{self, Wire};

const MARKS: usize = 60;
const KEYS: usize = 300;
/// Between two that are looked for, so that they fall anywhere between two questions of a clock.
const PAUSE: Duration = Duration::from_millis(137);
/// Longer than all of it takes; it is broken off.
const LOAD: u32 = 3600;

pub async fn measure(report: &mut Report, data: &Data, arguments: &Arguments) {
    let enqueue = pgbench::enqueue(data);
    let full = pgbench::run(data, Script { who: "prod", text: &enqueue, rate: None }, arguments.seconds, 0).await;
    report.note(&format!("capacity: {:.0} messages a second", full.per_second));
    told(report, data, arguments).await;
    let script = Script { who: "prod", text: &enqueue, rate: Some(full.per_second / 2.0) };
    tokio::select! {
        _ = pgbench::run(data, script, LOAD, 0) => unreachable!("it writes for longer than anybody looks"),
        () = async {
            painted(report, data).await;
            keys(report, data).await;
        } => {}
    }
}

/// Producers at full speed, with a dashboard that hears of every change and without, in turns.
async fn told(report: &mut Report, data: &Data, arguments: &Arguments) {
    let enqueue = pgbench::enqueue(data);
    let turns = pgbench::in_turns(arguments.repetitions, async |is_told| {
        let home = TempDir::new().unwrap();
        let command = wire::dashboard(data, &home, "overview").await;
        let _dashboard = is_told.then(|| Wire::start(command, 120, 40));
        pgbench::run(data, Script { who: "prod", text: &enqueue, rate: None }, arguments.seconds, 0).await
    });
    let Turns { ratios, with, without } = turns.await;
    let figures = json!({ "ratios": ratios, "with_per_second": spread(&with), "without_per_second": spread(&without) });
    let what = "producers with a dashboard that is told, of without";
    report.add(what, Bar::AtLeast(0.9), median(&ratios), "x", figures);
}

/// A question that is due before all others, again and again, until it stands on the screen; beside a client that only
/// listens, which the same transaction wakes.
async fn painted(report: &mut Report, data: &Data) {
    let home = TempDir::new().unwrap();
    let mut terminal = Terminal::start(wire::dashboard(data, &home, "review").await, 80, 24);
    terminal.wait_for("Waiting");
    let mut listener = PgListener::connect(&data.url("postgres").await).await.unwrap();
    listener.listen("bench").await.unwrap();
    let (heard, mut hears) = tokio::sync::mpsc::unbounded_channel();
    let ear = tokio::spawn(async move { while listener.recv().await.is_ok() && heard.send(Instant::now()).is_ok() {} });
    let producer = PgPoolOptions::new().max_connections(1).connect(&data.url("prod").await).await.unwrap();
    let (mut paints, mut bare) = (Vec::new(), Vec::new());
    for mark in 0..MARKS {
        let conversation = data.database.conversation().await;
        let deadline = Utc::now() + TimeDelta::hours(1) - TimeDelta::seconds(10 * mark as i64);
        let statement = "with asked as (select queue.submit_draft($1, $2, 'drafter', $3, $4, sha256('draft'), \
                         deadline_at => $5, command_id => $6) as answer) \
                         select (answer ->> 'job_id')::bigint from asked, pg_notify('bench', '')";
        let body: Vec<u8> = [&[1][..], &hex(&data.key), &[0; 100]].concat();
        let job: i64 = sqlx::query_scalar(statement)
            .bind(conversation.id.to_string())
            .bind(Uuid::new_v4().to_string())
            .bind(&data.key)
            .bind(body)
            .bind(deadline.to_rfc3339())
            .bind(Uuid::new_v4().to_string())
            .fetch_one(&producer)
            .await
            .unwrap();
        let committed = Instant::now();
        let (back, shown) = spawn_blocking(move || {
            let found = terminal.wait_until(Duration::from_secs(20), |screen| screen.contains(&format!(" {job} ")));
            assert!(found.is_ok(), "#{job} never came to the screen:\n{}", terminal.screen());
            (terminal, Instant::now())
        })
        .await
        .unwrap();
        terminal = back;
        // To the top, where the next one comes: the list stays with its cursor.
        terminal.press("g");
        paints.push(millis(shown, committed));
        bare.push(millis(hears.recv().await.unwrap(), committed));
        sleep(PAUSE).await;
    }
    ear.abort();
    let (ours, least) = (quantile(&paints, 0.99), quantile(&bare, 0.99));
    let figures = json!({ "painted_ms": spread(&paints), "bare_listen_ms": spread(&bare) });
    report.add("enqueue committed to painted, p99", Bar::AtMost(100.0), ours, "ms", figures.clone());
    report.add("  of a bare LISTEN client beside it", Bar::AtMost(1.5), ours / least.max(0.1), "x", figures);
}

/// Down and up the list of jobs, beside `less` and a program that only echoes.
async fn keys(report: &mut Report, data: &Data) {
    let home = TempDir::new().unwrap();
    let text = home.path().join("text");
    let line =
        "a line of some length, as long as a terminal is wide or thereabouts, and then a little more. ".repeat(2);
    fs::write(&text, format!("{line}\n").repeat(10_000)).unwrap();
    let mut less = CommandBuilder::new("less");
    less.env("TERM", "xterm-256color");
    less.env("LESSHISTFILE", "-");
    less.arg(&text);
    let mut echo = CommandBuilder::new("/bin/sh");
    echo.args(["-c", "stty raw -echo; echo; exec cat"]);
    let mut figures = serde_json::Map::new();
    let mut ours = 0.0;
    for (name, command) in [("countersign", wire::dashboard(data, &home, "jobs").await), ("less", less), ("echo", echo)]
    {
        let took = spawn_blocking(move || {
            let mut wire = Wire::start(command, 200, 60);
            wire.wait();
            std::thread::sleep(Duration::from_secs(2));
            wire.settle();
            // Ten down and ten up, so that there is always somewhere to go: from the top, because what comes pushes the cursor's row
            // to the end of the list.
            let step = |turn: usize| {
                if turn.is_multiple_of(20) {
                    wire.press("g");
                }
                wire.press(if (turn / 10).is_multiple_of(2) { "j" } else { "k" })
            };
            (0..KEYS).map(step).collect::<Vec<f64>>()
        })
        .await
        .unwrap();
        if name == "countersign" {
            ours = quantile(&took, 0.99);
        }
        figures.insert(format!("{name}_ms"), spread(&took));
        if name == "countersign" {
            ours = quantile(&took, 0.99);
        }
        figures.insert(format!("{name}_ms"), spread(&took));
        let late: Vec<usize> = took.iter().enumerate().filter(|(_, ms)| **ms > 16.0).map(|(turn, _)| turn).collect();
        figures.insert(format!("{name}_late_keys"), json!(late));
    }
    report.add("key to paint at 200x60, p99", Bar::AtMost(16.0), ours, "ms", figures.into());
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn millis(later: Instant, earlier: Instant) -> f64 {
    later.saturating_duration_since(earlier).as_secs_f64() * 1000.0
}
