//! A model beside the real thing: histories of all calls by all actors, with time moving, done in a plain in-memory model
//! and in the database, and compared after every call. The model is written from the contract and knows no SQL.
//!
//! proptest generates the histories and makes a failing one small. The driver is our own, a few lines around its runner,
//! instead of `proptest-state-machine`: that one draws a whole history from the model before the first call is made,
//! wants a precondition for every act so that it can leave some out, and starts every history afresh, where a database
//! costs a hundred times what the calls in it do. Here an act says only whose turn it is and a few numbers; what it comes to
//! is decided against the state at hand ([`choose`]). So any part of a history is a history, and shrinking needs no
//! rules. Every history has a seed of its own, so that one is repeated without those before it.
//!
//! Chance begins where a scene ends ([`scenes`]): a few calls that lead to where promises are easily broken. [`world`] is
//! what the model believes, [`predict`] what a call does to it, [`real`] the database, [`compare`] the
//! difference. `COUNTERSIGN_MODEL_SEED=N` repeats the history with that seed alone.

mod acts;
mod calls;
mod choose;
mod choose_any;
mod choose_onward;
mod compare;
mod driver;
mod history;
mod people;
mod predict;
mod predict_admin;
mod predict_executor;
mod predict_holder;
mod predict_oncall;
mod predict_producer;
mod predict_review;
mod predict_second_look;
mod real;
mod scenes;
mod settings;
mod statements;
mod tally;
mod teeth;
mod things;
mod upkeep;
mod world;

use crate::support::{Figure, scaled};

/// Histories happen in so many databases at once.
const DATABASES: usize = 2;

#[test]
fn the_database_does_what_the_model_says() {
    let figure = Figure::begin("histories like the model's");
    let seeds = driver::seeds(scaled(300, 20_000));
    let histories = seeds.len();
    let tally = driver::run(seeds, DATABASES).unwrap_or_else(|failure| panic!("{failure}"));
    println!("calls in these histories: {}", tally.calls());
    if histories > 1 {
        assert_eq!(tally.moves_not_made(), [], "no history came to these moves");
    }
    figure.end(histories);
}
