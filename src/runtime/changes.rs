//! Hears from the database that jobs changed, and wakes the loop: what is on the screen is then asked for at once.
//!
//! Whoever waits asks the database a question that it answers when something changed or after a while; no session is
//! needed, so it works through a connection pool. Without an answer the screens still ask by themselves, only later.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::desk::Desk;
use super::sweeper::Sweeper;
use crate::app::Msg;
use crate::store::Store;

/// How long the database is to wait for a change before it answers that there was none.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long to be content with what was heard last: where something changes all the time, nobody could follow it.
const BREATH: Duration = Duration::from_millis(20);
/// How long to leave the database alone that did not answer.
const PAUSE: Duration = Duration::from_secs(2);

/// How many changes have been heard of. Cloning shares the number.
#[derive(Debug, Clone, Default)]
pub struct Changes(Arc<AtomicI64>);

impl Changes {
    pub fn seen(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Takes a number in. Says whether it is news.
    fn hear(&self, changes: i64) -> bool {
        self.0.swap(changes, Ordering::Relaxed) != changes
    }
}

/// The task that waits, on a connection that keeps nobody else waiting, and sweeps. Ends with this value.
pub struct Listener {
    task: JoinHandle<()>,
}

impl Listener {
    /// Between two questions the connection is free for whoever sweeps; nobody does where the person may only read.
    pub fn start(apart: Store, desk: Desk, sweeper: Option<Sweeper>) -> Listener {
        Listener { task: tokio::spawn(listen(apart, desk, sweeper)) }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(apart: Store, desk: Desk, mut sweeper: Option<Sweeper>) {
    let mut logged = None;
    loop {
        if let Some(sweeper) = &mut sweeper {
            sweeper.sweep(&apart, &desk).await;
        }
        match apart.await_change(desk.changes.seen(), PATIENCE).await {
            Ok(changes) => {
                logged = None;
                if desk.changes.hear(changes) {
                    desk.tell(Msg::Wake(desk.clock.now()));
                    sleep(BREATH).await;
                }
            }
            // Whether the database is away is for the keeper to notice and say. A refusal that stays is logged once.
            Err(error) => {
                if !error.is_away() && logged.as_ref() != Some(&error) {
                    tracing::warn!(%error, "changes are not heard of, so the screens follow more slowly");
                    logged = Some(error);
                }
                sleep(PAUSE).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_number_again_is_no_news_and_a_smaller_one_is() {
        let changes = Changes::default();
        assert!(changes.hear(7));
        assert!(!changes.hear(7));
        assert!(changes.hear(3), "another database, or one that was restored");
        assert_eq!(changes.seen(), 3);
    }
}
