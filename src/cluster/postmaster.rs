//! What `postmaster.pid` tells about the server, and whether it is true: a killed server leaves the file behind, and its
//! process number goes to somebody else.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::io::Errno;
use rustix::process::Pid;

/// The lines of the file that matter, counted from zero.
const PID: usize = 0;
const SOCKET_DIR: usize = 4;
const STATUS: usize = 7;

/// The socket's name in its directory; the number is the port's.
pub(super) const SOCKET: &str = ".s.PGSQL.5432";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Down,
    Starting,
    Ready { socket_dir: PathBuf },
    Stopping,
}

impl Status {
    pub(super) fn of(pgdata: &Path) -> Status {
        let Ok(told) = fs::read_to_string(pgdata.join("postmaster.pid")) else {
            return Status::Down;
        };
        let lines: Vec<&str> = told.lines().map(str::trim).collect();
        let pid = lines.get(PID).and_then(|line| line.parse().ok());
        if !pid.is_some_and(|pid| is_postmaster(pid, pgdata)) {
            return Status::Down;
        }
        match (lines.get(STATUS), lines.get(SOCKET_DIR)) {
            (Some(&("ready" | "standby")), Some(socket_dir)) => Status::Ready { socket_dir: PathBuf::from(socket_dir) },
            (Some(&"stopping"), _) => Status::Stopping,
            _ => Status::Starting,
        }
    }
}

/// Whether a server takes connections in `socket_dir`.
pub(super) fn answers(socket_dir: &Path) -> bool {
    UnixStream::connect(socket_dir.join(SOCKET)).is_ok()
}

/// Removes what a killed server left when its process number belongs to another process now, or to a zombie: PostgreSQL
/// would take either for a running server and refuse. Whether processes of the old server still use its memory,
/// PostgreSQL finds out without these files. To be called with the start lock, when [`Status::of`] says `Down`.
pub(super) fn forget_stale(pgdata: &Path, socket_dir: &Path) {
    for file in [pgdata.join("postmaster.pid"), socket_dir.join(format!("{SOCKET}.lock"))] {
        let pid = fs::read_to_string(&file).ok().and_then(|told| told.lines().next()?.trim().parse().ok());
        if pid.is_some_and(exists) && fs::remove_file(&file).is_ok() {
            tracing::info!(file = %file.display(), "removed what a killed server left");
        }
    }
}

fn is_postmaster(pid: i32, pgdata: &Path) -> bool {
    if Path::new("/proc/self/stat").exists() {
        is_postmaster_by_proc(pid, pgdata)
    } else {
        exists(pid) && runs_postgres(pid)
    }
}

fn is_postmaster_by_proc(pid: i32, pgdata: &Path) -> bool {
    // `1234 (postgres) S …`; Z and X are dead processes that nobody has collected.
    let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return false;
    };
    let Some((name, state)) = stat.rsplit_once(')') else {
        return false;
    };
    if !name.ends_with("(postgres") || state.trim_start().starts_with(['Z', 'X']) {
        return false;
    }
    // A server works in its data directory. In a container root may be forbidden to look; then the name has to do.
    let works_in = fs::metadata(format!("/proc/{pid}/cwd"));
    match (works_in, fs::metadata(pgdata)) {
        (Ok(works_in), Ok(pgdata)) => (works_in.dev(), works_in.ino()) == (pgdata.dev(), pgdata.ino()),
        _ => true,
    }
}

/// For systems without `/proc`.
fn runs_postgres(pid: i32) -> bool {
    Command::new("ps")
        .args(["-o", "comm=", "-p", &pid.to_string()])
        .output()
        .is_ok_and(|output| String::from_utf8_lossy(&output.stdout).trim_end().ends_with("postgres"))
}

fn exists(pid: i32) -> bool {
    Pid::from_raw(pid)
        .is_some_and(|pid| !matches!(rustix::process::test_kill_process(pid), Err(Errno::SRCH | Errno::INVAL)))
}
