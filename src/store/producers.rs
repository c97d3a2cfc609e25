//! The calls of producers: conversations, messages and drafts go in.
//!
//! Each call takes many at once, because a file of a million conversations should not take four million round trips;
//! one is a batch of one. All rows of a batch commit together.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::statement::{Statement, sql};
use super::{Error, NewBody, Result, Store};
use crate::domain::conversation::Direction;
use crate::domain::job::Codes;
use crate::domain::{JobId, Outcome};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConversation {
    pub conversation_id: Uuid,
    pub agency: String,
    pub customer_ref: String,
    pub channel_kind: String,
    pub command_id: Uuid,
}

/// A message that a customer wrote and that wants an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct NewInbound {
    pub conversation_id: Uuid,
    pub message_id: Uuid,
    pub at: DateTime<Utc>,
    pub body: NewBody,
    pub codes: Codes,
    /// 0 is most urgent, 9 least; None for the middle.
    pub priority: Option<i16>,
    /// None: the kind's own time allowed.
    pub deadline_at: Option<DateTime<Utc>>,
    pub author_ref: String,
    pub attachments: Vec<NewAttachment>,
    pub command_id: Uuid,
}

/// An attachment's description. The bytes are elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewAttachment {
    pub attachment_id: Uuid,
    pub media_type: String,
    pub bytes: i64,
    pub uri: String,
}

/// A message that is part of the conversation and wants no job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHistory {
    pub conversation_id: Uuid,
    pub message_id: Uuid,
    /// `Inbound` or `Outbound`.
    pub direction: Direction,
    pub at: DateTime<Utc>,
    pub body: NewBody,
    pub author_ref: String,
    pub command_id: Uuid,
}

/// A draft made elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDraft {
    pub conversation_id: Uuid,
    pub draft_id: Uuid,
    pub author_ref: String,
    pub body: NewBody,
    pub codes: Codes,
    pub priority: Option<i16>,
    pub deadline_at: Option<DateTime<Utc>>,
    pub revises: Option<Uuid>,
    pub command_id: Uuid,
}

/// The answer of a call that stores: `applied`, `exists`, `switched_off` or `not_found`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Stored {
    #[serde(flatten)]
    pub outcome: Outcome,
    #[serde(default)]
    pub seq: Option<i64>,
    /// The conversation's open question now points at this draft; no second one was opened.
    #[serde(default)]
    pub repointed: bool,
    #[serde(default)]
    pub escalated_job_id: Option<JobId>,
}

/// One event of the outbox: ids and codes only.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct OutboxEvent {
    pub event_id: i64,
    pub event_type: String,
    pub agency: String,
    pub job_id: Option<JobId>,
    pub correlation_id: Uuid,
    pub codes: serde_json::Value,
    pub created_at: DateTime<Utc>,
}

/// A page of the outbox and where the next one begins.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct OutboxPage {
    pub events: Vec<OutboxEvent>,
    pub next: i64,
}

impl Store {
    pub async fn open_conversation(&self, conversation: &NewConversation) -> Result<Stored> {
        one(self.open_conversations(std::slice::from_ref(conversation)).await?)
    }

    /// One answer per conversation, in order. The customer is made on demand.
    pub async fn open_conversations(&self, rows: &[NewConversation]) -> Result<Vec<Result<Stored>>> {
        self.batch(rows, |store, rows| {
            store
                .statement(sql!("open_conversations"))
                .bind(each(rows, |row| row.conversation_id.to_string()))
                .bind(each(rows, |row| row.agency.as_str()))
                .bind(each(rows, |row| row.customer_ref.as_str()))
                .bind(each(rows, |row| row.channel_kind.as_str()))
                .bind(each(rows, |row| row.command_id.to_string()))
        })
        .await
    }

    pub async fn store_inbound(&self, message: &NewInbound) -> Result<Stored> {
        one(self.store_inbounds(std::slice::from_ref(message)).await?)
    }

    /// One answer per message, in order; each opens its inbound job in the same transaction.
    pub async fn store_inbounds(&self, rows: &[NewInbound]) -> Result<Vec<Result<Stored>>> {
        self.batch(rows, |store, rows| {
            store
                .statement(sql!("store_inbounds"))
                .bind(each(rows, |row| row.conversation_id.to_string()))
                .bind(each(rows, |row| row.message_id.to_string()))
                .bind(each(rows, |row| iso(row.at)))
                .bind(each(rows, |row| row.body.key_id.as_str()))
                .bind(each(rows, |row| row.body.sealed.as_slice()))
                .bind(each(rows, |row| row.body.digest.as_slice()))
                .bind(each(rows, |row| codes(&row.codes)))
                .bind(each(rows, |row| row.priority.map(i32::from)))
                .bind(each(rows, |row| row.deadline_at.map(iso)))
                .bind(each(rows, |row| row.author_ref.as_str()))
                .bind(each(rows, |row| attachments(&row.attachments)))
                .bind(each(rows, |row| row.command_id.to_string()))
        })
        .await
    }

    pub async fn store_history(&self, message: &NewHistory) -> Result<Stored> {
        one(self.store_histories(std::slice::from_ref(message)).await?)
    }

    /// One answer per message, in order; the database numbers them as they come.
    pub async fn store_histories(&self, rows: &[NewHistory]) -> Result<Vec<Result<Stored>>> {
        self.batch(rows, |store, rows| {
            store
                .statement(sql!("store_histories"))
                .bind(each(rows, |row| row.conversation_id.to_string()))
                .bind(each(rows, |row| row.message_id.to_string()))
                .bind(each(rows, |row| row.direction.as_str()))
                .bind(each(rows, |row| iso(row.at)))
                .bind(each(rows, |row| row.body.key_id.as_str()))
                .bind(each(rows, |row| row.body.sealed.as_slice()))
                .bind(each(rows, |row| row.body.digest.as_slice()))
                .bind(each(rows, |row| row.author_ref.as_str()))
                .bind(each(rows, |row| row.command_id.to_string()))
        })
        .await
    }

    pub async fn submit_draft(&self, draft: &NewDraft) -> Result<Stored> {
        one(self.submit_drafts(std::slice::from_ref(draft)).await?)
    }

    /// One answer per draft, in order; each opens its approve job or repoints the open one.
    pub async fn submit_drafts(&self, rows: &[NewDraft]) -> Result<Vec<Result<Stored>>> {
        self.batch(rows, |store, rows| {
            store
                .statement(sql!("submit_drafts"))
                .bind(each(rows, |row| row.conversation_id.to_string()))
                .bind(each(rows, |row| row.draft_id.to_string()))
                .bind(each(rows, |row| row.author_ref.as_str()))
                .bind(each(rows, |row| row.body.key_id.as_str()))
                .bind(each(rows, |row| row.body.sealed.as_slice()))
                .bind(each(rows, |row| row.body.digest.as_slice()))
                .bind(each(rows, |row| codes(&row.codes)))
                .bind(each(rows, |row| row.priority.map(i32::from)))
                .bind(each(rows, |row| row.deadline_at.map(iso)))
                .bind(each(rows, |row| row.revises.map(|draft| draft.to_string())))
                .bind(each(rows, |row| row.command_id.to_string()))
        })
        .await
    }

    /// A job that looks at the conversation again at that time.
    pub async fn schedule_followup(
        &self,
        conversation_id: Uuid,
        process_after: DateTime<Utc>,
        signals: &Codes,
        priority: Option<i16>,
        command_id: Uuid,
    ) -> Result<Stored> {
        self.statement(sql!("schedule_followup"))
            .bind(conversation_id.to_string())
            .bind(iso(process_after))
            .bind(codes(signals))
            .bind(priority.map(i32::from))
            .bind(command_id.to_string())
            .answer()
            .await
    }

    /// Events after one that is known; none that commits late is passed over.
    pub async fn read_outbox(&self, after_event: i64, limit: i32) -> Result<OutboxPage> {
        self.statement(sql!("read_outbox")).bind(after_event).bind(limit).answer().await
    }

    /// Runs a batch. When one of its rows is misuse the database took none of them, so the halves are tried apart
    /// until the row stands alone: a bad row keeps nothing else out.
    async fn batch<'s, R>(
        &'s self,
        rows: &[R],
        statement: impl Fn(&'s Store, &[R]) -> Statement<'s>,
    ) -> Result<Vec<Result<Stored>>> {
        let mut answers = Vec::with_capacity(rows.len());
        let mut parts = vec![rows];
        while let Some(part) = parts.pop() {
            if part.is_empty() {
                continue;
            }
            match statement(self, part).answers::<Stored>().await {
                Ok(stored) if stored.len() == part.len() => answers.extend(stored.into_iter().map(Ok)),
                Ok(_) => return Err(Error::Unreadable { what: "the batch" }),
                Err(error @ Error::Refused { .. }) if part.len() == 1 => answers.push(Err(error)),
                Err(Error::Refused { .. }) => {
                    let (first, second) = part.split_at(part.len() / 2);
                    parts.push(second);
                    parts.push(first);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(answers)
    }
}

fn one(answers: Vec<Result<Stored>>) -> Result<Stored> {
    answers.into_iter().next().unwrap_or(Err(Error::Unreadable { what: "the call" }))
}

pub(super) fn each<'r, R, T>(rows: &'r [R], column: impl Fn(&'r R) -> T) -> Vec<T> {
    rows.iter().map(column).collect()
}

/// `safe_payload` as the calls take it. Confidence has three decimals there.
pub(super) fn codes(codes: &Codes) -> String {
    let confidence = codes.confidence.map(|confidence| (confidence * 1000.0).round() / 1000.0);
    let codes = Codes { confidence, ..codes.clone() };
    serde_json::to_string(&codes).expect("codes are strings and finite numbers")
}

fn attachments(attachments: &[NewAttachment]) -> String {
    serde_json::to_string(attachments).expect("attachments are strings and numbers")
}

pub(super) fn iso(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confidence_is_rounded_to_what_the_column_takes() {
        let of = |confidence| codes(&Codes { confidence: Some(confidence), ..Codes::default() });
        assert_eq!(of(0.83), r#"{"confidence":0.83}"#);
        assert_eq!(of(0.123_456), r#"{"confidence":0.123}"#);
        assert_eq!(of(2.0 / 3.0), r#"{"confidence":0.667}"#);
    }
}
