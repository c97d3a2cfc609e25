//! The one table of keys. Dispatch looks actions up in it, the footer and the help are printed from it.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::model::{Ask, Model, Overlay, Screen};
use super::review::Posture;

mod bindings;

pub use bindings::BINDINGS;

/// What a key can mean. Every action has at least one key that needs neither Esc, Ctrl nor Tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Review: the next job for me.
    Next,
    /// Review: the job above in the list.
    Previous,
    /// Review: a screenful further, up to the end and no further.
    ReadOn,
    /// Review: show or hide the answered messages.
    Unfold,
    /// Review: show what is there now and move the pin to it.
    SeeChange,
    Approve,
    Reject,
    Escalate,
    /// Review: make an escalated job mine.
    TakeOver,
    /// Review: leave the job to others, with a reason.
    Skip,
    /// Review: edit the draft, for somebody else's look.
    Edit,
    /// Review: take the job from whoever reads it.
    ForceRelease,
    /// Review: take my last decision back.
    Undo,
    /// Review: look at the list and keep the lease.
    Glance,
    /// Review: go to the next place that has to be looked at.
    NextMark,
    /// Review: what changed in the draft.
    Changes,
    /// Review: what is known of the job.
    Info,
    /// Review: copy the address at which the customer can be looked up.
    LookUp,
    /// Review: look for words in what is open.
    Search,
    /// Review: show plain ASCII only.
    AsciiOnly,
    /// Review: look at the list in the other order.
    Order,
    /// Review: list what I skipped.
    Skipped,
    /// Dead letters: put the job back into the queue.
    Retry,
    /// Dead letters: give the job up.
    Discard,
    /// Dead letters: a send of unknown effect did leave.
    ConfirmSent,
    /// Overview, Dead letters: stop what the cursor is on.
    Hold,
    /// Overview, Dead letters: end a hold.
    Resume,
    /// Dead letters: mark the row.
    Mark,
    /// Dead letters: mark what is listed.
    MarkAll,
    /// Overview: the last day of the chosen kind.
    Chart,
    /// Overview: decisions by team and hour.
    Teams,
    /// Enter: what the chosen row stands for.
    Open,
    /// Away from what is open; clears the filter first.
    Back,
    Down,
    Up,
    HalfPageDown,
    HalfPageUp,
    Top,
    Bottom,
    Filter,
    /// Copy the id of the chosen job, and print it.
    CopyId,
    Refresh,
    Go(Screen),
    NextScreen,
    Help,
    Quit,
}

/// Where a key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    Overview,
    /// The list of what waits, with nothing open.
    ReviewList,
    /// A conversation is open.
    ReviewPane,
    DeadLetters,
    Activity,
    Jobs,
    /// The help lies over the screen.
    Help,
}

impl Mode {
    /// Every mode once.
    pub const ALL: [Mode; 7] =
        [Mode::Overview, Mode::ReviewList, Mode::ReviewPane, Mode::DeadLetters, Mode::Activity, Mode::Jobs, Mode::Help];

    /// Where the keys go now. Questions (confirm, reason, filter line) take theirs before this is asked.
    pub fn of(model: &Model) -> Mode {
        if matches!(model.overlay, Overlay::Help { .. }) { Mode::Help } else { Mode::below_help(model) }
    }

    /// The mode that the help explains.
    pub fn below_help(model: &Model) -> Mode {
        match model.screen {
            Screen::Overview => Mode::Overview,
            Screen::Review => match model.review.posture() {
                Posture::List => Mode::ReviewList,
                Posture::Pane => Mode::ReviewPane,
            },
            Screen::DeadLetters => Mode::DeadLetters,
            Screen::Activity => Mode::Activity,
            Screen::Jobs => Mode::Jobs,
        }
    }
}

/// A key as the table names it. Shift is part of the character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    pub code: KeyCode,
    pub control: bool,
}

impl Key {
    fn matches(self, event: KeyEvent) -> bool {
        let control = event.modifiers.contains(KeyModifiers::CONTROL);
        self.code == event.code && self.control == control && !event.modifiers.contains(KeyModifiers::ALT)
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.control {
            f.write_str("Ctrl-")?;
        }
        match self.code {
            KeyCode::Char(' ') => f.write_str("Space"),
            KeyCode::Char(letter) => write!(f, "{letter}"),
            other => write!(f, "{other}"),
        }
    }
}

/// One row of the table.
#[derive(Debug)]
pub struct Binding {
    pub keys: &'static [Key],
    pub action: Action,
    pub modes: &'static [Mode],
    /// One line for the help.
    pub help: &'static str,
    /// The word for the footer; none keeps it out. The footer has the order of the table.
    pub footer: Option<&'static str>,
}

/// What a key means in this mode.
pub fn action(event: KeyEvent, mode: Mode) -> Option<Action> {
    of_mode(mode).find(|binding| binding.keys.iter().any(|key| key.matches(event))).map(|binding| binding.action)
}

/// The rows that work in this mode, in the table's order.
pub fn of_mode(mode: Mode) -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().filter(move |binding| binding.modes.contains(&mode))
}

/// The keys that answer an open question, for the footer: nothing else works while one is open.
pub fn answers(ask: Ask) -> &'static [(&'static str, &'static str)] {
    match ask {
        Ask::Yes => &[("y", "yes, do it"), ("n", "leave it")],
        Ask::Digits => &[("digits", "as named above"), ("n", "leave it")],
        Ask::Reason => &[("1-9", "pick"), ("j k", "move"), ("Enter", "take"), ("n", "leave")],
        Ask::Reference => &[("Enter", "take it"), ("Esc", "leave it")],
        Ask::What => &[("letter", "as named above"), ("n", "leave it")],
        Ask::Edit => &[("Enter", "edit"), ("n", "leave it")],
        Ask::Note => &[("Enter", "take it, also empty"), ("Esc", "leave")],
        Ask::Editor => {
            &[("Esc", "save or leave"), ("arrows", "move"), ("Shift", "select"), ("Ctrl-u", "undo"), ("Ctrl-r", "redo")]
        }
        Ask::Leaving => &[
            ("s", "save"),
            ("g", "go on"),
            ("T", "throw away"),
            ("u", "undo"),
            ("r", "redo"),
            ("b f", "word back, on"),
        ],
        Ask::Saving => &[],
        Ask::Filter => &[("Enter", "apply"), ("Esc", "leave it")],
        Ask::Search => &[("Enter", "find"), ("Esc", "leave it")],
        Ask::Quit => &[("q", "quit"), ("u", "undo"), ("any other", "stay")],
        Ask::Lesson => &[("Enter", "go on")],
    }
}

/// Ctrl-C ends the program from wherever it is.
pub fn is_interrupt(event: KeyEvent) -> bool {
    Key { code: KeyCode::Char('c'), control: true }.matches(event)
}

/// Ctrl-Z gives the terminal back and stops the program from wherever it is.
pub fn is_suspend(event: KeyEvent) -> bool {
    Key { code: KeyCode::Char('z'), control: true }.matches(event)
}

/// Whether an action would do something now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Availability {
    On,
    /// It exists, but not now; why, and what switches it on.
    Off(String),
    /// It has no meaning here at all, and the footer does not list it.
    Hidden,
}

#[cfg(test)]
mod tests;
