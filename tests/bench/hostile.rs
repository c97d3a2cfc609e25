//! Hostile texts by the million, each judged as the tests judge a few thousand.
//!
//! `cargo bench --bench hostile -- 10000000` judges the texts of the numbers below ten million, on one core, and says how
//! long it took. A text that fails is named by its number, so that it fails again: `-- 1 4711` judges number 4711 alone.

#![expect(clippy::unwrap_used, reason = "a judge fails by panicking")]

#[path = "../text/generated.rs"]
mod generated;
#[path = "../text/oracle.rs"]
mod oracle;
#[path = "../text/terminal.rs"]
mod terminal;

use std::panic::catch_unwind;
use std::process::ExitCode;
use std::time::Instant;

/// Judged when nobody says how many.
const SOME: u64 = 100_000;
/// After so many it says how far it is.
const REPORT: u64 = 1_000_000;

fn main() -> ExitCode {
    let numbers: Vec<u64> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let count = numbers.first().copied().unwrap_or(SOME);
    let first = numbers.get(1).copied().unwrap_or(0);
    let start = Instant::now();
    let mut failed = 0;
    for number in first..first + count {
        if catch_unwind(|| generated::judge(number)).is_err() {
            eprintln!("text {number} failed");
            failed += 1;
        }
        if (number + 1 - first).is_multiple_of(REPORT) {
            println!("{} texts, {:.0} s", number + 1 - first, start.elapsed().as_secs_f64());
        }
    }
    println!("{count} texts judged in {:.0} s, {failed} failed", start.elapsed().as_secs_f64());
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
