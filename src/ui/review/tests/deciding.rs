//! What is asked before a decision, and said after it.

use super::{reading_hostile, snapshots, text};
use crate::app::Msg;
use crate::app::review::Verb;
use crate::app::sample::{self, Sitting, short};
use crate::domain::JobId;

#[test]
fn review_confirm() {
    snapshots("review_confirm", |width, height| {
        let mut sitting = Sitting::review(width, height).open(short(10431, sample::DRAFT));
        sitting.press("A");
        sitting
    });
}

#[test]
fn review_accepts() {
    snapshots("review_accepts", |width, height| {
        let mut sitting = reading_hostile(width, height);
        sitting.press("wwwww   A7f");
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
        ("free\u{200B} of charge", "wA", ["digits", "n leave it"]),
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
        (hidden, "wwwwwwA", &["accepts 1 hidden", "leaves 30 s after the digest", "type 7f3a > ____", "n leave it"]),
        (hidden, "wwwwwwA7f", &["type 7f3a > 7f__"]),
        (hidden, "wwwwwwAy", &["swallowed: no answer", "type 7f3a > ____"]),
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
fn what_became_of_a_decision_is_on_the_screen_beside_later_news() {
    let mut sitting = Sitting::review(80, 24).open(short(10431, "Dear customer."));
    let (job_id, verb) = (JobId(10431), Verb::Approve);
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
