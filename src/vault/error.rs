//! What can go wrong with keys and bodies, and what to do about it.

use std::io;
use std::path::PathBuf;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Says what failed and what to do next. Never carries a body, a key or what stands in a file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "this key ring has no keys for agency {agency}; ask the administrator for a key file \
         (countersign vault grant LOGIN --agency {agency})"
    )]
    UnknownAgency { agency: String },

    #[error(
        "a body of agency {agency} is sealed under key {key_id}, which this key ring does not have; \
         ask the administrator for a new key file"
    )]
    UnknownKey { agency: String, key_id: String },

    #[error("what is stored is too short for a sealed body ({length} bytes)")]
    Truncated { length: usize },

    #[error("the body is sealed in format {0}, which this version does not know; update countersign")]
    UnknownVersion(u8),

    /// Altered, moved to another place, or sealed under a key that only bears the same id: these cannot be told apart.
    #[error("the body does not open: it was altered, or it belongs to another message")]
    DoesNotOpen,

    #[error("the stored digest does not belong to this body")]
    DigestMismatch,

    #[error("only the administrator's key ring can do this; run it where the ring is kept")]
    NotAdministrator,

    #[error("{path} can be reached by others (mode {mode:04o}); run: chmod {wanted:o} {path}", path = .path.display())]
    LooseMode { path: PathBuf, mode: u32, wanted: u32 },

    #[error("{path} is missing; bring it back from a backup, because without it no stored body opens", path = .path.display())]
    IncompleteRing { path: PathBuf },

    #[error("{path} was not written under the master.key beside it; bring both back from the same backup", path = .path.display())]
    WrongMasterKey { path: PathBuf },

    #[error(
        "{path} is not a key file this version reads (line {line}, column {column}); bring it back from a backup, or \
         ask the administrator for a new one", path = .path.display()
    )]
    Malformed { path: PathBuf, line: usize, column: usize },

    #[error("{path} has key file format {version}, which this version does not know; update countersign", path = .path.display())]
    UnknownFileVersion { path: PathBuf, version: u32 },

    #[error("{path} holds no key file; key files end in .key", path = .path.display())]
    NoKeyFile { path: PathBuf },

    #[error("{path} is a second key file for agency {agency}; keep only the newest", path = .path.display())]
    SecondKeyFile { agency: String, path: PathBuf },

    #[error("{path} exists already; move it away or name another file", path = .path.display())]
    Exists { path: PathBuf },

    #[error("cannot {doing} {path}: {source}", path = .path.display())]
    File { doing: &'static str, path: PathBuf, source: io::Error },

    #[error("the operating system gave no random bytes; nothing was sealed or written")]
    NoRandomness,
}
