//! Where the server's socket is, and how clients name it.
//!
//! The address of a Unix socket holds about a hundred bytes. Where the data directory's path leaves too few of them, the
//! socket moves to a short private directory elsewhere, and a file beside the locks remembers which.

use std::env;
use std::fmt::Write;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::error::{Error, Result};
use super::identity::Identity;
use super::layout::{self, Layout};
use super::postmaster::SOCKET;

/// The shortest limit among the supported systems, macOS's 104 bytes, without the closing zero byte.
const LONGEST: usize = 103;

/// The socket's directory, existing and private. Everyone who shares the cluster gets the same answer.
pub(super) fn directory(layout: &Layout, identity: &Identity) -> Result<PathBuf> {
    let inner = layout.inner_socket_dir();
    if fits(&inner) {
        layout::private_dir(&inner, identity)?;
        return Ok(inner);
    }
    if let Some(recorded) = recorded(layout)
        && layout::private_dir(&recorded, identity).is_ok()
    {
        return Ok(recorded);
    }
    let name = short_name(&layout.data_dir);
    let mut parents = vec![env::temp_dir(), PathBuf::from("/tmp")];
    // The runtime directory belongs to the user who logged in, so another user's server cannot get there.
    if !identity.is_switched()
        && let Some(runtime) = env::var_os("XDG_RUNTIME_DIR")
    {
        parents.insert(0, PathBuf::from(runtime));
    }
    for parent in &parents {
        let chosen = parent.join(&name);
        if parent.is_absolute()
            && fits(&chosen)
            && layout::private_dir(&chosen, identity).is_ok()
            && identity.must_reach(&chosen).is_ok()
        {
            layout::write_whole(&layout.socket_record(), &format!("{}\n", chosen.display()), &Identity::own_user())?;
            return Ok(chosen);
        }
    }
    Err(Error::Socket { tried: parents[0].join(name) })
}

/// The directory outside the data directory, if the socket had to move there.
pub(super) fn recorded(layout: &Layout) -> Option<PathBuf> {
    fs::read_to_string(layout.socket_record())
        .ok()
        .map(|path| PathBuf::from(path.trim_end()))
        .filter(|path| path.is_absolute() && fits(path))
}

/// A connection URL that libpq and sqlx read alike. Every option that either would otherwise take from its environment
/// is spelled out.
pub(super) fn url(socket_dir: &Path, login: &str, database: &str) -> String {
    format!(
        "postgresql:///{}?host={}&port=5432&user={}&sslmode=disable",
        percent_encode(database.as_bytes()),
        percent_encode(socket_dir.as_os_str().as_bytes()),
        percent_encode(login.as_bytes()),
    )
}

fn fits(directory: &Path) -> bool {
    let harmless = |c: char| !c.is_control() && !matches!(c, '"' | '\\');
    let path = directory.join(SOCKET);
    path.as_os_str().len() <= LONGEST && path.to_str().is_some_and(|path| path.chars().all(harmless))
}

/// The same for the same data directory, so that a lost record finds it again.
fn short_name(data_dir: &Path) -> String {
    let digest = Sha256::digest(data_dir.as_os_str().as_bytes());
    digest[..8].iter().fold("countersign-".to_owned(), |mut name, byte| {
        write!(name, "{byte:02x}").expect("writing to a string does not fail");
        name
    })
}

fn percent_encode(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut encoded, &byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => write!(encoded, "%{byte:02X}").expect("writing to a string does not fail"),
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn url_encodes_whatever_a_name_may_hold() {
        let url = url(Path::new("/run/a b/ü"), "o'brien@x", "a/b?c&d");
        assert_eq!(
            url,
            "postgresql:///a%2Fb%3Fc%26d?host=%2Frun%2Fa%20b%2F%C3%BC&port=5432&user=o%27brien%40x&sslmode=disable"
        );
    }

    #[test]
    fn socket_address_fits_on_every_system() {
        let directory = |length: usize| PathBuf::from(format!("/{}", "d".repeat(length - 1)));
        assert!(fits(&directory(89)));
        assert!(!fits(&directory(90)));
    }

    #[test]
    fn short_name_tells_data_directories_apart() {
        let one = short_name(Path::new("/home/one"));
        assert_eq!(one, short_name(Path::new("/home/one")));
        assert_ne!(one, short_name(Path::new("/home/two")));
        assert_eq!(one.len(), "countersign-".len() + 16);
    }
}
