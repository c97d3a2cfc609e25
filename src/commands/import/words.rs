//! Which codes and agencies a line may use, so that a refusal can say which of them is unknown.

use std::collections::HashSet;
use std::sync::Arc;

use uuid::Uuid;

use super::fault::Fault;
use super::format::Conversation;
use crate::commands::Failure;
use crate::session;
use crate::store::administration::NewCode;
use crate::store::{self, Store};
use crate::vault::Keyring;

/// What is registered, and who may register more.
pub struct Words {
    agencies: HashSet<String>,
    channels: HashSet<String>,
    languages: HashSet<String>,
    intents: HashSet<String>,
    keys: Arc<Keyring>,
    /// A platform_admin's connection, where new words are to be registered.
    registrar: Option<Store>,
    /// The producer that imports: it must be registered anew for a new agency or channel.
    producer: String,
}

impl Words {
    /// Asks the database once. Of agencies a producer sees none; those count for which there are keys.
    pub async fn load(
        store: &Store,
        keys: Arc<Keyring>,
        registrar: Option<Store>,
        producer: String,
    ) -> Result<Words, Failure> {
        let codes = store.import_vocabulary().await?;
        let of = |list: &str| codes.iter().filter(|code| code.list == list).map(|code| code.code.clone()).collect();
        Ok(Words {
            agencies: keys.agencies().into_iter().collect(),
            channels: of("channel"),
            languages: of("language"),
            intents: of("intent"),
            keys,
            registrar,
            producer,
        })
    }

    /// Refuses what is unknown, or registers it first where that was asked for.
    pub async fn check(&mut self, conversation: &Conversation) -> Result<Result<(), Fault>, Failure> {
        if !self.agencies.contains(&conversation.agency) && !self.register_agency(&conversation.agency).await? {
            return Ok(Err(Fault::Unregistered { what: "agency" }));
        }
        let codes = &conversation.codes;
        let used = [
            ("channel", Some(&conversation.channel_kind)),
            ("language", codes.language.as_ref()),
            ("intent", codes.intent_code.as_ref()),
        ];
        for (list, code) in used {
            let Some(code) = code else { continue };
            if !self.list(list).contains(code) && !self.register_code(list, code).await? {
                return Ok(Err(Fault::Unregistered { what: list }));
            }
        }
        Ok(Ok(()))
    }

    fn list(&mut self, name: &str) -> &mut HashSet<String> {
        match name {
            "channel" => &mut self.channels,
            "language" => &mut self.languages,
            _ => &mut self.intents,
        }
    }

    async fn register_code(&mut self, list: &'static str, code: &str) -> Result<bool, Failure> {
        let Some(registrar) = &self.registrar else { return Ok(false) };
        let new = NewCode { list: list.to_owned(), code: code.to_owned(), ..NewCode::default() };
        match registrar.register_code(&new, Uuid::now_v7()).await {
            Ok(outcome) => super::super::review::applied(outcome)?,
            // Not the shape of a code: the line is at fault, not the import.
            Err(store::Error::Refused { .. }) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        if list == "channel" {
            session::register_producer(registrar, &self.producer).await?;
        }
        self.list(list).insert(code.to_owned());
        Ok(true)
    }

    async fn register_agency(&mut self, agency: &str) -> Result<bool, Failure> {
        let Some(registrar) = &self.registrar else { return Ok(false) };
        match session::register_agency(registrar, &self.keys, agency).await {
            Ok(()) => {}
            Err(session::Error::Store(store::Error::Refused { .. })) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        session::register_producer(registrar, &self.producer).await?;
        self.agencies.insert(agency.to_owned());
        Ok(true)
    }
}
