//! I2: what a call refuses shows nothing of what it was given. Every call and every argument, found in the catalogue.

use countersign::domain::{Direction, Pin};
use sqlx::postgres::{PgArguments, PgPool};
use sqlx::query::QueryScalar;
use sqlx::{AssertSqlSafe, Error, Postgres};
use uuid::Uuid;

use super::texts;
use crate::support::{Database, Question, database};

const CANARY: &str = "Jane Canary, jane@canary.example, +49 151 23456789";
const LOGINS: [&str; 7] = ["ada", "sen", "kim", "wad", "pad", "prod", "exe"];

/// One argument of a call.
#[derive(sqlx::FromRow)]
struct Argument {
    call: String,
    name: String,
    kind: String,
}

/// The arguments of every call that some class of login may make.
async fn arguments(db: &Database) -> Vec<Argument> {
    sqlx::query_as(
        "select proc.proname::text as call, arg.name, format_type(arg.kind, null) as kind
         from pg_proc as proc
         cross join unnest(proc.proargnames[1:proc.pronargs], proc.proargtypes::oid[]) with ordinality as arg (name, kind, place)
         where proc.pronamespace = 'queue'::regnamespace
           and exists (select from unnest(array['countersign_staff', 'countersign_executor', 'countersign_producer']) as class
                       where has_function_privilege(class, proc.oid, 'execute'))
         order by proc.proname, arg.place",
    )
    .fetch_all(db.pool())
    .await
    .unwrap()
}

/// Values with which every call gets far: those of a question that `ada` reads.
struct Plausible {
    question: Question,
    pin: Pin,
    key_id: String,
    sealed: String,
}

impl Plausible {
    async fn new(db: &Database) -> Plausible {
        let question = db.question().await;
        let pin = db.read("ada", question.job).await;
        let body = db.seal("acme", question.conversation.id, Uuid::new_v4(), Direction::Draft, "It left on Monday.");
        let sealed = body.sealed.iter().map(|byte| format!("{byte:02x}")).collect();
        Plausible { question, pin, key_id: body.key_id, sealed }
    }

    /// As an SQL expression.
    fn value(&self, argument: &Argument) -> String {
        let quoted = |value: &str| format!("'{value}'");
        match argument.name.as_str() {
            "conversation_id" => quoted(&self.question.conversation.id.to_string()),
            "message_id" | "draft_id" | "command_id" => "gen_random_uuid()::text".to_owned(),
            "job_id" => self.question.job.0.to_string(),
            "lease_token" => self.pin.lease_token.to_string(),
            "pin" => quoted(&format!(
                "{}/{}/{}/{}",
                self.pin.draft_id, self.pin.draft_digest, self.pin.newest_inbound_seq, self.pin.lease_token
            )),
            "key_id" => quoted(&self.key_id),
            "sealed_body" => format!("'\\x{}'", self.sealed),
            "digest" => "sha256('')".to_owned(),
            "agency" | "of_agency" => quoted("acme"),
            "channel_kind" => quoted("email"),
            "job_kind" => quoted("customer_message_send"),
            "at" | "process_after" => "clock_timestamp()::date || 'T09:12:00Z'".to_owned(),
            "expires_at" => "clock_timestamp()::date + 2 || 'T09:12:00Z'".to_owned(),
            "safe_payload" | "result" => quoted("{}"),
            "attachments" => quoted("[]"),
            "direction" => quoted("inbound"),
            "author_ref" => quoted("drafter-1"),
            "customer_ref" | "ref" => quoted(&self.question.conversation.customer_ref),
            "provider_ref" => quoted("smtp-1"),
            "error_code" => quoted("internal_error"),
            "key" => quoted("queue.customer.confidence_threshold"),
            "value" => quoted("0.5"),
            "list" => quoted("intent"),
            "code" => quoted("card_lost"),
            "time_zone" => quoted("UTC"),
            "review_order" => quoted("deadline_first"),
            "event_type" => quoted("customer.message.sent"),
            "login" => quoted("of_nobody"),
            "reason" => quoted(match argument.call.as_str() {
                "review_reject" => "policy",
                "review_escalate" => "legal_threat",
                "skip_review" => "too_long",
                "hold" => "incident",
                _ => "duplicate",
            }),
            "kinds" => "array['customer_message_send']".to_owned(),
            "channels" => "array['email']".to_owned(),
            "agencies" => "array['acme']".to_owned(),
            "roles" => "array['reviewer']".to_owned(),
            "hold_id" | "per_minute" | "limit" => "1".to_owned(),
            "after_event" => "0".to_owned(),
            _ => "null".to_owned(),
        }
    }

    /// The call with one argument as `$1` and the others plausible.
    fn call(&self, all: &[Argument], given: &Argument) -> String {
        let list: Vec<_> = all
            .iter()
            .filter(|argument| argument.call == given.call)
            .map(|argument| match argument.name == given.name {
                true => format!("\"{}\" => $1::{}", argument.name, argument.kind),
                false => format!("\"{}\" => {}", argument.name, self.value(argument)),
            })
            .collect();
        format!("select to_jsonb(queue.{}({}))", given.call, list.join(", "))
    }
}

type Asked<'q> = QueryScalar<'q, Postgres, Option<serde_json::Value>, PgArguments>;

/// Makes a call under a login; none where the login may not make it.
async fn ask(login: &PgPool, asked: Asked<'_>) -> Option<Result<String, Error>> {
    match asked.fetch_optional(login).await {
        Err(Error::Database(error)) if error.code().as_deref() == Some("42501") => None,
        Err(error) => Some(Err(error)),
        Ok(answer) => Some(Ok(answer.flatten().unwrap_or_default().to_string())),
    }
}

#[tokio::test]
async fn i2_no_refusal_shows_what_was_refused() {
    let db = database().await;
    let plausible = Plausible::new(&db).await;
    let all = arguments(&db).await;
    let mut refusals = 0;
    for who in LOGINS {
        let login = db.raw(who).await;
        for given in &all {
            let call = plausible.call(&all, given);
            let asked: Asked = sqlx::query_scalar(AssertSqlSafe(call));
            let asked = match given.kind.as_str() {
                "text" => asked.bind(CANARY),
                "text[]" => asked.bind(vec![CANARY]),
                "bytea" => asked.bind(CANARY.as_bytes()),
                _ => continue,
            };
            let Some(answer) = ask(&login, asked).await else { continue };
            let shown = match answer {
                Ok(answer) => answer,
                Err(error) => {
                    refusals += 1;
                    let sqlstate = error.as_database_error().unwrap().code().unwrap().into_owned();
                    assert!(sqlstate.starts_with("CS"), "{who}: {}({}): {sqlstate}", given.call, given.name);
                    format!("{error} {error:?}")
                }
            };
            for part in ["Canary", "canary", "23456789"] {
                assert!(!shown.contains(part), "{who}: {}({}): {shown}", given.call, given.name);
            }
        }
    }
    assert!(refusals > 50, "only {refusals} refusals were looked at");

    let tables = texts(db.pool(), "select tablename::text from pg_tables where schemaname = 'queue'").await;
    for table in tables {
        let rows = format!(
            "select row::text from queue.{table} as row where row::text like any (array['%anary%', '%23456789%'])"
        );
        assert_eq!(texts(db.pool(), &rows).await, Vec::<String>::new(), "{table}");
    }
}

/// A call that is given nothing refuses or answers; it never fails where nobody looked.
#[tokio::test]
async fn a_missing_argument_is_misuse_or_an_answer() {
    let db = database().await;
    let plausible = Plausible::new(&db).await;
    let all = arguments(&db).await;
    let mut asked = 0;
    for who in LOGINS {
        let login = db.raw(who).await;
        for given in &all {
            let call = plausible.call(&all, given).replace("$1::", "null::");
            let mut transaction = login.begin().await.unwrap();
            let answer = sqlx::query(AssertSqlSafe(call)).execute(&mut *transaction).await;
            asked += 1;
            if let Err(error) = answer {
                let sqlstate = error.as_database_error().unwrap().code().unwrap().into_owned();
                assert!(
                    sqlstate.starts_with("CS") || sqlstate == "42501",
                    "{who}: {}({} => null): {error}",
                    given.call,
                    given.name
                );
            }
            transaction.rollback().await.unwrap();
        }
    }
    assert!(asked > 1000, "only {asked} calls were made");
}

/// A constraint prints the row that it refuses, so a call judges before it writes.
#[tokio::test]
async fn i2_what_a_constraint_would_have_to_refuse_is_misuse() {
    let db = database().await;
    let plausible = Plausible::new(&db).await;
    let all = arguments(&db).await;
    let long_note = format!("'\\x01{}{}'", plausible.key_id, "00".repeat(70_000));
    let attachment = r#"{"attachment_id": "00000000-0000-4000-8000-000000000001", "media_type": "image/png", "bytes": 1,
                         "uri": "s3://x"}"#;
    let cases = [
        ("ada", "review_approve", "seconds_on_screen", "-1".to_owned()),
        ("ada", "review_approve", "warnings_accepted", "-1".to_owned()),
        ("ada", "review_reject", "note_sealed", long_note),
        ("kim", "resume", "per_minute", "0".to_owned()),
        ("prod", "store_inbound", "at", "'2026-01-31T09:12:00+99'".to_owned()),
        ("prod", "store_inbound", "at", "'2026-02-31T09:12:00Z'".to_owned()),
        ("prod", "store_inbound", "at", "'0000-01-31T09:12:00Z'".to_owned()),
        ("prod", "store_inbound", "priority", "10".to_owned()),
        ("prod", "store_inbound", "priority", "-40000".to_owned()),
        ("prod", "store_inbound", "attachments", format!("'[{attachment}, {attachment}]'")),
        ("prod", "store_inbound", "attachments", r#"'{"attachment_id": 1}'"#.to_owned()),
        ("prod", "store_inbound", "sealed_body", "''".to_owned()),
        ("prod", "store_inbound", "digest", "'\\x00'".to_owned()),
        ("prod", "store_inbound", "author_ref", "repeat('x', 129)".to_owned()),
        ("prod", "open_conversation", "customer_ref", "''".to_owned()),
        ("exe", "complete_job", "result", r#"'{"priority": 12}'"#.to_owned()),
        ("wad", "sign_off_customer", "expires_at", "'2020-01-31T09:12:00Z'".to_owned()),
        ("pad", "register_code", "effect", "'perhaps'".to_owned()),
    ];
    let kim = db.as_login("kim").await;
    let scope = countersign::store::holds::Scope { channel_kind: Some("sms".into()), ..Default::default() };
    let hold = kim.place_hold(&scope, "incident", None, Uuid::new_v4()).await.unwrap();
    assert_eq!(hold.hold_id, Some(1));
    for (who, call, name, value) in cases {
        let given = all.iter().find(|argument| argument.call == call && argument.name == name).unwrap();
        let mut statement = plausible.call(&all, given).replace("$1::", &format!("{value}::"));
        if name == "note_sealed" {
            statement =
                statement.replace("\"note_key_id\" => null", &format!("\"note_key_id\" => '{}'", plausible.key_id));
        }
        if name == "effect" {
            statement = statement.replace("'intent'", "'error_code'");
        }
        let login = db.raw(who).await;
        let sqlstate = super::refused(&login, &statement).await;
        assert!(
            matches!(sqlstate.as_deref(), Some("CS002" | "CS008")),
            "{call}({name}: {}): {sqlstate:?}",
            value.chars().take(40).collect::<String>()
        );
    }
}
