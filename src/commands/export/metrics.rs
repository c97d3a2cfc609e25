//! What is told to Prometheus, in its text format.
//!
//! Names and labels follow its conventions: seconds, `_total` for what only grows, one label per dimension. Labels carry
//! registered words only: agency, kind, channel, status. Nothing here is about a person or a customer.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use chrono::{DateTime, Utc};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::store::monitoring::Load;

/// What the text is, for whoever asked for it.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Labels = Vec<(&'static str, String)>;
type Counts = Family<Labels, Gauge>;
type Seconds = Family<Labels, Gauge<f64, AtomicU64>>;

/// One look at the database, or none where it did not answer.
pub fn text(looked: Option<&[Load]>, took: Duration) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("countersign");
    let version = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
    registry.register("build", "The version of the program that exports this", version);
    let up: Gauge = Gauge::default();
    up.set(i64::from(looked.is_some()));
    registry.register("database_up", "Whether the database answered; where it did not, nothing else is exported", up);
    let seconds: Gauge<f64, AtomicU64> = Gauge::default();
    seconds.set(took.as_secs_f64());
    registry.register_with_unit("look", "How long the database took to answer", Unit::Seconds, seconds);
    if let Some(load) = looked {
        backlog(&mut registry, load);
        pressure(&mut registry, load);
        ages(&mut registry, load);
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

fn labels(row: &Load, more: Option<(&'static str, &str)>) -> Labels {
    let mut labels = vec![("agency", row.agency.clone()), ("kind", row.backlog.job_kind.short().to_owned())];
    labels.extend(more.map(|(name, value)| (name, value.to_owned())));
    labels
}
