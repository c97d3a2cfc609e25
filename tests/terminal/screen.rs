//! A real terminal for a real program: a pseudo-terminal, a parser that keeps the screen, and waiting for what appears.
//!
//! It answers what programs ask a terminal, and it can stand at the other end of a slow line.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// Long enough for a slow machine under load; a condition that holds is seen at once.
const PATIENCE: Duration = Duration::from_secs(30);
/// What a person takes to read a line at least; the program takes no answer before.
pub const READING: Duration = Duration::from_millis(350);
/// What a person pauses who pressed a key too early.
const PAUSE: Duration = Duration::from_millis(900);

/// What a program writes when it asks for the terminal's status, and the answer.
pub const STATUS: &[u8] = b"\x1b[5n";
const IN_ORDER: &[u8] = b"\x1b[0n";

pub struct Terminal {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    keys: mpsc::Sender<Vec<u8>>,
    output: Arc<Output>,
    modes_before: String,
}

/// Where the person sits, and what they sit at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Seat {
    /// What each direction of the line takes.
    pub away: Duration,
    pub answers: Answers,
}

/// How the terminal answers when it is asked for its status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Answers {
    #[default]
    Whole,
    InPieces,
    Never,
}

/// What the program wrote so far: as a screen, and byte for byte.
struct Output {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    parser: vt100::Parser,
    bytes: Vec<u8>,
    /// How many of the bytes were searched for questions.
    searched: usize,
    ended: bool,
    /// Nobody reads any more after what comes next.
    vanishes: bool,
    watcher: Option<Watcher>,
}

/// Looks at the screen whenever it changes. The bytes are not kept then.
type Watcher = Box<dyn FnMut(&vt100::Screen) + Send>;

impl Terminal {
    pub fn start(command: CommandBuilder, columns: u16, rows: u16) -> Terminal {
        Terminal::at(Seat::default(), command, columns, rows)
    }

    /// The same, with the person at a seat of their own.
    pub fn at(seat: Seat, command: CommandBuilder, columns: u16, rows: u16) -> Terminal {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let modes_before = format!("{:?}", pair.master.get_termios());
        let child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let mut writer = pair.master.take_writer().unwrap();
        let state = State {
            parser: vt100::Parser::new(cells(rows), cells(columns), 0),
            bytes: Vec::new(),
            searched: 0,
            ended: false,
            vanishes: false,
            watcher: None,
        };
        let output = Arc::new(Output { state: Mutex::new(state), changed: Condvar::new() });
        let (keys, _) = line(seat.away, move |keys: Vec<u8>| {
            // A program that has ended reads no more keys.
            let _ = writer.write_all(&keys).and_then(|()| writer.flush());
        });
        let (shared, answer) = (Arc::clone(&output), keys.clone());
        let (screen, arrived) = line(seat.away, move |chunk: Vec<u8>| {
            for _ in 0..shared.take(&chunk) {
                match seat.answers {
                    Answers::Whole => drop(answer.send(IN_ORDER.to_vec())),
                    Answers::InPieces => IN_ORDER.iter().for_each(|byte| drop(answer.send(vec![*byte]))),
                    Answers::Never => {}
                }
            }
        });
        let shared = Arc::clone(&output);
        thread::spawn(move || {
            let mut chunk = [0; 8192];
            // On Linux the end of the last process on the other side is an error, elsewhere an empty read.
            while let Ok(count @ 1..) = reader.read(&mut chunk) {
                if screen.send(chunk[..count].to_vec()).is_err() || shared.state.lock().unwrap().vanishes {
                    break;
                }
            }
            drop(screen);
            let _ = arrived.join();
            shared.state.lock().unwrap().ended = true;
            shared.changed.notify_all();
        });
        Terminal { master: pair.master, child, keys, output, modes_before }
    }

    pub fn press(&mut self, keys: &str) {
        self.keys.send(keys.as_bytes().to_vec()).unwrap();
    }

    /// What a terminal sends when text is pasted.
    pub fn paste(&mut self, text: &str) {
        self.press(&format!("\x1b[200~{text}\x1b[201~"));
    }

    pub fn resize(&self, columns: u16, rows: u16) {
        self.output.state.lock().unwrap().parser.screen_mut().set_size(cells(rows), cells(columns));
        self.master.resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
    }

    /// Shows the screen to this whenever it changes, instead of keeping what was written.
    pub fn watch(&self, watcher: impl FnMut(&vt100::Screen) + Send + 'static) {
        self.output.state.lock().unwrap().watcher = Some(Box::new(watcher));
    }

    /// Waits until the screen holds the text.
    #[track_caller]
    pub fn wait_for(&self, text: &str) -> String {
        match self.wait_until(PATIENCE, |screen| screen.contains(text)) {
            Ok(screen) => screen,
            Err(screen) => panic!("no {text:?} on the screen within {PATIENCE:?}:\n{screen}"),
        }
    }

    /// Waits until the text was on the screen for as long as reading it takes.
    #[track_caller]
    pub fn read(&self, text: &str) -> String {
        loop {
            let screen = self.wait_for(text);
            if self.wait_until(READING, |screen| !screen.contains(text)).is_err() {
                return screen;
            }
        }
    }

    /// Reads, and presses a key again and again until the screen holds the text: a question takes no key before it can have
    /// been read, and how long that is, is not the test's business.
    #[track_caller]
    pub fn press_until(&mut self, key: &str, text: &str) -> String {
        let start = Instant::now();
        let mut pause = READING;
        loop {
            match self.wait_until(pause, |screen| screen.contains(text)) {
                Ok(screen) => return screen,
                Err(screen) if start.elapsed() > PATIENCE => panic!("{key:?} never led to {text:?}:\n{screen}"),
                Err(_) => self.press(key),
            }
            pause = PAUSE;
        }
    }

    /// The screen once the condition holds, or the last one.
    pub fn wait_until(&self, patience: Duration, holds: impl Fn(&str) -> bool) -> Result<String, String> {
        let until = Instant::now() + patience;
        let mut state = self.output.state.lock().unwrap();
        loop {
            let screen = state.parser.screen().contents();
            if holds(&screen) {
                return Ok(screen);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || state.ended {
                return Err(screen);
            }
            state = self.output.changed.wait_timeout(state, left).unwrap().0;
        }
    }

    /// The screen as it is now.
    pub fn screen(&self) -> String {
        self.output.state.lock().unwrap().parser.screen().contents()
    }

    /// The terminal goes away: whoever goes on writing on it fails.
    pub fn vanish(self) {
        self.output.state.lock().unwrap().vanishes = true;
    }

    /// Waits until [`modes`](Terminal::modes) is this.
    #[track_caller]
    pub fn wait_until_modes(&self, modes: &str) {
        let start = Instant::now();
        while self.modes() != modes {
            assert!(start.elapsed() < PATIENCE, "the modes stayed {}", self.modes());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits for the program's end and returns its status and everything it wrote.
    pub fn wait_for_end(&mut self) -> (ExitStatus, Vec<u8>) {
        let status = self.child.wait().unwrap();
        let mut state = self.output.state.lock().unwrap();
        // The reader may still be at the last words.
        while !state.ended {
            let (next, waited) = self.output.changed.wait_timeout(state, PATIENCE).unwrap();
            state = next;
            if waited.timed_out() {
                break;
            }
        }
        (status, state.bytes.clone())
    }

    pub fn process_id(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Whether the alternate screen is shown.
    pub fn is_on_alternate_screen(&self) -> bool {
        self.output.state.lock().unwrap().parser.screen().alternate_screen()
    }

    /// [`modes`](Terminal::modes) before the program began.
    pub fn modes_before(&self) -> &str {
        &self.modes_before
    }

    /// The file that programs know this terminal by.
    pub fn path(&self) -> PathBuf {
        self.master.tty_name().unwrap()
    }

    /// Echo, line editing and the like, as text that can be compared.
    pub fn modes(&self) -> String {
        format!("{:?}", self.master.get_termios())
    }
}

impl Output {
    /// Takes what the program wrote, and returns how often it asks for the terminal's status in it.
    fn take(&self, chunk: &[u8]) -> usize {
        let mut state = self.state.lock().unwrap();
        let state = &mut *state;
        state.parser.process(chunk);
        state.bytes.extend_from_slice(chunk);
        let mut asked = 0;
        let bytes = &state.bytes[state.searched..];
        let mut at = 0;
        while let Some(found) = bytes[at..].windows(STATUS.len()).position(|window| window == STATUS) {
            asked += 1;
            at += found + STATUS.len();
        }
        // A question may come in two chunks.
        state.searched += at.max((bytes.len() + 1).saturating_sub(STATUS.len()));
        if let Some(watcher) = &mut state.watcher {
            watcher(state.parser.screen());
            state.bytes.drain(..state.searched);
            state.searched = 0;
        }
        self.changed.notify_all();
        asked
    }
}

/// A line on which everything arrives in order, and takes a while. Its last thread ends when all has arrived.
fn line(
    takes: Duration,
    mut arrive: impl FnMut(Vec<u8>) + Send + 'static,
) -> (mpsc::Sender<Vec<u8>>, thread::JoinHandle<()>) {
    let (end, far_end) = mpsc::channel::<Vec<u8>>();
    if takes.is_zero() {
        return (end, thread::spawn(move || far_end.iter().for_each(arrive)));
    }
    let (stamped, queue) = mpsc::channel();
    thread::spawn(move || far_end.iter().for_each(|chunk| drop(stamped.send((Instant::now() + takes, chunk)))));
    let last = thread::spawn(move || {
        for (due, chunk) in queue {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            arrive(chunk);
        }
    });
    (end, last)
}

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).expect("a terminal has at least one row and one column")
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
