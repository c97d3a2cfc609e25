//! What keys bring about, and what they cannot.

use chrono::Duration;
use proptest::prelude::*;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::layout::Size;

use super::{JOB, approve, check, decided_as, ready};
use crate::app::effect::Effect;
use crate::app::model::{Overlay, Screen};
use crate::app::msg::Msg;
use crate::app::review::{Change, Decision, Posture, Question, Verb};
use crate::app::sample::{Sitting, outcome, pin, short};
use crate::domain::JobId;

#[test]
fn each_verb_is_decided_by_its_own_keys_and_no_others() {
    let reject = |reason: &str| {
        let decision = Decision::Reject { pin: pin(14), reason: reason.to_owned(), note: None };
        [Effect::Decide { job_id: JOB, decision }]
    };
    let escalate =
        [Effect::Decide { job_id: JOB, decision: Decision::Escalate { pin: pin(14), reason: "unsure".to_owned() } }];
    check(ready(), "Ay", &[approve()]);
    check(ready(), "R1\ny", &reject("wrong_fact"));
    check(ready(), "Rjj\n\ny", &reject("incomplete"));
    check(ready(), "E2y", &escalate);
    check(ready(), "AAAA", &[]);
    check(ready(), "A\n\n ", &[]);
    check(ready(), "AY", &[]);
    check(ready(), "Any", &[Effect::Copy("10431".to_owned())]);
    check(ready(), "A\u{1b}y", &[Effect::Copy("10431".to_owned())]);
    check(ready(), "Axy", &[approve()]);
    check(ready(), "R1\nny", &[Effect::Copy("10431".to_owned())]);
    check(ready(), "Ry", &[]);
    check(ready(), "R9y", &[]);
    check(ready(), "ay", &[Effect::Copy("10431".to_owned())]);
}

#[test]
fn confirm_takes_no_key_before_it_can_have_been_seen() {
    let mut sitting = ready();
    sitting.press("A");
    sitting.key(KeyEvent::from(KeyCode::Char('y')), 299);
    assert_eq!(sitting.asked(), []);
    let question = &sitting.model.review.pane().unwrap().question;
    let Question::Confirm { confirm, .. } = question else { panic!("{question:?}") };
    assert!(confirm.swallowed.is_some(), "and it says so");
    sitting.key(KeyEvent::from(KeyCode::Char('y')), 699);
    assert_eq!(sitting.asked(), [], "who is too early pauses first");
    sitting.key(KeyEvent::from(KeyCode::Char('y')), 700);
    assert_eq!(sitting.asked(), [approve()]);
}

#[test]
fn a_held_y_that_was_too_early_decides_nothing_for_as_long_as_it_is_held() {
    let mut sitting = ready();
    sitting.press("A");
    // Where the terminal does not tell a held key, it repeats after a while, and then fast.
    for after in [250, 660].into_iter().chain([33; 90]) {
        sitting.key(KeyEvent::from(KeyCode::Char('y')), after);
    }
    assert_eq!(sitting.asked(), []);
}

#[test]
fn a_held_y_that_began_in_a_burst_or_behind_pasted_text_decides_nothing_for_as_long_as_it_is_held() {
    let y = |kind| KeyEvent::new_with_kind(KeyCode::Char('y'), KeyModifiers::NONE, kind);
    for begin in [None, Some(y(KeyEventKind::Repeat))] {
        let mut sitting = ready();
        sitting.press("A");
        sitting.wait(Duration::seconds(1));
        match begin {
            Some(key) => sitting.key(key, 0),
            None => sitting.send(Msg::Paste("y".to_owned(), sitting.now)),
        }
        for _ in 0..90 {
            sitting.key(y(KeyEventKind::Press), 33);
        }
        assert_eq!(sitting.asked(), []);
        sitting.key(y(KeyEventKind::Press), 700);
        assert_eq!(sitting.asked(), [approve()], "who pauses and means it is heard");
    }
}

#[test]
fn the_next_job_is_not_asked_about_before_it_can_have_been_read() {
    let mut sitting = ready();
    sitting.press("Ay");
    decided_as(&mut sitting, Verb::Approve, outcome("applied"));
    let ticket = sitting.ticket();
    sitting.send(Msg::Opened { ticket, result: Ok(Box::new(short(10433, "Dear other customer."))), now: sitting.now });
    for verb in "ARE".chars() {
        sitting.key(KeyEvent::from(KeyCode::Char(verb)), 120);
        let pane = sitting.model.review.pane().unwrap();
        assert_eq!((pane.job.job_id.0, &pane.question), (10433, &Question::None), "{verb}");
        assert!(sitting.model.notice.as_ref().unwrap().text.contains("too early"));
    }
    sitting.key(KeyEvent::from(KeyCode::Char('A')), 700);
    assert!(matches!(sitting.model.review.pane().unwrap().question, Question::Confirm { .. }));
}

#[test]
fn keys_in_one_burst_open_no_question() {
    for verb in "ARE".chars() {
        let mut sitting = ready();
        sitting.wait(Duration::seconds(1));
        sitting.key(KeyEvent::new_with_kind(KeyCode::Char(verb), KeyModifiers::SHIFT, KeyEventKind::Repeat), 900);
        assert_eq!(sitting.model.review.pane().unwrap().question, Question::None, "{verb}");
    }
}

#[test]
fn ctrl_z_stops_from_anywhere_and_nothing_is_decided_before_a_fresh_look() {
    let control_z = KeyEvent::new(KeyCode::Char('z'), KeyModifiers::CONTROL);
    for keys in ["", "/", "?", "A", "R", "q"] {
        let mut sitting = ready();
        sitting.press(keys);
        sitting.asked();
        sitting.key(control_z, 1);
        assert_eq!(sitting.asked(), [Effect::Suspend], "{keys:?}");
        sitting.now += Duration::seconds(5);
        sitting.send(Msg::Continued(sitting.now));
        assert_eq!(sitting.asked(), [Effect::LookBack { job_id: JOB, pin: pin(14) }], "{keys:?}");
        sitting.press("\u{1b}Ay");
        assert!(!sitting.asked().contains(&approve()), "{keys:?}");
    }
}

#[test]
fn confirm_takes_no_key_before_it_was_drawn() {
    let mut sitting = ready();
    let press = |letter, at| Msg::Key(KeyEvent::from(KeyCode::Char(letter)), at);
    sitting.wait(Duration::seconds(1));
    sitting.send_unseen(press('A', sitting.now));
    sitting.now += Duration::seconds(2);
    sitting.send(press('y', sitting.now));
    assert_eq!(sitting.asked(), [], "the terminal was slow: the line came only after the key");
    sitting.wait(Duration::seconds(1));
    sitting.press("y");
    assert_eq!(sitting.asked(), [approve()]);
}

#[test]
fn after_a_resize_the_confirm_line_has_to_be_drawn_again() {
    let mut sitting = ready();
    sitting.press("A");
    sitting.now += Duration::seconds(2);
    sitting.send_unseen(Msg::Resize(Size { width: 100, height: 30 }));
    sitting.send(Msg::Key(KeyEvent::from(KeyCode::Char('y')), sitting.now));
    assert_eq!(sitting.asked(), []);
}

#[test]
fn held_keys_and_pasted_text_decide_nothing() {
    let mut sitting = ready();
    sitting.press("A");
    for _ in 0..50 {
        let held = KeyEvent::new_with_kind(KeyCode::Char('y'), KeyModifiers::NONE, KeyEventKind::Repeat);
        sitting.key(held, 33);
    }
    sitting.send(Msg::Paste("y\ny\n".to_owned(), sitting.now));
    assert_eq!(sitting.asked(), []);
}

#[test]
fn pasted_text_is_said_to_be_ignored_where_nothing_takes_it() {
    let mut sitting = ready();
    sitting.send(Msg::Paste("Ay".to_owned(), sitting.now));
    assert_eq!(sitting.model.notice.as_ref().unwrap().text, "pasted text ignored");
    assert_eq!(sitting.asked(), []);
    sitting = Sitting::review(80, 24);
    sitting.press("/");
    let before = sitting.model.notice.clone();
    sitting.send(Msg::Paste("lang:de".to_owned(), sitting.now));
    assert!(matches!(&sitting.model.overlay, Overlay::Filter(line) if line.text == "lang:de"));
    assert_eq!(sitting.model.notice, before);
}

#[test]
fn a_second_y_does_not_reach_the_next_job() {
    let mut sitting = ready();
    sitting.press("Ayyyy");
    assert_eq!(
        sitting.asked(),
        [
            approve(),
            Effect::Copy("10431".to_owned()),
            Effect::Copy("10431".to_owned()),
            Effect::Copy("10431".to_owned())
        ]
    );
    decided_as(&mut sitting, Verb::Approve, outcome("applied"));
    let ticket = sitting.ticket();
    let next = short(10433, "Dear other customer.");
    sitting.send(Msg::Opened { ticket, result: Ok(Box::new(next)), now: sitting.now });
    sitting.asked();
    sitting.press("yyy");
    assert!(sitting.asked().iter().all(|effect| matches!(effect, Effect::Copy(_))));
}

fn any_key(letters: &'static str) -> impl Strategy<Value = (KeyEvent, i64)> {
    let letter = prop::sample::select(letters.chars().collect::<Vec<_>>()).prop_map(KeyCode::Char);
    let named =
        prop::sample::select(vec![KeyCode::Enter, KeyCode::Esc, KeyCode::Tab, KeyCode::Down, KeyCode::PageDown]);
    let kind = prop::sample::select(vec![KeyEventKind::Press, KeyEventKind::Repeat]);
    let key = (prop_oneof![4 => letter, 1 => named], kind);
    (key.prop_map(|(code, kind)| KeyEvent::new_with_kind(code, KeyModifiers::NONE, kind)), 0..1000_i64)
}

fn decisions(keys: Vec<(KeyEvent, i64)>) -> usize {
    let mut sitting = ready();
    for (key, after) in keys {
        sitting.key(key, after);
    }
    // To save an edit is to ask somebody else.
    let revises = |decision: &Decision| matches!(decision, Decision::Revise { .. });
    let decides = |effect: &Effect| matches!(effect, Effect::Decide { decision, .. } if !revises(decision));
    sitting.asked().into_iter().filter(decides).count()
}

proptest! {
    #[test]
    fn nothing_is_decided_without_y(keys in prop::collection::vec(any_key("ARETYnvsufqpjkgG0123 x?/"), 0..40)) {
        prop_assert_eq!(decisions(keys), 0);
    }

    #[test]
    fn nothing_is_decided_without_a_capital(keys in prop::collection::vec(any_key("aretynvsufpjkgG0123 x"), 0..40)) {
        prop_assert_eq!(decisions(keys), 0);
    }

    #[test]
    fn one_job_is_decided_once(keys in prop::collection::vec(any_key("AAARREyyyy12n "), 0..60)) {
        prop_assert!(decisions(keys) <= 1);
    }
}

#[test]
fn a_draft_that_hides_something_asks_for_the_digest() {
    let sitting = || Sitting::review(80, 24).open(short(10431, "free\u{200B} of charge"));
    check(sitting(), "A7f3a", &[]);
    check(sitting(), "wAy", &[]);
    check(sitting(), "wA7f3a", &[approve()]);
    check(sitting(), "wA7f3", &[]);
    check(sitting(), "wA7fx3a", &[]);
    check(
        sitting(),
        "R1\ny",
        &[Effect::Decide {
            job_id: JOB,
            decision: Decision::Reject { pin: pin(14), reason: "wrong_fact".to_owned(), note: None },
        }],
    );
}

#[test]
fn nothing_is_decided_where_it_cannot_be_read() {
    let mut sitting = ready();
    sitting.press("A");
    sitting.send(Msg::Resize(Size { width: 59, height: 24 }));
    sitting.press("y");
    assert_eq!(sitting.asked(), []);
    let mut sitting = ready();
    sitting.press("tAy");
    assert!(!sitting.asked().contains(&approve()), "the list lies over it");
}

#[test]
fn skipping_takes_a_reason() {
    check(ready(), "s2", &[Effect::Skip { job_id: JOB, lease_token: 12, reason: "conflict_of_interest".to_owned() }]);
    check(ready(), "sn", &[]);
}

#[test]
fn pressing_twice_asks_once() {
    let mut sitting = ready();
    sitting.press("uu");
    assert_eq!(sitting.asked().len(), 1, "undo");
    let mut sitting = ready();
    sitting.send(Msg::Changed { job_id: JOB, pin: pin(14), change: Change::ConversationMoved, now: sitting.now });
    sitting.press("vv");
    assert_eq!(sitting.asked().len(), 1, "a fresh look");
    let mut escalated = short(10450, "Dear customer.");
    escalated.conversation.pin = None;
    let mut sitting = Sitting::review(80, 24).open(escalated);
    sitting.asked();
    sitting.press("TT");
    assert_eq!(sitting.asked().len(), 1, "taking over");
}

#[test]
fn another_screen_keeps_the_job_open_but_not_its_question() {
    let mut sitting = ready();
    sitting.press("A");
    sitting.press("\u{1b}1");
    assert_eq!(sitting.model.screen, Screen::Overview);
    sitting.press("2");
    assert_eq!(sitting.model.review.posture(), Posture::Pane);
    assert_eq!(sitting.asked(), []);
}

#[test]
fn quitting_with_an_undo_running_asks_first() {
    let mut sitting = ready();
    sitting.press("q");
    assert_eq!(sitting.model.overlay, Overlay::Quit);
    assert_eq!(sitting.asked(), []);
    sitting.press("q");
    assert_eq!(sitting.asked(), [Effect::Release { job_id: JOB, lease_token: 12 }, Effect::Quit]);
    check(ready(), "qu", &[Effect::Undo { job_id: JobId(10424) }]);
    let mut sitting = ready();
    sitting.press("R1\ny");
    decided_as(&mut sitting, Verb::Reject, outcome("applied"));
    check(sitting, "qu", &[Effect::Undo { job_id: JobId(10424) }]);
}

#[test]
fn interrupt_quits_from_anywhere_and_leaves_a_decision_under_way_alone() {
    let interrupt = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    for keys in ["", "/", "?", "A", "R", "q"] {
        let mut sitting = ready();
        sitting.press(keys);
        sitting.key(interrupt, 1);
        assert_eq!(sitting.asked().last(), Some(&Effect::Quit), "{keys:?}");
    }
    let mut sitting = ready();
    sitting.press("Ay");
    sitting.asked();
    sitting.key(interrupt, 1);
    assert_eq!(sitting.asked(), [Effect::Quit], "the lease is the decision's until it was answered");
}
