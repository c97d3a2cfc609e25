//! What a message changes, and what should happen then.

use chrono::{DateTime, Duration, Utc};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseEvent};

use super::effect::{Effect, Query};
use super::keymap::{self, Action, Availability, Mode};
use super::model::{Connection, FilterLine, Model, Overlay, Screen, Session};
use super::msg::{Failure, Msg};
use super::review::{self, Change, Posture, answers, decide, list, pane};
use super::{activity, dead_letters, jobs, layout, overview};
use crate::domain::Filter;

/// The one way in which the model changes.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut effects = take(model, msg);
    if model.quitting {
        effects.retain(|effect| matches!(effect, Effect::Quit | Effect::Release { .. }));
        return effects;
    }
    if model.screen == Screen::Review && model.overlay == Overlay::None {
        pane::note_what_is_seen(model);
    }
    effects.extend(ask_again(model));
    effects
}

fn take(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Tick(now) => tick(model, now),
        Msg::Key(key, now) => {
            let was_blank = touched(model, now);
            let acts = key.kind != KeyEventKind::Release && (!was_blank || keymap::is_interrupt(key));
            if acts { on_key(model, key) } else { Vec::new() }
        }
        Msg::Mouse(event, now) => {
            let was_blank = touched(model, now);
            if was_blank { Vec::new() } else { on_mouse(model, event) }
        }
        Msg::Paste(text, now) => {
            pass_time(model, now);
            pasted(model, &text);
            Vec::new()
        }
        Msg::Resize(size) => {
            model.size = size;
            pane::resized(model);
            Vec::new()
        }
        Msg::Wake(now) => {
            pass_time(model, now);
            hurry(model);
            Vec::new()
        }
        Msg::Connected(session, now) => connected(model, *session, now),
        Msg::ConnectionLost(error, now) => {
            pass_time(model, now);
            lose(model, error);
            Vec::new()
        }
        Msg::OverviewLoaded(reply) => {
            heard(model, reply.at, &reply.result);
            if model.overview.feed.take(reply) {
                overview::loaded(model, model.now);
            }
            Vec::new()
        }
        Msg::ReviewLoaded(reply) => {
            heard(model, reply.at, &reply.result);
            if model.review.feed.take(reply) {
                list::loaded(model);
            }
            Vec::new()
        }
        Msg::DeadLettersLoaded(reply) => {
            heard(model, reply.at, &reply.result);
            if model.dead_letters.feed.take(reply) {
                dead_letters::loaded(model, model.now);
            }
            Vec::new()
        }
        Msg::ActivityLoaded(reply) => {
            heard(model, reply.at, &reply.result);
            if model.activity.feed.take(reply) {
                activity::loaded(model, model.now);
            }
            Vec::new()
        }
        Msg::JobsLoaded(reply) => {
            heard(model, reply.at, &reply.result);
            if model.jobs.feed.take(reply) {
                jobs::loaded(model, model.now);
            }
            Vec::new()
        }
        Msg::JobLoaded(reply) => {
            heard(model, reply.at, &reply.result);
            model.jobs.detail.take(reply);
            Vec::new()
        }
        Msg::Opened { ticket, result, now } => {
            pass_time(model, now);
            answers::opened(model, ticket, result)
        }
        Msg::Decided { job_id, verb, result, now } => {
            pass_time(model, now);
            hurry(model);
            answers::decided(model, job_id, verb, result, now)
        }
        Msg::DecisionInDoubt { job_id, .. } => {
            answers::in_doubt(model, job_id);
            Vec::new()
        }
        Msg::Undone { job_id, result, now } => {
            pass_time(model, now);
            hurry(model);
            answers::undone(model, job_id, result)
        }
        Msg::Skipped { job_id, result } => {
            hurry(model);
            answers::skipped(model, job_id, result)
        }
        Msg::Changed { job_id, change, now } => {
            pass_time(model, now);
            answers::changed(model, job_id, change);
            Vec::new()
        }
        Msg::DeadLetterActed { job_id, act, result } => {
            hurry(model);
            dead_letters::acted(model, job_id, act, result);
            Vec::new()
        }
        Msg::Terminate => quit(model),
    }
}

/// Somebody is there. Says whether the conversation was blank: then the touch shows it and does nothing else.
fn touched(model: &mut Model, now: DateTime<Utc>) -> bool {
    let was_blank = model.is_blank(now);
    pass_time(model, now);
    model.active_at = now;
    was_blank
}

/// A gap between two messages that only sleep, suspension or a stopped program explains: there is a tick every second.
const ASLEEP: Duration = Duration::seconds(30);

/// Follows the database's clock, which may also step back. After a gap nothing is decided on a screen that stood still:
/// it has to be fetched afresh first.
fn pass_time(model: &mut Model, now: DateTime<Utc>) {
    if now - model.now > ASLEEP {
        pane::changed(&mut model.review, Change::Away);
        model.dead_letters.question = None;
    }
    model.now = now;
}

fn tick(model: &mut Model, now: DateTime<Utc>) -> Vec<Effect> {
    pass_time(model, now);
    if model.notice.as_ref().is_some_and(|notice| notice.until <= model.now) {
        model.notice = None;
    }
    if model.connection == Connection::Live { pane::keep(model) } else { Vec::new() }
}

/// Asks for what is shown and has grown old. The header's counts come with the Overview.
fn ask_again(model: &mut Model) -> Vec<Effect> {
    if model.connection != Connection::Live {
        return Vec::new();
    }
    let (now, every) = (model.now, model.settings.refresh_every);
    let mut effects = Vec::new();
    macro_rules! ask {
        ($feed:expr, $query:expr) => {
            if $feed.is_due(now, every) {
                let generation = $feed.ask(now);
                effects.push(Effect::Refresh { generation, query: Box::new($query) });
            }
        };
    }
    ask!(model.overview.feed, Query::Overview);
    match model.screen {
        Screen::Overview if overview::layout(model.size).activity.is_some() => {
            ask!(model.activity.feed, Query::Activity(model.activity.filter.clone()));
        }
        Screen::Overview => {}
        Screen::Review => ask!(model.review.feed, Query::Review(model.review.filter.clone())),
        Screen::DeadLetters => ask!(model.dead_letters.feed, Query::DeadLetters(model.dead_letters.filter.clone())),
        Screen::Activity => ask!(model.activity.feed, Query::Activity(model.activity.filter.clone())),
        Screen::Jobs => {
            ask!(model.jobs.feed, Query::Jobs(model.jobs.filter.clone()));
            if let Some(job_id) = model.jobs.open {
                ask!(model.jobs.detail, Query::Job(job_id));
            }
        }
    }
    effects
}

/// What is shown should be asked for at once, not at the next turn.
fn hurry(model: &mut Model) {
    model.overview.feed.hurry();
    model.review.feed.hurry();
    model.dead_letters.feed.hurry();
    model.activity.feed.hurry();
    model.jobs.feed.hurry();
    model.jobs.detail.hurry();
}

fn connected(model: &mut Model, session: Session, now: DateTime<Utc>) -> Vec<Effect> {
    pass_time(model, now);
    let again = matches!(model.connection, Connection::Lost { .. });
    model.connection = Connection::Live;
    model.session = session;
    if again {
        pane::changed(&mut model.review, Change::Away);
        model.say("the database is back");
    }
    hurry(model);
    Vec::new()
}

/// Every answer says whether the database is there.
fn heard<T>(model: &mut Model, at: DateTime<Utc>, result: &Result<T, Failure>) {
    pass_time(model, at);
    match result {
        Ok(_) => {}
        Err(Failure::Away(error)) => lose(model, error.clone()),
        Err(other) => model.warn(other.to_string()),
    }
}

fn lose(model: &mut Model, error: String) {
    let failure = Failure::Away(error.clone());
    model.overview.feed.lose(failure.clone());
    model.review.feed.lose(failure.clone());
    model.dead_letters.feed.lose(failure.clone());
    model.activity.feed.lose(failure.clone());
    model.jobs.feed.lose(failure.clone());
    model.jobs.detail.lose(failure);
    decide::drop_question(model);
    if !matches!(model.connection, Connection::Lost { .. }) {
        model.connection = Connection::Lost { since: model.now, error };
    }
}

fn on_key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if keymap::is_interrupt(key) {
        return quit(model);
    }
    match &mut model.overlay {
        Overlay::Filter(_) => return filter_key(model, key),
        Overlay::Quit => return quit_key(model, key),
        Overlay::None | Overlay::Help { .. } => {}
    }
    if model.overlay == Overlay::None {
        let asked = match model.screen {
            Screen::Review => decide::question_key(model, key),
            Screen::DeadLetters => dead_letters::question_key(model, key),
            _ => None,
        };
        if let Some(effects) = asked {
            return effects;
        }
    }
    match keymap::action(key, Mode::of(model)) {
        Some(action) => perform(model, action),
        None => Vec::new(),
    }
}

/// Does what a key means, or says why it cannot.
fn perform(model: &mut Model, action: Action) -> Vec<Effect> {
    if let Overlay::Help { top } = &mut model.overlay {
        match action {
            Action::Down => *top = top.saturating_add(1),
            Action::Up => *top = top.saturating_sub(1),
            _ => model.overlay = Overlay::None,
        }
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
            hurry(model);
            model.say("asked again");
        }
        Action::Quit => return ask_to_quit(model),
        other => return act(model, other),
    }
    Vec::new()
}

/// Whether an action would do something now; the footer greys what would not.
pub fn availability(model: &Model, action: Action) -> Availability {
    match model.screen {
        Screen::Overview => overview::availability(model, action),
        Screen::Review => review::availability(model, action),
        Screen::DeadLetters => dead_letters::availability(model, action),
        Screen::Activity => activity::availability(model, action),
        Screen::Jobs => jobs::availability(model, action),
    }
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
    model.jobs.origin = None;
    model.screen = screen;
}

fn ask_to_quit(model: &mut Model) -> Vec<Effect> {
    if model.review.leaving(model.now).is_some() {
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
fn quit(model: &mut Model) -> Vec<Effect> {
    if model.quitting {
        return Vec::new();
    }
    let mut effects = model.review.pane().map(pane::release).unwrap_or_default();
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

/// A filter line longer than this is a slip of the clipboard.
const FILTER_MAX: usize = 200;

fn type_into(line: &mut FilterLine, letter: char) {
    line.error = None;
    if !letter.is_control() && line.text.len() < FILTER_MAX {
        line.text.push(letter);
    }
}

/// Why this screen cannot filter like that. A term that would be ignored is refused.
fn unusable(screen: Screen, filter: &Filter) -> Option<String> {
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
fn pasted(model: &mut Model, text: &str) {
    match &mut model.overlay {
        Overlay::Filter(line) => text.lines().next().unwrap_or_default().chars().for_each(|it| type_into(line, it)),
        _ => {
            decide::pasted(model);
            dead_letters::pasted(model);
        }
    }
}

/// The mouse selects and scrolls. It answers no question.
fn on_mouse(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    if model.overlay != Overlay::None {
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
        MouseEventKind::Down(MouseButton::Left) if !over_pane && layout.waiting().contains(at) && !reading => {
            list::choose(model, usize::from(event.row - layout.waiting().y));
            return;
        }
        _ => return,
    };
    if over_pane { pane::scroll(model, action) } else { list::step(model, action) }
}
