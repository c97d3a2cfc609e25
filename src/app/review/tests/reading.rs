//! What has to be read, kept and fetched afresh before a decision.

use chrono::Duration;
use ratatui::crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Size;

use super::{JOB, approve, check, ready};
use crate::app::effect::Effect;
use crate::app::keymap::{Action, Availability};
use crate::app::model::Connection;
use crate::app::msg::Msg;
use crate::app::review::changes::Side;
use crate::app::review::document::Row;
use crate::app::review::sheet::Leaf;
use crate::app::review::{Change, Decision, Opened, Question, availability, lease};
use crate::app::sample::{self, Sitting, minutes, opened, pin, short};
use crate::domain::review::Reading;
use crate::domain::{Direction, Pin};

#[test]
fn approve_waits_until_everything_was_on_the_screen() {
    let mut sitting = Sitting::reading(80, 24);
    let off = |sitting: &Sitting| availability(&sitting.model, Action::Approve);
    assert!(matches!(off(&sitting), Availability::Off(why) if why.contains("unread (Space)")));
    sitting.press("A");
    assert_eq!(sitting.model.review.pane().unwrap().question, Question::None);
    sitting.press("  ");
    assert_eq!(off(&sitting), Availability::On);
    sitting.asked();
    check(sitting, "Ay", &[approve()]);
}

#[test]
fn a_place_in_a_message_is_found_on_the_screen() {
    let mut sitting = Sitting::reading(80, 24);
    let document = &mut sitting.model.review.pane_mut().unwrap().document;
    let ombudsman = document.row_of(3, 185).unwrap();
    let Row::Text { message: 3, row } = document.rows(ombudsman..ombudsman + 1)[0] else { panic!("another row") };
    assert!(document.line(3, row).to_string().contains("ombudsman"));
    assert!(document.code_points(3, row).contains(&185));
    assert_eq!(document.row_of(0, 0), None, "folded away");
}

fn unread(sitting: &Sitting) -> usize {
    let pane = sitting.model.review.pane().unwrap();
    pane.document.unread(&pane.conversation)
}

#[test]
fn what_something_covers_was_not_on_the_screen() {
    for covering in ["?", "t", "R"] {
        let mut sitting = Sitting::reading(80, 16);
        let before = unread(&sitting);
        assert!(before > 0);
        sitting.press(covering);
        sitting.send(Msg::Resize(Size { width: 80, height: 60 }));
        assert_eq!(unread(&sitting), before, "{covering:?}");
    }
    let mut sitting = Sitting::reading(80, 16);
    sitting.send(Msg::Resize(Size { width: 80, height: 60 }));
    assert_eq!(unread(&sitting), 0);
}

#[test]
fn what_was_on_the_screen_stays_read_after_a_resize() {
    let mut sitting = Sitting::reading(80, 24);
    sitting.press("  ");
    assert_eq!(unread(&sitting), 0);
    sitting.send(Msg::Resize(Size { width: 70, height: 24 }));
    assert_eq!(unread(&sitting), 0, "what was read in whole stays read");

    let lines = |range: std::ops::Range<usize>| range.map(|n| format!("line {n}\n")).collect::<String>();
    let mut sitting = Sitting::review(80, 24).open(sample::short(10431, &lines(0..60)));
    sitting.press("G");
    let before = unread(&sitting);
    assert!((20..60).contains(&before), "{before} lines in the middle");
    sitting.send(Msg::Resize(Size { width: 70, height: 24 }));
    assert_eq!(unread(&sitting), before, "short lines are the same rows at another width");
    sitting.press("g");
    assert_eq!(unread(&sitting), before, "the first and the last were on the screen");
    sitting.press("      ");
    assert_eq!(unread(&sitting), 0);
}

#[test]
fn nothing_is_decided_on_what_has_changed_until_it_was_looked_at() {
    for change in [Change::LeaseLost { by: None }, Change::Away] {
        let mut sitting = ready();
        sitting.press("A");
        sitting.send(Msg::Changed { job_id: JOB, pin: pin(14), change: change.clone(), now: sitting.now });
        sitting.press("yAyRy");
        assert_eq!(decisions(&mut sitting), 0, "{change:?}");
        sitting.press("v");
        let reopen = sitting.asked();
        assert!(matches!(reopen[..], [Effect::Reopen { job_id: JOB, .. }]), "{change:?}: {reopen:?}");
    }
}

fn decisions(sitting: &mut Sitting) -> usize {
    sitting.asked().into_iter().filter(|effect| matches!(effect, Effect::Decide { .. })).count()
}

/// The open job changed, and the program fetched what is there now.
fn renewed(mut sitting: Sitting, change: Change, again: Opened) -> Sitting {
    sitting.send(Msg::Changed { job_id: JOB, pin: pin(14), change, now: sitting.now });
    let asked = sitting.effects.iter().rev().find(|effect| matches!(effect, Effect::Reopen { job_id: JOB, .. }));
    assert!(asked.is_some(), "it is fetched at once");
    let ticket = sitting.ticket();
    sitting.send(Msg::Opened { ticket, result: Ok(Box::new(again)), now: sitting.now });
    sitting
}

#[test]
fn a_new_message_stands_there_at_once_and_nothing_is_decided_before_it_was_seen() {
    let mut again = short(10431, "Dear customer,\nit arrives tomorrow.");
    again.conversation.messages.insert(1, sample::message(16, Direction::Inbound, 0, "forget it"));
    again.conversation.pin = Some(pin(16));
    let mut sitting = ready();
    sitting.press("A");
    let mut sitting = renewed(sitting, Change::ConversationMoved, again);
    let pane = sitting.model.review.pane().unwrap();
    assert_eq!((&pane.change, pane.question.clone()), (&Some(Change::ConversationMoved), Question::None));
    assert!(pane.is_new(&pane.conversation.messages[1]) && !pane.is_new(&pane.conversation.messages[0]));
    assert_eq!(availability(&sitting.model, Action::Escalate), Availability::On, "for that nothing need be read");
    for action in [Action::Approve, Action::Reject] {
        assert_eq!(availability(&sitting.model, action), Availability::Off("message 16 (v)".to_owned()));
    }
    sitting.press("yAyRy");
    assert_eq!(decisions(&mut sitting), 0);
    sitting.press("v");
    assert_eq!(sitting.asked(), [], "it was fetched already");
    let decision = Decision::Approve { pin: pin(16), reading: Reading::default() };
    check(sitting, "Ay", &[Effect::Decide { job_id: JOB, decision }]);
}

#[test]
fn a_long_new_message_has_to_be_read_although_it_was_seen() {
    let mut sitting = Sitting::reading(80, 24);
    sitting.press("  ");
    let mut again = opened(10431);
    let long = "forget it, my neighbour just brought it over\n".repeat(30);
    again.conversation.messages.push(sample::message(16, Direction::Inbound, 0, &long));
    again.conversation.pin = Some(pin(16));
    let mut sitting = renewed(sitting, Change::ConversationMoved, again);
    let pane = sitting.model.review.pane().unwrap();
    assert!((1..=30).contains(&pane.document.unread(&pane.conversation)), "only the new message is unread");
    sitting.asked();
    sitting.press("vgAy");
    assert_eq!(decisions(&mut sitting), 0);
    sitting.press("      Ay");
    let decision = Decision::Approve { pin: pin(16), reading: Reading::default() };
    assert_eq!(sitting.asked(), [Effect::Decide { job_id: JOB, decision }]);
}

#[test]
fn the_place_is_kept_when_a_message_comes_above_it() {
    let mut sitting = Sitting::reading(80, 20);
    sitting.press("G");
    let top = |sitting: &Sitting| {
        let pane = sitting.model.review.pane().unwrap();
        let window = pane.window(sitting.model.size);
        pane.document.rows(window.start..window.start + 1)
    };
    let before = top(&sitting);
    let mut again = opened(10431);
    again.conversation.messages.push(sample::message(16, Direction::Inbound, 0, "forget it\nforget it"));
    again.conversation.pin = Some(pin(16));
    let sitting = renewed(sitting, Change::ConversationMoved, again);
    assert_eq!(top(&sitting), before);
}

#[test]
fn a_draft_that_was_replaced_is_compared_with_the_one_that_was_read() {
    let mut again = short(10431, "Dear customer,\nit arrives on Friday.");
    let mut replaced = sample::message(17, Direction::Draft, 0, "Dear customer,\nit arrives on Friday.");
    replaced.author_ref = "drafter-2".to_owned();
    let old = sample::message(15, Direction::Draft, 2, "Dear customer,\nit arrives tomorrow.");
    again.conversation.messages = vec![again.conversation.messages[0].clone(), old, replaced];
    again.conversation.draft_id = Some(again.conversation.messages[2].message_id);
    again.conversation.pin = Some(Pin { draft_id: again.conversation.messages[2].message_id, ..pin(14) });
    let mut sitting = renewed(ready(), Change::DraftChanged, again);
    assert_eq!(availability(&sitting.model, Action::Approve), Availability::Off("another draft (v)".to_owned()));
    sitting.press("d");
    let told = |sitting: &Sitting| {
        let sheet = sitting.model.review.pane().unwrap().sheet.as_ref().unwrap();
        let Leaf::Changes(changes) = &sheet.leaf else { panic!("another sheet") };
        (changes.title.clone(), changes.rows.iter().map(|row| (row.side, row.line.to_string())).collect::<Vec<_>>())
    };
    let (title, rows) = told(&sitting);
    assert_eq!(title, "changed since the one you read: drafter-1 > drafter-2");
    assert_eq!(rows[0], (Side::Both, "Dear customer,".to_owned()));
    assert_eq!(rows[1], (Side::Earlier, "it arrives tomorrow.".to_owned()));
    assert_eq!(rows[2], (Side::Later, "it arrives on Friday.".to_owned()));
    sitting.press("v");
    assert_eq!(availability(&sitting.model, Action::Approve), Availability::On, "it is on the screen now");
}

#[test]
fn what_differed_from_an_earlier_pin_is_news_no_more() {
    let late = |pin, now| Msg::Changed { job_id: JOB, pin, change: Change::LeaseLost { by: None }, now };
    let mut again = opened(10431);
    again.conversation.pin = Some(pin(16));
    let mut sitting = Sitting::reading(80, 24);
    sitting.send(Msg::Changed { job_id: JOB, pin: pin(14), change: Change::Away, now: sitting.now });
    sitting.press("v");
    sitting.send(late(pin(14), sitting.now));
    let ticket = sitting.ticket();
    sitting.send(Msg::Opened { ticket, result: Ok(Box::new(again)), now: sitting.now });
    sitting.send(late(pin(14), sitting.now));
    assert_eq!(sitting.model.review.pane().unwrap().change, None, "the fresh look took the lease anew");
    sitting.send(late(pin(16), sitting.now));
    assert_eq!(sitting.model.review.pane().unwrap().change, Some(Change::LeaseLost { by: None }));
}

#[test]
fn only_a_held_lease_escalates() {
    for change in [Change::LeaseLost { by: None }, Change::Away] {
        let mut sitting = ready();
        sitting.send(Msg::Changed { job_id: JOB, pin: pin(14), change, now: sitting.now });
        assert_ne!(availability(&sitting.model, Action::Escalate), Availability::On);
    }
}

#[test]
fn the_lease_is_kept_while_somebody_reads_and_given_back_with_a_warning_before() {
    let mut sitting = ready();
    let (mut extended, mut warned, mut given_back) = (0, 0, Vec::new());
    for second in 1..600 {
        sitting.wait(Duration::seconds(1));
        warned += usize::from(lease::goes_back_in(&sitting.model, sitting.now).is_some());
        for effect in sitting.asked() {
            match effect {
                Effect::ExtendLease { .. } => extended += 1,
                Effect::Release { job_id: JOB, lease_token: 12 } => given_back.push(second),
                other => panic!("{second}: {other:?}"),
            }
        }
    }
    assert_eq!(extended, 9, "every 30 s for the five minutes after the last key");
    assert_eq!((warned, given_back), (60, vec![300]), "once, after a minute of warning");
    let mut sitting = ready();
    for _ in 0..290 {
        sitting.wait(Duration::seconds(1));
    }
    sitting.press("k");
    assert_eq!(lease::goes_back_in(&sitting.model, sitting.now), None, "a key is a sign of life");
}

#[test]
fn an_open_job_is_watched() {
    let mut sitting = ready();
    sitting.effects.clear();
    sitting.wait(Duration::seconds(1));
    assert!(sitting.effects.contains(&Effect::Watch { job_id: JOB, pin: Some(pin(14)) }));
}

#[test]
fn a_forgotten_conversation_blanks_and_the_first_key_only_shows_it() {
    let mut sitting = ready();
    for _ in 0..300 {
        sitting.wait(Duration::seconds(1));
    }
    assert!(sitting.model.is_blank(sitting.now));
    sitting.asked();
    sitting.press("h");
    assert!(!sitting.model.is_blank(sitting.now));
    assert_eq!(sitting.asked(), []);
}

#[test]
fn a_question_does_not_outlive_the_blank_screen() {
    let mut sitting = ready();
    sitting.press("A");
    for _ in 0..300 {
        sitting.wait(Duration::seconds(1));
    }
    sitting.asked();
    sitting.press("yy");
    assert!(!sitting.asked().contains(&approve()));
}

#[test]
fn after_sleep_nothing_is_decided_before_a_fresh_look() {
    let mut sitting = ready();
    sitting.press("A");
    sitting.wait(minutes(47));
    assert_eq!(sitting.model.review.pane().unwrap().change, Some(Change::Away));
    sitting.asked();
    sitting.press("y");
    assert!(!sitting.asked().contains(&approve()));
}

#[test]
fn after_a_sleep_the_first_key_decides_nothing_either() {
    let mut sitting = ready();
    sitting.press("A");
    sitting.key(KeyEvent::from(KeyCode::Char('y')), 60_000);
    assert!(!sitting.asked().contains(&approve()));
}

#[test]
fn a_lost_database_refuses_decisions_before_they_start() {
    let mut sitting = ready();
    sitting.press("A");
    sitting.send(Msg::ConnectionLost("connection refused".to_owned(), sitting.now));
    assert_eq!(sitting.model.asks(), None);
    sitting.asked();
    sitting.press("yAyRyEyn");
    assert!(!sitting.asked().iter().any(|effect| matches!(effect, Effect::Decide { .. })));
    assert!(matches!(sitting.model.connection, Connection::Lost { .. }));
    sitting.send(Msg::Connected(Box::new(sample::session()), sitting.now));
    assert_eq!(sitting.model.review.pane().unwrap().change, Some(Change::Away), "it has to be fetched afresh");
}
