//! Triggers: each event of each one, and that it fires in every session.

use super::attack::{Attack, attacks};
use super::ledger::{Guard, Known, Ledger};
use super::scratch::Scratch;
use super::wall;

const TRIGGERS: &str = "
    select tgrelid::regclass::text, quote_ident(tgname), proname::text, pg_get_triggerdef(pg_trigger.oid), tgenabled::text
    from pg_trigger
    join pg_class on pg_class.oid = tgrelid
    join pg_proc on pg_proc.oid = tgfoid
    where relnamespace in ('queue'::regnamespace, 'care'::regnamespace) and not tgisinternal
    order by 1, 2";

#[tokio::test]
async fn every_trigger_is_missed_when_it_is_gone() {
    let scratch = Scratch::new().await;
    let mut ledger = Ledger::open(&scratch, "triggers");
    let mut hands = ledger.all_repelled(attacks("hands.sql")).await;
    hands.extend(ledger.repelled(wall::attacks(&scratch).await).await);
    for [table, name, function, definition, enabled] in scratch.rows(TRIGGERS).await {
        assert_eq!(enabled, "A", "{name} on {table} stands aside where replication says so");
        let concerned: Vec<&Attack> = through(&hands, &function);
        let (before, events, behind) = parts(&definition);
        for gone in &events {
            let left: Vec<&str> = events.iter().filter(|event| *event != gone).copied().collect();
            let mut removal = format!("drop trigger {name} on {table};");
            if !left.is_empty() {
                removal +=
                    &format!("{before}{}{behind}; alter table {table} enable always trigger {name}", left.join(" OR "));
            }
            let event = gone.split(' ').next().unwrap_or(gone).to_lowercase();
            ledger.remove(&Guard { name: format!("{table} {name} on {event}"), removal }, concerned.clone()).await;
        }
        let in_replica = ledger.repelled(concerned.into_iter().map(where_triggers_stand_aside).collect()).await;
        let removal = format!("alter table {table} enable trigger {name}");
        ledger
            .remove(
                &Guard { name: format!("{table} {name} in every session"), removal },
                in_replica.iter().map(|known| &known.attack),
            )
            .await;
    }
    ledger.close("In tests/removal/hands.sql add `-- owner: SQLSTATE · what`, and below it what the trigger stops.");
}

fn through<'a>(all: &'a [Known], function: &str) -> Vec<&'a Attack> {
    all.iter().filter(|known| known.touched.contains(function)).map(|known| &known.attack).collect()
}

/// `CREATE TRIGGER … BEFORE `, the events, ` ON …`.
fn parts(definition: &str) -> (&str, Vec<&str>, &str) {
    let begins = definition.find("BEFORE ").map(|at| at + 7).or_else(|| definition.find("AFTER ").map(|at| at + 6));
    let begins = begins.expect("a trigger fires before or after");
    let ends = begins + definition[begins..].find(" ON ").expect("a trigger is on a table");
    (&definition[..begins], definition[begins..ends].split(" OR ").collect(), &definition[ends..])
}

/// The same attack in a session that applies what was replicated, where ordinary triggers do not fire.
fn where_triggers_stand_aside(attack: &Attack) -> Attack {
    let separator = if attack.preparation.is_empty() { "" } else { ";\n" };
    Attack {
        what: format!("{}, in a session of replication", attack.what),
        preparation: format!("{}{separator}set local session_replication_role = replica", attack.preparation),
        ..attack.clone()
    }
}
