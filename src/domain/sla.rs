//! Deadline pressure: how much of the open work is late, and how much soon will be.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::{JobId, JobKind};

/// One row of `v_customer_sla_pressure`, summed over the agencies that the viewer sees.
///
/// The buckets exclude each other: `lt_15m` counts what is due in 5 to 15 minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindPressure {
    pub job_kind: JobKind,
    pub breached: i64,
    pub lt_5m: i64,
    pub lt_15m: i64,
    pub lt_1h: i64,
    pub later: i64,
    /// Open jobs without a deadline.
    pub none: i64,
    pub next_deadline_at: Option<DateTime<Utc>>,
    pub next_job_id: Option<JobId>,
}

impl KindPressure {
    pub fn empty(job_kind: JobKind) -> Self {
        KindPressure {
            job_kind,
            breached: 0,
            lt_5m: 0,
            lt_15m: 0,
            lt_1h: 0,
            later: 0,
            none: 0,
            next_deadline_at: None,
            next_job_id: None,
        }
    }
}

/// How near one deadline is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pressure {
    Breached,
    Lt5m,
    Lt15m,
    Lt1h,
    Later,
    None,
}

/// A deadline that has come is breached, at the second.
pub fn pressure(due: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Pressure {
    let Some(due) = due else { return Pressure::None };
    let left = due - now;
    if left <= Duration::zero() {
        Pressure::Breached
    } else if left < Duration::minutes(5) {
        Pressure::Lt5m
    } else if left < Duration::minutes(15) {
        Pressure::Lt15m
    } else if left < Duration::hours(1) {
        Pressure::Lt1h
    } else {
        Pressure::Later
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_meet_without_gap_or_overlap() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let at = |seconds| pressure(Some(now + Duration::seconds(seconds)), now);
        let cases = [
            (-1, Pressure::Breached),
            (0, Pressure::Breached),
            (1, Pressure::Lt5m),
            (299, Pressure::Lt5m),
            (300, Pressure::Lt15m),
            (899, Pressure::Lt15m),
            (900, Pressure::Lt1h),
            (3599, Pressure::Lt1h),
            (3600, Pressure::Later),
        ];
        for (seconds, expected) in cases {
            assert_eq!(at(seconds), expected, "{seconds} s");
        }
        assert_eq!(pressure(None, now), Pressure::None);
    }
}
