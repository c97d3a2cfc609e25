//! Straight to the server, or through a pooler that gives every transaction another of its connections.
//!
//! Through a pooler such as PgBouncer in transaction mode nothing holds that is set for a session, and what one login
//! prepared under a name, the next may run under the same name for something else. There each statement is a transaction
//! of its own that says its settings itself, and is prepared without a name; that takes four times to the server and back
//! instead of one. Which of the two it is, the server says: a setting that we begin a session with is there, or it is not.

use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection, Row};

/// What holds while a statement runs. The calls accept `read committed` only, whatever the database's default is;
/// arguments stay out of the server's log; a statement that hangs gives its connection back.
const SESSION: [(&str, &str); 6] = [
    ("default_transaction_isolation", "read committed"),
    ("log_parameter_max_length_on_error", "0"),
    ("statement_timeout", "15s"),
    ("lock_timeout", "5s"),
    ("idle_in_transaction_session_timeout", "30s"),
    (MARK.0, MARK.1),
];

/// Nobody else sets this, so a session that has it is ours.
const MARK: (&str, &str) = ("countersign.session", "own");

/// The same, for one transaction.
const BEGIN: &str = "begin isolation level read committed; \
    set local log_parameter_max_length_on_error = 0; \
    set local statement_timeout = '15s'; \
    set local lock_timeout = '5s'; \
    set local idle_in_transaction_session_timeout = '30s'";

/// How statements get to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    Direct,
    Pooled,
}

impl Link {
    /// How to begin a session. A pooler may refuse to pass settings on; of those that it refuses, nothing is sent through it.
    pub fn options(self, address: &str) -> sqlx::Result<PgConnectOptions> {
        let options = PgConnectOptions::from_str(address)?;
        Ok(match self {
            Link::Direct => options.options(SESSION),
            Link::Pooled => options.extra_float_digits(None),
        })
    }

    /// Whether this is what a pooler answers that passes no settings on.
    pub fn is_refused(error: &sqlx::Error) -> bool {
        let sqlstate = error.as_database_error().and_then(|error| error.code());
        sqlstate.is_some_and(|sqlstate| sqlstate == "08P01")
    }

    /// Whether the session has what it began with. In one message, which no pooler can take apart.
    pub async fn holds(connection: &mut PgConnection) -> sqlx::Result<bool> {
        let row = sqlx::raw_sql(super::statement::sql!("own_session").text).fetch_one(connection).await?;
        row.try_get("own_session")
    }

    /// Whether what is prepared is found again under its name.
    pub fn keeps_names(self) -> bool {
        self == Link::Direct
    }

    /// Lets a statement run under the settings.
    pub async fn run<T>(
        self,
        connection: &mut PgConnection,
        ask: impl AsyncFnOnce(&mut PgConnection) -> sqlx::Result<T>,
    ) -> sqlx::Result<T> {
        match self {
            Link::Direct => ask(connection).await,
            Link::Pooled => {
                let mut transaction = connection.begin_with(BEGIN).await?;
                let answer = ask(&mut transaction).await?;
                transaction.commit().await?;
                Ok(answer)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_says_all_that_a_session_would() {
        for (name, value) in SESSION.into_iter().filter(|(name, _)| *name != MARK.0) {
            let said = match name {
                "default_transaction_isolation" => format!("isolation level {value}"),
                _ => format!("set local {name} = "),
            };
            assert!(BEGIN.contains(&said) && BEGIN.contains(value), "{name}");
        }
    }
}
