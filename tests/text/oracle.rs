//! The judges. Each panics with what it saw.

use countersign::text::{Mark, MarkKind, Remark, Run, RunKind, SafeLine, SafeText};
use ratatui::buffer::CellWidth;
use unicode_properties::{GeneralCategory, UnicodeEmoji, UnicodeGeneralCategory};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Everything that holds for the safe form of `input`, whatever the input was.
pub fn judge(input: &str) -> SafeText {
    let safe = SafeText::from_untrusted(input);
    for line in safe.lines() {
        prints_only(line);
        draws_only_what_is_seen(line);
        measures_as_ratatui(line);
    }
    accounts_for(safe.lines(), input);
    safe
}

/// A terminal's parser prints the characters of the runs, and does nothing else.
pub fn prints_only(line: &SafeLine) {
    #[derive(Default)]
    struct Terminal {
        printed: String,
        did_more: bool,
    }
    impl vte::Perform for Terminal {
        fn print(&mut self, c: char) {
            self.printed.push(c);
        }
        fn execute(&mut self, _: u8) {
            self.did_more = true;
        }
        fn hook(&mut self, _: &vte::Params, _: &[u8], _: bool, _: char) {
            self.did_more = true;
        }
        fn osc_dispatch(&mut self, _: &[&[u8]], _: bool) {
            self.did_more = true;
        }
        fn csi_dispatch(&mut self, _: &vte::Params, _: &[u8], _: bool, _: char) {
            self.did_more = true;
        }
        fn esc_dispatch(&mut self, _: &[u8], _: bool, _: u8) {
            self.did_more = true;
        }
    }
    let drawn: String = line.runs().iter().map(Run::text).collect();
    let mut terminal = Terminal::default();
    vte::Parser::new().advance(&mut terminal, drawn.as_bytes());
    assert!(!terminal.did_more, "the terminal did more than print: {drawn:?}");
    assert_eq!(terminal.printed, drawn);
}

/// Nothing invisible is drawn outside an emoji, and every cluster is bounded.
pub fn draws_only_what_is_seen(line: &SafeLine) {
    for run in line.runs() {
        if !matches!(run.kind(), RunKind::Text) {
            let ours = |c: char| matches!(c, ' '..='~' | '»' | '…');
            assert!(run.text().chars().all(ours), "{run:?}");
            continue;
        }
        for cluster in run.text().graphemes(true) {
            let emoji = is_emoji_sequence(cluster);
            let len = cluster.chars().count();
            assert!(len <= if emoji { 10 } else { 8 }, "{len} code points: {cluster:?}");
            assert!(
                !is_mark(cluster.chars().next().expect("clusters are not empty")),
                "nothing to stand on: {cluster:?}"
            );
            let first = cluster.chars().next().and_then(UnicodeWidthChar::width);
            assert!(first > Some(0), "a terminal puts the beginning onto the cell before: {cluster:?}");
            for c in cluster.chars() {
                let joins = matches!(c, '\u{200D}' | '\u{FE0F}' | '\u{E0061}'..='\u{E007A}' | '\u{E007F}');
                assert!(emoji && joins || !draws_nothing(c), "{c:?} in {cluster:?}");
            }
        }
    }
}

/// The widths are those that ratatui gives the same clusters.
pub fn measures_as_ratatui(line: &SafeLine) {
    for run in line.runs() {
        let cells: Vec<u16> = run.text().graphemes(true).map(CellWidth::cell_width).collect();
        assert!(cells.iter().all(|cells| (1..=2).contains(cells)), "{run:?}: {cells:?}");
        assert_eq!(run.width(), run.text().width(), "ratatui measures spans as a whole: {run:?}");
        assert_eq!(run.width(), cells.into_iter().map(usize::from).sum::<usize>(), "{run:?}");
    }
    assert_eq!(line.width(), line.runs().iter().map(Run::width).sum::<usize>());
}

/// Reads the lines beside the input: every code point is there, in order, as itself, spelled out or counted.
pub fn accounts_for(lines: &[SafeLine], input: &str) {
    let mut rest = input;
    for line in lines {
        for run in line.runs() {
            let before = rest;
            match run.kind() {
                RunKind::Text => rest = rest.strip_prefix(run.text()).expect("the text as it was written"),
                RunKind::Tab => rest = rest.strip_prefix('\t').expect("a tab"),
                RunKind::Mark(MarkKind::Cut) => panic!("nothing was cut"),
                RunKind::Mark(_) => rest = read_mark(run.text(), rest),
            }
            assert_eq!(run.code_points(), before[..before.len() - rest.len()].chars().count(), "{run:?}");
        }
        let line_end = line.code_points() - line.runs().iter().map(Run::code_points).sum::<usize>();
        rest = match line_end {
            0 => rest,
            1 => rest.strip_prefix('\n').expect("a line feed"),
            2 => rest.strip_prefix("\r\n").expect("a carriage return and a line feed"),
            more => panic!("a line end of {more}"),
        };
    }
    assert_eq!(rest, "", "left over");
}

/// What is left of `rest` behind the code points that a mark stands for.
fn read_mark<'a>(mark: &str, rest: &'a str) -> &'a str {
    let name = mark.strip_prefix('<').and_then(|mark| mark.strip_suffix('>')).expect("a mark in angle brackets");
    if let Some(count) = name.strip_prefix('+') {
        let (count, _) = count.split_once(' ').expect("a count and a word");
        return skip(rest, count.parse().expect("a count"), |_| true);
    }
    let (name, count) = name.split_once(" x ").unwrap_or((name, "1"));
    let expected = match name.strip_prefix("U+") {
        Some(hex) => u32::from_str_radix(hex, 16).ok().and_then(char::from_u32).expect("a code point"),
        None if name == "ESC" => '\u{1B}',
        None => panic!("{name}"),
    };
    skip(rest, count.parse().expect("a count"), |c| c == expected)
}

fn skip(rest: &str, count: usize, is_expected: impl Fn(char) -> bool) -> &str {
    let mut chars = rest.chars();
    for _ in 0..count {
        let c = chars.next().expect("a code point that was counted");
        assert!(is_expected(c), "{c:?} was marked as another");
    }
    chars.as_str()
}

/// Every code point that draws nothing lies in a mark, except those that break lines, move to a tab stop, or stand in a
/// well-formed emoji.
pub fn marks_what_draws_nothing(input: &str, marks: &[Mark]) {
    let mut marks = marks.iter().filter(|mark| matches!(mark.remark, Remark::Hidden | Remark::Bidi)).peekable();
    let mut at = 0;
    for cluster in input.graphemes(true) {
        let joins = |c: char| matches!(c, '\u{200D}' | '\u{FE0F}' | '\u{E0020}'..='\u{E007F}');
        for (index, c) in cluster.chars().enumerate() {
            while marks.next_if(|mark| mark.at.end <= at).is_some() {}
            let is_marked = marks.peek().is_some_and(|mark| mark.at.contains(&at));
            // Whether a joiner belongs to a well-formed sequence, the drawn rows are judged for.
            let may_stay = matches!(c, '\n' | '\t') || cluster == "\r\n" || index > 0 && joins(c);
            assert!(is_marked || may_stay || !draws_nothing(c), "{c:?} at {at} is not marked");
            at += 1;
        }
    }
}

/// Code points that a reader does not see, by the tables and the list of the policy.
fn draws_nothing(c: char) -> bool {
    use GeneralCategory::*;
    matches!(
        c.general_category(),
        Control | Format | PrivateUse | Unassigned | Surrogate | LineSeparator | ParagraphSeparator
    ) || matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' | '\u{180B}'..='\u{180F}')
        || "\u{34F}\u{115F}\u{1160}\u{17B4}\u{17B5}\u{2800}\u{3164}\u{FFA0}".contains(c)
}

fn is_mark(c: char) -> bool {
    use GeneralCategory::*;
    matches!(c.general_category(), NonspacingMark | SpacingMark | EnclosingMark)
}

/// An emoji, a keycap or a flag: what begins with an emoji and has another element or a selector.
fn is_emoji_sequence(cluster: &str) -> bool {
    let keycap = cluster.chars().skip(1).eq("\u{FE0F}\u{20E3}".chars());
    let first = cluster.chars().next().expect("clusters are not empty");
    let elements = cluster.split('\u{200D}');
    let whole = elements.clone().all(|part| part.starts_with(|c: char| c.is_emoji_char() && !c.is_ascii()));
    keycap && matches!(first, '0'..='9' | '#' | '*') || whole
}
