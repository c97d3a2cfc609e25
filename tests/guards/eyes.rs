//! I6, I7 and I9: who has looked at what, and still holds it.

use chrono::{TimeDelta, Utc};
use countersign::domain::{Direction, JobId, JobKind, Pin, Status};
use countersign::store::review::Opened;
use serde_json::json;
use uuid::Uuid;

use super::texts;
use crate::calls::started;
use crate::support::{Database, Question, command, database, scaled};

/// Edits what the job asks about, under the lease.
async fn edits(db: &Database, who: &str, question: &Question) -> Uuid {
    let pin = db.read(who, question.job).await;
    let revision = Uuid::new_v4();
    let body = db.seal("acme", question.conversation.id, revision, Direction::Draft, "It left on Tuesday.");
    let revised = db.as_login(who).await.revise(question.job, &pin, revision, &body, command()).await.unwrap();
    assert!(revised.is_applied(), "{revised:?}");
    revision
}

async fn approves(db: &Database, who: &str, job: JobId) -> String {
    let pin = db.read(who, job).await;
    db.as_login(who).await.approve(job, &pin, Default::default(), command()).await.unwrap().outcome
}

async fn token(db: &Database, job: JobId) -> i64 {
    db.value(&format!("select lease_token from queue.job_queue where job_id = {}", job.0)).await
}

/// A question about a draft by `bo` that `ada` edited, `sen` after her, and a program last; only the first is named by
/// nobody as author and storer in one.
async fn of_many_hands(db: &Database) -> Question {
    let sen = db.login("sen");
    db.execute(&format!("update queue.staff set roles = '{{reviewer,senior_reviewer}}' where login = '{sen}'")).await;
    let conversation = db.conversation().await;
    let mut draft = db.new_draft(&conversation, "It left on Monday.");
    draft.author_ref = db.login("bo");
    let question = db.ask(&conversation, &draft).await;
    edits(db, "ada", &question).await;
    let second = edits(db, "sen", &question).await;
    let mut last = db.new_draft(&conversation, "It left on Wednesday.");
    last.revises = Some(second);
    assert_eq!(db.ask(&conversation, &last).await.job, question.job);
    question
}

#[tokio::test]
async fn i7_whoever_had_a_hand_in_any_revision_does_not_approve_the_last_one() {
    let db = database().await;
    let question = of_many_hands(&db).await;
    for who in ["bo", "ada", "sen"] {
        assert_eq!(approves(&db, who, question.job).await, "self_approval", "{who}");
        assert_eq!(db.status(question.job).await, Status::Leased);
        let released =
            db.as_login(who).await.release(question.job, token(&db, question.job).await, command()).await.unwrap();
        assert!(released.is_applied());
    }
    let lee = db.login("lee");
    db.execute(&format!("update queue.staff set roles = '{{reviewer}}' where login = '{lee}'")).await;
    assert_eq!(approves(&db, "lee", question.job).await, "applied");
    assert!(!db.value::<bool>("select by_editor from queue.review_decision").await);
}

/// A draft that names no earlier one is nobody's edit, however the one before it came about.
#[tokio::test]
async fn i7_a_fresh_draft_is_free_of_the_hands_in_the_one_that_it_replaces() {
    let db = database().await;
    let question = of_many_hands(&db).await;
    db.ask(&question.conversation, &db.new_draft(&question.conversation, "It leaves tomorrow.")).await;
    assert_eq!(approves(&db, "ada", question.job).await, "applied");
}

/// Who stored a draft had a hand in it, whoever is named as its author.
#[tokio::test]
async fn i7_whoever_stored_a_revision_does_not_approve_it_under_another_name() {
    let db = database().await;
    let question = db.question().await;
    let revision = Uuid::new_v4();
    let ada = db.login("ada");
    db.execute(&format!(
        "insert into care.customer_message (message_id, conversation_id, seq, direction, revises, author_ref, stored_by,
                                            sealed_body, key_id, digest, at, stored_at)
         select '{revision}', conversation_id, seq + 1, direction, message_id, 'drafter-2', '{ada}',
                sealed_body, key_id, digest, at, stored_at
         from care.customer_message where message_id = '{}';
         update care.customer_conversation set last_seq = last_seq + 1;
         update queue.job_queue set payload_ref = 'message:{revision}'",
        question.draft_id
    ))
    .await;
    assert_eq!(approves(&db, "ada", question.job).await, "self_approval");
}

#[tokio::test]
async fn i7_where_editors_may_approve_it_is_on_record_that_one_did() {
    let db = database().await;
    let wad = db.as_login("wad").await;
    let set = wad.set_agency_config("queue.customer.editor_may_approve", &json!(true), command()).await.unwrap();
    assert!(set.is_applied());
    for (who, is_editor) in [("ada", true), ("bo", false)] {
        let question = db.question().await;
        edits(&db, "ada", &question).await;
        let mut last = db.new_draft(&question.conversation, "It left on Wednesday.");
        last.revises = db.job(question.job).await.payload_ref.message();
        db.ask(&question.conversation, &last).await;
        assert_eq!(approves(&db, who, question.job).await, "applied");
        let recorded = format!("select by_editor from queue.review_decision where job_id = {}", question.job.0);
        assert_eq!(db.value::<bool>(&recorded).await, is_editor, "{who}");
    }
}

/// What counts is the number that the database gave a message, not the time that somebody wrote on it.
#[tokio::test]
async fn i6_a_message_dated_back_behind_everything_moves_the_conversation_all_the_same() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let ada = db.as_login("ada").await;
    let mut reply = db.new_history(&question.conversation, Direction::Outbound, "We are looking into it.");
    reply.at = Utc::now() + TimeDelta::hours(1);
    db.as_login("prod").await.store_history(&reply).await.unwrap();
    let mut late = db.new_history(&question.conversation, Direction::Inbound, "Never mind.");
    late.at = Utc::now() - TimeDelta::days(400);
    let stored = db.as_login("prod").await.store_history(&late).await.unwrap();
    let approved = ada.approve(question.job, &pin, Default::default(), command()).await.unwrap();
    let rejected = ada.reject(question.job, &pin, "policy", None, command()).await.unwrap();
    assert_eq!([approved.outcome, rejected.outcome], ["conversation_moved", "conversation_moved"]);
    // What was sent to the customer moved nothing.
    let seen = Pin { newest_inbound_seq: stored.seq.unwrap(), ..pin };
    assert!(ada.approve(question.job, &seen, Default::default(), command()).await.unwrap().is_applied());
}

/// Whichever comes first: the decision, and then it does not cover the message, or the message, and then there is none.
#[tokio::test(flavor = "multi_thread")]
async fn i6_a_message_and_a_decision_at_once_happen_one_after_the_other() {
    let tries = scaled(40, 2_000);
    let db = database().await;
    let (ada, prod) = (db.as_login("ada").await, db.as_login("prod").await);
    let mut decided = 0;
    for (number, (question, pin)) in db.questions(tries).await.into_iter().enumerate() {
        assert!(ada.claim_review(Some(question.job)).await.unwrap().outcome.is_applied());
        let message = db.new_history(&question.conversation, Direction::Inbound, "Never mind.");
        let outcome = if number % 2 == 0 {
            let approve = ada.approve(question.job, &pin, Default::default(), command());
            let (approved, stored) = tokio::join!(approve, prod.store_history(&message));
            assert!(stored.unwrap().outcome.is_applied());
            approved
        } else {
            let approve = ada.approve(question.job, &pin, Default::default(), command());
            let (stored, approved) = tokio::join!(prod.store_history(&message), approve);
            assert!(stored.unwrap().outcome.is_applied());
            approved
        };
        let outcome = outcome.unwrap().outcome;
        // Both write their row of the trail while they hold the conversation.
        let first = format!(
            "select call from queue.dot_iu_command_run
             where command_id = '{}' or (job_id = {} and call = 'review_approve') order by run_id limit 1",
            message.command_id, question.job.0
        );
        let expected = match db.value::<String>(&first).await.as_str() {
            "review_approve" => "applied",
            _ => "conversation_moved",
        };
        assert_eq!(outcome, expected);
        decided += usize::from(outcome == "applied");
    }
    println!("of {tries} decisions at the moment of a message, {decided} came first");
}

#[tokio::test]
async fn i9_a_lease_lost_while_reading_leaves_the_text_and_takes_the_decision() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let (ada, bo) = (db.as_login("ada").await, db.as_login("bo").await);
    for moved_on in [false, true] {
        db.advance("6 minutes").await;
        if moved_on {
            db.read("bo", question.job).await;
        }
        let Opened::Conversation(still_read) = ada.open_body(question.job, Some(pin.lease_token)).await.unwrap() else {
            panic!("reading needs no lease")
        };
        assert_eq!((still_read.pin, still_read.draft_id), (None, Some(question.draft_id)));
        let by = moved_on.then(|| db.login("bo"));
        let revision = Uuid::new_v4();
        let body = db.seal("acme", question.conversation.id, revision, Direction::Draft, "It left on Tuesday.");
        let revised = ada.revise(question.job, &pin, revision, &body, command()).await.unwrap();
        assert!(revised.kept);
        let kept =
            format!("select stored_by || ' ' || revises from care.customer_message where message_id = '{revision}'");
        assert_eq!(texts(db.pool(), &kept).await, [format!("{} {}", db.login("ada"), question.draft_id)]);
        for refused in [
            ada.approve(question.job, &pin, Default::default(), command()).await.unwrap(),
            ada.reject(question.job, &pin, "policy", None, command()).await.unwrap(),
            ada.escalate(question.job, &pin, "legal_threat", command()).await.unwrap(),
            ada.skip(question.job, pin.lease_token, "too_long", command()).await.unwrap(),
            revised,
        ] {
            assert_eq!((refused.outcome.as_str(), &refused.by), ("lease_lost", &by));
        }
        let extended = ada.extend_lease(question.job, pin.lease_token).await.unwrap();
        assert_eq!(extended.outcome.outcome, "lease_lost");
        assert_eq!(ada.release(question.job, pin.lease_token, command()).await.unwrap().outcome, "lease_lost");
    }
    // Whoever reads now was not disturbed: the revisions wait unattached.
    let seen = Pin { lease_token: token(&db, question.job).await, ..pin };
    assert!(bo.approve(question.job, &seen, Default::default(), command()).await.unwrap().is_applied());
}

/// A draft job points at its conversation, so there is no draft that anybody could have had a hand in.
#[tokio::test]
async fn i7_who_opens_what_has_no_draft_yet_is_told_so() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    assert!(db.as_login("ada").await.reject(question.job, &pin, "policy", None, command()).await.unwrap().is_applied());
    db.advance("40 seconds").await;
    let exe = db.as_login("exe").await;
    let job = started(&exe, JobKind::Draft).await;
    let Opened::Conversation(opened) = exe.open_body(job.job_id, Some(job.lease_token)).await.unwrap() else {
        panic!("whoever works on it reads the conversation")
    };
    assert_eq!((opened.needs_another, opened.draft_id), (false, None));
}
