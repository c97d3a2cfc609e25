//! `countersign hold`, `holds`, `resume`: standing orders that stop what they cover from being claimed.

use uuid::Uuid;

use super::Failure;
use super::output::{self, Table};
use super::review::applied;
use crate::cli::{Hold, Resume};
use crate::domain::{JobKind, Scope};
use crate::session::Session;

pub async fn place(session: &Session, arguments: &Hold) -> Result<String, Failure> {
    let kind = arguments.kind.as_deref().map(str::parse::<JobKind>).transpose().map_err(Failure::usage)?;
    let scope = Scope { job_kind: kind, channel_kind: arguments.channel.clone(), agency: arguments.agency.clone() };
    let ticket = arguments.ticket.as_deref();
    let placed = session.store.place_hold(&scope, &arguments.reason, ticket, Uuid::now_v7()).await;
    let placed = placed.map_err(|error| {
        Failure::malformed(error, || {
            "a hold names at least one of --kind, --channel (`countersign vocabulary list channel`) and --agency, each \
             registered, and a --ticket such as INC-2291"
                .to_owned()
        })
    })?;
    applied(placed.outcome)?;
    let number = output::or_dash(placed.hold_id);
    Ok(format!("hold {number} stands, {} jobs paused; `countersign resume {number}` ends it\n", placed.paused))
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

pub async fn resume(session: &Session, arguments: &Resume) -> Result<String, Failure> {
    let hold = arguments.hold;
    let resumed = session.store.resume_hold(hold, arguments.per_minute, Uuid::now_v7()).await?;
    match resumed.outcome.outcome.as_str() {
        "not_found" => {
            Err(Failure::refused(format!("there is no hold {hold} here; `countersign holds` lists those that stand")))
        }
        "already_decided" => {
            let by = output::safe_line(resumed.outcome.by.as_deref().unwrap_or("someone else"));
            Err(Failure::refused(format!("hold {hold} was ended already, by {by}")))
        }
        _ => {
            applied(resumed.outcome)?;
            Ok(format!("hold {hold} ended, {} jobs go on\n", resumed.resumed))
        }
    }
}
