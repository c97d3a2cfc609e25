//! What holds for every text.

use countersign::text::{MarkKind, Run, RunKind, SafeLine, SafeText, View, links};
use proptest::prelude::*;
use unicode_width::UnicodeWidthChar;

use super::hostile::hostile_text;
use super::oracle;

proptest! {
    #[test]
    fn any_text_is_visible_complete_and_bounded(text in hostile_text()) {
        oracle::judge(&text);
    }

    #[test]
    fn rows_keep_everything_and_stay_within_their_width(text in hostile_text(), width in 1usize..=300, narrow in 1usize..=12) {
        for line in SafeText::from_untrusted(&text).lines() {
            for width in [width, narrow] {
                keeps_everything(line, width);
            }
        }
    }

    #[test]
    fn cut_lines_fit_and_count_what_was_cut(text in hostile_text(), width in 0usize..40) {
        let line = SafeLine::label(&text);
        let cell = line.cell(width);
        prop_assert_eq!(cell.width(), width);
        oracle::prints_only(&cell);
        oracle::measures_as_ratatui(&cell);
        if width > 0 {
            prop_assert_eq!(cell.code_points(), line.code_points());
        }
        // On a terminal that draws every code point on its own, too.
        let apart: usize = line.to_string().chars().map(|it| it.width().unwrap_or(0)).sum();
        if line.width().max(apart) <= width {
            prop_assert_eq!(cell.to_string(), line.pad(width).to_string());
        }
    }

    #[test]
    fn labels_have_one_line(text in hostile_text()) {
        let label = SafeLine::label(&text);
        oracle::prints_only(&label);
        oracle::draws_only_what_is_seen(&label);
        oracle::measures_as_ratatui(&label);
        oracle::accounts_for(&[label], &text);
    }

    #[test]
    fn the_ascii_only_view_is_ascii_and_complete(text in hostile_text()) {
        let direct = SafeText::from_untrusted_with(&text, View::Ascii);
        oracle::accounts_for(direct.lines(), &text);
        let later = SafeText::from_untrusted(&text).ascii_only();
        prop_assert_eq!(later.code_points(), text.chars().count());
        for line in direct.lines().iter().chain(later.lines()) {
            let drawn = line.to_string();
            prop_assert!(drawn.is_ascii(), "{}", drawn);
            oracle::prints_only(line);
            oracle::measures_as_ratatui(line);
            prop_assert!(line.fit(3).to_string().is_ascii());
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_shown(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let safe = SafeText::from_bytes(&bytes);
        let chunks = || bytes.utf8_chunks();
        let expected = chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum::<usize>();
        prop_assert_eq!(safe.code_points(), expected);
        safe.lines().iter().for_each(oracle::prints_only);
        if std::str::from_utf8(&bytes).is_ok() {
            oracle::accounts_for(safe.lines(), std::str::from_utf8(&bytes).unwrap());
        }
    }

    #[test]
    fn links_are_found_in_any_text_and_are_safe_to_draw(text in hostile_text()) {
        for link in links(&text, &["example.test"]) {
            prop_assert!(link.line <= text.matches('\n').count());
            for line in [&link.shown, &link.host, &link.real_host] {
                oracle::prints_only(line);
                oracle::draws_only_what_is_seen(line);
            }
        }
    }
}

/// The rows spell the line again; where a row's end stands for something, that is one space.
fn keeps_everything(line: &SafeLine, width: usize) {
    let rows = line.wrap(width);
    let whole = line.to_string();
    let mut rest = whole.as_str();
    let last = rows.len() - 1;
    for (index, row) in rows.iter().enumerate() {
        assert!(row.width() <= width, "{} cells in a row of {width}", row.width());
        oracle::prints_only(row);
        oracle::measures_as_ratatui(row);
        for run in row.runs() {
            rest = match run.kind() {
                RunKind::Mark(MarkKind::TooWide) if run.text() == "?" => skip(rest, run.code_points()),
                _ => rest.strip_prefix(run.text()).unwrap_or_else(|| panic!("{run:?} in {rest:?}")),
            };
        }
        let row_end = row.code_points() - row.runs().iter().map(Run::code_points).sum::<usize>();
        if row_end > 0 && (index < last || !rest.is_empty()) {
            rest = rest.strip_prefix(' ').expect("the space at which the row was broken");
        }
    }
    assert_eq!(rest, "");
    assert_eq!(rows.iter().map(SafeLine::code_points).sum::<usize>(), line.code_points());
}

/// What a cluster that is too wide for the row leaves of the line.
fn skip(line: &str, code_points: usize) -> &str {
    line.char_indices().nth(code_points).map_or("", |(at, _)| &line[at..])
}

#[test]
fn every_code_point_is_shown_or_marked_alone_and_in_words() {
    // Ideographs, Hangul syllables, private use and the unassigned planes are alike: of these a sample.
    let is_alike = |c: char| {
        matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' | '\u{E000}'..='\u{F8FF}' | '\u{20000}'..='\u{DFFFF}')
            || c >= '\u{E1000}'
    };
    let tried: Vec<char> = ('\0'..=char::MAX).filter(|c| !is_alike(*c) || u32::from(*c) % 89 < 2).collect();
    for some in tried.chunks(4096) {
        let text: String = some.iter().flat_map(|c| ['x', *c, 'y', ' ', *c, '\u{300}', *c, '中', '\n']).collect();
        oracle::judge(&text);
    }
}

#[test]
fn rows_of_every_width_keep_everything() {
    let text = "Where is my order 88231? \t It was 中文字符 promised\u{200B} for <Monday>, 👩‍👩‍👧 e\u{301}\u{301} \
        https://acme.example/a/very/long/path/that/fits/no/row  \u{202E}and more, word by word by word by word.";
    let line = SafeLine::label(text.repeat(3));
    for width in 1..=300 {
        keeps_everything(&line, width);
    }
}

#[test]
fn a_message_cannot_imitate_a_mark() {
    let written = SafeText::from_untrusted("<U+202E><ESC>");
    let hidden = SafeText::from_untrusted("\u{202E}\u{1B}");
    assert_eq!(written.to_string(), hidden.to_string());
    assert!(written.lines()[0].runs().iter().all(|run| run.kind() == RunKind::Text));
    assert!(hidden.lines()[0].runs().iter().all(|run| matches!(run.kind(), RunKind::Mark(_))));
}
