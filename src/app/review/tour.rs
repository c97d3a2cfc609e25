//! The places that are to be looked at one by one before anybody decides, and which of them were.

use std::collections::HashSet;
use std::mem::{Discriminant, discriminant};
use std::ops::Range;

use uuid::Uuid;

use super::{Body, Document};
use crate::app::model::Model;
use crate::domain::OpenedConversation;
use crate::text::{Mark, OpenedText, Remark, SafeLine};

/// The marks of what a decision rests on, in the order of the conversation; the draft's come last.
#[derive(Debug, Default)]
pub struct Tour {
    stops: Vec<Stop>,
    visited: HashSet<Sight>,
    here: Option<usize>,
    counts: Counts,
    /// The code points of the longest mark, so that those around a place are found without a walk through all.
    longest: usize,
}

/// Asked for with every frame, and counted only when something changes: a hostile text has a hundred thousand marks.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    unseen: usize,
    in_draft: usize,
    facts: usize,
    facts_in_draft: usize,
}

/// One mark.
#[derive(Debug, Clone)]
pub struct Stop {
    /// The index of the message.
    pub message: usize,
    pub mark: Mark,
    /// The words that it is about, safe and short enough for a line.
    pub words: SafeLine,
    pub is_draft: bool,
    message_id: Uuid,
}

/// What of a mark stays the same when a conversation is opened again.
type Sight = (Uuid, usize, usize, Discriminant<Remark>);

impl Stop {
    fn sight(&self) -> Sight {
        (self.message_id, self.mark.at.start, self.mark.at.end, discriminant(&self.mark.remark))
    }
}

impl Tour {
    /// The marks as they are known now; what was visited stays visited.
    pub fn renew(&mut self, conversation: &OpenedConversation<Body>, document: &Document) {
        let required = document.required(conversation);
        let text_of = |at: usize| conversation.messages[at].body.text();
        let count: usize = required.iter().map(|at| text_of(*at).map_or(0, |text| text.marks().len())).sum();
        let ends = [self.stops.first(), self.stops.last()];
        let is_there = |stop: &Stop| {
            conversation.messages.get(stop.message).is_some_and(|message| message.message_id == stop.message_id)
        };
        // Marks are found once for each text, so their number tells whether there are others.
        if count == self.stops.len() && ends.into_iter().flatten().all(is_there) {
            return;
        }
        let before = self.here.map(|here| self.stops[here].sight());
        self.stops.clear();
        for at in required {
            let message_id = conversation.messages[at].message_id;
            let is_draft = conversation.draft_id == Some(message_id);
            let Some(text) = text_of(at) else { continue };
            let words = words_of(text);
            let stops = text.marks().iter().zip(words);
            self.stops.extend(stops.map(|(mark, words)| {
                let mark = mark.clone();
                Stop { message: at, mark, words, is_draft, message_id }
            }));
        }
        self.here = self.stops.iter().position(|stop| Some(stop.sight()) == before);
        self.longest = self.stops.iter().map(|stop| stop.mark.at.len()).max().unwrap_or_default();
        self.count();
    }

    fn count(&mut self) {
        let of = |wanted: &dyn Fn(&Stop) -> bool| self.stops.iter().filter(|stop| wanted(stop)).count();
        self.counts = Counts {
            unseen: of(&|stop| !self.visited.contains(&stop.sight())),
            in_draft: of(&|stop| stop.is_draft),
            facts: of(&|stop| stop.mark.remark.is_fact()),
            facts_in_draft: of(&|stop| stop.is_draft && stop.mark.remark.is_fact()),
        };
    }

    /// Keeps what was visited of the same messages: they never change under the same id.
    pub fn visited_before(&mut self, before: &Tour) {
        self.visited.extend(&before.visited);
        self.count();
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.stops.len()
    }

    /// Whether there is nothing to visit.
    pub fn is_empty(&self) -> bool {
        self.stops.is_empty()
    }

    /// How many were not visited yet.
    pub fn unseen(&self) -> usize {
        self.counts.unseen
    }

    /// How many stand in the draft: whoever approves accepts them.
    pub fn in_draft(&self) -> usize {
        self.counts.in_draft
    }

    /// How many facts are in doubt.
    pub fn facts(&self) -> usize {
        self.counts.facts
    }

    /// How many of them stand in the draft.
    pub fn facts_in_draft(&self) -> usize {
        self.counts.facts_in_draft
    }

    /// The marks that touch these code points of a message, each with its number, counted from zero.
    pub fn around(&self, message: usize, at: &Range<usize>) -> impl Iterator<Item = (usize, &Stop)> {
        let first = self.stops.iter().position(|stop| stop.message == message).unwrap_or(self.stops.len());
        let of_message = &self.stops[first..];
        let of_message = &of_message[..of_message.iter().take_while(|stop| stop.message == message).count()];
        let from = of_message.partition_point(|stop| stop.mark.at.start + self.longest <= at.start);
        let to = of_message.partition_point(|stop| stop.mark.at.start < at.end);
        let near = of_message[from.min(to)..to].iter().enumerate();
        let start = at.start;
        near.map(move |(number, stop)| (first + from + number, stop)).filter(move |(_, stop)| stop.mark.at.end > start)
    }

    /// The mark that is being looked at, with its number, counted from 1.
    pub fn here(&self) -> Option<(usize, &Stop)> {
        let here = self.here?;
        Some((here + 1, self.stops.get(here)?))
    }

    /// All of them.
    pub fn stops(&self) -> &[Stop] {
        &self.stops
    }

    /// The next mark that was not visited, behind the one looked at last and then from the beginning; when all were, simply
    /// the next.
    fn next(&self) -> Option<usize> {
        let from = self.here.map_or(0, |here| here + 1);
        let in_turn = (from..self.stops.len()).chain(0..from.min(self.stops.len()));
        let is_unseen = |at: &usize| !self.visited.contains(&self.stops[*at].sight());
        in_turn.clone().find(is_unseen).or_else(|| in_turn.clone().next())
    }
}

/// Goes to the next mark. It is visited when it stands on the screen.
pub fn visit_next(model: &mut Model) {
    let size = model.size;
    let Some(pane) = model.review.pane_mut() else { return };
    let Some(next) = pane.tour.next() else { return };
    let stop = pane.tour.stops[next].clone();
    if pane.go_to(stop.message, stop.mark.at.start, size) {
        pane.tour.here = Some(next);
        pane.tour.visited.insert(stop.sight());
        pane.tour.count();
    }
}

/// The words that each mark of a text is about.
fn words_of(text: &OpenedText) -> Vec<SafeLine> {
    /// More than a line has room for.
    const ENOUGH: usize = 60;
    let words = |at: &Range<usize>| text.excerpt(at.start..at.end.min(at.start + ENOUGH));
    text.marks().iter().map(|mark| words(&mark.at)).collect()
}
