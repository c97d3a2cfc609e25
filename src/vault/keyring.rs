//! The keys at hand, and what is done with them.

#[cfg(test)]
mod tests;

use std::fmt;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use uuid::Uuid;

use super::error::{Error, Result};
use super::files::Stamp;
use super::keys::{Agencies, AgencyKeys, NewKey};
use super::ring_directory::RingDirectory;
use super::{Opened, Place, Sealed, digest, key_file, seal};
use crate::domain::Direction;

/// The keys of one or more agencies. Shared between threads as it is; no call needs it mutable.
///
/// The administrator's ring follows its directory: what another process adds or rotates is used from the next seal on,
/// and looked for before a body is said not to open. A ring from key files is read once.
pub struct Keyring {
    /// None for a ring from key files.
    directory: Option<RingDirectory>,
    held: RwLock<Held>,
}

#[derive(Clone)]
struct Held {
    agencies: Arc<Agencies>,
    stamp: Option<Stamp>,
}

impl Keyring {
    /// Opens the administrator's ring in `directory`, and makes one of mode 0700 (its files 0600) where there is nothing.
    /// Processes that make it at once end with the same ring.
    ///
    /// Returns `LooseMode` when others can reach it, and `IncompleteRing` or `WrongMasterKey` when it is damaged.
    pub fn administrator(directory: &Path) -> Result<Self> {
        let directory = RingDirectory::open_or_create(directory)?;
        let held = Held::from_directory(directory.read()?);
        Ok(Self { directory: Some(directory), held: RwLock::new(held) })
    }

    /// Loads a key file that [`Keyring::grant`] wrote, or all `*.key` files of a directory, for who works for several
    /// agencies. Returns `LooseMode` when the group or others can reach a file, and `SecondKeyFile` when two are for the
    /// same agency.
    pub fn load(path: &Path) -> Result<Self> {
        let agencies = Arc::new(key_file::read_all(path)?);
        Ok(Self { directory: None, held: RwLock::new(Held { agencies, stamp: None }) })
    }

    /// The agencies this ring has keys for, in alphabetical order.
    pub fn agencies(&self) -> Vec<String> {
        self.held().agencies.keys().cloned().collect()
    }

    /// The ids of an agency's data keys, oldest first; the last one seals.
    pub fn key_ids(&self, agency: &str) -> Result<Vec<String>> {
        self.with_keys(agency, |keys| Ok(keys.data_keys().iter().map(|key| key.id.to_text()).collect()))
    }

    /// Makes keys for an agency that has none. A ring from key files makes none and returns `UnknownAgency` instead.
    pub fn ensure_agency(&self, agency: &str) -> Result<()> {
        if self.held().agencies.contains_key(agency) {
            return Ok(());
        }
        if self.directory.is_none() {
            return Err(unknown(agency));
        }
        self.update(|agencies| {
            if agencies.contains_key(agency) {
                return Ok(false);
            }
            agencies.insert(agency.to_owned(), AgencyKeys::generate()?);
            Ok(true)
        })
    }

    /// Adds a data key, which seals from now on; the older ones still open. Key files granted before do not have it.
    /// Only for the administrator's ring.
    pub fn rotate(&self, agency: &str, key: NewKey) -> Result<()> {
        self.update(|agencies| {
            agencies.get_mut(agency).ok_or_else(|| unknown(agency))?.rotate(key);
            Ok(true)
        })
    }

    /// Writes a person's key file, of mode 0600, to be handed over outside the database. Returns `Exists` rather than
    /// replace a file. Only for the administrator's ring.
    pub fn grant(&self, login: &str, agency: &str, path: &Path) -> Result<()> {
        if self.directory.is_none() {
            return Err(Error::NotAdministrator);
        }
        self.follow()?;
        self.with_keys(agency, |keys| key_file::write(path, login, agency, keys))
    }

    /// Seals a body for its place, under the agency's newest data key.
    pub fn seal(&self, place: &Place, body: &[u8]) -> Result<Sealed> {
        // A key that was rotated away, perhaps because it is no longer safe, must not seal once more.
        self.follow()?;
        self.with_keys(place.agency, |keys| seal::seal(keys, place, body))
    }

    /// Opens an envelope at its place and checks the digest stored beside it.
    ///
    /// Returns `UnknownAgency` or `UnknownKey` when the key is not in this ring, `Truncated` or `UnknownVersion` for what
    /// is no envelope, `DoesNotOpen` for one that was altered or moved, and `DigestMismatch`.
    pub fn open(&self, place: &Place, envelope: &[u8], stored_digest: &[u8]) -> Result<Opened> {
        self.with_keys(place.agency, |keys| seal::open(keys, place, envelope, stored_digest))
    }

    /// Seals a reviewer's note about the decision on a job. Nothing keeps the digest of a note.
    pub fn seal_note(&self, agency: &str, conversation: Uuid, job: i64, note: &[u8]) -> Result<Sealed> {
        self.seal(&self.place_of_note(agency, conversation, job)?, note)
    }

    /// Opens a note. Fails as [`Keyring::open`] does, but for the digest.
    pub fn open_note(&self, agency: &str, conversation: Uuid, job: i64, envelope: &[u8]) -> Result<Opened> {
        let place = self.place_of_note(agency, conversation, job)?;
        self.with_keys(agency, |keys| seal::open_undigested(keys, &place, envelope))
    }

    fn place_of_note<'a>(&self, agency: &'a str, conversation: Uuid, job: i64) -> Result<Place<'a>> {
        let message = self.derive_id(agency, "review_note", &[&job.to_be_bytes()])?;
        Ok(Place { agency, conversation, message, direction: Direction::Draft })
    }

    /// An id (UUID version 8) that is the same whenever agency, purpose and parts are the same, and that says nothing
    /// about them to anyone without the agency's keys. Rotation does not change it.
    pub fn derive_id(&self, agency: &str, purpose: &str, parts: &[&[u8]]) -> Result<Uuid> {
        self.with_keys(agency, |keys| Ok(digest::derive_id(&keys.digest_key, agency, purpose, parts)))
    }

    /// Asks the keys at hand, and once more after a look into the directory when they lack one.
    fn with_keys<T>(&self, agency: &str, ask: impl Fn(&AgencyKeys) -> Result<T>) -> Result<T> {
        let answer = || self.held().agencies.get(agency).ok_or_else(|| unknown(agency)).and_then(&ask);
        match answer() {
            Err(Error::UnknownAgency { .. } | Error::UnknownKey { .. }) if self.follow()? => answer(),
            answered => answered,
        }
    }

    /// Reads the directory again if another process changed it. Returns whether it did.
    fn follow(&self) -> Result<bool> {
        let Some(directory) = &self.directory else { return Ok(false) };
        if self.held().stamp == Some(directory.stamp()?) {
            return Ok(false);
        }
        self.hold(Held::from_directory(directory.read()?));
        Ok(true)
    }

    fn update(&self, change: impl FnOnce(&mut Agencies) -> Result<bool>) -> Result<()> {
        let directory = self.directory.as_ref().ok_or(Error::NotAdministrator)?;
        self.hold(Held::from_directory(directory.update(change)?));
        Ok(())
    }

    fn held(&self) -> Held {
        self.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn hold(&self, held: Held) {
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = held;
    }
}

impl Held {
    fn from_directory((agencies, stamp): (Agencies, Stamp)) -> Self {
        Self { agencies: Arc::new(agencies), stamp: Some(stamp) }
    }
}

/// Names the agencies and nothing else.
impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring").field("agencies", &self.agencies()).finish_non_exhaustive()
    }
}

fn unknown(agency: &str) -> Error {
    Error::UnknownAgency { agency: agency.to_owned() }
}
