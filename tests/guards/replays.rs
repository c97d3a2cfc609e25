//! I8: a command sent again answers as the first time and does nothing; sent with other arguments it is misuse. For every
//! call that carries a command, found in the catalogue.

use std::collections::BTreeSet;

use serde_json::Value;
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgPool;

use super::commands::{self, Case};
use super::{contents, refused, texts};
use crate::support::{Database, command, database};

/// Asks all that can be asked about one case.
async fn holds(db: &Database, case: &Case) {
    let Case { call, who, .. } = case;
    let caller: PgPool = db.raw(who).await;
    let command = command();
    let ask = async |statement: String| -> Value {
        sqlx::query_scalar(AssertSqlSafe(statement.clone())).fetch_one(&caller).await.unwrap_or_else(|error| {
            panic!("{statement}: {error}");
        })
    };
    let first = ask(case.statement(command, None)).await;
    let expected = if *call == "retention_sweep" { "swept" } else { "applied" };
    assert_eq!(first["outcome"], expected, "{call}: {first}");
    let before = contents(db).await;

    let mut again = ask(case.statement(command, None)).await;
    assert_eq!(again.as_object_mut().unwrap().remove("replayed"), Some(Value::Bool(true)), "{call}");
    assert_eq!(again, first, "{call}");
    for (number, (name, _, other)) in case.arguments.iter().enumerate() {
        if other.is_some() {
            let sqlstate = refused(&caller, &case.statement(command, Some(number))).await;
            assert_eq!(sqlstate.as_deref(), Some("CS003"), "{call} with another {name}");
        }
    }
    assert_eq!(contents(db).await, before, "{call} did something the second time");
    let fate = ask(format!("select queue.command_fate('{command}')")).await;
    assert_eq!((&fate["found"], &fate["answer"]), (&Value::Bool(true), &first), "{call}");
}

async fn hold(db: &Database, cases: Vec<Case>, covered: &mut BTreeSet<String>) {
    for case in cases {
        holds(db, &case).await;
        let names: BTreeSet<_> = case.arguments.iter().map(|(name, ..)| (*name).to_owned()).collect();
        let taken = format!(
            "select name from pg_proc, unnest(proargnames) as name
             where pronamespace = 'queue'::regnamespace and proname = '{}' and name <> 'command_id'",
            case.call
        );
        assert_eq!(names, texts(db.pool(), &taken).await.into_iter().collect(), "arguments of {}", case.call);
        covered.insert(case.call.to_owned());
    }
}

#[tokio::test]
async fn i8_every_call_with_a_command_replays_and_refuses_other_arguments() {
    let db = database().await;
    let mut covered = BTreeSet::new();
    // Whoever loses their rights comes last.
    hold(&db, commands::producing(&db).await, &mut covered).await;
    hold(&db, commands::executing(&db).await, &mut covered).await;
    hold(&db, commands::reviewing(&db).await, &mut covered).await;
    hold(&db, commands::oncall(&db).await, &mut covered).await;
    hold(&db, commands::ruling(&db).await, &mut covered).await;
    let all = "select proname::text from pg_proc
               where pronamespace = 'queue'::regnamespace and 'command_id' = any (proargnames) and prosecdef
                 and proname <> 'command_fate'";
    assert_eq!(covered, texts(db.pool(), all).await.into_iter().collect());
}
