//! The draft that is being edited, and the questions around it. Its lines are drawn like any untrusted text: what hides in
//! them shows as marks, and the cursor stands on a mark as a whole.

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::confirm::Confirm;
use crate::app::layout::{GUTTER, ReviewLayout};
use crate::app::model::Overlay;
use crate::app::review::editor::{self, Shown, Stage};
use crate::app::review::{Change, Editor, Pane, Question, Standing};
use crate::text::SafeText;
use crate::ui::chrome;
use crate::ui::paint::{Painter, Part};
use crate::ui::theme::Tone;
use crate::ui::when;

/// Draws the editor in the pane's place.
pub fn draw(model: &Model, now: DateTime<Utc>, paint: &mut Painter, layout: &ReviewLayout) {
    let Some(editor) = &model.review.editor else { return };
    let inside = layout.inside_pane();
    let document = layout.document(editor::BANNER);
    if layout.wide {
        paint.boxed(layout.pane, &[(editor.job_id.to_string(), Tone::Strong)], &[]);
    }
    if model.is_blank(now) {
        let words = " Nobody touched a key for a while. Any key shows what you were writing; it is not lost.";
        paint.text(inside, words, Tone::Dim);
        return;
    }
    let row = |y: u16| Rect { y, height: 1, ..inside };
    head(model, editor, paint, row(inside.y));
    findings(editor, paint, row(inside.y + 1));
    news(model, editor, paint, row(inside.y + 2), row(inside.y + 3));
    let (line, column) = editor.position();
    let place = format!("line {line} of {}, character {column}", editor.lines());
    paint.rule(row(document.y - 1), &[("EDIT".to_owned(), Tone::Strong)], &[(place, Tone::Dim)]);
    for (area, shown) in document.rows().zip(editor.shown(model.size)) {
        text_row(paint, area, &shown);
    }
    paint.rule(Rect { y: document.bottom(), height: 1, ..inside }, &[], &[]);
}

fn head(model: &Model, editor: &Editor, paint: &mut Painter, area: Rect) {
    let to = match model.review.pane().filter(|pane| pane.job.job_id == editor.job_id) {
        Some(pane) => format!(" · {} to {}", pane.conversation.channel_kind, pane.conversation.customer_ref),
        None => String::new(),
    };
    let left = [(format!(" EDIT {}", editor.job_id), Tone::Strong), (to, Tone::Plain)];
    let right = if editor.is_changed() { ("changed, not saved ", Tone::Warning) } else { ("not changed ", Tone::Dim) };
    paint.spread(area, &left, &[(right.0.to_owned(), right.1)]);
}

fn findings(editor: &Editor, paint: &mut Painter, area: Rect) {
    let left = match editor.findings.is_empty() {
        true => (" nothing hidden, no deceptive link".to_owned(), Tone::Dim),
        false => (format!(" ! {}", editor.findings), Tone::Warning),
    };
    paint.spread(area, &[left], &[]);
}

/// What happened to the job since it was opened.
fn change<'a>(model: &'a Model, editor: &Editor) -> Option<&'a Change> {
    let pane = model.review.pane().filter(|pane| pane.job.job_id == editor.job_id)?;
    pane.change.as_ref()
}

/// What happened to the job, and what saving does then.
fn news(model: &Model, editor: &Editor, paint: &mut Painter, first: Rect, second: Rect) {
    let Some(change) = change(model, editor) else {
        let words = " Saved, it is a revision of yours, and somebody else decides on it.";
        paint.text(first, words, Tone::Dim);
        return;
    };
    paint.text(first, format!(" !! {}", change.headline()), Tone::Alarm);
    let advice = match change.ends_the_lease() {
        true => "    Go on writing: a save keeps the text beside the draft, and says where.",
        false => "    Go on writing. Where it cannot take the draft's place, the text is kept beside it.",
    };
    paint.text(second, advice, Tone::Warning);
}

fn text_row(paint: &mut Painter, area: Rect, shown: &Shown) {
    if shown.line.has_hidden() {
        paint.text(Rect { x: area.x + 1, width: 1, ..area }, "!", Tone::Warning);
    }
    paint.text(Rect { x: area.x + 2, width: 1, ..area }, "▌", Tone::Gutter);
    let words = Rect { x: area.x + GUTTER, width: area.width.saturating_sub(GUTTER), ..area };
    paint.line(words, &shown.line, Tone::Plain);
    let cells = |range: &std::ops::Range<usize>| {
        let from = u16::try_from(range.start).unwrap_or(u16::MAX).min(words.width.saturating_sub(1));
        let width = u16::try_from(range.len().max(1)).unwrap_or(1);
        Rect { x: words.x + from, width: width.min(words.width - from), ..words }
    };
    if let Some(selected) = &shown.selected {
        paint.tint(cells(selected), Tone::Chosen);
    }
    if let Some(cursor) = &shown.cursor {
        paint.tint(cells(cursor), Tone::Cursor);
    }
}

/// The two rows above the footer, where one of these questions is open or a text is being written.
pub fn strips(model: &Model, now: DateTime<Utc>) -> Option<[Vec<Part>; 2]> {
    if model.overlay != Overlay::None {
        return None;
    }
    if let Some(editor) = &model.review.editor {
        return Some(writing(model, editor, now));
    }
    let pane = model.review.pane()?;
    match &pane.question {
        Question::Edit => Some(before_the_editor(model, pane)),
        Question::Note { reason, line } => Some(note(model, pane, reason, line)),
        Question::Release { confirm } => Some(release(pane, confirm, now)),
        _ => None,
    }
}

fn writing(model: &Model, editor: &Editor, now: DateTime<Utc>) -> [Vec<Part>; 2] {
    let job = editor.job_id;
    match editor.stage {
        Stage::Writing | Stage::Outside { .. } => {
            let above = chrome::notice(model, now).unwrap_or_default();
            let usual =
                || vec![(" Esc: save, throw away or go on. Nothing is lost before you say so.".to_owned(), Tone::Dim)];
            [above, chrome::urgent(model, now).unwrap_or_else(usual)]
        }
        Stage::Leaving(leaving) => {
            let end = if leaving.then_quit { ", then the program ends" } else { "" };
            let is_lost = change(model, editor).is_some_and(Change::ends_the_lease);
            let saving = if is_lost { "keeps it beside the draft" } else { "gives the job to somebody else's look" };
            let above = vec![
                (format!(" EDIT {job} is not saved."), Tone::Strong),
                (format!(" Saving {saving}{end}."), Tone::Plain),
            ];
            let key = |key: &str, word: &str| [(format!(" {key}"), Tone::Strong), (format!(" {word}  "), Tone::Plain)];
            let keys = [("s", "save"), ("g", "go on writing"), ("T", "throw it away"), ("u", "undo"), ("r", "redo")];
            [above, keys.into_iter().flat_map(|(it, word)| key(it, word)).collect()]
        }
        Stage::Saving { .. } => {
            let in_doubt = model.review.in_flight.iter().any(|flight| flight.job_id == job && flight.in_doubt);
            let doing = if in_doubt { "checking whether it was saved" } else { "being saved" };
            let above = vec![(format!(" EDIT {job}: {doing}. The text stays here until that is known."), Tone::Strong)];
            [above, chrome::urgent(model, now).unwrap_or_default()]
        }
    }
}

fn before_the_editor(model: &Model, pane: &Pane) -> [Vec<Part>; 2] {
    let who = match model.session.editor_may_approve {
        true => "you may approve it yourself (editor_may_approve)".to_owned(),
        false => editor::asking::someone_else(pane),
    };
    let above = vec![(format!(" EDIT {}: ", pane.job.job_id), Tone::Strong), (who, Tone::Warning)];
    let mut below = vec![(" Enter".to_owned(), Tone::Strong), (" edit   ".to_owned(), Tone::Plain)];
    if let Some(kept) = editor::asking::kept(pane) {
        let from = format!(" go on with your text that was kept at {}   ", when::clock(kept.at));
        below.extend([("k".to_owned(), Tone::Strong), (from, Tone::Plain)]);
    }
    below.extend([("n".to_owned(), Tone::Strong), (" leave it".to_owned(), Tone::Plain)]);
    [above, below]
}

fn note(model: &Model, pane: &Pane, reason: &str, line: &editor::Buffer) -> [Vec<Part>; 2] {
    let above = vec![
        (format!(" REJECT {} · {reason}", pane.job.job_id), Tone::Strong),
        (" · a note for the next draft? Enter goes on".to_owned(), Tone::Plain),
    ];
    // The eye is at the cursor, so what does not fit is cut before it.
    let room = usize::from(model.size.width).saturating_sub(AROUND_THE_NOTE);
    let (_, at) = line.cursor();
    let text = line.words();
    let skip = at.saturating_sub(room);
    let piece = |from: usize, many: usize| {
        let piece: String = text.as_str().chars().skip(from).take(many).collect();
        SafeText::from_untrusted(&piece).lines()[0].to_string()
    };
    let cut = if skip > 0 { "…" } else { "" };
    let below = vec![
        (format!(" note {cut}{}", piece(skip, at - skip)), Tone::Strong),
        ("▌".to_owned(), Tone::Plain),
        (piece(at, room), Tone::Strong),
    ];
    [above, below]
}

/// ` note `, the mark of the cut, the cursor.
const AROUND_THE_NOTE: usize = 8;

fn release(pane: &Pane, confirm: &Confirm, now: DateTime<Utc>) -> [Vec<Part>; 2] {
    let holder = match (&pane.standing, pane.job.held_since) {
        (Standing::Held { by, .. }, Some(since)) => format!("{by} reads it since {}", when::short(now - since)),
        (Standing::Held { .. }, None) => pane.standing.to_string(),
        (Standing::Free | Standing::Ended(_), _) => "nobody reads it any more".to_owned(),
    };
    let above = vec![
        (format!(" FREE {}: {holder}; ", pane.job.job_id), Tone::Strong),
        ("releasing takes it from them".to_owned(), Tone::Warning),
    ];
    let rest = confirm.swallowed.map(chrome::swallowed);
    let below = [
        (" y".to_owned(), Tone::Strong),
        (" take it   ".to_owned(), Tone::Plain),
        ("n".to_owned(), Tone::Strong),
        (" leave it   ".to_owned(), Tone::Plain),
        rest.unwrap_or_else(|| ("any other key: nothing happens".to_owned(), Tone::Dim)),
    ];
    [above, below.into()]
}

#[cfg(test)]
mod tests {
    use chrono::Duration;
    use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    use crate::app::Msg;
    use crate::app::review::{Change, Standing};
    use crate::app::sample::{Sitting, morning, opened, pin, session, short, with_kept};
    use crate::domain::{JobId, Role};
    use crate::ui::review::tests::{snapshots, text};

    const JOB: JobId = JobId(10431);
    const DRAFT: &str = "Hello,\n\nthe replacement is free\u{200B} of charge. You can follow it at \
        https://track.acme.example.parcel-info.test/88231 from tomorrow on.\n\nKind regards";

    fn editing(width: u16, height: u16) -> Sitting {
        let mut sitting = Sitting::review(width, height).open(short(JOB.0, DRAFT));
        sitting.press("e");
        sitting.send(Msg::OthersCounted { job_id: JOB, result: Ok(2) });
        sitting.press("\n");
        sitting
    }

    #[test]
    fn review_edit_question() {
        snapshots("review_edit_question", |width, height| {
            let mut sitting = Sitting::review(width, height).open(short(JOB.0, DRAFT));
            sitting.press("e");
            sitting.send(Msg::OthersCounted { job_id: JOB, result: Ok(2) });
            sitting
        });
    }

    #[test]
    fn review_edit_kept() {
        snapshots("review_edit_kept", |width, height| {
            let mut sitting = Sitting::review(width, height).open(with_kept(short(JOB.0, DRAFT), "Hello,\n\nsorry."));
            sitting.press("e");
            sitting.send(Msg::OthersCounted { job_id: JOB, result: Ok(0) });
            sitting
        });
    }

    #[test]
    fn review_own_edit() {
        snapshots("review_own_edit", |width, height| {
            let mut own = short(JOB.0, DRAFT);
            own.conversation.needs_another = true;
            let mut sitting = Sitting::review(width, height).open(own);
            sitting.send(Msg::OthersCounted { job_id: JOB, result: Ok(2) });
            sitting.press("www");
            sitting
        });
    }

    #[test]
    fn review_editor() {
        snapshots("review_editor", |width, height| {
            let mut sitting = editing(width, height);
            sitting.press("Dear customer! ");
            for _ in 0..3 {
                sitting.key(KeyEvent::new(KeyCode::Left, KeyModifiers::SHIFT), 100);
            }
            sitting
        });
    }

    #[test]
    fn review_editor_leaving() {
        snapshots("review_editor_leaving", |width, height| {
            let mut sitting = editing(width, height);
            sitting.press("x");
            let change = Change::LeaseLost { by: Some("bo".to_owned()) };
            sitting.send(Msg::Changed { job_id: JOB, pin: pin(14), change, now: sitting.now });
            sitting.press("\u{1b}");
            sitting
        });
    }

    #[test]
    fn review_note() {
        snapshots("review_note", |width, height| {
            let mut sitting = Sitting::review(width, height).open(short(JOB.0, DRAFT));
            sitting.press("R1It left on Tuesday, not on Monday.");
            sitting
        });
    }

    #[test]
    fn review_force_release() {
        snapshots("review_force_release", |width, height| {
            let mut sitting = Sitting::review(width, height);
            let mut senior = session();
            senior.principal.roles.push(Role::SeniorReviewer);
            sitting.send(Msg::Connected(Box::new(senior), sitting.now));
            let mut held = opened(10436);
            held.conversation.pin = None;
            let until = morning() + Duration::minutes(3);
            held.standing = Standing::Held { by: "bo".to_owned(), until: Some(until) };
            let mut sitting = sitting.open(held);
            sitting.press("F");
            sitting
        });
    }

    #[test]
    fn no_character_of_a_text_under_the_cursor_is_drawn_raw() {
        let mut sitting = editing(80, 24);
        let hostile = "\u{1b}]52;c;x\u{7}\u{202E}\u{200D}\u{E0041}\u{9b}31m\u{FEFF}";
        sitting.send(Msg::Paste(hostile.to_owned(), sitting.now));
        let drawn = text(&sitting);
        assert!(hostile.chars().filter(|c| !c.is_ascii_graphic()).all(|c| !drawn.contains(c)), "{drawn}");
        assert!(drawn.contains("<ESC>]52;c;x<U+0007><U+202E>"), "{drawn}");
        sitting.press("\u{1b}T");
        sitting.press("R1");
        sitting.send(Msg::Paste(hostile.to_owned(), sitting.now));
        let drawn = text(&sitting);
        assert!(hostile.chars().filter(|c| !c.is_ascii_graphic()).all(|c| !drawn.contains(c)), "{drawn}");
    }
}
