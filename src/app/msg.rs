//! Everything that can happen to the dashboard.

use chrono::{DateTime, Utc};
use ratatui::crossterm::event::{KeyEvent, MouseEvent};
use ratatui::layout::Size;
use uuid::Uuid;

use super::activity::ActivityList;
use super::dead_letters::DeadLetterList;
use super::feed::Reply;
use super::holds::Went;
use super::jobs::{JobDetail, JobList};
use super::model::Session;
use super::overview::OverviewData;
use super::review::away::Meanwhile;
use super::review::search::Match;
use super::review::words::Words;
use super::review::{Body, Change, Opened, ReviewList, Standing, Ticket, Verb};
use crate::domain::{History, HoldForecast, JobId, OpenedConversation, Outcome, Pin, ResumeForecast, Scope, TeamHour};

/// One thing that happened. `DateTime`s are the database's time as the runtime reckons it, never the model's own.
#[derive(Debug)]
pub enum Msg {
    /// Time passed. Once a second is enough, and when a question is due; more often changes nothing.
    Tick(DateTime<Utc>),
    /// The model was drawn as it is.
    Shown,
    /// What was drawn last was there for long enough to be read.
    Readable,
    /// A key went down. `Repeat`: by itself, because it is held, or in one burst with others, as no finger types.
    Key(KeyEvent, DateTime<Utc>),
    /// The mouse selects and scrolls.
    Mouse(MouseEvent, DateTime<Utc>),
    /// The terminal says that this text was pasted.
    Paste(String, DateTime<Utc>),
    /// The terminal has another size.
    Resize(Size),
    /// The database says that jobs changed: what is on the screen should be asked for again.
    Wake(DateTime<Utc>),
    /// The connection stands, for the first time or again.
    Connected(Box<Session>, DateTime<Utc>),
    /// The connection is gone; why, in words without a payload.
    ConnectionLost(String, DateTime<Utc>),
    /// The answer to [`super::Query::Overview`].
    OverviewLoaded(Reply<OverviewData>),
    /// The answer to [`super::Query::Day`].
    DayLoaded(Reply<History>),
    /// The answer to [`super::Query::Teams`].
    TeamsLoaded(Reply<Vec<TeamHour>>),
    /// The answer to [`super::Query::Review`].
    ReviewLoaded(Reply<ReviewList>),
    /// The answer to [`super::Query::DeadLetters`].
    DeadLettersLoaded(Reply<DeadLetterList>),
    /// The answer to [`super::Query::Activity`].
    ActivityLoaded(Reply<ActivityList>),
    /// The answer to [`super::Query::Jobs`].
    JobsLoaded(Reply<JobList>),
    /// The answer to [`super::Query::Job`].
    JobLoaded(Reply<Box<JobDetail>>),
    /// The answer to `OpenForReview`, `Look`, `Reopen` and `TakeEscalation`, under the ticket that they carried.
    Opened { ticket: Ticket, result: Result<Box<Opened>, Failure>, now: DateTime<Utc> },
    /// The answer to `LookThrough`: the same conversation, with what was found in it.
    LookedThrough(Box<OpenedConversation<Body>>),
    /// The answer to `Search`: where the words stand in these messages.
    Found { words: String, messages: Vec<Uuid>, matches: Vec<Match> },
    /// The answer to `Decide`. An expected refusal is an `Ok` whose outcome is not `applied`.
    Decided { job_id: JobId, verb: Verb, result: Result<Outcome, Failure>, now: DateTime<Utc> },
    /// The connection broke around a decision; the runtime asks for its fate and will answer `Decided`.
    DecisionInDoubt { job_id: JobId, verb: Verb },
    /// The answer to `Undo`.
    Undone { job_id: JobId, result: Result<Outcome, Failure>, now: DateTime<Utc> },
    /// The answer to `Skip`.
    Skipped { job_id: JobId, result: Result<Outcome, Failure> },
    /// The answer to `CountOthers`.
    OthersCounted { job_id: JobId, result: Result<u32, Failure> },
    /// The answer to `EditOutside`: what the editor left, or why that is not taken, in words without a payload.
    EditedOutside { result: Result<Words, String>, now: DateTime<Utc> },
    /// The answer to `ForceRelease`.
    Released { job_id: JobId, result: Result<Outcome, Failure> },
    /// Something came to light about the job that is being read, compared with this pin: from `ExtendLease` or `Watch`.
    Changed { job_id: JobId, pin: Pin, change: Change, now: DateTime<Utc> },
    /// The answer to `LookBack`.
    LookedBack { job_id: JobId, pin: Pin, meanwhile: Meanwhile, now: DateTime<Utc> },
    /// How the job stands that is only looked at: from `Watch` without a pin.
    Stands { job_id: JobId, standing: Standing, now: DateTime<Utc> },
    /// The answer for one row of `ActOnDeadLetters`.
    DeadLetterActed { job_id: JobId, result: Result<Outcome, Failure> },
    /// The answer to `ForecastHold`.
    HoldForecast { scope: Scope, result: Result<HoldForecast, Failure> },
    /// The answer to `ForecastResume`.
    ResumeForecast { hold_id: i64, result: Result<ResumeForecast, Failure> },
    /// The answer to `Hold`: what the database said, and how many jobs were stopped.
    Held { scope: Scope, result: Result<(Outcome, i64), Failure> },
    /// How a resume goes.
    ResumeWent { what: String, result: Result<Went, Failure> },
    /// The program was stopped, by whomever, and goes on.
    Continued(DateTime<Utc>),
    /// The program was asked to end from outside: a signal, or the terminal went away.
    Terminate,
}

/// Why something could not be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The database answered, and the answer is no.
    #[error("{0}")]
    Refused(Outcome),
    /// The database cannot be reached; why, in words without a payload.
    #[error("the database is away: {0}")]
    Away(String),
    /// Anything else, in words without a payload that say what to do.
    #[error("{0}")]
    Other(String),
}
