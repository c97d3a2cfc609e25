//! A private server that is killed under an open dashboard.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use countersign::cluster::{self, Cluster, Programs};
use portable_pty::CommandBuilder;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::screen::Terminal;

/// Stops what a failed test leaves running.
struct Home(TempDir);

impl Drop for Home {
    fn drop(&mut self) {
        let data = self.0.path().join("data");
        if let Ok(programs) = Programs::find(None, &data) {
            let _ = Cluster::stop(&programs, &data);
        }
    }
}

fn postmaster(data: &Path) -> Pid {
    let told = fs::read_to_string(data.join("cluster/server/pgdata/postmaster.pid")).unwrap();
    Pid::from_raw(told.lines().next().unwrap().parse().unwrap()).unwrap()
}

#[test]
fn a_killed_private_server_is_started_again_under_the_open_dashboard() {
    let home = Home(TempDir::new().unwrap());
    // The server of root's cluster runs as another user, who must pass through.
    fs::set_permissions(home.0.path(), Permissions::from_mode(0o711)).unwrap();
    let data = home.0.path().join("data");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_countersign"));
    command.env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap());
    command.env("HOME", home.0.path());
    command.env("LANG", "C.UTF-8");
    command.env("TERM", "xterm-256color");
    command.env("COUNTERSIGN_DATA_DIR", &data);
    let mut terminal = Terminal::start(command, 120, 40);
    terminal.wait_for("live");
    let killed = postmaster(&data);
    kill_process(killed, Signal::KILL).unwrap();
    terminal.wait_for("the database is back");
    terminal.wait_for("live");
    assert_ne!(postmaster(&data), killed);
    terminal.press("q");
    let (status, _) = terminal.wait_for_end();
    assert!(status.success(), "{status:?}");
    assert!(!cluster::state(&data).unwrap().running);
}
