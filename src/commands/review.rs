//! `countersign review`: read a draft and decide on it, through the same calls as the dashboard.

mod revising;

use std::fmt::Write as _;

use uuid::Uuid;

use super::bodies::{self, Body};
use super::{Failure, output};
use crate::cli::{Decision, ReviewAction};
use crate::config::Config;
use crate::domain::conversation::OpenedConversation;
use crate::domain::{Direction, JobId, JobKind, Message, Outcome, Pin};
use crate::session::Session;
use crate::store::review::{Opened, Reading};
use crate::text::{SafeText, View};

pub async fn run(session: &Session, config: &Config, action: &ReviewAction) -> Result<String, Failure> {
    let store = &session.store;
    let command_id = Uuid::now_v7();
    match action {
        ReviewAction::Open { job, ascii } => {
            let view = if *ascii { View::Ascii } else { View::Unicode };
            open(session, *job, view).await
        }
        ReviewAction::Approve(Decision { job, pin }) => {
            require_readable(session, *job, pin).await?;
            let outcome = store.approve(*job, pin, Reading::default(), command_id).await?;
            let outcome = applied(outcome)?;
            let leaves = outcome.leaves_at.map(|at| format!(", leaves at {}", output::time(at))).unwrap_or_default();
            Ok(format!(
                "{job} approved{}{leaves}; `countersign review undo {}` takes it back\n",
                created(&outcome),
                job.0
            ))
        }
        ReviewAction::Reject { decision: Decision { job, pin }, reason, note_file } => {
            let note = match note_file {
                Some(path) => Some(revising::note(session, *job, path).await?),
                None => None,
            };
            let outcome = applied(store.reject(*job, pin, reason, note.as_ref(), command_id).await?)?;
            Ok(format!("{job} rejected{}\n", created(&outcome)))
        }
        ReviewAction::Revise { decision: Decision { job, pin }, file } => {
            revising::revise(session, config, *job, pin, file.as_deref()).await
        }
        ReviewAction::Kept { job: None, json } => revising::list(session, *json).await,
        ReviewAction::Kept { job: Some(job), .. } => revising::print(session, *job).await,
        ReviewAction::Escalate { decision: Decision { job, pin }, reason } => {
            let outcome = applied(store.escalate(*job, pin, reason, command_id).await?)?;
            Ok(format!("{job} escalated{}\n", created(&outcome)))
        }
        ReviewAction::Undo { job } => {
            let outcome = applied(store.undo(*job, command_id).await?)?;
            Ok(format!("{job} undone{}\n", created(&outcome)))
        }
    }
}

/// An applied outcome, or the sentence that says why not.
pub fn applied(outcome: Outcome) -> Result<Outcome, Failure> {
    if outcome.is_applied() { Ok(outcome) } else { Err(Failure::refused(output::safe_line(&outcome.to_string()))) }
}

/// Takes the job, an escalation included, and prints what is to be judged.
async fn open(session: &Session, job: JobId, view: View) -> Result<String, Failure> {
    let store = &session.store;
    let keys = session.keys()?;
    let known = store.job(job).await?.ok_or_else(|| Failure::refused(format!("{job}: no such job here")))?;
    let claim = match known.job_kind {
        JobKind::Escalate => store.take_escalation(job, Uuid::now_v7()).await?,
        _ => store.claim_review(Some(job)).await?,
    };
    let expires_at = claim.lease_expires_at;
    let outcome = applied(claim.outcome)?;
    // Taking an escalation over opens an approve job in its place.
    let job = outcome.created_job_id.unwrap_or(job);
    let opened = match store.open_body(job, outcome.lease_token).await? {
        Opened::Conversation(sealed) => match bodies::open(keys, *sealed) {
            Ok(opened) => opened,
            Err(failure) => {
                // What cannot be read here is not kept from those who can read it; at worst the lease runs out.
                if let Some(token) = outcome.lease_token {
                    drop(store.release(job, token, Uuid::now_v7()).await);
                }
                return Err(failure);
            }
        },
        Opened::Refused(outcome) => return Err(Failure::refused(output::safe_line(&outcome.to_string()))),
    };
    let mut text = conversation(job, &opened, view).map_err(Failure::refused)?;
    if let Some(at) = expires_at {
        writeln!(text, "yours until {}", output::time(at)).map_err(Failure::refused)?;
    }
    Ok(text)
}

/// Refuses when the draft does not open here: then it was not read here, whatever the pin says. What the database has
/// against the decision, it says when asked for the decision.
async fn require_readable(session: &Session, job: JobId, pin: &Pin) -> Result<(), Failure> {
    let keys = session.keys()?;
    if let Opened::Conversation(sealed) = session.store.open_body(job, Some(pin.lease_token)).await? {
        bodies::open(keys, *sealed)?;
    }
    Ok(())
}

fn conversation(job: JobId, opened: &OpenedConversation<Body>, view: View) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    let reference = output::safe_line(&opened.customer_ref);
    writeln!(text, "{job}  {}  {}  to {reference}", opened.agency, opened.channel_kind)?;
    writeln!(text, "conversation {}", opened.conversation_id)?;
    for rejection in &opened.rejections {
        let by = output::safe_line(&rejection.decided_by);
        writeln!(
            text,
            "an earlier draft was rejected: {} by {by}, {}",
            rejection.reason,
            output::time(rejection.decided_at)
        )?;
        match &rejection.note {
            Some(Body::Opened(note)) => barred(&mut text, note.as_bytes(), view)?,
            Some(Body::Erased | Body::None) => writeln!(text, "(its note was erased)")?,
            Some(Body::Closed { why }) => writeln!(text, "(its note does not open: {})", output::safe_line(why))?,
            None => {}
        }
    }
    for said in opened.messages.iter().filter(|message| message.direction != Direction::Draft) {
        message(&mut text, said, view)?;
    }
    if let Some(draft) = opened.draft() {
        message(&mut text, draft, view)?;
    }
    match &opened.pin {
        Some(pin) => deciding(&mut text, job, pin, opened.needs_another)?,
        None => writeln!(text, "\nfor reading only: the job is not leased to you")?,
    }
    Ok(text)
}

/// One message. A bar stands before every line of it, so that no message can pass for what this program says.
fn message(text: &mut String, message: &Message<Body>, view: View) -> std::fmt::Result {
    let author = output::safe_line(&message.author_ref);
    let who = match message.direction {
        Direction::Draft => format!("DRAFT {} by {author}", message.message_id),
        direction => format!("{direction} {} from {author}", message.seq),
    };
    writeln!(text, "\n{who}, {}", output::time(message.at))?;
    match &message.body {
        Body::Opened(bytes) => barred(text, bytes.as_bytes(), view)?,
        Body::Erased => writeln!(text, "(erased)")?,
        Body::None => writeln!(text, "(the draft above left)")?,
        Body::Closed { why } => writeln!(text, "(it does not open: {})", output::safe_line(why))?,
    }
    for attachment in &message.attachments {
        let media_type = output::safe_line(&attachment.media_type);
        writeln!(text, "attachment {} {media_type}, {} bytes", attachment.attachment_id, attachment.bytes)?;
    }
    Ok(())
}

fn barred(text: &mut String, bytes: &[u8], view: View) -> std::fmt::Result {
    let safe = SafeText::from_bytes(bytes);
    let safe = if view == View::Ascii { safe.ascii_only() } else { safe };
    safe.to_string().lines().try_for_each(|line| writeln!(text, "| {line}"))
}

fn deciding(text: &mut String, job: JobId, pin: &Pin, needs_another: bool) -> std::fmt::Result {
    if needs_another {
        writeln!(text, "\nyou wrote or edited this draft: someone else must approve it")?;
    }
    writeln!(text, "\ndigest {}; decide with:", pin.short_digest())?;
    if !needs_another {
        writeln!(text, "  countersign review approve {} --pin {pin}", job.0)?;
    }
    writeln!(text, "  countersign review reject {} --pin {pin} --reason CODE", job.0)?;
    writeln!(text, "  countersign review escalate {} --pin {pin} --reason CODE", job.0)?;
    writeln!(text, "  countersign review revise {} --pin {pin} FILE", job.0)
}

fn created(outcome: &Outcome) -> String {
    outcome.created_job_id.map(|job| format!(", opened {job}")).unwrap_or_default()
}
