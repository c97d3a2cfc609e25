//! Every argument of every call, found in the catalogue, as every login.

use std::collections::BTreeMap;

use serde_json::json;
use sqlx::postgres::{PgArguments, PgPool};
use sqlx::query::QueryScalar;
use sqlx::{AssertSqlSafe, Postgres};

use super::Canary;
use super::places::{dumped, tables, talkative, told};
use super::{accepted, accepted::Bodies};
use crate::guards::plausible::{Argument, Plausible, arguments};
use crate::support::{Database, Figure, database, scaled};

/// One of each role, program and class, and one who is registered as nothing.
const LOGINS: [&str; 13] =
    ["ada", "sen", "lee", "kim", "opa", "wad", "pad", "gus", "prod", "exe", "sms_exe", "mon", "nobody"];

type Asked<'q> = QueryScalar<'q, Postgres, Option<serde_json::Value>, PgArguments>;

/// A value with a canary in it.
enum Value {
    Text(String),
    List(Vec<String>),
    Bytes(Vec<u8>),
    ListOfBytes(Vec<Vec<u8>>),
}

/// The ways in which an argument of this kind can carry text.
fn carrying(argument: &Argument, canary: &Canary, number: usize) -> Vec<Value> {
    let (words, code) = (canary.words(number), canary.code(number));
    // What an administrator registers is a word from then on, wherever words are shown.
    let registers = matches!(
        (argument.call.as_str(), argument.name.as_str()),
        ("register_code", "code") | ("register_agency", "agency") | ("register_agency_host", "host")
    );
    match argument.kind.as_str() {
        "text" => {
            let object = format!(r#"{{"language": "{code}", "{code}": "{code}"}}"#);
            let list =
                format!(r#"[{{"media_type": "image/png", "bytes": 1, "uri": "{words}", "attachment_id": "{code}"}}]"#);
            let mut others = vec![object, list];
            others.extend((!registers).then_some(code));
            // In a small run the words and one of the other forms, another one each time.
            let turn = number % others.len();
            others.rotate_left(turn);
            others.truncate(scaled(1, 3));
            [words].into_iter().chain(others).map(Value::Text).collect()
        }
        "text[]" => vec![Value::List(vec![words]), Value::List(vec![code])],
        "bytea" => vec![Value::Bytes(words.into_bytes())],
        "bytea[]" => vec![Value::ListOfBytes(vec![words.into_bytes()])],
        // Ids, numbers, spans of time and truths: nothing that a driver could not bind as such.
        "bigint"
        | "bigint[]"
        | "integer"
        | "integer[]"
        | "smallint"
        | "double precision"
        | "boolean"
        | "interval"
        | "timestamp with time zone" => Vec::new(),
        _ if argument.is_row() => {
            let fields = ["job_kind", "agency", "channel_kind", "target_ref", "payload_ref", "lease_owner"];
            let row = fields.map(|field| (field, words.as_str()));
            vec![Value::Text(json!(BTreeMap::from(row)).to_string())]
        }
        other => panic!("{}({}) takes {other}: say here how it would carry text", argument.call, argument.name),
    }
}

async fn ask(login: &PgPool, call: &str, value: Value) -> Result<String, sqlx::Error> {
    let asked: Asked = sqlx::query_scalar(AssertSqlSafe(call.to_owned()));
    let asked = match value {
        Value::Text(text) => asked.bind(text),
        Value::List(list) => asked.bind(list),
        Value::Bytes(bytes) => asked.bind(bytes),
        Value::ListOfBytes(list) => asked.bind(list),
    };
    Ok(asked.fetch_optional(login).await?.flatten().unwrap_or_default().to_string())
}

/// Gives every argument of every call a canary. What answers and errors showed of it, and how many were given.
async fn give_every_call(db: &Database, canary: &Canary) -> (Vec<String>, [usize; 3]) {
    let all = arguments(db).await;
    let (mut shown, mut answered, mut refused, mut forbidden) = (Vec::new(), 0, 0, 0);
    for who in LOGINS {
        let plausible = match who {
            "exe" => Plausible::of_a_program(db).await,
            _ => Plausible::new(db).await,
        };
        let login = db.raw(who).await;
        // Who may not make a call is told so before anybody looks at what was given.
        let mut closed: Option<&str> = None;
        for given in &all {
            if closed == Some(&given.call) {
                continue;
            }
            let call = plausible.call(&all, given);
            for value in carrying(given, canary, answered + refused + forbidden) {
                let text = match ask(&login, &call, value).await {
                    Ok(answer) => {
                        answered += 1;
                        answer
                    }
                    Err(error) => {
                        let sqlstate = error.as_database_error().unwrap().code().unwrap().into_owned();
                        match sqlstate.as_str() {
                            "42501" => {
                                forbidden += 1;
                                closed = Some(&given.call);
                            }
                            _ => refused += 1,
                        }
                        assert!(
                            sqlstate.starts_with("CS") || sqlstate == "42501",
                            "{who}: {}({}): {sqlstate}",
                            given.call,
                            given.name
                        );
                        told(&error)
                    }
                };
                let found = canary.found_in(&text);
                shown.extend(found.map(|found| format!("{who}: {}({}): {found}", given.call, given.name)));
            }
        }
    }
    (shown, [answered, refused, forbidden])
}

#[tokio::test]
async fn i2_what_a_call_is_given_shows_nowhere_but_in_the_references_of_care() {
    let figure = Figure::begin("I2, canaries given to calls and looked for in five places");
    let db = database().await;
    talkative(&db).await;

    // The searches find what was planted for them.
    let planted = Canary::new();
    db.execute(
        "create function public.tell(words text) returns void language plpgsql as $$ begin raise exception '%', words; end $$;
         create table queue.planted (words bytea)",
    )
    .await;
    let nobody = db.raw("nobody").await;
    let error = sqlx::query("select public.tell($1)").bind(planted.words(0)).execute(&nobody).await.unwrap_err();
    assert!(planted.found_in(&told(&error)).is_some(), "an error that tells is heard");
    sqlx::query("insert into queue.planted values (convert_to($1, 'utf8'))")
        .bind(planted.words(0))
        .execute(db.pool())
        .await
        .unwrap();
    assert_eq!(Vec::from_iter(tables(&db, &planted).await), ["planted"]);
    assert_eq!(Vec::from_iter(dumped(&db.dump().await, &planted)), ["queue.planted.words"]);

    let (canary, in_bodies) = (Canary::new(), Canary::new());
    let (shown, counts) = give_every_call(&db, &canary).await;
    assert_eq!(shown, Vec::<String>::new(), "answers and errors");
    let [answered, refused, forbidden] = counts;
    assert!(answered > 300 && refused > 500 && forbidden > 300, "{counts:?}");
    let store = accepted::refused_by_the_store(&db, &canary).await;
    accepted::take_everything(&db, &canary, &Bodies(&in_bodies)).await;

    for canary in [&canary, &in_bodies] {
        assert_eq!(Vec::from_iter(tables(&db, canary).await), Vec::<String>::new(), "the queue");
    }
    if let Some(log) = db.server_log().await {
        assert!(planted.found_in(&log).is_some(), "what the server tells its log is heard");
        assert_eq!(canary.found_in(&log).or(in_bodies.found_in(&log)), None, "the server's log");
    }
    let dump = db.dump().await;
    let references = [
        "care.attachment.uri",
        "care.customer.customer_ref",
        "care.customer_message.author_ref",
        "care.customer_message.provider_ref",
    ];
    assert_eq!(Vec::from_iter(dumped(&dump, &canary)), references, "the dump");
    assert_eq!(Vec::from_iter(dumped(&dump, &in_bodies)), Vec::<String>::new(), "bodies in the dump");
    println!("{answered} answered, {refused} refused, {forbidden} forbidden, {store} through the store");
    figure.end(answered + refused + forbidden + store);
}
