//! The lesson of a practice set, over the screen on which the decision was made.

use ratatui::layout::Rect;

use super::paint::Painter;
use super::theme::Tone;
use crate::app::layout::inside;
use crate::app::lesson::{Score, Told};
use crate::text::SafeLine;

/// Wide enough for a sentence, narrow enough to be read in one glance.
const WIDEST: u16 = 76;

/// Draws the lesson in the middle of the area: what was decided, what is right and why, and how it goes so far.
pub fn draw(told: &Told, score: &Score, paint: &mut Painter, area: Rect) {
    let width = area.width.min(WIDEST);
    let room = usize::from(width.saturating_sub(4).max(1));
    let tone = if told.is_right() { Tone::Strong } else { Tone::Warning };
    let so_far = format!("{} of {} as a careful reviewer", score.right(), score.decided());
    let mut rows: Vec<(SafeLine, Tone)> = Vec::new();
    for (words, tone) in [(told.verdict(), tone), (told.lesson.teaches.clone(), Tone::Plain), (so_far, Tone::Dim)] {
        if !rows.is_empty() {
            rows.push((SafeLine::label(""), Tone::Plain));
        }
        rows.extend(SafeLine::label(words).wrap(room).into_iter().map(|line| (line, tone)));
    }
    let height = u16::try_from(rows.len()).unwrap_or(u16::MAX).saturating_add(2).min(area.height);
    let (x, y) = (area.x + (area.width - width) / 2, area.y + (area.height - height) / 2);
    let frame = Rect { x, y, width, height };
    paint.clear(frame);
    paint.boxed(frame, &[("Practice".to_owned(), Tone::Strong)], &[("Enter goes on".to_owned(), Tone::Dim)]);
    for (row, (line, tone)) in inside(frame, true).rows().zip(&rows) {
        paint.line(Rect { x: row.x + 1, width: row.width.saturating_sub(1), ..row }, line, *tone);
    }
}
