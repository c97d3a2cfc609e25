//! Who owns what and who may do what, read from PostgreSQL's own catalogue.

use std::collections::BTreeMap;

use super::texts;
use crate::support::{Database, database};

const STAFF: &str = "countersign_staff";
const EXECUTOR: &str = "countersign_executor";
const PRODUCER: &str = "countersign_producer";
const MONITOR: &str = "countersign_monitor";
const EVERYONE: [&str; 4] = [STAFF, EXECUTOR, PRODUCER, MONITOR];

/// The contract's table of calls. A function that is not here is nobody's.
const CALLS: [(&str, &[&str]); 57] = [
    ("cancel_job", &[STAFF]),
    ("claim_jobs", &[EXECUTOR]),
    ("claim_review", &[STAFF]),
    ("clock", &EVERYONE),
    ("command_fate", &[STAFF, EXECUTOR, PRODUCER]),
    ("complete_job", &[EXECUTOR]),
    ("confirm_sent", &[STAFF]),
    ("conversations_of", &[STAFF]),
    ("dead_letter_discard", &[STAFF]),
    ("dead_letter_retry", &[STAFF]),
    ("erase_customer", &[STAFF]),
    ("extend_lease", &[STAFF, EXECUTOR]),
    ("fail_job", &[EXECUTOR]),
    ("force_release", &[STAFF]),
    ("hold", &[STAFF]),
    ("may_see", &[STAFF]),
    ("open_body", &[STAFF, EXECUTOR]),
    ("open_conversation", &[PRODUCER]),
    ("pane_state", &[STAFF]),
    ("put_draft", &[EXECUTOR]),
    ("queue_health", &[STAFF, MONITOR]),
    ("ratify_event_type", &[STAFF]),
    ("read_outbox", &[STAFF, EXECUTOR, PRODUCER]),
    ("register_agency", &[STAFF]),
    ("register_code", &[STAFF]),
    ("register_executor", &[STAFF]),
    ("register_key", &[STAFF]),
    ("register_monitor", &[STAFF]),
    ("register_producer", &[STAFF]),
    ("register_staff", &[STAFF]),
    ("release_job", &[STAFF, EXECUTOR]),
    ("resume", &[STAFF]),
    ("retention_sweep", &[STAFF]),
    ("retry_now", &[STAFF]),
    ("review_approve", &[STAFF]),
    ("review_escalate", &[STAFF]),
    ("review_reject", &[STAFF]),
    ("review_revise", &[STAFF]),
    ("review_undo", &[STAFF]),
    ("revoke_login", &[STAFF]),
    ("revoke_sign_off", &[STAFF]),
    ("schedule_followup", &[PRODUCER]),
    ("second_looks", &[STAFF]),
    ("set_agency_config", &[STAFF]),
    ("set_config", &[STAFF]),
    ("sign_off_customer", &[STAFF]),
    ("sign_offs", &[STAFF]),
    ("skip_review", &[STAFF]),
    ("sla_pressure", &[STAFF, MONITOR]),
    ("start_job", &[EXECUTOR]),
    ("store_history", &[PRODUCER]),
    ("store_inbound", &[PRODUCER]),
    ("submit_draft", &[PRODUCER]),
    ("sweep", &[STAFF, EXECUTOR]),
    ("switch_settled", &[STAFF]),
    ("take_escalation", &[STAFF]),
    ("trace", &[STAFF]),
];
/// Read by every registered login, and by those of the views.
const READS: [(&str, &[&str]); 3] =
    [("visible_agencies", &[STAFF, MONITOR]), ("whoami", &EVERYONE), ("why_blocked", &[STAFF, EXECUTOR])];

/// Asks for what should be nowhere: the answer names each place where it is.
async fn nowhere(db: &Database, what: &str, statement: &str) {
    assert_eq!(texts(db.pool(), statement).await, Vec::<String>::new(), "{what}");
}

#[tokio::test]
async fn each_call_is_for_the_classes_of_login_that_the_contract_names() {
    let db = database().await;
    let expected: BTreeMap<&str, Vec<&str>> =
        CALLS.iter().chain(&READS).map(|(call, roles)| (*call, roles.to_vec())).collect();
    let nobody = db.login("nobody");
    let executable: Vec<(String, Vec<String>)> = sqlx::query_as(
        "select proc.proname, array(select role from unnest($1 || array[$2]) with ordinality as asked (role, place)
                                    where has_function_privilege(role, proc.oid, 'execute') order by place)
         from pg_proc as proc
         where proc.pronamespace in ('queue'::regnamespace, 'care'::regnamespace)",
    )
    .bind(EVERYONE.map(str::to_owned).to_vec())
    .bind(&nobody)
    .fetch_all(db.pool())
    .await
    .unwrap();
    let found: BTreeMap<&str, Vec<&str>> = executable
        .iter()
        .filter(|(_, roles)| !roles.is_empty())
        .map(|(call, roles)| (call.as_str(), roles.iter().map(String::as_str).collect()))
        .collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn nothing_is_owned_run_or_reached_but_as_the_owner_means_it() {
    let db = database().await;
    nowhere(
        &db,
        "calls that run as their owner, without a search path of their own",
        "select proname::text from pg_proc
         where pronamespace in ('queue'::regnamespace, 'care'::regnamespace) and prosecdef
           and not coalesce(proconfig && array['search_path=queue, pg_temp', 'search_path=queue, care, pg_temp'], false)",
    )
    .await;
    nowhere(
        &db,
        "calls that do not run as their owner",
        "select proc.proname::text from pg_proc as proc
         cross join unnest(array['countersign_staff', 'countersign_executor', 'countersign_producer', 'countersign_monitor'])
             as class (role)
         where proc.pronamespace = 'queue'::regnamespace and not proc.prosecdef and proc.proname <> 'clock'
           and has_function_privilege(class.role, proc.oid, 'execute')",
    )
    .await;
    nowhere(
        &db,
        "of another owner",
        "select proc.proname::text from pg_proc as proc
         where proc.pronamespace in ('queue'::regnamespace, 'care'::regnamespace)
           and proc.proowner <> 'countersign_owner'::regrole
         union all
         select rel.relname::text from pg_class as rel
         where rel.relnamespace in ('queue'::regnamespace, 'care'::regnamespace)
           and rel.relowner <> 'countersign_owner'::regrole",
    )
    .await;
    nowhere(
        &db,
        "roles of ours that can log in, or more",
        "select rolname::text from pg_roles
         where rolname like 'countersign\\_%' and (rolcanlogin or rolsuper or rolcreaterole or rolcreatedb or rolbypassrls)",
    )
    .await;
    nowhere(
        &db,
        "registered logins that are members of the owner",
        "select login from queue.login where pg_has_role(login, 'countersign_owner', 'member')",
    )
    .await;
}

#[tokio::test]
async fn no_class_of_login_writes_a_table_or_sees_a_customers_word() {
    let db = database().await;
    let classes = format!(
        "unnest(array['countersign_staff', 'countersign_executor', 'countersign_producer', 'countersign_monitor', '{}'])
             as class (role)",
        db.login("nobody")
    );
    nowhere(
        &db,
        "writable",
        &format!(
            "select class.role || ' ' || rel.oid::regclass || ' ' || act
             from pg_class as rel cross join {classes}
             cross join unnest(array['insert', 'update', 'delete', 'truncate', 'references', 'trigger']) as act
             where rel.relnamespace in ('queue'::regnamespace, 'care'::regnamespace) and rel.relkind in ('r', 'v', 'm', 'p')
               and (has_table_privilege(class.role, rel.oid, act)
                    or (act in ('insert', 'update', 'references') and has_any_column_privilege(class.role, rel.oid, act)))"
        ),
    )
    .await;
    nowhere(
        &db,
        "readable in care",
        &format!(
            "select class.role || ' ' || rel.oid::regclass from pg_class as rel cross join {classes}
             where rel.relnamespace = 'care'::regnamespace and rel.relkind in ('r', 'v', 'm', 'p')
               and has_any_column_privilege(class.role, rel.oid, 'select')"
        ),
    )
    .await;
    nowhere(
        &db,
        "sequences and schemas",
        &format!(
            "select class.role || ' ' || rel.oid::regclass from pg_class as rel cross join {classes}
             where rel.relnamespace in ('queue'::regnamespace, 'care'::regnamespace) and rel.relkind = 'S'
               and has_sequence_privilege(class.role, rel.oid, 'usage, select, update')
             union all
             select class.role || ' care' from {classes} where has_schema_privilege(class.role, 'care', 'usage, create')
             union all
             select class.role || ' queue' from {classes} where has_schema_privilege(class.role, 'queue', 'create')"
        ),
    )
    .await;
}

/// I15: what names an agency is filtered by the login wherever staff can select it.
#[tokio::test]
async fn every_table_that_names_an_agency_and_can_be_read_is_filtered_by_row() {
    let db = database().await;
    nowhere(
        &db,
        "unfiltered",
        "select rel.relname::text from pg_class as rel
         where rel.relnamespace = 'queue'::regnamespace and rel.relkind = 'r' and not rel.relrowsecurity
           and (has_table_privilege('countersign_staff', rel.oid, 'select')
                or has_table_privilege('countersign_executor', rel.oid, 'select'))
           and exists (select from pg_attribute as col
                       where col.attrelid = rel.oid and col.attname in ('agency', 'agencies', 'job_id', 'login', 'target_ref'))",
    )
    .await;
    nowhere(
        &db,
        "filters by anything that a client can set",
        "select policyname::text from pg_policies where schemaname = 'queue' and (qual like '%current_setting%' or qual like '%current_user%')",
    )
    .await;
}

#[tokio::test]
async fn every_guard_stands_also_where_replication_switched_triggers_off() {
    let db = database().await;
    nowhere(
        &db,
        "guards that can sleep",
        "select tgname || ' on ' || tgrelid::regclass from pg_trigger
         join pg_class on pg_class.oid = tgrelid
         where relnamespace in ('queue'::regnamespace, 'care'::regnamespace) and not tgisinternal and tgenabled <> 'A'",
    )
    .await;
    let standing =
        texts(db.pool(), "select distinct tgname::text from pg_trigger where not tgisinternal order by 1").await;
    let known = [
        "code_wall",
        "evidenced",
        "keep",
        "keep_all",
        "keep_answers",
        "keep_audit",
        "keep_conversations",
        "keep_decisions",
        "keep_events",
        "keep_messages",
        "keep_trees",
        "machine",
        "machine_gate",
        "pinned",
    ];
    assert_eq!(standing, known);
}
