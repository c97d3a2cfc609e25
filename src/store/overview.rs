//! Everything that the Overview shows, in one answer, and the news that something changed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use super::statement::sql;
use super::{Result, Store};
use crate::domain::review::ReviewOrder;
use crate::domain::situation::{FullTier, MINUTES, NextBreach, Working, Workload};
use crate::domain::{
    Alerts, Backlog, ChannelHealth, Flow, History, Hold, JobId, JobKind, KindBacklog, KindPressure, OutageRule,
    Situation, Unattended,
};

/// Of each kind so many are named that breach next.
const NAMED: usize = 3;

/// How things stand, over all agencies that the login sees.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
    /// How many changes of jobs it counts at least.
    pub changes: i64,
    pub backlog: Backlog,
    /// The kinds in the order in which a message passes through them.
    pub pressure: Vec<KindPressure>,
    pub alerts: Alerts,
    pub situation: Situation,
}

/// What is counted of one agency.
#[derive(Debug, Deserialize)]
struct Place {
    agency: String,
    changes: i64,
    taken_at: DateTime<Utc>,
    review_order: ReviewOrder,
    has_hours: bool,
    time_zone: String,
    zone_is_known: bool,
    stamp: i64,
    /// None: those of this stamp.
    kinds: Option<Vec<Kind>>,
    channels: Vec<Channel>,
    holds: Vec<Hold>,
    full_tiers: Vec<FullTier>,
    next_to_breach: Vec<NextBreach>,
}

#[derive(Debug, Clone, Deserialize)]
struct Kind {
    job_kind: JobKind,
    escalates: bool,
    ready: i64,
    scheduled: i64,
    leased: i64,
    running: i64,
    retry_waiting: i64,
    paused: i64,
    dead_letter: i64,
    oldest_ready_at: Option<DateTime<Utc>>,
    breached: i64,
    lt_5m: i64,
    lt_15m: i64,
    lt_1h: i64,
    later: i64,
    none: i64,
    next_deadline_at: Option<DateTime<Utc>>,
    next_job_id: Option<JobId>,
    unattended_seconds: Option<i32>,
    full_since: Option<DateTime<Utc>>,
    allowed_seconds: i64,
    closes_at: Option<DateTime<Utc>>,
    remaining_seconds: Option<i64>,
    /// None: without a deadline. Beside it in `due`: how many.
    due_at: Vec<Option<DateTime<Utc>>>,
    due: Vec<i64>,
    /// None: nothing happened.
    minutes: Option<Vec<DateTime<Utc>>>,
    came: Option<Vec<i64>>,
    gone: Option<Vec<i64>>,
    decided: Option<Vec<i64>>,
    late: Option<Vec<i64>>,
    /// Logins, as the server numbers them. None: nobody.
    at_work: Option<Vec<u32>>,
}

#[derive(Debug, Deserialize)]
struct Channel {
    channel_kind: String,
    done: i64,
    failed: i64,
    since: Option<DateTime<Utc>>,
    leading_error: Option<String>,
    suspected: bool,
    ready: i64,
    retry_waiting: i64,
    under_way: i64,
    held: i64,
    is_held: bool,
    oldest_at: Option<DateTime<Utc>>,
    window_seconds: i32,
    least_attempts: i64,
    least_share: f64,
}

/// What one who asks again and again was told the last time, so that it need not travel again.
#[derive(Debug, Default)]
pub struct Told {
    /// By their stamp.
    kinds: BTreeMap<i64, Vec<Kind>>,
}

impl Told {
    /// Puts in what the answer left out, and keeps what it said.
    fn fill_in(&mut self, places: &mut [Place]) {
        let before = std::mem::take(&mut self.kinds);
        for place in places {
            let kinds = place.kinds.take().or_else(|| before.get(&place.stamp).cloned()).unwrap_or_default();
            place.kinds = Some(kinds.clone());
            self.kinds.insert(place.stamp, kinds);
        }
    }
}

impl Store {
    /// How things stand now, counted for this answer. A monitor sees no jobs, so what names them stays empty.
    pub async fn overview(&self) -> Result<Overview> {
        self.counted(None, &mut Told::default()).await
    }

    /// How things stood at most a second ago, with so many changes counted at least: what whoever asked last got too.
    pub async fn shared_overview(&self, changes: i64, told: &mut Told) -> Result<Overview> {
        self.counted(Some(changes), told).await
    }

    async fn counted(&self, at_least: Option<i64>, told: &mut Told) -> Result<Overview> {
        let known: Vec<i64> = told.kinds.keys().copied().collect();
        let mut places: Vec<Place> = self.statement(sql!("overview")).bind(at_least).bind(known).answer().await?;
        told.fill_in(&mut places);
        Ok(together(places))
    }

    /// How many changes of jobs there have been, as soon as that is another number than `seen`, or when the patience, at
    /// most two seconds, is over. Keeps a connection for as long.
    pub async fn await_change(&self, seen: i64, patience: Duration) -> Result<i64> {
        self.statement(sql!("await_change")).bind(seen).bind(patience.as_secs_f64()).answer().await
    }
}

fn together(places: Vec<Place>) -> Overview {
    let now = places.iter().map(|place| place.taken_at).max().unwrap_or_default();
    let history = history(&places, now);
    let mut situation = Situation::new(
        history,
        &places.iter().flat_map(Place::workload).collect::<Vec<_>>(),
        &people(&places),
        places.iter().flat_map(|place| place.full_tiers.clone()).collect(),
        next_to_breach(&places),
        now,
    );
    let at_night = |place: &&Place| !place.has_hours || !place.zone_is_known;
    let lost = |place: &&Place| place.has_hours && !place.zone_is_known;
    situation.through_the_night = places.iter().filter(at_night).map(|place| place.agency.clone()).collect();
    situation.unknown_zones = places.iter().filter(lost).map(|place| place.time_zone.clone()).collect();
    situation.working = working(&places);
    Overview {
        changes: places.iter().map(|place| place.changes).min().unwrap_or_default(),
        backlog: backlog(&places, &situation.history),
        pressure: pressure(&places),
        alerts: Alerts {
            channels: places.iter().flat_map(Place::channels).collect(),
            holds: holds(&places),
            unattended: places.iter().flat_map(Place::unattended).collect(),
        },
        situation,
    }
}

fn of_kind(places: &[Place], job_kind: JobKind) -> impl Iterator<Item = &Kind> {
    places.iter().flat_map(Place::kinds).filter(move |kind| kind.job_kind == job_kind)
}

/// All seven kinds.
fn backlog(places: &[Place], history: &History) -> Backlog {
    let kind = |job_kind| {
        let sum = |count: fn(&Kind) -> i64| of_kind(places, job_kind).map(count).sum();
        let last_minute = history.rates(job_kind, 1);
        KindBacklog {
            job_kind,
            ready: sum(|kind| kind.ready),
            scheduled: sum(|kind| kind.scheduled),
            leased: sum(|kind| kind.leased),
            running: sum(|kind| kind.running),
            retry_waiting: sum(|kind| kind.retry_waiting),
            paused: sum(|kind| kind.paused),
            dead_letter: sum(|kind| kind.dead_letter),
            oldest_ready_at: of_kind(places, job_kind).filter_map(|kind| kind.oldest_ready_at).min(),
            arrived_per_minute: last_minute.came,
            finished_per_minute: last_minute.gone,
        }
    };
    Backlog { kinds: JobKind::ALL.map(kind).to_vec() }
}

fn pressure(places: &[Place]) -> Vec<KindPressure> {
    let kind = |job_kind| {
        let sum = |count: fn(&Kind) -> i64| of_kind(places, job_kind).map(count).sum();
        let next = of_kind(places, job_kind).filter_map(|kind| kind.next_deadline_at.zip(kind.next_job_id)).min();
        KindPressure {
            job_kind,
            breached: sum(|kind| kind.breached),
            lt_5m: sum(|kind| kind.lt_5m),
            lt_15m: sum(|kind| kind.lt_15m),
            lt_1h: sum(|kind| kind.lt_1h),
            later: sum(|kind| kind.later),
            none: sum(|kind| kind.none),
            next_deadline_at: next.map(|(at, _)| at),
            next_job_id: next.map(|(_, job_id)| job_id),
        }
    };
    if places.is_empty() { Vec::new() } else { JobKind::ALL.map(kind).to_vec() }
}

fn history(places: &[Place], now: DateTime<Utc>) -> History {
    let flows: Vec<(JobKind, Flow)> = places.iter().flat_map(Place::kinds).flat_map(Kind::flows).collect();
    History::complete(&flows, now, 1, MINUTES + 1)
}

/// How many worked on each kind, each once however many agencies share them.
fn people(places: &[Place]) -> BTreeMap<JobKind, u32> {
    let logins = |job_kind| logins(of_kind(places, job_kind));
    JobKind::ALL.into_iter().map(|kind| (kind, logins(kind))).filter(|(_, people)| *people > 0).collect()
}

fn working(places: &[Place]) -> Working {
    let kinds = |people: bool| {
        logins(places.iter().flat_map(Place::kinds).filter(|kind| kind.job_kind.is_for_people() == people))
    };
    Working { reviewers: kinds(true), programs: kinds(false) }
}

fn logins<'a>(kinds: impl Iterator<Item = &'a Kind>) -> u32 {
    let logins: BTreeSet<u32> = kinds.flat_map(|kind| kind.at_work.iter().flatten().copied()).collect();
    u32::try_from(logins.len()).unwrap_or(u32::MAX)
}

/// A hold over several agencies keeps what it keeps of each.
fn holds(places: &[Place]) -> Vec<Hold> {
    let mut all: BTreeMap<i64, Hold> = BTreeMap::new();
    for hold in places.iter().flat_map(|place| &place.holds) {
        all.entry(hold.hold_id)
            .and_modify(|known| {
                known.paused += hold.paused;
                known.moved += hold.moved;
            })
            .or_insert_with(|| hold.clone());
    }
    let mut holds: Vec<Hold> = all.into_values().collect();
    holds.sort_by_key(|hold| std::cmp::Reverse((hold.placed_at, hold.hold_id)));
    holds
}

/// The first few of each kind, soonest first.
fn next_to_breach(places: &[Place]) -> Vec<NextBreach> {
    let mut all: Vec<NextBreach> = places.iter().flat_map(|place| place.next_to_breach.clone()).collect();
    all.sort_by_key(|next| (next.deadline_at, next.job_id));
    let mut named: BTreeMap<JobKind, usize> = BTreeMap::new();
    all.retain(|next| {
        let so_far = named.entry(next.job_kind).or_default();
        *so_far += 1;
        *so_far <= NAMED
    });
    all
}

impl Place {
    fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.kinds.iter().flatten()
    }

    fn workload(&self) -> impl Iterator<Item = Workload> {
        self.kinds().map(|kind| {
            let due = kind.due_at.iter().zip(&kind.due);
            Workload {
                job_kind: kind.job_kind,
                order: self.review_order,
                late_leave: kind.escalates && kind.full_since.is_none(),
                allowed: TimeDelta::seconds(kind.allowed_seconds),
                day_ends: kind.closes_at.zip(kind.remaining_seconds.map(TimeDelta::seconds)),
                deadlines: due.clone().filter_map(|(at, jobs)| Some(((*at)?, *jobs))).collect(),
                without: due.filter(|(at, _)| at.is_none()).map(|(_, jobs)| jobs).sum(),
            }
        })
    }

    fn unattended(&self) -> impl Iterator<Item = Unattended> {
        self.kinds().filter_map(|kind| {
            Some(Unattended {
                agency: self.agency.clone(),
                job_kind: kind.job_kind,
                ready: kind.ready,
                oldest_ready_at: kind.oldest_ready_at?,
                after_seconds: kind.unattended_seconds?,
            })
        })
    }

    fn channels(&self) -> impl Iterator<Item = ChannelHealth> {
        self.channels.iter().map(|channel| ChannelHealth {
            agency: self.agency.clone(),
            channel_kind: channel.channel_kind.clone(),
            done: channel.done,
            failed: channel.failed,
            share: channel.share(),
            since: channel.since,
            leading_error: channel.leading_error.clone(),
            suspected: channel.suspected,
            ready: channel.ready,
            retry_waiting: channel.retry_waiting,
            under_way: channel.under_way,
            held: channel.held,
            is_held: channel.is_held,
            oldest_at: channel.oldest_at,
            rule: OutageRule {
                window_seconds: channel.window_seconds,
                least_attempts: channel.least_attempts,
                least_share: channel.least_share,
            },
        })
    }
}

impl Channel {
    /// Of what was tried; none where nothing was.
    fn share(&self) -> Option<f64> {
        let tried = self.done + self.failed;
        (tried > 0).then(|| (self.failed as f64 / tried as f64 * 1000.0).round() / 1000.0)
    }
}

impl Kind {
    fn flows(&self) -> impl Iterator<Item = (JobKind, Flow)> {
        let of = |counts: &Option<Vec<i64>>, at: usize| counts.as_ref().and_then(|counts| counts.get(at)).copied();
        self.minutes.iter().flatten().enumerate().map(move |(at, minute)| {
            let count = |counts| of(counts, at).unwrap_or_default();
            let (came, gone, decided) = (count(&self.came), count(&self.gone), count(&self.decided));
            (self.job_kind, Flow { minute: *minute, came, gone, decided, breached: count(&self.late) })
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(minute)
    }

    /// One kind of an agency in which nothing is going on but what the test says.
    fn place(agency: &str, stamp: i64, what: &serde_json::Value) -> Place {
        let mut kind = json!({
            "job_kind": "customer_message_approve", "escalates": true, "ready": 0, "scheduled": 0, "leased": 0, "running": 0,
            "retry_waiting": 0, "paused": 0, "dead_letter": 0, "oldest_ready_at": null, "breached": 0, "lt_5m": 0,
            "lt_15m": 0, "lt_1h": 0, "later": 0, "none": 0, "next_deadline_at": null, "next_job_id": null,
            "unattended_seconds": null, "full_since": null, "allowed_seconds": 600, "closes_at": null,
            "remaining_seconds": null, "due_at": [], "due": [], "minutes": null, "came": null, "gone": null,
            "decided": null, "late": null, "at_work": null,
        });
        kind.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
        serde_json::from_value(json!({
            "agency": agency, "changes": stamp, "taken_at": at(0), "review_order": "deadline_first", "has_hours": false,
            "time_zone": "UTC", "zone_is_known": true, "stamp": stamp, "kinds": [kind], "channels": [], "holds": [],
            "full_tiers": [], "next_to_breach": [],
        }))
        .unwrap()
    }

    #[test]
    fn agencies_that_are_seen_together_are_added_up() {
        let places = vec![
            place(
                "acme",
                7,
                &json!({ "ready": 2, "next_deadline_at": at(9), "next_job_id": 1, "oldest_ready_at": at(-3),
                                       "at_work": [5, 6], "minutes": [at(-1)], "came": [4], "gone": [1], "decided": [1], "late": [0] }),
            ),
            place(
                "globex",
                9,
                &json!({ "ready": 3, "next_deadline_at": at(4), "next_job_id": 8, "oldest_ready_at": at(-8),
                                         "at_work": [6, 7], "minutes": [at(-1)], "came": [2], "gone": [0], "decided": [0], "late": [0] }),
            ),
        ];
        let seen = together(places);
        let approve = seen.backlog.of(JobKind::Approve).unwrap();
        assert_eq!((approve.ready, approve.oldest_ready_at), (5, Some(at(-8))));
        assert_eq!((approve.arrived_per_minute, approve.finished_per_minute), (6, 1), "in the last whole minute");
        let pressure = seen.pressure.iter().find(|row| row.job_kind == JobKind::Approve).unwrap();
        assert_eq!((pressure.next_deadline_at, pressure.next_job_id), (Some(at(4)), Some(JobId(8))));
        assert_eq!(seen.situation.working, Working { reviewers: 3, programs: 0 }, "whoever both share counts once");
        assert_eq!(seen.changes, 7, "no more than all of them count");
    }

    #[test]
    fn what_is_not_told_again_is_what_was_told() {
        let mut told = Told::default();
        let same = json!({ "ready": 2 });
        let mut first = [place("acme", 7, &same), place("globex", 7, &same)];
        told.fill_in(&mut first);
        let mut again =
            [place("acme", 7, &same), place("globex", 7, &same), place("initech", 8, &json!({ "ready": 1 }))];
        again[0].kinds = None;
        again[1].kinds = None;
        told.fill_in(&mut again);
        let ready = |place: &Place| place.kinds().map(|kind| kind.ready).sum::<i64>();
        assert_eq!(again.each_ref().map(ready), [2, 2, 1]);
        assert_eq!(told.kinds.len(), 2, "only what it was told last");
    }
}
