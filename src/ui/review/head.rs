//! What stands above the conversation: the job, what is to be looked at, and what happened meanwhile.

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

use super::list::LOW_CONFIDENCE;
use super::message;
use crate::app::layout::{GUTTER, ReviewLayout};
use crate::app::review::{Body, Change, Fetch, Pane, Standing};
use crate::ui::paint::{Painter, Part};
use crate::ui::theme::Tone;
use crate::ui::when;

/// Draws the job's line, the findings and the banner into the first rows of the pane.
pub fn draw(pane: &Pane, now: DateTime<Utc>, paint: &mut Painter, layout: &ReviewLayout) {
    let inside = layout.inside_pane();
    let row = |y: u16| Rect { y: inside.y + y, height: 1, ..inside };
    job_line(pane, layout.wide, now, paint, row(0));
    findings(pane, paint, row(1));
    let banner = pane.banner_rows(layout);
    if let Some(change) = pane.change.as_ref().filter(|_| banner > 0) {
        let rows: Vec<Rect> = (2..2 + banner).map(row).collect();
        self::banner(pane, change, now, paint, &rows, layout.wide);
    }
    conversation_rule(pane, layout.wide, paint, row(2 + banner));
}

/// The box around the pane, with the job and whose it is in its upper edge.
pub fn frame(pane: &Pane, paint: &mut Painter, area: Rect) {
    let title = [(pane.job.job_id.to_string(), Tone::Strong)];
    let right = format!("{} · {}", pane.conversation.customer_ref, messages(pane));
    paint.boxed(area, &title, &[(right, Tone::Plain)]);
}

fn messages(pane: &Pane) -> String {
    match pane.document.messages() {
        1 => "1 message".to_owned(),
        count => format!("{count} messages"),
    }
}

fn job_line(pane: &Pane, wide: bool, now: DateTime<Utc>, paint: &mut Painter, area: Rect) {
    let (job, codes) = (&pane.job, &pane.job.codes);
    let gap = if wide { " · " } else { " " };
    let mut left: Vec<Part> = vec![(" ".to_owned(), Tone::Plain)];
    if !wide {
        left.push((format!("{} ", job.job_id), Tone::Strong));
    }
    left.push((job.channel_kind.clone(), Tone::Plain));
    if let Some(languages) = pane.languages.clone().or_else(|| codes.language.clone()) {
        let tone = if languages.ends_with('!') { Tone::Warning } else { Tone::Plain };
        left.extend([(gap.to_owned(), Tone::Plain), (languages, tone)]);
    }
    if let Some(intent) = &codes.intent_code {
        left.push((format!("{gap}{intent}"), Tone::Plain));
    }
    if let Some(confidence) = codes.confidence.filter(|confidence| *confidence < LOW_CONFIDENCE) {
        let word = if wide { "" } else { "conf " };
        left.push((format!("{gap}{word}{confidence:.2} LOW"), Tone::Warning));
    }
    let revision = revision(pane);
    if revision > 1 {
        left.push((format!("{gap}rev {revision}"), Tone::Plain));
    }
    if let Some(last) = pane.conversation.rejections.last() {
        let verb = if wide { " rejected" } else { "" };
        left.push((format!(" ({}{verb}: {})", last.decided_by, last.reason), Tone::Warning));
    }
    for (is_set, word) in [(job.second_look, "2nd look"), (job.held, "HELD")] {
        if is_set {
            left.push((format!("{gap}{word}"), Tone::Warning));
        }
    }
    let late = job.deadline_at.is_some_and(|deadline| deadline <= now);
    let due = (format!("due {}", when::due(job.deadline_at, now)), if late { Tone::Alarm } else { Tone::Plain });
    let whose = match whose(pane) {
        // Beside the list, that stands there already.
        whose if wide && whose == YOURS => " ".to_owned(),
        whose => format!(" · {whose} "),
    };
    paint.spread(area, &left, &[due, (whose, Tone::Plain)]);
}

/// Whose job it is now, as far as it is known.
fn whose(pane: &Pane) -> String {
    match (&pane.standing, &pane.change) {
        (Standing::Held { by, .. }, _) => format!("{by} reads it"),
        (Standing::Ended(_), _) | (_, Some(Change::Ended(_))) => "over".to_owned(),
        (Standing::Free, Some(Change::LeaseLost { by: Some(by) })) => format!("{by} has it"),
        (Standing::Free, Some(Change::LeaseLost { by: None })) => "not yours".to_owned(),
        (Standing::Free, _) if pane.is_mine() => YOURS.to_owned(),
        (Standing::Free, _) => "not yours".to_owned(),
    }
}

const YOURS: &str = "yours";

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

/// What is to be looked at in draft and unanswered messages, and how far one is with it.
fn findings(pane: &Pane, paint: &mut Painter, area: Rect) {
    let closed = pane.conversation.messages.iter().any(|message| matches!(message.body, Body::Closed { .. }));
    if closed {
        let words = " !! not all of it opens, so nothing is decided here".to_owned();
        paint.spread(area, &[(words, Tone::Alarm)], &[read(pane)]);
        return;
    }
    if !pane.document.is_looked_through(&pane.conversation) {
        let words = " still looking through the text".to_owned();
        paint.spread(area, &[(words, Tone::Warning)], &[read(pane)]);
        return;
    }
    let findings = pane.document.findings(&pane.conversation);
    let facts = match pane.tour.facts() {
        0 => None,
        1 => Some("1 fact not in thread".to_owned()),
        facts => Some(format!("{facts} facts not in thread")),
    };
    let found: Vec<String> =
        [(!findings.is_empty()).then(|| findings.to_string()), facts].into_iter().flatten().collect();
    if found.is_empty() {
        let words = " nothing hidden, no deceptive link, every fact in the thread".to_owned();
        paint.spread(area, &[(words, Tone::Dim)], &[read(pane)]);
        return;
    }
    let (marks, unseen) = (pane.tour.len(), pane.tour.unseen());
    let seen = if marks == 0 { String::new() } else { format!(" · seen {} of {marks}", marks - unseen) };
    let right = if unseen > 0 { ("w next ".to_owned(), Tone::Strong) } else { read(pane) };
    paint.spread(area, &[(format!(" ! {}{seen}", found.join(" · ")), Tone::Warning)], &[right]);
}

fn read(pane: &Pane) -> Part {
    let (read, all) = pane.document.progress(&pane.conversation);
    (format!("read {read} of {all} "), if read < all { Tone::Strong } else { Tone::Dim })
}

/// What happened since the person began to read. Where there is room for no list beside, the new message stands in the banner.
fn banner(pane: &Pane, change: &Change, now: DateTime<Utc>, paint: &mut Painter, rows: &[Rect], wide: bool) {
    let is_there = pane.news.fetch == Fetch::Done;
    let newest = pane.newest().filter(|_| is_there);
    match (change, newest) {
        (Change::ConversationMoved, Some(newest)) => {
            let ago = when::counted_ago(newest.at, now);
            if wide {
                let words = format!(" !! THE CUSTOMER WROTE AGAIN {ago}, after you began to read.");
                paint.spread(rows[0], &[(words, Tone::Alarm)], &[("v seen it ".to_owned(), Tone::Strong)]);
                let words = "    A and R are off until you press v. Draft and your place are kept.".to_owned();
                paint.spread(rows[1], &[(words, Tone::Warning)], &[]);
                return;
            }
            let words = format!(" !! CUSTOMER WROTE AGAIN {ago}. A and R are off; your place is kept.");
            paint.spread(rows[0], &[(words, Tone::Alarm)], &[("v show ".to_owned(), Tone::Strong)]);
            let switch = ("NEW  v seen, switch A and R on ".to_owned(), Tone::Strong);
            paint.spread(rows[1], &[(message::head(newest, now), Tone::Strong)], &[switch]);
            let at = pane.conversation.messages.iter().position(|message| message.message_id == newest.message_id);
            if let Some(at) = at {
                paint.text(Rect { x: rows[2].x + 2, width: 1, ..rows[2] }, "▌", Tone::Gutter);
                let words = Rect { x: rows[2].x + GUTTER, width: rows[2].width.saturating_sub(GUTTER), ..rows[2] };
                paint.line(words, &pane.document.line(at, 0), Tone::Plain);
            }
        }
        (Change::DraftChanged, _) if is_there => {
            let author = pane
                .conversation
                .draft()
                .map(|draft| format!(" {} by {}", when::counted_ago(draft.at, now), draft.author_ref));
            let words = format!(" !! THE DRAFT WAS REPLACED{}, while you read.", author.unwrap_or_default());
            paint.spread(rows[0], &[(words, Tone::Alarm)], &[("v seen it ".to_owned(), Tone::Strong)]);
            let words = "    A and R are off until you press v; d shows what changed. Your place is kept.".to_owned();
            paint.spread(rows[1], &[(words, Tone::Warning)], &[]);
        }
        _ => {
            paint.spread(rows[0], &[(format!(" !! {}", change.headline()), Tone::Alarm)], &[]);
            paint.spread(rows[1], &[(format!("    {}", advice(change)), Tone::Warning)], &[]);
        }
    }
}

fn advice(change: &Change) -> &'static str {
    match change {
        Change::ConversationMoved | Change::DraftChanged => {
            "A and R are off until you press v and look. Your place is kept."
        }
        Change::LeaseLost { .. } => "Nothing is decided here. v tries to take it again, h goes back to the list.",
        Change::Ended(_) => "Nothing is left to decide. h goes back to the list, n opens the next job.",
        Change::Away => "A and R are off until you press v: it is fetched afresh. Your place is kept.",
    }
}

fn conversation_rule(pane: &Pane, wide: bool, paint: &mut Painter, area: Rect) {
    let document = &pane.document;
    let unanswered = document.unanswered(&pane.conversation);
    let whose = if wide { "conversation" } else { pane.conversation.customer_ref.as_str() };
    let left = format!("{whose} · {} · {unanswered} unanswered", messages(pane));
    let right = match (document.older(), document.is_unfolded()) {
        (0, _) => Vec::new(),
        (older, false) => vec![(format!("f unfold {older} older"), Tone::Dim)],
        (older, true) => vec![(format!("f fold {older} older"), Tone::Dim)],
    };
    paint.rule(area, &[(left, Tone::Plain)], &right);
}
