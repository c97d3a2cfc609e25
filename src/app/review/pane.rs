//! What is open: one job, its conversation, my lease on it, and the question that is being asked.

use std::ops::Range;

use chrono::{DateTime, Duration, Utc};
use ratatui::layout::Size;

use super::editor::Buffer;
use super::words::Words;
use super::{Away, Body, Document, Opened, Review, Stage, Standing, Verb, away, list};
use crate::app::choice::Choice;
use crate::app::confirm::Confirm;
use crate::app::effect::Effect;
use crate::app::feed::has_passed;
use crate::app::keymap::Action;
use crate::app::layout::{self, ReviewLayout};
use crate::app::model::Model;
use crate::domain::review::Ending;
use crate::domain::{Filter, JobKind, OpenedConversation, Pin, Waiting};

/// An opened conversation.
#[derive(Debug)]
pub struct Pane {
    pub job: Waiting,
    /// Of a job that is only looked at; what happens to one of mine is a [`Change`].
    pub standing: Standing,
    pub conversation: OpenedConversation<Body>,
    pub document: Document,
    pub question: Question,
    /// What was written about a rejection; it stays while the job is open, whatever becomes of the question.
    pub note: Words,
    /// What happened to the job since it was opened; nothing is decided before it was looked at.
    pub change: Option<Change>,
    /// Nobody was there for a while, and the job was not looked at afresh since.
    pub away: Option<Away>,
    /// At widths with one pane, the list is shown instead for a moment.
    pub glance: bool,
    /// A fresh look, a take-over or a skip is under way; nothing else is asked for meanwhile.
    pub awaiting: bool,
    top: usize,
    opened_at: DateTime<Utc>,
    extended_at: DateTime<Utc>,
    watched_at: DateTime<Utc>,
}

/// What the pane asks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Question {
    #[default]
    None,
    /// Which reason? Approve never asks this.
    Reason { verb: Asked, choice: Choice },
    /// Sure?
    Confirm { verb: Verb, reason: Option<String>, confirm: Confirm },
    /// Edit, though somebody else must approve then? How many others are there, once that is known.
    Edit { others: Option<u32> },
    /// Anything to be said about the rejection?
    Note { reason: String, line: Box<Buffer> },
    /// Take the job from whoever reads it?
    Release { confirm: Confirm },
    /// The answer is under way.
    Pending(Verb),
}

/// What needs a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    Reject,
    Escalate,
    Skip,
}

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

/// A person counts as reading for this long after the last key.
const READING: Duration = Duration::minutes(2);

/// The lease is extended no more often than this.
const EXTEND_EVERY: Duration = Duration::seconds(30);

impl Pane {
    /// At the messages that are to be answered, with nothing read yet.
    pub fn new(opened: Opened, size: Size, now: DateTime<Utc>) -> Pane {
        let document = Document::new(&opened.conversation, text_width(size));
        let mut pane = Pane {
            job: opened.job,
            standing: opened.standing,
            conversation: opened.conversation,
            document,
            question: Question::None,
            note: Words::default(),
            change: None,
            away: None,
            glance: false,
            awaiting: false,
            top: 0,
            opened_at: now,
            extended_at: now,
            watched_at: now,
        };
        pane.scroll_to(0, size);
        pane
    }

    /// When the conversation was opened first; a fresh look at the same job changes nothing.
    pub fn opened_at(&self) -> DateTime<Utc> {
        self.opened_at
    }

    /// Ties a decision to what is on the screen; only the holder of the lease has one.
    pub fn pin(&self) -> Option<&Pin> {
        self.conversation.pin.as_ref()
    }

    /// Whether the lease is mine, as far as is known.
    pub fn is_mine(&self) -> bool {
        self.pin().is_some() && !self.change.as_ref().is_some_and(Change::ends_the_lease)
    }

    /// The rows of the document that are on the screen.
    pub fn window(&self, size: Size) -> Range<usize> {
        let height = self.height(size);
        let top = self.top.min(self.document.len().saturating_sub(height));
        top..self.document.len().min(top + height)
    }

    /// The same conversation was opened again: what was read stays read, and the place stays.
    pub fn keep_place(&mut self, before: &Pane, size: Size) {
        self.note.clone_from(&before.note);
        let document = std::mem::replace(&mut self.document, Document::new(&self.conversation, text_width(size)));
        self.document = document.read_before(&before.document);
        self.document.wrap(&self.conversation, text_width(size), before.document.view(), 0);
        self.scroll_to(before.top, size);
        if self.job.job_id == before.job.job_id {
            self.opened_at = before.opened_at;
        }
    }

    /// Rows that a banner takes.
    pub fn banner_rows(&self) -> u16 {
        if self.change.is_some() { 2 } else { 0 }
    }

    /// Whether the list lies over the conversation.
    pub fn is_covered(&self, layout: &ReviewLayout) -> bool {
        self.glance && !layout.wide
    }

    fn height(&self, size: Size) -> usize {
        layout::review(size).map_or(0, |layout| usize::from(layout.document(self.banner_rows()).height))
    }

    fn scroll_to(&mut self, top: usize, size: Size) {
        let height = self.height(size);
        self.top = self.document.settle(top, height);
    }
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

/// Moves through the conversation, or does what else the pane's keys do.
pub fn scroll(model: &mut Model, action: Action) {
    let size = model.size;
    let Some(pane) = model.review.pane_mut() else { return };
    let height = pane.height(size);
    let top = pane.window(size).start;
    let half = height.div_ceil(2);
    match action {
        Action::Down => pane.scroll_to(top + 1, size),
        Action::Up => pane.scroll_to(top.saturating_sub(1), size),
        Action::HalfPageDown => pane.scroll_to(top + half, size),
        Action::HalfPageUp => pane.scroll_to(top.saturating_sub(half), size),
        // One row stays in sight, so that the eye finds its place.
        Action::ReadOn => pane.scroll_to(top + height.saturating_sub(1).max(1), size),
        Action::Top => pane.scroll_to(0, size),
        Action::Bottom => pane.scroll_to(usize::MAX, size),
        Action::Unfold => {
            let moved = pane.document.toggle_older(&pane.conversation);
            pane.scroll_to(top.saturating_add_signed(moved), size);
        }
        Action::Glance => pane.glance = !pane.glance,
        _ => {}
    }
}

/// Notes which rows are on the screen now. Nothing counts while something lies over the conversation.
pub fn note_what_is_seen(model: &mut Model) {
    let size = model.size;
    let Some(layout) = layout::review(size) else { return };
    if model.is_blank(model.now) {
        return;
    }
    let Some(pane) = model.review.pane_mut() else { return };
    if !pane.is_covered(&layout) && !matches!(pane.question, Question::Reason { .. }) {
        pane.scroll_to(pane.top, size);
        let window = pane.window(size);
        pane.document.show(window);
    }
}

/// The terminal has another size: the text is wrapped anew, and what stood at the top stays there.
pub fn resized(model: &mut Model) {
    let size = model.size;
    let Some(pane) = model.review.pane_mut() else { return };
    let view = pane.document.view();
    let top = pane.document.wrap(&pane.conversation, text_width(size), view, pane.top);
    pane.scroll_to(top, size);
}

/// Closes the pane and gives the lease back. A decision under way keeps its own course.
pub fn leave(model: &mut Model) -> Vec<Effect> {
    // Whatever is still answered comes too late and is given back.
    model.review.next_ticket();
    if let Some(left) = model.review.pane().map(|pane| pane.job.job_id) {
        model.review.verdicts.retain(|verdict| verdict.job_id != left);
    }
    let effects = match std::mem::take(&mut model.review.stage) {
        Stage::Reading(pane) => release(&pane),
        Stage::Opening { .. } => Vec::new(),
        Stage::List => {
            model.review.filter = Filter::default();
            Vec::new()
        }
    };
    list::thaw(model);
    effects
}

/// Gives back every lease that no decision is using. While the program ends this is asked after each message, because an
/// answer may still bring a lease, or say that the decision did not use its own.
pub fn let_go(model: &mut Model) -> Vec<Effect> {
    let put_back = std::mem::take(&mut model.review.put_back);
    let mut effects: Vec<Effect> =
        put_back.into_iter().map(|(job_id, lease_token)| Effect::Release { job_id, lease_token }).collect();
    if let Some(pane) = model.review.pane().filter(|pane| !matches!(pane.question, Question::Pending(_))) {
        effects.extend(release(pane));
        model.review.stage = Stage::List;
    }
    effects
}

/// What gives the lease of this pane back, when there is one and no decision is using it.
pub fn release(pane: &Pane) -> Vec<Effect> {
    match pane.pin() {
        Some(pin) if pane.is_mine() && !matches!(pane.question, Question::Pending(_)) => {
            vec![Effect::Release { job_id: pane.job.job_id, lease_token: pin.lease_token }]
        }
        _ => Vec::new(),
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

/// While the person reads, the lease is kept; while the pane is open, the job is watched.
pub fn keep(model: &mut Model) -> Vec<Effect> {
    let (now, active_at, every) = (model.now, model.active_at, model.settings.refresh_every);
    let Some(pane) = model.review.pane_mut() else { return Vec::new() };
    if matches!(pane.question, Question::Pending(_)) {
        return Vec::new();
    }
    let (job_id, pin) = (pane.job.job_id, pane.pin().cloned());
    let mut effects = Vec::new();
    if let Some(pin) = pin.clone().filter(|_| pane.is_mine())
        && now - active_at < READING
        && has_passed(EXTEND_EVERY, pane.extended_at, now)
    {
        pane.extended_at = now;
        effects.push(Effect::ExtendLease { job_id, pin });
    }
    // Who has the lease now, and what became of the job then, may still change.
    let is_open = match &pane.change {
        None => !matches!(pane.standing, Standing::Ended(_)),
        Some(change) => matches!(change, Change::LeaseLost { .. }),
    };
    if is_open && has_passed(every, pane.watched_at, now) {
        pane.watched_at = now;
        effects.push(Effect::Watch { job_id, pin });
    }
    effects.extend(away::ask(model));
    effects
}

/// Whether there is something new to be fetched.
pub fn has_news(model: &Model) -> bool {
    let is_news = |change: &Change| !matches!(change, Change::Ended(_));
    model.review.pane().is_some_and(|pane| !pane.awaiting && pane.change.as_ref().is_some_and(is_news))
}

/// Whether this kind of job is decided in the pane, or has to be taken over first.
pub fn is_decided_here(job: &Waiting) -> bool {
    job.job_kind == JobKind::Approve
}

fn text_width(size: Size) -> usize {
    layout::review(size).map_or(40, |layout| layout.text_width())
}
