//! The lease on the open job: kept while somebody reads, given back when nobody does, and for how long somebody did.

use chrono::{DateTime, Duration, Utc};

use super::{Change, Question, Standing, away};
use crate::app::effect::Effect;
use crate::app::feed::has_passed;
use crate::app::model::{BLANK_AFTER, Model};

/// What is known of the lease of the open job.
#[derive(Debug, Clone)]
pub struct Lease {
    /// Until when it was granted last.
    pub until: Option<DateTime<Utc>>,
    /// Nobody read, and it was given back.
    pub given_back: bool,
    extended_at: DateTime<Utc>,
    watched_at: DateTime<Utc>,
}

/// For how long the conversation was on the screen.
#[derive(Debug, Clone)]
pub struct ReadingClock {
    pub on_screen: Duration,
    /// Since when it is shown without a break.
    counted_to: Option<DateTime<Utc>>,
}

/// Nobody touched a key for so long: then the pane blanks, and somebody else may have the job.
pub const GOES_BACK_AFTER: Duration = BLANK_AFTER;

/// The warning before.
const WARNS_BEFORE: Duration = Duration::seconds(60);

/// The lease is extended no more often than this.
const EXTEND_EVERY: Duration = Duration::seconds(30);

/// The open job is looked at no more often than this while nothing is heard of.
const WATCH_EVERY: Duration = Duration::seconds(1);

/// A longer gap between two looks is none in which anybody read.
const GAP: Duration = Duration::seconds(5);

impl Lease {
    pub(super) fn new(until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Lease {
        Lease { until, given_back: false, extended_at: now, watched_at: now }
    }
}

impl Default for ReadingClock {
    fn default() -> Self {
        ReadingClock { on_screen: Duration::zero(), counted_to: None }
    }
}

impl ReadingClock {
    /// Time passed, and the conversation is on the screen from now on, or is not.
    pub(super) fn pass(&mut self, is_seen: bool, now: DateTime<Utc>) {
        if let Some(before) = self.counted_to {
            let passed = now - before;
            if passed > Duration::zero() && passed <= GAP {
                self.on_screen += passed;
            }
        }
        self.counted_to = is_seen.then_some(now);
    }
}

/// In how long the lease goes back because nobody touches a key; none while that is not soon.
pub fn goes_back_in(model: &Model, now: DateTime<Utc>) -> Option<Duration> {
    let pane = model.review.pane()?;
    let left = model.active_at + GOES_BACK_AFTER - now;
    let is_soon = left > Duration::zero() && left <= WARNS_BEFORE;
    (pane.is_mine() && is_soon).then_some(left)
}

/// Jobs changed, perhaps the one that is open.
pub fn look(model: &mut Model) -> Vec<Effect> {
    if let Some(pane) = model.review.pane_mut() {
        pane.lease.watched_at = DateTime::<Utc>::UNIX_EPOCH;
    }
    keep(model)
}

/// While the person is there the lease is kept, and given back when they are not; while the pane is open, the job is watched.
pub fn keep(model: &mut Model) -> Vec<Effect> {
    let (now, idle) = (model.now, model.now - model.active_at);
    let Some(pane) = model.review.pane_mut() else { return Vec::new() };
    if matches!(pane.question, Question::Pending(_)) || pane.awaiting {
        return Vec::new();
    }
    let (job_id, pin) = (pane.job.job_id, pane.pin().cloned());
    let mut effects = Vec::new();
    if let Some(pin) = pin.clone().filter(|_| pane.is_mine()) {
        if idle >= GOES_BACK_AFTER {
            pane.question = Question::None;
            pane.lease.given_back = true;
            pane.change.get_or_insert(Change::LeaseLost { by: None });
            effects.push(Effect::Release { job_id, lease_token: pin.lease_token });
        } else if has_passed(EXTEND_EVERY, pane.lease.extended_at, now) {
            pane.lease.extended_at = now;
            effects.push(Effect::ExtendLease { job_id, pin });
        }
    }
    // Who has the lease now, and what became of the job then, may still change.
    let is_open = match &pane.change {
        None => !matches!(pane.standing, Standing::Ended(_)),
        Some(change) => matches!(change, Change::LeaseLost { .. }),
    };
    if is_open && has_passed(WATCH_EVERY, pane.lease.watched_at, now) {
        pane.lease.watched_at = now;
        effects.push(Effect::Watch { job_id, pin });
    }
    effects.extend(away::ask(model));
    effects
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_time_on_the_screen_without_a_gap_counts() {
        let at = |seconds: i64| DateTime::<Utc>::UNIX_EPOCH + Duration::seconds(seconds);
        let mut clock = ReadingClock::default();
        for (seconds, is_seen, expected) in [
            (0, true, 0),
            (1, true, 1),
            (2, false, 2),
            (4, false, 2),
            (5, true, 2),
            (6, true, 3),
            (60, true, 3),
            (59, true, 3),
            (61, true, 5),
        ] {
            clock.pass(is_seen, at(seconds));
            assert_eq!(clock.on_screen.num_seconds(), expected, "{seconds}");
        }
    }
}
