//! The calls of the contract as values, and the answers to them.

use countersign::domain::JobKind;
use uuid::Uuid;

use super::people::{Agency, Channel, Whitelist, Who};
use super::settings::Setting;
use super::world::{Codes, JobNo, Moment, Way};

/// What was on the screen. The digest of a message is made of its id, so that a wrong one is easily had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pin {
    pub draft: Uuid,
    pub digest_of: Uuid,
    pub newest_inbound: i64,
    pub token: i64,
}

/// What a call is about. `None` is a job that does not exist.
pub type About = Option<JobNo>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    OpenConversation {
        conversation: Uuid,
        agency: Agency,
        customer: u8,
        channel: Channel,
    },
    StoreInbound {
        conversation: Uuid,
        message: Uuid,
        codes: Codes,
        priority: Option<i64>,
        due: Option<Moment>,
    },
    StoreHistory {
        conversation: Uuid,
        message: Uuid,
        way: Way,
    },
    SubmitDraft {
        conversation: Uuid,
        draft: Uuid,
        author: Who,
        codes: Codes,
        priority: Option<i64>,
        due: Option<Moment>,
        revises: Option<Uuid>,
    },
    ScheduleFollowup {
        conversation: Uuid,
        not_before: Moment,
        priority: Option<i64>,
    },

    ClaimJobs {
        kinds: Vec<JobKind>,
        limit: usize,
    },
    StartJob {
        job: About,
        token: i64,
    },
    ExtendLease {
        job: About,
        token: i64,
    },
    ReleaseJob {
        job: About,
        token: i64,
    },
    PutDraft {
        job: About,
        token: i64,
        draft: Uuid,
    },
    CompleteJob {
        job: About,
        token: i64,
        found: Codes,
        draft: Option<Uuid>,
        provider_ref: bool,
    },
    FailJob {
        job: About,
        token: i64,
        code: &'static str,
    },
    OpenBody {
        job: About,
        token: i64,
    },

    /// The job named, or (outer none) the next one.
    ClaimReview {
        job: Option<About>,
    },
    Approve {
        job: About,
        pin: Pin,
    },
    Reject {
        job: About,
        pin: Pin,
        reason: &'static str,
    },
    Escalate {
        job: About,
        pin: Pin,
    },
    Revise {
        job: About,
        pin: Pin,
        revision: Uuid,
    },
    Undo {
        job: About,
    },
    TakeEscalation {
        job: About,
    },
    Skip {
        job: About,
        token: i64,
    },
    ForceRelease {
        job: About,
    },

    RetryDeadLetter {
        job: About,
        may_have_left: bool,
    },
    DiscardDeadLetter {
        job: About,
    },
    ConfirmSent {
        job: About,
    },
    RetryNow {
        job: About,
    },
    Cancel {
        job: About,
    },
    PlaceHold {
        kind: Option<JobKind>,
        channel: Option<Channel>,
        agency: Option<Agency>,
    },
    /// The position of the hold; none is one that does not exist.
    Resume {
        hold: Option<usize>,
        per_minute: Option<i64>,
    },

    SignOff {
        customer: u8,
        expires_at: Moment,
    },
    RevokeSignOff {
        customer: u8,
    },
    SetAgencyConfig {
        setting: Setting,
        value: i64,
    },
    SetConfig {
        setting: Setting,
        value: i64,
    },
    OrderOfReview {
        agency: Agency,
        savable_first: bool,
    },
    RegisterExecutor {
        login: Who,
        whitelist: Whitelist,
    },
    RevokeLogin {
        login: Who,
    },

    Sweep,
}

impl Call {
    /// The function's name in `queue`.
    pub fn name(&self) -> &'static str {
        match self {
            Call::OpenConversation { .. } => "open_conversation",
            Call::StoreInbound { .. } => "store_inbound",
            Call::StoreHistory { .. } => "store_history",
            Call::SubmitDraft { .. } => "submit_draft",
            Call::ScheduleFollowup { .. } => "schedule_followup",
            Call::ClaimJobs { .. } => "claim_jobs",
            Call::StartJob { .. } => "start_job",
            Call::ExtendLease { .. } => "extend_lease",
            Call::ReleaseJob { .. } => "release_job",
            Call::PutDraft { .. } => "put_draft",
            Call::CompleteJob { .. } => "complete_job",
            Call::FailJob { .. } => "fail_job",
            Call::OpenBody { .. } => "open_body",
            Call::ClaimReview { .. } => "claim_review",
            Call::Approve { .. } => "review_approve",
            Call::Reject { .. } => "review_reject",
            Call::Escalate { .. } => "review_escalate",
            Call::Revise { .. } => "review_revise",
            Call::Undo { .. } => "review_undo",
            Call::TakeEscalation { .. } => "take_escalation",
            Call::Skip { .. } => "skip_review",
            Call::ForceRelease { .. } => "force_release",
            Call::RetryDeadLetter { .. } => "dead_letter_retry",
            Call::DiscardDeadLetter { .. } => "dead_letter_discard",
            Call::ConfirmSent { .. } => "confirm_sent",
            Call::RetryNow { .. } => "retry_now",
            Call::Cancel { .. } => "cancel_job",
            Call::PlaceHold { .. } => "hold",
            Call::Resume { .. } => "resume",
            Call::SignOff { .. } => "sign_off_customer",
            Call::RevokeSignOff { .. } => "revoke_sign_off",
            Call::SetAgencyConfig { .. } => "set_agency_config",
            Call::SetConfig { .. } => "set_config",
            Call::OrderOfReview { .. } => "register_agency",
            Call::RegisterExecutor { .. } => "register_executor",
            Call::RevokeLogin { .. } => "revoke_login",
            Call::Sweep => "sweep",
        }
    }

    /// Calls that carry no `command_id`: claims, lease extensions, openings, sweeps.
    pub fn has_command(&self) -> bool {
        !matches!(
            self,
            Call::ClaimJobs { .. }
                | Call::ClaimReview { .. }
                | Call::ExtendLease { .. }
                | Call::OpenBody { .. }
                | Call::Sweep
        )
    }
}

/// A call by somebody under a command id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub who: Who,
    pub command: Uuid,
    pub call: Call,
}

/// What the model expects an answer to say; what it leaves open is not compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    pub outcome: &'static str,
    /// `created_job_id`, or `job_id` where the call is one that makes a job.
    pub created: Option<JobNo>,
    pub lease_token: Option<i64>,
    /// Who decided, or holds the lease.
    pub by: Option<Who>,
    /// Jobs and tokens of a claim, in order.
    pub claimed: Option<Vec<(JobNo, i64)>>,
    pub pin: Option<Option<Pin>>,
    /// How many messages an opening shows.
    pub messages: Option<usize>,
    /// Numbers that the answer names: `paused`, `resumed`, `recovered`, `escalated`, `seq`.
    pub numbers: Vec<(&'static str, i64)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    Answered(Box<Answer>),
    /// The first answer once more; nothing changes.
    Replayed(Box<Answer>),
    /// An error with one of these SQLSTATEs; nothing changes.
    Misuse(&'static [&'static str]),
}

/// The login is not registered for the call: the function says so, or it may not even be executed.
pub const NOT_REGISTERED: Reply = Reply::Misuse(&["CS004", "42501"]);

impl Answer {
    pub fn of(outcome: &'static str) -> Answer {
        Answer { outcome, ..Answer::default() }
    }

    pub fn creating(created: Option<JobNo>) -> Answer {
        Answer { created, ..Answer::of("applied") }
    }

    pub fn with(mut self, name: &'static str, number: usize) -> Answer {
        self.numbers.push((name, number as i64));
        self
    }
}

impl From<&'static str> for Reply {
    fn from(outcome: &'static str) -> Reply {
        Answer::of(outcome).into()
    }
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Reply {
        Reply::Answered(Box::new(answer))
    }
}
