//! What keeping the counts costs those who write: the same calls with the counting triggers and without, in turns.

use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;

use crate::Arguments;
use crate::data::Data;
use crate::pgbench::{self, Script, Turns};
use crate::report::{Bar, Report, median, spread};

pub async fn measure(report: &mut Report, data: &Data, arguments: &Arguments) {
    let enqueue = pgbench::enqueue(data);
    let claim = pgbench::claim("customer_message_classify,customer_message_draft,customer_message_followup", 1);
    let decide = pgbench::decide();
    for (what, who, script) in [("enqueue", "prod", enqueue), ("claim", "exe", claim), ("decide", "ada", decide)] {
        let turns = pgbench::in_turns(arguments.repetitions, async |counts| {
            switch(data, counts).await;
            let script = Script { who, text: &script, rate: None };
            tokio::select! {
                done = pgbench::run(data, script, arguments.seconds, decided(data).await) => done,
                () = keep_folding(data) => unreachable!("it folds for ever"),
            }
        });
        let Turns { ratios, with, without } = turns.await;
        switch(data, true).await;
        let (least, most) = (least(&ratios), most(&ratios));
        let figures = json!({
            "ratios": ratios, "with_per_second": spread(&with), "without_per_second": spread(&without),
            "seconds": arguments.seconds, "clients": pgbench::CLIENTS, "jobs": data.jobs,
        });
        let what = format!("{what} with the counts, of without ({least:.2} to {most:.2})");
        report.add(&what, Bar::AtLeast(0.9), median(&ratios), "x", figures);
    }
}

/// Where the questions begin that nobody has decided yet.
pub async fn decided(data: &Data) -> i64 {
    data.count(
        "select coalesce(max(k), 0) from bench.work join queue.job_queue using (job_id) where status = 'succeeded'",
    )
    .await
}

async fn switch(data: &Data, counts: bool) {
    let state = if counts { "enable always" } else { "disable" };
    data.database
        .execute(&format!(
            "do $$
             declare
                 counting record;
             begin
                 for counting in
                     select tgname from pg_trigger where tgrelid = 'queue.job_queue'::regclass and tgname like 'count%'
                 loop
                     execute format('alter table queue.job_queue {state} trigger %I', counting.tgname);
                 end loop;
             end
             $$"
        ))
        .await;
}

/// What an open dashboard does meanwhile: moving the counts belongs to what they cost.
async fn keep_folding(data: &Data) {
    loop {
        let moved = data.database.value::<i32>("select queue.fold()").await;
        if moved == 0 {
            sleep(Duration::from_secs(1)).await;
        }
    }
}

fn least(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

fn most(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}
