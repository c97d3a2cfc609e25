//! What changed in the draft since an earlier one, as lines: those that went, those that came, those that stayed.

use std::ops::Range;

use ratatui::layout::Size;
use uuid::Uuid;

use super::{Body, Pane};
use crate::app::layout;
use crate::domain::{Direction, Message};
use crate::text::{OpenedText, SafeLine, SafeText, diff};

/// The comparison of two drafts.
#[derive(Debug)]
pub struct Changes {
    /// Which two, for the title.
    pub title: String,
    pub rows: Vec<ChangedRow>,
}

/// One row of it.
#[derive(Debug, Clone)]
pub struct ChangedRow {
    pub side: Side,
    pub line: SafeLine,
    /// The cells of the words that went or came.
    pub cells: Vec<Range<usize>>,
}

/// Where a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Both,
    Earlier,
    Later,
}

/// Beyond so many code points of both drafts together nothing is compared on the screen.
const READABLE: usize = 400_000;

/// The draft with which the present one is to be compared: the one that was on the screen before, else the one it revises, else
/// the one before it that never left.
pub fn earlier(pane: &Pane) -> Option<&Message<Body>> {
    let conversation = &pane.conversation;
    let draft = conversation.draft()?;
    let by_id = |id: Uuid| conversation.messages.iter().find(|message| message.message_id == id);
    let read = pane.read_before().filter(|id| *id != draft.message_id).and_then(by_id);
    read.or_else(|| draft.revises.and_then(by_id)).or_else(|| {
        let before = |message: &&Message<Body>| message.seq < draft.seq;
        let latest = conversation.messages.iter().filter(before).rev();
        latest
            .take_while(|message| message.direction != Direction::Outbound)
            .find(|message| message.direction == Direction::Draft)
    })
}

/// What changed; none where there is no earlier draft.
pub fn of(pane: &Pane, size: Size) -> Option<Changes> {
    let width = layout::review(size)?.text_width();
    let (before, after) = (earlier(pane)?, pane.conversation.draft()?);
    let is_read = pane.read_before() == Some(before.message_id);
    let which = if is_read { "the one you read" } else { "the one before" };
    let title = format!("changed since {which}: {} > {}", before.author_ref, after.author_ref);
    let rows = match (before.body.text(), after.body.text()) {
        (Some(before), Some(after)) if before.code_points() + after.code_points() <= READABLE => {
            compare(before, after, width)
        }
        _ => Vec::new(),
    };
    Some(Changes { title, rows })
}

/// A logical line of one side.
struct Line {
    safe: SafeLine,
    at: Range<usize>,
    changed: Vec<Range<usize>>,
}

fn compare(before: &OpenedText, after: &OpenedText, width: usize) -> Vec<ChangedRow> {
    let changes = before.with_words(|earlier| after.with_words(|later| diff::changes(earlier, later)));
    let removed: Vec<Range<usize>> = changes.iter().map(|change| change.removed.clone()).collect();
    let inserted: Vec<Range<usize>> = changes.into_iter().map(|change| change.inserted).collect();
    let (earlier, later) = (
        lines(&before.with_words(SafeText::from_untrusted), &removed),
        lines(&after.with_words(SafeText::from_untrusted), &inserted),
    );
    let mut rows = Vec::new();
    let mut gone = &earlier[..];
    let mut came: Vec<&Line> = Vec::new();
    for line in &later {
        let is_it = |other: &Line| other.changed.is_empty() && other.safe.runs() == line.safe.runs();
        match gone.iter().position(is_it).filter(|_| line.changed.is_empty()) {
            Some(stayed) => {
                // What went stands before what came in its place.
                gone[..stayed].iter().for_each(|line| push(&mut rows, Side::Earlier, line, width));
                came.drain(..).for_each(|line| push(&mut rows, Side::Later, line, width));
                push(&mut rows, Side::Both, line, width);
                gone = &gone[stayed + 1..];
            }
            None => came.push(line),
        }
    }
    gone.iter().for_each(|line| push(&mut rows, Side::Earlier, line, width));
    came.into_iter().for_each(|line| push(&mut rows, Side::Later, line, width));
    rows
}

/// The lines of a text, each with what of it changed. A place where something was only taken out or put in belongs to the line
/// that it stands inside of; at the beginning of a line it may be a whole line that went or came.
fn lines(text: &SafeText, changed: &[Range<usize>]) -> Vec<Line> {
    let mut from = 0;
    let mut lines: Vec<Line> = Vec::new();
    for safe in text.lines() {
        let at = from..from + safe.code_points();
        from = at.end;
        lines.push(Line { safe: safe.clone(), at, changed: Vec::new() });
    }
    for range in changed {
        let first = lines.partition_point(|line| line.at.end <= range.start).min(lines.len().saturating_sub(1));
        for line in lines[first..].iter_mut().take_while(|line| line.at.start < range.end.max(range.start)) {
            line.changed.push(range.start.max(line.at.start)..range.end.min(line.at.end));
        }
    }
    lines
}

fn push(rows: &mut Vec<ChangedRow>, side: Side, line: &Line, width: usize) {
    let mut from = line.at.start;
    for row in line.safe.wrap(width) {
        let at = from..from + row.code_points();
        from = at.end;
        let inside = |range: &Range<usize>| {
            let within = range.start.max(at.start)..range.end.min(at.end);
            (side != Side::Both && within.start < within.end)
                .then(|| row.columns(within.start - at.start..within.end - at.start))
        };
        let cells = line.changed.iter().filter_map(inside).filter(|cells| !cells.is_empty()).collect();
        rows.push(ChangedRow { side, line: row, cells });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each row with its sign, the words that changed in brackets.
    fn compared(before: &str, after: &str, width: usize) -> Vec<String> {
        let text = |words| OpenedText::from_untrusted(words);
        let told = |row: &ChangedRow| {
            let sign = match row.side {
                Side::Both => ' ',
                Side::Earlier => '-',
                Side::Later => '+',
            };
            let mut words = String::from(sign);
            for (cell, letter) in row.line.to_string().chars().enumerate() {
                words.extend(row.cells.iter().any(|cells| cells.start == cell).then_some('['));
                words.push(letter);
                words.extend(row.cells.iter().any(|cells| cells.end == cell + 1).then_some(']'));
            }
            words
        };
        compare(&text(before), &text(after), width).iter().map(told).collect()
    }

    #[test]
    fn what_went_stands_before_what_came() {
        assert_eq!(
            compared("Hello,\nit comes on Monday.\nBye", "Hello,\nit comes on Friday.\nBye", 40),
            [" Hello,", "-it comes on [Monday].", "+it comes on [Friday].", " Bye"]
        );
        assert_eq!(compared("a\nb\nc", "a\nc", 40), [" a", "-[b]", " c"]);
        assert_eq!(compared("a\nc", "a\nb\nc", 40), [" a", "+[b]", " c"]);
        assert_eq!(compared("same", "same", 40), [" same"]);
    }

    #[test]
    fn both_texts_can_be_read_out_of_it_whatever_changed() {
        let texts = ["", "a", "a b\nc", "a\n\nb c\nd", "d\nb\na", "x y z\nq", "a b c\nd", "\n\n", "a\nb\nc\nd\ne"];
        for before in texts {
            for after in texts {
                let rows = compare(&OpenedText::from_untrusted(before), &OpenedText::from_untrusted(after), 40);
                let side = |left_out: Side| {
                    let kept = rows.iter().filter(|row| row.side != left_out);
                    kept.map(|row| row.line.to_string()).collect::<Vec<_>>()
                };
                let whole = |text: &str| {
                    let safe = SafeText::from_untrusted(text);
                    safe.lines().iter().map(ToString::to_string).collect::<Vec<_>>()
                };
                assert_eq!(side(Side::Later), whole(before), "{before:?} {after:?}");
                assert_eq!(side(Side::Earlier), whole(after), "{before:?} {after:?}");
            }
        }
    }

    #[test]
    fn the_words_are_marked_on_each_row_of_a_wrapped_line() {
        assert_eq!(
            compared("one two three", "one 222 333 three", 7),
            ["-one [two]", "-three", "+one [222]", "+[333] ", "+three"]
        );
    }
}
