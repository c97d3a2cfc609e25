//! Outages are named by the agency's rule, nobody's work is said to be so, and a hold ends with care.

use std::ops::ControlFlow;

use chrono::{DateTime, TimeDelta, Utc};
use countersign::domain::hold::{Trial, Verdict};
use countersign::domain::{ChannelHealth, JobId, JobKind, Status};
use countersign::store::Store;
use countersign::store::holds::Scope;
use countersign::store::programs::Completion;
use countersign::store::resuming::{Ended, Resuming};
use serde_json::json;
use sqlx::AssertSqlSafe;

use crate::calls::{approved, claimed, started};
use crate::support::{Database, Figure, Question, command, database, scaled};

fn sms() -> Scope {
    Scope { job_kind: Some(JobKind::Send), channel_kind: Some("sms".into()), agency: None }
}

/// Sends one text message, or fails to.
async fn tries(db: &Database, error: Option<&str>) {
    approved(db, &db.question_of("acme", "sms").await).await;
    db.advance("40 seconds").await;
    let exe = db.as_login("exe").await;
    let job = started(&exe, JobKind::Send).await;
    let answer = match error {
        Some(code) => exe.fail_job(job.job_id, job.lease_token, code, command()).await.unwrap().outcome,
        None => {
            let sent = Completion { provider_ref: Some("sms-1".into()), ..Completion::default() };
            exe.complete_job(job.job_id, job.lease_token, &sent, command()).await.unwrap()
        }
    };
    assert!(answer.is_applied(), "{answer:?}");
}

async fn of_sms(store: &Store) -> ChannelHealth {
    let channels = store.channel_health().await.unwrap();
    channels.into_iter().find(|channel| channel.agency == "acme" && channel.channel_kind == "sms").unwrap()
}

#[tokio::test]
async fn a_channel_is_named_by_the_agencys_rule_and_only_while_its_failures_are_recent() {
    let db = database().await;
    let kim = db.as_login("kim").await;
    let wad = db.as_login("wad").await;
    wad.set_agency_config("queue.customer.outage_attempts", &json!(4), command()).await.unwrap();
    tries(&db, None).await;
    tries(&db, Some("provider_unreachable")).await;
    tries(&db, Some("provider_unreachable")).await;
    let few = of_sms(&kim).await;
    assert_eq!((few.done, few.failed, few.suspected), (1, 2, false), "three attempts say nothing");
    tries(&db, Some("provider_timeout")).await;
    let named = of_sms(&kim).await;
    assert_eq!((named.done, named.failed, named.share, named.suspected), (1, 3, Some(0.75), true));
    assert_eq!(named.leading_error.as_deref(), Some("provider_unreachable"));
    assert_eq!((named.rule.window_seconds, named.rule.least_attempts, named.rule.least_share), (300, 4, 0.5));
    assert_eq!(of_sms(&db.as_login("mon").await).await, named, "monitors count it too");
    let elsewhere = db.as_login("gus").await.channel_health().await.unwrap();
    assert!(elsewhere.iter().all(|channel| channel.agency == "globex"));

    wad.set_agency_config("queue.customer.outage_share", &json!(0.8), command()).await.unwrap();
    assert!(!of_sms(&kim).await.suspected, "three of four are fewer than eighty percent");
    wad.set_agency_config("queue.customer.outage_share", &json!(0.75), command()).await.unwrap();
    assert!(of_sms(&kim).await.suspected);
    db.advance("5 minutes").await;
    let calm = of_sms(&kim).await;
    assert_eq!((calm.done, calm.failed, calm.share, calm.suspected), (0, 0, None, false));
}

#[tokio::test]
async fn a_second_attempt_of_the_same_send_counts_as_one_more() {
    let db = database().await;
    tries(&db, Some("provider_unreachable")).await;
    db.advance("40 seconds").await;
    let exe = db.as_login("exe").await;
    let again = started(&exe, JobKind::Send).await;
    exe.fail_job(again.job_id, again.lease_token, "rate_limited", command()).await.unwrap();
    let seen = of_sms(&db.as_login("kim").await).await;
    assert_eq!((seen.failed, seen.retry_waiting), (2, 1));
}

/// However long an attempt took, it counts when it ends; and an outage is as old as its first failure, also when that was
/// before the window.
#[tokio::test]
async fn an_outage_began_with_its_first_failure_and_a_pause_ends_it() {
    let db = database().await;
    let kim = db.as_login("kim").await;
    let since = async || of_sms(&kim).await.since;
    let now = async || db.value::<DateTime<Utc>>("select queue.clock()").await;
    tries(&db, None).await;
    assert_eq!(since().await, None);
    db.advance("10 minutes").await;
    let mut begun = now().await;
    for round in 0..3 {
        tries(&db, Some("provider_unreachable")).await;
        if round == 0 {
            begun = since().await.unwrap();
        }
        db.advance("4 minutes").await;
    }
    assert_eq!(since().await, Some(begun), "{} ago", now().await - begun);
    assert!(now().await - begun > TimeDelta::minutes(12));
    db.advance("11 minutes").await;
    assert_eq!(since().await, None);
    tries(&db, Some("provider_unreachable")).await;
    assert!(
        now().await - since().await.unwrap() < TimeDelta::minutes(1),
        "what failed before the pause is another story"
    );
}

#[tokio::test]
async fn an_attempt_counts_when_it_ends_however_long_it_took() {
    let db = database().await;
    approved(&db, &db.question_of("acme", "sms").await).await;
    db.advance("40 seconds").await;
    let exe = db.as_login("exe").await;
    let job = started(&exe, JobKind::Send).await;
    for _ in 0..30 {
        db.advance("50 seconds").await;
        exe.extend_lease(job.job_id, job.lease_token).await.unwrap();
    }
    exe.fail_job(job.job_id, job.lease_token, "provider_unreachable", command()).await.unwrap();
    assert_eq!(of_sms(&db.as_login("kim").await).await.failed, 1);
}

/// Much that is long over, twice as many rows as jobs, lies beside the little that happened lately, and only the little is read: the server counts it.
#[tokio::test]
async fn how_channels_do_is_not_looked_for_in_what_is_long_over() {
    let jobs = scaled(100_000, 1_000_000);
    let figure = Figure::begin("jobs long over beside which channels and neglected kinds were looked at");
    let db = database().await;
    let conversation = db.conversation().await.id;
    db.execute(&format!(
        "alter table queue.job_queue disable trigger all;
         alter table queue.dot_iu_command_run disable trigger all;
         insert into queue.job_queue (job_kind, status, agency, channel_kind, correlation_id, payload_ref, parent_job_id,
                                      max_attempts, created_at, process_after, started_at, finished_at, outcome_code)
         select case when number % 2 = 0 then 'customer_message_send' else 'customer_message_inbound' end, 'succeeded', 'acme',
                'sms', '{conversation}', 'message:{conversation}', -number, 5, at, at, at, at, 'completed'
         from (select number, now() - make_interval(secs => 1000 + 30 * ({jobs} - number)) as at
               from generate_series(1, {jobs}) as number) as past;
         insert into queue.dot_iu_command_run (at, login, call, job_id, agency, outcome, from_status, to_status)
         select started_at, session_user, 'fail_job', job_id, 'acme', 'applied',
                case when job_id % 4 < 2 then 'queued' else 'running' end, case when job_id % 4 < 2 then 'leased' else 'retry_waiting' end
         from queue.job_queue
         where started_at is not null
         order by job_id;
         alter table queue.job_queue enable trigger all;
         alter table queue.dot_iu_command_run enable trigger all;
         analyze queue.job_queue, queue.dot_iu_command_run"
    ))
    .await;
    tries(&db, Some("provider_unreachable")).await;
    db.question_of("acme", "sms").await;
    db.advance("4 minutes").await;
    tries(&db, Some("provider_unreachable")).await;
    db.advance("2 minutes").await;
    assert_eq!(of_sms(&db.as_login("kim").await).await.failed, 1);
    for call in ["channel_health()", "overview()"] {
        // A session of its own, because a session counts what it read.
        let mut session = db.raw("kim").await.acquire().await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(format!("begin; select from queue.{call}"))).execute(&mut *session).await.unwrap();
        let read: Vec<(String, i64, i64)> = sqlx::query_as(
            "select relname::text, seq_scan, coalesce(idx_tup_fetch, 0) from pg_stat_xact_all_tables
             where relname in ('job_queue', 'dot_iu_command_run')",
        )
        .fetch_all(&mut *session)
        .await
        .unwrap();
        assert_eq!(read.len(), 2);
        for (table, scans, rows) in read {
            assert!(scans == 0 && rows < 200, "{call} read {table} {scans} times as a whole, and {rows} rows of it");
        }
    }
    figure.end(jobs);
}

#[tokio::test]
async fn ready_work_that_nobody_takes_is_said_so_until_somebody_does() {
    let db = database().await;
    let question = db.question().await;
    let kim = db.as_login("kim").await;
    db.advance("4 minutes").await;
    assert_eq!(kim.overview().await.unwrap().alerts.unattended, []);
    db.advance("2 minutes").await;
    let seen = kim.overview().await.unwrap().alerts.unattended;
    assert_eq!(seen.iter().map(|kind| (kind.job_kind, kind.ready)).collect::<Vec<_>>(), [(JobKind::Approve, 1)]);
    db.read("ada", question.job).await;
    assert_eq!(kim.overview().await.unwrap().alerts.unattended, []);
}

/// Three approved texts under a hold.
async fn held(db: &Database) -> (Vec<(Question, JobId)>, i64) {
    let mut sends = Vec::new();
    for _ in 0..3 {
        let question = db.question_of("acme", "sms").await;
        let send = approved(db, &question).await;
        sends.push((question, send));
    }
    db.advance("40 seconds").await;
    let kim = db.as_login("kim").await;
    let placed = kim.place_hold(&sms(), "provider_outage", Some("INC-7"), command()).await.unwrap();
    assert_eq!(placed.paused, 3);
    (sends, placed.hold_id.unwrap())
}

#[tokio::test]
async fn what_is_let_through_goes_while_the_hold_keeps_the_rest_and_is_kept_again_when_it_fails() {
    let db = database().await;
    let (_, hold) = held(&db).await;
    let (kim, exe) = (db.as_login("kim").await, db.as_login("exe").await);
    assert_eq!(kim.try_resume(hold, 2, command()).await.unwrap().resumed, 2);
    assert_eq!(kim.sweep().await.unwrap().paused, 0, "no sweep stops it again");
    assert_eq!(kim.trial(hold).await.unwrap().verdict(), Verdict::Open);
    let one = started(&exe, JobKind::Send).await;
    exe.fail_job(one.job_id, one.lease_token, "provider_unreachable", command()).await.unwrap();
    assert_eq!(kim.trial(hold).await.unwrap().verdict(), Verdict::Failed);
    let later = db.question_of("acme", "sms").await;
    let late = approved(&db, &later).await;
    db.advance("40 seconds").await;
    assert_eq!(kim.sweep().await.unwrap().paused, 2, "what failed, and what came later");
    assert_eq!((db.status(one.job_id).await, db.status(late).await), (Status::Paused, Status::Paused));
    let other = started(&exe, JobKind::Send).await;
    assert_ne!(other.job_id, one.job_id);
    assert_eq!(exe.claim_jobs(&[JobKind::Send], 10).await.unwrap(), [], "the hold stands for the rest");

    let sent = Completion { provider_ref: Some("sms-2".into()), ..Completion::default() };
    exe.complete_job(other.job_id, other.lease_token, &sent, command()).await.unwrap();
    assert_eq!(kim.try_resume(hold, 1, command()).await.unwrap().resumed, 1);
    let trial = kim.trial(hold).await.unwrap();
    assert_eq!((trial.done, trial.failed, trial.under_way), (0, 0, 1), "the second trial knows nothing of the first");
    let again = started(&exe, JobKind::Send).await;
    exe.complete_job(again.job_id, again.lease_token, &sent, command()).await.unwrap();
    assert_eq!(kim.trial(hold).await.unwrap().verdict(), Verdict::Passed);
    assert_eq!(kim.resume_hold(hold, None, command()).await.unwrap().resumed, 2);
}

#[tokio::test]
async fn a_trial_that_is_stopped_keeps_again_what_nobody_claimed() {
    let db = database().await;
    let (sends, hold) = held(&db).await;
    let (kim, exe) = (db.as_login("kim").await, db.as_login("exe").await);
    assert_eq!(kim.try_resume(hold, 3, command()).await.unwrap().resumed, 3);
    let gone = started(&exe, JobKind::Send).await;
    let trial = kim.stop_trial(hold).await.unwrap().unwrap();
    assert_eq!(trial, Trial { under_way: 1, ..Trial::default() });
    assert_eq!(exe.claim_jobs(&[JobKind::Send], 10).await.unwrap(), []);
    for (_, send) in &sends {
        let kept = if *send == gone.job_id { Status::Running } else { Status::Paused };
        assert_eq!(db.status(*send).await, kept);
    }
    let sent = Completion { provider_ref: Some("sms-4".into()), ..Completion::default() };
    assert!(exe.complete_job(gone.job_id, gone.lease_token, &sent, command()).await.unwrap().is_applied());
    assert_eq!(kim.trial(hold).await.unwrap(), Trial { done: 1, ..Trial::default() });
    assert_eq!(kim.resume_hold(hold, None, command()).await.unwrap().resumed, 2);
    assert_eq!(kim.stop_trial(hold).await.unwrap(), None, "too late");
}

/// Whoever waits for the few can leave it: the hold stands, and nothing of what waits has gone.
#[tokio::test]
async fn a_resume_that_is_cancelled_leaves_the_hold_standing() {
    let db = database().await;
    let (sends, hold) = held(&db).await;
    let kim = db.as_login("kim").await;
    let ended = kim.resume_with_care(Resuming::of(hold, None), |_| ControlFlow::Break(())).await.unwrap();
    assert_eq!(ended, Ended::Cancelled(Trial::default()));
    assert!(kim.holds().await.unwrap()[0].stands());
    for (_, send) in sends {
        assert_eq!(db.status(send).await, Status::Paused);
    }
}

#[tokio::test]
async fn what_a_resume_says_beforehand_is_what_happens() {
    let db = database().await;
    let (sends, hold) = held(&db).await;
    let kim = db.as_login("kim").await;
    db.inbound(&sends[1].0.conversation, "Never mind!").await;
    db.advance("118 minutes").await;
    let at_once = kim.resume_forecast(hold, None).await.unwrap();
    assert_eq!((at_once.paused, at_once.sends, at_once.moved, at_once.expired), (3, 3, 1, 0));
    let slowly = kim.resume_forecast(hold, Some(1)).await.unwrap();
    assert_eq!((slowly.moved, slowly.expired), (1, 1), "the last one's turn comes too late");
    let standing = &kim.holds().await.unwrap()[0];
    assert_eq!((standing.paused, standing.moved), (3, 1));

    kim.resume_hold(hold, Some(1), command()).await.unwrap();
    let exe = db.as_login("exe").await;
    let mut left = 0;
    for _ in 0..4 {
        for job in exe.claim_jobs(&[JobKind::Send], 10).await.unwrap() {
            let sent = Completion { provider_ref: Some("sms-3".into()), ..Completion::default() };
            exe.start_job(job.job_id, job.lease_token, command()).await.unwrap();
            exe.complete_job(job.job_id, job.lease_token, &sent, command()).await.unwrap();
            left += 1;
        }
        db.advance("61 seconds").await;
    }
    assert_eq!(left, slowly.go() - slowly.back_to_review());
    let ended = "select count(*) from queue.job_queue where outcome_code in ('conversation_moved', 'approval_expired')";
    assert_eq!(db.value::<i64>(ended).await, slowly.back_to_review());
}

#[tokio::test]
async fn what_another_hold_keeps_is_not_promised_to_go() {
    let db = database().await;
    let (_, hold) = held(&db).await;
    let kim = db.as_login("kim").await;
    let wide = Scope { agency: Some("acme".into()), ..Scope::default() };
    kim.place_hold(&wide, "incident", None, command()).await.unwrap();
    let forecast = kim.resume_forecast(hold, None).await.unwrap();
    assert_eq!((forecast.paused, forecast.kept, forecast.go()), (3, 3, 0));
}

/// So many jobs wait under a hold over their kind.
async fn many_held(db: &Database, jobs: usize) -> i64 {
    let conversation = db.conversation().await.id;
    let kim = db.as_login("kim").await;
    let scope = Scope { job_kind: Some(JobKind::Inbound), ..Scope::default() };
    let hold = kim.place_hold(&scope, "incident", None, command()).await.unwrap().hold_id.unwrap();
    db.execute(&format!(
        "insert into queue.job_queue (job_kind, status, agency, channel_kind, correlation_id, payload_ref, max_attempts,
                                      created_at, process_after, deadline_at)
         select 'customer_message_inbound', 'queued', 'acme', 'email', '{conversation}', 'message:{conversation}', 5, at, at, at
         from (select queue.clock() - make_interval(secs => number) as at from generate_series(1, {jobs}) as number) as past;
         update queue.job_queue set status = 'paused' where job_kind = 'customer_message_inbound';
         analyze queue.job_queue"
    ))
    .await;
    hold
}

/// Batches go on where the one before had got to, whoever sweeps, so that the pace holds over all of them.
#[tokio::test]
async fn a_long_resume_goes_in_batches_and_keeps_its_pace_over_all_of_them() {
    let jobs = scaled(1_200, 10_000);
    let figure = Figure::begin("jobs that an ended hold gave back in batches");
    let db = database().await;
    let hold = many_held(&db, jobs).await;
    let (kim, exe) = (db.as_login("kim").await, db.as_login("exe").await);
    let resumed = kim.resume_hold(hold, Some(600), command()).await.unwrap();
    assert_eq!((resumed.resumed, resumed.more), (500, true));
    let draining = &kim.holds().await.unwrap()[0];
    assert_eq!((draining.stands(), draining.paused), (false, jobs as i64 - 500));
    for round in 0.. {
        let sweeper = if round % 2 == 0 { &kim } else { &exe };
        if !sweeper.sweep().await.unwrap().more {
            break;
        }
    }
    assert_eq!(kim.holds().await.unwrap(), [], "nothing is left to be given back");
    let spread: f64 = db
        .value("select extract(epoch from max(process_after) - min(process_after))::float8 from queue.job_queue where status = 'queued'")
        .await;
    let expected = (jobs - 1) as f64 / 10.0;
    assert!((spread - expected).abs() < 5.0, "{spread} s for {jobs} jobs at ten a second");
    let at_once: i64 = db
        .value("select max(many) from (select count(*) as many from queue.job_queue where status = 'queued' group by process_after) as turn")
        .await;
    assert!(at_once <= 2, "{at_once} jobs had the same turn");
    figure.end(jobs);
}

#[tokio::test]
async fn a_hold_over_much_stands_at_once_and_the_sweep_stops_what_its_call_did_not() {
    let db = database().await;
    let hold = many_held(&db, 1_200).await;
    let kim = db.as_login("kim").await;
    db.execute("update queue.job_queue set status = 'queued' where status = 'paused'").await;
    let scope = Scope { job_kind: Some(JobKind::Inbound), channel_kind: Some("email".into()), agency: None };
    let placed = kim.place_hold(&scope, "incident", None, command()).await.unwrap();
    assert_eq!((placed.paused, placed.more), (500, true));
    assert_eq!(db.as_login("exe").await.claim_jobs(&[JobKind::Inbound], 10).await.unwrap(), []);
    assert_eq!(kim.catch_up().await.unwrap().paused, 700);
    assert!(kim.resume_hold(hold, None, command()).await.unwrap().outcome.is_applied());
}

#[tokio::test]
async fn a_hold_that_gives_back_keeps_nothing_from_being_claimed_that_comes_now() {
    let db = database().await;
    let hold = many_held(&db, 600).await;
    let kim = db.as_login("kim").await;
    assert!(kim.resume_hold(hold, Some(1), command()).await.unwrap().more);
    let first = claimed(&db.as_login("exe").await, JobKind::Inbound).await;
    assert_eq!(db.status(first.job_id).await, Status::Leased);
    let conversation = db.conversation().await;
    db.inbound(&conversation, "Hello?").await;
    assert_eq!(kim.sweep().await.unwrap().paused, 0);
    claimed(&db.as_login("exe").await, JobKind::Inbound).await;
}
