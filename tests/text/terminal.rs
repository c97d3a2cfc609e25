//! What reaches a terminal when rows, and whole screens, are drawn: bytes, read by a terminal's parser.

use std::io::{self, Write};
use std::num::NonZero;
use std::sync::{Arc, Mutex};

use countersign::text::SafeLine;
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};

/// The bytes that a terminal of this size gets when a frame is drawn.
pub fn bytes_of(columns: u16, rows: u16, draw: impl FnOnce(&mut Frame)) -> Vec<u8> {
    let wire = Wire::default();
    let viewport = Viewport::Fixed(Rect::new(0, 0, columns, rows));
    let options = TerminalOptions { viewport };
    let mut terminal = Terminal::with_options(CrosstermBackend::new(wire.clone()), options).unwrap();
    terminal.draw(draw).unwrap();
    drop(terminal);
    let mut bytes = wire.0.lock().unwrap();
    std::mem::take(&mut *bytes)
}

/// Panics where the bytes do anything but print, move the cursor, show or hide it, and choose colours and weights.
/// Returns what they print.
pub fn only_draws(bytes: &[u8]) -> String {
    let mut wire = Listener::default();
    vte::Parser::new().advance(&mut wire, bytes);
    assert!(wire.refused.is_empty(), "the terminal was told {:?}", wire.refused);
    wire.printed
}

/// A terminal that got these bytes.
pub fn shown(columns: u16, rows: u16, bytes: &[u8]) -> vt100::Parser {
    let at_least_one = |cells: u16| NonZero::new(cells).expect("a terminal has cells");
    let mut terminal = vt100::Parser::new(at_least_one(rows), at_least_one(columns), 0);
    // This parser takes the replacement character for an error of its own and draws nothing. It is one cell wide.
    terminal.process(String::from_utf8_lossy(bytes).replace('\u{FFFD}', "?").as_bytes());
    terminal
}

/// Draws rows between two borders, and panics where a terminal shows the borders elsewhere.
pub fn borders_stay(rows: &[SafeLine], width: u16) {
    let height = u16::try_from(rows.len()).unwrap();
    let bytes = bytes_of(width + 2, height, |frame| {
        let buffer = frame.buffer_mut();
        for (y, row) in (0..).zip(rows) {
            buffer.set_string(0, y, "│", Style::new());
            draw(buffer, y, row);
            buffer.set_string(width + 1, y, "│", Style::new());
        }
    });
    only_draws(&bytes);
    let terminal = shown(width + 2, height, &bytes);
    for y in 0..height {
        for x in [0, width + 1] {
            let there = terminal.screen().cell(y, x).map(vt100::Cell::contents);
            assert_eq!(there, Some("│"), "column {x} of row {y}: {:?}", rows[usize::from(y)]);
        }
    }
}

fn draw(buffer: &mut Buffer, y: u16, row: &SafeLine) {
    let mut x = 1;
    for run in row.runs() {
        let style = Style::new().add_modifier(Modifier::BOLD);
        x = buffer.set_stringn(x, y, run.text(), run.width(), style).0;
    }
}

/// What a terminal is told.
#[derive(Default)]
struct Listener {
    printed: String,
    refused: Vec<String>,
}

impl vte::Perform for Listener {
    fn print(&mut self, c: char) {
        self.printed.push(c);
    }

    fn execute(&mut self, byte: u8) {
        self.refused.push(format!("control {byte:#04x}"));
    }

    fn hook(&mut self, _: &vte::Params, _: &[u8], _: bool, action: char) {
        self.refused.push(format!("device control {action:?}"));
    }

    fn osc_dispatch(&mut self, words: &[&[u8]], _: bool) {
        self.refused.push(format!("operating system command {words:?}"));
    }

    fn esc_dispatch(&mut self, intermediates: &[u8], _: bool, byte: u8) {
        self.refused.push(format!("escape {intermediates:?} {byte:#04x}"));
    }

    fn csi_dispatch(&mut self, params: &vte::Params, intermediates: &[u8], ignored: bool, action: char) {
        let numbers: Vec<u16> = params.iter().flatten().copied().collect();
        let is_ours = match (intermediates, action) {
            // Go to a place; colours and weights.
            ([], 'H' | 'm') => true,
            // The cursor is shown or hidden.
            ([b'?'], 'h' | 'l') => numbers == [25],
            _ => false,
        };
        if !is_ours || ignored {
            self.refused.push(format!("control sequence {intermediates:?} {numbers:?} {action:?}"));
        }
    }
}

/// Where the bytes go.
#[derive(Clone, Default)]
struct Wire(Arc<Mutex<Vec<u8>>>);

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
