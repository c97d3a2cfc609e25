//! What comes next, if everything goes on as it went in the last minutes.
//!
//! What waits is served at the measured rate in the agency's order, minute by minute, while more comes at the measured rate
//! with the time that its kind is allowed. A forecast is a statement about rates, so from fewer than [`FEWEST_DECIDED`]
//! completions there is none. Knows nothing of where the numbers come from.

pub mod words;

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::JobKind;
use super::history::Rates;
use super::review::ReviewOrder;

/// From fewer completions in the window nothing is concluded.
pub const FEWEST_DECIDED: i64 = 20;

/// Minutes over which rates are measured.
pub const WINDOW: i64 = 15;

/// No forecast looks further.
const FARTHEST: i64 = 24 * 60;

/// By when the backlog should be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Horizon {
    pub at: DateTime<Utc>,
    /// How much of the time until then is worked.
    pub worked: Duration,
    /// It is the end of the agency's day; else no more than some hours from now.
    pub is_closing: bool,
}

impl Horizon {
    /// So far ahead, where nobody says when the day ends.
    pub fn fixed(now: DateTime<Utc>, ahead: Duration) -> Horizon {
        Horizon { at: now + ahead, worked: ahead, is_closing: false }
    }
}

/// What is known of one kind when the forecast is made.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    pub now: DateTime<Utc>,
    /// How many of the open jobs are due in each minute, soonest first; what is late already included.
    pub deadlines: Vec<(DateTime<Utc>, i64)>,
    /// Open jobs without a deadline.
    pub without: i64,
    pub rates: Rates,
    /// Who works on it; none where it cannot be told.
    pub people: Option<u32>,
    pub order: ReviewOrder,
    /// How long a new job of this kind has until its deadline, the time included in which nobody works.
    pub allowed: Duration,
    /// Whether what becomes late goes to somebody else by itself: it then leaves this line.
    pub late_leave: bool,
    pub horizon: Horizon,
}

/// What is said about one kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "forecast", rename_all = "snake_case")]
pub enum Forecast {
    /// Too little was completed in the window to say anything.
    Thin {
        decided: i64,
        needed: i64,
    },
    Known(Outlook),
}

/// What will happen if nothing changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outlook {
    /// Open now, late or not.
    pub waiting: i64,
    /// Of these, late now.
    pub late: i64,
    /// More than comes than is decided, a minute; below zero the backlog shrinks.
    pub grows_per_minute: f64,
    /// How long what waits now would take at the measured rate, if nothing more came. Seconds.
    pub behind_seconds: i64,
    /// What the order in force leads to.
    pub course: Course,
    /// What the other order would lead to.
    pub other: Course,
    /// When nothing waits any more, within a day.
    pub empty_at: Option<DateTime<Utc>>,
    /// So many people keep the backlog from growing, at the pace of those who work on it now.
    pub hold: Option<u32>,
    /// So many empty it until `until`.
    pub empty: Option<u32>,
    pub until: DateTime<Utc>,
    /// `until` is the end of the agency's day; else it is no more than some hours away.
    #[serde(default)]
    pub until_closing: bool,
}

/// What becomes of those that wait now, in one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    pub order: ReviewOrder,
    /// So many of those that wait now and are not late will be late.
    pub will_breach: i64,
    /// When the first of them is.
    pub first_breach_at: Option<DateTime<Utc>>,
    /// When none of those that are late now is left, within a day.
    pub late_done_at: Option<DateTime<Utc>>,
}

/// What the numbers say about one kind.
pub fn forecast(known: &Known) -> Forecast {
    let rates = &known.rates;
    if rates.decided < FEWEST_DECIDED || rates.minutes <= 0 {
        return Forecast::Thin { decided: rates.decided, needed: FEWEST_DECIDED };
    }
    let (comes, done) = (rates.came_per_minute(), rates.decided_per_minute());
    let waiting = known.deadlines.iter().map(|(_, jobs)| jobs).sum::<i64>() + known.without;
    let late = known.deadlines.iter().filter(|(due, _)| *due <= known.now).map(|(_, jobs)| jobs).sum();
    let (course, empty_at) = simulate(known, known.order);
    let (other, _) = simulate(known, known.order.other());
    let pace = known.people.filter(|people| *people > 0).map(|people| done / f64::from(people));
    let Horizon { at: until, worked, is_closing: until_closing } = known.horizon;
    let worked = worked.num_seconds() as f64 / 60.0;
    // More comes in the breaks too.
    let to_do = waiting as f64 + comes * (until - known.now).num_seconds() as f64 / 60.0;
    let people = |needed: f64| pace.map(|pace| (needed / pace - 1e-9).ceil().max(0.0) as u32);
    Forecast::Known(Outlook {
        waiting,
        late,
        grows_per_minute: comes - done,
        behind_seconds: (waiting as f64 / done * 60.0).round() as i64,
        course,
        other,
        empty_at,
        hold: people(comes),
        empty: (worked > 0.0).then(|| people(to_do / worked)).flatten(),
        until,
        until_closing,
    })
}

/// The forecasts of the kinds that have work or had some, in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KindForecast {
    pub job_kind: JobKind,
    pub rates: Rates,
    pub people: Option<u32>,
    #[serde(flatten)]
    pub forecast: Forecast,
}

/// Jobs that are due in the same minute: of those that wait now, and of those that will have come.
#[derive(Debug, Clone, Copy, Default)]
struct Due {
    present: f64,
    to_come: f64,
}

impl Due {
    fn sum(self) -> f64 {
        self.present + self.to_come
    }

    /// Takes up to `many` out, in the proportion that is there, and returns them.
    fn take(&mut self, many: f64) -> Due {
        let (before, many) = (*self, many.max(0.0));
        let left = if many < self.sum() { 1.0 - many / self.sum() } else { 0.0 };
        self.present *= left;
        self.to_come *= left;
        Due { present: before.present - self.present, to_come: before.to_come - self.to_come }
    }
}

/// What waits, in three lines: what can still make its deadline, what cannot, and what has none.
struct Line {
    /// By the minute of the deadline, from now.
    in_time: BTreeMap<i64, Due>,
    late: BTreeMap<i64, Due>,
    without: Due,
    /// All of it.
    waits: Due,
    /// Of it, what was late from the beginning.
    late_now: f64,
}

/// What is late from the beginning was due in minutes up to this one.
const LATE_NOW: i64 = -1;

impl Line {
    fn of(known: &Known) -> Line {
        let without = Due { present: known.without as f64, to_come: 0.0 };
        let mut line = Line { in_time: BTreeMap::new(), late: BTreeMap::new(), without, waits: without, late_now: 0.0 };
        for (due, jobs) in &known.deadlines {
            let (minute, jobs) = ((*due - known.now).num_seconds().div_euclid(60), *jobs as f64);
            let place = if *due <= known.now {
                line.late_now += jobs;
                line.late.entry(minute.min(LATE_NOW)).or_default()
            } else {
                line.in_time.entry(minute).or_default()
            };
            place.present += jobs;
            line.waits.present += jobs;
        }
        line
    }

    fn add(&mut self, minute: i64, many: f64) {
        self.in_time.entry(minute).or_default().to_come += many;
        self.waits.to_come += many;
    }

    /// Works for a minute at `capacity`, first things first.
    fn serve(&mut self, order: ReviewOrder, capacity: f64) {
        let taken = match order {
            ReviewOrder::DeadlineFirst => {
                let late = self.serve_late(capacity);
                let in_time = take_soonest(&mut self.in_time, capacity - late.sum());
                [late, in_time, self.without.take(capacity - late.sum() - in_time.sum())]
            }
            ReviewOrder::SavableFirst => {
                let in_time = take_soonest(&mut self.in_time, capacity);
                let without = self.without.take(capacity - in_time.sum());
                [in_time, without, self.serve_late(capacity - in_time.sum() - without.sum())]
            }
        };
        for part in taken {
            self.waits.present -= part.present;
            self.waits.to_come -= part.to_come;
        }
    }

    fn serve_late(&mut self, capacity: f64) -> Due {
        let taken = take_soonest(&mut self.late, capacity);
        // The earliest are served first, so what was late from the beginning goes before what became late.
        self.late_now = (self.late_now - taken.present).max(0.0);
        taken
    }

    /// What was due up to the end of this minute and is still there is late; how many of those that waited at the beginning.
    fn pass(&mut self, minute: i64, late_leave: bool) -> f64 {
        let mut breached = 0.0;
        while let Some(first) = self.in_time.first_entry().filter(|first| *first.key() <= minute) {
            let (due, jobs) = first.remove_entry();
            breached += jobs.present;
            if late_leave {
                self.waits.present -= jobs.present;
                self.waits.to_come -= jobs.to_come;
            } else {
                let place = self.late.entry(due).or_default();
                place.present += jobs.present;
                place.to_come += jobs.to_come;
            }
        }
        breached
    }
}

/// Takes up to `many` out of a line, the soonest first.
fn take_soonest(line: &mut BTreeMap<i64, Due>, many: f64) -> Due {
    let mut taken = Due::default();
    while many - taken.sum() > NOTHING
        && let Some(mut first) = line.first_entry()
    {
        let part = first.get_mut().take(many - taken.sum());
        taken.present += part.present;
        taken.to_come += part.to_come;
        if first.get().sum() < NOTHING {
            first.remove();
        }
    }
    taken
}

/// Less of a job than this is left over from reckoning.
const NOTHING: f64 = 1e-6;

/// Half a job and more is one.
const ONE: f64 = 0.5;

/// Serves what waits in this order, minute by minute for a day or until nothing more can come to light, and says what became
/// of it and when nothing waited.
fn simulate(known: &Known, order: ReviewOrder) -> (Course, Option<DateTime<Utc>>) {
    let (comes, done) = (known.rates.came_per_minute(), known.rates.decided_per_minute());
    let allowed = known.allowed.num_minutes().max(1);
    let mut line = Line::of(known);
    let mut breached = 0.0;
    let (mut first_breach_at, mut late_done_at, mut empty_at) = (None, None, None);
    for minute in 0..FARTHEST {
        let then = known.now + Duration::minutes(minute + 1);
        line.add(minute + allowed, comes);
        line.serve(order, done);
        breached += line.pass(minute, known.late_leave);
        if breached >= ONE {
            first_breach_at.get_or_insert(then);
        }
        if line.late_now < ONE {
            late_done_at.get_or_insert(then);
        }
        if line.waits.sum() < ONE {
            empty_at.get_or_insert(then);
        }
        if line.waits.present < ONE && (empty_at.is_some() || comes >= done) {
            break;
        }
    }
    (Course { order, will_breach: breached.round() as i64, first_breach_at, late_done_at }, empty_at)
}

#[cfg(test)]
mod tests;
