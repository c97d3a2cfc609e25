//! What can go wrong with the private PostgreSQL, each with what to do next.
//!
//! Every variant means that there is no database to talk to: commands report it and exit with 3.

use std::io;
use std::path::{Path, PathBuf};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Nothing here carries what clients sent: the server's log is configured to hold none of it, and only its fatal lines
/// are quoted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no PostgreSQL server found: install one ({install}), or name a running one with `--database-url`")]
    NotFound { install: String },

    #[error(
        "PostgreSQL {major} in {bin} is too old, {oldest} or newer is needed: install one ({install}), or name a running one with `--database-url`",
        bin = bin.display(), oldest = super::find::OLDEST
    )]
    TooOld { major: u32, bin: PathBuf, install: String },

    #[error(
        "{dir} is not the directory of a PostgreSQL server's programs, {missing} is not in it: name another with `--postgres-bin`",
        dir = dir.display()
    )]
    NotAServer { dir: PathBuf, missing: &'static str },

    #[error(
        "the private cluster in {data} was made by PostgreSQL {made_by}, found is {found}: name the directory of PostgreSQL {made_by} with `--postgres-bin`, or upgrade the cluster with pg_upgrade",
        data = data.display()
    )]
    OtherVersion { data: PathBuf, made_by: u32, found: u32 },

    #[error(
        "PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody` to run it: create one, or start as an ordinary user"
    )]
    NoUnprivilegedUser,

    #[error(
        "PostgreSQL runs as user `{user}`, who cannot enter {blocked}: allow it with `chmod o+x`, or choose another place with `--data-dir` (for programs `--postgres-bin`)",
        blocked = blocked.display()
    )]
    Unreachable { user: String, blocked: PathBuf },

    #[error(
        "{path} belongs to another user: start as that user, or choose another place with `--data-dir`",
        path = path.display()
    )]
    NotOurs { path: PathBuf },

    #[error(
        "{path} cannot hold a cluster, a shell would interpret its name: choose another place with `--data-dir`",
        path = path.display()
    )]
    Path { path: PathBuf },

    #[error(
        "no place for the server's socket, {tried} is too long or not ours: set `XDG_RUNTIME_DIR` or `TMPDIR` to a short private directory",
        tried = tried.display()
    )]
    Socket { tried: PathBuf },

    #[error("the private cluster could not be initialised: {reason}")]
    Initialise { reason: String },

    #[error(
        "the private PostgreSQL did not start: {reason}; its log is {log}",
        log = log.display()
    )]
    Start { reason: String, log: PathBuf },

    #[error(
        "the private PostgreSQL did not stop: {reason}; its log is {log}",
        log = log.display()
    )]
    Stop { reason: String, log: PathBuf },

    #[error(
        "another process has been starting or stopping the private cluster for {seconds} s: look for a suspended `countersign`, then try again"
    )]
    Busy { seconds: u64 },

    #[error(
        "the private cluster is in use: quit every other `countersign` on {data_dir} first",
        data_dir = data_dir.display()
    )]
    InUse { data_dir: PathBuf },

    #[error(
        "{dir} is not empty: a throwaway cluster takes its directory over and removes it",
        dir = dir.display()
    )]
    NotEmpty { dir: PathBuf },

    #[error("could not {action} {path}: {source}", path = path.display())]
    File { action: &'static str, path: PathBuf, source: io::Error },
}

/// Turns an I/O error into one that says what was tried on which path.
pub(super) fn could_not(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    move |source| Error::File { action, path: path.to_owned(), source }
}
