//! Arguments of `countersign config hours`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand};

/// `countersign config hours …`
#[derive(Debug, Subcommand)]
pub enum HoursAction {
    /// The hours, time zone and holidays of each agency
    Show {
        /// Print JSON instead of text
        #[arg(long)]
        json: bool,
    },
    /// Say when an agency works, instead of what was said before
    Set {
        /// Days and their hours in turn
        #[arg(value_name = "DAYS HOURS", required = true)]
        hours: Vec<String>,

        /// Whose clock it is; none: as it was, at first UTC
        #[arg(long, value_name = "ZONE")]
        time_zone: Option<String>,

        /// The agency; none: your own
        #[arg(long)]
        agency: Option<String>,
    },
    /// Let deadlines run through the night again
    Unset {
        /// The agency; none: your own
        #[arg(long)]
        agency: Option<String>,
    },
    /// Close on holidays
    Close(Holidays),
    /// Open on them again, as on any other day
    Reopen(Holidays),
}

/// Days of one agency.
#[derive(Debug, Args)]
pub struct Holidays {
    /// Dates such as 2026-12-25
    #[arg(value_name = "DAY", required_unless_present = "from")]
    pub days: Vec<NaiveDate>,

    /// A file with one date a line, - for standard input
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,

    /// The agency; none: your own
    #[arg(long)]
    pub agency: Option<String>,
}

pub(super) const EXAMPLES: &str = "\
Examples:
  countersign config hours
  countersign config hours set mon-fri 09:00-17:00 --time-zone Europe/Berlin
  countersign config hours set mon-thu 09:00-12:00,13:00-17:00 fri 09:00-15:00
  countersign config hours close 2026-12-25 2026-12-26
  countersign config hours close --from holidays.txt
  countersign --as platform config hours unset --agency acme

By a workflow_admin of the agency, or a platform_admin. They hold for what comes from now on; a deadline that a producer
promised stays as it was promised.";
