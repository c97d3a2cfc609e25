//! Claim, start, complete, fail: what executors do, and what becomes of a send that should not leave.

use countersign::domain::job::Codes;
use countersign::domain::{Direction, JobKind, Status};
use countersign::store::programs::Completion;
use countersign::store::review::Opened;
use countersign::store::{NewBody, SealedBody};
use serde_json::json;
use uuid::Uuid;

use super::{approved, claimed, completed, sending, started};
use crate::support::{command, database};

fn sent() -> Completion {
    Completion { provider_ref: Some("smtp-1".into()), ..Completion::default() }
}

#[tokio::test]
async fn a_message_becomes_a_question_through_classify_and_draft() {
    let db = database().await;
    let exe = db.as_login("exe").await;
    let conversation = db.conversation().await;
    let inbound = db.inbound(&conversation, "Where is my card?").await.outcome.job_id.unwrap();
    let deadline = db.job(inbound).await.deadline_at;

    let job = started(&exe, JobKind::Inbound).await;
    completed(&exe, &job, &Completion::default()).await;
    let job = started(&exe, JobKind::Classify).await;
    let found = Codes {
        language: Some("en".into()),
        intent_code: Some("card_arrival".into()),
        priority: Some(2),
        confidence: Some(0.9),
        ..Codes::default()
    };
    completed(&exe, &job, &Completion { result: found, ..Completion::default() }).await;

    let job = started(&exe, JobKind::Draft).await;
    assert_eq!(job.codes.intent_code.as_deref(), Some("card_arrival"));
    let draft_id = Uuid::new_v4();
    let body = db.seal("acme", conversation.id, draft_id, Direction::Draft, "It left on Monday.");
    let put = exe.put_draft(job.job_id, job.lease_token, draft_id, "drafter-1", &body, command()).await.unwrap();
    assert!(put.is_applied(), "{put:?}");
    let drafted = Completion { draft_id: Some(draft_id), ..Completion::default() };
    let question = db.job(completed(&exe, &job, &drafted).await.unwrap()).await;
    assert_eq!((question.job_kind, question.status), (JobKind::Approve, Status::Queued));
    assert_eq!(question.payload_ref.message(), Some(draft_id));
    assert_eq!((question.priority, question.codes.confidence), (2, Some(0.9)));
    assert_eq!(db.job(inbound).await.deadline_at, deadline);
    let chain: Vec<_> = db.admin().tree(question.job_id).await.unwrap().iter().map(|job| job.job_kind).collect();
    assert_eq!(chain, [JobKind::Inbound, JobKind::Classify, JobKind::Draft, JobKind::Approve]);
}

#[tokio::test]
async fn an_approved_draft_leaves_once_and_leaves_a_record() {
    let db = database().await;
    let question = db.question().await;
    let exe = db.as_login("exe").await;
    let job = sending(&db, &question).await;
    let Opened::Conversation(opened) = exe.open_body(job.job_id, Some(job.lease_token)).await.unwrap() else {
        panic!("refused")
    };
    assert_eq!(opened.messages.len(), 1, "the one message that leaves, and no other");
    assert_eq!((opened.draft_id, opened.customer_ref), (Some(question.draft_id), question.conversation.customer_ref));
    assert!(opened.pin.is_none());
    completed(&exe, &job, &sent()).await;

    assert_eq!(db.status(job.job_id).await, Status::Succeeded);
    let outbound: String =
        db.value("select revises || ' ' || provider_ref from care.customer_message where direction = 'outbound'").await;
    assert_eq!(outbound, format!("{} smtp-1", question.draft_id));
    assert_eq!(db.value::<i64>("select count(*) from queue.send_evidence where decision_id is not null").await, 1);
    let events = "select count(*) from queue.event_outbox where event_type = 'customer.message.sent'";
    assert_eq!(db.value::<i64>(events).await, 1);
    let ada = db.as_login("ada").await;
    let Opened::Conversation(after) = ada.open_body(question.job, None).await.unwrap() else { panic!("refused") };
    let last = after.messages.last().unwrap();
    assert_eq!((last.direction, &last.body), (Direction::Outbound, &SealedBody::None));
}

#[tokio::test]
async fn a_send_waits_until_the_undo_time_is_over() {
    let db = database().await;
    let question = db.question().await;
    approved(&db, &question).await;
    let exe = db.as_login("exe").await;
    assert_eq!(exe.claim_jobs(&[JobKind::Send], 1).await.unwrap(), []);
    db.advance("31 seconds").await;
    claimed(&exe, JobKind::Send).await;
}

#[tokio::test]
async fn the_body_of_a_send_opens_only_when_it_runs() {
    let db = database().await;
    let question = db.question().await;
    approved(&db, &question).await;
    db.advance("40 seconds").await;
    let exe = db.as_login("exe").await;
    let job = claimed(&exe, JobKind::Send).await;
    let Opened::Refused(refused) = exe.open_body(job.job_id, Some(job.lease_token)).await.unwrap() else {
        panic!("opened before it ran")
    };
    assert_eq!(refused.outcome, "wrong_status");
}

#[tokio::test]
async fn executors_claim_only_kinds_channels_and_agencies_of_their_own() {
    let db = database().await;
    let by_mail = db.question_of("acme", "email").await;
    let foreign = db.question_of("globex", "sms").await;
    let own = db.question_of("acme", "sms").await;
    let gus = db.as_login("gus").await;
    let pin = db.read("gus", foreign.job).await;
    gus.approve(foreign.job, &pin, Default::default(), command()).await.unwrap();
    approved(&db, &by_mail).await;
    let send = approved(&db, &own).await;
    db.inbound(&own.conversation, "Hello?").await;
    db.advance("40 seconds").await;
    let narrow = db.as_login("sms_exe").await;
    let kinds = JobKind::ALL;
    // The customer wrote again, so the one send it could have claimed ends instead.
    assert_eq!(narrow.claim_jobs(&kinds, 10).await.unwrap(), []);
    assert_eq!(db.job(send).await.outcome_code.as_deref(), Some("conversation_moved"));
    let another = db.question_of("acme", "sms").await;
    let send = approved(&db, &another).await;
    db.advance("40 seconds").await;
    let claimed: Vec<_> = narrow.claim_jobs(&kinds, 10).await.unwrap().iter().map(|job| job.job_id).collect();
    assert_eq!(claimed, [send]);
}

#[tokio::test]
async fn a_lease_that_expired_is_lost_and_another_worker_gets_the_job() {
    let db = database().await;
    let conversation = db.conversation().await;
    db.inbound(&conversation, "Hello?").await;
    let exe = db.as_login("exe").await;
    let job = started(&exe, JobKind::Inbound).await;
    db.advance("2 minutes").await;
    let late = exe.complete_job(job.job_id, job.lease_token, &Completion::default(), command()).await.unwrap();
    assert_eq!(late.outcome, "lease_lost");
    let failed = exe.fail_job(job.job_id, job.lease_token, "internal_error", command()).await.unwrap();
    assert_eq!(failed.outcome.outcome, "lease_lost");
    assert_eq!(exe.claim_jobs(&[JobKind::Inbound], 1).await.unwrap(), [], "it waits before the next attempt");
    assert_eq!(db.job(job.job_id).await.last_error_code.as_deref(), Some("worker_vanished"));
    db.advance("1 minute").await;
    let again = claimed(&exe, JobKind::Inbound).await;
    assert_eq!((again.job_id, again.attempt), (job.job_id, 2));
    assert!(again.lease_token > job.lease_token);
    let late = exe.complete_job(job.job_id, job.lease_token, &Completion::default(), command()).await.unwrap();
    assert_eq!(late.outcome, "lease_lost", "the old token does not come back with the same login");
}

#[tokio::test]
async fn a_released_job_gives_its_attempt_back() {
    let db = database().await;
    let conversation = db.conversation().await;
    db.inbound(&conversation, "Hello?").await;
    let exe = db.as_login("exe").await;
    let job = claimed(&exe, JobKind::Inbound).await;
    assert!(exe.release(job.job_id, job.lease_token, command()).await.unwrap().is_applied());
    assert_eq!(claimed(&exe, JobKind::Inbound).await.attempt, 1);
}

#[tokio::test]
async fn a_job_that_keeps_failing_ends_as_a_dead_letter() {
    let db = database().await;
    let conversation = db.conversation().await;
    db.inbound(&conversation, "Hello?").await;
    let exe = db.as_login("exe").await;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        let job = started(&exe, JobKind::Inbound).await;
        let failed = exe.fail_job(job.job_id, job.lease_token, "internal_error", command()).await.unwrap();
        statuses.push(failed.status.unwrap());
        db.advance("2 hours").await;
    }
    assert_eq!(statuses[..4], [Status::RetryWaiting; 4]);
    assert_eq!(statuses[4], Status::DeadLetter);
}

#[tokio::test]
async fn a_final_error_is_not_tried_again() {
    let db = database().await;
    let question = db.question().await;
    let job = sending(&db, &question).await;
    let exe = db.as_login("exe").await;
    let failed = exe.fail_job(job.job_id, job.lease_token, "invalid_recipient", command()).await.unwrap();
    assert_eq!(failed.status, Some(Status::DeadLetter));
    let outcome = db.job(job.job_id).await.outcome_code;
    assert_ne!(outcome.as_deref(), Some("outcome_unknown"), "a refused recipient was surely not reached");
}

#[tokio::test]
async fn a_send_whose_effect_is_unknown_is_never_simply_repeated() {
    let db = database().await;
    let (timed_out, vanished) = (db.question().await, db.question().await);
    let exe = db.as_login("exe").await;
    let job = sending(&db, &timed_out).await;
    let failed = exe.fail_job(job.job_id, job.lease_token, "provider_timeout", command()).await.unwrap();
    assert_eq!(failed.status, Some(Status::DeadLetter));
    assert_eq!(db.job(job.job_id).await.outcome_code.as_deref(), Some("outcome_unknown"));

    let job = sending(&db, &vanished).await;
    db.advance("10 minutes").await;
    exe.sweep().await.unwrap();
    let lost = db.job(job.job_id).await;
    assert_eq!((lost.status, lost.outcome_code.as_deref()), (Status::DeadLetter, Some("outcome_unknown")));
}

#[tokio::test]
async fn a_customer_who_wrote_between_claim_and_start_stops_the_send() {
    let db = database().await;
    let question = db.question().await;
    approved(&db, &question).await;
    db.advance("40 seconds").await;
    let exe = db.as_login("exe").await;
    let job = claimed(&exe, JobKind::Send).await;
    db.history(&question.conversation, Direction::Inbound, "Forget it.").await;
    let outcome = exe.start_job(job.job_id, job.lease_token, command()).await.unwrap();
    assert_eq!(outcome.outcome, "conversation_moved");
    assert_eq!(db.status(job.job_id).await, Status::Cancelled);
    let fresh = db.job(outcome.created_job_id.unwrap()).await;
    assert_eq!((fresh.job_kind, fresh.status), (JobKind::Approve, Status::Queued));
    assert_eq!(fresh.payload_ref.message(), Some(question.draft_id));
}

#[tokio::test]
async fn an_old_approval_no_longer_lets_a_send_through() {
    let db = database().await;
    let question = db.question().await;
    let send = approved(&db, &question).await;
    db.advance("121 minutes").await;
    let exe = db.as_login("exe").await;
    assert_eq!(exe.claim_jobs(&[JobKind::Send], 1).await.unwrap(), []);
    let ended = db.job(send).await;
    assert_eq!((ended.status, ended.outcome_code.as_deref()), (Status::Cancelled, Some("approval_expired")));
}

#[tokio::test]
async fn a_job_that_was_held_meanwhile_goes_back_untouched() {
    let db = database().await;
    let question = db.question().await;
    approved(&db, &question).await;
    db.advance("40 seconds").await;
    let exe = db.as_login("exe").await;
    let job = claimed(&exe, JobKind::Send).await;
    let scope = countersign::store::holds::Scope { channel_kind: Some("email".into()), ..Default::default() };
    db.as_login("kim").await.place_hold(&scope, "provider_outage", None, command()).await.unwrap();
    assert_eq!(exe.start_job(job.job_id, job.lease_token, command()).await.unwrap().outcome, "held");
    let back = db.job(job.job_id).await;
    assert_eq!((back.status, back.attempt), (Status::Queued, 0));
    assert_eq!(exe.claim_jobs(&[JobKind::Send], 1).await.unwrap(), []);
}

#[tokio::test]
async fn a_job_whose_message_is_gone_dies_when_it_starts() {
    let db = database().await;
    let conversation = db.conversation().await;
    db.inbound(&conversation, "Hello?").await;
    let exe = db.as_login("exe").await;
    let job = claimed(&exe, JobKind::Inbound).await;
    db.execute("update care.customer_message set sealed_body = null, key_id = null, erased_at = queue.clock()").await;
    let outcome = exe.start_job(job.job_id, job.lease_token, command()).await.unwrap();
    assert_eq!(outcome.outcome, "payload_missing");
    assert_eq!(db.status(job.job_id).await, Status::DeadLetter);
}

#[tokio::test]
async fn a_completion_whose_successor_is_switched_off_waits() {
    let db = database().await;
    let conversation = db.conversation().await;
    db.inbound(&conversation, "Hello?").await;
    let key = "queue.customer.customer_message_classify.enabled";
    db.as_login("pad").await.set_config(key, &json!(false), None, command()).await.unwrap();
    let exe = db.as_login("exe").await;
    let job = started(&exe, JobKind::Inbound).await;
    let outcome = exe.complete_job(job.job_id, job.lease_token, &Completion::default(), command()).await.unwrap();
    assert_eq!(outcome.outcome, "switched_off");
    let waiting = db.job(job.job_id).await;
    assert_eq!((waiting.status, waiting.attempt), (Status::RetryWaiting, 0));
}

#[tokio::test]
async fn a_dispensation_needs_the_switch_and_the_sign_off() {
    let db = database().await;
    let exe = db.as_login("exe").await;
    let mut created = Vec::new();
    for (switched, signed) in [(false, false), (true, false), (false, true), (true, true)] {
        let conversation = db.conversation().await;
        db.history(&conversation, Direction::Inbound, "Where is my card?").await;
        let key = "queue.customer.send_without_approve.enabled";
        let pad = db.as_login("pad").await;
        let set = pad.set_config(key, &json!(switched), Some("COUNCIL-17"), command()).await.unwrap();
        assert!(set.is_applied(), "{set:?}");
        if signed {
            let until = chrono::Utc::now() + chrono::TimeDelta::days(1);
            let wad = db.as_login("wad").await;
            let signed_off = wad.sign_off_customer(&conversation.customer_ref, until, command()).await.unwrap();
            assert!(signed_off.is_applied(), "{signed_off:?}");
        }
        let prod = db.as_login("prod").await;
        let soon = chrono::Utc::now() - chrono::TimeDelta::seconds(1);
        prod.schedule_followup(conversation.id, soon, &Codes::default(), None, command()).await.unwrap();
        let followup = started(&exe, JobKind::Followup).await;
        completed(&exe, &followup, &Completion::default()).await;
        let job = started(&exe, JobKind::Draft).await;
        let draft_id = Uuid::new_v4();
        let body = db.seal("acme", conversation.id, draft_id, Direction::Draft, "It left on Monday.");
        exe.put_draft(job.job_id, job.lease_token, draft_id, "drafter-1", &body, command()).await.unwrap();
        let drafted = Completion { draft_id: Some(draft_id), ..Completion::default() };
        created.push(db.job(completed(&exe, &job, &drafted).await.unwrap()).await.job_kind);
    }
    assert_eq!(created, [JobKind::Approve, JobKind::Approve, JobKind::Approve, JobKind::Send]);
    db.advance("40 seconds").await;
    let send = started(&exe, JobKind::Send).await;
    completed(&exe, &send, &sent()).await;
    assert_eq!(db.value::<i64>("select count(*) from queue.send_evidence where signoff_id is not null").await, 1);
    let events = "select count(*) from queue.event_outbox where event_type = 'customer.message.dispensed'";
    assert_eq!(db.value::<i64>(events).await, 1);
}

#[tokio::test]
async fn a_sign_off_that_was_taken_back_stops_the_send_and_asks_a_person() {
    let db = database().await;
    let exe = db.as_login("exe").await;
    let conversation = db.conversation().await;
    db.inbound(&conversation, "Where is my card?").await;
    let key = "queue.customer.send_without_approve.enabled";
    db.as_login("pad").await.set_config(key, &json!(true), Some("COUNCIL-17"), command()).await.unwrap();
    let until = chrono::Utc::now() + chrono::TimeDelta::days(1);
    let wad = db.as_login("wad").await;
    wad.sign_off_customer(&conversation.customer_ref, until, command()).await.unwrap();
    for kind in [JobKind::Inbound, JobKind::Classify] {
        let job = started(&exe, kind).await;
        completed(&exe, &job, &Completion::default()).await;
    }
    let job = started(&exe, JobKind::Draft).await;
    let draft_id = Uuid::new_v4();
    let body = db.seal("acme", conversation.id, draft_id, Direction::Draft, "It left on Monday.");
    exe.put_draft(job.job_id, job.lease_token, draft_id, "drafter-1", &body, command()).await.unwrap();
    let drafted = Completion { draft_id: Some(draft_id), ..Completion::default() };
    completed(&exe, &job, &drafted).await;
    db.advance("40 seconds").await;
    let send = claimed(&exe, JobKind::Send).await;
    assert!(wad.revoke_sign_off(&conversation.customer_ref, command()).await.unwrap().outcome.is_applied());
    let outcome = exe.start_job(send.job_id, send.lease_token, command()).await.unwrap();
    assert_eq!(outcome.outcome, "dispensation_ended");
    let fresh = db.job(outcome.created_job_id.unwrap()).await;
    assert_eq!((fresh.job_kind, fresh.status), (JobKind::Approve, Status::Queued));
}

#[tokio::test]
async fn a_draft_under_an_unknown_key_is_not_stored() {
    let db = database().await;
    let conversation = db.conversation().await;
    db.inbound(&conversation, "Hello?").await;
    let exe = db.as_login("exe").await;
    for kind in [JobKind::Inbound, JobKind::Classify] {
        let job = started(&exe, kind).await;
        completed(&exe, &job, &Completion::default()).await;
    }
    let job = started(&exe, JobKind::Draft).await;
    let mut sealed = vec![1];
    sealed.extend([7; 80]);
    let foreign = NewBody { key_id: "07".repeat(16), sealed, digest: vec![9; 32] };
    let error =
        exe.put_draft(job.job_id, job.lease_token, Uuid::new_v4(), "drafter-1", &foreign, command()).await.unwrap_err();
    assert_eq!(error.sqlstate(), Some("CS002"));
}

#[tokio::test]
async fn of_many_workers_each_job_goes_to_one() {
    let db = database().await;
    for _ in 0..6 {
        let conversation = db.conversation().await;
        db.inbound(&conversation, "Hello?").await;
    }
    let exe = db.as_login("exe").await;
    let kinds = [JobKind::Inbound];
    let (one, other) = tokio::join!(exe.claim_jobs(&kinds, 4), exe.claim_jobs(&kinds, 4));
    let mut jobs: Vec<_> = one.unwrap().into_iter().chain(other.unwrap()).map(|job| job.job_id).collect();
    jobs.extend(exe.claim_jobs(&kinds, 10).await.unwrap().into_iter().map(|job| job.job_id));
    let claimed = jobs.len();
    jobs.sort_unstable();
    jobs.dedup();
    assert_eq!((claimed, jobs.len()), (6, 6));
}
