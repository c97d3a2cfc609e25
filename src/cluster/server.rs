//! Starts and stops the server, and waits until it has.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::error::{Error, Result, could_not};
use super::find::Programs;
use super::identity::Identity;
use super::layout::{self, Layout};
use super::postmaster::{self, Status};
use super::settings::{self, Durability};
use super::socket;

/// How long a start may take, recovery after a crash included, and a stop, its checkpoint included.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a server that calls itself ready may leave its socket unanswered.
const SILENCE: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(10);

/// A log that has grown beyond this is put aside before the next start, one old log is kept.
const LONGEST_LOG: u64 = 4 * 1024 * 1024;
/// How much of a log is read for an error, and how many of its lines are quoted.
const TAIL: u64 = 16 * 1024;
const QUOTED: usize = 3;

/// The server of one cluster, running or not. Whoever starts or stops it holds the start lock.
#[derive(Debug)]
pub(super) struct Server {
    programs: Programs,
    pub(super) layout: Layout,
    pub(super) identity: Identity,
    durability: Durability,
}

impl Server {
    pub(super) fn new(programs: &Programs, layout: Layout, durability: Durability) -> Result<Server> {
        Ok(Server { programs: programs.clone(), identity: Identity::for_server(&layout.server())?, layout, durability })
    }

    /// The socket's directory when the server is ready and answers.
    pub(super) fn ready(&self) -> Option<PathBuf> {
        match Status::of(&self.layout.pgdata()) {
            Status::Ready { socket_dir } if postmaster::answers(&socket_dir) => Some(socket_dir),
            _ => None,
        }
    }

    /// Adopts the server that runs, or starts one. Returns the socket's directory once it answers.
    pub(super) fn start(&self) -> Result<PathBuf> {
        let deadline = Instant::now() + PATIENCE;
        let mut silent_since = None;
        loop {
            match Status::of(&self.layout.pgdata()) {
                Status::Ready { socket_dir } if postmaster::answers(&socket_dir) => {
                    return Ok(socket_dir);
                }
                Status::Ready { .. } => {
                    // Somebody removed the socket, and a server does not make it again.
                    let since = silent_since.get_or_insert_with(Instant::now);
                    if since.elapsed() > SILENCE {
                        self.stop()?;
                    }
                }
                Status::Down => {
                    silent_since = None;
                    self.launch(deadline)?;
                }
                Status::Starting | Status::Stopping => silent_since = None,
            }
            if Instant::now() >= deadline {
                return Err(self.start_error(format!(
                    "it was not ready within {} s, and may still be recovering: try again",
                    PATIENCE.as_secs()
                )));
            }
            thread::sleep(PAUSE);
        }
    }

    /// Ends every session and stops, or does nothing when there is no server. What was committed stays.
    pub(super) fn stop(&self) -> Result<()> {
        if Status::of(&self.layout.pgdata()) == Status::Down {
            return Ok(());
        }
        let mut told = String::new();
        for mode in ["fast", "immediate"] {
            match self.pg_ctl("stop", &[OsStr::new("-m"), OsStr::new(mode)]) {
                Ok(()) => {
                    tracing::info!(mode, "stopped the private PostgreSQL");
                    return Ok(());
                }
                Err(reason) => told = reason,
            }
            if Status::of(&self.layout.pgdata()) == Status::Down {
                return Ok(());
            }
        }
        Err(Error::Stop { reason: told, log: self.layout.log() })
    }

    /// Runs `pg_ctl start` until it succeeds, which takes a second attempt while processes of a killed server are leaving.
    fn launch(&self, deadline: Instant) -> Result<()> {
        let pgdata = self.layout.pgdata();
        self.identity.must_reach(&self.layout.server())?;
        self.identity.must_reach(self.programs.bin())?;
        let socket_dir = socket::directory(&self.layout, &self.identity)?;
        layout::write_whole(
            &pgdata.join(settings::FILE),
            &settings::text(&socket_dir, self.durability),
            &self.identity,
        )?;
        postmaster::forget_stale(&pgdata, &socket_dir);
        self.put_log_aside()?;

        let log = self.layout.log();
        loop {
            let before = fs::metadata(&log).map_or(0, |log| log.len());
            let Err(told) = self.pg_ctl("start", &[OsStr::new("-l"), log.as_os_str()]) else {
                tracing::info!("started the private PostgreSQL");
                return Ok(());
            };
            let reason = tail(&log, before).ok().and_then(|lines| quote(&lines, is_fatal)).unwrap_or(told);
            if !reason.contains("shared memory block") || Instant::now() >= deadline {
                return Err(self.start_error(reason));
            }
            thread::sleep(PAUSE);
        }
    }

    /// Runs `pg_ctl` and waits for its end; the error is what it tells.
    fn pg_ctl(&self, action: &str, options: &[&OsStr]) -> Result<(), String> {
        let program = self.programs.program("pg_ctl");
        let output = self
            .identity
            .command(&program)
            .arg(action)
            .arg("-D")
            .arg(self.layout.pgdata())
            .args(["-s", "-w", "-t", &PATIENCE.as_secs().to_string()])
            .args(options)
            .output()
            .map_err(|error| format!("could not run {}: {error}", program.display()))?;
        if output.status.success() {
            return Ok(());
        }
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(quote(&told, |line| line.starts_with("pg_ctl: "))
            .unwrap_or_else(|| format!("pg_ctl failed with {}", output.status)))
    }

    fn put_log_aside(&self) -> Result<()> {
        let log = self.layout.log();
        if fs::metadata(&log).is_ok_and(|log| log.len() > LONGEST_LOG) {
            let aside = self.layout.server().join("server.log.1");
            fs::rename(&log, aside).map_err(could_not("put aside", &log))?;
        }
        Ok(())
    }

    fn start_error(&self, reason: String) -> Error {
        Error::Start { reason, log: self.layout.log() }
    }
}

/// The last lines that `wanted` picks, joined and without control characters; `None` when it picks none.
pub(super) fn quote(text: &str, wanted: impl Fn(&str) -> bool) -> Option<String> {
    let lines: Vec<String> = text
        .lines()
        .filter(|line| wanted(line))
        .map(|line| line.trim().chars().filter(|c| !c.is_control()).collect())
        .collect();
    let last = &lines[lines.len().saturating_sub(QUOTED)..];
    (!last.is_empty()).then(|| last.join("; "))
}

/// A server's reasons for not starting. Clients' errors are never fatal to it.
fn is_fatal(line: &str) -> bool {
    line.contains("FATAL:  ") || line.contains("PANIC:  ") || line.starts_with("postgres: ")
}

/// What a log has gained since it was `before` bytes long, its last part if that is much.
fn tail(log: &Path, before: u64) -> io::Result<String> {
    let mut file = fs::File::open(log)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(before.max(length.saturating_sub(TAIL))))?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_only_fatal_lines_and_only_the_last() {
        let log = "\
2026-01-01 10:00:00.000 UTC [7] LOG:  starting\n\
2026-01-01 10:00:00.000 UTC [7] ERROR:  invalid input syntax for type integer: \"Dear Anna\"\n\
2026-01-01 10:00:00.000 UTC [7] FATAL:  one\n\
2026-01-01 10:00:00.000 UTC [7] FATAL:  two\x1b[2J\n\
2026-01-01 10:00:00.000 UTC [7] FATAL:  three\n\
2026-01-01 10:00:00.000 UTC [7] PANIC:  four\n";
        let quoted = quote(log, is_fatal).unwrap();
        assert!(!quoted.contains("Anna"));
        assert!(!quoted.contains("one"));
        assert!(quoted.contains("two[2J; "));
        assert!(quoted.ends_with("PANIC:  four"));
    }

    #[test]
    fn nothing_fatal_is_nothing_to_quote() {
        assert_eq!(quote("LOG:  starting\n", is_fatal), None);
    }
}
