//! The loop: terminal and database on one side, `update` and `view` on the other.
//!
//! | file | what it does |
//! |---|---|
//! | [`terminal`] | takes the terminal over and gives it back, whatever happens |
//! | [`broken`] | a panic, told by its place alone, ends everything in order |
//! | [`clock`] | the database's time, reckoned |
//! | [`desk`] | what every task here shares: store, keys, clock, the way back to the loop |
//! | [`keeper`] | the connection: says when it stands, who is connected, and brings it back |
//! | [`reader`] | answers questions of the screens, of each kind the latest |
//! | [`writer`] | what changes something, one after the other, in the order of the keys |
//! | [`command`] | one act under one id, and what became of it |
//! | [`opening`] | a claim and a conversation, from sealed bytes to safe text |
//! | [`watch`] | notices what happened to the job that is being read |
//! | [`farewell`] | what was confirmed and is not known to have taken effect |
//!
//! Only here are messages made and effects performed. Nothing here decides what a key means or how a screen looks.

pub mod broken;
pub mod clock;
pub mod command;
pub mod desk;
pub mod farewell;
pub mod keeper;
pub mod opening;
pub mod reader;
pub mod terminal;
pub mod watch;
pub mod writer;

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{Event, EventStream};
use futures_util::{FutureExt, StreamExt};
use ratatui::layout::Size;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::app::{self, Effect, Model, Msg, Screen, Settings};
use crate::cluster::Cluster;
use crate::store::Store;
use crate::ui;
use crate::vault::Keyring;
use desk::Desk;
use farewell::Ledger;
pub use farewell::{Farewell, Unsettled};
use keeper::Keeper;
use reader::Reader;
use terminal::{Signals, Terminal};
use watch::Watch;
use writer::Writer;

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
}

/// How long an answer may take before the connection counts as broken: longer than the database takes when it is busy, and
/// as long as a person waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long quitting waits for the answers to what was confirmed.
const LAST_WORDS: Duration = Duration::from_secs(10);
/// How long quitting waits before it says that it does.
const UNNOTICED: Duration = Duration::from_millis(500);
/// How long the connections may take to be closed. The database closes what is left of them.
const CLOSING: Duration = Duration::from_secs(1);

/// Why the dashboard could not run, or did not run on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "the dashboard needs a terminal; for scripts there are `countersign status --json` and `countersign jobs --json`"
    )]
    NoTerminal,
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
    let mut dashboard = Dashboard::new(options, terminal.size()?);
    // What panicked in here is told by its place, and nothing of the model is used afterwards but to let go of it.
    let ended = AssertUnwindSafe(dashboard.run(&mut terminal)).catch_unwind().await;
    drop(terminal);
    let unsettled = dashboard.finish().await;
    let broken = broken::place().map(|place| Error::Broken { place });
    let error = ended.unwrap_or(Ok(())).err().or(broken);
    Ok(Farewell { unsettled, error })
}

/// The loop and what it holds together.
struct Dashboard {
    model: Model,
    desk: Desk,
    messages: UnboundedReceiver<Msg>,
    reader: Reader,
    writer: Writer,
    watch: Watch,
    keeper: Keeper,
}

impl Dashboard {
    fn new(options: Options, size: Size) -> Self {
        let (desk, messages) = Desk::new(options.store.with_patience(PATIENCE), options.keys);
        let model = Model::new(options.settings, options.screen, size, desk.clock.now());
        let reader = Reader::start(&desk);
        let writer = Writer::start(desk.clone());
        let watch = Watch::start(desk.clone());
        let keeper = Keeper::start(desk.clone(), options.cluster, options.read_only);
        Dashboard { model, desk, messages, reader, writer, watch, keeper }
    }

    async fn run(&mut self, terminal: &mut Terminal) -> Result<(), Error> {
        let mut keys = EventStream::new();
        let mut signals = Signals::listen()?;
        let mut seconds = interval(Duration::from_secs(1));
        seconds.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            let now = self.desk.clock.now();
            terminal.draw(|frame| ui::view(&self.model, now, frame))?;
            self.step(Msg::Shown(self.desk.clock.now()), terminal);
            let msg = tokio::select! {
                biased;
                () = broken::heard() => return Ok(()),
                event = keys.next() => match event {
                    Some(Ok(event)) => self.terminal_event(event),
                    // The terminal went away: the window was closed, the connection of the shell broke.
                    Some(Err(_)) | None => Some(Msg::Terminate),
                },
                Some(msg) = self.messages.recv() => Some(msg),
                signal = signals.next() => match signal {
                    terminal::Signal::End => Some(Msg::Terminate),
                    terminal::Signal::Continued => {
                        terminal.take_over_again()?;
                        Some(Msg::Resize(terminal.size()?))
                    }
                },
                _ = seconds.tick() => Some(Msg::Tick(self.desk.clock.now())),
            };
            let mut ended = msg.is_some_and(|msg| self.step(msg, terminal));
            // Whatever else is there already is taken before the next frame, so that a burst costs one drawing.
            while !ended && let Ok(msg) = self.messages.try_recv() {
                ended = self.step(msg, terminal);
            }
            if ended {
                return Ok(());
            }
        }
    }

    fn terminal_event(&self, event: Event) -> Option<Msg> {
        let now = self.desk.clock.now();
        match event {
            Event::Key(key) => Some(Msg::Key(key, now)),
            Event::Mouse(mouse) => Some(Msg::Mouse(mouse, now)),
            Event::Paste(text) => Some(Msg::Paste(text, now)),
            Event::Resize(width, height) => Some(Msg::Resize(Size { width, height })),
            Event::FocusGained | Event::FocusLost => None,
        }
    }

    /// One message into the model, its effects out. True when the dashboard is to end.
    fn step(&mut self, msg: Msg, terminal: &mut Terminal) -> bool {
        if desk::says_away(&msg) {
            self.keeper.bring_back();
        }
        let mut ended = false;
        for effect in app::update(&mut self.model, msg) {
            match effect {
                Effect::Refresh { generation, query } => self.reader.ask(generation, *query),
                Effect::Copy(text) => terminal.copy(&text),
                Effect::Quit => ended = true,
                Effect::CountOthers { job_id } => watch::count_others(self.desk.clone(), job_id),
                Effect::Watch { job_id, pin } => self.watch.look(job_id, pin),
                Effect::LookBack { job_id, pin } => self.watch.look_back(job_id, pin),
                written => self.writer.give(written),
            }
        }
        ended
    }

    /// Waits until what was confirmed is answered and every lease is given back. Returns what is left to be said.
    async fn finish(mut self) -> Vec<Unsettled> {
        let mut ledger = Ledger::of(&self.model);
        let _ = timeout(LAST_WORDS, async {
            let is_quick = timeout(UNNOTICED, self.wind_down(&mut ledger)).await.is_ok();
            if !is_quick {
                // Where nobody reads any more, nobody can be told.
                let _ = writeln!(io::stderr(), "countersign: waiting for the database's last answers");
                self.wind_down(&mut ledger).await;
            }
        })
        .await;
        let _ = timeout(CLOSING, self.desk.store.close()).await;
        ledger.unsettled()
    }

    /// Goes on without a screen until the writer is empty: an answer that comes now may bring a lease to give back.
    async fn wind_down(&mut self, ledger: &mut Ledger) {
        self.let_go(Msg::Terminate, ledger);
        loop {
            tokio::select! {
                biased;
                Some(msg) = self.messages.recv() => self.let_go(msg, ledger),
                () = self.writer.emptied() => match self.messages.try_recv() {
                    Ok(msg) => self.let_go(msg, ledger),
                    Err(_) => return,
                },
            }
        }
    }

    fn let_go(&mut self, msg: Msg, ledger: &mut Ledger) {
        ledger.note(&msg);
        // A model that broke has no say any more; the leases run out by themselves.
        let effects = catch_unwind(AssertUnwindSafe(|| app::update(&mut self.model, msg))).unwrap_or_default();
        for effect in effects {
            if effect.is_of_the_end() && effect != Effect::Quit {
                self.writer.give(effect);
            }
        }
    }
}
