//! Programs in pseudo-terminals whose screens nobody looks at: when something came, and how much.

use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tempfile::TempDir;

use crate::data::Data;
use crate::screen::STATUS;

/// Longer than anything that is waited for here takes.
const PATIENCE: Duration = Duration::from_secs(30);
/// After what comes within this time of each other there is no more to come.
const QUIET: Duration = Duration::from_millis(25);

pub struct Wire {
    keys: Arc<Mutex<Box<dyn Write + Send>>>,
    child: Box<dyn Child + Send + Sync>,
    chunks: Receiver<(Instant, usize)>,
    _master: Box<dyn MasterPty + Send>,
}

impl Wire {
    pub fn start(command: CommandBuilder, columns: u16, rows: u16) -> Wire {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keys = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        let answers = keys.clone();
        let (tell, chunks) = channel();
        thread::spawn(move || {
            let mut chunk = [0; 65536];
            while let Ok(count @ 1..) = reader.read(&mut chunk) {
                let came = Instant::now();
                if chunk[..count].windows(STATUS.len()).any(|window| window == STATUS) {
                    let _ = answers.lock().unwrap().write_all(b"\x1b[0n");
                }
                if tell.send((came, count)).is_err() {
                    break;
                }
            }
        });
        Wire { keys, child, chunks, _master: pair.master }
    }

    /// Milliseconds from the key to the first that is written after it; waits until nothing more comes.
    pub fn press(&mut self, key: &str) -> f64 {
        while self.chunks.try_recv().is_ok() {}
        let pressed = Instant::now();
        self.keys.lock().unwrap().write_all(key.as_bytes()).unwrap();
        let (came, _) = self.chunks.recv_timeout(PATIENCE).unwrap();
        self.settle();
        came.duration_since(pressed).as_secs_f64() * 1000.0
    }

    /// Waits until nothing was written for a moment.
    pub fn settle(&mut self) {
        while self.chunks.recv_timeout(QUIET).is_ok() {}
    }

    /// Waits until something is written at all.
    pub fn wait(&mut self) {
        self.chunks.recv_timeout(PATIENCE).unwrap();
        self.settle();
    }

    pub fn process(&self) -> i32 {
        i32::try_from(self.child.process_id().unwrap()).unwrap()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The dashboard of one of the fixtures' people, with a home of its own.
pub async fn dashboard(data: &Data, home: &TempDir, screen: &str) -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_countersign"));
    command.env_clear();
    for (name, value) in [("HOME", home.path().to_str().unwrap()), ("LANG", "C.UTF-8"), ("TERM", "xterm-256color")] {
        command.env(name, value);
    }
    let keys = home.path().join("acme.key");
    if !keys.exists() {
        data.database.grant_keys(&keys);
    }
    command.env("COUNTERSIGN_DATABASE_URL", data.url("ada").await);
    command.env("COUNTERSIGN_KEYS", keys);
    command.args(["--screen", screen]);
    command
}
