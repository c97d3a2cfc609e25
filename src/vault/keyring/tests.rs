//! What a ring keeps, hands out and refuses.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Barrier;
use std::thread;

use tempfile::TempDir;

use super::*;

const PLACE: Place<'static> = Place {
    agency: "acme",
    conversation: Uuid::from_u128(1),
    message: Uuid::from_u128(2),
    direction: Direction::Draft,
};

/// A ring with keys for acme and umbra, in a directory that did not exist before.
fn ring() -> (TempDir, PathBuf, Keyring) {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("data/keyring");
    let ring = Keyring::administrator(&path).unwrap();
    ring.ensure_agency("acme").unwrap();
    ring.ensure_agency("umbra").unwrap();
    (parent, path, ring)
}

fn rotated(ring: &Keyring, agency: &str) -> String {
    let key = NewKey::generate().unwrap();
    let key_id = key.id();
    ring.rotate(agency, key).unwrap();
    key_id
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn opens(ring: &Keyring, sealed: &Sealed) -> bool {
    ring.open(&PLACE, &sealed.bytes, &sealed.digest).is_ok_and(|opened| opened.as_bytes() == b"hello")
}

#[test]
fn a_ring_is_private_and_the_same_when_opened_again() {
    let (_parent, path, ring) = ring();
    ring.grant("ana", "acme", &path.join("ana.key")).unwrap();
    assert_eq!(mode(&path), 0o700);
    for file in ["master.key", "agencies.keys", "ana.key"] {
        assert_eq!(mode(&path.join(file)), 0o600, "{file}");
    }
    let sealed = ring.seal(&PLACE, b"hello").unwrap();
    let again = Keyring::administrator(&path).unwrap();
    assert_eq!(again.agencies(), ["acme", "umbra"]);
    assert!(opens(&again, &sealed));
}

#[test]
fn agencies_have_keys_of_their_own() {
    let (_parent, _path, ring) = ring();
    assert_ne!(ring.key_ids("acme").unwrap(), ring.key_ids("umbra").unwrap());
    assert_ne!(ring.derive_id("acme", "m", &[]).unwrap(), ring.derive_id("umbra", "m", &[]).unwrap());
    assert!(matches!(ring.seal(&Place { agency: "nobody", ..PLACE }, b""), Err(Error::UnknownAgency { .. })));
}

#[test]
fn whoever_makes_a_ring_at_once_ends_with_the_same_keys() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("keyring");
    let start = Barrier::new(8);
    let rings: Vec<Keyring> = thread::scope(|scope| {
        let open = || {
            start.wait();
            let ring = Keyring::administrator(&path).unwrap();
            ring.ensure_agency("acme").unwrap();
            ring
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let sealed = rings[0].seal(&PLACE, b"hello").unwrap();
    for ring in &rings {
        assert_eq!(ring.key_ids("acme").unwrap(), [sealed.key_id.as_str()]);
        assert!(opens(ring, &sealed));
    }
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1, "nothing is left beside the ring");
}

#[test]
fn keys_added_at_once_are_all_kept() {
    let (_parent, path, ring) = ring();
    thread::scope(|scope| {
        for number in 0..8 {
            let path = &path;
            scope.spawn(move || {
                let ring = Keyring::administrator(path).unwrap();
                ring.ensure_agency(&format!("agency-{number}")).unwrap();
                rotated(&ring, "acme");
            });
        }
    });
    rotated(&ring, "acme");
    assert_eq!(ring.agencies().len(), 10);
    assert_eq!(ring.key_ids("acme").unwrap().len(), 10);
}

#[test]
fn rotation_seals_under_a_new_key_and_keeps_old_bodies_digests_and_ids() {
    let (_parent, _path, ring) = ring();
    let before = ring.seal(&PLACE, b"hello").unwrap();
    let id = ring.derive_id("acme", "message", &[b"1"]).unwrap();
    let key_id = rotated(&ring, "acme");
    let after = ring.seal(&PLACE, b"hello").unwrap();
    assert_ne!(before.key_id, key_id);
    assert_eq!(after.key_id, key_id);
    assert_eq!(ring.key_ids("acme").unwrap(), [before.key_id.clone(), key_id]);
    assert_eq!(before.digest, after.digest);
    assert_eq!(id, ring.derive_id("acme", "message", &[b"1"]).unwrap());
    assert!(opens(&ring, &before) && opens(&ring, &after));
}

#[test]
fn a_note_opens_at_its_own_decision_only_and_never_as_a_message() {
    let (_parent, _path, ring) = ring();
    let sealed = ring.seal_note("acme", PLACE.conversation, 7, b"hello").unwrap();
    let open = |agency, conversation, job| ring.open_note(agency, conversation, job, &sealed.bytes);
    assert_eq!(open("acme", PLACE.conversation, 7).unwrap().as_bytes(), b"hello");
    assert!(matches!(open("acme", PLACE.conversation, 8), Err(Error::DoesNotOpen)));
    assert!(matches!(open("acme", PLACE.message, 7), Err(Error::DoesNotOpen)));
    assert!(matches!(open("umbra", PLACE.conversation, 7), Err(Error::UnknownKey { .. })));
    assert!(matches!(ring.open(&PLACE, &sealed.bytes, &sealed.digest), Err(Error::DoesNotOpen)));
}

#[test]
fn a_ring_follows_what_another_process_changes() {
    let (_parent, path, ring) = ring();
    let other = Keyring::administrator(&path).unwrap();
    let key_id = rotated(&other, "acme");
    let sealed = other.seal(&PLACE, b"hello").unwrap();
    assert!(opens(&ring, &sealed));
    let next = rotated(&other, "acme");
    assert_ne!(key_id, next);
    assert_eq!(ring.seal(&PLACE, b"hello").unwrap().key_id, next);
    other.ensure_agency("late").unwrap();
    assert_eq!(ring.key_ids("late").unwrap(), other.key_ids("late").unwrap());
}

#[test]
fn a_granted_file_opens_its_agency_and_only_that() {
    let (parent, _path, ring) = ring();
    let file = parent.path().join("ana.key");
    ring.grant("ana", "acme", &file).unwrap();
    let granted = Keyring::load(&file).unwrap();
    assert_eq!(granted.agencies(), ["acme"]);
    let sealed = ring.seal(&PLACE, b"hello").unwrap();
    assert!(opens(&granted, &sealed));
    assert!(opens(&ring, &granted.seal(&PLACE, b"hello").unwrap()));

    let elsewhere = Place { agency: "umbra", ..PLACE };
    let foreign = ring.seal(&elsewhere, b"hello").unwrap();
    let error = granted.open(&elsewhere, &foreign.bytes, &foreign.digest).unwrap_err();
    assert!(matches!(error, Error::UnknownAgency { .. }));
    // Not even when the foreign body is passed off as one of the agency's own.
    let error = granted.open(&PLACE, &foreign.bytes, &foreign.digest).unwrap_err();
    assert!(matches!(error, Error::UnknownKey { .. }));
}

#[test]
fn a_granted_ring_can_neither_make_keys_nor_grant_them() {
    let (parent, _path, ring) = ring();
    let file = parent.path().join("ana.key");
    ring.grant("ana", "acme", &file).unwrap();
    let granted = Keyring::load(&file).unwrap();
    assert!(granted.ensure_agency("acme").is_ok());
    assert!(matches!(granted.ensure_agency("umbra"), Err(Error::UnknownAgency { .. })));
    let key = NewKey::generate().unwrap();
    assert!(matches!(granted.rotate("acme", key), Err(Error::NotAdministrator)));
    let other = parent.path().join("ben.key");
    assert!(matches!(granted.grant("ben", "acme", &other), Err(Error::NotAdministrator)));
    assert!(!other.exists());
}

#[test]
fn a_key_file_from_before_a_rotation_says_what_to_ask_for() {
    let (parent, _path, ring) = ring();
    let file = parent.path().join("ana.key");
    ring.grant("ana", "acme", &file).unwrap();
    let granted = Keyring::load(&file).unwrap();
    rotated(&ring, "acme");
    let sealed = ring.seal(&PLACE, b"hello").unwrap();
    let error = granted.open(&PLACE, &sealed.bytes, &sealed.digest).unwrap_err();
    assert!(matches!(&error, Error::UnknownKey { .. }) && error.to_string().contains("new key file"));
    assert!(matches!(ring.grant("ana", "acme", &file), Err(Error::Exists { .. })));
}

#[test]
fn a_directory_of_key_files_gives_all_their_agencies() {
    let (parent, _path, ring) = ring();
    let directory = parent.path().join("keys");
    fs::create_dir(&directory).unwrap();
    assert!(matches!(Keyring::load(&directory), Err(Error::NoKeyFile { .. })));
    for agency in ["acme", "umbra"] {
        ring.grant("sender", agency, &directory.join(format!("{agency}.key"))).unwrap();
    }
    fs::write(directory.join("notes.txt"), "not a key").unwrap();
    assert_eq!(Keyring::load(&directory).unwrap().agencies(), ["acme", "umbra"]);
    ring.grant("sender", "acme", &directory.join("second.key")).unwrap();
    assert!(matches!(Keyring::load(&directory), Err(Error::SecondKeyFile { agency, .. }) if agency == "acme"));
}

#[test]
fn what_others_can_reach_is_refused_with_the_command_that_mends_it() {
    let (parent, path, ring) = ring();
    let file = parent.path().join("ana.key");
    ring.grant("ana", "acme", &file).unwrap();
    for (target, loose, wanted) in [
        (file.clone(), 0o640, 0o600),
        (file.clone(), 0o604, 0o600),
        (path.join("master.key"), 0o620, 0o600),
        (path.join("agencies.keys"), 0o644, 0o600),
        (path.clone(), 0o750, 0o700),
    ] {
        fs::set_permissions(&target, Permissions::from_mode(loose)).unwrap();
        let error = if target == file { Keyring::load(&file) } else { Keyring::administrator(&path) }.unwrap_err();
        assert!(matches!(error, Error::LooseMode { mode, .. } if mode == loose), "{error}");
        let command = format!("chmod {wanted:o} {}", target.display());
        assert!(error.to_string().contains(&command), "{error}");
        fs::set_permissions(&target, Permissions::from_mode(wanted)).unwrap();
    }
    assert!(Keyring::load(&file).is_ok() && Keyring::administrator(&path).is_ok());
}

#[test]
fn a_damaged_ring_is_never_replaced_by_a_new_one() {
    for lost in ["master.key", "agencies.keys"] {
        let (_parent, path, _ring) = ring();
        fs::remove_file(path.join(lost)).unwrap();
        let error = Keyring::administrator(&path).unwrap_err();
        assert!(matches!(error, Error::IncompleteRing { path: missing } if missing == path.join(lost)));
        assert!(!path.join(lost).exists());
    }
    let (_parent, path, _ring) = ring();
    let (_other_parent, other, _other_ring) = self::ring();
    fs::copy(other.join("master.key"), path.join("master.key")).unwrap();
    assert!(matches!(Keyring::administrator(&path), Err(Error::WrongMasterKey { .. })));
}

#[test]
fn the_file_of_all_agencies_opens_nothing_without_the_master_key() {
    let (parent, path, ring) = ring();
    let file = parent.path().join("ana.key");
    ring.grant("ana", "acme", &file).unwrap();
    let granted: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let data_key = &granted["keys"]["data_keys"][0];
    let wrapped = fs::read_to_string(path.join("agencies.keys")).unwrap();
    for secret in [&granted["keys"]["digest_key"], &data_key["key"], &data_key["id"]] {
        assert!(!wrapped.contains(secret.as_str().unwrap()));
    }
}

#[test]
fn a_key_file_that_is_none_is_refused_without_quoting_it() {
    let (parent, path, ring) = ring();
    let file = parent.path().join("ana.key");
    ring.grant("ana", "acme", &file).unwrap();
    let text = fs::read_to_string(&file).unwrap();
    let key = serde_json::from_str::<serde_json::Value>(&text).unwrap()["keys"]["digest_key"].to_string();
    for spoiled in [text.replace(&key, "\"c2hvcnQ=\""), text.replace("data_keys", "keys"), text[1..].to_owned()] {
        fs::write(&file, spoiled).unwrap();
        let error = Keyring::load(&file).unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }));
        assert!(!format!("{error:?}").contains("c2hvcnQ"));
    }
    fs::write(&file, text.replace("\"version\": 1", "\"version\": 2")).unwrap();
    assert!(matches!(Keyring::load(&file), Err(Error::UnknownFileVersion { version: 2, .. })));
    assert!(matches!(Keyring::load(&path.join("master.key")), Err(Error::Malformed { .. })));
}

#[test]
fn a_printed_ring_names_its_agencies_and_no_key() {
    let (parent, _path, ring) = ring();
    let file = parent.path().join("ana.key");
    ring.grant("ana", "acme", &file).unwrap();
    assert_eq!(format!("{ring:?}"), r#"Keyring { agencies: ["acme", "umbra"], .. }"#);
    assert_eq!(format!("{:?}", Keyring::load(&file).unwrap()), r#"Keyring { agencies: ["acme"], .. }"#);
}
