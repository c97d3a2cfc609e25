//! The one table of keys. Dispatch looks actions up in it, the footer and the help are printed from it.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::model::{Ask, Model, Overlay, Screen};
use super::review::Posture;

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
    /// Review: take my last decision back.
    Undo,
    /// Review: look at the list and keep the lease.
    Glance,
    /// Dead letters: put the job back into the queue.
    Retry,
    /// Dead letters: give the job up.
    Discard,
    /// Dead letters: mark the row.
    Mark,
    /// Dead letters: mark what is listed.
    MarkAll,
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

const fn key(letter: char) -> Key {
    Key { code: KeyCode::Char(letter), control: false }
}

const fn control(letter: char) -> Key {
    Key { code: KeyCode::Char(letter), control: true }
}

const fn named(code: KeyCode) -> Key {
    Key { code, control: false }
}

const LISTS: &[Mode] = &[Mode::Overview, Mode::ReviewList, Mode::DeadLetters, Mode::Activity, Mode::Jobs];
const FILTERED: &[Mode] = &[Mode::ReviewList, Mode::DeadLetters, Mode::Activity, Mode::Jobs];
const SCREENS: &[Mode] =
    &[Mode::Overview, Mode::ReviewList, Mode::ReviewPane, Mode::DeadLetters, Mode::Activity, Mode::Jobs];
const REVIEW: &[Mode] = &[Mode::ReviewList, Mode::ReviewPane];
const PANE: &[Mode] = &[Mode::ReviewPane];
const DEAD: &[Mode] = &[Mode::DeadLetters];

/// Every key of the dashboard. Earlier rows come first in footer and help.
pub const BINDINGS: &[Binding] = &[
    Binding {
        keys: &[key('v')],
        action: Action::SeeChange,
        modes: PANE,
        help: "seen: show what changed, then A and R work again",
        footer: Some("seen"),
    },
    Binding {
        keys: &[key(' '), named(KeyCode::PageDown)],
        action: Action::ReadOn,
        modes: PANE,
        help: "read on; at the end it does nothing",
        footer: Some("on"),
    },
    Binding {
        keys: &[key('f')],
        action: Action::Unfold,
        modes: PANE,
        help: "unfold the answered messages, or fold them",
        footer: Some("older"),
    },
    Binding {
        keys: &[key('A')],
        action: Action::Approve,
        modes: PANE,
        help: "approve the draft (asks for y)",
        footer: Some("approve"),
    },
    Binding {
        keys: &[key('R')],
        action: Action::Reject,
        modes: PANE,
        help: "reject the draft (asks for the reason, then y)",
        footer: Some("reject"),
    },
    Binding {
        keys: &[key('E')],
        action: Action::Escalate,
        modes: PANE,
        help: "escalate to the next role up (asks for the reason, then y)",
        footer: Some("escalate"),
    },
    Binding {
        keys: &[key('T')],
        action: Action::TakeOver,
        modes: PANE,
        help: "take an escalated job over",
        footer: Some("take over"),
    },
    Binding {
        keys: &[key('R')],
        action: Action::Retry,
        modes: DEAD,
        help: "retry: back into the queue with another attempt (asks for y)",
        footer: Some("retry"),
    },
    Binding {
        keys: &[key('D')],
        action: Action::Discard,
        modes: DEAD,
        help: "discard: give it up, the customer gets nothing (asks for y)",
        footer: Some("discard"),
    },
    Binding {
        keys: &[key('x'), key(' ')],
        action: Action::Mark,
        modes: DEAD,
        help: "mark the row, or unmark it",
        footer: Some("mark"),
    },
    Binding {
        keys: &[key('X')],
        action: Action::MarkAll,
        modes: DEAD,
        help: "mark what is listed now, or unmark all of it",
        footer: Some("all"),
    },
    Binding {
        keys: &[key('s')],
        action: Action::Skip,
        modes: PANE,
        help: "skip: leave it to others, with a reason",
        footer: Some("skip"),
    },
    Binding {
        keys: &[named(KeyCode::Enter), key('l')],
        action: Action::Open,
        modes: LISTS,
        help: "open what is under the cursor; in Review this takes the lease",
        footer: Some("open"),
    },
    Binding {
        keys: &[key('n')],
        action: Action::Next,
        modes: REVIEW,
        help: "the next job for me",
        footer: Some("next"),
    },
    Binding {
        keys: &[key('p')],
        action: Action::Previous,
        modes: PANE,
        help: "the job above this one in the list",
        footer: None,
    },
    Binding {
        keys: &[key('u')],
        action: Action::Undo,
        modes: REVIEW,
        help: "undo my last decision while it can be taken back",
        footer: Some("undo"),
    },
    Binding {
        keys: &[named(KeyCode::Tab), key('t')],
        action: Action::Glance,
        modes: PANE,
        help: "glance at the list and keep the lease",
        footer: None,
    },
    Binding {
        keys: &[key('h'), named(KeyCode::Esc), named(KeyCode::Left)],
        action: Action::Back,
        modes: PANE,
        help: "back to the list; the lease goes back too",
        footer: Some("list"),
    },
    Binding {
        keys: &[key('h'), named(KeyCode::Esc), named(KeyCode::Left)],
        action: Action::Back,
        modes: LISTS,
        help: "close what is open, clear marks or filter, then go back to where you came from",
        footer: None,
    },
    Binding {
        keys: &[key('j'), named(KeyCode::Down)],
        action: Action::Down,
        modes: SCREENS,
        help: "down",
        footer: None,
    },
    Binding { keys: &[key('k'), named(KeyCode::Up)], action: Action::Up, modes: SCREENS, help: "up", footer: None },
    Binding {
        keys: &[control('d'), key(']')],
        action: Action::HalfPageDown,
        modes: SCREENS,
        help: "half a page down",
        footer: None,
    },
    Binding {
        keys: &[control('u'), key('['), named(KeyCode::PageUp)],
        action: Action::HalfPageUp,
        modes: SCREENS,
        help: "half a page up",
        footer: None,
    },
    Binding {
        keys: &[key('g'), named(KeyCode::Home)],
        action: Action::Top,
        modes: SCREENS,
        help: "to the beginning",
        footer: None,
    },
    Binding {
        keys: &[key('G'), named(KeyCode::End)],
        action: Action::Bottom,
        modes: SCREENS,
        help: "to the end",
        footer: None,
    },
    Binding {
        keys: &[key('/')],
        action: Action::Filter,
        modes: FILTERED,
        help: "filter, as kind:send due:<15m lang:de mine; an empty line shows everything",
        footer: Some("filter"),
    },
    Binding {
        keys: &[key('y')],
        action: Action::CopyId,
        modes: SCREENS,
        help: "copy the id of the job and print it",
        footer: None,
    },
    Binding {
        keys: &[key('1')],
        action: Action::Go(Screen::Overview),
        modes: SCREENS,
        help: "Overview: how much waits, and what is late",
        footer: None,
    },
    Binding {
        keys: &[key('2')],
        action: Action::Go(Screen::Review),
        modes: SCREENS,
        help: "Review: what waits for me",
        footer: None,
    },
    Binding {
        keys: &[key('3')],
        action: Action::Go(Screen::DeadLetters),
        modes: SCREENS,
        help: "Dead letters: what nobody tries again by itself",
        footer: None,
    },
    Binding {
        keys: &[key('4')],
        action: Action::Go(Screen::Activity),
        modes: SCREENS,
        help: "Activity: who did what",
        footer: None,
    },
    Binding {
        keys: &[key('5')],
        action: Action::Go(Screen::Jobs),
        modes: SCREENS,
        help: "Jobs: any job by filter",
        footer: None,
    },
    Binding {
        keys: &[named(KeyCode::Tab), key('>')],
        action: Action::NextScreen,
        modes: LISTS,
        help: "the next screen",
        footer: None,
    },
    Binding {
        keys: &[control('r'), key('r')],
        action: Action::Refresh,
        modes: SCREENS,
        help: "ask the database again, now",
        footer: None,
    },
    Binding {
        keys: &[key('j'), named(KeyCode::Down), key(' ')],
        action: Action::Down,
        modes: &[Mode::Help],
        help: "down",
        footer: Some("down"),
    },
    Binding {
        keys: &[key('k'), named(KeyCode::Up)],
        action: Action::Up,
        modes: &[Mode::Help],
        help: "up",
        footer: Some("up"),
    },
    Binding {
        keys: &[key('q'), key('?'), named(KeyCode::Esc), named(KeyCode::Enter)],
        action: Action::Back,
        modes: &[Mode::Help],
        help: "close the help",
        footer: Some("close"),
    },
    Binding {
        keys: &[key('q')],
        action: Action::Quit,
        modes: SCREENS,
        help: "quit; Ctrl-C does too, and neither stops the server's work",
        footer: Some("quit"),
    },
    Binding { keys: &[key('?')], action: Action::Help, modes: SCREENS, help: "this help", footer: None },
];

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
        Ask::Confirm => &[("n", "leave it")],
        Ask::Reason => &[("1-9", "choose"), ("j k", "move"), ("Enter", "take"), ("n", "leave it")],
        Ask::Filter => &[("Enter", "apply"), ("Esc", "leave it")],
        Ask::Quit => &[("q", "quit"), ("u", "undo"), ("any other", "stay")],
    }
}

/// Ctrl-C ends the program from wherever it is.
pub fn is_interrupt(event: KeyEvent) -> bool {
    control('c').matches(event)
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
mod tests {
    use super::*;

    #[test]
    fn no_mode_gives_one_key_two_meanings() {
        for mode in Mode::ALL {
            let keys: Vec<Key> = of_mode(mode).flat_map(|binding| binding.keys.iter().copied()).collect();
            for (at, key) in keys.iter().enumerate() {
                assert!(!keys[..at].contains(key), "{key} in {mode:?}");
            }
        }
    }

    #[test]
    fn no_action_needs_escape_control_or_tab() {
        for binding in BINDINGS {
            let plain =
                |key: &&Key| !key.control && !matches!(key.code, KeyCode::Esc | KeyCode::Tab | KeyCode::BackTab);
            assert!(binding.keys.iter().any(|key| plain(&key)), "{:?}", binding.action);
        }
    }

    /// Every action leads to another, so that a new one cannot be left out: the compiler asks for its arm.
    fn after(action: Action) -> Option<Action> {
        use Action::*;
        match action {
            Next => Some(Previous),
            Previous => Some(ReadOn),
            ReadOn => Some(Unfold),
            Unfold => Some(SeeChange),
            SeeChange => Some(Approve),
            Approve => Some(Reject),
            Reject => Some(Escalate),
            Escalate => Some(TakeOver),
            TakeOver => Some(Skip),
            Skip => Some(Undo),
            Undo => Some(Glance),
            Glance => Some(Retry),
            Retry => Some(Discard),
            Discard => Some(Mark),
            Mark => Some(MarkAll),
            MarkAll => Some(Open),
            Open => Some(Back),
            Back => Some(Down),
            Down => Some(Up),
            Up => Some(HalfPageDown),
            HalfPageDown => Some(HalfPageUp),
            HalfPageUp => Some(Top),
            Top => Some(Bottom),
            Bottom => Some(Filter),
            Filter => Some(CopyId),
            CopyId => Some(Refresh),
            Refresh => Some(Go(Screen::Overview)),
            Go(Screen::Overview) => Some(Go(Screen::Review)),
            Go(Screen::Review) => Some(Go(Screen::DeadLetters)),
            Go(Screen::DeadLetters) => Some(Go(Screen::Activity)),
            Go(Screen::Activity) => Some(Go(Screen::Jobs)),
            Go(Screen::Jobs) => Some(NextScreen),
            NextScreen => Some(Help),
            Help => Some(Quit),
            Quit => None,
        }
    }

    #[test]
    fn every_action_is_in_the_help_of_some_mode() {
        let every = std::iter::successors(Some(Action::Next), |action| after(*action));
        for action in every {
            let helped = Mode::ALL
                .into_iter()
                .flat_map(of_mode)
                .any(|binding| binding.action == action && !binding.help.is_empty() && !binding.keys.is_empty());
            assert!(helped, "{action:?}");
        }
    }

    #[test]
    fn deciding_takes_an_uppercase_letter() {
        let deciding =
            [Action::Approve, Action::Reject, Action::Escalate, Action::TakeOver, Action::Retry, Action::Discard];
        for binding in BINDINGS.iter().filter(|binding| deciding.contains(&binding.action)) {
            for key in binding.keys {
                assert!(matches!(key.code, KeyCode::Char('A'..='Z')), "{key}");
            }
        }
    }
}
