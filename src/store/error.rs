//! What can go wrong between this program and the database, without anything that was in a row.
//!
//! PostgreSQL prints refused rows into DETAIL, and sqlx prints DETAIL with `Debug`. So nothing of sqlx's error is kept
//! but the code of the error and the name of the constraint; the sentences are ours.

use std::io;

/// Every failure of the store. An expected refusal of a call is not here: it is an `Outcome`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nothing was sent.
    #[error(
        "the database cannot be reached ({reason}); check that PostgreSQL runs and what --database-url says, then try again"
    )]
    Unreachable { reason: String },

    /// The connection broke under way: whether the command took effect is for `Store::command_fate` to say.
    #[error("the connection to the database was lost under way; reconnect and ask what became of the command")]
    Interrupted,

    #[error("the database address is not understood; write postgres://login@host/database")]
    Address,

    #[error("the database refused the login ({sqlstate}); check the login, its password and the server's pg_hba.conf")]
    LoginRefused { sqlstate: String },

    #[error("this database does not exist; create it, or check the name at the end of --database-url")]
    NoSuchDatabase,

    #[error("this database is not migrated, or only in part; run `countersign migrate` as its administrator")]
    NotMigrated,

    #[error(
        "this login may not ask for {what}: that takes {class}; an administrator registers it (countersign access)"
    )]
    NotAllowed { what: &'static str, class: &'static str },

    /// Misuse: SQLSTATE class CS.
    #[error("{}", refusal(.sqlstate))]
    Refused { sqlstate: String, constraint: Option<String> },

    #[error("the database took too long ({what}); nothing was changed, try again")]
    Timeout { what: &'static str },

    /// The database said no for a reason that no call foresees.
    #[error("the database refused {what} ({}); see the server's log", described(.sqlstate, .constraint))]
    Database { what: &'static str, sqlstate: String, constraint: Option<String> },

    /// The answer is not what this version of the program understands.
    #[error(
        "the answer to {what} is not understood; program and database are of different versions, run `countersign doctor`"
    )]
    Unreadable { what: &'static str },

    #[error(
        "migration {version} was changed after it was applied; use the program that this database was migrated with"
    )]
    MigrationChanged { version: i64 },

    #[error(
        "between this program and the database stands a pooler that shares its connections, and a migration needs one \
         for itself; name the server's own address"
    )]
    Pooled,

    #[error("this database knows migration {version}, which this program does not; use a newer countersign")]
    MigrationUnknown { version: i64 },
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// The command may or may not have taken effect.
    pub fn is_undecided(&self) -> bool {
        matches!(self, Error::Interrupted)
    }

    /// The database is away; what is on the screen is the last that was known.
    pub fn is_away(&self) -> bool {
        matches!(self, Error::Unreachable { .. } | Error::Interrupted)
    }

    /// The SQLSTATE, where the database gave one.
    pub fn sqlstate(&self) -> Option<&str> {
        match self {
            Error::Refused { sqlstate, .. } | Error::Database { sqlstate, .. } | Error::LoginRefused { sqlstate } => {
                Some(sqlstate)
            }
            _ => None,
        }
    }

    /// Another session is at the same command; asking again returns its answer.
    pub fn is_twin_under_way(&self) -> bool {
        self.sqlstate() == Some("CS009")
    }

    /// From an error while a statement ran. `what` is the statement's name.
    pub(super) fn from_statement(what: &'static str, error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => {
                let sqlstate = error.code().unwrap_or_default().into_owned();
                Self::from_sqlstate(what, sqlstate, error.constraint().map(str::to_owned))
            }
            sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => Error::Interrupted,
            sqlx::Error::Tls(_) => Error::Interrupted,
            other => Self::from_connecting(other, what),
        }
    }

    /// From an error before a statement was sent.
    pub(super) fn from_connecting(error: sqlx::Error, what: &'static str) -> Self {
        let unreachable = |reason: &str| Error::Unreachable { reason: reason.to_owned() };
        match error {
            sqlx::Error::Database(error) => {
                let sqlstate = error.code().unwrap_or_default().into_owned();
                match sqlstate.as_str() {
                    "57P03" => unreachable("it is starting up or shutting down"),
                    "53300" => unreachable("it has no connection left"),
                    _ => Self::from_sqlstate(what, sqlstate, None),
                }
            }
            sqlx::Error::Io(error) => Error::Unreachable { reason: described_io(&error) },
            sqlx::Error::Tls(_) => unreachable("TLS could not be agreed on"),
            sqlx::Error::PoolTimedOut => unreachable("no connection within the time allowed"),
            sqlx::Error::PoolClosed => unreachable("this program is closing"),
            sqlx::Error::Configuration(_) => Error::Address,
            sqlx::Error::Protocol(_) => unreachable("what answers is not PostgreSQL"),
            _ => Error::Unreadable { what },
        }
    }

    fn from_sqlstate(what: &'static str, sqlstate: String, constraint: Option<String>) -> Self {
        match sqlstate.as_str() {
            "42501" => Error::NotAllowed { what, class: class_for(what) },
            "28P01" | "28000" => Error::LoginRefused { sqlstate },
            "3D000" => Error::NoSuchDatabase,
            "3F000" | "42P01" | "42883" | "42703" => Error::NotMigrated,
            "57014" | "55P03" | "40P01" => Error::Timeout { what },
            code if code.starts_with("57P") || code.starts_with("08") => Error::Interrupted,
            code if code.starts_with("CS") => Error::Refused { sqlstate, constraint },
            _ => Error::Database { what, sqlstate, constraint },
        }
    }
}

/// A sentence for each way to misuse a call.
fn refusal(sqlstate: &str) -> &'static str {
    match sqlstate {
        "CS001" => {
            "calls work under the isolation level read committed only; remove the other setting from this connection"
        }
        "CS002" => {
            "one of the values is not well formed; check ids, times, numbers and that the body was sealed with a registered key"
        }
        "CS003" => "this command id was used before for something else; start the action afresh",
        "CS004" => {
            "this login is not registered for this, or is switched off; ask an administrator (countersign access)"
        }
        "CS005" => "a job cannot go from its status to that one; look at it again, it has moved",
        "CS006" => "what is stored is never changed; store a new version instead",
        "CS007" => "nothing is sent without a person's approval; approve the draft first",
        "CS008" => "one of the codes is not registered; `countersign vocabulary` lists those that are",
        "CS009" => "the same command is under way elsewhere; ask again for its answer",
        "CS010" => "the audit trail is only ever added to",
        _ => "the database refused this as misuse; see the server's log",
    }
}

/// Which class of login a statement is meant for.
fn class_for(what: &str) -> &'static str {
    match what {
        "open_conversation" | "store_inbound" | "store_history" | "submit_draft" | "schedule_followup"
        | "open_conversations" | "store_inbounds" | "store_histories" | "submit_drafts" => "a producer",
        "claim_jobs" | "start_job" | "put_draft" | "complete_job" | "fail_job" => "an executor",
        "whoami" => "a registered login",
        "backlog" | "rates" | "pressure" => "a member of staff or a monitor",
        "migrate" | "appoint_platform_admin" | "create_login" | "create_database" => "the database's administrator",
        _ => "a member of staff with the role for it",
    }
}

fn described(sqlstate: &str, constraint: &Option<String>) -> String {
    match constraint {
        Some(constraint) => format!("{sqlstate}, {constraint}"),
        None => sqlstate.to_owned(),
    }
}

/// The kind of failure only: the text of an `io::Error` may name files and hosts of whoever wrote the library.
fn described_io(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no socket at that place".to_owned(),
        io::ErrorKind::ConnectionRefused => "nothing listens there".to_owned(),
        io::ErrorKind::PermissionDenied => "its socket may not be opened by this user".to_owned(),
        kind @ (io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::UnexpectedEof
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::TimedOut
        | io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::NetworkDown) => kind.to_string(),
        // The standard library has no kind for a name that does not resolve, and little else comes here without one.
        _ => "its name cannot be resolved, or no connection can be made".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_says_what_to_do_and_shows_no_code() {
        for number in 1..=10 {
            let sqlstate = format!("CS{number:03}");
            let error = Error::from_sqlstate("review_approve", sqlstate.clone(), None);
            assert_eq!(error.sqlstate(), Some(sqlstate.as_str()));
            assert_ne!(error.to_string(), refusal("CS999"), "{sqlstate} has no sentence of its own");
        }
    }

    #[test]
    fn a_missing_right_names_the_class_that_has_it() {
        let error = Error::from_sqlstate("claim_jobs", "42501".into(), None);
        assert!(error.to_string().contains("an executor"), "{error}");
        let error = Error::from_sqlstate("backlog", "42501".into(), None);
        assert!(error.to_string().contains("staff or a monitor"), "{error}");
    }

    #[test]
    fn a_host_that_is_not_found_is_said_in_words() {
        let lookup = std::net::ToSocketAddrs::to_socket_addrs("no-such-host.invalid:5432").unwrap_err();
        let error = Error::from_connecting(sqlx::Error::Io(lookup), "connect").to_string();
        assert!(error.contains("name cannot be resolved"), "{error}");
    }

    #[test]
    fn only_a_broken_connection_leaves_a_command_undecided() {
        let broken = Error::from_statement("review_approve", sqlx::Error::Io(io::ErrorKind::BrokenPipe.into()));
        assert!(broken.is_undecided() && broken.is_away());
        let never_sent = Error::from_connecting(sqlx::Error::PoolTimedOut, "review_approve");
        assert!(!never_sent.is_undecided() && never_sent.is_away());
    }
}
