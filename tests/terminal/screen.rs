//! A real terminal for a real program: a pseudo-terminal, a parser that keeps the screen, and waiting for what appears.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// Long enough for a slow machine under load; a condition that holds is seen at once.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Terminal {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    output: Arc<Output>,
    modes_before: String,
}

/// What the program wrote so far: as a screen, and byte for byte.
struct Output {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    parser: vt100::Parser,
    bytes: Vec<u8>,
    ended: bool,
    /// Nobody reads any more after what comes next.
    vanishes: bool,
}

impl Terminal {
    pub fn start(command: CommandBuilder, columns: u16, rows: u16) -> Terminal {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let modes_before = format!("{:?}", pair.master.get_termios());
        let child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let state = State {
            parser: vt100::Parser::new(cells(rows), cells(columns), 0),
            bytes: Vec::new(),
            ended: false,
            vanishes: false,
        };
        let output = Arc::new(Output { state: Mutex::new(state), changed: Condvar::new() });
        let shared = Arc::clone(&output);
        std::thread::spawn(move || {
            let mut chunk = [0; 8192];
            // On Linux the end of the last process on the other side is an error, elsewhere an empty read.
            while let Ok(count @ 1..) = reader.read(&mut chunk) {
                let mut state = shared.state.lock().unwrap();
                state.parser.process(&chunk[..count]);
                state.bytes.extend_from_slice(&chunk[..count]);
                shared.changed.notify_all();
                if state.vanishes {
                    break;
                }
            }
            shared.state.lock().unwrap().ended = true;
            shared.changed.notify_all();
        });
        Terminal { master: pair.master, child, keys, output, modes_before }
    }

    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    pub fn resize(&self, columns: u16, rows: u16) {
        self.output.state.lock().unwrap().parser.screen_mut().set_size(cells(rows), cells(columns));
        self.master.resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
    }

    /// Waits until the screen holds the text.
    #[track_caller]
    pub fn wait_for(&self, text: &str) -> String {
        match self.wait_until(PATIENCE, |screen| screen.contains(text)) {
            Ok(screen) => screen,
            Err(screen) => panic!("no {text:?} on the screen within {PATIENCE:?}:\n{screen}"),
        }
    }

    /// Presses a key again and again until the screen holds the text: a confirm takes no key before it can have been
    /// read, and how long that is, is not the test's business.
    #[track_caller]
    pub fn press_until(&mut self, key: &str, text: &str) -> String {
        let start = Instant::now();
        loop {
            self.press(key);
            match self.wait_until(Duration::from_millis(400), |screen| screen.contains(text)) {
                Ok(screen) => return screen,
                Err(screen) if start.elapsed() > PATIENCE => panic!("{key:?} never led to {text:?}:\n{screen}"),
                Err(_) => {}
            }
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
            std::thread::sleep(Duration::from_millis(10));
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

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).expect("a terminal has at least one row and one column")
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
