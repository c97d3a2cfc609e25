//! Starts the private PostgreSQL again when it died under the demo.

use std::sync::Arc;
use std::time::Duration;

use super::worker::Worker;
use crate::session::{Private, Result};

/// How often the server is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Looks after the server while nobody else does: everyone else only waits until it is back.
pub struct Caretaker {
    pub private: Arc<Private>,
}

impl Worker for Caretaker {
    fn name(&self) -> &'static str {
        "the caretaker"
    }

    async fn turn(&mut self) -> Result<Duration> {
        let private = self.private.clone();
        let looked = tokio::task::spawn_blocking(move || private.cluster().ensure_running());
        looked.await.expect("looking after a server does not panic")?;
        Ok(LOOK_EVERY)
    }
}
