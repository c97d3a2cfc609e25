//! What lies over the conversation: what is known of the job, or what changed in the draft.

use ratatui::layout::Rect;

use crate::app::layout::{GUTTER, below};
use crate::app::review::Pane;
use crate::app::review::changes::{ChangedRow, Side};
use crate::app::review::sheet::{Leaf, Sheet};
use crate::ui::paint::{Painter, Part};
use crate::ui::theme::Tone;

/// Cells for the names of facts.
const NAME: u16 = 15;

/// Draws the sheet into the conversation's rows; its title takes the place of the rule above them.
pub fn draw(pane: &Pane, sheet: &Sheet, paint: &mut Painter, rule: Rect, area: Rect) {
    paint.clear(rule);
    paint.clear(area);
    let (title, key) = match &sheet.leaf {
        Leaf::Info(_) => (format!("what is known of {}", pane.job.job_id), "i takes it away"),
        Leaf::Changes(changes) => (changes.title.clone(), "d takes it away"),
    };
    paint.rule(rule, &[(title, Tone::Strong)], &[(key.to_owned(), Tone::Dim)]);
    match &sheet.leaf {
        Leaf::Info(facts) => {
            for (row, (at, fact)) in area.rows().zip(facts.iter().enumerate().skip(sheet.top)) {
                paint.text(Rect { x: row.x + 1, width: NAME.min(row.width) - 1, ..row }, fact.name, Tone::Dim);
                let copied: Vec<Part> = (at == sheet.chosen && fact.id.is_some())
                    .then(|| (" y copies it ".to_owned(), Tone::Strong))
                    .into_iter()
                    .collect();
                let value = Rect { x: row.x + NAME, width: row.width.saturating_sub(NAME), ..row };
                paint.spread(value, &[(fact.value.clone(), Tone::Plain)], &copied);
                if at == sheet.chosen {
                    paint.tint(row, Tone::Chosen);
                }
            }
        }
        Leaf::Changes(changes) if changes.rows.is_empty() => {
            paint.text(
                Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area },
                "too long to be compared here",
                Tone::Dim,
            );
        }
        Leaf::Changes(changes) => {
            for (row, changed) in area.rows().zip(changes.rows.iter().skip(sheet.top)) {
                changed_row(changed, paint, row);
            }
        }
    }
    let left = sheet.len().saturating_sub(sheet.top + usize::from(area.height));
    if left > 0 {
        let words = if left == 1 { "1 more line".to_owned() } else { format!("{left} more lines") };
        paint.rule(
            Rect { height: 1, ..below(Rect { height: area.height + 1, ..area }, area.height) },
            &[(words, Tone::Strong)],
            &[],
        );
    }
}

/// The sign before the gutter says where the row stands; what a message says stands behind it.
fn changed_row(changed: &ChangedRow, paint: &mut Painter, row: Rect) {
    let (sign, tone) = match changed.side {
        Side::Both => (" ", Tone::Plain),
        Side::Earlier => ("-", Tone::Alarm),
        Side::Later => ("+", Tone::Good),
    };
    paint.text(Rect { x: row.x + 1, width: 1, ..row }, sign, tone);
    paint.text(Rect { x: row.x + 2, width: 1, ..row }, "▌", Tone::Gutter);
    let words = Rect { x: row.x + GUTTER, width: row.width.saturating_sub(GUTTER), ..row };
    paint.line(words, &changed.line, Tone::Plain);
    for cells in &changed.cells {
        let (from, width) = (cells.start as u16, cells.len() as u16);
        paint.tint(Rect { x: words.x + from, width, ..words }.intersection(words), Tone::Marked);
    }
}
