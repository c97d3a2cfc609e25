//! I12 and the end of a right: what is taken away is gone at the next statement, in sessions that were open before.

use countersign::domain::{Direction, JobKind, Role, Status};
use countersign::store::programs::ClaimedJob;
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgPool;
use uuid::Uuid;

use super::texts;
use crate::calls::started;
use crate::support::{Database, command, database};

/// Every call that a login may execute, with nulls for arguments, and every relation that it may select from.
async fn everything_open_to(db: &Database, who: &str) -> Vec<String> {
    let statement = "
        select 'select queue.' || quote_ident(proname) || '('
               || coalesce((select string_agg('null::' || format_type(kind, null), ', ' order by place)
                            from unnest(proargtypes) with ordinality as argument (kind, place)), '') || ')'
        from pg_proc
        where pronamespace = 'queue'::regnamespace and has_function_privilege($1, oid, 'execute')
          and proname not in ('clock', 'whoami')
        union all
        select 'select 1 from ' || oid::regclass
        from pg_class
        where relnamespace = 'queue'::regnamespace and has_table_privilege($1, oid, 'select')
        order by 1";
    sqlx::query_scalar(statement).bind(db.login(who)).fetch_all(db.pool()).await.unwrap()
}

async fn register_again(db: &Database, who: &str) {
    let pad = db.as_login("pad").await;
    let (login, both, channels) = (db.login(who), ["acme", "globex"], ["email", "sms", "webchat"]);
    let kinds = [JobKind::Inbound, JobKind::Classify, JobKind::Draft, JobKind::Send, JobKind::Followup];
    let outcome = match who {
        "ada" => pad.register_staff(&login, Some("acme"), &[Role::Reviewer], command()).await,
        "exe" => pad.register_executor(&login, &kinds, &channels, &both, command()).await,
        "prod" => pad.register_producer(&login, &both, &channels, command()).await,
        _ => pad.register_monitor(&login, command()).await,
    };
    assert!(outcome.unwrap().is_applied(), "{who}");
}

/// One test for all four: roles belong to the whole server, and others use the same logins in databases of their own, so
/// each is without its rights for as short a time as can be. The names are this test's own.
#[tokio::test]
async fn a_login_that_lost_its_rights_does_nothing_more_in_a_transaction_that_was_open() {
    let db = database().await;
    let pad = db.as_login("pad").await;
    let admin = db.admin();
    for class in ["ada", "exe", "prod", "mon"] {
        let name = format!("{}_leaver", db.login(class));
        admin.create_login(&name).await.unwrap();
        let leaver = format!("{class}_leaver");
        register_again_as(&db, class, &name).await;
        let open_to = everything_open_to(&db, &leaver).await;
        assert!(open_to.len() >= 2, "{class}: {open_to:?}");

        let raw = db.raw(&leaver).await;
        let mut session = raw.begin().await.unwrap();
        sqlx::query("select queue.whoami()").execute(&mut *session).await.unwrap();
        assert!(pad.revoke_login(&name, command()).await.unwrap().is_applied());
        for statement in &open_to {
            sqlx::query("savepoint before").execute(&mut *session).await.unwrap();
            let error =
                sqlx::query(AssertSqlSafe(statement.clone())).execute(&mut *session).await.expect_err(statement);
            let sqlstate = error.as_database_error().unwrap().code().unwrap().into_owned();
            assert_eq!(sqlstate, "42501", "{class}: {statement}");
            sqlx::query("rollback to before").execute(&mut *session).await.unwrap();
        }
        session.rollback().await.unwrap();
        raw.close().await;
        assert!(admin.drop_login(&name).await.unwrap());
    }
}

async fn register_again_as(db: &Database, class: &str, name: &str) {
    let pad = db.as_login("pad").await;
    let outcome = match class {
        "ada" => pad.register_staff(name, Some("acme"), &[Role::Reviewer], command()).await,
        "exe" => pad.register_executor(name, &[JobKind::Send], &["email"], &["acme"], command()).await,
        "prod" => pad.register_producer(name, &["acme"], &["email"], command()).await,
        _ => pad.register_monitor(name, command()).await,
    };
    assert!(outcome.unwrap().is_applied(), "{class}");
}

/// What each call of an executor answers about a draft job that it holds.
async fn everything_about(raw: &PgPool, db: &Database, job: &ClaimedJob, conversation: Uuid) -> Vec<(String, String)> {
    let (id, token) = (job.job_id.0, job.lease_token);
    let draft = Uuid::new_v4();
    let body = db.seal("acme", conversation, draft, Direction::Draft, "It left on Monday.");
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let calls = [
        ("start_job", format!("start_job({id}, {token}, gen_random_uuid()::text)")),
        ("extend_lease", format!("extend_lease({id}, {token})")),
        ("open_body", format!("open_body({id}, {token})")),
        (
            "put_draft",
            format!(
                "put_draft({id}, {token}, '{draft}', 'drafter', '{}', '\\x{}', '\\x{}', gen_random_uuid()::text)",
                body.key_id,
                hex(&body.sealed),
                hex(&body.digest)
            ),
        ),
        (
            "complete_job",
            format!("complete_job({id}, {token}, draft_id => '{draft}', command_id => gen_random_uuid()::text)"),
        ),
        ("fail_job", format!("fail_job({id}, {token}, 'drafter_failed', gen_random_uuid()::text)")),
        ("release_job", format!("release_job({id}, {token}, gen_random_uuid()::text)")),
        ("why_blocked", format!("why_blocked({id})")),
    ];
    let mut answers = Vec::new();
    for (name, call) in calls {
        let answer = sqlx::query_scalar::<_, String>(AssertSqlSafe(format!("select queue.{call} ->> 'outcome'")));
        let answer = match answer.fetch_one(raw).await {
            Ok(outcome) => outcome,
            Err(error) => error.as_database_error().unwrap().code().unwrap().into_owned(),
        };
        answers.push((name.to_owned(), answer));
    }
    let seen = texts(raw, "select job_id::text from queue.job_queue").await;
    answers.push(("select".to_owned(), seen.len().to_string()));
    answers
}

/// I12: taken off the list by kind, by channel, by agency, or switched off, while a job of that kind is in hand.
#[tokio::test]
async fn i12_a_program_that_is_taken_off_the_list_stops_in_the_middle_of_its_work() {
    let db = database().await;
    let pad = db.as_login("pad").await;
    let prod = db.as_login("prod").await;
    let exe = db.as_login("exe").await;
    let raw = db.raw("exe").await;
    let login = db.login("exe");
    for what in ["kind", "channel", "agency", "switched off"] {
        register_again(&db, "exe").await;
        let conversation = db.conversation().await;
        prod.schedule_followup(conversation.id, chrono::Utc::now(), &Default::default(), None, command())
            .await
            .unwrap();
        db.advance("1 second").await;
        let followup = started(&exe, JobKind::Followup).await;
        crate::calls::completed(&exe, &followup, &Default::default()).await;
        let job = started(&exe, JobKind::Draft).await;

        let (drafts, others) = ([JobKind::Draft, JobKind::Followup], [JobKind::Inbound, JobKind::Followup]);
        let narrowed = match what {
            "kind" => pad.register_executor(&login, &others, &["email"], &["acme"], command()).await,
            "channel" => pad.register_executor(&login, &drafts, &["sms"], &["acme"], command()).await,
            "agency" => pad.register_executor(&login, &drafts, &["email"], &["globex"], command()).await,
            _ => pad.set_enabled(&login, false, command()).await,
        };
        assert!(narrowed.unwrap().is_applied(), "{what}");
        for (call, answer) in everything_about(&raw, &db, &job, conversation.id).await {
            let expected = match (call.as_str(), what) {
                ("extend_lease", _) => "lease_lost",
                ("release_job" | "why_blocked", _) => "not_found",
                ("select", _) => "0",
                (_, "switched off") => "CS004",
                _ => "not_found",
            };
            assert_eq!(answer, expected, "{what}: {call}");
        }
        assert_eq!(db.status(job.job_id).await, Status::Running, "{what}");
        let claim = exe.claim_jobs(&[JobKind::Draft], 5).await;
        assert!(claim.is_err() || claim.unwrap().is_empty(), "{what}");
        // What it held runs out, and somebody else gets it.
        db.advance("10 minutes").await;
        db.as_login("kim").await.sweep().await.unwrap();
        assert_eq!(db.status(job.job_id).await, Status::RetryWaiting, "{what}");
        db.execute("update queue.job_queue set status = 'cancelled', finished_at = queue.clock() where status = 'retry_waiting'")
            .await;
    }
    register_again(&db, "exe").await;
}

#[tokio::test]
async fn only_a_platform_admin_switches_a_program_off() {
    let db = database().await;
    for who in ["ada", "kim", "wad"] {
        let answer = db.as_login(who).await.set_enabled(&db.login("exe"), false, command()).await.unwrap();
        assert_eq!(answer.outcome, "not_authorised", "{who}");
    }
    let pad = db.as_login("pad").await;
    assert_eq!(pad.set_enabled(&db.login("ada"), false, command()).await.unwrap().outcome, "not_found");
    assert!(pad.set_enabled(&db.login("prod"), false, command()).await.unwrap().is_applied());
    let prod = db.as_login("prod").await;
    assert_eq!(prod.read_outbox(0, 1).await.unwrap_err().sqlstate(), Some("CS004"));
    assert!(pad.set_enabled(&db.login("prod"), true, command()).await.unwrap().is_applied());
    prod.read_outbox(0, 1).await.unwrap();
}

/// What the rows and the calls allow means nothing to a login that PostgreSQL lets around them.
#[tokio::test]
async fn a_login_with_rights_around_the_calls_is_not_registered() {
    let db = database().await;
    let pad = db.as_login("pad").await;
    let name = format!("{}_strong", db.login("eve"));
    db.admin().create_login(&name).await.unwrap();
    let powers = [
        (format!("alter role {name} superuser"), format!("alter role {name} nosuperuser")),
        (format!("alter role {name} bypassrls"), format!("alter role {name} nobypassrls")),
        (format!("alter role {name} replication"), format!("alter role {name} noreplication")),
        (format!("alter role {name} createrole"), format!("alter role {name} nocreaterole")),
        (format!("grant pg_read_all_data to {name}"), format!("revoke pg_read_all_data from {name}")),
        (format!("grant pg_monitor to {name}"), format!("revoke pg_monitor from {name}")),
        (format!("grant countersign_owner to {name}"), format!("revoke countersign_owner from {name}")),
        (format!("grant countersign_executor to {name}"), format!("revoke countersign_executor from {name}")),
    ];
    for (give, take) in powers {
        db.execute(&give).await;
        let refused = pad.register_staff(&name, Some("acme"), &[Role::Reviewer], command()).await;
        db.execute(&take).await;
        assert_eq!(refused.unwrap_err().sqlstate(), Some("CS004"), "{give}");
    }
    assert!(pad.register_staff(&name, Some("acme"), &[Role::Reviewer], command()).await.unwrap().is_applied());
    assert!(pad.revoke_login(&name, command()).await.unwrap().is_applied());
    assert!(db.admin().drop_login(&name).await.unwrap());
}
