//! The rules of single rows and of their keys: NOT NULL, CHECK, UNIQUE, FOREIGN KEY.
//!
//! Each is shown to hold by itself: for the owner, and with the table's triggers switched off. Not counted are the NOT NULL of
//! a primary key, which cannot be taken away alone, and a unique key that contains another one, which is there only for a
//! foreign key to point to.

use super::attack::Attack;
use super::ledger::{Guard, Ledger};
use super::rows::{Sample, samples};
use super::scratch::Scratch;

const RULES: &str = "
    select conrelid::regclass::text, conname::text, contype::text,
           (select jsonb_agg(attname order by attnum)::text from pg_attribute where attrelid = conrelid and attnum = any (conkey)),
           format('alter table %s drop constraint %I cascade', conrelid::regclass, conname)
    from pg_constraint as rule
    where connamespace in ('queue'::regnamespace, 'care'::regnamespace) and contype in ('c', 'f', 'p', 'u', 'x')
      and not (contype = 'u' and exists (select from pg_constraint as shorter
                                         where shorter.conrelid = rule.conrelid and shorter.contype in ('p', 'u')
                                           and shorter.conkey <@ rule.conkey and shorter.conkey <> rule.conkey))
      and conrelid <> 0
    union all
    select indrelid::regclass::text, relname::text, 'u',
           (select jsonb_agg(attname order by attnum)::text from pg_attribute where attrelid = indrelid and attnum = any (indkey)),
           format('drop index %s', indexrelid::regclass)
    from pg_index
    join pg_class on pg_class.oid = indexrelid
    where indisunique and relnamespace in ('queue'::regnamespace, 'care'::regnamespace)
      and not exists (select from pg_constraint where conindid = indexrelid and contype in ('p', 'u', 'x'))
    union all
    select attrelid::regclass::text, attname::text, 'n', jsonb_build_array(attname)::text,
           format('alter table %s alter %I drop not null', attrelid::regclass, attname)
    from pg_attribute
    join pg_class on pg_class.oid = attrelid and relkind = 'r'
    where attnotnull and attnum > 0 and not attisdropped and attidentity = ''
      and relnamespace in ('queue'::regnamespace, 'care'::regnamespace)
      and attrelid <> 'queue.test_clock'::regclass
      and not exists (select from pg_constraint where conrelid = attrelid and contype = 'p' and attnum = any (conkey))
    order by 1, 3, 2";

#[tokio::test]
async fn every_rule_of_a_row_is_missed_when_it_is_gone() {
    let scratch = Scratch::new().await;
    let mut ledger = Ledger::open(&scratch, "rules of rows and keys");
    let samples = samples();
    let good: Vec<Attack> = samples.iter().map(Sample::as_it_stands).collect();
    ledger.all_repelled(good).await;
    for [table, name, kind, columns, removal] in scratch.rows(RULES).await {
        let what = match kind.as_str() {
            "c" => "check",
            "f" => "foreign key",
            "n" => "not null",
            _ => "unique",
        };
        let guard = Guard { name: format!("{what} {table} {name}"), removal };
        let concerned = samples.iter().filter(|sample| sample.table == table);
        // A partial index does not judge every row of its table.
        let attacks =
            ledger.repelled(concerned.flat_map(|sample| sample.against(&name, &kind, &columns)).collect()).await;
        ledger.remove(&guard, attacks.iter().map(|known| &known.attack)).await;
    }
    ledger.close(
        "In tests/removal/rows.sql, below a row of its table, add `-- RULE · what` and a change that it refuses.",
    );
}
