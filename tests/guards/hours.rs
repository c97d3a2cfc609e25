//! Deadlines that wait for the morning: what is allowed counts only while the agency works, by the clock on its own wall.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};
use countersign::domain::hours::{self, Span};
use sqlx::AssertSqlSafe;

use super::{refused, texts};
use crate::calls::approved;
use crate::support::{Database, Dice, Figure, command, database, scaled};

/// Lets `acme` work by these hours.
async fn works(db: &Database, zone: &str, text: &str) {
    let spans = hours::parse(text).unwrap();
    let wad = db.as_login("wad").await;
    assert!(wad.set_business_hours("acme", Some(&spans), Some(zone), command()).await.unwrap().is_applied());
}

async fn deadline(db: &Database, from: DateTime<Utc>, allowed: &str) -> DateTime<Utc> {
    // Wherever the session believes to be.
    let elsewhere = "set_config('timezone', 'America/New_York', true)";
    db.value(&format!(
        "select queue.deadline_after('acme', '{}', '{allowed}') from {elsewhere}",
        from.format("%Y-%m-%d %H:%M:%S+00")
    ))
    .await
}

/// When the day ends, and how many seconds of its hours are left until then.
async fn today(db: &Database, at: DateTime<Utc>) -> Option<(DateTime<Utc>, i64)> {
    let found: (Option<DateTime<Utc>>, Option<i64>) =
        sqlx::query_as("select closes_at, extract(epoch from remaining)::bigint from queue.works_today('acme', $1)")
            .bind(at)
            .fetch_one(db.pool())
            .await
            .unwrap();
    found.0.zip(found.1)
}

fn utc(text: &str) -> DateTime<Utc> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap().and_utc()
}

/// Zone, hours, from when in UTC, what is allowed, until when in UTC: worked out by hand.
const BY_HAND: [(&str, &str, &str, &str, &str); 21] = [
    // Before, in, between and behind the spans of a day; to their very end.
    ("UTC", "mon-fri 09:00-12:00,13:00-17:00", "2026-11-23 07:00", "1 hour", "2026-11-23 10:00"),
    ("UTC", "mon-fri 09:00-12:00,13:00-17:00", "2026-11-23 11:30", "1 hour", "2026-11-23 13:30"),
    ("UTC", "mon-fri 09:00-12:00,13:00-17:00", "2026-11-23 12:00", "4 hours", "2026-11-23 17:00"),
    ("UTC", "mon-fri 09:00-12:00,13:00-17:00", "2026-11-27 17:00", "1 hour", "2026-11-30 10:00"),
    // To midnight and on from it.
    ("UTC", "mon 22:00-24:00 tue 00:00-06:00", "2026-11-23 21:00", "4 hours", "2026-11-24 02:00"),
    // Several weeks: twelve of forty hours and three days.
    ("UTC", "mon-fri 09:00-17:00", "2026-11-23 09:00", "3 weeks", "2027-02-17 17:00"),
    // The clock on the wall of Berlin, in winter and in summer.
    ("Europe/Berlin", "mon-fri 09:00-17:00", "2026-11-23 08:00", "1 hour", "2026-11-23 09:00"),
    ("Europe/Berlin", "mon-fri 09:00-17:00", "2026-07-20 07:00", "1 hour", "2026-07-20 08:00"),
    // Sundays of 23 and 25 hours, to their end and past it.
    ("Europe/Berlin", "sun 00:00-24:00", "2026-03-28 23:00", "23 hours", "2026-03-29 22:00"),
    ("Europe/Berlin", "sun 00:00-24:00", "2026-03-28 23:00", "24 hours", "2026-04-04 23:00"),
    ("Europe/Berlin", "sun 00:00-24:00", "2026-10-24 22:00", "25 hours", "2026-10-25 23:00"),
    // It would open in the hour that is skipped, so it opens behind it.
    ("Europe/Berlin", "sun 02:30-04:00", "2026-03-29 00:00", "30 minutes", "2026-03-29 01:30"),
    // It opens in the hour that comes twice, so it is open in both, and shut in between.
    ("Europe/Berlin", "sun 02:30-03:30", "2026-10-25 00:00", "30 minutes", "2026-10-25 01:00"),
    ("Europe/Berlin", "sun 02:30-03:30", "2026-10-25 00:00", "31 minutes", "2026-10-25 01:31"),
    ("Europe/Berlin", "sun 02:30-03:30", "2026-10-25 00:00", "90 minutes", "2026-10-25 02:30"),
    // Shifts of half an hour, south of the equator.
    ("Australia/Lord_Howe", "sun 00:00-24:00", "2026-04-04 13:00", "24 hours 30 minutes", "2026-04-05 13:30"),
    ("Australia/Lord_Howe", "sun 00:00-24:00", "2026-10-03 13:30", "23 hours 30 minutes", "2026-10-04 13:00"),
    // Where the clock jumps at midnight: back into the day that was over, and past the beginning of the next.
    ("America/Santiago", "sat 00:00-24:00", "2026-04-04 03:00", "25 hours", "2026-04-05 04:00"),
    ("America/Santiago", "sun 00:00-24:00", "2026-09-06 04:00", "23 hours", "2026-09-07 03:00"),
    // Across the year, and where the day of the week is another one than in UTC.
    ("Pacific/Kiritimati", "fri 00:00-01:00", "2026-12-31 09:00", "1 hour", "2026-12-31 11:00"),
    ("Asia/Kolkata", "mon-fri 10:00-18:00", "2026-12-31 12:00", "1 hour", "2027-01-01 05:00"),
];

#[tokio::test]
async fn deadlines_count_what_the_clock_on_the_wall_shows() {
    let db = database().await;
    for (zone, text, from, allowed, expected) in BY_HAND {
        works(&db, zone, text).await;
        let due = deadline(&db, utc(from), allowed).await;
        assert_eq!(due, utc(expected), "{zone}, {text}: {allowed} from {from}");
    }
}

#[tokio::test]
async fn holidays_are_passed_over_however_many_in_a_row() {
    let db = database().await;
    works(&db, "Asia/Kolkata", "mon-fri 10:00-18:00").await;
    let wad = db.as_login("wad").await;
    let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
    let days = [day(24), day(25), day(26), day(27)];
    assert!(wad.set_holidays("acme", &days, true, command()).await.unwrap().is_applied());
    // From five o'clock on Monday: an hour then, and one on the next Monday.
    let monday = utc("2026-11-23 11:30");
    assert_eq!(deadline(&db, monday, "2 hours").await, utc("2026-11-30 05:30"));
    // Named twice they are closed once; given up, a day is like any other.
    assert!(wad.set_holidays("acme", &days[1..], true, command()).await.unwrap().is_applied());
    assert!(wad.set_holidays("acme", &days[..1], false, command()).await.unwrap().is_applied());
    assert_eq!(deadline(&db, monday, "2 hours").await, utc("2026-11-24 05:30"));
    let known = &wad.business_hours().await.unwrap()[0];
    assert_eq!((known.holidays.as_slice(), known.time_zone.as_str()), (&days[1..], "Asia/Kolkata"));
    assert_eq!(hours::in_words(&known.hours), "mon-fri 10:00-18:00");
}

#[tokio::test]
async fn the_day_ends_with_its_last_hours() {
    const HOUR: i64 = 3_600;
    let db = database().await;
    assert_eq!(today(&db, utc("2026-11-23 08:00")).await, None, "there are no hours");
    works(&db, "Europe/Berlin", "mon 09:00-12:00,20:00-24:00 sun 00:00-24:00 tue 09:00-17:00").await;
    db.execute("insert into queue.holiday values ('acme', '2026-11-24'), ('globex', '2026-11-23')").await;
    let midnight = utc("2026-11-23 23:00");
    for (at, expected) in [
        // Before, in, between and behind the hours of a Monday, by the clock of Berlin.
        ("2026-11-23 06:00", Some((midnight, 7 * HOUR))),
        ("2026-11-23 10:30", Some((midnight, 4 * HOUR + HOUR / 2))),
        ("2026-11-23 12:00", Some((midnight, 4 * HOUR))),
        ("2026-11-23 22:59", Some((midnight, 60))),
        // A holiday, and a day without hours.
        ("2026-11-23 23:00", None),
        ("2026-11-25 10:00", None),
        // Sundays of 23 and 25 hours.
        ("2026-03-28 23:00", Some((utc("2026-03-29 22:00"), 23 * HOUR))),
        ("2026-10-24 22:00", Some((utc("2026-10-25 23:00"), 25 * HOUR))),
    ] {
        assert_eq!(today(&db, utc(at)).await, expected, "{at}");
    }
    works(&db, "UTC", "mon 09:00-17:00").await;
    assert_eq!(today(&db, utc("2026-11-23 17:00")).await, None, "it is over");
}

/// What comes in the evening is due tomorrow, and the forecast knows.
#[tokio::test]
async fn a_forecast_reckons_with_the_hours() {
    let db = database().await;
    let mon = db.raw("mon").await;
    let known = async || -> (i64, Option<i64>) {
        sqlx::query_as(
            "select allowed_seconds, (extract(epoch from closes_at - queue.clock()) / 60)::bigint from queue.workload()
             where agency = 'acme' and job_kind = 'customer_message_approve'",
        )
        .fetch_one(&mon)
        .await
        .unwrap()
    };
    assert_eq!(known().await, (4 * 3_600, None));
    works(&db, "UTC", "mon-sun 09:00-17:00").await;
    let early: f64 = db
        .value("select extract(epoch from date_bin('1 day', queue.clock(), 'epoch') + interval '40 hours' - queue.clock())::float8")
        .await;
    db.advance(&format!("{early} seconds")).await;
    // Four o'clock: an hour today, three tomorrow.
    let (allowed, closes) = known().await;
    assert!(
        (allowed - 20 * 3_600).abs() <= 60 && closes.is_some_and(|minutes| (59..=60).contains(&minutes)),
        "{allowed} {closes:?}"
    );
    db.advance("2 hours").await;
    assert_eq!(known().await.1, None, "the day is over");
}

/// The longest that can be: an hour a week, and a thousand days closed.
#[tokio::test]
async fn a_deadline_of_three_weeks_is_found_at_once_even_where_an_hour_a_week_is_worked() {
    let db = database().await;
    works(&db, "Europe/Berlin", "wed 10:00-11:00").await;
    db.execute("insert into queue.holiday select 'acme', '2026-11-24'::date + day from generate_series(0, 999) as day")
        .await;
    let mut hurried = db.pool().begin().await.unwrap();
    sqlx::query("set local statement_timeout = '2s'").execute(&mut *hurried).await.unwrap();
    let due: DateTime<Utc> =
        sqlx::query_scalar("select queue.deadline_after('acme', '2026-11-23 09:00+00', '504 hours')")
            .fetch_one(&mut *hurried)
            .await
            .unwrap();
    // Wednesdays from the 22nd of August 2029 on, the five hundred and fourth of them in summer.
    let first = NaiveDate::from_ymd_opt(2029, 8, 22).unwrap();
    assert_eq!(due.date_naive(), first + TimeDelta::weeks(503));
}

/// The clock on a wall, minute by minute, as PostgreSQL tells it.
async fn wall(db: &Database, zone: &str, from: DateTime<Utc>, days: i64) -> Vec<NaiveDateTime> {
    let statement = format!(
        "select minute at time zone '{zone}' from generate_series($1, $1 + interval '{days} days', '1 minute') as minute"
    );
    sqlx::query_scalar(AssertSqlSafe(statement)).bind(from).fetch_all(db.pool()).await.unwrap()
}

/// A span as numbers: days since Monday, minutes since midnight.
fn minutes(span: &Span) -> (u32, u32, u32) {
    let text = span.to_string();
    let clock = |text: &str| text[..2].parse::<u32>().unwrap() * 60 + text[3..5].parse::<u32>().unwrap();
    let weekday =
        ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].iter().position(|day| text.starts_with(day)).unwrap();
    (u32::try_from(weekday).unwrap(), clock(&text[4..9]), clock(&text[10..15]))
}

/// Counts the minutes that are worked, one after the other.
fn counted(wall: &[NaiveDateTime], spans: &[Span], closed: &[NaiveDate], from: usize, allowed: usize) -> Option<usize> {
    let spans: Vec<_> = spans.iter().map(minutes).collect();
    let works = |at: &NaiveDateTime| {
        let (weekday, minute) = (at.weekday().num_days_from_monday(), at.hour() * 60 + at.minute());
        !closed.contains(&at.date())
            && spans.iter().any(|(day, opens, closes)| *day == weekday && (*opens..*closes).contains(&minute))
    };
    let worked = (from..wall.len()).filter(|minute| works(&wall[*minute]));
    worked.skip(allowed - 1).map(|minute| minute + 1).next()
}

fn by_chance(dice: &mut Dice) -> String {
    let mut text = String::new();
    for day in ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] {
        // Most of them near where clocks jump.
        let latest = if dice.roll(2) == 0 { 240 } else { 1_441 };
        let mut ends: Vec<usize> = (0..2 * dice.roll(4)).map(|_| dice.roll(latest)).collect();
        ends.sort_unstable();
        ends.dedup();
        let clock = |minute: usize| format!("{:02}:{:02}", minute / 60, minute % 60);
        for pair in ends.chunks_exact(2) {
            text.push_str(&format!("{day} {}-{} ", clock(pair[0]), clock(pair[1])));
        }
    }
    // So that it opens for an hour a week, whatever the dice say.
    text.push_str(if text.contains("thu") { "" } else { "thu 23:00-24:00" });
    text
}

/// Around every kind of jump: by an hour and by half of one, at midnight, and where there is none.
#[tokio::test]
async fn deadlines_are_what_counting_minute_by_minute_comes_to() {
    const ZONES: [&str; 12] = [
        "Australia/Lord_Howe",
        "America/Santiago",
        "Africa/Casablanca",
        "Antarctica/Troll",
        "Europe/Berlin",
        "America/New_York",
        "Asia/Beirut",
        "America/Havana",
        "Pacific/Chatham",
        "Atlantic/Azores",
        "Africa/Cairo",
        "Asia/Kolkata",
    ];
    const DAYS: i64 = 10;
    let db = database().await;
    let mut dice = Dice(20_261_123);
    let figure = Figure::begin("deadlines against a count of minutes");
    let mut compared = 0;
    for zone in ZONES {
        let jumps: Vec<DateTime<Utc>> = sqlx::query_scalar(
            "select hour from generate_series('2026-01-01 00:00+00'::timestamptz, '2027-01-01 00:00+00', '1 hour') as hour
             where hour at time zone $1 - hour at time zone 'UTC'
                   <> (hour + interval '1 hour') at time zone $1 - (hour + interval '1 hour') at time zone 'UTC'",
        )
        .bind(zone)
        .fetch_all(db.pool())
        .await
        .unwrap();
        assert!(!jumps.is_empty() || zone == "Asia/Kolkata", "{zone}");
        let jumps = if jumps.is_empty() { vec![utc("2026-06-01 00:00")] } else { jumps };
        for jump in jumps {
            let begins = jump - TimeDelta::days(3);
            let wall = wall(&db, zone, begins, DAYS).await;
            for _ in 0..scaled(2, 40) {
                let text = by_chance(&mut dice);
                let Ok(spans) = hours::parse(&text) else { continue };
                if spans.iter().map(minutes).map(|(_, opens, closes)| closes - opens).sum::<u32>() < 60 {
                    continue;
                }
                works(&db, zone, &text).await;
                let closed = [jump.date_naive() + TimeDelta::days(dice.roll(3) as i64)];
                db.execute("delete from queue.holiday").await;
                db.execute(&format!("insert into queue.holiday values ('acme', '{}')", closed[0])).await;
                for _ in 0..scaled(5, 50) {
                    let (from, allowed) = (dice.roll(4 * 1_440), 1 + dice.roll(600));
                    let Some(expected) = counted(&wall, &spans, &closed, from, allowed) else { continue };
                    let at = |minute: usize| begins + TimeDelta::minutes(minute as i64);
                    let due = deadline(&db, at(from), &format!("{allowed} minutes")).await;
                    assert_eq!(due, at(expected), "{zone}, {text}, closed {closed:?}: {allowed} from {}", at(from));
                    compared += 1;
                }
            }
        }
    }
    figure.end(compared);
    assert!(compared > 60, "only {compared} could be compared");
}

/// A job's own deadline waits for the morning; one that a producer promised is his to keep, and so is what is inherited.
#[tokio::test]
async fn a_promised_deadline_takes_no_account_of_the_night() {
    let db = database().await;
    let conversation = db.conversation().await;
    let now: DateTime<Utc> = db.value("select queue.clock()").await;
    // An hour a day, of which the current one is long over and the next is far.
    let hour = (now.hour() + 20) % 24;
    works(&db, "UTC", &format!("mon-sun {hour:02}:00-{:02}:00", hour + 1)).await;
    let own = db.ask(&conversation, &db.new_draft(&conversation, "It left on Monday.")).await;
    let due = db.job(own.job).await.deadline_at.unwrap();
    // Four hours of work are four days.
    assert!(due - now > TimeDelta::days(3), "{due}");
    assert!((due.hour(), due.minute()) == ((hour + 1) % 24, 0), "{due}");

    // The send of an approved question has half an hour of its own, some time tomorrow.
    let send = db.job(approved(&db, &own).await).await;
    assert_eq!(send.deadline_at.unwrap().minute(), 30);

    let other = db.conversation().await;
    let mut promised = db.new_draft(&other, "It left on Monday.");
    promised.deadline_at = Some(utc("2026-01-31 03:17") + TimeDelta::days(3_650));
    let question = db.ask(&other, &promised).await;
    assert_eq!(db.job(question.job).await.deadline_at, promised.deadline_at);
    let send = db.job(approved(&db, &question).await).await;
    assert_eq!(send.deadline_at, promised.deadline_at, "passed down the chain");
    // What an undone decision asks again inherits as well.
    let undone = db.as_login("ada").await.undo(own.job, command()).await.unwrap();
    assert_eq!(db.job(undone.created_job_id.unwrap()).await.deadline_at, Some(due));
}

#[tokio::test]
async fn without_hours_deadlines_run_through_the_night_and_what_stands_stays() {
    let db = database().await;
    let wad = db.as_login("wad").await;
    assert!(wad.business_hours().await.unwrap()[0].runs_through_the_night());
    let kim = db.as_login("kim").await;
    let through_the_night = async || kim.overview().await.unwrap().situation.through_the_night;
    assert_eq!(through_the_night().await, ["acme"], "what the Overview says, of one's own agency only");
    let night = utc("2026-11-23 23:00");
    assert_eq!(deadline(&db, night, "4 hours").await, utc("2026-11-24 03:00"));
    // Also where a day of the session's own clock has 25 hours.
    assert_eq!(deadline(&db, utc("2026-10-31 12:00"), "1 day").await, utc("2026-11-01 12:00"));
    let before = db.question().await;
    let due = db.job(before.job).await.deadline_at;
    works(&db, "Europe/Berlin", "mon-fri 09:00-17:00").await;
    assert!(!wad.business_hours().await.unwrap()[0].runs_through_the_night());
    assert_eq!(through_the_night().await, Vec::<String>::new());
    assert_eq!(db.job(before.job).await.deadline_at, due);
    assert_eq!(deadline(&db, night, "4 hours").await, utc("2026-11-24 12:00"));
    // Another agency's nights are its own.
    let globex: DateTime<Utc> =
        db.value("select queue.deadline_after('globex', '2026-11-23 23:00+00', '4 hours')").await;
    assert_eq!(globex, utc("2026-11-24 03:00"));
    assert!(wad.set_business_hours("acme", None, None, command()).await.unwrap().is_applied());
    assert_eq!(deadline(&db, night, "4 hours").await, utc("2026-11-24 03:00"));
    assert_eq!(wad.business_hours().await.unwrap()[0].time_zone, "Europe/Berlin", "the clock stays");
}

/// The data of a later server, or of another one that a backup was restored on, may know the zone no longer.
#[tokio::test]
async fn a_time_zone_that_the_server_lost_stops_no_job() {
    let db = database().await;
    works(&db, "Europe/Berlin", "mon-fri 09:00-17:00").await;
    db.execute("alter table queue.agency disable trigger code_wall").await;
    db.execute("update queue.agency set time_zone = 'Mars/Olympus' where agency = 'acme'").await;
    let kim = db.as_login("kim").await;
    let situation = kim.overview().await.unwrap().situation;
    assert_eq!(
        (situation.through_the_night, situation.unknown_zones),
        (vec!["acme".into()], vec!["Mars/Olympus".into()])
    );
    let question = db.question().await;
    let job = db.job(question.job).await;
    let allowed = job.deadline_at.unwrap() - job.created_at;
    assert!((allowed - TimeDelta::hours(4)).abs() < TimeDelta::minutes(1), "{allowed}, as without hours");
    approved(&db, &question).await;

    // Its hours stand, and count again by the clock of a zone that is there.
    let wad = db.as_login("wad").await;
    let known = &wad.business_hours().await.unwrap()[0];
    assert_eq!((known.zone_is_known, hours::in_words(&known.hours).as_str()), (false, "mon-fri 09:00-17:00"));
    works(&db, "Europe/Berlin", "mon-fri 09:00-17:00").await;
    assert_eq!(deadline(&db, utc("2026-11-23 23:00"), "4 hours").await, utc("2026-11-24 12:00"));
    let situation = kim.overview().await.unwrap().situation;
    assert_eq!((situation.through_the_night.len(), situation.unknown_zones.len()), (0, 0));
}

#[tokio::test]
async fn an_agency_says_when_it_works_and_so_does_the_platform_and_it_is_on_record() {
    let db = database().await;
    let spans = hours::parse("mon-fri 09:00-17:00").unwrap();
    for (who, agency, expected) in [
        ("wad", "acme", "applied"),
        ("wad", "globex", "not_authorised"),
        ("wad", "initech", "not_authorised"),
        ("pad", "globex", "applied"),
        ("pad", "initech", "not_found"),
        ("ada", "acme", "not_authorised"),
        ("kim", "acme", "not_authorised"),
    ] {
        let login = db.as_login(who).await;
        let set = login.set_business_hours(agency, Some(&spans), None, command()).await.unwrap();
        assert_eq!(set.outcome, expected, "{who} sets the hours of {agency}");
        let closed =
            login.set_holidays(agency, &[NaiveDate::from_ymd_opt(2026, 12, 25).unwrap()], true, command()).await;
        assert_eq!(closed.unwrap().outcome, expected, "{who} closes {agency}");
    }
    let recorded = "select concat_ws(' ', call, agency, outcome) from queue.dot_iu_command_run
                    where call in ('set_business_hours', 'set_holidays') and outcome = 'applied' order by run_id";
    assert_eq!(
        texts(db.pool(), recorded).await,
        [
            "set_business_hours acme applied",
            "set_holidays acme applied",
            "set_business_hours globex applied",
            "set_holidays globex applied"
        ]
    );
    // Once more with the same id is once.
    let again = command();
    let wad = db.as_login("wad").await;
    for _ in 0..2 {
        assert!(wad.set_business_hours("acme", None, None, again).await.unwrap().is_applied());
    }
    assert_eq!(texts(db.pool(), recorded).await.len(), 5);
}

/// Whatever is wrong with them: the hours that stood before still stand.
#[tokio::test]
async fn hours_that_are_refused_change_nothing() {
    let db = database().await;
    works(&db, "Europe/Berlin", "mon-fri 09:00-17:00").await;
    let wad = db.raw("wad").await;
    for (hours, zone) in [
        ("'{}'", "null"),
        ("'{null}'", "null"),
        ("'{mon 00:00-24:00,mon 12:00-13:00}'", "null"),
        ("'{mon 09:00-12:00,mon 09:00-12:00}'", "null"),
        ("'{mon 24:00-24:00}'", "null"),
        ("'{Mon 09:00-17:00}'", "null"),
        ("'{mon 09:00-17:00}'", "'europe/berlin'"),
        ("'{mon 09:00-17:00}'", "''"),
    ] {
        let call =
            format!("select queue.set_business_hours('acme', {hours}, {zone}, command_id => gen_random_uuid()::text)");
        assert_eq!(refused(&wad, &call).await.as_deref(), Some("CS002"), "{hours} {zone}");
    }
    let known = &db.as_login("wad").await.business_hours().await.unwrap()[0];
    assert_eq!(hours::in_words(&known.hours), "mon-fri 09:00-17:00");
    assert_eq!(known.time_zone, "Europe/Berlin");
}
