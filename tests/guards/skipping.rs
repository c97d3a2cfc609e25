//! What somebody gave back with a reason, and what somebody else said about it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::domain::{Direction, JobId};
use countersign::store::Store;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Database, command, database};

/// The next job in order, as this person is given it.
async fn next(reviewer: &Store) -> (JobId, i64) {
    let claim = reviewer.claim_review(None).await.unwrap().outcome;
    (claim.job_id.unwrap(), claim.lease_token.unwrap())
}

async fn skip(reviewer: &Store, (job, token): (JobId, i64)) -> JobId {
    assert!(reviewer.skip(job, token, "not_my_language", command()).await.unwrap().is_applied());
    job
}

#[tokio::test]
async fn who_skipped_a_job_is_given_another_as_long_as_there_is_one() {
    let db = database().await;
    let (first, second) = (db.question().await, db.question().await);
    let (ada, bo) = (db.as_login("ada").await, db.as_login("bo").await);
    assert_eq!(skip(&ada, next(&ada).await).await, first.job);
    assert_eq!(skip(&ada, next(&ada).await).await, second.job);
    // Nothing else is left.
    assert_eq!(skip(&ada, next(&ada).await).await, first.job);
    // To anybody else it is as urgent as before. Once somebody else held it, it is to whoever skipped it, too.
    let (job, token) = next(&bo).await;
    assert_eq!(job, first.job);
    let third = db.question().await;
    assert!(bo.release(job, token, command()).await.unwrap().is_applied());
    assert_eq!(next(&ada).await.0, first.job);
    assert_eq!(next(&ada).await.0, third.job, "before the one that was skipped");
    assert_eq!(next(&ada).await.0, second.job);
}

#[tokio::test]
async fn a_skipped_job_is_offered_again_with_another_draft() {
    let db = database().await;
    let first = db.question().await;
    db.question().await;
    let ada = db.as_login("ada").await;
    skip(&ada, next(&ada).await).await;
    db.ask(&first.conversation, &db.new_draft(&first.conversation, "Es ging am Montag ab.")).await;
    assert_eq!(next(&ada).await.0, first.job);
}

#[tokio::test]
async fn who_edited_a_draft_is_given_another_job_and_somebody_else_is_given_this_one() {
    let db = database().await;
    let (first, second) = (db.question().await, db.question().await);
    let pin = db.read("ada", first.job).await;
    let ada = db.as_login("ada").await;
    let revision = Uuid::new_v4();
    let body = db.seal("acme", first.conversation.id, revision, Direction::Draft, "It left on Tuesday.");
    assert!(ada.revise(first.job, &pin, revision, &body, command()).await.unwrap().is_applied());
    assert_eq!(next(&ada).await.0, second.job);
    assert_eq!(ada.claim_review(None).await.unwrap().outcome.outcome, "empty");
    let (bo, sen) = (db.as_login("bo").await, db.as_login("sen").await);
    let (job, token) = next(&bo).await;
    assert_eq!(job, first.job);
    assert!(bo.release(job, token, command()).await.unwrap().is_applied());
    assert_eq!(ada.claim_review(None).await.unwrap().outcome.outcome, "empty", "it is still about her text");
    assert!(ada.claim_review(Some(first.job)).await.unwrap().outcome.is_applied(), "who names it, gets it");
    assert!(sen.force_release(first.job, command()).await.unwrap().is_applied());
    db.ask(&first.conversation, &db.new_draft(&first.conversation, "It left on Friday.")).await;
    assert_eq!(next(&ada).await.0, first.job, "it is about another draft now");
}

async fn rejections(db: &Database, job: JobId) -> Value {
    let ada = db.raw("ada").await;
    let mut answer = Value::Null;
    // The first time is announced.
    for _ in 0..2 {
        answer = sqlx::query_scalar("select queue.open_body($1)").bind(job.0).fetch_one(&ada).await.unwrap();
    }
    answer["rejections"].clone()
}

#[tokio::test]
async fn a_rejection_is_shown_with_the_sealed_words_of_whoever_rejected() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("bo", question.job).await;
    let note = db.seal("acme", question.conversation.id, Uuid::new_v4(), Direction::Draft, "Monday was a holiday.");
    let bo = db.as_login("bo").await;
    assert!(bo.reject(question.job, &pin, "wrong_fact", Some(&note), command()).await.unwrap().is_applied());
    let draft = db.new_draft(&question.conversation, "It left on Tuesday.");
    let again = db.ask(&question.conversation, &draft).await;
    let shown = rejections(&db, again.job).await;
    let mut sealed = shown[0]["note_sealed"].as_str().unwrap().to_owned();
    sealed.retain(|character| !character.is_whitespace());
    assert_eq!(STANDARD.decode(sealed).unwrap(), note.sealed);
    assert_eq!(shown[0]["note_key_id"], json!(note.key_id));

    db.execute("update care.review_note set sealed_body = null, key_id = null, erased_at = queue.clock()").await;
    let shown = rejections(&db, again.job).await;
    assert_eq!((&shown[0]["reason"], &shown[0]["note_sealed"]), (&json!("wrong_fact"), &Value::Null));
}
