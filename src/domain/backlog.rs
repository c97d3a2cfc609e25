//! How much waits, per kind.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::JobKind;

/// One row of `v_queue_health`, summed over the agencies that the viewer sees. `ready` + `scheduled` = queued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindBacklog {
    pub job_kind: JobKind,
    pub ready: i64,
    pub scheduled: i64,
    pub leased: i64,
    pub running: i64,
    pub retry_waiting: i64,
    pub paused: i64,
    pub dead_letter: i64,
    pub oldest_ready_at: Option<DateTime<Utc>>,
    /// Jobs born in the last minute.
    pub arrived_per_minute: i64,
    /// Jobs that ended in the last minute.
    pub finished_per_minute: i64,
}

impl KindBacklog {
    pub fn empty(job_kind: JobKind) -> Self {
        KindBacklog {
            job_kind,
            ready: 0,
            scheduled: 0,
            leased: 0,
            running: 0,
            retry_waiting: 0,
            paused: 0,
            dead_letter: 0,
            oldest_ready_at: None,
            arrived_per_minute: 0,
            finished_per_minute: 0,
        }
    }

    /// More comes than goes, and something waits.
    pub fn grows(&self) -> bool {
        self.ready > 0 && self.arrived_per_minute > self.finished_per_minute
    }

    /// Everything that has not ended.
    pub fn live(&self) -> i64 {
        self.ready + self.scheduled + self.leased + self.running + self.retry_waiting + self.paused + self.dead_letter
    }
}

/// The backlog of all seven kinds, in the order of [`JobKind::ALL`], also at zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backlog {
    pub kinds: Vec<KindBacklog>,
}

impl Backlog {
    /// Puts rows in order and adds the kinds that had none.
    pub fn complete(rows: Vec<KindBacklog>) -> Self {
        let kinds = JobKind::ALL
            .into_iter()
            .map(|kind| {
                rows.iter().find(|row| row.job_kind == kind).cloned().unwrap_or_else(|| KindBacklog::empty(kind))
            })
            .collect();
        Backlog { kinds }
    }

    pub fn of(&self, kind: JobKind) -> Option<&KindBacklog> {
        self.kinds.iter().find(|row| row.job_kind == kind)
    }

    pub fn dead_letters(&self) -> i64 {
        self.kinds.iter().map(|row| row.dead_letter).sum()
    }

    /// What people have not decided yet.
    pub fn waiting_for_people(&self) -> i64 {
        self.kinds.iter().filter(|row| row.job_kind.is_for_people()).map(|row| row.ready + row.leased).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.kinds.iter().all(|row| row.live() == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_only_when_more_comes_than_goes_and_something_waits() {
        let grows = |ready, arrived_per_minute, finished_per_minute| {
            let empty = KindBacklog::empty(JobKind::Send);
            KindBacklog { ready, arrived_per_minute, finished_per_minute, ..empty }.grows()
        };
        assert!(grows(1, 3, 2));
        assert!(!grows(1, 2, 2));
        assert!(!grows(0, 3, 2));
    }

    #[test]
    fn all_seven_kinds_are_there_even_at_zero() {
        let one = KindBacklog { ready: 3, ..KindBacklog::empty(JobKind::Send) };
        let backlog = Backlog::complete(vec![one]);
        let kinds: Vec<_> = backlog.kinds.iter().map(|row| row.job_kind).collect();
        assert_eq!(kinds, JobKind::ALL);
        assert_eq!(backlog.of(JobKind::Send).map(|row| row.ready), Some(3));
        assert!(!backlog.is_empty());
    }
}
