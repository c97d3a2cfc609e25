//! What the screens ask reads no whole table, however much there is, neither by itself nor within the functions that it calls.
//! The server's own counts say so, which see into functions where `explain` does not.

use std::collections::HashMap;

use sqlx::{AssertSqlSafe, PgPool};

use crate::store_sql::statements;
use crate::support::{Database, database};

/// The server's own count of how often a session read a table from end to end, and of the rows that it read.
const READ: &str = "
    select relname::text, seq_scan, seq_tup_read + idx_tup_fetch
    from pg_stat_xact_user_tables
    where relname in ('job_queue', 'dot_iu_command_run', 'review_decision', 'event_outbox', 'customer_message', 'job_bitmap')
    order by relname";

/// A batch of jobs and what the trail says of them, with a decision about every tenth. Guards and wall would only judge each
/// row once more and stand aside.
const GROW: &str = "
    alter table queue.job_queue disable trigger all;
    alter table queue.dot_iu_command_run disable trigger all;
    alter table queue.review_decision disable trigger all;
    create function public.grow(numbers bigint, statuses text[], by_login text) returns void language sql as $grow$
        with born as (
            insert into queue.job_queue
                (job_kind, status, agency, channel_kind, correlation_id, payload_ref, safe_payload, max_attempts, created_at, process_after,
                 deadline_at, finished_at, outcome_code, last_error_code)
            select (array['customer_message_inbound', 'customer_message_classify'])[1 + number % 2], status, 'acme', 'email',
                   conversation, 'message:' || conversation,
                   jsonb_build_object('language', case number when 5000 then 'fr' else 'de' end), 5, at, at + number % 7 * interval '1 minute',
                   at + interval '2 hours',
                   case when status in ('cancelled', 'dead_letter') then at end,
                   case status when 'cancelled' then 'cancelled' when 'dead_letter' then 'attempts_used_up' end,
                   case when status in ('retry_waiting', 'dead_letter') then 'timeout' end
            from generate_series(1, numbers) as number,
                 lateral (select now() - number * interval '1 second' as at, gen_random_uuid() as conversation,
                                 statuses[1 + number % cardinality(statuses)] as status) as past
            returning job_id, created_at
        ), told as (
            insert into queue.dot_iu_command_run (at, login, call, job_id, agency, outcome, from_status, to_status)
            select created_at, by_login, 'cancel_job', job_id, 'acme', 'applied', 'queued', 'cancelled' from born
        )
        insert into queue.review_decision
            (job_id, agency, decision, decided_by, decided_at, draft_id, draft_digest, newest_inbound_seq, lease_token)
        select job_id, 'acme', 'approve', by_login, created_at, gen_random_uuid(), sha256('draft'), 1, 1
        from born where job_id % 10 = 0
    $grow$";

/// 200,000 jobs that ended and 10,000 that are open. In batches, because tests that read events wait for every transaction on
/// the server that began before these.
async fn grown() -> Database {
    let db = database().await;
    db.execute(GROW).await;
    let grow = |statuses: &str, who: &str| format!("select public.grow(10000, '{{{statuses}}}', '{}')", db.login(who));
    for batch in 0..20 {
        db.execute(&grow("cancelled", if batch < 10 { "kim" } else { "sen" })).await;
    }
    db.execute("alter table queue.job_queue enable always trigger count_births").await;
    db.execute(&grow("queued,queued,queued,queued,queued,queued,queued,retry_waiting,paused,dead_letter", "sen")).await;
    db.execute("select queue.fold(20000)").await;
    // Which waits for every transaction on the server that was under way before.
    while db.value::<bool>("select drawn_to < (select max(job_id) from queue.job_queue) from queue.bitmap_turn").await {
        db.value::<i64>("select queue.draw_bitmaps(100000)").await;
    }
    for table in ["job_queue", "dot_iu_command_run", "review_decision", "tally", "job_change", "job_bitmap"] {
        db.execute(&format!("alter table queue.{table} enable trigger all")).await;
        db.execute(&format!("analyze queue.{table}")).await;
    }
    db
}

/// What a statement of ours reads under these arguments.
async fn read(session: &PgPool, name: &str, arguments: &str) -> (Vec<String>, i64) {
    let texts: HashMap<_, _> = statements().into_iter().collect();
    let mut asks = session.begin().await.unwrap();
    let execute = format!("prepare asked as {}; execute asked{arguments}; deallocate asked", texts[name]);
    let before: Vec<(String, i64, i64)> = sqlx::query_as(READ).fetch_all(&mut *asks).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(execute)).execute(&mut *asks).await.unwrap();
    let after: Vec<(String, i64, i64)> = sqlx::query_as(READ).fetch_all(&mut *asks).await.unwrap();
    let (mut whole, mut rows) = (Vec::new(), 0);
    for ((_, scans_before, rows_before), (table, scans, rows_after)) in before.into_iter().zip(after) {
        rows += rows_after - rows_before;
        if scans > scans_before {
            whole.push(table);
        }
    }
    (whole, rows)
}

/// Arguments of the list of jobs: the filter in the places that are named, on 50 rows.
fn jobs(filter: &[(usize, &str)]) -> String {
    let mut arguments = ["null"; 20];
    arguments[16] = "false";
    for (place, value) in filter {
        arguments[place - 1] = value;
    }
    format!("({}, 50)", arguments.join(", "))
}

/// The same of what says among which jobs they are.
fn like(filter: &[(usize, &str)]) -> String {
    let mut arguments = ["null"; 8];
    for (place, value) in filter {
        arguments[place - 1] = value;
    }
    format!("({}, 50)", arguments.join(", "))
}

/// Everything that is open.
const OPEN: &str = "'{queued,leased,running,retry_waiting,paused,dead_letter}'";

/// The same of what says which are in these states.
fn within(states: &str, filter: &[(usize, &str)]) -> String {
    let mut arguments = ["null"; 11];
    arguments[0] = states;
    for (place, value) in filter {
        arguments[place - 1] = value;
    }
    format!("({}, 50)", arguments.join(", "))
}

#[tokio::test]
async fn what_the_screens_ask_reads_little_of_much() {
    let db = grown().await;
    let session = db.raw("ada").await;
    let conversation = format!("'{}'", db.conversation().await.id);
    let nobody = "'nobody'";
    // Below it everything has ended.
    let middle = "100000";
    let cases = [
        // The counts read the minutes that a moment splits, and of each lane the first.
        ("overview", "(null, '{}')".to_owned(), 2_000),
        ("load", String::new(), 1_200),
        ("flows", "(31, 1)".to_owned(), 0),
        ("waiting", "(200, null, null)".to_owned(), 0),
        ("decided_lately", String::new(), 10),
        ("dead_letter_grid", String::new(), 1_000),
        ("dead_letters", "(null, null, null, 50)".to_owned(), 200),
        ("dead_letters", "('timeout', 'customer_message_inbound', 'email', 50)".to_owned(), 1_000),
        ("activity", "(0, null, null, null, null, false, 50)".to_owned(), 100),
        // Who did nothing lately, whatever others did since.
        ("activity", format!("(0, null, '{}', null, null, false, 50)", db.login("kim")), 60),
        ("activity", "(0, null, null, null, null, true, 50)".to_owned(), 10),
        ("job_history", "(7)".to_owned(), 10),
        ("job", "(7)".to_owned(), 2),
        ("hold_forecast", "('customer_message_send', 'sms', null)".to_owned(), 0),
        ("trial", "(1)".to_owned(), 0),
        ("jobs", jobs(&[]), 50),
        ("jobs", jobs(&[(1, "100000")]), 50),
        ("jobs", jobs(&[(2, "7")]), 1),
        ("jobs", jobs(&[(20, "'{7,8,9}'")]), 3),
        ("jobs_in", within("'{queued}'", &[]), 250),
        ("jobs_in", within("'{queued}'", &[(11, middle)]), 1),
        ("jobs_in", within("'{queued}'", &[(2, "'{customer_message_send}'")]), 1),
        ("jobs_in", within("'{queued}'", &[(2, "'{customer_message_classify}'"), (11, middle)]), 1),
        ("jobs_in", within("'{dead_letter}'", &[]), 100),
        ("jobs_in", within("'{dead_letter}'", &[(11, middle)]), 1),
        ("jobs_in", within("'{failed}'", &[]), 1),
        ("jobs_in", within("'{cancelled}'", &[]), 250),
        ("jobs_in", within("'{cancelled}'", &[(2, "'{customer_message_classify}'"), (11, middle)]), 150),
        ("jobs_in", within("'{cancelled}'", &[(4, "'de'"), (11, middle)]), 250),
        ("jobs_in", within(OPEN, &[]), 250),
        ("jobs_in", within(OPEN, &[(11, middle)]), 1),
        ("jobs_in", within(OPEN, &[(2, "'{customer_message_send}'")]), 1),
        ("jobs_in", within(OPEN, &[(9, "now()")]), 250),
        ("jobs_in", within(OPEN, &[(9, "now()"), (11, middle)]), 1),
        ("jobs_in", within(OPEN, &[(9, "now() - interval '3 hours'")]), 400),
        ("jobs_in", within(OPEN, &[(10, "now() + interval '20 hours'")]), 400),
        ("jobs_in", within("'{leased,running}'", &[]), 1),
        ("jobs_like", like(&[(3, "'fr'")]), 30),
        ("jobs_like", like(&[(3, "'fr'"), (8, "100000")]), 30),
        ("jobs_like", like(&[(3, "'xx'")]), 2),
        ("jobs_like", like(&[(3, "'de'")]), 10),
        ("jobs_like", like(&[(3, "'de'"), (1, "'{customer_message_classify}'"), (2, "'email'")]), 20),
        ("jobs_like", like(&[(3, "'de'"), (1, "'{customer_message_send}'"), (2, "'email'")]), 60),
        ("jobs_like", like(&[(5, "'team_lead'")]), 2),
        ("jobs_like", like(&[(6, "0.4")]), 2),
        ("jobs", jobs(&[(12, nobody)]), 0),
        ("jobs", jobs(&[(13, nobody)]), 0),
        ("jobs", jobs(&[(13, "'timeout'")]), 50),
        ("jobs", jobs(&[(14, &conversation)]), 0),
        ("jobs", jobs(&[(17, "true")]), 0),
        ("jobs", jobs(&[(18, "'me'")]), 0),
        ("jobs", jobs(&[(19, nobody)]), 0),
    ];
    let mut faults = Vec::new();
    for (name, arguments, at_most) in cases {
        let (whole, rows) = read(&session, name, &arguments).await;
        if !whole.is_empty() || rows > at_most {
            faults.push(format!("{name}{arguments}: {rows} rows are read, of {at_most} allowed, all of {whole:?}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
