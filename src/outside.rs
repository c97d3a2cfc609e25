//! A text in the person's own editor, where the configuration allows that: on storage that is memory, for nobody else to
//! read, and gone afterwards. Editors keep copies of their own beside the file; those lie in the same place and go with it.
//!
//! Knows nothing of ours.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use uuid::Uuid;
use zeroize::Zeroizing;

/// The person's editor, and where its file may lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutsideEditor {
    /// The program and its first arguments, as `$EDITOR` names them.
    pub command: String,
    /// Directories that may be memory, the best first.
    pub places: Vec<PathBuf>,
}

/// A text in a file, as long as this value lives.
#[derive(Debug)]
pub struct Sheet {
    directory: PathBuf,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "no storage here is memory ({tried}), so a draft is not written into a file for an editor; \
         set external_editor = false to use the built-in one"
    )]
    NoMemory { tried: String },

    #[error("the editor {program} could not be started: {source}")]
    NotStarted { program: String, source: io::Error },

    #[error("the editor ended with {0}, so what it left is not taken")]
    Failed(ExitStatus),

    #[error("the editor's file is not valid UTF-8, so it is not taken")]
    NotText,

    #[error("the editor's file could not be used: {0}")]
    File(#[from] io::Error),
}

impl OutsideEditor {
    /// Writes the text where the editor finds it. Refuses when no place is memory.
    pub fn lay_out(&self, text: &str) -> Result<Sheet, Error> {
        let place = self.places.iter().find(|place| is_memory(place)).ok_or_else(|| Error::NoMemory {
            tried: self.places.iter().map(|place| place.display().to_string()).collect::<Vec<_>>().join(", "),
        })?;
        let directory = place.join(format!("countersign-{}", Uuid::new_v4().simple()));
        DirBuilder::new().mode(0o700).create(&directory)?;
        // From here on it is removed, however far writing gets.
        let sheet = Sheet { directory };
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(sheet.file())?;
        file.write_all(text.as_bytes())?;
        Ok(sheet)
    }

    /// The editor over the sheet, to be started with the terminal as it is.
    pub fn over(&self, sheet: &Sheet) -> Command {
        let mut words = self.command.split_whitespace();
        let mut command = Command::new(words.next().unwrap_or("vi"));
        command.args(words).arg(sheet.file());
        command
    }

    /// Why the editor did not run.
    pub fn not_started(&self, source: io::Error) -> Error {
        Error::NotStarted { program: self.command.clone(), source }
    }
}

impl Sheet {
    fn file(&self) -> PathBuf {
        self.directory.join("draft.txt")
    }

    /// What the editor left, given how it ended. Editors end a file with a line break; where the text had none `before`, it
    /// gets none.
    pub fn read(&self, ended: ExitStatus, before: &str) -> Result<Zeroizing<String>, Error> {
        if ended.success() { self.rescue(before) } else { Err(Error::Failed(ended)) }
    }

    /// What is in the file, however the editor ended.
    pub fn rescue(&self, before: &str) -> Result<Zeroizing<String>, Error> {
        let mut bytes = Zeroizing::new(fs::read(self.file())?);
        if bytes.ends_with(b"\n") && !before.ends_with('\n') {
            bytes.pop();
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| Error::NotText)?;
        Ok(Zeroizing::new(text.to_owned()))
    }

    /// Leaves the file where it is, because the text is nowhere else, and says where that is.
    pub fn leave(self) -> PathBuf {
        let file = self.file();
        std::mem::forget(self);
        file
    }
}

impl Drop for Sheet {
    fn drop(&mut self) {
        // What cannot be removed is nobody else's to read, and gone with the next start of the machine.
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// Whether a directory lies in memory and not on a disk. Nothing else than Linux is asked.
#[cfg(target_os = "linux")]
fn is_memory(directory: &Path) -> bool {
    // tmpfs and ramfs, as linux/magic.h numbers them.
    rustix::fs::statfs(directory).is_ok_and(|found| found.f_type == 0x0102_1994 || found.f_type == 0x8584_58F6)
}

#[cfg(not(target_os = "linux"))]
fn is_memory(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn editor(command: &str, places: &[&str]) -> OutsideEditor {
        OutsideEditor { command: command.to_owned(), places: places.iter().map(PathBuf::from).collect() }
    }

    #[test]
    fn a_disk_is_refused_and_nothing_is_written_to_it() {
        let disk = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
        let refused = editor("vi", &[disk.path().to_str().unwrap(), "/nonexistent"]).lay_out("a word").unwrap_err();
        assert!(matches!(refused, Error::NoMemory { .. }), "{refused}");
        assert!(!refused.to_string().contains("a word"));
        assert_eq!(fs::read_dir(disk.path()).unwrap().count(), 0);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_file_is_for_its_owner_alone_and_goes_with_what_the_editor_left_beside_it() {
        let editor = editor("sh -c 'true' --", &["/nonexistent", "/dev/shm"]);
        let sheet = editor.lay_out("one\n").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&sheet.directory), mode(&sheet.file())), (0o700, 0o600));
        let swap = sheet.directory.join(".draft.txt.swp");
        fs::write(&swap, "one").unwrap();
        fs::write(sheet.file(), "two\n").unwrap();
        let ended = Command::new("true").status().unwrap();
        assert_eq!(*sheet.read(ended, "one\n").unwrap(), "two\n");
        assert_eq!(*sheet.read(ended, "one").unwrap(), "two");
        let failed = Command::new("false").status().unwrap();
        assert!(matches!(sheet.read(failed, ""), Err(Error::Failed(_))));
        let directory = sheet.directory.clone();
        drop(sheet);
        assert!(!directory.exists());
    }
}
