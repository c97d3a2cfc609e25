//! A database of the private cluster.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Error, Result};
use crate::cluster::{self, Cluster, Programs};
use crate::config::Config;
use crate::store::{self, ConnectOptions, Store};

/// The database of everyday work.
pub const DATABASE: &str = "countersign";

const SUPERUSER: &str = "postgres";

/// A name of a database in the running cluster, which this value keeps running. The database may not exist yet.
pub struct Private {
    cluster: Arc<Cluster>,
    database: String,
    data_dir: PathBuf,
}

impl Private {
    /// Finds PostgreSQL and joins the cluster below the data directory; makes and starts it where needed.
    pub async fn open(config: &Config, database: &str) -> Result<Private> {
        let (data_dir, postgres_bin) = (config.data_dir.clone(), config.postgres_bin.clone());
        let database = database.to_owned();
        let opened = tokio::task::spawn_blocking(move || {
            let programs = Programs::find(postgres_bin.as_deref(), &data_dir)?;
            let cluster = Arc::new(Cluster::open(&programs, &data_dir)?);
            Ok::<_, cluster::Error>(Private { cluster, database, data_dir })
        });
        Ok(opened.await.expect("opening a cluster does not panic")?)
    }

    /// How to connect as a login.
    pub fn options(&self, login: &str) -> ConnectOptions {
        ConnectOptions::new(self.cluster.url(login, &self.database))
    }

    /// The address for a login, for people and other programs.
    pub fn url(&self, login: &str) -> String {
        self.cluster.url(login, &self.database)
    }

    pub fn cluster(&self) -> &Arc<Cluster> {
        &self.cluster
    }

    /// A connection that may do everything.
    pub async fn superuser(&self) -> Result<Store> {
        Ok(Store::connect(&self.options(SUPERUSER)).await?)
    }

    /// Makes the database where there is none and brings it to this program's version. Returns the superuser's connection.
    pub async fn create_and_migrate(&self) -> Result<Store> {
        let superuser = match self.superuser().await {
            Err(Error::Store(store::Error::NoSuchDatabase)) => {
                let system = ConnectOptions::new(self.cluster.url(SUPERUSER, SUPERUSER));
                let system = Store::connect(&system).await?;
                system.create_database(&self.database).await?;
                system.close().await;
                self.superuser().await?
            }
            connected => connected?,
        };
        superuser.migrate().await?;
        Ok(superuser)
    }

    /// Drops the database with whoever is connected to it.
    pub async fn drop_database(&self) -> Result<()> {
        let system = Store::connect(&ConnectOptions::new(self.cluster.url(SUPERUSER, SUPERUSER))).await?;
        system.drop_database(&self.database).await?;
        system.close().await;
        Ok(())
    }

    /// Waits until no other process is founding a database here. The lock ends with the returned file.
    pub async fn founding_lock(&self) -> Result<File> {
        let path = self.data_dir.join("founding.lock");
        let locked = tokio::task::spawn_blocking(move || {
            let file = File::create(&path).and_then(|file| file.lock().map(|()| file));
            file.map_err(|source| Error::File { path, source })
        });
        locked.await.expect("taking a lock does not panic")
    }
}
