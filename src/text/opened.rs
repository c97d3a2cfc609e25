//! One opened text, kept once: raw, wiped from memory when nobody holds it any more, and never drawn as it is.

use std::fmt;
use std::sync::Arc;

use zeroize::{Zeroize, Zeroizing};

use super::marks::Mark;
use super::survey::Survey;
use super::{Findings, SafeText};

/// The words of one message as they were written. Copies share the text. `Debug` prints counts, never words.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenedText {
    bytes: Arc<Zeroizing<Vec<u8>>>,
    code_points: usize,
    survey: Option<Arc<Survey>>,
}

impl OpenedText {
    /// Takes the bytes of a message, valid UTF-8 or not. It was not looked through yet, see [`OpenedText::look_through`].
    pub fn new(bytes: Zeroizing<Vec<u8>>) -> OpenedText {
        let code_points = bytes.utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum();
        OpenedText { bytes: Arc::new(bytes), code_points, survey: None }
    }

    /// Takes a text and looks it through at once, which is for short ones.
    pub fn from_untrusted(text: &str) -> OpenedText {
        let mut opened = OpenedText::new(Zeroizing::new(text.as_bytes().to_vec()));
        opened.look_through(&[]);
        opened
    }

    /// Finds what has to be counted, visited and listed. Takes time in proportion to the text; a second time it is free.
    /// `known_hosts` are those that readers trust, in lower case.
    pub fn look_through(&mut self, known_hosts: &[&str]) {
        if self.survey.is_none() {
            let survey = self.with_words(|words| Survey::of(&self.bytes, words, known_hosts));
            self.survey = Some(Arc::new(survey));
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
            let survey = Arc::make_mut(survey);
            survey.marks.extend(marks);
            survey.marks.sort_by_key(|mark| mark.at.start);
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
        self.code_points
    }

    /// Lends the raw words to a function that judges or compares them; what is drawn comes from the rows instead. A byte
    /// that is no part of valid UTF-8 is lent as U+001A, so that code points keep their places.
    pub fn with_words<T>(&self, look: impl FnOnce(&str) -> T) -> T {
        if let Ok(words) = std::str::from_utf8(&self.bytes) {
            return look(words);
        }
        let mut words = String::with_capacity(self.bytes.len());
        for chunk in self.bytes.utf8_chunks() {
            words.push_str(chunk.valid());
            words.extend(chunk.invalid().iter().map(|_| '\u{1A}'));
        }
        let seen = look(&words);
        words.zeroize();
        seen
    }

    /// All of it, safe to draw.
    pub fn to_safe(&self) -> SafeText {
        SafeText::from_bytes(&self.bytes)
    }
}

impl fmt::Debug for OpenedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenedText")
            .field("code_points", &self.code_points)
            .field("findings", &self.survey().map(|survey| survey.findings))
            .finish_non_exhaustive()
    }
}
