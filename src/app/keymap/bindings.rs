//! Every key of the dashboard, one row each.

use ratatui::crossterm::event::KeyCode;

use super::{Action, Binding, Key, Mode};
use crate::app::model::Screen;

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
const ONCALL: &[Mode] = &[Mode::Overview, Mode::DeadLetters];

/// Every key of the dashboard. Earlier rows come first in footer and help.
pub const BINDINGS: &[Binding] = &[
    Binding {
        keys: &[key('v')],
        action: Action::SeeChange,
        modes: REVIEW,
        help: "seen: show what changed, then A and R work again",
        footer: Some("seen"),
    },
    Binding {
        keys: &[named(KeyCode::Enter)],
        action: Action::SeeChange,
        modes: PANE,
        help: "after you were away: take it again, and look afresh",
        footer: None,
    },
    Binding {
        keys: &[key('w')],
        action: Action::NextMark,
        modes: PANE,
        help: "the next mark: each has to be visited before A works",
        footer: Some("mark"),
    },
    Binding {
        keys: &[key(' '), named(KeyCode::PageDown)],
        action: Action::ReadOn,
        modes: PANE,
        help: "read on; at the end it does nothing",
        footer: Some("on"),
    },
    Binding {
        keys: &[key('d')],
        action: Action::Changes,
        modes: PANE,
        help: "what changed in the draft since the one before, or since the one that you read",
        footer: Some("diff"),
    },
    Binding {
        keys: &[key('e')],
        action: Action::Edit,
        modes: PANE,
        help: "edit the draft for somebody else's look; Esc there asks: save it?",
        footer: Some("edit"),
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
        keys: &[key('F')],
        action: Action::ForceRelease,
        modes: PANE,
        help: "take the job from whoever reads it, for seniors (asks for y)",
        footer: Some("free it"),
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
        help: "discard: give it up, the customer gets nothing (asks for the reason, then y)",
        footer: Some("discard"),
    },
    Binding {
        keys: &[key('C')],
        action: Action::ConfirmSent,
        modes: DEAD,
        help: "confirm sent: it was found to have reached the customer (asks for the provider's number, then y)",
        footer: Some("sent"),
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
        keys: &[key('H')],
        action: Action::Hold,
        modes: ONCALL,
        help: "hold: stop what the cursor is on from being claimed (asks what, why, the ticket, then y)",
        footer: Some("hold"),
    },
    Binding {
        keys: &[key('U')],
        action: Action::Resume,
        modes: ONCALL,
        help: "resume: end a hold; a few sends go first (asks for the pace, says what goes, then y)",
        footer: Some("resume"),
    },
    Binding {
        keys: &[key('c')],
        action: Action::Chart,
        modes: &[Mode::Overview],
        help: "chart: the last day of the kind under the cursor; j and k go through the kinds",
        footer: Some("chart"),
    },
    Binding {
        keys: &[key('t')],
        action: Action::Teams,
        modes: &[Mode::Overview],
        help: "teams: decisions of each team and hour, and how long they took",
        footer: Some("teams"),
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
        keys: &[key('h'), named(KeyCode::Esc), named(KeyCode::Left)],
        action: Action::Back,
        modes: PANE,
        help: "back to the list; the lease goes back too",
        footer: Some("list"),
    },
    Binding {
        keys: &[key('u')],
        action: Action::Undo,
        modes: REVIEW,
        help: "undo my last decision while it can be taken back",
        footer: Some("undo"),
    },
    Binding {
        keys: &[key('f')],
        action: Action::Unfold,
        modes: PANE,
        help: "unfold the answered messages, or fold them",
        footer: Some("older"),
    },
    Binding {
        keys: &[key('i')],
        action: Action::Info,
        modes: PANE,
        help: "info: ids, exact times, attachments, and what is stored about your reading; y copies an id",
        footer: Some("info"),
    },
    Binding {
        keys: &[key('o')],
        action: Action::Order,
        modes: &[Mode::ReviewList],
        help: "the other order: due first, or what can still be saved first; your view only, n stays the agency's next",
        footer: Some("order"),
    },
    Binding {
        keys: &[key('S')],
        action: Action::Skipped,
        modes: &[Mode::ReviewList],
        help: "list what you skipped and still waits, with the reason; again: everything",
        footer: Some("skipped"),
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
        keys: &[key('/')],
        action: Action::Search,
        modes: PANE,
        help: "search in the conversation; n and p go from match to match until h ends it",
        footer: None,
    },
    Binding {
        keys: &[key('a')],
        action: Action::AsciiOnly,
        modes: PANE,
        help: "ASCII only: every other letter stands as its number, so that no lookalike passes",
        footer: None,
    },
    Binding {
        keys: &[key('l')],
        action: Action::LookUp,
        modes: PANE,
        help: "copy the link at which the customer can be looked up; it carries the reference and nothing else",
        footer: None,
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
