//! Two at once: I8, I4, the one open question, and readers of the outbox.

use std::collections::BTreeSet;

use countersign::domain::{JobId, Outcome};
use countersign::store::Store;
use countersign::store::review::Opened;
use futures_util::future::join_all;
use sqlx::AssertSqlSafe;

use super::texts;
use crate::support::{Database, command, database};

/// A store with as many connections as there are hands at work.
async fn crowd(db: &Database, who: &str) -> Store {
    Store::connect(&db.options_of(who).max_connections(8)).await.unwrap()
}

/// Takes the job, reads it and decides, in one of three ways. What the call in the end answered.
async fn reads_and_decides(reviewer: Store, job: JobId, way: usize) -> Outcome {
    let claim = reviewer.claim_review(Some(job)).await.unwrap();
    if !claim.outcome.is_applied() {
        return claim.outcome;
    }
    let pin = match reviewer.open_body(job, claim.outcome.lease_token).await.unwrap() {
        Opened::Conversation(conversation) => conversation.pin,
        Opened::Refused(outcome) => return outcome,
    };
    // Nothing to decide with: the lease moved on between the two calls.
    let Some(pin) = pin else { return claim.outcome };
    match way % 3 {
        0 => reviewer.approve(job, &pin, Default::default(), command()).await,
        1 => reviewer.reject(job, &pin, "policy", None, command()).await,
        _ => reviewer.escalate(job, &pin, "legal_threat", command()).await,
    }
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn i8_of_sixteen_who_decide_at_once_one_does_and_the_others_are_told_who() {
    let db = database().await;
    let (ada, bo) = (crowd(&db, "ada").await, crowd(&db, "bo").await);
    let names = [db.login("ada"), db.login("bo")];
    for _ in 0..5 {
        let question = db.question().await;
        let hands = (0..16).map(|hand| {
            let reviewer = if hand % 2 == 0 { ada.clone() } else { bo.clone() };
            tokio::spawn(reads_and_decides(reviewer, question.job, hand))
        });
        let outcomes: Vec<Outcome> = join_all(hands).await.into_iter().map(Result::unwrap).collect();
        let decisions = format!("select count(*) from queue.review_decision where job_id = {}", question.job.0);
        assert_eq!(db.value::<i64>(&decisions).await, 1, "{outcomes:?}");
        let decider: String = db.value(&decisions.replace("count(*)", "min(decided_by)")).await;
        for outcome in &outcomes {
            match outcome.outcome.as_str() {
                "applied" => {}
                "already_decided" => assert_eq!(outcome.by.as_ref(), Some(&decider)),
                "leased" => assert!(names.contains(outcome.by.as_ref().unwrap())),
                other => assert_eq!(other, "lease_lost"),
            }
        }
        let applied = outcomes.iter().filter(|outcome| outcome.is_applied() && outcome.lease_token.is_none()).count();
        assert_eq!(applied, 1, "{outcomes:?}");
        let after = ada.claim_review(Some(question.job)).await.unwrap().outcome;
        assert_eq!((after.outcome.as_str(), after.by), ("already_decided", Some(decider)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_drafts_for_one_conversation_one_question_is_open_and_nobody_is_refused() {
    let db = database().await;
    let producer = crowd(&db, "prod").await;
    let conversation = db.conversation().await;
    let drafts: Vec<_> = (0..12).map(|number| db.new_draft(&conversation, &format!("Draft {number}"))).collect();
    let stored = join_all(drafts.iter().map(|draft| producer.submit_draft(draft))).await;
    let jobs: BTreeSet<_> = stored
        .into_iter()
        .map(|answer| {
            let outcome = answer.unwrap().outcome;
            assert!(outcome.is_applied(), "{outcome:?}");
            outcome.job_id
        })
        .collect();
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    let newest: String =
        db.value("select 'message:' || message_id from care.customer_message order by seq desc limit 1").await;
    assert_eq!(db.value::<String>("select payload_ref from queue.job_queue").await, newest);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_question_goes_up_once_while_another_draft_comes_in() {
    let db = database().await;
    let (kim, producer) = (crowd(&db, "kim").await, crowd(&db, "prod").await);
    let mut questions = Vec::new();
    for _ in 0..20 {
        questions.push(db.question().await);
    }
    db.advance("5 hours").await;
    let drafts: Vec<_> =
        questions.iter().map(|question| db.new_draft(&question.conversation, "It left on Tuesday.")).collect();
    let sweeps = async {
        for swept in join_all((0..6).map(|_| kim.sweep())).await {
            swept.unwrap();
        }
    };
    let submitted = async {
        for stored in join_all(drafts.iter().map(|draft| producer.submit_draft(draft))).await {
            assert!(stored.unwrap().outcome.is_applied());
        }
    };
    tokio::join!(sweeps, submitted);
    kim.sweep().await.unwrap();
    let open =
        "select count(*) from queue.job_queue where job_kind = 'customer_message_escalate' and status = 'queued'";
    assert_eq!(db.value::<i64>(open).await, 20);
    let newest = "select count(*) from queue.job_queue as job
                  join care.customer_message as draft on 'message:' || draft.message_id = job.payload_ref
                  join care.customer_conversation as conversation using (conversation_id)
                  where job.job_kind = 'customer_message_escalate' and job.status = 'queued' and draft.seq = last_seq";
    assert_eq!(db.value::<i64>(newest).await, 20, "each is about the newest draft of its conversation");
}

#[tokio::test(flavor = "multi_thread")]
async fn i8_one_command_sent_twice_at_once_acts_once() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let ada = crowd(&db, "ada").await;
    let same = command();
    let answers = join_all((0..8).map(|_| ada.approve(question.job, &pin, Default::default(), same))).await;
    let created: BTreeSet<_> = answers.into_iter().map(|answer| answer.unwrap().created_job_id).collect();
    assert_eq!(created.len(), 1, "{created:?}");
    let sends = "select count(*) from queue.job_queue where job_kind = 'customer_message_send'";
    assert_eq!(db.value::<i64>(sends).await, 1);
}

/// I8 counts commands per login: two programs that number theirs alike do not meet.
#[tokio::test]
async fn i8_two_logins_may_choose_the_same_command_id() {
    let db = database().await;
    let pad = db.as_login("pad").await;
    // Of this test alone: what a login is a member of belongs to the whole server.
    let second = db.login("second_prod");
    db.admin().create_login(&second).await.unwrap();
    assert!(pad.register_producer(&second, &["acme"], &["email"], command()).await.unwrap().is_applied());
    let (one, other) = (db.conversation().await, db.conversation().await);
    let mut message = db.new_inbound(&one, "Hello?");
    let stored = db.as_login("prod").await.store_inbound(&message).await.unwrap();
    assert!(stored.outcome.is_applied());
    let same = message.command_id;
    message = db.new_inbound(&other, "Hello?");
    message.command_id = same;
    let stored = db.as_login("second_prod").await.store_inbound(&message).await.unwrap();
    assert!(stored.outcome.is_applied(), "{stored:?}");
}

/// A transaction that wrote first may number its event last, and the other way round.
#[tokio::test]
async fn i13_a_reader_of_the_outbox_misses_no_late_commit() {
    let db = database().await;
    let (one, other) = (db.conversation().await, db.conversation().await);
    let followup = |conversation: &crate::support::Conversation| {
        format!(
            "select queue.schedule_followup('{}', '2026-01-31T09:12:00Z', command_id => '{}')",
            conversation.id,
            command()
        )
    };
    let (first, second) = (db.raw("prod").await, db.raw("prod").await);
    let mut early = first.begin().await.unwrap();
    let mut late = second.begin().await.unwrap();
    // The early transaction has its number before the late one, which numbers its event before it.
    sqlx::query("select pg_current_xact_id()").execute(&mut *early).await.unwrap();
    sqlx::query(AssertSqlSafe(followup(&one))).execute(&mut *late).await.unwrap();
    sqlx::query(AssertSqlSafe(followup(&other))).execute(&mut *early).await.unwrap();
    early.commit().await.unwrap();

    let reader = db.as_login("ada").await;
    let before = reader.read_outbox(0, 100).await.unwrap();
    late.commit().await.unwrap();
    db.outbox_has_settled().await;
    let after = reader.read_outbox(before.next, 100).await.unwrap();
    let read: Vec<_> = before.events.iter().chain(&after.events).map(|event| event.event_id).collect();
    let written = texts(db.pool(), "select event_id::text from queue.event_outbox").await;
    assert_eq!(written.len(), 2);
    let unique: BTreeSet<_> = read.iter().map(ToString::to_string).collect();
    assert_eq!((unique, read.len()), (written.into_iter().collect(), 2), "each once");
}
