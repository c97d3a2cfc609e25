//! `countersign handover`: what the next shift has to know.

use std::fmt::Write as _;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Failure;
use super::output::{self, Table};
use crate::cli;
use crate::domain::handover::{Matter, Topic};
use crate::domain::{TeamHour, duration};
use crate::session::Session;
use crate::store::figures::ReviewerFigures;

/// Everything that is printed, as JSON has it.
#[derive(Debug, Serialize)]
struct Report {
    /// From when on it tells.
    since: DateTime<Utc>,
    /// The database's clock.
    at: DateTime<Utc>,
    matters: Vec<Matter>,
    /// Decisions by team and hour.
    teams: Vec<TeamHour>,
    /// Decisions by person, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    people: Option<Vec<ReviewerFigures>>,
}

pub async fn run(session: &Session, arguments: &cli::Handover) -> Result<String, Failure> {
    let at = session.identity.server_time;
    let hours = i32::try_from(arguments.since.as_secs().div_ceil(3_600)).unwrap_or(i32::MAX).max(1);
    let people = if arguments.people { Some(people(session, hours).await?) } else { None };
    let report = Report {
        since: at - chrono::Duration::from_std(arguments.since).map_err(Failure::usage)?,
        at,
        matters: session.store.handover(arguments.since).await?,
        teams: session.store.team_figures(hours).await?,
        people,
    };
    if arguments.json { output::json(&report) } else { report.text(arguments.since).map_err(Failure::refused) }
}

async fn people(session: &Session, hours: i32) -> Result<Vec<ReviewerFigures>, Failure> {
    let answer = session.store.reviewer_figures(hours).await?;
    match answer.outcome.outcome.as_str() {
        "ok" => Ok(answer.people),
        "switched_off" => Err(Failure::refused(
            "figures about persons are switched off here; the workflow_admin may set queue.customer.reviewer_statistics",
        )),
        _ => Err(Failure::refused("figures about persons are for a team_lead, an operator or a workflow_admin")),
    }
}

impl Report {
    fn text(&self, since: Duration) -> Result<String, std::fmt::Error> {
        let mut text = format!("the last {}, at {}\n", duration::format(since), output::time(self.at));
        for topic in Topic::ALL {
            let matters: Vec<&Matter> = self.matters.iter().filter(|matter| matter.what == topic).collect();
            writeln!(text, "\n{}: {}", topic.title(), matters.len())?;
            if !matters.is_empty() {
                write!(text, "{}", self.table(topic, &matters))?;
            }
        }
        if !self.teams.is_empty() {
            write!(text, "\nDecisions by team and hour\n{}", self.team_table())?;
        }
        if let Some(people) = &self.people {
            write!(text, "\nDecisions by person\n{}", people_table(people))?;
        }
        Ok(text)
    }

    fn table(&self, topic: Topic, matters: &[&Matter]) -> Table {
        let is_hold = topic == Topic::Hold;
        let mut table =
            Table::new(&["", if is_hold { "waiting" } else { "job" }, "kind", "channel", "by", "when", "why", "due"]);
        for matter in matters {
            let first = if is_hold { output::or_dash(matter.jobs) } else { output::or_dash(matter.job_id) };
            table.row([
                String::new(),
                first,
                output::or_dash(matter.job_kind.map(|kind| kind.short())),
                output::or_dash(matter.channel_kind.clone()),
                matter.login.clone(),
                output::distance(matter.at, self.at),
                output::or_dash(matter.code.clone()),
                output::or_dash(matter.deadline_at.map(|due| output::distance(due, self.at))),
            ]);
        }
        table
    }

    fn team_table(&self) -> Table {
        let mut table = Table::new(&["", "hour", "team", "approved", "rejected", "escalated", "median"]);
        for team in &self.teams {
            table.row([
                String::new(),
                output::time(team.hour),
                team.role.clone(),
                team.approved.to_string(),
                team.rejected.to_string(),
                team.escalated.to_string(),
                median(team.median_seconds),
            ]);
        }
        table
    }
}

fn people_table(people: &[ReviewerFigures]) -> Table {
    let mut table = Table::new(&["", "login", "decisions", "median"]);
    for person in people {
        table.row([String::new(), person.login.clone(), person.decisions.to_string(), median(person.median_seconds)]);
    }
    table
}

fn median(seconds: Option<f64>) -> String {
    output::or_dash(seconds.map(|seconds| duration::format(Duration::from_secs_f64(seconds.max(0.0)))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{JobId, JobKind};

    #[test]
    fn every_topic_is_told_also_when_there_is_nothing() {
        let at = DateTime::<Utc>::UNIX_EPOCH + chrono::Duration::days(1);
        let skipped = Matter {
            what: Topic::Skipped,
            job_id: Some(JobId(1042)),
            job_kind: Some(JobKind::Approve),
            agency: Some("acme".to_owned()),
            channel_kind: Some("email".to_owned()),
            login: "ada".to_owned(),
            at: at - chrono::Duration::minutes(50),
            code: Some("too_long".to_owned()),
            deadline_at: Some(at + chrono::Duration::hours(3)),
            jobs: None,
        };
        let report = Report { since: at, at, matters: vec![skipped], teams: Vec::new(), people: None };
        let text = report.text(Duration::from_secs(28_800)).unwrap();
        assert!(text.starts_with("the last 8h, at 1970-01-02 00:00:00Z\n"), "{text}");
        for topic in Topic::ALL {
            let count = if topic == Topic::Skipped { 1 } else { 0 };
            assert!(text.contains(&format!("\n{}: {count}\n", topic.title())), "{text}");
        }
        assert!(text.contains("#1042") && text.contains("too_long") && text.contains("in 3 h"), "{text}");
        assert!(text.lines().all(|line| line.len() <= 100), "{text}");
    }
}
