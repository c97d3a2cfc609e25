//! What every task of the runtime shares.

use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::changes::Changes;
use super::clock::Clock;
use crate::app::{Failure, Msg};
use crate::store::{self, Store};
use crate::vault::Keyring;

/// Store, keys, clock, what was heard of changes, and the way back to the loop. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    pub store: Store,
    pub keys: Option<Arc<Keyring>>,
    pub clock: Clock,
    pub changes: Changes,
    messages: UnboundedSender<Msg>,
}

impl Desk {
    pub fn new(store: Store, keys: Option<Arc<Keyring>>) -> (Desk, UnboundedReceiver<Msg>) {
        let (messages, inbox) = unbounded_channel();
        (Desk { store, keys, clock: Clock::default(), changes: Changes::default(), messages }, inbox)
    }

    /// Hands a message to the loop. When the loop has ended nobody needs it any more.
    pub fn tell(&self, msg: Msg) {
        let _ = self.messages.send(msg);
    }
}

/// The store's errors in the words of the app.
pub fn failure(error: store::Error) -> Failure {
    match error {
        store::Error::Unreachable { reason } => Failure::Away(reason),
        error if error.is_away() => Failure::Away("the connection broke".to_owned()),
        error => Failure::Other(error.to_string()),
    }
}

/// Whether a message brings the news that the database is away. `ConnectionLost` brings none: the keeper says it itself.
pub fn says_away(msg: &Msg) -> bool {
    fn away<T>(result: &Result<T, Failure>) -> bool {
        matches!(result, Err(Failure::Away(_)))
    }
    match msg {
        Msg::OverviewLoaded(reply) => away(&reply.result),
        Msg::ReviewLoaded(reply) => away(&reply.result),
        Msg::DeadLettersLoaded(reply) => away(&reply.result),
        Msg::ActivityLoaded(reply) => away(&reply.result),
        Msg::JobsLoaded(reply) => away(&reply.result),
        Msg::JobLoaded(reply) => away(&reply.result),
        Msg::Opened { result, .. } => away(result),
        Msg::Decided { result, .. } | Msg::Undone { result, .. } => away(result),
        Msg::OthersCounted { result, .. } => away(result),
        Msg::HoldForecast { result, .. } => away(result),
        Msg::ResumeForecast { result, .. } => away(result),
        Msg::Held { result, .. } => away(result),
        Msg::ResumeWent { result, .. } => away(result),
        Msg::Released { result, .. } | Msg::Skipped { result, .. } | Msg::DeadLetterActed { result, .. } => {
            away(result)
        }
        Msg::DecisionInDoubt { .. } => true,
        _ => false,
    }
}
