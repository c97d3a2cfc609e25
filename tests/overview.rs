//! What everybody watches: exact, counted once for all who may see it and told to nobody else; and the news that something
//! changed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use countersign::domain::JobKind;
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgPool};
use tokio::task::JoinHandle;

use crate::support::{Database, database};

/// Both views and what waits to be sent by each channel, by a full count as of `queue.clock()`.
const FULL_COUNT: &str = include_str!("support/full_count.sql");

/// Those who wait for a change, and how many of them wait for the one who looks.
const WAITING: &str = "
    select array[count(*), count(*) filter (where not granted)]
    from pg_locks
    where relation = 'queue.change_watch'::regclass and mode = 'ExclusiveLock'
      and database = (select oid from pg_database where datname = current_database())";

/// Time stands still but for [`Database::advance`], so that a tenth of a second is one.
async fn still(db: &Database) {
    db.execute(
        "do $do$ begin
             execute format('create or replace function queue.clock() returns timestamptz
                             language sql volatile security definer set search_path = queue, care, pg_temp
                             as $$ select timestamptz %L + ahead from queue.test_clock $$', clock_timestamp());
         end $do$",
    )
    .await;
}

/// How often somebody looks while others write.
const LOOKS: usize = 12;

/// Agency by agency, with so many changes counted at least.
async fn overview(login: &PgPool, at_least: Option<i64>) -> Vec<Value> {
    let answer: Value = sqlx::query_scalar("select queue.overview($1)").bind(at_least).fetch_one(login).await.unwrap();
    answer.as_array().unwrap().clone()
}

async fn changes(db: &Database) -> i64 {
    db.value("select queue.changes()").await
}

/// When what is shown was counted, per agency.
fn taken(places: &[Value]) -> Vec<&str> {
    places.iter().map(|place| place["taken_at"].as_str().unwrap()).collect()
}

fn agencies(places: &[Value]) -> Vec<&str> {
    places.iter().map(|place| place["agency"].as_str().unwrap()).collect()
}

fn entry<'v>(entries: &'v Value, key: &str, value: &Value) -> &'v Value {
    entries.as_array().unwrap().iter().find(|entry| entry[key] == *value).unwrap()
}

/// How many messages wait to be looked at.
fn inbound(place: &Value) -> i64 {
    entry(&place["kinds"], "job_kind", &"customer_message_inbound".into())["ready"].as_i64().unwrap()
}

/// A hold over text messages of whatever agency, full tiers, and questions that are due: something of everything that has
/// a name.
async fn trouble(db: &Database) {
    db.question().await;
    db.question_of("acme", "sms").await;
    db.question_of("globex", "sms").await;
    db.execute(&format!(
        "insert into queue.hold (channel_kind, reason, placed_by, placed_at)
         values ('sms', 'incident', '{}', queue.clock())",
        db.login("pad")
    ))
    .await;
    db.as_login("kim").await.sweep().await.unwrap();
    db.execute(
        "insert into queue.escalation_stop
         select queue.target(agency, 'team_lead'), queue.clock() from queue.agency",
    )
    .await;
}

#[tokio::test]
async fn the_overview_is_what_a_full_count_finds() {
    let db = database().await;
    still(&db).await;
    trouble(&db).await;
    for agency in ["acme", "globex"] {
        for channel in ["email", "sms"] {
            let conversation = db.conversation_of(agency, channel).await;
            db.inbound(&conversation, "Hello?").await;
        }
    }
    let exe = db.as_login("exe").await;
    let claimed = exe.claim_jobs(&[JobKind::Inbound], 2).await.unwrap();
    exe.start_job(claimed[0].job_id, claimed[0].lease_token, crate::support::command()).await.unwrap();
    let question = db.question().await;
    crate::calls::approved(&db, &question).await;
    db.advance("40 seconds").await;

    let truth: Value = db.value(FULL_COUNT).await;
    let places = overview(&db.raw("pad").await, None).await;
    let mut compared = 0;
    for (list, key, rows) in
        [("kinds", "job_kind", &truth[0]), ("kinds", "job_kind", &truth[1]), ("channels", "channel_kind", &truth[2])]
    {
        for row in rows.as_array().unwrap() {
            let place = places.iter().find(|place| place["agency"] == row["agency"]).unwrap();
            let shown = entry(&place[list], key, &row[key]);
            for (name, value) in row.as_object().unwrap().iter().filter(|(name, _)| *name != "agency") {
                assert_eq!(&shown[name], value, "{name} of {row}");
                compared += 1;
            }
        }
    }
    assert!(compared > 200, "only {compared} values were compared");
    let sends = entry(&places[0]["channels"], "channel_kind", &"email".into());
    assert_eq!((&sends["ready"], &sends["held"]), (&1.into(), &0.into()), "the approved reply may go");
}

#[tokio::test]
async fn what_one_asks_for_is_what_the_next_one_gets_for_a_second() {
    let db = database().await;
    still(&db).await;
    let (ada, kim, gus, pad) = (db.raw("ada").await, db.raw("kim").await, db.raw("gus").await, db.raw("pad").await);
    let first = overview(&ada, Some(0)).await;
    for _ in 0..2 {
        db.advance("500 milliseconds").await;
        assert_eq!(overview(&kim, Some(0)).await, first, "the same agency's, no older than a second");
    }
    db.advance("1 microsecond").await;
    let second = overview(&kim, Some(0)).await;
    assert!(taken(&second) > taken(&first), "it is older than a second");
    assert_eq!(overview(&ada, Some(0)).await, second);

    db.advance("100 milliseconds").await;
    let all = overview(&pad, Some(0)).await;
    assert_eq!(agencies(&all), ["acme", "globex"]);
    assert_eq!(taken(&all)[0], taken(&all)[1], "nobody had counted the one, so both were");
    assert_eq!(
        taken(&overview(&gus, Some(0)).await),
        [taken(&all)[1]],
        "who sees one agency gets what was counted of all"
    );
    assert_eq!(taken(&overview(&ada, Some(0)).await), [taken(&all)[0]]);

    db.advance("100 milliseconds").await;
    let own = overview(&ada, None).await;
    assert!(taken(&own)[0] > taken(&all)[0], "without a number it is as of now");
    assert_eq!(taken(&overview(&pad, Some(0)).await), [taken(&own)[0], taken(&all)[1]]);
}

#[tokio::test]
async fn what_is_shared_counts_the_changes_that_are_asked_for() {
    let db = database().await;
    still(&db).await;
    let (ada, kim) = (db.raw("ada").await, db.raw("kim").await);
    let before = overview(&ada, Some(0)).await;
    assert_eq!((inbound(&before[0]), before[0]["changes"].as_i64().unwrap()), (0, changes(&db).await));
    let conversation = db.conversation().await;
    db.inbound(&conversation, "Hello?").await;
    db.advance("100 milliseconds").await;
    assert_eq!(overview(&kim, before[0]["changes"].as_i64()).await, before, "so many are counted");

    let so_many = changes(&db).await;
    let after = overview(&kim, Some(so_many)).await;
    assert_eq!((inbound(&after[0]), after[0]["changes"].as_i64().unwrap()), (1, so_many));
    db.advance("100 milliseconds").await;
    assert_eq!(overview(&ada, Some(so_many)).await, after);
    // A number of another database, or from before it was restored: counted each time, and told how many there are.
    let beyond = overview(&ada, Some(so_many + 1)).await;
    assert!(taken(&beyond) > taken(&after));
    assert_eq!(beyond[0]["changes"].as_i64(), Some(so_many));
}

#[tokio::test]
async fn a_clock_that_steps_makes_what_was_counted_old() {
    let db = database().await;
    still(&db).await;
    let ada = db.raw("ada").await;
    let first = overview(&ada, Some(0)).await;
    db.advance("-1 hour").await;
    let back = overview(&ada, Some(0)).await;
    assert!(taken(&back) < taken(&first), "it is not from the future");
    db.advance("1 hour").await;
    assert_eq!(taken(&overview(&ada, Some(0)).await), taken(&first), "counted anew at the same moment");
}

/// A crash loses what is kept, and nothing else.
#[tokio::test]
async fn what_was_lost_is_counted_anew() {
    let db = database().await;
    still(&db).await;
    let ada = db.raw("ada").await;
    let before = overview(&ada, Some(0)).await;
    db.execute("truncate queue.overview_kept").await;
    assert_eq!(overview(&ada, Some(0)).await, before);
}

#[tokio::test]
async fn nobody_is_shown_another_agency_and_monitors_are_told_no_names() {
    let db = database().await;
    trouble(&db).await;
    let question = db.question().await;
    crate::calls::approved(&db, &question).await;
    let named = |place: &Value| {
        let people = place["kinds"].as_array().unwrap().iter().any(|kind| !kind["at_work"].is_null());
        let lists = ["holds", "full_tiers", "next_to_breach"].map(|list| !place[list].as_array().unwrap().is_empty());
        (lists, people)
    };
    let all = overview(&db.raw("pad").await, None).await;
    assert_eq!(agencies(&all), ["acme", "globex"]);
    assert_eq!(named(&all[0]), ([true; 3], true), "what could be told");
    assert_eq!(named(&all[1]), ([true; 3], false));
    for (who, agency) in [("ada", 0), ("kim", 0), ("gus", 1)] {
        let login = db.raw(who).await;
        for at_least in [Some(0), None, Some(0)] {
            let own = overview(&login, at_least).await;
            assert_eq!(agencies(&own), [all[agency]["agency"].as_str().unwrap()], "{who}");
            assert_eq!(named(&own[0]), named(&all[agency]), "{who}");
        }
    }
    let mon = db.raw("mon").await;
    for at_least in [Some(0), None] {
        let counts = overview(&mon, at_least).await;
        assert_eq!(agencies(&counts), ["acme", "globex"]);
        for place in &counts {
            assert_eq!(named(place), ([false; 3], false), "{place}");
        }
        assert_eq!(counts[0]["kinds"][0]["ready"], all[0]["kinds"][0]["ready"]);
        let text = serde_json::to_string(&counts).unwrap();
        for who in ["ada", "kim", "pad"] {
            assert!(!text.contains(&db.login(who)), "{who} in {text}");
        }
    }
}

#[tokio::test]
async fn who_is_not_registered_to_watch_is_refused() {
    let db = database().await;
    for who in ["nobody", "prod", "exe"] {
        let login = db.raw(who).await;
        for call in ["queue.overview(null)", "queue.overview(0)", "queue.await_change(0, 0)", "queue.changes()"] {
            let statement = format!("select {call}");
            let error = sqlx::query(AssertSqlSafe(statement)).execute(&login).await.expect_err(call);
            assert_eq!(error.as_database_error().unwrap().code().unwrap(), "42501", "{who}: {call}");
        }
    }
}

#[tokio::test]
async fn over_several_agencies_holds_are_summed_people_counted_once_and_the_soonest_named() {
    let db = database().await;
    trouble(&db).await;
    let exe = db.as_login("exe").await;
    for agency in ["acme", "globex"] {
        let conversation = db.conversation_of(agency, "email").await;
        db.inbound(&conversation, "Hello?").await;
        db.question_of(agency, "email").await;
        db.question_of(agency, "email").await;
    }
    assert_eq!(exe.claim_jobs(&[JobKind::Inbound], 5).await.unwrap().len(), 2);
    // The jobs of both agencies are due by turns.
    db.execute("update queue.job_queue set deadline_at = queue.clock() + make_interval(hours => 1, secs => job_id)")
        .await;
    let soonest: Vec<i64> = db
        .value(
            "select array_agg(job_id order by job_id)
             from (select job_id, row_number() over (partition by job_kind order by job_id) as place from queue.job_queue) as job
             where place <= 3",
        )
        .await;

    let both = db.as_login("pad").await.overview().await.unwrap();
    let kept = |overview: &countersign::store::overview::Overview| {
        overview.alerts.holds.iter().map(|hold| hold.paused).collect::<Vec<_>>()
    };
    assert_eq!(kept(&both), [2], "one hold, and what it keeps of each agency");
    assert_eq!((both.situation.working.programs, both.situation.working.reviewers), (1, 0));
    let named: Vec<i64> = both.situation.next_to_breach.iter().map(|next| next.job_id.0).collect();
    assert_eq!(named, soonest, "three of the questions and both messages");
    assert_eq!(both.situation.full_tiers.len(), 2);
    assert_eq!(both.backlog.kinds.iter().map(countersign::domain::KindBacklog::live).sum::<i64>(), 9);
    let one = db.as_login("gus").await.overview().await.unwrap();
    assert_eq!((kept(&one), one.situation.working.programs), (vec![1], 1));
    assert_eq!(one.backlog.kinds.iter().map(countersign::domain::KindBacklog::live).sum::<i64>(), 4);
    let monitor = db.as_login("mon").await.overview().await.unwrap();
    assert_eq!(monitor.backlog, both.backlog);
    assert_eq!(monitor.situation.working, countersign::domain::situation::Working::default());
}

/// Several write and several fold: the number never goes back, no change is counted twice or lost, and what is shown with a
/// number counts at least as many.
#[tokio::test(flavor = "multi_thread")]
async fn every_change_is_counted_exactly_once_while_it_is_folded() {
    let db = Arc::new(database().await);
    let began = changes(&db).await;
    assert_eq!(db.value::<i64>("select count(*) from queue.job_queue").await, 0);
    let over = Arc::new(AtomicBool::new(false));
    let folders: Vec<_> = (0..2)
        .map(|_| {
            let (db, over) = (db.clone(), over.clone());
            tokio::spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    db.value::<i32>("select queue.fold(3)").await;
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    let enough = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..2)
        .map(|_| {
            let (db, enough) = (db.clone(), enough.clone());
            tokio::spawn(async move {
                let conversation = db.conversation().await;
                let mut written = 0;
                while !enough.load(Ordering::Relaxed) {
                    db.inbound(&conversation, "Hello?").await;
                    written += 1;
                }
                written
            })
        })
        .collect();
    let ada = db.raw("ada").await;
    let mut last = began;
    // That many while there is always something new, and in the end all of it.
    for look in 0..LOOKS {
        let number = changes(&db).await;
        assert!(number >= last, "{number} changes after {last}");
        let shown = overview(&ada, Some(number)).await.remove(0);
        assert!(shown["changes"].as_i64().unwrap() >= number, "{} of {number} changes", shown["changes"]);
        assert!(inbound(&shown) >= shown["changes"].as_i64().unwrap() - began, "look {look}: {shown}");
        last = number;
        while changes(&db).await == last {
            tokio::task::yield_now().await;
        }
    }
    enough.store(true, Ordering::Relaxed);
    let mut written = 0;
    for writer in writers {
        written += writer.await.unwrap();
    }
    over.store(true, Ordering::Relaxed);
    for folder in folders {
        folder.await.unwrap();
    }
    assert_eq!(changes(&db).await, began + written);
    while db.value::<i32>("select queue.fold()").await > 0 {}
    assert_eq!(changes(&db).await, began + written, "all of it folded");
}

/// What a waiter was told, and after how many seconds of the database.
type Told = (i64, f64);

async fn awaits(login: &PgPool, seen: i64, patience: f64) -> Told {
    sqlx::query_as(
        "select queue.await_change($1, $2), extract(epoch from clock_timestamp() - statement_timestamp())::float8",
    )
    .bind(seen)
    .bind(patience)
    .fetch_one(login)
    .await
    .unwrap()
}

/// Logins that wait for a change, one of them looking and the others waiting for that one.
async fn waiters(db: &Database, who: &[&str], seen: i64, patience: f64) -> Vec<JoinHandle<Told>> {
    let mut logins = Vec::new();
    for login in who {
        let login = db.raw(login).await;
        awaits(&login, -1, 0.0).await;
        logins.push(login);
    }
    let all = i64::try_from(who.len()).unwrap();
    loop {
        let wait = |login: PgPool| tokio::spawn(async move { awaits(&login, seen, patience).await });
        let tasks: Vec<_> = logins.iter().cloned().map(wait).collect();
        while tasks.iter().all(|task| !task.is_finished()) {
            if db.value::<Vec<i64>>(WAITING).await == [all, all - 1] {
                return tasks;
            }
            tokio::task::yield_now().await;
        }
        // The patience of one was over before the last had come.
        for task in tasks {
            assert_eq!(task.await.unwrap().0, seen, "nothing happened");
        }
    }
}

#[tokio::test]
async fn who_waits_is_told_at_once_of_what_is_news_already_and_after_two_seconds_of_nothing() {
    let db = database().await;
    db.question().await;
    let seen = changes(&db).await;
    let ada = db.raw("ada").await;
    for old in [seen - 1, seen + 1] {
        let (told, seconds) = awaits(&ada, old, 2.0).await;
        assert_eq!(told, seen);
        assert!(seconds < 2.0, "another number is news, and its patience was not needed: {seconds} s");
    }
    assert_eq!(awaits(&ada, seen, -1.0).await.0, seen, "no patience at all");
    let (told, seconds) = awaits(&ada, seen, 3600.0).await;
    assert_eq!(told, seen);
    assert!(seconds >= 2.0, "after {seconds} s");
}

#[tokio::test]
async fn all_who_wait_are_told_of_one_change() {
    let db = database().await;
    let conversation = db.conversation().await;
    let seen = changes(&db).await;
    let waiting = waiters(&db, &["ada", "kim", "gus", "mon"], seen, 2.0).await;
    db.inbound(&conversation, "Hello?").await;
    for waiter in waiting {
        let (told, seconds) = waiter.await.unwrap();
        assert_eq!(told, seen + 1);
        assert!(seconds < 2.0, "its patience was over: {seconds} s");
    }
}

#[tokio::test]
async fn what_is_rolled_back_or_changes_no_job_is_no_news() {
    let db = database().await;
    let question = db.question().await;
    let seen = changes(&db).await;
    let waiting = waiters(&db, &["ada"], seen, 1.0).await;
    let mut undone = db.pool().begin().await.unwrap();
    sqlx::query(AssertSqlSafe(format!(
        "update queue.job_queue set deadline_at = deadline_at + interval '1 second' where job_id = {}",
        question.job.0
    )))
    .execute(&mut *undone)
    .await
    .unwrap();
    undone.rollback().await.unwrap();
    db.advance("1 second").await;
    while db.value::<i32>("select queue.fold()").await > 0 {}
    for waiter in waiting {
        let (told, seconds) = waiter.await.unwrap();
        assert_eq!(told, seen);
        assert!(seconds >= 1.0, "woken after {seconds} s");
    }
}

#[tokio::test]
async fn who_keeps_the_turn_keeps_nobody_from_counting() {
    let db = database().await;
    let ada = db.raw("ada").await;
    let mut idle = ada.begin().await.unwrap();
    sqlx::query("select queue.overview()").execute(&mut *idle).await.unwrap();
    db.question().await;
    let seen = db.as_login("kim").await.overview().await.unwrap();
    assert_eq!(seen.backlog.waiting_for_people(), 1);
    idle.rollback().await.unwrap();
}
