//! I1: a job carries signals, whoever writes it. And nobody goes around the calls.

use sqlx::AssertSqlSafe;

use super::{refused, texts};
use crate::support::{command, database};

/// What must not get into `safe_payload`, each with something to look for afterwards.
const NO_SIGNALS: [(&str, &str); 27] = [
    ("a key of its own", r#"{"body": "zebra-canary"}"#),
    ("a customer's name as a key", r#"{"zebra-canary": 1}"#),
    ("an e-mail address", r#"{"intent_code": "zebra-canary@example.org"}"#),
    ("a telephone number as a word", r#"{"intent_code": "+49 151 23456789"}"#),
    ("a telephone number as a number", r#"{"priority": 4915123456789}"#),
    ("a telephone number as a confidence", r#"{"confidence": 0.4915123456789}"#),
    ("a name that looks like a code", r#"{"intent_code": "zebra_canary"}"#),
    ("a name where a language goes", r#"{"language": "zebra-canary"}"#),
    ("a language that nobody registered", r#"{"language": "xx"}"#),
    ("a letter that looks like another", r#"{"language": "еn"}"#),
    ("letters of full width", r#"{"language": "ｅｎ"}"#),
    ("a code with something invisible in it", "{\"language\": \"en\u{200b}\"}"),
    ("a key in another case", r#"{"Language": "en"}"#),
    ("a key that looks like another", r#"{"lаnguage": "en"}"#),
    ("a code in another case", r#"{"language": "EN"}"#),
    ("an object inside", r#"{"language": {"zebra-canary": "en"}}"#),
    ("a list inside", r#"{"language": ["en", "zebra-canary"]}"#),
    ("null", r#"{"language": null}"#),
    ("a truth", r#"{"language": true}"#),
    ("a number where a word goes", r#"{"language": 1}"#),
    ("a word where a number goes", r#"{"priority": "5"}"#),
    ("a priority out of range", r#"{"priority": 10}"#),
    ("half a priority", r#"{"priority": 5.5}"#),
    ("a confidence out of range", r#"{"confidence": 1.5}"#),
    ("another channel than the job's", r#"{"channel_kind": "sms"}"#),
    ("a list", r#"["zebra-canary"]"#),
    ("a bare word", r#""zebra-canary""#),
];

fn oversize() -> String {
    format!(r#"{{"intent_code": "{}"}}"#, "zebra-canary".repeat(100))
}

#[tokio::test]
async fn i1_no_call_takes_anything_but_registered_codes_and_numbers() {
    let db = database().await;
    let conversation = db.conversation().await;
    let producer = db.raw("prod").await;
    let oversize = oversize();
    let not_json = ("what is no JSON", r#"{"zebra-canary"#);
    for (what, payload) in NO_SIGNALS.into_iter().chain([("too much", oversize.as_str()), not_json]) {
        let draft = db.new_draft(&conversation, "zebra-canary");
        let error = sqlx::query(
            "select queue.submit_draft(conversation_id => $1, draft_id => $2, author_ref => 'drafter-1', key_id => $3,
                                       sealed_body => $4, digest => $5, safe_payload => $6, command_id => $7)",
        )
        .bind(conversation.id.to_string())
        .bind(draft.draft_id.to_string())
        .bind(&draft.body.key_id)
        .bind(&draft.body.sealed)
        .bind(&draft.body.digest)
        .bind(payload)
        .bind(command().to_string())
        .fetch_one(&producer)
        .await
        .expect_err(what);
        let sqlstate = error.as_database_error().unwrap().code().unwrap().into_owned();
        assert_eq!(sqlstate, if what == not_json.0 { "CS002" } else { "CS008" }, "{what}");
        for shown in [error.to_string(), format!("{error:?}")] {
            assert!(
                !shown.contains("canary") && !shown.contains("49151") && !shown.contains("151 23"),
                "{what}: {shown}"
            );
        }
    }
    let jobs: i64 = db.value("select count(*) from queue.job_queue").await;
    let messages: i64 = db.value("select count(*) from care.customer_message").await;
    assert_eq!((jobs, messages), (0, 0), "a refused job takes its message with it");
}

#[tokio::test]
async fn i1_the_wall_holds_for_the_owner_and_prints_nothing() {
    let db = database().await;
    let question = db.question().await;
    let oversize = oversize();
    for (what, payload) in NO_SIGNALS.into_iter().chain([("too much", oversize.as_str())]) {
        for statement in [
            "update queue.job_queue set safe_payload = $1::text::jsonb where job_id = $2",
            "insert into queue.job_queue (job_kind, status, agency, channel_kind, correlation_id, payload_ref, max_attempts,
                                          created_at, process_after, safe_payload)
             select 'customer_message_inbound', 'queued', agency, channel_kind, correlation_id, payload_ref, 5, queue.clock(),
                    queue.clock(), $1::text::jsonb
             from queue.job_queue where job_id = $2",
        ] {
            let error =
                sqlx::query(statement).bind(payload).bind(question.job.0).execute(db.pool()).await.expect_err(what);
            assert_eq!(error.as_database_error().unwrap().code().as_deref(), Some("CS008"), "{what}");
            assert!(!format!("{error} {error:?}").contains("canary"), "{what}: {error:?}");
        }
    }
    let null = format!("update queue.job_queue set safe_payload = null where job_id = {}", question.job.0);
    assert_eq!(refused(db.pool(), &null).await.as_deref(), Some("CS008"));
    let unregistered =
        format!("update queue.job_queue set last_error_code = 'jane_roe' where job_id = {}", question.job.0);
    assert_eq!(refused(db.pool(), &unregistered).await.as_deref(), Some("CS008"));
}

#[tokio::test]
async fn i1_every_registered_signal_gets_in() {
    let db = database().await;
    let question = db.question().await;
    let whole = r#"{"language": "en", "intent_code": "refund", "priority": 0, "channel_kind": "email",
                    "routing_hint": "role:reviewer", "confidence": 0.125, "retry_reason_code": "wrong_tone"}"#;
    let statement = format!("update queue.job_queue set safe_payload = '{whole}' where job_id = {}", question.job.0);
    assert_eq!(refused(db.pool(), &statement).await, None);
}

/// Every table, every class of login, every way to write, and every way into `care`.
#[tokio::test]
async fn no_login_goes_around_the_calls() {
    let db = database().await;
    let question = db.question().await;
    let tables = texts(
        db.pool(),
        "select schemaname || '.' || tablename from pg_tables where schemaname in ('queue', 'care') order by 1",
    )
    .await;
    assert!(tables.len() > 25, "{tables:?}");
    for who in ["ada", "sen", "kim", "opa", "wad", "pad", "gus", "exe", "prod", "mon", "nobody"] {
        let login = db.raw(who).await;
        let mut statements: Vec<String> = tables
            .iter()
            .flat_map(|table| {
                [
                    format!("insert into {table} default values"),
                    format!("delete from {table}"),
                    format!("truncate {table}"),
                    format!("do 'begin lock table {table} in row share mode; end'"),
                ]
            })
            .chain(
                tables.iter().filter(|table| table.starts_with("care.")).map(|table| format!("select 1 from {table}")),
            )
            .collect();
        let job = question.job.0;
        statements.extend([
            format!("update queue.job_queue set status = 'succeeded' where job_id = {job}"),
            format!("update queue.job_queue set priority = 0 where job_id = {job}"),
            format!("select 1 from queue.job_queue where job_id = {job} for update"),
            "insert into queue.job_queue (job_kind) values ('customer_message_send')".to_owned(),
            "copy care.customer_message to stdout".to_owned(),
            "select queue.insert_job('x', 'customer_message_send', 'acme', 'email', gen_random_uuid(), null, null, '{}', null, null, null)"
                .to_owned(),
            "select queue.emit('customer.message.sent', 'acme', 1, gen_random_uuid())".to_owned(),
            "select queue.enter_login(session_user, 'staff')".to_owned(),
            "set role countersign_owner".to_owned(),
            "set session authorization countersign_owner".to_owned(),
            "alter table queue.job_queue disable trigger machine".to_owned(),
            "alter function queue.clock() owner to session_user".to_owned(),
            "set session_replication_role = replica".to_owned(),
            "create table queue.mine ()".to_owned(),
        ]);
        for statement in statements {
            let mut connection = login.acquire().await.unwrap();
            let error =
                sqlx::raw_sql(AssertSqlSafe(statement.clone())).execute(&mut *connection).await.expect_err(&statement);
            let sqlstate = error.as_database_error().unwrap().code().unwrap().into_owned();
            assert_eq!(sqlstate, "42501", "{who}: {statement}");
        }
    }
}

/// A client may change how the server reads a literal, and a function's body is read when it runs. Without backslashes
/// there is nothing to read in two ways.
#[tokio::test]
async fn i1_no_setting_of_a_client_changes_what_the_wall_reads() {
    let db = database().await;
    let two_ways = texts(
        db.pool(),
        "select proname::text from pg_proc
         where pronamespace in ('queue'::regnamespace, 'care'::regnamespace) and strpos(prosrc, chr(92)) > 0
         union all
         select conname::text from pg_constraint
         where connamespace in ('queue'::regnamespace, 'care'::regnamespace) and strpos(pg_get_constraintdef(oid), chr(92)) > 0",
    )
    .await;
    assert_eq!(two_ways, Vec::<String>::new());

    let conversation = db.conversation().await;
    let prod = db.raw("prod").await;
    let mut session = prod.acquire().await.unwrap();
    for setting in [
        "standard_conforming_strings = off",
        "escape_string_warning = off",
        "transform_null_equals = on",
        "array_nulls = off",
        "datestyle = 'SQL, DMY'",
        "intervalstyle = 'sql_standard'",
        "timezone = 'Pacific/Kiritimati'",
        "bytea_output = 'escape'",
        "extra_float_digits = -15",
        "search_path = pg_temp",
    ] {
        sqlx::raw_sql(AssertSqlSafe(format!("set {setting}"))).execute(&mut *session).await.unwrap();
    }
    for (what, payload) in NO_SIGNALS.into_iter().chain([("a confidence of a hundred", r#"{"confidence": 100}"#)]) {
        let error = sqlx::query("select queue.schedule_followup($1, '2026-01-31T09:12:00Z', $2, command_id => $3)")
            .bind(conversation.id.to_string())
            .bind(payload)
            .bind(command().to_string())
            .execute(&mut *session)
            .await
            .expect_err(what);
        assert_eq!(error.as_database_error().unwrap().code().as_deref(), Some("CS008"), "{what}");
    }
    // What is a signal still is one, and a repetition from another time zone is a repetition.
    let command = command().to_string();
    for zone in ["Pacific/Kiritimati", "America/Lima"] {
        sqlx::raw_sql(AssertSqlSafe(format!("set timezone = '{zone}'"))).execute(&mut *session).await.unwrap();
        let outcome: String = sqlx::query_scalar(
            "select queue.schedule_followup($1, '2026-01-31T09:12:00Z', $2, command_id => $3) ->> 'outcome'",
        )
        .bind(conversation.id.to_string())
        .bind(r#"{"language": "en", "confidence": 0.125}"#)
        .bind(&command)
        .fetch_one(&mut *session)
        .await
        .unwrap();
        assert_eq!(outcome, "applied", "{zone}");
    }
    assert_eq!(db.value::<i64>("select count(*) from queue.job_queue").await, 1);
}
