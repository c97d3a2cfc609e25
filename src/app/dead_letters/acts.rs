//! Retry, discard and confirm as sent: the question before, the frozen set that it names, and the answers row by row.

use std::collections::BTreeSet;

use ratatui::crossterm::event::KeyEvent;

use super::references::{References, Typed};
use super::{DeadLetterAct, chosen};
use crate::app::choice::{Choice, Picked};
use crate::app::confirm::{Answer, Confirm, Demand};
use crate::app::effect::Effect;
use crate::app::holds::{PACES, pace_words};
use crate::app::keymap::{Action, Availability};
use crate::app::model::{Connection, Model};
use crate::app::msg::Failure;
use crate::domain::{DeadLetter, JobId, Outcome, Role};

/// From more jobs than this on, their number has to be typed, and they go back at a pace.
pub const MANY: usize = 50;

/// What is done with a set of dead letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Retry,
    Discard,
    ConfirmSent,
}

impl Verb {
    pub fn as_str(self) -> &'static str {
        match self {
            Verb::Retry => "retry",
            Verb::Discard => "discard",
            Verb::ConfirmSent => "confirm sent",
        }
    }
}

/// What stands before an act. The set is the one that was seen when the key was pressed, as it was then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub verb: Verb,
    pub jobs: Vec<DeadLetter>,
    pub step: Step,
}

/// How far the question got. The reason comes before the confirm line, so that a slip on `D` looks different from one
/// on `R`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Why(Choice),
    /// Under which number does the provider know each message?
    References(References),
    /// How fast are they to go?
    Pace {
        reason: Option<String>,
        choice: Choice,
    },
    Sure {
        how: How,
        confirm: Confirm,
    },
}

/// How it is done, once that was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    Retry {
        reason: Option<String>,
        per_minute: Option<i32>,
    },
    Discard {
        reason: String,
    },
    /// The provider's numbers, one for each job of the set, in its order.
    ConfirmSent {
        references: Vec<String>,
    },
}

impl How {
    /// What is to be done with each job.
    fn acts(self, jobs: &[DeadLetter]) -> Vec<(JobId, DeadLetterAct)> {
        let id = |job: &DeadLetter| job.job_id;
        match self {
            // Who confirmed was told how many may have left. A job that came to that only since is refused by the database.
            How::Retry { reason, per_minute } => {
                let retry = |job: &DeadLetter| DeadLetterAct::Retry {
                    may_have_left: job.may_have_left(),
                    reason: reason.clone(),
                    per_minute,
                };
                jobs.iter().map(|job| (id(job), retry(job))).collect()
            }
            How::Discard { reason } => {
                jobs.iter().map(|job| (id(job), DeadLetterAct::Discard { reason: reason.clone() })).collect()
            }
            How::ConfirmSent { references } => {
                let confirmed = |(job, provider_ref)| (id(job), DeadLetterAct::ConfirmSent { provider_ref });
                jobs.iter().zip(references).map(confirmed).collect()
            }
        }
    }
}

impl Question {
    /// How many of the jobs may have reached the customer already.
    pub fn may_have_left(&self) -> usize {
        self.jobs.iter().filter(|job| job.may_have_left()).count()
    }

    /// For how many conversations nothing else is under way: given up, their customers get no reply at all.
    pub fn without_reply(&self) -> usize {
        self.jobs.iter().filter(|job| job.nothing_else_open).count()
    }

    /// How many were put back so often that it takes a reason.
    pub fn retried_often(&self) -> usize {
        self.jobs.iter().filter(|job| job.needs_a_reason()).count()
    }
}

/// The answers to one act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub verb: Verb,
    pub asked: usize,
    pub applied: usize,
    /// Each with its reason as a sentence.
    pub refused: Vec<(JobId, String)>,
    /// Not answered yet.
    pub pending: BTreeSet<JobId>,
}

impl Report {
    /// Whether every job was answered.
    pub fn is_complete(&self) -> bool {
        self.pending.is_empty()
    }

    /// The refused jobs by reason, the most frequent first.
    pub fn reasons(&self) -> Vec<(&str, Vec<JobId>)> {
        let mut reasons: Vec<(&str, Vec<JobId>)> = Vec::new();
        for (job_id, reason) in &self.refused {
            match reasons.iter_mut().find(|(other, _)| other == reason) {
                Some((_, jobs)) => jobs.push(*job_id),
                None => reasons.push((reason, vec![*job_id])),
            }
        }
        reasons.sort_by_key(|(_, jobs)| std::cmp::Reverse(jobs.len()));
        reasons
    }
}

/// Why nobody acts here with this login. Stands above the keys that it greys.
pub fn why_off(model: &Model) -> Option<String> {
    if !model.session.principal.has(Role::Oncall) {
        let roles: Vec<&str> = model.session.principal.roles.iter().map(|role| role.as_str()).collect();
        let roles = if roles.is_empty() { "none".to_owned() } else { roles.join(", ") };
        return Some(format!("only oncall acts on dead letters; your roles: {roles}"));
    }
    model.frozen()
}

/// Whether an act would do something now, and else what switches it on.
pub fn availability(model: &Model, action: Action) -> Availability {
    use Availability::{Hidden, Off, On};
    let screen = &model.dead_letters;
    if screen.feed.data().is_none_or(|list| list.jobs.is_empty()) {
        return Hidden;
    }
    if let Some(why) = why_off(model) {
        return Off(why);
    }
    let acts = matches!(action, Action::Retry | Action::Discard | Action::ConfirmSent);
    if let Some(report) = screen.report.as_ref().filter(|report| acts && !report.is_complete()) {
        return Off(format!("the last {} is still under way: {} to go", report.verb.as_str(), report.pending.len()));
    }
    if action == Action::ConfirmSent && !subject(model).iter().any(DeadLetter::may_have_left) {
        return Hidden;
    }
    let about_one = action == Action::Mark || (acts && screen.marked.is_empty());
    if about_one && chosen(model).is_none() {
        return Off("no job is under the cursor; go down to the list, or mark with X".to_owned());
    }
    On
}

/// Opens the question: about what is marked, or else about the job under the cursor.
pub fn ask(model: &mut Model, action: Action) {
    let jobs = subject(model);
    if jobs.is_empty() {
        return;
    }
    let (verb, jobs, codes) = match action {
        Action::Discard => (Verb::Discard, jobs, &model.session.reasons.discard),
        Action::ConfirmSent => {
            // Of nothing else it is in doubt whether it left.
            let jobs: Vec<DeadLetter> = jobs.into_iter().filter(DeadLetter::may_have_left).collect();
            let step = Step::References(References::default());
            model.dead_letters.question = Some(Question { verb: Verb::ConfirmSent, jobs, step });
            return;
        }
        _ if jobs.iter().any(DeadLetter::needs_a_reason) => (Verb::Retry, jobs, &model.session.reasons.retry),
        _ => {
            let step = pace_or_sure(jobs.len(), None);
            model.dead_letters.question = Some(Question { verb: Verb::Retry, jobs, step });
            return;
        }
    };
    match Choice::among(codes) {
        Some(choice) => model.dead_letters.question = Some(Question { verb, jobs, step: Step::Why(choice) }),
        None => model.warn("no reasons are registered; see `countersign vocabulary`"),
    }
}

/// A large set that goes back into the queue does not go all at once, unless somebody wants it so.
fn pace_or_sure(jobs: usize, reason: Option<String>) -> Step {
    match Choice::among(&PACES.map(pace_words)) {
        Some(choice) if jobs > MANY => Step::Pace { reason, choice },
        _ => sure(jobs, How::Retry { reason, per_minute: None }),
    }
}

fn sure(jobs: usize, how: How) -> Step {
    let demand = if jobs > MANY { Demand::Digits(jobs.to_string()) } else { Demand::Yes };
    Step::Sure { how, confirm: Confirm::ask(demand) }
}

fn subject(model: &Model) -> Vec<DeadLetter> {
    let screen = &model.dead_letters;
    if screen.marked.is_empty() {
        return chosen(model).cloned().into_iter().collect();
    }
    let listed = screen.feed.data().map_or(&[][..], |list| &list.jobs);
    listed.iter().filter(|job| screen.marked.contains(&job.job_id)).cloned().collect()
}

/// Takes the key when a question is open.
pub fn question_key(model: &mut Model, key: KeyEvent) -> Option<Vec<Effect>> {
    let sight = model.sight;
    let mut question = model.dead_letters.question.take()?;
    let many = question.jobs.len();
    match &mut question.step {
        Step::Why(choice) => match choice.key(key) {
            Picked::Left => return Some(Vec::new()),
            Picked::Stays => {}
            Picked::Code(reason) if question.verb == Verb::Discard => {
                question.step = sure(many, How::Discard { reason });
            }
            Picked::Code(reason) => question.step = pace_or_sure(many, Some(reason)),
        },
        Step::Pace { reason, choice } => match choice.key(key) {
            Picked::Left => return Some(Vec::new()),
            Picked::Stays => {}
            Picked::Code(words) => {
                let per_minute = PACES.into_iter().find(|pace| pace_words(*pace) == words).flatten();
                question.step = sure(many, How::Retry { reason: reason.take(), per_minute });
            }
        },
        Step::References(references) => match references.key(key, many) {
            Typed::Left => return Some(Vec::new()),
            Typed::Stays => {}
            Typed::All(given) => match with_numbers(question.jobs, given) {
                Some((jobs, step)) => question = Question { verb: question.verb, jobs, step },
                None => {
                    model.say("no number was given, so nothing was confirmed");
                    return Some(Vec::new());
                }
            },
        },
        Step::Sure { how, confirm } => match confirm.key(key, sight) {
            Answer::Left => return Some(Vec::new()),
            Answer::Stays => {}
            Answer::Confirmed => return Some(act(model, question.verb, how.clone(), &question.jobs)),
        },
    }
    model.dead_letters.question = Some(question);
    Some(Vec::new())
}

/// The set without what was left out, and the confirm line about it. None: everything was left out.
fn with_numbers(jobs: Vec<DeadLetter>, given: Vec<Option<String>>) -> Option<(Vec<DeadLetter>, Step)> {
    let (jobs, references): (Vec<DeadLetter>, Vec<String>) =
        jobs.into_iter().zip(given).filter_map(|(job, number)| Some((job, number?))).unzip();
    let step = sure(jobs.len(), How::ConfirmSent { references });
    (!jobs.is_empty()).then_some((jobs, step))
}

/// The one place that makes the effect. Whether it may be done is asked again: meanwhile the database may have gone.
fn act(model: &mut Model, verb: Verb, how: How, jobs: &[DeadLetter]) -> Vec<Effect> {
    if let Some(why) = why_off(model) {
        model.warn(format!("nothing was done: {why}"));
        return Vec::new();
    }
    let pending: BTreeSet<JobId> = jobs.iter().map(|job| job.job_id).collect();
    let screen = &mut model.dead_letters;
    screen.marked.retain(|job_id| !pending.contains(job_id));
    screen.report = Some(Report { verb, asked: pending.len(), applied: 0, refused: Vec::new(), pending });
    vec![Effect::ActOnDeadLetters { acts: how.acts(jobs) }]
}

/// One job of the set was answered.
pub fn answered(model: &mut Model, job_id: JobId, result: Result<Outcome, Failure>) {
    let Some(report) = &mut model.dead_letters.report else { return };
    if !report.pending.remove(&job_id) {
        return;
    }
    match result {
        Ok(outcome) if outcome.is_applied() => report.applied += 1,
        Ok(outcome) => report.refused.push((job_id, outcome.to_string())),
        Err(failure) => report.refused.push((job_id, failure.to_string())),
    }
}

/// Reasons of a report that are shown; the others are counted.
pub const REASONS: usize = 2;

/// How many rows the question, the report or the reason takes.
pub fn foot_rows(model: &Model) -> u16 {
    let screen = &model.dead_letters;
    match (&screen.question, &screen.report) {
        (Some(question), _) => match &question.step {
            Step::Why(choice) | Step::Pace { choice, .. } => 2 + choice.codes().len() as u16,
            Step::References(_) => 3 + u16::from(question.jobs.len() > 1),
            Step::Sure { how: How::Retry { reason: None, per_minute: None }, .. } => 3,
            Step::Sure { .. } => 4,
        },
        (None, Some(report)) => 1 + report.reasons().len().min(REASONS) as u16,
        (None, None) => u16::from(standing_reason(model).is_some()),
    }
}

/// Why the keys are off, where no other row of the screen says it already.
pub fn standing_reason(model: &Model) -> Option<String> {
    let listed = model.dead_letters.feed.data().is_some_and(|list| !list.jobs.is_empty());
    why_off(model).filter(|_| listed && model.connection == Connection::Live)
}
