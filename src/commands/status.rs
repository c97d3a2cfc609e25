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
use crate::domain::forecast::{WINDOW, words};
use crate::domain::{Alerts, Backlog, ChannelHealth, JobKind, KindPressure, Rates, Situation, Unattended, duration};
use crate::session::Session;
use crate::store::overview::Overview;

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
    /// `breached`, `dead_letters`, `oldest_ready`, `outage`, or `unattended`.
    what: &'static str,
    state: State,
    /// A count; seconds for `oldest_ready`; failures for `outage`; ready jobs for `unattended`.
    value: i64,
    warning: i64,
    critical: i64,
    text: String,
}

/// One kind's rates, with their window.
#[derive(Debug, Serialize)]
struct KindRates {
    job_kind: JobKind,
    #[serde(flatten)]
    rates: Rates,
    came_per_minute: f64,
    gone_per_minute: f64,
    decided_per_minute: f64,
}

impl KindRates {
    fn of(situation: &Situation, job_kind: JobKind) -> KindRates {
        let rates = situation.history.rates(job_kind, WINDOW);
        KindRates {
            job_kind,
            came_per_minute: rates.came_per_minute(),
            gone_per_minute: rates.gone_per_minute(),
            decided_per_minute: rates.decided_per_minute(),
            rates,
        }
    }
}

/// Everything that is printed, as JSON has it.
#[derive(Debug, Serialize)]
struct Report {
    state: State,
    findings: Vec<Finding>,
    backlog: Backlog,
    pressure: Vec<KindPressure>,
    /// How each channel does, which holds stand, which kinds nobody works on.
    #[serde(flatten)]
    alerts: Alerts,
    /// What was measured of each kind over the last minutes.
    rates: Vec<KindRates>,
    /// What follows from it, for kinds with work; the flow of the last half hour; who takes no more; who breaches next.
    #[serde(flatten)]
    situation: Situation,
    /// The database's clock.
    at: DateTime<Utc>,
    environment: String,
}

/// The text to print and how bad it is.
pub async fn run(session: &Session, arguments: &cli::Status, limits: &Thresholds) -> Result<(String, State), Failure> {
    let identity = session.store.whoami().await?;
    let Overview { backlog, pressure, alerts, situation, .. } = session.store.overview().await?;
    let mut findings = findings(&backlog, &pressure, limits, identity.server_time);
    findings.extend(alerts.outages().into_iter().map(outage));
    findings.extend(alerts.unattended.iter().map(unattended));
    let state = findings.iter().map(|finding| finding.state).max().unwrap_or(State::Fine);
    let rates = JobKind::ALL.into_iter().map(|kind| KindRates::of(&situation, kind)).collect();
    let (at, environment) = (identity.server_time, identity.environment);
    let report = Report { state, findings, backlog, pressure, alerts, rates, situation, at, environment };
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

/// A channel that is suspected to be out: critical where nothing gets through any more.
fn outage(channel: &ChannelHealth) -> Finding {
    let code = channel.leading_error.as_deref().unwrap_or("for unknown reasons");
    Finding {
        what: "outage",
        state: if channel.done == 0 { State::Critical } else { State::Warning },
        value: channel.failed,
        warning: (channel.rule.least_share * channel.tried() as f64).ceil() as i64,
        critical: channel.tried(),
        text: format!(
            "outage? {} of {}: {}, mostly {code} (named at {})",
            channel.name(),
            channel.agency,
            channel.numbers(),
            channel.rule.as_words()
        ),
    }
}

/// Ready work that nobody takes.
fn unattended(kind: &Unattended) -> Finding {
    let Unattended { agency, job_kind, ready, after_seconds, .. } = kind;
    let after = duration::format(Duration::from_secs(after_seconds.unsigned_abs().into()));
    Finding {
        what: "unattended",
        state: State::Warning,
        value: *ready,
        warning: 1,
        critical: i64::MAX,
        text: format!("nobody works on {} of {agency}: {ready} ready, none taken for {after}", job_kind.short()),
    }
}

impl Report {
    fn text(&self) -> Result<String, Failure> {
        let word = match self.state {
            State::Fine => "OK",
            State::Warning => "WARNING",
            State::Critical => "CRITICAL",
        };
        let texts: Vec<&str> = self.findings.iter().map(|finding| finding.text.as_str()).collect();
        let measured =
            self.findings.iter().filter(|finding| !matches!(finding.what, "outage" | "unattended")).map(|finding| {
                let unit = if finding.what == "oldest_ready" { "s" } else { "" };
                format!("{}={}{unit};{};{};0", finding.what, finding.value, finding.warning, finding.critical)
            });
        let mut text = format!("COUNTERSIGN {word} - {}", output::safe_line(&texts.join(", ")));
        for datum in measured.enumerate().map(|(index, datum)| (if index == 0 { " | " } else { " " }, datum)) {
            write!(text, "{}{}", datum.0, datum.1).map_err(Failure::refused)?;
        }
        text.push('\n');
        write!(text, "{}", self.table()).map_err(Failure::refused)?;
        for line in self.what_comes_next() {
            writeln!(text, "{}", output::safe_line(&line)).map_err(Failure::refused)?;
        }
        Ok(text)
    }

    /// A line for each kind of which something can be said, and for each tier that is full.
    fn what_comes_next(&self) -> Vec<String> {
        let kinds = self
            .situation
            .forecasts
            .iter()
            .map(|kind| format!("{:<9} {}", kind.job_kind.short(), words::sentences(kind, self.at).join(". ")));
        let full = self.situation.full_tiers.iter();
        kinds.chain(full.map(|tier| format!("{:<9} {}", tier.agency, words::full_tier(tier)))).collect()
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
    use crate::domain::KindBacklog;

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
    fn an_outage_is_critical_only_when_nothing_gets_through() {
        let channel = |done, failed| ChannelHealth { done, failed, ..crate::domain::channel::sms() };
        assert_eq!(outage(&channel(1, 11)).state, State::Warning);
        assert_eq!(outage(&channel(0, 12)).state, State::Critical);
        assert_eq!(
            outage(&channel(1, 11)).text,
            "outage? send/sms of acme: 11 of 12 failed in 5 m, mostly provider_unreachable (named at 50% of at least 10 in 5 m)"
        );
    }
}
