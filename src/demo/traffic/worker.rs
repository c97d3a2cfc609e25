//! Working in turns until told to stop, whatever happens to the database meanwhile.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use crate::session::Result;

/// How long to wait after the first failure; doubled with every further one.
const FIRST_BACKOFF: Duration = Duration::from_millis(500);
const LONGEST_BACKOFF: Duration = Duration::from_secs(15);

/// One simulated program, customer or person.
pub trait Worker: Send + 'static {
    /// What the log calls it.
    fn name(&self) -> &'static str;

    /// Does one piece of work and says how long to rest after it.
    fn turn(&mut self) -> impl Future<Output = Result<Duration>> + Send;
}

/// Turns follow turns until `stop`. A failed one is logged and tried again later: a database that is away comes back.
pub async fn work(mut worker: impl Worker, stop: Stop) {
    let mut backoff = FIRST_BACKOFF;
    while !stop.is_asked() {
        let rest = match worker.turn().await {
            Ok(rest) => {
                backoff = FIRST_BACKOFF;
                rest
            }
            Err(error) => {
                // Once for a row of failures: a database that is away for an hour is one event, not thousands.
                if backoff == FIRST_BACKOFF {
                    tracing::warn!(worker = worker.name(), %error, "a turn of the demo failed");
                }
                let rest = backoff;
                backoff = (backoff * 2).min(LONGEST_BACKOFF);
                rest
            }
        };
        stop.pause(rest).await;
    }
}

/// Word that it is time to stop.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

/// Gives that word. Dropping it gives it too.
#[derive(Debug)]
pub struct StopSender(watch::Sender<bool>);

impl StopSender {
    pub fn new() -> (StopSender, Stop) {
        let (sender, receiver) = watch::channel(false);
        (StopSender(sender), Stop(receiver))
    }

    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    pub fn is_asked(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }

    /// Waits for this long, or until it is time to stop.
    pub async fn pause(&self, span: Duration) {
        let mut receiver = self.0.clone();
        // Either way the pause is over; who asks why looks at `is_asked`.
        let _ = timeout(span, receiver.wait_for(|asked| *asked)).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::store;

    /// Fails its first turns, as when the database is away.
    struct Unlucky {
        failures: usize,
        turns: Arc<AtomicUsize>,
    }

    impl Worker for Unlucky {
        fn name(&self) -> &'static str {
            "unlucky"
        }

        async fn turn(&mut self) -> Result<Duration> {
            let turn = self.turns.fetch_add(1, Ordering::SeqCst);
            if turn < self.failures { Err(store::Error::Interrupted.into()) } else { Ok(Duration::from_secs(3600)) }
        }
    }

    #[tokio::test]
    async fn a_worker_goes_on_after_failures_and_stops_at_once_when_told() {
        let turns = Arc::new(AtomicUsize::new(0));
        let (sender, stop) = StopSender::new();
        let task = tokio::spawn(work(Unlucky { failures: 1, turns: turns.clone() }, stop));
        while turns.load(Ordering::SeqCst) < 2 {
            tokio::task::yield_now().await;
        }
        sender.stop();
        timeout(Duration::from_secs(60), task).await.expect("it rests for an hour unless it is stopped").unwrap();
        assert_eq!(turns.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn dropping_the_sender_stops_as_well() {
        let (sender, stop) = StopSender::new();
        assert!(!stop.is_asked());
        drop(sender);
        assert!(stop.is_asked());
        timeout(Duration::from_secs(60), stop.pause(Duration::from_secs(3600))).await.unwrap();
    }
}
