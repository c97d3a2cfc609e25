//! Countersign: people countersign the replies that programs drafted, before anything is sent.
//!
//! # The map, in reading order
//!
//! | module | what it holds | knows |
//! |---|---|---|
//! | [`domain`] | the words and rules: job, status, backlog, deadline, dead letter, review, payload reference | nothing of ours |
//! | [`text`] | untrusted text made visible, complete and bounded | nothing of ours |
//! | [`vault`] | keyring, sealing and opening of bodies, keyed digests | `domain` |
//! | [`store`] | the only place that speaks SQL: one file per subject, rows to domain | `domain` |
//! | [`cluster`] | the private PostgreSQL: find, initialise, start, stop | nothing of ours |
//! | [`app`] | the model, the messages, `update`, the key table; one file per screen | `domain`, `text` |
//! | [`ui`] | `view`: a question asked of the model; theme, widgets, one file per screen | `app`, `domain`, `text` |
//! | [`runtime`] | the loop, the terminal, performing effects, the ordered decision writer | `app`, `ui`, `store`, `vault`, `domain`, `text` |
//! | [`commands`] | one file per subcommand without a screen | `store`, `vault`, `cluster`, `text`, `domain` |
//! | [`demo`] | sample conversations and simulated traffic, through the public calls only | `store`, `vault`, `cluster`, `runtime` |
//! | [`session`] | an open database with its keys; the founding of a private one | `store`, `vault`, `cluster`, `config`, `domain` |
//! | [`dashboard`] | from the command line to the running dashboard | `runtime`, `session`, `config`, `cli` |
//! | [`launch`] | what was asked for on the command line, to its end | `cli`, `config`, `commands`, `dashboard`, `demo`, `runtime` |
//! | [`outside`] | a text in the person's own editor, in memory | nothing of ours |
//! | [`cli`], [`config`], [`log`] | what was asked for, where the database is, where the log goes | `domain` |
//!
//! # What must stay true
//!
//! - **Rules live in PostgreSQL.** The program is a client without rights of its own; `psql` under the same login is as
//!   safe as the dashboard.
//! - **Signals, not data.** `queue` never holds a customer's word; bodies lie sealed in `care` and are opened by the
//!   program with keys that PostgreSQL never sees.
//! - **A decision is pinned** to the draft, its digest, the newest inbound message and the lease that were on screen.
//! - **Drawing asks, it does not act.** Nothing in [`ui`] waits, locks, writes or asks the time.
//! - **Untrusted text has one way to the screen**: bytes, vault, `SafeText`, widget.
//!
//! `tests/tidy.rs` reads the sources and fails when an arrow of this map is broken.

pub mod app;
pub mod cli;
pub mod cluster;
pub mod commands;
pub mod config;
pub mod dashboard;
pub mod demo;
pub mod domain;
pub mod launch;
pub mod log;
pub mod outside;
pub mod runtime;
pub mod session;
pub mod store;
pub mod text;
pub mod ui;
pub mod vault;
