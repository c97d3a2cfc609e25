//! What keys, pasted text and the mouse mean: the question that is open first, then the key table.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseEvent};

use super::confirm::Confirm;
use super::effect::Effect;
use super::keymap::{self, Action, Availability, Mode};
use super::model::{FilterLine, Model, Overlay, Screen};
use super::review::{self, Posture, decide, editor, leave, list, note, pane, search};
use super::{activity, asking, dead_letters, help, holds, jobs, layout, lesson, overview, sight};
use crate::domain::Filter;

pub(super) fn on_key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if keymap::is_interrupt(key) {
        return if editor::asks_before_the_end(model) { Vec::new() } else { quit(model) };
    }
    // In the editor the same keys take back what was written.
    let writes = model.screen == Screen::Review && model.review.editor.is_some();
    if keymap::is_suspend(key) && !writes {
        return vec![Effect::Suspend];
    }
    match &mut model.overlay {
        Overlay::Filter(_) => return filter_key(model, key),
        Overlay::Search(_) => return search::key(model, key),
        Overlay::Quit => return quit_key(model, key),
        Overlay::Lesson(_) => return lesson::key(model, key),
        Overlay::None | Overlay::Help { .. } => {}
    }
    if model.overlay == Overlay::None {
        if model.screen == Screen::Review
            && let Some(effects) = editor::key(model, key)
        {
            return effects;
        }
        let asked = match model.screen {
            Screen::Review => decide::question_key(model, key),
            Screen::Overview => holds::question_key(model, key),
            Screen::DeadLetters => holds::question_key(model, key).or_else(|| dead_letters::question_key(model, key)),
            _ => None,
        };
        if let Some(effects) = asked {
            sight::note_haste(model);
            return effects;
        }
    }
    match keymap::action(key, Mode::of(model)) {
        Some(action) => match sight::forbids(model, key, action) {
            Some(why) if availability(model, action) == Availability::On => {
                model.warn(why);
                sight::begin_anew(model);
                Vec::new()
            }
            _ => perform(model, action),
        },
        None => Vec::new(),
    }
}

/// Does what a key means, or says why it cannot.
fn perform(model: &mut Model, action: Action) -> Vec<Effect> {
    if let Overlay::Help { top } = model.overlay {
        let last = help::last_top(model);
        model.overlay = match action {
            Action::Down => Overlay::Help { top: (top + 1).min(last) },
            Action::Up => Overlay::Help { top: top.min(last).saturating_sub(1) },
            _ => Overlay::None,
        };
        return Vec::new();
    }
    match availability(model, action) {
        Availability::Hidden => return Vec::new(),
        Availability::Off(why) => {
            model.warn(why);
            return Vec::new();
        }
        Availability::On => {}
    }
    match action {
        Action::Go(screen) => go(model, screen),
        Action::NextScreen => go(model, model.screen.next()),
        Action::Help => model.overlay = Overlay::Help { top: 0 },
        Action::Filter => {
            let text = model.filter().map(Filter::to_string).unwrap_or_default();
            model.overlay = Overlay::Filter(FilterLine { text, error: None });
        }
        Action::Refresh => {
            asking::hurry(model);
            model.say("asked again");
        }
        Action::Hold | Action::Resume => holds::ask(model, action),
        Action::Back if holds::clear(model) => {}
        Action::Quit => return ask_to_quit(model),
        other => return act(model, other),
    }
    Vec::new()
}

/// Whether an action would do something now; the footer greys what would not.
pub fn availability(model: &Model, action: Action) -> Availability {
    let availability = match model.screen {
        _ if matches!(action, Action::Hold | Action::Resume) => holds::availability(model, action),
        Screen::Overview => overview::availability(model, action),
        Screen::Review => review::availability(model, action),
        Screen::DeadLetters => dead_letters::availability(model, action),
        Screen::Activity => activity::availability(model, action),
        Screen::Jobs => jobs::availability(model, action),
    };
    let is_seen = layout::fits(model.screen, model.size) || works_unseen(action);
    if !is_seen && availability != Availability::Hidden {
        return Availability::Off("the terminal is too small to see what that does".to_owned());
    }
    availability
}

/// What makes sense where a screen cannot be read: to leave it, and to stop what leaves.
fn works_unseen(action: Action) -> bool {
    use Action::{Back, Go, Help, NextScreen, Quit, Refresh, Undo};
    matches!(action, Back | Go(_) | Help | NextScreen | Quit | Refresh | Undo)
}

fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match model.screen {
        Screen::Overview => overview::act(model, action),
        Screen::Review => review::act(model, action),
        Screen::DeadLetters => dead_letters::act(model, action),
        Screen::Activity => activity::act(model, action),
        Screen::Jobs => jobs::act(model, action),
    }
}

/// Shows a screen. What is open in Review stays open, and its lease is kept while the person is there.
fn go(model: &mut Model, screen: Screen) {
    decide::drop_question(model);
    model.holding.question = None;
    model.jobs.origin = None;
    model.screen = screen;
}

/// Where nothing can be taken back from here, nothing is asked.
fn ask_to_quit(model: &mut Model) -> Vec<Effect> {
    if !model.session.read_only && model.review.leaving(model.now).is_some() {
        model.overlay = Overlay::Quit;
        return Vec::new();
    }
    quit(model)
}

fn quit_key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if key.kind != KeyEventKind::Press {
        return Vec::new();
    }
    model.overlay = Overlay::None;
    match key.code {
        KeyCode::Char('q') => quit(model),
        KeyCode::Char('u') => decide::stop_leaving(model),
        _ => Vec::new(),
    }
}

/// Ends: my lease goes back, the writer finishes, the server's work goes on.
pub(super) fn quit(model: &mut Model) -> Vec<Effect> {
    if model.quitting {
        return Vec::new();
    }
    let unsaved = editor::keep(model);
    let mut effects = leave::let_go(model);
    // Behind the lease, which has gone back by then.
    effects.extend(unsaved);
    model.quitting = true;
    effects.push(Effect::Quit);
    effects
}

fn filter_key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let Overlay::Filter(line) = &mut model.overlay else { return Vec::new() };
    match key.code {
        KeyCode::Esc => model.overlay = Overlay::None,
        KeyCode::Enter => match line.text.parse::<Filter>() {
            Ok(filter) => match unusable(model.screen, &filter) {
                Some(why) => line.error = Some(why),
                None => {
                    model.overlay = Overlay::None;
                    set_filter(model, filter);
                }
            },
            Err(error) => line.error = Some(format!("{error}; as kind:send due:<15m lang:de mine")),
        },
        KeyCode::Backspace => {
            line.text.pop();
            line.error = None;
        }
        KeyCode::Char('u') if key.modifiers.contains(KeyModifiers::CONTROL) => line.text.clear(),
        KeyCode::Char(letter) if !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) => {
            type_into(line, letter);
        }
        _ => {}
    }
    Vec::new()
}

/// A line longer than this is a slip of the clipboard.
const FILTER_MAX: usize = 200;

pub(super) fn type_into(line: &mut FilterLine, letter: char) {
    line.error = None;
    if !letter.is_control() && line.text.len() < FILTER_MAX {
        line.text.push(letter);
    }
}

/// Why this screen cannot filter like that. A term that would be ignored is refused.
pub(super) fn unusable(screen: Screen, filter: &Filter) -> Option<String> {
    match screen {
        Screen::Review => list::unusable(filter),
        Screen::DeadLetters => dead_letters::unusable(filter),
        Screen::Activity => activity::unusable(filter),
        Screen::Overview | Screen::Jobs => None,
    }
}

fn set_filter(model: &mut Model, filter: Filter) {
    match model.screen {
        Screen::Overview => {}
        Screen::Review => {
            model.review.filter = filter;
            list::thaw(model);
        }
        Screen::DeadLetters => dead_letters::set_filter(model, filter),
        Screen::Activity => activity::set_filter(model, filter),
        Screen::Jobs => jobs::show(model, filter),
    }
}

/// Pasted text goes into the filter line and nowhere else.
pub(super) fn pasted(model: &mut Model, text: &str) {
    let writes = model.screen == Screen::Review && model.overlay == Overlay::None;
    if writes && (editor::pasted(model, text) || note::pasted(model, text)) {
        return;
    }
    match &mut model.overlay {
        Overlay::Filter(line) | Overlay::Search(line) => {
            text.lines().next().unwrap_or_default().chars().for_each(|it| type_into(line, it))
        }
        _ => match confirm(model) {
            Some(confirm) => {
                confirm.pasted();
                sight::note_haste(model);
            }
            None => model.say("pasted text ignored"),
        },
    }
}

/// The confirm line on the screen.
pub(super) fn confirm(model: &mut Model) -> Option<&mut Confirm> {
    match model.screen {
        Screen::Review => decide::confirm(model),
        Screen::Overview => holds::confirm(model),
        Screen::DeadLetters if model.holding.question.is_some() => holds::confirm(model),
        Screen::DeadLetters => dead_letters::confirm(model),
        _ => None,
    }
}

/// The mouse selects and scrolls. It answers no question.
pub(super) fn on_mouse(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    if model.overlay != Overlay::None || model.holding.question.is_some() {
        return Vec::new();
    }
    match model.screen {
        Screen::Overview => overview::mouse(model, event),
        Screen::Review => {
            review_mouse(model, event);
            Vec::new()
        }
        Screen::DeadLetters => dead_letters::mouse(model, event),
        Screen::Activity => activity::mouse(model, event),
        Screen::Jobs => jobs::mouse(model, event),
    }
}

fn review_mouse(model: &mut Model, event: MouseEvent) {
    use ratatui::crossterm::event::{MouseButton, MouseEventKind};
    let Some(layout) = layout::review(model.size) else { return };
    let at = ratatui::layout::Position::new(event.column, event.row);
    let reading = model.review.posture() == Posture::Pane;
    let over_pane = reading && (layout.pane.contains(at) || !layout.wide);
    let action = match event.kind {
        MouseEventKind::ScrollDown => Action::Down,
        MouseEventKind::ScrollUp => Action::Up,
        MouseEventKind::Down(MouseButton::Left) if !over_pane && !reading => {
            if let Some(parts) = list::parts(model).filter(|parts| parts.waiting.contains(at)) {
                list::choose(model, usize::from(event.row - parts.waiting.y));
            }
            return;
        }
        _ => return,
    };
    if over_pane { pane::scroll(model, action) } else { list::step(model, action) }
}
