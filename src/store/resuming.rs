//! Ending a hold with care: a few sends first, then the rest in batches. Whoever stops it on the way leaves nothing undone
//! by half: until the few got through the hold stands, and afterwards every sweep goes on with the rest.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use tokio::time::sleep;
use uuid::Uuid;

use super::{Result, Store};
use crate::domain::Outcome;
use crate::domain::hold::{Trial, Verdict};

/// How a hold is to be ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Resuming {
    pub hold_id: i64,
    /// At most so many jobs a minute become claimable; none: all at once.
    pub per_minute: Option<i32>,
    /// So many sends go ahead; 0: none.
    pub first: i32,
    /// How long to wait for these to end.
    pub patience: Duration,
}

impl Resuming {
    /// The shipped way: five first, two minutes for them.
    pub fn of(hold_id: i64, per_minute: Option<i32>) -> Resuming {
        Resuming { hold_id, per_minute, first: FIRST, patience: PATIENCE }
    }
}

pub const FIRST: i32 = 5;
const PATIENCE: Duration = Duration::from_secs(120);

/// How often what is under way is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// So many rounds whose sends were all no longer wanted say nothing about the channel; then the rest goes.
const ROUNDS: usize = 5;

/// How far it got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The few are on their way.
    Trying(Trial),
    /// The hold has ended; so many are still kept.
    Releasing { left: i64 },
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// The hold has ended and everything goes, at its pace.
    Resumed,
    /// One of the few failed: the hold stands.
    Failed(Trial),
    /// The few did not end in time; perhaps no program takes them. The hold stands.
    Waiting(Trial),
    /// Whoever was told wanted no more of it before the few had got through. The hold stands.
    Cancelled(Trial),
    /// The database said no.
    Refused(Outcome),
}

impl Store {
    /// Ends a hold as told, and says on the way how far it got; goes on as long as the answer is to go on. Where the hold
    /// stands in the end, what was let through and nobody claimed is kept again.
    pub async fn resume_with_care(
        &self,
        how: Resuming,
        mut tell: impl FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Ended> {
        for _ in 0..ROUNDS {
            if how.first == 0 {
                break;
            }
            let tried = self.try_resume(how.hold_id, how.first, Uuid::now_v7()).await?;
            if !tried.outcome.is_applied() {
                return Ok(Ended::Refused(tried.outcome));
            }
            if tried.resumed == 0 {
                break;
            }
            let (trial, goes_on) = self.wait_for_trial(how, &mut tell).await?;
            let ended = match trial.verdict() {
                Verdict::Failed => Ended::Failed,
                _ if goes_on.is_break() => Ended::Cancelled,
                Verdict::Open => Ended::Waiting,
                Verdict::Passed => break,
                Verdict::Nothing => continue,
            };
            return Ok(ended(self.stop_trial(how.hold_id).await?.unwrap_or(trial)));
        }
        let resumed = self.resume_hold(how.hold_id, how.per_minute, Uuid::now_v7()).await?;
        if !resumed.outcome.is_applied() {
            return Ok(Ended::Refused(resumed.outcome));
        }
        if resumed.more {
            self.drain(how.hold_id, &mut tell).await?;
        }
        Ok(Ended::Resumed)
    }

    async fn wait_for_trial(
        &self,
        how: Resuming,
        tell: &mut impl FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<(Trial, ControlFlow<()>)> {
        let begun = Instant::now();
        loop {
            let trial = self.trial(how.hold_id).await?;
            let goes_on = tell(Progress::Trying(trial));
            if goes_on.is_break() || trial.verdict() != Verdict::Open || begun.elapsed() >= how.patience {
                return Ok((trial, goes_on));
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// Sweeps until everything that the ended hold kept has its turn, or nobody wants to wait for it.
    async fn drain(&self, hold_id: i64, tell: &mut impl FnMut(Progress) -> ControlFlow<()>) -> Result<()> {
        loop {
            let draining = self.holds().await?.into_iter().find(|hold| hold.hold_id == hold_id);
            let Some(draining) = draining else { return Ok(()) };
            if tell(Progress::Releasing { left: draining.paused }).is_break() {
                return Ok(());
            }
            self.sweep().await?;
        }
    }
}
