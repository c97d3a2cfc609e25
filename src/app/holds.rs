//! Holding and resuming: the questions before, on the screens of those who are on call, and what came of them.
//!
//! A hold asks what, why, under which ticket, and then says what stops and what does not. Ending one asks which and at what
//! pace, and then says how many go and how many come back to Review. As long as a few are tried, `n` keeps the rest held.

mod context;
mod keys;

use ratatui::crossterm::event::KeyEvent;

use super::choice::Choice;
use super::confirm::{Confirm, Demand};
use super::effect::Effect;
use super::keymap::{Action, Availability};
use super::model::{Ask, Model};
use super::msg::Failure;
use crate::domain::hold::Trial;
use crate::domain::{Hold, HoldForecast, Outcome, ResumeForecast, Role, Scope};

pub use context::Offer;

/// What is asked, and what came of it.
#[derive(Debug, Default)]
pub struct Holding {
    pub question: Option<Question>,
    pub report: Option<Report>,
}

/// How far a question got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// What is to be held?
    What(Vec<Offer>),
    /// Why?
    Why { scope: Scope, choice: Choice },
    /// Under which ticket? None is an answer.
    Ticket { scope: Scope, reason: String, text: String },
    /// Sure? Not to be answered before it is known what would stop.
    Hold { scope: Scope, reason: String, ticket: Option<String>, forecast: Option<HoldForecast>, confirm: Confirm },
    /// Which hold is to end?
    Which { holds: Vec<Hold>, choice: Choice },
    /// At what pace?
    Pace { hold: Box<Hold>, choice: Choice },
    /// Sure? Not to be answered before it is known what would go.
    Resume { hold: Box<Hold>, per_minute: Option<i32>, forecast: Option<ResumeForecast>, confirm: Confirm },
}

/// What came of the last act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    Holding {
        what: String,
    },
    Held {
        what: String,
        paused: i64,
    },
    /// A few sends are on their way; the hold stands.
    Trying {
        what: String,
        trial: Trial,
    },
    /// The hold has ended; so many are still kept.
    Releasing {
        what: String,
        left: i64,
    },
    Resumed {
        what: String,
    },
    /// A send failed, or none was taken: the hold stands.
    Stopped {
        what: String,
        trial: Trial,
    },
    /// Somebody here wanted no more of it: the hold stands.
    Cancelled {
        what: String,
        trial: Trial,
    },
    Refused {
        what: String,
        why: String,
    },
}

/// How a resume goes; in messages from the runtime.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Went {
    Trying(Trial),
    Releasing { left: i64 },
    Resumed,
    Stopped(Trial),
    Cancelled(Trial),
    Refused(Outcome),
}

impl Report {
    /// Whether something is still under way.
    pub fn is_open(&self) -> bool {
        matches!(self, Report::Holding { .. } | Report::Trying { .. } | Report::Releasing { .. })
    }
}

/// Paces that are offered, jobs a minute; none: all at once.
pub const PACES: [Option<i32>; 5] = [Some(60), Some(30), Some(10), Some(300), None];

/// A pace as a person says it.
pub fn pace_words(pace: Option<i32>) -> String {
    pace.map_or_else(|| "all at once".to_owned(), |pace| format!("{pace} a minute"))
}

/// Why nobody holds or resumes here with this login.
pub fn why_off(model: &Model) -> Option<String> {
    if !model.session.principal.has(Role::Oncall) {
        return Some("only oncall holds and resumes".to_owned());
    }
    model.frozen()
}

/// Whether `H` or `U` would do something now.
pub fn availability(model: &Model, action: Action) -> Availability {
    use Availability::{Hidden, Off, On};
    if !model.session.principal.has(Role::Oncall) {
        return Hidden;
    }
    let standing = super::alerts::known(model).is_some_and(|alerts| alerts.holds.iter().any(Hold::stands));
    if action == Action::Resume && !standing {
        return Hidden;
    }
    if let Some(why) = why_off(model) {
        return Off(why);
    }
    match &model.holding.report {
        Some(report) if report.is_open() => Off("the last one is still under way".to_owned()),
        _ => On,
    }
}

/// Opens the question.
pub fn ask(model: &mut Model, action: Action) {
    model.holding.report = None;
    model.holding.question = match action {
        Action::Resume => which(model),
        _ => Some(Question::What(context::offers(model))),
    };
}

/// Of the holds that stand, those over the channel under the cursor where there are any.
fn which(model: &Model) -> Option<Question> {
    let mut holds: Vec<Hold> =
        super::alerts::known(model)?.holds.iter().filter(|hold| hold.stands()).cloned().collect();
    if holds.iter().any(|hold| context::is_about(model, hold)) {
        holds.retain(|hold| context::is_about(model, hold));
    }
    match &holds[..] {
        [only] => pace(only.clone()),
        _ => {
            let words: Vec<String> = holds.iter().map(hold_words).collect();
            Some(Question::Which { choice: Choice::among(&words)?, holds })
        }
    }
}

fn hold_words(hold: &Hold) -> String {
    let ticket = hold.ticket.as_ref().map(|ticket| format!(", {ticket}")).unwrap_or_default();
    format!("{} by {}{ticket}: {} wait", hold.scope().as_words(), hold.placed_by, hold.paused)
}

fn pace(hold: Hold) -> Option<Question> {
    let choice = Choice::among(&PACES.map(pace_words))?;
    Some(Question::Pace { hold: Box::new(hold), choice })
}

/// The question that is open; the footer asks.
pub fn asks(model: &Model) -> Option<Ask> {
    Some(match model.holding.question.as_ref()? {
        Question::What(_) => Ask::What,
        Question::Why { .. } | Question::Which { .. } | Question::Pace { .. } => Ask::Reason,
        Question::Ticket { .. } => Ask::Note,
        Question::Hold { confirm, .. } | Question::Resume { confirm, .. } => confirm.asks(),
    })
}

/// The confirm line that is open.
pub fn confirm(model: &mut Model) -> Option<&mut Confirm> {
    match model.holding.question.as_mut()? {
        Question::Hold { confirm, .. } | Question::Resume { confirm, .. } => Some(confirm),
        _ => None,
    }
}

/// Takes the key when a question is open, or when it stops a resume. None: no question, the key table decides.
pub fn question_key(model: &mut Model, key: KeyEvent) -> Option<Vec<Effect>> {
    keys::question_key(model, key).or_else(|| keys::stop(model, key))
}

fn sure() -> Confirm {
    Confirm::ask(Demand::Yes)
}

/// It is known what a hold would stop.
pub fn hold_forecast(model: &mut Model, about: &Scope, result: Result<HoldForecast, Failure>) {
    let Some(Question::Hold { scope, forecast, .. }) = &mut model.holding.question else { return };
    if scope != about {
        return;
    }
    match result {
        Ok(found) => *forecast = Some(found),
        Err(failure) => {
            model.holding.question = None;
            model.warn(failure.to_string());
        }
    }
}

/// It is known what ending a hold would do.
pub fn resume_forecast(model: &mut Model, about: i64, result: Result<ResumeForecast, Failure>) {
    let Some(Question::Resume { hold, forecast, .. }) = &mut model.holding.question else { return };
    if hold.hold_id != about {
        return;
    }
    match result {
        Ok(found) => *forecast = Some(found),
        Err(failure) => {
            model.holding.question = None;
            model.warn(failure.to_string());
        }
    }
}

/// The hold was placed, or not.
pub fn held(model: &mut Model, scope: &Scope, result: Result<(Outcome, i64), Failure>) {
    let what = scope.as_words();
    model.holding.report = Some(match result {
        Ok((outcome, paused)) if outcome.is_applied() => Report::Held { what, paused },
        Ok((outcome, _)) => Report::Refused { what, why: outcome.to_string() },
        Err(failure) => Report::Refused { what, why: failure.to_string() },
    });
}

/// A resume got further.
pub fn went(model: &mut Model, what: String, result: Result<Went, Failure>) {
    model.holding.report = Some(match result {
        Ok(Went::Trying(trial)) => Report::Trying { what, trial },
        Ok(Went::Releasing { left }) => Report::Releasing { what, left },
        Ok(Went::Resumed) => Report::Resumed { what },
        Ok(Went::Stopped(trial)) => Report::Stopped { what, trial },
        Ok(Went::Cancelled(trial)) => Report::Cancelled { what, trial },
        Ok(Went::Refused(outcome)) => Report::Refused { what, why: outcome.to_string() },
        Err(failure) => Report::Refused { what, why: failure.to_string() },
    });
}

/// Clears what came of the last act. Says whether there was something.
pub fn clear(model: &mut Model) -> bool {
    let is_over = model.holding.report.as_ref().is_some_and(|report| !report.is_open());
    if is_over {
        model.holding.report = None;
    }
    is_over
}
