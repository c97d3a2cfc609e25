//! The audit trail as a stream: how much memory the program takes for it, as Linux tells.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use chrono::{DateTime, TimeDelta, Utc};

use super::home::{Home, Run, word_after};
use crate::support::{Database, Figure, database};

/// The most memory that the program ever had while it exported so many rows, in KiB, and what it said in the end.
fn peak(database: &Database, rows: usize) -> (u64, String) {
    const BEGIN: &str = "2020-01-01T00:00:00Z";
    let end = (BEGIN.parse::<DateTime<Utc>>().unwrap() + TimeDelta::seconds(rows as i64)).to_rfc3339();
    let home = Home::fresh();
    let mut child = home
        .command(&["export", "--audit", "--from", BEGIN, "--until", &end, "--database-url", &database.url_of("ada")])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut told = 0;
    // The rest is more than fits into the pipe, so that the program waits with all but a few rows behind it.
    let mut take = |many: usize| {
        let taken: Vec<String> = lines.by_ref().take(many).map(Result::unwrap).collect();
        taken.iter().for_each(|line| assert!(line.len() > 150 && line.ends_with('}'), "{line}"));
        told += taken.len();
        told
    };
    assert_eq!(take(rows - 900), rows - 900);
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    assert_eq!(take(usize::MAX), rows);
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!(run.code, 0, "{}", run.stderr);
    (word_after(&status, "VmHWM:").parse().unwrap(), run.stderr)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_trail_takes_no_more_memory_the_longer_it_is() {
    const ROWS: usize = 200_000;
    let database = database().await;
    database
        .execute("drop index queue.ix_command_run_job, queue.ix_command_run_login, queue.ix_command_run_claimed")
        .await;
    database.execute("alter table queue.dot_iu_command_run disable trigger user").await;
    database
        .execute(&format!(
            "insert into queue.dot_iu_command_run (at, login, call, job_id, agency, outcome, from_status, to_status)
             select '2020-01-01 00:00+00'::timestamptz + nth * interval '1 second', '{}', 'claim_review', nth, 'acme',
                    'applied', 'queued', 'leased'
             from generate_series(0, {ROWS} - 1) as nth",
            database.login("ada")
        ))
        .await;
    let figure = Figure::begin("KiB more for two hundred thousand rows of the audit trail than for a thousand");
    let (few, _) = peak(&database, 1_000);
    let (many, said) = peak(&database, ROWS);
    assert!(said.contains("200000 rows"), "{said}");
    figure.end(usize::try_from(many.saturating_sub(few)).unwrap());
    assert!(many < few + 3_000, "{few} KiB for a thousand rows, {many} KiB for {ROWS}");
}
