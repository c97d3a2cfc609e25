//! Which facts are missing, case by case, and what holds for every text.

use std::ops::Range;

use proptest::prelude::*;

use super::*;

fn cut(text: &str, at: &Range<usize>) -> String {
    text.chars().skip(at.start).take(at.len()).collect()
}

fn missing(draft: &str, thread: &[&str]) -> Vec<String> {
    marked(draft, thread, &[]).into_iter().map(|(words, _)| words).collect()
}

fn marked(draft: &str, thread: &[&str], known_hosts: &[&str]) -> Vec<(String, FactKind)> {
    let marks = not_in_thread(draft, thread.iter().copied(), known_hosts);
    let kind = |remark: &Remark| match remark {
        Remark::NotInThread(kind) => *kind,
        other => panic!("no fact: {other:?}"),
    };
    marks.iter().map(|mark| (cut(draft, &mark.at), kind(&mark.remark))).collect()
}

#[test]
fn a_value_is_borne_out_however_it_is_written() {
    let cases = [
        ("17. November 2026", "17.11."),
        ("17.11.", "November 17th, 2026"),
        ("2026-11-17", "le 17 novembre 2026"),
        ("on the 16th", "16/11"),
        ("11月17日", "17 Nov"),
        ("5 tháng 12", "05/12/2026"),
        ("09/29", "exp 09/29"),
        ("3. Februar", "Ihr Brief vom 3. 2. kam an"),
        ("1.234,56 €", "$ 7, then EUR 1,234.56"),
        ("€1,234.56", "1 234,56 euros"),
        ("1250 lira", "1.250 lirayı"),
        ("4,800円", "4800 yen"),
        ("49,90", "£49.90"),
        ("15 %", "fifteen, I mean 15 per cent"),
        ("14:30", "2:30 pm"),
        ("2 pm", "14 Uhr"),
        ("14h30", "14.30 Uhr"),
        ("14時30分", "14:30"),
        ("noon", "12:00"),
        ("zwölf Uhr", "12:00"),
        ("€50", "fifty euros"),
        ("8:00-17:00", "from 8 am until 5 pm"),
        ("GB29NWBK60161331926819", "GB29 NWBK 6016 1331 9268 19"),
        ("between 9 and 11 am", "9 am to 11 am"),
        ("PX-55210073", "number is PX 5521 0073"),
        ("the card ending 7899", "4000 0012 3456 7899"),
        ("order 88231", "KT-88231"),
        ("DE02120300000000202051", "DE02 1203 0000 0000 2020 51"),
        ("+49 30 5550100", "(030) 5550-100"),
        ("+44 (0)161 496 0022", "0161 496 0022"),
        ("612345678", "+34 612 34 56 78"),
        ("https://acme.example/help", "see www.acme.example"),
        ("Jo.Field@post.example", "jo.field@post.example"),
        ("acme.example/pay", "billing@acme.example"),
    ];
    for (draft, thread) in cases {
        assert_eq!(missing(draft, &[thread]), [""; 0], "{draft} | {thread}");
        assert_ne!(missing(draft, &[]), [""; 0], "{draft}");
    }
}

#[test]
fn another_value_is_marked() {
    let cases = [
        ("17. November", "16.11.", "17. November", FactKind::Date),
        ("17.11.2025", "17.11.2026", "17.11.2025", FactKind::Date),
        ("am 12. um acht", "am 13.", "12", FactKind::Date),
        ("1.520 lira", "1.250 lira", "1.520 lira", FactKind::Amount),
        ("49,90 USD", "49,90 EUR", "49,90 USD", FactKind::Amount),
        ("10 %", "20 %", "10 %", FactKind::Percentage),
        ("14:30", "14:31", "14:30", FactKind::Time),
        ("2 am", "2 pm", "2 am", FactKind::Time),
        ("KT-20481", "KT-20418", "KT-20481", FactKind::Number),
        ("AC-7740", "KT-7740", "AC-7740", FactKind::Number),
        ("88231.", "88232", "88231", FactKind::Number),
        ("7021-5", "7012-5", "7021-5", FactKind::Number),
        ("2026/11/0024", "2026/11/0042", "2026/11/0024", FactKind::Number),
        ("4471.22.019", "4471.22.091", "4471.22.019", FactKind::Number),
        ("https://track.acme.example/88231", "acme.example/88213", "88231", FactKind::Number),
        ("https://evil.test/88231", "https://acme.example/88231", "https://evil.test/88231", FactKind::Link),
        ("evil.test", "acme.test", "evil.test", FactKind::Place),
        ("@acme_urgent.", "@acme", "@acme_urgent", FactKind::Place),
        ("a@one.test", "b@one.test", "a@one.test", FactKind::Email),
        ("+49 40 5550100", "030 5550100", "+49 40 5550100", FactKind::Phone),
    ];
    for (draft, thread, words, kind) in cases {
        assert_eq!(marked(draft, &[thread], &[]), [(words.to_owned(), kind)], "{draft} | {thread}");
    }
}

#[test]
fn what_nobody_has_to_doubt_is_left_alone() {
    let drafts = [
        "Three steps:\n1. Open it.\n2. Tap 2 cards.\n10) Wait 24 hours, or 5-7 working days.",
        "Since 2019 it is 24/7, at 50/50, on page 3/4 of A4-Blatt, in 5G and 4K.",
        "Nächsten Montag, in 14 Tagen, z.B. Danke.Mit Gruß",
        "Le 2 rue des Lilas, étage 3, dans 48 h ; l'après-midi",
        "a 16:9 screen and 2 x 4 sockets",
        "the 2nd card and the 3rd attempt",
        "size 10, and 1/2 of it",
        "2〜3日、5日間、3日ほど",
        "haben Sie 6 Wochen, one of two cards, am and pm, one try, once and on $",
    ];
    for draft in drafts {
        assert_eq!(missing(draft, &[]), [""; 0], "{draft}");
    }
}

#[test]
fn registered_hosts_are_not_marked_and_those_that_imitate_them_are() {
    let known = ["acme.example"];
    let draft = "https://track.acme.example/a help@acme.example acme.example https://acme.example.evil.test/ \
                 https://acme.example@evil.test x@notacme.example";
    let words: Vec<_> = marked(draft, &[], &known).into_iter().map(|(words, _)| words).collect();
    assert_eq!(words, ["https://acme.example.evil.test/", "https://acme.example@evil.test", "x@notacme.example"]);
    let path = marked("https://acme.example/orders/88231", &["order 88213"], &known);
    assert_eq!(path, [("88231".to_owned(), FactKind::Number)], "the host is known, the order is another customer's");
}

#[test]
fn hidden_characters_hide_no_fact() {
    assert_eq!(missing("4\u{200B}9,90 €", &[]).len(), 1);
    assert_eq!(missing("4\u{200B}9,90 €", &["49,90 €"]), [""; 0]);
}

#[test]
fn what_lies_behind_the_last_fact_that_is_kept_is_one_mark() {
    let mut draft = String::new();
    for number in 0..MOST_FACTS * 3 {
        draft += &format!("{} ", 100_000 + number * 7);
    }
    let marks = not_in_thread(&draft, [draft.as_str()].into_iter(), &[]);
    assert_eq!(marks.len(), 1, "all but the last are borne out");
    assert_eq!(marks[0].at.end, draft.trim_end().chars().count());
    assert_eq!(not_in_thread(&draft, [].into_iter(), &[]).len(), MOST_FACTS);
}

/// A fact in words and its kind, unlike any of the others that the strategy makes.
fn planted() -> impl Strategy<Value = (String, FactKind)> {
    let month = prop::sample::select(vec!["November", "de marzo", "juillet", "März", "Kasım", "листопада"]);
    prop_oneof![
        (1u8..=31, month).prop_map(|(day, month)| (format!("{day} {month}"), FactKind::Date)),
        (1u8..=31, 1u8..=12, 2020u16..2030).prop_map(|(d, m, y)| (format!("{d:02}.{m:02}.{y}"), FactKind::Date)),
        (0u8..24, 0u8..60).prop_map(|(h, m)| (format!("{h}:{m:02}"), FactKind::Time)),
        (1u32..100_000, 0u8..100).prop_map(|(n, c)| (format!("{n},{c:02} €"), FactKind::Amount)),
        (1u32..100).prop_map(|n| (format!("{n} %"), FactKind::Percentage)),
        (10_000u32..10_000_000).prop_map(|n| (format!("KX-{n}"), FactKind::Number)),
        (3000u32..1_000_000).prop_map(|n| (n.to_string(), FactKind::Number)),
        "[a-z]{3,8}".prop_map(|host| (format!("https://{host}.test/x"), FactKind::Link)),
        "[a-z]{3,8}".prop_map(|name| (format!("{name}@post.example"), FactKind::Email)),
        (1_000_000u32..9_999_999).prop_map(|n| (format!("+49 30 {n}"), FactKind::Phone)),
    ]
}

/// What facts are made of, put together without a plan, digits of other scripts among it.
const FACTLIKE: &str =
    "([0-9]{1,4}|[٠-٩]{1,2}|[０-９]{1,2}|[ .,:/@+€%()#'–-]|am|Uhr|h|März|bis|www|http://|日|\u{200B}|\n|x|é){0,60}";

/// Words that are none: a currency before a number, such as `tl`, is a part of the fact.
const FILLER: &str = "([bcdfghjklmnpqrstvwxzß]{4,9}[ ,]){1,5}";

proptest! {
    #[test]
    fn any_text_has_marks_that_lie_in_it_and_do_not_overlap(draft in ".*", thread in ".*") {
        check(&draft, &thread)?;
    }

    #[test]
    fn what_looks_like_facts_has_such_marks_too(
        draft in FACTLIKE,
        thread in FACTLIKE,
    ) {
        check(&draft, &thread)?;
    }

    #[test]
    fn a_draft_that_repeats_the_thread_has_no_mark(text in ".*") {
        prop_assert_eq!(missing(&text, &["", &text]), [""; 0]);
    }

    #[test]
    fn facts_of_the_thread_in_the_same_form_have_no_mark(
        facts in prop::collection::vec((FILLER, planted()), 1..6), other in FILLER,
    ) {
        let thread: String = facts.iter().map(|(words, (fact, _))| format!("{words}{fact}; ")).collect();
        let draft: String = facts.iter().rev().map(|(_, (fact, _))| format!("{other}{fact}; ")).collect();
        prop_assert_eq!(missing(&draft, &[&thread]), [""; 0]);
    }

    #[test]
    fn every_planted_fact_is_marked(facts in prop::collection::vec((FILLER, planted()), 1..6)) {
        let draft: String = facts.iter().map(|(words, (fact, _))| format!("{words}{fact}; ")).collect();
        let found = marked(&draft, &["nothing of the kind"], &[]);
        let expected: Vec<_> = facts.into_iter().map(|(_, (fact, kind))| (fact, kind)).collect();
        prop_assert_eq!(found, expected);
    }
}

fn check(draft: &str, thread: &str) -> Result<(), TestCaseError> {
    let marks = not_in_thread(draft, [thread].into_iter(), &["acme.example"]);
    let mut end = 0;
    for mark in &marks {
        prop_assert!(mark.at.start >= end && mark.at.start < mark.at.end, "{marks:?}");
        end = mark.at.end;
    }
    prop_assert!(end <= draft.chars().count());
    Ok(())
}
