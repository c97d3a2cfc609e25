//! What a message changes, and what should happen then.

use chrono::{DateTime, Duration, Utc};
use ratatui::crossterm::event::KeyEventKind;

use super::effect::Effect;
use super::feed::{Feed, Reply};
use super::input::{on_key, on_mouse, pasted, quit};
use super::keymap;
use super::model::{Connection, Model, Session};
use super::msg::{Failure, Msg};
use super::review::{answers, away, decide, editor, lease, leave, list, pane, release, search};
use super::sight::{self, Sight};
use super::{activity, alerts, asking, call, dead_letters, holds, jobs, layout, overview};

/// The one way in which the model changes.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let before = sight::subject(model);
    let mut effects = take(model, msg);
    fit(model);
    if sight::subject(model) != before {
        model.sight = Sight::default();
    }
    if model.session.read_only {
        // Whatever asked for it: read-only is a promise.
        debug_assert!(!effects.iter().any(Effect::changes), "read-only let something through: {effects:?}");
        effects.retain(|effect| !effect.changes());
    }
    if model.quitting {
        effects.extend(leave::let_go(model));
        effects.retain(Effect::is_of_the_end);
        return effects;
    }
    pane::note_what_is_seen(model);
    effects.extend(asking::ask(model));
    effects
}

fn take(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Tick(now) => tick(model, now),
        Msg::Shown => {
            if let Sight::Unseen { .. } = model.sight {
                model.sight = Sight::Drawn;
            }
            Vec::new()
        }
        Msg::Readable => {
            if model.sight == Sight::Drawn {
                model.sight = Sight::Readable;
            }
            Vec::new()
        }
        Msg::Key(key, now) => {
            let was_blank = touched(model, now);
            let acts = key.kind != KeyEventKind::Release
                && (!was_blank || keymap::is_interrupt(key) || keymap::is_suspend(key));
            if acts { on_key(model, key) } else { Vec::new() }
        }
        Msg::Mouse(event, now) => {
            let was_blank = touched(model, now);
            match alerts::below(model, event) {
                Some(event) if !was_blank => on_mouse(model, event),
                _ => Vec::new(),
            }
        }
        Msg::Paste(text, now) => {
            pass_time(model, now);
            pasted(model, &text);
            Vec::new()
        }
        Msg::Resize(size) => {
            model.terminal = size;
            Vec::new()
        }
        Msg::Wake(now) => {
            pass_time(model, now);
            asking::follow(model);
            if model.connection == Connection::Live { lease::look(model) } else { Vec::new() }
        }
        Msg::Connected(session, now) => connected(model, *session, now),
        Msg::ConnectionLost(error, now) => {
            pass_time(model, now);
            lose(model, error);
            Vec::new()
        }
        Msg::OverviewLoaded(reply) => {
            let came = reply.result.is_ok();
            let mut effects = learn(model, reply, |model| &mut model.overview.feed, overview::loaded);
            effects.extend(came.then(|| call::listen(model)).flatten());
            effects
        }
        Msg::DayLoaded(reply) => learn(model, reply, |model| &mut model.overview.day, |_| {}),
        Msg::TeamsLoaded(reply) => learn(model, reply, |model| &mut model.overview.teams, |_| {}),
        Msg::ReviewLoaded(reply) => learn(model, reply, |model| &mut model.review.feed, list::loaded),
        Msg::DeadLettersLoaded(reply) => {
            learn(model, reply, |model| &mut model.dead_letters.feed, dead_letters::loaded)
        }
        Msg::ActivityLoaded(reply) => learn(model, reply, |model| &mut model.activity.feed, activity::loaded),
        Msg::JobsLoaded(reply) => learn(model, reply, |model| &mut model.jobs.feed, jobs::loaded),
        Msg::JobLoaded(reply) => learn(model, reply, |model| &mut model.jobs.detail, |_| {}),
        Msg::Opened { ticket, result, now } => {
            pass_time(model, now);
            answers::opened(model, ticket, result)
        }
        Msg::LookedThrough(conversation) => {
            answers::looked_through(model, *conversation);
            Vec::new()
        }
        Msg::Found { words, messages, matches } => {
            search::found(model, words, &messages, matches);
            Vec::new()
        }
        Msg::Decided { job_id, verb, result, now } => {
            pass_time(model, now);
            asking::hurry(model);
            answers::decided(model, job_id, verb, result, now)
        }
        Msg::DecisionInDoubt { job_id, .. } => {
            answers::in_doubt(model, job_id);
            Vec::new()
        }
        Msg::Undone { job_id, result, now } => {
            pass_time(model, now);
            asking::hurry(model);
            answers::undone(model, job_id, result)
        }
        Msg::Skipped { job_id, result } => {
            asking::hurry(model);
            answers::skipped(model, job_id, result)
        }
        Msg::OthersCounted { job_id, result } => {
            editor::asking::counted(model, job_id, result);
            Vec::new()
        }
        Msg::EditedOutside { result, now } => {
            pass_time(model, now);
            model.active_at = now;
            editor::edited_outside(model, result);
            Vec::new()
        }
        Msg::Released { job_id, result } => {
            asking::hurry(model);
            release::released(model, job_id, result);
            Vec::new()
        }
        Msg::Changed { job_id, pin, change, now } => {
            pass_time(model, now);
            answers::changed(model, job_id, &pin, change)
        }
        Msg::LookedBack { job_id, pin, meanwhile, now } => {
            pass_time(model, now);
            away::looked_back(model, job_id, &pin, meanwhile);
            Vec::new()
        }
        Msg::Stands { job_id, standing, now } => {
            pass_time(model, now);
            answers::stands(model, job_id, standing);
            Vec::new()
        }
        Msg::DeadLetterActed { job_id, result } => {
            asking::hurry(model);
            dead_letters::acted(model, job_id, result);
            Vec::new()
        }
        Msg::HoldForecast { scope, result } => {
            holds::hold_forecast(model, &scope, result);
            Vec::new()
        }
        Msg::ResumeForecast { hold_id, result } => {
            holds::resume_forecast(model, hold_id, result);
            Vec::new()
        }
        Msg::Held { scope, result } => {
            asking::hurry(model);
            holds::held(model, &scope, result);
            Vec::new()
        }
        Msg::ResumeWent { what, result } => {
            asking::hurry(model);
            holds::went(model, what, result);
            Vec::new()
        }
        Msg::Continued(now) => {
            let before = model.now;
            pass_time(model, now);
            away::came_back(model, before);
            drop_questions(model);
            asking::hurry(model);
            away::ask(model).into_iter().collect()
        }
        Msg::Terminate => quit(model),
    }
}

/// Gives the screen what the rows below the header leave of the terminal.
fn fit(model: &mut Model) {
    let size = alerts::size_below(model);
    if size == model.size {
        return;
    }
    model.size = size;
    pane::resized(model);
    editor::resized(model);
    if !layout::fits(model.screen, size) {
        drop_questions(model);
    }
}

/// Somebody is there. Says whether the conversation was blank: then the touch shows it and does nothing else.
fn touched(model: &mut Model, now: DateTime<Utc>) -> bool {
    let was_blank = model.is_blank(now);
    pass_time(model, now);
    if was_blank {
        away::came_back(model, model.active_at);
        drop_questions(model);
    }
    model.active_at = now;
    was_blank
}

/// A gap between two messages that only sleep, suspension or a stopped program explains: there is a tick every second.
const ASLEEP: Duration = Duration::seconds(30);

/// Follows the database's clock, which may also step back. After a gap nothing is decided on a screen that stood still:
/// it has to be fetched afresh first.
fn pass_time(model: &mut Model, now: DateTime<Utc>) {
    let before = std::mem::replace(&mut model.now, now);
    if now - before > ASLEEP {
        away::came_back(model, before);
        drop_questions(model);
    }
}

/// What nobody can see, or what was asked before a gap, is not answered.
fn drop_questions(model: &mut Model) {
    decide::drop_question(model);
    model.dead_letters.question = None;
    model.holding.question = None;
}

fn tick(model: &mut Model, now: DateTime<Utc>) -> Vec<Effect> {
    pass_time(model, now);
    if editor::is_outside(model) {
        model.active_at = now;
    }
    if model.notice.as_ref().is_some_and(|notice| notice.until <= model.now) {
        model.notice = None;
    }
    if model.connection == Connection::Live { lease::keep(model) } else { Vec::new() }
}

fn connected(model: &mut Model, session: Session, now: DateTime<Utc>) -> Vec<Effect> {
    pass_time(model, now);
    let before = std::mem::replace(&mut model.connection, Connection::Live);
    model.session = session;
    if let Connection::Lost { since: lost_at, .. } = before {
        away::database_came_back(model, lost_at);
        model.say("the database is back");
    }
    asking::hurry(model);
    Vec::new()
}

/// Takes an answer in where it is still waited for. Every answer says whether the database is there.
fn learn<T>(
    model: &mut Model,
    reply: Reply<T>,
    feed: impl Fn(&mut Model) -> &mut Feed<T>,
    loaded: impl Fn(&mut Model),
) -> Vec<Effect> {
    pass_time(model, reply.at);
    match &reply.result {
        Ok(_) => {}
        Err(Failure::Away(error)) => lose(model, error.clone()),
        Err(other) => model.warn(other.to_string()),
    }
    if feed(model).take(reply) {
        loaded(model);
    }
    Vec::new()
}

fn lose(model: &mut Model, error: String) {
    asking::lose(model, &Failure::Away(error.clone()));
    drop_questions(model);
    if !matches!(model.connection, Connection::Lost { .. }) {
        model.connection = Connection::Lost { since: model.now, error };
    }
}
