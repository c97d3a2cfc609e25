//! The terminal: taken over on entry, given back on exit, on a panic and on a signal.

use std::io::{self, IsTerminal, Write};
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
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Position, Rect, Size};
use rustix::process::{Resource, Rlimit, getpgrp, getrlimit, kill_current_process_group, setrlimit};
use rustix::stdio;
use rustix::termios::{QueueSelector, tcflush, tcgetpgrp};
use tokio::signal::unix::{Signal as SignalStream, SignalKind, signal};

use super::{Error, broken};

/// The screen, ours as long as this value lives.
pub struct Terminal {
    screen: ratatui::Terminal<CrosstermBackend<io::Stdout>>,
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
        let terminal = Terminal { screen: ratatui::Terminal::new(CrosstermBackend::new(io::stdout()))? };
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

    /// Whether the terminal is ours to write on: a shell has it while the program goes on behind it.
    pub fn is_in_front(&self) -> bool {
        // Where it is not the terminal of this session, nobody else takes turns with it.
        tcgetpgrp(stdio::stdin()).map_or(true, |group| group == getpgrp())
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
        let _ = kill_current_process_group(rustix::process::Signal::TSTP);
    }

    /// After the program was stopped and continued, somebody else may have written on the screen, and set the terminal to
    /// modes of their own: the library, which remembers its own, has to leave them before it can enter them again.
    pub fn take_over_again(&mut self) -> io::Result<()> {
        disable_raw_mode()?;
        take_over()?;
        broken::screen_is_ours(true);
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
}

impl Drop for Terminal {
    fn drop(&mut self) {
        give_back();
        broken::screen_is_ours(false);
        if thread::panicking()
            && let Some(place) = broken::place()
        {
            broken::tell(&place);
        }
    }
}

fn take_over() -> io::Result<()> {
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, EnableMouseCapture, Hide)
}

/// Leaves nothing of a draft behind: the alternate screen is cleared before it is left.
pub(super) fn give_back() {
    let mut out = io::stdout();
    let _ =
        execute!(out, Clear(ClearType::All), DisableMouseCapture, DisableBracketedPaste, Show, LeaveAlternateScreen);
    let _ = disable_raw_mode();
}

/// What the operating system tells the program.
pub enum Signal {
    /// To end: hang-up, interrupt, terminate.
    End,
    /// It goes on after having been stopped.
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
    resized: SignalStream,
}

impl Signals {
    pub fn listen() -> io::Result<Signals> {
        Ok(Signals {
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            quit: signal(SignalKind::quit())?,
            resized: signal(SignalKind::window_change())?,
            continued: signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?,
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

    /// Waits until the program goes on after having been stopped.
    pub async fn continued(&mut self) {
        let _ = self.continued.recv().await;
    }
}
