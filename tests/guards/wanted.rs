//! I18, I5, I14 and I17 in time: what was right when it was approved is looked at again, and what stops a job can be read.

use chrono::{TimeDelta, Utc};
use countersign::domain::{Direction, JobId, JobKind, Status};
use countersign::store::Store;
use countersign::store::holds::Scope;
use countersign::store::programs::Completion;
use countersign::store::review::Opened;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use super::dispensation::{drafted, sign, switch};
use super::{refused, texts};
use crate::calls::{approved, claimed, sending, started};
use crate::support::{Database, Figure, Question, command, database, scaled};

fn by_email() -> Scope {
    Scope { channel_kind: Some("email".into()), ..Scope::default() }
}

async fn ended(db: &Database, send: JobId) -> String {
    let job = db.job(send).await;
    format!("{}/{}", job.status, job.outcome_code.unwrap_or_default())
}

/// How many people are asked about this conversation.
async fn asked(db: &Database, question: &Question) -> i64 {
    db.value(&format!(
        "select count(*) from queue.job_queue
         where correlation_id = '{}' and job_kind = 'customer_message_approve' and status = 'queued'",
        question.conversation.id
    ))
    .await
}

#[tokio::test]
async fn i18_a_hold_of_hours_makes_an_approval_old() {
    let db = database().await;
    let (kim, exe) = (db.as_login("kim").await, db.as_login("exe").await);
    let question = db.question().await;
    let send = approved(&db, &question).await;
    let hold = kim.place_hold(&by_email(), "provider_outage", None, command()).await.unwrap();
    db.advance("3 hours").await;
    assert_eq!(exe.claim_jobs(&[JobKind::Send], 1).await.unwrap(), []);
    assert_eq!(db.status(send).await, Status::Paused);
    kim.resume_hold(hold.hold_id.unwrap(), None, command()).await.unwrap();
    assert_eq!(db.as_login("ada").await.why_blocked(send).await.unwrap(), ["approval_expired"]);
    assert_eq!(exe.claim_jobs(&[JobKind::Send], 1).await.unwrap(), []);
    assert_eq!(ended(&db, send).await, "cancelled/approval_expired");
    assert_eq!(asked(&db, &question).await, 1);
}

/// The message and the start race: either the send started before the message was there, or it did not start.
#[tokio::test(flavor = "multi_thread")]
async fn i18_a_message_that_races_the_start_is_seen_or_comes_after() {
    let tries = scaled(60, 3_000);
    let figure = Figure::begin("I18, a new message against start_job, races");
    let db = database().await;
    let (exe, prod) = (db.as_login("exe").await, db.as_login("prod").await);
    let (mut started, mut stopped) = (0, 0);
    for attempt in 0..tries {
        let question = db.question().await;
        approved(&db, &question).await;
        db.advance("40 seconds").await;
        let send = claimed(&exe, JobKind::Send).await;
        let message = db.new_inbound(&question.conversation, "Never mind.");
        let start = exe.start_job(send.job_id, send.lease_token, command());
        let outcome = match attempt % 2 {
            0 => tokio::join!(start, prod.store_inbound(&message)).0,
            _ => tokio::join!(prod.store_inbound(&message), start).1,
        };
        // By the store's own numbering: the audit rows of the start and of the message, in the order of their commits.
        let first: String = db
            .value(&format!(
                "select call from queue.dot_iu_command_run as run
                 where (call = 'start_job' and job_id = {send})
                    or (call = 'store_inbound' and job_id in (select job_id from queue.job_queue as born
                                                              where born.payload_ref = 'message:{message}'))
                 order by at, run_id limit 1",
                send = send.job_id.0,
                message = message.message_id
            ))
            .await;
        match outcome.unwrap().outcome.as_str() {
            "applied" => {
                started += 1;
                assert_eq!(first, "start_job", "started although the message was there");
                let done = Completion { provider_ref: Some("smtp-1".into()), ..Completion::default() };
                exe.complete_job(send.job_id, send.lease_token, &done, command()).await.unwrap();
            }
            other => {
                stopped += 1;
                assert_eq!((other, first.as_str()), ("conversation_moved", "store_inbound"));
            }
        }
        // The next round claims the next send and nothing of this one's.
        db.execute(
            "update queue.job_queue set status = 'cancelled', finished_at = queue.clock() where status = 'queued'",
        )
        .await;
    }
    assert_eq!(started + stopped, tries);
    figure.end(tries);
}

#[tokio::test]
async fn i4_an_approval_is_not_undone_under_a_claimed_send() {
    let db = database().await;
    let question = db.question().await;
    let send = approved(&db, &question).await;
    db.advance("40 seconds").await;
    claimed(&db.as_login("exe").await, JobKind::Send).await;
    let undo = db.as_login("ada").await.undo(question.job, command()).await.unwrap();
    assert_eq!((undo.outcome.as_str(), db.status(send).await), ("too_late", Status::Leased));
    // Nor by the owner's hand.
    let by_hand = format!(
        "update queue.review_decision set undone_by = session_user, undone_at = queue.clock() where job_id = {}",
        question.job.0
    );
    assert_eq!(refused(db.pool(), &by_hand).await.as_deref(), Some("CS006"));
}

/// A start under the old sign-off may be under way and commit later: who takes the sign-off back is told.
#[tokio::test]
async fn i5_who_takes_a_sign_off_back_is_told_who_may_still_go_by_it() {
    let db = database().await;
    let exe = db.as_login("exe").await;
    let raw = db.raw("exe").await;
    let wad = db.raw("wad").await;
    switch(&db, "pad", true).await;
    for under_way in [true, false] {
        let conversation = db.conversation().await;
        sign(&db, "wad", &conversation).await;
        assert_eq!(drafted(&db, &conversation).await, JobKind::Send);
        db.advance("40 seconds").await;
        let send = claimed(&exe, JobKind::Send).await;
        let mut start = raw.begin().await.unwrap();
        if under_way {
            let call = format!("select queue.start_job({}, {}, '{}')", send.job_id.0, send.lease_token, command());
            sqlx::query(AssertSqlSafe(call)).execute(&mut *start).await.unwrap();
        }
        let revoked: Value = sqlx::query_scalar("select queue.revoke_sign_off($1, command_id => $2)")
            .bind(&conversation.customer_ref)
            .bind(command().to_string())
            .fetch_one(&wad)
            .await
            .unwrap();
        assert_eq!((&revoked["outcome"], &revoked["settled"]), (&json!("applied"), &json!(!under_way)), "{revoked}");
        if under_way {
            assert_eq!(revoked["under_way"], json!([db.login("exe")]));
        }
        start.commit().await.unwrap();
        if !under_way {
            let outcome = exe.start_job(send.job_id, send.lease_token, command()).await.unwrap();
            assert_eq!(outcome.outcome, "dispensation_ended");
        }
    }
}

/// I5: under a dispensation a program sends what it wrote for this job, not an older draft of its own.
#[tokio::test]
async fn i5_a_draft_leaves_only_for_the_job_that_it_was_made_for() {
    let db = database().await;
    let exe = db.as_login("exe").await;
    let conversation = db.conversation().await;
    assert_eq!(drafted(&db, &conversation).await, JobKind::Approve);
    let older: uuid::Uuid = db
        .value(&format!(
            "select message_id from care.customer_message where conversation_id = '{}' and direction = 'draft'",
            conversation.id
        ))
        .await;
    let prod = db.as_login("prod").await;
    prod.schedule_followup(conversation.id, Utc::now() - TimeDelta::minutes(1), &Default::default(), None, command())
        .await
        .unwrap();
    let followup = started(&exe, JobKind::Followup).await;
    exe.complete_job(followup.job_id, followup.lease_token, &Completion::default(), command()).await.unwrap();
    let job = started(&exe, JobKind::Draft).await;
    let completion = Completion { draft_id: Some(older), ..Completion::default() };
    let error = exe.complete_job(job.job_id, job.lease_token, &completion, command()).await.unwrap_err();
    assert_eq!(error.sqlstate(), Some("CS002"));
}

/// I17: an effect that is unknown is not tried again, by the owner's hand neither.
#[tokio::test]
async fn i17_a_send_that_may_have_left_is_not_put_back_by_itself() {
    let db = database().await;
    let send = sending(&db, &db.question().await).await;
    for (code, expected) in
        [("provider_timeout", Some("CS007")), ("worker_vanished", Some("CS007")), ("rate_limited", None)]
    {
        let mut hand = db.pool().begin().await.unwrap();
        let back = format!(
            "update queue.job_queue
             set status = 'retry_waiting', last_error_code = '{code}', lease_owner = null, lease_expires_at = null
             where job_id = {}",
            send.job_id.0
        );
        assert_eq!(refused(&mut *hand, &back).await.as_deref(), expected, "{code}");
        hand.rollback().await.unwrap();
    }
}

/// A record of another right than the one that the send has lets nothing through later.
#[tokio::test]
async fn i4_a_record_names_the_right_that_the_send_has() {
    let db = database().await;
    let (question, other) = (db.question().await, db.question().await);
    let (send, _) = (approved(&db, &question).await, approved(&db, &other).await);
    let record = |decision: &str| {
        format!(
            "insert into queue.send_evidence (job_id, decision_id, recorded_at)
             select {}, decision_id, queue.clock() from queue.review_decision where job_id = {decision}",
            send.0
        )
    };
    assert_eq!(refused(db.pool(), &record(&other.job.0.to_string())).await.as_deref(), Some("CS007"));
    assert_eq!(refused(db.pool(), &record(&question.job.0.to_string())).await, None);
}

/// I14: what can be rolled back is not on record, and what is not on record is not opened.
#[tokio::test]
async fn i14_nothing_is_opened_before_a_record_of_it_is_committed() {
    let db = database().await;
    let question = db.question().await;
    let job = question.job.0;
    let sen = db.raw("sen").await;
    let ada = db.raw("ada").await;
    let open = format!("select queue.open_body({job}) ->> 'outcome'");
    let opened_and_rolled_back = async |login: &sqlx::PgPool, steps: &[String]| {
        let mut outcomes = Vec::new();
        let mut transaction = login.begin().await.unwrap();
        for step in steps {
            let outcome: Option<String> =
                sqlx::query_scalar(AssertSqlSafe(step.clone())).fetch_one(&mut *transaction).await.unwrap();
            outcomes.push(outcome.unwrap_or_default());
        }
        transaction.rollback().await.unwrap();
        outcomes
    };
    // A colleague who only looks, and one who claims in the same transaction.
    let twice = [open.clone(), open.clone()];
    assert_eq!(opened_and_rolled_back(&sen, &twice).await, ["announced", "announced"]);
    let claim_and_open = [format!("select queue.claim_review({job}) ->> 'outcome'"), open.clone()];
    assert_eq!(opened_and_rolled_back(&ada, &claim_and_open).await, ["applied", "announced"]);

    assert_eq!(texts(&sen, &open).await, ["announced"]);
    assert_eq!(opened_and_rolled_back(&sen, std::slice::from_ref(&open)).await, ["opened"]);
    let on_record = "select concat_ws(' ', login, outcome) from queue.dot_iu_command_run where call = 'open_body'";
    assert_eq!(texts(db.pool(), on_record).await, [format!("{} announced", db.login("sen"))]);
    // An announcement lasts for a minute and for who made it.
    assert_eq!(texts(&db.raw("bo").await, &open).await, ["announced"]);
    db.advance("2 minutes").await;
    assert_eq!(texts(&sen, &open).await, ["announced"]);

    // The program asks twice by itself.
    let Opened::Conversation(seen) = db.as_login("sen").await.open_body(question.job, None).await.unwrap() else {
        panic!("refused")
    };
    assert_eq!(seen.messages.len(), 2);
}

#[tokio::test]
async fn i14_a_program_opens_no_body_under_a_claim_that_can_be_rolled_back() {
    let db = database().await;
    let conversation = db.conversation().await;
    let job = db.inbound(&conversation, "Hello?").await.outcome.job_id.unwrap().0;
    let exe = db.raw("exe").await;
    let mut transaction = exe.begin().await.unwrap();
    let claim = "select queue.claim_jobs(array['customer_message_inbound'], 1)";
    sqlx::query(claim).execute(&mut *transaction).await.unwrap();
    let open = format!("select queue.open_body({job}, 1) ->> 'outcome'");
    let opened: String = sqlx::query_scalar(AssertSqlSafe(open.clone())).fetch_one(&mut *transaction).await.unwrap();
    assert_eq!(opened, "announced");
    transaction.commit().await.unwrap();
    assert_eq!(texts(&exe, &open).await, ["opened"]);
}

/// Each code by the state that it is for.
#[tokio::test]
async fn what_keeps_a_job_from_going_on_can_be_read() {
    let db = database().await;
    let (exe, kim, ada) = (db.as_login("exe").await, db.as_login("kim").await, db.as_login("ada").await);
    let why = async |store: &Store, job: JobId| store.why_blocked(job).await.unwrap().join(" ");

    let question = db.question().await;
    assert_eq!(why(&ada, question.job).await, "waits_for_person");
    db.read("ada", question.job).await;
    assert_eq!(why(&ada, question.job).await, "leased");
    db.advance("10 minutes").await;
    exe.sweep().await.unwrap();

    let send = approved(&db, &question).await;
    assert_eq!(why(&ada, send).await, "not_due");
    db.advance("40 seconds").await;
    assert_eq!(why(&ada, send).await, "");
    let leased = claimed(&exe, JobKind::Send).await;
    assert_eq!(why(&exe, send).await, "leased");
    exe.start_job(send, leased.lease_token, command()).await.unwrap();
    exe.fail_job(send, leased.lease_token, "provider_timeout", command()).await.unwrap();
    assert_eq!(why(&ada, send).await, "outcome_unknown");
    // Whoever lost the job has lost the answer too.
    assert!(exe.why_blocked(send).await.unwrap().is_empty());
    kim.discard_dead_letter(send, "obsolete", command()).await.unwrap();
    assert_eq!(why(&ada, send).await, "ended");

    let moved = db.question().await;
    let send = approved(&db, &moved).await;
    db.advance("40 seconds").await;
    let hold = kim.place_hold(&by_email(), "provider_outage", None, command()).await.unwrap();
    assert_eq!(why(&ada, send).await, "held");
    db.history(&moved.conversation, Direction::Inbound, "Never mind.").await;
    assert_eq!(why(&ada, send).await, "held conversation_moved");
    kim.resume_hold(hold.hold_id.unwrap(), None, command()).await.unwrap();
    assert_eq!(why(&ada, send).await, "conversation_moved");

    // What comes after it is switched off: its attempt is given back, and it waits for more than its time.
    let conversation = db.conversation().await;
    let inbound = db.inbound(&conversation, "Hello?").await.outcome.job_id.unwrap();
    let job = started(&exe, JobKind::Inbound).await;
    let pad = db.as_login("pad").await;
    let classify = "queue.customer.customer_message_classify.enabled";
    pad.set_config(classify, &json!(false), None, command()).await.unwrap();
    exe.complete_job(job.job_id, job.lease_token, &Completion::default(), command()).await.unwrap();
    db.advance("1 minute").await;
    assert_eq!(why(&ada, inbound).await, "switched_off");
    pad.set_config(classify, &json!(true), None, command()).await.unwrap();
    assert_eq!(why(&ada, inbound).await, "");

    // Nobody is there to do it.
    db.execute("update queue.executor set enabled = false").await;
    assert_eq!(why(&ada, inbound).await, "no_executor");
    db.execute("update queue.executor set enabled = true").await;

    // The words are gone.
    db.execute("update care.customer_message set sealed_body = null, key_id = null, erased_at = queue.clock()").await;
    assert_eq!(why(&ada, inbound).await, "payload_missing");
}

#[tokio::test]
async fn what_keeps_a_dispensed_send_from_going_on_can_be_read() {
    let db = database().await;
    let ada = db.as_login("ada").await;
    let conversation = db.conversation().await;
    switch(&db, "pad", true).await;
    sign(&db, "wad", &conversation).await;
    assert_eq!(drafted(&db, &conversation).await, JobKind::Send);
    db.advance("40 seconds").await;
    let send = JobId(db.value("select job_id from queue.job_queue where job_kind = 'customer_message_send'").await);
    assert!(ada.why_blocked(send).await.unwrap().is_empty());
    db.as_login("wad").await.revoke_sign_off(&conversation.customer_ref, command()).await.unwrap();
    assert_eq!(ada.why_blocked(send).await.unwrap(), ["dispensation_ended"]);
}
