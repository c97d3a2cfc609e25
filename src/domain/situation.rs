//! How things stand and where they lead: the flow of the last half hour, what is forecast from it, and what is in the way.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::forecast::{Horizon, Known, WINDOW, forecast};
use super::review::ReviewOrder;
use super::{Forecast, History, JobId, JobKind, KindForecast, Outlook};

/// Minutes of flow that are shown.
pub const MINUTES: usize = 30;

/// Where no end of the day is known, or it is over, the backlog should be empty this long from now.
pub const AHEAD: Duration = Duration::hours(4);

/// Everything that is known beyond the counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Situation {
    pub history: History,
    pub forecasts: Vec<KindForecast>,
    pub full_tiers: Vec<FullTier>,
    /// The next of each kind to breach, soonest first.
    pub next_to_breach: Vec<NextBreach>,
    /// Agencies whose deadlines run through the night.
    #[serde(default)]
    pub through_the_night: Vec<String>,
    /// Time zones because of which some of them do so in spite of their hours: the database does not know them.
    #[serde(default)]
    pub unknown_zones: Vec<String>,
    #[serde(default)]
    pub working: Working,
}

/// Who worked in the last minutes, on whatever kind; each counts once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Working {
    pub reviewers: u32,
    pub programs: u32,
}

/// A role that takes no more escalations by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FullTier {
    pub agency: String,
    pub role: String,
    pub since: DateTime<Utc>,
    pub open_jobs: i64,
    /// How many it takes.
    pub most: i64,
    /// Late questions that stay below because of it.
    pub stay: i64,
}

/// An open job whose deadline comes soon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextBreach {
    pub job_id: JobId,
    pub job_kind: JobKind,
    pub deadline_at: DateTime<Utc>,
    pub lease_owner: Option<String>,
}

/// What is open of one kind in one agency, by deadline, and how that agency works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    pub job_kind: JobKind,
    pub order: ReviewOrder,
    /// Whether what is late goes to the next role by itself, and takes its place there.
    pub late_leave: bool,
    /// How long a job that comes now has until its deadline.
    pub allowed: Duration,
    /// When the agency's day ends, and how much of its hours is left until then. None: it has no hours, or none left today.
    pub day_ends: Option<(DateTime<Utc>, Duration)>,
    /// Jobs by the minute in which they are due.
    pub deadlines: Vec<(DateTime<Utc>, i64)>,
    /// Jobs without a deadline.
    pub without: i64,
}

impl Situation {
    /// Puts together what was measured. `people`: who works on each kind, as far as it can be told.
    pub fn new(
        history: History,
        workload: &[Workload],
        people: &BTreeMap<JobKind, u32>,
        full_tiers: Vec<FullTier>,
        next_to_breach: Vec<NextBreach>,
        now: DateTime<Utc>,
    ) -> Situation {
        let kind = |job_kind| {
            let known = known(job_kind, &history, workload, people, now)?;
            let is_still = known.deadlines.is_empty() && known.without == 0 && known.rates.came + known.rates.gone == 0;
            let (rates, people) = (known.rates, known.people);
            (!is_still).then(|| KindForecast { job_kind, rates, people, forecast: forecast(&known) })
        };
        let forecasts = JobKind::ALL.into_iter().filter_map(kind).collect();
        Situation {
            forecasts,
            history,
            full_tiers,
            next_to_breach,
            through_the_night: Vec::new(),
            unknown_zones: Vec::new(),
            working: Working::default(),
        }
    }

    /// Nothing was measured yet.
    pub fn unknown(now: DateTime<Utc>) -> Situation {
        let history = History::complete(&[], now, 1, MINUTES + 1);
        Situation::new(history, &[], &BTreeMap::new(), Vec::new(), Vec::new(), now)
    }

    pub fn forecast(&self, kind: JobKind) -> Option<&KindForecast> {
        self.forecasts.iter().find(|row| row.job_kind == kind)
    }

    pub fn outlook(&self, kind: JobKind) -> Option<&Outlook> {
        match &self.forecast(kind)?.forecast {
            Forecast::Known(outlook) => Some(outlook),
            Forecast::Thin { .. } => None,
        }
    }

    /// More came than went over the window, by more than chance makes of a steady flow.
    pub fn grows(&self, kind: JobKind) -> bool {
        let rates = self.history.rates(kind, WINDOW);
        let more = rates.came - rates.gone;
        more > 0 && more * more > rates.came + rates.gone
    }
}

/// What is known of a kind over all agencies that are seen; none where nothing is.
fn known(
    kind: JobKind,
    history: &History,
    workload: &[Workload],
    people: &BTreeMap<JobKind, u32>,
    now: DateTime<Utc>,
) -> Option<Known> {
    let parts: Vec<&Workload> = workload.iter().filter(|part| part.job_kind == kind).collect();
    let first = parts.first()?;
    let mut deadlines: BTreeMap<DateTime<Utc>, i64> = BTreeMap::new();
    for (due, jobs) in parts.iter().flat_map(|part| &part.deadlines) {
        *deadlines.entry(*due).or_default() += jobs;
    }
    Some(Known {
        now,
        deadlines: deadlines.into_iter().collect(),
        without: parts.iter().map(|part| part.without).sum(),
        rates: history.rates(kind, WINDOW),
        people: people.get(&kind).copied(),
        order: first.order,
        allowed: first.allowed,
        late_leave: parts.iter().all(|part| part.late_leave),
        horizon: horizon(&parts, now),
    })
}

/// The end of the day where it is the same for all of them.
fn horizon(parts: &[&Workload], now: DateTime<Utc>) -> Horizon {
    match parts.iter().map(|part| part.day_ends).reduce(|one, other| if one == other { one } else { None }) {
        Some(Some((at, worked))) => Horizon { at, worked, is_closing: true },
        _ => Horizon::fixed(now, AHEAD),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Flow;

    fn now() -> DateTime<Utc> {
        DateTime::<Utc>::UNIX_EPOCH + Duration::days(20_000)
    }

    fn history(came: i64, gone: i64) -> History {
        let flow = Flow { came, gone, decided: gone, ..Flow::nothing(now() - Duration::minutes(5)) };
        History::complete(&[(JobKind::Approve, flow)], now(), 1, MINUTES + 1)
    }

    fn situation(came: i64, gone: i64) -> Situation {
        Situation::new(
            history(came, gone),
            &[workload(3), workload(4)],
            &BTreeMap::new(),
            Vec::new(),
            Vec::new(),
            now(),
        )
    }

    fn workload(jobs: i64) -> Workload {
        Workload {
            job_kind: JobKind::Approve,
            order: ReviewOrder::DeadlineFirst,
            late_leave: true,
            allowed: Duration::hours(4),
            day_ends: None,
            deadlines: vec![(now() + Duration::minutes(30), jobs)],
            without: 1,
        }
    }

    #[test]
    fn grows_means_more_than_chance() {
        assert!(situation(137, 111).grows(JobKind::Approve));
        assert!(!situation(137, 130).grows(JobKind::Approve));
        assert!(situation(2, 0).grows(JobKind::Approve));
        assert!(!situation(1, 0).grows(JobKind::Approve), "one by itself is no trend");
        assert!(!situation(0, 40).grows(JobKind::Approve));
    }

    #[test]
    fn agencies_that_are_seen_together_are_forecast_together() {
        let outlook = situation(0, 20);
        assert_eq!(outlook.outlook(JobKind::Approve).map(|outlook| outlook.waiting), Some(9));
        assert_eq!(outlook.forecasts.len(), 1, "nothing is said about kinds of which nothing is known");
        assert_eq!(Situation::unknown(now()).forecasts, []);
    }

    #[test]
    fn the_backlog_should_be_empty_when_the_day_ends_for_all_or_some_hours_from_now() {
        let ends = |hours: &[Option<i64>]| {
            let parts: Vec<Workload> = hours
                .iter()
                .map(|hours| hours.map(|hours| (now() + Duration::hours(hours), Duration::hours(hours - 1))))
                .map(|day_ends| Workload { day_ends, ..workload(1) })
                .collect();
            horizon(&parts.iter().collect::<Vec<_>>(), now())
        };
        let closing = Horizon { at: now() + Duration::hours(6), worked: Duration::hours(5), is_closing: true };
        assert_eq!((ends(&[Some(6)]), ends(&[Some(6), Some(6)])), (closing, closing));
        let fixed = Horizon::fixed(now(), AHEAD);
        assert_eq!([ends(&[None]), ends(&[Some(6), Some(3)]), ends(&[Some(6), None])], [fixed; 3]);
    }
}
