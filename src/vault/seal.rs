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
    let opened = open_undigested(keys, place, envelope)?;
    digest::verify_body(&keys.digest_key, place, opened.as_bytes(), stored_digest)?;
    Ok(opened)
}

/// Opens an envelope that no digest is stored beside.
pub(super) fn open_undigested(keys: &AgencyKeys, place: &Place, envelope: &[u8]) -> Result<Opened> {
    let (key_id, nonce, ciphertext) = parse(envelope)?;
    let data_key = keys
        .data_key(key_id)
        .ok_or_else(|| Error::UnknownKey { agency: place.agency.to_owned(), key_id: key_id.to_text() })?;
    let body = decrypt(&data_key.key, nonce, &associated_data(key_id, place), ciphertext).ok_or(Error::DoesNotOpen)?;
    Ok(Opened(body))
}

/// What tells one sealing from every other; none in what is too short to be an envelope.
pub(super) fn nonce(envelope: &[u8]) -> Option<&[u8]> {
    envelope.get(NONCE_AT..HEADER_LENGTH)
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use uuid::Uuid;

    use super::*;
    use crate::domain::Direction;
    use crate::vault::ENVELOPE_OVERHEAD;

    const BODY: &[u8] = "Où est ma carte ?".as_bytes();
    const PLACE: Place<'static> = Place {
        agency: "acme",
        conversation: Uuid::from_u128(1),
        message: Uuid::from_u128(2),
        direction: Direction::Inbound,
    };

    fn keys() -> AgencyKeys {
        AgencyKeys::generate().unwrap()
    }

    #[test]
    fn a_sealed_body_opens_at_its_place_and_shows_nothing_of_itself() {
        let keys = keys();
        for body in [BODY, b"", &[0xff; 100_000]] {
            let sealed = seal(&keys, &PLACE, body).unwrap();
            assert_eq!(sealed.bytes.len(), body.len() + ENVELOPE_OVERHEAD);
            assert_eq!(open(&keys, &PLACE, &sealed.bytes, &sealed.digest).unwrap().as_bytes(), body);
        }
        let sealed = seal(&keys, &PLACE, BODY).unwrap();
        assert!(!sealed.bytes.windows(5).any(|window| BODY.windows(5).any(|clear| clear == window)));
    }

    /// Envelope, digest and derived id were made with libsodium and Python's hmac after the description in the module
    /// above, not with this code.
    #[test]
    fn another_implementation_of_the_format_is_understood() {
        let keys: AgencyKeys = serde_json::from_str(
            r#"{
                "digest_key": "gIGCg4SFhoeIiYqLjI2Oj5CRkpOUlZaXmJmam5ydnp8=",
                "data_keys": [{
                    "id": "000102030405060708090a0b0c0d0e0f",
                    "key": "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8="
                }]
            }"#,
        )
        .unwrap();
        let envelope = STANDARD
            .decode(
                "AQABAgMEBQYHCAkKCwwNDg/AwcLDxMXGx8jJysvMzc7P0NHS09TV1tcVkmvKl4WrpT/rBxH/Wm0I2b1yZd2gLTtrK0LcpTYkPKWa",
            )
            .unwrap();
        let stored_digest = STANDARD.decode("04YaVwaBlmhdNljdR3sx+TqRUSMYOqM2+wRcvGCc3p0=").unwrap();
        assert_eq!(open(&keys, &PLACE, &envelope, &stored_digest).unwrap().as_bytes(), BODY);
        assert_eq!(seal(&keys, &PLACE, BODY).unwrap().key_id, "000102030405060708090a0b0c0d0e0f");
        assert_eq!(
            digest::derive_id(&keys.digest_key, "acme", "message", &[b"cust-1042", b"0"]).to_string(),
            "307fe7ea-5cb3-8523-be4d-acd74ed070ed"
        );
    }

    #[test]
    fn no_bit_of_an_envelope_can_change() {
        let keys = keys();
        let Sealed { bytes, digest, .. } = seal(&keys, &PLACE, BODY).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let error = open(&keys, &PLACE, &flipped, &digest).unwrap_err();
            let expected = match bit / 8 {
                0 => matches!(error, Error::UnknownVersion(_)),
                1..NONCE_AT => matches!(error, Error::UnknownKey { .. }),
                _ => matches!(error, Error::DoesNotOpen),
            };
            assert!(expected, "bit {bit}: {error}");
        }
    }

    #[test]
    fn an_envelope_that_lost_or_gained_bytes_does_not_open() {
        let keys = keys();
        let Sealed { mut bytes, digest, .. } = seal(&keys, &PLACE, BODY).unwrap();
        for length in 0..bytes.len() {
            let error = open(&keys, &PLACE, &bytes[..length], &digest).unwrap_err();
            let expected = if length < ENVELOPE_OVERHEAD {
                matches!(error, Error::Truncated { length: reported } if reported == length)
            } else {
                matches!(error, Error::DoesNotOpen)
            };
            assert!(expected, "{length} bytes: {error}");
        }
        bytes.push(0);
        assert!(matches!(open(&keys, &PLACE, &bytes, &digest), Err(Error::DoesNotOpen)));
    }

    #[test]
    fn a_body_opens_nowhere_else() {
        let keys = keys();
        let sealed = seal(&keys, &PLACE, BODY).unwrap();
        let elsewhere = [
            Place { agency: "umbra", ..PLACE },
            Place { conversation: Uuid::from_u128(9), ..PLACE },
            Place { message: Uuid::from_u128(9), ..PLACE },
            Place { direction: Direction::Draft, ..PLACE },
            Place { direction: Direction::Outbound, ..PLACE },
            Place { conversation: PLACE.message, message: PLACE.conversation, ..PLACE },
        ];
        for place in elsewhere {
            // With the digest that would belong there, so that only the encryption can refuse.
            let digest_there = digest::of_body(&keys.digest_key, &place, BODY);
            let error = open(&keys, &place, &sealed.bytes, &digest_there).unwrap_err();
            assert!(matches!(error, Error::DoesNotOpen), "{place:?}: {error}");
        }
    }

    #[test]
    fn another_key_opens_nothing_even_under_the_same_id() {
        let keys = keys();
        let sealed = seal(&keys, &PLACE, BODY).unwrap();
        let mut json = serde_json::to_value(&keys).unwrap();
        json["data_keys"][0]["key"] = STANDARD.encode([7; 32]).into();
        let impostor: AgencyKeys = serde_json::from_str(&json.to_string()).unwrap();
        assert!(matches!(open(&impostor, &PLACE, &sealed.bytes, &sealed.digest), Err(Error::DoesNotOpen)));
        let stranger = AgencyKeys::generate().unwrap();
        let error = open(&stranger, &PLACE, &sealed.bytes, &sealed.digest).unwrap_err();
        assert!(matches!(error, Error::UnknownKey { key_id, .. } if key_id == sealed.key_id));
    }

    #[test]
    fn the_digest_of_another_body_is_refused() {
        let keys = keys();
        let sealed = seal(&keys, &PLACE, BODY).unwrap();
        let other = seal(&keys, &PLACE, b"another body").unwrap();
        assert!(matches!(open(&keys, &PLACE, &sealed.bytes, &other.digest), Err(Error::DigestMismatch)));
    }

    #[test]
    fn no_nonce_comes_twice() {
        let keys = keys();
        let nonce = |_| seal(&keys, &PLACE, BODY).unwrap().bytes[NONCE_AT..HEADER_LENGTH].to_vec();
        let nonces: HashSet<Vec<u8>> = (0..2_000).map(nonce).collect();
        assert_eq!(nonces.len(), 2_000);
    }

    #[test]
    fn debug_output_holds_neither_keys_nor_bodies() {
        let keys: AgencyKeys = serde_json::from_value(serde_json::json!({
            "digest_key": STANDARD.encode([201; 32]),
            "data_keys": [{ "id": "000102030405060708090a0b0c0d0e0f", "key": STANDARD.encode([202; 32]) }]
        }))
        .unwrap();
        let sealed = seal(&keys, &PLACE, BODY).unwrap();
        let opened = open(&keys, &PLACE, &sealed.bytes, &sealed.digest).unwrap();
        let printed = format!("{keys:?} {sealed:?} {opened:?} {keys:#?}");
        for secret in ["201", "202", &STANDARD.encode([201; 32])[..8], &STANDARD.encode([202; 32])[..8], "carte"] {
            assert!(!printed.contains(secret), "{secret} in {printed}");
        }
        assert!(printed.contains("000102030405060708090a0b0c0d0e0f"));
    }
}
