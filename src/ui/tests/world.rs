//! A made-up database: a full day, or an empty queue.

use chrono::{Duration, Utc};
use uuid::Uuid;

use super::noon;
use super::trouble::{channels, dead_letters, hold, unattended};
use crate::app::activity::ActivityList;
use crate::app::dead_letters::DeadLetterList;
use crate::app::jobs::{JobDetail, JobList};
use crate::app::overview::OverviewData;
use crate::domain::job::Codes;
use crate::domain::review::ReviewOrder;
use crate::domain::situation::{FullTier, NextBreach, Working, Workload};
use crate::domain::{
    Activity, Alerts, Backlog, Flow, History, Job, JobId, JobKind, KindBacklog, KindPressure, PayloadRef, Situation,
    Status, TeamHour,
};

/// Everything that the list screens ask for.
#[derive(Clone)]
pub struct World {
    pub overview: OverviewData,
    pub day: History,
    pub teams: Vec<TeamHour>,
    pub dead_letters: DeadLetterList,
    pub activity: ActivityList,
    pub jobs: JobList,
}

type Time = chrono::DateTime<Utc>;

pub fn ago(seconds: i64) -> Time {
    noon() - Duration::seconds(seconds)
}

fn ahead(seconds: i64) -> Time {
    noon() + Duration::seconds(seconds)
}

impl World {
    pub fn empty() -> World {
        World {
            overview: OverviewData {
                backlog: Backlog::complete(Vec::new()),
                pressure: Vec::new(),
                alerts: Alerts::default(),
                situation: Situation::unknown(noon()),
            },
            day: History::complete(&[], noon(), 20, 72),
            teams: Vec::new(),
            dead_letters: DeadLetterList { cells: Vec::new(), jobs: Vec::new() },
            activity: ActivityList { rows: Vec::new() },
            jobs: JobList { jobs: Vec::new() },
        }
    }

    pub fn full() -> World {
        World {
            overview: OverviewData {
                backlog: Backlog::complete(backlog()),
                pressure: pressure(),
                alerts: Alerts::default(),
                situation: situation(),
            },
            day: day(),
            teams: teams(),
            dead_letters: dead_letters(),
            activity: activity(),
            jobs: JobList { jobs: jobs() },
        }
    }

    /// The same day with a channel that fails, a hold over another, and a kind that nobody works on.
    pub fn troubled() -> World {
        let mut world = World::full();
        world.overview.alerts = Alerts { channels: channels(), holds: vec![hold()], unattended: unattended() };
        world
    }

    /// One job with two relatives and some history.
    pub fn detail(&self, job_id: JobId) -> JobDetail {
        let job = self.jobs.jobs.iter().find(|job| job.job_id == job_id).cloned();
        let job = job.unwrap_or_else(|| send(job_id.0, Status::DeadLetter));
        let parent = Job {
            job_id: JobId(job_id.0 - 20),
            job_kind: JobKind::Approve,
            status: Status::Succeeded,
            parent_job_id: None,
            ..job.clone()
        };
        let child = Job {
            job_id: JobId(job_id.0 + 20),
            job_kind: JobKind::Followup,
            status: Status::Queued,
            parent_job_id: Some(job_id),
            ..job.clone()
        };
        let job = Job { parent_job_id: Some(parent.job_id), ..job };
        let history = activity().rows.into_iter().rev().take(6).map(|run| Activity { job_id: Some(job_id), ..run });
        JobDetail {
            job: job.clone(),
            history: history.collect(),
            tree: vec![parent, job, child],
            blocked_by: vec!["held".into(), "gate_not_decided".into()],
        }
    }
}

fn backlog() -> Vec<KindBacklog> {
    let kind = |kind, [ready, leased, running, retry_waiting, paused, dead_letter]: [i64; 6]| KindBacklog {
        ready,
        leased,
        running,
        retry_waiting,
        paused,
        dead_letter,
        ..KindBacklog::empty(kind)
    };
    let rates = |row, arrived_per_minute, finished_per_minute, oldest| KindBacklog {
        arrived_per_minute,
        finished_per_minute,
        oldest_ready_at: Some(ago(oldest)),
        ..row
    };
    vec![
        rates(kind(JobKind::Inbound, [120_012, 2, 1, 0, 0, 0]), 41, 40, 3),
        rates(kind(JobKind::Classify, [4, 0, 2, 0, 0, 0]), 40, 40, 1),
        rates(kind(JobKind::Draft, [48, 6, 11, 3, 0, 0]), 14, 14, 125),
        rates(kind(JobKind::Approve, [408, 4, 0, 0, 0, 0]), 9, 7, 51_000),
        rates(kind(JobKind::Send, [19, 1, 2, 4, 31, 12]), 7, 7, 9),
        KindBacklog { scheduled: 7, ..KindBacklog::empty(JobKind::Followup) },
        rates(kind(JobKind::Escalate, [40, 0, 0, 0, 0, 0]), 1, 0, 3_070),
    ]
}

fn pressure() -> Vec<KindPressure> {
    let kind = |kind, [breached, lt_5m, lt_15m, lt_1h, later, none]: [i64; 6]| KindPressure {
        breached,
        lt_5m,
        lt_15m,
        lt_1h,
        later,
        none,
        ..KindPressure::empty(kind)
    };
    let next = |row, seconds, job_id| KindPressure {
        next_deadline_at: Some(ahead(seconds)),
        next_job_id: Some(JobId(job_id)),
        ..row
    };
    vec![
        kind(JobKind::Inbound, [0, 0, 0, 0, 0, 120_015]),
        next(kind(JobKind::Draft, [0, 0, 2, 13, 53, 0]), 540, 12_622),
        next(kind(JobKind::Approve, [96, 22, 41, 118, 135, 0]), 41, 12_031),
        next(kind(JobKind::Send, [4, 7, 8, 21, 17, 0]), 75, 12_701),
        next(kind(JobKind::Escalate, [18, 3, 6, 13, 0, 0]), 130, 11_790),
    ]
}

/// In half an hour each kind grew or shrank to what it has now.
fn situation() -> Situation {
    let flow = |kind: JobKind, minutes_ago: i64, came: i64, gone: i64| {
        let minute = noon() - Duration::minutes(minutes_ago);
        (kind, Flow { came, gone, decided: gone, ..Flow::nothing(minute) })
    };
    let mut flows = Vec::new();
    for at in 1..=30 {
        let wave = [0, 3, 6, 1, -2, -5, -3][usize::try_from(at % 7).unwrap()];
        flows.extend([
            flow(JobKind::Inbound, at, 41 + wave, 40),
            flow(JobKind::Classify, at, 40, 40),
            flow(JobKind::Draft, at, 14 + at % 3, 14),
            flow(JobKind::Approve, at, 9, 7 + at % 2),
            flow(JobKind::Send, at, 7, 7),
            flow(JobKind::Escalate, at, 1, at % 2),
        ]);
    }
    let history = History::complete(&flows, noon(), 1, 31);
    let due = |job_kind, deadlines: &[(i64, i64)]| Workload {
        job_kind,
        order: ReviewOrder::DeadlineFirst,
        late_leave: false,
        allowed: Duration::hours(4),
        day_ends: Some((noon() + Duration::hours(4), Duration::hours(4))),
        deadlines: deadlines.iter().map(|(minutes, jobs)| (noon() + Duration::minutes(*minutes), *jobs)).collect(),
        without: 0,
    };
    let workload = [
        Workload { without: 120_015, ..due(JobKind::Inbound, &[]) },
        due(JobKind::Classify, &[(9, 6)]),
        due(JobKind::Draft, &[(9, 2), (40, 13), (90, 53)]),
        due(JobKind::Approve, &[(-20, 96), (3, 22), (11, 41), (40, 118), (150, 135)]),
        due(JobKind::Send, &[(-3, 4), (3, 7), (9, 8), (40, 21), (90, 17)]),
        due(JobKind::Followup, &[(900, 7)]),
        due(JobKind::Escalate, &[(-9, 18), (3, 3), (11, 6), (40, 13)]),
    ];
    let people = [(JobKind::Approve, 4), (JobKind::Escalate, 1)].into();
    let full = FullTier {
        agency: "acme".into(),
        role: "senior_reviewer".into(),
        since: ago(1_900),
        open_jobs: 40,
        most: 40,
        stay: 96,
    };
    let next = |job_kind, seconds, job_id, holder: Option<&str>| NextBreach {
        job_id: JobId(job_id),
        job_kind,
        deadline_at: ahead(seconds),
        lease_owner: holder.map(str::to_owned),
    };
    let next = vec![
        next(JobKind::Approve, 41, 12_031, Some("ada")),
        next(JobKind::Send, 75, 12_701, None),
        next(JobKind::Approve, 110, 12_044, None),
        next(JobKind::Escalate, 130, 11_790, None),
        next(JobKind::Draft, 540, 12_622, Some("drafter-1")),
    ];
    let working = Working { reviewers: 4, programs: 6 };
    Situation { working, ..Situation::new(history, &workload, &people, vec![full], next, noon()) }
}

/// Quiet at night, a wave in the morning.
fn day() -> History {
    let flow = |hours_ago: i64| {
        let busy = hours_ago < 4;
        let minute = noon() - Duration::hours(hours_ago);
        let (came, gone, breached) = if busy { (180, 120, 30) } else { (12, 12, 0) };
        (JobKind::Approve, Flow { came, gone, decided: gone - 2, breached, ..Flow::nothing(minute) })
    };
    History::complete(&(1..24).map(flow).collect::<Vec<_>>(), noon(), 20, 72)
}

fn teams() -> Vec<TeamHour> {
    let hour = |hours_ago, role: &str, [approved, rejected, escalated]: [i64; 3], median_seconds| TeamHour {
        role: role.into(),
        hour: noon() - Duration::hours(hours_ago),
        approved,
        rejected,
        escalated,
        median_seconds,
    };
    vec![
        hour(1, "reviewer", [402, 31, 9], Some(71.6)),
        hour(1, "senior_reviewer", [22, 4, 0], Some(340.0)),
        hour(2, "reviewer", [398, 44, 12], Some(68.0)),
        hour(2, "team_lead", [1, 0, 0], None),
    ]
}

fn activity() -> ActivityList {
    let run = |(at, (login, call, job_id, outcome, change, code)): (usize, (&str, &str, i64, &str, &str, &str))| {
        let word = |word: &str| (!word.is_empty()).then(|| word.to_owned());
        let (from, to) = change.split_once('>').unwrap_or_default();
        Activity {
            run_id: 900 - at as i64,
            at: ago(at as i64 * 19 + if at > 8 { 86_400 } else { 0 }),
            login: login.into(),
            call: call.into(),
            job_id: (job_id > 0).then_some(JobId(job_id)),
            outcome: outcome.into(),
            from_status: word(from),
            to_status: word(to),
            code: word(code),
        }
    };
    let rows = [
        ("kim", "set_config", 0, "applied", "", "review_order"),
        ("ada", "review_approve", 12_024, "applied", "leased>succeeded", ""),
        ("bo", "review_approve", 12_020, "already_decided", "", ""),
        ("sender-sms-2", "fail_job", 12_017, "applied", "running>retry_waiting", "provider_unreachable"),
        ("ada", "review_approve", 12_016, "conversation_moved", "", ""),
        ("lee", "review_reject", 12_008, "applied", "leased>failed", "wrong_fact"),
        ("kim", "dead_letter_retry", 12_003, "applied", "dead_letter>queued", "may_have_left"),
        ("ada", "review_escalate", 12_005, "applied", "leased>cancelled", "legal_threat"),
        ("drafter-1", "claim_jobs", 12_040, "applied", "queued>leased", ""),
        ("importer", "open_conversation", 12_001, "applied", ">queued", ""),
    ];
    ActivityList { rows: rows.into_iter().enumerate().map(run).collect() }
}

fn send(job_id: i64, status: Status) -> Job {
    Job {
        job_id: JobId(job_id),
        job_kind: JobKind::Send,
        status,
        priority: 4,
        agency: "acme".into(),
        target_ref: None,
        channel_kind: "sms".into(),
        correlation_id: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001),
        parent_job_id: None,
        payload_ref: PayloadRef::Message(Uuid::from_u128(7)),
        codes: Codes {
            language: Some("de".into()),
            intent_code: Some("card_arrival".into()),
            confidence: Some(0.55),
            ..Codes::default()
        },
        attempt: 2,
        max_attempts: Some(3),
        created_at: ago(840),
        process_after: ago(800),
        deadline_at: Some(ahead(480)),
        lease_owner: None,
        lease_expires_at: None,
        started_at: None,
        finished_at: None,
        outcome_code: None,
        last_error_code: None,
    }
}

fn jobs() -> Vec<Job> {
    let people = |job_id, status| Job {
        job_kind: JobKind::Approve,
        target_ref: Some("agency:acme/role:reviewer".into()),
        channel_kind: "email".into(),
        max_attempts: None,
        attempt: 0,
        ..send(job_id, status)
    };
    let mut jobs = vec![
        Job { lease_owner: Some("ada".into()), lease_expires_at: Some(ahead(200)), ..people(12_031, Status::Leased) },
        Job { deadline_at: Some(ago(125)), ..people(12_030, Status::Queued) },
        Job { lease_owner: Some("sender-sms-2".into()), started_at: Some(ago(4)), ..send(12_029, Status::Running) },
        Job { last_error_code: Some("provider_unreachable".into()), ..send(12_028, Status::RetryWaiting) },
        Job {
            outcome_code: Some("attempts_used_up".into()),
            last_error_code: Some("provider_unreachable".into()),
            finished_at: Some(ago(30)),
            ..send(12_027, Status::DeadLetter)
        },
        Job { outcome_code: Some("approved".into()), finished_at: Some(ago(90)), ..people(12_026, Status::Succeeded) },
        Job { channel_kind: "信使".into(), deadline_at: None, ..send(12_025, Status::Paused) },
    ];
    jobs.extend((11_985..12_025).rev().map(|job_id| send(job_id, Status::Queued)));
    jobs
}
