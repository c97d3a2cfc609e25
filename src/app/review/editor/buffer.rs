//! The text that is being written: lines, cursor, selection, undo.
//!
//! All of that is `ratatui-textarea`'s, but for the drawing. As a widget it puts what it holds on the screen as it is,
//! control characters and all, and so does every other editor widget; so it is never rendered, and its lines are made
//! safe like any message. That has two consequences. It is told that every code point is one cell wide (a mask, which
//! changes nothing but its reckoning of columns), because it would else walk past what has no width: here a person has
//! to be able to reach and delete every code point. And what is up and down in wrapped rows is found out here.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui_textarea::{CursorMove, TextArea};
use zeroize::Zeroize;

use crate::app::review::words::Words;
use crate::text::{SafeLine, SafeText};

/// The most bytes that are edited here: a reply is a page or two. The cursor can be sent to every place in so many.
pub const LONGEST: usize = u16::MAX as usize;

/// So many steps can be undone.
const STEPS: usize = 5_000;

/// A text under a cursor. The last state of it is wiped from memory when dropped; what undo remembers is only freed.
#[derive(Clone)]
pub struct Buffer {
    area: TextArea<'static>,
    /// What ends a line of this text.
    line_break: &'static str,
    /// The most bytes that it may have.
    longest: usize,
}

/// A line, and a code point in it; both from zero.
pub type Position = (usize, usize);

/// A row of a line that is wrapped, and how many code points of the line stand before it.
struct Row {
    line: SafeLine,
    before: usize,
}

impl Buffer {
    /// None for a text that is longer than this many bytes, or than [`LONGEST`].
    pub fn of(text: &str, longest: usize) -> Option<Buffer> {
        let longest = longest.min(LONGEST);
        if text.len() > longest {
            return None;
        }
        // A text whose lines all end in CRLF keeps them; a lone CR anywhere else is a character, to be seen and deleted.
        let breaks = text.matches('\n').count();
        let windows = breaks > 0 && text.matches("\r\n").count() == breaks;
        let line_break = if windows { "\r\n" } else { "\n" };
        let mut area = TextArea::new(text.split(line_break).map(str::to_owned).collect());
        area.set_max_histories(STEPS);
        area.set_mask_char('x');
        Some(Buffer { area, line_break, longest })
    }

    /// What another editor left, however long it is: it must not be lost. Far behind [`LONGEST`] the cursor does not get.
    pub fn of_any_length(text: &str) -> Buffer {
        let mut buffer = Buffer::of("", LONGEST).expect("nothing is not too long");
        buffer.longest = usize::MAX;
        buffer.insert(text);
        buffer.area.move_cursor(CursorMove::Jump(0, 0));
        buffer.longest = LONGEST.max(text.len());
        buffer
    }

    /// The whole text.
    pub fn words(&self) -> Words {
        Words::new(self.area.lines().join(self.line_break))
    }

    /// Whether it reads like this text.
    pub fn is(&self, words: &Words) -> bool {
        self.words() == *words
    }

    /// How many lines there are; at least one.
    pub fn lines(&self) -> usize {
        self.area.lines().len()
    }

    /// One line, safe to be drawn, wrapped into rows.
    pub fn rows(&self, line: usize, width: usize) -> Vec<SafeLine> {
        self.safe(line).wrap(width)
    }

    /// What a reader has to know about the text as it is now.
    pub fn findings(&self) -> crate::text::Findings {
        SafeText::from_untrusted(self.words().as_str()).findings()
    }

    /// Where the cursor is.
    pub fn cursor(&self) -> Position {
        let cursor = self.area.cursor();
        (cursor.0, cursor.1)
    }

    /// What is selected; the end is not in it.
    pub fn selection(&self) -> Option<(Position, Position)> {
        self.area.selection_range().filter(|(from, to)| from != to)
    }

    /// The row of its line in which the cursor stands, and its cells there.
    pub fn place(&self, width: usize) -> (usize, std::ops::Range<usize>) {
        let (line, code_point) = self.cursor();
        let rows = self.numbered_rows(line, width);
        let row = rows.iter().rposition(|row| row.before <= code_point).unwrap_or(0);
        (row, rows[row].line.cells_of(code_point - rows[row].before))
    }

    /// Inserts a text as it is, but for its line breaks: a terminal that pastes sends them as CR. False when the whole
    /// would be too long; then nothing is inserted.
    pub fn insert(&mut self, text: &str) -> bool {
        if self.bytes() + text.len() > self.longest {
            return false;
        }
        let mut text = text.replace("\r\n", "\n").replace('\r', "\n");
        self.area.insert_str(&text);
        text.zeroize();
        true
    }

    /// Takes the last typed word, or the last other step, back.
    pub fn undo(&mut self) {
        self.retrace(TextArea::undo, TextArea::redo, -1);
    }

    /// Takes an undo back.
    pub fn redo(&mut self) {
        self.retrace(TextArea::redo, TextArea::undo, 1);
    }

    /// To the beginning of this word, or of the one before.
    pub fn word_back(&mut self) {
        self.area.move_cursor(CursorMove::WordBack);
    }

    /// To the beginning of the next word.
    pub fn word_on(&mut self) {
        self.area.move_cursor(CursorMove::WordForward);
    }

    /// Moves the cursor by so many rows of this width.
    pub fn step(&mut self, by: isize, width: usize) {
        let (mut row, cells) = self.place(width);
        let mut line = self.cursor().0;
        let mut rows = self.numbered_rows(line, width);
        for _ in 0..by.unsigned_abs() {
            match by < 0 {
                true if row > 0 => row -= 1,
                true if line > 0 => {
                    line -= 1;
                    rows = self.numbered_rows(line, width);
                    row = rows.len() - 1;
                }
                false if row + 1 < rows.len() => row += 1,
                false if line + 1 < self.lines() => {
                    line += 1;
                    rows = self.numbered_rows(line, width);
                    row = 0;
                }
                _ => break,
            }
        }
        let target = &rows[row];
        let within = target.line.code_point_at(cells.start);
        // Behind the last cell of a row that is not the last of its line, the next row begins.
        let is_last = row + 1 == rows.len();
        let most = target.line.code_points().saturating_sub(usize::from(!is_last));
        self.go(line, target.before + within.min(most));
    }

    /// Passes a key that edits or moves within the text. False: it is none. `width` is that of the rows.
    pub fn key(&mut self, key: KeyEvent, width: usize, page: usize) -> bool {
        use CursorMove::{Back, Bottom, End, Forward, Head, Top};
        let held = |modifier| key.modifiers.contains(modifier);
        let control = held(KeyModifiers::CONTROL);
        let by_word = control || held(KeyModifiers::ALT);
        let page = isize::try_from(page.max(1)).unwrap_or(1);
        let moves = matches!(
            key.code,
            KeyCode::Left
                | KeyCode::Right
                | KeyCode::Up
                | KeyCode::Down
                | KeyCode::Home
                | KeyCode::End
                | KeyCode::PageUp
                | KeyCode::PageDown
        );
        if moves {
            self.select_while(held(KeyModifiers::SHIFT));
        }
        match key.code {
            KeyCode::Char(letter) if !by_word => return self.insert(letter.encode_utf8(&mut [0; 4])),
            KeyCode::Enter => return self.insert("\n"),
            KeyCode::Backspace if by_word => self.change(TextArea::delete_word),
            KeyCode::Backspace => self.change(TextArea::delete_char),
            KeyCode::Delete if by_word => self.change(TextArea::delete_next_word),
            KeyCode::Delete => self.change(TextArea::delete_next_char),
            KeyCode::Left if by_word => self.word_back(),
            KeyCode::Right if by_word => self.word_on(),
            KeyCode::Left => self.area.move_cursor(Back),
            KeyCode::Right => self.area.move_cursor(Forward),
            KeyCode::Up => self.step(-1, width),
            KeyCode::Down => self.step(1, width),
            KeyCode::PageUp => self.step(-page, width),
            KeyCode::PageDown => self.step(page, width),
            KeyCode::Home if control => self.area.move_cursor(Top),
            KeyCode::End if control => self.area.move_cursor(Bottom),
            KeyCode::Home => self.area.move_cursor(Head),
            KeyCode::End => self.area.move_cursor(End),
            KeyCode::Char('u') if control => self.undo(),
            KeyCode::Char('r') if control => self.redo(),
            KeyCode::Char('a') if control => self.area.move_cursor(Head),
            KeyCode::Char('e') if control => self.area.move_cursor(End),
            KeyCode::Char('w') if control => self.change(TextArea::delete_word),
            KeyCode::Char('k') if control => self.change(TextArea::delete_line_by_end),
            KeyCode::Char('b') if by_word => self.word_back(),
            KeyCode::Char('f') if by_word => self.word_on(),
            _ => return false,
        }
        true
    }

    fn safe(&self, line: usize) -> SafeLine {
        let safe = SafeText::from_untrusted(&self.area.lines()[line]);
        safe.lines()[0].clone()
    }

    fn numbered_rows(&self, line: usize, width: usize) -> Vec<Row> {
        let mut before = 0;
        let rows = self.rows(line, width).into_iter().map(|line| {
            let row = Row { before, line };
            before += row.line.code_points();
            row
        });
        rows.collect()
    }

    fn bytes(&self) -> usize {
        self.area.lines().iter().map(|line| line.len() + self.line_break.len()).sum()
    }

    fn go(&mut self, line: usize, code_point: usize) {
        let within = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
        self.area.move_cursor(CursorMove::Jump(within(line), within(code_point)));
    }

    fn select_while(&mut self, shift: bool) {
        match (shift, self.area.is_selecting()) {
            (true, false) => self.area.start_selection(),
            (false, true) => self.area.cancel_selection(),
            _ => {}
        }
    }

    /// What is deleted is not kept for being put back: undo does that.
    fn change(&mut self, how: impl FnOnce(&mut TextArea<'static>) -> bool) {
        how(&mut self.area);
        self.area.set_yank_text("");
    }

    /// Goes a step along the history, and on as long as the steps are letters of one typed word.
    fn retrace(&mut self, step: Step, back: Step, by: isize) {
        let mut in_word = false;
        loop {
            let (before, bytes) = (self.cursor(), self.bytes());
            let taken = self.letter(before.0, before.1.checked_sub(1));
            if !step(&mut self.area) {
                return;
            }
            let after = self.cursor();
            let letter = if by < 0 { taken } else { self.letter(before.0, Some(before.1)) };
            let one_further = after.0 == before.0 && before.1.checked_add_signed(by) == Some(after.1);
            let grown = self.bytes().checked_add_signed(-by * letter.map_or(0, |letter| letter.len_utf8() as isize));
            let is_letter = one_further && grown == Some(bytes) && letter.is_some_and(|letter| !letter.is_whitespace());
            if in_word && !is_letter {
                back(&mut self.area);
                return;
            }
            if !is_letter {
                return;
            }
            in_word = true;
        }
    }

    fn letter(&self, line: usize, at: Option<usize>) -> Option<char> {
        self.area.lines()[line].chars().nth(at?)
    }
}

/// A step along the history; false where there is none.
type Step = fn(&mut TextArea<'static>) -> bool;

impl Drop for Buffer {
    fn drop(&mut self) {
        std::mem::take(&mut self.area).into_lines().zeroize();
    }
}

impl PartialEq for Buffer {
    fn eq(&self, other: &Buffer) -> bool {
        self.area.lines() == other.area.lines() && self.cursor() == other.cursor()
    }
}

impl Eq for Buffer {}

impl std::fmt::Debug for Buffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Buffer({} lines)", self.lines())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 12;

    fn buffer(text: &str) -> Buffer {
        Buffer::of(text, LONGEST).unwrap()
    }

    fn press(buffer: &mut Buffer, code: KeyCode, modifiers: KeyModifiers) {
        buffer.key(KeyEvent::new(code, modifiers), WIDTH, 5);
    }

    fn type_in(buffer: &mut Buffer, text: &str) {
        text.chars().for_each(|letter| press(buffer, KeyCode::Char(letter), KeyModifiers::NONE));
    }

    #[test]
    fn a_text_that_nobody_touched_is_the_same_text() {
        for text in ["", "a", "a\n", "\n\n", "a\r\nb\r\n", "a\r\nb\n", "a\rb", "\u{FEFF}a\tb\u{301}\u{202E}"] {
            assert_eq!(buffer(text).words().as_str(), text);
        }
        assert!(Buffer::of(&"x".repeat(LONGEST), LONGEST).is_some());
        assert!(Buffer::of(&"x".repeat(LONGEST + 1), usize::MAX).is_none());
    }

    #[test]
    fn lines_that_ended_in_crlf_still_do_after_an_edit() {
        let mut buffer = buffer("a\r\nb");
        press(&mut buffer, KeyCode::Enter, KeyModifiers::NONE);
        type_in(&mut buffer, "x");
        assert_eq!(buffer.words().as_str(), "\r\nxa\r\nb");
    }

    #[test]
    fn undo_takes_words_back_and_redo_brings_them_again() {
        let mut buffer = buffer("end");
        type_in(&mut buffer, "one two ");
        buffer.insert("three four ");
        let mut seen = vec![buffer.words().as_str().to_owned()];
        for _ in 0..6 {
            buffer.undo();
            seen.push(buffer.words().as_str().to_owned());
        }
        assert_eq!(seen[1..], ["one two end", "one twoend", "one end", "oneend", "end", "end"]);
        for expected in seen[..5].iter().rev() {
            buffer.redo();
            assert_eq!(buffer.words().as_str(), expected);
        }
    }

    #[test]
    fn what_is_selected_is_replaced() {
        let mut buffer = buffer("one two");
        press(&mut buffer, KeyCode::Right, KeyModifiers::SHIFT);
        press(&mut buffer, KeyCode::Right, KeyModifiers::SHIFT | KeyModifiers::CONTROL);
        assert_eq!(buffer.selection(), Some(((0, 0), (0, 4))));
        type_in(&mut buffer, "x");
        assert_eq!(buffer.words().as_str(), "xtwo");
        buffer.undo();
        buffer.undo();
        assert_eq!(buffer.words().as_str(), "one two");
    }

    #[test]
    fn up_and_down_go_by_the_rows_that_are_seen() {
        let mut buffer = buffer("one two three four\nend");
        // Rows: `one two `, `three four`, `end`.
        press(&mut buffer, KeyCode::Down, KeyModifiers::NONE);
        assert_eq!(buffer.cursor(), (0, 8));
        type_in(&mut buffer, "x");
        press(&mut buffer, KeyCode::Down, KeyModifiers::NONE);
        assert_eq!(buffer.cursor(), (1, 1));
        press(&mut buffer, KeyCode::Down, KeyModifiers::NONE);
        assert_eq!(buffer.cursor(), (1, 1), "there is no row below");
        press(&mut buffer, KeyCode::PageUp, KeyModifiers::NONE);
        assert_eq!(buffer.cursor(), (0, 1));
    }

    #[test]
    fn every_code_point_is_a_step_of_its_own() {
        let text = "a\u{200B}\u{202E}中e\u{301}\t\u{1b}";
        let mut buffer = buffer(text);
        for step in 1..=text.chars().count() {
            press(&mut buffer, KeyCode::Right, KeyModifiers::NONE);
            assert_eq!(buffer.cursor(), (0, step));
        }
        for left in (0..text.chars().count()).rev() {
            press(&mut buffer, KeyCode::Backspace, KeyModifiers::NONE);
            assert_eq!(buffer.words().as_str().chars().count(), left);
        }
    }

    #[test]
    fn the_cursor_is_in_the_row_where_its_code_point_is_drawn() {
        let text = "one two three 中文中文 four\u{200B}\u{200B}five sixseveneight";
        let mut buffer = buffer(text);
        for at in 0..=text.chars().count() {
            let (row, cells) = buffer.place(WIDTH);
            let rows = buffer.rows(0, WIDTH);
            assert!(row < rows.len() && cells.start <= rows[row].width(), "{at}: {row} {cells:?}");
            press(&mut buffer, KeyCode::Right, KeyModifiers::NONE);
        }
    }
}
