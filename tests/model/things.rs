//! The things that a world is made of, as plain values. Times are seconds since the history began.

use countersign::domain::{JobKind, Role, Status};
use uuid::Uuid;

use super::calls::Pin;
use super::people::{Agency, Channel, Who};

pub type Moment = i64;
/// The position of a job in [`World::jobs`]; the database numbers them otherwise.
pub type JobNo = usize;
pub type MessageNo = usize;
pub type ConversationNo = usize;

/// What `queue.job_kind` says of a kind: configuration, read from the database.
#[derive(Debug, Clone, Copy)]
pub struct KindRules {
    pub attempts: Option<i64>,
    pub lease: i64,
    pub sla: i64,
    pub retry_after: i64,
    pub escalates: bool,
}

#[derive(Debug, Clone)]
pub struct Conversation {
    pub id: Uuid,
    pub agency: Agency,
    pub channel: Channel,
    /// The number of a customer; the reference is made of it.
    pub customer: u8,
    pub last_seq: i64,
    pub newest_inbound: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Inbound,
    Outbound,
    Draft,
}

#[derive(Debug, Clone)]
pub struct Message {
    /// None: what left, which the database names.
    pub id: Option<Uuid>,
    pub conversation: ConversationNo,
    pub seq: i64,
    pub way: Way,
    pub revises: Option<MessageNo>,
    pub author: Who,
    pub stored_by: Who,
    pub made_for: Option<JobNo>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload {
    Message(MessageNo),
    Conversation,
}

/// The registered codes that a job carries. Confidence in thousandths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Codes {
    pub confidence: Option<i64>,
    pub priority: Option<i64>,
    pub intent: Option<&'static str>,
    pub retry_reason: Option<&'static str>,
}

impl Codes {
    /// These codes, and what is newer in the others.
    pub fn overlaid(self, newer: Codes) -> Codes {
        Codes {
            confidence: newer.confidence.or(self.confidence),
            priority: newer.priority.or(self.priority),
            intent: newer.intent.or(self.intent),
            retry_reason: newer.retry_reason.or(self.retry_reason),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    pub owner: Who,
    pub expires_at: Moment,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub kind: JobKind,
    pub status: Status,
    pub conversation: ConversationNo,
    pub parent: Option<JobNo>,
    pub payload: Payload,
    pub codes: Codes,
    pub priority: i64,
    /// The role that decides; none for programs' kinds.
    pub target: Option<Role>,
    pub attempt: i64,
    pub max_attempts: Option<i64>,
    pub created_at: Moment,
    pub process_after: Moment,
    pub deadline_at: Moment,
    /// The deadline is a producer's, and is passed down the chain.
    pub is_promised: bool,
    pub lease: Option<Lease>,
    pub token: i64,
    pub outcome_code: Option<&'static str>,
    pub last_error: Option<&'static str>,
    /// Past three it takes a reason, which nobody gives here.
    pub retried_by_people: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Approve,
    Reject,
    Escalate,
}

#[derive(Debug, Clone)]
pub struct Decision {
    pub verb: Verb,
    pub by: Who,
    pub at: Moment,
    pub draft: MessageNo,
    pub newest_inbound: i64,
    pub created: Option<JobNo>,
    pub undone_by: Option<Who>,
}

#[derive(Debug, Clone)]
pub struct Hold {
    pub kind: Option<JobKind>,
    pub channel: Option<Channel>,
    pub agency: Option<Agency>,
    pub is_standing: bool,
}

#[derive(Debug, Clone)]
pub struct SignOff {
    pub agency: Agency,
    pub customer: u8,
    pub expires_at: Moment,
    pub is_revoked: bool,
}

/// By what right a send went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// The approve job that was decided.
    Approval(JobNo),
    /// The position of the sign-off.
    Dispensation(usize),
}

/// A pane that somebody once looked at, right or wrong by now.
#[derive(Debug, Clone)]
pub struct Reading {
    pub who: Who,
    pub job: JobNo,
    pub pin: Pin,
}

/// What the caller gives for a new job; the rest follows from its kind and its conversation.
pub struct NewJob {
    pub kind: JobKind,
    pub conversation: ConversationNo,
    pub parent: Option<JobNo>,
    pub payload: Payload,
    pub codes: Codes,
    pub priority: i64,
    pub not_before: Option<Moment>,
    pub due: Option<Moment>,
    /// `due` is one that the whole chain has to keep.
    pub is_promise: bool,
    pub role: Role,
}
