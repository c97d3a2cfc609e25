//! Who owns what and who may do what, read from PostgreSQL's own catalogue.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::AssertSqlSafe;

use super::texts;
use crate::support::{Database, database};

const STAFF: &str = "countersign_staff";
const EXECUTOR: &str = "countersign_executor";
const PRODUCER: &str = "countersign_producer";
const MONITOR: &str = "countersign_monitor";

/// The decision about every object: who may do what with it. An object without a line fails the build.
const DECISIONS: &str = include_str!("rights.txt");

/// Every class of login, and a login that is registered as nothing.
const ROLES: [(&str, &str); 4] =
    [("staff", STAFF), ("executor", EXECUTOR), ("producer", PRODUCER), ("monitor", MONITOR)];

/// Every object × verb × role that PostgreSQL would allow, an object without any included: `object  role verb, role verb`.
const WALK: &str = "
    with object as (
        select 'schema ' || nspname as name, oid, 'schema' as kind from pg_namespace where nspname in ('queue', 'care')
        union all
        select case relkind when 'S' then 'sequence ' when 'v' then 'view ' else 'table ' end || oid::regclass, oid,
               case relkind when 'S' then 'sequence' else 'table' end
        from pg_class where relnamespace in ('queue'::regnamespace, 'care'::regnamespace) and relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        union all
        select 'function ' || oid::regproc, oid, 'function'
        from pg_proc where pronamespace in ('queue'::regnamespace, 'care'::regnamespace)
        union all
        select 'type ' || typ.oid::regtype, typ.oid, 'type'
        from pg_type as typ
        left join pg_class as rel on rel.oid = typ.typrelid
        where typ.typnamespace in ('queue'::regnamespace, 'care'::regnamespace)
          and (typ.typtype in ('e', 'd', 'r', 'm') or rel.relkind = 'c')
    ), verb as (
        select * from (values
            ('schema', array['usage', 'create']), ('sequence', array['usage', 'select', 'update']),
            ('table', array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']),
            ('function', array['execute']), ('type', array['usage'])) as listed (kind, verbs)
    )
    select object.name, role.name || ' ' || act.verb
    from object
    join verb using (kind)
    cross join unnest(verb.verbs) as act (verb)
    cross join unnest($1::text[], $2::text[]) as role (name, login)
    where case object.kind
        when 'schema' then has_schema_privilege(role.login, object.oid, act.verb)
        when 'sequence' then has_sequence_privilege(role.login, object.oid, act.verb)
        when 'function' then has_function_privilege(role.login, object.oid, act.verb)
        when 'type' then has_type_privilege(role.login, object.oid, act.verb)
        else has_table_privilege(role.login, object.oid, act.verb)
             or (act.verb in ('select', 'insert', 'update', 'references') and has_any_column_privilege(role.login, object.oid, act.verb))
    end
    union all
    select object.name, null from object";

/// Asks for what should be nowhere: the answer names each place where it is.
async fn nowhere(db: &Database, what: &str, statement: &str) {
    assert_eq!(texts(db.pool(), statement).await, Vec::<String>::new(), "{what}");
}

/// Each decided object and what is allowed on it, as `rights.txt` writes it down.
fn decided() -> BTreeMap<String, BTreeSet<String>> {
    let mut decided = BTreeMap::new();
    for line in DECISIONS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (object, rights) = line.split_once(':').unwrap_or_else(|| panic!("no colon in {line}"));
        let rights: BTreeSet<String> = rights
            .split(',')
            .map(str::trim)
            .filter(|right| !right.is_empty())
            .flat_map(|right| match right.strip_prefix("all ") {
                Some(verb) => ROLES.map(|(role, _)| format!("{role} {verb}")).to_vec(),
                None => vec![right.to_owned()],
            })
            .collect();
        assert!(decided.insert(object.trim().to_owned(), rights).is_none(), "two decisions about {object}");
    }
    decided
}

#[tokio::test]
async fn every_object_is_for_the_classes_of_login_that_were_decided() {
    let db = database().await;
    let nobody = db.login("nobody");
    let names: Vec<String> = ROLES.iter().map(|(name, _)| (*name).to_owned()).chain(["nobody".to_owned()]).collect();
    let logins: Vec<String> = ROLES.iter().map(|(_, login)| (*login).to_owned()).chain([nobody]).collect();
    let walked: Vec<(String, Option<String>)> =
        sqlx::query_as(WALK).bind(names).bind(logins).fetch_all(db.pool()).await.unwrap();
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (object, right) in walked {
        found.entry(object).or_default().extend(right);
    }
    // The clock that tests set forward is not there anywhere else.
    found.remove("table queue.test_clock");
    let decided = decided();
    let mut differences = Vec::new();
    for object in found.keys().chain(decided.keys()).collect::<BTreeSet<_>>() {
        match (decided.get(object), found.get(object)) {
            (None, Some(rights)) => differences.push(format!("{object}: nobody decided; {rights:?} is what holds")),
            (Some(_), None) => differences.push(format!("{object}: decided, but it is not there")),
            (Some(decided), Some(rights)) if decided != rights => {
                differences.push(format!("{object}: {decided:?} was decided, {rights:?} is what holds"));
            }
            _ => {}
        }
    }
    assert!(differences.is_empty(), "see tests/guards/rights.txt:\n{}", differences.join("\n"));
}

/// What somebody adds later is closed until a line of `0090_rights.sql` opens it.
#[tokio::test]
async fn what_comes_later_is_closed() {
    let db = database().await;
    let nobody = db.login("nobody");
    for schema in ["queue", "care"] {
        let mut hand = db.pool().begin().await.unwrap();
        let later = format!(
            "set local role countersign_owner;
             create table {schema}.later (word text, number bigint generated always as identity);
             create view {schema}.later_view as select 1 as one;
             create type {schema}.later_type as enum ('one');
             create function {schema}.later_function() returns int language sql as 'select 1';"
        );
        sqlx::raw_sql(AssertSqlSafe(later)).execute(&mut *hand).await.unwrap();
        for role in ROLES.map(|(_, login)| login).into_iter().chain([nobody.as_str()]) {
            let open: bool = sqlx::query_scalar(
                "select has_any_column_privilege($1, $2 || '.later', 'select, insert, update, references')
                     or has_table_privilege($1, $2 || '.later', 'delete, truncate, trigger')
                     or has_any_column_privilege($1, $2 || '.later_view', 'select, insert, update')
                     or has_sequence_privilege($1, $2 || '.later_number_seq', 'usage, select, update')
                     or has_type_privilege($1, $2 || '.later_type', 'usage')
                     or has_function_privilege($1, $2 || '.later_function()', 'execute')",
            )
            .bind(role)
            .bind(schema)
            .fetch_one(&mut *hand)
            .await
            .unwrap();
            assert!(!open, "{role} in {schema}");
        }
        hand.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn nothing_is_owned_run_or_reached_but_as_the_owner_means_it() {
    let db = database().await;
    nowhere(
        &db,
        "calls that run as their owner, without the search path that all of them share",
        "select proname::text from pg_proc
         where pronamespace in ('queue'::regnamespace, 'care'::regnamespace) and prosecdef
           and not coalesce('search_path=queue, care, pg_temp' = any (proconfig), false)",
    )
    .await;
    nowhere(
        &db,
        "what runs inside a call, and would have the plans of the call made again",
        "select proname::text from pg_proc
         where pronamespace in ('queue'::regnamespace, 'care'::regnamespace) and not prosecdef
           and array_to_string(proconfig, ' ') ~ 'search_path'",
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
        "count_births",
        "count_changes",
        "evidenced",
        "keep",
        "keep_all",
        "keep_answers",
        "keep_audit",
        "keep_conversations",
        "keep_decisions",
        "keep_events",
        "keep_messages",
        "keep_notes",
        "keep_trees",
        "machine",
        "machine_gate",
        "own_key",
        "pinned",
    ];
    assert_eq!(standing, known);
}
