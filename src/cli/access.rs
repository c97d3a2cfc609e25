//! Arguments of the command that says who may do what.

use clap::{Args, Subcommand, ValueEnum};

use crate::domain::{JobKind, Role};

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
