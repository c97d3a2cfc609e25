//! `countersign export`: to the monitoring that a team already has, and to whoever audits.

mod audit;
mod metrics;
mod serve;

use super::{Failure, output};
use crate::cli;
use crate::session::Session;

/// Metrics until stopped, or the audit trail of a range of time.
pub async fn run(session: &Session, arguments: &cli::Export) -> Result<String, Failure> {
    if let Some(range) = arguments.range() {
        return audit::run(&session.store, &range).await;
    }
    let say_where = |address| output::print(&format!("countersign: metrics on http://{address}/metrics\n"));
    serve::until_stopped(session.store.clone(), arguments.listen, say_where).await?;
    Ok(String::new())
}
