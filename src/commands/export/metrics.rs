//! What is told to Prometheus, in its text format.
//!
//! Names and labels follow its conventions: seconds, `_total` for what only grows, one label per dimension. Labels carry
//! registered words only: agency, kind, channel, status, outcome. Nothing here is about a person or a customer.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use chrono::{DateTime, Utc};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::domain::ChannelHealth;
use crate::store::monitoring::{Load, Look, StandingHolds, Total};

/// What the text is, for whoever asked for it.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Labels = Vec<(&'static str, String)>;
type Counts = Family<Labels, Gauge>;
type Totals = Family<Labels, Counter>;
type Shares = Family<Labels, Gauge<f64, AtomicU64>>;
type Seconds = Family<Labels, Gauge<f64, AtomicU64>>;

/// What stands where a hold is not about one kind or one channel. No registered word looks like it.
const ANY: &str = "*";

/// One look at the database, or none where it did not answer.
pub fn text(looked: Option<&Look>, took: Duration) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("countersign");
    let version = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
    registry.register("build", "The version of the program that exports this", version);
    let up: Gauge = Gauge::default();
    up.set(i64::from(looked.is_some()));
    registry.register("database_up", "Whether the database answered; where it did not, nothing else is exported", up);
    let seconds: Gauge<f64, AtomicU64> = Gauge::default();
    seconds.set(took.as_secs_f64());
    registry.register_with_unit("look", "How long the database took to answer", Unit::Seconds, seconds);
    if let Some(Look { load, totals, channels, holds }) = looked {
        backlog(&mut registry, load);
        pressure(&mut registry, load);
        ages(&mut registry, load);
        flow(&mut registry, load, totals);
        outages(&mut registry, channels);
        standing(&mut registry, holds);
    }
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

fn backlog(registry: &mut Registry, load: &[Load]) {
    let jobs = Counts::default();
    for row in load {
        let it = &row.backlog;
        let counts = [
            ("ready", it.ready),
            ("scheduled", it.scheduled),
            ("leased", it.leased),
            ("running", it.running),
            ("retry_waiting", it.retry_waiting),
            ("paused", it.paused),
            ("dead_letter", it.dead_letter),
        ];
        for (status, count) in counts {
            jobs.get_or_create(&labels(row, Some(("status", status)))).set(count);
        }
    }
    registry.register("jobs", "Jobs that have not ended, by status; queued ones are ready or scheduled", jobs);
}

fn pressure(registry: &mut Registry, load: &[Load]) {
    let due = Counts::default();
    for row in load {
        let it = &row.pressure;
        let counts = [
            ("breached", it.breached),
            ("lt_5m", it.lt_5m),
            ("lt_15m", it.lt_15m),
            ("lt_1h", it.lt_1h),
            ("later", it.later),
            ("none", it.none),
        ];
        for (left, count) in counts {
            due.get_or_create(&labels(row, Some(("due", left)))).set(count);
        }
    }
    registry.register(
        "jobs_due",
        "Jobs that have not ended, by the time left to their deadline; each counts once",
        due,
    );
}

/// Ages, where there is something that has one.
fn ages(registry: &mut Registry, load: &[Load]) {
    let (ready, lease, deadline) = (Seconds::default(), Seconds::default(), Seconds::default());
    for row in load {
        let since = |at: DateTime<Utc>| (row.at - at).as_seconds_f64();
        if let Some(at) = row.backlog.oldest_ready_at {
            ready.get_or_create(&labels(row, None)).set(since(at));
        }
        if let Some(at) = row.oldest_lease_at {
            lease.get_or_create(&labels(row, None)).set(since(at));
        }
        if let Some(at) = row.pressure.next_deadline_at {
            deadline.get_or_create(&labels(row, None)).set(-since(at));
        }
    }
    let families = [
        ("oldest_ready_age", "For how long the oldest job has waited that could be worked on", ready),
        ("oldest_lease_age", "For how long the oldest lease has been held", lease),
        ("next_deadline_left", "How long until the next deadline passes", deadline),
    ];
    for (name, help, family) in families {
        registry.register_with_unit(name, help, Unit::Seconds, family);
    }
}

/// What only grows. Came, gone and decided are told at zero too, so that the first of them is an increase.
fn flow(registry: &mut Registry, load: &[Load], totals: &[Total]) {
    let [came, gone, decided, outcomes] = [(); 4].map(|()| Totals::default());
    for (row, family) in load.iter().flat_map(|row| [(row, &came), (row, &gone), (row, &decided)]) {
        family.get_or_create(&labels(row, None)).inc_by(0);
    }
    for Total { agency, job_kind, what, jobs } in totals {
        let mut labels = vec![("agency", agency.clone()), ("kind", job_kind.short().to_owned())];
        let family = match what.as_str() {
            "came" => &came,
            "gone" => &gone,
            "decided" => &decided,
            outcome => {
                labels.push(("outcome", outcome.to_owned()));
                &outcomes
            }
        };
        family.get_or_create(&labels).inc_by(*jobs);
    }
    let families = [
        ("jobs_came", "Jobs that began to wait, dead letters that were put back included", came),
        ("jobs_gone", "Jobs that ended or became dead letters", gone),
        ("jobs_decided", "Jobs that a person decided or a program completed", decided),
        (
            "jobs_outcomes",
            "Jobs that ended or became dead letters, by how; a dead letter that ends counts again",
            outcomes,
        ),
    ];
    for (name, help, family) in families {
        registry.register(name, help, family);
    }
}

/// How the sends of each channel do, by the agency's own rule of what makes an outage.
fn outages(registry: &mut Registry, channels: &[ChannelHealth]) {
    let (suspected, attempts, failed) = (Counts::default(), Counts::default(), Shares::default());
    for channel in channels {
        let labels = |result: Option<&str>| {
            let mut labels = vec![("agency", channel.agency.clone()), ("channel", channel.channel_kind.clone())];
            labels.extend(result.map(|result| ("result", result.to_owned())));
            labels
        };
        suspected.get_or_create(&labels(None)).set(i64::from(channel.suspected));
        attempts.get_or_create(&labels(Some("done"))).set(channel.done);
        attempts.get_or_create(&labels(Some("failed"))).set(channel.failed);
        if let Some(share) = channel.share {
            failed.get_or_create(&labels(None)).set(share);
        }
    }
    registry.register("channel_suspected", "Whether the channel is suspected to be out", suspected);
    registry.register(
        "channel_attempts",
        "Sends that were tried lately, within the window of the agency's rule",
        attempts,
    );
    registry.register_with_unit(
        "channel_failed",
        "How much of what was tried lately failed, from 0 to 1; nothing where nothing was tried",
        Unit::Other("ratio".to_owned()),
        failed,
    );
}

fn standing(registry: &mut Registry, holds: &[StandingHolds]) {
    let (count, age) = (Counts::default(), Seconds::default());
    for hold in holds {
        let labels = vec![
            ("agency", hold.agency.clone()),
            ("kind", hold.job_kind.map_or(ANY, |kind| kind.short()).to_owned()),
            ("channel", hold.channel_kind.clone().unwrap_or_else(|| ANY.to_owned())),
        ];
        count.get_or_create(&labels).set(hold.holds);
        age.get_or_create(&labels).set(hold.oldest_seconds);
    }
    registry.register("holds", "Holds that stand, by what they are about; * is all of it", count);
    registry.register_with_unit("oldest_hold_age", "For how long the oldest hold has stood", Unit::Seconds, age);
}

fn labels(row: &Load, more: Option<(&'static str, &str)>) -> Labels {
    let mut labels = vec![("agency", row.agency.clone()), ("kind", row.backlog.job_kind.short().to_owned())];
    labels.extend(more.map(|(name, value)| (name, value.to_owned())));
    labels
}
