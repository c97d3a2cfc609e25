//! The draft under the hands of a person: written, looked at, saved for somebody else's look.
//!
//! | file | what it holds |
//! |---|---|
//! | [`asking`] | the question before it opens |
//! | [`buffer`] | the text, its cursor, undo |
//! | here | the line behind Esc, and what becomes of the text |
//!
//! The text belongs to the screen, not to the pane: whatever happens to job, lease or connection, it goes only when it
//! was saved or thrown away. Where a save comes too late the database keeps it, attached to nothing; where the program is
//! ended from outside and nobody can be asked, it is kept in the same way.

pub mod asking;
pub mod buffer;
#[cfg(test)]
mod tests;

use std::ops::Range;

use chrono::{DateTime, Duration, Utc};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::layout::Size;

use super::words::{Words, Writing};
use super::{Decision, InFlight, Pane, Question, Verb};
use crate::app::effect::Effect;
use crate::app::layout;
use crate::app::model::{Ask, Model};
use crate::app::msg::Failure;
use crate::app::sight::Sight;
use crate::domain::{JobId, OpenedConversation, Outcome, Pin};
use crate::text::{Findings, SafeLine};
pub use buffer::{Buffer, LONGEST};

/// A draft that is being edited.
#[derive(Debug)]
pub struct Editor {
    pub job_id: JobId,
    pin: Pin,
    agency: String,
    conversation_id: uuid::Uuid,
    buffer: Buffer,
    before: Words,
    /// What the text hides now.
    pub findings: Findings,
    pub stage: Stage,
    /// The first row on the screen: a line, and a row of it.
    top: (usize, usize),
}

/// What the keys do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    Writing,
    /// It is in the person's own editor, which has the terminal. Until then that counts as reading.
    Outside {
        until: DateTime<Utc>,
    },
    /// Save, throw away, or go on?
    Leaving(Leaving),
    /// The answer is under way.
    Saving {
        then_quit: bool,
    },
}

/// The line behind Esc.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaving {
    /// Asked because the program was to end.
    pub then_quit: bool,
}

/// What is drawn of the text.
#[derive(Debug)]
pub struct Shown {
    pub line: SafeLine,
    /// Cells under the selection.
    pub selected: Option<Range<usize>>,
    /// Cells under the cursor; empty behind the end of the row.
    pub cursor: Option<Range<usize>>,
}

impl Editor {
    /// None for a text that is too long to be edited here.
    fn open(pane: &Pane, pin: &Pin, text: &str) -> Option<Editor> {
        let buffer = Buffer::of(text, LONGEST)?;
        let OpenedConversation { agency, conversation_id, .. } = &pane.conversation;
        Some(Editor {
            job_id: pane.job.job_id,
            pin: pin.clone(),
            agency: agency.clone(),
            conversation_id: *conversation_id,
            before: buffer.words(),
            findings: buffer.findings(),
            buffer,
            stage: Stage::Writing,
            top: (0, 0),
        })
    }

    /// Another text stands in the place of the draft's, changed already.
    fn go_on_with(&mut self, words: &str) {
        self.buffer = Buffer::of_any_length(words);
        self.findings = self.buffer.findings();
        self.top = (0, 0);
    }

    /// Whether there is something to lose.
    pub fn is_changed(&self) -> bool {
        !self.buffer.is(&self.before)
    }

    /// Where the cursor stands, as line and column from 1.
    pub fn position(&self) -> (usize, usize) {
        let (line, column) = self.buffer.cursor();
        (line + 1, column + 1)
    }

    /// How many lines the text has.
    pub fn lines(&self) -> usize {
        self.buffer.lines()
    }

    /// The rows that are on the screen.
    pub fn shown(&self, size: Size) -> Vec<Shown> {
        let (width, height) = room(size);
        let (cursor_line, _) = self.buffer.cursor();
        let (cursor_row, cursor_cells) = self.buffer.place(width);
        let mut shown = Vec::new();
        let (mut line, mut skip) = self.top;
        while shown.len() < height && line < self.buffer.lines() {
            let mut before = 0;
            for (at, row) in self.buffer.rows(line, width).into_iter().enumerate() {
                let code_points = row.code_points();
                if at >= skip && shown.len() < height {
                    let has_cursor = line == cursor_line && at == cursor_row;
                    shown.push(Shown {
                        selected: self.selected(line, before, &row),
                        cursor: has_cursor.then(|| cursor_cells.clone()),
                        line: row,
                    });
                }
                before += code_points;
            }
            (line, skip) = (line + 1, 0);
        }
        shown
    }

    fn selected(&self, line: usize, before: usize, row: &SafeLine) -> Option<Range<usize>> {
        let (from, to) = self.buffer.selection()?;
        if line < from.0 || line > to.0 {
            return None;
        }
        let cell = |code_point: usize| row.cells_of(code_point.saturating_sub(before)).start;
        let begin = if line == from.0 { cell(from.1) } else { 0 };
        let end = if line == to.0 && to.1 < before + row.code_points() { cell(to.1) } else { row.width() };
        (begin < end).then_some(begin..end)
    }

    /// What it takes keys for.
    pub fn asks(&self) -> Ask {
        match self.stage {
            Stage::Writing => Ask::Editor,
            Stage::Leaving(_) => Ask::Leaving,
            Stage::Outside { .. } | Stage::Saving { .. } => Ask::Saving,
        }
    }

    /// Keeps the cursor on the screen.
    fn follow(&mut self, size: Size) {
        let (width, height) = room(size);
        let (line, _) = self.buffer.cursor();
        let (row, _) = self.buffer.place(width);
        if (line, row) < self.top {
            self.top = (line, row);
            return;
        }
        // The rows above the cursor that fit.
        let (mut first, mut left) = ((line, row), height.saturating_sub(1));
        while left > 0 && first > self.top {
            match first {
                (0, 0) => break,
                (line, 0) => first = (line - 1, self.buffer.rows(line - 1, width).len() - 1),
                (line, row) => first = (line, row - 1),
            }
            left -= 1;
        }
        self.top = self.top.max(first);
    }

    fn edited(&mut self, size: Size) {
        self.findings = self.buffer.findings();
        self.follow(size);
    }

    fn writing(&self) -> Writing {
        Writing { agency: self.agency.clone(), conversation_id: self.conversation_id, words: self.buffer.words() }
    }
}

/// The person's own editor gave the terminal back. What it left is looked at here before anything is saved; and the job may
/// be another one's by now.
pub fn edited_outside(model: &mut Model, result: Result<Words, String>) {
    let size = model.size;
    let Some(editor) = model.review.editor.as_mut() else { return };
    editor.stage = Stage::Writing;
    match result {
        Ok(words) => {
            editor.go_on_with(words.as_str());
            editor.follow(size);
        }
        Err(why) => model.warn(why),
    }
}

/// Whether somebody writes where their keys are not seen.
pub fn is_outside(model: &Model) -> bool {
    let stage = model.review.editor.as_ref().map(|editor| &editor.stage);
    matches!(stage, Some(Stage::Outside { until }) if model.now < *until)
}

/// Takes a key while a draft is edited. None: nothing is.
pub fn key(model: &mut Model, key: KeyEvent) -> Option<Vec<Effect>> {
    let size = model.size;
    let editor = model.review.editor.as_mut()?;
    match &mut editor.stage {
        Stage::Writing => {
            let save = key.code == KeyCode::Char('s') && key.modifiers.contains(KeyModifiers::CONTROL);
            if key.code == KeyCode::Esc || key.code == KeyCode::F(10) || save {
                leave(model, false);
            } else {
                let (width, height) = room(size);
                if editor.buffer.key(key, width, height) {
                    editor.edited(size);
                }
            }
            Some(Vec::new())
        }
        Stage::Leaving(_) => {
            let is_open = model.sight == Sight::Readable;
            let plain = key.kind == KeyEventKind::Press && !key.modifiers.contains(KeyModifiers::CONTROL);
            Some(if is_open && plain { choose(model, key.code) } else { Vec::new() })
        }
        Stage::Outside { .. } | Stage::Saving { .. } => Some(Vec::new()),
    }
}

/// The line behind Esc; where nothing was changed, nothing is asked.
fn leave(model: &mut Model, then_quit: bool) {
    let Some(editor) = model.review.editor.as_mut() else { return };
    if editor.is_changed() {
        editor.stage = Stage::Leaving(Leaving { then_quit });
    } else {
        model.review.editor = None;
        model.say("nothing was changed");
    }
}

fn choose(model: &mut Model, code: KeyCode) -> Vec<Effect> {
    let size = model.size;
    let Some(editor) = model.review.editor.as_mut() else { return Vec::new() };
    let Stage::Leaving(Leaving { then_quit }) = editor.stage else { return Vec::new() };
    match code {
        KeyCode::Char('s') => return save(model, then_quit),
        KeyCode::Char('T') => {
            model.review.editor = None;
            model.say("the edit was thrown away; the draft is as it was");
            if then_quit {
                return crate::app::input::quit(model);
            }
        }
        KeyCode::Char('g') | KeyCode::Esc => editor.stage = Stage::Writing,
        KeyCode::Char('u') => editor.buffer.undo(),
        KeyCode::Char('r') => editor.buffer.redo(),
        KeyCode::Char('b') => editor.buffer.word_back(),
        KeyCode::Char('f') => editor.buffer.word_on(),
        _ => return Vec::new(),
    }
    if let Some(editor) = model.review.editor.as_mut() {
        editor.edited(size);
    }
    Vec::new()
}

/// Sends the text off to take the draft's place. It stays here until the answer says where it is.
fn save(model: &mut Model, then_quit: bool) -> Vec<Effect> {
    let frozen = model.frozen();
    let Some(editor) = model.review.editor.as_mut() else { return Vec::new() };
    let refused = frozen.or_else(|| editor.buffer.words().is_blank().then(|| "there is nothing in it".to_owned()));
    if let Some(why) = refused {
        editor.stage = Stage::Writing;
        model.warn(format!("not saved: {why}; the text stays here"));
        return Vec::new();
    }
    editor.stage = Stage::Saving { then_quit };
    let revision = revision(editor);
    let job_id = editor.job_id;
    let open = model.review.pane_mut().filter(|pane| pane.job.job_id == job_id);
    if let Some(pane) = open {
        pane.question = Question::Pending(Verb::Revise);
    }
    model.review.in_flight.push(revision.1);
    vec![revision.0]
}

fn revision(editor: &Editor) -> (Effect, InFlight) {
    let (job_id, pin) = (editor.job_id, editor.pin.clone());
    let flight = InFlight { job_id, verb: Verb::Revise, lease_token: pin.lease_token, in_doubt: false };
    (Effect::Decide { job_id, decision: Decision::Revise { pin, text: editor.writing() } }, flight)
}

/// Sends the text off because nobody can be asked any more. The lease goes back first, so the text takes no draft's place:
/// it was not said to be finished.
pub fn keep(model: &mut Model) -> Option<Effect> {
    let editor = model.review.editor.take()?;
    if matches!(editor.stage, Stage::Saving { .. }) || !editor.is_changed() || model.session.read_only {
        return None;
    }
    let (effect, flight) = revision(&editor);
    model.review.in_flight.push(flight);
    Some(effect)
}

/// The program is to end: what is unsaved is asked about first. False: there is nothing unsaved.
pub fn asks_before_the_end(model: &mut Model) -> bool {
    let unsaved = model.review.editor.as_ref().filter(|editor| editor.stage == Stage::Writing && editor.is_changed());
    if unsaved.is_some() {
        leave(model, true);
        return true;
    }
    match model.review.editor.as_mut().map(|editor| &mut editor.stage) {
        Some(Stage::Saving { then_quit: true }) | Some(Stage::Writing) | None => false,
        Some(Stage::Saving { then_quit }) => {
            *then_quit = true;
            model.warn("ends when it is saved; Ctrl-C again ends at once, and then nobody knows whether it was");
            true
        }
        Some(Stage::Leaving(_) | Stage::Outside { .. }) => true,
    }
}

/// A save was answered. Says whether the program was to end then.
pub fn answered(model: &mut Model, job_id: JobId, result: &Result<Outcome, Failure>) -> bool {
    let Some(editor) = model.review.editor.as_mut().filter(|editor| editor.job_id == job_id) else { return false };
    let Stage::Saving { then_quit } = editor.stage else { return false };
    let is_safe = matches!(result, Ok(outcome) if outcome.is_applied() || outcome.kept);
    if is_safe {
        model.review.editor = None;
    } else {
        editor.stage = Stage::Writing;
    }
    is_safe && then_quit
}

/// Inserts what was pasted. False: nothing is being edited.
pub fn pasted(model: &mut Model, text: &str) -> bool {
    let size = model.size;
    let Some(editor) = model.review.editor.as_mut() else { return false };
    if editor.stage != Stage::Writing {
        model.say("pasted text ignored");
    } else if editor.buffer.insert(text) {
        editor.edited(size);
    } else {
        model.warn(format!("too long: nothing was inserted, {LONGEST} bytes are the most"));
    }
    true
}

/// The terminal has another size: the text stays, the cursor stays in sight, and the line has to be seen again.
pub fn resized(model: &mut Model) {
    let size = model.size;
    let Some(editor) = model.review.editor.as_mut() else { return };
    editor.follow(size);
}

/// Cells of a row and rows of the text.
fn room(size: Size) -> (usize, usize) {
    layout::review(size).map_or((40, 1), |layout| (layout.text_width(), usize::from(layout.document(BANNER).height)))
}

/// The rows above the text: what became of the job meanwhile.
pub const BANNER: u16 = 2;

/// The longest time for which writing outside counts as reading, so that a forgotten editor keeps no job from others.
const OUTSIDE_AT_MOST: Duration = Duration::minutes(20);
