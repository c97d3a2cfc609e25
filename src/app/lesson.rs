//! Lessons of a practice set: after each decision, what a careful reviewer does with the same draft, and why.

use std::collections::BTreeMap;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind};
use uuid::Uuid;

use super::effect::Effect;
use super::model::{Model, Overlay, Screen};
use super::review::{Verb, answers};
use crate::domain::JobId;
use crate::domain::lesson::Lesson;

/// A lesson after the decision, until the person goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub job_id: JobId,
    pub decided: Verb,
    pub lesson: Lesson,
}

impl Told {
    /// Whether the person decided as a careful reviewer does.
    pub fn is_right(&self) -> bool {
        self.decided == self.lesson.verb
    }

    /// What was decided, beside what is right.
    pub fn verdict(&self) -> String {
        let Told { job_id, decided, lesson } = self;
        let reason = lesson.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let right = lesson.verb.done();
        match self.is_right() {
            true => format!("{job_id} {right}{reason}. So would a careful reviewer."),
            false => format!("{job_id} {}. A careful reviewer would have {right} it{reason}.", decided.done()),
        }
    }
}

/// How far somebody got: the latest decision on each conversation, and whether it was right.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Score(BTreeMap<Uuid, bool>);

impl Score {
    pub fn right(&self) -> usize {
        self.0.values().filter(|right| **right).count()
    }

    pub fn decided(&self) -> usize {
        self.0.len()
    }
}

/// Tells the lesson of what was just decided, where there is one and the person sees it. Returns whether it does.
pub fn tell(model: &mut Model, conversation: Uuid, job_id: JobId, decided: Verb) -> bool {
    let Some(lesson) = model.settings.lessons.get(&conversation).cloned() else { return false };
    let told = Told { job_id, decided, lesson };
    model.review.score.0.insert(conversation, told.is_right());
    let is_seen = model.screen == Screen::Review && model.overlay == Overlay::None;
    if is_seen {
        model.overlay = Overlay::Lesson(Box::new(told));
    }
    is_seen
}

/// Goes on with the next job. Not on any key: one that is held, or typed ahead, would take the lesson away unread.
pub fn key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let goes_on = matches!(key.code, KeyCode::Enter | KeyCode::Char(' ')) && key.kind == KeyEventKind::Press;
    let Overlay::Lesson(told) = &model.overlay else { return Vec::new() };
    if !goes_on {
        return Vec::new();
    }
    let job_id = told.job_id;
    model.overlay = Overlay::None;
    answers::go_on(model, job_id)
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;
    use crate::app::msg::Msg;
    use crate::app::sample::{Sitting, short};
    use crate::domain::Outcome;

    const JOB: JobId = JobId(10431);

    /// A draft that should be rejected was decided on like this.
    fn decided(verb: Verb) -> Sitting {
        let mut sitting = Sitting::review(80, 24).open(short(10431, "Dear customer,\nit arrives tomorrow."));
        let conversation = sitting.model.review.pane().unwrap().conversation.conversation_id;
        let lesson =
            Lesson { verb: Verb::Reject, reason: Some("wrong_fact".to_owned()), teaches: "Nobody said so.".to_owned() };
        sitting.model.settings.lessons.insert(conversation, lesson);
        sitting.press("A");
        sitting.wait(Duration::seconds(1));
        sitting.press("y");
        sitting.asked();
        sitting.send(Msg::Decided { job_id: JOB, verb, result: Ok(Outcome::named("applied")), now: sitting.now });
        sitting
    }

    #[test]
    fn a_decision_is_followed_by_what_a_careful_reviewer_does() {
        let told = |sitting: &Sitting| match &sitting.model.overlay {
            Overlay::Lesson(told) => told.verdict(),
            other => panic!("{other:?}"),
        };
        let wrong = decided(Verb::Approve);
        assert_eq!(told(&wrong), "#10431 approved. A careful reviewer would have rejected it: wrong_fact.");
        assert_eq!((wrong.model.review.score.right(), wrong.model.review.score.decided()), (0, 1));
        let right = decided(Verb::Reject);
        assert_eq!(told(&right), "#10431 rejected: wrong_fact. So would a careful reviewer.");
        assert_eq!((right.model.review.score.right(), right.model.review.score.decided()), (1, 1));
    }

    #[test]
    fn the_next_job_opens_when_the_lesson_was_read_and_not_by_a_key_typed_ahead() {
        let mut sitting = decided(Verb::Approve);
        assert_eq!(sitting.asked(), []);
        sitting.press("yA");
        assert!(matches!(sitting.model.overlay, Overlay::Lesson(_)));
        sitting.press("\n");
        assert_eq!(sitting.model.overlay, Overlay::None);
        assert!(matches!(sitting.asked()[..], [Effect::OpenForReview { .. }]));
    }
}
