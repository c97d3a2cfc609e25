//! The one way for a test to get a database: a real PostgreSQL, migrated, with people and programs in it.
//!
//! `COUNTERSIGN_TEST_DATABASE_URL` names a server and a login that may create databases and roles; without it a private
//! throwaway cluster runs for the time of the tests. One template database is built per run and cloned per test.
//!
//! Standard fixtures: agencies `acme` and `globex`. Of `acme`: `ada` and `bo` (reviewer), `sen` (senior_reviewer), `lee`
//! (team_lead), `kim` (oncall), `opa` (operator), `wad` (workflow_admin). Of `globex`: `gus` (reviewer). Of no agency: `pad`
//! (platform_admin), `mon` (monitor). Programs: `prod` (producer) and `exe` (executor of everything), both for both agencies
//! and all channels; `sms_exe` sends text messages for `acme` only. `nobody` may log in and is registered as nothing.

mod conversation;
mod database;
mod dice;
mod run;
mod scale;
mod server;
mod template;

pub use conversation::{Conversation, Question, opened};
pub use database::{Database, command};
pub use dice::Dice;
pub use scale::{Figure, scaled};
use server::Server;

/// A fresh database for one test, gone when the value is dropped.
pub async fn database() -> Database {
    database::clone_template().await
}

/// What [`database`] clones, as a last resort for tests of migrations: an empty database, not migrated.
pub async fn empty_database() -> Database {
    database::create_empty().await
}

/// The server itself, for a bench that measures it under other settings.
#[allow(dead_code, reason = "only a bench changes the server")]
pub async fn server() -> &'static Server {
    server::get().await
}
