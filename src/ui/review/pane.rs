//! The open conversation: its frame, its rows, what is said beneath them, and what lies over them.

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

use super::{head, message, sheet};
use crate::app::Model;
use crate::app::choice::Choice;
use crate::app::layout::{ReviewLayout, below};
use crate::app::review::pane::Asked;
use crate::app::review::{Pane, Question, Stage, lookup_link};
use crate::ui::choice;
use crate::ui::paint::{Painter, Part};
use crate::ui::theme::Tone;
use crate::ui::when;

/// Draws the conversation, its head and its banner.
pub fn draw(model: &Model, pane: &Pane, now: DateTime<Utc>, paint: &mut Painter, layout: &ReviewLayout) {
    let inside = layout.inside_pane();
    let document = layout.document(pane.banner_rows(layout));
    if layout.wide {
        head::frame(pane, paint, layout.pane);
    }
    if model.is_blank(now) {
        let words = " Nobody touched a key for a while. Any key shows the conversation.";
        paint.text(inside, words, Tone::Dim);
        return;
    }
    head::draw(pane, now, paint, layout);
    if let Some(sheet) = &pane.sheet {
        sheet::draw(pane, sheet, paint, Rect { y: document.y - 1, height: 1, ..inside }, document);
        return;
    }
    let window = pane.window(model.size);
    let below = pane.document.len() - window.end;
    let mut rows = document.rows();
    for (row, area) in pane.document.rows(window).into_iter().zip(&mut rows) {
        message::draw(model, pane, row, now, paint, area);
    }
    // In boxes this is the lower edge.
    let foot = Rect { y: document.bottom(), height: 1, ..inside };
    let more = match below {
        0 => Vec::new(),
        1 => vec![("1 more line, Space reads on".to_owned(), Tone::Strong)],
        lines => vec![(format!("{}{lines} more lines, Space reads on", about(pane)), Tone::Strong)],
    };
    paint.rule(foot, &more, &if below > 0 { message::legend(pane) } else { Vec::new() });
    for (words, area) in afterword(model, pane, layout.wide, usize::from(inside.width)).iter().zip(rows) {
        paint.parts(area, words);
    }
    if let Question::Reason { verb, choice } = &pane.question {
        reasons(pane, *verb, choice, paint, document);
    }
}

/// Draws the place where a conversation would be.
pub fn draw_empty(model: &Model, paint: &mut Painter, layout: &ReviewLayout) {
    paint.boxed(layout.pane, &[], &[]);
    let inside = layout.inside_pane();
    let words = match &model.review.stage {
        Stage::Opening { job_id: Some(job_id) } => format!("opening {job_id}"),
        Stage::Opening { job_id: None } => "opening the next job".to_owned(),
        _ if model.review.waiting.is_empty() => String::new(),
        _ => "Enter opens this job, n the next one for you.".to_owned(),
    };
    paint.text(Rect { x: inside.x + 1, width: inside.width.saturating_sub(1), ..inside }, words, Tone::Dim);
}

/// What is said beneath the draft, where there is room for it.
fn afterword(model: &Model, pane: &Pane, wide: bool, width: usize) -> Vec<Vec<Part>> {
    let dim = |words: String| vec![(format!(" {words}"), Tone::Dim)];
    let mut lines = Vec::new();
    let facts = pane.tour.stops().iter().filter(|stop| stop.mark.remark.is_fact());
    let mut words: Vec<String> = Vec::new();
    for fact in facts.take(12) {
        let shown = fact.words.to_string();
        if !words.contains(&shown) {
            words.push(shown);
        }
    }
    if !words.is_empty() {
        let verb = if words.len() == 1 { "appears" } else { "appear" };
        let told = format!(" ? {} {verb} nowhere in the conversation", words.join(" · "));
        let fits = told.chars().count() < width;
        let told = if fits { told } else { format!(" ? nowhere in the conversation: {}", words.join(" · ")) };
        lines.push(vec![(told, Tone::Warning)]);
    }
    if let Some(link) = lookup_link(model, pane) {
        lines.push(dim(format!("look up: {link}   (l copies the link)")));
    }
    if wide && pane.is_mine() {
        lines.push(dim("lease yours, kept while you read, goes back after 5 m without a key".to_owned()));
        lines.push(dim(on_screen(model, pane)));
    }
    lines
}

/// For how long it was read, and whether anybody keeps that.
pub fn on_screen(model: &Model, pane: &Pane) -> String {
    let kept = if model.session.keeps_reading { " (stored with the decision)" } else { "" };
    format!("on screen {}{kept}", when::to_the_second(pane.on_screen()))
}

/// Rows of long messages are counted while one reads.
pub(super) fn about(pane: &Pane) -> &'static str {
    if pane.document.is_exact() { "" } else { "about " }
}

/// The reasons lie over the end of the document; what they cover does not count as read.
fn reasons(pane: &Pane, verb: Asked, choice: &Choice, paint: &mut Painter, document: Rect) {
    let verb = match verb {
        Asked::Reject => "REJECT",
        Asked::Escalate => "ESCALATE",
        Asked::Skip => "SKIP",
    };
    let rows = u16::try_from(choice.codes().len()).unwrap_or(u16::MAX).saturating_add(1).min(document.height);
    let area = Rect { y: document.bottom() - rows, height: rows, ..document };
    paint.clear(area);
    let title = [(format!("{verb} {}: why?", pane.job.job_id), Tone::Strong)];
    paint.rule(Rect { height: 1, ..area }, &title, &[]);
    choice::draw(choice, paint, below(area, 1));
}
