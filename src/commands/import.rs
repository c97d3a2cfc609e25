//! `countersign import`: conversations from a file of any size, in constant memory.
//!
//! One thread reads and checks lines while the database stores the ones before; between them lies at most a chunk or two.
//! The same line twice adds nothing, because every id follows from what the line says.

mod batch;
mod fault;
mod format;
mod lines;
mod reader;
mod report;
mod words;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::sync::Arc;

use tokio::sync::mpsc::Receiver;

use super::Failure;
use super::interrupt::Interrupt;
use crate::cli;
use crate::config::Config;
use crate::session::{IMPORTER, Session};
use crate::store::{ConnectOptions, Store};
use crate::vault::Keyring;
use batch::Batch;
use fault::Fault;
use format::Conversation;
use reader::Chunk;
use report::Report;
use words::Words;

/// Imports a file and returns the summary. Refused when a line was, after everything else went in,
/// and when it is interrupted.
pub async fn run(config: &Config, arguments: &cli::Import) -> Result<String, Failure> {
    let session = Session::open_as(config, Some(IMPORTER)).await?;
    let mut interrupt = Interrupt::listen()?;
    let keys = session.keys()?.clone();
    let registrar = match arguments.register_vocabulary {
        true => Some(registrar(&session, arguments.admin_url.as_deref()).await?),
        false => None,
    };
    let login = session.identity.principal.login.clone();
    let words = Words::load(&session.store, keys.clone(), registrar, login).await?;
    let (mut chunks, size) = reader::start(&arguments.file)?;
    let mut import = Import { store: session.store.clone(), keys, words, report: Report::new(size) };
    tokio::select! {
        ended = import.take_all(&mut chunks) => ended?,
        () = interrupt.heard() => return Err(import.report.interrupted()),
    }
    import.report.finish(arguments.register_vocabulary)
}

/// Who may register words: in the private cluster its administrator, elsewhere whoever the second URL names.
async fn registrar(session: &Session, admin_url: Option<&str>) -> Result<Store, Failure> {
    match admin_url {
        Some(url) => Ok(Store::connect(&ConnectOptions::new(url)).await?),
        None if session.private().is_some() => Ok(session.platform().await?),
        None => Err(Failure::usage(
            "--register-vocabulary takes a platform_admin's --admin-url: a producer registers nothing",
        )),
    }
}

struct Import {
    store: Store,
    keys: Arc<Keyring>,
    words: Words,
    report: Report,
}

impl Import {
    async fn take_all(&mut self, chunks: &mut Receiver<io::Result<Chunk>>) -> Result<(), Failure> {
        while let Some(chunk) = chunks.recv().await {
            self.take(chunk?).await?;
        }
        Ok(())
    }

    async fn take(&mut self, chunk: Chunk) -> Result<(), Failure> {
        let mut halves = [Batch::default(), Batch::default()];
        for (number, line) in chunk.lines {
            self.report.lines += 1;
            let conversation = match self.check(line).await? {
                Ok(conversation) => conversation,
                Err(fault) => {
                    self.report.refuse(number, &fault);
                    continue;
                }
            };
            let half = half_of(&conversation);
            // Two lines of one conversation must go in one after the other.
            if let Some(conversation) = halves[half].add(number, conversation, &self.keys)? {
                self.store(std::mem::take(&mut halves)).await?;
                halves[half].add(number, conversation, &self.keys)?;
            }
        }
        self.store(halves).await?;
        self.report.advance(chunk.bytes_read);
        Ok(())
    }

    /// Stores the halves side by side, each over a connection of its own.
    async fn store(&mut self, [first, second]: [Batch; 2]) -> Result<(), Failure> {
        let (first, second) = tokio::try_join!(first.store(&self.store), second.store(&self.store))?;
        for (line, fate) in first.iter().chain(&second) {
            self.report.count(*line, fate);
        }
        Ok(())
    }

    async fn check(&mut self, line: Result<Conversation, Fault>) -> Result<Result<Conversation, Fault>, Failure> {
        let conversation = match line {
            Ok(conversation) => conversation,
            Err(fault) => return Ok(Err(fault)),
        };
        Ok(self.words.check(&conversation).await?.map(|()| conversation))
    }
}

/// All lines of a customer fall into the same half, so that the halves never wait for each other's rows.
fn half_of(conversation: &Conversation) -> usize {
    let mut hasher = DefaultHasher::new();
    conversation.customer_ref.hash(&mut hasher);
    usize::from(hasher.finish().is_multiple_of(2))
}
