//! Keeps the connection: says who is connected to what, notices when it is gone, and brings it back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use futures_util::FutureExt;
use serde_json::Value;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::desk::{Desk, failure};
use crate::app::{Environment, Failure, Msg, Reasons, Session};
use crate::cluster::Cluster;
use crate::domain::review::ReviewOrder;
use crate::store::registry::{Agency, Code, Setting};

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
    let whoami = async {
        let asked = Utc::now();
        let identity = desk.store.whoami().await?;
        desk.clock.measure(identity.server_time, asked, Utc::now());
        Ok(identity)
    };
    // At once, because the first screen waits for it all.
    let store = &desk.store;
    let asked = tokio::try_join!(whoami, store.settings(), store.vocabulary(Some("reason")), store.agencies());
    let (identity, settings, codes, agencies) = asked.map_err(failure)?;
    let agency = identity.principal.agency.as_deref();
    Ok(Session {
        reasons: reasons(&codes),
        undo_seconds: undo_seconds(&settings, agency),
        keeps_reading: keeps_reading(&settings, agency),
        editor_may_approve: is_on(&settings, agency, "queue.customer.editor_may_approve"),
        review_order: review_order(&agencies, agency),
        principal: identity.principal,
        environment: Environment(identity.environment),
        withholds_events: identity.events_withheld > 0,
        read_only,
    })
}

fn reasons(codes: &[Code]) -> Reasons {
    let used_by = |act: &str| -> Vec<String> {
        let fits = |code: &&Code| code.used_by.iter().any(|used_by| used_by == act);
        codes.iter().filter(fits).map(|code| code.code.clone()).collect()
    };
    let by_a_person = |code: &String| !matches!(code.as_str(), "deadline_passed" | "low_confidence");
    Reasons {
        reject: used_by("reject"),
        escalate: used_by("escalate").into_iter().filter(by_a_person).collect(),
        skip: used_by("skip"),
        discard: used_by("discard"),
        hold: used_by("hold"),
        retry: used_by("retry"),
    }
}

/// Seconds before an approved reply leaves, by channel.
fn undo_seconds(settings: &[Setting], agency: Option<&str>) -> BTreeMap<String, u32> {
    let channels = settings.iter().filter_map(|setting| setting.key.strip_prefix(UNDO_SECONDS));
    let seconds =
        |channel: &str| u32::try_from(setting(settings, agency, &format!("{UNDO_SECONDS}{channel}"))?.as_u64()?).ok();
    channels.filter_map(|channel| Some((channel.to_owned(), seconds(channel)?))).collect()
}

const UNDO_SECONDS: &str = "queue.customer.undo_seconds.";

fn is_on(settings: &[Setting], agency: Option<&str>, key: &str) -> bool {
    setting(settings, agency, key).is_some_and(|value| value == true)
}

fn keeps_reading(settings: &[Setting], agency: Option<&str>) -> bool {
    is_on(settings, agency, "queue.customer.reviewer_statistics")
}

/// What holds: the agency's own setting before everyone's before the default.
fn setting<'a>(settings: &'a [Setting], agency: Option<&str>, key: &str) -> Option<&'a Value> {
    let of_key = || settings.iter().filter(|setting| setting.key == key);
    let set =
        |of: Option<&str>| of_key().find(|setting| setting.agency.as_deref() == of).and_then(|it| it.value.as_ref());
    let own = agency.and_then(|agency| set(Some(agency)));
    own.or_else(|| set(None)).or_else(|| of_key().find_map(|setting| setting.default_value.as_ref()))
}

fn review_order(agencies: &[Agency], agency: Option<&str>) -> ReviewOrder {
    let own = agencies.iter().find(|row| Some(row.agency.as_str()) == agency);
    // A word that this version does not know leaves the list as the database orders it.
    own.and_then(|row| row.review_order.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_own_agency_sets_before_everyone_and_everyone_before_the_default() {
        let key = "queue.customer.undo_seconds.sms";
        let row = |agency: Option<&str>, value: Option<u32>| Setting {
            key: key.to_owned(),
            value_type: "integer".to_owned(),
            lowest: None,
            highest: None,
            default_value: Some(json!(15)),
            per_agency: true,
            agency: agency.map(str::to_owned),
            value: value.map(|value| json!(value)),
            set_by: None,
            set_at: None,
        };
        let cases = [
            (vec![row(None, None)], 15),
            (vec![row(None, Some(20))], 20),
            (vec![row(None, Some(20)), row(Some("acme"), Some(25))], 25),
            (vec![row(Some("acme"), Some(25)), row(None, Some(20))], 25),
            (vec![row(Some("other"), Some(25)), row(None, Some(20))], 20),
        ];
        for (settings, expected) in cases {
            assert_eq!(undo_seconds(&settings, Some("acme")), BTreeMap::from([("sms".to_owned(), expected)]));
        }
        assert!(!keeps_reading(&[], Some("acme")), "what is about people is off unless somebody switched it on");
    }
}
