//! Taking a job from whoever reads it and went away. For seniors, and never without a question that names who loses it.

use super::{Question, Standing};
use crate::app::confirm::{Answer, Confirm, Demand};
use crate::app::effect::Effect;
use crate::app::keymap::Availability;
use crate::app::model::Model;
use crate::app::msg::Failure;
use crate::domain::{JobId, Outcome, Role};

/// Whether the open job can be taken from somebody. Others than seniors do not see the key.
pub fn availability(model: &Model) -> Availability {
    let roles = &model.session.principal.roles;
    let is_senior = roles.iter().any(|role| matches!(role, Role::SeniorReviewer | Role::TeamLead));
    let Some(pane) = model.review.pane().filter(|_| is_senior) else { return Availability::Hidden };
    match &pane.standing {
        Standing::Held { .. } if pane.awaiting => Availability::Off(super::decide::BUSY.to_owned()),
        Standing::Held { .. } => model.frozen().map_or(Availability::On, Availability::Off),
        Standing::Free | Standing::Ended(_) => Availability::Hidden,
    }
}

/// Asks first.
pub fn ask(model: &mut Model) -> Vec<Effect> {
    if let Some(pane) = model.review.pane_mut() {
        pane.question = Question::Release { confirm: Confirm::ask(Demand::Yes) };
    }
    Vec::new()
}

/// The question was answered. What was true when it was asked is asked again.
pub fn answered(model: &mut Model, answer: Answer) -> Vec<Effect> {
    if answer == Answer::Stays {
        return Vec::new();
    }
    let availability = availability(model);
    let Some(pane) = model.review.pane_mut() else { return Vec::new() };
    pane.question = Question::None;
    if answer == Answer::Left {
        return Vec::new();
    }
    if availability != Availability::On {
        model.warn("not taken: somebody was faster, or it cannot be done now");
        return Vec::new();
    }
    pane.awaiting = true;
    vec![Effect::ForceRelease { job_id: pane.job.job_id }]
}

/// The database answered.
pub fn released(model: &mut Model, job_id: JobId, result: Result<Outcome, Failure>) {
    let open = model.review.pane_mut().filter(|pane| pane.job.job_id == job_id);
    match result {
        Ok(outcome) if outcome.is_applied() => {
            if let Some(pane) = open {
                pane.awaiting = false;
                pane.standing = Standing::Free;
            }
            let by = outcome.by.as_deref().unwrap_or("whoever held it");
            model.say(format!("{job_id} taken from {by}; it waits for the next reviewer"));
        }
        other => {
            if let Some(pane) = open {
                pane.awaiting = false;
            }
            let why = other.as_ref().map_or_else(ToString::to_string, ToString::to_string);
            model.warn(format!("{job_id} not taken: {why}"));
        }
    }
}
