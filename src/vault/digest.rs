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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Direction;
    use crate::vault::keys::AgencyKeys;

    #[test]
    fn the_authenticator_is_the_hmac_of_rfc_4231() {
        let cases: [(&[u8], &[u8], &str); 2] = [
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ];
        for (key, data, expected) in cases {
            let mut authenticator = authenticator(key);
            authenticator.update(data);
            let hex: String = authenticator.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(hex, expected);
        }
    }

    #[test]
    fn a_body_has_another_digest_under_another_key_or_at_another_message_but_not_in_another_direction() {
        let key = AgencyKeys::generate().unwrap().digest_key;
        let place = Place {
            agency: "acme",
            conversation: Uuid::from_u128(1),
            message: Uuid::from_u128(2),
            direction: Direction::Draft,
        };
        let digest = of_body(&key, &place, b"hello");
        assert_eq!(digest, of_body(&key, &Place { direction: Direction::Outbound, ..place }, b"hello"));
        let others = [
            of_body(&AgencyKeys::generate().unwrap().digest_key, &place, b"hello"),
            of_body(&key, &Place { agency: "umbra", ..place }, b"hello"),
            of_body(&key, &Place { conversation: Uuid::from_u128(9), ..place }, b"hello"),
            of_body(&key, &Place { message: Uuid::from_u128(9), ..place }, b"hello"),
            of_body(&key, &place, b"hello "),
        ];
        for other in others {
            assert_ne!(digest, other);
            assert!(matches!(verify_body(&key, &place, b"hello", &other), Err(Error::DigestMismatch)));
        }
        assert!(verify_body(&key, &place, b"hello", &digest).is_ok());
        for wrong_length in [&[][..], &digest[..31], &[&digest[..], &[0]].concat()] {
            assert!(matches!(verify_body(&key, &place, b"hello", wrong_length), Err(Error::DigestMismatch)));
        }
    }

    #[test]
    fn derived_ids_depend_on_every_part_and_on_where_one_part_ends() {
        let key = AgencyKeys::generate().unwrap().digest_key;
        let id = derive_id(&key, "acme", "message", &[b"ab", b"c"]);
        assert_eq!(id, derive_id(&key, "acme", "message", &[b"ab", b"c"]));
        assert_eq!(id.get_version_num(), 8);
        let others = [
            derive_id(&AgencyKeys::generate().unwrap().digest_key, "acme", "message", &[b"ab", b"c"]),
            derive_id(&key, "umbra", "message", &[b"ab", b"c"]),
            derive_id(&key, "acme", "conversation", &[b"ab", b"c"]),
            derive_id(&key, "acme", "message", &[b"a", b"bc"]),
            derive_id(&key, "acme", "message", &[b"abc"]),
            derive_id(&key, "acme", "message", &[b"ab", b"c", b""]),
            derive_id(&key, "acmemessage", "", &[b"ab", b"c"]),
        ];
        for other in others {
            assert_ne!(id, other);
        }
    }
}
