//! `countersign dead-letters`: jobs that nobody tries again by themselves.

mod departures;

use uuid::Uuid;

use super::Failure;
use super::output::{self, Table};
use crate::cli::{DeadLetterAction, FrozenSet};
use crate::domain::{JobId, Outcome};
use crate::session::Session;
use crate::store;
use crate::store::dead_letters::{Cell, Retry};

/// More than anybody reads in one list.
const MOST: i64 = 1_000;

pub async fn run(session: &Session, action: &DeadLetterAction) -> Result<String, Failure> {
    let store = &session.store;
    match action {
        DeadLetterAction::List { json } => list(session, *json).await,
        DeadLetterAction::Retry { jobs: FrozenSet { jobs, count }, may_have_left, reason, per_minute } => {
            let turn = |place: i32| per_minute.map_or(0, |pace| place.saturating_mul(60) / pace);
            let set = (0..).zip(jobs).map(|(place, job)| (*job, turn(place))).collect();
            let act = async |job, after_seconds| {
                let how = Retry { may_have_left: *may_have_left, reason: reason.clone(), after_seconds };
                store.retry_dead_letter_again(job, &how, Uuid::now_v7()).await
            };
            each(set, *count, "is queued again", act).await
        }
        DeadLetterAction::Discard { jobs: FrozenSet { jobs, count }, reason } => {
            let set = jobs.iter().map(|job| (*job, ())).collect();
            let act = async |job, ()| store.discard_dead_letter(job, reason, Uuid::now_v7()).await;
            each(set, *count, "discarded", act).await
        }
        DeadLetterAction::ConfirmSent { sent, file, provider_ref, count } => {
            let set = match (provider_ref, &sent[..]) {
                (None, _) => departures::read(sent, file.as_deref())?,
                (Some(provider_ref), [job]) => vec![(departures::job(job)?, provider_ref.clone())],
                (Some(_), _) => return Err(Failure::usage("--provider-ref is for one job; of more, each as JOB=ID")),
            };
            let act = async |job, provider_ref: String| store.confirm_sent(job, &provider_ref, Uuid::now_v7()).await;
            each(set, *count, "confirmed as sent", act).await
        }
    }
}

/// From more jobs than this on, their number has to be said.
const MANY: usize = 50;

/// Does it with each, one after the other, and says row by row what came of it. What is refused stops nothing.
async fn each<A>(
    set: Vec<(JobId, A)>,
    count: Option<usize>,
    done: &str,
    act: impl AsyncFn(JobId, A) -> store::Result<Outcome>,
) -> Result<String, Failure> {
    let many = set.len();
    if count.is_some_and(|count| count != many) || (many > MANY && count.is_none()) {
        return Err(Failure::usage(format!("these are {many} jobs; say --count {many} to act on them")));
    }
    let (mut rows, mut refused) = (String::new(), 0);
    for (job, how) in set {
        let outcome = act(job, how).await?;
        if outcome.is_applied() {
            rows.push_str(&format!("{job} {done}\n"));
        } else if many == 1 {
            return Err(Failure::refused(output::safe_line(&outcome.to_string())));
        } else {
            refused += 1;
            rows.push_str(&format!("{job} refused: {}\n", output::safe_line(&outcome.to_string())));
        }
    }
    if refused > 0 {
        output::print(&rows)?;
        return Err(Failure::refused(format!("{refused} of {many} were refused")));
    }
    Ok(rows)
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
