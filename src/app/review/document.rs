//! The conversation as rows: what is folded, how it is wrapped, and which rows were on the screen.

use std::collections::HashSet;
use std::ops::Range;

use uuid::Uuid;

use crate::domain::{Direction, Message, OpenedConversation};
use crate::text::{Findings, OpenedText, SafeLine};

/// What there is to read of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    Text(OpenedText),
    /// There was a text, and it was erased at the customer's wish.
    Erased,
    /// There is one, and it does not open.
    Closed {
        why: String,
    },
}

impl Body {
    /// The message's own words; none where there are only ours about it.
    pub fn text(&self) -> Option<&OpenedText> {
        match self {
            Body::Text(text) => Some(text),
            Body::Erased | Body::Closed { .. } => None,
        }
    }

    fn wrap(&self, width: usize) -> Vec<SafeLine> {
        let ours = |words: String| SafeLine::label(words).wrap(width);
        match self {
            Body::Text(text) => text.to_safe().lines().iter().flat_map(|line| line.wrap(width)).collect(),
            Body::Erased => ours("erased at the customer's wish".to_owned()),
            Body::Closed { why } => ours(format!("NOT OPENED: {why}")),
        }
    }
}

/// One row of the pane beneath its head. Numbers are indices into the conversation's messages and their rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// Who wrote, and when.
    Head {
        message: usize,
    },
    Attachment {
        message: usize,
        attachment: usize,
    },
    /// Untrusted text, to be marked as such.
    Text {
        message: usize,
        row: usize,
    },
    /// Our words in the place of a text that cannot be read. Never marked as untrusted text is, so that no message can say
    /// the same.
    Unread {
        message: usize,
        row: usize,
    },
    /// A message of ours whose text the store does not keep.
    NoBody {
        message: usize,
    },
    /// Where the draft begins.
    DraftHead,
    DraftEnd,
}

/// A conversation laid out for one width.
#[derive(Debug)]
pub struct Document {
    rows: Vec<Row>,
    /// The rows of each message, in the order of the conversation's messages.
    wrapped: Vec<Vec<SafeLine>>,
    width: usize,
    /// What is shown of the conversation, older first, without drafts.
    shown: Vec<usize>,
    /// How many of `shown` were answered already.
    older: usize,
    unfolded: bool,
    draft: Option<usize>,
    /// Messages that were on the screen in whole.
    seen: HashSet<Uuid>,
    /// Rows of the others that were, at this width.
    glimpsed: HashSet<(usize, usize)>,
    /// How many rows of each message are in `glimpsed`, so that asking does not cost a walk through the message.
    glimpses: Vec<usize>,
}

impl Document {
    /// Opened at the messages to be answered: the inbound ones since our last reply, or the last message when there
    /// is none.
    pub fn new(conversation: &OpenedConversation<Body>, width: usize) -> Document {
        let messages = &conversation.messages;
        let is_shown = |at: &usize| messages[*at].direction != Direction::Draft;
        let shown: Vec<usize> = (0..messages.len()).filter(is_shown).collect();
        let answered =
            shown.iter().rposition(|at| messages[*at].direction == Direction::Outbound).map_or(0, |last| last + 1);
        let older = answered.min(shown.len().saturating_sub(1));
        let draft = conversation.draft_id.and_then(|id| messages.iter().position(|message| message.message_id == id));
        let mut document = Document {
            rows: Vec::new(),
            wrapped: Vec::new(),
            width: 0,
            shown,
            older,
            unfolded: false,
            draft,
            seen: HashSet::new(),
            glimpsed: HashSet::new(),
            glimpses: Vec::new(),
        };
        document.wrap(conversation, width);
        document
    }

    /// Keeps what was read of the same messages: they never change under the same id.
    pub fn read_before(mut self, before: &Document) -> Document {
        self.seen.clone_from(&before.seen);
        self.unfolded = before.unfolded && self.older > 0;
        self
    }

    /// Lays the rows out for another width. A message that was on the screen in part has to be read again, because
    /// its rows are others now.
    pub fn wrap(&mut self, conversation: &OpenedConversation<Body>, width: usize) {
        if self.width != width {
            self.wrapped = conversation.messages.iter().map(|message| message.body.wrap(width)).collect();
            self.width = width;
            self.glimpsed.clear();
            self.glimpses = vec![0; self.wrapped.len()];
        }
        self.lay_out(conversation);
    }

    /// Shows or hides the answered messages. Returns by how many rows everything below moved down.
    pub fn toggle_older(&mut self, conversation: &OpenedConversation<Body>) -> isize {
        let before = self.rows.len() as isize;
        self.unfolded = !self.unfolded;
        self.lay_out(conversation);
        self.rows.len() as isize - before
    }

    fn lay_out(&mut self, conversation: &OpenedConversation<Body>) {
        let mut rows = Vec::new();
        let first = if self.unfolded { 0 } else { self.older };
        for &message in &self.shown[first..] {
            let there = &conversation.messages[message];
            rows.push(Row::Head { message });
            rows.extend((0..there.attachments.len()).map(|attachment| Row::Attachment { message, attachment }));
            match self.body_of(conversation, message) {
                Some(body) => rows.extend(self.body_rows(conversation, body)),
                None => rows.push(Row::NoBody { message }),
            }
        }
        if let Some(draft) = self.draft {
            rows.push(Row::DraftHead);
            rows.extend(self.body_rows(conversation, draft));
            rows.push(Row::DraftEnd);
        }
        self.rows = rows;
    }

    fn body_rows(&self, conversation: &OpenedConversation<Body>, message: usize) -> impl Iterator<Item = Row> {
        let is_text = conversation.messages[message].body.text().is_some();
        (0..self.wrapped[message].len()).map(move |row| match is_text {
            true => Row::Text { message, row },
            false => Row::Unread { message, row },
        })
    }

    /// An outbound message has no text of its own: it names the draft that was sent.
    fn body_of(&self, conversation: &OpenedConversation<Body>, message: usize) -> Option<usize> {
        let there = &conversation.messages[message];
        let is_empty = there.body.text().is_some_and(|text| text.code_points() == 0);
        if there.direction != Direction::Outbound || !is_empty {
            return Some(message);
        }
        let sent = there.revises?;
        conversation.messages.iter().position(|other| other.message_id == sent)
    }

    /// Rows of what is shown now: with what is folded away they are fewer.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row at all.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows of a window; what lies beyond the end is left out.
    pub fn rows(&self, window: Range<usize>) -> &[Row] {
        let end = window.end.min(self.rows.len());
        &self.rows[window.start.min(end)..end]
    }

    /// The line of a [`Row::Text`] or a [`Row::Unread`].
    pub fn line(&self, message: usize, row: usize) -> &SafeLine {
        &self.wrapped[message][row]
    }

    /// The code points of the message that a [`Row::Text`] shows.
    pub fn code_points(&self, message: usize, row: usize) -> Range<usize> {
        let from = self.wrapped[message][..row].iter().map(SafeLine::code_points).sum();
        from..from + self.wrapped[message][row].code_points()
    }

    /// The row of the document in which a code point of a message stands; none while the message is folded away.
    pub fn row_of(&mut self, message: usize, code_point: usize) -> Option<usize> {
        let mut before = 0;
        let row = self.wrapped[message].iter().position(|line| {
            before += line.code_points();
            code_point < before
        });
        let row = row.unwrap_or(self.wrapped[message].len() - 1);
        self.rows.iter().position(|there| *there == Row::Text { message, row })
    }

    /// Messages that were answered, folded or not.
    pub fn older(&self) -> usize {
        self.older
    }

    /// Whether the answered messages are shown.
    pub fn is_unfolded(&self) -> bool {
        self.unfolded
    }

    /// Messages shown, without drafts.
    pub fn messages(&self) -> usize {
        self.shown.len()
    }

    /// Inbound messages since our last reply.
    pub fn unanswered(&self, conversation: &OpenedConversation<Body>) -> usize {
        self.to_answer(conversation).count()
    }

    /// The rows of the draft: how many there are, and which of them stand in the window, counted from 1.
    pub fn draft_rows(&self, window: Range<usize>) -> Option<(Range<usize>, usize)> {
        let draft = self.draft?;
        let total = self.wrapped[draft].len();
        let first = self.rows.len() - 1 - total;
        let from = window.start.max(first);
        let to = window.end.min(first + total);
        let visible = if from < to { from - first + 1..to - first + 1 } else { 0..0 };
        Some((visible, total))
    }

    /// What the draft hides, or tries to.
    pub fn draft_findings(&self, conversation: &OpenedConversation<Body>) -> Findings {
        self.draft.map_or_else(Findings::default, |at| findings_of(&conversation.messages[at]))
    }

    /// What everything hides that a decision rests on: the draft and the messages to be answered.
    pub fn findings(&self, conversation: &OpenedConversation<Body>) -> Findings {
        let mut findings = Findings::default();
        for at in self.required(conversation) {
            findings += findings_of(&conversation.messages[at]);
        }
        findings
    }

    /// These rows were on the screen.
    pub fn show(&mut self, conversation: &OpenedConversation<Body>, window: Range<usize>) {
        let end = window.end.min(self.rows.len());
        for row in &self.rows[window.start.min(end)..end] {
            if let Row::Text { message, row } | Row::Unread { message, row } = *row
                && self.glimpsed.insert((message, row))
            {
                self.glimpses[message] += 1;
            }
        }
        for at in self.required(conversation) {
            if self.unread_rows(conversation, at) == 0 {
                self.seen.insert(conversation.messages[at].message_id);
            }
        }
    }

    /// Rows that a decision rests on and that were not on the screen yet.
    pub fn unread(&self, conversation: &OpenedConversation<Body>) -> usize {
        self.required(conversation).into_iter().map(|at| self.unread_rows(conversation, at)).sum()
    }

    /// How many of the messages that a decision rests on were read, and how many there are.
    pub fn progress(&self, conversation: &OpenedConversation<Body>) -> (usize, usize) {
        let required = self.required(conversation);
        let read = required.iter().filter(|at| self.unread_rows(conversation, **at) == 0).count();
        (read, required.len())
    }

    fn unread_rows(&self, conversation: &OpenedConversation<Body>, at: usize) -> usize {
        if self.seen.contains(&conversation.messages[at].message_id) {
            return 0;
        }
        self.wrapped[at].len() - self.glimpses[at]
    }

    fn to_answer<'a>(&'a self, conversation: &'a OpenedConversation<Body>) -> impl Iterator<Item = usize> + 'a {
        let since = self.shown[self.older.min(self.shown.len())..].iter().copied();
        since.filter(|at| conversation.messages[*at].direction == Direction::Inbound)
    }

    fn required(&self, conversation: &OpenedConversation<Body>) -> Vec<usize> {
        self.to_answer(conversation).chain(self.draft).collect()
    }
}

fn findings_of(message: &Message<Body>) -> Findings {
    message.body.text().map(OpenedText::findings).unwrap_or_default()
}
