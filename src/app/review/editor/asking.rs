//! The question before a draft is edited: who could approve it then, and with which text one begins.

use ratatui::crossterm::event::{KeyCode, KeyEvent};

use super::{Editor, LONGEST, OUTSIDE_AT_MOST, Stage};
use crate::app::confirm;
use crate::app::effect::Effect;
use crate::app::keymap::Availability;
use crate::app::model::Model;
use crate::app::msg::Failure;
use crate::app::review::{Body, Pane, Question};
use crate::domain::{JobId, Message};
use crate::text::OpenedText;

/// Whether a draft can be edited now, and else what switches it on. What holds for rejecting it holds here too.
pub fn availability(model: &Model, rejecting: Availability) -> Availability {
    match (rejecting, model.review.pane().and_then(draft)) {
        (Availability::On, None) => Availability::Off("there is no draft that could be edited".to_owned()),
        (rejecting, _) => rejecting,
    }
}

/// Asks before the editor opens, because of what it leads to; meanwhile it is found out who could approve the edit.
pub fn ask(model: &mut Model) -> Vec<Effect> {
    let Some(pane) = model.review.pane_mut() else { return Vec::new() };
    pane.question = Question::Edit;
    vec![Effect::CountOthers { job_id: pane.job.job_id }]
}

/// How many others could approve.
pub fn counted(model: &mut Model, job_id: JobId, result: Result<u32, Failure>) {
    let pane = model.review.pane_mut().filter(|pane| pane.job.job_id == job_id);
    if let (Some(pane), Ok(count)) = (pane, result) {
        pane.others = Some(count);
    }
}

/// That it is not for this person to approve, and whether anybody is there who could.
pub fn someone_else(pane: &Pane) -> String {
    match pane.others {
        None => "someone else must approve; looking who is online".to_owned(),
        Some(0) => "someone else must approve; NOBODY else is online".to_owned(),
        Some(1) => "someone else must approve; 1 is online".to_owned(),
        Some(others) => format!("someone else must approve; {others} are online"),
    }
}

/// The latest text that this person wrote for the job and that took no draft's place, where it says something else than
/// the draft.
pub fn kept(pane: &Pane) -> Option<&Message<Body>> {
    let kept = pane.conversation.kept.last()?;
    let kept = pane.conversation.messages.iter().find(|message| message.message_id == *kept)?;
    let is_the_draft = kept.body.text()?.with_words(|kept| draft(pane)?.with_words(|draft| Some(draft == kept)));
    (is_the_draft != Some(true)).then_some(kept)
}

/// Passes a key to the question before the editor. It decides nothing, so Enter will do.
pub fn key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let Some(pane) = model.review.pane_mut() else { return Vec::new() };
    match key.code {
        KeyCode::Enter | KeyCode::Char('e') => return open(model, false),
        KeyCode::Char('k') if kept(pane).is_some() => return open(model, true),
        _ if confirm::leaves(key) => pane.question = Question::None,
        _ => {}
    }
    Vec::new()
}

/// Begins with the draft, or with the text that was kept.
fn open(model: &mut Model, with_kept: bool) -> Vec<Effect> {
    let (size, until, outside) = (model.size, model.now + OUTSIDE_AT_MOST, model.settings.external_editor);
    let Some(pane) = model.review.pane_mut() else { return Vec::new() };
    pane.question = Question::None;
    let Some((pin, text)) = pane.pin().cloned().zip(draft(pane)) else { return Vec::new() };
    let mut effects = Vec::new();
    match text.with_words(|words| Editor::open(pane, &pin, words)) {
        Some(mut editor) => {
            if let Some(kept) = kept(pane).filter(|_| with_kept).and_then(|message| message.body.text()) {
                kept.with_words(|words| editor.go_on_with(words));
            }
            editor.follow(size);
            if outside {
                editor.stage = Stage::Outside { until };
                effects.push(Effect::EditOutside { text: editor.buffer.words() });
            }
            model.review.editor = Some(Box::new(editor));
        }
        None => model
            .warn(format!("longer than {LONGEST} bytes is not edited here; see `countersign review revise --help`")),
    }
    effects
}

/// The draft's own words; none where they cannot be read.
fn draft(pane: &Pane) -> Option<&OpenedText> {
    pane.conversation.draft()?.body.text()
}
