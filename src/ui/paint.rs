//! Safe text into cells: the only file that touches the buffer.
//!
//! Whatever is drawn is a [`SafeLine`]. The program's own words become one here, through [`SafeLine::label`], so that
//! a channel or a login with a strange character in it is as visible as a message would be.

use std::fmt::Display;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::theme::{Theme, Tone};
use crate::app::layout::inside;
use crate::text::{MarkKind, RunKind, SafeLine};

/// A piece of a row: words and their tone.
pub type Part = (String, Tone);

/// Draws into one frame. What it draws is safe text; nothing else is taken:
///
/// ```compile_fail,E0308
/// use countersign::ui::paint::Painter;
/// use countersign::ui::theme::Tone;
///
/// fn draw(paint: &mut Painter, area: ratatui::layout::Rect) {
///     paint.line(area, "as it came", Tone::Plain);
/// }
/// ```
pub struct Painter<'frame> {
    buffer: &'frame mut Buffer,
    theme: Theme,
}

impl<'frame> Painter<'frame> {
    pub fn new(buffer: &'frame mut Buffer, theme: Theme) -> Self {
        Painter { buffer, theme }
    }

    /// Draws a screen that leaves so many rows free below its first one.
    pub fn lowered(&mut self, rows: u16, draw: impl FnOnce(&mut Painter)) {
        if rows == 0 {
            draw(self);
            return;
        }
        let height = self.buffer.area.height.saturating_sub(rows);
        let mut whole = Buffer::empty(Rect { height, ..self.buffer.area });
        draw(&mut Painter::new(&mut whole, self.theme));
        for place in whole.area.positions() {
            let y = if place.y == 0 { 0 } else { place.y + rows };
            self.buffer[(place.x, y)] = whole[place].clone();
        }
    }

    pub fn theme(&self) -> Theme {
        self.theme
    }

    /// Empties an area.
    pub fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for position in area.positions() {
            self.buffer[position].reset();
        }
    }

    /// Gives a whole area a tone without changing its words, as for the row under the cursor.
    pub fn tint(&mut self, area: Rect, tone: Tone) {
        let style = self.theme.style(tone);
        self.buffer.set_style(area.intersection(self.buffer.area), style);
    }

    /// Draws a line into the first row of the area, cut to its width. Returns the cells used.
    pub fn line(&mut self, area: Rect, line: &SafeLine, tone: Tone) -> u16 {
        let area = area.intersection(self.buffer.area);
        if area.is_empty() {
            return 0;
        }
        let fitted;
        let line = if line.width() > usize::from(area.width) {
            fitted = line.fit(usize::from(area.width));
            &fitted
        } else {
            line
        };
        let plain = self.theme.style(tone);
        let mut x = area.x;
        for run in line.runs() {
            x = match run.kind() {
                RunKind::Text => self.put(x, area, run.text(), plain),
                // Our own ellipsis, not something in the text: messages are wrapped, never cut.
                RunKind::Mark(MarkKind::Cut) => self.put(x, area, &self.theme.character('…').to_string(), plain),
                RunKind::Mark(_) => self.put(x, area, run.text(), self.theme.style(Tone::Mark)),
                RunKind::Tab => self.put(x, area, run.text(), self.theme.style(Tone::Dim)),
            };
        }
        x - area.x
    }

    /// Draws the program's own words into the first row of the area. Returns the cells used.
    pub fn text(&mut self, area: Rect, words: impl Display, tone: Tone) -> u16 {
        let line = self.label(words);
        self.line(area, &line, tone)
    }

    /// Draws parts one after the other. Returns the cells used.
    pub fn parts(&mut self, area: Rect, parts: &[Part]) -> u16 {
        let mut rest = area;
        for (words, tone) in parts {
            let used = self.text(rest, words, *tone);
            rest.x += used;
            rest.width -= used;
        }
        area.width - rest.width
    }

    /// Draws parts from the left and others against the right edge; the right ones have precedence.
    pub fn spread(&mut self, area: Rect, left: &[Part], right: &[Part]) {
        let wanted: usize = right.iter().map(|(words, _)| self.label(words).width()).sum();
        let wanted = u16::try_from(wanted).unwrap_or(u16::MAX).min(area.width);
        let gap = u16::from(wanted > 0);
        self.parts(Rect { width: area.width.saturating_sub(wanted + gap), ..area }, left);
        self.parts(Rect { x: area.right() - wanted, width: wanted, ..area }, right);
    }

    /// A rule over the row, with words near its left and right end.
    pub fn rule(&mut self, area: Rect, left: &[Part], right: &[Part]) {
        self.fill(area, '─');
        self.on_frame(Rect { x: area.x + 2, width: area.width.saturating_sub(4), ..area }, left, right);
    }

    /// A box around the area, with words in its upper edge.
    pub fn boxed(&mut self, area: Rect, left: &[Part], right: &[Part]) {
        if area.width < 2 || area.height < 2 {
            return;
        }
        let (last_x, last_y) = (area.right() - 1, area.bottom() - 1);
        self.fill(Rect { height: 1, ..area }, '─');
        self.fill(Rect { y: last_y, height: 1, ..area }, '─');
        self.fill(Rect { width: 1, ..area }, '│');
        self.fill(Rect { x: last_x, width: 1, ..area }, '│');
        for (x, y, corner) in
            [(area.x, area.y, '╭'), (last_x, area.y, '╮'), (area.x, last_y, '╰'), (last_x, last_y, '╯')]
        {
            self.fill(Rect::new(x, y, 1, 1), corner);
        }
        self.on_frame(Rect { x: area.x + 1, width: area.width - 2, height: 1, ..area }, left, right);
    }

    /// A frame with a title: a box, or a rule above. What it leaves is [`inside`].
    pub fn framed(&mut self, area: Rect, boxed: bool, left: &[Part], right: &[Part]) -> Rect {
        if boxed {
            self.boxed(area, left, right);
        } else {
            self.rule(Rect { height: area.height.min(1), ..area }, left, right);
        }
        inside(area, boxed)
    }

    fn on_frame(&mut self, edge: Rect, left: &[Part], right: &[Part]) {
        let padded = |parts: &[Part]| match parts {
            [] => Vec::new(),
            parts => {
                let air = || (" ".to_owned(), Tone::Plain);
                [vec![air()], parts.to_vec(), vec![air()]].concat()
            }
        };
        self.spread(edge, &padded(left), &padded(right));
    }

    /// Fills an area with one of our own characters.
    pub fn fill(&mut self, area: Rect, character: char) {
        let area = area.intersection(self.buffer.area);
        let style = self.theme.style(Tone::Dim);
        for position in area.positions() {
            self.buffer[position].set_char(self.theme.character(character)).set_style(style);
        }
    }

    /// How many cells the words take.
    pub fn width(&self, words: impl Display) -> usize {
        self.label(words).width()
    }

    fn label(&self, words: impl Display) -> SafeLine {
        if !self.theme.is_ascii() {
            return SafeLine::label(words);
        }
        let ours = |character| match character {
            '▌' | '│' | '─' | '·' | '…' | '→' | '▁'..='█' => self.theme.character(character),
            other => other,
        };
        SafeLine::label(words.to_string().chars().map(ours).collect::<String>())
    }

    fn put(&mut self, x: u16, area: Rect, text: &str, style: Style) -> u16 {
        let room = usize::from(area.right().saturating_sub(x));
        self.buffer.set_stringn(x, area.y, text, room, style).0
    }
}
