//! Sealed bodies on their way to whoever may read them, and plain ones on their way in.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use uuid::Uuid;
use zeroize::Zeroizing;

use super::{Failure, output};
use crate::domain::conversation::{OpenedConversation, Rejection};
use crate::domain::{Direction, Message};
use crate::store::{NewBody, SealedBody};
use crate::vault::{self, ENVELOPE_OVERHEAD, Keyring, Opened, Place};

/// The database takes no longer envelope.
pub const LONGEST_DRAFT: usize = 16 * 1024 * 1024 - ENVELOPE_OVERHEAD;
/// Nor of a note.
pub const LONGEST_NOTE: usize = 64 * 1024 - ENVELOPE_OVERHEAD;

/// What is left of a body once it was opened.
pub enum Body {
    Opened(Opened),
    Erased,
    /// A message that never had one: the record that a draft left.
    None,
    /// A note that cannot be read here. Nothing of a note leaves, so the rest is shown without it.
    Closed {
        why: String,
    },
}

/// Opens every body of a conversation. A message that does not open fails the whole: what cannot be seen is not decided
/// on. A note that does not is said to be closed.
pub fn open(keys: &Keyring, sealed: OpenedConversation<SealedBody>) -> Result<OpenedConversation<Body>, Failure> {
    let (agency, conversation) = (sealed.agency, sealed.conversation_id);
    let messages = sealed.messages.into_iter().map(|message| {
        let place = Place { agency: &agency, conversation, message: message.message_id, direction: message.direction };
        let body = match message.body {
            SealedBody::Sealed { bytes, digest, .. } => Body::Opened(keys.open(&place, &bytes, &digest)?),
            SealedBody::Erased => Body::Erased,
            SealedBody::None => Body::None,
        };
        Ok(Message {
            message_id: message.message_id,
            seq: message.seq,
            direction: message.direction,
            revises: message.revises,
            author_ref: message.author_ref,
            at: message.at,
            body,
            attachments: message.attachments,
        })
    });
    let messages = messages.collect::<Result<Vec<_>, Failure>>()?;
    let rejections = sealed.rejections.into_iter().map(|rejection| {
        let note = match rejection.note {
            Some(SealedBody::Sealed { bytes, .. }) => {
                let opened = keys.open_note(&agency, conversation, rejection.job_id.0, &bytes);
                Some(opened.map_or_else(|error| Body::Closed { why: error.to_string() }, Body::Opened))
            }
            Some(SealedBody::Erased | SealedBody::None) => Some(Body::Erased),
            None => None,
        };
        Rejection {
            job_id: rejection.job_id,
            decided_by: rejection.decided_by,
            decided_at: rejection.decided_at,
            reason: rejection.reason,
            note,
        }
    });
    let rejections = rejections.collect();
    Ok(OpenedConversation {
        agency: agency.clone(),
        conversation_id: conversation,
        customer_ref: sealed.customer_ref,
        channel_kind: sealed.channel_kind,
        messages,
        draft_id: sealed.draft_id,
        pin: sealed.pin,
        needs_another: sealed.needs_another,
        kept: sealed.kept,
        rejections,
    })
}

/// Seals a body for its place, in the form that the store takes.
pub fn seal(
    keys: &Keyring,
    agency: &str,
    conversation: Uuid,
    message: Uuid,
    direction: Direction,
    body: &[u8],
) -> Result<NewBody, vault::Error> {
    let sealed = keys.seal(&Place { agency, conversation, message, direction }, body)?;
    Ok(NewBody { key_id: sealed.key_id, sealed: sealed.bytes, digest: sealed.digest.to_vec() })
}

/// Reads a text that is to be sealed: from a file, or from standard input where none is named or `-` is. One line break at
/// its end is the file's, not the text's. `what` it is, errors say.
pub fn read(path: Option<&Path>, what: &str, longest: usize) -> Result<Zeroizing<String>, Failure> {
    let path = path.filter(|path| *path != Path::new("-"));
    let mut bytes = Zeroizing::new(Vec::new());
    let limit = longest as u64 + 2;
    match path {
        Some(path) => {
            let unreadable = |error: io::Error| {
                Failure::refused(format!("cannot read {}: {error}", output::safe_line(&path.display().to_string())))
            };
            let file = File::open(path).map_err(unreadable)?;
            file.take(limit).read_to_end(&mut bytes).map_err(unreadable)?
        }
        None => io::stdin().lock().take(limit).read_to_end(&mut bytes)?,
    };
    let text = std::str::from_utf8(&bytes).map_err(|_| Failure::refused(format!("{what} is not valid UTF-8")))?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    if text.len() > longest {
        return Err(Failure::refused(format!("{what} is longer than {longest} bytes")));
    }
    if text.trim().is_empty() {
        return Err(Failure::refused(format!("{what} is empty")));
    }
    Ok(Zeroizing::new(text.to_owned()))
}
