//! The terminal: taken over on entry, given back on exit, on a panic and on a signal.

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::execute;
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::Frame;
use ratatui::layout::{Position, Rect, Size};
use rustix::process::{Resource, Rlimit, getpgrp, getrlimit, kill_current_process_group, setrlimit};
use rustix::stdio;
use rustix::termios::{QueueSelector, tcflush, tcgetpgrp};
use tokio::signal::unix::{Signal as SignalStream, SignalKind, signal};

use super::canvas::Canvas;
use super::{Error, broken};
use crate::app::call::Ways;

/// The screen, given back when this value goes.
pub struct Terminal {
    screen: ratatui::Terminal<Canvas<io::Stdout>>,
    /// Whether the alternate screen is ours.
    is_entered: bool,
    /// Whether what was drawn last stands there, under our own modes: nobody else had the terminal since.
    is_held: bool,
}

/// Refuses to draw into a pipe or a file.
pub fn require() -> Result<(), Error> {
    if !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
        return Err(Error::NoTerminal);
    }
    // Nothing can be placed on it, so nothing could be read whole before it is decided.
    if std::env::var_os("TERM").is_some_and(|term| term == "dumb") { Err(Error::DumbTerminal) } else { Ok(()) }
}

/// A crash must not write opened drafts into a file.
pub fn forbid_core_dumps() {
    let hard = getrlimit(Resource::Core).maximum;
    // Lowering the soft limit is always allowed; where it is not, there is nothing to be done about it.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: hard });
}

impl Terminal {
    pub fn enter() -> io::Result<Terminal> {
        broken::tell_places_only();
        // From here on it is given back, however far taking it over got.
        let screen = ratatui::Terminal::new(Canvas::new(io::stdout()))?;
        let terminal = Terminal { screen, is_entered: true, is_held: true };
        broken::screen_is_ours(true);
        take_over()?;
        Ok(terminal)
    }

    pub fn size(&self) -> io::Result<Size> {
        self.screen.size()
    }

    pub fn draw(&mut self, view: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.screen.draw(view).map(|_| ())
    }

    /// Asks the terminal for its status (DSR 5). The answer comes among the keys, behind all that was typed before.
    pub fn ask_status(&mut self) -> io::Result<()> {
        let mut out = io::stdout();
        out.write_all(b"\x1b[5n")?;
        out.flush()
    }

    /// Whether it is ours to draw on.
    pub fn is_held(&self) -> bool {
        self.is_held
    }

    /// Drops what was typed and not read.
    pub fn discard_input(&self) {
        // A terminal that went away has nothing to be dropped.
        let _ = tcflush(stdio::stdin(), QueueSelector::IFlush);
    }

    /// Gives the terminal back and stops, as programs do at Ctrl-Z. Where nobody could continue the program, the system does
    /// not stop it. Whether this returns before the stop or after it is a matter of luck.
    pub fn give_back_and_stop(&mut self) {
        give_back();
        broken::screen_is_ours(false);
        self.is_entered = false;
        self.is_held = false;
        let _ = kill_current_process_group(rustix::process::Signal::TSTP);
    }

    /// Gives the terminal back for a while, without a word of the draft on it.
    pub fn lend(&mut self) {
        give_back();
        broken::screen_is_ours(false);
        self.is_entered = false;
        self.is_held = false;
    }

    /// The program was stopped, or the shell took the terminal: nothing is written on it until it is taken over again. What
    /// a stop from outside left on the screen is taken away where the shell would go on below it.
    pub fn let_go(&mut self) {
        self.is_held = false;
        if self.is_entered && !is_in_front() {
            leave_screen();
            broken::screen_is_ours(false);
            self.is_entered = false;
        }
    }

    /// Only in front: behind a shell the system stops whoever sets the terminal's modes. Somebody else may have written on
    /// the screen, and set the terminal to modes of their own: the library, which remembers its own, has to leave them
    /// before it can enter them again.
    pub fn take_over_again(&mut self) -> io::Result<()> {
        disable_raw_mode()?;
        broken::screen_is_ours(true);
        self.is_entered = true;
        take_over()?;
        self.is_held = true;
        // Not `clear`, which asks the terminal for the cursor's place and takes the keys for the answer.
        let size = self.screen.size()?;
        self.screen.resize(Rect::from((Position::ORIGIN, size)))
    }

    /// Asks the terminal to put an id into the clipboard (OSC 52). Terminals that do not know this ignore it.
    pub fn copy(&mut self, text: &str) {
        let encoded = STANDARD.encode(text);
        let mut out = io::stdout();
        // A clipboard that does not work is not worth a word: the id stands on the screen as well.
        let _ = write!(out, "\x1b]52;c;{encoded}\x07").and_then(|()| out.flush());
    }

    /// Calls in these ways. A terminal that knows no notifications ignores them; from behind the shell nobody is called.
    pub fn call(&mut self, text: &str, by: Ways) {
        if !is_in_front() {
            return;
        }
        let desktop = if by.desktop { format!("\x1b]9;Countersign: {text}\x07") } else { String::new() };
        let bell = if by.bell { "\x07" } else { "" };
        let mut out = io::stdout();
        let _ = write!(out, "{desktop}{bell}").and_then(|()| out.flush());
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if self.is_entered {
            leave_screen();
            // Whoever has the terminal else has modes of their own, and to set others from behind would stop the program.
            if is_in_front() {
                let _ = disable_raw_mode();
            }
        }
        broken::screen_is_ours(false);
        if thread::panicking()
            && let Some(place) = broken::place()
        {
            broken::tell(&place);
        }
    }
}

/// Whether the terminal is ours: a shell has it while the program goes on behind it.
pub(super) fn is_in_front() -> bool {
    // Where it is not the terminal of this session, nobody else takes turns with it.
    tcgetpgrp(stdio::stdin()).map_or(true, |group| group == getpgrp())
}

fn take_over() -> io::Result<()> {
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, EnableMouseCapture, Hide)
}

pub(super) fn give_back() {
    leave_screen();
    let _ = disable_raw_mode();
}

/// Leaves nothing of a draft behind: the alternate screen is cleared before it is left.
fn leave_screen() {
    let mut out = io::stdout();
    let _ =
        execute!(out, Clear(ClearType::All), DisableMouseCapture, DisableBracketedPaste, Show, LeaveAlternateScreen);
}

/// What the operating system tells the program.
pub enum Signal {
    /// To end: hang-up, interrupt, terminate.
    End,
    /// It goes on after having been stopped; [`Signals::has_gone_on`] says whether that is news.
    Continued,
    /// The terminal has another size.
    Resized,
}

/// The signals that matter here.
pub struct Signals {
    hang_up: SignalStream,
    interrupt: SignalStream,
    terminate: SignalStream,
    quit: SignalStream,
    continued: SignalStream,
    /// Set before anything else of the program goes on, which the stream cannot promise.
    has_gone_on: Arc<AtomicBool>,
    resized: SignalStream,
}

impl Signals {
    pub fn listen() -> io::Result<Signals> {
        let cont = rustix::process::Signal::CONT.as_raw();
        let has_gone_on = Arc::new(AtomicBool::new(false));
        signal_hook::flag::register(cont, Arc::clone(&has_gone_on))?;
        Ok(Signals {
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            quit: signal(SignalKind::quit())?,
            resized: signal(SignalKind::window_change())?,
            continued: signal(SignalKind::from_raw(cont))?,
            has_gone_on,
        })
    }

    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.hang_up.recv() => Signal::End,
            _ = self.interrupt.recv() => Signal::End,
            _ = self.terminate.recv() => Signal::End,
            _ = self.quit.recv() => Signal::End,
            _ = self.continued.recv() => Signal::Continued,
            _ = self.resized.recv() => Signal::Resized,
        }
    }

    /// Whether the program was stopped and goes on, and nobody was told so yet.
    pub fn has_gone_on(&self) -> bool {
        self.has_gone_on.swap(false, Ordering::SeqCst)
    }

    /// Waits until somebody else than the keyboard tells the program to end.
    pub async fn told_to_end(&mut self) {
        tokio::select! {
            _ = self.hang_up.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    /// Waits until the program goes on after having been stopped.
    pub async fn continued(&mut self) {
        let _ = self.continued.recv().await;
        let _ = self.has_gone_on();
    }
}
