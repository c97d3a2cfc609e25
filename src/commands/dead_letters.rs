//! `countersign dead-letters`: jobs that nobody tries again by themselves.

use uuid::Uuid;

use super::Failure;
use super::output::{self, Table};
use super::review::applied;
use crate::cli::DeadLetterAction;
use crate::session::Session;
use crate::store::dead_letters::Cell;

/// More than anybody reads in one list.
const MOST: i64 = 1_000;

pub async fn run(session: &Session, action: &DeadLetterAction) -> Result<String, Failure> {
    let store = &session.store;
    let command_id = Uuid::now_v7();
    match action {
        DeadLetterAction::List { json } => list(session, *json).await,
        DeadLetterAction::Retry { job, may_have_left } => {
            applied(store.retry_dead_letter(*job, *may_have_left, command_id).await?)?;
            Ok(format!("{job} is queued again\n"))
        }
        DeadLetterAction::Discard { job, reason } => {
            applied(store.discard_dead_letter(*job, reason, command_id).await?)?;
            Ok(format!("{job} discarded\n"))
        }
        DeadLetterAction::ConfirmSent { job, provider_ref } => {
            applied(store.confirm_sent(*job, provider_ref, command_id).await?)?;
            Ok(format!("{job} confirmed as sent\n"))
        }
    }
}

async fn list(session: &Session, json: bool) -> Result<String, Failure> {
    let letters = session.store.dead_letters(&Cell::default(), MOST).await?;
    if json {
        return output::json(&letters);
    }
    if letters.is_empty() {
        return Ok("no dead letters\n".to_owned());
    }
    let now = session.identity.server_time;
    let mut table = Table::new(&["job", "kind", "channel", "error", "attempts", "retried", "died", "note", "agency"]);
    for letter in letters {
        let note = if letter.may_have_left() { "may have left" } else { "-" };
        table.row([
            letter.job_id.to_string(),
            letter.job_kind.short().to_owned(),
            letter.channel_kind,
            letter.error_code,
            letter.attempt.to_string(),
            letter.retried_by_people.to_string(),
            output::distance(letter.finished_at, now),
            note.to_owned(),
            letter.agency,
        ]);
    }
    Ok(table.to_string())
}
