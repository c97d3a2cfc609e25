//! Every statement under `src/store/sql/` fits the migrated schema.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use countersign::domain::{Filter, JobKind};
use countersign::store::dead_letters::Cell;
use countersign::store::holds::Scope;
use countersign::store::invariants::Invariant;
use sqlx::{AssertSqlSafe, Executor, PgPool, Row, SqlSafeStr};

use crate::support::{self, command};

/// Statements that prepare only where no transaction stands, or that are no queries.
const NOT_PREPARED: [&str; 1] = ["show_migrations"];

pub(crate) fn statements() -> Vec<(String, String)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/sql");
    let mut statements: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap())
        })
        .collect();
    statements.sort();
    statements
}

#[tokio::test]
async fn every_statement_prepares_against_the_migrated_schema() {
    let db = support::database().await;
    let mut refused = Vec::new();
    for (name, text) in statements() {
        if NOT_PREPARED.contains(&name.as_str()) {
            continue;
        }
        if let Err(error) = db.pool().prepare(AssertSqlSafe(text).into_sql_str()).await {
            refused.push(format!("{name}: {error}"));
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn every_statement_is_lowercase_and_opens_with_the_question_it_answers() {
    for (name, text) in statements() {
        let first = text.lines().next().unwrap();
        assert!(first.starts_with("-- ") && first.contains('?'), "{name} opens with: {first}");
        let body: String = text.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
        let mut outside_of_quotes = String::new();
        for (position, part) in body.split('\'').enumerate() {
            if position % 2 == 0 {
                outside_of_quotes.push_str(part);
            }
        }
        assert_eq!(outside_of_quotes, outside_of_quotes.to_lowercase(), "{name} shouts");
        assert!(!body.contains(';'), "{name} holds more than one statement");
    }
}

/// Every read, on a database where each of them has something to return.
#[tokio::test]
async fn reads_return_what_their_types_promise() {
    let db = support::database().await;
    let question = db.question().await;
    let conversation = db.conversation().await;
    let inbound = db.inbound(&conversation, "Hello?").await.outcome.job_id.unwrap();
    let oncall = db.as_login("kim").await;
    let exe = db.as_login("exe").await;
    let failing = exe.claim_jobs(&[JobKind::Inbound], 1).await.unwrap().remove(0);
    exe.start_job(failing.job_id, failing.lease_token, command()).await.unwrap();
    exe.fail_job(failing.job_id, failing.lease_token, "payload_missing", command()).await.unwrap();
    let scope = Scope { channel_kind: Some("email".into()), ..Scope::default() };
    let held = oncall.place_hold(&scope, "incident", Some("INC-1"), command()).await.unwrap();
    assert_eq!((held.outcome.outcome.as_str(), held.paused), ("applied", 1));

    assert_eq!(oncall.whoami().await.unwrap().environment, "test");
    assert_eq!(oncall.overview().await.unwrap().backlog.dead_letters(), 1);
    let pressure = oncall.overview().await.unwrap().pressure;
    assert_eq!(pressure.iter().map(|row| row.job_kind).collect::<Vec<_>>(), JobKind::ALL);
    let dead = oncall.dead_letters(&Cell::default(), 10).await.unwrap();
    assert_eq!(dead.iter().map(|row| row.job_id).collect::<Vec<_>>(), [inbound]);
    let grid = oncall.dead_letter_grid().await.unwrap();
    assert_eq!(grid.iter().map(|cell| (cell.last_5m, cell.total)).collect::<Vec<_>>(), [(1, 1)]);
    assert_eq!(oncall.holds().await.unwrap()[0].paused, 1);
    assert_eq!(oncall.jobs(&Filter::default(), None, 10).await.unwrap().len(), 2);
    assert_eq!(oncall.tree(inbound).await.unwrap().len(), 1);
    assert!(!oncall.history(inbound).await.unwrap().is_empty());
    assert_eq!(oncall.activity(&Filter::default(), 0, 5).await.unwrap().len(), 5);
    assert!(!oncall.trace(&question.conversation.customer_ref).await.unwrap().is_empty());
    assert_eq!(oncall.why_blocked(question.job).await.unwrap(), ["held"]);
    db.outbox_has_settled().await;
    assert_eq!(oncall.read_outbox(0, 10).await.unwrap().events.len(), 2);
    assert!(oncall.channel_health().await.unwrap().iter().all(|channel| !channel.suspected));
    assert!(oncall.overview().await.unwrap().alerts.unattended.is_empty());
    let situation = oncall.overview().await.unwrap().situation;
    assert_eq!(situation.next_to_breach.iter().map(|next| next.job_id).collect::<Vec<_>>(), [inbound, question.job]);
    assert!(oncall.team_figures(24).await.unwrap().is_empty());
    assert_eq!(oncall.reviewer_figures(24).await.unwrap().outcome.outcome, "not_authorised");

    assert_eq!(oncall.agencies().await.unwrap().len(), 1);
    assert!(oncall.access().await.unwrap().iter().any(|row| row.login == db.login("ada")));
    assert!(oncall.settings().await.unwrap().iter().any(|row| row.key == "queue.environment" && row.value.is_some()));
    assert!(oncall.vocabulary(None).await.unwrap().iter().any(|row| row.code == "refund"));
    assert!(oncall.vocabulary(Some("channel")).await.unwrap().iter().all(|row| row.list == "channel"));
    assert!(oncall.event_types().await.unwrap().iter().all(|row| row.ratified_at.is_some()));
    assert_eq!(oncall.rights().await.unwrap().groups, ["countersign_staff"]);
    assert!(oncall.server().await.unwrap().version_number >= 150_000);
    assert!(oncall.server_settings().await.unwrap().iter().any(|row| row.name == "log_error_verbosity"));
    assert!(oncall.migrations().await.unwrap().iter().all(|row| row.applied_at.is_some() && !row.changed));

    let broken = db.admin().invariants().await.unwrap();
    assert!(broken.len() >= 10);
    assert_eq!(broken.iter().filter(|row| row.broken > 0).collect::<Vec<_>>(), Vec::<&Invariant>::new());
}

/// Far more may have happened than is listed, so the database does the filtering.
#[tokio::test]
async fn the_trail_is_filtered_by_job_login_outcome_and_status() {
    let db = support::database().await;
    let question = db.question().await;
    let ada = db.as_login("ada").await;
    let claim = ada.claim_review(Some(question.job)).await.unwrap();
    ada.release(question.job, claim.outcome.lease_token.unwrap(), command()).await.unwrap();
    let seen = async |filter: &str| {
        let rows = ada.activity(&filter.parse().unwrap(), 0, 10).await.unwrap();
        rows.into_iter().map(|row| row.call).collect::<Vec<_>>()
    };
    let mine = ["release_job", "claim_review"];
    assert_eq!(seen("mine").await, mine);
    assert_eq!(seen(&format!("holder:{}", db.login("ada"))).await, mine);
    assert_eq!(seen(&format!("id:{} mine", question.job.0)).await, mine);
    assert_eq!(seen("mine status:leased").await, ["claim_review"]);
    assert_eq!(seen("mine error:applied").await, mine);
    assert_eq!(seen("mine error:not_found").await, [""; 0]);
    assert_eq!(seen("mine id:0").await, [""; 0]);
    assert!(seen("").await.len() > mine.len(), "others did something too");
}

/// A filter that few rows pass must not walk the trail to its beginning, once a second, on every desk that shows it.
#[tokio::test]
async fn a_filtered_trail_is_entered_through_what_it_is_filtered_by() {
    let db = support::database().await;
    db.execute(
        "insert into queue.dot_iu_command_run (at, login, call, agency, outcome, to_status)
         select now(), session_user, 'cancel_job', 'acme', 'applied', 'cancelled' from generate_series(1, 20000);
         analyze queue.dot_iu_command_run",
    )
    .await;
    let session = db.raw("ada").await;
    let holder = format!("(0, null, '{}', null, null, false, 50)", db.login("ada"));
    let cases = [
        ("(0, null, null, null, null, true, 50)", &["ix_command_run_login"][..]),
        (&holder, &["ix_command_run_login"]),
        // By its code or its outcome first, and then by its number.
        (
            "(0, null, null, 'payload_missing', null, false, 50)",
            &["ix_command_run_code", "ix_command_run_outcome", "dot_iu_command_run_key"],
        ),
        ("(0, null, null, null, '{dead_letter}', false, 50)", &["ix_command_run_status"]),
        ("(0, null, null, null, '{paused}', false, 50)", &["ix_command_run_status"]),
        ("(0, 7, null, null, null, false, 50)", &["ix_command_run_job"]),
        // What nearly every row passes is found soon from the newest on.
        ("(0, null, null, 'applied', null, false, 50)", &["dot_iu_command_run_key"]),
    ];
    for (arguments, indexes) in cases {
        let plan = plan(&session, "activity", arguments).await;
        for index in indexes {
            assert!(plan.contains(index), "{arguments} is not asked through {index}\n{plan}");
        }
        let walks = plan.contains("Seq Scan on dot_iu_command_run") || plan.contains("dot_iu_command_run_key");
        assert_eq!(walks, indexes.contains(&"dot_iu_command_run_key"), "{arguments}\n{plan}");
    }
}

/// How the database would answer a statement of ours under these arguments.
async fn plan(session: &PgPool, name: &str, arguments: &str) -> String {
    let texts: HashMap<_, _> = statements().into_iter().collect();
    let prepared = format!("deallocate all; prepare asked as {}; explain execute asked{arguments}", texts[name]);
    let plan = sqlx::raw_sql(AssertSqlSafe(prepared)).fetch_all(session).await.unwrap();
    plan.iter().map(|row| row.get(0)).collect::<Vec<String>>().join("\n")
}
