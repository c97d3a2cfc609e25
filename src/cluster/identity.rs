//! The user whom the server runs as: ourselves, or an unprivileged one where we are root, as PostgreSQL demands.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt, fchown, lchown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::{Error, Result};

/// Tried in this order: what packages create, on Linux and macOS, and the user who owns nothing.
const UNPRIVILEGED: [&str; 3] = ["postgres", "_postgres", "nobody"];

/// What a server may inherit from our environment. Everything else stays out, above all `PG…` settings and keys.
const INHERITED: [&str; 4] = ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR"];

#[derive(Clone, Debug)]
pub(super) struct Identity {
    uid: u32,
    gid: u32,
    /// Whether this is someone else, whom we become for every program we run.
    switched: bool,
}

impl Identity {
    /// Whoever owns the cluster at `private`; for a new one ourselves, or an unprivileged user where we are root.
    pub(super) fn for_server(private: &Path) -> Result<Identity> {
        let own = rustix::process::geteuid();
        let owner = fs::symlink_metadata(private).ok();
        if !own.is_root() {
            if owner.is_some_and(|owner| owner.uid() != own.as_raw()) {
                return Err(Error::NotOurs { path: private.to_owned() });
            }
            return Ok(Identity::own_user());
        }
        // A cluster stays with the user who has it, also when a better candidate is installed later.
        let (uid, gid) = owner
            .filter(|owner| owner.uid() != 0)
            .map(|owner| (owner.uid(), owner.gid()))
            .or_else(|| UNPRIVILEGED.into_iter().find_map(look_up))
            .ok_or(Error::NoUnprivilegedUser)?;
        Ok(Identity { uid, gid, switched: true })
    }

    /// Ourselves, for files that the server does not read.
    pub(super) fn own_user() -> Identity {
        Identity { uid: rustix::process::geteuid().as_raw(), gid: rustix::process::getegid().as_raw(), switched: false }
    }

    pub(super) fn is_switched(&self) -> bool {
        self.switched
    }

    pub(super) fn uid(&self) -> u32 {
        self.uid
    }

    /// A program that runs as this user, from `/`, in English, and knows nothing of our environment.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(INHERITED.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?))))
            .env("LC_ALL", "C")
            .current_dir("/")
            .stdin(Stdio::null());
        if self.switched {
            // The standard library drops root's supplementary groups along with this.
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Hands a path over to this user; a symbolic link is not followed.
    pub(super) fn own(&self, path: &Path) -> io::Result<()> {
        if self.switched {
            lchown(path, Some(self.uid), Some(self.gid))?;
        }
        Ok(())
    }

    pub(super) fn own_file(&self, file: &File) -> io::Result<()> {
        if self.switched {
            fchown(file, Some(self.uid), Some(self.gid))?;
        }
        Ok(())
    }

    /// Makes sure that this user gets into `directory`, and says otherwise which of its parents is closed.
    pub(super) fn must_reach(&self, directory: &Path) -> Result<()> {
        if !self.switched || self.can_enter(directory) {
            return Ok(());
        }
        let mut parents: Vec<&Path> = directory.ancestors().collect();
        parents.reverse();
        let blocked = parents.into_iter().find(|parent| !self.can_enter(parent)).unwrap_or(directory);
        Err(Error::Unreachable { user: self.name(), blocked: PathBuf::from(blocked) })
    }

    /// Asks the system itself: mode bits alone do not tell of access control lists.
    fn can_enter(&self, directory: &Path) -> bool {
        self.command(Path::new("/bin/sh"))
            .args(["-c", "cd \"$1\"", "sh"])
            .arg(directory)
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    fn name(&self) -> String {
        id(&["-un", &self.uid.to_string()]).unwrap_or_else(|| self.uid.to_string())
    }
}

fn look_up(user: &str) -> Option<(u32, u32)> {
    let uid = id(&["-u", user])?.parse().ok()?;
    let gid = id(&["-g", user])?.parse().ok()?;
    (uid != 0).then_some((uid, gid))
}

/// `id` answers for every source of users, not only for `/etc/passwd`.
fn id(arguments: &[&str]) -> Option<String> {
    let output = Command::new("id").args(arguments).stderr(Stdio::null()).output().ok()?;
    let answer = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| answer.trim_end().to_owned())
}
