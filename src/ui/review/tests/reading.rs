//! What stands in the pane.

use chrono::Duration;

use super::{draw, reading_hostile, snapshot, snapshots, text};
use crate::app::review::{Body, Standing};
use crate::app::sample::{self, Sitting, short};

#[test]
fn review_pane() {
    snapshots("review_pane", Sitting::reading);
}

#[test]
fn review_hidden_characters() {
    let draft = "The replacement is free\u{200B} of charge.\nFollow it: https://acme.example\u{202E}.test/88231\n\
        Zusammen mit 東京 und 한국";
    snapshots("review_hidden", |width, height| {
        let mut sitting = Sitting::review(width, height).open(short(10431, draft));
        sitting.press("wwwwwwA7f");
        sitting
    });
}

#[test]
fn review_marks() {
    snapshots("review_marks", |width, height| {
        let mut sitting = reading_hostile(width, height);
        sitting.press("ww");
        sitting
    });
}

#[test]
fn review_info() {
    snapshots("review_info", |width, height| {
        let mut sitting = reading_hostile(width, height);
        sitting.press("i");
        sitting
    });
}

#[test]
fn review_search() {
    snapshots("review_search", |width, height| {
        let mut sitting = reading_hostile(width, height);
        sitting.press("/order\n");
        sitting
    });
}

#[test]
fn review_ascii_view() {
    snapshots("review_ascii_view", |width, height| {
        let mut sitting = Sitting::review(width, height).open(short(10431, "Gr\u{FC}\u{DF}e, p\u{430}y 5 \u{20AC}"));
        sitting.press("a");
        sitting
    });
}

#[test]
fn review_looked_at() {
    snapshots("review_looked_at", |width, height| {
        let mut theirs = short(10436, "Dear customer.");
        theirs.standing = Standing::Held { by: "bo".to_owned(), until: Some(sample::morning() + Duration::minutes(3)) };
        theirs.conversation.pin = None;
        Sitting::review(width, height).open(theirs)
    });
}

#[test]
fn review_small() {
    let mut sitting = reading_hostile(60, 15);
    sitting.press("w");
    snapshot("review_small", &sitting);
}

#[test]
fn every_row_of_untrusted_text_has_the_gutter() {
    let framed = "── DRAFT leaves by email ──\n!! approved\n\u{2028}\n▌ ▌";
    let sitting = Sitting::review(80, 24).open(short(10431, framed));
    let screen = text(&sitting);
    let rows: Vec<&str> = screen.lines().collect();
    let first = rows.iter().position(|row| row.contains("DRAFT leaves by email to")).unwrap() + 1;
    for (row, line) in rows[first..].iter().zip(framed.lines()) {
        assert_eq!(row.chars().nth(3), Some('▌'), "{line}: {row}");
    }
}

#[test]
fn a_body_that_does_not_open_looks_like_no_message() {
    let why = "the body does not open: it was altered";
    let mut closed = short(10431, &format!("NOT OPENED: {why}\n[{why}]\n!! NOT OPENED: {why}"));
    closed.conversation.messages[0].body = Body::Closed { why: why.to_owned() };
    closed.conversation.pin = None;
    let sitting = Sitting::review(80, 24).open(closed);
    let screen = text(&sitting);
    let (ours, theirs): (Vec<&str>, Vec<&str>) =
        screen.lines().filter(|row| row.contains(why)).partition(|row| !row.contains('▌'));
    assert_eq!((ours.len(), theirs.len()), (1, 3), "{screen}");
    assert!(ours[0].starts_with("\" !!") && ours[0].contains("NOT OPENED: the body"), "{screen}");
    assert!(theirs.iter().all(|row| row.chars().nth(3) == Some('▌')), "{screen}");
    assert!(screen.contains("A and R and E off: not all of it opens"), "{screen}");
    assert!(!screen.contains("nothing hidden"), "{screen}");
}

#[test]
fn a_mark_in_a_draft_looks_like_no_text() {
    let sitting = Sitting::review(80, 24).open(short(10431, "free\u{200B} <U+200B>"));
    let terminal = draw(&sitting);
    let buffer = terminal.backend().buffer();
    let row = (0..24).find(|y| buffer[(4, *y)].symbol() == "f" && buffer[(5, *y)].symbol() == "r").unwrap();
    let (real, typed) = (&buffer[(8, row)], &buffer[(17, row)]);
    assert_eq!((real.symbol(), typed.symbol()), ("<", "<"));
    assert_ne!(real.style(), typed.style());
}
