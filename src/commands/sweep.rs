//! `countersign sweep`: what has to happen even where no dashboard is open.

use super::interrupt::Interrupt;
use super::{Failure, output};
use crate::cli;
use crate::session::Session;
use crate::store::programs::Swept;

/// Sweeps once, or until interrupted. A database that is away for a while is no reason to stop.
pub async fn run(session: &Session, arguments: &cli::Sweep) -> Result<String, Failure> {
    let Some(pause) = arguments.every else {
        return Ok(line(session.store.sweep().await?));
    };
    let mut interrupt = Interrupt::listen()?;
    loop {
        match session.store.sweep().await {
            Ok(swept) if swept == Swept::default() => {}
            Ok(swept) => output::print(&line(swept))?,
            Err(error) if error.is_away() => tracing::warn!(%error, "sweep"),
            Err(error) => return Err(error.into()),
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = interrupt.heard() => return Ok(String::new()),
        }
    }
}

fn line(swept: Swept) -> String {
    let Swept { recovered, paused, escalated, stopped_full } = swept;
    format!(
        "recovered {recovered}, paused {paused}, escalated {escalated}, not escalated because the tier is full {stopped_full}\n"
    )
}
