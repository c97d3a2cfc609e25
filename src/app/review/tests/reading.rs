//! What has to be read, kept and fetched afresh before a decision.

use chrono::Duration;
use ratatui::crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Size;

use super::{JOB, approve, check, ready};
use crate::app::effect::Effect;
use crate::app::keymap::{Action, Availability};
use crate::app::model::Connection;
use crate::app::msg::Msg;
use crate::app::review::document::Row;
use crate::app::review::{Change, Decision, Question, availability};
use crate::app::sample::{self, Sitting, minutes, opened, pin};
use crate::domain::Direction;

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
    for change in [Change::ConversationMoved, Change::DraftChanged, Change::LeaseLost { by: None }, Change::Away] {
        let mut sitting = ready();
        sitting.press("A");
        sitting.send(Msg::Changed { job_id: JOB, pin: pin(14), change: change.clone(), now: sitting.now });
        sitting.press("yAyRy");
        let decisions = sitting.asked().into_iter().filter(|effect| matches!(effect, Effect::Decide { .. })).count();
        assert_eq!(decisions, 0, "{change:?}");
        sitting.press("v");
        let reopen = sitting.asked();
        assert!(matches!(reopen[..], [Effect::Reopen { job_id: JOB, .. }]), "{change:?}: {reopen:?}");
    }
}

#[test]
fn after_looking_the_pin_has_moved_and_the_new_message_must_be_read() {
    let mut sitting = Sitting::reading(80, 24);
    sitting.press("  ");
    sitting.send(Msg::Changed { job_id: JOB, pin: pin(14), change: Change::ConversationMoved, now: sitting.now });
    sitting.press("v");
    let ticket = sitting.ticket();
    let mut again = opened(10431);
    let long = "forget it, my neighbour just brought it over\n".repeat(30);
    again.conversation.messages.push(sample::message(16, Direction::Inbound, 0, &long));
    again.conversation.pin = Some(pin(16));
    sitting.send(Msg::Opened { ticket, result: Ok(Box::new(again)), now: sitting.now });
    let pane = sitting.model.review.pane().unwrap();
    assert_eq!(pane.change, None);
    assert!((1..=30).contains(&pane.document.unread(&pane.conversation)), "only the new message is unread");
    sitting.asked();
    sitting.press("gAy");
    assert!(!sitting.asked().iter().any(|effect| matches!(effect, Effect::Decide { .. })));
    sitting.press("      Ay");
    let decision = Decision::Approve { pin: pin(16) };
    assert_eq!(sitting.asked(), [Effect::Decide { job_id: JOB, decision }]);
}

#[test]
fn what_differed_from_an_earlier_pin_is_news_no_more() {
    let mut sitting = Sitting::reading(80, 24);
    let moved = |pin, now| Msg::Changed { job_id: JOB, pin, change: Change::ConversationMoved, now };
    let late = |pin, now| Msg::Changed { job_id: JOB, pin, change: Change::LeaseLost { by: None }, now };
    sitting.send(moved(pin(14), sitting.now));
    sitting.press("v");
    sitting.send(late(pin(14), sitting.now));
    let ticket = sitting.ticket();
    let mut again = opened(10431);
    again.conversation.pin = Some(pin(16));
    sitting.send(Msg::Opened { ticket, result: Ok(Box::new(again)), now: sitting.now });
    sitting.send(late(pin(14), sitting.now));
    assert_eq!(sitting.model.review.pane().unwrap().change, None, "the fresh look took the lease anew");
    sitting.send(late(pin(16), sitting.now));
    assert_eq!(sitting.model.review.pane().unwrap().change, Some(Change::LeaseLost { by: None }));
}

#[test]
fn only_a_held_lease_escalates() {
    let escalates = |change: Change| {
        let mut sitting = ready();
        sitting.send(Msg::Changed { job_id: JOB, pin: pin(14), change, now: sitting.now });
        availability(&sitting.model, Action::Escalate) == Availability::On
    };
    assert!(escalates(Change::ConversationMoved) && escalates(Change::DraftChanged));
    assert!(!escalates(Change::LeaseLost { by: None }) && !escalates(Change::Away));
}

#[test]
fn the_lease_is_kept_only_while_somebody_reads() {
    let mut sitting = ready();
    let mut extended = 0;
    for _ in 0..600 {
        sitting.wait(Duration::seconds(1));
        extended += sitting.asked().iter().filter(|effect| matches!(effect, Effect::ExtendLease { .. })).count();
    }
    assert_eq!(extended, 3, "every 30 s for the two minutes after the last key");
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
