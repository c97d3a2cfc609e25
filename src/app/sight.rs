//! Whether what a key would decide on can have been read.
//!
//! A key decides only on what stood before the person's eyes when it was typed. What stands there is the
//! [`subject`]; as soon as it is another one, it has to be drawn, and then to be there for as long as the runtime holds
//! reading to take on this terminal. The runtime says both, because only it knows the clock and the way to the terminal.

use ratatui::crossterm::event::{KeyEvent, KeyEventKind};
use ratatui::layout::Size;

use super::confirm::Swallowed;
use super::input;
use super::keymap::Action;
use super::model::{Ask, Model, Overlay, Screen};
use super::review::decide;
use crate::domain::{JobId, Pin};

/// How far the subject has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// It was not drawn yet. `hasty`: a key came too early or by itself, and who is as fast as that, or holds a key, has to
    /// pause.
    Unseen { hasty: bool },
    /// It is drawn, and nobody can have read it yet.
    Drawn,
    /// It was there for long enough.
    Readable,
}

impl Default for Sight {
    fn default() -> Self {
        Sight::Unseen { hasty: false }
    }
}

/// What a deciding key would be about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    screen: Screen,
    size: Size,
    /// Something lies over it.
    covered: bool,
    job: Option<(JobId, Option<Pin>)>,
    /// An answer about it is under way, or a fresh look would show something else.
    moving: bool,
    asks: Option<Ask>,
}

/// What stands before the person's eyes that a key could decide on; none where no key could.
pub fn subject(model: &Model) -> Option<Subject> {
    let pane = model.review.pane().filter(|_| model.screen == Screen::Review);
    let asks = model.asks();
    if pane.is_none() && asks.is_none() {
        return None;
    }
    let covered = model.overlay != Overlay::None || model.is_blank(model.now) || pane.is_some_and(|pane| pane.glance);
    Some(Subject {
        screen: model.screen,
        size: model.size,
        covered,
        job: pane.map(|pane| (pane.job.job_id, pane.pin().cloned())),
        moving: decide::is_busy(model) || pane.is_some_and(|pane| pane.change.is_some()),
        asks,
    })
}

/// Whether an action decides, or opens the question that does.
fn decides(action: Action) -> bool {
    use Action::{Approve, ConfirmSent, Discard, Escalate, ForceRelease, Hold, Reject, Resume, Retry, Skip, TakeOver};
    matches!(
        action,
        Approve | Reject | Escalate | TakeOver | ForceRelease | Skip | Retry | Discard | ConfirmSent | Hold | Resume
    )
}

/// Why this key must not open a question: it was typed before what it is about can have been read, or it came by itself.
pub fn forbids(model: &Model, key: KeyEvent, action: Action) -> Option<&'static str> {
    if !decides(action) {
        return None;
    }
    let is_early = subject(model).is_some() && model.sight != Sight::Readable;
    match key.kind {
        _ if is_early => Some("too early: this has only just come up, so the key was swallowed"),
        KeyEventKind::Press => None,
        _ => Some("swallowed: held keys and keys in one burst decide nothing"),
    }
}

/// A key came before anybody can have read what it would be about, or came by itself: the wait begins anew, and is a longer
/// one, so that a key that goes on being held does not get there in the end.
pub fn begin_anew(model: &mut Model) {
    model.sight = Sight::Unseen { hasty: true };
}

/// What a question swallowed because no finger typed it in time.
pub fn note_haste(model: &mut Model) {
    let readable = model.sight == Sight::Readable;
    let hasty = |why| !readable || matches!(why, Swallowed::NotAlone | Swallowed::Pasted);
    if input::confirm(model).and_then(|confirm| confirm.swallowed).is_some_and(hasty) {
        begin_anew(model);
    }
}
