//! What is open: one job, its conversation, my lease on it, and the question that is being asked.

use std::ops::Range;

use chrono::{DateTime, Duration, Utc};
use ratatui::layout::Size;
use uuid::Uuid;

use super::document::Row;
use super::editor::Buffer;
use super::lease::{Lease, ReadingClock};
use super::search::Search;
use super::sheet::Sheet;
use super::tour::Tour;
use super::words::Words;
use super::{Away, Body, Change, Document, Fetch, News, Opened, Standing, Verb, sheet};
use crate::app::choice::Choice;
use crate::app::confirm::Confirm;
use crate::app::keymap::Action;
use crate::app::layout::{self, ReviewLayout};
use crate::app::model::{Model, Overlay, Screen};
use crate::domain::review::Reading;
use crate::domain::{Direction, JobKind, Message, OpenedConversation, Pin, Waiting};
use crate::text::{View, language};

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
    /// How many others could approve the draft and are there, once that is known.
    pub others: Option<u32>,
    /// What happened to the job since it was opened; nothing is decided before it was looked at.
    pub change: Option<Change>,
    /// Nobody was there for a while, and the job was not looked at afresh since.
    pub away: Option<Away>,
    /// At widths with one pane, the list is shown instead for a moment.
    pub glance: bool,
    /// A fresh look, a take-over or a skip is under way; nothing else is asked for meanwhile.
    pub awaiting: bool,
    /// What changed is fetched already, and stands on the screen.
    pub news: News,
    /// The places to be visited.
    pub tour: Tour,
    /// What lies over the conversation.
    pub sheet: Option<Sheet>,
    pub search: Option<Search>,
    /// Words that a long conversation is searched for.
    pub looking_for: Option<String>,
    /// In which language the customer wrote, and in which one the draft answers: `de>en!`, or `en=en`.
    pub languages: Option<String>,
    top: usize,
    opened_at: DateTime<Utc>,
    pub(super) lease: Lease,
    pub(super) clock: ReadingClock,
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
    /// Edit, though somebody else must approve then?
    Edit,
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

impl Pane {
    /// At the messages that are to be answered, with nothing read yet.
    pub fn new(opened: Opened, size: Size, now: DateTime<Utc>) -> Pane {
        let document = Document::new(&opened.conversation, text_width(size));
        let mut tour = Tour::default();
        tour.renew(&opened.conversation, &document);
        let mut pane = Pane {
            lease: Lease::new(opened.job.lease_expires_at, now),
            languages: languages(&opened.job, &opened.conversation),
            job: opened.job,
            standing: opened.standing,
            conversation: opened.conversation,
            document,
            question: Question::None,
            note: Words::default(),
            others: None,
            change: None,
            away: None,
            glance: false,
            awaiting: false,
            news: News::default(),
            tour,
            sheet: None,
            search: None,
            looking_for: None,
            top: 0,
            opened_at: now,
            clock: ReadingClock::default(),
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
        self.pin().is_some() && !self.lease.given_back && !self.change.as_ref().is_some_and(Change::ends_the_lease)
    }

    /// Until when the lease was granted last, as far as is known.
    pub fn lease_until(&self) -> Option<DateTime<Utc>> {
        self.lease.until
    }

    /// For how long the conversation was on the screen, with somebody there.
    pub fn on_screen(&self) -> Duration {
        self.clock.on_screen
    }

    /// What is said about the reading with an approval.
    pub fn reading(&self) -> Reading {
        Reading {
            seconds_on_screen: i32::try_from(self.on_screen().num_seconds()).ok(),
            warnings_accepted: i32::try_from(self.tour.in_draft()).ok(),
        }
    }

    /// The draft that was read before the present one took its place.
    pub fn read_before(&self) -> Option<Uuid> {
        self.news.draft
    }

    /// Whether an inbound message came after the person began to read.
    pub fn is_new(&self, message: &Message<Body>) -> bool {
        message.direction == Direction::Inbound && self.news.since.is_some_and(|since| message.seq > since)
    }

    /// The newest message of the customer.
    pub fn newest(&self) -> Option<&Message<Body>> {
        self.conversation.messages.iter().rev().find(|message| message.direction == Direction::Inbound)
    }

    /// Why nothing is decided on what cannot be seen.
    pub fn covered(&self, layout: &ReviewLayout) -> Option<&'static str> {
        let glance = self.is_covered(layout).then_some("the list lies over it (t)");
        glance.or_else(|| self.sheet.as_ref().map(Sheet::covers))
    }

    /// Moves so that a place of a message is on the screen, unfolding the older messages where it is among them. Says whether it
    /// is there.
    pub fn go_to(&mut self, message: usize, code_point: usize, size: Size) -> bool {
        self.sheet = None;
        if self.document.row_of(message, code_point).is_none() && !self.document.is_unfolded() {
            self.document.toggle_older(&self.conversation);
        }
        let Some(row) = self.document.row_of(message, code_point) else { return false };
        let window = self.window(size);
        if !window.contains(&row) {
            // A few rows above it say what it is about.
            self.scroll_to(row.saturating_sub(window.len() / 3), size);
        }
        self.window(size).contains(&row)
    }

    /// The rows of the document that are on the screen.
    pub fn window(&self, size: Size) -> Range<usize> {
        let height = self.height(size);
        let top = self.top.min(self.document.len().saturating_sub(height));
        top..self.document.len().min(top + height)
    }

    /// The same conversation was opened again: what was read and visited stays so, and the place stays.
    pub fn keep_place(&mut self, before: &Pane, size: Size) {
        self.note.clone_from(&before.note);
        self.others = before.others;
        let document = std::mem::replace(&mut self.document, Document::new(&self.conversation, text_width(size)));
        self.document = document.read_before(&before.document);
        self.document.wrap(&self.conversation, text_width(size), before.document.view(), 0);
        let place = self.place_of(before);
        self.scroll_to(place.unwrap_or(before.top), size);
        self.tour.visited_before(&before.tour);
        self.clock = before.clock.clone();
        if self.job.job_id == before.job.job_id {
            self.opened_at = before.opened_at;
        }
        self.learn_the_news(before);
    }

    /// The row of this document in which stands what was at the top of the one before. Messages keep their order, so a number of a
    /// message means the same in both.
    fn place_of(&mut self, before: &Pane) -> Option<usize> {
        let top = before.document.rows(before.top..before.top + 1).first().copied()?;
        let draft = self
            .conversation
            .messages
            .iter()
            .position(|message| Some(message.message_id) == self.conversation.draft_id);
        match top {
            Row::Text { message, row } | Row::Unread { message, row } => {
                let code_point = before.document.code_points(message, row).start;
                self.document.row_of(message, code_point)
            }
            Row::Head { message } | Row::Attachment { message, .. } | Row::NoBody { message } => {
                let heads = 1 + self.conversation.messages[message].attachments.len();
                self.document.row_of(message, 0)?.checked_sub(heads)
            }
            Row::Host { message, .. } => self.document.row_of(message, 0),
            Row::Rejection { .. } | Row::Note { .. } | Row::DraftHead | Row::DraftEnd => {
                self.document.row_of(draft?, 0)?.checked_sub(1)
            }
        }
    }

    /// What is there that was not there before; and where the program fetched it by itself, the banner stays until the person
    /// says to have seen it.
    fn learn_the_news(&mut self, before: &Pane) {
        let newest = |pane: &Pane| pane.newest().map_or(0, |message| message.seq);
        let has_grown = newest(self) > newest(before);
        self.news.since = before.news.since.filter(|_| before.change.is_some()).or(has_grown.then(|| newest(before)));
        let was_read = before.conversation.draft_id.filter(|id| Some(*id) != self.conversation.draft_id);
        self.news.draft = match before.news.fetch {
            // Nobody has looked at what was fetched in between.
            Fetch::Done => before.news.draft.or(was_read),
            Fetch::None | Fetch::Asked => was_read.or(before.news.draft),
        };
        if before.news.fetch == Fetch::Asked && self.is_mine() {
            self.news.fetch = Fetch::Done;
            self.change.clone_from(&before.change);
        }
    }

    /// Rows that a banner takes: where the list does not stand beside, the new message is shown at once.
    pub fn banner_rows(&self, layout: &ReviewLayout) -> u16 {
        match &self.change {
            None => 0,
            // The story of the absence stands in the strips.
            Some(_) if self.away.is_some() => 0,
            Some(Change::ConversationMoved) if self.news.fetch == Fetch::Done && !layout.wide => 3,
            Some(_) => 2,
        }
    }

    /// Whether the list lies over the conversation.
    pub fn is_covered(&self, layout: &ReviewLayout) -> bool {
        self.glance && !layout.wide
    }

    fn height(&self, size: Size) -> usize {
        layout::review(size).map_or(0, |layout| usize::from(layout.document(self.banner_rows(&layout)).height))
    }

    fn scroll_to(&mut self, top: usize, size: Size) {
        let height = self.height(size);
        self.top = self.document.settle(top, height);
    }
}

/// Moves through the conversation, or does what else the pane's keys do.
pub fn scroll(model: &mut Model, action: Action) {
    let size = model.size;
    let Some(pane) = model.review.pane_mut() else { return };
    if pane.sheet.is_some() && action != Action::Glance {
        sheet::scroll(model, action);
        return;
    }
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

/// Notes which rows are on the screen now, and for how long. Nothing counts while something lies over the conversation.
pub fn note_what_is_seen(model: &mut Model) {
    let (size, now) = (model.size, model.now);
    let is_shown = model.screen == Screen::Review
        && model.overlay == Overlay::None
        && !model.is_blank(now)
        && model.review.editor.is_none();
    let layout = layout::review(size).filter(|_| is_shown);
    let Some(pane) = model.review.pane_mut() else { return };
    let is_open =
        |layout: ReviewLayout| pane.covered(&layout).is_none() && !matches!(pane.question, Question::Reason { .. });
    let is_seen = layout.is_some_and(is_open);
    pane.clock.pass(is_seen, now);
    if is_seen {
        pane.scroll_to(pane.top, size);
        let window = pane.window(size);
        pane.document.show(window);
    }
    pane.tour.renew(&pane.conversation, &pane.document);
}

/// Shows plain ASCII only, or every letter again.
pub fn toggle_ascii(model: &mut Model) {
    let size = model.size;
    let Some(pane) = model.review.pane_mut() else { return };
    let view = match pane.document.view() {
        View::Unicode => View::Ascii,
        View::Ascii => View::Unicode,
    };
    let top = pane.document.wrap(&pane.conversation, text_width(size), view, pane.top);
    pane.scroll_to(top, size);
    model.say(match view {
        View::Ascii => "ASCII only: every other letter stands as its number (a: all letters)",
        View::Unicode => "all letters",
    });
}

/// The terminal has another size: the text is wrapped anew, and what stood at the top stays there.
pub fn resized(model: &mut Model) {
    let size = model.size;
    let Some(pane) = model.review.pane_mut() else { return };
    let view = pane.document.view();
    let top = pane.document.wrap(&pane.conversation, text_width(size), view, pane.top);
    pane.scroll_to(top, size);
    sheet::resized(pane, size);
}

/// What has to be read and visited before an approval; none when nothing is left.
pub fn unfinished(pane: &Pane) -> Option<String> {
    if !pane.document.is_looked_through(&pane.conversation) {
        return Some("still looking through the text".to_owned());
    }
    let lines = match pane.document.unread(&pane.conversation) {
        0 => None,
        1 => Some("1 line unread (Space)".to_owned()),
        lines => Some(format!("{lines} lines unread (Space)")),
    };
    let marks = match pane.tour.unseen() {
        0 => None,
        1 => Some("1 mark unseen (w)".to_owned()),
        marks => Some(format!("{marks} marks unseen (w)")),
    };
    let left: Vec<String> = lines.into_iter().chain(marks).collect();
    (!left.is_empty()).then(|| left.join(", "))
}

/// Whether this kind of job is decided in the pane, or has to be taken over first.
pub fn is_decided_here(job: &Waiting) -> bool {
    job.job_kind == JobKind::Approve
}

fn text_width(size: Size) -> usize {
    layout::review(size).map_or(40, |layout| layout.text_width())
}

/// The languages of both sides: that of the customer as the codes have it, else as the words have it; that of the draft as the
/// words have it, because nothing else says so.
fn languages(job: &Waiting, conversation: &OpenedConversation<Body>) -> Option<String> {
    let of = |message: &Message<Body>| message.body.text().and_then(|text| text.with_words(language));
    let inbound = || conversation.messages.iter().rev().find(|message| message.direction == Direction::Inbound);
    let asked = job.codes.language.clone().or_else(|| inbound().and_then(of).map(str::to_owned));
    match (asked, conversation.draft().and_then(of)) {
        (Some(asked), Some(answered)) => {
            let is_same = asked.split('-').next() == Some(answered);
            Some(if is_same { format!("{asked}={answered}") } else { format!("{asked}>{answered}!") })
        }
        (Some(only), None) => Some(only),
        (None, answered) => answered.map(|answered| format!("?>{answered}")),
    }
}
