//! A page of every list, by filter, by deadline and further down.

use std::time::{Duration, Instant};

use countersign::app::cursor::Cursor;
use countersign::domain::{Filter, JobId};
use countersign::store::dead_letters::Cell;
use countersign::store::review::ListOrder;
use countersign::store::{ConnectOptions, Store};
use serde_json::json;

use crate::data::Data;
use crate::report::{Bar, Report, median, spread};

const SAMPLES: usize = 50;
const WARM: usize = 3;
/// A page that takes so long is not asked for as often.
const SLOW_MS: f64 = 200.0;
const SLOW_SAMPLES: usize = 5;
/// Nor for longer than this.
const LONG: Duration = Duration::from_secs(15);
const BAR: f64 = 5.0;

/// The terms of the filter line, alone and together, frequent and rare.
const FILTERS: [&str; 43] = [
    "",
    "kind:send",
    "kind:approve status:queued",
    "kind:approve status:queued due:<15m",
    "kind:send status:open",
    "kind:send status:open due:<5m",
    "kind:send status:open channel:sms",
    "status:open",
    "status:open due:<15m",
    "status:open due:>9h",
    "due:<15m",
    "due:>20h",
    "status:leased",
    "status:running",
    "status:retry_waiting",
    "status:paused",
    "status:dead_letter",
    "status:succeeded",
    "status:failed",
    "status:failed,cancelled",
    "status:cancelled kind:escalate",
    "channel:sms",
    "channel:voice",
    "lang:de",
    "lang:xx",
    "intent:card_arrival",
    "intent:refund",
    "conf:<0.4",
    "conf:>0.4",
    "lang:de kind:send channel:sms",
    "lang:de status:failed",
    "lang:xx status:failed",
    "error:timeout",
    "error:timeout kind:send",
    "error:none",
    "holder:nobody",
    "to:senior_reviewer",
    "to:team_lead",
    "mine",
    "edited:me",
    "skipped:me",
    "cust:cust-1",
    "cust:nobody",
];

pub async fn measure(report: &mut Report, data: &Data) {
    let connections = ConnectOptions::new("").max_connections;
    let store = Store::connect(&data.database.options_of("ada").max_connections(connections)).await.unwrap();
    let middle = Some(JobId(data.jobs / 2));
    // What a screen of 60 lines asks for.
    let rows = Cursor::<JobId>::default().reach(60) as i64;
    let mut worst = 0.0_f64;
    let mut figures = Vec::new();
    let mut add = |report: &mut Report, what: String, took: Vec<f64>| {
        let median = median(&took);
        worst = worst.max(median);
        figures.push(json!({ "page": what, "ms": spread(&took) }));
        if median > BAR {
            report.note(&format!("{what}: {median:.1} ms"));
        }
    };
    let by_id = [format!("id:{}", data.jobs / 3), format!("conv:{}", conversation(data.live / 2))];
    for text in FILTERS.into_iter().map(str::to_owned).chain(by_id) {
        let filter: Filter = text.parse().unwrap();
        for (place, before) in [("first", None), ("middle", middle)] {
            let took = times(async || store.jobs(&filter, before, rows).await.map(drop)).await;
            add(report, format!("jobs, {place} page, \"{text}\""), took);
        }
    }
    for (name, savable_first) in [("late first", Some(false)), ("savable first", Some(true))] {
        let order = ListOrder { savable_first, ..ListOrder::default() };
        add(
            report,
            format!("waiting, {name}"),
            times(async || store.waiting(rows as i32, &order).await.map(drop)).await,
        );
    }
    add(report, "decided lately".to_owned(), times(async || store.decided_lately().await.map(drop)).await);
    for error_code in [None, Some("timeout".to_owned()), Some("none".to_owned())] {
        let cell = Cell { error_code, job_kind: None, channel_kind: None };
        let took = times(async || store.dead_letters(&cell, rows).await.map(drop)).await;
        add(report, format!("dead letters, {}", cell.error_code.as_deref().unwrap_or("all")), took);
    }
    add(report, "dead letters, table".to_owned(), times(async || store.dead_letter_grid().await.map(drop)).await);
    for text in ["", "status:dead_letter", "error:timeout", "error:not_found", "holder:nobody", "mine", "id:1000"] {
        let filter: Filter = text.parse().unwrap();
        let took = times(async || store.activity(&filter, 0, rows).await.map(drop)).await;
        add(report, format!("activity, \"{text}\""), took);
    }
    let id = JobId(data.jobs - 1);
    add(report, "a job".to_owned(), times(async || store.job(id).await.map(drop)).await);
    add(report, "a job's tree".to_owned(), times(async || store.tree(id).await.map(drop)).await);
    add(report, "a job's history".to_owned(), times(async || store.history(id).await.map(drop)).await);
    let pages = figures.len();
    report.add(&format!("the slowest of {pages} pages, median"), Bar::AtMost(BAR), worst, "ms", json!(figures));
    store.close().await;
}

/// The name that the data gives a conversation.
fn conversation(number: i64) -> String {
    format!("00000002-0000-4000-8000-{number:012x}")
}

/// Milliseconds of each look. One that the server gives up counts with the time after which it did.
async fn times(page: impl AsyncFn() -> countersign::store::Result<()>) -> Vec<f64> {
    let mut took = Vec::new();
    let first = Instant::now();
    for sample in 0..SAMPLES + WARM {
        let began = Instant::now();
        let answer = page().await;
        let ms = began.elapsed().as_secs_f64() * 1000.0;
        if sample >= WARM || first.elapsed() > LONG {
            took.push(ms);
        }
        if answer.is_err() || first.elapsed() > LONG && !took.is_empty() || ms > SLOW_MS && took.len() >= SLOW_SAMPLES {
            break;
        }
    }
    if took.is_empty() {
        took.push(first.elapsed().as_secs_f64() * 1000.0);
    }
    took
}
