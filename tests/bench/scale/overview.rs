//! Everything that one refresh of the Overview asks for, as the dashboard asks for it.

use std::time::Instant;

use countersign::app::{Generation, Msg, Query};
use countersign::domain::{Filter, JobKind};
use countersign::runtime::desk::Desk;
use countersign::runtime::reader::Reader;
use countersign::store::{ConnectOptions, Store};
use serde_json::json;
use sqlx::{Connection, PgConnection};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::data::Data;
use crate::pgbench::{self, Script};
use crate::report::{Bar, Report, median, spread};

const SAMPLES: usize = 60;
const WARM: usize = 5;
/// So many of the newest acts stand beside the counts on a large terminal.
const BESIDE: usize = 30;

pub async fn measure(report: &mut Report, few: &Data, many: &Data) {
    let (mut at_few, mut at_many) = (Looker::new(few).await, Looker::new(many).await);
    let (mut few_took, mut many_took, mut counted) = (Vec::new(), Vec::new(), Vec::new());
    let (mut few_anew, mut many_anew) = (Vec::new(), Vec::new());
    for sample in 0..SAMPLES + WARM {
        let (few_ms, many_ms) = (at_few.refresh().await, at_many.refresh().await);
        let (few_anew_ms, many_anew_ms) = (at_few.count_anew().await, at_many.count_anew().await);
        if sample >= WARM {
            few_took.push(few_ms);
            many_took.push(many_ms);
            few_anew.push(few_anew_ms);
            many_anew.push(many_anew_ms);
        }
        // In between, so that whatever slows the machine for a while slows both.
        if sample % 10 == 0 {
            counted.push(grouped_count(many).await);
        }
    }
    let (refresh, count) = (median(&many_took), median(&counted));
    let figures = json!({
        "jobs": many.jobs, "live": many.live, "many_ms": spread(&many_took), "few_ms": spread(&few_took),
        "grouped_count_ms": spread(&counted),
    });
    report.add("Overview, one refresh, median", Bar::AtMost(10.0), refresh, "ms", figures.clone());
    report.add("  of the same at 10,000 jobs", Bar::AtMost(1.5), refresh / median(&few_took), "x", figures.clone());
    report.add("  grouped count of the table, of it", Bar::AtLeast(100.0), count / refresh, "x", figures);
    let anew = median(&many_anew);
    let figures = json!({ "many_ms": spread(&many_anew), "few_ms": spread(&few_anew) });
    report.add("  counted anew for it, median", Bar::AtMost(10.0), anew, "ms", figures.clone());
    report.add("    of the same at 10,000 jobs", Bar::AtMost(1.5), anew / median(&few_anew), "x", figures);
    let wrong = differences(many).await;
    report.add("  cells that differ from a full count, under writes", Bar::AtMost(0.0), wrong as f64, "", json!({}));
}

/// Somebody who looks at the Overview.
pub struct Looker {
    store: Store,
    reader: Reader,
    inbox: UnboundedReceiver<Msg>,
    asked: u64,
}

impl Looker {
    pub async fn new(data: &Data) -> Looker {
        let connections = ConnectOptions::new("").max_connections;
        let options = data.database.options_of("ada").max_connections(connections);
        let store = Store::connect(&options).await.unwrap();
        let (desk, inbox) = Desk::new(store.clone(), None);
        Looker { store, reader: Reader::start(&desk), inbox, asked: 0 }
    }

    /// Milliseconds for the counts alone, which nobody else asked for.
    async fn count_anew(&self) -> f64 {
        let began = Instant::now();
        self.store.overview().await.unwrap();
        began.elapsed().as_secs_f64() * 1000.0
    }

    /// Milliseconds from the question to the last answer. On a wide terminal the newest acts stand beside the counts.
    pub async fn refresh(&mut self) -> f64 {
        self.asked += 1;
        let generation = Generation(self.asked);
        let began = Instant::now();
        self.reader.ask(generation, Query::Overview);
        self.reader.ask(generation, Query::Activity(Filter::default(), BESIDE));
        let (mut counts, mut acts) = (false, false);
        while !(counts && acts) {
            match self.inbox.recv().await.expect("the reader is there") {
                Msg::OverviewLoaded(reply) => counts = reply.result.map(|_| true).unwrap(),
                Msg::ActivityLoaded(reply) => acts = reply.result.map(|_| true).unwrap(),
                _ => {}
            }
        }
        began.elapsed().as_secs_f64() * 1000.0
    }
}

async fn grouped_count(data: &Data) -> f64 {
    let began = Instant::now();
    let statement = "select status, count(*) from queue.job_queue group by status";
    let rows = sqlx::query(statement).fetch_all(data.database.pool()).await.unwrap();
    assert!(rows.len() >= 9, "there are nine statuses");
    began.elapsed().as_secs_f64() * 1000.0
}

/// While sixteen clients write, how many of the counts by kind and status are not what a full count says at that moment.
async fn differences(data: &Data) -> i64 {
    let url = data.url("ada").await;
    let looking = async {
        let mut wrong = 0;
        let mut connection = PgConnection::connect(&url).await.unwrap();
        for _ in 0..5 {
            let mut transaction = connection.begin().await.unwrap();
            sqlx::query("set transaction isolation level repeatable read").execute(&mut *transaction).await.unwrap();
            wrong += sqlx::query_scalar::<_, i64>(include_str!("differences.sql"))
                .fetch_one(&mut *transaction)
                .await
                .unwrap();
            transaction.rollback().await.unwrap();
        }
        wrong
    };
    let enqueue = pgbench::enqueue(data);
    let writing = pgbench::run(data, Script { who: "prod", text: &enqueue, rate: None }, 10, 0);
    let (wrong, written) = tokio::join!(looking, writing);
    assert!(written.per_second > 0.0, "nothing was written meanwhile");
    wrong
}
