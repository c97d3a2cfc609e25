//! Sealing and opening of one body under one agency's keys. The layout is described in the module above.

use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{KeyInit, Tag, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::digest::{self, field_length};
use super::error::{Error, Result};
use super::keys::{AgencyKeys, KeyId, Secret, random};
use super::{Opened, Place, Sealed};

const VERSION: u8 = 1;
const NONCE_AT: usize = 1 + KeyId::LENGTH;
const NONCE_LENGTH: usize = 24;
pub(super) const HEADER_LENGTH: usize = NONCE_AT + NONCE_LENGTH;
pub(super) const TAG_LENGTH: usize = 16;

/// Seals under the newest data key and a fresh nonce.
pub(super) fn seal(keys: &AgencyKeys, place: &Place, body: &[u8]) -> Result<Sealed> {
    let data_key = keys.sealing();
    let nonce: [u8; NONCE_LENGTH] = random()?;
    let mut bytes = Vec::with_capacity(HEADER_LENGTH + body.len() + TAG_LENGTH);
    bytes.push(VERSION);
    bytes.extend_from_slice(data_key.id.as_bytes());
    bytes.extend_from_slice(&nonce);
    encrypt_onto(&mut bytes, &data_key.key, &nonce, &associated_data(data_key.id, place), body);
    Ok(Sealed { key_id: data_key.id.to_text(), bytes, digest: digest::of_body(&keys.digest_key, place, body) })
}

/// Opens an envelope at its place and checks that `stored_digest` is this body's.
pub(super) fn open(keys: &AgencyKeys, place: &Place, envelope: &[u8], stored_digest: &[u8]) -> Result<Opened> {
    let (key_id, nonce, ciphertext) = parse(envelope)?;
    let data_key = keys
        .data_key(key_id)
        .ok_or_else(|| Error::UnknownKey { agency: place.agency.to_owned(), key_id: key_id.to_text() })?;
    let body = decrypt(&data_key.key, nonce, &associated_data(key_id, place), ciphertext).ok_or(Error::DoesNotOpen)?;
    digest::verify_body(&keys.digest_key, place, &body, stored_digest)?;
    Ok(Opened(body))
}

/// Appends ciphertext and tag of `plaintext` to `out`. Moves nothing when `out` has room for both, so that no
/// plaintext stays behind in memory.
pub(super) fn encrypt_onto(
    out: &mut Vec<u8>,
    key: &Secret,
    nonce: &[u8; NONCE_LENGTH],
    associated_data: &[u8],
    plaintext: &[u8],
) {
    out.reserve(plaintext.len() + TAG_LENGTH);
    let start = out.len();
    out.extend_from_slice(plaintext);
    let tag = XChaCha20Poly1305::new(key.expose().into())
        .encrypt_inout_detached(&XNonce::from(*nonce), associated_data, (&mut out[start..]).into())
        .expect("what fits into memory is below the cipher's limit of 256 GiB");
    out.extend_from_slice(&tag);
}

/// The plaintext of ciphertext and tag; none when anything does not match.
pub(super) fn decrypt(
    key: &Secret,
    nonce: &[u8; NONCE_LENGTH],
    associated_data: &[u8],
    ciphertext_and_tag: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let (ciphertext, tag) = ciphertext_and_tag.split_last_chunk::<TAG_LENGTH>()?;
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    XChaCha20Poly1305::new(key.expose().into())
        .decrypt_inout_detached(&XNonce::from(*nonce), associated_data, buffer.as_mut_slice().into(), &Tag::from(*tag))
        .ok()?;
    Some(buffer)
}

/// Key id, nonce, and ciphertext with its tag.
fn parse(envelope: &[u8]) -> Result<(KeyId, &[u8; NONCE_LENGTH], &[u8])> {
    let truncated = || Error::Truncated { length: envelope.len() };
    let (&version, rest) = envelope.split_first().ok_or_else(truncated)?;
    if version != VERSION {
        return Err(Error::UnknownVersion(version));
    }
    let (key_id, rest) = rest.split_first_chunk().ok_or_else(truncated)?;
    let (nonce, ciphertext) = rest.split_first_chunk().ok_or_else(truncated)?;
    if ciphertext.len() < TAG_LENGTH {
        return Err(truncated());
    }
    Ok((KeyId::from_bytes(*key_id), nonce, ciphertext))
}

fn associated_data(key_id: KeyId, place: &Place) -> Vec<u8> {
    let Place { agency, conversation, message, direction } = place;
    let fields: [&[u8]; 6] = [
        &[VERSION],
        key_id.as_bytes(),
        agency.as_bytes(),
        conversation.as_bytes(),
        message.as_bytes(),
        direction.as_str().as_bytes(),
    ];
    fields.iter().flat_map(|field| [&field_length(field), *field].concat()).collect()
}
