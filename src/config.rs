//! Where the database, the keys and the log are, and what the user prefers.
//!
//! Flags beat the environment, the environment beats the configuration file, the file beats what is shipped. Reads the
//! file and nothing else; creates nothing.

mod file;
mod notify;
mod review;
mod surroundings;
mod thresholds;

use std::path::PathBuf;

use secrecy::SecretString;

use crate::cli::Connection;
use crate::outside::OutsideEditor;
use file::File;
pub use notify::Notify;
pub use review::Review;
pub use surroundings::Surroundings;
pub use thresholds::Thresholds;

/// Everything that is settled before anything starts.
#[derive(Debug, Clone)]
pub struct Config {
    pub database: Database,
    /// The private cluster and, unless `keys` says otherwise, the key ring.
    pub data_dir: PathBuf,
    /// Who to be in the private cluster; none: the operating system's user.
    pub login: Option<String>,
    /// A key file, a directory of key files, or an administrator's ring; none: the ring in the data directory.
    pub keys: Option<PathBuf>,
    /// The directory of the server's programs; none: they are looked for.
    pub postgres_bin: Option<PathBuf>,
    /// Where the program's log goes; never the terminal.
    pub log_file: PathBuf,
    /// What the names of the files begin with in which the dashboard keeps its filters for the next start.
    pub filters_file: PathBuf,
    /// The configuration file that was read, or would be.
    pub file: PathBuf,
    /// Whether times are told in UTC, wherever the machine is.
    pub utc: bool,
    /// How the person reviews.
    pub review: Review,
    /// How the person is called who looks elsewhere.
    pub notify: Notify,
    /// The person's own editor, where it may be used; none: the built-in one.
    pub editor: Option<OutsideEditor>,
    /// When `status` warns.
    pub thresholds: Thresholds,
}

/// Which PostgreSQL.
#[derive(Debug, Clone)]
pub enum Database {
    /// The one below the data directory.
    Private,
    /// One that is named by a URL, which may hold a password.
    Url(SecretString),
}

/// What is wrong with the configuration, and where.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no home directory: set HOME, or name a place with --data-dir")]
    NoHome,

    #[error("cannot read the configuration file {path}: {source}", path = path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },

    #[error("{path}, line {line}: {reason}", path = path.display())]
    Malformed { path: PathBuf, line: usize, reason: String },

    #[error("{name} is not valid UTF-8")]
    NotText { name: &'static str },
}

impl Config {
    /// Settles everything from the flags, the surroundings and the configuration file.
    ///
    /// A configuration file that was named must exist; the one in its usual place need not.
    pub fn resolve(flags: &Connection, around: &Surroundings) -> Result<Config, Error> {
        let named_file = flags.config.clone().or_else(|| around.path("COUNTERSIGN_CONFIG"));
        let named_data_dir = flags.data_dir.clone().or_else(|| around.path("COUNTERSIGN_DATA_DIR"));
        let file_path = match &named_file {
            Some(path) => path.clone(),
            // A service has no home; where its data lie is enough.
            None => around.config_dir().or_else(|| named_data_dir.clone()).ok_or(Error::NoHome)?.join("config.toml"),
        };
        let file = File::read(&file_path, named_file.is_some())?;

        let url = match &flags.database_url {
            Some(url) => Some(url.clone()),
            None => around.text("COUNTERSIGN_DATABASE_URL")?.or(around.text("DATABASE_URL")?).or(file.database_url),
        };
        let data_dir = named_data_dir.or(file.data_dir).or_else(|| around.data_dir()).ok_or(Error::NoHome)?;
        let editor = match file.review.external_editor {
            true => around.text("VISUAL")?.or(around.text("EDITOR")?),
            false => None,
        };
        let state_dir = around.state_dir().unwrap_or_else(|| data_dir.clone());
        Ok(Config {
            database: url.map_or(Database::Private, |url| Database::Url(url.into())),
            login: flags.login.clone(),
            keys: flags.keys.clone().or_else(|| around.path("COUNTERSIGN_KEYS")).or(file.keys),
            postgres_bin: flags.postgres_bin.clone().or(file.postgres_bin),
            log_file: state_dir.join("countersign.log"),
            filters_file: state_dir.join("filters"),
            file: file_path,
            editor: editor.map(|command| OutsideEditor { command, places: around.memory() }),
            utc: around.text("COUNTERSIGN_UTC")?.is_some() || file.utc,
            review: file.review,
            notify: file.notify,
            thresholds: file.status,
            data_dir,
        })
    }

    /// Whether the database is the private cluster.
    pub fn is_private(&self) -> bool {
        matches!(self.database, Database::Private)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    fn url(config: &Config) -> Option<&str> {
        match &config.database {
            Database::Private => None,
            Database::Url(url) => Some(url.expose_secret()),
        }
    }

    /// Writes `file` as the configuration in a home directory and resolves with these flags and variables.
    fn resolve(flags: Connection, variables: &[(&str, &str)], file: &str) -> Result<Config, Error> {
        let home = tempfile::tempdir().unwrap();
        let config_dir = home.path().join(".config/countersign");
        std::fs::create_dir_all(&config_dir).unwrap();
        std::fs::write(config_dir.join("config.toml"), file).unwrap();
        let home_variable = [("HOME", home.path().to_str().unwrap())];
        Config::resolve(&flags, &Surroundings::made_up(home_variable.iter().chain(variables).copied(), false))
    }

    #[test]
    fn flags_beat_environment_beats_file_beats_default() {
        let flag = || Connection { database_url: Some("flag".to_owned()), ..Connection::default() };
        let (ours, common) = (("COUNTERSIGN_DATABASE_URL", "ours"), ("DATABASE_URL", "common"));
        let file = "database_url = 'file'";
        let cases = [
            (flag(), vec![ours, common], file, Some("flag")),
            (Connection::default(), vec![common, ours], file, Some("ours")),
            (Connection::default(), vec![common], file, Some("common")),
            (Connection::default(), vec![], file, Some("file")),
            (Connection::default(), vec![("DATABASE_URL", "")], file, Some("file")),
            (Connection::default(), vec![ours], "", Some("ours")),
            (Connection::default(), vec![], "", None),
        ];
        for (flags, variables, file, expected) in cases {
            let config = resolve(flags, &variables, file).unwrap();
            assert_eq!(url(&config), expected, "{variables:?} {file}");
        }
    }

    #[test]
    fn the_data_directory_follows_the_same_order() {
        let flag = || Connection { data_dir: Some("/flag".into()), ..Connection::default() };
        let (ours, xdg) = (("COUNTERSIGN_DATA_DIR", "/ours"), ("XDG_DATA_HOME", "/xdg"));
        let cases = [
            (flag(), vec![ours, xdg], "data_dir = '/file'", "/flag"),
            (Connection::default(), vec![ours, xdg], "data_dir = '/file'", "/ours"),
            (Connection::default(), vec![xdg], "data_dir = '/file'", "/file"),
            (Connection::default(), vec![xdg], "", "/xdg/countersign"),
        ];
        for (flags, variables, file, expected) in cases {
            let config = resolve(flags, &variables, file).unwrap();
            assert_eq!(config.data_dir, PathBuf::from(expected), "{variables:?} {file}");
        }
    }

    #[test]
    fn without_a_home_a_data_directory_is_enough() {
        let resolve = |variables: &[(&str, &str)]| {
            let around = Surroundings::made_up(variables.iter().copied(), false);
            Config::resolve(&Connection::default(), &around)
        };
        assert_eq!(
            resolve(&[("COUNTERSIGN_DATA_DIR", "/nonexistent/ours")]).unwrap().data_dir,
            PathBuf::from("/nonexistent/ours")
        );
        assert!(matches!(resolve(&[]), Err(Error::NoHome)));
    }

    #[test]
    fn a_mistake_in_the_file_is_named_with_its_line() {
        let cases = [
            ("\ndatabse_url = 'x'", "line 2", "databse_url"),
            ("[status]\nbreached_waring = 1", "line 2", "breached_waring"),
            ("data_dir = 5", "line 1", "string"),
            ("[status]\n\noldest_ready_warning = '15'", "line 3", "length of time"),
            ("data_dir", "line 1", ""),
            ("[review]\nlookup_url = 'https://crm.example/'", "line 2", "{customer_ref}"),
            ("[review]\nreads = 'en'", "line 2", "sequence"),
            ("[notify]\nbel = true", "line 2", "bel"),
        ];
        for (file, line, reason) in cases {
            let message = resolve(Connection::default(), &[], file).unwrap_err().to_string();
            assert!(message.contains(line) && message.contains(reason), "{file}: {message}");
        }
    }

    #[test]
    fn nobody_is_called_who_did_not_ask_for_it() {
        let notify = |file| resolve(Connection::default(), &[], file).unwrap().notify;
        assert_eq!(notify(""), Notify { bell: false, desktop: false });
        assert_eq!(notify("[notify]\nbell = true"), Notify { bell: true, desktop: false });
        assert_eq!(notify("[notify]\ndesktop = true"), Notify { bell: false, desktop: true });
    }

    #[test]
    fn the_languages_that_one_reads_and_the_lookup_stand_in_the_file() {
        let file = "[review]\nreads = ['en', 'de']\nlookup_url = 'https://crm.example/c/{customer_ref}'";
        let review = resolve(Connection::default(), &[], file).unwrap().review;
        assert_eq!(review.reads, ["en", "de"]);
        assert_eq!(review.lookup_url.as_deref(), Some("https://crm.example/c/{customer_ref}"));
    }

    #[test]
    fn times_are_told_in_utc_where_the_file_or_the_environment_says_so() {
        let utc = |variables: &[(&str, &str)], file| resolve(Connection::default(), variables, file).unwrap().utc;
        assert!(!utc(&[], ""));
        assert!(utc(&[], "utc = true"));
        assert!(!utc(&[("COUNTERSIGN_UTC", "")], "utc = false"));
        assert!(utc(&[("COUNTERSIGN_UTC", "1")], ""));
    }

    #[test]
    fn an_editor_of_ones_own_is_used_only_where_the_file_says_so() {
        let variables = [("EDITOR", "vi"), ("VISUAL", "nano -w"), ("XDG_RUNTIME_DIR", "/run/user/7")];
        let editor = |variables: &[(&str, &str)], file| resolve(Connection::default(), variables, file).unwrap().editor;
        assert_eq!(editor(&variables, ""), None);
        assert_eq!(editor(&variables, "[review]\nexternal_editor = false"), None);
        let places = vec![PathBuf::from("/run/user/7"), PathBuf::from("/dev/shm")];
        let nano = OutsideEditor { command: "nano -w".to_owned(), places };
        assert_eq!(editor(&variables, "[review]\nexternal_editor = true"), Some(nano));
        assert_eq!(editor(&[], "[review]\nexternal_editor = true"), None);
    }

    #[test]
    fn a_file_that_was_named_must_exist() {
        let flags = Connection { config: Some("/nonexistent/countersign.toml".into()), ..Connection::default() };
        assert!(matches!(resolve(flags, &[], ""), Err(Error::Unreadable { .. })));
    }

    #[test]
    fn a_password_in_the_url_is_not_shown_by_debug() {
        let flags = Connection { database_url: Some("postgres://me:hunter2@db/x".to_owned()), ..Connection::default() };
        let config = resolve(flags, &[], "").unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
