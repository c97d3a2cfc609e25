//! Clients that do the same again and again, by PostgreSQL's own `pgbench`: it costs little itself, and leaves the rest of
//! the machine to the server.

use std::fs;
use std::process::Stdio;

use countersign::cluster::Programs;
use tempfile::NamedTempFile;
use tokio::process::Command;

use crate::data::Data;

pub const CLIENTS: u32 = 16;

/// What each client does, and as whom.
pub struct Script<'a> {
    pub who: &'static str,
    pub text: &'a str,
    /// A second, of all clients together; without it as fast as they can.
    pub rate: Option<f64>,
}

/// What they came to.
#[derive(Debug, Clone, Copy)]
pub struct Done {
    /// Without the first second, in which each session plans every statement for the first time.
    pub per_second: f64,
    pub transactions: i64,
}

/// Runs it for some seconds. In the script `:n` counts each client's turns, beginning after `base`.
pub async fn run(data: &Data, script: Script<'_>, seconds: u32, base: i64) -> Done {
    let file = NamedTempFile::new().unwrap();
    fs::write(file.path(), script.text).unwrap();
    let mut command = Command::new(program());
    command.args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--progress=1"]);
    command.arg(format!("--client={CLIENTS}")).arg(format!("--time={seconds}"));
    command.arg(format!("--define=base={base}")).arg("--define=n=0");
    command.arg(format!("--define=conversations={}", data.live)).arg("--file").arg(file.path());
    if let Some(rate) = script.rate {
        command.arg(format!("--rate={rate}"));
    }
    command.arg(data.url(script.who).await).env("PGOPTIONS", "-c default_transaction_isolation=read\\ committed");
    let output = command.stdin(Stdio::null()).output().await.unwrap();
    let (told, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && !errors.contains("aborted"), "pgbench failed: {errors}");
    let figure = |before: &str| {
        let line = told.lines().find_map(|line| line.strip_prefix(before)).expect("pgbench tells it");
        line.split([' ', '/']).next().and_then(|figure| figure.parse::<f64>().ok()).expect("it is a number")
    };
    let later: Vec<f64> = errors.lines().filter_map(rate_of_a_second).skip(1).collect();
    let per_second = if later.is_empty() { figure("tps = ") } else { later.iter().sum::<f64>() / later.len() as f64 };
    Done { per_second, transactions: figure("number of transactions actually processed: ") as i64 }
}

/// From a line such as `progress: 1.0 s, 2501.0 tps, lat 6.391 ms stddev 2.208, 0 failed`.
fn rate_of_a_second(line: &str) -> Option<f64> {
    line.strip_prefix("progress: ")?.split(", ").nth(1)?.strip_suffix(" tps")?.parse().ok()
}

/// What came of runs with something and without it.
#[derive(Debug, Default)]
pub struct Turns {
    pub ratios: Vec<f64>,
    pub with: Vec<f64>,
    pub without: Vec<f64>,
}

/// Runs with it and without it in turns, so many of each; who comes second finds a fuller table, so they take turns in that too.
pub async fn in_turns(repetitions: u32, run: impl AsyncFn(bool) -> Done) -> Turns {
    let mut turns = Turns::default();
    for repetition in 0..repetitions {
        let begins = repetition % 2 == 0;
        let (first, second) = (run(begins).await.per_second, run(!begins).await.per_second);
        let (with, without) = if begins { (first, second) } else { (second, first) };
        turns.ratios.push(with / without);
        turns.with.push(with);
        turns.without.push(without);
    }
    turns
}

/// Beside the server's own programs, as most packages have it.
fn program() -> std::path::PathBuf {
    let programs = Programs::find(None, std::path::Path::new("/")).unwrap();
    let own = programs.bin().join("pgbench");
    if own.is_file() { own } else { "pgbench".into() }
}

/// What a body looks like to the database.
pub fn body(data: &Data) -> String {
    format!("'\\x01{}{}'::bytea", data.key, "00".repeat(100))
}

/// Chooses a conversation about which no question is decided: whoever decides must have seen the newest message.
pub const CONVERSATION: &str = "\\set conversation 1 + 10 * random(0, :conversations / 10 - 1)\n";

/// A customer writes, in one conversation or another.
pub fn enqueue(data: &Data) -> String {
    format!(
        "{CONVERSATION}\
         select 1 / (queue.store_inbound('00000002-0000-4000-8000-' || lpad(to_hex(:conversation::bigint), 12, '0'), \
         gen_random_uuid()::text, '2026-11-20T09:12:00Z', '{key}', {body}, sha256('body'), \
         '{{\"language\":\"en\",\"intent_code\":\"card_arrival\"}}', \
         command_id => gen_random_uuid()::text) ->> 'outcome' = 'applied')::integer;\n",
        key = data.key,
        body = body(data),
    )
}

/// A program takes so many jobs of a kind. How many it got, is to be counted afterwards.
pub fn claim(kind: &str, at_most: u32) -> String {
    format!("select queue.claim_jobs('{{{kind}}}', {at_most});\n")
}

/// A reviewer approves the next question of `bench.work`.
pub fn decide() -> String {
    format!(
        "\\set n :n + 1\n\\set k :base + :client_id + {CLIENTS} * :n\n\
         select 1 / (queue.review_approve(job_id, pin, 10, 0, gen_random_uuid()::text) ->> 'outcome' = 'applied')::integer \
         from bench.work where k = :k;\n"
    )
}
