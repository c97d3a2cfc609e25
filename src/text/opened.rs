//! One opened text, kept once: raw, wiped from memory when nobody holds it any more, and never drawn as it is.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use zeroize::{Zeroize, Zeroizing};

use super::build::Builder;
use super::marks::Mark;
use super::parts::{self, Start};
use super::survey::Survey;
use super::{Findings, SafeLine, SafeText, View};

/// The words of one message as they were written. Copies share the text. `Debug` prints counts, never words, and nothing
/// else prints it, so that it cannot be drawn as it is:
///
/// ```compile_fail,E0277
/// let raw = countersign::text::OpenedText::from_untrusted("words");
/// println!("{raw}");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct OpenedText {
    raw: Arc<Raw>,
    survey: Option<Arc<Survey>>,
}

/// What all copies share.
#[derive(PartialEq, Eq)]
struct Raw {
    bytes: Zeroizing<Vec<u8>>,
    starts: Vec<Start>,
}

impl OpenedText {
    /// Takes the bytes of a message, valid UTF-8 or not. It was not looked through yet, see [`OpenedText::look_through`].
    pub fn new(bytes: Zeroizing<Vec<u8>>) -> OpenedText {
        let starts = parts::starts(&bytes);
        OpenedText { raw: Arc::new(Raw { bytes, starts }), survey: None }
    }

    /// Takes a text and looks it through at once, which is for short ones.
    pub fn from_untrusted(text: &str) -> OpenedText {
        OpenedText::from_untrusted_bytes(text.as_bytes().to_vec())
    }

    /// Takes bytes and looks them through at once.
    pub fn from_untrusted_bytes(bytes: Vec<u8>) -> OpenedText {
        let mut opened = OpenedText::new(Zeroizing::new(bytes));
        opened.look_through(&[]);
        opened
    }

    /// Finds what has to be counted, visited and listed. Takes time in proportion to the text; a second time it is free.
    /// `known_hosts` are those that readers trust, in lower case.
    pub fn look_through(&mut self, known_hosts: &[&str]) {
        if self.survey.is_none() {
            self.survey = Some(Arc::new(Survey::of(self, known_hosts)));
        }
    }

    /// What was found; none while nobody has looked the text through.
    pub fn survey(&self) -> Option<&Survey> {
        self.survey.as_deref()
    }

    /// Adds places to be visited that only a look at other texts could find. Looks this one through first, where nobody
    /// has.
    pub fn add_marks(&mut self, marks: impl IntoIterator<Item = Mark>) {
        self.look_through(&[]);
        if let Some(survey) = &mut self.survey {
            Arc::make_mut(survey).add(marks);
        }
    }

    /// The places to be visited, in the order of the text; none while nobody has looked the text through.
    pub fn marks(&self) -> &[Mark] {
        self.survey().map_or(&[], |survey| &survey.marks)
    }

    /// The counts for the header; zero while nobody has looked the text through.
    pub fn findings(&self) -> Findings {
        self.survey().map(|survey| survey.findings).unwrap_or_default()
    }

    /// How many code points the text has; a byte that is no part of valid UTF-8 counts as one.
    pub fn code_points(&self) -> usize {
        self.raw.starts[self.parts()].code_point
    }

    /// How many bytes the text takes.
    pub fn bytes(&self) -> usize {
        self.raw.bytes.len()
    }

    /// How many parts the text is cut into; at least one.
    pub(super) fn parts(&self) -> usize {
        self.raw.starts.len() - 1
    }

    /// The bytes of one part.
    pub(super) fn part(&self, part: usize) -> &[u8] {
        self.stretch(part..part + 1)
    }

    /// The bytes of several parts.
    pub(super) fn stretch(&self, parts: Range<usize>) -> &[u8] {
        &self.raw.bytes[self.raw.starts[parts.start].byte..self.raw.starts[parts.end].byte]
    }

    /// The bytes of several parts, and up to so many more behind them, as whole code points.
    pub(super) fn reach(&self, parts: Range<usize>, beyond: usize) -> &[u8] {
        let bytes = &self.raw.bytes;
        let from = self.raw.starts[parts.start].byte;
        let to = bytes.len().min(self.raw.starts[parts.end].byte + beyond);
        let continues = |at: &usize| bytes.get(*at).is_some_and(|byte| byte & 0xC0 == 0x80);
        let whole = (to..bytes.len().min(to + 4)).find(|at| !continues(at)).unwrap_or(to);
        &bytes[from..whole]
    }

    /// The first code point of a part.
    pub(super) fn start_of(&self, part: usize) -> usize {
        self.raw.starts[part].code_point
    }

    /// The part in which a code point stands; the last one beyond the end.
    pub(super) fn part_of(&self, code_point: usize) -> usize {
        let starts = &self.raw.starts[..self.parts()];
        starts.partition_point(|start| start.code_point <= code_point).saturating_sub(1)
    }

    /// One part, safe to draw. What it is as a whole, its words and links, is not looked at.
    pub(super) fn part_lines(&self, part: usize, view: View) -> SafeText {
        let mut builder = Builder::new(view);
        builder.push_bytes(self.part(part));
        builder.finish()
    }

    /// Some code points in one line, safe to draw; line breaks become marks. Costs nothing of the text before them.
    pub fn excerpt(&self, code_points: Range<usize>) -> SafeLine {
        let parts = self.part_of(code_points.start)..self.part_of(code_points.end.max(code_points.start + 1) - 1) + 1;
        let before = code_points.start - self.start_of(parts.start).min(code_points.start);
        let words = readable(self.stretch(parts));
        SafeLine::label(words.chars().skip(before).take(code_points.len()).collect::<String>())
    }

    /// Lends the raw words to a function that judges or compares them; what is drawn comes from the rows instead. A byte
    /// that is no part of valid UTF-8 is lent as U+001A, so that code points keep their places.
    pub fn with_words<T>(&self, look: impl FnOnce(&str) -> T) -> T {
        let mut words = readable(&self.raw.bytes);
        let seen = look(&words);
        if let Cow::Owned(words) = &mut words {
            words.zeroize();
        }
        seen
    }
}

/// Words of the same length and the same number of code points, where each byte that is no part of valid UTF-8 stands
/// as U+001A.
pub(super) fn readable(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(words) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(words);
    }
    let mut words = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        words.push_str(chunk.valid());
        words.extend(chunk.invalid().iter().map(|_| '\u{1A}'));
    }
    Cow::Owned(words)
}

impl fmt::Debug for OpenedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenedText")
            .field("code_points", &self.code_points())
            .field("findings", &self.survey().map(|survey| survey.findings))
            .finish_non_exhaustive()
    }
}
