//! Raw SQL under a program's and a person's login: what the calls refuse cannot be had by going around them.

use countersign::domain::{Filter, JobKind, Status};
use sqlx::{AssertSqlSafe, PgPool};

use super::{approved, claimed};
use crate::support::database;

/// The SQLSTATE of a refused statement; none when it went through.
async fn refused(pool: &PgPool, statement: &str) -> Option<String> {
    let error = sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(pool).await.err()?;
    Some(error.as_database_error().unwrap().code().unwrap().into_owned())
}

#[tokio::test]
async fn no_login_writes_a_table_or_reads_a_body() {
    let db = database().await;
    db.question().await;
    let statements = [
        "update queue.job_queue set status = 'succeeded'",
        "update queue.review_decision set undone_by = session_user",
        "delete from queue.dot_iu_command_run",
        "insert into queue.staff (login, roles) values (session_user, '{oncall}')",
        "update queue.dot_config set value = 'true'",
        "select sealed_body from care.customer_message",
        "select customer_ref from care.customer",
        "set role countersign_owner",
        "create function queue.clock2() returns int language sql as 'select 1'",
    ];
    for who in ["ada", "kim", "pad", "exe", "prod", "mon"] {
        let pool = db.raw(who).await;
        for statement in statements {
            assert_eq!(refused(&pool, statement).await.as_deref(), Some("42501"), "{who}: {statement}");
        }
    }
}

/// As a superuser, whom no grant stops: the triggers do.
#[tokio::test]
async fn the_machine_the_gate_and_the_wall_hold_even_for_the_owner() {
    let db = database().await;
    let question = db.question().await;
    let job = question.job.0;
    let owner = db.pool();
    let cases = [
        (format!("update queue.job_queue set status = 'succeeded' where job_id = {job}"), "CS005"),
        (format!("update queue.job_queue set agency = 'globex' where job_id = {job}"), "CS006"),
        (format!("update queue.job_queue set safe_payload = '{{\"body\": \"hello\"}}' where job_id = {job}"), "CS008"),
        (
            format!("update queue.job_queue set safe_payload = '{{\"language\": \"jane\"}}' where job_id = {job}"),
            "CS008",
        ),
        ("delete from queue.job_queue".to_owned(), "CS010"),
        ("delete from queue.dot_iu_command_run".to_owned(), "CS010"),
        ("update care.customer_message set author_ref = 'someone'".to_owned(), "CS006"),
    ];
    for (statement, expected) in cases {
        assert_eq!(refused(owner, &statement).await.as_deref(), Some(expected), "{statement}");
    }
}

#[tokio::test]
async fn a_send_without_an_approval_is_never_leased() {
    let db = database().await;
    let question = db.question().await;
    let send = approved(&db, &question).await;
    db.as_login("ada").await.undo(question.job, crate::support::command()).await.unwrap();
    // The same send again, by the owner's hand, for the approval that was taken back.
    let inserted = format!(
        "insert into queue.job_queue (job_kind, status, agency, channel_kind, correlation_id, parent_job_id, payload_ref,
                                      max_attempts, created_at, process_after)
         select job_kind, 'queued', agency, channel_kind, correlation_id, parent_job_id, payload_ref, 5, now(), now()
         from queue.job_queue where job_id = {}",
        send.0
    );
    assert_eq!(refused(db.pool(), &inserted).await.as_deref(), Some("23505"), "one send per approval, ever");
    let with_another_parent = inserted.replace("parent_job_id, payload_ref, 5", "job_id, payload_ref, 5");
    assert_eq!(refused(db.pool(), &with_another_parent).await, None);
    let leased = "update queue.job_queue set status = 'leased', lease_owner = session_user, lease_token = 1,
                  lease_expires_at = now() where job_kind = 'customer_message_send' and status = 'queued'";
    assert_eq!(refused(db.pool(), leased).await.as_deref(), Some("CS007"));
}

#[tokio::test]
async fn executors_see_the_jobs_they_hold_and_no_others() {
    let db = database().await;
    let conversation = db.conversation().await;
    db.inbound(&conversation, "Hello?").await;
    db.question().await;
    let exe = db.as_login("exe").await;
    assert!(exe.jobs(&Filter::default(), None, 10).await.unwrap().is_empty());
    let job = claimed(&exe, JobKind::Inbound).await.job_id;
    let seen: Vec<_> = exe.jobs(&Filter::default(), None, 10).await.unwrap().iter().map(|job| job.job_id).collect();
    assert_eq!(seen, [job]);
}

#[tokio::test]
async fn a_monitor_counts_everything_and_sees_no_job() {
    let db = database().await;
    db.question().await;
    db.question_of("globex", "sms").await;
    let monitor = db.as_login("mon").await;
    assert_eq!(monitor.overview().await.unwrap().backlog.waiting_for_people(), 2);
    assert_eq!(monitor.overview().await.unwrap().pressure.iter().map(|row| row.later).sum::<i64>(), 2);
    assert!(monitor.jobs(&Default::default(), None, 10).await.is_err());
    assert!(monitor.sweep().await.is_err());
}

#[tokio::test]
async fn staff_count_their_own_agency_only() {
    let db = database().await;
    let question = db.question().await;
    assert_eq!(db.as_login("kim").await.overview().await.unwrap().backlog.waiting_for_people(), 1);
    assert_eq!(db.as_login("gus").await.overview().await.unwrap().backlog.waiting_for_people(), 0);
    assert!(db.as_login("gus").await.jobs(&Default::default(), None, 10).await.unwrap().is_empty());
    assert!(db.as_login("gus").await.history(question.job).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_programs_own_table_of_moves_is_the_databases() {
    let db = database().await;
    let pairs: Vec<(String, String)> =
        sqlx::query_as("select from_status, to_status from queue.job_transition").fetch_all(db.pool()).await.unwrap();
    let mut known: Vec<_> = Status::TRANSITIONS.iter().map(|(from, to)| (from.to_string(), to.to_string())).collect();
    let mut stored = pairs;
    known.sort();
    stored.sort();
    assert_eq!(known, stored);
}
