//! Looks a whole text through: what is to be counted in the header, visited and listed.
//!
//! The text is read in stretches, so that what is kept beside it does not grow with it. A word or a link that reaches
//! out of its stretch is followed some way into the next.

use std::ops::Range;

use super::line::{MarkKind, RunKind};
use super::links::{self, Link};
use super::marks::{Mark, Remark};
use super::opened::{OpenedText, readable};
use super::{Findings, SafeText, View, scripts};

/// What is to be known of a text before anybody decides on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    pub findings: Findings,
    /// In the order of the text. Neighbours of one kind are one mark. Where there are more than 10,000, the last one
    /// reaches from its place to the end of what would have been further marks.
    pub marks: Vec<Mark>,
    /// The first 1,000 links, honest or not, in the order of the text.
    pub links: Vec<Link>,
}

const MOST_MARKS: usize = 10_000;
const MOST_LINKS: usize = 1000;
/// Bytes of a stretch.
const STRETCH: usize = 64 * 1024;
/// Bytes that a word or a link is followed into the next stretch.
const BEYOND: usize = 16 * 1024;

impl Survey {
    /// Looks the text through. `known_hosts` are those that readers trust, in lower case.
    pub(super) fn of(text: &OpenedText, known_hosts: &[&str]) -> Survey {
        let mut surveyor = Surveyor { text, known_hosts, survey: Survey::default(), words_to: 0, links_to: 0, line: 0 };
        let mut part = 0;
        while part < text.parts() {
            let mut end = part + 1;
            while end < text.parts() && text.stretch(part..end + 1).len() <= STRETCH {
                end += 1;
            }
            surveyor.stretch(part..end);
            part = end;
        }
        surveyor.survey
    }
}

impl Survey {
    /// Sorts further marks in.
    pub(super) fn add(&mut self, marks: impl IntoIterator<Item = Mark>) {
        self.marks.extend(marks);
        self.marks.sort_by_key(|mark| mark.at.start);
        if self.marks.len() > MOST_MARKS {
            let end = self.marks.drain(MOST_MARKS..).map(|mark| mark.at.end).max();
            if let (Some(last), Some(end)) = (self.marks.last_mut(), end) {
                last.at.end = last.at.end.max(end);
            }
        }
    }
}

/// A survey under way.
struct Surveyor<'a> {
    text: &'a OpenedText,
    known_hosts: &'a [&'a str],
    survey: Survey,
    /// The code point up to which words were judged.
    words_to: usize,
    /// The code point up to which links were judged.
    links_to: usize,
    /// The logical line with which the next stretch begins.
    line: usize,
}

impl Surveyor<'_> {
    fn stretch(&mut self, parts: Range<usize>) {
        let start = self.text.start_of(parts.start);
        let end = self.text.start_of(parts.end);
        let mut marks = Vec::new();
        for part in parts.clone() {
            self.hidden(part, &mut marks);
        }
        let stretch = self.text.stretch(parts.clone());
        let reach = self.text.reach(parts, BEYOND);
        let words = readable(reach);
        let words = words.as_ref();
        let mut place = Place { byte: 0, code_point: start };
        for bytes in scripts::mixed_ranges(words) {
            let at = place.code_points(words, bytes);
            if at.start < end && at.start >= self.words_to {
                self.survey.findings.mixed_script += 1;
                self.words_to = at.end;
                marks.push(Mark { at, remark: Remark::MixedScript });
            }
        }
        for mut link in links::links(words, self.known_hosts) {
            link.at = start + link.at.start..start + link.at.end;
            if link.at.start < end && link.at.start >= self.links_to {
                self.links_to = link.at.end;
                self.link(link, &mut marks);
            }
        }
        self.line += stretch.iter().filter(|byte| **byte == b'\n').count();
        marks.sort_by_key(|mark| mark.at.start);
        marks.into_iter().for_each(|mark| self.mark(mark));
    }

    fn link(&mut self, mut link: Link, marks: &mut Vec<Mark>) {
        if let Some(why) = link.deception {
            self.survey.findings.deceptive_links += 1;
            let remark = Remark::DeceptiveLink { real_host: link.real_host.clone(), why };
            marks.push(Mark { at: link.at.clone(), remark });
        }
        if self.survey.links.len() < MOST_LINKS {
            link.line += self.line;
            self.survey.links.push(link);
        }
    }

    /// Code points that are shown as marks.
    fn hidden(&mut self, part: usize, marks: &mut Vec<Mark>) {
        let is_plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n' | b'\t');
        if self.text.part(part).iter().all(is_plain) {
            return;
        }
        let safe = self.text.part_lines(part, View::Unicode);
        let findings = safe.findings();
        self.survey.findings += findings;
        if !findings.is_empty() {
            hidden_in(&safe, self.text.start_of(part), marks);
        }
    }

    fn mark(&mut self, mark: Mark) {
        let full = self.survey.marks.len() >= MOST_MARKS;
        match self.survey.marks.last_mut() {
            Some(last) if full => last.at.end = last.at.end.max(mark.at.end),
            Some(last)
                if last.at.end == mark.at.start && last.remark == mark.remark && last.remark.is_of_code_points() =>
            {
                last.at.end = mark.at.end;
            }
            _ => self.survey.marks.push(mark),
        }
    }
}

/// Code points that are shown as marks in lines that begin with code point `at`.
fn hidden_in(safe: &SafeText, mut at: usize, marks: &mut Vec<Mark>) {
    for line in safe.lines() {
        let end = at + line.code_points();
        for run in line.runs() {
            let next = at + run.code_points();
            if let RunKind::Mark(kind) = run.kind()
                && kind.is_hidden()
            {
                let remark = if kind == MarkKind::Bidi { Remark::Bidi } else { Remark::Hidden };
                match marks.last_mut() {
                    Some(last) if last.at.end == at && last.remark == remark => last.at.end = next,
                    _ => marks.push(Mark { at: at..next, remark }),
                }
            }
            at = next;
        }
        at = end;
    }
}

/// Turns places in bytes into places in code points. To be asked in the order of the text, which it reads once.
#[derive(Debug, Default)]
pub(super) struct Place {
    byte: usize,
    code_point: usize,
}

impl Place {
    pub(super) fn code_points(&mut self, text: &str, bytes: Range<usize>) -> Range<usize> {
        self.code_point += text[self.byte..bytes.start].chars().count();
        self.byte = bytes.start;
        self.code_point..self.code_point + text[bytes].chars().count()
    }
}

#[cfg(test)]
mod tests {
    use super::super::OpenedText;
    use super::*;

    fn marked(text: &str) -> Vec<(String, Remark)> {
        let opened = OpenedText::from_untrusted(text);
        let words = |at: &Range<usize>| text.chars().skip(at.start).take(at.len()).collect();
        opened.marks().iter().map(|mark| (words(&mark.at), mark.remark.clone())).collect()
    }

    #[test]
    fn marks_stand_where_the_text_has_what_they_are_about() {
        let text = "Gr\u{FC}\u{DF}e\r\n\u{200B}\u{200B}p\u{430}ypal \u{202E}x\n\thttps://acme.test@evil.test/ \u{1B}\n";
        let found = marked(text);
        let expected = [
            ("\u{200B}\u{200B}", Remark::Hidden),
            ("\u{200B}\u{200B}p\u{430}ypal", Remark::MixedScript),
            ("\u{202E}", Remark::Bidi),
        ];
        for (there, expected) in found.iter().zip(expected) {
            assert_eq!(there, &(expected.0.to_owned(), expected.1));
        }
        assert_eq!(found[3].0, "https://acme.test@evil.test/");
        assert!(matches!(&found[3].1, Remark::DeceptiveLink { real_host, .. } if real_host.to_string() == "evil.test"));
        assert_eq!(found[4], ("\u{1B}".to_owned(), Remark::Hidden));
        assert_eq!(found.len(), 5);
    }

    #[test]
    fn bytes_that_are_no_text_keep_their_places() {
        let mut opened = OpenedText::new(b"a\xFF\xFE http://a.test b\xCC".to_vec().into());
        assert_eq!(opened.marks(), []);
        opened.look_through(&[]);
        let places: Vec<_> = opened.marks().iter().map(|mark| mark.at.clone()).collect();
        assert_eq!(places, [1..3, 19..20]);
        assert_eq!(opened.survey().unwrap().links[0].at, 4..17);
        assert_eq!(opened.code_points(), 20);
    }

    #[test]
    fn excerpts_are_what_stands_there() {
        let opened = OpenedText::from_untrusted(&"Gr\u{FC}\u{DF}e\n\u{200B}".repeat(5000));
        assert_eq!(opened.excerpt(0..5).to_string(), "Gr\u{FC}\u{DF}e");
        assert_eq!(opened.excerpt(7 * 4000 + 4..7 * 4000 + 8).to_string(), "e<U+000A><U+200B>G");
        assert_eq!(opened.excerpt(34_998..40_000).to_string(), "<U+000A><U+200B>");
    }

    #[test]
    fn what_others_found_is_sorted_in() {
        let mut opened = OpenedText::from_untrusted("on 3 May\u{200B}");
        opened.add_marks([Mark { at: 3..8, remark: Remark::NotInThread(super::super::FactKind::Date) }]);
        let remarks: Vec<_> = opened.marks().iter().map(|mark| mark.remark.to_string()).collect();
        assert_eq!(remarks, ["date not in thread", "hidden characters"]);
    }
}
