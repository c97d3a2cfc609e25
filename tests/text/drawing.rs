//! Safe lines between borders, drawn by ratatui.

use countersign::text::SafeLine;
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{List, Paragraph, Widget};

use super::hostile::hostile_text;
use super::terminal;

proptest! {
    #[test]
    fn borders_stay_where_they_are(text in hostile_text(), width in 2usize..120) {
        for row in SafeLine::label(&text).wrap(width) {
            let columns = u16::try_from(width).unwrap();
            let mut buffer = Buffer::empty(Rect::new(0, 0, columns + 2, 1));
            buffer.set_string(0, 0, "|", Style::new());
            buffer.set_string(columns + 1, 0, "|", Style::new());
            let end = buffer.set_line(1, 0, &spans(&row), columns).0;
            prop_assert_eq!(usize::from(end), 1 + row.width());
            prop_assert_eq!(buffer[(0, 0)].symbol(), "|");
            prop_assert_eq!(buffer[(columns + 1, 0)].symbol(), "|");
            prop_assert_eq!(symbols(&buffer, 1, columns, 0), row.pad(width).to_string());
        }
    }

    #[test]
    fn a_terminal_gets_nothing_but_words_places_and_colours(text in hostile_text(), width in 1usize..=300) {
        let rows = SafeLine::label(&text).wrap(width);
        terminal::borders_stay(&rows[..rows.len().min(60)], u16::try_from(width).unwrap());
    }

    #[test]
    fn paragraphs_and_lists_draw_every_cell_of_a_row(text in hostile_text(), width in 2usize..60) {
        let rows = SafeLine::label(&text).wrap(width);
        let columns = u16::try_from(width).unwrap();
        let area = Rect::new(0, 0, columns, u16::try_from(rows.len()).unwrap());
        let lines: Vec<Line> = rows.iter().map(spans).collect();
        let mut paragraph = Buffer::empty(area);
        Paragraph::new(lines.clone()).render(area, &mut paragraph);
        let mut list = Buffer::empty(area);
        Widget::render(List::new(lines), area, &mut list);
        for (y, row) in (0..).zip(rows) {
            let expected = row.pad(width).to_string();
            prop_assert_eq!(symbols(&paragraph, 0, columns, y), expected.clone());
            prop_assert_eq!(symbols(&list, 0, columns, y), expected);
        }
    }
}

fn spans(line: &SafeLine) -> Line<'_> {
    line.runs().iter().map(|run| Span::raw(run.text())).collect()
}

/// What the cells of a row show, from `x` on. The cell behind a wide one shows nothing of its own.
fn symbols(buffer: &Buffer, x: u16, columns: u16, y: u16) -> String {
    use ratatui::buffer::CellWidth;
    let mut shown = String::new();
    let mut column = x;
    while column < x + columns {
        let cell = &buffer[(column, y)];
        shown.push_str(cell.symbol());
        column += cell.symbol().cell_width().max(1);
    }
    shown
}
