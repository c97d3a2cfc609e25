//! Private files: readable by their owner only, and either whole or not there.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::error::{Error, Result};
use super::keys::random;

const PRIVATE_FILE: u32 = 0o600;
const PRIVATE_DIRECTORY: u32 = 0o700;

/// What changes when a file is replaced. Equal stamps: the same contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    device: u64,
    inode: u64,
    modified: (i64, i64),
    // Keys are only ever added, so the length grows even where a fast file system reuses inode and time.
    length: u64,
}

impl Stamp {
    fn of(metadata: &fs::Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            length: metadata.len(),
        }
    }

    pub fn read(path: &Path) -> Result<Self> {
        let metadata = fs::metadata(path).map_err(|source| file_error("read", path, source))?;
        Ok(Self::of(&metadata))
    }
}

/// Whether something is there. An error when nobody may tell.
pub(super) fn exists(path: &Path) -> Result<bool> {
    path.try_exists().map_err(|source| file_error("read", path, source))
}

/// Opens a file for reading. Refuses it when anyone but its owner can reach it.
pub(super) fn open_private(path: &Path) -> Result<File> {
    let file = File::open(path).map_err(|source| file_error("read", path, source))?;
    // Asked of the open file and not of the path, so that nobody can change what is meant in between.
    let metadata = file.metadata().map_err(|source| file_error("read", path, source))?;
    refuse_loose(path, &metadata, PRIVATE_FILE)?;
    Ok(file)
}

/// Refuses a directory that anyone but its owner can reach.
pub(super) fn check_private_directory(path: &Path) -> Result<()> {
    let metadata = fs::metadata(path).map_err(|source| file_error("read", path, source))?;
    refuse_loose(path, &metadata, PRIVATE_DIRECTORY)
}

/// Reads a private JSON file and the stamp it had.
pub(super) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<(T, Stamp)> {
    let mut file = open_private(path)?;
    let metadata = file.metadata().map_err(|source| file_error("read", path, source))?;
    // Room for the whole file from the start: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(metadata.len() as usize + 1));
    file.read_to_end(&mut bytes).map_err(|source| file_error("read", path, source))?;
    Ok((from_json(path, &bytes)?, Stamp::of(&metadata)))
}

/// Reads JSON that came out of `path`. The error says where it is wrong and nothing of what stands there.
pub(super) fn from_json<T: DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|error| Error::Malformed {
        path: path.to_owned(),
        line: error.line(),
        column: error.column(),
    })
}

/// JSON in a buffer that is wiped when dropped. With `room` bytes or fewer it never moves in memory.
pub(super) fn to_json(value: &impl Serialize, room: usize) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    serde_json::to_writer_pretty(&mut *bytes, value).expect("keys are plain values with text as names");
    bytes.push(b'\n');
    bytes
}

/// Writes a file of mode 0600 and puts it in the place of whatever was there.
pub(super) fn replace(path: &Path, contents: &[u8]) -> Result<()> {
    let new = write_beside(path, contents)?;
    finish(fs::rename(&new, path), &new, path)
}

/// Writes a file of mode 0600. Returns `Exists` when there is one already.
pub(super) fn create(path: &Path, contents: &[u8]) -> Result<()> {
    let new = write_beside(path, contents)?;
    // A link, unlike a rename, refuses to replace.
    let linked = fs::hard_link(&new, path).and_then(|()| fs::remove_file(&new));
    finish(linked, &new, path)
}

/// Makes a directory of mode 0700 that appears with everything `fill` puts into it. Returns false when `path` already
/// holds something: then that stays and nothing was made.
pub(super) fn create_directory(path: &Path, fill: impl FnOnce(&Path) -> Result<()>) -> Result<bool> {
    let parent = parent(path);
    private_directory(true, parent)?;
    let new = name_beside(path)?;
    private_directory(false, &new)?;
    let made = fill(&new).and_then(|()| match fs::rename(&new, path) {
        Ok(()) => Ok(true),
        Err(error) if matches!(error.kind(), io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists) => {
            Ok(false)
        }
        Err(source) => Err(file_error("create", path, source)),
    });
    if !matches!(made, Ok(true)) {
        // What is left behind by a failure here opens nothing.
        let _ = fs::remove_dir_all(&new);
        return made;
    }
    sync_directory(parent)?;
    Ok(true)
}

pub(super) fn file_error(doing: &'static str, path: &Path, source: io::Error) -> Error {
    Error::File { doing, path: path.to_owned(), source }
}

fn refuse_loose(path: &Path, metadata: &fs::Metadata, wanted: u32) -> Result<()> {
    let mode = metadata.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(Error::LooseMode { path: path.to_owned(), mode, wanted });
    }
    Ok(())
}

fn private_directory(with_parents: bool, path: &Path) -> Result<()> {
    DirBuilder::new()
        .recursive(with_parents)
        .mode(PRIVATE_DIRECTORY)
        .create(path)
        .map_err(|source| file_error("create", path, source))
}

/// A complete file under a name of its own, on disk before anything points at it.
fn write_beside(path: &Path, contents: &[u8]) -> Result<PathBuf> {
    let new = name_beside(path)?;
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(PRIVATE_FILE)
        .open(&new)
        .and_then(|mut file| file.write_all(contents).and_then(|()| file.sync_all()));
    if let Err(source) = written {
        let _ = fs::remove_file(&new);
        return Err(file_error("write", path, source));
    }
    Ok(new)
}

fn finish(placed: io::Result<()>, new: &Path, path: &Path) -> Result<()> {
    if let Err(source) = placed {
        let _ = fs::remove_file(new);
        return Err(match source.kind() {
            io::ErrorKind::AlreadyExists => Error::Exists { path: path.to_owned() },
            _ => file_error("write", path, source),
        });
    }
    sync_directory(parent(path))
}

fn sync_directory(path: &Path) -> Result<()> {
    File::open(path).and_then(|directory| directory.sync_all()).map_err(|source| file_error("write", path, source))
}

fn name_beside(path: &Path) -> Result<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let unique = Uuid::from_bytes(random()?).simple();
    Ok(parent(path).join(format!(".{name}.{unique}.new")))
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_leaves_nothing_beside_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert!(matches!(create(&path, b"three"), Err(Error::Exists { .. })));
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_directory_that_holds_something_is_left_alone() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("ring");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("mine"), b"1").unwrap();
        assert!(!create_directory(&path, |new| create(&new.join("theirs"), b"2")).unwrap());
        assert!(path.join("mine").exists());
        assert!(!path.join("theirs").exists());
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_directory_that_could_not_be_filled_does_not_appear() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("ring");
        assert!(create_directory(&path, |_| Err(Error::NoRandomness)).is_err());
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_is_wrong_in_a_file_is_said_by_place_and_not_by_content() {
        let error = from_json::<u32>(Path::new("x.key"), br#" "kept to itself" "#).unwrap_err();
        assert!(matches!(error, Error::Malformed { line: 1, .. }));
        assert!(!format!("{error} {error:?}").contains("kept"));
    }
}
