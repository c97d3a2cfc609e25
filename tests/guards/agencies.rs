//! I15: an agency's people see nothing of another, neither in tables nor in what calls answer or leave behind.

use countersign::domain::{JobId, Status};
use serde_json::Value;
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgPool;

use super::texts;
use crate::calls::{approved, sending};
use crate::support::{command, database};

#[tokio::test]
async fn i15_staff_select_nothing_that_names_another_agency() {
    let db = database().await;
    // Something of `acme` in every table: jobs in several states, decisions, events, holds, a sign-off, settings, refusals.
    let sent = sending(&db, &db.question().await).await;
    let exe = db.as_login("exe").await;
    let completion =
        countersign::store::programs::Completion { provider_ref: Some("smtp-1".into()), ..Default::default() };
    crate::calls::completed(&exe, &sent, &completion).await;
    approved(&db, &db.question().await).await;
    let question = db.question().await;
    db.read("ada", question.job).await;
    let scope = countersign::store::holds::Scope { channel_kind: Some("sms".into()), ..Default::default() };
    db.as_login("kim").await.place_hold(&scope, "incident", None, command()).await.unwrap();
    let wad = db.as_login("wad").await;
    let key = "queue.customer.escalation_open_limit";
    wad.set_agency_config(key, &serde_json::json!(0), command()).await.unwrap();
    db.advance("5 hours").await;
    db.as_login("kim").await.sweep().await.unwrap();

    let readable = texts(
        db.pool(),
        "select oid::regclass::text from pg_class
         where relnamespace = 'queue'::regnamespace and has_table_privilege('countersign_staff', oid, 'select') order by 1",
    )
    .await;
    assert!(readable.len() > 20);
    let gus = db.raw("gus").await;
    let people = ["ada", "wad", "kim"].map(|who| db.login(who)).join("|");
    let mut seen_by_kim = 0;
    for table in readable {
        let named = format!("select row::text from {table} as row where row::text ~ 'acme|{people}'");
        assert_eq!(texts(&gus, &named).await, Vec::<String>::new(), "{table}");
        seen_by_kim += i32::from(!texts(&db.raw("kim").await, &named).await.is_empty());
    }
    assert!(seen_by_kim > 8, "there was little to see: {seen_by_kim}");
    let jobs =
        texts(&gus, "select job_id::text from queue.job_queue union all select job_id::text from queue.send_evidence")
            .await;
    assert_eq!(jobs, Vec::<String>::new());
}

async fn answer(login: &PgPool, call: &str, job: JobId) -> Value {
    let statement = format!("select to_jsonb(queue.{})", call.replace("$job", &job.0.to_string()));
    let answer: Option<Value> =
        sqlx::query_scalar(AssertSqlSafe(statement)).fetch_optional(login).await.unwrap().flatten();
    let mut answer = answer.unwrap_or_default();
    // Some answers name the job that was asked for.
    if let Some(fields) = answer.as_object_mut() {
        fields.remove("job_id");
    }
    answer
}

/// What the caller can read in the audit trail, without what tells one row from the next.
async fn trail(login: &PgPool) -> Vec<String> {
    texts(
        login,
        "select concat_ws(' ', call, outcome, job_id, agency, from_status, to_status, code)
         from queue.dot_iu_command_run order by run_id",
    )
    .await
}

#[tokio::test]
async fn i15_a_foreign_job_answers_and_leaves_behind_what_an_absent_one_does() {
    let db = database().await;
    let of_acme = db.question().await;
    let of_globex = db.question_of("globex", "email").await;
    let pin = format!("{}/{}/1/1", of_acme.draft_id, "00".repeat(32));
    let command = "command_id => gen_random_uuid()::text";
    let calls = [
        "claim_review($job)".to_owned(),
        "open_body($job)".to_owned(),
        "extend_lease($job, 1)".to_owned(),
        format!("release_job($job, 1, {command})"),
        format!("review_approve($job, '{pin}', {command})"),
        format!("review_reject($job, '{pin}', 'policy', {command})"),
        format!("review_escalate($job, '{pin}', 'legal_threat', {command})"),
        format!("review_undo($job, {command})"),
        format!("take_escalation($job, {command})"),
        format!("skip_review($job, 1, 'too_long', {command})"),
        format!("force_release($job, {command})"),
        format!("dead_letter_retry($job, {command})"),
        format!("dead_letter_discard($job, 'duplicate', {command})"),
        format!("confirm_sent($job, 'smtp-1', {command})"),
        format!("retry_now($job, {command})"),
        format!("cancel_job($job, 'duplicate', {command})"),
        "pane_state($job)".to_owned(),
        "others_online($job)".to_owned(),
        "why_blocked($job)".to_owned(),
    ];
    for (who, foreign) in [("gus", of_acme.job), ("kim", of_globex.job), ("sen", of_globex.job), ("wad", of_globex.job)]
    {
        let login = db.raw(who).await;
        for call in &calls {
            let before = trail(&login).await.len();
            let of_absent = answer(&login, call, JobId(999_999)).await;
            let between = trail(&login).await.len();
            let of_foreign = answer(&login, call, foreign).await;
            assert_eq!(of_absent, of_foreign, "{who}: {call}");
            let trail = trail(&login).await;
            assert_eq!(trail[before..between], trail[between..], "{who}: {call}");
        }
    }
    for job in [of_acme.job, of_globex.job] {
        assert_eq!(db.status(job).await, Status::Queued);
    }
}

#[tokio::test]
async fn i15_traces_filters_and_producers_stop_at_the_agency_too() {
    let db = database().await;
    let question = db.question().await;
    let (conversation, draft) = (&question.conversation, question.draft_id);
    let gus = db.raw("gus").await;
    for reference in [conversation.customer_ref.clone(), conversation.id.to_string(), format!("message:{draft}")] {
        let trace: Value = sqlx::query_scalar("select queue.trace($1)").bind(&reference).fetch_one(&gus).await.unwrap();
        assert_eq!(trace, serde_json::json!({"outcome": "not_found"}), "{reference}");
    }
    let found: Vec<sqlx::types::Uuid> = sqlx::query_scalar("select queue.conversations_of($1)")
        .bind(&conversation.customer_ref)
        .fetch_all(&gus)
        .await
        .unwrap();
    assert!(found.is_empty());
    let outbox: Value = sqlx::query_scalar("select queue.read_outbox()").fetch_one(&gus).await.unwrap();
    assert_eq!(outbox["events"], serde_json::json!([]));

    // A message id that is taken elsewhere says as little as a conversation that is elsewhere.
    let other = db.conversation_of("globex", "email").await;
    let mut taken = db.new_draft(&other, "It left on Monday.");
    taken.body = db.seal("globex", other.id, draft, countersign::domain::Direction::Draft, "It left on Monday.");
    taken.draft_id = draft;
    let stored = db.as_login("prod").await.submit_draft(&taken).await.unwrap();
    assert_eq!(stored.outcome.outcome, "not_found");
}

/// Whatever a client can set or put in the way, it sees its own agency and nothing more.
#[tokio::test]
async fn i15_no_setting_and_no_shadow_shows_another_agency() {
    let db = database().await;
    db.question().await;
    let sight = "select (select count(*) from queue.job_queue) + (select count(*) from queue.dot_iu_command_run where agency = 'acme')
                      + (select coalesce(sum(ready + leased + scheduled), 0) from queue.v_queue_health)";
    let tricks = [
        "set search_path = pg_temp, queue, care",
        "create temp table staff as select session_user::text as login, 'acme'::text as agency, array['reviewer'] as roles",
        "create temp table agency as select 'acme'::text as agency",
        "create temp table job_queue (agency text)",
        "create function pg_temp.visible_agencies() returns setof text language sql as $$ select 'acme' $$",
        "create function pg_temp.has_role(anyelement, variadic text[]) returns boolean language sql as 'select true'",
        "set queue.agency = 'acme'",
        "set role = none",
        "set enable_seqscan = off",
        "set plan_cache_mode = force_generic_plan",
        "set default_transaction_isolation = 'read committed'",
    ];
    for who in ["gus", "exe"] {
        let raw = db.raw(who).await;
        let mut session = raw.acquire().await.unwrap();
        for trick in tricks {
            sqlx::raw_sql(AssertSqlSafe(trick)).execute(&mut *session).await.unwrap();
        }
        if who == "gus" {
            let seen: i64 = sqlx::query_scalar(AssertSqlSafe(format!("select ({sight})::bigint")))
                .fetch_one(&mut *session)
                .await
                .unwrap();
            assert_eq!(seen, 0, "{who}");
        }
        // Asking for no row security is refused, not obeyed.
        sqlx::raw_sql("set row_security = off").execute(&mut *session).await.unwrap();
        let refused = super::refused(&mut *session, "select 1 from queue.job_queue").await;
        assert_eq!(refused.as_deref(), Some("42501"), "{who}");
        // What PostgreSQL knows of the columns' values is not shown either.
        let known: i64 = sqlx::query_scalar(
            "select count(*) from pg_stats where schemaname in ('queue', 'care') and tablename in
             ('job_queue', 'dot_iu_command_run', 'review_decision', 'customer', 'customer_message', 'staff')",
        )
        .fetch_one(&mut *session)
        .await
        .unwrap();
        assert_eq!(known, 0, "{who}");
    }
}

/// A message id that is taken in another conversation says as much as a job that is not there.
#[tokio::test]
async fn i15_a_message_id_that_is_taken_elsewhere_is_not_told() {
    let db = database().await;
    let elsewhere = db.question_of("globex", "email").await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let ada = db.as_login("ada").await;
    let body = |id| db.seal("acme", question.conversation.id, id, countersign::domain::Direction::Draft, "Hello.");
    for (taken, expected) in [(elsewhere.draft_id, "not_found"), (question.draft_id, "exists")] {
        let answer = ada.revise(question.job, &pin, taken, &body(taken), command()).await.unwrap();
        assert_eq!(answer.outcome, expected);
    }

    let exe = db.as_login("exe").await;
    let conversation = db.conversation().await;
    let prod = db.as_login("prod").await;
    prod.schedule_followup(conversation.id, chrono::Utc::now(), &Default::default(), None, command()).await.unwrap();
    db.advance("1 second").await;
    let followup = crate::calls::started(&exe, countersign::domain::JobKind::Followup).await;
    crate::calls::completed(&exe, &followup, &Default::default()).await;
    let job = crate::calls::started(&exe, countersign::domain::JobKind::Draft).await;
    let taken = elsewhere.draft_id;
    let body = db.seal("acme", conversation.id, taken, countersign::domain::Direction::Draft, "Hello.");
    let answer = exe.put_draft(job.job_id, job.lease_token, taken, "drafter", &body, command()).await.unwrap();
    assert_eq!(answer.outcome, "not_found");
}
