//! The way of changed cells to the terminal: one write for a frame that changes something, none for one that does not.
//!
//! The library hides the cursor and resets the colours with every frame, changed or not. A terminal at the other end of a
//! telephone line is woken for nothing by that, and so is whoever watches whether it is used.

use std::io::{self, BufWriter, Write};

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

/// Larger than most frames, so that a terminal seldom shows half of one.
const FRAME: usize = 64 * 1024;

/// What frames are drawn on.
pub struct Canvas<W: Write> {
    terminal: CrosstermBackend<BufWriter<W>>,
    /// Whether the cursor was hidden, and not shown since.
    is_cursor_hidden: bool,
}

impl<W: Write> Canvas<W> {
    pub fn new(out: W) -> Canvas<W> {
        let out = BufWriter::with_capacity(FRAME, out);
        Canvas { terminal: CrosstermBackend::new(out), is_cursor_hidden: false }
    }
}

impl<W: Write> Backend for Canvas<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, changed: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut changed = changed.peekable();
        if changed.peek().is_some() { self.terminal.draw(changed) } else { Ok(()) }
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if !self.is_cursor_hidden {
            self.terminal.hide_cursor()?;
            self.is_cursor_hidden = true;
        }
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.is_cursor_hidden = false;
        self.terminal.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        self.terminal.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.terminal.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.terminal.clear()
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        self.terminal.clear_region(region)
    }

    fn size(&self) -> io::Result<Size> {
        self.terminal.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.terminal.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.terminal)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use ratatui::layout::Rect;
    use ratatui::{Terminal, TerminalOptions, Viewport};

    use super::*;

    /// What was written, and in how many goes.
    #[derive(Clone, Default)]
    struct Wire(Rc<RefCell<Vec<Vec<u8>>>>);

    impl Write for Wire {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().push(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn drawing() -> (Wire, impl FnMut(&str) -> Vec<String>) {
        let wire = Wire::default();
        let options = TerminalOptions { viewport: Viewport::Fixed(Rect::new(0, 0, 200, 60)) };
        let mut terminal = Terminal::with_options(Canvas::new(wire.clone()), options).unwrap();
        let written = wire.0.clone();
        let draw = move |words: &str| {
            terminal
                .draw(|frame| {
                    for y in 0..frame.area().height {
                        frame.buffer_mut().set_string(
                            0,
                            y,
                            "what stands there all the time",
                            ratatui::style::Style::new(),
                        );
                    }
                    frame.buffer_mut().set_string(40, 7, words, ratatui::style::Style::new());
                })
                .unwrap();
            written.borrow_mut().drain(..).map(|bytes| String::from_utf8(bytes).unwrap()).collect()
        };
        (wire, draw)
    }

    #[test]
    fn a_frame_that_changes_nothing_is_not_written() {
        let (_, mut draw) = drawing();
        assert!(!draw("408 wait").is_empty());
        for _ in 0..3 {
            assert_eq!(draw("408 wait"), Vec::<String>::new());
        }
    }

    #[test]
    fn of_a_frame_that_changes_something_only_that_is_written_and_at_once() {
        let (_, mut draw) = drawing();
        draw("408 wait");
        let written = draw("409 wait");
        assert_eq!(written.len(), 1, "{written:?}");
        // The place of the last digit, and the digit; then the colours are what they were.
        assert!(written[0].starts_with("\x1b[8;43H9\x1b["), "{written:?}");
        assert!(!written[0].contains("wait"), "{written:?}");
    }

    #[test]
    fn the_first_frame_is_written_in_one_go() {
        let (_, mut draw) = drawing();
        let written: Vec<String> = draw("408 wait").into_iter().filter(|bytes| bytes.contains("wait")).collect();
        assert_eq!(written.len(), 1);
    }
}
