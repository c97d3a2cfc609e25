//! What a person can and cannot bring about in Review.

use chrono::Duration;
use proptest::prelude::*;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::layout::Size;

use super::{Change, Decision, Posture, Question, Verb, availability};
use crate::app::effect::Effect;
use crate::app::feed::Reply;
use crate::app::keymap::{Action, Availability};
use crate::app::model::{Connection, Overlay, Screen};
use crate::app::msg::{Failure, Msg};
use crate::app::sample::{self, Sitting, decided, minutes, opened, outcome, pin, short};
use crate::domain::{Direction, JobId, JobKind, Outcome};

const JOB: JobId = JobId(10431);

/// A short conversation is open, all of it on the screen.
fn ready() -> Sitting {
    let mut sitting = Sitting::review(80, 24).open(short(10431, "Dear customer,\nit arrives tomorrow."));
    sitting.asked();
    sitting
}

fn approve() -> Effect {
    Effect::Decide { job_id: JOB, decision: Decision::Approve { pin: pin(14) } }
}

fn check(mut sitting: Sitting, keys: &str, expected: &[Effect]) {
    sitting.asked();
    sitting.press(keys);
    assert_eq!(sitting.asked(), expected, "{keys:?}");
}

fn decided_as(sitting: &mut Sitting, verb: Verb, outcome: Outcome) {
    sitting.send(Msg::Decided { job_id: JOB, verb, result: Ok(outcome), now: sitting.now });
}

#[test]
fn each_verb_is_decided_by_its_own_keys_and_no_others() {
    let reject = |reason: &str| {
        let decision = Decision::Reject { pin: pin(14), reason: reason.to_owned() };
        [Effect::Decide { job_id: JOB, decision }]
    };
    let escalate =
        [Effect::Decide { job_id: JOB, decision: Decision::Escalate { pin: pin(14), reason: "unsure".to_owned() } }];
    check(ready(), "Ay", &[approve()]);
    check(ready(), "R1y", &reject("wrong_fact"));
    check(ready(), "Rjj\ny", &reject("incomplete"));
    check(ready(), "E2y", &escalate);
    check(ready(), "AAAA", &[]);
    check(ready(), "A\n\n ", &[]);
    check(ready(), "AY", &[]);
    check(ready(), "Any", &[Effect::Copy("10431".to_owned())]);
    check(ready(), "A\u{1b}y", &[Effect::Copy("10431".to_owned())]);
    check(ready(), "Axy", &[approve()]);
    check(ready(), "R1ny", &[Effect::Copy("10431".to_owned())]);
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
    sitting.key(KeyEvent::from(KeyCode::Char('y')), 2);
    assert_eq!(sitting.asked(), [approve()]);
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
    sitting.asked().iter().filter(|effect| matches!(effect, Effect::Decide { .. })).count()
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
fn a_message_read_in_part_is_read_again_after_a_resize() {
    let mut sitting = Sitting::reading(80, 24);
    sitting.press("  ");
    assert_eq!(unread(&sitting), 0);
    sitting.send(Msg::Resize(Size { width: 70, height: 24 }));
    assert_eq!(unread(&sitting), 0, "what was read in whole stays read");

    let mut sitting = Sitting::reading(80, 16);
    sitting.press(" ");
    let before = unread(&sitting);
    sitting.send(Msg::Resize(Size { width: 60, height: 16 }));
    sitting.press("g");
    assert!(unread(&sitting) > before, "the draft's rows are others now");
    sitting.press("      ");
    assert_eq!(unread(&sitting), 0);
}

#[test]
fn a_draft_that_hides_something_asks_for_the_digest() {
    let sitting = || Sitting::review(80, 24).open(short(10431, "free\u{200B} of charge"));
    check(sitting(), "Ay", &[]);
    check(sitting(), "A7f3a", &[approve()]);
    check(sitting(), "A7f3", &[]);
    check(sitting(), "A7fx3a", &[]);
    check(
        sitting(),
        "R1y",
        &[Effect::Decide { job_id: JOB, decision: Decision::Reject { pin: pin(14), reason: "wrong_fact".to_owned() } }],
    );
}

#[test]
fn nothing_is_decided_on_what_has_changed_until_it_was_looked_at() {
    for change in [Change::ConversationMoved, Change::DraftChanged, Change::LeaseLost { by: None }, Change::Away] {
        let mut sitting = ready();
        sitting.press("A");
        sitting.send(Msg::Changed { job_id: JOB, change: change.clone(), now: sitting.now });
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
    sitting.send(Msg::Changed { job_id: JOB, change: Change::ConversationMoved, now: sitting.now });
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
fn refused_decision_says_who_was_first_and_closes_the_job() {
    let mut sitting = ready();
    sitting.press("Ay");
    let first =
        Outcome { by: Some("bo".to_owned()), decision: Some("reject".to_owned()), ..outcome("already_decided") };
    decided_as(&mut sitting, Verb::Approve, first);
    let notice = sitting.model.notice.as_ref().unwrap();
    assert_eq!(notice.text, "#10431 not approved: already decided: reject by bo");
    assert_eq!(sitting.model.review.posture(), Posture::List);
    assert_eq!(sitting.asked(), [approve()], "no lease to give back, no next job by itself");
}

#[test]
fn refused_pin_raises_the_banner() {
    let cases = [
        ("conversation_moved", Change::ConversationMoved),
        ("draft_changed", Change::DraftChanged),
        ("lease_lost", Change::LeaseLost { by: None }),
    ];
    for (word, change) in cases {
        let mut sitting = ready();
        sitting.press("Ay");
        decided_as(&mut sitting, Verb::Approve, outcome(word));
        assert_eq!(sitting.model.review.pane().unwrap().change, Some(change), "{word}");
    }
}

#[test]
fn the_next_job_opens_by_itself_unless_that_is_switched_off() {
    for (auto_advance, opens) in [(true, true), (false, false)] {
        let mut sitting = ready();
        sitting.model.settings.auto_advance = auto_advance;
        sitting.press("Ay");
        sitting.asked();
        decided_as(&mut sitting, Verb::Approve, outcome("applied"));
        let asked = sitting.asked();
        assert_eq!(matches!(asked[..], [Effect::OpenForReview { job_id: None, .. }]), opens, "{asked:?}");
    }
}

#[test]
fn the_latest_decision_is_undone_from_the_next_job() {
    let mut sitting = ready();
    sitting.press("Ay");
    let leaves_at = Some(sitting.now + Duration::seconds(30));
    decided_as(&mut sitting, Verb::Approve, Outcome { leaves_at, ..outcome("applied") });
    let ticket = sitting.ticket();
    let next = Ok(Box::new(short(10433, "Dear other customer.")));
    sitting.send(Msg::Opened { ticket, result: next, now: sitting.now });
    sitting.asked();
    sitting.press("u");
    assert_eq!(sitting.asked(), [Effect::Undo { job_id: JOB }]);
    let fresh = Outcome { created_job_id: Some(JobId(12602)), ..outcome("applied") };
    sitting.send(Msg::Undone { job_id: JOB, result: Ok(fresh), now: sitting.now });
    assert!(sitting.model.notice.as_ref().unwrap().text.contains("#12602"));
    sitting.press("u");
    assert_eq!(sitting.asked(), [Effect::Undo { job_id: JobId(10424) }], "then the one before it");
}

#[test]
fn what_left_long_ago_is_not_offered_for_undo() {
    let mut sitting = Sitting::review(80, 24);
    let mut list = sample::list();
    list.mine = vec![decided(10424, "approve", Some(-60))];
    list.mine[0].created_status = Some("succeeded".to_owned());
    sitting.wait(minutes(0) + Duration::seconds(2));
    sitting.answer(list, sample::backlog());
    check(sitting, "u", &[]);
}

#[test]
fn the_list_stands_still_while_a_job_is_open() {
    let mut sitting = ready();
    sitting.wait(Duration::seconds(2));
    let mut fewer = sample::list();
    fewer.waiting.truncate(2);
    sitting.answer(fewer, sample::backlog());
    assert_eq!(sitting.model.review.waiting.len(), 8);
    sitting.press("h");
    assert_eq!(sitting.model.review.waiting.len(), 2);
}

#[test]
fn leaving_gives_the_lease_back() {
    let release = Effect::Release { job_id: JOB, lease_token: 12 };
    check(ready(), "h", std::slice::from_ref(&release));
    check(ready(), "\u{1b}", std::slice::from_ref(&release));
    let mut sitting = ready();
    sitting.press("n");
    let asked = sitting.asked();
    assert_eq!(asked[0], release);
    assert!(matches!(asked[1], Effect::OpenForReview { job_id: Some(JobId(10433)), .. }), "{asked:?}");
}

#[test]
fn an_answer_that_comes_too_late_gives_its_lease_back() {
    let mut sitting = Sitting::review(80, 24);
    sitting.press("n");
    let ticket = sitting.ticket();
    sitting.press("h");
    sitting.asked();
    sitting.send(Msg::Opened { ticket, result: Ok(Box::new(opened(10431))), now: sitting.now });
    assert_eq!(sitting.asked(), [Effect::Release { job_id: JOB, lease_token: 12 }]);
    assert_eq!(sitting.model.review.posture(), Posture::List);
}

#[test]
fn enter_claims_what_is_free_and_only_looks_at_what_is_not() {
    let chosen = |steps: usize| {
        let mut sitting = Sitting::review(80, 24);
        sitting.asked();
        sitting.press(&"j".repeat(steps));
        sitting.press("\n");
        sitting.asked()
    };
    assert!(matches!(chosen(1)[..], [Effect::OpenForReview { job_id: Some(JobId(10433)), .. }]));
    assert!(matches!(chosen(3)[..], [Effect::Look { job_id: JobId(10436), .. }]), "bo holds it");
    assert!(matches!(chosen(5)[..], [Effect::Look { job_id: JobId(10450), .. }]), "it has to be taken over");
}

#[test]
fn a_job_of_somebody_else_is_read_only() {
    let mut theirs = short(10436, "Dear customer.");
    theirs.held_by = Some("bo".to_owned());
    theirs.conversation.pin = None;
    let mut sitting = Sitting::review(80, 24).open(theirs);
    for action in [Action::Approve, Action::Reject, Action::Escalate] {
        assert_eq!(availability(&sitting.model, action), Availability::Off("bo is reading it".to_owned()));
    }
    sitting.asked();
    check(sitting, "AyRyEy", &vec![Effect::Copy("10436".to_owned()); 3]);
}

#[test]
fn an_escalated_job_is_taken_over_before_it_is_decided() {
    let mut escalated = short(10450, "Dear customer.");
    escalated.conversation.pin = None;
    assert_eq!(escalated.job.job_kind, JobKind::Escalate);
    let mut sitting = Sitting::review(80, 24).open(escalated);
    assert_eq!(availability(&sitting.model, Action::Approve), Availability::Hidden);
    sitting.asked();
    sitting.press("T");
    let ticket = sitting.ticket();
    assert!(matches!(sitting.asked()[..], [Effect::TakeEscalation { job_id: JobId(10450), .. }]));
    sitting.send(Msg::Opened { ticket, result: Ok(Box::new(short(10900, "Dear customer."))), now: sitting.now });
    assert_eq!(availability(&sitting.model, Action::Approve), Availability::On);
}

#[test]
fn skipping_takes_a_reason() {
    check(ready(), "s2", &[Effect::Skip { job_id: JOB, lease_token: 12, reason: "conflict_of_interest".to_owned() }]);
    check(ready(), "sn", &[]);
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
    assert!(sitting.effects.contains(&Effect::Watch { job_id: JOB, pin: pin(14) }));
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

#[test]
fn a_decision_in_doubt_is_called_neither_done_nor_failed() {
    let mut sitting = ready();
    sitting.press("Ay");
    sitting.send(Msg::DecisionInDoubt { job_id: JOB, verb: Verb::Approve });
    assert!(sitting.model.review.in_flight[0].in_doubt);
    sitting.asked();
    sitting.press("AyRy");
    assert!(!sitting.asked().iter().any(|effect| matches!(effect, Effect::Decide { .. })), "no second try");
    let result = Err(Failure::Other("the decision did not reach the database; decide again".to_owned()));
    sitting.send(Msg::Decided { job_id: JOB, verb: Verb::Approve, result, now: sitting.now });
    check(sitting, "Ay", &[approve()]);
}

#[test]
fn read_only_opens_without_a_lease_and_decides_nothing() {
    let mut sitting = Sitting::review(80, 24);
    sitting.model.session.read_only = true;
    sitting.asked();
    sitting.press("\n");
    assert!(matches!(sitting.asked()[..], [Effect::Look { job_id: JOB, .. }]));
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

#[test]
fn a_filter_narrows_the_list_and_the_next_job() {
    let mut sitting = Sitting::review(80, 24);
    sitting.effects.clear();
    sitting.press("/lang:es\n");
    assert_eq!(sitting.model.review.filter.language.as_deref(), Some("es"));
    let mut spanish = sample::list();
    spanish.waiting.retain(|row| row.codes.language.as_deref() == Some("es"));
    sitting.answer(spanish, sample::backlog());
    sitting.asked();
    sitting.press("n");
    assert!(matches!(sitting.asked()[..], [Effect::OpenForReview { job_id: Some(JobId(10440)), .. }]));
    sitting.press("hh");
    assert!(sitting.model.review.filter.is_empty());
}

#[test]
fn a_bad_filter_says_what_is_wrong_and_stays() {
    let mut sitting = Sitting::review(80, 24);
    sitting.press("/colour:red\n");
    let Overlay::Filter(line) = &sitting.model.overlay else { panic!("the line stays open") };
    assert!(line.error.is_some());
    sitting.send(Msg::Paste(" lang:es\nkind:send".to_owned(), sitting.now));
    let Overlay::Filter(line) = &sitting.model.overlay else { panic!("the line stays open") };
    assert_eq!(line.text, "colour:red lang:es", "one line, and no key is made of it");
}

#[test]
fn stale_data_stays_and_the_connection_is_called_lost() {
    let mut sitting = Sitting::review(80, 24);
    sitting.effects.clear();
    sitting.wait(Duration::seconds(2));
    let generation = sitting.effects.iter().find_map(|effect| match effect {
        Effect::Refresh { generation, query } if matches!(**query, crate::app::Query::Review(_)) => Some(*generation),
        _ => None,
    });
    let result = Err(Failure::Away("connection refused".to_owned()));
    sitting.send(Msg::ReviewLoaded(Reply { generation: generation.unwrap(), at: sitting.now, result }));
    assert_eq!(sitting.model.review.waiting.len(), 8);
    assert!(matches!(sitting.model.connection, Connection::Lost { .. }));
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
fn the_filter_judges_every_row_by_what_the_row_says() {
    let shown = |filter: &str| {
        let mut sitting = Sitting::review(80, 24);
        sitting.press(&format!("/{filter}\n"));
        sitting.model.review.waiting.iter().map(|row| row.job_id.0).collect::<Vec<_>>()
    };
    let cases: [(&str, &[i64]); 9] = [
        ("kind:escalate", &[10450]),
        ("channel:webchat", &[10436]),
        ("lang:es", &[10440]),
        ("intent:refund", &[]),
        ("conf:<0.6", &[10431]),
        ("due:<8m", &[10431, 10398]),
        ("due:>1h", &[10451]),
        ("holder:bo", &[10436]),
        ("id:10442", &[10442]),
    ];
    for (filter, expected) in cases {
        assert_eq!(shown(filter), expected, "{filter}");
    }
    assert_eq!(shown("cust:cust-1042").len(), 8, "what the rows do not say is refused, not ignored");
}

#[test]
fn after_a_sleep_the_first_key_decides_nothing_either() {
    let mut sitting = ready();
    sitting.press("A");
    sitting.key(KeyEvent::from(KeyCode::Char('y')), 60_000);
    assert!(!sitting.asked().contains(&approve()));
}

#[test]
fn only_a_held_lease_escalates() {
    let escalates = |change: Change| {
        let mut sitting = ready();
        sitting.send(Msg::Changed { job_id: JOB, change, now: sitting.now });
        availability(&sitting.model, Action::Escalate) == Availability::On
    };
    assert!(escalates(Change::ConversationMoved) && escalates(Change::DraftChanged));
    assert!(!escalates(Change::LeaseLost { by: None }) && !escalates(Change::Away));
}

#[test]
fn the_lease_that_a_decision_used_up_is_not_called_lost() {
    let mut sitting = ready();
    sitting.press("Ay");
    sitting.send(Msg::Changed { job_id: JOB, change: Change::LeaseLost { by: None }, now: sitting.now });
    let pane = sitting.model.review.pane().unwrap();
    assert_eq!((&pane.change, &pane.question), (&None, &Question::Pending(Verb::Approve)));
}

#[test]
fn pressing_twice_asks_once() {
    let mut sitting = ready();
    sitting.press("uu");
    assert_eq!(sitting.asked().len(), 1, "undo");
    let mut sitting = ready();
    sitting.send(Msg::Changed { job_id: JOB, change: Change::ConversationMoved, now: sitting.now });
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
fn what_an_undo_puts_back_opens_when_nothing_else_is_open() {
    let mut sitting = Sitting::review(80, 24);
    sitting.asked();
    sitting.press("u");
    let fresh = Outcome { created_job_id: Some(JobId(12602)), lease_token: Some(1), ..outcome("applied") };
    sitting.asked();
    sitting.send(Msg::Undone { job_id: JobId(10424), result: Ok(fresh), now: sitting.now });
    assert!(matches!(sitting.asked()[..], [Effect::OpenForReview { job_id: Some(JobId(12602)), .. }]));
}

#[test]
fn the_mouse_chooses_and_scrolls_and_answers_nothing() {
    use ratatui::crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
    let at = |kind, row| MouseEvent { kind, column: 5, row, modifiers: KeyModifiers::NONE };
    let click = MouseEventKind::Down(MouseButton::Left);
    let mut sitting = Sitting::review(80, 24);
    sitting.asked();
    sitting.send(Msg::Mouse(at(click, 5), sitting.now));
    assert_eq!(sitting.model.review.cursor.key(), Some(JobId(10440)));
    sitting.send(Msg::Mouse(at(MouseEventKind::ScrollDown, 5), sitting.now));
    assert_eq!(sitting.model.review.cursor.key(), Some(JobId(10436)));
    assert_eq!(sitting.asked(), []);
    let mut sitting = ready();
    sitting.press("A");
    for row in 0..24 {
        sitting.now += Duration::seconds(1);
        sitting.send(Msg::Mouse(at(click, row), sitting.now));
    }
    assert_eq!(sitting.asked(), []);
}
