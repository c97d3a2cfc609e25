//! What must happen by itself, done from here as long as the dashboard is open: leases, holds and deadlines.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::store::Store;

/// How often to ask whether it is one's turn: many dashboards share what one would do.
const EVERY: Duration = Duration::from_secs(5);

/// The task that sweeps. Ends with this value; a batch under way then goes back as a whole.
pub struct Sweeper {
    task: JoinHandle<()>,
}

impl Sweeper {
    /// Begins a while after the start, when the first screen stands.
    pub fn start(apart: Store) -> Sweeper {
        let task = tokio::spawn(async move {
            let mut logged = None;
            loop {
                sleep(EVERY).await;
                // Whether the database is away is for the keeper to notice and say. A refusal that stays is logged once.
                match apart.catch_up_in_turn().await {
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

impl Drop for Sweeper {
    fn drop(&mut self) {
        self.task.abort();
    }
}
