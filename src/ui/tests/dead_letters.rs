//! Dead letters: what is asked before an act, on what set it acts, and how the answers are told.

use chrono::Duration;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::trouble::{dead_letter, unknown_outcome};
use super::{SIZES, Stage, World};
use crate::app::dead_letters::DeadLetterAct::{self, Discard};
use crate::app::{Effect, Failure, Msg, Screen, Settings};
use crate::domain::{JobId, Outcome, Role};

const PHONE: (u16, u16) = (40, 12);

fn stage(size: (u16, u16)) -> Stage {
    Stage::new(World::full(), Screen::DeadLetters, size)
}

/// Presses a key after the guard of a question has passed.
fn answer(stage: &mut Stage, keys: &str) {
    stage.wait(Duration::milliseconds(300));
    stage.press(keys);
}

fn discard(reason: &str) -> DeadLetterAct {
    Discard { reason: reason.to_owned() }
}

fn retried(may_have_left: bool) -> DeadLetterAct {
    DeadLetterAct::Retry { may_have_left, reason: None, per_minute: None }
}

/// What was done, and with which jobs in a row.
fn acts(stage: &Stage) -> Vec<(DeadLetterAct, Vec<i64>)> {
    let mut rows: Vec<(DeadLetterAct, Vec<i64>)> = Vec::new();
    for effect in &stage.done {
        let Effect::ActOnDeadLetters { acts } = effect else { continue };
        for (JobId(job), act) in acts {
            match rows.last_mut() {
                Some((same, jobs)) if same == act => jobs.push(*job),
                _ => rows.push((act.clone(), vec![*job])),
            }
        }
    }
    rows
}

fn outcome(word: &str) -> Outcome {
    serde_json::from_value(serde_json::json!({ "outcome": word })).unwrap()
}

fn answered(stage: &mut Stage, job_id: i64, word: &str) {
    stage.tell(Msg::DeadLetterActed { job_id: JobId(job_id), result: Ok(outcome(word)) });
}

#[test]
fn full() {
    for size in SIZES.into_iter().chain([PHONE]) {
        let mut stage = stage(size);
        stage.press("xjx");
        insta::assert_snapshot!(format!("dead_letters_full_{}", size.0), stage.drawn());
    }
}

#[test]
fn empty() {
    insta::assert_snapshot!("dead_letters_empty", Stage::new(World::empty(), Screen::DeadLetters, (80, 24)).drawn());
}

#[test]
fn old_data_stays_with_its_age() {
    let mut stage = stage((80, 24));
    stage.lose_database();
    insta::assert_snapshot!("dead_letters_stale", stage.drawn());
}

#[test]
fn confirm_line_names_verb_count_and_consequence() {
    let cases = [
        ("one_retry", "R"),
        ("unknown_retry", "jR"),
        ("many_retry", "XR"),
        ("many_discard_why", "XD"),
        ("many_discard", "XD1"),
    ];
    for (name, keys) in cases {
        let mut stage = stage((80, 24));
        stage.press(keys);
        insta::assert_snapshot!(format!("dead_letters_confirm_{name}"), stage.drawn());
    }
    for size in [PHONE, (120, 40), (200, 60)] {
        let mut stage = stage(size);
        stage.press("XD1");
        insta::assert_snapshot!(format!("dead_letters_confirm_{}", size.0), stage.drawn());
    }
}

#[test]
fn answers_are_reported_row_by_row() {
    let mut stage = stage((80, 24));
    stage.press("XR");
    answer(&mut stage, "y");
    answered(&mut stage, 12_019, "applied");
    answered(&mut stage, 12_017, "wrong_status");
    answered(&mut stage, 12_016, "wrong_status");
    let away = Err(Failure::Away("connection refused".into()));
    stage.tell(Msg::DeadLetterActed { job_id: JobId(12_015), result: away });
    insta::assert_snapshot!("dead_letters_report", stage.drawn());
    assert_eq!(stage.model.dead_letters.report.as_ref().unwrap().pending.len(), 8);
}

#[test]
fn only_a_deliberate_lowercase_y_acts() {
    let retry = |job_id| vec![(retried(false), vec![job_id])];
    let cases = [
        ("R", "", vec![]),
        ("R", "Y", vec![]),
        ("R", "⏎", vec![]),
        ("R", "R", vec![]),
        ("R", "ny", vec![]),
        ("R", "y", retry(12_019)),
        ("R", "Yy", retry(12_019)),
        ("D", "y", vec![]),
        ("D", "⏎", vec![]),
        ("D", "9y", vec![]),
        ("D2", "y", vec![(discard("duplicate"), vec![12_019])]),
        ("D2", "Y", vec![]),
        ("jR", "y", vec![(retried(true), vec![13_018])]),
        ("xxR", "y", vec![(retried(false), vec![12_019]), (retried(true), vec![13_018])]),
        ("xxD3", "y", vec![(discard("obsolete"), vec![12_019, 13_018])]),
    ];
    for (keys, reply, expected) in cases {
        let mut stage = stage((80, 24));
        stage.press(keys);
        answer(&mut stage, reply);
        assert_eq!(acts(&stage), expected, "{keys} {reply}");
    }
}

#[test]
fn a_key_before_the_line_can_have_been_seen_is_swallowed() {
    let mut stage = stage((80, 24));
    stage.press("R");
    stage.wait(Duration::milliseconds(299));
    stage.press("y");
    assert_eq!(acts(&stage), []);
    assert!(stage.drawn().contains("too early"));
    stage.wait(Duration::milliseconds(700));
    stage.press("y");
    assert_eq!(acts(&stage).len(), 1);
}

#[test]
fn every_reason_is_reached_and_seen_on_a_telephone() {
    let codes = ["customer_reached_otherwise", "duplicate", "obsolete", "test_data"];
    for size in [PHONE, (40, 20), (80, 24)] {
        for (at, code) in codes.into_iter().enumerate() {
            let mut stage = stage(size);
            stage.press("D");
            stage.press(&"j".repeat(at));
            let shown = stage.drawn();
            assert!(shown.lines().any(|row| row.contains('>') && row.contains(code)), "{size:?} {code}\n{shown}");
            assert!(shown.lines().last().unwrap().contains("n leave"), "{size:?}\n{shown}");
            stage.press("⏎");
            assert!(stage.drawn().contains(&format!("because: {code}")), "{size:?}\n{}", stage.drawn());
            answer(&mut stage, "y");
            assert_eq!(acts(&stage), [(discard(code), vec![12_019])]);
        }
    }
}

#[test]
fn pasted_and_held_keys_do_not_act() {
    let mut stage = stage((80, 24));
    stage.press("R");
    stage.wait(Duration::seconds(1));
    stage.tell(Msg::Paste("y".into(), stage.model.now));
    let held = KeyEvent::new_with_kind(KeyCode::Char('y'), KeyModifiers::NONE, KeyEventKind::Repeat);
    stage.tell(Msg::Key(held, stage.model.now));
    assert_eq!(acts(&stage), []);
}

#[test]
fn marks_survive_a_refresh_and_never_take_in_what_came_later() {
    let mut stage = stage((80, 24));
    stage.press("X");
    stage.world.dead_letters.jobs.insert(0, dead_letter(12_029, "provider_unreachable"));
    stage.world.dead_letters.jobs.retain(|job| job.job_id != JobId(12_012));
    stage.wait(stage.model.settings.refresh_every);
    stage.press("D3");
    stage.world.dead_letters.jobs.insert(0, dead_letter(12_030, "provider_unreachable"));
    stage.wait(stage.model.settings.refresh_every);
    stage.press("y");
    let (_, jobs) = acts(&stage).remove(0);
    assert_eq!(jobs.len(), 11);
    for job_id in [12_029, 12_030, 12_012] {
        assert!(!jobs.contains(&job_id), "{job_id}");
    }
}

#[test]
fn what_may_have_left_only_since_the_question_is_not_forced() {
    let mut stage = stage((80, 24));
    stage.press("R");
    stage.world.dead_letters.jobs[0] = unknown_outcome(12_019);
    answer(&mut stage, "y");
    assert_eq!(acts(&stage), [(retried(false), vec![12_019])]);
}

#[test]
fn more_than_fifty_are_confirmed_by_their_number() {
    let mut world = World::full();
    world.dead_letters.jobs = (1..=51).map(|job_id| dead_letter(job_id, "rate_limited")).collect();
    for (reply, acted) in [("y", false), ("5", false), ("15", false), ("51", true)] {
        let mut stage = Stage::new(world.clone(), Screen::DeadLetters, (80, 24));
        stage.press("XD3");
        answer(&mut stage, reply);
        assert_eq!(acts(&stage).len(), usize::from(acted), "{reply}");
    }
    world.dead_letters.jobs.pop();
    let mut stage = Stage::new(world, Screen::DeadLetters, (80, 24));
    stage.press("XD3");
    answer(&mut stage, "y");
    assert_eq!(acts(&stage).len(), 1);
}

#[test]
fn who_is_not_on_call_cannot_act_and_sees_why() {
    let roles = vec![Role::Operator, Role::Reviewer];
    let mut stage = Stage::with(World::full(), Screen::DeadLetters, (80, 24), Settings::default(), roles);
    stage.press("xXR");
    assert!(stage.model.dead_letters.question.is_none() && stage.model.dead_letters.marked.is_empty());
    stage.wait(Duration::seconds(10));
    insta::assert_snapshot!("dead_letters_not_on_call", stage.drawn());
}

#[test]
fn nothing_is_done_while_the_database_is_away() {
    let mut stage = stage((80, 24));
    stage.press("R");
    stage.lose_database();
    assert!(stage.model.dead_letters.question.is_none(), "what was seen may have changed by the time it is back");
    stage.press("y");
    assert_eq!(acts(&stage), []);
}

#[test]
fn a_question_does_not_outlive_a_sleep() {
    let mut stage = stage((80, 24));
    stage.press("R");
    stage.wait(Duration::minutes(10));
    stage.press("y");
    assert_eq!(acts(&stage), []);
}

#[test]
fn a_second_act_waits_for_the_answers_of_the_first() {
    let mut stage = stage((80, 24));
    stage.press("R");
    answer(&mut stage, "y");
    stage.press("jD");
    assert!(stage.model.dead_letters.question.is_none());
    answered(&mut stage, 12_019, "applied");
    stage.press("D");
    assert!(stage.model.dead_letters.question.is_some());
}

#[test]
fn a_cell_of_the_grid_opens_its_jobs_and_drops_the_marks() {
    let mut stage = stage((80, 24));
    stage.press("Xkk⏎");
    assert_eq!(stage.model.dead_letters.filter.to_string(), "kind:send channel:sms error:provider_timeout");
    assert!(stage.model.dead_letters.marked.is_empty());
    stage.press("h");
    assert!(stage.model.dead_letters.filter.is_empty());
}

#[test]
fn on_a_telephone_a_cell_a_question_and_what_came_of_it_are_seen_whole() {
    let mut stage = stage(PHONE);
    stage.press("k⏎");
    insta::assert_snapshot!("dead_letters_cell_40", stage.drawn());
    stage.press("R");
    insta::assert_snapshot!("dead_letters_confirm_retry_40", stage.drawn());
    answer(&mut stage, "y");
    answered(&mut stage, 12_019, "applied");
    insta::assert_snapshot!("dead_letters_report_40", stage.drawn());
    // A printable key leads back from each.
    stage.press("h");
    assert!(stage.model.dead_letters.report.is_none());
    stage.press("h");
    assert!(stage.model.dead_letters.filter.is_empty());
}

#[test]
fn a_job_opens_in_jobs_and_back_leads_here_again() {
    let mut stage = stage((80, 24));
    stage.press("j⏎");
    assert_eq!((stage.model.screen, stage.model.jobs.open), (Screen::Jobs, Some(JobId(13_018))));
    stage.press("h");
    assert_eq!(stage.model.screen, Screen::DeadLetters);
    assert_eq!(stage.model.dead_letters.cursor.key(), Some(JobId(13_018)));
}

#[test]
fn terms_that_would_be_ignored_are_refused() {
    let mut stage = stage((80, 24));
    stage.press("/lang:de⏎");
    assert!(stage.model.dead_letters.filter.is_empty());
    assert!(stage.drawn().contains("error: work"));
}

#[test]
fn what_was_retried_three_times_takes_a_reason() {
    let mut world = World::full();
    world.dead_letters.jobs[0].retried_by_people = 3;
    let mut stage = Stage::new(world, Screen::DeadLetters, (80, 24));
    stage.press("R");
    assert!(stage.drawn().contains("1 retried 3 times: why again?"), "{}", stage.drawn());
    stage.press("2");
    answer(&mut stage, "y");
    let reason = Some("provider_recovered".to_owned());
    let act = DeadLetterAct::Retry { may_have_left: false, reason, per_minute: None };
    assert_eq!(acts(&stage), [(act, vec![12_019])]);
}

#[test]
fn more_than_fifty_go_back_at_a_chosen_rate() {
    let mut world = World::full();
    world.dead_letters.jobs = (1..=51).map(|job_id| dead_letter(job_id, "rate_limited")).collect();
    let mut stage = Stage::new(world, Screen::DeadLetters, (80, 24));
    stage.press("XR");
    assert!(stage.drawn().contains("How fast?"), "{}", stage.drawn());
    stage.press("2");
    assert!(stage.drawn().contains("at 30 a minute"), "{}", stage.drawn());
    answer(&mut stage, "51");
    let act = DeadLetterAct::Retry { may_have_left: false, reason: None, per_minute: Some(30) };
    assert_eq!(acts(&stage)[0].0, act);
}

#[test]
fn only_what_may_have_left_is_confirmed_as_sent() {
    let mut stage = stage((80, 24));
    stage.press("XC");
    stage.press("m-77⏎");
    assert!(stage.drawn().contains("CONFIRM SENT #13018"), "{}", stage.drawn());
    answer(&mut stage, "y");
    let act = DeadLetterAct::ConfirmSent { provider_ref: "m-77".to_owned() };
    assert_eq!(acts(&stage), [(act, vec![13_018])]);
    let mut other = Stage::new(World::full(), Screen::DeadLetters, (80, 24));
    other.press("C");
    assert!(other.model.dead_letters.question.is_none(), "the first one surely did not leave");
}

/// Three of unknown effect, the newest first.
fn unknown_three(size: (u16, u16)) -> Stage {
    let mut world = World::full();
    world.dead_letters.jobs = [13_020, 13_019, 13_018].map(unknown_outcome).to_vec();
    Stage::new(world, Screen::DeadLetters, size)
}

#[test]
fn each_of_many_is_confirmed_under_its_own_number() {
    for size in [PHONE, (80, 24)] {
        let mut stage = unknown_three(size);
        stage.press("XC");
        insta::assert_snapshot!(format!("dead_letters_references_{}", size.0), stage.drawn());
        stage.press("m-1⏎m-1⏎");
        assert!(stage.drawn().contains("is #13020's"), "{}", stage.drawn());
        stage.press("9⏎");
        // The third was not found.
        stage.press("⏎");
        assert!(stage.drawn().contains("CONFIRM SENT 2 dead letters"), "{}", stage.drawn());
        answer(&mut stage, "y");
        let sent = |number: &str| DeadLetterAct::ConfirmSent { provider_ref: number.to_owned() };
        assert_eq!(acts(&stage), [(sent("m-1"), vec![13_020]), (sent("m-19"), vec![13_019])]);
    }
}

#[test]
fn nothing_is_confirmed_without_a_number() {
    let mut stage = unknown_three((80, 24));
    stage.press("XC⏎⏎⏎");
    assert!(stage.model.dead_letters.question.is_none());
    assert_eq!(acts(&stage), []);
}
