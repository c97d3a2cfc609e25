//! I10: who may take what went up, where it stops, and who is left alone.

use countersign::domain::Status;
use countersign::store::producers::NewDraft;
use countersign::store::{ConnectOptions, Store};
use futures_util::future::join_all;
use serde_json::json;

use crate::support::{Conversation, Database, Figure, command, database, scaled};

async fn roles(db: &Database, who: &str, roles: &str) {
    let login = db.login(who);
    db.execute(&format!("update queue.staff set roles = '{roles}' where login = '{login}'")).await;
}

/// A draft that its author doubts.
fn unsure(db: &Database, conversation: &Conversation) -> NewDraft {
    let mut draft = db.new_draft(conversation, "Perhaps.");
    draft.codes.confidence = Some(0.1);
    draft
}

async fn crowd(db: &Database, who: &str) -> Store {
    let options: ConnectOptions = db.options_of(who).max_connections(8);
    Store::connect(&options).await.unwrap()
}

/// Whatever roles they have or get meanwhile.
#[tokio::test]
async fn i10_who_escalated_a_job_cannot_take_it_at_any_tier() {
    let db = database().await;
    for who in ["ada", "sen"] {
        roles(&db, who, "{reviewer,senior_reviewer,team_lead}").await;
    }
    let question = db.question().await;
    let (ada, sen) = (db.as_login("ada").await, db.as_login("sen").await);
    let pin = db.read("ada", question.job).await;
    let up = ada.escalate(question.job, &pin, "legal_threat", command()).await.unwrap().created_job_id.unwrap();
    db.advance("31 seconds").await;
    assert_eq!(ada.take_escalation(up, command()).await.unwrap().outcome.outcome, "not_authorised");
    let taken = sen.take_escalation(up, command()).await.unwrap().outcome.created_job_id.unwrap();
    let pin = db.read("sen", taken).await;
    let top = sen.escalate(taken, &pin, "legal_threat", command()).await.unwrap().created_job_id.unwrap();
    db.advance("31 seconds").await;
    assert_eq!(sen.take_escalation(top, command()).await.unwrap().outcome.outcome, "not_authorised");
    assert_eq!(db.status(top).await, Status::Queued);
    assert!(ada.take_escalation(top, command()).await.unwrap().outcome.is_applied(), "another's escalation");
}

/// Above the team lead there is nobody: neither the hour nor a doubt moves a question from there.
#[tokio::test]
async fn i10_at_the_top_tier_nothing_goes_up_by_itself() {
    let db = database().await;
    let question = db.question().await;
    let job = question.job.0;
    db.execute(&format!("update queue.job_queue set target_ref = 'agency:acme/role:team_lead' where job_id = {job}"))
        .await;
    let stored = db.as_login("prod").await.submit_draft(&unsure(&db, &question.conversation)).await.unwrap();
    assert_eq!((stored.outcome.job_id, stored.escalated_job_id), (Some(question.job), None));
    db.advance("9 hours").await;
    let swept = db.as_login("kim").await.sweep().await.unwrap();
    assert_eq!((swept.escalated, swept.stopped_full), (0, 0));
    assert_eq!(db.status(question.job).await, Status::Queued);
}

/// While the lease lasts, neither a passed deadline nor a doubtful new draft takes a question from its reader.
#[tokio::test]
async fn i10_a_question_that_is_being_read_stays_with_its_reader() {
    let db = database().await;
    let question = db.question().await;
    db.advance("3 hours 58 minutes").await;
    db.read("ada", question.job).await;
    db.advance("3 minutes").await;
    let kim = db.as_login("kim").await;
    assert_eq!(kim.sweep().await.unwrap().escalated, 0, "late, and being read");
    let draft = unsure(&db, &question.conversation);
    let stored = db.as_login("prod").await.submit_draft(&draft).await.unwrap();
    assert_eq!((stored.outcome.job_id, stored.escalated_job_id), (Some(question.job), None));
    let read = db.job(question.job).await;
    assert_eq!((read.status, read.lease_owner), (Status::Leased, Some(db.login("ada"))));
    // Once the lease has run out the same question goes up, by the same sweep that takes the lease back.
    db.advance("6 minutes").await;
    let swept = kim.sweep().await.unwrap();
    assert_eq!((swept.recovered, swept.escalated), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn i10_a_late_question_is_claimed_or_escalated_but_never_taken_from_who_claimed_it() {
    let tries = scaled(40, 2_000);
    let db = database().await;
    let (ada, kim) = (db.as_login("ada").await, db.as_login("kim").await);
    let wad = db.as_login("wad").await;
    let limit = wad.set_agency_config("queue.customer.escalation_open_limit", &json!(1_000), command()).await.unwrap();
    assert!(limit.is_applied());
    let mut claimed = 0;
    for (number, (question, _)) in db.questions(tries).await.into_iter().enumerate() {
        let job = question.job.0;
        db.execute(&format!("update queue.job_queue set deadline_at = queue.clock() where job_id = {job}")).await;
        let (claim, sweep) = if number % 2 == 0 {
            tokio::join!(ada.claim_review(Some(question.job)), kim.sweep())
        } else {
            let (sweep, claim) = tokio::join!(kim.sweep(), ada.claim_review(Some(question.job)));
            (claim, sweep)
        };
        let (claim, sweep) = (claim.unwrap().outcome, sweep.unwrap());
        let after = db.job(question.job).await;
        match claim.outcome.as_str() {
            "applied" => {
                assert_eq!((after.status, sweep.escalated), (Status::Leased, 0));
                claimed += 1;
                assert!(ada.release(question.job, claim.lease_token.unwrap(), command()).await.unwrap().is_applied());
                kim.sweep().await.unwrap();
            }
            "already_decided" => {
                assert_eq!((after.status, claim.decision.as_deref()), (Status::Cancelled, Some("escalate")));
            }
            other => panic!("{other}"),
        }
        db.execute(
            "update queue.job_queue set status = 'cancelled', outcome_code = 'cancelled', finished_at = queue.clock()
             where job_kind = 'customer_message_escalate' and status = 'queued'",
        )
        .await;
    }
    println!("of {tries} late questions {claimed} were claimed before the sweep");
}

/// Deadlines and doubts from everywhere at once: the tier fills to its limit and no further.
#[tokio::test(flavor = "multi_thread")]
async fn i10_a_tier_takes_as_many_as_its_limit_says_whoever_fills_it_at_once() {
    const LIMIT: i64 = 3;
    let rounds = scaled(4, 300);
    let db = database().await;
    let wad = db.as_login("wad").await;
    let key = "queue.customer.escalation_open_limit";
    assert!(wad.set_agency_config(key, &json!(LIMIT), command()).await.unwrap().is_applied());
    let (kim, exe, prod) = (crowd(&db, "kim").await, crowd(&db, "exe").await, crowd(&db, "prod").await);
    let figure = Figure::begin("races for the last places of a tier");
    let open =
        "select count(*) from queue.job_queue where job_kind = 'customer_message_escalate' and status = 'queued'";
    for _ in 0..rounds {
        let questions = db.questions(16).await;
        let (doubted, late) = questions.split_at(8);
        let late: Vec<_> = late.iter().map(|(question, _)| question.job.0.to_string()).collect();
        db.execute(&format!(
            "update queue.job_queue set deadline_at = queue.clock() where job_id in ({})",
            late.join(", ")
        ))
        .await;
        let drafts: Vec<_> = doubted.iter().map(|(question, _)| unsure(&db, &question.conversation)).collect();
        let submits = async {
            for stored in join_all(drafts.iter().map(|draft| prod.submit_draft(draft))).await {
                assert!(stored.unwrap().outcome.is_applied());
            }
        };
        let sweeps = async {
            for swept in join_all([kim.sweep(), exe.sweep(), kim.sweep(), exe.sweep()]).await {
                swept.unwrap();
            }
        };
        tokio::join!(submits, sweeps);
        assert_eq!(db.value::<i64>(open).await, LIMIT);
        db.execute(
            "update queue.job_queue set status = 'cancelled', outcome_code = 'cancelled', finished_at = queue.clock()
             where status = 'queued'",
        )
        .await;
        // Room again: the next fullness is a new one.
        kim.sweep().await.unwrap();
    }
    figure.end(rounds);
    let said = "select count(*) from queue.dot_iu_command_run where call = 'escalation_stop'";
    assert_eq!(db.value::<i64>(said).await, rounds as i64, "each fullness is said once");
}

/// The tier of one agency says nothing about that of another.
#[tokio::test]
async fn i10_a_sweep_passes_over_a_tier_that_somebody_else_fills_at_this_moment() {
    let db = database().await;
    let of_acme = db.question().await;
    let of_globex = db.question_of("globex", "email").await;
    db.advance("5 hours").await;
    let mut busy = db.pool().begin().await.unwrap();
    sqlx::query("select from queue.agency where agency = 'acme' for no key update").execute(&mut *busy).await.unwrap();
    let kim = db.as_login("kim").await;
    assert_eq!(kim.sweep().await.unwrap().escalated, 1);
    assert_eq!(db.status(of_globex.job).await, Status::Cancelled);
    assert_eq!(db.status(of_acme.job).await, Status::Queued);
    busy.rollback().await.unwrap();
    assert_eq!(kim.sweep().await.unwrap().escalated, 1);
}
