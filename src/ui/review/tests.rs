//! What a person sees of Review, at three sizes.

use chrono::Duration;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Color;

use crate::app::model::Screen;
use crate::app::review::{Body, Change, ReviewList, Verb};
use crate::app::sample::{self, Sitting, opened, short};
use crate::app::{Msg, keymap};
use crate::domain::review::Ending;
use crate::domain::{Backlog, JobKind};
use crate::ui::view;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

fn draw(sitting: &Sitting) -> Terminal<TestBackend> {
    let size = sitting.model.size;
    let mut terminal = Terminal::new(TestBackend::new(size.width, size.height)).unwrap();
    terminal.draw(|frame| view(&sitting.model, sitting.now, frame)).unwrap();
    terminal
}

pub(super) fn text(sitting: &Sitting) -> String {
    draw(sitting).backend().to_string()
}

/// One snapshot for each size.
pub(super) fn snapshots(name: &str, build: impl Fn(u16, u16) -> Sitting) {
    for (width, height) in SIZES {
        let name = format!("{name}_{width}x{height}");
        insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(name, text(&build(width, height)));
        });
    }
}

fn empty() -> ReviewList {
    ReviewList { waiting: Vec::new(), mine: Vec::new() }
}

#[test]
fn review_list() {
    snapshots("review_list", Sitting::review);
}

#[test]
fn review_pane() {
    snapshots("review_pane", Sitting::reading);
}

#[test]
fn review_confirm() {
    snapshots("review_confirm", |width, height| {
        let mut sitting = Sitting::review(width, height).open(short(10431, sample::DRAFT));
        sitting.press("A");
        sitting
    });
}

#[test]
fn review_hidden_characters() {
    let draft = "The replacement is free\u{200B} of charge.\nFollow it: https://acme.example\u{202E}.test/88231\n\
        Zusammen mit 東京 und 한국";
    snapshots("review_hidden", |width, height| {
        let mut sitting = Sitting::review(width, height).open(short(10431, draft));
        sitting.press("A7f");
        sitting
    });
}

#[test]
fn review_reject_reason() {
    snapshots("review_reason", |width, height| {
        let mut sitting = Sitting::reading(width, height);
        sitting.press("Rj");
        sitting
    });
}

#[test]
fn review_moved() {
    snapshots("review_moved", |width, height| {
        let mut sitting = Sitting::reading(width, height);
        let change = Change::ConversationMoved;
        sitting.send(Msg::Changed {
            job_id: crate::domain::JobId(10431),
            pin: crate::app::sample::pin(14),
            change,
            now: sitting.now,
        });
        sitting
    });
}

#[test]
fn review_stale() {
    snapshots("review_stale", |width, height| {
        let mut sitting = Sitting::review(width, height);
        sitting.send(Msg::ConnectionLost("connection refused".to_owned(), sitting.now));
        sitting.now += Duration::seconds(41);
        sitting
    });
}

#[test]
fn review_empty() {
    snapshots("review_empty", |width, height| {
        let mut sitting = Sitting::connected(Screen::Review, width, height);
        sitting.answer(empty(), Backlog::complete(Vec::new()));
        sitting
    });
}

#[test]
fn review_too_small() {
    let sitting = Sitting::review(59, 14);
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("review_too_small", text(&sitting));
    });
}

#[test]
fn review_help() {
    snapshots("review_help", |width, height| {
        let mut sitting = Sitting::reading(width, height);
        sitting.press("?");
        sitting
    });
}

#[test]
fn every_key_that_works_in_the_pane_can_be_read_in_its_help() {
    let mut sitting = Sitting::reading(120, 60);
    sitting.press("?");
    let screen = text(&sitting);
    for binding in keymap::of_mode(keymap::Mode::ReviewPane) {
        assert!(screen.contains(binding.help), "{}", binding.help);
    }
}

#[test]
fn footer_puts_what_cannot_act_into_parentheses_and_the_reason_above() {
    let screen = text(&Sitting::reading(80, 24));
    let rows: Vec<&str> = screen.lines().collect();
    assert!(rows[23].contains("(A)"), "{}", rows[23]);
    assert!(rows[23].contains("R reject"), "{}", rows[23]);
    assert!(rows[22].contains("A off:") && rows[22].contains("unread (Space)"), "{}", rows[22]);
}

#[test]
fn footer_of_a_question_has_every_key_that_answers_it() {
    let footer = |draft: &str, keys: &str| {
        let mut sitting = Sitting::review(80, 24).open(short(10431, draft));
        sitting.press(keys);
        text(&sitting).lines().last().unwrap().to_owned()
    };
    let plain = "Dear customer.";
    for (draft, keys, expected) in [
        (plain, "A", ["y yes", "n leave it"]),
        (plain, "R1\n", ["y yes", "n leave it"]),
        (plain, "R", ["1-9 pick", "n leave"]),
        ("free\u{200B} of charge", "A", ["digits", "n leave it"]),
        (plain, "q", ["q quit", "u undo"]),
    ] {
        let footer = footer(draft, keys);
        assert!(expected.iter().all(|words| footer.contains(words)), "{keys}: {footer}");
    }
}

#[test]
fn a_confirm_names_what_it_is_about_even_at_the_smallest_size() {
    let hidden = "frее\u{200B} of\u{202E} charge: [acme.example](https://other.test) https://acme.example@other.test";
    let plain = "Dear customer.";
    for (draft, keys, expected) in [
        (plain, "A", &["APPROVE #10431", "7f3a-91c2", "leaves 30 s after y", "y approve", "n leave it"][..]),
        (plain, "R2\n", &["REJECT #10431", "wrong_recipient", "7f3a-91c2", "y reject"]),
        (plain, "E2", &["ESCALATE #10431", "vulnerable_customer", "7f3a-91c2", "y escalate"]),
        (plain, "E2x", &["swallowed: no answer"]),
        (plain, "E2Y", &["swallowed: a capital letter"]),
        (hidden, "A", &["accepts 1 hidden", "leaves 30 s after the digest", "type 7f3a > ____", "n leave it"]),
        (hidden, "A7f", &["type 7f3a > 7f__"]),
        (hidden, "Ay", &["swallowed: no answer", "type 7f3a > ____"]),
    ] {
        let mut sitting = Sitting::review(60, 15);
        sitting.model.session.reasons.reject = ["policy", "wrong_recipient"].map(str::to_owned).to_vec();
        sitting.model.session.reasons.escalate = ["legal_threat", "vulnerable_customer"].map(str::to_owned).to_vec();
        let mut sitting = sitting.open(short(10431, draft));
        sitting.press(keys);
        let screen = text(&sitting);
        for words in expected {
            assert!(screen.contains(words), "{keys}: {words}\n{screen}");
        }
    }
}

#[test]
fn nothing_outside_ascii_is_drawn_by_us_in_ascii_mode() {
    for keys in ["", "n", "?", "/"] {
        let mut sitting = Sitting::review(120, 40);
        sitting.model.settings.ascii = true;
        if keys == "n" {
            sitting = sitting.open(opened(10431));
            sitting.press("R");
        } else {
            sitting.press(keys);
        }
        let screen = text(&sitting);
        let foreign: String = screen.chars().filter(|it| !it.is_ascii()).collect();
        assert_eq!(foreign, "", "{keys:?}\n{screen}");
    }
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
    assert!(screen.contains("A R E off: not all of it opens"), "{screen}");
    assert!(!screen.contains("nothing hidden"), "{screen}");
}

#[test]
fn the_head_of_the_pane_says_whose_the_job_is_now() {
    let head = |change: Option<Change>| {
        let mut sitting = Sitting::review(80, 24).open(short(10431, "Dear customer."));
        sitting.press("A");
        if let Some(change) = change {
            let (job_id, pin) = (crate::domain::JobId(10431), sample::pin(14));
            sitting.send(Msg::Changed { job_id, pin, change, now: sitting.now });
        }
        text(&sitting).lines().nth(1).unwrap().trim_end_matches(['"', ' ']).to_owned()
    };
    let bo = || Some("bo".to_owned());
    let ending = || Ending::of(&[sample::run("bo", "review_reject", "failed")]).unwrap();
    for (change, expected) in [
        (None, "· yours"),
        (Some(Change::LeaseLost { by: None }), "· not yours"),
        (Some(Change::LeaseLost { by: bo() }), "· bo has it"),
        (Some(Change::Ended(ending())), "· over"),
    ] {
        let head = head(change);
        assert!(head.ends_with(expected), "{expected}: {head}");
    }
}

#[test]
fn what_became_of_a_decision_is_on_the_screen_beside_later_news() {
    let mut sitting = Sitting::review(80, 24).open(short(10431, "Dear customer."));
    let (job_id, verb) = (crate::domain::JobId(10431), Verb::Approve);
    sitting.press("Ay");
    sitting.send(Msg::DecisionInDoubt { job_id, verb });
    sitting.send(Msg::ConnectionLost("connection refused".to_owned(), sitting.now));
    assert!(text(&sitting).contains("checking what became of #10431 (approve)"));
    let result = Ok(sample::outcome("switched_off"));
    sitting.send(Msg::Decided { job_id, verb, result, now: sitting.now });
    sitting.send(Msg::Connected(Box::new(sample::session()), sitting.now));
    let screen = text(&sitting);
    assert!(screen.contains("#10431 was NOT approved: switched off") && screen.contains("(v: seen)"), "{screen}");
    assert!(screen.contains("the database is back"), "{screen}");
}

#[test]
fn production_and_lost_data_are_red_and_nothing_is_without_colour() {
    let mut sitting = Sitting::review(80, 24);
    sitting.send(Msg::ConnectionLost("connection refused".to_owned(), sitting.now));
    let red = |sitting: &Sitting| -> String {
        let terminal = draw(sitting);
        let buffer = terminal.backend().buffer().clone();
        let header = buffer.content().iter().take(80);
        header.filter(|cell| cell.fg == Color::Red).map(|cell| cell.symbol()).collect()
    };
    assert!(red(&sitting).starts_with("PRODUCTION"), "{}", red(&sitting));
    assert!(red(&sitting).contains("old"));
    sitting.model.settings.no_color = true;
    let terminal = draw(&sitting);
    let plain = terminal.backend().buffer().content().iter().all(|cell| cell.fg == Color::Reset);
    assert!(plain);
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

#[test]
fn an_escalated_job_is_named_in_list_and_pane() {
    let mut sitting = Sitting::review(120, 40);
    assert!(text(&sitting).contains("ESC"));
    let mut escalated = short(10450, "Dear customer.");
    escalated.conversation.pin = None;
    assert_eq!(escalated.job.job_kind, JobKind::Escalate);
    sitting = sitting.open(escalated);
    assert!(text(&sitting).contains("T takes it over"));
}
