//! The counts are what a full count finds, at any moment, whoever writes meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use countersign::domain::JobKind;
use serde_json::Value;
use sqlx::AssertSqlSafe;

use crate::calls::approved;
use crate::support::{Database, Figure, command, database, scaled};

/// Counts that differ from a full count at the same moment: every status, ready and scheduled apart by minute, and every
/// minute in which something open is due, as far as minutes are told apart.
pub(crate) const DIFFERENCES: &str = "
    with time as materialized (select queue.clock() as right_now),
    open as (
        select queue.lane(agency, job_kind, channel_kind) as lane, queue.open_status(status) as status, process_after, deadline_at
        from queue.job_queue
        where status not in ('succeeded', 'failed', 'cancelled')
    ), part as (
        select what, minute, lane, jobs from queue.tally_now
        where what in ('queued', 'leased', 'running', 'retry_waiting', 'paused', 'dead_letter', 'due')
        union all
        select status, case status when 'queued' then queue.minute_of(process_after) else '-infinity' end, lane, -1 from open
        union all
        select 'due'::queue.counted, coalesce(queue.minute_of(deadline_at), 'infinity'), lane, -1 from open
    ), differing as (
        select from part, time
        group by what, queue.kept_minute(what, minute, right_now), lane
        having sum(jobs) <> 0
    )
    select count(*) from differing";

/// Both views and what waits to be sent by each channel, by a full count as of `queue.clock()`.
const FULL_COUNT: &str = include_str!("support/full_count.sql");

const COUNTS: &str = "
    select jsonb_build_array(
        (select jsonb_agg(to_jsonb(health) order by agency, job_kind) from queue.v_queue_health as health),
        (select jsonb_agg(to_jsonb(pressure) order by agency, job_kind) from queue.v_customer_sla_pressure as pressure),
        (select jsonb_agg(to_jsonb(send) order by agency, channel_kind)
         from (select agency, channel_kind, ready, retry_waiting, under_way, held, oldest_at from queue.channel_health()) as send))";

/// A clock that stands still for who looks, and runs for all others.
const CLOCK: &str = "
    create or replace function queue.clock() returns timestamptz
    language sql volatile security definer set search_path = queue, care, pg_temp as $$
        select coalesce(nullif(current_setting('test.now', true), '')::timestamptz, clock_timestamp() + ahead)
        from queue.test_clock
    $$";

/// Stops the clock at a moment at which a count changes, just before or after it, or anywhere within the hours around.
const STOP: &str = "
    select set_config('test.now', moment::text, true)
    from (select deadline_at - ahead + nearly as moment
          from queue.job_queue, unnest(array['0', '5 minutes', '15 minutes', '1 hour']::interval[]) as ahead,
               unnest(array['0', '1 microsecond', '-1 microsecond']::interval[]) as nearly
          where status not in ('succeeded', 'failed', 'cancelled') and deadline_at is not null
          union all
          select process_after + nearly
          from queue.job_queue, unnest(array['0', '1 microsecond', '-1 microsecond']::interval[]) as nearly
          where status = 'queued'
          union all
          select queue.clock() + number * interval '7.7 seconds' from generate_series(-100, 1000) as number) as any_of
    order by random()
    limit 1";

/// In one moment of the database: the counts, and what a full count finds.
async fn look(db: &Database) -> (Value, Value) {
    let mut moment = db.pool().begin().await.unwrap();
    sqlx::query("set transaction isolation level repeatable read").execute(&mut *moment).await.unwrap();
    sqlx::query(STOP).execute(&mut *moment).await.unwrap();
    let truth = sqlx::query_scalar(FULL_COUNT).fetch_one(&mut *moment).await.unwrap();
    let monitor = format!("set local session authorization {}", db.login("mon"));
    sqlx::query(AssertSqlSafe(monitor)).execute(&mut *moment).await.unwrap();
    let counted = sqlx::query_scalar(COUNTS).fetch_one(&mut *moment).await.unwrap();
    moment.rollback().await.unwrap();
    (counted, truth)
}

async fn produce_and_execute(db: &Database, rounds: usize) {
    let (exe, kim) = (db.as_login("exe").await, db.as_login("kim").await);
    for round in 0..rounds {
        let conversation = db.conversation().await;
        db.inbound(&conversation, "Hello?").await;
        // Somebody else may have swept the lease away or taken the job; whatever comes of it is counted.
        for job in exe.claim_jobs(&[JobKind::Inbound, JobKind::Classify], 2).await.unwrap() {
            let code = if round % 2 == 0 { "internal_error" } else { "payload_missing" };
            let _ = exe.start_job(job.job_id, job.lease_token, command()).await;
            let _ = exe.fail_job(job.job_id, job.lease_token, code, command()).await;
            let _ = match round % 3 {
                0 => kim.retry_now(job.job_id, command()).await,
                1 => kim.retry_dead_letter(job.job_id, false, command()).await,
                _ => kim.cancel_job(job.job_id, "duplicate", command()).await,
            };
        }
    }
}

async fn ask_and_decide(db: &Database, rounds: usize) {
    let kim = db.as_login("kim").await;
    for round in 0..rounds {
        let agency = ["acme", "globex"][round % 2];
        let question = db.question_of(agency, "email").await;
        match round % 4 {
            0 => drop(approved(db, &question).await),
            2 => drop(kim.cancel_job(question.job, "duplicate", command()).await),
            _ => {}
        }
    }
}

/// What lies in the next minutes is what the counts split.
async fn draw_near(db: &Database, over: &AtomicBool) {
    while !over.load(Ordering::Relaxed) {
        db.execute(
            "update queue.job_queue
             set deadline_at = case when random() < 0.9 then clock_timestamp() + random() * interval '62 minutes' end,
                 process_after = case when status = 'queued' and target_ref is null
                                      then clock_timestamp() + random() * interval '90 seconds' else process_after end
             where job_id = (select job_id from queue.job_queue where status not in ('succeeded', 'failed', 'cancelled')
                             order by random() limit 1 for update skip locked)",
        )
        .await;
        tokio::task::yield_now().await;
    }
}

/// Producers, executors, reviewers and those on call write while several fold: at every moment the counts are what a full count
/// of the same moment finds, wherever the clock stands.
#[tokio::test(flavor = "multi_thread")]
async fn the_counts_are_exact_while_everybody_writes() {
    let db = Arc::new(database().await);
    db.execute(CLOCK).await;
    let figure = Figure::begin("counts compared with a full count under concurrent writes");
    let over = Arc::new(AtomicBool::new(false));
    let rounds = scaled(16, 200);
    let mut writers = Vec::new();
    for _ in 0..2 {
        let db = db.clone();
        writers.push(tokio::spawn(async move { produce_and_execute(&db, rounds).await }));
    }
    let asks = db.clone();
    writers.push(tokio::spawn(async move { ask_and_decide(&asks, rounds).await }));
    let mut others = Vec::new();
    let (draws, until) = (db.clone(), over.clone());
    others.push(tokio::spawn(async move { draw_near(&draws, &until).await }));
    for _ in 0..2 {
        let (db, over) = (db.clone(), over.clone());
        others.push(tokio::spawn(async move {
            while !over.load(Ordering::Relaxed) {
                db.value::<i32>("select queue.fold(7)").await;
                tokio::task::yield_now().await;
            }
        }));
    }
    let (mut looks, mut split) = (0, 0);
    // On a busy machine the writers may be done before enough was seen; what is queued goes on moving then.
    while writers.iter().any(|writer| !writer.is_finished()) || (looks < 500 && (looks <= 10 || split == 0)) {
        assert_eq!(db.value::<i64>(DIFFERENCES).await, 0, "look {looks}");
        let (counted, truth) = look(&db).await;
        assert_eq!(counted, truth, "look {looks}");
        split += usize::from(truth[0].as_array().unwrap().iter().any(|lane| lane["scheduled"] != 0));
        looks += 1;
    }
    over.store(true, Ordering::Relaxed);
    for task in writers.into_iter().chain(others) {
        task.await.unwrap();
    }
    db.question().await;
    let waits: i64 = db.value("select count(*) from queue.job_change").await;
    assert!(waits > 0, "some of it was not folded when the last look was taken");
    while db.value::<i32>("select queue.fold()").await > 0 {}
    assert_eq!(db.value::<i64>(DIFFERENCES).await, 0);
    assert_eq!(db.value::<i64>("select count(*) from queue.job_change").await, 0);
    let (counted, truth) = look(&db).await;
    assert_eq!(counted, truth);
    assert!(looks > 10 && split > 0, "only {looks} looks, of which {split} saw what is scheduled");
    figure.end(looks);
}
