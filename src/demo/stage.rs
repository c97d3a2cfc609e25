//! The demo's own database and keys in the private cluster, made ready to play in.

use std::sync::Arc;

use uuid::Uuid;

use super::cast::{self, founding};
use super::catalogue::Catalogue;
use super::conversations::INTENT_CODES;
use super::pace::Pace;
use super::tally::Tally;
use super::traffic::channels::Deliveries;
use super::traffic::desk::{Desk, Office};
use super::traffic::worker::Stop;
use crate::cluster::Cluster;
use crate::config::Config;
use crate::session::{PLATFORM, Private, Result, found};
use crate::store::Store;
use crate::store::administration::NewCode;
use crate::vault::Keyring;

const DATABASE: &str = "countersign_demo";

/// A database that is ready, and the cluster that it lies in.
pub struct Demo {
    private: Private,
    keys: Arc<Keyring>,
    /// Who opens the dashboard, where it is not the demo's own person.
    login: Option<String>,
}

/// Makes the demo's database where there is none; otherwise goes on with it, as it was left. A database that the
/// configuration names by URL stays out of this: the demo always plays in the private cluster.
pub async fn prepare(config: &Config) -> Result<Demo> {
    prepare_in(config, DATABASE).await
}

/// Makes a database with nothing in it, of this process alone. [`Demo::put_away`] drops it.
pub async fn prepare_practice(config: &Config) -> Result<Demo> {
    prepare_in(config, &format!("countersign_practice_{}", std::process::id())).await
}

async fn prepare_in(config: &Config, database: &str) -> Result<Demo> {
    let private = Private::open(config, database).await?;
    // Apart from the keys of real conversations.
    let keyring = Keyring::administrator(&config.data_dir.join("demo-keyring"))?;
    let demo = Demo { private, keys: Arc::new(keyring), login: config.login.clone() };
    if !demo.is_founded().await {
        found(&demo.private, &demo.keys, &founding()).await?;
        demo.register_codes().await?;
    }
    Ok(demo)
}

impl Demo {
    /// A connection as one of those who take part.
    pub async fn store(&self, login: &str) -> Result<Store> {
        Ok(Store::connect(&self.private.options(login).application_name("countersign demo")).await?)
    }

    /// Drops the database with everything in it.
    pub async fn put_away(&self) -> Result<()> {
        self.private.drop_database().await
    }

    /// The keys of the demo's own bodies.
    pub fn keys(&self) -> Arc<Keyring> {
        self.keys.clone()
    }

    /// A connection for the dashboard: as the login of `--as`, else as the demo's own person.
    pub async fn dashboard(&self) -> Result<Store> {
        self.store(self.login.as_deref().unwrap_or(cast::REVIEWER)).await
    }

    /// A connection that sees everything, to look behind the calls.
    pub async fn superuser(&self) -> Result<Store> {
        self.private.superuser().await
    }

    /// The cluster, so that the dashboard can start it again when it dies.
    pub fn cluster(&self) -> Arc<Cluster> {
        self.private.cluster().clone()
    }

    pub(super) fn office(&self, pace: Pace) -> Arc<Office> {
        let (catalogue, tally) = (Catalogue::new(), Tally::default());
        Arc::new(Office { keys: self.keys.clone(), catalogue, tally, pace, deliveries: Deliveries::default() })
    }

    pub(super) async fn desk(&self, login: &str, office: &Arc<Office>, stop: &Stop) -> Result<Desk> {
        Ok(Desk { store: self.store(login).await?, office: office.clone(), stop: stop.clone() })
    }

    /// Changes settings of the database, as its administrator.
    pub(super) async fn set(&self, settings: &[(&str, i64)]) -> Result<()> {
        let platform = self.store(PLATFORM).await?;
        for (key, value) in settings {
            platform.set_config(key, &(*value).into(), None, Uuid::now_v7()).await?;
        }
        platform.close().await;
        Ok(())
    }

    /// Whether an earlier start came to its end: the intents are the last thing that it registers.
    async fn is_founded(&self) -> bool {
        let Ok(store) = self.store(cast::REVIEWER).await else { return false };
        let intents = store.vocabulary(Some("intent")).await.unwrap_or_default();
        let migrations = store.migrations().await.unwrap_or_default();
        let is_current = !migrations.is_empty() && migrations.iter().all(|migration| migration.applied_at.is_some());
        store.close().await;
        is_current && INTENT_CODES.iter().all(|wanted| intents.iter().any(|known| known.code == *wanted))
    }

    /// The host and the intents of the conversations.
    async fn register_codes(&self) -> Result<()> {
        let platform = self.store(PLATFORM).await?;
        for (list, code) in [("host", cast::HOST)].into_iter().chain(INTENT_CODES.map(|code| ("intent", code))) {
            let code = NewCode { list: list.to_owned(), code: code.to_owned(), ..NewCode::default() };
            platform.register_code(&code, Uuid::now_v7()).await?;
        }
        platform.close().await;
        Ok(())
    }
}
