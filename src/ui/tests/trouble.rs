//! What breaks in the made-up database: dead letters, channels that fail, holds, work that nobody takes.

use super::world::ago;
use crate::app::dead_letters::DeadLetterList;
use crate::domain::{ChannelHealth, DeadLetter, DeadLetterCell, Hold, JobId, JobKind, OutageRule, Unattended};

pub fn dead_letter(job_id: i64, error_code: &str) -> DeadLetter {
    DeadLetter {
        job_id: JobId(job_id),
        job_kind: JobKind::Send,
        agency: "acme".into(),
        channel_kind: "sms".into(),
        error_code: error_code.into(),
        outcome_code: Some("attempts_used_up".into()),
        attempt: 3,
        max_attempts: Some(3),
        retried_by_people: 0,
        workers: vec!["sender-sms-1".into()],
        nothing_else_open: job_id % 5 > 0,
        deadline_at: Some(ago(job_id % 7 * 400)),
        finished_at: ago((12_030 - job_id) * 40),
    }
}

pub fn unknown_outcome(job_id: i64) -> DeadLetter {
    DeadLetter { outcome_code: Some("outcome_unknown".into()), ..dead_letter(job_id, "provider_timeout") }
}

pub fn dead_letters() -> DeadLetterList {
    let sms = |job_id| dead_letter(job_id, "provider_unreachable");
    let mut jobs: Vec<DeadLetter> = (12_010..12_020).rev().map(sms).collect();
    jobs[2].retried_by_people = 2;
    jobs.insert(1, unknown_outcome(12_018 + 1_000));
    jobs.push(DeadLetter {
        job_kind: JobKind::Classify,
        channel_kind: "webchat".into(),
        deadline_at: None,
        max_attempts: Some(5),
        attempt: 5,
        // Wide on purpose: a code that an agency registered itself must not move the columns.
        ..dead_letter(11_002, "模型_không_trả_lời_đúng_hạn")
    });
    let cell =
        |error_code: &str, job_kind, channel_kind: &str, [last_5m, last_1h, last_24h, last_7d, total]: [i64; 5]| {
            let (error_code, channel_kind) = (error_code.to_owned(), channel_kind.to_owned());
            DeadLetterCell { error_code, job_kind, channel_kind, last_5m, last_1h, last_24h, last_7d, total }
        };
    let cells = vec![
        cell("provider_unreachable", JobKind::Send, "sms", [3, 10, 10, 10, 10]),
        cell("provider_timeout", JobKind::Send, "sms", [0, 1, 1, 1, 1]),
        cell("模型_không_trả_lời_đúng_hạn", JobKind::Classify, "webchat", [0, 0, 1, 1, 1]),
    ];
    DeadLetterList { cells, jobs }
}

pub fn channels() -> Vec<ChannelHealth> {
    let rule = OutageRule { window_seconds: 300, least_attempts: 10, least_share: 0.5 };
    let channel = |channel_kind: &str, done, failed| ChannelHealth {
        agency: "acme".into(),
        channel_kind: channel_kind.into(),
        done,
        failed,
        share: (done + failed > 0).then(|| failed as f64 / (done + failed) as f64),
        since: None,
        leading_error: None,
        suspected: false,
        ready: 0,
        retry_waiting: 0,
        under_way: 0,
        held: 0,
        is_held: false,
        oldest_at: None,
        rule,
    };
    vec![
        ChannelHealth { oldest_at: Some(ago(9)), ready: 2, ..channel("email", 33, 0) },
        ChannelHealth {
            since: Some(ago(240)),
            leading_error: Some("provider_unreachable".into()),
            suspected: true,
            ready: 9,
            retry_waiting: 4,
            under_way: 2,
            oldest_at: Some(ago(245)),
            ..channel("sms", 1, 11)
        },
        ChannelHealth { held: 31, is_held: true, oldest_at: Some(ago(3_960)), ..channel("webchat", 0, 0) },
    ]
}

pub fn hold() -> Hold {
    Hold {
        hold_id: 3,
        job_kind: Some(JobKind::Send),
        channel_kind: Some("webchat".into()),
        agency: Some("acme".into()),
        reason: "provider_outage".into(),
        ticket: Some("INC-2291".into()),
        placed_by: "bo".into(),
        placed_at: ago(3_960),
        resumed_at: None,
        per_minute: None,
        trial_at: None,
        paused: 31,
        moved: 3,
    }
}

pub fn unattended() -> Vec<Unattended> {
    vec![Unattended {
        agency: "acme".into(),
        job_kind: JobKind::Followup,
        ready: 4,
        oldest_ready_at: ago(1_260),
        after_seconds: 300,
    }]
}
