//! Removes a throwaway cluster when its process is gone, however it went.
//!
//! A shell waits for the end of a pipe whose other end only our process holds. The kernel closes that with the process, so
//! not even `kill -9` leaves a server or its files behind.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use super::layout::Layout;

/// `$1` is the directory to remove, `$2` the server's data directory in it, `$3` the file that may name a socket's directory
/// elsewhere.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
cat > /dev/null
if read -r pid < "$2/postmaster.pid"; then
    # A process number may have gone to somebody else.
    if [ ! -e "/proc/$pid/comm" ] || [ "$(cat "/proc/$pid/comm")" = postgres ]; then
        kill -QUIT "$pid"
        tries=0
        while kill -0 "$pid" && [ -e "$2/postmaster.pid" ] && [ "$tries" -lt 200 ]; do
            sleep 0.05
            tries=$((tries + 1))
        done
    fi
fi
if read -r socket < "$3"; then
    rm -rf -- "$socket"
fi
rm -rf -- "$1" || { sleep 1; rm -rf -- "$1"; }
"#;

#[derive(Debug)]
pub(super) struct Keeper {
    shell: Child,
}

impl Keeper {
    /// Watches over the cluster whose data directory is `layout`'s, and which owns all of that.
    pub(super) fn watch(layout: &Layout) -> io::Result<Keeper> {
        let shell = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "sh"])
            .arg(&layout.data_dir)
            .arg(layout.pgdata())
            .arg(layout.socket_record())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Out of the terminal's reach: Ctrl-C must not end it before us.
            .process_group(0)
            .spawn()?;
        Ok(Keeper { shell })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        if let Err(error) = self.shell.wait() {
            tracing::warn!(%error, "a throwaway cluster may not have been removed");
        }
    }
}
