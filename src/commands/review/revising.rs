//! `countersign review revise` and `kept`, and the note of a rejection: what people write, and where it is.

use std::io::{self, IsTerminal};
use std::path::Path;

use uuid::Uuid;
use zeroize::Zeroizing;

use super::{applied, barred};
use crate::commands::bodies::{self, Body, LONGEST_DRAFT, LONGEST_NOTE};
use crate::commands::{Failure, output};
use crate::config::Config;
use crate::domain::{Direction, Job, JobId, Pin};
use crate::outside::{self, OutsideEditor, Sheet};
use crate::session::Session;
use crate::store::NewBody;
use crate::store::review::Opened;
use crate::text::View;

/// A note about the rejection of this job, sealed.
pub async fn note(session: &Session, job_id: JobId, path: &Path) -> Result<NewBody, Failure> {
    let text = bodies::read(Some(path), "the note", LONGEST_NOTE)?;
    let job = known(session, job_id).await?;
    let sealed = session.keys()?.seal_note(&job.agency, job.correlation_id, job_id.0, text.as_bytes())?;
    Ok(NewBody { key_id: sealed.key_id, sealed: sealed.bytes, digest: sealed.digest.to_vec() })
}

/// Stores another text in the draft's place and gives the job back, for somebody else's look. What comes too late is kept
/// and refused.
pub async fn revise(
    session: &Session,
    config: &Config,
    job_id: JobId,
    pin: &Pin,
    file: Option<&Path>,
) -> Result<String, Failure> {
    let keys = session.keys()?;
    let job = known(session, job_id).await?;
    let before = draft(session, job_id, pin).await?;
    let (text, sheet) = match &config.editor {
        Some(editor) if file.is_none() && io::stdin().is_terminal() => {
            let (text, sheet) = edited(editor, &before).await?;
            (text, Some(sheet))
        }
        _ => (bodies::read(file, "the draft", LONGEST_DRAFT)?, None),
    };
    if text == before {
        return Err(Failure::refused("nothing was changed, so nothing was stored"));
    }
    let stored = async {
        let draft_id = Uuid::now_v7();
        let body = bodies::seal(keys, &job.agency, job.correlation_id, draft_id, Direction::Draft, text.as_bytes())?;
        Ok(session.store.revise(job_id, pin, draft_id, &body, Uuid::now_v7()).await?)
    };
    let outcome = match (stored.await, sheet) {
        (Ok(outcome), _) => outcome,
        (Err(failure), None) => return Err(failure),
        // The file is the only place where the text is now.
        (Err(failure), Some(sheet)) => {
            let path = sheet.leave();
            let place = output::safe_line(&path.display().to_string());
            return Err(Failure::refused(format!(
                "{failure}; your text is still in {place}, remove it when it is saved"
            )));
        }
    };
    if outcome.kept {
        let JobId(number) = job_id;
        return Err(Failure::refused(format!(
            "{job_id} not edited: {}; your text is kept, `countersign review kept {number}` prints it",
            output::safe_line(&outcome.to_string())
        )));
    }
    applied(outcome)?;
    Ok(format!("{job_id} edited; it waits for somebody else's look\n"))
}

/// What was kept, newest first.
pub async fn list(session: &Session, json: bool) -> Result<String, Failure> {
    let kept = session.store.kept_revisions().await?;
    if json {
        return output::json(&kept);
    }
    if kept.is_empty() {
        return Ok("no text is kept beside its draft\n".to_owned());
    }
    let mut table = output::Table::new(&["job", "kept by", "at", "draft"]);
    for row in kept {
        table.row([row.job_id.0.to_string(), row.kept_by, output::time(row.kept_at), row.draft_id.to_string()]);
    }
    Ok(format!("{table}\nprint one with `countersign review kept JOB`\n"))
}

/// The texts that were kept for one job. The opening is on record like any other.
pub async fn print(session: &Session, job_id: JobId) -> Result<String, Failure> {
    let kept: Vec<_> = session.store.kept_revisions().await?.into_iter().filter(|kept| kept.job_id == job_id).collect();
    if kept.is_empty() {
        return Err(Failure::refused(format!("{job_id}: no text is kept beside its draft")));
    }
    let opened = match session.store.open_body(job_id, None).await? {
        Opened::Conversation(sealed) => bodies::open(session.keys()?, *sealed)?,
        Opened::Refused(outcome) => return Err(Failure::refused(output::safe_line(&outcome.to_string()))),
    };
    let mut text = String::new();
    for row in kept {
        let message = opened.messages.iter().find(|message| message.message_id == row.draft_id);
        let by = output::safe_line(&row.kept_by);
        text += &format!("\nkept for {job_id} by {by}, {}\n", output::time(row.kept_at));
        match message.map(|message| &message.body) {
            Some(Body::Opened(body)) => {
                barred(&mut text, body.as_bytes(), View::Unicode).map_err(Failure::refused)?;
            }
            Some(Body::Erased | Body::None | Body::Closed { .. }) | None => text += "(erased)\n",
        }
    }
    Ok(text)
}

async fn known(session: &Session, job_id: JobId) -> Result<Job, Failure> {
    let job = session.store.job(job_id).await?;
    job.ok_or_else(|| Failure::refused(format!("{job_id}: no such job here")))
}

/// The words that are edited.
async fn draft(session: &Session, job_id: JobId, pin: &Pin) -> Result<Zeroizing<String>, Failure> {
    let opened = match session.store.open_body(job_id, Some(pin.lease_token)).await? {
        Opened::Conversation(sealed) => bodies::open(session.keys()?, *sealed)?,
        Opened::Refused(outcome) => return Err(Failure::refused(output::safe_line(&outcome.to_string()))),
    };
    let read = opened.messages.iter().find(|message| message.message_id == pin.draft_id);
    match read.map(|message| &message.body) {
        Some(Body::Opened(body)) => Ok(Zeroizing::new(String::from_utf8_lossy(body.as_bytes()).into_owned())),
        _ => Err(Failure::refused(format!("{job_id}: the draft of this pin is not there"))),
    }
}

/// Lets the person's own editor at the draft.
async fn edited(editor: &OutsideEditor, before: &str) -> Result<(Zeroizing<String>, Sheet), Failure> {
    let sheet = editor.lay_out(before)?;
    let ended = tokio::process::Command::from(editor.over(&sheet)).status().await;
    let ended = ended.map_err(|source| editor.not_started(source))?;
    let text = sheet.read(ended, before)?;
    if text.trim().is_empty() {
        return Err(Failure::refused("the draft is empty, so nothing was stored"));
    }
    Ok((text, sheet))
}

impl From<outside::Error> for Failure {
    fn from(error: outside::Error) -> Self {
        Failure::refused(error)
    }
}
