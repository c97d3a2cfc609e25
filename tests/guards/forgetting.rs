//! I3 for rows: they leave by retention alone, and not before their time; and a customer can be forgotten.

use chrono::Utc;
use countersign::domain::{Direction, JobKind, Status};
use countersign::store::programs::Completion;
use countersign::store::review::{Opened, Reading};
use serde_json::json;

use super::{refused, texts};
use crate::calls::{approved, claimed, completed, sending, started};
use crate::support::{Database, Question, command, database};

async fn keep(db: &Database, part: &str, days: i64) {
    let pad = db.as_login("pad").await;
    let key = format!("queue.retention.{part}");
    assert!(pad.set_config(&key, &json!(days * 86_400), None, command()).await.unwrap().is_applied());
}

/// A conversation that was answered, and everything about it has ended.
async fn answered(db: &Database) -> Question {
    let question = db.question().await;
    let send = sending(db, &question).await;
    let done = Completion { provider_ref: Some("smtp-1".into()), ..Completion::default() };
    completed(&db.as_login("exe").await, &send, &done).await;
    question
}

async fn counts(db: &Database) -> [i64; 6] {
    let tables = [
        "queue.job_queue",
        "queue.review_decision",
        "queue.send_evidence",
        "care.customer_message",
        "care.customer_conversation",
        "care.customer",
    ];
    let mut counts = [0; 6];
    for (count, table) in counts.iter_mut().zip(tables) {
        *count = db.value(&format!("select count(*) from {table}")).await;
    }
    counts
}

#[tokio::test]
async fn i3_nothing_is_deleted_before_somebody_says_how_long_it_is_kept() {
    let db = database().await;
    answered(&db).await;
    db.advance("3650 days").await;
    let before = counts(&db).await;
    let pad = db.as_login("pad").await;
    assert_eq!(pad.retention_sweep(1_000, command()).await.unwrap().outcome.outcome, "no_period");
    assert_eq!(counts(&db).await, before);
    for who in ["ada", "kim", "wad"] {
        let login = db.as_login(who).await;
        assert_eq!(login.retention_sweep(1_000, command()).await.unwrap().outcome.outcome, "not_authorised", "{who}");
    }
}

#[tokio::test]
async fn i3_what_was_kept_long_enough_goes_whole_and_the_promises_still_hold() {
    let db = database().await;
    let pad = db.as_login("pad").await;
    answered(&db).await;
    for part in ["jobs", "messages", "audit", "outbox"] {
        keep(&db, part, 30).await;
    }
    db.advance("29 days").await;
    let young = pad.retention_sweep(1_000, command()).await.unwrap();
    assert_eq!((young.jobs, young.messages, young.audit, young.outbox), (0, 0, 0, 0));

    // An old question that nobody answered stays, and so does everything around it.
    db.advance("2 days").await;
    let fresh = answered(&db).await;
    let swept = pad.retention_sweep(1_000, command()).await.unwrap();
    assert_eq!((swept.jobs, swept.messages, swept.more), (2, 3, false), "an approve and a send job; three messages");
    assert!(swept.audit > 0 && swept.outbox > 0, "{swept:?}");
    assert_eq!(counts(&db).await, [2, 1, 1, 3, 1, 1]);
    assert_eq!(db.status(fresh.job).await, Status::Succeeded);
    let broken: Vec<_> =
        db.admin().invariants().await.unwrap().into_iter().filter(|promise| promise.broken > 0).collect();
    assert!(broken.is_empty(), "{broken:?}");
    let oldest: i64 =
        db.value("select extract(day from queue.clock() - min(at))::bigint from queue.dot_iu_command_run").await;
    assert!(oldest <= 31, "whole days: {oldest}");
}

/// As long as one job of a tree lives, a later gate may have to look at any other.
#[tokio::test]
async fn i3_a_tree_of_jobs_stays_as_long_as_one_of_them_lives() {
    let db = database().await;
    let question = db.question().await;
    let send = approved(&db, &question).await;
    keep(&db, "jobs", 1).await;
    keep(&db, "messages", 1).await;
    db.advance("400 days").await;
    let pad = db.as_login("pad").await;
    let kept = pad.retention_sweep(1_000, command()).await.unwrap();
    assert_eq!((kept.jobs, kept.messages), (0, 0));
    for table in ["job_queue", "review_decision"] {
        let by_hand = format!("delete from queue.{table} where job_id = {}", question.job.0);
        assert_eq!(refused(db.pool(), &by_hand).await.as_deref(), Some("CS010"), "{table}");
    }
    let message = format!("delete from care.customer_message where message_id = '{}'", question.draft_id);
    assert_eq!(refused(db.pool(), &message).await.as_deref(), Some("CS010"));

    // On-call gives the send up; from then on the period counts.
    db.as_login("kim").await.cancel_job(send, "obsolete", command()).await.unwrap();
    assert_eq!(pad.retention_sweep(1_000, command()).await.unwrap().jobs, 0);
    db.advance("25 hours").await;
    assert_eq!(pad.retention_sweep(1_000, command()).await.unwrap().jobs, 2);
}

#[tokio::test]
async fn i3_retention_goes_in_batches_and_passes_over_what_somebody_holds() {
    let db = database().await;
    for _ in 0..3 {
        answered(&db).await;
    }
    keep(&db, "jobs", 1).await;
    db.advance("3 days").await;
    let mut hand = db.pool().begin().await.unwrap();
    sqlx::query("select from queue.job_queue where job_id = (select min(job_id) from queue.job_queue) for update")
        .execute(&mut *hand)
        .await
        .unwrap();
    let pad = db.as_login("pad").await;
    let oldest = db.value::<i64>("select min(job_id) / 8192 from queue.job_queue").await;
    let drawn = "insert into queue.job_bitmap values (1, $block, ~ 0::bit(8192))";
    for block in [oldest - 1, oldest] {
        db.execute(&drawn.replace("$block", &block.to_string())).await;
    }
    let first = pad.retention_sweep(2, command()).await.unwrap();
    let left: Vec<i64> = db.value("select array(select block from queue.job_bitmap where trait = 1)").await;
    assert_eq!(left, [oldest], "no list goes where no job is left");
    assert_eq!((first.jobs, first.more), (2, true));
    assert_eq!(pad.retention_sweep(1_000, command()).await.unwrap().jobs, 2);
    hand.rollback().await.unwrap();
    assert_eq!(pad.retention_sweep(1_000, command()).await.unwrap().jobs, 2);
}

/// What a batch deletes lies apart from what anybody works on: neither waits for the other.
#[tokio::test]
async fn i3_nobody_who_works_waits_for_a_batch_nor_a_batch_for_them() {
    let db = database().await;
    answered(&db).await;
    for part in ["jobs", "messages", "audit", "outbox"] {
        keep(&db, part, 1).await;
    }
    db.advance("3 days").await;
    let (read, written) = (db.question().await, db.question().await);
    db.inbound(&written.conversation, "And my other card?").await;

    let pad = db.raw("pad").await;
    let mut batch = pad.begin().await.unwrap();
    sqlx::query("set local lock_timeout = '1s'").execute(&mut *batch).await.unwrap();
    let sweep = "select (queue.retention_sweep(1000, gen_random_uuid()::text) -> 'jobs')::integer";
    let gone: i32 = sqlx::query_scalar(sweep).fetch_one(&mut *batch).await.unwrap();
    assert_eq!(gone, 2);
    // Whoever had to wait for the batch would be told by the server's own limit.
    db.execute("do $$ begin execute format('alter database %I set lock_timeout = ''1s''', current_database()); end $$")
        .await;
    let taken = claimed(&db.as_login("exe").await, JobKind::Inbound).await;
    db.inbound(&read.conversation, "Hello?").await;
    let pin = db.read("ada", written.job).await;
    assert!(
        db.as_login("ada").await.approve(written.job, &pin, Reading::default(), command()).await.unwrap().is_applied()
    );
    batch.rollback().await.unwrap();

    // And the other way round: what was claimed is not committed, and a batch goes through.
    let exe = db.raw("exe").await;
    let mut work = exe.begin().await.unwrap();
    let claim = "select jsonb_array_length(queue.claim_jobs('{customer_message_inbound}', 10) -> 'jobs')";
    let claims: i32 = sqlx::query_scalar(claim).fetch_one(&mut *work).await.unwrap();
    assert_eq!(claims, 1, "{taken:?} was the first of two");
    let swept = db.as_login("pad").await.retention_sweep(1_000, command()).await.unwrap();
    assert_eq!(swept.jobs, 2);
    work.rollback().await.unwrap();
}

#[tokio::test]
async fn a_setting_that_is_taken_away_no_longer_holds() {
    let db = database().await;
    keep(&db, "jobs", 1).await;
    let pad = db.as_login("pad").await;
    pad.set_config("queue.retention.jobs", &serde_json::Value::Null, None, command()).await.unwrap();
    assert_eq!(pad.retention_sweep(10, command()).await.unwrap().outcome.outcome, "no_period");
}

#[tokio::test]
async fn a_customer_who_is_erased_leaves_no_word_and_no_name() {
    let db = database().await;
    let question = answered(&db).await;
    let reference = question.conversation.customer_ref.clone();
    db.inbound(&question.conversation, "And the other card?").await;
    let wad = db.as_login("wad").await;
    let erased = wad.erase_customer(&reference, command()).await.unwrap();
    assert_eq!((erased.outcome.outcome.as_str(), erased.conversations, erased.cancelled), ("applied", 1, 1));
    assert_eq!(erased.messages, 4, "two of the customer's, the draft, and the record of its leaving");
    let left: i64 = db
        .value(&format!(
            "select (select count(*) from care.customer where customer_ref = '{reference}')
                  + (select count(*) from care.customer_message where sealed_body is not null or provider_ref is not null)"
        ))
        .await;
    assert_eq!(left, 0);
    // A reviewer still sees that something was said and decided.
    let ada = db.as_login("ada").await;
    let job = question.job;
    let Opened::Refused(gone) = ada.open_body(job, None).await.unwrap() else { panic!("opened") };
    assert_eq!(gone.outcome, "payload_missing");
    assert_eq!(db.status(job).await, Status::Succeeded);
    let broken: Vec<_> =
        db.admin().invariants().await.unwrap().into_iter().filter(|promise| promise.broken > 0).collect();
    assert!(broken.is_empty(), "{broken:?}");
    // What was forgotten cannot be found again, and nobody writes into it any more.
    assert_eq!(wad.erase_customer(&reference, command()).await.unwrap().outcome.outcome, "not_found");
    let late = db.new_inbound(&question.conversation, "Hello?");
    assert_eq!(db.as_login("prod").await.store_inbound(&late).await.unwrap().outcome.outcome, "not_found");
}

/// Whoever is at work on an erased customer is told at the next step.
#[tokio::test]
async fn work_on_an_erased_customer_ends_at_its_next_step() {
    let db = database().await;
    let (exe, wad, ada) = (db.as_login("exe").await, db.as_login("wad").await, db.as_login("ada").await);
    let erase = async |conversation: &crate::support::Conversation| {
        assert!(wad.erase_customer(&conversation.customer_ref, command()).await.unwrap().outcome.is_applied());
    };

    let reading = db.question().await;
    let pin = db.read("ada", reading.job).await;
    erase(&reading.conversation).await;
    let decided = ada.approve(reading.job, &pin, Default::default(), command()).await.unwrap();
    assert_eq!((decided.outcome.as_str(), db.status(reading.job).await), ("payload_missing", Status::Cancelled));

    let conversation = db.conversation().await;
    db.inbound(&conversation, "Hello?").await;
    let leased = claimed(&exe, JobKind::Inbound).await;
    erase(&conversation).await;
    let start = exe.start_job(leased.job_id, leased.lease_token, command()).await.unwrap();
    assert_eq!((start.outcome.as_str(), db.status(leased.job_id).await), ("payload_missing", Status::DeadLetter));

    // A draft that is being written about somebody who is forgotten meanwhile is not stored, and leads to nothing.
    let conversation = db.conversation().await;
    db.as_login("prod")
        .await
        .schedule_followup(conversation.id, Utc::now(), &Default::default(), None, command())
        .await
        .unwrap();
    db.advance("1 second").await;
    let followup = started(&exe, JobKind::Followup).await;
    completed(&exe, &followup, &Completion::default()).await;
    let writing = started(&exe, JobKind::Draft).await;
    erase(&conversation).await;
    let draft_id = uuid::Uuid::new_v4();
    let body = db.seal("acme", conversation.id, draft_id, Direction::Draft, "It left on Monday.");
    let put =
        exe.put_draft(writing.job_id, writing.lease_token, draft_id, "drafter-1", &body, command()).await.unwrap();
    assert_eq!(put.outcome, "payload_missing");
    let ended = exe.complete_job(writing.job_id, writing.lease_token, &Completion::default(), command()).await.unwrap();
    assert_eq!((ended.outcome.as_str(), db.status(writing.job_id).await), ("payload_missing", Status::DeadLetter));
}

#[tokio::test]
async fn only_a_workflow_admin_forgets_and_only_customers_of_the_own_agency() {
    let db = database().await;
    let of_acme = db.question().await.conversation.customer_ref;
    let of_globex = db.conversation_of("globex", "email").await.customer_ref;
    for who in ["ada", "lee", "kim", "pad", "gus"] {
        let answer = db.as_login(who).await.erase_customer(&of_acme, command()).await.unwrap();
        assert_eq!(answer.outcome.outcome, "not_authorised", "{who}");
    }
    let foreign = db.as_login("wad").await.erase_customer(&of_globex, command()).await.unwrap();
    assert_eq!(foreign.outcome.outcome, "not_found");
    assert_eq!(texts(db.pool(), "select customer_ref from care.customer where erased_at is not null").await.len(), 0);
}
