//! What lies where below the data directory.
//!
//! ```text
//! DATA/cluster/start.lock     held while someone initialises, starts, stops or removes
//!              users.lock     held, shared, by every user
//!              pinned         exists while the server shall outlive its users
//!              socket-dir     where the socket is when it cannot be below
//!              server/        private to the user the server runs as
//!                pgdata/  socket/  server.log
//! ```

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::error::{Error, Result, could_not};
use super::identity::Identity;

#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// The caller's data directory, absolute, symbolic links resolved.
    pub(super) data_dir: PathBuf,
    /// Ours in it.
    pub(super) cluster: PathBuf,
}

impl Layout {
    /// Names the places without touching any.
    pub(super) fn under(data_dir: &Path) -> Result<Layout> {
        let data_dir = std::path::absolute(data_dir).map_err(could_not("locate", data_dir))?;
        let data_dir = fs::canonicalize(&data_dir).unwrap_or(data_dir);
        // pg_ctl hands its paths to a shell between double quotes.
        let harmless = |c: char| !c.is_control() && !matches!(c, '"' | '$' | '`' | '\\');
        match data_dir.to_str() {
            Some(path) if path.chars().all(harmless) => Ok(Layout { cluster: data_dir.join("cluster"), data_dir }),
            _ => Err(Error::Path { path: data_dir }),
        }
    }

    /// Creates what the locks need. Where we are root the way to the server's directory stays open to its user, and only
    /// the way: nobody can list what is there.
    pub(super) fn create(data_dir: &Path) -> Result<Layout> {
        let mode = if rustix::process::geteuid().is_root() { 0o711 } else { 0o700 };
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(mode);
        builder.create(data_dir).map_err(could_not("create", data_dir))?;
        let layout = Layout::under(data_dir)?;
        builder.create(&layout.cluster).map_err(could_not("create", &layout.cluster))?;
        Ok(layout)
    }

    pub(super) fn start_lock(&self) -> PathBuf {
        self.cluster.join("start.lock")
    }

    pub(super) fn users_lock(&self) -> PathBuf {
        self.cluster.join("users.lock")
    }

    pub(super) fn pinned(&self) -> PathBuf {
        self.cluster.join("pinned")
    }

    /// Holds the path of the socket's directory when that is not [`Layout::inner_socket_dir`].
    pub(super) fn socket_record(&self) -> PathBuf {
        self.cluster.join("socket-dir")
    }

    pub(super) fn server(&self) -> PathBuf {
        self.cluster.join("server")
    }

    pub(super) fn pgdata(&self) -> PathBuf {
        self.server().join("pgdata")
    }

    pub(super) fn inner_socket_dir(&self) -> PathBuf {
        self.server().join("socket")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.server().join("server.log")
    }

    /// The major version that initialised the cluster; `None` when there is no cluster.
    pub(super) fn made_by(&self) -> Option<u32> {
        let version = fs::read_to_string(self.pgdata().join("PG_VERSION")).ok()?;
        version.trim().parse().ok()
    }
}

/// Makes `path` a directory with mode 0700 that belongs to `identity`. One that belongs to anyone else is refused, so that
/// nobody can put theirs in place of ours in a shared directory such as `/tmp`.
pub(super) fn private_dir(path: &Path, identity: &Identity) -> Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => identity.own(path).map_err(could_not("change the owner of", path)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let found = fs::symlink_metadata(path).map_err(could_not("inspect", path))?;
            if !found.is_dir() || found.uid() != identity.uid() {
                return Err(Error::NotOurs { path: path.to_owned() });
            }
            if found.mode() & 0o077 != 0 {
                fs::set_permissions(path, fs::Permissions::from_mode(0o700))
                    .map_err(could_not("close to others", path))?;
            }
            Ok(())
        }
        Err(error) => Err(could_not("create", path)(error)),
    }
}

/// Replaces a file as a whole, mode 0600, with an owner of its own. Nothing is followed or half written: as root we write
/// into a directory that belongs to another user.
pub(super) fn write_whole(path: &Path, content: &str, identity: &Identity) -> Result<()> {
    let mut fresh = path.to_owned().into_os_string();
    fresh.push(".new");
    let fresh = PathBuf::from(fresh);
    let write = || -> io::Result<()> {
        match fs::remove_file(&fresh) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = File::options().write(true).create_new(true).mode(0o600).open(&fresh)?;
        identity.own_file(&file)?;
        file.write_all(content.as_bytes())?;
        file.sync_all()?;
        fs::rename(&fresh, path)
    };
    write().map_err(could_not("write", path))
}

/// Removes a file or a tree; what is not there is removed already.
pub(super) fn remove(path: &Path) -> Result<()> {
    let gone = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match gone {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(could_not("remove", path)(error)),
        _ => Ok(()),
    }
}
