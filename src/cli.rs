//! What was asked for on the command line.
//!
//! Only syntax: nothing here opens a file or a database. Each subcommand has its arguments here and its work in
//! `commands/`, under the same name.

mod access;
mod administer;
mod forget;
mod hours;
mod look;
mod operate;

use std::ffi::OsString;
use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

pub use access::{AccessAction, LoginClass, NewLogin};
pub use administer::{ConfigAction, DbAction, Import, SignOff, VaultAction, VocabularyAction, VocabularyList};
pub use forget::{Erase, Period, RetentionAction, RetentionPart};
pub use hours::{Holidays, HoursAction};
pub use look::{Export, Filter, Handover, Range, Show, Status, Trace};
pub use operate::{
    DeadLetterAction, Decision, Demo, FrozenSet, Hold, OpenForSend, PutDraft, Resume, ReviewAction, Sweep,
};

use crate::domain::{JobId, duration};

/// People countersign the replies that programs drafted, before anything is sent.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, about, after_help = EXAMPLES, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub connection: Connection,

    #[command(flatten)]
    pub dashboard: Dashboard,

    #[command(subcommand)]
    pub command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  countersign demo                          try everything, over live traffic
  countersign import conversations.jsonl    bring conversations and drafts in
  countersign                               the dashboard
  countersign --screen review               the dashboard, on the waiting drafts
  countersign status                        one line for a monitoring system

Exit codes: 0 done, 1 refused, 2 wrong usage, 3 database unreachable;
of status: 0 fine, 1 warning, 2 critical, 3 unknown or wrong usage.";

impl Cli {
    /// Whether the arguments, right or wrong, ask for `status`, whose exit codes are a monitoring system's.
    pub fn asks_status(arguments: impl Iterator<Item = OsString>) -> bool {
        let matches = Cli::command().ignore_errors(true).try_get_matches_from(arguments);
        matches.is_ok_and(|matches| matches.subcommand_name() == Some("status"))
    }
}

/// Which database, as whom, with which keys.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Connection")]
pub struct Connection {
    /// The database; without one, the private cluster [env: COUNTERSIGN_DATABASE_URL, DATABASE_URL]
    #[arg(long, global = true, value_name = "URL", hide_env = true)]
    pub database_url: Option<String>,

    /// Where the private cluster and the key ring lie [env: COUNTERSIGN_DATA_DIR]
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,

    /// Which login to be in the private cluster, where anyone may be anyone
    #[arg(id = "as", long = "as", global = true, value_name = "LOGIN")]
    pub login: Option<String>,

    /// A key file, or a directory of them [env: COUNTERSIGN_KEYS]
    #[arg(long, global = true, value_name = "PATH")]
    pub keys: Option<PathBuf>,

    /// The directory with PostgreSQL's `postgres` and `initdb`
    #[arg(long, global = true, value_name = "DIR")]
    pub postgres_bin: Option<PathBuf>,

    /// The configuration file [env: COUNTERSIGN_CONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl Connection {
    /// Whether the command line says which database to use or whom to be there.
    pub fn names_a_database(&self) -> bool {
        self.database_url.is_some() || self.login.is_some()
    }
}

/// How the dashboard opens.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Dashboard")]
pub struct Dashboard {
    /// The screen to open on
    #[arg(long, value_enum, value_name = "SCREEN")]
    pub screen: Option<Screen>,

    /// Look, but decide nothing
    #[arg(long)]
    pub read_only: bool,

    /// Tell times in UTC, not in the machine's zone [env: COUNTERSIGN_UTC]
    #[arg(long)]
    pub utc: bool,

    /// Draw with ASCII characters only
    #[arg(long)]
    pub ascii: bool,
}

/// The five screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Screen {
    Overview,
    Review,
    DeadLetters,
    Activity,
    Jobs,
}

/// What to do instead of opening the dashboard.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Try everything on sample conversations with live simulated traffic
    Demo(Demo),

    #[command(flatten)]
    Task(Task),
}

/// Everything that has no screen.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Bring conversations, messages and drafts in, one JSON object a line
    Import(Import),

    /// Say how the queue is, with the exit codes of a monitoring plugin
    Status(Status),

    /// List jobs
    Jobs(Filter),

    /// One job: its history, its tree, what blocks it
    Show(Show),

    /// Everything about one conversation, customer, draft or provider's id, in order
    Trace(Trace),

    /// Read a draft and decide on it, without the dashboard
    #[command(subcommand)]
    Review(ReviewAction),

    /// Jobs that ended badly: list, retry, discard
    #[command(after_help = operate::DEAD_LETTER_EXAMPLES)]
    DeadLetters {
        #[command(subcommand)]
        action: Option<DeadLetterAction>,

        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },

    /// Stop a kind, channel or agency from being worked on
    Hold(Hold),

    /// The standing holds
    #[command(after_help = "Example:\n  countersign holds --json")]
    Holds {
        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },

    /// End a hold, all at once or at a pace
    Resume(Resume),

    /// Store a draft for a leased draft job, sealed; for executors without a crypto library
    PutDraft(PutDraft),

    /// Print the body of the message that a leased job is about
    #[command(after_help = operate::OPEN_JOB_EXAMPLES)]
    OpenJob(OpenForSend),

    /// Print what a running send job is to send
    #[command(after_help = operate::OPEN_FOR_SEND_EXAMPLES)]
    OpenForSend(OpenForSend),

    /// Recover expired leases, apply holds, escalate what is late
    Sweep(Sweep),

    /// Metrics for Prometheus until stopped, or the audit trail as NDJSON
    Export(Export),

    /// What the next shift has to know: edits, skips, holds, what can be undone, what went up
    Handover(Handover),

    /// Apply the migrations; safe twice and at once
    #[command(after_help = administer::MIGRATE_EXAMPLES)]
    Migrate,

    /// The private PostgreSQL: start, stop, its address, remove it
    #[command(subcommand)]
    Db(DbAction),

    /// The settings that lie in the database
    #[command(after_help = administer::CONFIG_EXAMPLES)]
    Config {
        #[command(subcommand)]
        action: Option<ConfigAction>,
    },

    /// The registered codes: languages, intents, channels, reasons
    #[command(after_help = administer::VOCABULARY_EXAMPLES)]
    Vocabulary {
        #[command(subcommand)]
        action: Option<VocabularyAction>,
    },

    /// Who may do what: list logins, add them, take their rights away
    #[command(after_help = access::ACCESS_EXAMPLES)]
    Access {
        #[command(subcommand)]
        action: Option<AccessAction>,
    },

    /// Let a customer be answered without an approval for a time, or take that back
    SignOff(SignOff),

    /// Forget a customer: bodies, references, notes
    Erase(Erase),

    /// How long what is kept, and deleting what was kept long enough
    #[command(after_help = forget::RETENTION_EXAMPLES)]
    Retention {
        #[command(subcommand)]
        action: Option<RetentionAction>,
    },

    /// The keys that bodies are sealed with
    #[command(subcommand)]
    Vault(VaultAction),

    /// Check database, migrations, rights, keys, clock and terminal, and say what to do about each
    #[command(after_help = administer::DOCTOR_EXAMPLES)]
    Doctor {
        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },
}

/// A job's number, with or without its `#`.
pub fn job_id(text: &str) -> Result<JobId, &'static str> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    digits.parse().ok().filter(|number| *number > 0).map(JobId).ok_or("not a job's number")
}

/// A day, which begins at midnight UTC, or a moment with its offset.
fn moment(text: &str) -> Result<DateTime<Utc>, &'static str> {
    let day = || text.parse::<NaiveDate>().ok().map(|day| day.and_time(NaiveTime::MIN).and_utc());
    let moment = DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.to_utc());
    moment.or_else(day).ok_or("neither a day like 2026-11-01 nor a moment like 2026-11-01T09:00:00Z")
}

fn span(text: &str) -> Result<std::time::Duration, String> {
    duration::parse(text).map_err(|error| error.to_string())
}

/// A span that leaves the others some time.
fn pause(text: &str) -> Result<std::time::Duration, String> {
    match span(text)? {
        std::time::Duration::ZERO => Err("a pause of at least 1s, so that the database gets one".to_owned()),
        pause => Ok(pause),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_has_help_with_an_example() {
        fn check(command: &clap::Command) {
            for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
                let group_has_one = command.get_after_help().is_some() && command.get_name() != "countersign";
                let own = sub.get_after_help().map(ToString::to_string).unwrap_or_default();
                assert!(sub.get_about().is_some(), "{} has no description", sub.get_name());
                if sub.has_subcommands() {
                    check(sub);
                } else {
                    assert!(group_has_one || own.contains("countersign "), "{} has no example", sub.get_name());
                }
            }
        }
        check(&Cli::command());
    }

    #[test]
    fn examples_fit_a_narrow_terminal_so_that_they_can_be_copied() {
        fn check(command: &clap::Command) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            for line in help.lines().filter(|line| line.contains("  countersign ")) {
                assert!(line.len() <= 80, "{}: {line}", command.get_name());
            }
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }

    #[test]
    fn a_login_to_be_and_a_login_to_act_on_do_not_mix() {
        let cli = Cli::try_parse_from(["countersign", "access", "remove", "ada", "--as", "platform"]).unwrap();
        assert_eq!(cli.connection.login.as_deref(), Some("platform"));
        let Some(Command::Task(Task::Access { action: Some(AccessAction::Remove { login, .. }) })) = cli.command else {
            panic!("not access remove");
        };
        assert_eq!(login, "ada");
    }

    #[test]
    fn options_of_the_connection_may_stand_before_and_after_the_command() {
        for line in [["countersign", "--as", "ada", "jobs"], ["countersign", "jobs", "--as", "ada"]] {
            let cli = Cli::try_parse_from(line).unwrap();
            assert_eq!(cli.connection.login.as_deref(), Some("ada"));
            assert!(matches!(cli.command, Some(Command::Task(Task::Jobs(_)))));
        }
    }

    #[test]
    fn wrong_usage_of_status_is_recognised_as_such() {
        let asks = |line: &str| Cli::asks_status(line.split(' ').map(OsString::from));
        for line in ["countersign status", "countersign status --nonsense", "countersign --as ada status extra"] {
            assert!(asks(line), "{line}");
        }
        for line in ["countersign", "countersign jobs status", "countersign --as status jobs"] {
            assert!(!asks(line), "{line}");
        }
    }

    #[test]
    fn nothing_is_repeated_without_a_pause() {
        assert!(Cli::try_parse_from(["countersign", "sweep", "--every", "0s"]).is_err());
        assert!(Cli::try_parse_from(["countersign", "sweep", "--every", "1s"]).is_ok());
    }

    #[test]
    fn a_moment_is_a_day_or_has_an_offset() {
        let same = ["2026-11-01", "2026-11-01T00:00:00Z", "2026-11-01T01:00:00+01:00"].map(moment);
        assert!(same[0].is_ok() && same.iter().all(|it| *it == same[0]), "{same:?}");
        for text in ["", "01.11.2026", "2026-11-31", "2026-11-01T09:00:00", "yesterday"] {
            assert!(moment(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_audit_trail_is_asked_for_with_its_range_and_never_beside_metrics() {
        let parses = |line: &str| Cli::try_parse_from(line.split(' ')).is_ok();
        assert!(parses("countersign export"));
        assert!(parses("countersign export --audit --from 2026-11-01 --until 2026-11-02"));
        for line in ["--audit", "--audit --from 2026-11-01", "--from 2026-11-01 --until 2026-11-02", "--listen here"] {
            assert!(!parses(&format!("countersign export {line}")), "{line}");
        }
        assert!(!parses("countersign export --listen 127.0.0.1:1 --audit --from 2026-11-01 --until 2026-11-02"));
    }

    #[test]
    fn a_job_is_named_by_its_number() {
        for text in ["12", "#12"] {
            assert_eq!(job_id(text), Ok(JobId(12)));
        }
        for text in ["", "#", "0", "-3", "twelve", "##12"] {
            assert!(job_id(text).is_err(), "{text}");
        }
    }
}
