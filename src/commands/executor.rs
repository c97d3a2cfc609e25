//! `countersign put-draft`, `open-job`, `open-for-send`: sealing and opening for executors in other languages.

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::bodies::{self, Body, LONGEST_DRAFT};
use super::review::applied;
use super::{Failure, output};
use crate::cli::{OpenForSend, PutDraft};
use crate::domain::conversation::{OpenedConversation, Rejection};
use crate::domain::{Direction, JobId, JobKind, Message};
use crate::session::Session;
use crate::store::review::Opened;

/// What a send executor needs to deliver the message.
#[derive(Serialize)]
struct ToSend {
    job_id: JobId,
    agency: String,
    channel_kind: String,
    customer_ref: String,
    draft_id: Uuid,
    body: String,
}

/// What any other executor works on.
#[derive(Serialize)]
struct OpenedJob {
    job_id: JobId,
    agency: String,
    channel_kind: String,
    conversation_id: Uuid,
    customer_ref: String,
    messages: Vec<OpenedMessage>,
    /// Of earlier drafts, oldest first: what the next draft should do better.
    rejections: Vec<OpenedRejection>,
}

#[derive(Serialize)]
struct OpenedRejection {
    decided_at: DateTime<Utc>,
    reason: String,
    /// Null when the reviewer wrote none, it was erased, or it does not open.
    note: Option<String>,
    /// Why there is no note here although the reviewer wrote one.
    #[serde(skip_serializing_if = "Option::is_none")]
    note_closed: Option<String>,
}

#[derive(Serialize)]
struct OpenedMessage {
    message_id: Uuid,
    seq: i64,
    direction: Direction,
    author_ref: String,
    at: DateTime<Utc>,
    /// Null when the message was erased, or records that a draft left.
    body: Option<String>,
}

/// Reads a draft, seals it and stores it under the job's lease. Prints the draft's id.
pub async fn put_draft(session: &Session, arguments: &PutDraft) -> Result<String, Failure> {
    let text = bodies::read(arguments.file.as_deref(), "the draft", LONGEST_DRAFT)?;
    let job_id = arguments.job;
    let job = session.store.job(job_id).await?;
    let job = job.ok_or_else(|| Failure::refused(format!("{job_id}: no such job is leased to this login")))?;
    if job.job_kind != JobKind::Draft {
        return Err(Failure::refused(format!("{job_id} is no draft job")));
    }
    let draft_id = arguments.draft_id.unwrap_or_else(Uuid::now_v7);
    let keys = session.keys()?;
    let body = bodies::seal(keys, &job.agency, job.correlation_id, draft_id, Direction::Draft, text.as_bytes())?;
    let stored = session.store.put_draft(job_id, arguments.token, draft_id, &arguments.author, &body, Uuid::now_v7());
    applied(stored.await?)?;
    Ok(format!("{draft_id}\n"))
}

pub async fn open_for_send(session: &Session, arguments: &OpenForSend) -> Result<String, Failure> {
    let opened = open(session, arguments).await?;
    let draft = opened.draft().ok_or_else(|| Failure::refused(format!("{} has nothing to send", arguments.job)))?;
    let Body::Opened(body) = &draft.body else {
        return Err(Failure::refused("the draft was erased"));
    };
    output::json(&ToSend {
        job_id: arguments.job,
        draft_id: draft.message_id,
        body: text(body.as_bytes()),
        agency: opened.agency.clone(),
        channel_kind: opened.channel_kind.clone(),
        customer_ref: opened.customer_ref.clone(),
    })
}

pub async fn open_job(session: &Session, arguments: &OpenForSend) -> Result<String, Failure> {
    let opened = open(session, arguments).await?;
    output::json(&OpenedJob {
        job_id: arguments.job,
        agency: opened.agency,
        channel_kind: opened.channel_kind,
        conversation_id: opened.conversation_id,
        customer_ref: opened.customer_ref,
        messages: opened.messages.into_iter().map(OpenedMessage::from).collect(),
        rejections: opened.rejections.into_iter().map(OpenedRejection::from).collect(),
    })
}

async fn open(session: &Session, arguments: &OpenForSend) -> Result<OpenedConversation<Body>, Failure> {
    let keys = session.keys()?;
    match session.store.open_body(arguments.job, Some(arguments.token)).await? {
        Opened::Conversation(opened) => bodies::open(keys, *opened),
        Opened::Refused(outcome) => Err(Failure::refused(output::safe_line(&outcome.to_string()))),
    }
}

impl From<Message<Body>> for OpenedMessage {
    fn from(message: Message<Body>) -> Self {
        let body = match &message.body {
            Body::Opened(opened) => Some(text(opened.as_bytes())),
            Body::Erased | Body::None | Body::Closed { .. } => None,
        };
        OpenedMessage {
            message_id: message.message_id,
            seq: message.seq,
            direction: message.direction,
            author_ref: message.author_ref,
            at: message.at,
            body,
        }
    }
}

impl From<Rejection<Body>> for OpenedRejection {
    fn from(rejection: Rejection<Body>) -> Self {
        let (note, note_closed) = match rejection.note {
            Some(Body::Opened(note)) => (Some(text(note.as_bytes())), None),
            Some(Body::Closed { why }) => (None, Some(why)),
            Some(Body::Erased | Body::None) | None => (None, None),
        };
        OpenedRejection { decided_at: rejection.decided_at, reason: rejection.reason, note, note_closed }
    }
}

/// JSON carries text only; bytes that are none become U+FFFD.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
