//! One row of the conversation.

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

use super::pane::about;
use crate::app::Model;
use crate::app::layout::GUTTER;
use crate::app::review::document::Row;
use crate::app::review::{Body, Pane};
use crate::domain::{Direction, Message};
use crate::text::{FactKind, Remark, SafeLine};
use crate::ui::paint::{Painter, Part};
use crate::ui::theme::Tone;
use crate::ui::when;

/// From this width on a row has room for more than its facts.
const ROOMY: u16 = 76;

/// Draws a row.
pub fn draw(model: &Model, pane: &Pane, row: Row, now: DateTime<Utc>, paint: &mut Painter, area: Rect) {
    let messages = &pane.conversation.messages;
    let words_area = Rect { x: area.x + GUTTER, width: area.width.saturating_sub(GUTTER), ..area };
    match row {
        Row::Head { message } => message_head(pane, &messages[message], now, paint, area),
        Row::Attachment { message, attachment } => {
            let number = attachment + 1;
            let attachment = &messages[message].attachments[attachment];
            let what = format!("attachment {number}: {} {}, not shown here", attachment.media_type, attachment.size());
            let how = if area.width < ROOMY { "" } else { " (i, then y copies its id)" };
            paint.text(words_area, format!("{what}{how}"), Tone::Dim);
        }
        Row::NoBody { .. } => {
            paint.text(words_area, "the text that left is not kept here", Tone::Dim);
        }
        Row::Text { message, row } => text(pane, message, row, paint, area, words_area),
        Row::Unread { message, row } => {
            let tone = if messages[message].body == Body::Erased { Tone::Dim } else { Tone::Alarm };
            if tone == Tone::Alarm {
                paint.text(Rect { x: area.x + 1, width: 2, ..area }, "!!", tone);
            }
            paint.line(words_area, &pane.document.line(message, row), tone);
        }
        Row::Host { message, link } => host(pane, message, link, paint, words_area),
        Row::Rejection { at } => {
            let rejection = &pane.conversation.rejections[at];
            let ago = when::counted_ago(rejection.decided_at, now);
            let words = format!(" rejected before by {} · {} · {ago}", rejection.decided_by, rejection.reason);
            paint.text(area, words, Tone::Warning);
        }
        Row::Note { rejection, row } => {
            paint.text(Rect { x: area.x + 2, width: 1, ..area }, "▌", Tone::Gutter);
            paint.line(words_area, pane.document.note(rejection, row), Tone::Plain);
        }
        Row::DraftHead => draft_head(model, pane, paint, area),
        Row::DraftEnd => paint.rule(area, &[("end of draft".to_owned(), Tone::Dim)], &legend(pane)),
    }
}

/// What the marks beside the text mean, where there are any.
pub fn legend(pane: &Pane) -> Vec<Part> {
    let is_fact = pane.tour.facts() > 0;
    let is_other = pane.tour.facts() < pane.tour.len();
    let words = match (is_fact, is_other) {
        (false, false) => return Vec::new(),
        (true, false) => "? fact not in thread (w)",
        (false, true) => "! look (w)",
        (true, true) => "? fact not in thread   ! look (w)",
    };
    vec![(words.to_owned(), Tone::Dim)]
}

/// Untrusted text: the gutter says so on every row, and what is to be looked at is marked before it.
fn text(pane: &Pane, message: usize, row: usize, paint: &mut Painter, area: Rect, words_area: Rect) {
    let line = pane.document.line(message, row);
    let here = pane.document.code_points(message, row);
    paint.text(Rect { x: area.x + 2, width: 1, ..area }, "▌", Tone::Gutter);
    paint.line(words_area, &line, Tone::Plain);
    let tint = |at: &std::ops::Range<usize>, tone: Tone, paint: &mut Painter| {
        let within = at.start.max(here.start)..at.end.min(here.end);
        let is_here = within.start < within.end;
        if is_here {
            let cells = line.columns(within.start - here.start..within.end - here.start);
            let (from, width) = (cells.start as u16, cells.len() as u16);
            paint.tint(Rect { x: words_area.x + from, width, ..words_area }.intersection(words_area), tone);
        }
        is_here
    };
    let (mut is_fact, mut is_other) = (false, line.has_hidden());
    let looked_at = pane.tour.here().map(|(number, _)| number - 1);
    for (at, stop) in pane.tour.around(message, &here) {
        let is_looked_at = looked_at == Some(at);
        let tone = if is_looked_at { Tone::Chosen } else { Tone::Marked };
        if tint(&stop.mark.at, tone, paint) {
            is_fact |= stop.mark.remark.is_fact();
            is_other |= !stop.mark.remark.is_fact();
            if is_looked_at {
                paint.text(Rect { width: 1, ..area }, ">", Tone::Strong);
            }
        }
    }
    let sign = match (is_other, is_fact) {
        (true, _) => "!",
        (false, true) => "?",
        (false, false) => " ",
    };
    paint.text(Rect { x: area.x + 1, width: 1, ..area }, sign, Tone::Warning);
    if let Some(search) = &pane.search {
        for (at, found) in search.matches.iter().enumerate().filter(|(_, found)| found.message == message) {
            tint(&found.at, if at == search.here { Tone::Chosen } else { Tone::Marked }, paint);
        }
    }
}

/// Where the link above leads, whatever it looks like.
fn host(pane: &Pane, message: usize, link: usize, paint: &mut Painter, area: Rect) {
    let Some(body) = pane.conversation.messages[message].body.text() else { return };
    let Some(link) = body.survey().and_then(|survey| survey.links.get(link)) else { return };
    let is_foreign = body.marks().iter().any(|mark| {
        mark.remark == Remark::NotInThread(FactKind::Link) && mark.at.start < link.at.end && link.at.start < mark.at.end
    });
    let mut words = SafeLine::label("real host: ").then(&link.real_host);
    if let Some(looks_like) = &link.looks_like {
        words = words.then(&SafeLine::label(", not ")).then(looks_like);
    } else if let Some(why) = link.deception {
        words = words.then(&SafeLine::label(format!(": {why}")));
    }
    if is_foreign {
        words = words.then(&SafeLine::label("; link not in the thread"));
    }
    let tone = if link.is_deceptive() || is_foreign { Tone::Warning } else { Tone::Dim };
    paint.line(Rect { x: area.x + 2, width: area.width.saturating_sub(2), ..area }, &words, tone);
}

/// Who wrote it, and when.
pub fn head(message: &Message<Body>, now: DateTime<Utc>) -> String {
    let author = match message.direction {
        Direction::Inbound => "customer",
        Direction::Draft => "draft",
        Direction::Outbound => "we answered",
    };
    format!(" {} {author} · {} · {}", message.seq, when::stamp(message.at), when::counted_ago(message.at, now))
}

fn message_head(pane: &Pane, message: &Message<Body>, now: DateTime<Utc>, paint: &mut Painter, area: Rect) {
    let left = [(head(message, now), Tone::Strong)];
    if pane.is_new(message) {
        paint.fill(area, '─');
        let used = paint.parts(area, &left);
        paint.text(Rect { x: area.x + used, width: 1, ..area }, " ", Tone::Plain);
        paint.spread(Rect { width: area.width.saturating_sub(2), ..area }, &left, &[(" NEW ".to_owned(), Tone::Alarm)]);
        return;
    }
    let is_newest = pane.newest().is_some_and(|newest| newest.message_id == message.message_id);
    let words = if area.width < ROOMY { "newest " } else { "newest: the one you answer " };
    let right: Vec<Part> = is_newest.then(|| (words.to_owned(), Tone::Dim)).into_iter().collect();
    paint.spread(area, &left, &right);
}

fn draft_head(model: &Model, pane: &Pane, paint: &mut Painter, area: Rect) {
    let conversation = &pane.conversation;
    let author = conversation.draft().map(|draft| draft.author_ref.as_str()).unwrap_or_default();
    let digest = conversation.pin.as_ref().map(|pin| format!(" · {}", pin.short_digest())).unwrap_or_default();
    let left = [
        ("DRAFT ".to_owned(), Tone::Strong),
        (format!("leaves by {} to {}", conversation.channel_kind, conversation.customer_ref), Tone::Plain),
        (format!(" · {author}{digest}"), Tone::Plain),
    ];
    let right = match pane.document.draft_rows(pane.window(model.size)) {
        Some((visible, total)) if visible.is_empty() => vec![(format!("{}{total} lines", about(pane)), Tone::Plain)],
        Some((visible, total)) if visible.len() == total => vec![(format!("{total} of {total}"), Tone::Plain)],
        Some((visible, total)) => {
            vec![(format!("{}-{} of {}{total}", visible.start, visible.end - 1, about(pane)), Tone::Plain)]
        }
        None => Vec::new(),
    };
    paint.rule(area, &left, &right);
}
