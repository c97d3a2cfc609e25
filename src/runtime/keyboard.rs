//! Reads the terminal, in a thread that does nothing else, so that each key has the time at which it was there to be read,
//! however busy the rest of the program is.
//!
//! Knows nothing of what keys mean, but it sees what no key table can: which of them no finger typed by itself.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossterm::event::KeyEventKind;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::io::Errno;
use rustix::pipe::PipeFlags;
use rustix::stdio;
use rustix::termios::{tcgetpgrp, ttyname};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::escapes::{Escapes, Input, Rest};
use super::terminal::is_in_front;

/// What is heard from the terminal.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    Input(Input),
    /// Everything that was typed before [`Keyboard::drain`] was heard.
    Drained,
}

/// Reads the terminal while it listens, and until it is dropped.
pub struct Keyboard {
    listener: Option<Listener>,
}

struct Listener {
    inbox: UnboundedReceiver<(Instant, Heard)>,
    answer_is_due: Arc<AtomicBool>,
    /// A byte asks the thread to drain; it is closed when this value goes, which the thread notices as well.
    orders: Option<OwnedFd>,
    thread: Option<JoinHandle<()>>,
}

/// How long Esc may be the beginning of something longer.
const ESCAPE_WAITS: Duration = Duration::from_millis(40);
/// How long the rest of a sequence may take. While an answer of the terminal is due, Esc may be its beginning.
const SEQUENCE_WAITS: Duration = Duration::from_millis(400);
/// How long pasted text may pause. Its end may be lost, and then the keys must come back.
const PASTE_WAITS: Duration = Duration::from_secs(2);
/// No two keys of a person are this close to each other; a paste that came in two pieces is.
const TOGETHER: Duration = Duration::from_millis(10);

impl Keyboard {
    pub fn listen() -> io::Result<Keyboard> {
        Ok(Keyboard { listener: Some(Listener::start()?) })
    }

    /// Stops reading, so that what is typed from now on is somebody else's. What was heard is forgotten.
    pub fn stop(&mut self) {
        self.listener = None;
    }

    /// Reads from now on; what was heard before is forgotten.
    pub fn listen_anew(&mut self) -> io::Result<()> {
        self.stop();
        self.listener = Some(Listener::start()?);
        Ok(())
    }

    /// What came next, and when it was there to be read; none when the terminal went away. Nothing comes while nobody
    /// listens.
    pub async fn next(&mut self) -> Option<(Instant, Heard)> {
        match &mut self.listener {
            Some(listener) => listener.inbox.recv().await,
            None => std::future::pending().await,
        }
    }

    /// Asks for [`Heard::Drained`] behind everything that was typed until now, read or not: however late the program is,
    /// what is heard behind it was typed afterwards.
    pub fn drain(&self) {
        if let Some(orders) = self.listener.as_ref().and_then(|listener| listener.orders.as_ref()) {
            // The pipe is full only of orders like this one.
            let _ = rustix::io::write(orders, b"d");
        }
    }

    /// Says whether the terminal was asked something, so that its answer is put together with more patience.
    pub fn expect_answer(&self, is_due: bool) {
        if let Some(listener) = &self.listener {
            listener.answer_is_due.store(is_due, Ordering::Relaxed);
        }
    }
}

impl Listener {
    fn start() -> io::Result<Listener> {
        let terminal = open_again()?;
        let (told, orders) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
        let (heard, inbox) = unbounded_channel();
        let answer_is_due = Arc::new(AtomicBool::new(false));
        let is_due = Arc::clone(&answer_is_due);
        let work = move || read(&terminal, &told, &heard, &is_due);
        let thread = thread::Builder::new().name("keyboard".to_owned()).spawn(work)?;
        Ok(Listener { inbox, answer_is_due, orders: Some(orders), thread: Some(thread) })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            // It has nothing to say but what the hook has told already.
            let _ = thread.join();
        }
    }
}

/// The terminal behind standard input, opened once more so that reading it never waits. Between the news that something was
/// typed and the reading of it, a shell may have taken it, or it was dropped; whoever waited then would wait for the next
/// key, and the end of the thread with it. Standard input itself is the shell's as well, so it stays as it is.
fn open_again() -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let by_name = ttyname(stdio::stdin(), Vec::new()).and_then(|name| open(name, flags, Mode::empty()));
    // Who became another user may not open the terminal by its name, and it may have none in here.
    let opened = by_name.or_else(|error| match tcgetpgrp(stdio::stdin()) {
        Ok(_) => open("/dev/tty", flags, Mode::empty()),
        Err(_) => Err(error),
    });
    opened.map_err(io::Error::from)
}

fn read(terminal: &OwnedFd, told: &OwnedFd, heard: &UnboundedSender<(Instant, Heard)>, answer_is_due: &AtomicBool) {
    let mut escapes = Escapes::default();
    let mut hands = Hands::default();
    let mut chunk = [0; 4096];
    loop {
        let patience = match escapes.rest() {
            Rest::None => None,
            Rest::Escape if !answer_is_due.load(Ordering::Relaxed) => Some(ESCAPE_WAITS),
            Rest::Escape | Rest::Sequence => Some(SEQUENCE_WAITS),
            Rest::Paste => Some(PASTE_WAITS),
        };
        let patience = patience.map(|patience| Timespec::try_from(patience).expect("a few seconds fit"));
        let mut ready = [PollFd::new(told, PollFlags::IN), PollFd::new(terminal, PollFlags::IN)];
        match poll(&mut ready, patience.as_ref()) {
            Err(Errno::INTR) => continue,
            Err(_) => return,
            Ok(_) => {}
        }
        let (order, typed) = (ready[0].revents(), ready[1].revents());
        if order.intersects(PollFlags::HUP | PollFlags::ERR) {
            return;
        }
        let is_drained = typed.is_empty() && order.contains(PollFlags::IN);
        let inputs = if is_drained {
            let _ = rustix::io::read(told, &mut [0; 1]);
            Vec::new()
        } else if typed.is_empty() {
            escapes.give_up().into_iter().collect()
        } else if !is_in_front() {
            wait_for_the_end(told);
            return;
        } else {
            match rustix::io::read(terminal, &mut chunk) {
                // The terminal went away: the window was closed, the connection of the shell broke.
                Ok(0) => return,
                Ok(count) => escapes.feed(&chunk[..count]),
                Err(Errno::INTR | Errno::AGAIN) => continue,
                Err(_) => return,
            }
        };
        let at = Instant::now();
        let inputs = hands.mark(inputs, at).into_iter().map(Heard::Input);
        let drained = is_drained.then_some(Heard::Drained);
        for what in inputs.chain(drained) {
            if heard.send((at, what)).is_err() {
                return;
            }
        }
    }
}

/// What is typed now is typed to the shell, and the system stops whoever reads it from behind. The loop notices by itself
/// that it lost the terminal, and listens anew when it is in front again.
fn wait_for_the_end(told: &OwnedFd) {
    while let Ok(1..) | Err(Errno::INTR) = rustix::io::read(told, &mut [0; 1]) {}
}

/// What was typed last, to tell what a finger typed from what came by itself.
#[derive(Debug, Default)]
struct Hands {
    last: Option<Instant>,
}

impl Hands {
    /// Marks the keys that came with others as repeated: pasted text without brackets, what was typed while the program or
    /// the line stood still.
    fn mark(&mut self, mut inputs: Vec<Input>, at: Instant) -> Vec<Input> {
        let typed = inputs.iter().filter(|input| matches!(input, Input::Key(_) | Input::Paste(_))).count();
        let follows = self.last.is_some_and(|last| at - last < TOGETHER);
        if typed > 0 {
            self.last = Some(at);
        }
        if typed > 1 || follows {
            for input in &mut inputs {
                if let Input::Key(key) = input {
                    key.kind = KeyEventKind::Repeat;
                }
            }
        }
        inputs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_key_that_came_alone_was_typed_by_a_finger() {
        let mut hands = Hands::default();
        let start = Instant::now();
        let mut kinds = |bytes: &[u8], after: u64| -> Vec<KeyEventKind> {
            let at = start + Duration::from_millis(after);
            let inputs = hands.mark(Escapes::default().feed(bytes), at);
            inputs.iter().filter_map(|input| if let Input::Key(key) = input { Some(key.kind) } else { None }).collect()
        };
        use KeyEventKind::{Press, Repeat};
        assert_eq!(kinds(b"A", 0), [Press]);
        assert_eq!(kinds(b"y", 9), [Repeat], "the rest of a burst that came in two pieces");
        assert_eq!(kinds(b"y", 40), [Press]);
        assert_eq!(kinds(b"Ay", 900), [Repeat, Repeat]);
        assert_eq!(kinds(b"\x1b[0ny", 1_900), [Press], "the terminal's answer was not typed");
        assert_eq!(kinds(b"\x1b[200~text\x1b[201~y", 2_900), [Repeat]);
        assert_eq!(kinds(b"\x1b[<0;5;3My", 3_900), [Press], "nor was the mouse");
    }
}
