//! Conversations that go in whole, hundreds by one call.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::producers::{NewConversation, codes, each, iso};
use super::statement::sql;
use super::{Error, NewBody, Result, Store};
use crate::domain::conversation::Direction;
use crate::domain::job::Codes;

/// A conversation with all its messages, oldest first. The last one is what is asked about: a draft, which waits for a
/// person, or a customer's message, which waits for a program.
#[derive(Debug, Clone, PartialEq)]
pub struct WholeConversation<'a> {
    pub conversation: &'a NewConversation,
    pub codes: &'a Codes,
    /// 0 is most urgent, 9 least; None for the middle.
    pub priority: Option<i16>,
    /// None: the kind's own time allowed.
    pub deadline_at: Option<DateTime<Utc>>,
    pub messages: Vec<WholeMessage<'a>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholeMessage<'a> {
    pub message_id: Uuid,
    pub direction: Direction,
    /// None for a draft: the database says when it came.
    pub at: Option<DateTime<Utc>>,
    pub body: &'a NewBody,
    pub author_ref: &'a str,
}

#[derive(Deserialize)]
struct Imported {
    stored: HashSet<Uuid>,
}

impl Store {
    /// Stores those about which there is nothing to ask, all in one transaction, and says which those were. The others are as
    /// before; `open_conversations` and the calls after it take them or say what is wrong with them.
    pub async fn import_conversations(&self, whole: &[WholeConversation<'_>]) -> Result<HashSet<Uuid>> {
        let messages: Vec<(Uuid, &WholeMessage<'_>)> = whole
            .iter()
            .flat_map(|one| one.messages.iter().map(|message| (one.conversation.conversation_id, message)))
            .collect();
        let answer = self
            .statement(sql!("import_conversations"))
            .bind(each(whole, |one| one.conversation.conversation_id.to_string()))
            .bind(each(whole, |one| one.conversation.agency.as_str()))
            .bind(each(whole, |one| one.conversation.customer_ref.as_str()))
            .bind(each(whole, |one| one.conversation.channel_kind.as_str()))
            .bind(each(whole, |one| codes(one.codes)))
            .bind(each(whole, |one| one.priority.map(i32::from)))
            .bind(each(whole, |one| one.deadline_at.map(iso)))
            .bind(each(&messages, |(conversation, _)| conversation.to_string()))
            .bind(each(&messages, |(_, message)| message.message_id.to_string()))
            .bind(each(&messages, |(_, message)| message.direction.as_str()))
            .bind(each(&messages, |(_, message)| message.at.map(iso)))
            .bind(each(&messages, |(_, message)| message.body.key_id.as_str()))
            .bind(each(&messages, |(_, message)| message.body.sealed.as_slice()))
            .bind(each(&messages, |(_, message)| message.body.digest.as_slice()))
            .bind(each(&messages, |(_, message)| message.author_ref))
            .answer::<Imported>()
            .await;
        match answer {
            Ok(imported) => Ok(imported.stored),
            // One of them is misuse, and the database took none: apart it is found out which.
            Err(Error::Refused { .. }) => Ok(HashSet::new()),
            Err(error) => Err(error),
        }
    }
}
