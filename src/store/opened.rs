//! Bodies on their way in and out: always sealed, here nothing opens them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::Error as _;
use serde::{Deserializer, de};
use uuid::Uuid;

use super::{Error, Result};
use crate::domain::conversation::{Attachment, Direction, Message, OpenedConversation, Rejection};
use crate::domain::{JobId, Pin};

/// A body as the message store returns it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SealedBody {
    Sealed {
        key_id: String,
        /// `version | key id | nonce | ciphertext`.
        bytes: Vec<u8>,
        /// The keyed digest stored beside it: whoever opens the body recomputes it.
        digest: Vec<u8>,
    },
    /// There was a body, and it was erased at the customer's wish.
    Erased,
    /// A message that never had one: the record that a draft left.
    None,
}

/// A sealed body to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBody {
    pub key_id: String,
    pub sealed: Vec<u8>,
    pub digest: Vec<u8>,
}

/// What `open_body` answers, refused or not.
#[derive(Debug, Clone, PartialEq)]
pub enum Opened {
    Conversation(Box<OpenedConversation<SealedBody>>),
    /// `not_found`, `not_authorised`, `lease_lost` or `payload_missing`.
    Refused(crate::domain::Outcome),
}

/// The jsonb of `open_body`, before it is checked.
#[derive(Deserialize)]
pub(super) struct Answer {
    #[serde(flatten)]
    outcome: crate::domain::Outcome,
    #[serde(flatten)]
    opened: Option<Conversation>,
}

#[derive(Deserialize)]
struct Conversation {
    agency: String,
    conversation_id: Uuid,
    /// Programs that only need a message do not learn whose it is.
    customer_ref: Option<String>,
    channel_kind: String,
    draft_id: Option<Uuid>,
    pin: Option<String>,
    #[serde(default)]
    needs_another: bool,
    #[serde(default)]
    kept_drafts: Vec<Uuid>,
    messages: Vec<StoredMessage>,
    #[serde(default)]
    rejections: Vec<StoredRejection>,
}

#[derive(Deserialize)]
struct StoredRejection {
    job_id: JobId,
    decided_by: String,
    decided_at: DateTime<Utc>,
    reason: String,
    note_key_id: Option<String>,
    #[serde(default, deserialize_with = "optional_base64")]
    note_sealed: Option<Vec<u8>>,
    #[serde(default)]
    note_erased: bool,
}

#[derive(Deserialize)]
struct StoredMessage {
    message_id: Uuid,
    seq: i64,
    direction: Direction,
    revises: Option<Uuid>,
    author_ref: String,
    at: DateTime<Utc>,
    key_id: Option<String>,
    #[serde(default, deserialize_with = "optional_base64")]
    sealed_body: Option<Vec<u8>>,
    #[serde(default, deserialize_with = "optional_hex")]
    digest: Option<Vec<u8>>,
    #[serde(default)]
    erased: bool,
    #[serde(default)]
    attachments: Vec<Attachment>,
}

impl Answer {
    pub fn into_opened(self) -> Result<Opened> {
        if self.outcome.outcome != "opened" {
            return Ok(Opened::Refused(self.outcome));
        }
        let unreadable = Error::Unreadable { what: "open_body" };
        let opened = self.opened.ok_or_else(|| unreadable.clone())?;
        let pin = opened.pin.map(|pin| pin.parse::<Pin>()).transpose().map_err(|_| unreadable)?;
        Ok(Opened::Conversation(Box::new(OpenedConversation {
            agency: opened.agency,
            conversation_id: opened.conversation_id,
            customer_ref: opened.customer_ref.unwrap_or_default(),
            channel_kind: opened.channel_kind,
            messages: opened.messages.into_iter().map(StoredMessage::into_message).collect(),
            draft_id: opened.draft_id,
            pin,
            needs_another: opened.needs_another,
            kept: opened.kept_drafts,
            rejections: opened.rejections.into_iter().map(StoredRejection::into_rejection).collect(),
        })))
    }
}

impl StoredMessage {
    fn into_message(self) -> Message<SealedBody> {
        let body = match (self.sealed_body, self.key_id, self.digest) {
            (Some(bytes), Some(key_id), Some(digest)) => SealedBody::Sealed { key_id, bytes, digest },
            _ if self.erased => SealedBody::Erased,
            _ => SealedBody::None,
        };
        Message {
            message_id: self.message_id,
            seq: self.seq,
            direction: self.direction,
            revises: self.revises,
            author_ref: self.author_ref,
            at: self.at,
            body,
            attachments: self.attachments,
        }
    }
}

impl StoredRejection {
    fn into_rejection(self) -> Rejection<SealedBody> {
        let note = match (self.note_sealed, self.note_key_id) {
            // Nothing keeps the digest of a note.
            (Some(bytes), Some(key_id)) => Some(SealedBody::Sealed { key_id, bytes, digest: Vec::new() }),
            _ => self.note_erased.then_some(SealedBody::Erased),
        };
        Rejection {
            job_id: self.job_id,
            decided_by: self.decided_by,
            decided_at: self.decided_at,
            reason: self.reason,
            note,
        }
    }
}

impl super::Store {
    /// Opens what a job points at. With the lease's token the answer carries the pin to decide with.
    pub(super) async fn open(&self, job: JobId, lease_token: Option<i64>) -> Result<Opened> {
        let mut answer = self.ask_to_open(job, lease_token).await?;
        // Who holds no lease is put on record first, and gets the body in a transaction of its own.
        if answer.outcome.outcome == "announced" {
            answer = self.ask_to_open(job, lease_token).await?;
        }
        answer.into_opened()
    }

    async fn ask_to_open(&self, job: JobId, lease_token: Option<i64>) -> Result<Answer> {
        self.statement(super::statement::sql!("open_body")).bind(job.0).bind(lease_token).answer().await
    }
}

/// PostgreSQL breaks base64 into lines of 76.
fn optional_base64<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<Vec<u8>>, D::Error> {
    let Some(mut text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    text.retain(|character| !character.is_ascii_whitespace());
    STANDARD.decode(text).map(Some).map_err(|_| D::Error::custom("not base64"))
}

fn optional_hex<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<Vec<u8>>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let not_hex = || <D::Error as de::Error>::custom("not hexadecimal");
    if text.len() % 2 != 0 {
        return Err(not_hex());
    }
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?))
        .collect::<Option<Vec<u8>>>()
        .map(Some)
        .ok_or_else(not_hex)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn opened(answer: serde_json::Value) -> Opened {
        serde_json::from_value::<Answer>(answer).unwrap().into_opened().unwrap()
    }

    #[test]
    fn a_body_arrives_whole_however_its_base64_is_broken_into_lines() {
        let id = Uuid::from_u128(5);
        let bytes: Vec<u8> = (0..=255).collect();
        let mut text = STANDARD.encode(&bytes);
        text.insert(76, '\n');
        let message = json!({
            "message_id": id, "seq": 1, "direction": "draft", "revises": null, "author_ref": "drafter-1",
            "at": "2026-11-20T09:12:00+00:00", "key_id": "k", "sealed_body": text, "digest": "00ff", "erased": false,
            "attachments": [{"attachment_id": id, "media_type": "image/png", "bytes": 3}]
        });
        let answer = opened(json!({
            "outcome": "opened", "job_id": 7, "agency": "acme", "conversation_id": id, "customer_ref": "cust-1",
            "channel_kind": "email", "draft_id": id, "pin": null, "messages": [message], "rejections": [
                {"job_id": 6, "decided_by": "bo", "decided_at": "2026-11-20T09:12:00+00:00", "reason": "tone",
                 "note_key_id": "k", "note_sealed": "AQID", "note_erased": false},
                {"job_id": 5, "decided_by": "bo", "decided_at": "2026-11-20T09:11:00+00:00", "reason": "tone",
                 "note_key_id": null, "note_sealed": null, "note_erased": true},
                {"job_id": 4, "decided_by": "bo", "decided_at": "2026-11-20T09:10:00+00:00", "reason": "tone",
                 "note_key_id": null, "note_sealed": null, "note_erased": false}
            ]
        }));
        let Opened::Conversation(conversation) = answer else { panic!("refused") };
        let sealed = SealedBody::Sealed { key_id: "k".into(), bytes, digest: vec![0, 255] };
        assert_eq!(conversation.draft().map(|draft| &draft.body), Some(&sealed));
        assert_eq!(conversation.messages[0].attachments[0].bytes, 3);
        let notes: Vec<_> = conversation.rejections.iter().map(|rejection| rejection.note.clone()).collect();
        let note = SealedBody::Sealed { key_id: "k".into(), bytes: vec![1, 2, 3], digest: Vec::new() };
        assert_eq!(notes, [Some(note), Some(SealedBody::Erased), None]);
    }

    #[test]
    fn a_refused_opening_is_an_answer() {
        let Opened::Refused(outcome) = opened(json!({"outcome": "lease_lost", "job_id": 7, "by": "ada"})) else {
            panic!("opened")
        };
        assert_eq!((outcome.outcome.as_str(), outcome.by.as_deref()), ("lease_lost", Some("ada")));
    }
}
