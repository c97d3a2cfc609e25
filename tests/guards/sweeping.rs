//! I10 and what happens by itself: holds, tiers, deadlines, workers that vanish.

use chrono::{DateTime, TimeDelta, Utc};
use countersign::domain::{JobId, JobKind, Role, Status};
use countersign::store::dead_letters::Cell;
use countersign::store::holds::Scope;
use countersign::store::programs::Completion;
use serde_json::json;

use super::texts;
use crate::calls::{approved, sending, started};
use crate::support::{command, database};

const LIMIT: &str = "queue.customer.escalation_open_limit";

#[tokio::test]
async fn i10_a_full_tier_keeps_no_other_agency_waiting() {
    let db = database().await;
    let wad = db.as_login("wad").await;
    assert!(wad.set_agency_config(LIMIT, &json!(1), command()).await.unwrap().is_applied());
    // More of one agency than a sweep takes at once, all of them later than the other agency's one.
    let filler = db.question().await;
    db.execute(&format!(
        "with conversation as (
             insert into care.customer_conversation
             select gen_random_uuid(), agency, customer_id, channel_kind, 0, 0, opened_at, opened_by
             from care.customer_conversation, generate_series(1, 150)
             where conversation_id = '{}' returning conversation_id)
         insert into queue.job_queue (job_kind, status, agency, target_ref, channel_kind, correlation_id, payload_ref,
                                      created_at, process_after, deadline_at)
         select job_kind, status, agency, target_ref, channel_kind, conversation.conversation_id, payload_ref, created_at,
                process_after, deadline_at - interval '1 hour'
         from queue.job_queue, conversation where job_id = {}",
        filler.conversation.id, filler.job.0
    ))
    .await;
    let other = db.question_of("globex", "email").await;
    db.advance("5 hours").await;
    let swept = db.as_login("kim").await.sweep().await.unwrap();
    assert_eq!((swept.escalated, swept.stopped_full), (2, 150));
    assert_eq!(db.job(other.job).await.outcome_code.as_deref(), Some("escalated"));
}

#[tokio::test]
async fn i10_a_tier_with_room_again_no_longer_says_that_it_is_full() {
    let db = database().await;
    let wad = db.as_login("wad").await;
    assert!(wad.set_agency_config(LIMIT, &json!(1), command()).await.unwrap().is_applied());
    for _ in 0..2 {
        db.question().await;
    }
    db.advance("5 hours").await;
    let kim = db.as_login("kim").await;
    kim.sweep().await.unwrap();
    let full = "select target_ref from queue.escalation_stop";
    assert_eq!(texts(db.pool(), full).await, ["agency:acme/role:senior_reviewer"]);
    kim.sweep().await.unwrap();
    let said = "select outcome from queue.dot_iu_command_run where call = 'escalation_stop'";
    assert_eq!(texts(db.pool(), said).await, ["tier_full"], "once, when it begins");

    let escalated: i64 =
        db.value("select max(job_id) from queue.job_queue where job_kind = 'customer_message_escalate'").await;
    let job = JobId(escalated);
    assert!(db.as_login("sen").await.take_escalation(job, command()).await.unwrap().outcome.is_applied());
    // Nobody else wants in either.
    let waiting = "select job_id from queue.job_queue where status = 'queued'";
    let waiting = JobId(db.value(waiting).await);
    assert!(kim.cancel_job(waiting, "duplicate", command()).await.unwrap().is_applied());
    kim.sweep().await.unwrap();
    assert_eq!(texts(db.pool(), full).await, Vec::<String>::new());
}

/// Between the hold and the sweep that pauses what arrived after it.
#[tokio::test]
async fn a_hold_stops_people_and_escalation_from_the_moment_it_stands() {
    let db = database().await;
    let escalated = db.question().await;
    let pin = db.read("ada", escalated.job).await;
    let ada = db.as_login("ada").await;
    let up = ada.escalate(escalated.job, &pin, "legal_threat", command()).await.unwrap().created_job_id.unwrap();
    let kim = db.as_login("kim").await;
    let scope = Scope { agency: Some("acme".into()), ..Scope::default() };
    kim.place_hold(&scope, "incident", None, command()).await.unwrap();
    // As if both had arrived later than the hold.
    db.execute(&format!("update queue.job_queue set status = 'queued' where job_id = {}", up.0)).await;
    let mut draft = db.new_draft(&db.conversation().await, "It left on Monday.");
    draft.codes.confidence = Some(0.1);
    let unsure = db.as_login("prod").await.submit_draft(&draft).await.unwrap().outcome.job_id.unwrap();

    assert_eq!(db.status(unsure).await, Status::Queued, "not escalated while it is held");
    assert_eq!(ada.claim_review(Some(unsure)).await.unwrap().outcome.outcome, "held");
    assert_eq!(ada.claim_review(None).await.unwrap().outcome.outcome, "empty");
    let taken = db.as_login("sen").await.take_escalation(up, command()).await.unwrap();
    assert_eq!(taken.outcome.outcome, "held");
    assert_eq!(kim.sweep().await.unwrap().paused, 2);
}

#[tokio::test]
async fn i17_a_worker_that_vanished_while_it_sent_leaves_an_unknown_outcome() {
    let db = database().await;
    let job = sending(&db, &db.question().await).await;
    db.advance("3 minutes").await;
    let kim = db.as_login("kim").await;
    assert_eq!(kim.sweep().await.unwrap().recovered, 1);
    let dead = db.job(job.job_id).await;
    assert_eq!((dead.status, dead.outcome_code.as_deref()), (Status::DeadLetter, Some("outcome_unknown")));
    assert_eq!(kim.dead_letters(&Cell::default(), 10).await.unwrap().len(), 1);
    assert_eq!(kim.retry_dead_letter(job.job_id, false, command()).await.unwrap().outcome, "may_have_left");
    let late = db.as_login("exe").await.complete_job(job.job_id, job.lease_token, &sent(), command()).await.unwrap();
    assert_eq!(late.outcome, "lease_lost", "the worker that comes back changes nothing");
}

fn sent() -> Completion {
    Completion { provider_ref: Some("smtp-1".into()), ..Completion::default() }
}

/// A send that was claimed and not started has surely not left.
#[tokio::test]
async fn a_worker_that_vanished_before_it_sent_is_followed_by_another() {
    let db = database().await;
    approved(&db, &db.question().await).await;
    db.advance("40 seconds").await;
    let exe = db.as_login("exe").await;
    let first = crate::calls::claimed(&exe, JobKind::Send).await;
    db.advance("3 minutes").await;
    exe.sweep().await.unwrap();
    assert_eq!(db.status(first.job_id).await, Status::RetryWaiting);
    db.advance("1 minute").await;
    let second = started(&exe, JobKind::Send).await;
    assert_eq!((second.job_id, second.attempt), (first.job_id, 2));
}

#[tokio::test]
async fn a_person_who_went_away_loses_the_lease_and_nothing_else() {
    let db = database().await;
    let question = db.question().await;
    db.read("ada", question.job).await;
    db.advance("6 minutes").await;
    assert_eq!(db.as_login("kim").await.sweep().await.unwrap().recovered, 1);
    let waiting = db.job(question.job).await;
    assert_eq!((waiting.status, waiting.attempt), (Status::Queued, 0));
    assert!(db.as_login("bo").await.claim_review(Some(question.job)).await.unwrap().outcome.is_applied());
}

/// The database asks its clock more than once in a call.
fn nearly(deadline: Option<DateTime<Utc>>, expected: DateTime<Utc>) -> bool {
    deadline.is_some_and(|deadline| (deadline - expected).abs() < TimeDelta::seconds(1))
}

/// A deadline that a producer promised goes down the chain; one that was only the kind's own ends with its job.
#[tokio::test]
async fn deadlines_are_passed_down_only_when_they_were_promised() {
    let db = database().await;
    for promised in [true, false] {
        let conversation = db.conversation().await;
        let mut draft = db.new_draft(&conversation, "It left on Monday.");
        draft.deadline_at = promised.then(|| Utc::now() + TimeDelta::hours(9));
        let question = db.ask(&conversation, &draft).await;
        let due = db.job(question.job).await.deadline_at.unwrap();
        if let Some(deadline) = draft.deadline_at {
            assert!(nearly(Some(due), deadline));
        }
        // Approved, undone and approved again: each question keeps the deadline of the first.
        approved(&db, &question).await;
        let ada = db.as_login("ada").await;
        let undone = ada.undo(question.job, command()).await.unwrap();
        let again = undone.created_job_id.unwrap();
        assert_eq!(db.job(again).await.deadline_at, Some(due));
        let pin = db.read("ada", again).await;
        let send = ada.approve(again, &pin, Default::default(), command()).await.unwrap();
        let send = db.job(send.created_job_id.unwrap()).await;
        let deadline = if promised { due } else { send.created_at + TimeDelta::minutes(30) };
        assert!(nearly(send.deadline_at, deadline), "promised: {promised}, {send:?}");
    }
}

/// A promise that is later than the question's own deadline does not turn that one into a promise.
#[tokio::test]
async fn an_open_question_keeps_its_earlier_deadline_and_binds_nothing_by_it() {
    let db = database().await;
    let question = db.question().await;
    let own = db.job(question.job).await.deadline_at;
    let mut draft = db.new_draft(&question.conversation, "It left on Tuesday.");
    draft.deadline_at = Some(Utc::now() + TimeDelta::hours(9));
    let again = db.ask(&question.conversation, &draft).await;
    assert_eq!((again.job, db.job(again.job).await.deadline_at), (question.job, own));
    let send = db.job(approved(&db, &again).await).await;
    assert!(nearly(send.deadline_at, send.created_at + TimeDelta::minutes(30)), "{send:?}");
}

/// An escalated question keeps its own clock, and who takes it over inherits that.
#[tokio::test]
async fn i10_an_escalate_job_has_the_deadline_of_its_kind_and_hands_it_on() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let ada = db.as_login("ada").await;
    let up = ada.escalate(question.job, &pin, "legal_threat", command()).await.unwrap().created_job_id.unwrap();
    let escalated = db.job(up).await;
    assert!(nearly(escalated.deadline_at, escalated.created_at + TimeDelta::hours(2)), "{escalated:?}");
    let role = escalated.target_ref.unwrap();
    assert!(role.to_string().ends_with(Role::SeniorReviewer.as_str()), "{role}");
    db.advance("40 seconds").await;
    let taken = db.as_login("sen").await.take_escalation(up, command()).await.unwrap();
    let approve = db.job(taken.outcome.created_job_id.unwrap()).await;
    assert_eq!(approve.deadline_at, escalated.deadline_at);
}
