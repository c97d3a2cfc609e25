//! What becomes of a text while it is written.

use chrono::Duration;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Size;

use super::Stage;
use crate::app::effect::Effect;
use crate::app::keymap::{Action, Availability};
use crate::app::model::Ask;
use crate::app::msg::{Failure, Msg};
use crate::app::review::words::Words;
use crate::app::review::{self, Change, Decision, Posture, Question, Standing, Verb};
use crate::app::sample::{Sitting, outcome, pin, session, short, with_kept};
use crate::domain::{JobId, Outcome, Role};

const JOB: JobId = JobId(10431);
const DRAFT: &str = "Dear customer,\nit arrives\u{200B} tomorrow.";

/// The editor is open, the cursor before the first letter.
fn editing() -> Sitting {
    let mut sitting = Sitting::review(80, 24).open(short(JOB.0, DRAFT));
    sitting.press("e\n");
    sitting.asked();
    assert_eq!(sitting.model.asks(), Some(Ask::Editor));
    sitting
}

fn text(sitting: &Sitting) -> String {
    sitting.model.review.editor.as_ref().expect("a draft is being edited").buffer.words().as_str().to_owned()
}

fn special(sitting: &mut Sitting, code: KeyCode, modifiers: KeyModifiers) {
    sitting.key(KeyEvent::new(code, modifiers), 500);
}

/// The text that was sent to be saved, and under which pin.
fn saved(sitting: &mut Sitting) -> Vec<(String, i64)> {
    let saved = sitting.asked().into_iter().filter_map(|effect| match effect {
        Effect::Decide { job_id: JOB, decision: Decision::Revise { pin, text } } => {
            Some((text.words.as_str().to_owned(), pin.lease_token))
        }
        _ => None,
    });
    saved.collect()
}

fn answer(sitting: &mut Sitting, result: Result<Outcome, Failure>) {
    sitting.send(Msg::Decided { job_id: JOB, verb: Verb::Revise, result, now: sitting.now });
}

#[test]
fn before_the_editor_opens_it_is_said_who_else_is_there() {
    let mut sitting = Sitting::review(80, 24).open(short(JOB.0, DRAFT));
    sitting.asked();
    sitting.press("e");
    assert_eq!(sitting.asked(), [Effect::CountOthers { job_id: JOB }]);
    let asked = |sitting: &Sitting| {
        let pane = sitting.model.review.pane().unwrap();
        (pane.question.clone(), pane.others)
    };
    assert_eq!(asked(&sitting), (Question::Edit, None));
    sitting.send(Msg::OthersCounted { job_id: JobId(1), result: Ok(9) });
    assert_eq!(asked(&sitting), (Question::Edit, None), "another job's number says nothing here");
    sitting.send(Msg::OthersCounted { job_id: JOB, result: Ok(2) });
    assert_eq!(asked(&sitting), (Question::Edit, Some(2)));
    sitting.press("n");
    assert!(sitting.model.review.editor.is_none() && asked(&sitting).0 == Question::None);
    sitting.press("e\n");
    assert_eq!(text(&sitting), DRAFT);
}

#[test]
fn who_edited_the_draft_cannot_even_ask_to_approve_it_and_reads_who_can() {
    for (needs_another, others, expected) in [
        (true, None, "your own edit, someone else must approve; looking who is online"),
        (true, Some(2), "your own edit, someone else must approve; 2 are online"),
        (false, None, ""),
    ] {
        let mut own = short(JOB.0, "Dear customer.");
        own.conversation.needs_another = needs_another;
        let mut sitting = Sitting::review(80, 24).open(own);
        let counts = Effect::CountOthers { job_id: JOB };
        assert_eq!(sitting.asked().contains(&counts), needs_another);
        if let Some(others) = others {
            sitting.send(Msg::OthersCounted { job_id: JOB, result: Ok(others) });
        }
        let approve = review::availability(&sitting.model, Action::Approve);
        let expected = if needs_another { Availability::Off(expected.to_owned()) } else { Availability::On };
        assert_eq!(approve, expected);
        sitting.press("Ay");
        let decides = |effect: &Effect| matches!(effect, Effect::Decide { .. });
        assert_eq!(sitting.asked().iter().any(decides), !needs_another);
    }
}

#[test]
fn a_text_that_was_kept_is_offered_and_gone_on_with() {
    let kept = "Dear customer,\nit left on Tuesday.";
    let mut sitting = Sitting::review(80, 24).open(with_kept(short(JOB.0, DRAFT), kept));
    sitting.press("ek");
    assert_eq!(text(&sitting), kept);
    sitting.press("\u{1b}s");
    assert_eq!(saved(&mut sitting), [(kept.to_owned(), 12)], "it is a change of the draft from the beginning");

    let mut sitting = Sitting::review(80, 24).open(with_kept(short(JOB.0, DRAFT), kept));
    sitting.press("e\n");
    assert_eq!(text(&sitting), DRAFT, "it is offered, not imposed");
    for opened in [with_kept(short(JOB.0, DRAFT), DRAFT), short(JOB.0, DRAFT)] {
        let mut sitting = Sitting::review(80, 24).open(opened);
        sitting.press("ek");
        assert!(sitting.model.review.editor.is_none(), "what says nothing else is not offered");
    }
}

#[test]
fn nobody_edits_what_they_do_not_hold() {
    let mut sitting = Sitting::review(80, 24).open(short(JOB.0, DRAFT));
    sitting.send(Msg::Changed { job_id: JOB, pin: pin(14), change: Change::LeaseLost { by: None }, now: sitting.now });
    sitting.press("e\n");
    assert!(sitting.model.review.editor.is_none());
}

#[test]
fn a_save_is_asked_for_and_goes_out_once_under_the_pin_that_was_read() {
    let mut sitting = editing();
    sitting.press("AyR Hello.\n");
    sitting.press("\u{1b}");
    assert_eq!(sitting.model.asks(), Some(Ask::Leaving));
    sitting.key(KeyEvent::from(KeyCode::Char('s')), 100);
    assert_eq!(saved(&mut sitting), [], "nobody can have read the line yet");
    sitting.press("syAx\n");
    assert_eq!(saved(&mut sitting), [(format!("AyR Hello.\n{DRAFT}"), 12)]);
    assert!(sitting.model.review.editor.is_some(), "it stays until the answer says where it is");
    answer(&mut sitting, Ok(outcome("applied")));
    assert!(sitting.model.review.editor.is_none());
    assert_eq!(sitting.model.review.mine().next().map(|mine| mine.decision.as_str()), Some("revise"));
    assert_ne!(sitting.model.review.posture(), Posture::Pane, "the job is somebody else's to look at");
    assert!(sitting.asked().iter().any(|effect| matches!(effect, Effect::OpenForReview { job_id: None, .. })));
}

#[test]
fn what_was_not_changed_is_not_asked_about() {
    let mut sitting = editing();
    sitting.press("x");
    special(&mut sitting, KeyCode::Backspace, KeyModifiers::NONE);
    sitting.press("\u{1b}");
    assert!(sitting.model.review.editor.is_none());
    assert_eq!(sitting.asked(), []);
}

#[test]
fn a_text_goes_only_when_it_was_thrown_away() {
    let mut sitting = editing();
    sitting.press("x\u{1b}tqn1\n");
    assert_eq!(sitting.model.asks(), Some(Ask::Leaving));
    sitting.press("g");
    assert_eq!(text(&sitting), format!("x{DRAFT}"));
    sitting.press("\u{1b}T");
    assert!(sitting.model.review.editor.is_none());
    assert_eq!(saved(&mut sitting), []);
    assert_eq!(sitting.model.review.posture(), Posture::Pane, "the job is still mine");
}

#[test]
fn without_control_keys_everything_can_be_done() {
    let mut sitting = editing();
    sitting.press("one two\u{1b}u");
    assert_eq!(text(&sitting), format!("one {DRAFT}"));
    sitting.press("r");
    assert_eq!(text(&sitting), format!("one two{DRAFT}"));
    sitting.press("bg!");
    assert_eq!(text(&sitting), format!("one !two{DRAFT}"));
}

#[test]
fn neither_resize_nor_gap_nor_lost_connection_nor_lost_lease_takes_the_text() {
    let mut sitting = editing();
    sitting.press("x");
    let whole = text(&sitting);
    for (width, height) in [(200, 60), (60, 15), (20, 5), (1, 1), (80, 24)] {
        sitting.send(Msg::Resize(Size { width, height }));
        assert_eq!(text(&sitting), whole, "{width}x{height}");
    }
    sitting.wait(Duration::hours(2));
    assert_eq!(text(&sitting), whole);
    sitting.press("k");
    assert_eq!(text(&sitting), whole, "the first key only shows what was blank");
    sitting.send(Msg::ConnectionLost("connection refused".to_owned(), sitting.now));
    sitting.press("y\u{1b}s");
    assert_eq!(saved(&mut sitting), []);
    assert_eq!(text(&sitting), format!("xy{DRAFT}"));
    sitting.send(Msg::Connected(Box::new(session()), sitting.now));
    sitting.send(Msg::Changed { job_id: JOB, pin: pin(14), change: Change::LeaseLost { by: None }, now: sitting.now });
    sitting.press("\u{1b}s");
    assert_eq!(saved(&mut sitting), [(format!("xy{DRAFT}"), 12)], "the database keeps it beside the draft");
}

#[test]
fn who_saves_too_late_is_told_where_the_text_is_until_they_have_seen_it() {
    let mut sitting = editing();
    sitting.press("x\u{1b}s");
    answer(&mut sitting, Ok(Outcome { kept: true, by: Some("bo".to_owned()), ..outcome("lease_lost") }));
    assert!(sitting.model.review.editor.is_none());
    let (told, is_known) = sitting.model.review.doubt().unwrap();
    assert!(is_known && told.contains("bo holds the job now") && told.contains("review kept 10431"), "{told}");
    sitting.wait(Duration::minutes(1));
    assert!(sitting.model.review.doubt().is_some());
    sitting.press("v");
    assert!(sitting.model.review.doubt().is_none());
}

#[test]
fn a_save_that_did_not_arrive_leaves_the_text_where_it_is() {
    let failures = [
        Err(Failure::Away("connection refused".to_owned())),
        Err(Failure::Other("it could not be sealed".to_owned())),
        Ok(outcome("payload_missing")),
    ];
    for failure in failures {
        let mut sitting = editing();
        sitting.press("x\u{1b}s");
        answer(&mut sitting, failure.clone());
        assert_eq!(text(&sitting), format!("x{DRAFT}"), "{failure:?}");
        assert_eq!(sitting.model.asks(), Some(Ask::Editor), "{failure:?}");
    }
}

#[test]
fn who_would_quit_is_asked_first() {
    let interrupt = |sitting: &mut Sitting| special(sitting, KeyCode::Char('c'), KeyModifiers::CONTROL);
    let mut sitting = editing();
    sitting.press("x");
    interrupt(&mut sitting);
    interrupt(&mut sitting);
    assert_eq!(sitting.asked(), []);
    assert_eq!(sitting.model.asks(), Some(Ask::Leaving));
    sitting.press("s");
    assert_eq!(saved(&mut sitting).len(), 1);
    answer(&mut sitting, Ok(outcome("applied")));
    assert_eq!(sitting.asked(), [Effect::Quit]);

    let mut sitting = editing();
    sitting.press("x");
    interrupt(&mut sitting);
    sitting.press("T");
    assert_eq!(sitting.asked(), [Effect::Release { job_id: JOB, lease_token: 12 }, Effect::Quit]);
}

#[test]
fn who_cannot_be_asked_finds_the_text_kept_and_the_job_given_back() {
    let mut sitting = editing();
    sitting.press("x");
    sitting.send(Msg::Terminate);
    let effects = sitting.asked();
    assert!(matches!(
        effects[..],
        [Effect::Release { .. }, Effect::Decide { decision: Decision::Revise { .. }, .. }, Effect::Quit]
    ));
    assert!(sitting.model.review.in_flight.iter().any(|flight| flight.verb == Verb::Revise));
}

#[test]
fn what_is_pasted_comes_in_as_it_is_and_shows_what_it_hides() {
    let mut sitting = editing();
    let before = sitting.model.review.editor.as_ref().unwrap().findings.hidden;
    sitting.send(Msg::Paste("a\u{1b}[31m\r\nb\rc".to_owned(), sitting.now));
    assert_eq!(text(&sitting), format!("a\u{1b}[31m\nb\nc{DRAFT}"));
    let editor = sitting.model.review.editor.as_ref().unwrap();
    assert_eq!(editor.findings.hidden, before + 1);
    let rows: Vec<String> = editor.shown(sitting.model.size).iter().map(|shown| shown.line.to_string()).collect();
    assert_eq!(rows[..2], ["a<ESC>[31m", "b"]);
    assert!(rows.contains(&"it arrives<U+200B> tomorrow.".to_owned()), "{rows:?}");
    sitting.send(Msg::Paste("x".repeat(super::LONGEST), sitting.now));
    assert!(text(&sitting).len() < 100, "a text that is too long comes in not at all");
}

#[test]
fn each_hidden_code_point_can_be_reached_and_deleted() {
    let mut sitting = editing();
    special(&mut sitting, KeyCode::Down, KeyModifiers::NONE);
    for _ in 0.."it arrives\u{200B}".chars().count() {
        special(&mut sitting, KeyCode::Right, KeyModifiers::NONE);
    }
    special(&mut sitting, KeyCode::Backspace, KeyModifiers::NONE);
    assert_eq!(text(&sitting), DRAFT.replace('\u{200B}', ""));
    assert!(sitting.model.review.editor.as_ref().unwrap().findings.is_empty());
}

#[test]
fn nothing_written_is_in_what_is_printed_for_debugging() {
    let mut sitting = editing();
    sitting.press("canary");
    let editor = format!("{:?}", sitting.model.review.editor);
    assert!(!editor.contains("canary") && !editor.contains("arrives"), "{editor}");
    sitting.press("\u{1b}s");
    let effects = format!("{:?}", sitting.asked());
    assert!(effects.contains("Revise") && !effects.contains("canary"), "{effects}");
    assert!(matches!(sitting.model.review.editor.as_ref().unwrap().stage, Stage::Saving { .. }));
}

fn senior_looks_at_what_bo_holds() -> Sitting {
    let mut sitting = Sitting::review(80, 24);
    let mut senior = session();
    senior.principal.roles.push(Role::TeamLead);
    sitting.send(Msg::Connected(Box::new(senior), sitting.now));
    let mut held = short(JOB.0, DRAFT);
    held.conversation.pin = None;
    held.standing = Standing::Held { by: "bo".to_owned(), until: None };
    let mut sitting = sitting.open(held);
    sitting.asked();
    sitting
}

#[test]
fn a_senior_takes_a_job_from_whoever_reads_it_and_only_with_a_deliberate_y() {
    let take = Effect::ForceRelease { job_id: JOB };
    for (keys, expected) in
        [("Fy", vec![take.clone()]), ("Fn", vec![]), ("FY", vec![]), ("F\n", vec![]), ("FF", vec![])]
    {
        let mut sitting = senior_looks_at_what_bo_holds();
        sitting.press(keys);
        assert_eq!(sitting.asked(), expected, "{keys:?}");
    }
    let mut sitting = senior_looks_at_what_bo_holds();
    sitting.press("F");
    sitting.key(KeyEvent::from(KeyCode::Char('y')), 100);
    assert_eq!(sitting.asked(), [], "nobody can have read the question yet");
    sitting.wait(Duration::seconds(1));
    sitting.press("y");
    assert_eq!(sitting.asked(), [take]);
    sitting.press("Fy");
    let is_asked = |effect: &Effect| matches!(effect, Effect::ForceRelease { .. });
    assert!(!sitting.asked().iter().any(is_asked), "the answer is under way");
    let result = Ok(Outcome { by: Some("bo".to_owned()), ..outcome("applied") });
    sitting.send(Msg::Released { job_id: JOB, result });
    assert_eq!(sitting.model.review.pane().unwrap().standing, Standing::Free);
    assert!(sitting.model.notice.as_ref().unwrap().text.contains("taken from bo"));
}

#[test]
fn nobody_else_sees_that_key_and_nobody_takes_a_job_that_nobody_holds() {
    let mut sitting = senior_looks_at_what_bo_holds();
    sitting.press("F");
    sitting.send(Msg::Stands { job_id: JOB, standing: Standing::Free, now: sitting.now });
    sitting.press("y");
    assert_eq!(sitting.asked(), []);
    let mut sitting = senior_looks_at_what_bo_holds();
    sitting.send(Msg::Connected(Box::new(session()), sitting.now));
    sitting.press("Fy");
    assert!(!sitting.asked().iter().any(|effect| matches!(effect, Effect::ForceRelease { .. })));
}

#[test]
fn a_rejection_takes_a_note_along_and_none_without_words() {
    let noted = |keys: &str| {
        let mut sitting = Sitting::review(80, 24).open(short(JOB.0, DRAFT));
        sitting.asked();
        sitting.press(keys);
        sitting.asked().into_iter().find_map(|effect| match effect {
            Effect::Decide { decision: Decision::Reject { reason, note, .. }, .. } => {
                Some((reason, note.map(|note| note.words.as_str().to_owned())))
            }
            _ => None,
        })
    };
    let with = |note: &str| Some(("wrong_fact".to_owned(), Some(note.to_owned())));
    assert_eq!(noted("R1\ny"), Some(("wrong_fact".to_owned(), None)));
    assert_eq!(noted("R1   \ny"), Some(("wrong_fact".to_owned(), None)));
    assert_eq!(noted("R1yes, nRE\ny"), with("yes, nRE"));
    assert_eq!(noted("R1Monday\nnR2\ny"), Some(("tone".to_owned(), Some("Monday".to_owned()))), "it stays");
    assert_eq!(noted("R1Monday\u{1b}y"), None);
}

#[test]
fn a_lost_connection_does_not_take_a_note() {
    let mut sitting = Sitting::review(80, 24).open(short(JOB.0, DRAFT));
    sitting.press("R1Mon");
    sitting.send(Msg::ConnectionLost("connection refused".to_owned(), sitting.now));
    sitting.send(Msg::Connected(Box::new(session()), sitting.now));
    assert_eq!(sitting.model.review.pane().unwrap().note.as_str(), "Mon");
}

#[test]
fn what_ones_own_editor_left_is_looked_at_here_before_it_is_saved() {
    let mut sitting = Sitting::review(80, 24).open(short(JOB.0, DRAFT));
    sitting.model.settings.external_editor = true;
    sitting.press("e\n");
    let given = sitting.asked().into_iter().find_map(|effect| match effect {
        Effect::EditOutside { text } => Some(text),
        _ => None,
    });
    assert_eq!(given.expect("the editor was given something").as_str(), DRAFT);
    sitting.press("x\u{1b}s");
    assert_eq!(saved(&mut sitting), [], "the keys are not ours");
    for _ in 0..90 {
        sitting.wait(Duration::seconds(10));
    }
    let extended = sitting.asked().into_iter().filter(|effect| matches!(effect, Effect::ExtendLease { .. })).count();
    assert!(extended > 20, "who writes elsewhere keeps the job: {extended}");
    let long = "x".repeat(super::LONGEST + 5);
    sitting.send(Msg::EditedOutside { result: Ok(Words::new(long.clone())), now: sitting.now });
    assert_eq!(text(&sitting), long, "however long it is, it is not lost");
    sitting.press("\u{1b}s");
    assert_eq!(saved(&mut sitting), [(long, 12)]);
}

#[test]
fn an_editor_that_failed_leaves_the_draft_as_it_was() {
    let mut sitting = Sitting::review(80, 24).open(short(JOB.0, DRAFT));
    sitting.model.settings.external_editor = true;
    sitting.press("e\n");
    sitting.send(Msg::EditedOutside { result: Err("the editor could not be started".to_owned()), now: sitting.now });
    assert_eq!((text(&sitting), sitting.model.asks()), (DRAFT.to_owned(), Some(Ask::Editor)));
    assert!(sitting.model.notice.as_ref().unwrap().text.contains("could not be started"));
}
