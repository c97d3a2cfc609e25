//! Everything that `update` can ask for. The runtime performs it and answers with a message.

use super::dead_letters::DeadLetterAct;
use super::feed::Generation;
use super::review::words::Words;
use super::review::{Body, Decision, Ticket};
use crate::domain::review::ReviewOrder;
use crate::domain::{Filter, JobId, OpenedConversation, Pin, Scope};

/// One thing that should happen.
///
/// What changes something in the database goes through one ordered writer, in the order given here, and the runtime
/// makes one `command_id` for each effect: the same effect is never sent under two.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Ask the database; the answer carries the generation back. A later one of the same query replaces an earlier one.
    Refresh { generation: Generation, query: Box<Query> },
    /// Claim the job, or the next one in the agency's order, and open its bodies. Answered by `Opened`. The next one is in
    /// one of the languages that the person reads, where any are named.
    ///
    /// Where somebody else holds it, answer with the conversation, who does, and no pin.
    OpenForReview { ticket: Ticket, job_id: Option<JobId>, reads: Vec<String> },
    /// Open the bodies without claiming anything. Answered by `Opened`, without a pin.
    Look { ticket: Ticket, job_id: JobId },
    /// Open the bodies again under the lease that is held, or under a fresh claim, so that the pin moves to what is
    /// there now. Answered by `Opened`.
    Reopen { ticket: Ticket, job_id: JobId },
    /// Finish the escalate job and open the approve job that takes its place. Answered by `Opened`.
    TakeEscalation { ticket: Ticket, job_id: JobId },
    /// Write the decision. Answered by `Decided`, exactly once.
    Decide { job_id: JobId, decision: Decision },
    /// Take back the decision on this job. Answered by `Undone`.
    Undo { job_id: JobId },
    /// Give the lease back and leave the job to others. Answered by `Skipped`.
    Skip { job_id: JobId, lease_token: i64, reason: String },
    /// Give the lease back. Not answered.
    Release { job_id: JobId, lease_token: i64 },
    /// The person still reads. Answered by `Changed` only when the lease is lost.
    ExtendLease { job_id: JobId, pin: Pin },
    /// How many others could approve this draft, and are there? Answered by `OthersCounted`.
    CountOthers { job_id: JobId },
    /// Give the terminal to the person's own editor, with this text in a file in memory. Answered by `EditedOutside`.
    EditOutside { text: Words },
    /// Take the lease from whoever has it. Answered by `Released`.
    ForceRelease { job_id: JobId },
    /// Compare the open job with its pin, without opening anything. Answered by `Changed` only when they differ; without
    /// a pin by `Stands`.
    Watch { job_id: JobId, pin: Option<Pin> },
    /// Somebody was away who now is back: what happened to the open job since its pin? Answered by `LookedBack`, unless the
    /// database is away.
    LookBack { job_id: JobId, pin: Pin },
    /// Give the terminal back and stop, until somebody continues the program. Answered by `Continued`.
    Suspend,
    /// Do this with each of these dead letters, one after the other. Answered by `DeadLetterActed`, once for each.
    ActOnDeadLetters { acts: Vec<(JobId, DeadLetterAct)> },
    /// What would a hold over this stop? Answered by `HoldForecast`.
    ForecastHold { scope: Scope },
    /// What would go if this hold ended at this pace? Answered by `ResumeForecast`.
    ForecastResume { hold_id: i64, per_minute: Option<i32> },
    /// Stop it from being claimed. Answered by `Held`.
    Hold { scope: Scope, reason: String, ticket: Option<String> },
    /// End a hold: a few sends first where it keeps any (`tries`), then the rest. Answered by `ResumeWent`, again and again.
    Resume { hold_id: i64, what: String, per_minute: Option<i32>, tries: bool },
    /// Let no more go of the resume that is under way, unless it came too far. Answered by `ResumeWent`.
    StopResume,
    /// Look the texts of a long conversation through. Answered by `LookedThrough`.
    LookThrough(Box<OpenedConversation<Body>>),
    /// Search a long conversation for words. Answered by `Found`.
    Search { words: String, conversation: Box<OpenedConversation<Body>> },
    /// Put this into the clipboard, where the terminal can. Ids only.
    Copy(String),
    /// Call somebody who looks elsewhere, in the way that they chose, if any. Counts only.
    Call(String),
    /// End, after the writer is empty. The server's work goes on.
    Quit,
}

impl Effect {
    /// Whether it is still done while the program ends: leases go back, and no text is lost.
    pub fn is_of_the_end(&self) -> bool {
        matches!(self, Effect::Quit | Effect::Release { .. } | Effect::Decide { decision: Decision::Revise { .. }, .. })
    }

    /// Whether the database is another one afterwards: leases count, and giving one back does too.
    pub fn changes(&self) -> bool {
        match self {
            Effect::OpenForReview { .. }
            | Effect::Reopen { .. }
            | Effect::TakeEscalation { .. }
            | Effect::Decide { .. }
            | Effect::Undo { .. }
            | Effect::Skip { .. }
            | Effect::Release { .. }
            | Effect::ForceRelease { .. }
            | Effect::ExtendLease { .. }
            | Effect::ActOnDeadLetters { .. }
            | Effect::Hold { .. }
            | Effect::Resume { .. }
            | Effect::StopResume => true,
            Effect::Refresh { .. }
            | Effect::Look { .. }
            | Effect::Watch { .. }
            | Effect::CountOthers { .. }
            | Effect::EditOutside { .. }
            | Effect::LookBack { .. }
            | Effect::ForecastHold { .. }
            | Effect::ForecastResume { .. }
            | Effect::LookThrough(_)
            | Effect::Search { .. }
            | Effect::Suspend
            | Effect::Copy(_)
            | Effect::Call(_)
            | Effect::Quit => false,
        }
    }
}

/// A question to the database. Of each kind one is under way at a time.
#[derive(Debug, Clone, PartialEq)]
pub enum Query {
    /// Backlog and pressure of all kinds, and where they lead; also feeds the header's counts.
    Overview,
    /// The flow of the last day, for the chart.
    Day,
    /// What the teams decided in the last hours.
    Teams,
    /// What waits for me, in the order that is given or else the agency's, so many rows at most, and what I decided in the last
    /// quarter of an hour. Rows are filtered where they are shown, so that the count in the header stays that of all.
    Review(Option<ReviewOrder>, usize),
    /// The grid of dead letters and the jobs behind it.
    DeadLetters(Filter),
    /// The newest rows of the audit trail that the filter lets through, so many at most.
    Activity(Filter, usize),
    /// Jobs by filter, newest first, so many at most.
    Jobs(Filter, usize),
    /// One job with its history, its tree and what blocks it.
    Job(JobId),
}

impl Query {
    /// How many kinds there are.
    pub const KINDS: usize = 8;

    /// Which kind it is, counted from 0.
    pub fn kind(&self) -> usize {
        match self {
            Query::Overview => 0,
            Query::Day => 1,
            Query::Teams => 2,
            Query::Review(..) => 3,
            Query::DeadLetters(_) => 4,
            Query::Activity(..) => 5,
            Query::Jobs(..) => 6,
            Query::Job(_) => 7,
        }
    }
}
