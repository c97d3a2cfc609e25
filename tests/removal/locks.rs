//! Locks: taken away by rewriting the function without one, and missed by two sessions that act at once.
//!
//! The first session acts and leaves its transaction open; that is the barrier. The second acts until it is done or waits for
//! a lock; then the first commits.

use std::collections::BTreeMap;
use std::time::Instant;

use sqlx::{AssertSqlSafe, Connection, PgConnection, raw_sql};

use super::attack::{Block, blocks};
use super::scratch::Scratch;
use super::source;

/// Locks that no race of two finished calls can miss, by the beginning of their names, and why they stand all the same.
const UNRACED: [(&str, &str); 17] = [
    ("ask_a_person: for update", "the write waits too; it spares a second look"),
    ("await_change: lock table queue.change_watch in access share mode", "only tells how many there are"),
    ("claim_jobs: for share skip locked", "whoever changes the parent holds the conversation as well"),
    ("draw_bitmaps: for update skip locked", "what two draw is the same; it spares the work"),
    ("escalate_when_unsure:", "the caller holds the conversation and has just written the question"),
    ("fold: for update skip locked", "the rows wait too; it spares others the wait"),
    ("import_conversations: for key share", "the insert before it waits too; it closes the moment between"),
    ("open_conversation: for key share", "the insert before it waits too; it closes the moment between"),
    ("producers_conversation: for no key update", "numbering a message waits too; it keeps the order of locks"),
    ("reseal_messages:", "passes what is busy; the nonce tells what changed"),
    ("reseal_notes:", "passes what is busy; the nonce tells what changed"),
    ("review_undo: for update", "whoever claims the send holds the conversation"),
    ("start_job: for share", "whoever changes the parent holds the conversation as well"),
    ("sweep: for no key update of agency skip locked", "only lets one sweep in at a time"),
    ("sweep: for no key update skip locked", "only lets one sweep fill a tier at a time"),
    ("sweep_jobs:", "nobody but a sweep touches what has ended"),
    ("sweep_messages:", "nobody but a sweep touches what is over"),
];

const FUNCTIONS: &str = "
    select proname::text, prosrc, pg_get_functiondef(oid)
    from pg_proc
    where pronamespace in ('queue'::regnamespace, 'care'::regnamespace) and prokind = 'f'
    order by proname";

const CLEAR: &str = "
    update queue.hold set resumed_by = placed_by, resumed_at = queue.clock() where resumed_at is null;
    update queue.job_queue set status = 'cancelled', finished_at = queue.clock()
    where status in ('queued', 'retry_waiting', 'paused');";

struct Race {
    locks: Vec<String>,
    what: String,
    arranged: String,
    first: Block,
    between: Option<Block>,
    second: Block,
}

fn races() -> Vec<Race> {
    let mut races = Vec::new();
    let mut blocks = blocks("races.sql").into_iter().peekable();
    while let Some(head) = blocks.next() {
        let first = blocks.next().expect("a race has a first session");
        let between = blocks.next_if(|block| block.head == "between");
        let second = blocks.next().expect("a race has a second session");
        races.push(Race {
            locks: head.head.split(" + ").map(str::to_owned).collect(),
            what: head.what,
            arranged: head.sql,
            first,
            between,
            second,
        });
    }
    races
}

impl Race {
    /// What the second session came to, and what it should.
    async fn run(&self, scratch: &Scratch, number: usize) -> (String, String) {
        let own = |sql: &str| scratch.with_logins(&sql.replace("raced", &format!("raced{number}")));
        scratch.execute(CLEAR).await;
        scratch.execute(&own(&self.arranged)).await;
        let (mut first, mut second) = (scratch.session().await, scratch.session().await);
        let login = self.first.head.strip_prefix("first ").expect("the first session");
        let (who, expected) = self
            .second
            .head
            .strip_prefix("second ")
            .and_then(|head| head.split_once(": "))
            .expect("the second session");

        let mut transaction = first.begin().await.unwrap();
        let done = act(&mut transaction, &named(scratch, login), &own(&self.first.sql)).await;
        assert!(["applied", "claimed"].contains(&done.as_str()), "{}: the first session comes to {done}", self.what);
        if let Some(between) = &self.between {
            scratch.execute(&own(&between.sql)).await;
        }
        let pid: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut second).await.unwrap();
        let (login, statement) = (named(scratch, who.trim_end_matches(", to the end")), own(&self.second.sql));
        let acting = tokio::spawn(async move { act(&mut second, &login, &statement).await });
        while !acting.is_finished() && (who.ends_with(", to the end") || !waits(scratch, pid).await) {
            tokio::task::yield_now().await;
        }
        transaction.commit().await.unwrap();
        (acting.await.unwrap(), expected.to_owned())
    }
}

fn named(scratch: &Scratch, login: &str) -> String {
    if login == "owner" { login.to_owned() } else { scratch.login(login) }
}

async fn act(connection: &mut PgConnection, login: &str, statement: &str) -> String {
    let acted = sqlx::query_scalar("select world.act($1, $2)").bind(login).bind(statement).fetch_one(connection).await;
    match acted {
        Ok(answer) => answer,
        Err(error) => error.as_database_error().unwrap().code().unwrap().into_owned(),
    }
}

async fn waits(scratch: &Scratch, pid: i32) -> bool {
    let waiting = format!("select count(*)::text from pg_stat_activity where pid = {pid} and wait_event_type = 'Lock'");
    scratch.rows::<1>(&waiting).await == [["1"]]
}

#[tokio::test]
async fn every_lock_is_missed_by_two_sessions_when_it_is_gone() {
    let scratch = Scratch::new().await;
    let began = Instant::now();
    let functions: BTreeMap<String, [String; 2]> =
        scratch.rows(FUNCTIONS).await.into_iter().map(|[name, body, definition]| (name, [body, definition])).collect();
    let races = races();
    let raced: Vec<String> = races.iter().flat_map(|race| &race.locks).flat_map(|locks| each(locks)).collect();
    let locks: Vec<String> = functions
        .iter()
        .flat_map(|(name, [body, _])| {
            source::locks(body).into_iter().map(move |(clause, _)| format!("{name}: {clause}"))
        })
        .collect();
    let mut missing: Vec<&String> = locks.iter().filter(|lock| !raced.contains(lock)).collect();
    missing.retain(|lock| !UNRACED.iter().any(|(beginning, _)| lock.starts_with(beginning)));
    assert!(missing.is_empty(), "no race misses these; add one to tests/removal/races.sql:\n  {missing:#?}");
    let gone: Vec<&String> = raced.iter().filter(|lock| !locks.contains(lock)).collect();
    assert!(gone.is_empty(), "these are raced in tests/removal/races.sql and taken nowhere: {gone:#?}");
    for (beginning, why) in UNRACED {
        assert!(locks.iter().any(|lock| lock.starts_with(beginning)), "{beginning} ({why}) is taken nowhere");
    }

    let (mut number, mut lost) = (0, Vec::new());
    for race in &races {
        number += 1;
        let (result, expected) = race.run(&scratch, number).await;
        if result != expected {
            lost.push(format!("{}: with every lock in place {result}, not {expected}", race.what));
            continue;
        }
        for lock in &race.locks {
            let (function, clauses) = lock.split_once(": ").expect("a lock is `FUNCTION: CLAUSE`");
            let [body, with] = &functions[function];
            // The last clause first, so that the numbers of those before it stay what they are.
            let rest = clauses.split(" & ").collect::<Vec<_>>().into_iter().rev().fold(body.clone(), |rest, clause| {
                let found = source::locks(&rest).into_iter().find(|(name, _)| name == clause);
                found.expect("it was taken a moment ago").1
            });
            let without = with.replacen(body.as_str(), &rest, 1);
            number += 1;
            raw_sql(AssertSqlSafe(without)).execute(&mut scratch.session().await).await.unwrap();
            let (result, expected) = race.run(&scratch, number).await;
            raw_sql(AssertSqlSafe(with.clone())).execute(&mut scratch.session().await).await.unwrap();
            println!("  {lock} · {} · {expected} → {result}", race.what);
            if result == expected {
                lost.push(format!("{}: without {lock} still {expected}", race.what));
            }
        }
    }
    println!("{} locks, {} races, {:.1} s", locks.len(), number, began.elapsed().as_secs_f64());
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

/// `FUNCTION: CLAUSE & CLAUSE` as the locks that it takes away together.
fn each(locks: &str) -> Vec<String> {
    let (function, clauses) = locks.split_once(": ").expect("a lock is `FUNCTION: CLAUSE`");
    clauses.split(" & ").map(|clause| format!("{function}: {clause}")).collect()
}
