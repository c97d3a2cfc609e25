//! The files in which the filters outlive the program, one for each database and login. Nothing depends on them: what cannot
//! be read or written is logged, and the dashboard goes on without.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::app::Model;
use crate::app::kept::KeptFilters;

/// Far more than the filters of every screen take.
const LONGEST: u64 = 4096;

/// What is in the file, as far as this process knows.
pub struct Remembered {
    /// None: nothing is read or written.
    file: Option<PathBuf>,
    kept: KeptFilters,
}

impl Remembered {
    /// Gives the model the filters of last time. `beside`: what every file's name begins with. `place` names the database and
    /// the login; the file's name tells neither.
    pub fn restore(beside: Option<PathBuf>, place: &str, model: &mut Model) -> Remembered {
        let file = beside.as_deref().map(|beside| of_place(beside, place));
        // Of a version that kept one file for all there may be some under the bare name.
        let found = file.as_deref().filter(|file| file.exists()).or(beside.as_deref());
        let kept = match found.map(read) {
            Some(Ok(kept)) => kept,
            Some(Err(error)) => {
                tracing::warn!(%error, "the filters of last time cannot be read, so none are set");
                KeptFilters::default()
            }
            None => KeptFilters::default(),
        };
        kept.clone().put_into(model);
        Remembered { file, kept }
    }

    /// Writes the filters down when they are others than before.
    pub fn keep(&mut self, model: &Model) {
        let Some(file) = &self.file else { return };
        let kept = KeptFilters::of(model);
        if kept == self.kept {
            return;
        }
        if let Err(error) = write(file, &kept.to_string()) {
            tracing::warn!(%error, "the filters cannot be kept for the next start");
        }
        self.kept = kept;
    }
}

fn of_place(beside: &Path, place: &str) -> PathBuf {
    let digest = Sha256::digest(place);
    let key: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let mut name = beside.as_os_str().to_owned();
    name.push(format!("-{key}"));
    name.into()
}

fn read(path: &Path) -> io::Result<KeptFilters> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(KeptFilters::default()),
        opened => opened?,
    };
    let mut text = String::new();
    file.take(LONGEST).read_to_string(&mut text)?;
    text.parse().map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Replaces the file as a whole, so that nobody reads half of it. Only its owner reads it.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let beside = path.with_extension(format!("{}.new", std::process::id()));
    // What a process of this number left when it was killed.
    drop(fs::remove_file(&beside));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        drop(fs::remove_file(&beside));
    }
    written
}
