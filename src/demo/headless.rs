//! The demo without a dashboard: plays for a while at a fast pace, says what happened, and checks what was promised.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use super::cast;
use super::opening;
use super::pace::Pace;
use super::promises::{check, escalated_by_itself};
use super::stage::{Demo, prepare};
use super::tally::{Event, Tally};
use super::traffic::Traffic;
use super::traffic::worker::StopSender;
use crate::config::Config;
use crate::domain::{Backlog, Filter};
use crate::session::Result;
use crate::store::invariants::Invariant;

/// Replies leave a second after their approval, so that some are taken back and most leave within the time.
pub(super) const UNDO: [(&str, i64); 3] = [
    ("queue.customer.undo_seconds.email", 1),
    ("queue.customer.undo_seconds.sms", 1),
    ("queue.customer.undo_seconds.webchat", 1),
];

/// The person at the dashboard is simulated too.
pub(super) const REVIEWERS: [&str; 3] = [cast::ADA, cast::BO, cast::REVIEWER];

/// What happened, and what was found.
struct Report {
    counts: Vec<(&'static str, u64)>,
    promises: Vec<Invariant>,
}

/// Plays for this long, prints the summary, and fails when a promise was broken.
pub async fn run(config: &Config, duration: Duration) -> Result<ExitCode> {
    let demo = prepare(config).await?;
    let report = play(&demo, duration).await?;
    // A closed pipe is no reason to change the verdict.
    let _ = write!(io::stdout(), "{report}");
    for broken in report.broken() {
        let _ = writeln!(io::stderr(), "broken: {} ({} times)", broken.invariant, broken.broken);
    }
    Ok(if report.broken().next().is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn play(demo: &Demo, duration: Duration) -> Result<Report> {
    demo.set(&UNDO).await?;
    let superuser = demo.superuser().await?;
    let before = superuser.activity(&Filter::default(), 0, 1).await?.first().map_or(0, |latest| latest.run_id);
    let office = demo.office(Pace::HEADLESS);
    let (_sender, stop) = StopSender::new();
    opening::deal(demo, &office, &stop).await?;
    let traffic = Traffic::start(demo, &office, &REVIEWERS).await?;
    tokio::select! {
        () = tokio::time::sleep(duration) => {}
        // Interrupted early, what happened so far is summed up all the same.
        _ = tokio::signal::ctrl_c() => {}
    }
    traffic.stop().await;

    let acts = superuser.acts_since(before).await?;
    let backlog = demo.dashboard().await?.overview().await?.backlog;
    let promises = check(&superuser, office.catalogue.samples(), &office.tally, &acts).await?;
    superuser.close().await;
    let by_itself = escalated_by_itself(&acts).unsigned_abs();
    Ok(Report { counts: counts(&office.tally, by_itself, &backlog), promises })
}

fn counts(tally: &Tally, escalated_by_itself: u64, backlog: &Backlog) -> Vec<(&'static str, u64)> {
    let mut counts: Vec<_> = Event::ALL.into_iter().map(|event| (event.name(), tally.of(event))).collect();
    let live: i64 = backlog.kinds.iter().map(|kind| kind.live()).sum();
    let dead = backlog.dead_letters();
    counts.push(("escalated by itself", escalated_by_itself));
    counts.push(("jobs still open", (live - dead).unsigned_abs()));
    counts.push(("dead letters now", dead.unsigned_abs()));
    counts
}

impl Report {
    fn broken(&self) -> impl Iterator<Item = &Invariant> {
        self.promises.iter().filter(|promise| promise.broken > 0)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, count) in &self.counts {
            writeln!(f, "{name:<22}{count:>8}")?;
        }
        let (checked, broken) = (self.promises.len(), self.broken().count());
        writeln!(f, "{:<22}{checked:>8}", "invariants checked")?;
        writeln!(f, "{:<22}{broken:>8}", "invariants broken")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_counts_what_is_broken() {
        let promise = |name: &str, broken| Invariant { invariant: name.to_owned(), broken };
        let report = Report {
            counts: vec![("sent", 12)],
            promises: vec![promise("I1 holds", 0), promise("I4 does not", 2), promise("I8 holds", 0)],
        };
        let lines: Vec<_> =
            report.to_string().lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(lines, ["sent 12", "invariants checked 3", "invariants broken 1"]);
        assert_eq!(report.broken().map(|broken| broken.invariant.as_str()).collect::<Vec<_>>(), ["I4 does not"]);
    }
}
