//! The places that are to be looked at one by one before anybody decides, and which of them were.

use std::collections::HashSet;
use std::mem::{Discriminant, discriminant};

use uuid::Uuid;

use super::{Body, Document};
use crate::app::model::Model;
use crate::domain::OpenedConversation;
use crate::text::{Mark, Remark, SafeLine};

/// The marks of what a decision rests on, in the order of the conversation; the draft's come last.
#[derive(Debug, Default)]
pub struct Tour {
    stops: Vec<Stop>,
    visited: HashSet<Sight>,
    here: Option<usize>,
}

/// One mark.
#[derive(Debug, Clone)]
pub struct Stop {
    /// The index of the message.
    pub message: usize,
    pub mark: Mark,
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
        let marks_of = |at: usize| conversation.messages[at].body.text().map_or(&[][..], |text| text.marks());
        let count: usize = required.iter().map(|at| marks_of(*at).len()).sum();
        let is_same = count == self.stops.len()
            && self.stops.iter().all(|stop| {
                conversation.messages.get(stop.message).is_some_and(|message| message.message_id == stop.message_id)
            });
        // Marks are found once for each text, so their number tells whether there are others.
        if is_same {
            return;
        }
        let before = self.here.map(|here| self.stops[here].sight());
        self.stops = required
            .into_iter()
            .flat_map(|at| {
                let message_id = conversation.messages[at].message_id;
                let is_draft = conversation.draft_id == Some(message_id);
                marks_of(at).iter().map(move |mark| Stop { message: at, mark: mark.clone(), is_draft, message_id })
            })
            .collect();
        self.here = self.stops.iter().position(|stop| Some(stop.sight()) == before);
    }

    /// Keeps what was visited of the same messages: they never change under the same id.
    pub fn visited_before(&mut self, before: &Tour) {
        self.visited.extend(&before.visited);
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
        self.stops.iter().filter(|stop| !self.visited.contains(&stop.sight())).count()
    }

    /// How many stand in the draft: whoever approves accepts them.
    pub fn in_draft(&self) -> usize {
        self.stops.iter().filter(|stop| stop.is_draft).count()
    }

    /// How many facts are in doubt.
    pub fn facts(&self) -> usize {
        self.stops.iter().filter(|stop| stop.mark.remark.is_fact()).count()
    }

    /// How many of them stand in the draft.
    pub fn facts_in_draft(&self) -> usize {
        self.stops.iter().filter(|stop| stop.is_draft && stop.mark.remark.is_fact()).count()
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
    }
}

/// The words that a mark is about, made safe; short enough for a line.
pub fn words_of(conversation: &OpenedConversation<Body>, stop: &Stop) -> SafeLine {
    const ENOUGH: usize = 60;
    let text = conversation.messages[stop.message].body.text();
    let range = &stop.mark.at;
    let words = text.map(|text| {
        text.with_words(|words| words.chars().skip(range.start).take(range.len().min(ENOUGH)).collect::<String>())
    });
    SafeLine::label(words.unwrap_or_default())
}
