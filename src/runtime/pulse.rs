//! When the loop goes on by itself: in even steps, and when something is due in between.

use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior, interval, sleep};

/// The steps, the first of them at once. Those that were missed are left out.
pub struct Pulse {
    steps: Interval,
}

impl Pulse {
    pub fn new(step: Duration) -> Pulse {
        let mut steps = interval(step);
        steps.set_missed_tick_behavior(MissedTickBehavior::Skip);
        Pulse { steps }
    }

    /// Waits for the next step, or only until something is due. Whoever gives up waiting misses no step.
    pub async fn beat(&mut self, due_in: Option<Duration>) {
        let due = async {
            match due_in {
                Some(span) => sleep(span).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.steps.tick() => {}
            () = due => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use tokio::time::timeout;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[tokio::test]
    async fn what_is_due_is_not_kept_waiting_for_the_next_step() {
        let mut pulse = Pulse::new(HOUR);
        pulse.beat(None).await;
        let (began, due_in) = (Instant::now(), Duration::from_millis(20));
        timeout(HOUR / 360, pulse.beat(Some(due_in))).await.expect("the next step is an hour away");
        assert!(began.elapsed() >= due_in, "not before it is due");
    }

    #[tokio::test]
    async fn the_next_step_does_not_wait_for_what_is_due() {
        let mut pulse = Pulse::new(Duration::from_millis(5));
        for due_in in [None, Some(HOUR), None] {
            timeout(HOUR / 360, pulse.beat(due_in)).await.expect("steps are short");
        }
    }
}
