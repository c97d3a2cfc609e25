//! Every guard is load-bearing: each is taken away in turn, and some attack that it repelled then comes to something else.
//!
//! Nobody lists the guards. They are read from PostgreSQL's catalogue – constraints, unique indexes, triggers, policies,
//! rights that nobody was given – and from the text of the functions, where each refusal and each condition of one is a
//! guard. What is written by hand are the attacks: `rows.sql` (bad rows), `hands.sql` (what the owner may not do), `calls.sql`
//! (what the calls refuse), `sights.sql` (what nobody sees), `races.sql` (two sessions at once). They find a
//! database with one of everything in it (`world.sql`), or with a crowd (`crowd.sql`). A guard that no attack misses fails the
//! test with its name.
//! `cargo test removal:: -- --show-output` prints which attack misses which guard.

mod attack;
mod bodies;
mod ledger;
mod locks;
mod rights;
mod rows;
mod rules;
mod scratch;
mod source;
mod triggers;
mod wall;
