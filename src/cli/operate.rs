//! Arguments of the commands that act on jobs.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use uuid::Uuid;

use crate::domain::{JobId, Pin};

/// `countersign demo`
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  countersign demo                          the dashboard over live traffic
  countersign demo --practice               twelve drafts to learn on
  countersign demo --headless --for 30s     a simulated reviewer decides
  countersign demo --headless --scenario outage   exit 1 if a promise broke")]
pub struct Demo {
    /// No dashboard: a simulated reviewer decides, and a summary is printed
    #[arg(long)]
    pub headless: bool,

    /// No traffic: twelve drafts to decide on, and after each what a careful reviewer does
    #[arg(long, conflicts_with = "headless")]
    pub practice: bool,

    /// A story instead of a while: a channel breaks, is held, mended, resumed and drained
    #[arg(long, value_enum, value_name = "SCENARIO", requires = "headless", conflicts_with = "practice")]
    pub scenario: Option<Scenario>,

    /// How long to run
    #[arg(long = "for", value_name = "TIME", value_parser = super::span, requires = "headless", default_value = "30s")]
    pub duration: Duration,
}

/// What happens in a demo without a dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    Outage,
}

/// `countersign review …`
#[derive(Debug, Subcommand)]
#[command(after_help = REVIEW_EXAMPLES)]
pub enum ReviewAction {
    /// Take the job, print conversation and draft, and the pin to decide with
    Open {
        #[arg(value_name = "JOB", value_parser = super::job_id)]
        job: JobId,

        /// Show every character outside ASCII as a mark
        #[arg(long)]
        ascii: bool,
    },
    /// Let the draft leave after the undo time
    Approve(Decision),
    /// Refuse the draft; unless no reply is needed, another one is drafted
    Reject {
        #[command(flatten)]
        decision: Decision,

        /// Why, as a registered code
        #[arg(long, value_name = "CODE")]
        reason: String,

        /// Where a note for whoever drafts next is; -: standard input
        #[arg(long, value_name = "FILE")]
        note_file: Option<PathBuf>,
    },
    /// Put another text in the draft's place, for somebody else to look at
    Revise {
        #[command(flatten)]
        decision: Decision,

        /// Where the text is; -: standard input; none: your editor where the configuration allows it, else standard input
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Texts that were saved too late to take a draft's place
    Kept {
        /// Print those of this job; none: list them
        #[arg(value_name = "JOB", value_parser = super::job_id)]
        job: Option<JobId>,

        /// Print JSON instead of text; a list only
        #[arg(long, conflicts_with = "job")]
        json: bool,
    },
    /// Hand the job to the next role up
    Escalate {
        #[command(flatten)]
        decision: Decision,

        /// Why, as a registered code
        #[arg(long, value_name = "CODE")]
        reason: String,
    },
    /// Take a decision back, as long as what it created was not taken
    Undo {
        #[arg(value_name = "JOB", value_parser = super::job_id)]
        job: JobId,
    },
}

const REVIEW_EXAMPLES: &str = "\
Examples:
  countersign review open 1042
  countersign review approve 1042 --pin PIN           the pin that `open` prints
  countersign review reject 1042 --pin PIN --reason wrong_fact
  countersign review revise 1042 --pin PIN reply.txt   for a second look
  countersign review kept                             what was saved too late
  countersign review escalate 1042 --pin PIN --reason legal_threat
  countersign review undo 1042
  countersign vocabulary list reason                  the registered reasons";

/// A job and what was seen of it.
#[derive(Debug, Clone, Args)]
pub struct Decision {
    #[arg(value_name = "JOB", value_parser = super::job_id)]
    pub job: JobId,

    /// What `review open` printed: draft, digest, newest message and lease
    #[arg(long, value_name = "PIN")]
    pub pin: Pin,
}

/// `countersign dead-letters …`
#[derive(Debug, Subcommand)]
pub enum DeadLetterAction {
    /// What lies there, the latest first
    List {
        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },
    /// Put jobs back into the queue
    Retry {
        #[command(flatten)]
        jobs: FrozenSet,

        /// The message may have reached the customer, and I know that it did not
        #[arg(long)]
        may_have_left: bool,

        /// Why it should end otherwise this time, as a registered code; needed the fourth time
        #[arg(long, value_name = "CODE")]
        reason: Option<String>,

        /// So many of them a minute become claimable
        #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i32).range(1..))]
        per_minute: Option<i32>,
    },
    /// Give jobs up
    Discard {
        #[command(flatten)]
        jobs: FrozenSet,

        /// Why, as a registered code
        #[arg(long, value_name = "CODE")]
        reason: String,
    },
    /// The messages did reach their customers
    ConfirmSent {
        /// Each job with the provider's id of its message, such as 1042=m-77
        // Read later: what does not fit is named by its place, because an id is nobody's to print.
        #[arg(value_name = "JOB=ID", required_unless_present = "file")]
        sent: Vec<String>,

        /// More of them from a file, one a line; - is standard input
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,

        /// The provider's id, where it is a single job
        #[arg(long, value_name = "ID", conflicts_with = "file")]
        provider_ref: Option<String>,

        /// How many they are; needed above 50, so that nobody acts on more than they think
        #[arg(long, value_name = "NUMBER")]
        count: Option<usize>,
    },
}

/// The jobs that an act is about, and nothing that came later.
#[derive(Debug, Clone, Args)]
pub struct FrozenSet {
    #[arg(value_name = "JOB", required = true, value_parser = super::job_id)]
    pub jobs: Vec<JobId>,

    /// How many they are; needed above 50, so that nobody acts on more than they think
    #[arg(long, value_name = "NUMBER")]
    pub count: Option<usize>,
}

pub(super) const DEAD_LETTER_EXAMPLES: &str = "\
Examples:
  countersign dead-letters
  countersign dead-letters retry 1042 1043 1044
  countersign dead-letters retry 1042 --reason provider_recovered   4th time
  countersign dead-letters retry 1042 --may-have-left       surely not received
  countersign dead-letters discard 1042 --reason duplicate
  countersign dead-letters confirm-sent 1042 --provider-ref m-77
  countersign dead-letters confirm-sent 1042=m-77 1043=m-78
  countersign dead-letters confirm-sent --file found.txt     1042=m-77 a line";

/// `countersign hold`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  countersign hold send/sms --reason provider_outage --ticket INC-2304
  countersign hold --kind send --channel sms --reason provider_outage
  countersign holds
  countersign resume 3 --per-minute 30")]
pub struct Hold {
    /// What: send/sms, send for every channel, any/sms for every kind
    #[arg(value_name = "KIND/CHANNEL", conflicts_with_all = ["kind", "channel"])]
    pub what: Option<String>,

    /// A job kind, such as send; none: every kind
    #[arg(long)]
    pub kind: Option<String>,

    /// A channel; none: every channel
    #[arg(long)]
    pub channel: Option<String>,

    /// An agency; none: every agency that the login may hold
    #[arg(long)]
    pub agency: Option<String>,

    /// Why, as a registered code
    #[arg(long, value_name = "CODE")]
    pub reason: String,

    /// The incident's number
    #[arg(long)]
    pub ticket: Option<String>,
}

/// `countersign resume`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  countersign resume 3 --forecast           what would go, and nothing else
  countersign resume 3 --per-minute 30      not to flood the provider

A few sends go first. When one of them fails, the hold stands. Ctrl-C is safe:
before the few got through the hold stands, afterwards every sweep goes on.")]
pub struct Resume {
    /// The hold's number, as `countersign holds` shows it
    #[arg(value_name = "HOLD")]
    pub hold: i64,

    /// So many jobs a minute become claimable
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i32).range(1..))]
    pub per_minute: Option<i32>,

    /// So many sends go first; 0: the hold ends at once
    #[arg(long, value_name = "NUMBER", default_value_t = 5, value_parser = clap::value_parser!(i32).range(0..=100))]
    pub first: i32,

    /// How long to wait for these
    #[arg(long, value_name = "TIME", value_parser = super::span, default_value = "2m")]
    pub wait: Duration,

    /// Only say what would go
    #[arg(long)]
    pub forecast: bool,
}

/// `countersign put-draft`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  countersign put-draft 1042 --token 7 --author drafter-1 < reply.txt
  countersign put-draft 1042 --token 7 --author drafter-1 --file reply.txt

Prints the draft's id, which `queue.complete_job` takes as draft_id.")]
pub struct PutDraft {
    /// The draft job
    #[arg(value_name = "JOB", value_parser = super::job_id)]
    pub job: JobId,

    /// The lease token that `queue.claim_jobs` returned
    #[arg(long, value_name = "NUMBER")]
    pub token: i64,

    /// Which program wrote it
    #[arg(long, value_name = "NAME")]
    pub author: String,

    /// Where the text is; none: standard input
    #[arg(long)]
    pub file: Option<PathBuf>,

    /// The draft's id, for a repetition that adds nothing; none: a new one
    #[arg(long, value_name = "UUID")]
    pub draft_id: Option<Uuid>,
}

/// `countersign open-for-send`, `countersign open-job`
#[derive(Debug, Args)]
pub struct OpenForSend {
    #[arg(value_name = "JOB", value_parser = super::job_id)]
    pub job: JobId,

    /// The lease token that `queue.claim_jobs` returned
    #[arg(long, value_name = "NUMBER")]
    pub token: i64,
}

pub(super) const OPEN_FOR_SEND_EXAMPLES: &str = "\
Example:
  countersign open-for-send 1043 --token 9 | deliver

Prints one JSON object: channel_kind, customer_ref, draft_id, body. The job must be running (`queue.start_job`).";

pub(super) const OPEN_JOB_EXAMPLES: &str = "\
Example:
  countersign open-job 1041 --token 8 | classify

Prints one JSON object: agency, channel_kind, customer_ref and messages, each with direction, at and body.";

/// `countersign sweep`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  countersign sweep                         once, for a timer
  countersign sweep --every 5s              until stopped; several may run

Every open dashboard that is not --read-only sweeps too. What nobody swept for a while is caught up with in small
batches, so that people go on deciding meanwhile.")]
pub struct Sweep {
    /// Again and again, with this pause
    #[arg(long, value_name = "TIME", value_parser = super::pause)]
    pub every: Option<Duration>,
}
