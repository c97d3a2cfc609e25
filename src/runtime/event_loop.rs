//! The loop: messages in, effects and frames out, until something ends it, and then in order to the end.

mod lending;

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use ratatui::layout::Size;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{sleep, sleep_until, timeout};

use super::changes::Listener;
use super::desk::{self, Desk};
use super::escapes::Input;
use super::farewell::{Ledger, Unsettled};
use super::holding::Brake;
use super::keeper::Keeper;
use super::keyboard::{Heard, Keyboard};
use super::pulse::Pulse;
use super::reader::Reader;
use super::reading_time::ReadingTime;
use super::remembered::Remembered;
use super::sweeper::Sweeper;
use super::terminal::{self, Signal, Signals, Terminal};
use super::watch::{self, Watch};
use super::writer::Writer;
use super::{Error, Options, broken, holding, opening};
use crate::app::review::words::Words;
use crate::app::sight::Sight;
use crate::app::{self, Effect, Model, Msg};
use crate::outside::OutsideEditor;
use crate::store::Store;
use crate::ui;

/// How long an answer may take before the connection counts as broken: longer than the database takes when it is busy, and
/// as long as a person waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often time passes, for what shows it.
const SECOND: Duration = Duration::from_secs(1);

/// How long quitting waits for the answers to what was confirmed.
const LAST_WORDS: Duration = Duration::from_secs(10);
/// How long quitting waits before it says that it does.
const UNNOTICED: Duration = Duration::from_millis(500);
/// How long the system may take to stop the program after it was asked to.
const STOPS_WITHIN: Duration = Duration::from_millis(300);
/// How often the program looks whether it is in front again: no signal tells, where the shell thinks that it never stopped.
const LOOKS_AGAIN: Duration = Duration::from_millis(200);
/// How long the connections may take to be closed. The database closes what is left of them.
const CLOSING: Duration = Duration::from_secs(1);

/// The loop and what it holds together.
pub struct EventLoop {
    model: Model,
    desk: Desk,
    messages: UnboundedReceiver<Msg>,
    reader: Reader,
    writer: Writer,
    ledger: Ledger,
    watch: Watch,
    keeper: Keeper,
    /// A second connection, for what waits.
    apart: Store,
    listener: Option<Listener>,
    reading: ReadingTime,
    remembered: Remembered,
    editor: Option<OutsideEditor>,
    /// What the person's own editor is to be given.
    lent: Option<Words>,
    /// Of the resume that is under way.
    brake: Brake,
}

/// What follows from a message for the loop itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    GoOn,
    Suspend,
    /// The person's own editor has the terminal for a while.
    Lend,
    End,
}

impl EventLoop {
    pub fn new(options: Options, size: Size) -> Self {
        let place = options.store.place();
        let (desk, messages) = Desk::new(options.store.with_patience(PATIENCE).one_at_a_time(), options.keys);
        let mut model = Model::new(options.settings, options.screen, size, desk.clock.now());
        let remembered = Remembered::restore(options.filters, &place, &mut model);
        let reader = Reader::start(&desk);
        let writer = Writer::start(desk.clone());
        let watch = Watch::start(desk.clone());
        let keeper = Keeper::start(desk.clone(), options.cluster, options.read_only);
        let apart = desk.store.apart();
        let sweeper = (!options.read_only).then(Sweeper::from_now_on);
        let listener = Listener::start(apart.clone(), desk.clone(), sweeper);
        let (reading, ledger) = (ReadingTime::default(), Ledger::default());
        let (editor, lent) = (options.editor, None);
        EventLoop {
            model,
            desk,
            messages,
            reader,
            writer,
            ledger,
            watch,
            keeper,
            apart,
            listener: Some(listener),
            reading,
            remembered,
            editor,
            lent,
            brake: Brake::default(),
        }
    }

    pub async fn run(&mut self, terminal: &mut Terminal) -> Result<(), Error> {
        let mut signals = Signals::listen()?;
        let mut keyboard = Keyboard::listen()?;
        let ended = self.turn(terminal, &mut signals, &mut keyboard).await;
        self.let_answers_come(terminal, &mut keyboard).await;
        ended
    }

    /// Goes on until something ends it.
    async fn turn(
        &mut self,
        terminal: &mut Terminal,
        signals: &mut Signals,
        keyboard: &mut Keyboard,
    ) -> Result<(), Error> {
        let mut pulse = Pulse::new(SECOND);
        self.ask_status(terminal, keyboard)?;
        loop {
            self.follow_the_front(terminal, keyboard)?;
            self.draw(terminal, keyboard)?;
            let (due, asks_in) = (self.reading.due(), self.asks_in());
            let msg = tokio::select! {
                biased;
                () = broken::heard() => return Ok(()),
                signal = signals.next() => match signal {
                    Signal::End => Some(Msg::Terminate),
                    Signal::Resized => Some(Msg::Resize(terminal.size()?)),
                    Signal::Continued => signals.has_gone_on().then(|| self.let_go_of(terminal, keyboard)),
                },
                heard = keyboard.next() => match heard {
                    // Typed while the program was stopped, and heard before the news that it goes on.
                    Some(_) if signals.has_gone_on() => Some(self.let_go_of(terminal, keyboard)),
                    Some((at, heard)) => self.heard(at, heard, keyboard),
                    // The terminal went away: the window was closed, the connection of the shell broke.
                    None => Some(Msg::Terminate),
                },
                Some(msg) = self.messages.recv() => Some(msg),
                () = reached(due) => {
                    if self.reading.has_passed(Instant::now()) {
                        keyboard.drain();
                    }
                    None
                }
                () = pulse.beat(asks_in) => Some(Msg::Tick(self.desk.clock.now())),
                () = sleep(LOOKS_AGAIN), if !terminal.is_held() => None,
            };
            let mut next = msg.map_or(Next::GoOn, |msg| self.step(msg, terminal));
            // Whatever else is there already is taken before the next frame, so that a burst costs one drawing.
            while next == Next::GoOn
                && let Ok(msg) = self.messages.try_recv()
            {
                next = self.step(msg, terminal);
            }
            match next {
                Next::GoOn => {}
                Next::Suspend => self.suspend(terminal, signals, keyboard).await,
                Next::Lend => {
                    let text = self.lent.take().unwrap_or_default();
                    if self.lend(&text, terminal, signals, keyboard).await? == Next::End {
                        return Ok(());
                    }
                }
                Next::End => return Ok(()),
            }
        }
    }

    /// Draws the model, and notes when something stands there that was not there before.
    fn draw(&mut self, terminal: &mut Terminal, keyboard: &Keyboard) -> Result<(), Error> {
        if !terminal.is_held() {
            return Ok(());
        }
        let now = self.desk.clock.now();
        terminal.draw(|frame| ui::view(&self.model, now, frame))?;
        if let Sight::Unseen { hasty } = self.model.sight
            && app::sight::subject(&self.model).is_some()
            && self.reading.shown(Instant::now(), hasty)
        {
            terminal.ask_status()?;
            keyboard.expect_answer(true);
        }
        self.step(Msg::Shown, terminal);
        Ok(())
    }

    /// In how long a question is due.
    fn asks_in(&self) -> Option<Duration> {
        let asks_at = self.model.asks_at?;
        Some((asks_at - self.desk.clock.now()).to_std().unwrap_or_default())
    }

    fn ask_status(&mut self, terminal: &mut Terminal, keyboard: &Keyboard) -> Result<(), Error> {
        if terminal.is_held() && self.reading.ask(Instant::now()) {
            terminal.ask_status()?;
            keyboard.expect_answer(true);
        }
        Ok(())
    }

    fn heard(&mut self, at: Instant, heard: Heard, keyboard: &Keyboard) -> Option<Msg> {
        let now = self.desk.clock.now();
        match heard {
            Heard::Input(Input::Key(key)) => Some(Msg::Key(key, now)),
            Heard::Input(Input::Mouse(mouse)) => Some(Msg::Mouse(mouse, now)),
            Heard::Input(Input::Paste(text)) => Some(Msg::Paste(text, now)),
            Heard::Input(Input::Status) => {
                self.reading.answered(at);
                keyboard.expect_answer(self.reading.answer_due(at).is_some());
                None
            }
            Heard::Drained => self.reading.is_drained().then_some(Msg::Readable),
        }
    }

    /// Takes the terminal over as soon as the program is in front, and lets go of it when it is not. Somebody else had it:
    /// what was typed meanwhile was not typed to us, and nothing that stood on the screen does any more.
    fn follow_the_front(&mut self, terminal: &mut Terminal, keyboard: &mut Keyboard) -> Result<(), Error> {
        let msg = match (terminal::is_in_front(), terminal.is_held()) {
            (true, true) | (false, false) => return Ok(()),
            (false, true) => self.let_go_of(terminal, keyboard),
            (true, false) => {
                self.take_up_again(terminal, keyboard)?;
                self.keeper.bring_back();
                Msg::Continued(self.desk.clock.now())
            }
        };
        self.step(msg, terminal);
        Ok(())
    }

    /// Somebody else had the terminal, who may have left it in another size.
    fn take_up_again(&mut self, terminal: &mut Terminal, keyboard: &mut Keyboard) -> Result<(), Error> {
        terminal.take_over_again()?;
        terminal.discard_input();
        keyboard.listen_anew()?;
        self.ask_status(terminal, keyboard)?;
        self.step(Msg::Resize(terminal.size()?), terminal);
        Ok(())
    }

    /// The program was stopped and goes on, perhaps behind somebody else who has the terminal now.
    fn let_go_of(&mut self, terminal: &mut Terminal, keyboard: &mut Keyboard) -> Msg {
        keyboard.stop();
        terminal.let_go();
        self.reading.forget();
        Msg::Continued(self.desk.clock.now())
    }

    /// Stops until somebody continues the program. The terminal is given back before, without a word of the draft on it.
    async fn suspend(&mut self, terminal: &mut Terminal, signals: &mut Signals, keyboard: &mut Keyboard) {
        self.let_answers_come(terminal, keyboard).await;
        keyboard.stop();
        terminal.give_back_and_stop();
        let _ = timeout(STOPS_WITHIN, signals.continued()).await;
        let msg = self.let_go_of(terminal, keyboard);
        self.step(msg, terminal);
    }

    /// Waits until the terminal has answered what it was asked: whoever has it next would take the answer for typed.
    async fn let_answers_come(&mut self, terminal: &Terminal, keyboard: &mut Keyboard) {
        while let Some(left) = self.reading.answer_due(Instant::now()) {
            match timeout(left, keyboard.next()).await {
                Ok(Some((at, Heard::Input(Input::Status)))) => self.reading.answered(at),
                Ok(Some(_)) => {}
                Ok(None) => return,
                Err(_) => terminal.discard_input(),
            }
        }
    }

    /// One message into the model, its effects out.
    fn step(&mut self, msg: Msg, terminal: &mut Terminal) -> Next {
        if desk::says_away(&msg) {
            self.keeper.bring_back();
        }
        self.ledger.show(&msg);
        let mut next = Next::GoOn;
        for effect in app::update(&mut self.model, msg) {
            match effect {
                Effect::Refresh { generation, query } => self.reader.ask(generation, *query),
                Effect::Copy(text) => terminal.copy(&text),
                Effect::Call(text) => terminal.call(&text, self.model.settings.call_by),
                Effect::Quit => next = Next::End,
                Effect::Suspend => next = Next::Suspend,
                Effect::EditOutside { text } => {
                    self.lent = Some(text);
                    next = Next::Lend;
                }
                Effect::CountOthers { job_id } => watch::count_others(self.desk.clone(), job_id),
                Effect::ForecastHold { scope } => holding::forecast_hold(self.desk.clone(), scope),
                Effect::ForecastResume { hold_id, per_minute } => {
                    holding::forecast_resume(self.desk.clone(), hold_id, per_minute);
                }
                Effect::Resume { hold_id, what, per_minute, tries } => {
                    self.brake = holding::resume(self.desk.clone(), hold_id, what, per_minute, tries);
                }
                Effect::StopResume => self.brake.pull(),
                Effect::Watch { job_id, pin } => self.watch.look(job_id, pin),
                Effect::Search { words, conversation } => opening::search(&self.desk, words, *conversation),
                Effect::LookThrough(conversation) => opening::look_through(&self.desk, *conversation),
                Effect::LookBack { job_id, pin } => self.watch.look_back(job_id, pin),
                written => self.give(written),
            }
        }
        self.remembered.keep(&self.model);
        next
    }

    fn give(&mut self, effect: Effect) {
        self.ledger.give(&effect);
        self.writer.give(effect);
    }

    /// Waits until what was confirmed is answered and every lease is given back. Returns what is left to be said.
    pub async fn finish(mut self) -> Vec<Unsettled> {
        self.ledger.leave(&self.model);
        // Whoever goes lets others sweep.
        drop(self.listener.take());
        let _ = timeout(LAST_WORDS, async {
            let is_quick = timeout(UNNOTICED, self.wind_down()).await.is_ok();
            if !is_quick {
                // Where nobody reads any more, nobody can be told.
                let _ = writeln!(io::stderr(), "countersign: waiting for the database's last answers");
                self.wind_down().await;
            }
        })
        .await;
        let _ = timeout(CLOSING, async {
            if self.desk.store.break_off(&self.apart).await.is_ok() {
                self.apart.close().await;
            }
            self.desk.store.close().await;
        })
        .await;
        self.ledger.unsettled()
    }

    /// Goes on without a screen until the writer is empty: an answer that comes now may bring a lease to give back.
    async fn wind_down(&mut self) {
        self.end_with(Msg::Terminate);
        loop {
            tokio::select! {
                biased;
                Some(msg) = self.messages.recv() => self.end_with(msg),
                () = self.writer.emptied() => match self.messages.try_recv() {
                    Ok(msg) => self.end_with(msg),
                    Err(_) => return,
                },
            }
        }
    }

    /// One message into the model that no screen shows any more, and out what is still done.
    fn end_with(&mut self, msg: Msg) {
        self.ledger.note(&msg);
        // A model that broke has no say any more; the leases run out by themselves.
        let effects = catch_unwind(AssertUnwindSafe(|| app::update(&mut self.model, msg))).unwrap_or_default();
        for effect in effects {
            if effect.is_of_the_end() && effect != Effect::Quit {
                self.give(effect);
            }
        }
    }
}

async fn reached(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}
