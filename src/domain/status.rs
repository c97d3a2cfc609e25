//! The nine statuses of a job and the only moves between them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::job::UnknownWord;

/// Where a job stands. These nine names are shown everywhere; there is no second vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Queued,
    Leased,
    Running,
    RetryWaiting,
    Paused,
    Succeeded,
    Failed,
    DeadLetter,
    Cancelled,
}

use Status::*;

impl Status {
    pub const ALL: [Status; 9] =
        [Queued, Leased, Running, RetryWaiting, Paused, Succeeded, Failed, DeadLetter, Cancelled];

    /// Everything that has not ended. Filters call it `status:open`.
    pub const OPEN: [Status; 6] = [Queued, Leased, Running, RetryWaiting, Paused, DeadLetter];

    /// Every move that some call makes. `queue.job_transition` holds exactly these pairs, and a test compares the two.
    pub const TRANSITIONS: [(Status, Status); 22] = [
        (Queued, Leased),
        (Queued, Paused),
        (Queued, Cancelled),
        (RetryWaiting, Leased),
        (RetryWaiting, Paused),
        (RetryWaiting, Cancelled),
        (RetryWaiting, Queued),
        (Paused, Cancelled),
        (Paused, Queued),
        (Leased, Running),
        (Leased, Queued),
        (Leased, RetryWaiting),
        (Leased, DeadLetter),
        (Leased, Succeeded),
        (Leased, Failed),
        (Leased, Cancelled),
        (Running, Succeeded),
        (Running, RetryWaiting),
        (Running, DeadLetter),
        (DeadLetter, Queued),
        (DeadLetter, Succeeded),
        (DeadLetter, Cancelled),
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Queued => "queued",
            Leased => "leased",
            Running => "running",
            RetryWaiting => "retry_waiting",
            Paused => "paused",
            Succeeded => "succeeded",
            Failed => "failed",
            DeadLetter => "dead_letter",
            Cancelled => "cancelled",
        }
    }

    /// Nothing leads out of a terminal status.
    pub fn is_terminal(self) -> bool {
        matches!(self, Succeeded | Failed | Cancelled)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Status {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|status| status.as_str() == word).ok_or(UnknownWord { what: "status" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_statuses_are_exactly_those_without_a_way_out() {
        for status in Status::ALL {
            let leaves = Status::TRANSITIONS.iter().any(|(from, _)| *from == status);
            assert_eq!(leaves, !status.is_terminal(), "{status}");
        }
    }

    #[test]
    fn open_is_everything_that_is_not_terminal() {
        let open: Vec<Status> = Status::ALL.into_iter().filter(|status| !status.is_terminal()).collect();
        assert_eq!(open, Status::OPEN);
    }

    #[test]
    fn every_status_reads_back_from_its_own_name() {
        for status in Status::ALL {
            assert_eq!(status.as_str().parse::<Status>(), Ok(status));
        }
    }
}
