//! How much of the slow kind of evidence a run gathers: histories, races, tries. `cargo test` gathers what ends within
//! minutes; `COUNTERSIGN_TEST_SCALE=full` gathers the figures that the README states.

use std::env;
use std::time::Instant;

const SCALE: &str = "COUNTERSIGN_TEST_SCALE";

/// `small`, or `full` where the run asks for the full figures.
pub fn scaled(small: usize, full: usize) -> usize {
    match env::var(SCALE).as_deref() {
        Err(env::VarError::NotPresent) => small,
        Ok("full") => full,
        other => panic!("{SCALE} is \"full\" or unset, not {other:?}"),
    }
}

/// Counts what was gathered and how long it took; says so with `cargo test -- --show-output`.
pub struct Figure {
    what: &'static str,
    began: Instant,
}

impl Figure {
    pub fn begin(what: &'static str) -> Figure {
        Figure { what, began: Instant::now() }
    }

    pub fn end(self, count: usize) {
        println!("{}: {count} in {:.1} s", self.what, self.began.elapsed().as_secs_f64());
    }
}
