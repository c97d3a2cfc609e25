//! The conversation as rows: what is folded, how it is wrapped, and what of it was on the screen.
//!
//! | file | what it holds |
//! |---|---|
//! | [`body`] | what there is to read of a message |
//! | [`beneath`] | rows of ours between those of a message |
//! | [`laid`] | one message as rows |
//! | [`required`] | what a decision rests on, and how much of it was read |
//! | [`seen`] | which code points of a message were on the screen |
//!
//! No row is kept but those around the window: a message may have millions. [`Document::settle`] is to be called with
//! each move, and says where the window stands then.

mod beneath;
mod body;
mod laid;
mod required;
mod seen;

use std::borrow::Cow;
use std::ops::Range;

use crate::domain::conversation::Rejection;
use crate::domain::{Direction, OpenedConversation};
use crate::text::{Place, Rows, SafeLine, SafeText, View};
use beneath::{Beneath, Shown};
pub use body::Body;
use laid::Laid;

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
    /// Where the link above leads: the index of the link in the message's survey.
    Host {
        message: usize,
        link: usize,
    },
    /// An earlier draft was rejected.
    Rejection {
        at: usize,
    },
    /// What the reviewer wrote about it.
    Note {
        rejection: usize,
        row: usize,
    },
    /// Where the draft begins.
    DraftHead,
    DraftEnd,
}

/// A conversation laid out for one width.
#[derive(Debug)]
pub struct Document {
    /// What is shown now, in order.
    sections: Vec<Section>,
    messages: Vec<Laid>,
    width: usize,
    view: View,
    /// What is shown of the conversation, older first, without drafts.
    shown: Vec<usize>,
    /// How many of `shown` were answered already.
    older: usize,
    unfolded: bool,
    draft: Option<usize>,
    /// The rows of the notes that stand with earlier rejections.
    notes: Vec<Vec<SafeLine>>,
}

/// Rows that belong together.
#[derive(Debug)]
struct Section {
    /// The row of the document that it begins with.
    first: usize,
    part: Part,
}

#[derive(Debug, Clone, Copy)]
enum Part {
    /// One row of ours.
    Line(Row),
    /// All rows of a message's body.
    Body(usize),
}

/// What stands in a row, whatever number it gets.
#[derive(Debug, Clone, Copy)]
struct Standing {
    section: usize,
    /// None for a row of ours.
    place: Option<Place>,
    /// Rows of ours between that row of the text and this.
    below: usize,
}

/// How many bytes of long messages are counted with each message to the model; see [`Rows::count_on`].
const AT_A_TIME: usize = 64 * 1024;

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
        let view = View::default();
        let messages =
            messages.iter().map(|message| Laid::new(message.message_id, &message.body, width, view)).collect();
        let mut document = Document {
            sections: Vec::new(),
            messages,
            width,
            view,
            shown,
            older,
            unfolded: false,
            draft,
            notes: Vec::new(),
        };
        document.lay_out(conversation);
        document
    }

    /// Keeps what was read of the same messages: they never change under the same id.
    pub fn read_before(mut self, before: &Document) -> Document {
        for laid in &mut self.messages {
            if let Some(before) = before.messages.iter().find(|before| before.message_id == laid.message_id) {
                laid.seen.clone_from(&before.seen);
                laid.count_unread();
            }
        }
        self.unfolded = before.unfolded && self.older > 0;
        self
    }

    /// Lays the rows out for another width or view. What was on the screen stays read. Returns the row in which then stands
    /// what stood in `row`.
    pub fn wrap(&mut self, conversation: &OpenedConversation<Body>, width: usize, view: View, row: usize) -> usize {
        if (self.width, self.view) == (width, view) {
            self.lay_out(conversation);
            return row;
        }
        let anchor = self.row(row).map(|there| match there {
            Row::Text { message, row } | Row::Unread { message, row } => {
                (there, self.messages[message].rows.code_points_of(row..row + 1).start)
            }
            Row::Host { message, .. } => {
                let first = self.section_of(row).map_or(0, |at| self.sections[at].first);
                let above = self.messages[message].beneath.text_row(row - first);
                let code_points = self.messages[message].rows.code_points_of(above..above + 1);
                (Row::Text { message, row: above }, code_points.start)
            }
            other => (other, 0),
        });
        (self.width, self.view) = (width, view);
        for (laid, message) in self.messages.iter_mut().zip(&conversation.messages) {
            laid.rows = Rows::new(message.body.words(), width, view);
            laid.count_unread();
        }
        self.lay_out(conversation);
        match anchor {
            Some((Row::Text { message, .. } | Row::Unread { message, .. }, code_point)) => {
                self.row_of(message, code_point).unwrap_or(0)
            }
            Some((line, _)) => {
                let is_it = |section: &&Section| matches!(section.part, Part::Line(there) if there == line);
                self.sections.iter().find(is_it).map_or(0, |section| section.first)
            }
            None => 0,
        }
    }

    /// What letters are shown as they are.
    pub fn view(&self) -> View {
        self.view
    }

    /// Shows or hides the answered messages. Returns by how many rows everything below moved down.
    pub fn toggle_older(&mut self, conversation: &OpenedConversation<Body>) -> isize {
        let before = self.len() as isize;
        self.unfolded = !self.unfolded;
        self.lay_out(conversation);
        self.len() as isize - before
    }

    /// Makes ready the rows around a window of `height` rows that is to begin with `top`, or to show the end where that is
    /// too far down, and counts some more of the rows that were only estimated. Returns the row with which the window
    /// begins now: what stands in it is the same, even if the rows above are more or fewer than was thought.
    pub fn settle(&mut self, top: usize, height: usize) -> usize {
        let to_the_end = top >= self.len().saturating_sub(height);
        let place = self.place(top);
        if let Some(laid) = self.messages.iter_mut().find(|laid| !laid.rows.is_exact()) {
            laid.count_on(AT_A_TIME);
        }
        loop {
            self.number();
            let bottom = self.len().saturating_sub(height);
            let top = if to_the_end { bottom } else { self.row_at(place).min(bottom) };
            if !self.keep(top.saturating_sub(height)..top + 2 * height) {
                return top;
            }
        }
    }

    fn lay_out(&mut self, conversation: &OpenedConversation<Body>) {
        for (laid, message) in self.messages.iter_mut().zip(&conversation.messages) {
            laid.beneath = Beneath::of(message.body.text(), &laid.rows);
        }
        self.notes = conversation.rejections.iter().map(|rejection| note(rejection, self.width)).collect();
        let mut parts = Vec::new();
        let first = if self.unfolded { 0 } else { self.older };
        for &message in &self.shown[first..] {
            let there = &conversation.messages[message];
            parts.push(Part::Line(Row::Head { message }));
            let attachments = 0..there.attachments.len();
            parts.extend(attachments.map(|attachment| Part::Line(Row::Attachment { message, attachment })));
            match self.body_of(conversation, message) {
                Some(body) => parts.push(Part::Body(body)),
                None => parts.push(Part::Line(Row::NoBody { message })),
            }
        }
        // Of a single rejection without a note the head of the pane says everything.
        let is_told = |at: usize| self.notes.len() > 1 || !self.notes[at].is_empty();
        for at in (0..self.notes.len()).filter(|at| is_told(*at)) {
            parts.push(Part::Line(Row::Rejection { at }));
            parts.extend((0..self.notes[at].len()).map(|row| Part::Line(Row::Note { rejection: at, row })));
        }
        if let Some(draft) = self.draft {
            parts.extend([Part::Line(Row::DraftHead), Part::Body(draft), Part::Line(Row::DraftEnd)]);
        }
        self.sections = parts.into_iter().map(|part| Section { first: 0, part }).collect();
        self.number();
    }

    /// Gives the sections their rows anew.
    fn number(&mut self) {
        let mut first = 0;
        for section in &mut self.sections {
            section.first = first;
            first += match section.part {
                Part::Line(_) => 1,
                Part::Body(message) => self.messages[message].len(),
            };
        }
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
        self.sections.last().map_or(0, |last| last.first + self.rows_in(last))
    }

    /// Whether there is no row at all.
    pub fn is_empty(&self) -> bool {
        self.sections.is_empty()
    }

    /// Whether all rows of what is shown were counted. Until then the numbers of rows are estimates.
    pub fn is_exact(&self) -> bool {
        self.sections.iter().all(|section| match section.part {
            Part::Line(_) => true,
            Part::Body(message) => self.messages[message].rows.is_exact(),
        })
    }

    /// The rows of a window; what lies beyond the end is left out.
    pub fn rows(&self, window: Range<usize>) -> Vec<Row> {
        window.map_while(|row| self.row(row)).collect()
    }

    /// The line of a [`Row::Text`] or a [`Row::Unread`].
    pub fn line(&self, message: usize, row: usize) -> Cow<'_, SafeLine> {
        self.messages[message].rows.line(row)
    }

    /// The line of a [`Row::Note`].
    pub fn note(&self, rejection: usize, row: usize) -> &SafeLine {
        &self.notes[rejection][row]
    }

    /// The code points of the message that a [`Row::Text`] shows, its line break included.
    pub fn code_points(&self, message: usize, row: usize) -> Range<usize> {
        self.messages[message].rows.code_points_of(row..row + 1)
    }

    /// The row of the document in which a code point of a message stands; none while the message is folded away.
    pub fn row_of(&mut self, message: usize, code_point: usize) -> Option<usize> {
        let is_it = |section: &&Section| matches!(section.part, Part::Body(there) if there == message);
        let first = self.sections.iter().find(is_it)?.first;
        let rows = &mut self.messages[message].rows;
        let row = rows.row_of(code_point);
        // The number has to be right as far as the eye can see.
        let place = rows.place(row);
        let changed = rows.keep(row..row + 1);
        let row = if changed { rows.row_of(code_point) } else { rows.number(place) };
        self.number();
        Some(first + self.messages[message].beneath.shown_at(row))
    }

    /// Whether a code point of a message stands in a row or below it. Lays nothing out, so it may be asked of thousands.
    pub fn is_from(&self, row: usize, message: usize, code_point: usize) -> bool {
        let is_it = |section: &&Section| matches!(section.part, Part::Body(there) if there == message);
        let Some(section) = self.sections.iter().find(is_it) else { return false };
        if section.first >= row {
            return true;
        }
        let laid = &self.messages[message];
        let above = row - section.first;
        above < laid.len() && code_point >= self.code_points(message, laid.beneath.text_row(above)).start
    }

    fn rows_in(&self, section: &Section) -> usize {
        match section.part {
            Part::Line(_) => 1,
            Part::Body(message) => self.messages[message].len(),
        }
    }

    fn row(&self, row: usize) -> Option<Row> {
        let section = &self.sections[self.section_of(row)?];
        match section.part {
            Part::Line(line) => Some(line),
            Part::Body(message) => {
                let (laid, row) = (&self.messages[message], row - section.first);
                let is_there = row < laid.len();
                is_there.then(|| match laid.beneath.at(row) {
                    Shown::Host(link) => Row::Host { message, link },
                    Shown::Text(row) if laid.is_text => Row::Text { message, row },
                    Shown::Text(row) => Row::Unread { message, row },
                })
            }
        }
    }

    /// The section in which a row stands, the last one beyond the end.
    fn section_of(&self, row: usize) -> Option<usize> {
        self.sections.partition_point(|section| section.first <= row).checked_sub(1)
    }

    fn place(&self, row: usize) -> Option<Standing> {
        let at = self.section_of(row)?;
        let section = &self.sections[at];
        Some(match section.part {
            Part::Line(_) => Standing { section: at, place: None, below: 0 },
            Part::Body(message) => {
                let (laid, shown) = (&self.messages[message], row - section.first);
                let above = laid.beneath.text_row(shown);
                let below = shown.saturating_sub(laid.beneath.shown_at(above));
                Standing { section: at, place: Some(laid.rows.place(above)), below }
            }
        })
    }

    fn row_at(&self, standing: Option<Standing>) -> usize {
        let Some(Standing { section, place, below }) = standing else { return 0 };
        let section = &self.sections[section];
        match (section.part, place) {
            (Part::Body(message), Some(place)) => {
                let laid = &self.messages[message];
                section.first + laid.beneath.shown_at(laid.rows.number(place)) + below
            }
            _ => section.first,
        }
    }

    /// Keeps the rows of a window ready. Says whether that changed the number of rows.
    fn keep(&mut self, window: Range<usize>) -> bool {
        let mut changed = false;
        let mut wanted: Vec<Range<usize>> = vec![0..0; self.messages.len()];
        for section in &self.sections {
            if let Part::Body(message) = section.part {
                let laid = &self.messages[message];
                let within = |row: usize| row.saturating_sub(section.first).min(laid.len());
                let rows = laid.beneath.text_rows(within(window.start)..within(window.end));
                let wanted = &mut wanted[message];
                if wanted.start == wanted.end {
                    *wanted = rows;
                } else if !rows.is_empty() {
                    // A draft that was sent stands in two places.
                    *wanted = wanted.start.min(rows.start)..wanted.end.max(rows.end);
                }
            }
        }
        for (laid, wanted) in self.messages.iter_mut().zip(wanted) {
            changed |= laid.rows.keep(wanted);
        }
        changed
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
}

/// The rows of a rejection's note. Notes are short; of what is not, the beginning.
fn note(rejection: &Rejection<Body>, width: usize) -> Vec<SafeLine> {
    const MOST: usize = 40;
    let Some(Body::Text(text)) = &rejection.note else { return Vec::new() };
    let safe = text.with_words(SafeText::from_untrusted);
    safe.lines().iter().flat_map(|line| line.wrap(width)).take(MOST).collect()
}
