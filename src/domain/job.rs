//! A job: a signal that something is to be done, never the thing itself.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{PayloadRef, Status};

/// The number of a job in `queue.job_queue`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(pub i64);

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// A word that is not in the vocabulary. Carries what was expected, never what was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a known {what}")]
pub struct UnknownWord {
    pub what: &'static str,
}

/// The seven kinds of customer work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum JobKind {
    #[serde(rename = "customer_message_inbound")]
    Inbound,
    #[serde(rename = "customer_message_classify")]
    Classify,
    #[serde(rename = "customer_message_draft")]
    Draft,
    #[serde(rename = "customer_message_approve")]
    Approve,
    #[serde(rename = "customer_message_send")]
    Send,
    #[serde(rename = "customer_message_followup")]
    Followup,
    #[serde(rename = "customer_message_escalate")]
    Escalate,
}

use JobKind::*;

impl JobKind {
    /// In the order in which a message passes through them; every view shows all seven.
    pub const ALL: [JobKind; 7] = [Inbound, Classify, Draft, Approve, Send, Followup, Escalate];

    pub fn as_str(self) -> &'static str {
        match self {
            Inbound => "customer_message_inbound",
            Classify => "customer_message_classify",
            Draft => "customer_message_draft",
            Approve => "customer_message_approve",
            Send => "customer_message_send",
            Followup => "customer_message_followup",
            Escalate => "customer_message_escalate",
        }
    }

    /// The kind without its `customer_message_` prefix, as screens show it.
    pub fn short(self) -> &'static str {
        &self.as_str()["customer_message_".len()..]
    }

    /// Approve and escalate wait for a person; a program never claims them.
    pub fn is_for_people(self) -> bool {
        matches!(self, Approve | Escalate)
    }
}

impl fmt::Display for JobKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for JobKind {
    type Err = UnknownWord;

    /// Takes the full name and the short one.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == word || kind.short() == word)
            .ok_or(UnknownWord { what: "job kind" })
    }
}

/// One row of `queue.job_queue`, as a list or a detail view shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    pub job_id: JobId,
    pub job_kind: JobKind,
    pub status: Status,
    /// 0 is most urgent, 9 least.
    pub priority: i16,
    pub agency: String,
    /// `agency:<slug>/role:<slug>`; only people's kinds have one.
    pub target_ref: Option<String>,
    pub channel_kind: String,
    /// The conversation.
    pub correlation_id: Uuid,
    pub parent_job_id: Option<JobId>,
    pub payload_ref: PayloadRef,
    pub codes: Codes,
    /// Claims by programs so far; people's kinds stay at 0.
    pub attempt: i32,
    /// None for people's kinds.
    pub max_attempts: Option<i32>,
    pub created_at: DateTime<Utc>,
    pub process_after: DateTime<Utc>,
    pub deadline_at: Option<DateTime<Utc>>,
    pub lease_owner: Option<String>,
    pub lease_expires_at: Option<DateTime<Utc>>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    pub outcome_code: Option<String>,
    pub last_error_code: Option<String>,
}

/// What `safe_payload` may carry: registered codes and numbers, never words of a customer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Codes {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<i16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing_hint: Option<String>,
    /// 0 to 1, three decimals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_reason_code: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_known_by_its_full_and_its_short_name() {
        for kind in JobKind::ALL {
            assert_eq!(kind.as_str().parse::<JobKind>(), Ok(kind));
            assert_eq!(kind.short().parse::<JobKind>(), Ok(kind));
        }
        assert!("customer_message_delete".parse::<JobKind>().is_err());
    }
}
