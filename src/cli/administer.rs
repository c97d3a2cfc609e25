//! Arguments of the commands that set things up.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand, ValueEnum};

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
    /// When an agency works: its own deadlines run then only
    #[command(after_help = super::hours::EXAMPLES)]
    Hours {
        #[command(subcommand)]
        action: Option<super::HoursAction>,
    },
}

pub(super) const CONFIG_EXAMPLES: &str = "\
Examples:
  countersign config
  countersign config get queue.customer.undo_seconds.email
  countersign --as platform config set queue.customer.confidence_threshold 0.5
  countersign --as platform config set queue.customer.enabled false
  countersign --as platform config unset queue.customer.enabled
  countersign config hours set mon-fri 09:00-17:00 --time-zone Europe/Berlin";

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

        /// For a host: the agency that trusts it (workflow_admin); none: all of them (platform_admin)
        #[arg(long)]
        agency: Option<String>,

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
  countersign --as platform vocabulary add host track.carrier.example
  countersign vocabulary add host help.acme.example --agency acme";

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
