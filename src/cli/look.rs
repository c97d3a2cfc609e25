//! Arguments of the commands that only look: at the queue, at one job, at what happened.

use std::net::SocketAddr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::Args;

use crate::domain::JobId;

/// `countersign status`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  countersign status                        for people and for monitoring
  countersign status --json | jq .findings

Exit code 0 fine, 1 warning, 2 critical, 3 unknown or wrong usage.
The thresholds stand in the configuration file, section [status]; shipped values:
  breached_warning = 1        dead_letters_warning = 1        oldest_ready_warning = \"1h\"
  breached_critical = 10      dead_letters_critical = 20      oldest_ready_critical = \"4h\"")]
pub struct Status {
    /// Print JSON instead of text
    #[arg(long)]
    pub json: bool,
}

/// `countersign jobs`
#[derive(Debug, Args)]
#[command(after_help = "\
Filters (all must hold):
  id:12  kind:send  status:queued  channel:email  lang:de  intent:card_arrival  conf:<0.5  due:<15m
  holder:ada  error:provider_timeout  conv:UUID  cust:REFERENCE  to:senior_reviewer  mine

Examples:
  countersign jobs kind:approve status:queued 'due:<15m'
  countersign jobs status:dead_letter --json
  countersign jobs mine")]
pub struct Filter {
    /// Words such as kind:approve; see below
    #[arg(value_name = "FILTER")]
    pub filters: Vec<String>,

    /// At most so many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=10_000))]
    pub limit: i64,

    /// Print JSON instead of text
    #[arg(long)]
    pub json: bool,
}

/// `countersign show`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  countersign show 1042
  countersign show '#1042' --json")]
pub struct Show {
    #[arg(value_name = "JOB", value_parser = super::job_id)]
    pub job: JobId,

    /// Print JSON instead of text
    #[arg(long)]
    pub json: bool,
}

/// `countersign trace`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  countersign trace cust-1042
  countersign trace cust-1042 --verify
  countersign trace 0190b3a4-6a7e-7c7e-8d53-4d4b0d2f1a11 --json")]
pub struct Trace {
    /// A conversation, a customer reference, a message or draft, or a provider's id
    #[arg(value_name = "REF")]
    pub reference: String,

    /// Open every body and compare it with the digest stored beside it and those that decisions pinned; on record like
    /// every opening. Exit code 1 when something differs
    #[arg(long)]
    pub verify: bool,

    /// Print JSON instead of text
    #[arg(long)]
    pub json: bool,
}

/// `countersign export`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  countersign export                        metrics on 127.0.0.1:9464
  countersign export --listen [::1]:9464
  countersign export --audit --from 2026-11-01 --until 2026-12-01 > trail.ndjson

Metrics need no more rights than a monitor's (countersign access add LOGIN
monitor). Alert rules and a Grafana dashboard for them lie in assets/.
The audit trail is one JSON object a line, as far as the login may see it.")]
pub struct Export {
    /// Where Prometheus may ask for /metrics; a loopback address unless told otherwise
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9464", conflicts_with = "audit")]
    pub listen: SocketAddr,

    /// The audit trail instead, to standard output
    #[arg(long, requires_all = ["from", "until"])]
    pub audit: bool,

    /// From this day or moment on, UTC unless it names an offset
    #[arg(long, value_name = "TIME", value_parser = super::moment, requires = "audit")]
    pub from: Option<DateTime<Utc>>,

    /// To before this day or moment
    #[arg(long, value_name = "TIME", value_parser = super::moment, requires = "audit")]
    pub until: Option<DateTime<Utc>>,
}

/// From a moment on to before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

impl Export {
    /// The part of the audit trail that is asked for.
    pub fn range(&self) -> Option<Range> {
        self.from.zip(self.until).map(|(from, until)| Range { from, until })
    }
}

/// `countersign handover`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  countersign handover                      of the last eight hours
  countersign handover --since 12h --json | jq .matters
  countersign handover --people             where figures on persons are on")]
pub struct Handover {
    /// How far back
    #[arg(long, value_name = "TIME", value_parser = super::span, default_value = "8h")]
    pub since: Duration,

    /// Decisions by person too; only where the agency has switched that on
    #[arg(long)]
    pub people: bool,

    /// Print JSON instead of text
    #[arg(long)]
    pub json: bool,
}
