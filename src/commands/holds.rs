//! `countersign hold`, `holds`, `resume`: standing orders that stop what they cover from being claimed.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::time::Duration;

use uuid::Uuid;

use super::Failure;
use super::interrupt::Interrupt;
use super::output::{self, Table};
use super::review::applied;
use crate::cli::{Hold, Resume};
use crate::domain::{JobKind, Outcome, ResumeForecast, Scope, Trial, duration};
use crate::session::Session;
use crate::store::resuming::{Ended, Progress, Resuming};

pub async fn place(session: &Session, arguments: &Hold) -> Result<String, Failure> {
    let scope = scope(arguments)?;
    let ticket = arguments.ticket.as_deref();
    let forecast = session.store.hold_forecast(&scope).await?;
    let placed = session.store.place_hold(&scope, &arguments.reason, ticket, Uuid::now_v7()).await;
    let placed = placed.map_err(|error| {
        Failure::malformed(error, || {
            "a hold names at least one of --kind, --channel (`countersign vocabulary list channel`) and --agency, each \
             registered, the first two also as in send/sms, and a --ticket such as INC-2291"
                .to_owned()
        })
    })?;
    applied(placed.outcome)?;
    let paused = if placed.more { placed.paused + session.store.catch_up().await?.paused } else { placed.paused };
    let number = output::or_dash(placed.hold_id);
    Ok(format!(
        "hold {number} over {} stands, {} jobs paused; `countersign resume {number}` ends it\n\
         {} under way are not stopped; what waits over {}, or whose customer writes again, comes back to Review\n",
        scope.as_words(),
        paused,
        forecast.under_way,
        duration::format(Duration::from_secs(forecast.max_approval_age.unsigned_abs()))
    ))
}

/// `send/sms`, `send`, `any/sms`, or the flags.
fn scope(arguments: &Hold) -> Result<Scope, Failure> {
    let (kind, channel) = match &arguments.what {
        None => (arguments.kind.clone(), arguments.channel.clone()),
        Some(what) => match what.split_once('/') {
            None => (Some(what.clone()), None),
            Some((kind, channel)) => (Some(kind.to_owned()), Some(channel.to_owned())),
        },
    };
    let any = |word: &String| word == "any";
    let kind = kind.filter(|kind| !any(kind)).as_deref().map(str::parse::<JobKind>).transpose();
    Ok(Scope {
        job_kind: kind.map_err(Failure::usage)?,
        channel_kind: channel.filter(|channel| !any(channel)),
        agency: arguments.agency.clone(),
    })
}

pub async fn list(session: &Session, json: bool) -> Result<String, Failure> {
    let holds = session.store.holds().await?;
    if json {
        return output::json(&holds);
    }
    if holds.is_empty() {
        return Ok("no holds\n".to_owned());
    }
    let any = |value: Option<String>| value.unwrap_or_else(|| "any".to_owned());
    let now = session.identity.server_time;
    let mut table = Table::new(&["hold", "kind", "channel", "agency", "reason", "ticket", "by", "placed", "paused"]);
    for hold in holds {
        table.row([
            hold.hold_id.to_string(),
            any(hold.job_kind.map(|kind| kind.short().to_owned())),
            any(hold.channel_kind),
            any(hold.agency),
            hold.reason,
            output::or_dash(hold.ticket),
            hold.placed_by,
            output::distance(hold.placed_at, now),
            hold.paused.to_string(),
        ]);
    }
    Ok(table.to_string())
}

/// Says what will go, lets a few sends go first, and then the rest. What happens meanwhile is told on stderr.
pub async fn resume(session: &Session, arguments: &Resume) -> Result<String, Failure> {
    let Resume { hold, per_minute, .. } = *arguments;
    let store = &session.store;
    let forecast = store.resume_forecast(hold, per_minute).await?;
    let told = told(hold, per_minute, &forecast);
    if arguments.forecast {
        return Ok(told);
    }
    let mut interrupt = Interrupt::listen().map_err(Failure::refused)?;
    tell(&told);
    let first = if forecast.sends > 0 { arguments.first } else { 0 };
    let how = Resuming { hold_id: hold, per_minute, first, patience: arguments.wait };
    let mut last = String::new();
    let progress = |progress| {
        let line = match progress {
            Progress::Trying(trial) => format!("tried first: {}\n", trial_words(&trial)),
            Progress::Releasing { left } => format!("{left} to go\n"),
        };
        if line != last {
            tell(&line);
            last = line;
        }
        ControlFlow::Continue(())
    };
    let ended = tokio::select! {
        ended = store.resume_with_care(how, progress) => ended?,
        () = interrupt.heard() => {
            return Err(Failure::refused(match store.stop_trial(hold).await? {
                Some(trial) => format!("stopped: the hold stands; of those tried first {}", trial_words(&trial)),
                None => "stopped here; every sweep goes on with the rest".to_owned(),
            }));
        }
    };
    match ended {
        Ended::Resumed => Ok(format!("hold {hold} ended, {} jobs go on\n", forecast.go())),
        Ended::Failed(trial) | Ended::Cancelled(trial) => {
            Err(Failure::refused(format!("the hold stands: of those tried first {}", trial_words(&trial))))
        }
        Ended::Waiting(trial) => Err(Failure::refused(format!(
            "the hold stands: those tried first did not end in time ({}); does a program work on them?",
            trial_words(&trial)
        ))),
        Ended::Refused(outcome) => Err(refused(hold, outcome)),
    }
}

fn refused(hold: i64, outcome: Outcome) -> Failure {
    match outcome.outcome.as_str() {
        "not_found" => {
            Failure::refused(format!("there is no hold {hold} here; `countersign holds` lists those that stand"))
        }
        "already_decided" => {
            let by = output::safe_line(outcome.by.as_deref().unwrap_or("someone else"));
            Failure::refused(format!("hold {hold} was ended already, by {by}"))
        }
        _ => applied(outcome).err().unwrap_or_else(|| Failure::refused("refused")),
    }
}

/// How many go, at what pace, and how many come back to Review.
fn told(hold: i64, per_minute: Option<i32>, forecast: &ResumeForecast) -> String {
    let pace = match per_minute {
        None => "all at once".to_owned(),
        Some(pace) => {
            let lasts = forecast.lasts(per_minute).to_std().unwrap_or_default();
            format!("{pace} a minute, the last one in {}", duration::format(lasts))
        }
    };
    let ResumeForecast { moved, expired, kept, .. } = forecast;
    let kept = if *kept > 0 { format!("; {kept} stay, another hold covers them") } else { String::new() };
    format!(
        "hold {hold}: {} go, {pace}; {} come back to Review ({moved} wrote again, {expired} approvals too old){kept}\n",
        forecast.go(),
        forecast.back_to_review()
    )
}

fn trial_words(trial: &Trial) -> String {
    let Trial { done, failed, back_to_review, under_way } = trial;
    format!("{done} left, {failed} failed, {back_to_review} back to Review, {under_way} under way")
}

/// A reader that went away wants no more of it.
fn tell(line: &str) {
    let _ = write!(io::stderr(), "{line}");
}
