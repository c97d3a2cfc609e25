//! Forecasts of holds and of their end, and the end itself, which takes a while: each a task of its own beside the writer.
//!
//! A resume that is cut off on the way, by quitting too, leaves the hold standing or else everything to the next sweeps.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::spawn;
use uuid::Uuid;

use super::desk::{Desk, failure};
use crate::app::Msg;
use crate::app::holds::Went;
use crate::domain::Scope;
use crate::store::holds::Placed;
use crate::store::resuming::{Ended, Progress, Resuming};

/// What would a hold over this stop?
pub fn forecast_hold(desk: Desk, scope: Scope) {
    spawn(async move {
        let result = desk.store.hold_forecast(&scope).await.map_err(failure);
        desk.tell(Msg::HoldForecast { scope, result });
    });
}

/// What would go?
pub fn forecast_resume(desk: Desk, hold_id: i64, per_minute: Option<i32>) {
    spawn(async move {
        let result = desk.store.resume_forecast(hold_id, per_minute).await.map_err(failure);
        desk.tell(Msg::ResumeForecast { hold_id, result });
    });
}

/// Stops it from being claimed. The writer waits for this one: it is over in a moment, and what follows may rely on it. What
/// is left to be shown as paused takes longer, and nothing waits for that.
pub async fn hold(desk: &Desk, scope: Scope, reason: String, ticket: Option<String>) {
    let placed = desk.store.place_hold(&scope, &reason, ticket.as_deref(), Uuid::new_v4()).await.map_err(failure);
    match placed {
        Ok(Placed { outcome, paused, more: true, .. }) => {
            let desk = desk.clone();
            spawn(async move {
                let rest = desk.store.catch_up().await.map_or(0, |swept| swept.paused);
                desk.tell(Msg::Held { scope, result: Ok((outcome, paused + rest)) });
            });
        }
        placed => {
            let result = placed.map(|placed| (placed.outcome, placed.paused));
            desk.tell(Msg::Held { scope, result });
        }
    }
}

/// Lets somebody stop a resume on the way. Without anybody who holds it, it goes on.
#[derive(Default, Clone)]
pub struct Brake(Arc<AtomicBool>);

impl Brake {
    /// Until the few have got through; afterwards the hold has ended.
    pub fn pull(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn goes_on(&self) -> ControlFlow<()> {
        if self.0.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// A few first, then the rest; each step is told.
pub fn resume(desk: Desk, hold_id: i64, what: String, per_minute: Option<i32>, tries: bool) -> Brake {
    let brake = Brake::default();
    let pulled = brake.clone();
    spawn(async move {
        let how = Resuming::of(hold_id, per_minute);
        let how = if tries { how } else { Resuming { first: 0, ..how } };
        let tell = |progress| {
            let (went, goes_on) = match progress {
                Progress::Trying(trial) => (Went::Trying(trial), pulled.goes_on()),
                Progress::Releasing { left } => (Went::Releasing { left }, ControlFlow::Continue(())),
            };
            desk.tell(Msg::ResumeWent { what: what.clone(), result: Ok(went) });
            goes_on
        };
        let ended = desk.store.resume_with_care(how, tell).await.map_err(failure);
        let result = ended.map(|ended| match ended {
            Ended::Resumed => Went::Resumed,
            Ended::Failed(trial) | Ended::Waiting(trial) => Went::Stopped(trial),
            Ended::Cancelled(trial) => Went::Cancelled(trial),
            Ended::Refused(outcome) => Went::Refused(outcome),
        });
        desk.tell(Msg::ResumeWent { what, result });
    });
    brake
}
