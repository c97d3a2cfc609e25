//! What changed between two revisions of a text, word by word.
//!
//! The comparison is Myers's with the bound that version control sets on it: where two texts have little in common it
//! gives up looking for the shortest answer, so that its cost stays near the length of the texts. Texts beyond
//! [`WORDWISE`] bytes are compared by line.
//!
//! Knows positions only; whoever draws the change has the text.

use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput};
use unicode_segmentation::UnicodeSegmentation;

/// One place where the texts differ. Positions are code points, counted from the begin of each text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What the earlier text had here; empty where something was only added.
    pub removed: Range<usize>,
    /// What the later text has instead; empty where something was only taken out.
    pub inserted: Range<usize>,
}

/// Up to how many bytes of both texts together words are compared; beyond it, lines.
pub const WORDWISE: usize = 1 << 20;

/// Where the texts differ, in order, neither touching nor overlapping.
pub fn changes(earlier: &str, later: &str) -> Vec<Change> {
    if earlier.len().saturating_add(later.len()) <= WORDWISE {
        let cut = |text| str::split_word_bounds(text);
        compare(&cut(earlier).collect::<Vec<_>>(), &cut(later).collect::<Vec<_>>())
    } else {
        compare(&lines(earlier), &lines(later))
    }
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn compare(earlier: &[&str], later: &[&str]) -> Vec<Change> {
    let mut input: InternedInput<&str> = InternedInput::default();
    input.update_before(earlier.iter().copied());
    input.update_after(later.iter().copied());
    let diff = Diff::compute(Algorithm::Myers, &input);

    let (mut before, mut after) = (Position::default(), Position::default());
    let mut changes: Vec<Change> = Vec::new();
    for hunk in diff.hunks() {
        let between = &later[after.token..hunk.after.start as usize];
        before.advance(earlier, hunk.before.start);
        after.advance(later, hunk.after.start);
        let (removed, inserted) = (before.code_point, after.code_point);
        before.advance(earlier, hunk.before.end);
        after.advance(later, hunk.after.end);
        match changes.last_mut() {
            // Two words replaced by two others are one change, though the space between them stayed.
            Some(last) if between.iter().all(|token| *token == " ") => {
                last.removed.end = before.code_point;
                last.inserted.end = after.code_point;
            }
            _ => changes.push(Change { removed: removed..before.code_point, inserted: inserted..after.code_point }),
        }
    }
    changes
}

/// How far a text was walked.
#[derive(Default)]
struct Position {
    token: usize,
    code_point: usize,
}

impl Position {
    fn advance(&mut self, tokens: &[&str], to: u32) {
        let to = to as usize;
        self.code_point += tokens[self.token..to].iter().map(|token| token.chars().count()).sum::<usize>();
        self.token = to;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(text: &str, range: &Range<usize>) -> String {
        text.chars().skip(range.start).take(range.len()).collect()
    }

    fn shown(earlier: &str, later: &str) -> Vec<(String, String)> {
        let changes = changes(earlier, later);
        changes.iter().map(|change| (cut(earlier, &change.removed), cut(later, &change.inserted))).collect()
    }

    /// The later text, made of the earlier one and the changes.
    fn applied(earlier: &str, later: &str) -> String {
        let (mut text, mut at) = (String::new(), 0);
        for change in changes(earlier, later) {
            assert!(change.removed.start >= at && !(change.removed.is_empty() && change.inserted.is_empty()));
            text += &cut(earlier, &(at..change.removed.start));
            text += &cut(later, &change.inserted);
            at = change.removed.end;
        }
        text + &cut(earlier, &(at..earlier.chars().count()))
    }

    #[test]
    fn a_change_covers_the_words_that_changed_and_no_other() {
        let cases = [
            ("Your card arrives on Monday.", "Your card arrives on Friday.", vec![("Monday", "Friday")]),
            ("It costs 5 €.", "It costs nothing.", vec![("5 €", "nothing")]),
            ("Grüße", "Liebe Grüße", vec![("", "Liebe ")]),
            ("bitte sofort zahlen", "bitte zahlen", vec![("sofort ", "")]),
            ("返金は明日です", "返金は来週です", vec![("明日", "来週")]),
            ("same", "same", vec![]),
            ("", "", vec![]),
            ("", "all new", vec![("", "all new")]),
        ];
        for (earlier, later, expected) in cases {
            let expected: Vec<_> = expected.into_iter().map(|(a, b)| (a.to_owned(), b.to_owned())).collect();
            assert_eq!(shown(earlier, later), expected, "{earlier} → {later}");
        }
    }

    #[test]
    fn neighbouring_words_are_one_change() {
        assert_eq!(
            shown("we will call you", "we have written you"),
            [("will call".to_owned(), "have written".to_owned())]
        );
    }

    #[test]
    fn long_texts_are_compared_by_line_and_different_ones_come_to_an_end() {
        let text = |seed: usize| -> String {
            (0..WORDWISE / 64).map(|n| format!("line {} of {seed:>50}\n", n * 7919 % 10007)).collect()
        };
        let (earlier, later) = (text(1), text(2));
        assert!(earlier.len() > WORDWISE / 2);
        assert_eq!(applied(&earlier, &later), later);

        let later = format!("{earlier}one line more\n");
        assert_eq!(shown(&earlier, &later), [(String::new(), "one line more\n".to_owned())]);
    }

    proptest! {
        #[test]
        fn changes_lead_from_one_text_to_the_other(earlier in "[ab\u{301}é\n .]{0,40}", later in "[ab\u{301}é\n .]{0,40}") {
            prop_assert_eq!(applied(&earlier, &later), later);
        }

        #[test]
        fn any_two_texts_can_be_compared(earlier in ".*", later in ".*") {
            prop_assert_eq!(applied(&earlier, &later), later);
        }
    }
}
