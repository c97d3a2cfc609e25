//! `countersign show`: one job with its history, its tree and what blocks it.

use std::fmt::Write as _;

use serde::Serialize;

use super::output::{self, Table};
use super::{Failure, jobs};
use crate::cli;
use crate::domain::{Activity, Job};
use crate::session::Session;

/// Everything that is printed, as JSON has it.
#[derive(Serialize)]
struct Shown {
    job: Job,
    /// Codes of what keeps it from going on; empty when nothing does.
    blocked_by: Vec<String>,
    history: Vec<Activity>,
    /// What it came from and what came of it, itself included.
    tree: Vec<Job>,
}

pub async fn run(session: &Session, arguments: &cli::Show) -> Result<String, Failure> {
    let store = &session.store;
    let job_id = arguments.job;
    let job = store.job(job_id).await?.ok_or_else(|| Failure::refused(format!("{job_id}: no such job here")))?;
    let shown = Shown {
        job,
        blocked_by: store.why_blocked(job_id).await?,
        history: store.history(job_id).await?,
        tree: store.tree(job_id).await?,
    };
    if arguments.json { output::json(&shown) } else { shown.text().map_err(Failure::refused) }
}

impl Shown {
    fn text(&self) -> Result<String, std::fmt::Error> {
        let Shown { job, blocked_by, history, tree } = self;
        let mut text = String::new();
        for (name, value) in fields(job) {
            writeln!(text, "{name:<13}  {}", output::safe_line(&value))?;
        }
        let blocked = if blocked_by.is_empty() { "nothing".to_owned() } else { blocked_by.join(", ") };
        writeln!(text, "{:<13}  {}", "blocked by", output::safe_line(&blocked))?;

        let mut table = Table::new(&["at", "who", "call", "outcome", "from", "to", "code"]);
        for act in history.iter().cloned() {
            table.row([
                output::time(act.at),
                act.login,
                act.call,
                act.outcome,
                output::or_dash(act.from_status),
                output::or_dash(act.to_status),
                output::or_dash(act.code),
            ]);
        }
        if !table.is_empty() {
            write!(text, "\nHistory\n{table}")?;
        }
        if tree.len() > 1 {
            writeln!(text, "\nTree")?;
            for member in tree {
                let depth = depth(member, tree);
                let mark = if member.job_id == job.job_id { "  <" } else { "" };
                writeln!(text, "{}{}{mark}", "  ".repeat(depth), output::safe_line(&jobs::line(member)))?;
            }
        }
        Ok(text)
    }
}

fn fields(job: &Job) -> Vec<(&'static str, String)> {
    let attempts = match job.max_attempts {
        Some(most) => format!("{} of {most}", job.attempt),
        None => "-".to_owned(),
    };
    let codes = [
        job.codes.language.clone(),
        job.codes.intent_code.clone(),
        job.codes.confidence.map(|confidence| format!("confidence {confidence}")),
        job.codes.routing_hint.clone(),
        job.codes.retry_reason_code.clone(),
    ];
    let codes: Vec<String> = codes.into_iter().flatten().collect();
    vec![
        ("job", job.job_id.to_string()),
        ("kind", job.job_kind.to_string()),
        ("status", job.status.to_string()),
        ("outcome", output::or_dash(job.outcome_code.clone())),
        ("error", output::or_dash(job.last_error_code.clone())),
        ("agency", job.agency.clone()),
        ("channel", job.channel_kind.clone()),
        ("waits for", output::or_dash(job.target_ref.clone())),
        ("codes", codes.join(", ")),
        ("priority", job.priority.to_string()),
        ("conversation", job.correlation_id.to_string()),
        ("payload", job.payload_ref.to_string()),
        ("parent", output::or_dash(job.parent_job_id)),
        ("attempts", attempts),
        ("created", output::time(job.created_at)),
        ("not before", output::time(job.process_after)),
        ("deadline", output::optional_time(job.deadline_at)),
        ("holder", output::or_dash(job.lease_owner.clone())),
        ("lease until", output::optional_time(job.lease_expires_at)),
        ("started", output::optional_time(job.started_at)),
        ("finished", output::optional_time(job.finished_at)),
    ]
}

/// How many ancestors a job has within the tree.
fn depth(job: &Job, tree: &[Job]) -> usize {
    let mut parent = job.parent_job_id;
    let mut depth = 0;
    // Bounded by the tree's size, so that no chain of parents can go in circles.
    while let Some(found) = tree.iter().find(|member| Some(member.job_id) == parent)
        && depth < tree.len()
    {
        depth += 1;
        parent = found.parent_job_id;
    }
    depth
}
