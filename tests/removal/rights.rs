//! Rights: what each class of login, and a login of none, was not given; the policies that choose its rows; the settings
//! that no caller may bring along.

use super::attack::{Attack, attacks};
use super::ledger::{Guard, Ledger};
use super::scratch::Scratch;

/// A class of logins and one of them.
const CLASSES: &str = "
    (values ('countersign_staff', 'ada'), ('countersign_executor', 'exe'), ('countersign_producer', 'prod'),
            ('countersign_monitor', 'mon'), ('public', 'nobody')) as class (role, login)";

/// Every verb on every table and view that a class has no right to.
const ON_TABLES: &str = "
    select format('%s %s %s', role, verb, pg_class.oid::regclass), login,
           format('grant %s on %s to %s', verb, pg_class.oid::regclass, role),
           format('grant usage on schema queue, care to %s', role),
           case verb
               when 'select' then format('select count(*) from %s where false', pg_class.oid::regclass)
               when 'insert' then format('insert into %s default values', pg_class.oid::regclass)
               when 'update' then format('update %s set %I = default where false', pg_class.oid::regclass,
                   coalesce((select attname from pg_attribute where attrelid = pg_class.oid and attnum > 0 and attidentity = ''
                              order by attnum limit 1), 'x'))
               when 'delete' then format('delete from %s where false', pg_class.oid::regclass)
               else format('truncate %s', pg_class.oid::regclass)
           end,
           format('%s %s', case relkind when 'v' then 'view' else 'table' end, relname)
    from pg_class
    cross join unnest(array['select', 'insert', 'update', 'delete', 'truncate']) as verb
    cross join $classes
    where relnamespace in ('queue'::regnamespace, 'care'::regnamespace) and relkind in ('r', 'p', 'v', 'm')
      and relname <> 'test_clock'
      and not (verb = 'update' and not exists (select from pg_attribute where attrelid = pg_class.oid and attnum > 0))
      and not (verb <> 'select' and relkind = 'v')
      and not has_table_privilege(role, pg_class.oid, verb)
    order by 1";

/// Every function that a class may not execute.
const ON_FUNCTIONS: &str = "
    select format('%s execute %s', role, proc.oid::regprocedure), login,
           format('grant execute on function %s to %s', proc.oid::regprocedure, role),
           format('grant usage on schema queue, care to %s', role),
           format('select %s(%s)', proc.oid::regproc, (
               select string_agg(case when provariadic <> 0 and place = pronargs then 'variadic ' else '' end
                                 || format('null::%s', type::oid::regtype), ', ' order by place)
               from unnest(proargtypes) with ordinality as arguments (type, place))),
           format('function %s', proname)
    from pg_proc as proc
    cross join $classes
    where pronamespace in ('queue'::regnamespace, 'care'::regnamespace)
      and not has_function_privilege(role, proc.oid, 'execute')
    order by 1";

/// The schemas that a class may not enter or build in.
const ON_SCHEMAS: &str = "
    select format('%s usage %s', role, nspname), login, format('grant usage on schema %I to %s', nspname, role),
           format('grant select on all tables in schema %I to %s', nspname, role),
           format('select count(*) from %s where false', (select min(oid::regclass::text) from pg_class
                                                          where relnamespace = space.oid and relkind = 'r')),
           format('schema %s', nspname)
    from pg_namespace as space
    cross join $classes
    where nspname in ('queue', 'care') and not has_schema_privilege(role, space.oid, 'usage')
    union all
    select format('%s create %s', role, nspname), login, format('grant create on schema %I to %s', nspname, role),
           format('grant usage on schema %I to %s', nspname, role), format('create table %I.mine ()', nspname),
           format('schema %s', nspname)
    from pg_namespace as space
    cross join $classes
    where nspname in ('queue', 'care') and not has_schema_privilege(role, space.oid, 'create')
    order by 1";

/// Row-level policies, and that they are looked at at all.
const POLICIES: &str = "
    select format('policy %s on %s', polname, polrelid::regclass), polrelid::regclass::text,
           format('alter policy %I on %s using (true)', polname, polrelid::regclass)
    from pg_policy
    union all
    select format('row security of %s', oid::regclass), oid::regclass::text,
           format('alter table %s disable row level security', oid::regclass)
    from pg_class
    where relnamespace in ('queue'::regnamespace, 'care'::regnamespace) and relrowsecurity
    order by 2, 1";

/// Names that calls look up by themselves, and what comes later being closed.
const SETTINGS: &str = "
    select format('search path of %s', oid::regprocedure), format('alter function %s reset search_path', oid::regprocedure)
    from pg_proc
    where pronamespace in ('queue'::regnamespace, 'care'::regnamespace) and prosecdef
    union all
    select format('later %s closed to public', kind),
           format('alter default privileges for role countersign_owner grant %s on %s to public', verb, kind)
    from (values ('functions', 'execute', 'f'), ('types', 'usage', 'T')) as later (kind, verb, letter)
    where exists (select from pg_default_acl where defaclobjtype = letter::\"char\" and defaclrole = 'countersign_owner'::regrole)
    order by 1";

#[tokio::test]
async fn every_right_that_nobody_was_given_is_missed_when_it_is_given() {
    let scratch = Scratch::new().await;
    let mut ledger = Ledger::open(&scratch, "absent rights");
    for statement in [ON_TABLES, ON_FUNCTIONS, ON_SCHEMAS] {
        let absent = scratch.rows(&statement.replace("$classes", CLASSES)).await;
        let pairs: Vec<(Guard, Attack)> = absent.into_iter().map(absent_right).collect();
        let attacks: Vec<Attack> = pairs.iter().map(|(_, attack)| attack.clone()).collect();
        ledger.all_repelled(attacks).await;
        ledger.remove_each(&pairs).await;
    }
    ledger.close("Each right is tried by itself, so this cannot be: look at tests/removal/rights.rs.");
}

fn absent_right([name, login, removal, preparation, statement, on]: [String; 6]) -> (Guard, Attack) {
    let attack = Attack {
        what: statement.clone(),
        login,
        is_repeatable_read: false,
        meant_for: Vec::new(),
        expected: format!("42501 {on}"),
        preparation,
        statement,
    };
    (Guard { name, removal }, attack)
}

#[tokio::test]
async fn every_policy_and_every_closed_setting_is_missed_when_it_is_gone() {
    let scratch = Scratch::new().await;
    let mut ledger = Ledger::open(&scratch, "policies and settings");
    let sights: Vec<Attack> =
        ledger.all_repelled(attacks("sights.sql")).await.into_iter().map(|known| known.attack).collect();
    for [name, table, removal] in scratch.rows(POLICIES).await {
        let concerned = sights.iter().filter(|attack| attack.statement.contains(&table));
        ledger.remove(&Guard { name, removal }, concerned).await;
    }
    for [name, removal] in scratch.rows(SETTINGS).await {
        let concerned = sights.iter().filter(|attack| !attack.statement.contains(" from queue."));
        ledger.remove(&Guard { name, removal }, concerned).await;
    }
    ledger.close("In tests/removal/sights.sql add `-- LOGIN: EXPECTED · what`, and below it a query of what the login must not see.");
}
