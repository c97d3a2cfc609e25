//! What a failure says, and what it must not say.

use countersign::store::{ConnectOptions, Error, Store};

use crate::support::{command, database, empty_database};

#[tokio::test]
async fn an_error_shows_nothing_of_what_was_refused() {
    let db = database().await;
    // A call that breaks every rule: it prints what it was given into message, detail, hint and context.
    db.execute(
        "create or replace function queue.conversations_of(customer_ref text) returns setof uuid
         language plpgsql as $$
         begin
             raise exception using errcode = 'CS002', message = 'no ' || customer_ref, detail = customer_ref,
                                   hint = customer_ref, constraint = 'customer_ref_bounded';
         end $$",
    )
    .await;
    let filter = "cust:jane.doe@example.org".parse().unwrap();
    let error = db.admin().jobs(&filter, None, 1).await.unwrap_err();
    assert_eq!(error, Error::Refused { sqlstate: "CS002".into(), constraint: Some("customer_ref_bounded".into()) });
    for shown in [error.to_string(), format!("{error:?}"), format!("{:#}", anyhow::Error::new(error.clone()))] {
        assert!(!shown.contains("jane"), "{shown}");
    }
}

#[tokio::test]
async fn a_database_without_migrations_is_named_as_such() {
    let db = empty_database().await;
    assert_eq!(db.admin().whoami().await.unwrap_err(), Error::NotMigrated);
    let pending = db.admin().migrations().await.unwrap();
    assert!(!pending.is_empty() && pending.iter().all(|migration| migration.applied_at.is_none()));
}

#[tokio::test]
async fn migrating_is_safe_twice_and_at_once() {
    let db = empty_database().await;
    let (one, other) = tokio::join!(db.admin().migrate(), db.admin().migrate());
    one.unwrap();
    other.unwrap();
    assert_eq!(db.admin().migrate().await.unwrap(), 0);
    assert!(db.admin().migrations().await.unwrap().iter().all(|migration| migration.applied_at.is_some()));
}

#[tokio::test]
async fn no_session_of_a_migrated_database_compiles_its_plans() {
    let db = empty_database().await;
    db.admin().migrate().await.unwrap();
    let says: bool = db
        .value(
            "select exists (select from pg_db_role_setting join pg_database on pg_database.oid = setdatabase
                            where datname = current_database() and setrole = 0 and 'jit=off' = any (setconfig))",
        )
        .await;
    assert!(says);
}

#[tokio::test]
async fn a_login_that_is_not_registered_is_told_what_it_lacks() {
    let db = database().await;
    let nobody = db.as_login("nobody").await;
    let error = nobody.whoami().await.unwrap_err();
    assert!(matches!(error, Error::NotAllowed { .. }), "{error:?}");
    let error = db.as_login("ada").await.claim_jobs(&[], 1).await.unwrap_err();
    assert!(error.to_string().contains("an executor"), "{error}");
}

#[tokio::test]
async fn what_cannot_be_reached_is_said_to_be_away() {
    let missing = tempfile::tempdir().unwrap();
    let url = format!("postgres://someone@localhost/nowhere?host={}", missing.path().display());
    let error = Store::connect(&ConnectOptions::new(url)).await.unwrap_err();
    assert!(error.is_away() && !error.is_undecided(), "{error:?}");
    let nonsense = Store::connect(&ConnectOptions::new("not an address")).await.unwrap_err();
    assert_eq!(nonsense, Error::Address);
}

#[tokio::test]
async fn a_database_that_does_not_exist_is_named_as_such() {
    let db = database().await;
    let options = db.options_of("ada").database("countersign_nowhere");
    assert_eq!(Store::connect(&options).await.unwrap_err(), Error::NoSuchDatabase);
}

#[tokio::test]
async fn a_connection_cut_under_way_is_undecided_and_the_fate_of_the_command_can_be_asked() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let ada = db.as_login("ada").await;
    let (lost, decided) = (command(), command());
    // The decision waits for this lock, and its connection is cut while it waits.
    let mut blocker = db.pool().begin().await.unwrap();
    sqlx::query("select from queue.job_queue for update").execute(&mut *blocker).await.unwrap();
    let cut = async {
        loop {
            let cut: bool = sqlx::query_scalar(
                "select coalesce(bool_or(pg_terminate_backend(pid)), false) from pg_stat_activity
                 where datname = current_database() and wait_event_type = 'Lock'",
            )
            .fetch_one(&mut *blocker)
            .await
            .unwrap();
            if cut {
                break blocker.rollback().await.unwrap();
            }
            tokio::task::yield_now().await;
        }
    };
    let (answer, ()) = tokio::join!(ada.approve(question.job, &pin, Default::default(), lost), cut);
    assert!(answer.unwrap_err().is_undecided());
    let fate = ada.command_fate(lost).await.unwrap();
    assert_eq!((fate.found, fate.answer), (false, None));
    ada.approve(question.job, &pin, Default::default(), decided).await.unwrap();
    let fate = ada.command_fate(decided).await.unwrap();
    assert_eq!(fate.answer.unwrap()["outcome"], "applied");
}

#[tokio::test]
async fn calls_refuse_another_isolation_level() {
    let db = database().await;
    let raw = db.raw("ada").await;
    let mut transaction = raw.begin().await.unwrap();
    sqlx::raw_sql("set transaction isolation level repeatable read").execute(&mut *transaction).await.unwrap();
    let error = sqlx::raw_sql("select queue.claim_review()").execute(&mut *transaction).await.unwrap_err();
    let code = error.as_database_error().and_then(|error| error.code()).unwrap().into_owned();
    assert_eq!(code, "CS001");
}
