//! Rows and marks of opened texts, against the text itself and the Unicode tables.

use countersign::text::{OpenedText, Remark, Rows, SafeLine, SafeText, View};
use proptest::prelude::*;

use super::hostile::hostile_text;
use super::oracle;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn rows_are_those_of_the_whole_text(text in hostile_text(), width in 1usize..=300) {
        let rows = rows_of(&text, width);
        let whole: Vec<SafeLine> =
            SafeText::from_untrusted(&text).lines().iter().flat_map(|line| line.wrap(width)).collect();
        let shown: Vec<SafeLine> = (0..rows.len()).map(|row| rows.line(row).into_owned()).collect();
        prop_assert_eq!(shown, whole);
    }

    #[test]
    fn rows_show_every_code_point_of_a_long_text_once(
        text in hostile_text(), times in 1usize..60, width in 2usize..=300,
    ) {
        let text = text.repeat(times);
        let mut rows = rows_of(&text, width);
        while rows.count_on(usize::MAX) {}
        prop_assert!(rows.is_exact());
        let all: Vec<SafeLine> = {
            rows.keep(0..rows.len());
            (0..rows.len()).map(|row| rows.line(row).into_owned()).collect()
        };
        prop_assert!(all.iter().all(|row| row.width() <= width));
        prop_assert_eq!(all.iter().map(SafeLine::code_points).sum::<usize>(), text.chars().count());
        let mut begin = 0;
        for (number, row) in all.iter().enumerate() {
            let code_points = rows.code_points_of(number..number + 1);
            prop_assert_eq!(code_points.clone(), begin..begin + row.code_points());
            if row.code_points() > 0 {
                prop_assert_eq!(rows.row_of(begin), number);
                prop_assert_eq!(rows.row_of(code_points.end - 1), number);
            }
            begin = code_points.end;
        }
    }

    #[test]
    fn every_code_point_that_draws_nothing_is_in_a_mark(text in hostile_text(), times in 1usize..60) {
        let text = text.repeat(times);
        oracle::marks_what_draws_nothing(&text, OpenedText::from_untrusted(&text).marks());
    }

    #[test]
    fn findings_are_those_of_the_whole_text(text in hostile_text()) {
        let opened = OpenedText::from_untrusted(&text);
        prop_assert_eq!(opened.findings(), SafeText::from_untrusted(&text).findings());
        let links = opened.marks().iter().filter(|mark| matches!(mark.remark, Remark::DeceptiveLink { .. }));
        prop_assert_eq!(links.count(), opened.findings().deceptive_links);
        prop_assert!(opened.marks().is_sorted_by_key(|mark| mark.at.start));
        prop_assert!(opened.marks().iter().all(|mark| !mark.at.is_empty()));
    }

    #[test]
    fn bytes_that_are_no_text_have_rows_and_marks_too(
        bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b' '), Just(0xE2), Just(0x80)], 0..9000),
        width in 2usize..=300,
    ) {
        let opened = OpenedText::from_untrusted_bytes(bytes.clone());
        let expected: usize =
            bytes.utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum();
        prop_assert_eq!(opened.code_points(), expected);
        let rows = Rows::new(opened.clone(), width, View::Unicode);
        prop_assert_eq!(rows.code_points_of(0..rows.len()), 0..expected);
        let invalid: usize = bytes.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
        let marked: usize = opened.marks().iter().map(|mark| mark.at.len()).sum();
        prop_assert!(marked >= invalid, "{} of {}", marked, invalid);
    }
}

fn rows_of(text: &str, width: usize) -> Rows {
    Rows::new(OpenedText::from_untrusted(text), width, View::Unicode)
}

#[test]
fn a_link_is_found_wherever_the_text_is_cut() {
    for before in [0, 4000, 4085, 4090, 4096, 65_500, 65_530, 65_536, 70_000, 200_000] {
        for filler in ["x", "word ", "中"] {
            let text = format!("{} https://acme.test@evil.test/a b", filler.repeat(before / filler.len()));
            let opened = OpenedText::from_untrusted(&text);
            assert_eq!(opened.findings().deceptive_links, 1, "behind {before} bytes of {filler:?}");
            let at = opened.marks()[0].at.clone();
            let there: String = text.chars().skip(at.start).take(at.len()).collect();
            assert_eq!(there, "https://acme.test@evil.test/a");
        }
    }
}

#[test]
fn an_address_whose_end_is_far_away_is_deceptive() {
    for length in [1000, 5000, 20_000, 100_000] {
        let text = format!("see https://acme.test{}@evil.test now", "x".repeat(length));
        assert_eq!(OpenedText::from_untrusted(&text).findings().deceptive_links, 1, "{length}");
    }
}

#[test]
fn a_flood_of_marks_is_bounded_and_reaches_to_the_last() {
    let text = "a\u{200B}".repeat(200_000);
    let opened = OpenedText::from_untrusted(&text);
    assert_eq!(opened.findings().hidden, 200_000);
    assert_eq!(opened.marks().len(), 10_000);
    assert_eq!(opened.marks().last().unwrap().at.end, 400_000);
    oracle::marks_what_draws_nothing(&text, opened.marks());
}
