//! What must happen by itself, done from here as long as the dashboard is open: leases, holds and deadlines.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::desk::Desk;
use crate::app::Msg;
use crate::store::Store;

/// How often to ask whether it is one's turn: many dashboards share what one would do.
const EVERY: Duration = Duration::from_secs(5);

/// While it sweeps, nobody listens on its connection: then the screens are told this often that there may be something new.
const DEAF: Duration = Duration::from_millis(30);

/// The task that sweeps. Ends with this value; a batch under way then goes back as a whole.
pub struct Sweeper {
    task: JoinHandle<()>,
}

impl Sweeper {
    /// Begins a while after the start, when the first screen stands.
    pub fn start(apart: Store, desk: Desk) -> Sweeper {
        let task = tokio::spawn(async move {
            let mut logged = None;
            loop {
                sleep(EVERY).await;
                // Whether the database is away is for the keeper to notice and say. A refusal that stays is logged once.
                match meanwhile(apart.catch_up_in_turn(), DEAF, || desk.tell(Msg::Wake(desk.clock.now()))).await {
                    Ok(_) => logged = None,
                    Err(error) if error.is_away() || logged.as_ref() == Some(&error) => {}
                    Err(error) => {
                        tracing::warn!(%error, "nothing is swept from here");
                        logged = Some(error);
                    }
                }
            }
        });
        Sweeper { task }
    }
}

/// Waits for something, and does something else again and again for as long as it is not there.
async fn meanwhile<T>(something: impl Future<Output = T>, every: Duration, other: impl Fn()) -> T {
    tokio::pin!(something);
    loop {
        tokio::select! {
            biased;
            done = &mut something => return done,
            () = sleep(every) => other(),
        }
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn while_it_sweeps_the_screens_are_told_again_and_again() {
        let (enough, told) = (Notify::new(), Cell::new(0));
        let sweeps = async {
            enough.notified().await;
            "swept"
        };
        let tell = || {
            told.set(told.get() + 1);
            if told.get() == 3 {
                enough.notify_one();
            }
        };
        assert_eq!(meanwhile(sweeps, Duration::from_millis(1), tell).await, "swept");
        assert_eq!(told.get(), 3);
    }

    #[tokio::test]
    async fn who_has_nothing_to_sweep_tells_nobody() {
        meanwhile(async {}, Duration::ZERO, || panic!("nobody was kept waiting")).await;
    }
}
