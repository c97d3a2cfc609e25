//! The loop: terminal and database on one side, `update` and `view` on the other.
//!
//! | file | what it does |
//! |---|---|
//! | [`event_loop`] | turns until something ends it, then waits for what was confirmed; lends the terminal to the own editor |
//! | [`pulse`] | when it turns though nothing happened |
//! | [`terminal`] | takes the terminal over and gives it back, whatever happens |
//! | [`canvas`] | writes to it what changed, and nothing where nothing did |
//! | [`keyboard`] | reads the terminal in a thread of its own, and sees which keys no finger typed |
//! | [`escapes`] | from bytes to keys |
//! | [`reading_time`] | how long something has to be on the screen before a key can be an answer to it |
//! | [`broken`] | a panic, told by its place alone, ends everything in order |
//! | [`clock`] | the database's time, reckoned |
//! | [`desk`] | what every task here shares: store, keys, clock, the way back to the loop |
//! | [`keeper`] | the connection: says when it stands, who is connected, and brings it back |
//! | [`reader`] | answers questions of the screens, of each kind the latest |
//! | [`sweeper`] | what must happen by itself, done while the dashboard is open |
//! | [`writer`] | what changes something, one after the other, in the order of the keys |
//! | [`command`] | one act under one id, and what became of it |
//! | [`holding`] | the questions before a hold and its end, and an end that tries a few first |
//! | [`opening`] | a claim and a conversation, from sealed bytes to safe text |
//! | [`watch`] | notices what happened to the job that is being read |
//! | [`remembered`] | the filters of last time, in a file |
//! | [`farewell`] | what was confirmed and is not known to have taken effect |
//!
//! Only here are messages made and effects performed. Nothing here decides what a key means or how a screen looks.

pub mod broken;
pub mod canvas;
pub mod changes;
pub mod clock;
pub mod command;
pub mod desk;
pub mod escapes;
mod event_loop;
pub mod farewell;
pub mod holding;
mod keeper;
pub mod keyboard;
pub mod opening;
mod pulse;
pub mod reader;
pub mod reading_time;
pub mod remembered;
pub mod sweeper;
pub mod terminal;
pub mod watch;
pub mod writer;

use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::FutureExt;

use crate::app::{Screen, Settings};
use crate::cluster::Cluster;
use crate::outside::OutsideEditor;
use crate::store::Store;
use crate::vault::Keyring;
use event_loop::EventLoop;
pub use farewell::{Farewell, Unsettled};
use terminal::Terminal;

/// What the dashboard is started with.
pub struct Options {
    pub store: Store,
    /// None: no bodies can be opened, and the screen says so when one tries.
    pub keys: Option<Arc<Keyring>>,
    /// The private cluster, where the database lies in one: it is started again when it dies.
    pub cluster: Option<Arc<Cluster>>,
    pub screen: Screen,
    pub read_only: bool,
    pub settings: Settings,
    /// The person's own editor, where drafts may be edited in it.
    pub editor: Option<OutsideEditor>,
    /// Where the filters of each database and login are kept for the next start: what their files' names begin with. None:
    /// they are not kept.
    pub filters: Option<PathBuf>,
}

/// Why the dashboard could not run, or did not run on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "the dashboard needs a terminal; for scripts there are `countersign status --json` and `countersign jobs --json`"
    )]
    NoTerminal,
    #[error("the dashboard needs a terminal that can place words on its screen, and TERM says that this one is dumb")]
    DumbTerminal,
    #[error("the terminal could not be used: {0}")]
    Terminal(#[from] std::io::Error),
    #[error("{}", broken::sentence(.place))]
    Broken { place: String },
}

/// Runs the dashboard until the person quits. Whatever ends it, the terminal is restored first, and then what was confirmed
/// is waited for.
pub async fn run(options: Options) -> Result<Farewell, Error> {
    terminal::require()?;
    terminal::forbid_core_dumps();
    let mut terminal = Terminal::enter()?;
    let mut dashboard = EventLoop::new(options, terminal.size()?);
    // What panicked in here is told by its place, and nothing of the model is used afterwards but to let go of it.
    let ended = AssertUnwindSafe(dashboard.run(&mut terminal)).catch_unwind().await;
    drop(terminal);
    let unsettled = dashboard.finish().await;
    let broken = broken::place().map(|place| Error::Broken { place });
    let error = ended.unwrap_or(Ok(())).err().or(broken);
    Ok(Farewell { unsettled, error })
}
