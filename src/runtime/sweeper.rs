//! What must happen by itself, done from here as long as the dashboard is open: leases, holds and deadlines.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::desk::Desk;
use crate::app::Msg;
use crate::store::{self, Store};

/// How often to ask whether it is one's turn: many dashboards share what one would do.
const EVERY: Duration = Duration::from_secs(5);

/// While it sweeps, nobody listens on its connection: then the screens are told this often that there may be something new.
const DEAF: Duration = Duration::from_millis(30);

/// Whoever sweeps. A batch under way goes back as a whole when nobody waits for it any more.
pub struct Sweeper {
    asked_at: Instant,
    logged: Option<store::Error>,
}

impl Sweeper {
    /// Begins a while later, when the first screen stands.
    pub fn from_now_on() -> Sweeper {
        Sweeper { asked_at: Instant::now(), logged: None }
    }

    /// Sweeps if it is time to, over a connection that is free.
    pub async fn sweep(&mut self, apart: &Store, desk: &Desk) {
        if self.asked_at.elapsed() < EVERY {
            return;
        }
        // Whether the database is away is for the keeper to notice and say. A refusal that stays is logged once.
        match meanwhile(apart.catch_up_in_turn(), DEAF, || desk.tell(Msg::Wake(desk.clock.now()))).await {
            Ok(_) => self.logged = None,
            Err(error) if error.is_away() || self.logged.as_ref() == Some(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "nothing is swept from here");
                self.logged = Some(error);
            }
        }
        self.asked_at = Instant::now();
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
