//! `countersign jobs`: which jobs there are.

use super::Failure;
use super::output::{self, Table};
use crate::cli;
use crate::domain::Job;
use crate::domain::filter::Filter;
use crate::session::Session;

pub async fn run(session: &Session, arguments: &cli::Filter) -> Result<String, Failure> {
    let filter = understood(&arguments.filters.join(" "))?;
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

/// Reads a filter word by word first, so that the one that is not understood is named by its key; its value may be a
/// customer's.
fn understood(text: &str) -> Result<Filter, Failure> {
    for term in text.split_whitespace() {
        let key = term.split_once(':').map(|(key, _)| format!("{}: ", output::safe_line(key))).unwrap_or_default();
        term.parse::<Filter>()
            .map_err(|error| Failure::usage(format!("{key}{error}; `countersign jobs --help` lists the filters")))?;
    }
    text.parse().map_err(Failure::usage)
}

/// A job in one line, as the tree of `show` lists it.
pub fn line(job: &Job) -> String {
    let outcome = job.outcome_code.as_deref().map(|code| format!(" ({code})")).unwrap_or_default();
    format!("{} {} {}{outcome}", job.job_id, job.job_kind.short(), job.status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_that_is_not_understood_is_named_without_its_value() {
        let said = |text: &str| understood(text).unwrap_err().to_string();
        for (text, beginning) in
            [("mine kind:foo", "kind: "), ("conf:5", "conf: "), ("secret@example.com", "not a known")]
        {
            let said = said(text);
            assert!(said.starts_with(beginning) && said.contains("--help"), "{said}");
            assert!(!said.contains("foo") && !said.contains("secret"), "{said}");
        }
        assert_eq!(understood("mine kind:send").unwrap(), "mine kind:send".parse().unwrap());
    }
}
