//! Who is connected to which database, with which keys.
//!
//! Two kinds of database. A **private** one lies in the cluster below the data directory: it is started, created, migrated
//! and furnished on the way, and anyone who may enter it may be anyone. One that is **named by a URL** is taken as it is:
//! nothing here changes its schema, and what is missing is said.

mod founding;
mod private;
mod user;

use std::path::PathBuf;
use std::sync::Arc;

use secrecy::ExposeSecret;

use crate::cluster;
use crate::config::{Config, Database};
use crate::store::{self, ConnectOptions, Identity, Store};
use crate::vault::{self, Keyring};
pub use founding::{Executor, Founding, Producer, Staff, found, register_agency, register_producer};
pub use private::{DATABASE, Private};

/// The login that administers a private database. It reads no bodies.
pub const PLATFORM: &str = "platform";
/// The producer that imports into a private database, so that nobody approves what they imported.
pub const IMPORTER: &str = "local_import";
/// The agency that a private database begins with.
pub const AGENCY: &str = "local";

/// An open connection, and what keeps it useful.
pub struct Session {
    pub store: Store,
    pub identity: Identity,
    keys: Keys,
    /// Keeps the private cluster running as long as the session lasts.
    private: Option<Private>,
}

/// What was found where the keys are to be. Much is done without any, so only who asks for them is refused.
enum Keys {
    Ready(Arc<Keyring>),
    /// Nothing is at this path.
    Absent(PathBuf),
    /// What is wrong with them, and what to do about it.
    Broken(String),
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] store::Error),

    #[error(transparent)]
    Cluster(#[from] cluster::Error),

    #[error(transparent)]
    Vault(#[from] vault::Error),

    #[error("--as is for the private cluster; in a database named by URL the login stands in the URL")]
    AsNeedsPrivate,

    #[error("{count} migrations are not applied yet; an administrator runs `countersign migrate` on this database")]
    Pending { count: usize },

    #[error(
        "login {login} is not registered in this database; an administrator does that with `countersign access add`"
    )]
    NotRegistered { login: String },

    #[error(
        "no keys at {path}, so bodies cannot be opened or sealed; ask the administrator for a key file \
         (countersign vault grant {login} --agency AGENCY) and name it with --keys", path = path.display()
    )]
    NoKeys { path: PathBuf, login: String },

    #[error("the keys cannot be used: {reason}")]
    BrokenKeys { reason: String },

    #[error("the database could not be furnished: {reason}")]
    Refused { reason: String },

    #[error("who the operating system's user is could not be found out; name a login with --as")]
    UnknownUser,

    #[error("cannot use {path}: {source}", path = path.display())]
    File { path: PathBuf, source: std::io::Error },
}

impl Error {
    /// What a private database that was never founded, or not to the end, answers.
    fn is_of_a_beginning(&self) -> bool {
        use store::Error::{LoginRefused, NoSuchDatabase, NotAllowed, NotMigrated};
        match self {
            Error::Pending { .. } => true,
            Error::Store(error) => {
                matches!(error, NoSuchDatabase | NotMigrated | LoginRefused { .. } | NotAllowed { .. })
            }
            _ => false,
        }
    }
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Session {
    /// Opens the database as the person: in a private one the operating system's user, or the login of `--as`.
    pub async fn open(config: &Config) -> Result<Session> {
        Session::open_as(config, None).await
    }

    /// Opens the database; in a private one as the login that `--as` names, else as `login`, else as the operating
    /// system's user. A URL names its login itself.
    pub async fn open_as(config: &Config, login: Option<&str>) -> Result<Session> {
        let session = Session::connect(config, login).await?;
        if session.identity.principal.class == "none" {
            return Err(Error::NotRegistered { login: session.identity.principal.login });
        }
        Ok(session)
    }

    /// Like [`Session::open_as`], but a login that is not registered is not refused.
    pub async fn connect(config: &Config, login: Option<&str>) -> Result<Session> {
        match &config.database {
            Database::Url(url) => {
                if config.login.is_some() {
                    return Err(Error::AsNeedsPrivate);
                }
                let (store, identity) = ready(&ConnectOptions::new(url.expose_secret())).await?;
                Ok(Session { store, identity, keys: Keys::of(config), private: None })
            }
            Database::Private => {
                let login = self::login(config, login).await?;
                let private = Private::open(config, DATABASE).await?;
                let (store, identity) = match ready(&private.options(&login)).await {
                    Ok((store, identity)) if identity.principal.class != "none" => (store, identity),
                    Err(error) if !error.is_of_a_beginning() => return Err(error),
                    // Nobody has been here yet, or not with this version, or not to the end.
                    _ => {
                        let keyring = Keyring::administrator(&config.data_dir.join("keyring"))?;
                        found(&private, &keyring, &Founding::local(user::login().await?)).await?;
                        let again = ready(&private.options(&login)).await;
                        // A database that was founded to the end refuses only logins that it does not have.
                        again.map_err(|error| match error.is_of_a_beginning() {
                            true => Error::NotRegistered { login: login.clone() },
                            false => error,
                        })?
                    }
                };
                Ok(Session { store, identity, keys: Keys::of(config), private: Some(private) })
            }
        }
    }

    /// The keys at hand. Refused when there are none.
    pub fn keys(&self) -> Result<&Arc<Keyring>> {
        match &self.keys {
            Keys::Ready(keyring) => Ok(keyring),
            Keys::Absent(path) => {
                Err(Error::NoKeys { path: path.clone(), login: self.identity.principal.login.clone() })
            }
            Keys::Broken(reason) => Err(Error::BrokenKeys { reason: reason.clone() }),
        }
    }

    /// The private database, when it is one.
    pub fn private(&self) -> Option<&Private> {
        self.private.as_ref()
    }

    /// A connection with the right to register: in a private database the login `platform`, elsewhere this one.
    pub async fn platform(&self) -> Result<Store> {
        match &self.private {
            Some(private) => Ok(Store::connect(&private.options(PLATFORM)).await?),
            None => Ok(self.store.clone()),
        }
    }
}

/// Which login to be in a private database: the one of `--as`, else the one that suits the task, else the operating
/// system's user.
pub async fn login(config: &Config, suitable: Option<&str>) -> Result<String> {
    match config.login.as_deref().or(suitable) {
        Some(login) => Ok(login.to_owned()),
        None => user::login().await,
    }
}

/// Connects, and makes sure that the database is of this program's version.
async fn ready(options: &ConnectOptions) -> Result<(Store, Identity)> {
    let store = Store::connect(options).await?;
    let (migrations, identity) = tokio::join!(store.migrations(), store.whoami());
    // A database that lacks some does not know who asks, and that is not what is to be said.
    let pending = migrations?.iter().filter(|migration| migration.applied_at.is_none()).count();
    if pending > 0 {
        return Err(Error::Pending { count: pending });
    }
    Ok((store, identity?))
}

impl Keys {
    /// An administrator's ring, a key file or a directory of key files.
    fn of(config: &Config) -> Keys {
        let path = config.keys.clone().unwrap_or_else(|| config.data_dir.join("keyring"));
        let found = if ["master.key", "agencies.keys"].iter().any(|file| path.join(file).exists()) {
            Keyring::administrator(&path)
        } else if path.exists() {
            Keyring::load(&path)
        } else {
            return Keys::Absent(path);
        };
        match found {
            Ok(keyring) => Keys::Ready(Arc::new(keyring)),
            Err(error) => Keys::Broken(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Connection;
    use crate::config::Surroundings;

    /// What is found at a path that `--keys` names.
    fn keys_at(path: &std::path::Path) -> Keys {
        let flags =
            Connection { keys: Some(path.into()), data_dir: Some("/nonexistent".into()), ..Connection::default() };
        Keys::of(&Config::resolve(&flags, &Surroundings::made_up([].into_iter(), false)).unwrap())
    }

    #[test]
    fn a_damaged_ring_is_named_for_what_it_lacks_and_stops_nobody_who_needs_no_keys() {
        for missing in ["master.key", "agencies.keys"] {
            let directory = tempfile::tempdir().unwrap();
            let ring = directory.path().join("keyring");
            assert!(matches!(keys_at(&ring), Keys::Absent(_)));
            Keyring::administrator(&ring).unwrap();
            assert!(matches!(keys_at(&ring), Keys::Ready(_)));
            std::fs::remove_file(ring.join(missing)).unwrap();
            let Keys::Broken(reason) = keys_at(&ring) else { panic!("{missing} is not missed") };
            assert!(reason.contains(missing) && reason.contains("backup"), "{reason}");
        }
    }
}
