//! The loop: terminal and database on one side, `update` and `view` on the other.
//!
//! | file | what it does |
//! |---|---|
//! | [`terminal`] | takes the terminal over and gives it back, whatever happens |
//! | [`clock`] | the database's time, reckoned |
//! | [`desk`] | what every task here shares: store, keys, clock, the way back to the loop |
//! | [`keeper`] | the connection: says when it stands, who is connected, and brings it back |
//! | [`reader`] | answers questions of the screens, one task each |
//! | [`writer`] | what changes something, one after the other, in the order of the keys |
//! | [`opening`] | a claim and a conversation, from sealed bytes to safe text |
//! | [`watch`] | notices what happened to the job that is being read |
//!
//! Only here are messages made and effects performed. Nothing here decides what a key means or how a screen looks.

pub mod clock;
pub mod desk;
pub mod keeper;
pub mod opening;
pub mod reader;
pub mod terminal;
pub mod watch;
pub mod writer;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{Event, EventStream};
use futures_util::StreamExt;
use ratatui::layout::Size;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::app::{self, Effect, Model, Msg, Screen, Settings};
use crate::cluster::Cluster;
use crate::domain::JobId;
use crate::store::Store;
use crate::ui;
use crate::vault::Keyring;
use desk::Desk;
use keeper::Keeper;
use terminal::{Signals, Terminal};
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

/// How long quitting waits for decisions that were given and not answered.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// Why the dashboard could not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "the dashboard needs a terminal; for scripts there are `countersign status --json` and `countersign jobs --json`"
    )]
    NoTerminal,
    #[error("the terminal could not be used: {0}")]
    Terminal(#[from] std::io::Error),
}

/// How the dashboard ended.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Farewell {
    /// Decisions of which nobody knows whether they took effect: the connection broke and did not come back.
    pub in_doubt: BTreeSet<JobId>,
}

/// Runs the dashboard until the person quits. The terminal is restored before this returns, and when it panics.
pub async fn run(options: Options) -> Result<Farewell, Error> {
    terminal::require()?;
    terminal::forbid_core_dumps();
    let mut terminal = Terminal::enter()?;
    let farewell = Dashboard::new(options, terminal.size()?).run(&mut terminal).await;
    drop(terminal);
    farewell
}

/// The loop and what it holds together.
struct Dashboard {
    model: Model,
    desk: Desk,
    messages: UnboundedReceiver<Msg>,
    writer: Writer,
    keeper: Keeper,
    in_doubt: BTreeSet<JobId>,
}

impl Dashboard {
    fn new(options: Options, size: Size) -> Self {
        let (desk, messages) = Desk::new(options.store, options.keys);
        let model = Model::new(options.settings, options.screen, size, desk.clock.now());
        let writer = Writer::start(desk.clone());
        let keeper = Keeper::start(desk.clone(), options.cluster, options.read_only);
        Dashboard { model, desk, messages, writer, keeper, in_doubt: BTreeSet::new() }
    }

    async fn run(mut self, terminal: &mut Terminal) -> Result<Farewell, Error> {
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
                return Ok(self.finish().await);
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
        self.note(&msg);
        let mut ended = false;
        for effect in app::update(&mut self.model, msg) {
            match effect {
                Effect::Refresh { generation, query } => reader::ask(self.desk.clone(), generation, *query),
                Effect::Copy(text) => terminal.copy(&text),
                Effect::Quit => ended = true,
                Effect::Watch { job_id, pin } => watch::look(self.desk.clone(), job_id, pin),
                written => self.writer.give(written),
            }
        }
        ended
    }

    /// What the tasks beside the loop have to learn from a message that passes by.
    fn note(&mut self, msg: &Msg) {
        match msg {
            Msg::DecisionInDoubt { job_id, .. } => {
                self.in_doubt.insert(*job_id);
            }
            Msg::Decided { job_id, .. } => {
                self.in_doubt.remove(job_id);
            }
            _ => {}
        }
        if desk::says_away(msg) {
            self.keeper.bring_back();
        }
    }

    /// Quitting waits until the writer is empty, so that a decision which was confirmed is also given.
    async fn finish(mut self) -> Farewell {
        let mut in_doubt = self.in_doubt;
        let writing = self.writer.close();
        let listening = async {
            while let Some(msg) = self.messages.recv().await {
                match msg {
                    Msg::DecisionInDoubt { job_id, .. } => in_doubt.insert(job_id),
                    Msg::Decided { job_id, .. } => in_doubt.remove(&job_id),
                    _ => false,
                };
            }
        };
        let _ = timeout(LAST_WORDS, async {
            tokio::select! {
                _ = writing => {}
                () = listening => {}
            }
        })
        .await;
        while let Ok(msg) = self.messages.try_recv() {
            if let Msg::Decided { job_id, .. } = msg {
                in_doubt.remove(&job_id);
            }
        }
        self.desk.store.close().await;
        Farewell { in_doubt }
    }
}
