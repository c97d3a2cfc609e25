//! The way out of a conversation: what closes first, and where the lease goes.

use super::pane::{Pane, Question};
use super::{Stage, list};
use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::domain::Filter;

/// Takes away what lies over the conversation, then ends the search, then closes the pane.
pub fn back(model: &mut Model) -> Vec<Effect> {
    if let Some(pane) = model.review.pane_mut()
        && (pane.sheet.take().is_some() || pane.search.take().is_some() || pane.looking_for.take().is_some())
    {
        return Vec::new();
    }
    leave(model)
}

/// Closes the pane and gives the lease back. A decision under way keeps its own course.
pub fn leave(model: &mut Model) -> Vec<Effect> {
    // Whatever is still answered comes too late and is given back.
    model.review.next_ticket();
    if let Some(left) = model.review.pane().map(|pane| pane.job.job_id) {
        model.review.verdicts.retain(|verdict| verdict.job_id != left);
    }
    let effects = match std::mem::take(&mut model.review.stage) {
        Stage::Reading(pane) => release(&pane),
        Stage::Opening { .. } => Vec::new(),
        Stage::List => {
            model.review.filter = Filter::default();
            Vec::new()
        }
    };
    list::thaw(model);
    effects
}

/// Gives back every lease that no decision is using. While the program ends this is asked after each message, because an
/// answer may still bring a lease, or say that the decision did not use its own.
pub fn let_go(model: &mut Model) -> Vec<Effect> {
    let put_back = std::mem::take(&mut model.review.put_back);
    let mut effects: Vec<Effect> =
        put_back.into_iter().map(|(job_id, lease_token)| Effect::Release { job_id, lease_token }).collect();
    if let Some(pane) = model.review.pane().filter(|pane| !matches!(pane.question, Question::Pending(_))) {
        effects.extend(release(pane));
        model.review.stage = Stage::List;
    }
    effects
}

/// What gives the lease of this pane back, when there is one and no decision is using it.
pub fn release(pane: &Pane) -> Vec<Effect> {
    match pane.pin() {
        Some(pin) if pane.is_mine() && !matches!(pane.question, Question::Pending(_)) => {
            vec![Effect::Release { job_id: pane.job.job_id, lease_token: pin.lease_token }]
        }
        _ => Vec::new(),
    }
}
