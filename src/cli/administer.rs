//! Arguments of the commands that set things up.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand, ValueEnum};

use crate::domain::{JobKind, Role};

/// `countersign import`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  countersign import conversations.jsonl
  zcat conversations.jsonl.gz | countersign import -
  countersign import conversations.jsonl --register-vocabulary

One JSON object a line:
  {\"agency\":\"local\",\"customer_ref\":\"cust-1042\",\"channel_kind\":\"email\",\"language\":\"en\",
   \"intent_code\":\"card_arrival\",\"confidence\":0.83,\"priority\":5,\"sla\":\"30m\",
   \"messages\":[{\"direction\":\"inbound\",\"at\":\"2026-11-20T09:12:00Z\",\"body\":\"Where is my card?\"}],
   \"draft\":{\"author\":\"drafter-1\",\"body\":\"Hello, your card ...\"}}
Optional: conversation_id, language, intent_code, confidence, priority, sla, draft. The same file twice adds nothing.
A bad line stops nothing else; it is reported by number, and the exit code is 1.")]
pub struct Import {
    /// The file; - is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Register codes and agencies that are new, instead of refusing their lines
    #[arg(long)]
    pub register_vocabulary: bool,

    /// A platform_admin's login, to register with where the database is named by URL [env: COUNTERSIGN_ADMIN_URL]
    #[arg(long, value_name = "URL", hide_env = true, env = "COUNTERSIGN_ADMIN_URL", requires = "register_vocabulary")]
    pub admin_url: Option<String>,
}

/// `countersign db …`
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  countersign db start                      keep it running after the last user
  psql \"$(countersign db url)\"              as yourself
  psql \"$(countersign db url --as postgres)\"  as its superuser
  countersign db stop
  countersign db reset --yes                remove everything in it")]
pub enum DbAction {
    /// Start it and keep it running until `db stop`
    Start,
    /// Stop it with its last user
    Stop,
    /// Print its address; it must be running (`db start`, or an open dashboard)
    Url,
    /// Remove it, with every conversation in it
    Reset {
        /// Yes, remove everything
        #[arg(long)]
        yes: bool,
    },
}

pub(super) const MIGRATE_EXAMPLES: &str = "\
Examples:
  countersign migrate                 the private cluster (as every start does)
  countersign migrate --database-url postgres://admin@db.example/care

Connect as a login that may create roles. Only this command ever changes the schema of a database named by URL.";

/// `countersign config …`
#[derive(Debug, Subcommand)]
pub enum ConfigAction {
    /// What one setting is
    Get {
        key: String,

        /// The agency; none: what holds for all
        #[arg(long)]
        agency: Option<String>,
    },
    /// Change a setting
    Set {
        key: String,
        /// As JSON: true, 0.4, "deadline_first"; a bare word is taken as text
        value: String,

        /// For one agency (workflow_admin); none: for all (platform_admin)
        #[arg(long)]
        agency: Option<String>,

        /// The council's reference, where a setting demands one
        #[arg(long, value_name = "NUMBER")]
        council_reference: Option<String>,
    },
    /// Take a value away, so that the next one holds: everyone's, else the shipped one
    Unset {
        key: String,

        /// For one agency (workflow_admin); none: for all (platform_admin)
        #[arg(long)]
        agency: Option<String>,
    },
    /// All settings, their defaults and ranges
    List {
        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },
}

pub(super) const CONFIG_EXAMPLES: &str = "\
Examples:
  countersign config
  countersign config get queue.customer.undo_seconds.email
  countersign --as platform config set queue.customer.confidence_threshold 0.5
  countersign --as platform config set queue.customer.enabled false
  countersign --as platform config unset queue.customer.enabled";

/// `countersign vocabulary …`
#[derive(Debug, Subcommand)]
pub enum VocabularyAction {
    /// The registered codes, of one list or of all
    List {
        #[arg(value_enum)]
        list: Option<VocabularyList>,

        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },
    /// Register a code
    Add {
        #[arg(value_enum)]
        list: VocabularyList,

        /// Lowercase letters, digits and _; of a host, its name
        code: String,

        /// For an error code: did the message leave? none or unknown
        #[arg(long)]
        effect: Option<String>,

        /// For an error code: retrying is of no use
        #[arg(long = "final")]
        is_final: bool,

        /// For a reason: reject, escalate, skip, discard, cancel, hold or retry; may be given several times
        #[arg(long = "for", value_name = "ACT")]
        used_by: Vec<String>,
    },
}

/// The lists of codes, under their names in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum VocabularyList {
    Language,
    Intent,
    RoutingHint,
    Channel,
    Host,
    Reason,
    ErrorCode,
}

pub(super) const VOCABULARY_EXAMPLES: &str = "\
Examples:
  countersign vocabulary
  countersign vocabulary list reason
  countersign vocabulary add intent card_arrival --as platform
  countersign --as platform vocabulary add reason wrong_customer --for reject
  countersign --as platform vocabulary add error_code mailbox --effect none
  countersign --as platform vocabulary add host track.acme.example";

/// `countersign access …`
#[derive(Debug, Subcommand)]
pub enum AccessAction {
    /// Who is registered, as what
    List {
        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },
    /// Register an agency, before anybody can be registered for it, or change how it works
    Agency {
        agency: String,

        /// Where its business hours count; none: as it was, at first UTC
        #[arg(long, value_name = "ZONE")]
        time_zone: Option<String>,

        /// The order of review: deadline_first, or savable_first for what can still make its deadline; none: as it was,
        /// at first deadline_first
        #[arg(long, value_name = "ORDER", value_parser = ["deadline_first", "savable_first"])]
        order: Option<String>,
    },
    /// Register a login, and create it where --admin-url is given or the cluster is private
    Add {
        #[command(flatten)]
        who: NewLogin,

        /// A login that may create roles; none: the login exists already [env: COUNTERSIGN_ADMIN_URL]
        #[arg(long, value_name = "URL", hide_env = true, env = "COUNTERSIGN_ADMIN_URL")]
        admin_url: Option<String>,
    },
    /// Take a login's rights away, and drop it where --admin-url is given or the cluster is private
    Remove {
        login: String,

        /// A login that may drop roles; none: the login itself stays [env: COUNTERSIGN_ADMIN_URL]
        #[arg(long, value_name = "URL", hide_env = true, env = "COUNTERSIGN_ADMIN_URL")]
        admin_url: Option<String>,
    },
    /// Let a program work again
    Enable { login: String },
    /// Stop a program at once, without forgetting what it was registered for
    Disable { login: String },
    /// Print the SQL that `add` would run, for an administrator to read and run
    Sql {
        #[command(flatten)]
        who: NewLogin,
    },
}

/// A login to be registered. A login is exactly one of the four.
#[derive(Debug, Clone, Args)]
pub struct NewLogin {
    pub login: String,

    #[arg(value_enum)]
    pub class: LoginClass,

    /// The agency; for executors and producers it may be given several times
    #[arg(long = "agency", value_name = "AGENCY")]
    pub agencies: Vec<String>,

    /// Of staff: a role, may be given several times
    #[arg(long = "role", value_name = "ROLE")]
    pub roles: Vec<Role>,

    /// Of executors: a job kind, may be given several times
    #[arg(long = "kind", value_name = "KIND")]
    pub kinds: Vec<JobKind>,

    /// Of executors and producers: a channel, may be given several times
    #[arg(long = "channel", value_name = "CHANNEL")]
    pub channels: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LoginClass {
    /// A person who decides
    Staff,
    /// A program that does jobs
    Executor,
    /// A program that enqueues
    Producer,
    /// Whoever only counts
    Monitor,
}

pub(super) const ACCESS_EXAMPLES: &str = "\
Examples:
  countersign access
  countersign --as platform access agency acme --time-zone Europe/Berlin
  countersign --as platform access add ada staff --agency acme --role reviewer
  countersign --as platform access add mailer executor --agency acme \\
      --kind send --channel email
  countersign access sql feed producer --agency acme --channel email
  countersign access disable mailer --as platform
  countersign access remove ada --as platform";

/// `countersign sign-off …`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  countersign sign-off                                    who is signed off
  countersign sign-off cust-1042 --until 2026-12-31T00:00:00Z
  countersign sign-off cust-1042 --revoke

One half of a dispensation, by a workflow_admin of the agency. The other is the platform's switch:
  countersign --as platform config set \\
      queue.customer.send_without_approve.enabled true --council-reference COUNCIL-17")]
pub struct SignOff {
    /// The customer's reference; none: list
    #[arg(value_name = "CUSTOMER")]
    pub customer_ref: Option<String>,

    /// Until when replies may leave without an approval, with its time zone
    #[arg(long, value_name = "TIME", conflicts_with = "revoke", requires = "customer_ref")]
    pub until: Option<DateTime<Utc>>,

    /// Take it back, at once
    #[arg(long, requires = "customer_ref")]
    pub revoke: bool,

    /// Print the list as JSON
    #[arg(long, conflicts_with = "customer_ref")]
    pub json: bool,
}

/// `countersign erase …`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  countersign erase cust-1042                asks for the reference again
  countersign erase cust-1042 --yes --json   for a script

By a workflow_admin of the agency. Bodies, references, notes and attachment addresses go for good; ids, codes and decisions
stay. Backups still hold what they held.")]
pub struct Erase {
    /// The customer's reference
    #[arg(value_name = "CUSTOMER")]
    pub customer_ref: String,

    /// Yes, without being asked
    #[arg(long)]
    pub yes: bool,

    /// Print JSON instead of text
    #[arg(long)]
    pub json: bool,
}

/// `countersign retention …`
#[derive(Debug, Subcommand)]
pub enum RetentionAction {
    /// How long jobs, messages, audit and outbox are kept
    Show {
        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },
    /// Say how long a part is kept: jobs=180d, or off for ever
    Set {
        #[arg(value_name = "PART=TIME", required = true, value_parser = period)]
        periods: Vec<Period>,
    },
    /// Delete what was kept long enough, in small batches
    Sweep {
        /// At most about so many rows of each part
        #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u32).range(1..))]
        limit: Option<u32>,

        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },
}

pub(super) const RETENTION_EXAMPLES: &str = "\
Examples:
  countersign retention
  countersign --as platform retention set jobs=180d messages=400d outbox=30d
  countersign retention set messages=off --as platform
  countersign retention sweep --as platform

Jobs go by whole trees, messages by whole conversations that have no job left, the audit trail by whole days.
Nothing is deleted before a period is set; deleting is always a call of yours.";

/// How long one part is kept; none is for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    pub part: RetentionPart,
    pub kept_for: Option<Duration>,
}

/// The parts that retention has a period for, under their names in the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RetentionPart {
    Jobs,
    Messages,
    Audit,
    Outbox,
}

impl RetentionPart {
    pub fn name(self) -> &'static str {
        match self {
            RetentionPart::Jobs => "jobs",
            RetentionPart::Messages => "messages",
            RetentionPart::Audit => "audit",
            RetentionPart::Outbox => "outbox",
        }
    }
}

fn period(text: &str) -> Result<Period, String> {
    let (part, kept_for) = text.split_once('=').ok_or("takes a part and a time, such as jobs=180d")?;
    let part = RetentionPart::from_str(part, false).map_err(|_| "the part is jobs, messages, audit or outbox")?;
    let kept_for = if kept_for == "off" { None } else { Some(super::span(kept_for)?) };
    Ok(Period { part, kept_for })
}

/// `countersign vault …`
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  countersign vault grant ada --agency acme --out ada.key
  countersign --keys ada.key review open 1042         what ada does with it
  countersign vault rotate --agency acme    when somebody leaves
  countersign vault reseal --agency acme    after the new key files are out
  countersign vault keys --agency acme
  countersign vault retire 3f9a01c7 --agency acme

Hand key files over outside the database. To take somebody's access away: `access remove`, rotate, grant anew, reseal,
retire. Resealing goes on while everyone works, and starts again where it was interrupted.")]
pub enum VaultAction {
    /// Write a key file with an agency's keys for one person or program
    Grant {
        login: String,

        #[arg(long)]
        agency: String,

        /// The file to write, mode 0600; none: LOGIN-AGENCY.key
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Seal under a new key from now on; the older ones still open what lies under them
    Rotate {
        #[arg(long)]
        agency: String,
    },
    /// An agency's keys, and how much lies under each
    Keys {
        #[arg(long)]
        agency: String,

        /// Who administers the database; none: the private cluster's superuser [env: COUNTERSIGN_ADMIN_URL]
        #[arg(long, value_name = "URL", hide_env = true, env = "COUNTERSIGN_ADMIN_URL")]
        admin_url: Option<String>,

        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },
    /// Put what lies under older keys under the newest; a body that does not open is named and left alone
    Reseal {
        #[arg(long)]
        agency: String,

        /// Who administers the database; none: the private cluster's superuser [env: COUNTERSIGN_ADMIN_URL]
        #[arg(long, value_name = "URL", hide_env = true, env = "COUNTERSIGN_ADMIN_URL")]
        admin_url: Option<String>,
    },
    /// Refuse bodies under an older key from now on, once nothing lies under it any more
    Retire {
        /// The beginning of the key's id
        key: String,

        #[arg(long)]
        agency: String,

        /// Who administers the database; none: the private cluster's superuser [env: COUNTERSIGN_ADMIN_URL]
        #[arg(long, value_name = "URL", hide_env = true, env = "COUNTERSIGN_ADMIN_URL")]
        admin_url: Option<String>,
    },
}

pub(super) const DOCTOR_EXAMPLES: &str = "\
Examples:
  countersign doctor
  countersign doctor --json | jq '.checks[] | select(.state != \"fine\")'

Exit code 0 when nothing must be done, 1 when something must, 3 when the database cannot be reached.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_a_part_and_a_time_or_off() {
        let day = Duration::from_secs(86_400);
        assert_eq!(period("jobs=1d"), Ok(Period { part: RetentionPart::Jobs, kept_for: Some(day) }));
        assert_eq!(period("outbox=off"), Ok(Period { part: RetentionPart::Outbox, kept_for: None }));
        for text in ["jobs", "jobs=", "jobs=1", "mail=1d", "=1d"] {
            assert!(period(text).is_err(), "{text}");
        }
    }
}
