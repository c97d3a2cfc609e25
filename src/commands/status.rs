//! `countersign status`: how the queue is, for people and monitoring systems.
//!
//! Prints one line in the form of a monitoring plugin, performance data included, and then the numbers behind it.

use std::fmt::Write as _;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Failure;
use super::output::{self, Table};
use crate::cli;
use crate::config::Thresholds;
use crate::domain::{Backlog, KindPressure, duration};
use crate::session::Session;
use crate::store::jobs::ChannelHealth;

/// With fewer failures a share says nothing.
const FEWEST_FAILURES: i64 = 3;

/// How bad it is. The numbers are the exit codes of monitoring plugins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Fine = 0,
    Warning = 1,
    Critical = 2,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Finding {
    /// `breached`, `dead_letters`, `oldest_ready`, or `outage`.
    what: &'static str,
    state: State,
    /// A count; seconds for `oldest_ready`; failures for `outage`.
    value: i64,
    warning: i64,
    critical: i64,
    text: String,
}

/// Everything that is printed, as JSON has it.
#[derive(Debug, Serialize)]
struct Report {
    state: State,
    findings: Vec<Finding>,
    backlog: Backlog,
    pressure: Vec<KindPressure>,
    /// The database's clock.
    at: DateTime<Utc>,
    environment: String,
}

/// The text to print and how bad it is.
pub async fn run(session: &Session, arguments: &cli::Status, limits: &Thresholds) -> Result<(String, State), Failure> {
    let identity = session.store.whoami().await?;
    let backlog = session.store.backlog().await?;
    let pressure = session.store.pressure().await?;
    // A monitor counts and sees no jobs, so it cannot tell how single attempts went.
    let health =
        if identity.principal.class == "monitor" { Vec::new() } else { session.store.channel_health().await? };
    let mut findings = findings(&backlog, &pressure, limits, identity.server_time);
    findings.extend(health.iter().filter_map(outage));
    let state = findings.iter().map(|finding| finding.state).max().unwrap_or(State::Fine);
    let report =
        Report { state, findings, backlog, pressure, at: identity.server_time, environment: identity.environment };
    let text = if arguments.json { output::json(&report)? } else { report.text()? };
    Ok((text, state))
}

fn findings(backlog: &Backlog, pressure: &[KindPressure], limits: &Thresholds, now: DateTime<Utc>) -> Vec<Finding> {
    let breached = pressure.iter().map(|row| row.breached).sum();
    let dead = backlog.dead_letters();
    let oldest = backlog.kinds.iter().filter_map(|row| row.oldest_ready_at).min();
    let waited = oldest.map_or(0, |oldest| (now - oldest).num_seconds().max(0));
    let seconds = |span: Duration| i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
    let judge = |what, value, warning, critical, text| {
        let state = if value >= critical {
            State::Critical
        } else if value >= warning {
            State::Warning
        } else {
            State::Fine
        };
        Finding { what, state, value, warning, critical, text }
    };
    let waited_text = duration::format(Duration::from_secs(waited.unsigned_abs()));
    vec![
        judge(
            "breached",
            breached,
            limits.breached_warning,
            limits.breached_critical,
            format!("{breached} past their deadline"),
        ),
        judge(
            "dead_letters",
            dead,
            limits.dead_letters_warning,
            limits.dead_letters_critical,
            format!("{dead} dead letters"),
        ),
        judge(
            "oldest_ready",
            waited,
            seconds(limits.oldest_ready_warning),
            seconds(limits.oldest_ready_critical),
            oldest.map_or_else(|| "nothing waits".to_owned(), |_| format!("oldest waits {waited_text}")),
        ),
    ]
}

/// A channel that fails more often than it succeeds is suspected to be out.
fn outage(health: &ChannelHealth) -> Option<Finding> {
    let ChannelHealth { channel_kind, succeeded, failed, leading_error } = health;
    let attempts = succeeded + failed;
    (*failed >= FEWEST_FAILURES && failed > succeeded).then(|| Finding {
        what: "outage",
        state: if *succeeded == 0 { State::Critical } else { State::Warning },
        value: *failed,
        warning: FEWEST_FAILURES,
        critical: attempts,
        text: format!(
            "outage? send/{channel_kind}: {failed} of {attempts} failed in 5 minutes, mostly {}",
            leading_error.as_deref().unwrap_or("for unknown reasons")
        ),
    })
}

impl Report {
    fn text(&self) -> Result<String, Failure> {
        let word = match self.state {
            State::Fine => "OK",
            State::Warning => "WARNING",
            State::Critical => "CRITICAL",
        };
        let texts: Vec<&str> = self.findings.iter().map(|finding| finding.text.as_str()).collect();
        let measured = self.findings.iter().filter(|finding| finding.what != "outage").map(|finding| {
            let unit = if finding.what == "oldest_ready" { "s" } else { "" };
            format!("{}={}{unit};{};{};0", finding.what, finding.value, finding.warning, finding.critical)
        });
        let mut text = format!("COUNTERSIGN {word} - {}", output::safe_line(&texts.join(", ")));
        for datum in measured.enumerate().map(|(index, datum)| (if index == 0 { " | " } else { " " }, datum)) {
            write!(text, "{}{}", datum.0, datum.1).map_err(Failure::refused)?;
        }
        text.push('\n');
        write!(text, "{}", self.table()).map_err(Failure::refused)?;
        Ok(text)
    }

    fn table(&self) -> Table {
        let mut table = Table::new(&[
            "kind",
            "ready",
            "scheduled",
            "leased",
            "running",
            "retry",
            "paused",
            "dead",
            "oldest",
            "breached",
            "<15m",
        ]);
        for kind in &self.backlog.kinds {
            let pressure = self.pressure.iter().find(|row| row.job_kind == kind.job_kind);
            let waited = kind.oldest_ready_at.map(|at| output::distance(at, self.at));
            table.row([
                kind.job_kind.short().to_owned(),
                kind.ready.to_string(),
                kind.scheduled.to_string(),
                kind.leased.to_string(),
                kind.running.to_string(),
                kind.retry_waiting.to_string(),
                kind.paused.to_string(),
                kind.dead_letter.to_string(),
                output::or_dash(waited),
                pressure.map_or(0, |row| row.breached).to_string(),
                pressure.map_or(0, |row| row.lt_5m + row.lt_15m).to_string(),
            ]);
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{JobKind, KindBacklog};

    fn state_of(dead_letter: i64, waited_seconds: i64) -> State {
        let now = DateTime::<Utc>::UNIX_EPOCH + chrono::Duration::days(1);
        let row = KindBacklog {
            dead_letter,
            oldest_ready_at: Some(now - chrono::Duration::seconds(waited_seconds)),
            ..KindBacklog::empty(JobKind::Send)
        };
        let found = findings(&Backlog::complete(vec![row]), &[], &Thresholds::default(), now);
        found.iter().map(|finding| finding.state).max().unwrap()
    }

    #[test]
    fn reaching_a_threshold_is_enough_and_the_worst_finding_counts() {
        let cases = [
            (0, 0, State::Fine),
            (0, 3_599, State::Fine),
            (0, 3_600, State::Warning),
            (1, 0, State::Warning),
            (19, 14_399, State::Warning),
            (0, 14_400, State::Critical),
            (20, 0, State::Critical),
        ];
        for (dead, waited, expected) in cases {
            assert_eq!(state_of(dead, waited), expected, "{dead} dead, {waited} s");
        }
    }

    #[test]
    fn a_channel_is_suspected_only_when_failures_outweigh() {
        let health = |succeeded, failed| ChannelHealth {
            channel_kind: "sms".to_owned(),
            succeeded,
            failed,
            leading_error: Some("provider_unreachable".to_owned()),
        };
        let cases = [
            (health(0, 2), None),
            (health(3, 3), None),
            (health(1, 3), Some(State::Warning)),
            (health(0, 3), Some(State::Critical)),
        ];
        for (health, expected) in cases {
            assert_eq!(outage(&health).map(|finding| finding.state), expected, "{health:?}");
        }
    }
}
