//! Looks a whole text through: what is to be counted in the header, visited and listed.

use std::ops::Range;

use super::line::{MarkKind, Run, RunKind};
use super::links::{self, Link};
use super::marks::{Mark, Remark};
use super::scripts;
use super::{Findings, SafeText};

/// What is to be known of a text before anybody decides on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    pub findings: Findings,
    /// In the order of the text.
    pub marks: Vec<Mark>,
    /// Every link, honest or not, in the order of the text.
    pub links: Vec<Link>,
}

impl Survey {
    /// Looks the text through. `known_hosts` are those that readers trust, in lower case.
    pub(super) fn of(bytes: &[u8], words: &str, known_hosts: &[&str]) -> Survey {
        let safe = SafeText::from_bytes(bytes);
        let mut marks = hidden(&safe);
        let mut place = Place::default();
        marks.extend(scripts::mixed_ranges(words).map(|bytes| {
            let at = place.code_points(words, bytes);
            Mark { at, remark: Remark::MixedScript }
        }));
        let links = links::links(words, known_hosts);
        marks.extend(links.iter().filter_map(|link| {
            let why = link.deception?;
            let remark = Remark::DeceptiveLink { real_host: link.real_host.clone(), why };
            Some(Mark { at: link.at.clone(), remark })
        }));
        marks.sort_by_key(|mark| mark.at.start);
        Survey { findings: safe.findings(), marks, links }
    }
}

/// Code points that are shown as marks, neighbours of one kind together.
fn hidden(safe: &SafeText) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    let mut at = 0;
    for line in safe.lines() {
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
        at += line.code_points() - line.runs().iter().map(Run::code_points).sum::<usize>();
    }
    marks
}

/// Turns places in bytes into places in code points. Asked in the order of the text, it reads the text once.
#[derive(Debug, Default)]
pub(super) struct Place {
    byte: usize,
    code_point: usize,
}

impl Place {
    pub(super) fn code_points(&mut self, text: &str, bytes: Range<usize>) -> Range<usize> {
        if bytes.start < self.byte {
            *self = Place::default();
        }
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
    fn what_others_found_is_sorted_in() {
        let mut opened = OpenedText::from_untrusted("on 3 May\u{200B}");
        opened.add_marks([Mark { at: 3..8, remark: Remark::NotInThread(super::super::FactKind::Date) }]);
        let remarks: Vec<_> = opened.marks().iter().map(|mark| mark.remark.to_string()).collect();
        assert_eq!(remarks, ["date not in thread", "hidden characters"]);
    }
}
