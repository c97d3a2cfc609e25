//! Runs histories: each from its own seed, several databases side by side, and makes small what fails.

use std::cell::RefCell;
use std::env;
use std::fmt::{self, Display};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use super::acts;
use super::history::perform;
use super::real::Real;
use super::tally::Tally;

const SEED: &str = "COUNTERSIGN_MODEL_SEED";

/// Whether a failing history is made small: it takes a few hundred tries.
const TRIES_TO_SHRINK: u32 = 600;

/// A history in which model and database differ.
#[derive(Debug)]
pub struct Failure {
    pub seed: u64,
    /// What differed, after which calls.
    pub difference: String,
}

impl Failure {
    /// What differed, without the story.
    pub fn first_line(&self) -> &str {
        self.difference.lines().next().unwrap_or_default()
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failure { seed, difference } = self;
        write!(
            f,
            "model and database differ: {difference}\nseed {seed}; to repeat it alone: {SEED}={seed} cargo test model::the_database"
        )
    }
}

/// So many seeds, the same at every run; the one that the environment names, where it does.
pub fn seeds(count: usize) -> Vec<u64> {
    match env::var(SEED) {
        Ok(seed) => vec![seed.parse().unwrap_or_else(|_| panic!("{SEED} is a number"))],
        Err(_) => (0..count as u64).collect(),
    }
}

/// Runs a history per seed. Returns what came of them, or the first failure, small.
pub fn run(seeds: Vec<u64>, databases: usize) -> Result<Tally, Failure> {
    let next = AtomicUsize::new(0);
    let has_failed = AtomicBool::new(false);
    let tally = Mutex::new(Tally::default());
    let failure = Mutex::new(None);
    thread::scope(|scope| {
        for _ in 0..databases.min(seeds.len()) {
            scope.spawn(|| {
                let mut place = Place::new();
                while !has_failed.load(Ordering::Relaxed) {
                    let turn = next.fetch_add(1, Ordering::Relaxed);
                    let Some(seed) = seeds.get(turn) else { break };
                    match place.history(*seed, TRIES_TO_SHRINK) {
                        Ok(told) => tally.lock().unwrap().add(told),
                        Err(found) => {
                            has_failed.store(true, Ordering::Relaxed);
                            failure.lock().unwrap().get_or_insert(found);
                        }
                    }
                }
            });
        }
    });
    match failure.into_inner().unwrap() {
        Some(failure) => Err(failure),
        None => Ok(tally.into_inner().unwrap()),
    }
}

/// A database and the runtime that its connections belong to.
pub struct Place {
    runtime: tokio::runtime::Runtime,
    real: RefCell<Real>,
}

impl Place {
    pub fn new() -> Place {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let real = RefCell::new(runtime.block_on(Real::new()));
        Place { runtime, real }
    }

    /// Runs a statement as the superuser.
    pub fn execute(&self, statement: &str) {
        self.runtime.block_on(self.real.borrow().execute(statement));
    }

    /// One history, from its seed alone.
    pub fn history(&mut self, seed: u64, tries_to_shrink: u32) -> Result<Tally, Failure> {
        let config = Config { failure_persistence: None, max_shrink_iters: tries_to_shrink, ..Config::default() };
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
        let tree = acts::history().new_tree(&mut runner).expect("nothing filters acts");
        let told = RefCell::new(Tally::default());
        let outcome = runner.run_one(tree, |acts| {
            let mut real = self.real.borrow_mut();
            match self.runtime.block_on(perform(&mut real, &acts)) {
                Ok(tally) => {
                    told.replace(tally);
                    Ok(())
                }
                Err(difference) => Err(TestCaseError::fail(difference)),
            }
        });
        match outcome {
            Ok(_) => Ok(told.into_inner()),
            Err(TestError::Fail(difference, _)) => Err(Failure { seed, difference: difference.message().to_owned() }),
            Err(TestError::Abort(reason)) => Err(Failure { seed, difference: reason.message().to_owned() }),
        }
    }
}
