//! Everything that needs a database, a terminal or the sources, in one binary: linking is the slow part.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod calls;
mod canary;
mod cluster;
mod commands;
mod counts;
mod demo;
mod facts;
mod guards;
mod history;
mod invariants;
mod model;
mod overview;
mod plans;
mod removal;
mod store_sql;
mod support;
mod terminal;
mod text;
mod tidy;
