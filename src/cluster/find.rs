//! Where the PostgreSQL server's programs are.
//!
//! The root of the file system, the environment and the question put to a program come in as a value, [`Search`], so that
//! the layouts of all platforms are tested over made-up trees.

use std::cmp::Reverse;
use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::{Error, Result};
use super::platform;

/// The oldest major version whose behaviour the schema relies on.
pub(super) const OLDEST: u32 = 15;

/// What a server needs; `psql` is not among it.
const PROGRAMS: [&str; 3] = ["postgres", "initdb", "pg_ctl"];

/// Where packages put these programs; `*` stands for a version, of which newer ones are tried first.
const PLACES: [&str; 14] = [
    // Debian, Ubuntu
    "/usr/lib/postgresql/*/bin",
    // Fedora, Red Hat: the project's packages, then the distribution's
    "/usr/pgsql-*/bin",
    "/usr/bin",
    // openSUSE, Alpine
    "/usr/lib/postgresql*/bin",
    "/usr/libexec/postgresql*",
    // built from source, FreeBSD
    "/usr/local/pgsql/bin",
    "/usr/local/bin",
    // Homebrew on Apple silicon, Intel, Linux
    "/opt/homebrew/opt/postgresql@*/bin",
    "/opt/homebrew/opt/postgresql/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
];

/// One installed PostgreSQL server, version 15 or newer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programs {
    bin: PathBuf,
    major: u32,
}

impl Programs {
    /// Finds a server on this machine: in `explicit` and nowhere else when it is given, otherwise what
    /// `pg_config --bindir` says, `PATH`, and the places that packages use. When a cluster under `data_dir` exists, the
    /// version that made it is preferred.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::TooOld`], and for an explicit directory [`Error::NotAServer`].
    pub fn find(explicit: Option<&Path>, data_dir: &Path) -> Result<Programs> {
        Search { root: Path::new("/"), path: std::env::var_os("PATH"), os: std::env::consts::OS, ask }
            .find(explicit, super::made_by(data_dir))
    }

    /// The directory of the programs, symbolic links resolved.
    pub fn bin(&self) -> &Path {
        &self.bin
    }

    /// The major version, such as 15.
    pub fn major(&self) -> u32 {
        self.major
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }
}

/// The surroundings of a search.
struct Search<'a> {
    /// Where the file system begins.
    root: &'a Path,
    /// `PATH` as the environment has it.
    path: Option<OsString>,
    /// The operating system, as [`std::env::consts::OS`] names it.
    os: &'a str,
    /// Runs a program with one argument and returns what it prints.
    ask: fn(&Path, &str) -> Option<String>,
}

impl Search<'_> {
    fn find(&self, explicit: Option<&Path>, preferred: Option<u32>) -> Result<Programs> {
        if let Some(dir) = explicit {
            return self.explicit(dir);
        }
        let mut usable: Option<Programs> = None;
        let mut too_old: Option<Programs> = None;
        for bin in self.candidates() {
            let Some(programs) = self.examine(bin) else {
                continue;
            };
            if preferred == Some(programs.major) && programs.major >= OLDEST {
                return Ok(programs);
            } else if programs.major < OLDEST {
                too_old.get_or_insert(programs);
            } else if preferred.is_none() {
                return Ok(programs);
            } else {
                usable.get_or_insert(programs);
            }
        }
        match (usable, too_old) {
            (Some(programs), _) => Ok(programs),
            (None, Some(old)) => Err(self.too_old(old)),
            (None, None) => Err(Error::NotFound { install: platform::install_command(self.root, self.os) }),
        }
    }

    fn explicit(&self, dir: &Path) -> Result<Programs> {
        let not_a_server = |missing| Error::NotAServer { dir: dir.to_owned(), missing };
        let bin = self.resolve(dir);
        if let Some(missing) = missing_from(&bin) {
            return Err(not_a_server(missing));
        }
        match self.examine(bin) {
            None => Err(not_a_server("a `postgres` that tells its version")),
            Some(old) if old.major < OLDEST => Err(self.too_old(old)),
            Some(programs) => Ok(programs),
        }
    }

    /// Every directory worth a look, best first, each once.
    fn candidates(&self) -> Vec<PathBuf> {
        let directories: Vec<PathBuf> = self
            .path
            .iter()
            .flat_map(std::env::split_paths)
            .filter(|entry| entry.is_absolute())
            .map(|entry| self.at(&entry))
            .collect();
        let configured = directories
            .iter()
            .map(|directory| directory.join("pg_config"))
            .filter(|program| program.is_file())
            .find_map(|program| (self.ask)(&program, "--bindir"))
            .map(|answer| self.at(Path::new(answer.trim())));
        let known = PLACES.iter().flat_map(|place| self.expand(place));

        let mut found = Vec::new();
        for directory in configured.into_iter().chain(directories).chain(known) {
            let bin = self.resolve(&directory);
            if !found.contains(&bin) && missing_from(&bin).is_none() {
                found.push(bin);
            }
        }
        found
    }

    /// Follows the link that `postgres` may be: a server finds its libraries and templates from where it really lies.
    fn resolve(&self, directory: &Path) -> PathBuf {
        fs::canonicalize(directory.join("postgres"))
            .ok()
            .and_then(|program| program.parent().map(Path::to_owned))
            .filter(|bin| missing_from(bin).is_none())
            .unwrap_or_else(|| directory.to_owned())
    }

    fn examine(&self, bin: PathBuf) -> Option<Programs> {
        let answer = (self.ask)(&bin.join("postgres"), "--version")?;
        let major = major_version(&answer)?;
        Some(Programs { bin, major })
    }

    fn too_old(&self, old: Programs) -> Error {
        Error::TooOld { major: old.major, bin: old.bin, install: platform::install_command(self.root, self.os) }
    }

    /// The directories that `place` stands for, newest version first.
    fn expand(&self, place: &str) -> Vec<PathBuf> {
        let Some((before, after)) = place.split_once('*') else {
            return vec![self.at(Path::new(place))];
        };
        let (parent, prefix) = before.rsplit_once('/').expect("places are absolute");
        let Ok(entries) = fs::read_dir(self.at(Path::new(parent))) else {
            return Vec::new();
        };
        let mut versions: Vec<(Vec<u32>, PathBuf)> = entries
            .flatten()
            .filter_map(|entry| {
                let name = entry.file_name();
                let version = name.to_str()?.strip_prefix(prefix)?;
                let directory = entry.path().join(after.trim_start_matches('/'));
                Some((numbers(version), directory))
            })
            .collect();
        versions.sort_by_key(|(version, _)| Reverse(version.clone()));
        versions.into_iter().map(|(_, directory)| directory).collect()
    }

    /// An absolute path of the searched file system as one of this machine's.
    fn at(&self, path: &Path) -> PathBuf {
        let below = path.components().filter(|part| matches!(part, Component::Normal(_) | Component::ParentDir));
        self.root.join(below.collect::<PathBuf>())
    }
}

fn missing_from(bin: &Path) -> Option<&'static str> {
    PROGRAMS.into_iter().find(|program| !bin.join(program).is_file())
}

/// Runs a program that only tells something about itself.
fn ask(program: &Path, argument: &str) -> Option<String> {
    let output = Command::new(program).arg(argument).stdin(Stdio::null()).output().ok()?;
    let answer = String::from_utf8(output.stdout).ok()?;
    output.status.success().then_some(answer)
}

/// 15 from `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, 18 from `postgres (PostgreSQL) 18beta1`.
fn major_version(answer: &str) -> Option<u32> {
    let version = answer.split_whitespace().nth(2)?;
    let digits = version.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// `9.6` as 9, 6; a name without a number comes out lowest.
fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map_while(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests;
