//! How the review calls refuse, in the order of the contract.

use countersign::domain::review::Ending;
use countersign::domain::{Direction, JobId, Pin, Status};
use countersign::store::review::{Opened, Reading};
use countersign::store::{Error, Store};
use serde_json::json;
use uuid::Uuid;

use super::{approved, claimed};
use crate::support::{Database, command, database, opened};

/// What `approve`, `reject` and `escalate` answer to the same job and pin.
async fn all_three(store: &Store, job: JobId, pin: &Pin) -> [String; 3] {
    [
        store.approve(job, pin, Reading::default(), command()).await.unwrap().outcome,
        store.reject(job, pin, "wrong_fact", None, command()).await.unwrap().outcome,
        store.escalate(job, pin, "legal_threat", command()).await.unwrap().outcome,
    ]
}

async fn switch_off(db: &Database, kind: &str) {
    let key = format!("queue.customer.customer_message_{kind}.enabled");
    let outcome = db.as_login("pad").await.set_config(&key, &json!(false), None, command()).await.unwrap();
    assert!(outcome.is_applied(), "{outcome:?}");
}

#[tokio::test]
async fn the_same_command_again_answers_the_same_and_does_nothing() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let ada = db.as_login("ada").await;
    let command_id = command();
    let first = ada.approve(question.job, &pin, Reading::default(), command_id).await.unwrap();
    let audited = "select count(*) from queue.dot_iu_command_run where call = 'review_approve'";
    let runs: i64 = db.value(audited).await;
    let again = ada.approve(question.job, &pin, Reading::default(), command_id).await.unwrap();
    assert_eq!(again, first);
    assert_eq!(db.value::<i64>("select count(*) from queue.review_decision").await, 1);
    assert_eq!(db.value::<i64>(audited).await, runs, "a replay leaves no row");
}

#[tokio::test]
async fn twins_of_one_command_at_once_get_the_same_answer() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let ada = db.as_login("ada").await;
    let command_id = command();
    let (one, other) = tokio::join!(
        ada.approve(question.job, &pin, Reading::default(), command_id),
        ada.approve(question.job, &pin, Reading::default(), command_id),
    );
    let (one, other) = (one.unwrap(), other.unwrap());
    assert!(one.is_applied(), "{one:?}");
    assert_eq!(one, other);
}

#[tokio::test]
async fn twins_of_a_command_that_locks_no_job_get_the_same_answer_too() {
    let db = database().await;
    let pad = db.as_login("pad").await;
    let key = "queue.customer.undo_seconds.sms";
    let command_id = command();
    let value = json!(20);
    let (one, other) =
        tokio::join!(pad.set_config(key, &value, None, command_id), pad.set_config(key, &value, None, command_id));
    assert_eq!([one.unwrap().outcome, other.unwrap().outcome], ["applied", "applied"]);
    let audited = "select count(*) from queue.dot_iu_command_run where call = 'set_config' and code = 'queue.customer.undo_seconds.sms'";
    assert_eq!(db.value::<i64>(audited).await, 1);
}

#[tokio::test]
async fn a_command_id_used_for_something_else_is_misuse() {
    let db = database().await;
    let (one, other) = (db.question().await, db.question().await);
    let command_id = command();
    let ada = db.as_login("ada").await;
    let (pin_of_one, pin_of_other) = (db.read("ada", one.job).await, db.read("ada", other.job).await);
    ada.approve(one.job, &pin_of_one, Reading::default(), command_id).await.unwrap();
    let error = ada.approve(other.job, &pin_of_other, Reading::default(), command_id).await.unwrap_err();
    assert_eq!(error.sqlstate(), Some("CS003"));
    assert_eq!(db.status(other.job).await, Status::Leased);
}

#[tokio::test]
async fn absent_and_foreign_jobs_look_the_same() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let gus = db.as_login("gus").await;
    let absent = JobId(999_999);
    for job in [question.job, absent] {
        assert_eq!(all_three(&gus, job, &pin).await, ["not_found"; 3], "{job}");
        assert_eq!(gus.claim_review(Some(job)).await.unwrap().outcome.outcome, "not_found", "{job}");
        assert_eq!(gus.undo(job, command()).await.unwrap().outcome, "not_found", "{job}");
        assert_eq!(gus.take_escalation(job, command()).await.unwrap().outcome.outcome, "not_found", "{job}");
        assert_eq!(gus.skip(job, 1, "too_long", command()).await.unwrap().outcome, "not_found", "{job}");
        assert_eq!(gus.force_release(job, command()).await.unwrap().outcome, "not_found", "{job}");
        assert_eq!(gus.extend_lease(job, 1).await.unwrap().outcome.outcome, "lease_lost", "{job}");
        assert!(gus.job(job).await.unwrap().is_none(), "{job}");
        assert!(gus.pane_state(job).await.unwrap().is_none(), "{job}");
        let Opened::Refused(outcome) = gus.open_body(job, None).await.unwrap() else { panic!("opened {job}") };
        assert_eq!(outcome.outcome, "not_found", "{job}");
    }
}

#[tokio::test]
async fn who_has_not_the_role_may_not() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    for who in ["sen", "kim", "wad"] {
        let store = db.as_login(who).await;
        assert_eq!(all_three(&store, question.job, &pin).await, ["not_authorised"; 3], "{who}");
        assert_eq!(store.claim_review(Some(question.job)).await.unwrap().outcome.outcome, "not_authorised", "{who}");
    }
    for who in ["kim", "opa", "wad"] {
        let store = db.as_login(who).await;
        let Opened::Refused(outcome) = store.open_body(question.job, None).await.unwrap() else { panic!("{who}") };
        assert_eq!(outcome.outcome, "not_authorised", "{who}");
    }
    let bo = db.as_login("bo").await;
    assert_eq!(bo.force_release(question.job, command()).await.unwrap().outcome, "not_authorised");
}

#[tokio::test]
async fn who_escalated_a_job_cannot_take_it() {
    let db = database().await;
    // Someone who is both a reviewer and a senior.
    let ada_is_both = "update queue.staff set roles = '{reviewer,senior_reviewer}' where login = ";
    db.execute(&format!("{ada_is_both}'{}'", db.login("ada"))).await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let ada = db.as_login("ada").await;
    let escalated = ada.escalate(question.job, &pin, "legal_threat", command()).await.unwrap().created_job_id.unwrap();
    assert_eq!(ada.take_escalation(escalated, command()).await.unwrap().outcome.outcome, "not_authorised");
    let sen = db.as_login("sen").await;
    db.advance("31 seconds").await;
    assert!(sen.take_escalation(escalated, command()).await.unwrap().outcome.is_applied());
}

#[tokio::test]
async fn second_reviewer_sees_who_decided_first() {
    let db = database().await;
    for (verb, decision) in [("approve", "approve"), ("reject", "reject"), ("escalate", "escalate")] {
        let question = db.question().await;
        let pin = db.read("ada", question.job).await;
        let ada = db.as_login("ada").await;
        match verb {
            "approve" => ada.approve(question.job, &pin, Reading::default(), command()).await.unwrap(),
            "reject" => ada.reject(question.job, &pin, "wrong_fact", None, command()).await.unwrap(),
            _ => ada.escalate(question.job, &pin, "legal_threat", command()).await.unwrap(),
        };
        let bo = db.as_login("bo").await;
        assert_eq!(all_three(&bo, question.job, &pin).await, ["already_decided"; 3], "{verb}");
        let outcome = bo.claim_review(Some(question.job)).await.unwrap().outcome;
        assert_eq!(outcome.outcome, "already_decided", "{verb}");
        assert_eq!((outcome.by, outcome.decision.as_deref()), (Some(db.login("ada")), Some(decision)));
        assert!(outcome.at.is_some(), "{verb}");
    }
}

#[tokio::test]
async fn what_a_sweep_escalated_nobody_decided() {
    let db = database().await;
    let question = db.question().await;
    db.advance("30 days").await;
    let ada = db.as_login("ada").await;
    assert_eq!(ada.sweep().await.unwrap().escalated, 1);
    // Who asked first and was refused is nobody's decider either.
    ada.claim_review(Some(question.job)).await.unwrap();
    let outcome = ada.claim_review(Some(question.job)).await.unwrap().outcome;
    assert_eq!((outcome.outcome.as_str(), outcome.by.as_deref()), ("already_decided", None));
    assert_eq!(outcome.to_string(), "already escalated automatically when its deadline passed");
    let trail = ada.history(question.job).await.unwrap();
    let ending = Ending::of(&trail).unwrap().to_string();
    assert!(ending.starts_with("escalated automatically when its deadline passed at"), "{ending}");
}

#[tokio::test]
async fn of_two_who_approve_at_once_one_decides_and_the_other_is_told_who() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let ada = db.as_login("ada").await;
    let (one, other) = tokio::join!(
        ada.approve(question.job, &pin, Reading::default(), command()),
        ada.reject(question.job, &pin, "wrong_fact", None, command()),
    );
    let (one, other) = (one.unwrap(), other.unwrap());
    let mut outcomes = [one.outcome.as_str(), other.outcome.as_str()];
    outcomes.sort_unstable();
    assert_eq!(outcomes, ["already_decided", "applied"]);
    let second = if one.is_applied() { other } else { one };
    assert_eq!(second.by, Some(db.login("ada")));
    assert_eq!(db.value::<i64>("select count(*) from queue.review_decision").await, 1);
}

#[tokio::test]
async fn an_expired_lease_decides_nothing() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    db.advance("6 minutes").await;
    let ada = db.as_login("ada").await;
    assert_eq!(all_three(&ada, question.job, &pin).await, ["lease_lost"; 3]);
    assert_eq!(ada.extend_lease(question.job, pin.lease_token).await.unwrap().outcome.outcome, "lease_lost");
    let skipped = ada.skip(question.job, pin.lease_token, "too_long", command()).await.unwrap();
    assert_eq!(skipped.outcome, "lease_lost");
}

#[tokio::test]
async fn a_lease_that_moved_on_decides_nothing_and_says_who_holds_it() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    db.advance("6 minutes").await;
    db.read("bo", question.job).await;
    let ada = db.as_login("ada").await;
    let outcome = ada.approve(question.job, &pin, Reading::default(), command()).await.unwrap();
    assert_eq!((outcome.outcome.as_str(), outcome.by), ("lease_lost", Some(db.login("bo"))));
    assert_eq!(db.job(question.job).await.lease_owner, Some(db.login("bo")));
}

#[tokio::test]
async fn an_older_window_of_the_same_person_cannot_decide() {
    let db = database().await;
    let question = db.question().await;
    let older = db.read("ada", question.job).await;
    let newer = db.read("ada", question.job).await;
    assert!(newer.lease_token > older.lease_token);
    let ada = db.as_login("ada").await;
    assert_eq!(all_three(&ada, question.job, &older).await, ["lease_lost"; 3]);
    assert!(ada.approve(question.job, &newer, Reading::default(), command()).await.unwrap().is_applied());
}

#[tokio::test]
async fn someone_elses_lease_keeps_a_job() {
    let db = database().await;
    let question = db.question().await;
    db.read("ada", question.job).await;
    let bo = db.as_login("bo").await;
    let claim = bo.claim_review(Some(question.job)).await.unwrap().outcome;
    assert_eq!((claim.outcome.as_str(), claim.by), ("leased", Some(db.login("ada"))));
    assert_eq!(bo.claim_review(None).await.unwrap().outcome.outcome, "empty");
}

#[tokio::test]
async fn a_question_whose_draft_was_erased_can_only_end() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    db.execute(&format!(
        "update care.customer_message set sealed_body = null, key_id = null, erased_at = queue.clock()
         where message_id = '{}'",
        question.draft_id
    ))
    .await;
    let ada = db.as_login("ada").await;
    let outcome = ada.approve(question.job, &pin, Reading::default(), command()).await.unwrap();
    assert_eq!(outcome.outcome, "payload_missing");
    let job = db.job(question.job).await;
    assert_eq!((job.status, job.outcome_code.as_deref()), (Status::Cancelled, Some("payload_missing")));
}

#[tokio::test]
async fn whoever_edited_a_draft_cannot_approve_it() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let ada = db.as_login("ada").await;
    let revision = Uuid::new_v4();
    let body = db.seal("acme", question.conversation.id, revision, Direction::Draft, "It left on Tuesday.");
    ada.revise(question.job, &pin, revision, &body, command()).await.unwrap();
    let pin = db.read("ada", question.job).await;
    let outcome = ada.approve(question.job, &pin, Reading::default(), command()).await.unwrap();
    assert_eq!(outcome.outcome, "self_approval");
    assert_eq!(db.status(question.job).await, Status::Leased);
}

#[tokio::test]
async fn an_editor_approves_only_where_a_setting_allows_it_and_that_is_recorded() {
    let db = database().await;
    let wad = db.as_login("wad").await;
    let key = "queue.customer.editor_may_approve";
    assert!(wad.set_agency_config(key, &json!(true), command()).await.unwrap().is_applied());
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let ada = db.as_login("ada").await;
    let revision = Uuid::new_v4();
    let body = db.seal("acme", question.conversation.id, revision, Direction::Draft, "It left on Tuesday.");
    ada.revise(question.job, &pin, revision, &body, command()).await.unwrap();
    let pin = db.read("ada", question.job).await;
    assert!(ada.approve(question.job, &pin, Reading::default(), command()).await.unwrap().is_applied());
    assert!(db.value::<bool>("select by_editor from queue.review_decision").await);
}

#[tokio::test]
async fn a_draft_that_was_replaced_while_it_was_read_is_not_decided() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let newer = db.new_draft(&question.conversation, "It left on Friday.");
    db.ask(&question.conversation, &newer).await;
    let ada = db.as_login("ada").await;
    let claim = opened(&ada, question.job).await.pin.unwrap();
    // The lease of now with the draft of then.
    let stale = Pin { lease_token: claim.lease_token, ..pin };
    let approve = ada.approve(question.job, &stale, Reading::default(), command()).await.unwrap();
    let reject = ada.reject(question.job, &stale, "wrong_fact", None, command()).await.unwrap();
    assert_eq!([approve.outcome, reject.outcome], ["draft_changed", "draft_changed"]);
    assert!(ada.approve(question.job, &claim, Reading::default(), command()).await.unwrap().is_applied());
}

#[tokio::test]
async fn another_digest_than_the_drafts_is_not_decided() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let forged = Pin { draft_digest: "00".repeat(32), ..pin };
    let ada = db.as_login("ada").await;
    let outcome = ada.approve(question.job, &forged, Reading::default(), command()).await.unwrap();
    assert_eq!(outcome.outcome, "draft_changed");
}

#[tokio::test]
async fn a_customer_who_wrote_again_stops_the_decision() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    db.inbound(&question.conversation, "Forget it, it just arrived.").await;
    let ada = db.as_login("ada").await;
    let approve = ada.approve(question.job, &pin, Reading::default(), command()).await.unwrap();
    let reject = ada.reject(question.job, &pin, "wrong_fact", None, command()).await.unwrap();
    assert_eq!([approve.outcome, reject.outcome], ["conversation_moved", "conversation_moved"]);
    assert_eq!(db.status(question.job).await, Status::Leased);
    let seen = opened(&ada, question.job).await.pin.unwrap();
    assert!(ada.approve(question.job, &seen, Reading::default(), command()).await.unwrap().is_applied());
}

#[tokio::test]
async fn nobody_is_above_the_top_tier() {
    let db = database().await;
    let question = db.question().await;
    let mut job = question.job;
    for (who, above) in [("ada", "sen"), ("sen", "lee")] {
        let pin = db.read(who, job).await;
        let store = db.as_login(who).await;
        let escalated = store.escalate(job, &pin, "legal_threat", command()).await.unwrap().created_job_id.unwrap();
        db.advance("31 seconds").await;
        let taken = db.as_login(above).await.take_escalation(escalated, command()).await.unwrap();
        job = taken.outcome.created_job_id.unwrap();
    }
    let pin = db.read("lee", job).await;
    let outcome = db.as_login("lee").await.escalate(job, &pin, "legal_threat", command()).await.unwrap();
    assert_eq!(outcome.outcome, "top_tier");
    assert_eq!(db.status(job).await, Status::Leased);
}

#[tokio::test]
async fn what_was_taken_up_cannot_be_undone() {
    let db = database().await;
    let question = db.question().await;
    approved(&db, &question).await;
    db.advance("40 seconds").await;
    claimed(&db.as_login("exe").await, countersign::domain::JobKind::Send).await;
    let outcome = db.as_login("ada").await.undo(question.job, command()).await.unwrap();
    assert_eq!(outcome.outcome, "too_late");
}

#[tokio::test]
async fn undo_is_for_the_one_who_decided_or_a_senior_and_works_once() {
    let db = database().await;
    let question = db.question().await;
    approved(&db, &question).await;
    assert_eq!(db.as_login("bo").await.undo(question.job, command()).await.unwrap().outcome, "not_authorised");
    let ada = db.as_login("ada").await;
    assert!(ada.undo(question.job, command()).await.unwrap().is_applied());
    assert_eq!(ada.undo(question.job, command()).await.unwrap().outcome, "already_decided");
}

#[tokio::test]
async fn a_switched_off_kind_is_not_born_from_a_decision() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    for kind in ["send", "draft", "escalate"] {
        switch_off(&db, kind).await;
    }
    let ada = db.as_login("ada").await;
    assert_eq!(all_three(&ada, question.job, &pin).await, ["switched_off"; 3]);
    assert_eq!(db.status(question.job).await, Status::Leased);
    let quiet = ada.reject(question.job, &pin, "no_reply_needed", None, command()).await.unwrap();
    assert!(quiet.is_applied(), "a rejection that creates nothing needs no switch: {quiet:?}");
}

#[tokio::test]
async fn undo_works_even_where_approve_jobs_are_switched_off() {
    let db = database().await;
    let question = db.question().await;
    approved(&db, &question).await;
    switch_off(&db, "approve").await;
    assert!(db.as_login("ada").await.undo(question.job, command()).await.unwrap().is_applied());
}

#[tokio::test]
async fn a_reason_that_is_not_registered_for_the_act_is_misuse() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let ada = db.as_login("ada").await;
    let error = ada.reject(question.job, &pin, "legal_threat", None, command()).await.unwrap_err();
    assert_eq!(error.sqlstate(), Some("CS008"));
    let error = ada.escalate(question.job, &pin, "because I say so", command()).await.unwrap_err();
    assert!(matches!(error, Error::Refused { .. }));
    assert!(!error.to_string().contains("because"), "{error}");
}

#[tokio::test]
async fn every_refusal_leaves_one_row_in_the_audit_trail() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    db.inbound(&question.conversation, "Hello?").await;
    let ada = db.as_login("ada").await;
    let command_id = command();
    ada.approve(question.job, &pin, Reading::default(), command_id).await.unwrap();
    let rows = ada.history(question.job).await.unwrap();
    let refused: Vec<_> = rows.iter().filter(|row| row.call == "review_approve").collect();
    assert_eq!(refused.len(), 1);
    assert_eq!((refused[0].outcome.as_str(), &refused[0].login), ("conversation_moved", &db.login("ada")));
}
