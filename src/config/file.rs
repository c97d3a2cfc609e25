//! The configuration file: TOML, every field optional, an unknown one an error that names it.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Error, Notify, Review, Thresholds};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct File {
    pub database_url: Option<String>,
    pub data_dir: Option<PathBuf>,
    pub keys: Option<PathBuf>,
    pub postgres_bin: Option<PathBuf>,
    pub utc: bool,
    pub review: Review,
    pub notify: Notify,
    pub status: Thresholds,
}

impl File {
    pub fn read(path: &Path, must_exist: bool) -> Result<File, Error> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound && !must_exist => return Ok(File::default()),
            Err(source) => return Err(Error::Unreadable { path: path.to_owned(), source }),
        };
        // The error's own text quotes the line, and the line may hold a password.
        toml::from_str(&text).map_err(|error| Error::Malformed {
            path: path.to_owned(),
            line: error.span().map_or(1, |span| 1 + text[..span.start].matches('\n').count()),
            reason: error.message().to_owned(),
        })
    }
}
