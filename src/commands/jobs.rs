//! `countersign jobs`: which jobs there are.

use super::Failure;
use super::output::{self, Table};
use crate::cli;
use crate::domain::Job;
use crate::domain::filter::Filter;
use crate::session::Session;

pub async fn run(session: &Session, arguments: &cli::Filter) -> Result<String, Failure> {
    let filter: Filter = arguments.filters.join(" ").parse().map_err(Failure::usage)?;
    let jobs = session.store.jobs(&filter, None, arguments.limit).await?;
    if arguments.json {
        return output::json(&jobs);
    }
    if jobs.is_empty() {
        return Ok("no such jobs\n".to_owned());
    }
    let now = session.identity.server_time;
    let mut table =
        Table::new(&["job", "kind", "status", "channel", "lang", "intent", "due", "holder", "error", "agency"]);
    for job in jobs {
        table.row([
            job.job_id.to_string(),
            job.job_kind.short().to_owned(),
            job.status.to_string(),
            job.channel_kind,
            output::or_dash(job.codes.language),
            output::or_dash(job.codes.intent_code),
            output::or_dash(job.deadline_at.map(|at| output::distance(at, now))),
            output::or_dash(job.lease_owner),
            output::or_dash(job.last_error_code),
            job.agency,
        ]);
    }
    Ok(table.to_string())
}

/// A job in one line, as the tree of `show` lists it.
pub fn line(job: &Job) -> String {
    let outcome = job.outcome_code.as_deref().map(|code| format!(" ({code})")).unwrap_or_default();
    format!("{} {} {}{outcome}", job.job_id, job.job_kind.short(), job.status)
}
