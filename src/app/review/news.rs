//! What happened to the open job since it was opened, and how a person comes to have seen it.

use uuid::Uuid;

use super::{Pane, Question, Review};
use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::domain::review::Ending;

/// Why what is on the screen is not what would be decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The customer wrote again.
    ConversationMoved,
    /// Another draft took this one's place.
    DraftChanged,
    /// The lease expired, or somebody else has it now.
    LeaseLost { by: Option<String> },
    /// Somebody else decided it, or it ended by itself.
    Ended(Ending),
    /// The program was asleep or cut off for a while: everything may have changed.
    Away,
}

/// What is on the screen since the last time that the person said to have seen it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct News {
    /// The fresh look was asked for by the program, not by the person, so it is not seen before they say so.
    pub fetch: Fetch,
    /// Inbound messages above this number are new.
    pub since: Option<i64>,
    /// The draft that was on the screen before.
    pub draft: Option<Uuid>,
}

/// How far the program is with fetching what changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fetch {
    #[default]
    None,
    Asked,
    Done,
}

impl Change {
    /// Whether the job is not mine any more.
    pub fn ends_the_lease(&self) -> bool {
        matches!(self, Change::LeaseLost { .. } | Change::Ended(_))
    }

    /// What happened, for the banner.
    pub fn headline(&self) -> String {
        match self {
            Change::ConversationMoved => "THE CUSTOMER WROTE AGAIN after you began to read.".to_owned(),
            Change::DraftChanged => "THE DRAFT WAS REPLACED while you read.".to_owned(),
            Change::LeaseLost { by: Some(by) } => format!("THE LEASE IS LOST: {by} holds the job now."),
            Change::LeaseLost { by: None } => "THE LEASE HAS EXPIRED.".to_owned(),
            Change::Ended(ending) => format!("THIS JOB IS OVER: {ending}."),
            Change::Away => "AWAY: this screen stood still for a while.".to_owned(),
        }
    }
}

/// The person says to have seen what changed. The pin has moved already; the place moves to what is new.
pub fn seen(model: &mut Model) {
    let size = model.size;
    let Some(pane) = model.review.pane_mut() else { return };
    pane.change = None;
    pane.news.fetch = Fetch::None;
    let messages = &pane.conversation.messages;
    let new = messages.iter().position(|message| pane.is_new(message));
    let draft = || {
        messages
            .iter()
            .position(|message| pane.news.draft.is_some() && pane.conversation.draft_id == Some(message.message_id))
    };
    if let Some(message) = new.or_else(draft) {
        pane.go_to(message, 0, size);
    }
}

/// Asks for what is there now, so that the pin can move to it. What was only looked at is looked at again.
pub fn reopen(model: &mut Model) -> Vec<Effect> {
    let Some(pane) = model.review.pane_mut() else { return Vec::new() };
    pane.awaiting = true;
    let (job_id, is_mine) = (pane.job.job_id, pane.pin().is_some());
    let ticket = model.review.next_ticket();
    vec![if is_mine { Effect::Reopen { ticket, job_id } } else { Effect::Look { ticket, job_id } }]
}

/// Something came to light about the open job: nothing is decided until it was looked at. While a decision is under way
/// its own answer says what became of the job, and a lease that is gone by then says nothing; but a gap stays a gap.
pub fn changed(review: &mut Review, change: Change) {
    let Some(pane) = review.pane_mut() else { return };
    if pane.change.as_ref() == Some(&change) {
        return;
    }
    match pane.question {
        Question::Pending(_) if change != Change::Away => {}
        Question::Pending(_) => pane.change = Some(change),
        _ => {
            pane.question = Question::None;
            pane.change = Some(change);
        }
    }
}

/// What switches the deciding keys on again after a change.
pub fn switches_on(pane: &Pane, change: &Change) -> String {
    match (change, pane.news.fetch, pane.newest()) {
        (Change::ConversationMoved, Fetch::Done, Some(newest)) => format!("message {} (v)", newest.seq),
        (Change::DraftChanged, Fetch::Done, _) => "another draft (v)".to_owned(),
        _ => "something changed, look at it (v)".to_owned(),
    }
}

/// Whether there is something new to be fetched.
pub fn has_news(model: &Model) -> bool {
    let is_news = |change: &Change| !matches!(change, Change::Ended(_));
    model.review.pane().is_some_and(|pane| !pane.awaiting && pane.change.as_ref().is_some_and(is_news))
}
