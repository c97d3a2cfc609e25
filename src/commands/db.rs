//! `countersign db`: the private PostgreSQL.

use std::path::PathBuf;

use super::Failure;
use crate::cli::DbAction;
use crate::cluster::{self, Cluster, Programs, Stopped};
use crate::config::Config;
use crate::session::{self, Private, Session};

pub async fn run(config: &Config, action: &DbAction) -> Result<String, Failure> {
    if !config.is_private() {
        return Err(Failure::usage("db is for the private cluster; this database is named by URL"));
    }
    match action {
        DbAction::Start => {
            let session = Session::open(config).await?;
            let private = session.private().expect("the configuration says private");
            private.cluster().pin()?;
            Ok(format!("running until `countersign db stop`\n{}\n", private.url(&session.identity.principal.login)))
        }
        DbAction::Url => url(config).await,
        DbAction::Stop => {
            let stopped = blocking(config, |programs, data_dir| Cluster::stop(&programs, &data_dir)).await?;
            Ok(match stopped {
                Stopped::Now => "stopped\n",
                Stopped::NotRunning => "it was not running\n",
                Stopped::WithLastUser => "others are using it; it stops with the last of them\n",
            }
            .to_owned())
        }
        DbAction::Reset { yes: false } => {
            Err(Failure::refused("this removes every conversation in the private cluster; say --yes to do it"))
        }
        DbAction::Reset { yes: true } => {
            blocking(config, |programs, data_dir| Cluster::reset(&programs, &data_dir)).await?;
            Ok("removed; the key ring stays where it is\n".to_owned())
        }
    }
}

/// An address that works until the server stops, which is why somebody else must keep it running.
async fn url(config: &Config) -> Result<String, Failure> {
    if !cluster::state(&config.data_dir)?.running {
        let how = "it is not running; `countersign db start` starts it and keeps it running";
        return Err(Failure::Unreachable(how.to_owned()));
    }
    let login = session::login(config, None).await?;
    let private = Private::open(config, session::DATABASE).await?;
    Ok(format!("{}\n", private.url(&login)))
}

/// Runs what waits for the server's programs on a thread that may wait.
async fn blocking<T: Send + 'static>(
    config: &Config,
    act: impl FnOnce(Programs, PathBuf) -> cluster::Result<T> + Send + 'static,
) -> Result<T, session::Error> {
    let (data_dir, postgres_bin) = (config.data_dir.clone(), config.postgres_bin.clone());
    let acted = tokio::task::spawn_blocking(move || {
        let programs = Programs::find(postgres_bin.as_deref(), &data_dir)?;
        act(programs, data_dir)
    });
    Ok(acted.await.expect("the private cluster's own errors are returned")?)
}
