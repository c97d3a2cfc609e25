//! Keyed digests: which body it is, without saying what stands in it.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

use super::Place;
use super::error::{Error, Result};
use super::keys::Secret;

// One key serves two purposes; the first field keeps them apart.
const DIGEST: &[u8] = b"countersign.digest.1";
const ID: &[u8] = b"countersign.id.1";

/// The digest of a body at its place. The direction is not in it.
pub(super) fn of_body(digest_key: &Secret, place: &Place, body: &[u8]) -> [u8; 32] {
    body_authenticator(digest_key, place, body).finalize().into_bytes().into()
}

/// Whether `stored` is the digest of this body, in constant time. Anything that is not 32 bytes long is not.
pub(super) fn verify_body(digest_key: &Secret, place: &Place, body: &[u8], stored: &[u8]) -> Result<()> {
    body_authenticator(digest_key, place, body).verify_slice(stored).map_err(|_| Error::DigestMismatch)
}

/// The same id for the same agency, purpose and parts; nobody without the key can compute or recognise it.
pub(super) fn derive_id(digest_key: &Secret, agency: &str, purpose: &str, parts: &[&[u8]]) -> Uuid {
    let mut authenticator = authenticator(digest_key.expose());
    for field in [ID, agency.as_bytes(), purpose.as_bytes()].iter().chain(parts) {
        add_field(&mut authenticator, field);
    }
    let output = authenticator.finalize().into_bytes();
    Uuid::new_v8(*output.first_chunk().expect("a SHA-256 output is longer than a UUID"))
}

/// What stands before a field, so that fields cannot run into each other.
pub(super) fn field_length(field: &[u8]) -> [u8; 8] {
    (field.len() as u64).to_be_bytes()
}

fn body_authenticator(digest_key: &Secret, place: &Place, body: &[u8]) -> Hmac<Sha256> {
    let mut authenticator = authenticator(digest_key.expose());
    let Place { agency, conversation, message, direction: _ } = place;
    for field in [DIGEST, agency.as_bytes(), conversation.as_bytes(), message.as_bytes(), body] {
        add_field(&mut authenticator, field);
    }
    authenticator
}

fn authenticator(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

fn add_field(authenticator: &mut Hmac<Sha256>, field: &[u8]) {
    authenticator.update(&field_length(field));
    authenticator.update(field);
}
