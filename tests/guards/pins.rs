//! I6 and I18: what a reviewer's program says it saw is believed no further than it can be checked.

use countersign::domain::{Direction, JobKind, Pin, Status};
use countersign::store::review::Opened;

use sqlx::AssertSqlSafe;

use super::texts;
use crate::calls::{approved, claimed, completed, started};
use crate::support::{command, database};

#[tokio::test]
async fn i6_a_message_that_was_never_written_was_not_seen() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let ada = db.as_login("ada").await;
    for seen in [pin.newest_inbound_seq + 1, pin.newest_inbound_seq + 1_000_000, pin.newest_inbound_seq - 1] {
        let claimed = Pin { newest_inbound_seq: seen, ..pin.clone() };
        let answer = ada.approve(question.job, &claimed, Default::default(), command()).await.unwrap();
        assert_eq!(answer.outcome, "conversation_moved", "{seen} for {}", pin.newest_inbound_seq);
        let answer = ada.reject(question.job, &claimed, "policy", None, command()).await.unwrap();
        assert_eq!(answer.outcome, "conversation_moved", "{seen} for {}", pin.newest_inbound_seq);
    }
    assert!(ada.approve(question.job, &pin, Default::default(), command()).await.unwrap().is_applied());
}

/// An escalation needs no unchanged pin, so its pin proves nothing and must lead nowhere.
#[tokio::test]
async fn i6_escalating_with_a_made_up_pin_and_undoing_it_asks_about_the_jobs_own_draft() {
    let db = database().await;
    let question = db.question().await;
    let foreign = db.question_of("globex", "email").await;
    let pin = db.read("ada", question.job).await;
    let made_up = Pin { draft_id: foreign.draft_id, draft_digest: "00".repeat(32), ..pin };
    let ada = db.as_login("ada").await;
    assert!(ada.escalate(question.job, &made_up, "legal_threat", command()).await.unwrap().is_applied());
    let recorded: String = db.value("select draft_id::text from queue.review_decision").await;
    assert_eq!(recorded, question.draft_id.to_string());
    let undone = ada.undo(question.job, command()).await.unwrap();
    let again = db.job(undone.created_job_id.unwrap()).await;
    assert_eq!(again.payload_ref.message(), Some(question.draft_id));
}

#[tokio::test]
async fn i15_a_job_never_reaches_a_message_of_another_conversation() {
    let db = database().await;
    let question = db.question().await;
    let foreign = db.question_of("globex", "email").await;
    let pin = db.read("ada", question.job).await;
    db.execute(&format!(
        "update queue.job_queue set payload_ref = 'message:{}' where job_id = {}",
        foreign.draft_id, question.job.0
    ))
    .await;
    let ada = db.as_login("ada").await;
    let Opened::Refused(opened) = ada.open_body(question.job, None).await.unwrap() else { panic!("opened") };
    assert_eq!(opened.outcome, "payload_missing");
    let answer = ada.approve(question.job, &pin, Default::default(), command()).await.unwrap();
    assert_eq!(answer.outcome, "payload_missing");
    assert_eq!(db.status(question.job).await, Status::Cancelled);
}

/// I18 looks at the number that the decision recorded, between approval and claim as between claim and start.
#[tokio::test]
async fn i18_a_customer_who_wrote_after_the_approval_is_answered_by_a_person_first() {
    let db = database().await;
    let exe = db.as_login("exe").await;
    for written_before_the_claim in [true, false] {
        let question = db.question().await;
        let send = approved(&db, &question).await;
        db.advance("40 seconds").await;
        if written_before_the_claim {
            db.history(&question.conversation, Direction::Inbound, "Never mind.").await;
            assert_eq!(exe.claim_jobs(&[JobKind::Send], 1).await.unwrap(), []);
        } else {
            let job = claimed(&exe, JobKind::Send).await;
            db.history(&question.conversation, Direction::Inbound, "Never mind.").await;
            let outcome = exe.start_job(job.job_id, job.lease_token, command()).await.unwrap();
            assert_eq!(outcome.outcome, "conversation_moved");
        }
        let ended = db.job(send).await;
        assert_eq!((ended.status, ended.outcome_code.as_deref()), (Status::Cancelled, Some("conversation_moved")));
        let asked: i64 = db
            .value(&format!(
                "select count(*) from queue.job_queue where correlation_id = '{}' and status = 'queued'
                   and job_kind = 'customer_message_approve'",
                question.conversation.id
            ))
            .await;
        assert_eq!(asked, 1);
    }
}

/// §5: who drafts sees the conversation, and who sends the recipient; nobody else needs to know the customer.
#[tokio::test]
async fn a_drafting_program_is_not_told_who_the_customer_is() {
    let db = database().await;
    let exe = db.as_login("exe").await;
    let conversation = db.conversation().await;
    let now = chrono::Utc::now();
    let prod = db.as_login("prod").await;
    prod.schedule_followup(conversation.id, now, &Default::default(), None, command()).await.unwrap();
    db.advance("1 second").await;
    let followup = started(&exe, JobKind::Followup).await;
    completed(&exe, &followup, &Default::default()).await;
    let job = started(&exe, JobKind::Draft).await;
    let token = job.lease_token;
    let opened: serde_json::Value = {
        let raw = db.raw("exe").await;
        sqlx::query_scalar("select queue.open_body($1, $2)")
            .bind(job.job_id.0)
            .bind(token)
            .fetch_one(&raw)
            .await
            .unwrap()
    };
    assert_eq!(opened["outcome"], "opened");
    assert_eq!(opened["customer_ref"], serde_json::Value::Null);
    assert!(!opened.to_string().contains(&conversation.customer_ref));
}

/// I17: what can still be rolled back has not begun, and a body that leaves before it has begun might leave twice.
#[tokio::test]
async fn i17_the_body_of_a_send_opens_only_when_its_start_is_committed() {
    let db = database().await;
    approved(&db, &db.question().await).await;
    db.advance("40 seconds").await;
    let job = claimed(&db.as_login("exe").await, JobKind::Send).await;
    let exe = db.raw("exe").await;
    let start = format!("select queue.start_job({}, {}, '{}')", job.job_id.0, job.lease_token, command());
    let open = format!("select queue.open_body({}, {}) ->> 'outcome'", job.job_id.0, job.lease_token);
    for savepoint in ["select 1", "savepoint before"] {
        let mut transaction = exe.begin().await.unwrap();
        for step in [savepoint, start.as_str()] {
            sqlx::query(AssertSqlSafe(step.to_owned())).execute(&mut *transaction).await.unwrap();
        }
        let opened: String =
            sqlx::query_scalar(AssertSqlSafe(open.clone())).fetch_one(&mut *transaction).await.unwrap();
        assert_eq!(opened, "wrong_status", "{savepoint}");
        transaction.rollback().await.unwrap();
    }
    sqlx::query(AssertSqlSafe(start)).execute(&exe).await.unwrap();
    assert_eq!(texts(&exe, &open).await, ["opened"]);
}
