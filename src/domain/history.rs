//! What came and went, minute by minute, and how fast.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::JobKind;

/// What happened to the jobs of one kind in one step of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// When the step begins.
    pub minute: DateTime<Utc>,
    /// Began to wait: born, or put back from among the dead letters.
    pub came: i64,
    /// Ceased to wait and to be worked on, dead letters included.
    pub gone: i64,
    /// Of those gone: decided by a person, or completed by a program.
    pub decided: i64,
    /// Were open when a deadline of this step passed.
    pub breached: i64,
}

impl Flow {
    pub fn nothing(minute: DateTime<Utc>) -> Flow {
        Flow { minute, came: 0, gone: 0, decided: 0, breached: 0 }
    }
}

/// The flow of one kind, oldest step first, without gaps. The last step still runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindHistory {
    pub job_kind: JobKind,
    pub flows: Vec<Flow>,
}

impl KindHistory {
    /// How many waited or were worked on at the end of each step, reckoned back from how many do now.
    pub fn levels(&self, now: i64) -> Vec<i64> {
        let mut level = now;
        let mut levels: Vec<i64> = Vec::with_capacity(self.flows.len());
        for flow in self.flows.iter().rev() {
            levels.push(level.max(0));
            level += flow.gone - flow.came;
        }
        levels.reverse();
        levels
    }
}

/// The flow of all seven kinds, in the order of [`JobKind::ALL`], also where nothing happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// Minutes in a step.
    pub step: i64,
    pub kinds: Vec<KindHistory>,
}

impl History {
    /// Fills the gaps: `steps` steps of `step` minutes, of which the last one holds `now`.
    pub fn complete(rows: &[(JobKind, Flow)], now: DateTime<Utc>, step: i64, steps: usize) -> History {
        let step = step.max(1);
        let seconds = step * 60;
        let running = now.timestamp().div_euclid(seconds);
        let first = running + 1 - i64::try_from(steps).unwrap_or(i64::MAX).min(running);
        let kind = |job_kind| {
            let begins = (first..=running).filter_map(|at| DateTime::from_timestamp(at * seconds, 0));
            let mut flows: Vec<Flow> = begins.map(Flow::nothing).collect();
            for (_, flow) in rows.iter().filter(|(of, _)| *of == job_kind) {
                let at = flow.minute.timestamp().div_euclid(seconds) - first;
                if let Some(place) = usize::try_from(at).ok().and_then(|at| flows.get_mut(at)) {
                    place.came += flow.came;
                    place.gone += flow.gone;
                    place.decided += flow.decided;
                    place.breached += flow.breached;
                }
            }
            KindHistory { job_kind, flows }
        };
        History { step, kinds: JobKind::ALL.into_iter().map(kind).collect() }
    }

    pub fn of(&self, kind: JobKind) -> Option<&KindHistory> {
        self.kinds.iter().find(|history| history.job_kind == kind)
    }

    /// What is measured of a kind over the last whole minutes, at most as many as the history holds. The minute that still
    /// runs would make every rate look smaller than it is.
    pub fn rates(&self, kind: JobKind, minutes: i64) -> Rates {
        let flows = self.of(kind).map_or(&[][..], |history| &history.flows);
        let whole = flows.len().saturating_sub(1);
        let steps = usize::try_from(minutes / self.step).unwrap_or(0).min(whole);
        let window = &flows[whole - steps..whole];
        Rates {
            minutes: self.step * i64::try_from(window.len()).unwrap_or(0),
            came: window.iter().map(|flow| flow.came).sum(),
            gone: window.iter().map(|flow| flow.gone).sum(),
            decided: window.iter().map(|flow| flow.decided).sum(),
            breached: window.iter().map(|flow| flow.breached).sum(),
        }
    }
}

/// What was counted over a window that ended with the last whole minute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rates {
    /// The window.
    pub minutes: i64,
    pub came: i64,
    pub gone: i64,
    pub decided: i64,
    pub breached: i64,
}

impl Rates {
    pub fn came_per_minute(&self) -> f64 {
        self.per_minute(self.came)
    }

    pub fn gone_per_minute(&self) -> f64 {
        self.per_minute(self.gone)
    }

    pub fn decided_per_minute(&self) -> f64 {
        self.per_minute(self.decided)
    }

    /// The window as a span.
    pub fn window(&self) -> Duration {
        Duration::minutes(self.minutes)
    }

    fn per_minute(&self, count: i64) -> f64 {
        if self.minutes > 0 { count as f64 / self.minutes as f64 } else { 0.0 }
    }
}

/// What one team decided in one hour.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TeamHour {
    pub role: String,
    /// When the hour begins.
    pub hour: DateTime<Utc>,
    pub approved: i64,
    pub rejected: i64,
    pub escalated: i64,
    /// From taking the job to deciding, of the middle one.
    pub median_seconds: Option<f64>,
}

impl TeamHour {
    pub fn decisions(&self) -> i64 {
        self.approved + self.rejected + self.escalated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(at: i64) -> DateTime<Utc> {
        DateTime::<Utc>::UNIX_EPOCH + Duration::minutes(at)
    }

    fn flow(at: i64, came: i64, gone: i64, decided: i64) -> (JobKind, Flow) {
        (JobKind::Approve, Flow { came, gone, decided, ..Flow::nothing(minute(at)) })
    }

    #[test]
    fn steps_without_rows_are_there_and_those_outside_are_not() {
        let rows = [flow(94, 9, 9, 9), flow(95, 1, 0, 0), flow(99, 3, 2, 1), flow(100, 9, 9, 9)];
        let history = History::complete(&rows, minute(99) + Duration::seconds(59), 1, 5);
        let approve = history.of(JobKind::Approve).unwrap();
        assert_eq!(
            approve.flows.iter().map(|flow| flow.minute).collect::<Vec<_>>(),
            (95..100).map(minute).collect::<Vec<_>>()
        );
        assert_eq!(approve.flows.iter().map(|flow| flow.came).collect::<Vec<_>>(), [1, 0, 0, 0, 3]);
        assert_eq!(history.kinds.iter().map(|history| history.job_kind).collect::<Vec<_>>(), JobKind::ALL);
    }

    #[test]
    fn minutes_are_summed_into_longer_steps() {
        let rows = [flow(90, 1, 0, 0), flow(94, 2, 0, 0), flow(95, 4, 0, 0)];
        let history = History::complete(&rows, minute(97), 5, 2);
        let came: Vec<i64> = history.of(JobKind::Approve).unwrap().flows.iter().map(|flow| flow.came).collect();
        assert_eq!(came, [3, 4]);
    }

    #[test]
    fn levels_are_reckoned_back_from_now() {
        let rows = [flow(97, 5, 1, 1), flow(98, 0, 3, 3), flow(99, 2, 0, 0)];
        let history = History::complete(&rows, minute(99), 1, 4);
        assert_eq!(history.of(JobKind::Approve).unwrap().levels(10), [7, 11, 8, 10]);
    }

    #[test]
    fn rates_leave_the_running_minute_out_and_say_their_window() {
        let rows = [flow(80, 99, 99, 99), flow(97, 5, 4, 3), flow(98, 1, 2, 2), flow(99, 70, 70, 70)];
        let history = History::complete(&rows, minute(99), 1, 30);
        let rates = history.rates(JobKind::Approve, 15);
        assert_eq!((rates.minutes, rates.came, rates.gone, rates.decided), (15, 6, 6, 5));
        assert!((rates.came_per_minute() - 0.4).abs() < 1e-9);
        let young = History::complete(&rows, minute(99), 1, 3);
        assert_eq!(young.rates(JobKind::Approve, 15).minutes, 2);
        assert_eq!(History::complete(&[], minute(99), 1, 0).rates(JobKind::Send, 15), Rates::default());
    }
}
