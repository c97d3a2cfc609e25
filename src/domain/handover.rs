//! What the next shift has to know.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{JobId, JobKind};

/// One thing that the next shift may have to do something about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matter {
    pub what: Topic,
    pub job_id: Option<JobId>,
    pub job_kind: Option<JobKind>,
    pub agency: Option<String>,
    pub channel_kind: Option<String>,
    /// Who did it.
    pub login: String,
    pub at: DateTime<Utc>,
    /// The reason, or what was decided.
    pub code: Option<String>,
    pub deadline_at: Option<DateTime<Utc>>,
    /// Of a hold, the jobs that it keeps.
    pub jobs: Option<i64>,
}

/// What kind of matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// A person edited the draft, so somebody else has to look.
    Edited,
    /// Somebody gave it back unanswered.
    Skipped,
    /// A text was saved too late to take a draft's place.
    Kept,
    /// A hold stands.
    Hold,
    /// A decision can still be taken back.
    Undoable,
    /// It went up a tier and was not taken yet.
    Escalated,
}

impl Topic {
    /// In the order in which the next shift would look.
    pub const ALL: [Topic; 6] =
        [Topic::Hold, Topic::Escalated, Topic::Edited, Topic::Skipped, Topic::Kept, Topic::Undoable];

    /// What stands above the matters of this topic.
    pub fn title(self) -> &'static str {
        match self {
            Topic::Edited => "Edited, waiting for somebody else's look",
            Topic::Skipped => "Skipped and still waiting",
            Topic::Kept => "Texts saved too late, attached to nothing",
            Topic::Hold => "Holds that stand",
            Topic::Undoable => "Decided and still undoable",
            Topic::Escalated => "Escalated and not taken yet",
        }
    }
}

impl std::str::FromStr for Topic {
    type Err = super::job::UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "edited" => Ok(Topic::Edited),
            "skipped" => Ok(Topic::Skipped),
            "kept" => Ok(Topic::Kept),
            "hold" => Ok(Topic::Hold),
            "undoable" => Ok(Topic::Undoable),
            "escalated" => Ok(Topic::Escalated),
            _ => Err(super::job::UnknownWord { what: "topic" }),
        }
    }
}
