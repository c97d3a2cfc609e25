//! The key file that the administrator hands to a person: one agency's keys, for one login.
//!
//! JSON of mode 0600, keys in base64, data keys oldest first:
//!
//! ```json
//! {
//!   "version": 1,
//!   "login": "ana",
//!   "agency": "acme",
//!   "keys": {
//!     "digest_key": "…32 bytes…",
//!     "data_keys": [{ "id": "…32 hexadecimal digits…", "key": "…32 bytes…" }]
//!   }
//! }
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::{Error, Result};
use super::files;
use super::keys::{Agencies, AgencyKeys};

const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile<Keys> {
    version: u32,
    login: String,
    agency: String,
    keys: Keys,
}

/// Writes a key file. Returns `Exists` rather than replace a file.
pub(super) fn write(path: &Path, login: &str, agency: &str, keys: &AgencyKeys) -> Result<()> {
    let file = KeyFile { version: VERSION, login: login.to_owned(), agency: agency.to_owned(), keys };
    let room = 1024 + login.len() + agency.len() + 256 * keys.data_keys().len();
    files::create(path, &files::to_json(&file, room))
}

/// Reads one key file, or every file of a directory that ends in `.key`.
pub(super) fn read_all(path: &Path) -> Result<Agencies> {
    let paths = if path.is_dir() { key_files_in(path)? } else { vec![path.to_owned()] };
    let mut agencies = Agencies::new();
    for path in paths {
        let (agency, keys) = read(&path)?;
        // One of the two is probably from before a rotation; nothing here tells which.
        if agencies.contains_key(&agency) {
            return Err(Error::SecondKeyFile { agency, path });
        }
        agencies.insert(agency, keys);
    }
    Ok(agencies)
}

fn read(path: &Path) -> Result<(String, AgencyKeys)> {
    let (file, _): (KeyFile<AgencyKeys>, _) = files::read_json(path)?;
    if file.version != VERSION {
        return Err(Error::UnknownFileVersion { path: path.to_owned(), version: file.version });
    }
    Ok((file.agency, file.keys))
}

fn key_files_in(directory: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = |source| files::file_error("read", directory, source);
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "key") {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        return Err(Error::NoKeyFile { path: directory.to_owned() });
    }
    paths.sort();
    Ok(paths)
}
