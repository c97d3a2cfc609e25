//! The open conversation.

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

use super::list::LOW_CONFIDENCE;
use crate::app::Model;
use crate::app::choice::Choice;
use crate::app::layout::{GUTTER, ReviewLayout, below};
use crate::app::review::document::Row;
use crate::app::review::pane::Asked;
use crate::app::review::{Body, Change, Pane, Question, Stage, Standing};
use crate::domain::{Direction, Message};
use crate::ui::choice;
use crate::ui::paint::{Painter, Part};
use crate::ui::theme::Tone;
use crate::ui::when;

/// From this width on a row has room for more than its facts.
const ROOMY: u16 = 76;

/// Draws the conversation, its head and its banner.
pub fn draw(model: &Model, pane: &Pane, now: DateTime<Utc>, paint: &mut Painter, layout: &ReviewLayout) {
    let inside = layout.inside_pane();
    let document = layout.document(pane.banner_rows());
    let window = pane.window(model.size);
    let unseen = pane.document.len() - window.end;
    if layout.wide {
        let title = [(pane.job.job_id.to_string(), Tone::Strong)];
        paint.boxed(layout.pane, &title, &[(pane.conversation.customer_ref.clone(), Tone::Plain)]);
    }
    if model.is_blank(now) {
        let words = " Nobody touched a key for a while. Any key shows the conversation.";
        paint.text(inside, words, Tone::Dim);
        return;
    }
    let row = |y: u16| Rect { y, height: 1, ..inside };
    job_line(pane, layout.wide, now, paint, row(inside.y));
    findings(pane, paint, row(inside.y + 1));
    if let Some(change) = &pane.change {
        banner(change, paint, row(inside.y + 2), row(inside.y + 3));
    }
    conversation_rule(pane, paint, row(document.y - 1));
    for (area, row) in document.rows().zip(pane.document.rows(window)) {
        document_row(model, pane, row, now, paint, area);
    }
    // In boxes this is the lower edge.
    let foot = Rect { y: document.bottom(), height: 1, ..inside };
    let more = match unseen {
        0 => Vec::new(),
        1 => vec![("1 more line, Space reads on".to_owned(), Tone::Strong)],
        lines => vec![(format!("{lines} more lines, Space reads on"), Tone::Strong)],
    };
    paint.rule(foot, &more, &[]);
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

fn job_line(pane: &Pane, is_named: bool, now: DateTime<Utc>, paint: &mut Painter, area: Rect) {
    let (job, codes) = (&pane.job, &pane.job.codes);
    let mut left: Vec<Part> = vec![(" ".to_owned(), Tone::Plain)];
    if !is_named {
        left.push((format!("{} ", job.job_id), Tone::Strong));
    }
    let words = [Some(job.channel_kind.as_str()), codes.language.as_deref(), codes.intent_code.as_deref()];
    left.push((words.into_iter().flatten().collect::<Vec<_>>().join(" "), Tone::Plain));
    if let Some(confidence) = codes.confidence {
        let low = confidence < LOW_CONFIDENCE;
        let word = if low { " LOW" } else { "" };
        let tone = if low { Tone::Warning } else { Tone::Dim };
        left.push((format!(" conf {confidence:.2}{word}"), tone));
    }
    let revision = revision(pane);
    if revision > 1 {
        left.push((format!(" rev {revision}"), Tone::Plain));
    }
    if let Some(last) = pane.conversation.rejections.last() {
        left.push((format!(" ({}: {})", last.decided_by, last.reason), Tone::Warning));
    }
    for (is_set, word) in [(job.second_look, " 2nd look"), (job.held, " HELD")] {
        if is_set {
            left.push((word.to_owned(), Tone::Warning));
        }
    }
    let late = job.deadline_at.is_some_and(|deadline| deadline <= now);
    let due = (format!("due {}", when::due(job.deadline_at, now)), if late { Tone::Alarm } else { Tone::Plain });
    let whose = format!(" · {} ", whose(pane));
    paint.spread(area, &left, &[due, (whose, Tone::Plain)]);
}

/// Whose job it is now, as far as it is known.
fn whose(pane: &Pane) -> String {
    match (&pane.standing, &pane.change) {
        (Standing::Held { by, .. }, _) => format!("{by} reads it"),
        (Standing::Ended(_), _) | (_, Some(Change::Ended(_))) => "over".to_owned(),
        (Standing::Free, Some(Change::LeaseLost { by: Some(by) })) => format!("{by} has it"),
        (Standing::Free, Some(Change::LeaseLost { by: None })) => "not yours".to_owned(),
        (Standing::Free, _) if pane.pin().is_some() => "yours".to_owned(),
        (Standing::Free, _) => "not yours".to_owned(),
    }
}

/// How many drafts stand in the chain that this one revises, itself included.
fn revision(pane: &Pane) -> usize {
    let messages = &pane.conversation.messages;
    let mut at = pane.conversation.draft();
    let mut count = 0;
    while let Some(draft) = at
        && count <= messages.len()
    {
        count += 1;
        at = draft.revises.and_then(|id| messages.iter().find(|message| message.message_id == id));
    }
    count
}

fn findings(pane: &Pane, paint: &mut Painter, area: Rect) {
    let findings = pane.document.findings(&pane.conversation);
    let closed = pane.conversation.messages.iter().any(|message| matches!(message.body, Body::Closed { .. }));
    let left = if closed {
        (" !! not all of it opens, so nothing is decided here".to_owned(), Tone::Alarm)
    } else if findings.is_empty() {
        (" nothing hidden, no deceptive link".to_owned(), Tone::Dim)
    } else {
        (format!(" ! {findings}"), Tone::Warning)
    };
    let (read, all) = pane.document.progress(&pane.conversation);
    let tone = if read < all { Tone::Strong } else { Tone::Dim };
    paint.spread(area, &[left], &[(format!("read {read} of {all} "), tone)]);
}

fn banner(change: &Change, paint: &mut Painter, first: Rect, second: Rect) {
    let advice = match change {
        Change::ConversationMoved | Change::DraftChanged => {
            "A and R are off until you press v and look. Your place is kept."
        }
        Change::LeaseLost { .. } => "Nothing is decided here. v tries to take it again, h goes back to the list.",
        Change::Ended(_) => "Nothing is left to decide. h goes back to the list, n opens the next job.",
        Change::Away => "A and R are off until you press v: it is fetched afresh. Your place is kept.",
    };
    paint.spread(first, &[(format!(" !! {}", change.headline()), Tone::Alarm)], &[]);
    paint.spread(second, &[(format!("    {advice}"), Tone::Warning)], &[]);
}

fn conversation_rule(pane: &Pane, paint: &mut Painter, area: Rect) {
    let document = &pane.document;
    let count = document.messages();
    let messages = if count == 1 { "1 message".to_owned() } else { format!("{count} messages") };
    let unanswered = document.unanswered(&pane.conversation);
    let left = format!("{} · {messages} · {unanswered} unanswered", pane.conversation.customer_ref);
    let right = match (document.older(), document.is_unfolded()) {
        (0, _) => Vec::new(),
        (older, false) => vec![(format!("f unfold {older} older"), Tone::Dim)],
        (older, true) => vec![(format!("f fold {older} older"), Tone::Dim)],
    };
    paint.rule(area, &[(left, Tone::Plain)], &right);
}

fn document_row(model: &Model, pane: &Pane, row: Row, now: DateTime<Utc>, paint: &mut Painter, area: Rect) {
    let messages = &pane.conversation.messages;
    let words_area = Rect { x: area.x + GUTTER, width: area.width.saturating_sub(GUTTER), ..area };
    match row {
        Row::Head { message } => message_head(pane, &messages[message], now, paint, area),
        Row::Attachment { message, attachment } => {
            let attachment = &messages[message].attachments[attachment];
            let words = format!("attachment: {}, {} bytes, not shown here", attachment.media_type, attachment.bytes);
            paint.text(words_area, words, Tone::Dim);
        }
        Row::NoBody { .. } => {
            paint.text(words_area, "the text that left is not kept here", Tone::Dim);
        }
        Row::Text { message, row } => {
            let line = pane.document.line(message, row);
            if line.has_hidden() {
                paint.text(Rect { x: area.x + 1, width: 1, ..area }, "!", Tone::Warning);
            }
            paint.text(Rect { x: area.x + 2, width: 1, ..area }, "▌", Tone::Gutter);
            paint.line(words_area, &line, Tone::Plain);
        }
        Row::Unread { message, row } => {
            let tone = if messages[message].body == Body::Erased { Tone::Dim } else { Tone::Alarm };
            if tone == Tone::Alarm {
                paint.text(Rect { x: area.x + 1, width: 2, ..area }, "!!", tone);
            }
            paint.line(words_area, &pane.document.line(message, row), tone);
        }
        Row::DraftHead => draft_head(model, pane, paint, area),
        Row::DraftEnd => paint.rule(area, &[("end of draft".to_owned(), Tone::Dim)], &[]),
    }
}

fn message_head(pane: &Pane, message: &Message<Body>, now: DateTime<Utc>, paint: &mut Painter, area: Rect) {
    let author = match message.direction {
        Direction::Inbound => "customer",
        Direction::Draft => "draft",
        Direction::Outbound => "we answered",
    };
    let ago = when::ago(message.at, now);
    let left = format!(" {} {author} · {} · {ago}", message.seq, when::stamp(message.at));
    let newest = pane.conversation.messages.iter().rev().find(|other| other.direction == Direction::Inbound);
    let right = match newest {
        Some(newest) if newest.message_id == message.message_id => {
            let words = if area.width < ROOMY { "newest " } else { "newest: the one you answer " };
            vec![(words.to_owned(), Tone::Dim)]
        }
        _ => Vec::new(),
    };
    paint.spread(area, &[(left, Tone::Strong)], &right);
}

fn draft_head(model: &Model, pane: &Pane, paint: &mut Painter, area: Rect) {
    let conversation = &pane.conversation;
    let author = conversation.draft().map(|draft| draft.author_ref.as_str()).unwrap_or_default();
    let digest = conversation.pin.as_ref().map(|pin| format!(" · {}", pin.short_digest())).unwrap_or_default();
    let left = [
        ("DRAFT ".to_owned(), Tone::Strong),
        (format!("leaves by {} to {}", conversation.channel_kind, conversation.customer_ref), Tone::Plain),
        (format!("{digest} · {author}"), Tone::Plain),
    ];
    let right = match pane.document.draft_rows(pane.window(model.size)) {
        Some((visible, total)) if visible.is_empty() => vec![(format!("{total} lines"), Tone::Plain)],
        Some((visible, total)) => {
            vec![(format!("{}-{} of {total}", visible.start, visible.end - 1), Tone::Plain)]
        }
        None => Vec::new(),
    };
    paint.rule(area, &left, &right);
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
