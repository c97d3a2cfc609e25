//! Where one login works: its own connection, and what everybody shares.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::channels::Deliveries;
use super::worker::Stop;
use crate::demo::cast::AGENCY;
use crate::demo::catalogue::Catalogue;
use crate::demo::chance::Chance;
use crate::demo::conversations::Sample;
use crate::demo::pace::Pace;
use crate::demo::tally::Tally;
use crate::domain::{Direction, Message, OpenedConversation};
use crate::session::Result;
use crate::store::{NewBody, SealedBody, Store};
use crate::vault::{Keyring, Place};

/// What all who take part share.
#[derive(Debug)]
pub struct Office {
    pub keys: Arc<Keyring>,
    pub catalogue: Catalogue,
    pub tally: Tally,
    pub pace: Pace,
    pub deliveries: Deliveries,
}

/// One login at work.
#[derive(Debug, Clone)]
pub struct Desk {
    pub store: Store,
    pub office: Arc<Office>,
    pub stop: Stop,
}

/// A conversation in the clear.
#[derive(Debug)]
pub struct Transcript {
    pub inbound: Vec<String>,
    pub drafts: Vec<String>,
    /// The draft that the job is about.
    pub draft: Option<String>,
}

impl Desk {
    pub fn seal(&self, conversation: Uuid, message: Uuid, direction: Direction, body: &str) -> Result<NewBody> {
        let place = Place { agency: AGENCY, conversation, message, direction };
        let sealed = self.office.keys.seal(&place, body.as_bytes())?;
        Ok(NewBody { key_id: sealed.key_id, sealed: sealed.bytes, digest: sealed.digest.to_vec() })
    }

    /// Opens every body and checks its digest.
    pub fn read(&self, opened: &OpenedConversation<SealedBody>) -> Result<Transcript> {
        let mut transcript = Transcript { inbound: Vec::new(), drafts: Vec::new(), draft: None };
        for message in &opened.messages {
            let Some(text) = self.open(opened, message)? else { continue };
            if opened.draft_id == Some(message.message_id) {
                transcript.draft = Some(text.clone());
            }
            match message.direction {
                Direction::Inbound => transcript.inbound.push(text),
                Direction::Draft => transcript.drafts.push(text),
                Direction::Outbound => {}
            }
        }
        Ok(transcript)
    }

    pub async fn pause(&self, chance: &mut Chance, span: &Range<Duration>) {
        self.stop.pause(chance.within(span)).await;
    }

    /// None for a message without a body, or whose body was erased.
    fn open(&self, opened: &OpenedConversation<SealedBody>, message: &Message<SealedBody>) -> Result<Option<String>> {
        let SealedBody::Sealed { bytes, digest, .. } = &message.body else { return Ok(None) };
        let place = Place {
            agency: &opened.agency,
            conversation: opened.conversation_id,
            message: message.message_id,
            direction: message.direction,
        };
        let body = self.office.keys.open(&place, bytes, digest)?;
        Ok(Some(String::from_utf8_lossy(body.as_bytes()).into_owned()))
    }
}

impl Office {
    /// Which sample this is; none when somebody else brought the conversation in.
    pub fn recognise(&self, transcript: &Transcript) -> Option<&Sample> {
        self.catalogue.recognise(transcript.inbound.iter().map(String::as_str))
    }
}
