//! Lines on their way into the database: ids derived, bodies sealed, one call for hundreds of lines that are new and plain,
//! four for the rest.

use std::collections::{HashMap, HashSet};

use chrono::SecondsFormat;
use uuid::Uuid;

use super::fault::Fault;
use super::format::{Conversation, Draft, Message};
use crate::commands::{Failure, bodies, output};
use crate::domain::Direction;
use crate::store::importing::{WholeConversation, WholeMessage};
use crate::store::producers::{NewConversation, NewDraft, NewHistory, NewInbound, Stored};
use crate::store::{self, Store};
use crate::vault::{self, Keyring};

const CUSTOMER: &str = "customer";
/// Who wrote what went out before Countersign: nobody knows any more.
const BEFORE: &str = "imported";

/// Conversations that are stored together. Each of them is there once.
#[derive(Default)]
pub struct Batch {
    /// The number of each line.
    lines: Vec<u64>,
    conversations: Vec<NewConversation>,
    histories: Vec<Of<NewHistory>>,
    inbounds: Vec<Of<NewInbound>>,
    drafts: Vec<Of<NewDraft>>,
    known: HashSet<Uuid>,
}

/// A row and which of the batch's lines it comes from.
struct Of<R> {
    line: usize,
    row: R,
}

/// What became of a line.
pub enum Fate {
    /// Nothing of it was new so far.
    Known,
    Added,
    Refused(Fault),
}

impl Batch {
    /// Seals a conversation and adds it; gives it back when its conversation is in this batch already.
    pub fn add(&mut self, line: u64, said: Conversation, keys: &Keyring) -> Result<Option<Conversation>, vault::Error> {
        let first = &said.messages[0];
        let conversation_id = match said.conversation_id {
            Some(id) => id,
            None => {
                let parts = [
                    said.customer_ref.as_bytes(),
                    said.channel_kind.as_bytes(),
                    time(first).as_bytes(),
                    first.body.as_bytes(),
                ]
                .map(<[u8]>::to_vec);
                let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
                keys.derive_id(&said.agency, "conversation", &parts)?
            }
        };
        if !self.known.insert(conversation_id) {
            return Ok(Some(said));
        }
        let index = self.lines.len();
        let place = Place { keys, agency: &said.agency, conversation_id };
        let wants_inbound_job = said.draft.is_none();
        let newest = said.messages.len() - 1;
        let mut twins = HashMap::new();
        for (position, message) in said.messages.iter().enumerate() {
            let message_id = place.message_id(message, &mut twins)?;
            if wants_inbound_job && position == newest {
                let row = NewInbound {
                    conversation_id,
                    message_id,
                    at: message.at,
                    body: place.seal(message_id, message.direction, &message.body)?,
                    codes: said.codes.clone(),
                    priority: said.priority,
                    deadline_at: said.deadline_at,
                    author_ref: CUSTOMER.to_owned(),
                    attachments: Vec::new(),
                    command_id: Uuid::now_v7(),
                };
                self.inbounds.push(Of { line: index, row });
            } else {
                let author = if message.direction == Direction::Inbound { CUSTOMER } else { BEFORE };
                let row = NewHistory {
                    conversation_id,
                    message_id,
                    direction: message.direction,
                    at: message.at,
                    body: place.seal(message_id, message.direction, &message.body)?,
                    author_ref: author.to_owned(),
                    command_id: Uuid::now_v7(),
                };
                self.histories.push(Of { line: index, row });
            }
        }
        if let Some(draft) = &said.draft {
            let draft_id = place.draft_id(draft)?;
            let row = NewDraft {
                conversation_id,
                draft_id,
                author_ref: draft.author.clone(),
                body: place.seal(draft_id, Direction::Draft, &draft.body)?,
                codes: said.codes.clone(),
                priority: said.priority,
                deadline_at: said.deadline_at,
                revises: None,
                command_id: Uuid::now_v7(),
            };
            self.drafts.push(Of { line: index, row });
        }
        self.lines.push(line);
        self.conversations.push(NewConversation {
            conversation_id,
            agency: said.agency,
            customer_ref: said.customer_ref,
            channel_kind: said.channel_kind,
            command_id: Uuid::now_v7(),
        });
        Ok(None)
    }

    /// Stores everything: what is new and plain whole, the rest call by call, messages before the question about them. Says
    /// of each line what became of it.
    pub async fn store(self, store: &Store) -> Result<Vec<(u64, Fate)>, Failure> {
        let whole = store.import_conversations(&self.whole()).await?;
        let is_apart: Vec<bool> = self.conversations.iter().map(|new| !whole.contains(&new.conversation_id)).collect();
        let apart = of_lines(self.conversations.into_iter().enumerate(), |line| is_apart[line]);
        let mut answers = store.open_conversations(&apart.rows).await?.into_iter().map(Fate::of_conversation);
        let fate = |is_apart: &bool| if *is_apart { answers.next() } else { Some(Fate::Added) };
        let mut fates: Vec<Fate> = is_apart.iter().filter_map(fate).collect();

        let rows = remaining(self.histories, &fates, &is_apart);
        judge(&mut fates, &rows.lines, store.store_histories(&rows.rows).await?);
        let rows = remaining(self.inbounds, &fates, &is_apart);
        judge(&mut fates, &rows.lines, store.store_inbounds(&rows.rows).await?);
        let rows = remaining(self.drafts, &fates, &is_apart);
        judge(&mut fates, &rows.lines, store.submit_drafts(&rows.rows).await?);

        Ok(self.lines.into_iter().zip(fates).collect())
    }

    /// Each conversation with its messages and what is asked about the last of them.
    fn whole(&self) -> Vec<WholeConversation<'_>> {
        let mut messages: Vec<Vec<WholeMessage<'_>>> = self.lines.iter().map(|_| Vec::new()).collect();
        for Of { line, row } in &self.histories {
            messages[*line].push(WholeMessage {
                message_id: row.message_id,
                direction: row.direction,
                at: Some(row.at),
                body: &row.body,
                author_ref: &row.author_ref,
            });
        }
        let inbounds = self.inbounds.iter().map(|Of { line, row }| {
            let last = WholeMessage {
                message_id: row.message_id,
                direction: Direction::Inbound,
                at: Some(row.at),
                body: &row.body,
                author_ref: &row.author_ref,
            };
            (*line, last, &row.codes, row.priority, row.deadline_at)
        });
        let drafts = self.drafts.iter().map(|Of { line, row }| {
            let last = WholeMessage {
                message_id: row.draft_id,
                direction: Direction::Draft,
                at: None,
                body: &row.body,
                author_ref: &row.author_ref,
            };
            (*line, last, &row.codes, row.priority, row.deadline_at)
        });
        let whole = inbounds.chain(drafts).map(|(line, last, codes, priority, deadline_at)| {
            let mut messages = std::mem::take(&mut messages[line]);
            messages.push(last);
            WholeConversation { conversation: &self.conversations[line], codes, priority, deadline_at, messages }
        });
        whole.collect()
    }
}

impl Fate {
    fn of_conversation(answer: store::Result<Stored>) -> Fate {
        match answer {
            // An open conversation without anything in it is nothing new to anybody.
            Ok(stored) if matches!(stored.outcome.outcome.as_str(), "applied" | "exists") => Fate::Known,
            Ok(stored) if stored.outcome.outcome == "not_found" => Fate::Refused(Fault::Answered {
                reason: "this producer may not write there, or the conversation is somebody else's".to_owned(),
            }),
            other => Fate::Refused(refusal(other)),
        }
    }
}

/// Rows, and which line each belongs to.
struct Rows<R> {
    lines: Vec<usize>,
    rows: Vec<R>,
}

fn of_lines<R>(rows: impl Iterator<Item = (usize, R)>, wanted: impl Fn(usize) -> bool) -> Rows<R> {
    let (lines, rows) = rows.filter(|(line, _)| wanted(*line)).unzip();
    Rows { lines, rows }
}

/// The rows of lines that go in call by call and were not refused so far.
fn remaining<R>(rows: Vec<Of<R>>, fates: &[Fate], is_apart: &[bool]) -> Rows<R> {
    let wanted = |line: usize| is_apart[line] && !matches!(fates[line], Fate::Refused(_));
    of_lines(rows.into_iter().map(|of| (of.line, of.row)), wanted)
}

fn judge(fates: &mut [Fate], owners: &[usize], answers: Vec<store::Result<Stored>>) {
    for (line, answer) in owners.iter().zip(answers) {
        match answer {
            Ok(stored) if stored.outcome.is_applied() => {
                if matches!(fates[*line], Fate::Known) {
                    fates[*line] = Fate::Added;
                }
            }
            Ok(stored) if stored.outcome.outcome == "exists" => {}
            other => fates[*line] = Fate::Refused(refusal(other)),
        }
    }
}

fn refusal(answer: store::Result<Stored>) -> Fault {
    let reason = match answer {
        Ok(stored) => stored.outcome.to_string(),
        Err(error) => error.to_string(),
    };
    Fault::Answered { reason: output::safe_line(&reason) }
}

/// Where the messages of one line belong.
struct Place<'a> {
    keys: &'a Keyring,
    agency: &'a str,
    conversation_id: Uuid,
}

impl Place<'_> {
    /// Follows from what was said and when, not from the position: a file that repeats the beginning of a conversation
    /// and goes on adds what is new. Equal messages of the same moment are told apart by their count.
    fn message_id(&self, message: &Message, twins: &mut HashMap<Uuid, u64>) -> Result<Uuid, vault::Error> {
        let parts: [&[u8]; 4] = [
            self.conversation_id.as_bytes(),
            message.direction.as_str().as_bytes(),
            &time(message).into_bytes(),
            message.body.as_bytes(),
        ];
        let first = self.keys.derive_id(self.agency, "message", &parts)?;
        let count = twins.entry(first).or_insert(0);
        *count += 1;
        match *count {
            1 => Ok(first),
            count => self.keys.derive_id(self.agency, "message", &[first.as_bytes(), &count.to_be_bytes()]),
        }
    }

    fn draft_id(&self, draft: &Draft) -> Result<Uuid, vault::Error> {
        let parts: [&[u8]; 3] = [self.conversation_id.as_bytes(), draft.author.as_bytes(), draft.body.as_bytes()];
        self.keys.derive_id(self.agency, "draft", &parts)
    }

    fn seal(&self, message: Uuid, direction: Direction, body: &str) -> Result<store::NewBody, vault::Error> {
        bodies::seal(self.keys, self.agency, self.conversation_id, message, direction, body.as_bytes())
    }
}

/// The one way in which a time enters a derived id.
fn time(message: &Message) -> String {
    message.at.to_rfc3339_opts(SecondsFormat::Micros, true)
}
