//! Keyring, sealing and opening of bodies, keyed digests.
//!
//! A body is encrypted before it leaves the program and opened after it comes back, so PostgreSQL never sees a
//! customer's word or a key. Knows nothing of SQL, screens or the clock.
//!
//! # The envelope
//!
//! What the store keeps has one fixed layout, which the database checks by length and by its key id:
//!
//! | offset | bytes | what |
//! |---:|---:|---|
//! | 0 | 1 | version, always 1 |
//! | 1 | 16 | key id; as text its 32 lowercase hexadecimal digits |
//! | 17 | 24 | nonce, random |
//! | 41 | n | the body, encrypted with XChaCha20-Poly1305 |
//! | 41 + n | 16 | tag |
//!
//! An envelope is therefore exactly [`ENVELOPE_OVERHEAD`] bytes longer than its body.
//!
//! Three byte strings are authenticated, each a sequence of *fields*. A field is its length in bytes as a 64-bit
//! big-endian number, then the bytes, so that no two sequences run together into the same string. A UUID is its 16 raw
//! bytes, a text its UTF-8.
//!
//! - **Associated data** of the encryption: version (one byte), key id, agency, conversation, message, direction
//!   (`inbound`, `draft` or `outbound`). A body moved to another place does not open.
//! - **Digest** of a body: HMAC-SHA-256 under the agency's digest key, which never rotates, over
//!   `countersign.digest.1`, agency, conversation, message, body. Pins stay valid when data keys change.
//! - **Derived id**: the first 16 bytes, stamped as UUID version 8, of HMAC-SHA-256 under the same key over
//!   `countersign.id.1`, agency, purpose and the parts.
//!
//! A reviewer's **note** is sealed as a draft whose message is the derived id of purpose `review_note` and one part: the
//! job decided on, as a 64-bit big-endian number. No digest of it is stored.
//!
//! # The keys
//!
//! An agency has one digest key and one or more data keys: the newest seals, all of them open. The administrator's ring
//! is a directory, see [`Keyring::administrator`]; everybody else loads a key file, see [`Keyring::grant`].

mod digest;
mod error;
mod files;
mod key_file;
mod keyring;
mod keys;
mod ring_directory;
mod seal;

use std::fmt;

use uuid::Uuid;
use zeroize::Zeroizing;

use crate::domain::Direction;

pub use error::{Error, Result};
pub use keyring::Keyring;
pub use keys::NewKey;

/// By how many bytes an envelope is longer than the body in it.
pub const ENVELOPE_OVERHEAD: usize = seal::HEADER_LENGTH + seal::TAG_LENGTH;

/// Where a body belongs. It opens there and nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    pub agency: &'a str,
    pub conversation: Uuid,
    pub message: Uuid,
    pub direction: Direction,
}

/// A body as the store keeps it.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// 32 lowercase hexadecimal digits; the same key id stands in `bytes`.
    pub key_id: String,
    /// The envelope.
    pub bytes: Vec<u8>,
    /// The same for the same body at the same place, whatever data key sealed it.
    pub digest: [u8; 32],
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes under {})", self.bytes.len(), self.key_id)
    }
}

/// The nonce of an envelope, which tells one sealing from every other; none in what is too short to be one.
pub fn nonce(envelope: &[u8]) -> Option<&[u8]> {
    seal::nonce(envelope)
}

/// A body in the clear, wiped from memory when dropped. Untrusted: it may hold anything, valid UTF-8 or not.
pub struct Opened(Zeroizing<Vec<u8>>);

impl Opened {
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes themselves, still wiped when dropped.
    pub fn into_bytes(self) -> Zeroizing<Vec<u8>> {
        self.0
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opened({} bytes)", self.0.len())
    }
}
