//! Arguments of the commands that delete.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

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
