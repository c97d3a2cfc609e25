//! What came and went is counted exactly, whoever writes meanwhile, in bounded space.

use std::time::Duration;

use chrono::{DateTime, Timelike, Utc};
use countersign::domain::{Forecast, JobId, JobKind, Rates, Situation};

use crate::calls::approved;
use crate::counts::DIFFERENCES;
use crate::support::{Database, command, database};

/// The minute that runs ends.
async fn end_the_minute(db: &Database) {
    let left: f64 = db.value("select 61 - extract(second from queue.clock())::float8").await;
    db.advance(&format!("{left} seconds")).await;
}

async fn situation(db: &Database, who: &str) -> Situation {
    let store = db.as_login(who).await;
    store.overview().await.unwrap().situation
}

async fn flow(db: &Database, kind: JobKind) -> Rates {
    situation(db, "ada").await.history.rates(kind, 30)
}

#[tokio::test]
async fn what_came_went_was_decided_and_was_late_is_counted_in_its_minute() {
    let db = database().await;
    let first = db.question().await;
    let second = db.question().await;
    end_the_minute(&db).await;
    assert_eq!(flow(&db, JobKind::Approve).await, Rates { minutes: 30, came: 2, ..Rates::default() });
    approved(&db, &first).await;
    db.advance("5 hours").await;
    // Late, and gone before anybody asked: it counts in the minute in which it was due.
    let oncall = db.as_login("kim").await;
    assert!(oncall.cancel_job(second.job, "duplicate", command()).await.unwrap().is_applied());
    end_the_minute(&db).await;
    let sums: Vec<(i64, i64, i64, i64)> = sqlx::query_as(
        "select came, gone, decided, breached from queue.history('1 day', '10 hours')
         where job_kind = 'customer_message_approve' and agency = 'acme'",
    )
    .fetch_all(&db.raw("ada").await)
    .await
    .unwrap();
    let sum = sums.iter().fold((0, 0, 0, 0), |sum, row| (sum.0 + row.0, sum.1 + row.1, sum.2 + row.2, sum.3 + row.3));
    assert_eq!(sum, (2, 2, 1, 1));
    assert_eq!(flow(&db, JobKind::Approve).await, Rates { minutes: 30, gone: 1, ..Rates::default() });
}

#[tokio::test]
async fn what_is_still_open_past_its_deadline_is_late_in_the_minute_of_the_deadline() {
    let db = database().await;
    let question = db.question().await;
    db.execute(&format!(
        "update queue.job_queue set deadline_at = queue.clock() + interval '2 minutes' where job_id = {}",
        question.job.0
    ))
    .await;
    let due = db.job(question.job).await.deadline_at.unwrap().with_second(0).unwrap().with_nanosecond(0).unwrap();
    assert_eq!(flow(&db, JobKind::Approve).await.breached, 0);
    db.advance("4 minutes").await;
    for folded in [false, true] {
        if folded {
            db.as_login("ada").await.sweep().await.unwrap();
        }
        let late: Vec<DateTime<Utc>> =
            sqlx::query_scalar("select minute from queue.history() where breached = 1 and agency = 'acme'")
                .fetch_all(&db.raw("mon").await)
                .await
                .unwrap();
        assert_eq!(late, [due], "folded: {folded}");
    }
}

#[tokio::test]
async fn a_change_that_is_not_counted_is_found() {
    let db = database().await;
    let question = db.question().await;
    assert_eq!(db.value::<i64>(DIFFERENCES).await, 0);
    db.execute("alter table queue.job_queue disable trigger count_changes").await;
    db.execute(&format!("update queue.job_queue set deadline_at = null where job_id = {}", question.job.0)).await;
    assert_eq!(db.value::<i64>(DIFFERENCES).await, 2);
}

#[tokio::test]
async fn what_is_kept_is_a_day_of_minutes_however_much_happened() {
    let db = database().await;
    let ada = db.as_login("ada").await;
    const EVER: &str = "minute = '-infinity' and what >= 'came'";
    let (mut rows, mut ever) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        for _ in 0..4 {
            let question = db.question().await;
            approved(&db, &question).await;
            db.advance("61 seconds").await;
        }
        ada.sweep().await.unwrap();
        rows.push(db.value::<i64>("select count(*) from queue.tally").await);
        assert_eq!(db.value::<i64>("select count(*) from queue.job_change").await, 0);
        db.advance("25 hours").await;
        ada.sweep().await.unwrap();
        db.advance("61 seconds").await;
        ada.sweep().await.unwrap();
        assert_eq!(db.value::<i64>("select count(*) from queue.tally where what = 'came' and minute > '-infinity' and minute < queue.clock() - interval '1441 minutes'").await, 0);
        ever.push(db.value::<i64>(&format!("select count(*) from queue.tally where {EVER}")).await);
    }
    let live: i64 =
        db.value("select count(*) from queue.job_queue where status not in ('succeeded', 'failed', 'cancelled')").await;
    let kept: i64 = db.value(&format!("select count(*) from queue.tally where not ({EVER})")).await;
    // Each of the open jobs is one status and one deadline at most; what came and went is forgotten but for the last moments.
    assert!(kept <= 2 * live + 8, "{kept} rows are kept for {live} open jobs, after {rows:?}");
    assert!(rows.iter().all(|rows| *rows > 0));
    assert!(
        ever[0] > 0 && ever.iter().all(|rows| *rows == ever[0]),
        "what ever happened is a row a kind and outcome: {ever:?}"
    );
    assert_eq!(db.value::<i64>(DIFFERENCES).await, 0);
}

#[tokio::test]
async fn what_ever_came_and_how_it_ended_only_grows() {
    let db = database().await;
    let totals = async |who: &str| -> Vec<(String, i64)> {
        sqlx::query_as(
            "select what, jobs from queue.totals() where job_kind = 'customer_message_approve' order by what",
        )
        .fetch_all(&db.raw(who).await)
        .await
        .unwrap()
    };
    let told = |counts: [(&str, i64); 5]| counts.map(|(what, jobs)| (what.to_owned(), jobs)).to_vec();
    assert_eq!(totals("mon").await, []);
    approved(&db, &db.question().await).await;
    let given_up = db.question().await;
    assert!(db.as_login("kim").await.cancel_job(given_up.job, "duplicate", command()).await.unwrap().is_applied());
    let once = told([("approved", 1), ("came", 2), ("cancelled", 1), ("decided", 1), ("gone", 2)]);
    assert_eq!(totals("mon").await, once, "before anything is folded");
    db.as_login("ada").await.sweep().await.unwrap();
    db.advance("25 hours").await;
    db.as_login("ada").await.sweep().await.unwrap();
    assert_eq!(totals("mon").await, once, "a day later");
    assert_eq!((totals("ada").await, totals("gus").await), (once, Vec::new()));
    approved(&db, &db.question().await).await;
    assert_eq!(
        totals("mon").await,
        told([("approved", 2), ("came", 3), ("cancelled", 1), ("decided", 2), ("gone", 3)])
    );
}

/// A job whose outcome could not be counted could not end.
#[tokio::test]
async fn every_outcome_is_counted() {
    let db = database().await;
    let both: (Vec<String>, Vec<String>) = sqlx::query_as(
        "select array(select word[1]
                      from pg_proc, regexp_matches(prosrc, '''([a-z_]+)''', 'g') as word
                      where oid = 'queue.is_outcome_code(text)'::regprocedure order by 1),
                array(select what::text from unnest(enum_range('breached'::queue.counted, null)) as what
                      where what > 'breached' order by what::text)",
    )
    .fetch_one(db.pool())
    .await
    .unwrap();
    assert_eq!(both.0, both.1);
    assert!(both.0.contains(&"completed".to_owned()));
}

#[tokio::test]
async fn one_folds_at_a_time_and_nobody_waits() {
    let db = database().await;
    db.question().await;
    let mut first = db.pool().begin().await.unwrap();
    let moved: i32 = sqlx::query_scalar("select queue.fold()").fetch_one(&mut *first).await.unwrap();
    assert!(moved > 0);
    let second = tokio::time::timeout(Duration::from_secs(20), db.value::<i32>("select queue.fold()")).await;
    assert_eq!(second, Ok(0));
    db.question().await;
    first.rollback().await.unwrap();
    assert!(db.value::<i32>("select queue.fold()").await > moved, "what was rolled back is folded with the rest");
    assert_eq!(db.value::<i64>(DIFFERENCES).await, 0);
}

#[tokio::test]
async fn a_sweep_folds_so_that_any_open_dashboard_does() {
    let db = database().await;
    db.question().await;
    db.as_login("ada").await.sweep().await.unwrap();
    assert_eq!(db.value::<i64>("select count(*) from queue.job_change").await, 0);
    assert_eq!(db.value::<i64>(DIFFERENCES).await, 0);
}

#[tokio::test]
async fn i15_each_sees_the_flow_of_the_own_agency_and_a_monitor_that_of_all() {
    let db = database().await;
    db.question().await;
    end_the_minute(&db).await;
    for (who, came) in [("ada", 1), ("kim", 1), ("gus", 0), ("mon", 1), ("pad", 1)] {
        let situation = situation(&db, who).await;
        assert_eq!(situation.history.rates(JobKind::Approve, 30).came, came, "{who}");
        assert_eq!(situation.forecast(JobKind::Approve).is_some(), came > 0, "{who}");
    }
    let next = situation(&db, "mon").await.next_to_breach;
    assert_eq!(next, [], "a monitor counts and sees no job");
}

/// Nineteen decisions are too few, twenty are enough; and the people who took them are counted.
#[tokio::test]
async fn nothing_is_forecast_before_twenty_were_decided() {
    let db = database().await;
    let mut questions = Vec::new();
    for _ in 0..23 {
        questions.push(db.question().await);
    }
    for question in &questions[..19] {
        approved(&db, question).await;
    }
    end_the_minute(&db).await;
    let forecast = |situation: &Situation| situation.forecast(JobKind::Approve).cloned().unwrap();
    let thin = forecast(&situation(&db, "ada").await);
    assert_eq!(thin.forecast, Forecast::Thin { decided: 19, needed: 20 });
    approved(&db, &questions[19]).await;
    end_the_minute(&db).await;
    let known = forecast(&situation(&db, "ada").await);
    let Forecast::Known(outlook) = &known.forecast else { panic!("{known:?}") };
    assert_eq!((outlook.waiting, outlook.late, known.people, outlook.hold), (3, 0, Some(1), Some(2)));
    assert_eq!((known.rates.came, known.rates.decided), (23, 20));
}

#[tokio::test]
async fn the_next_to_breach_names_its_holder() {
    let db = database().await;
    let question = db.question().await;
    db.read("ada", question.job).await;
    let next = situation(&db, "kim").await.next_to_breach;
    let held: Vec<(JobId, Option<String>)> = next.into_iter().map(|next| (next.job_id, next.lease_owner)).collect();
    assert_eq!(held, [(question.job, Some(db.login("ada")))]);
}

#[tokio::test]
async fn a_full_tier_is_told_with_what_stays_below_it() {
    let db = database().await;
    for _ in 0..3 {
        db.question().await;
    }
    db.execute(
        "insert into queue.dot_config (agency, key, value, set_by, set_at)
         values ('acme', 'queue.customer.escalation_open_limit', '1', session_user, queue.clock())",
    )
    .await;
    db.advance("5 hours").await;
    let ada = db.as_login("ada").await;
    assert_eq!(ada.sweep().await.unwrap().escalated, 1);
    let tiers = situation(&db, "kim").await.full_tiers;
    let told: Vec<_> = tiers.iter().map(|tier| (tier.role.as_str(), tier.open_jobs, tier.most, tier.stay)).collect();
    assert_eq!(told, [("senior_reviewer", 1, 1, 2)]);
    assert_eq!(situation(&db, "gus").await.full_tiers, []);
}

#[tokio::test]
async fn teams_have_figures_and_persons_only_where_it_is_switched_on() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    db.advance("90 seconds").await;
    db.as_login("ada").await.approve(question.job, &pin, Default::default(), command()).await.unwrap();
    let kim = db.as_login("kim").await;
    let teams = kim.team_figures(24).await.unwrap();
    assert_eq!(teams.iter().map(|team| (team.role.as_str(), team.approved)).collect::<Vec<_>>(), [("reviewer", 1)]);
    let median = teams[0].median_seconds.unwrap();
    assert!((90.0..120.0).contains(&median), "{median} s");
    assert!(db.as_login("gus").await.team_figures(24).await.unwrap().is_empty());

    let lee = db.as_login("lee").await;
    assert_eq!(lee.reviewer_figures(24).await.unwrap().outcome.outcome, "switched_off");
    db.execute(
        "insert into queue.dot_config (agency, key, value, set_by, set_at)
         values ('acme', 'queue.customer.reviewer_statistics', 'true', session_user, queue.clock())",
    )
    .await;
    let figures = lee.reviewer_figures(24).await.unwrap();
    assert_eq!(
        figures.people.iter().map(|person| (person.login.clone(), person.decisions)).collect::<Vec<_>>(),
        [(db.login("ada"), 1)]
    );
    assert_eq!(kim.reviewer_figures(24).await.unwrap().outcome.outcome, "not_authorised");
}
