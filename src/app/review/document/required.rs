//! What a decision rests on: the draft and the messages to be answered. What they hide, and how much of them was read.

use std::ops::Range;

use super::{Body, Document, Part};
use crate::domain::{Direction, OpenedConversation};
use crate::text::{Findings, OpenedText};

impl Document {
    /// Inbound messages since our last reply.
    pub fn unanswered(&self, conversation: &OpenedConversation<Body>) -> usize {
        self.to_answer(conversation).count()
    }

    /// The rows of the draft: how many there are, and which of them stand in the window, counted from 1.
    pub fn draft_rows(&self, window: Range<usize>) -> Option<(Range<usize>, usize)> {
        let draft = self.draft?;
        let laid = &self.messages[draft];
        let total = laid.rows.len();
        let first = self.len() - 1 - laid.len();
        let within = |row: usize| row.saturating_sub(first).min(laid.len());
        let rows = laid.beneath.text_rows(within(window.start)..within(window.end));
        let visible = if rows.is_empty() { 0..0 } else { rows.start + 1..rows.end + 1 };
        Some((visible, total))
    }

    /// What the draft hides, or tries to.
    pub fn draft_findings(&self, conversation: &OpenedConversation<Body>) -> Findings {
        self.draft.map_or_else(Findings::default, |at| findings_of(&conversation.messages[at].body))
    }

    /// What everything hides that a decision rests on: the draft and the messages to be answered.
    pub fn findings(&self, conversation: &OpenedConversation<Body>) -> Findings {
        let mut findings = Findings::default();
        for at in self.required(conversation) {
            findings += findings_of(&conversation.messages[at].body);
        }
        findings
    }

    /// Whether every text that a decision rests on was looked through, so that its findings and marks are all there.
    pub fn is_looked_through(&self, conversation: &OpenedConversation<Body>) -> bool {
        let mut texts = self.required(conversation).into_iter().filter_map(|at| conversation.messages[at].body.text());
        texts.all(|text| text.survey().is_some())
    }

    /// These rows were on the screen.
    pub fn show(&mut self, window: Range<usize>) {
        for section in &self.sections {
            let Part::Body(message) = section.part else { continue };
            let laid = &mut self.messages[message];
            let within = |row: usize| row.saturating_sub(section.first).min(laid.len());
            let rows = laid.beneath.text_rows(within(window.start)..within(window.end));
            if !rows.is_empty() && laid.seen.add(laid.rows.code_points_of(rows)) {
                laid.count_unread();
            }
        }
    }

    /// Rows that a decision rests on and that were not on the screen yet.
    pub fn unread(&self, conversation: &OpenedConversation<Body>) -> usize {
        self.required(conversation).into_iter().map(|at| self.messages[at].unread).sum()
    }

    /// How many of the messages that a decision rests on were read, and how many there are.
    pub fn progress(&self, conversation: &OpenedConversation<Body>) -> (usize, usize) {
        let required = self.required(conversation);
        let read = required.iter().filter(|at| self.messages[**at].unread == 0).count();
        (read, required.len())
    }

    fn to_answer<'a>(&'a self, conversation: &'a OpenedConversation<Body>) -> impl Iterator<Item = usize> + 'a {
        let since = self.shown[self.older.min(self.shown.len())..].iter().copied();
        since.filter(|at| conversation.messages[*at].direction == Direction::Inbound)
    }

    /// The messages that a decision rests on, as indices: the inbound ones since our last reply, and the draft.
    pub fn required(&self, conversation: &OpenedConversation<Body>) -> Vec<usize> {
        self.to_answer(conversation).chain(self.draft).collect()
    }
}

fn findings_of(body: &Body) -> Findings {
    body.text().map(OpenedText::findings).unwrap_or_default()
}
