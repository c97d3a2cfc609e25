//! I8 across a broken connection: what became of a command can always be asked, and the answer is what happened.

use std::str::FromStr;

use countersign::domain::{Pin, Status};
use countersign::store::{ConnectOptions, Store};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use uuid::Uuid;

use super::contents;
use crate::support::{Database, Question, command, database};
use crate::terminal::line::Line;

/// `ada` at the far end of a line, with a question that she has read.
async fn reviewer(db: &Database) -> (Line, Question, Pin) {
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let line = Line::to(PgConnectOptions::from_str(&db.url_of("ada")).unwrap()).await;
    (line, question, pin)
}

async fn nothing_happened(db: &Database, question: &Question, command: Uuid) {
    let fate = db.as_login("ada").await.command_fate(command).await.unwrap();
    assert_eq!((fate.found, fate.answer), (false, None));
    assert_eq!(db.status(question.job).await, Status::Leased);
}

/// The database may still be at it when the line is cut.
async fn it_happened(db: &Database, question: &Question, command: Uuid) {
    let ada = db.as_login("ada").await;
    let answer = loop {
        if let Some(answer) = ada.command_fate(command).await.unwrap().answer {
            break answer;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(answer["outcome"], "applied");
    let send = db.value::<i64>("select max(job_id) from queue.job_queue").await;
    assert_eq!((answer["job_id"].as_i64(), answer["created_job_id"].as_i64()), (Some(question.job.0), Some(send)));
    assert_eq!(db.status(question.job).await, Status::Succeeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn i8_a_connection_cut_at_commit_leaves_all_or_nothing_and_the_fate_says_which() {
    let db = database().await;
    for is_before in [true, false] {
        let (line, question, pin) = reviewer(&db).await;
        let command = command();
        let before = contents(&db).await;
        let pool = PgPoolOptions::new().max_connections(1).connect(&line.url()).await.unwrap();
        let mut transaction = pool.begin().await.unwrap();
        let outcome: String =
            sqlx::query_scalar("select queue.review_approve(job_id => $1, pin => $2, command_id => $3) ->> 'outcome'")
                .bind(question.job.0)
                .bind(pin.to_string())
                .bind(command.to_string())
                .fetch_one(&mut *transaction)
                .await
                .unwrap();
        assert_eq!(outcome, "applied", "and not committed");
        nothing_happened(&db, &question, command).await;
        if is_before {
            line.break_at("COMMIT");
            transaction.commit().await.unwrap_err();
            nothing_happened(&db, &question, command).await;
            assert_eq!(contents(&db).await, before);
        } else {
            line.fall_silent_at("COMMIT");
            let cut = async {
                it_happened(&db, &question, command).await;
                line.cut();
            };
            let (committed, ()) = tokio::join!(transaction.commit(), cut);
            committed.unwrap_err();
            it_happened(&db, &question, command).await;
        }
    }
}

/// As the program does it: one statement, and its own transaction.
#[tokio::test(flavor = "multi_thread")]
async fn i8_a_call_whose_answer_is_lost_is_undecided_until_the_fate_is_asked() {
    let db = database().await;
    for is_before in [true, false] {
        let (line, question, pin) = reviewer(&db).await;
        let ada = Store::connect(&ConnectOptions::new(line.url()).max_connections(1)).await.unwrap();
        let command = command();
        // Nothing else that is sent names the draft.
        let word = question.draft_id.to_string();
        if is_before {
            line.break_at(&word);
            let answer = ada.approve(question.job, &pin, Default::default(), command).await;
            assert!(answer.unwrap_err().is_undecided());
            nothing_happened(&db, &question, command).await;
        } else {
            line.fall_silent_at(&word);
            let cut = async {
                it_happened(&db, &question, command).await;
                line.cut();
            };
            let (answer, ()) = tokio::join!(ada.approve(question.job, &pin, Default::default(), command), cut);
            assert!(answer.unwrap_err().is_undecided());
            it_happened(&db, &question, command).await;
        }
        // Asking again under the same id is safe either way.
        let again = db.as_login("ada").await.approve(question.job, &pin, Default::default(), command).await.unwrap();
        assert!(again.is_applied(), "{again:?}");
        let sends = format!("select count(*) from queue.job_queue where parent_job_id = {}", question.job.0);
        assert_eq!(db.value::<i64>(&sends).await, 1);
    }
}
