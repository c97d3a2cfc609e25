//! `countersign retention`: how long what is kept, and the deleting of what was kept long enough.

use std::time::Duration;

use indicatif::ProgressBar;
use serde_json::Value;
use uuid::Uuid;

use super::Failure;
use super::output::{self, Table};
use super::review::applied;
use crate::cli::{Period, RetentionAction};
use crate::domain::duration;
use crate::session::Session;
use crate::store::registry::Setting;
use crate::store::retention::Batch;

const PARTS: [&str; 4] = ["jobs", "messages", "audit", "outbox"];

/// Rows of each part in one transaction: short enough that no claim notices.
const BATCH: u32 = 1_000;

pub async fn run(session: &Session, action: &RetentionAction) -> Result<String, Failure> {
    match action {
        RetentionAction::Show { json } => show(&session.store.settings().await?, *json),
        RetentionAction::Set { periods } => set(session, periods).await,
        RetentionAction::Sweep { limit, json } => {
            let swept = sweep(session, *limit).await?;
            if *json { output::json(&swept) } else { Ok(line(&swept)) }
        }
    }
}

fn show(settings: &[Setting], json: bool) -> Result<String, Failure> {
    let periods: Vec<(&str, Option<u64>)> = PARTS.map(|part| (part, seconds(settings, part))).into();
    if json {
        let fields = periods.iter().map(|(part, period)| ((*part).to_owned(), Value::from(*period)));
        return output::json(&fields.collect::<serde_json::Map<_, _>>());
    }
    let mut table = Table::new(&["part", "kept for"]);
    for (part, period) in periods {
        let kept = period.map_or_else(|| "ever".to_owned(), |period| duration::format(Duration::from_secs(period)));
        table.row([part.to_owned(), kept]);
    }
    Ok(table.to_string())
}

fn seconds(settings: &[Setting], part: &str) -> Option<u64> {
    let key = format!("queue.retention.{part}");
    settings.iter().find(|row| row.key == key && row.agency.is_none())?.value.as_ref()?.as_u64()
}

async fn set(session: &Session, periods: &[Period]) -> Result<String, Failure> {
    for Period { part, kept_for } in periods {
        let value = kept_for.map_or(Value::Null, |period| Value::from(period.as_secs()));
        let key = format!("queue.retention.{}", part.name());
        applied(session.store.set_config(&key, &value, None, Uuid::now_v7()).await?)?;
    }
    show(&session.store.settings().await?, false)
}

/// Batch after batch until nothing is left or the limit is reached; what was deleted in all.
async fn sweep(session: &Session, limit: Option<u32>) -> Result<Batch, Failure> {
    // Drawn on a terminal only, and on stderr.
    let progress = ProgressBar::new_spinner();
    progress.enable_steady_tick(Duration::from_millis(120));
    let mut left = limit;
    let mut sum: Option<Batch> = None;
    loop {
        let at_most = left.map_or(BATCH, |left| left.min(BATCH));
        let size = i32::try_from(at_most).expect("a batch is small");
        let batch = session.store.retention_sweep(size, Uuid::now_v7()).await?;
        if batch.outcome.outcome != "swept" {
            return Err(Failure::refused(match batch.outcome.outcome.as_str() {
                "no_period" => {
                    "nothing is deleted before somebody says how long it is kept: countersign retention set jobs=180d"
                        .to_owned()
                }
                _ => batch.outcome.to_string(),
            }));
        }
        let total = match sum.take() {
            None => batch,
            Some(earlier) => Batch {
                jobs: earlier.jobs + batch.jobs,
                messages: earlier.messages + batch.messages,
                audit: earlier.audit + batch.audit,
                outbox: earlier.outbox + batch.outbox,
                ..batch
            },
        };
        progress.set_message(line(&total).trim_end().to_owned());
        left = left.map(|left| left - at_most);
        if !total.more || left == Some(0) {
            progress.finish_and_clear();
            return Ok(total);
        }
        sum = Some(total);
    }
}

fn line(batch: &Batch) -> String {
    let Batch { jobs, messages, audit, outbox, more, .. } = batch;
    let rest = if *more { "; there is more" } else { "" };
    format!("deleted {jobs} jobs, {messages} messages, {audit} audit rows, {outbox} events{rest}\n")
}
