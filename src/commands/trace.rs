//! `countersign trace`: everything about one conversation, customer, draft or provider's id, in order.

mod verify;

use serde::Serialize;

use super::Failure;
use super::output::{self, Table};
use crate::cli;
use crate::session::Session;
use crate::store::jobs::TraceEvent;
use verify::Verdicts;

/// An event with what its body was found to be, as JSON has it.
#[derive(Serialize)]
struct Verified<'a> {
    #[serde(flatten)]
    event: &'a TraceEvent,
    /// `verified`, `digest_differs` or `does_not_open`; none for what has no body.
    verdict: Option<&'static str>,
    /// What differs, or why it does not open, as a code.
    why: Option<&'a str>,
}

pub async fn run(session: &Session, arguments: &cli::Trace) -> Result<String, Failure> {
    let events = session.store.trace(&arguments.reference).await?;
    if events.is_empty() {
        if arguments.json {
            // Whoever parses the output finds the same form as ever.
            output::print(&output::json(&events)?)?;
        }
        return Err(Failure::refused("nothing is known under this reference here"));
    }
    if !arguments.verify {
        return if arguments.json { output::json(&events) } else { Ok(text(&events)) };
    }
    let verdicts = verify::verify(session, &events).await?;
    let found = if arguments.json { json(&events, &verdicts)? } else { verified_text(&events, &verdicts) };
    match verdicts.objection() {
        None => Ok(found),
        Some(objection) => {
            output::print(&found)?;
            Err(Failure::refused(objection))
        }
    }
}

const HEADS: [&str; 9] = ["at", "what", "job", "who", "outcome", "code", "seq", "direction", "message"];

fn text(events: &[TraceEvent]) -> String {
    let mut table = Table::new(&HEADS);
    for event in events {
        table.row(cells(event));
    }
    table.to_string()
}

fn verified_text(events: &[TraceEvent], verdicts: &Verdicts) -> String {
    let [at, what, job, who, outcome, code, seq, direction, message] = HEADS;
    let mut table = Table::new(&[at, what, job, who, outcome, code, seq, direction, message, "body"]);
    for event in events {
        let [at, what, job, who, outcome, code, seq, direction, message] = cells(event);
        let body = output::or_dash(verdicts.of(event));
        table.row([at, what, job, who, outcome, code, seq, direction, message, body]);
    }
    format!("{table}\n{}\n", verdicts.summary())
}

fn json(events: &[TraceEvent], verdicts: &Verdicts) -> Result<String, Failure> {
    let verified = |event| {
        let verdict = verdicts.of(event);
        Verified { event, verdict: verdict.map(|it| it.code()), why: verdict.and_then(|it| it.why()) }
    };
    output::json(&events.iter().map(verified).collect::<Vec<_>>())
}

fn cells(event: &TraceEvent) -> [String; 9] {
    [
        output::time(event.at),
        event.what.clone(),
        output::or_dash(event.job_id),
        output::or_dash(event.who.as_deref()),
        output::or_dash(event.outcome.as_deref()),
        output::or_dash(event.code.as_deref()),
        output::or_dash(event.seq),
        output::or_dash(event.direction),
        output::or_dash(event.message_id),
    ]
}
