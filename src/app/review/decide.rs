//! From a key to a decision, and why there may be none.

use ratatui::crossterm::event::KeyEvent;

use super::pane::{self, Asked};
use super::words::Writing;
use super::{Body, Change, InFlight, Pane, Question, Standing, editor, news, note, release};
use crate::app::choice::{Choice, Picked};
use crate::app::confirm::{Answer, Confirm, Demand};
use crate::app::effect::Effect;
use crate::app::keymap::{Action, Availability};
use crate::app::layout;
use crate::app::model::Model;
use crate::domain::review::Reading;
pub use crate::domain::review::Verb;
use crate::domain::{JobId, JobKind, Pin};

/// A decision with everything it needs. There is none without a pin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    Approve {
        pin: Pin,
        reading: Reading,
    },
    Reject {
        pin: Pin,
        reason: String,
        note: Option<Writing>,
    },
    Escalate {
        pin: Pin,
        reason: String,
    },
    /// Another text for the draft's place, and somebody else's look at it.
    Revise {
        pin: Pin,
        text: Writing,
    },
}

impl Decision {
    pub fn verb(&self) -> Verb {
        match self {
            Decision::Approve { .. } => Verb::Approve,
            Decision::Reject { .. } => Verb::Reject,
            Decision::Escalate { .. } => Verb::Escalate,
            Decision::Revise { .. } => Verb::Revise,
        }
    }
}

/// Why nothing is asked about a job before the last answer came.
pub const BUSY: &str = "the answer is under way";

/// Whether an answer about the open job is waited for. A decision may be older than the pane: its job was left and
/// opened again.
pub fn is_busy(model: &Model) -> bool {
    model.review.pane().is_some_and(|pane| pane.awaiting || model.review.is_under_way(pane.job.job_id))
}

/// Whether a deciding action would do something now, and else what switches it on.
pub fn availability(model: &Model, action: Action) -> Availability {
    use Availability::{Hidden, Off, On};
    let Some(pane) = model.review.pane() else { return Hidden };
    let escalated = pane.job.job_kind == JobKind::Escalate;
    if escalated != (action == Action::TakeOver) {
        return Hidden;
    }
    if let Some(why) = model.frozen() {
        return Off(why);
    }
    if is_busy(model) {
        return Off(BUSY.to_owned());
    }
    match layout::review(model.size) {
        None => return Off("the terminal is too small to read it".to_owned()),
        Some(layout) => {
            if let Some(why) = pane.covered(&layout) {
                return Off(why.to_owned());
            }
        }
    }
    if pane.standing != Standing::Free {
        return Off(pane.standing.to_string());
    }
    if escalated {
        return On;
    }
    if pane.pin().is_none() {
        let closed = pane.conversation.messages.iter().any(|message| matches!(message.body, Body::Closed { .. }));
        let why = if closed { "not all of it opens" } else { "no lease on this job; n takes the next one" };
        return Off(why.to_owned());
    }
    match &pane.change {
        // To escalate one need not have read what came in meanwhile, but one must hold the job.
        Some(Change::ConversationMoved | Change::DraftChanged) if action == Action::Escalate => {}
        Some(Change::Ended(ending)) => return Off(ending.to_string()),
        Some(change) => return Off(news::switches_on(pane, change)),
        None => {}
    }
    if action == Action::Approve && pane.conversation.needs_another {
        return Off(format!("your own edit, {}", editor::asking::someone_else(pane)));
    }
    if action == Action::Approve {
        return match pane::unfinished(pane) {
            _ if pane.document.draft_rows(0..0).is_none() => Off("there is no draft".to_owned()),
            Some(why) => Off(why),
            None => On,
        };
    }
    On
}

/// Opens the question that stands before a decision: the reason first, where one is needed.
pub fn ask(model: &mut Model, action: Action) -> Vec<Effect> {
    let reasons = &model.session.reasons;
    let (verb, codes) = match action {
        Action::Reject => (Asked::Reject, &reasons.reject),
        Action::Escalate => (Asked::Escalate, &reasons.escalate),
        Action::Skip => (Asked::Skip, &reasons.skip),
        _ => {
            ask_to_confirm(model, Verb::Approve, None);
            return Vec::new();
        }
    };
    match (Choice::among(codes), model.review.pane_mut()) {
        (Some(choice), Some(pane)) => pane.question = Question::Reason { verb, choice },
        _ => model.warn("no reasons are registered; see `countersign vocabulary`"),
    }
    Vec::new()
}

pub(super) fn ask_to_confirm(model: &mut Model, verb: Verb, reason: Option<String>) {
    let Some(pane) = model.review.pane_mut() else { return };
    let demand = if verb == Verb::Approve { demand(pane) } else { Demand::Yes };
    pane.question = Question::Confirm { verb, reason, confirm: Confirm::ask(demand) };
}

/// A draft that hides something, or looks like what it is not, is accepted by typing the beginning of its digest.
fn demand(pane: &Pane) -> Demand {
    match pane.pin() {
        Some(pin) if pane.tour.in_draft() > 0 => Demand::Digits(pin.draft_digest.chars().take(4).collect()),
        _ => Demand::Yes,
    }
}

/// Takes the key when a question is open. None: no question, the key table decides.
pub fn question_key(model: &mut Model, key: KeyEvent) -> Option<Vec<Effect>> {
    let sight = model.sight;
    let pane = model.review.pane_mut()?;
    match &mut pane.question {
        Question::None | Question::Pending(_) => None,
        Question::Edit => Some(editor::asking::key(model, key)),
        Question::Note { .. } => {
            note::key(model, key);
            Some(Vec::new())
        }
        Question::Release { confirm } => {
            let answer = confirm.key(key, sight);
            Some(release::answered(model, answer))
        }
        Question::Reason { verb, choice } => {
            let verb = *verb;
            match choice.key(key) {
                Picked::Stays => {}
                Picked::Left => pane.question = Question::None,
                Picked::Code(reason) => return Some(reason_given(model, verb, reason)),
            }
            Some(Vec::new())
        }
        Question::Confirm { verb, reason, confirm } => {
            let (verb, reason) = (*verb, reason.clone());
            match confirm.key(key, sight) {
                Answer::Stays => Some(Vec::new()),
                Answer::Left => {
                    pane.question = Question::None;
                    Some(Vec::new())
                }
                Answer::Confirmed => Some(decide(model, verb, reason)),
            }
        }
    }
}

/// The confirm line that is open.
pub fn confirm(model: &mut Model) -> Option<&mut Confirm> {
    match &mut model.review.pane_mut()?.question {
        Question::Confirm { confirm, .. } | Question::Release { confirm } => Some(confirm),
        _ => None,
    }
}

fn reason_given(model: &mut Model, verb: Asked, reason: String) -> Vec<Effect> {
    match verb {
        Asked::Reject => note::ask(model, reason),
        Asked::Escalate => ask_to_confirm(model, Verb::Escalate, Some(reason)),
        Asked::Skip => return skip(model, reason),
    }
    Vec::new()
}

fn skip(model: &mut Model, reason: String) -> Vec<Effect> {
    let Some(pane) = model.review.pane_mut() else { return Vec::new() };
    pane.question = Question::None;
    pane.awaiting = true;
    let job_id = pane.job.job_id;
    match pane.pin().map(|pin| pin.lease_token) {
        Some(lease_token) => vec![Effect::Skip { job_id, lease_token, reason }],
        None => Vec::new(),
    }
}

/// The one place that makes a decision's effect. Everything that was true when the question was asked is asked again.
fn decide(model: &mut Model, verb: Verb, reason: Option<String>) -> Vec<Effect> {
    let action = match verb {
        Verb::Approve => Action::Approve,
        Verb::Reject => Action::Reject,
        Verb::Escalate => Action::Escalate,
        // The editor asks its own question.
        Verb::Revise => return Vec::new(),
    };
    let availability = availability(model, action);
    let keeps_reading = model.session.keeps_reading;
    let Some(pane) = model.review.pane_mut() else { return Vec::new() };
    pane.question = Question::None;
    if let Availability::Off(why) = availability {
        model.warn(format!("not {}: {why}", verb.done()));
        return Vec::new();
    }
    let Some(pin) = pane.pin().cloned() else { return Vec::new() };
    let lease_token = pin.lease_token;
    let reading = if keeps_reading { pane.reading() } else { Reading::default() };
    let decision = match (verb, reason) {
        (Verb::Approve, _) => Decision::Approve { pin, reading },
        (Verb::Reject, Some(reason)) => Decision::Reject { pin, reason, note: note::writing(pane) },
        (Verb::Escalate, Some(reason)) => Decision::Escalate { pin, reason },
        (Verb::Reject | Verb::Escalate | Verb::Revise, _) => return Vec::new(),
    };
    let job_id = pane.job.job_id;
    pane.question = Question::Pending(verb);
    model.review.in_flight.push(InFlight { job_id, verb, lease_token, in_doubt: false });
    vec![Effect::Decide { job_id, decision }]
}

/// Takes my latest decision back, whatever is open meanwhile.
pub fn undo(model: &mut Model) -> Vec<Effect> {
    let latest = model.review.undoable(model.now).map(|row| row.job_id);
    take_back(model, latest)
}

/// Takes back what still leaves, when quitting asks about it.
pub fn stop_leaving(model: &mut Model) -> Vec<Effect> {
    let leaving = model.review.leaving(model.now).map(|row| row.job_id);
    take_back(model, leaving)
}

fn take_back(model: &mut Model, job_id: Option<JobId>) -> Vec<Effect> {
    if let Some(why) = model.frozen() {
        model.warn(format!("not undone: {why}"));
        return Vec::new();
    }
    match job_id {
        Some(_) if model.review.undoing.is_some() => Vec::new(),
        Some(job_id) => {
            model.review.undoing = Some(job_id);
            vec![Effect::Undo { job_id }]
        }
        None => {
            model.say("nothing of yours can be taken back");
            Vec::new()
        }
    }
}

/// Makes the escalated job mine.
pub fn take_over(model: &mut Model) -> Vec<Effect> {
    let Some(pane) = model.review.pane_mut() else { return Vec::new() };
    pane.awaiting = true;
    let job_id = pane.job.job_id;
    let ticket = model.review.next_ticket();
    vec![Effect::TakeEscalation { ticket, job_id }]
}

/// Keeps a question from being answered on a screen that has gone.
pub fn drop_question(model: &mut Model) {
    if let Some(pane) = model.review.pane_mut() {
        if !matches!(pane.question, Question::Pending(_)) {
            pane.question = Question::None;
        }
        pane.glance = false;
    }
}

/// Whether the pane's job is decided here at all; the footer and the strips ask.
pub fn decides(pane: &Pane) -> bool {
    pane::is_decided_here(&pane.job)
}
