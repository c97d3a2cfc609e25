//! The keys of the questions before a hold and before its end.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::{PACES, Question, Report, pace, sure, why_off};
use crate::app::choice::{Choice, Picked};
use crate::app::confirm::{self, Answer};
use crate::app::effect::Effect;
use crate::app::model::Model;

/// A ticket longer than this is none.
const LONGEST_TICKET: usize = 18;

pub(super) fn question_key(model: &mut Model, key: KeyEvent) -> Option<Vec<Effect>> {
    let question = model.holding.question.take()?;
    let (question, effects) = match question {
        Question::What(offers) => what(model, offers, key),
        Question::Why { scope, mut choice } => match choice.key(key) {
            Picked::Left => (None, Vec::new()),
            Picked::Stays => (Some(Question::Why { scope, choice }), Vec::new()),
            Picked::Code(reason) => (Some(Question::Ticket { scope, reason, text: String::new() }), Vec::new()),
        },
        ticket @ Question::Ticket { .. } => type_ticket(ticket, key),
        hold @ Question::Hold { .. } => hold_or_not(model, hold, key),
        Question::Which { holds, mut choice } => match choice.key(key) {
            Picked::Left => (None, Vec::new()),
            Picked::Stays => (Some(Question::Which { holds, choice }), Vec::new()),
            Picked::Code(words) => {
                let chosen = choice.codes().iter().position(|code| *code == words);
                (chosen.and_then(|at| holds.get(at)).cloned().and_then(pace), Vec::new())
            }
        },
        Question::Pace { hold, mut choice } => match choice.key(key) {
            Picked::Left => (None, Vec::new()),
            Picked::Stays => (Some(Question::Pace { hold, choice }), Vec::new()),
            Picked::Code(words) => {
                let per_minute = PACES.into_iter().find(|pace| super::pace_words(*pace) == words).flatten();
                let effects = vec![Effect::ForecastResume { hold_id: hold.hold_id, per_minute }];
                (Some(Question::Resume { hold, per_minute, forecast: None, confirm: sure() }), effects)
            }
        },
        resume @ Question::Resume { .. } => resume_or_not(model, resume, key),
    };
    model.holding.question = question;
    Some(effects)
}

/// While a few are tried, whoever began it can still leave it.
pub(super) fn stop(model: &mut Model, key: KeyEvent) -> Option<Vec<Effect>> {
    let tries = matches!(model.holding.report, Some(Report::Trying { .. }));
    if !tries || key.kind != KeyEventKind::Press || !confirm::leaves(key) {
        return None;
    }
    model.say("stopping: what is on its way goes on, the rest stays held");
    Some(vec![Effect::StopResume])
}

type After = (Option<Question>, Vec<Effect>);

fn what(model: &mut Model, offers: Vec<super::Offer>, key: KeyEvent) -> After {
    if confirm::leaves(key) {
        return (None, Vec::new());
    }
    let picked = match key.code {
        KeyCode::Char(letter) if key.kind == KeyEventKind::Press && key.modifiers == KeyModifiers::NONE => {
            offers.iter().find(|offer| offer.letter == letter)
        }
        _ => None,
    };
    let Some(offer) = picked else { return (Some(Question::What(offers)), Vec::new()) };
    match Choice::among(&model.session.reasons.hold) {
        Some(choice) => (Some(Question::Why { scope: offer.scope.clone(), choice }), Vec::new()),
        None => {
            model.warn("no reasons are registered for holds; see `countersign vocabulary`");
            (None, Vec::new())
        }
    }
}

/// Letters, digits and a hyphen, as in INC-2291; small letters are taken for capitals.
fn type_ticket(question: Question, key: KeyEvent) -> After {
    let Question::Ticket { scope, reason, mut text } = question else { return (None, Vec::new()) };
    match key.code {
        KeyCode::Esc => return (None, Vec::new()),
        KeyCode::Enter if text.is_empty() || is_ticket(&text) => {
            let effects = vec![Effect::ForecastHold { scope: scope.clone() }];
            let ticket = (!text.is_empty()).then_some(text);
            return (Some(Question::Hold { scope, reason, ticket, forecast: None, confirm: sure() }), effects);
        }
        KeyCode::Backspace => {
            text.pop();
        }
        KeyCode::Char(letter)
            if text.len() < LONGEST_TICKET
                && (letter.is_ascii_alphanumeric() || letter == '-')
                && !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) =>
        {
            text.push(letter.to_ascii_uppercase());
        }
        _ => {}
    }
    (Some(Question::Ticket { scope, reason, text }), Vec::new())
}

/// Capitals, a hyphen, digits.
pub fn is_ticket(text: &str) -> bool {
    let Some((project, number)) = text.split_once('-') else { return false };
    let (letters, digits) = (project.len(), number.len());
    (1..=10).contains(&letters)
        && (1..=7).contains(&digits)
        && project.bytes().all(|byte| byte.is_ascii_uppercase())
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// The one place that makes the effect. Whether it may be done is asked again: meanwhile the database may have gone.
fn hold_or_not(model: &mut Model, question: Question, key: KeyEvent) -> After {
    let Question::Hold { scope, reason, ticket, forecast, mut confirm } = question else { return (None, Vec::new()) };
    match (confirm.key(key, model.sight), &forecast) {
        (Answer::Left, _) => (None, Vec::new()),
        (Answer::Confirmed, Some(_)) => {
            if let Some(why) = why_off(model) {
                model.warn(format!("nothing was done: {why}"));
                return (None, Vec::new());
            }
            model.holding.report = Some(Report::Holding { what: scope.as_words() });
            (None, vec![Effect::Hold { scope, reason, ticket }])
        }
        // What it would stop is not known yet, so nobody can have meant it.
        (Answer::Confirmed, None) => {
            (Some(Question::Hold { scope, reason, ticket, forecast, confirm: sure() }), Vec::new())
        }
        (Answer::Stays, _) => (Some(Question::Hold { scope, reason, ticket, forecast, confirm }), Vec::new()),
    }
}

fn resume_or_not(model: &mut Model, question: Question, key: KeyEvent) -> After {
    let Question::Resume { hold, per_minute, forecast, mut confirm } = question else { return (None, Vec::new()) };
    match (confirm.key(key, model.sight), &forecast) {
        (Answer::Left, _) => (None, Vec::new()),
        (Answer::Confirmed, Some(known)) => {
            if let Some(why) = why_off(model) {
                model.warn(format!("nothing was done: {why}"));
                return (None, Vec::new());
            }
            let (hold_id, what) = (hold.hold_id, hold.scope().as_words());
            let tries = known.sends > 0;
            model.holding.report = Some(Report::Holding { what: what.clone() });
            (None, vec![Effect::Resume { hold_id, what, per_minute, tries }])
        }
        (Answer::Confirmed, None) => {
            (Some(Question::Resume { hold, per_minute, forecast, confirm: sure() }), Vec::new())
        }
        (Answer::Stays, _) => (Some(Question::Resume { hold, per_minute, forecast, confirm }), Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_what_the_database_takes_for_one() {
        for (text, expected) in
            [("INC-2291", true), ("A-1", true), ("INC", false), ("-1", false), ("INC-", false), ("INC-12345678", false)]
        {
            assert_eq!(is_ticket(text), expected, "{text}");
        }
    }
}
