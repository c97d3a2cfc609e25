//! Where things are. Both the model (what was on the screen, how wide text is wrapped) and the drawing ask here.

use ratatui::layout::{Rect, Size};

use super::model::Screen;

/// From this width on, lists and panes stand side by side in boxes; below it rules part them.
pub const WIDE: u16 = 100;

/// Review needs room to show a message beside what is known of it.
pub const REVIEW_MIN: Size = Size { width: 60, height: 15 };

/// Below this no screen has room for a row with its facts.
pub const PLAIN_MIN: Size = Size { width: 40, height: 12 };

/// Whether the screen can be read in a terminal of this size. Where it cannot, nothing is done on it.
pub fn fits(screen: Screen, size: Size) -> bool {
    let least = least(screen);
    size.width >= least.width && size.height >= least.height
}

/// The smallest terminal in which the screen can be read.
pub fn least(screen: Screen) -> Size {
    if screen == Screen::Review { REVIEW_MIN } else { PLAIN_MIN }
}

/// Cells left of untrusted text: a mark, the gutter, and air.
pub const GUTTER: u16 = 4;

/// A line of text wider than this is hard to read.
const TEXT_MAX: u16 = 100;

/// The header's row.
pub fn header(size: Size) -> Rect {
    Rect::new(0, 0, size.width, size.height.min(1))
}

/// The footer's row.
pub fn footer(size: Size) -> Rect {
    Rect::new(0, size.height.saturating_sub(1), size.width, size.height.min(1))
}

/// The row above the footer: notices, the filter line, a question.
pub fn strip(size: Size) -> Rect {
    rows(size, size.height.saturating_sub(2), 1)
}

/// What a screen other than Review draws into: between the header and the strip.
pub fn body(size: Size) -> Rect {
    rows(size, 1, size.height.saturating_sub(3))
}

/// The parts of the Review screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReviewLayout {
    /// The list with its frame. Without a pane beside it, it has the width to itself.
    pub list: Rect,
    /// The pane with its frame; in boxes the frame is one cell on each side.
    pub pane: Rect,
    /// Side by side and in boxes, or one at a time with rules.
    pub wide: bool,
    /// Two rows above the footer: what can be undone, and why something is off; or the confirm line.
    pub strips: Rect,
}

/// None below [`REVIEW_MIN`].
pub fn review(size: Size) -> Option<ReviewLayout> {
    if !fits(Screen::Review, size) {
        return None;
    }
    let whole = rows(size, 1, size.height - 4);
    let strips = rows(size, size.height - 3, 2);
    let wide = size.width >= WIDE;
    if !wide {
        return Some(ReviewLayout { list: whole, pane: whole, wide, strips });
    }
    let list_width = (size.width / 3).clamp(38, 46);
    let list = Rect { width: list_width, ..whole };
    let pane = Rect { x: list_width, width: size.width - list_width, ..whole };
    Some(ReviewLayout { list, pane, wide, strips })
}

impl ReviewLayout {
    /// The pane without its box.
    pub fn inside_pane(&self) -> Rect {
        if self.wide { shrink(self.pane) } else { self.pane }
    }

    /// The list without its box.
    pub fn inside_list(&self) -> Rect {
        if self.wide { shrink(self.list) } else { self.list }
    }

    /// Where messages are shown: under the job's line, the findings and a banner of `banner` rows.
    pub fn document(&self, banner: u16) -> Rect {
        let inside = self.inside_pane();
        let above = (PANE_HEAD + banner).min(inside.height);
        let below = if self.wide { 0 } else { 1 };
        Rect { y: inside.y + above, height: inside.height.saturating_sub(above + below), ..inside }
    }

    /// Cells that a wrapped line of untrusted text may have.
    pub fn text_width(&self) -> usize {
        let inside = self.inside_pane();
        usize::from(inside.width.saturating_sub(GUTTER + 1).clamp(1, TEXT_MAX))
    }

    /// Parts the list between the jobs that wait and, below them, what I decided lately. Neither leaves rows free that the
    /// other could fill; where both could, what I decided gets a third at most.
    pub fn list_parts(&self, rows: ListRows) -> ListParts {
        let inside = self.inside_list();
        let room = below(inside, if self.wide { 1 } else { 2 });
        let share = MINE_ROWS.min(inside.height / 3);
        let free = usize::from(room.height).saturating_sub(rows.waiting.max(EMPTY_ROWS));
        let height = rows.mine.min(free.max(usize::from(share))) as u16;
        let waiting = Rect { height: room.height.saturating_sub(height), ..room };
        ListParts { waiting, mine: Rect { y: inside.bottom() - height, height, ..inside } }
    }
}

/// How many rows the parts of the list would fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListRows {
    pub waiting: usize,
    /// With a title, and a row for what was skipped.
    pub mine: usize,
}

/// Where the parts of the list stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListParts {
    pub waiting: Rect,
    pub mine: Rect,
}

/// The job's line, the findings, the rule above the conversation.
const PANE_HEAD: u16 = 3;

/// A title, the four latest, and how many were skipped.
const MINE_ROWS: u16 = 6;

/// What is said where nothing waits.
const EMPTY_ROWS: usize = 6;

/// A box takes one cell on each side.
pub fn shrink(area: Rect) -> Rect {
    area.inner(ratatui::layout::Margin::new(1, 1))
}

/// What a frame leaves: a box has one cell on each side, a rule one row above.
pub fn inside(area: Rect, boxed: bool) -> Rect {
    if boxed { shrink(area) } else { below(area, 1) }
}

/// The area without its first rows.
pub fn below(area: Rect, rows: u16) -> Rect {
    let rows = rows.min(area.height);
    Rect { y: area.y + rows, height: area.height - rows, ..area }
}

/// The first rows of the area.
pub fn first(area: Rect, rows: u16) -> Rect {
    Rect { height: rows.min(area.height), ..area }
}

fn rows(size: Size, y: u16, height: u16) -> Rect {
    Rect::new(0, y, size.width, height).intersection(Rect::new(0, 0, size.width, size.height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_lies_inside_the_terminal_and_none_over_another() {
        for (width, height) in [(60, 15), (80, 24), (99, 24), (100, 24), (120, 40), (200, 60), (400, 20)] {
            let size = Size { width, height };
            let whole = Rect::new(0, 0, width, height);
            let layout = review(size).unwrap();
            let pane = if layout.wide { layout.pane } else { Rect::default() };
            let parts = [header(size), layout.list, pane, layout.strips, footer(size)];
            for (at, part) in parts.iter().enumerate() {
                assert_eq!(part.intersection(whole), *part, "{size}");
                assert!(parts[..at].iter().all(|other| !other.intersects(*part)), "{size}: {part}");
            }
            let document = layout.document(2);
            assert!(document.height >= 5, "{size}: {document}");
            assert_eq!(document.intersection(layout.pane), document);
            assert!(layout.text_width() + usize::from(GUTTER) < usize::from(document.width), "{size}");
            for (waiting, mine) in [(0, 2), (0, 60), (60, 2), (60, 6), (60, 60)] {
                let parts = layout.list_parts(ListRows { waiting, mine });
                let area = parts.waiting.union(parts.mine);
                assert!(!parts.waiting.intersects(parts.mine), "{size}");
                assert_eq!(area.intersection(layout.inside_list()), area, "{size}");
                assert_eq!(area.area(), parts.waiting.area() + parts.mine.area(), "no row between them is lost");
            }
        }
    }

    #[test]
    fn a_part_of_the_list_takes_the_rows_that_the_other_does_not_fill() {
        let layout = review(Size { width: 80, height: 24 }).unwrap();
        let heights = |waiting, mine| {
            let parts = layout.list_parts(ListRows { waiting, mine });
            (parts.waiting.height, parts.mine.height)
        };
        assert_eq!(heights(60, 2), (16, 2), "what waits");
        assert_eq!(heights(60, 12), (12, 6), "both could");
        assert_eq!(heights(7, 12), (7, 11), "what I decided");
    }

    #[test]
    fn review_needs_sixty_by_fifteen() {
        assert_eq!(review(Size { width: 59, height: 15 }), None);
        assert_eq!(review(Size { width: 60, height: 14 }), None);
    }
}
