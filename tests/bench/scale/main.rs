//! What the dashboard costs at ten million jobs, as ratios taken in one run: `cargo bench --bench scale`.
//!
//! Starts a private PostgreSQL with its default settings but `shared_buffers = 1GB`, fills it, measures the rows that were
//! chosen, prints one line per figure and writes them to `target/bench/scale.json`.
//!
//! ```text
//! cargo bench --bench scale -- --rows overview,pages --jobs 10000000 --live 1000000
//! ```
//!
//! | file | what it does |
//! |---|---|
//! | `server.rs` | the server with the settings that are measured, and what its processes cost |
//! | `data.rs`, `jobs.sql` | as many jobs as wanted, as if they had come over ninety days |
//! | `overview.rs` | one refresh of the Overview, beside a grouped count and beside few jobs; whether it is exact |
//! | `pages.rs` | a page of every list |
//! | `pgbench.rs` | sixteen clients that do the same again and again |
//! | `counting.rs` | what keeping the counts costs those who write |
//! | `writing.rs`, `plain.sql` | calls beside plain statements that write the same rows |
//! | `latency.rs` | from the commit to the screen, from the key to the screen |
//! | `dashboards.rs` | the program at rest, its memory, its start, and two hundred of it |
//! | `drawing.rs` | a frame of each screen |
//! | `text.rs` | `SafeText` and the import |
//! | `wire.rs` | programs in pseudo-terminals |
//! | `report.rs` | the table |

#![expect(clippy::unwrap_used, reason = "a bench that cannot measure ends")]
#![allow(dead_code, unused_imports, reason = "the helpers of the tests can more than is measured here")]

mod counting;
mod dashboards;
mod data;
mod drawing;
mod latency;
mod overview;
mod pages;
mod pgbench;
mod report;
#[path = "../../terminal/screen.rs"]
mod screen;
mod server;
#[path = "../../support/mod.rs"]
mod support;
mod text;
mod wire;
mod writing;

use std::path::PathBuf;

use clap::Parser;
use clap::builder::PossibleValuesParser;

use data::Data;
use report::Report;

const ROWS: [&str; 9] =
    ["overview", "pages", "dashboards", "latency", "drawing", "many", "counting", "writing", "text"];

/// Measures what the dashboard costs at scale.
#[derive(Parser)]
struct Arguments {
    /// What to measure; everything without it.
    #[arg(long, value_delimiter = ',', value_parser = PossibleValuesParser::new(ROWS))]
    rows: Vec<String>,

    /// Jobs in the table that is read.
    #[arg(long, default_value_t = 10_000_000)]
    jobs: i64,

    /// How many of them have not ended.
    #[arg(long, default_value_t = 1_000_000)]
    live: i64,

    /// Jobs in the table that is written, eight of ten of them open.
    #[arg(long, default_value_t = 1_000_000)]
    write_jobs: i64,

    /// How often each pair of writers is compared.
    #[arg(long, default_value_t = 5)]
    repetitions: u32,

    /// How long each of them writes.
    #[arg(long, default_value_t = 4)]
    seconds: u32,

    /// How many dashboards look at once.
    #[arg(long, default_value_t = 200)]
    dashboards: usize,

    /// Where the figures go.
    #[arg(long)]
    json: Option<PathBuf>,

    /// What `cargo bench` says.
    #[arg(long, hide = true)]
    bench: bool,

    /// What `cargo test --benches` says.
    #[arg(long, hide = true)]
    test: bool,
}

impl Arguments {
    fn wants(&self, row: &str) -> bool {
        self.rows.is_empty() || self.rows.iter().any(|wanted| wanted == row)
    }

    fn wants_any(&self, rows: &[&str]) -> bool {
        rows.iter().any(|row| self.wants(row))
    }
}

fn main() {
    let arguments = Arguments::parse();
    if arguments.test {
        return;
    }
    let path = arguments.json.clone().unwrap_or_else(|| {
        let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        target.parent().expect("it lies in the target directory").join("bench/scale.json")
    });
    let mut report = Report::begin(path);
    if arguments.wants("text") {
        text::safe_text(&mut report);
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(measure(&arguments, &mut report));
    report.end();
}

async fn measure(arguments: &Arguments, report: &mut Report) {
    if arguments.wants_any(&["overview", "pages", "dashboards", "latency", "drawing", "many"]) {
        read(arguments, report).await;
    }
    if arguments.wants_any(&["counting", "writing"]) {
        server::for_loading().await;
        let data = Data::make(arguments.write_jobs, arguments.write_jobs * 8 / 10).await;
        data.begin_to_write().await;
        server::as_delivered(100).await;
        if arguments.wants("counting") {
            counting::measure(report, &data, arguments).await;
        }
        if arguments.wants("writing") {
            writing::measure(report, &data, arguments).await;
        }
    }
    if arguments.wants("text") {
        server::as_delivered(100).await;
        text::import(report).await;
    }
}

async fn read(arguments: &Arguments, report: &mut Report) {
    server::for_loading().await;
    let few = Data::make(10_000, 1_000).await;
    let many = Data::make(arguments.jobs, arguments.live).await;
    server::as_delivered(100).await;
    if arguments.wants("overview") {
        overview::measure(report, &few, &many).await;
    }
    if arguments.wants("drawing") {
        drawing::measure(report, &many).await;
    }
    if arguments.wants("dashboards") {
        dashboards::one(report, &many).await;
    }
    if arguments.wants("latency") {
        latency::measure(report, &many, arguments).await;
    }
    if arguments.wants("pages") {
        pages::measure(report, &many).await;
    }
    if arguments.wants("many") {
        server::as_delivered(450).await;
        dashboards::many(report, &many, arguments.dashboards).await;
    }
}
