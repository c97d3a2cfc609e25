//! The database's time, reckoned from this machine's clock and the difference between the two.
//!
//! Leases and deadlines run by the database's clock. Asking it for every key would cost a round trip, so the difference
//! is measured whenever the database answers who we are.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, Utc};

/// Shared by all tasks; cloning shares the difference.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    ahead_by_microseconds: Arc<AtomicI64>,
}

impl Clock {
    pub fn now(&self) -> DateTime<Utc> {
        Utc::now() + Duration::microseconds(self.ahead_by_microseconds.load(Ordering::Relaxed))
    }

    /// The database said `server_time` in answer to a question sent at `asked` and answered at `heard`, both by this
    /// machine's clock: the best guess is that it read its clock half-way.
    pub fn measure(&self, server_time: DateTime<Utc>, asked: DateTime<Utc>, heard: DateTime<Utc>) {
        let half_way = asked + (heard - asked) / 2;
        let ahead = (server_time - half_way).num_microseconds().unwrap_or(0);
        self.ahead_by_microseconds.store(ahead, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_an_hour_ahead_is_followed() {
        let clock = Clock::default();
        let asked = Utc::now();
        clock.measure(asked + Duration::hours(1), asked, asked);
        let ahead = clock.now() - Utc::now();
        assert!((ahead - Duration::hours(1)).abs() < Duration::seconds(1), "{ahead}");
    }

    #[test]
    fn the_round_trip_is_split_in_half() {
        let clock = Clock::default();
        let asked = Utc::now();
        let heard = asked + Duration::seconds(4);
        clock.measure(asked + Duration::seconds(2), asked, heard);
        let ahead = clock.now() - Utc::now();
        assert!(ahead.abs() < Duration::milliseconds(500), "{ahead}");
    }
}
