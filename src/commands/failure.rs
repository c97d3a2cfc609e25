//! How a command ends badly, and with which exit code.

use std::fmt;
use std::process::ExitCode;

use crate::{cluster, config, session, store, vault};

/// What failed and what to do next, in words for whoever typed the command. Never a payload.
#[derive(Debug)]
pub enum Failure {
    /// The database, the key ring or the input said no: exit 1.
    Refused(String),
    /// The command cannot be meant like this: exit 2.
    Usage(String),
    /// There is no database to ask: exit 3.
    Unreachable(String),
}

impl Failure {
    pub fn refused(reason: impl fmt::Display) -> Failure {
        Failure::Refused(reason.to_string())
    }

    pub fn usage(reason: impl fmt::Display) -> Failure {
        Failure::Usage(reason.to_string())
    }

    pub fn unreachable(reason: impl fmt::Display) -> Failure {
        Failure::Unreachable(reason.to_string())
    }

    /// What the database found not well formed, in words that fit what this command was given.
    pub fn malformed(error: store::Error, sentence: impl FnOnce() -> String) -> Failure {
        if error.sqlstate() == Some("CS002") { Failure::Refused(sentence()) } else { error.into() }
    }

    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Failure::Refused(_) => 1,
            Failure::Usage(_) => 2,
            Failure::Unreachable(_) => 3,
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Refused(reason) | Failure::Usage(reason) | Failure::Unreachable(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for Failure {}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        use store::Error::{Address, Interrupted, LoginRefused, NoSuchDatabase, Unreachable};
        let reason = error.to_string();
        match error {
            Unreachable { .. } | Interrupted | LoginRefused { .. } | NoSuchDatabase => Failure::Unreachable(reason),
            Address => Failure::Usage(reason),
            _ => Failure::Refused(reason),
        }
    }
}

impl From<cluster::Error> for Failure {
    fn from(error: cluster::Error) -> Self {
        match error {
            cluster::Error::InUse { .. } => Failure::refused(error),
            _ => Failure::Unreachable(error.to_string()),
        }
    }
}

impl From<vault::Error> for Failure {
    fn from(error: vault::Error) -> Self {
        Failure::refused(error)
    }
}

impl From<config::Error> for Failure {
    fn from(error: config::Error) -> Self {
        Failure::usage(error)
    }
}

impl From<session::Error> for Failure {
    fn from(error: session::Error) -> Self {
        match error {
            session::Error::Store(error) => error.into(),
            session::Error::Cluster(error) => error.into(),
            session::Error::Vault(error) => error.into(),
            session::Error::AsNeedsPrivate => Failure::usage(error),
            other => Failure::refused(other),
        }
    }
}

/// What could not be written to or read from the terminal, a pipe or a file.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Failure::refused(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_fail_has_the_exit_code_of_the_contract() {
        let away = store::Error::Unreachable { reason: "nothing listens there".to_owned() };
        let refused = store::Error::Refused { sqlstate: "CS008".to_owned(), constraint: None };
        let none_found = cluster::Error::NotFound { install: "apt install postgresql".to_owned() };
        let cases: [(Failure, u8); 6] = [
            (away.into(), 3),
            (none_found.into(), 3),
            (refused.into(), 1),
            (store::Error::Address.into(), 2),
            (config::Error::NoHome.into(), 2),
            (vault::Error::NotAdministrator.into(), 1),
        ];
        for (failure, code) in cases {
            assert_eq!(format!("{:?}", failure.exit_code()), format!("{:?}", ExitCode::from(code)), "{failure}");
        }
    }
}
