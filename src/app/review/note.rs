//! What a reviewer says about a rejection, for whoever drafts and reviews next. Sealed like any body; Enter without a word
//! says nothing.

use ratatui::crossterm::event::{KeyCode, KeyEvent};

use super::editor::Buffer;
use super::words::Writing;
use super::{Pane, Question, Verb, decide};
use crate::app::model::Model;

/// The most bytes of a note: a few sentences.
pub const LONGEST: usize = 4_000;

/// Asks for a note behind the reason. What was written before stands there again.
pub fn ask(model: &mut Model, reason: String) {
    let Some(pane) = model.review.pane_mut() else { return };
    if let Some(line) = Buffer::of(pane.note.as_str(), LONGEST) {
        pane.question = Question::Note { reason, line: Box::new(line) };
    }
}

/// Passes a key to the line.
pub fn key(model: &mut Model, key: KeyEvent) {
    let Some(pane) = model.review.pane_mut() else { return };
    let Question::Note { reason, line } = &mut pane.question else { return };
    match key.code {
        KeyCode::Enter => {
            let reason = reason.clone();
            decide::ask_to_confirm(model, Verb::Reject, Some(reason));
        }
        KeyCode::Esc => pane.question = Question::None,
        _ => {
            line.key(key, usize::MAX, 1);
            pane.note = line.words();
        }
    }
}

/// Inserts what was pasted, as one line. False: no note is asked for.
pub fn pasted(model: &mut Model, text: &str) -> bool {
    let Some(pane) = model.review.pane_mut() else { return false };
    let Question::Note { line, .. } = &mut pane.question else { return false };
    let is_inserted = line.insert(&text.lines().collect::<Vec<_>>().join(" "));
    pane.note = line.words();
    if !is_inserted {
        model.warn(format!("too long: nothing was inserted, {LONGEST} bytes are the most"));
    }
    true
}

/// The note that goes with the rejection; none where nothing was said.
pub fn writing(pane: &Pane) -> Option<Writing> {
    let conversation = &pane.conversation;
    (!pane.note.is_blank()).then(|| Writing {
        agency: conversation.agency.clone(),
        conversation_id: conversation.conversation_id,
        words: pane.note.clone(),
    })
}
