//! Escalation by itself, from many places at once: nothing twice, no tier over its limit, and people go on meanwhile.

use countersign::domain::JobKind;
use countersign::store::Store;
use futures_util::future::join_all;
use serde_json::json;
use sqlx::AssertSqlSafe;

use super::texts;
use crate::support::{Database, Figure, command, database, scaled};

const LIMIT: &str = "queue.customer.escalation_open_limit";

/// So many questions of an agency whose deadline passed an hour ago, like one that there is.
async fn late(db: &Database, agency: &str, count: usize) {
    let like = db.question_of(agency, "email").await;
    db.execute(&format!(
        "with conversation as (
             insert into care.customer_conversation
             select gen_random_uuid(), agency, customer_id, channel_kind, 0, 0, opened_at, opened_by
             from care.customer_conversation, generate_series(2, {count})
             where conversation_id = '{}' returning conversation_id)
         insert into queue.job_queue (job_kind, status, agency, target_ref, channel_kind, correlation_id, payload_ref,
                                      created_at, process_after, deadline_at)
         select job_kind, status, agency, target_ref, channel_kind, conversation.conversation_id, payload_ref, created_at,
                process_after, queue.clock() - interval '1 hour'
         from queue.job_queue, conversation where job_id = {}",
        like.conversation.id, like.job.0
    ))
    .await;
    db.execute(&format!(
        "update queue.job_queue set deadline_at = queue.clock() - interval '1 hour' where job_id = {}",
        like.job.0
    ))
    .await;
}

async fn limit(db: &Database, escalations: usize) {
    for (agency, who) in [("acme", "wad"), ("globex", "pad")] {
        let login = db.as_login(who).await;
        let set = match agency {
            "acme" => login.set_agency_config(LIMIT, &json!(escalations), command()).await,
            _ => login.set_config(LIMIT, &json!(escalations), None, command()).await,
        };
        assert!(set.unwrap().is_applied());
    }
}

async fn crowd(db: &Database) -> Vec<Store> {
    let logins = ["kim", "exe", "sen", "bo", "lee", "opa", "gus", "kim"];
    join_all(logins.map(|who| async move { Store::connect(&db.options_of(who)).await.unwrap() })).await
}

const ESCALATED: &str = "select count(*) from queue.job_queue where job_kind = 'customer_message_escalate'";

/// Waits for no lock as long as a person would notice.
const IMPATIENT: &str = "set lock_timeout = '100ms'";

#[tokio::test(flavor = "multi_thread")]
async fn i10_eight_sweepers_escalate_each_late_question_once_while_a_reviewer_decides() {
    let (many, decided) = (scaled(120, 1_500), scaled(12, 100));
    let db = database().await;
    limit(&db, 1_000_000).await;
    let questions = db.questions(decided).await;
    late(&db, "acme", many).await;
    late(&db, "globex", many / 3).await;
    let all = many + many / 3;
    let sweepers = crowd(&db).await;
    let figure = Figure::begin("late questions and eight sweepers");
    let sweeping = async {
        // Each goes on until there is nothing left for anybody.
        let one = |store: Store| async move {
            let mut escalated = 0;
            loop {
                escalated += store.catch_up().await.unwrap().escalated;
                let left: i64 = db_late(&store).await;
                if left == 0 {
                    return escalated;
                }
            }
        };
        join_all(sweepers.into_iter().map(one)).await.into_iter().sum::<i64>()
    };
    let ada = db.raw("ada").await;
    let reviewing = async {
        let mut connection = ada.acquire().await.unwrap();
        sqlx::query(IMPATIENT).execute(&mut *connection).await.unwrap();
        for (question, pin) in &questions {
            let job = question.job.0;
            let pin = format!("{}/{}/{}/{}", pin.draft_id, pin.draft_digest, pin.newest_inbound_seq, pin.lease_token);
            for call in [
                format!("queue.claim_review({job})"),
                format!("queue.review_approve({job}, '{pin}', command_id => gen_random_uuid()::text)"),
            ] {
                let statement = format!("select {call} ->> 'outcome'");
                let outcome: Result<String, _> =
                    sqlx::query_scalar(AssertSqlSafe(statement)).fetch_one(&mut *connection).await;
                assert_eq!(outcome.expect("a person waits for no sweep"), "applied", "{call}");
            }
        }
    };
    let (escalated, ()) = tokio::join!(sweeping, reviewing);
    figure.end(all);
    assert_eq!(escalated as usize, all, "what the sweepers say");
    assert_eq!(db.value::<i64>(ESCALATED).await as usize, all, "what there is");
    let doubled = "select count(*) from (select parent_job_id from queue.job_queue
                   where job_kind = 'customer_message_escalate' group by parent_job_id having count(*) > 1) as twice";
    assert_eq!(db.value::<i64>(doubled).await, 0);
    let told = "select count(*) from queue.dot_iu_command_run
                where call = 'sweep' and to_status = 'cancelled' and code = 'deadline_passed'";
    assert_eq!(db.value::<i64>(told).await as usize, all, "each is on record once");
    let decisions = "select count(*) from queue.review_decision where decision = 'approve'";
    assert_eq!(db.value::<i64>(decisions).await as usize, decided);
}

/// The late questions that a sweep would still take, of both agencies; a login sees its own, an executor none.
async fn db_late(store: &Store) -> i64 {
    match store.overview().await {
        Ok(seen) => seen.pressure.iter().find(|row| row.job_kind == JobKind::Approve).map_or(0, |row| row.breached),
        Err(_) => 0,
    }
}

/// Whoever is late first: every place of the tier is filled and none beyond it.
#[tokio::test(flavor = "multi_thread")]
async fn i10_eight_sweepers_fill_a_tier_to_its_limit_and_say_how_many_stay() {
    let (many, places) = (scaled(80, 800), scaled(30, 300));
    let db = database().await;
    limit(&db, places).await;
    late(&db, "acme", many).await;
    let sweepers = crowd(&db).await;
    for swept in join_all(sweepers.iter().map(Store::catch_up)).await {
        swept.unwrap();
    }
    let kim = db.as_login("kim").await;
    let last = kim.catch_up().await.unwrap();
    assert_eq!(db.value::<i64>(ESCALATED).await as usize, places);
    assert_eq!((last.escalated, last.stopped_full as usize), (0, many - places));
    assert_eq!(
        texts(db.pool(), "select target_ref from queue.escalation_stop").await,
        ["agency:acme/role:senior_reviewer"]
    );
}

/// A night without anybody: the first sweep takes a handful and says that there is more.
#[tokio::test]
async fn what_was_missed_is_caught_up_with_in_batches_and_every_tier_gets_its_share() {
    let db = database().await;
    limit(&db, 1_000).await;
    late(&db, "acme", 90).await;
    late(&db, "globex", 1).await;
    let kim = db.as_login("kim").await;
    let first = kim.sweep().await.unwrap();
    assert!(first.more && first.escalated < 30, "{first:?}");
    let of_globex = "select count(*) from queue.job_queue where agency = 'globex' and outcome_code = 'escalated'";
    assert_eq!(db.value::<i64>(of_globex).await, 1, "a long tier keeps no short one waiting");
    let rest = kim.catch_up().await.unwrap();
    assert_eq!((first.escalated + rest.escalated, rest.more), (91, false));
    assert_eq!(kim.catch_up().await.unwrap(), Default::default());
}

/// Leases and holds come in batches as well.
#[tokio::test]
async fn leases_that_ran_out_over_night_are_taken_back_in_batches() {
    let db = database().await;
    let many = 120;
    let questions = db.questions(many).await;
    let ids: Vec<String> = questions.iter().map(|(question, _)| question.job.0.to_string()).collect();
    db.execute(&format!(
        "update queue.job_queue set status = 'leased', lease_owner = '{}', lease_token = 1,
                lease_expires_at = queue.clock() - interval '1 hour'
         where job_id in ({})",
        db.login("ada"),
        ids.join(", ")
    ))
    .await;
    let kim = db.as_login("kim").await;
    let first = kim.sweep().await.unwrap();
    assert!(first.more && first.recovered < 60, "{first:?}");
    let rest = kim.catch_up().await.unwrap();
    assert_eq!((first.recovered + rest.recovered, rest.more), (many as i64, false));
}
