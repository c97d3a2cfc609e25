//! The environment variables and the user, as they are or as a test makes them up.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::Error;

const PROGRAM: &str = "countersign";

/// What the process was started with, apart from its arguments.
#[derive(Debug, Clone)]
pub struct Surroundings {
    variables: HashMap<OsString, OsString>,
    is_root: bool,
}

impl Surroundings {
    pub fn of_this_process() -> Surroundings {
        Surroundings { variables: std::env::vars_os().collect(), is_root: rustix::process::geteuid().is_root() }
    }

    /// Surroundings of a test's choice.
    pub fn made_up<'a>(variables: impl Iterator<Item = (&'a str, &'a str)>, is_root: bool) -> Surroundings {
        Surroundings { variables: variables.map(|(name, value)| (name.into(), value.into())).collect(), is_root }
    }

    /// A variable as a path. An empty variable is as good as none, here and below.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.variable(name).map(PathBuf::from)
    }

    pub fn text(&self, name: &'static str) -> Result<Option<String>, Error> {
        let Some(value) = self.variable(name) else { return Ok(None) };
        value.to_str().map(|text| Some(text.to_owned())).ok_or(Error::NotText { name })
    }

    pub fn config_dir(&self) -> Option<PathBuf> {
        self.base("XDG_CONFIG_HOME", ".config").map(|base| base.join(PROGRAM))
    }

    /// For root the place of the system's services, because an unprivileged user runs the server and cannot enter `/root`.
    pub fn data_dir(&self) -> Option<PathBuf> {
        if self.is_root && self.absolute("XDG_DATA_HOME").is_none() {
            return Some(PathBuf::from("/var/lib").join(PROGRAM));
        }
        self.base("XDG_DATA_HOME", ".local/share").map(|base| base.join(PROGRAM))
    }

    pub fn state_dir(&self) -> Option<PathBuf> {
        self.base("XDG_STATE_HOME", ".local/state").map(|base| base.join(PROGRAM))
    }

    /// Directories that are memory on most machines: the session's own, then the one for everybody.
    pub fn memory(&self) -> Vec<PathBuf> {
        self.absolute("XDG_RUNTIME_DIR").into_iter().chain([PathBuf::from("/dev/shm")]).collect()
    }

    /// Whether the terminal's character set is Unicode, as the first of these variables that is set says.
    pub fn draws_unicode(&self) -> bool {
        let charset = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| self.variable(name));
        let charset = charset.map(|value| value.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        charset.contains("utf-8") || charset.contains("utf8")
    }

    fn base(&self, variable: &str, below_home: &str) -> Option<PathBuf> {
        self.absolute(variable).or_else(|| self.absolute("HOME").map(|home| home.join(below_home)))
    }

    /// The XDG specification has relative paths ignored.
    fn absolute(&self, name: &str) -> Option<PathBuf> {
        self.path(name).filter(|path| path.is_absolute())
    }

    fn variable(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_lies_where_the_user_or_the_system_keeps_it() {
        let cases = [
            (vec![("HOME", "/home/ada")], false, Some("/home/ada/.local/share/countersign")),
            (vec![("HOME", "/home/ada"), ("XDG_DATA_HOME", "/srv")], false, Some("/srv/countersign")),
            (vec![("HOME", "/home/ada"), ("XDG_DATA_HOME", "srv")], false, Some("/home/ada/.local/share/countersign")),
            (vec![("HOME", "/root")], true, Some("/var/lib/countersign")),
            (vec![("HOME", "/root"), ("XDG_DATA_HOME", "/srv")], true, Some("/srv/countersign")),
            (vec![], false, None),
        ];
        for (variables, is_root, expected) in cases {
            let around = Surroundings::made_up(variables.iter().copied(), is_root);
            assert_eq!(around.data_dir(), expected.map(PathBuf::from), "{variables:?}");
        }
    }
}
