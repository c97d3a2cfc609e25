//! Keeps the connection: says who is connected to what, notices when it is gone, and brings it back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use futures_util::FutureExt;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::desk::{Desk, failure};
use crate::app::{Environment, Failure, Msg, Reasons, Session};
use crate::cluster::Cluster;
use crate::store::Store;
use crate::store::registry::{Code, Setting};

/// How often a standing connection is asked who it is: the clock drifts, and roles are given and taken.
const ASK_EVERY: Duration = Duration::from_secs(30);
/// How often a lost connection is tried.
const TRY_EVERY: Duration = Duration::from_secs(1);

/// The task that keeps the connection. Ends with this value.
pub struct Keeper {
    alarm: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Keeper {
    pub fn start(desk: Desk, cluster: Option<Arc<Cluster>>, read_only: bool) -> Keeper {
        let alarm = Arc::new(Notify::new());
        let heard = alarm.clone();
        let task = tokio::spawn(async move {
            loop {
                bring_back(&desk, cluster.as_ref(), read_only, &heard).await;
                // Either somebody found the database away, or it is time to ask anyway.
                let _ = timeout(ASK_EVERY, heard.notified()).await;
            }
        });
        Keeper { alarm, task }
    }

    /// Somebody found the database away.
    pub fn bring_back(&self) {
        self.alarm.notify_one();
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Asks until the database answers, and tells the loop both.
async fn bring_back(desk: &Desk, cluster: Option<&Arc<Cluster>>, read_only: bool, alarm: &Notify) {
    let mut logged = None;
    loop {
        // What rang until now is about what is asked now. What rings from now on may be news, and rings again.
        let _ = alarm.notified().now_or_never();
        // Before asking, because a server that is dead lets nobody know within seconds.
        if let Some(cluster) = cluster {
            let failed = start_again(cluster.clone()).await.err();
            // A log that repeated itself every second would fill the disk.
            if let Some(error) = failed.filter(|error| logged.as_ref() != Some(error)) {
                tracing::warn!(error, "the private server could not be started again");
                logged = Some(error);
            }
        }
        match who_is_connected(desk, read_only).await {
            Ok(session) => {
                desk.tell(Msg::Connected(Box::new(session), desk.clock.now()));
                return;
            }
            Err(Failure::Away(why)) => desk.tell(Msg::ConnectionLost(why, desk.clock.now())),
            Err(other) => desk.tell(Msg::ConnectionLost(other.to_string(), desk.clock.now())),
        }
        sleep(TRY_EVERY).await;
    }
}

/// A private server that was killed has nobody else to start it. One that runs is left alone.
async fn start_again(cluster: Arc<Cluster>) -> Result<(), String> {
    let started = tokio::task::spawn_blocking(move || cluster.ensure_running().map(drop)).await;
    started.map_or(Ok(()), |started| started.map_err(|error| error.to_string()))
}

async fn who_is_connected(desk: &Desk, read_only: bool) -> Result<Session, Failure> {
    let asked = Utc::now();
    let identity = desk.store.whoami().await.map_err(failure)?;
    desk.clock.measure(identity.server_time, asked, Utc::now());
    Ok(Session {
        reasons: reasons(&desk.store).await?,
        undo_seconds: undo_seconds(&desk.store, identity.principal.agency.as_deref()).await?,
        principal: identity.principal,
        environment: Environment(identity.environment),
        withholds_events: identity.events_withheld > 0,
        read_only,
    })
}

async fn reasons(store: &Store) -> Result<Reasons, Failure> {
    let codes = store.vocabulary(Some("reason")).await.map_err(failure)?;
    let used_by = |act: &str| -> Vec<String> {
        let fits = |code: &&Code| code.used_by.iter().any(|used_by| used_by == act);
        codes.iter().filter(fits).map(|code| code.code.clone()).collect()
    };
    let by_a_person = |code: &String| !matches!(code.as_str(), "deadline_passed" | "low_confidence");
    Ok(Reasons {
        reject: used_by("reject"),
        escalate: used_by("escalate").into_iter().filter(by_a_person).collect(),
        skip: used_by("skip"),
        discard: used_by("discard"),
    })
}

/// Seconds before an approved reply leaves, by channel: the agency's own setting before everyone's before the default.
async fn undo_seconds(store: &Store, agency: Option<&str>) -> Result<BTreeMap<String, u32>, Failure> {
    let settings = store.settings().await.map_err(failure)?;
    let mut seconds: BTreeMap<String, (u8, u32)> = BTreeMap::new();
    for setting in &settings {
        let Some(channel) = setting.key.strip_prefix("queue.customer.undo_seconds.") else { continue };
        let (weight, value) = weigh(setting, agency);
        let Some(value) = value else { continue };
        let entry = seconds.entry(channel.to_owned()).or_insert((weight, value));
        if weight >= entry.0 {
            *entry = (weight, value);
        }
    }
    Ok(seconds.into_iter().map(|(channel, (_, value))| (channel, value)).collect())
}

fn weigh(setting: &Setting, agency: Option<&str>) -> (u8, Option<u32>) {
    let number = |value: &serde_json::Value| value.as_u64().and_then(|value| u32::try_from(value).ok());
    match (&setting.value, setting.agency.as_deref()) {
        (Some(value), of) if of.is_some() && of == agency => (2, number(value)),
        (Some(value), None) => (1, number(value)),
        _ => (0, setting.default_value.as_ref().and_then(number)),
    }
}
