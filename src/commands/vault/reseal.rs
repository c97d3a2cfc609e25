//! `countersign vault reseal`: what lies under older keys goes under the newest.
//!
//! Each body is opened first and its digest compared; what does not open stays as it is and is reported. Batches are
//! small and wait for nobody, so everyone goes on working, and a run that was interrupted is simply started again.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use indicatif::ProgressBar;

use super::{Failure, short};
use crate::store::Store;
use crate::store::resealing::{Resealed, StoredMessage, StoredNote};
use crate::vault::{self, Keyring, Place};

/// Bodies in one transaction: short enough that nobody notices.
const BATCH: i32 = 100;

/// How often everything is looked through. Under load some bodies are held by somebody, and programs with older key files
/// still store under their keys.
const PASSES: usize = 5;

/// How many bodies that did not open are named.
const NAMED: usize = 20;

pub async fn run(administrator: &Store, keyring: &Keyring, agency: &str) -> Result<String, Failure> {
    let newest = String::new();
    let mut work = Work { administrator, keyring, agency, newest, resealed: 0, broken: BTreeSet::new(), left: 0 };
    // Drawn on a terminal only, and on stderr.
    let progress = ProgressBar::new_spinner();
    progress.enable_steady_tick(Duration::from_millis(120));
    for _ in 0..PASSES {
        work.pass(&progress).await?;
        if work.left <= work.broken.len() {
            break;
        }
    }
    progress.finish_and_clear();
    work.report()
}

struct Work<'w> {
    administrator: &'w Store,
    keyring: &'w Keyring,
    agency: &'w str,
    /// The key that this pass seals under.
    newest: String,
    resealed: usize,
    /// What did not open, and why; never what stands in it.
    broken: BTreeSet<String>,
    /// What lay under older keys when the last pass had ended.
    left: usize,
}

impl Work<'_> {
    /// Looks once through everything that lies under an older key.
    async fn pass(&mut self, progress: &ProgressBar) -> Result<(), Failure> {
        self.newest = self.keyring.key_ids(self.agency)?.pop().expect("an agency has at least one data key");
        let newest = self.newest.clone();
        for key in self.older(&newest).await? {
            let mut after = None;
            loop {
                let messages = self.administrator.messages_to_reseal(&key, after, BATCH).await?;
                let Some(last) = messages.last() else { break };
                after = Some(last.message_id);
                let resealed = messages.iter().filter_map(|message| self.reseal_message(message)).collect();
                let count = self.administrator.reseal_messages(&key, &newest, resealed).await?;
                self.count(count, progress);
            }
            let mut after = None;
            loop {
                let notes = self.administrator.notes_to_reseal(&key, after, BATCH).await?;
                let Some(last) = notes.last() else { break };
                after = Some(last.decision_id);
                let resealed = notes.iter().filter_map(|note| self.reseal_note(note)).collect();
                let count = self.administrator.reseal_notes(&key, &newest, resealed).await?;
                self.count(count, progress);
            }
        }
        let keys = self.administrator.sealing_keys(self.agency).await?;
        let left: i64 = keys.iter().filter(|key| key.key_id != newest).map(|key| key.messages + key.notes).sum();
        self.left = usize::try_from(left).unwrap_or_default();
        Ok(())
    }

    async fn older(&self, newest: &str) -> Result<Vec<String>, Failure> {
        let keys = self.administrator.sealing_keys(self.agency).await?;
        if !keys.iter().any(|key| key.key_id == newest) {
            return Err(Failure::refused(format!(
                "this database does not know the newest key of {0}: countersign vault rotate --agency {0}",
                self.agency
            )));
        }
        let older = keys.into_iter().filter(|key| key.key_id != newest && key.messages + key.notes > 0);
        Ok(older.map(|key| key.key_id).collect())
    }

    fn reseal_message(&mut self, message: &StoredMessage) -> Option<Resealed<uuid::Uuid>> {
        let StoredMessage { message_id, conversation_id, direction, sealed_body, digest } = message;
        let place =
            Place { agency: self.agency, conversation: *conversation_id, message: *message_id, direction: *direction };
        let resealed = self
            .keyring
            .open(&place, sealed_body, digest)
            .and_then(|opened| self.keyring.seal(&place, opened.as_bytes()));
        self.kept_apart(format!("message {message_id}"), *message_id, sealed_body, resealed)
    }

    fn reseal_note(&mut self, note: &StoredNote) -> Option<Resealed<i64>> {
        let StoredNote { decision_id, job_id, conversation_id, sealed_body } = note;
        let resealed = self
            .keyring
            .open_note(self.agency, *conversation_id, job_id.0, sealed_body)
            .and_then(|opened| self.keyring.seal_note(self.agency, *conversation_id, job_id.0, opened.as_bytes()));
        self.kept_apart(format!("the note on the decision about {job_id}"), *decision_id, sealed_body, resealed)
    }

    /// What goes back to the database, or nothing and a line for the report.
    fn kept_apart<Id>(
        &mut self,
        name: String,
        id: Id,
        before: &[u8],
        resealed: vault::Result<vault::Sealed>,
    ) -> Option<Resealed<Id>> {
        match (resealed, vault::nonce(before)) {
            // Rotated again meanwhile: the next pass is for the newer key.
            (Ok(sealed), _) if sealed.key_id != self.newest => None,
            (Ok(sealed), Some(nonce)) => Some(Resealed { id, nonce: nonce.to_vec(), envelope: sealed.bytes }),
            (Ok(_), None) => None,
            (Err(error), _) => {
                self.broken.insert(format!("{name}: {error}"));
                None
            }
        }
    }

    fn count(&mut self, resealed: i32, progress: &ProgressBar) {
        self.resealed += usize::try_from(resealed).unwrap_or_default();
        progress.set_message(format!("{} bodies resealed", self.resealed));
    }

    fn report(self) -> Result<String, Failure> {
        let mut text = format!("{} bodies resealed under {}", self.resealed, short(&self.newest));
        if self.left == 0 {
            text.push_str("; nothing lies under an older key\n");
            return Ok(text);
        }
        if self.left > self.broken.len() {
            let agency = self.agency;
            let count = self.left - self.broken.len();
            write!(
                text,
                "; {count} still lie under older keys, because somebody seals with an older key file or is at work on \
                 them: grant new key files (countersign vault grant LOGIN --agency {agency}) and run this again"
            )
            .map_err(Failure::refused)?;
        }
        for line in self.broken.iter().take(NAMED) {
            write!(text, "\n  {line}").map_err(Failure::refused)?;
        }
        if self.broken.len() > NAMED {
            write!(text, "\n  and {} more", self.broken.len() - NAMED).map_err(Failure::refused)?;
        }
        Err(Failure::Refused(text))
    }
}
