//! `countersign sweep`: what has to happen even where no dashboard is open.

use std::io::{self, Write};
use std::time::Duration;

use chrono::Utc;

use super::interrupt::Interrupt;
use super::{Failure, output};
use crate::cli;
use crate::session::Session;
use crate::store::sweeping::Swept;
use crate::store::{self, Store};

/// Sweeps until nothing is left to do, or again and again until interrupted. What was left undone while nobody swept is
/// caught up with in batches.
pub async fn run(session: &Session, arguments: &cli::Sweep) -> Result<String, Failure> {
    match arguments.every {
        None => Ok(line(session.store.catch_up().await?)),
        Some(pause) => {
            let mut interrupt = Interrupt::listen()?;
            // A batch under way is given up with the connection: what it had done goes back, and nothing is done by half.
            tokio::select! {
                failed = sweep_on(session, pause) => Err(failed),
                () = interrupt.heard() => Ok(String::new()),
            }
        }
    }
}

/// Ends with what no waiting mends.
async fn sweep_on(session: &Session, pause: Duration) -> Failure {
    let (mut away_since, mut stopped_before) = (None, 0);
    loop {
        match look(&session.store).await {
            Ok(swept) => {
                if let Some(since) = away_since.take() {
                    tell(&format!("the database is back, it was away since {}", output::time(since)));
                }
                // A tier that stays full is said when it fills and when it empties.
                let is_news = swept != Swept { stopped_full: stopped_before, ..Swept::default() };
                if is_news && let Err(failed) = output::print(&line(swept)) {
                    return failed;
                }
                stopped_before = swept.stopped_full;
            }
            Err(error) if is_passing(&error) => {
                // Said once, because a log that repeats itself every few seconds is read by nobody.
                if away_since.is_none() {
                    tell(&format!("nothing is swept: {error}; trying again every {}", seconds(pause)));
                    away_since = Some(Utc::now());
                }
                start_again(session).await;
            }
            Err(error) => return error.into(),
        }
        tokio::time::sleep(pause).await;
    }
}

/// A connection that broke while nobody used it is found out by the first who does, so that one tries once more.
async fn look(store: &Store) -> Result<Swept, store::Error> {
    match store.catch_up().await {
        Err(store::Error::Interrupted) => store.catch_up().await,
        swept => swept,
    }
}

fn is_passing(error: &store::Error) -> bool {
    error.is_away() || matches!(error, store::Error::Timeout { .. })
}

/// A private server that died has nobody else to start it.
async fn start_again(session: &Session) {
    let Some(private) = session.private() else { return };
    let cluster = private.cluster().clone();
    let started = tokio::task::spawn_blocking(move || cluster.ensure_running().map(drop)).await;
    if let Ok(Err(error)) = started {
        tracing::warn!(%error, "the private server could not be started again");
    }
}

/// Onto standard error, beside what was done. Nobody may be there to read it.
fn tell(what: &str) {
    let _ = writeln!(io::stderr(), "countersign: {} {what}", output::time(Utc::now()));
}

fn seconds(pause: Duration) -> String {
    crate::domain::duration::format(pause)
}

fn line(swept: Swept) -> String {
    let Swept { recovered, paused, escalated, stopped_full, more: _ } = swept;
    format!(
        "recovered {recovered}, paused {paused}, escalated {escalated}, not escalated because the tier is full {stopped_full}\n"
    )
}
