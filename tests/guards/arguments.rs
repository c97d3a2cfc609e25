//! Calls judge what they are given before anything can fail over it. Every call and every argument; what must not be
//! shown by any of them is searched for in `canary`.

use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::plausible::{Plausible, arguments};
use crate::support::database;

const LOGINS: [&str; 7] = ["ada", "sen", "kim", "wad", "pad", "prod", "exe"];

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
