//! Holds against whoever is under way: they wait for nobody, and forget nothing.

use countersign::domain::{JobId, JobKind, Status};
use countersign::store::holds::Scope;

use super::holding::oncall_of_all;
use crate::calls::{approved, claimed};
use crate::support::{Dice, Figure, command, database, scaled};

/// The sweep saw the hold standing, the hold ends, and only then the sweep's pause takes effect.
#[tokio::test]
async fn a_job_paused_while_its_hold_ends_is_not_forgotten() {
    let db = database().await;
    let kim = db.as_login("kim").await;
    let scope = Scope { channel_kind: Some("sms".into()), ..Scope::default() };
    let hold = kim.place_hold(&scope, "incident", None, command()).await.unwrap().hold_id.unwrap();
    let late = db.question_of("acme", "sms").await.job;

    let sweeper = db.raw("exe").await;
    let mut sweep = sweeper.begin().await.unwrap();
    sqlx::query("select queue.sweep()").execute(&mut *sweep).await.unwrap();
    let resumed = kim.resume_hold(hold, None, command()).await.unwrap();
    assert_eq!((resumed.outcome.outcome.as_str(), resumed.resumed), ("applied", 0), "and it waits for nobody");
    sweep.commit().await.unwrap();

    assert_eq!(db.status(late).await, Status::Paused);
    kim.sweep().await.unwrap();
    assert_eq!(db.status(late).await, Status::Queued);
}

#[tokio::test]
async fn a_job_claimed_while_its_hold_is_placed_is_not_started() {
    let db = database().await;
    approved(&db, &db.question().await).await;
    db.advance("40 seconds").await;
    let worker = db.raw("exe").await;
    let mut claim = worker.begin().await.unwrap();
    sqlx::query("select queue.claim_jobs(array['customer_message_send'])").execute(&mut *claim).await.unwrap();
    let kim = db.as_login("kim").await;
    let scope = Scope { job_kind: Some(JobKind::Send), ..Scope::default() };
    let placed = kim.place_hold(&scope, "incident", None, command()).await.unwrap();
    assert_eq!((placed.outcome.outcome.as_str(), placed.paused), ("applied", 0), "and it waits for nobody");
    claim.commit().await.unwrap();

    let job: i64 = db.value("select job_id from queue.job_queue where status = 'leased'").await;
    let exe = db.as_login("exe").await;
    assert_eq!(exe.start_job(JobId(job), 1, command()).await.unwrap().outcome, "held");
    assert_eq!((db.status(JobId(job)).await, db.job(JobId(job)).await.attempt), (Status::Queued, 0));
    assert_eq!(kim.sweep().await.unwrap().paused, 1);
    kim.resume_hold(placed.hold_id.unwrap(), None, command()).await.unwrap();
    assert_eq!(claimed(&exe, JobKind::Send).await.job_id, JobId(job));
}

/// Neither undoing nor taking over puts a question into somebody's hands past a hold.
#[tokio::test]
async fn questions_that_open_under_a_hold_are_leased_to_nobody() {
    let db = database().await;
    let (undone, escalated) = (db.question().await, db.question().await);
    approved(&db, &undone).await;
    let pin = db.read("ada", escalated.job).await;
    let ada = db.as_login("ada").await;
    let up = ada.escalate(escalated.job, &pin, "legal_threat", command()).await.unwrap().created_job_id.unwrap();
    let kim = db.as_login("kim").await;
    let scope = Scope { job_kind: Some(JobKind::Approve), ..Scope::default() };
    let hold = kim.place_hold(&scope, "incident", None, command()).await.unwrap().hold_id.unwrap();

    let answer = ada.undo(undone.job, command()).await.unwrap();
    assert_eq!((answer.outcome.as_str(), answer.lease_token), ("applied", None));
    let again = answer.created_job_id.unwrap();
    assert_eq!(db.status(again).await, Status::Queued);
    db.advance("40 seconds").await;
    let sen = db.as_login("sen").await;
    assert_eq!(sen.take_escalation(up, command()).await.unwrap().outcome.outcome, "held");
    assert_eq!(kim.sweep().await.unwrap().paused, 1);
    kim.resume_hold(hold, None, command()).await.unwrap();
    assert!(ada.claim_review(Some(again)).await.unwrap().outcome.is_applied());
    assert!(sen.take_escalation(up, command()).await.unwrap().outcome.is_applied());
}

/// Everybody at once: no call waits in a circle, nothing is left behind.
#[tokio::test(flavor = "multi_thread")]
async fn when_all_holds_are_gone_nothing_stays_paused_whoever_raced() {
    let rounds = scaled(8, 400);
    let figure = Figure::begin("rounds of holds placed, swept and resumed against claims");
    let db = database().await;
    oncall_of_all(&db).await;
    let mut conversations = Vec::new();
    for (agency, channel) in [("acme", "email"), ("acme", "sms"), ("globex", "email"), ("globex", "sms")] {
        conversations.push(db.conversation_of(agency, channel).await);
    }
    let produce = async {
        for round in 0..rounds * 4 {
            db.inbound(&conversations[round % 4], "Hello?").await;
        }
    };
    let hold = async |seed: usize| {
        let mut dice = Dice(seed as u64);
        let oncall = db.as_login("kim").await;
        for _ in 0..rounds {
            let scope = Scope {
                job_kind: (dice.roll(2) == 0).then_some(JobKind::Inbound),
                channel_kind: dice.pick(&["email", "sms"]).map(|channel| (*channel).into()),
                agency: (dice.roll(2) == 0).then(|| "acme".into()),
            };
            let placed = oncall.place_hold(&scope, "incident", None, command()).await.unwrap();
            let pace = [None, Some(10_000)][dice.roll(2)];
            oncall.resume_hold(placed.hold_id.unwrap(), pace, command()).await.unwrap();
        }
    };
    let sweep = async |who: &str| {
        let store = db.as_login(who).await;
        for _ in 0..rounds * 2 {
            store.sweep().await.unwrap();
        }
    };
    // What this one paused takes effect late, when the hold that it saw may be gone.
    let sweep_slowly = async {
        let raw = db.raw("exe").await;
        for _ in 0..rounds * 2 {
            let mut transaction = raw.begin().await.unwrap();
            sqlx::query("select queue.sweep(), pg_sleep(0.03)").execute(&mut *transaction).await.unwrap();
            transaction.commit().await.unwrap();
        }
    };
    let work = async || {
        let exe = db.as_login("exe").await;
        for round in 0..rounds * 2 {
            for job in exe.claim_jobs(&[JobKind::Inbound, JobKind::Classify], 3).await.unwrap() {
                match round % 3 {
                    0 => drop(exe.release(job.job_id, job.lease_token, command()).await.unwrap()),
                    1 => {
                        exe.start_job(job.job_id, job.lease_token, command()).await.unwrap();
                        exe.fail_job(job.job_id, job.lease_token, "internal_error", command()).await.unwrap();
                    }
                    _ => {
                        exe.start_job(job.job_id, job.lease_token, command()).await.unwrap();
                        exe.complete_job(job.job_id, job.lease_token, &Default::default(), command()).await.unwrap();
                    }
                }
            }
        }
    };
    tokio::join!(produce, hold(1), hold(2), sweep("kim"), sweep_slowly, sweep("opa"), work(), work());

    let kim = db.as_login("kim").await;
    kim.sweep().await.unwrap();
    assert_eq!(db.value::<i64>("select count(*) from queue.hold where resumed_at is null").await, 0);
    assert_eq!(db.value::<i64>("select count(*) from queue.job_queue where status = 'paused'").await, 0);
    assert_eq!(
        db.value::<i64>("select count(*) from queue.job_queue where job_kind = 'customer_message_inbound'").await,
        rounds as i64 * 4
    );
    figure.end(rounds * 2);
}

/// What a claim reads does not grow with what waits, with a hold or without.
#[tokio::test]
async fn a_claim_reads_as_little_from_a_long_queue_as_from_a_short_one() {
    let db = database().await;
    let conversation = db.conversation().await.id;
    let exe = db.raw("exe").await;
    let reads = async |queued: usize| {
        db.execute(&format!(
            "insert into queue.job_queue (job_kind, status, agency, channel_kind, correlation_id, payload_ref, max_attempts,
                                          created_at, process_after, deadline_at)
             select 'customer_message_inbound', 'queued', 'acme', 'email', '{conversation}', 'message:{conversation}', 5, at, at, at
             from (select now() - make_interval(secs => number) as at from generate_series(1, {queued}) as number) as past;
             analyze queue.job_queue"
        ))
        .await;
        let mut claim = exe.begin().await.unwrap();
        let ask = "explain (analyze, buffers, timing off, format json)
                   select queue.claim_jobs(array['customer_message_inbound', 'customer_message_draft'], 1)";
        // A session plans once, for which it reads the catalogue.
        sqlx::query(ask).execute(&mut *claim).await.unwrap();
        claim.rollback().await.unwrap();
        let mut claim = exe.begin().await.unwrap();
        let plan: serde_json::Value = sqlx::query_scalar(ask).fetch_one(&mut *claim).await.unwrap();
        claim.rollback().await.unwrap();
        let plan = &plan[0]["Plan"];
        plan["Shared Hit Blocks"].as_i64().unwrap() + plan["Shared Read Blocks"].as_i64().unwrap()
    };
    reads(200).await;
    let few = reads(0).await;
    let many = reads(10_000).await;
    assert!(many < few * 2, "{few} blocks read with 200 waiting, {many} with 10,000");
    let kim = db.as_login("kim").await;
    let elsewhere = Scope { job_kind: Some(JobKind::Followup), ..Scope::default() };
    kim.place_hold(&elsewhere, "incident", None, command()).await.unwrap();
    let under_another = reads(0).await;
    assert!(under_another < few * 2, "{few} blocks read without a hold, {under_another} under one elsewhere");
    db.execute(&format!(
        "insert into queue.hold (job_kind, reason, placed_by, placed_at) values ('customer_message_inbound', 'incident', '{}', now())",
        db.login("kim")
    ))
    .await;
    let covered = reads(0).await;
    assert!(covered < few * 2, "{few} blocks read without a hold, {covered} where one covers all that waits");
}
