//! The administrator's directory: `master.key`, and `agencies.keys` that only it opens.
//!
//! `master.key` is JSON with `version` and `master_key` (32 bytes, base64) and is never rewritten. `agencies.keys` is JSON
//! with `version`, `nonce` and `wrapped`: the keys of all agencies as JSON, encrypted with XChaCha20-Poly1305 under the
//! master key. So a copy of `agencies.keys` alone, from a backup or a disk, opens nothing. Whoever loses either file
//! loses every body: both belong in a backup, in different places.
//!
//! Several processes may use the directory at once. It appears whole, by one rename; whoever changes `agencies.keys`
//! holds a lock on `master.key`, reads again, and replaces the file.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::error::{Error, Result};
use super::files::{self, Stamp};
use super::keys::{Agencies, Secret, random};
use super::seal::{decrypt, encrypt_onto};

const VERSION: u32 = 1;
const ASSOCIATED_DATA: &[u8] = b"countersign.agencies.1";

#[derive(Debug)]
pub(super) struct RingDirectory {
    path: PathBuf,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MasterKeyFile {
    version: u32,
    master_key: Secret,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AgenciesFile {
    version: u32,
    nonce: String,
    wrapped: String,
}

impl RingDirectory {
    /// Opens the ring at `path` and makes one where nothing is. Never makes a new ring in the place of a damaged one,
    /// because that would hide that stored bodies no longer open.
    pub fn open_or_create(path: &Path) -> Result<Self> {
        let ring = Self { path: path.to_owned() };
        if !files::exists(&ring.master_path())? {
            files::create_directory(path, |new| Self { path: new.to_owned() }.fill())?;
        }
        for file in [ring.master_path(), ring.agencies_path()] {
            if !files::exists(&file)? {
                return Err(Error::IncompleteRing { path: file });
            }
        }
        files::check_private_directory(path)?;
        Ok(ring)
    }

    pub fn read(&self) -> Result<(Agencies, Stamp)> {
        self.unwrap(&self.master_key()?)
    }

    /// What tells whether another process has changed the agencies' keys since they were read.
    pub fn stamp(&self) -> Result<Stamp> {
        Stamp::read(&self.agencies_path())
    }

    /// Changes the agencies' keys while nobody else does. `change` returns whether there is anything to write.
    pub fn update(&self, change: impl FnOnce(&mut Agencies) -> Result<bool>) -> Result<(Agencies, Stamp)> {
        let path = self.master_path();
        let lock = files::open_private(&path)?;
        lock.lock().map_err(|source| files::file_error("lock", &path, source))?;
        let master = self.master_key()?;
        let (mut agencies, stamp) = self.unwrap(&master)?;
        if !change(&mut agencies)? {
            return Ok((agencies, stamp));
        }
        self.wrap(&master, &agencies)?;
        Ok((agencies, self.stamp()?))
    }

    fn fill(&self) -> Result<()> {
        let file = MasterKeyFile { version: VERSION, master_key: Secret::generate()? };
        files::create(&self.master_path(), &files::to_json(&file, 1024))?;
        self.wrap(&file.master_key, &Agencies::new())
    }

    fn master_key(&self) -> Result<Secret> {
        let path = self.master_path();
        let (file, _): (MasterKeyFile, _) = files::read_json(&path)?;
        check_version(&path, file.version)?;
        Ok(file.master_key)
    }

    fn unwrap(&self, master: &Secret) -> Result<(Agencies, Stamp)> {
        let path = self.agencies_path();
        let (file, stamp): (AgenciesFile, _) = files::read_json(&path)?;
        check_version(&path, file.version)?;
        let wrong = || Error::WrongMasterKey { path: path.clone() };
        let nonce = STANDARD.decode(&file.nonce).ok().and_then(|nonce| nonce.try_into().ok()).ok_or_else(wrong)?;
        let wrapped = STANDARD.decode(&file.wrapped).map_err(|_| wrong())?;
        let json = decrypt(master, &nonce, ASSOCIATED_DATA, &wrapped).ok_or_else(wrong)?;
        Ok((files::from_json(&path, &json)?, stamp))
    }

    fn wrap(&self, master: &Secret, agencies: &Agencies) -> Result<()> {
        let room = agencies.iter().map(|(name, keys)| 512 + name.len() + 256 * keys.data_keys().len()).sum::<usize>();
        let json = files::to_json(agencies, 1024 + room);
        let nonce = random()?;
        let mut wrapped = Vec::new();
        encrypt_onto(&mut wrapped, master, &nonce, ASSOCIATED_DATA, &json);
        let file = AgenciesFile { version: VERSION, nonce: STANDARD.encode(nonce), wrapped: STANDARD.encode(wrapped) };
        files::replace(&self.agencies_path(), &files::to_json(&file, 0))
    }

    fn master_path(&self) -> PathBuf {
        self.path.join("master.key")
    }

    fn agencies_path(&self) -> PathBuf {
        self.path.join("agencies.keys")
    }
}

fn check_version(path: &Path, version: u32) -> Result<()> {
    if version != VERSION {
        return Err(Error::UnknownFileVersion { path: path.to_owned(), version });
    }
    Ok(())
}
