//! What must happen by itself: leases that ran out, holds, deadlines that passed.

use std::ops::AddAssign;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use super::statement::sql;
use super::{Result, Store};

/// What one batch of sweeping did, or several together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Swept {
    /// Leases that ran out.
    pub recovered: i64,
    /// Jobs that a hold covers.
    pub paused: i64,
    /// Questions whose deadline passed.
    pub escalated: i64,
    /// Questions whose deadline passed and that stay, because the tier above is full.
    pub stopped_full: i64,
    /// There is more of it to do at once.
    pub more: bool,
}

impl AddAssign for Swept {
    fn add_assign(&mut self, next: Swept) {
        self.recovered += next.recovered;
        self.paused += next.paused;
        self.escalated += next.escalated;
        // What stays is found by every batch again.
        self.stopped_full = next.stopped_full;
        self.more = next.more;
    }
}

/// The shortest rest between two batches.
const REST: Duration = Duration::from_millis(10);

impl Store {
    /// One batch, in one short transaction. Safe from many places at once.
    pub async fn sweep(&self) -> Result<Swept> {
        self.sweep_batch(false).await
    }

    async fn sweep_batch(&self, in_turn: bool) -> Result<Swept> {
        self.statement(sql!("sweep")).bind(in_turn).answer().await
    }

    /// Batch after batch until nothing is left to do at once. Between two of them it rests for as long as a batch took, so
    /// that catching up with what nobody swept for a night takes half of a connection's time and never all of it.
    pub async fn catch_up(&self) -> Result<Swept> {
        self.go_on(false).await
    }

    /// The same where nobody did it in turn a few seconds ago; nothing otherwise. For those who sweep all the time.
    pub async fn catch_up_in_turn(&self) -> Result<Swept> {
        self.go_on(true).await
    }

    async fn go_on(&self, in_turn: bool) -> Result<Swept> {
        let mut began = Instant::now();
        let mut all = self.sweep_batch(in_turn).await?;
        while all.more {
            sleep(began.elapsed().max(REST)).await;
            began = Instant::now();
            all += self.sweep().await?;
        }
        Ok(all)
    }
}
