//! What a terminal sends, from bytes to keys.
//!
//! Sequences may come in pieces. What is no key becomes none: an answer of the terminal, or a sequence that nobody here
//! knows, is taken whole and forgotten, because its letters would otherwise be commands.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

/// One thing that the terminal sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    Key(KeyEvent),
    Mouse(MouseEvent),
    /// What was pasted, as far as it is not absurdly long.
    Paste(String),
    /// The answer to the question for the terminal's status.
    Status,
}

/// What is not whole yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    None,
    /// The key Esc, or the beginning of a sequence.
    Escape,
    /// The beginning of a sequence, or of a letter.
    Sequence,
    /// Pasted text goes on until its end is said.
    Paste,
}

/// The bytes that are not whole yet, and where they belong.
#[derive(Debug, Default)]
pub struct Escapes {
    bytes: Vec<u8>,
    paste: Option<Vec<u8>>,
}

/// More than this of one paste is dropped: nothing here takes a text that long.
const PASTE_MAX: usize = 64 * 1024;
/// A sequence that is longer is none.
const SEQUENCE_MAX: usize = 64;
const PASTE_ENDS: &[u8] = b"\x1b[201~";
const ESC: u8 = 0x1b;

enum Step {
    /// So many bytes, and what they mean.
    Took(usize, Option<Input>),
    PasteBegins(usize),
    Incomplete,
}

impl Escapes {
    /// Takes what was read, and returns what is whole.
    pub fn feed(&mut self, chunk: &[u8]) -> Vec<Input> {
        self.bytes.extend_from_slice(chunk);
        let mut inputs = Vec::new();
        loop {
            if self.paste.is_some() {
                match self.paste_ends() {
                    Some(paste) => inputs.push(paste),
                    None => return inputs,
                }
            }
            match step(&self.bytes) {
                Step::Took(count, input) => {
                    self.bytes.drain(..count);
                    inputs.extend(input);
                }
                Step::PasteBegins(count) => {
                    self.bytes.drain(..count);
                    self.paste = Some(Vec::new());
                }
                Step::Incomplete => return inputs,
            }
        }
    }

    pub fn rest(&self) -> Rest {
        match (&self.paste, self.bytes.as_slice()) {
            (Some(_), _) => Rest::Paste,
            (None, []) => Rest::None,
            (None, [ESC]) => Rest::Escape,
            (None, _) => Rest::Sequence,
        }
    }

    /// Nothing followed for a while: Esc was a key then, and anything else is forgotten.
    pub fn give_up(&mut self) -> Option<Input> {
        let is_key = self.rest() == Rest::Escape;
        self.bytes.clear();
        self.paste = None;
        is_key.then(|| Input::Key(KeyCode::Esc.into()))
    }

    /// Moves what was pasted aside; when its end is there, returns it.
    fn paste_ends(&mut self) -> Option<Input> {
        let paste = self.paste.as_mut()?;
        let end = self.bytes.windows(PASTE_ENDS.len()).position(|window| window == PASTE_ENDS);
        // The last bytes may be the beginning of the end.
        let whole = end.unwrap_or(self.bytes.len().saturating_sub(PASTE_ENDS.len() - 1));
        let room = PASTE_MAX.saturating_sub(paste.len());
        paste.extend(self.bytes.drain(..whole).take(room));
        end?;
        self.bytes.drain(..PASTE_ENDS.len());
        let text = self.paste.take()?;
        Some(Input::Paste(String::from_utf8_lossy(&text).into_owned()))
    }
}

fn step(bytes: &[u8]) -> Step {
    match bytes {
        [] | [ESC] => Step::Incomplete,
        [ESC, b'[', rest @ ..] => control_sequence(rest),
        [ESC, b'O', rest @ ..] => match rest {
            [] => Step::Incomplete,
            [letter, ..] => Step::Took(3, cursor_key(*letter).map(|code| Input::Key(code.into()))),
        },
        // Strings that end with BEL or ESC \: answers to questions that are not asked here.
        [ESC, b']' | b'P' | b'_' | b'^' | b'X', rest @ ..] => string(rest),
        // The first of the two was a key of its own.
        [ESC, ESC, ..] => Step::Took(1, Some(Input::Key(KeyCode::Esc.into()))),
        [ESC, rest @ ..] => match letter(rest) {
            Step::Took(count, Some(Input::Key(key))) => {
                let key = KeyEvent::new(key.code, key.modifiers | KeyModifiers::ALT);
                Step::Took(count + 1, Some(Input::Key(key)))
            }
            Step::Took(count, other) => Step::Took(count + 1, other),
            incomplete => incomplete,
        },
        _ => letter(bytes),
    }
}

fn string(rest: &[u8]) -> Step {
    const BEFORE: usize = 2;
    for (at, byte) in rest.iter().enumerate() {
        match byte {
            0x07 => return Step::Took(BEFORE + at + 1, None),
            &ESC if rest.get(at + 1) == Some(&b'\\') => return Step::Took(BEFORE + at + 2, None),
            _ => {}
        }
    }
    if rest.len() > PASTE_MAX { Step::Took(BEFORE + rest.len(), None) } else { Step::Incomplete }
}

/// One letter, or a key that sends a control character.
fn letter(bytes: &[u8]) -> Step {
    let key = |code, modifiers| Step::Took(1, Some(Input::Key(KeyEvent::new(code, modifiers))));
    let control = |letter: u8| key(KeyCode::Char(char::from(letter)), KeyModifiers::CONTROL);
    match bytes[0] {
        b'\r' => key(KeyCode::Enter, KeyModifiers::NONE),
        b'\t' => key(KeyCode::Tab, KeyModifiers::NONE),
        0x7f => key(KeyCode::Backspace, KeyModifiers::NONE),
        0 => control(b' '),
        byte @ 0x01..=0x1a => control(byte - 1 + b'a'),
        byte @ 0x1c..=0x1f => control(byte - 0x1c + b'4'),
        _ => printed(bytes),
    }
}

fn printed(bytes: &[u8]) -> Step {
    let end = bytes.len().min(4);
    let (valid, error) = match std::str::from_utf8(&bytes[..end]) {
        Ok(text) => (text, None),
        Err(error) => (std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(), Some(error)),
    };
    match (valid.chars().next(), error.map(|error| error.error_len())) {
        (Some(letter), _) => {
            let modifiers = if letter.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
            Step::Took(letter.len_utf8(), Some(Input::Key(KeyEvent::new(KeyCode::Char(letter), modifiers))))
        }
        // No letter of any length begins like this.
        (None, Some(Some(wrong))) => Step::Took(wrong, None),
        (None, _) => Step::Incomplete,
    }
}

/// What stands after `ESC [`.
fn control_sequence(rest: &[u8]) -> Step {
    const BEFORE: usize = 2;
    match rest {
        [b'M', button, x, y, ..] => {
            let [button, x, y] = [*button, *x, *y].map(|byte| u16::from(byte.saturating_sub(32)));
            let mouse = mouse(button, x, y, false);
            return Step::Took(BEFORE + 4, mouse);
        }
        [b'M', ..] => return Step::Incomplete,
        // The function keys of a Linux console.
        [b'[', key @ b'A'..=b'E', ..] => {
            return Step::Took(BEFORE + 2, Some(Input::Key(KeyCode::F(1 + key - b'A').into())));
        }
        [b'['] => return Step::Incomplete,
        _ => {}
    }
    let Some(end) = rest.iter().position(|byte| !matches!(byte, 0x20..=0x3f)) else {
        return if rest.len() > SEQUENCE_MAX { Step::Took(BEFORE + rest.len(), None) } else { Step::Incomplete };
    };
    if !matches!(rest[end], 0x40..=0x7e) {
        // Broken off; what follows is something else.
        return Step::Took(BEFORE + end, None);
    }
    let (parameters, last) = (std::str::from_utf8(&rest[..end]).unwrap_or_default(), rest[end]);
    let count = BEFORE + end + 1;
    if (parameters, last) == ("200", b'~') {
        return Step::PasteBegins(count);
    }
    Step::Took(count, meaning(parameters, last))
}

fn meaning(parameters: &str, last: u8) -> Option<Input> {
    if let Some(parameters) = parameters.strip_prefix('<') {
        let [button, x, y] = numbers(parameters)?;
        return mouse(button, x, y, last == b'm');
    }
    match last {
        b'M' => {
            let [button, x, y] = numbers(parameters)?;
            mouse(button.saturating_sub(32), x, y, false)
        }
        // In order, or not: what matters is that it answers.
        b'n' => matches!(parameters, "0" | "3").then_some(Input::Status),
        b'Z' => Some(Input::Key(KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT))),
        b'~' => {
            let (number, modifiers) = with_modifiers(parameters)?;
            Some(Input::Key(KeyEvent::new(numbered_key(number)?, modifiers)))
        }
        // `CSI 1;2 R` is F3 with Shift or a report of the cursor's place, so it is neither.
        b'R' => None,
        letter => {
            let (_, modifiers) = with_modifiers(parameters)?;
            Some(Input::Key(KeyEvent::new(cursor_key(letter)?, modifiers)))
        }
    }
}

fn cursor_key(letter: u8) -> Option<KeyCode> {
    Some(match letter {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'H' => KeyCode::Home,
        b'F' => KeyCode::End,
        b'P'..=b'S' => KeyCode::F(1 + letter - b'P'),
        _ => return None,
    })
}

fn numbered_key(number: u16) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        // The numbers have gaps where old keyboards had them.
        11..=15 => KeyCode::F((number - 10) as u8),
        17..=21 => KeyCode::F((number - 11) as u8),
        23..=26 => KeyCode::F((number - 12) as u8),
        _ => return None,
    })
}

/// `5`, or `5;2`: the key, and one more than the bits of Shift, Alt and Ctrl.
fn with_modifiers(parameters: &str) -> Option<(u16, KeyModifiers)> {
    let mut parts = parameters.split(';');
    let number = parts.next().filter(|number| !number.is_empty()).map_or(Some(1), |number| number.parse().ok())?;
    let bits: u16 = parts.next().map_or(Some(1), |bits| bits.split(':').next()?.parse().ok())?;
    let bits = bits.saturating_sub(1);
    let pairs = [(1, KeyModifiers::SHIFT), (2, KeyModifiers::ALT), (4, KeyModifiers::CONTROL)];
    let set = pairs.into_iter().filter(|(bit, _)| bits & bit != 0).map(|(_, modifier)| modifier).collect();
    Some((number, set))
}

fn numbers(parameters: &str) -> Option<[u16; 3]> {
    let numbers: Vec<u16> = parameters.split(';').map(|number| number.parse().ok()).collect::<Option<_>>()?;
    numbers.try_into().ok()
}

fn mouse(code: u16, x: u16, y: u16, is_release: bool) -> Option<Input> {
    let button = match code & 0b11 {
        0 => MouseButton::Left,
        1 => MouseButton::Middle,
        _ => MouseButton::Right,
    };
    let kind = match (code & 0b1100_0011, code & 0b10_0000 != 0) {
        (3, false) => MouseEventKind::Up(MouseButton::Left),
        (3, true) => MouseEventKind::Moved,
        (0..=2, true) => MouseEventKind::Drag(button),
        (0..=2, false) if is_release => MouseEventKind::Up(button),
        (0..=2, false) => MouseEventKind::Down(button),
        (64, _) => MouseEventKind::ScrollUp,
        (65, _) => MouseEventKind::ScrollDown,
        (66, _) => MouseEventKind::ScrollLeft,
        (67, _) => MouseEventKind::ScrollRight,
        _ => return None,
    };
    let (column, row) = (x.saturating_sub(1), y.saturating_sub(1));
    Some(Input::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(code: KeyCode) -> Input {
        Input::Key(code.into())
    }

    fn letter(letter: char) -> Input {
        key(KeyCode::Char(letter))
    }

    fn check(bytes: &[u8], expected: &[Input]) {
        assert_eq!(Escapes::default().feed(bytes), expected, "{:?} whole", String::from_utf8_lossy(bytes));
        let mut escapes = Escapes::default();
        let pieces: Vec<Input> = bytes.iter().flat_map(|byte| escapes.feed(&[*byte])).collect();
        assert_eq!(pieces, expected, "{:?} byte by byte", String::from_utf8_lossy(bytes));
        assert_eq!(escapes.rest(), Rest::None);
    }

    #[test]
    fn keys_are_what_they_send_however_it_comes_in_pieces() {
        let with = |code, modifiers| Input::Key(KeyEvent::new(code, modifiers));
        check(b"yn\r\t", &[letter('y'), letter('n'), key(KeyCode::Enter), key(KeyCode::Tab)]);
        check(
            b"A\x03\x1a",
            &[
                with(KeyCode::Char('A'), KeyModifiers::SHIFT),
                with(KeyCode::Char('c'), KeyModifiers::CONTROL),
                with(KeyCode::Char('z'), KeyModifiers::CONTROL),
            ],
        );
        check("ü語".as_bytes(), &[letter('ü'), letter('語')]);
        check(
            b"\x1b[A\x1bOB\x1b[6~\x1b[3;5~",
            &[
                key(KeyCode::Up),
                key(KeyCode::Down),
                key(KeyCode::PageDown),
                with(KeyCode::Delete, KeyModifiers::CONTROL),
            ],
        );
        check(b"\x1b[15~\x1b[17~\x1b[24~\x1bOP", &[5, 6, 12, 1].map(|number| key(KeyCode::F(number))));
        check(b"\x1by", &[with(KeyCode::Char('y'), KeyModifiers::ALT)]);
    }

    #[test]
    fn an_answer_of_the_terminal_is_no_key() {
        check(b"\x1b[0ny", &[Input::Status, letter('y')]);
        check(b"\x1b[3n", &[Input::Status]);
        check(b"\x1b[12;40R\x1b[?64;1;2c\x1b[>0;95;0c\x1b[?2026;2$y", &[]);
        check(b"\x1b]11;rgb:0000/0000/0000\x07\x1bP1+r4Ax\x1b\\j", &[letter('j')]);
        check(b"\x1b[I\x1b[Oj", &[letter('j')]);
    }

    #[test]
    fn pasted_text_is_one_thing_whatever_is_in_it() {
        check(b"\x1b[200~Ay\r\x1b[A y\x1b[201~q", &[Input::Paste("Ay\r\x1b[A y".to_owned()), letter('q')]);
        let long = [b"\x1b[200~".as_slice(), &[b'y'; 2 * PASTE_MAX], PASTE_ENDS, b"q"].concat();
        let inputs = Escapes::default().feed(&long);
        assert!(matches!(&inputs[..], [Input::Paste(text), Input::Key(_)] if text.len() == PASTE_MAX));
    }

    #[test]
    fn the_mouse_is_read_in_each_of_its_dialects() {
        let at = |kind| Input::Mouse(MouseEvent { kind, column: 4, row: 2, modifiers: KeyModifiers::NONE });
        check(
            b"\x1b[<0;5;3M\x1b[<0;5;3m",
            &[at(MouseEventKind::Down(MouseButton::Left)), at(MouseEventKind::Up(MouseButton::Left))],
        );
        check(b"\x1b[<65;5;3M\x1b[<35;5;3M", &[at(MouseEventKind::ScrollDown), at(MouseEventKind::Moved)]);
        check(b"\x1b[M\x20\x25\x23", &[at(MouseEventKind::Down(MouseButton::Left))]);
        check(b"\x1b[32;5;3M", &[at(MouseEventKind::Down(MouseButton::Left))]);
    }

    #[test]
    fn an_escape_that_nothing_follows_is_a_key_and_anything_else_is_forgotten() {
        let mut escapes = Escapes::default();
        assert_eq!((escapes.feed(b"\x1b"), escapes.rest()), (vec![], Rest::Escape));
        assert_eq!(escapes.give_up(), Some(key(KeyCode::Esc)));
        assert_eq!((escapes.feed(b"\x1b[0"), escapes.rest()), (vec![], Rest::Sequence));
        assert_eq!(escapes.give_up(), None);
        assert_eq!(escapes.feed(b"j"), [letter('j')]);
        assert_eq!(escapes.feed(b"\x1b\x1b"), [key(KeyCode::Esc)]);
    }

    proptest! {
        #[test]
        fn no_bytes_break_it_and_pieces_make_no_difference(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0..200_usize) {
            let mut whole = Escapes::default();
            let all = whole.feed(&bytes);
            let mut pieces = Escapes::default();
            let (first, second) = bytes.split_at(at.min(bytes.len()));
            let mut parts = pieces.feed(first);
            parts.extend(pieces.feed(second));
            prop_assert_eq!(all, parts);
            prop_assert_eq!(whole.rest(), pieces.rest());
        }
    }
}
