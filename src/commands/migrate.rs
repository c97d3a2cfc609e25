//! `countersign migrate`: the only command that changes the schema of a database named by URL.

use secrecy::ExposeSecret;

use super::Failure;
use crate::config::{Config, Database};
use crate::session::{Error, Session};
use crate::store::{ConnectOptions, Store};

pub async fn run(config: &Config) -> Result<String, Failure> {
    let count = match &config.database {
        Database::Url(_) if config.login.is_some() => return Err(Error::AsNeedsPrivate.into()),
        Database::Url(url) => Store::connect(&ConnectOptions::new(url.expose_secret())).await?.migrate().await?,
        Database::Private => {
            // Opening a private database migrates it.
            let session = Session::open(config).await?;
            return Ok(format!("{} is up to date\n", session.identity.database));
        }
    };
    Ok(match count {
        0 => "nothing to do: every migration is applied\n".to_owned(),
        1 => "1 migration applied\n".to_owned(),
        count => format!("{count} migrations applied\n"),
    })
}
