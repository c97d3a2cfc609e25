//! The private PostgreSQL, started for real.

mod lifecycle;
mod privacy;
mod recovery;
mod sharing;

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use countersign::cluster::{self, Cluster, Programs};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tempfile::TempDir;

/// Names the data directory to a test that runs as a second process.
const HELD: &str = "COUNTERSIGN_TEST_HELD_DATA_DIR";

/// A data directory of its own for one test. What a failed test leaves running is stopped with it.
struct Home {
    dir: TempDir,
    programs: Programs,
}

impl Home {
    fn new() -> Home {
        let dir = tempfile::Builder::new().prefix("cs-").tempdir().unwrap();
        // Open for the unprivileged user who runs the server where the tests run as root.
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o711)).unwrap();
        let programs = Programs::find(None, dir.path()).unwrap();
        Home { dir, programs }
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn server(&self) -> PathBuf {
        self.data().join("cluster/server")
    }

    fn open(&self) -> Cluster {
        Cluster::open(&self.programs, &self.data()).unwrap()
    }

    fn is_running(&self) -> bool {
        cluster::state(&self.data()).unwrap().running
    }

    fn postmaster_pid(&self) -> Pid {
        postmaster_pid(&self.server().join("pgdata")).unwrap()
    }

    /// The database's answer to one statement, without decoration.
    fn query(&self, cluster: &Cluster, sql: &str) -> String {
        let output = psql(&self.programs, cluster, sql).output().unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{sql}: {complaint}");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = Cluster::stop(&self.programs, &self.data());
    }
}

fn postmaster_pid(pgdata: &Path) -> Option<Pid> {
    let told = fs::read_to_string(pgdata.join("postmaster.pid")).ok()?;
    Pid::from_raw(told.lines().next()?.parse().ok()?)
}

fn psql(programs: &Programs, cluster: &Cluster, sql: &str) -> Command {
    let beside = programs.bin().join("psql");
    let psql = if beside.exists() { beside } else { PathBuf::from("psql") };
    let mut command = Command::new(psql);
    command
        .args(["--no-psqlrc", "--tuples-only", "--no-align", "--quiet", "--command", sql])
        .arg(cluster.url("postgres", "postgres"));
    command
}

/// Another process: this binary again, running the test `name` only, which finds the data directory with [`held`] and
/// calls [`hold`].
struct SecondProcess {
    child: Child,
    told: BufReader<ChildStdout>,
}

impl SecondProcess {
    fn command(name: &str, data_dir: &Path) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", name, "--nocapture"])
            .env(HELD, data_dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        command
    }

    fn spawn(mut command: Command) -> SecondProcess {
        let mut child = command.spawn().unwrap();
        let told = BufReader::new(child.stdout.take().unwrap());
        SecondProcess { child, told }
    }

    /// Waits until it uses its cluster.
    fn wait_until_it_holds(&mut self) {
        let holds = (&mut self.told).lines().map_while(Result::ok).any(|line| line.ends_with("holding"));
        assert!(holds, "the second process ended before it had a cluster");
    }

    /// Lets it leave in order.
    fn finish(mut self) {
        drop(self.child.stdin.take());
        assert!(self.child.wait().unwrap().success());
    }

    /// Kills it with all others in the process group that it leads.
    fn kill_group(mut self) {
        let group = Pid::from_child(&self.child);
        kill_process_group(group, Signal::KILL).unwrap();
        self.child.wait().unwrap();
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// The data directory to use, when this process is a second one.
fn held() -> Option<PathBuf> {
    std::env::var_os(HELD).map(PathBuf::from)
}

/// Uses a cluster until standard input ends.
fn hold(cluster: Cluster) {
    println!("\nholding");
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).unwrap();
    drop(cluster);
}

#[track_caller]
fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

fn kill_9(pid: Pid) {
    kill_process(pid, Signal::KILL).unwrap();
}

fn is_gone(pid: Pid) -> bool {
    // A zombie that nobody collects, as in some containers, is gone too.
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
    let zombie = stat.is_ok_and(|stat| stat.rsplit_once(") ").is_some_and(|(_, state)| state.starts_with('Z')));
    zombie || rustix::process::test_kill_process(pid).is_err()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}
