//! How long a reviewer waits: from Enter to the draft on the screen, and from `y` to the confirmation with the next draft,
//! against the real program in a pseudo-terminal. With few jobs first and with a million live ones in the same run.
//!
//! `COUNTERSIGN_BENCH_JOBS` sets how many live jobs the second round has. Prints a table and writes it to
//! `target/bench/review.json`.

#![expect(clippy::unwrap_used, reason = "a bench that cannot measure ends")]
#![allow(dead_code, unused_imports, reason = "the helpers of the tests can more than is measured here")]

#[path = "../terminal/screen.rs"]
mod screen;
#[path = "../support/mod.rs"]
mod support;

use std::path::Path;
use std::time::{Duration, Instant};
use std::{env, fs};

use chrono::{TimeDelta, Utc};
use countersign::domain::JobId;
use portable_pty::CommandBuilder;
use screen::Terminal;
use serde_json::json;
use support::Database;
use tempfile::TempDir;

/// Questions that are decided in each round, due before all others.
const DECIDED: usize = 40;

/// Neither a fresh draft nor a confirm line takes a key that decides before it can have been read.
const GUARD: Duration = Duration::from_millis(350);

fn main() {
    let live: usize = env::var("COUNTERSIGN_BENCH_JOBS").map_or(1_000_000, |jobs| jobs.parse().unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let report = runtime.block_on(async {
        let few = measure(0).await;
        let many = measure(live).await;
        report(live, &few, &many)
    });
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("bench");
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join("review.json"), serde_json::to_string_pretty(&report).unwrap()).unwrap();
}

/// One wait of each kind per decided question.
#[derive(Default)]
struct Waits {
    opened: Vec<Duration>,
    confirmed: Vec<Duration>,
    next: Vec<Duration>,
}

async fn measure(live: usize) -> Waits {
    let database = support::database().await;
    let questions = ask(&database).await;
    if live > 0 {
        fill(&database, live).await;
    }
    let home = TempDir::new().unwrap();
    database.grant_keys(&home.path().join("acme.key"));
    tokio::task::spawn_blocking(move || review(&database, &home, &questions)).await.unwrap()
}

/// The questions that are decided, in the order in which they come.
async fn ask(database: &Database) -> Vec<JobId> {
    let mut jobs = Vec::new();
    for number in 0..DECIDED {
        let conversation = database.conversation().await;
        database.inbound(&conversation, "Where is my card? I have waited for two weeks now.").await;
        let mut draft =
            database.new_draft(&conversation, "I am sorry. Your card has left us and will be with you soon.");
        draft.deadline_at = Some(Utc::now() + TimeDelta::minutes(30) + TimeDelta::seconds(number as i64));
        jobs.push(database.ask(&conversation, &draft).await.job);
    }
    jobs
}

async fn fill(database: &Database, live: usize) {
    let key = database.keyring().key_ids("acme").unwrap().remove(0);
    let statements = include_str!("live_jobs.sql")
        .replace("{live}", &live.to_string())
        .replace("{key}", &key)
        .replace("{producer}", &database.login("prod"))
        .replace("{executor}", &database.login("exe"));
    let began = Instant::now();
    database.execute(&statements).await;
    database.execute("vacuum analyze").await;
    println!("{live} live jobs made in {:.0} s", began.elapsed().as_secs_f64());
}

fn review(database: &Database, home: &TempDir, questions: &[JobId]) -> Waits {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_countersign"));
    command.env_clear();
    for (name, value) in [("HOME", home.path().to_str().unwrap()), ("LANG", "C.UTF-8"), ("TERM", "xterm-256color")] {
        command.env(name, value);
    }
    command.env("COUNTERSIGN_DATABASE_URL", database.url_of("ada"));
    command.env("COUNTERSIGN_KEYS", home.path().join("acme.key"));
    command.args(["--screen", "review"]);
    let mut terminal = Terminal::start(command, 80, 24);
    let mut waits = Waits::default();
    terminal.wait_for(" mail ");
    let mut is_open = false;
    for (place, job) in questions.iter().enumerate() {
        let draft = format!("{job} email");
        if !is_open {
            let pressed = Instant::now();
            terminal.press("\r");
            terminal.wait_for(&draft);
            waits.opened.push(pressed.elapsed());
        }
        std::thread::sleep(GUARD);
        terminal.press("A");
        terminal.wait_for(&format!("APPROVE {job}"));
        std::thread::sleep(GUARD);
        let pressed = Instant::now();
        terminal.press("y");
        terminal.wait_for(&format!("UNDO {job} approved"));
        waits.confirmed.push(pressed.elapsed());
        is_open = questions.get(place + 1).is_some_and(|next| {
            terminal.wait_for(&format!("{next} email"));
            waits.next.push(pressed.elapsed());
            true
        });
        // Every other one is opened by hand, from the list.
        if is_open && place % 2 == 0 {
            terminal.press("h");
            terminal.wait_for("Waiting");
            is_open = false;
        }
    }
    waits
}

/// Median and the worst, in milliseconds.
fn summary(waits: &[Duration]) -> (f64, f64) {
    let mut waits: Vec<f64> = waits.iter().map(|wait| wait.as_secs_f64() * 1000.0).collect();
    waits.sort_by(f64::total_cmp);
    (waits[waits.len() / 2], *waits.last().unwrap())
}

fn report(live: usize, few: &Waits, many: &Waits) -> serde_json::Value {
    let rows = [
        ("Enter to the draft", &few.opened, &many.opened, Some(50)),
        ("y to the confirmation", &few.confirmed, &many.confirmed, Some(100)),
        ("y to the next draft", &few.next, &many.next, None),
    ];
    println!(
        "{:<24} {:>16} {:>24} {:>6} {:>9}",
        "ms, median (worst)",
        format!("{DECIDED} live"),
        format!("{live} live"),
        "ratio",
        "bar"
    );
    let rows = rows.map(|(what, few, many, bar)| {
        let ((few, few_worst), (many, many_worst)) = (summary(few), summary(many));
        let ratio = many / few;
        let bar_text = bar.map_or(String::new(), |bar: u32| format!("<= {bar}"));
        println!(
            "{what:<24} {:>16} {:>24} {ratio:>6.2} {bar_text:>9}",
            format!("{few:.1} ({few_worst:.1})"),
            format!("{many:.1} ({many_worst:.1})")
        );
        json!({ "what": what, "few_ms": few, "many_ms": many, "many_worst_ms": many_worst, "ratio": ratio, "bar_ms": bar })
    });
    json!({ "live_jobs": live, "rows": rows })
}
