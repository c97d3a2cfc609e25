//! `countersign trace`: everything about one conversation, customer, draft or provider's id, in order.

use super::Failure;
use super::output::{self, Table};
use crate::cli;
use crate::session::Session;

pub async fn run(session: &Session, arguments: &cli::Trace) -> Result<String, Failure> {
    let events = session.store.trace(&arguments.reference).await?;
    if events.is_empty() {
        if arguments.json {
            // Whoever parses the output finds the same form as ever.
            output::print(&output::json(&events)?)?;
        }
        return Err(Failure::refused("nothing is known under this reference here"));
    }
    if arguments.json {
        return output::json(&events);
    }
    let mut table = Table::new(&["at", "what", "job", "who", "outcome", "code", "seq", "direction", "message"]);
    for event in events {
        table.row([
            output::time(event.at),
            event.what,
            output::or_dash(event.job_id),
            output::or_dash(event.who),
            output::or_dash(event.outcome),
            output::or_dash(event.code),
            output::or_dash(event.seq),
            output::or_dash(event.direction),
            output::or_dash(event.message_id),
        ]);
    }
    Ok(table.to_string())
}
