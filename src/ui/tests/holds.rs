//! Outages and holds: the rows below the header of every screen, and the questions before a hold and before its end.

use chrono::Duration;

use super::trouble::hold;
use super::{SIZES, Stage, World};
use crate::app::holds::{Report, Went};
use crate::app::{Effect, Msg, Screen, Settings};
use crate::domain::{Alerts, HoldForecast, JobKind, Outcome, ResumeForecast, Role, Scope, Trial};

const PHONE: (u16, u16) = (40, 12);

fn stage(screen: Screen, size: (u16, u16)) -> Stage {
    Stage::new(World::troubled(), screen, size)
}

fn answer(stage: &mut Stage, keys: &str) {
    stage.wait(Duration::milliseconds(300));
    stage.press(keys);
}

fn sms() -> Scope {
    Scope { job_kind: Some(JobKind::Send), channel_kind: Some("sms".into()), agency: None }
}

/// What the database says to the last question about a hold.
fn forecast(stage: &mut Stage) {
    let asked = stage.done.iter().rev().find_map(|effect| match effect {
        Effect::ForecastHold { scope } => Some(scope.clone()),
        _ => None,
    });
    let found =
        HoldForecast { ready: 9, scheduled: 0, retry_waiting: 4, under_way: 2, paused: 0, max_approval_age: 7_200 };
    stage.tell(Msg::HoldForecast { scope: asked.unwrap(), result: Ok(found) });
}

fn resume_forecast(stage: &mut Stage) {
    let found = ResumeForecast { paused: 31, kept: 0, sends: 31, moved: 3, expired: 2 };
    stage.tell(Msg::ResumeForecast { hold_id: 3, result: Ok(found) });
}

fn acts(stage: &Stage) -> Vec<Effect> {
    let is_act = |effect: &&Effect| matches!(effect, Effect::Hold { .. } | Effect::Resume { .. });
    stage.done.iter().filter(is_act).cloned().collect()
}

fn applied() -> Outcome {
    serde_json::from_value(serde_json::json!({ "outcome": "applied" })).unwrap()
}

#[test]
fn every_screen_says_what_fails_and_what_is_held() {
    for screen in [Screen::Overview, Screen::DeadLetters, Screen::Activity, Screen::Jobs] {
        for size in SIZES {
            let shown = stage(screen, size).drawn();
            let rows: Vec<&str> = shown.lines().collect();
            assert!(rows[1].contains("OUTAGE? send/sms 11 of 12 failed in 5 m"), "{screen:?} {size:?}\n{shown}");
            assert!(rows[1].contains("(50% of 10+)"), "{screen:?} {size:?}\n{shown}");
            assert!(rows[2].contains("HOLD send/webchat 1 h 6 m by bo, INC-2291: 31 wait, 3 moved since"), "{shown}");
            assert!(rows[0].contains("Countersign") && rows.last().unwrap().contains('?'), "{shown}");
        }
    }
}

#[test]
fn on_a_telephone_it_stands_above_the_footer() {
    let shown = stage(Screen::DeadLetters, PHONE).drawn();
    let rows: Vec<&str> = shown.lines().collect();
    assert!(rows[rows.len() - 2].contains("OUTAGE? send/sms"), "{shown}");
}

#[test]
fn what_is_held_already_is_no_outage_and_nothing_wrong_takes_no_row() {
    let mut world = World::troubled();
    world.overview.alerts.channels[1].is_held = true;
    world.overview.alerts.holds.clear();
    let shown = Stage::new(world, Screen::Jobs, (80, 24)).drawn();
    assert!(!shown.contains("OUTAGE?"), "{shown}");
    let calm = World { overview: World::full().overview, ..World::troubled() };
    assert_eq!(calm.overview.alerts, Alerts::default());
    assert_eq!(Stage::new(calm, Screen::Jobs, (80, 24)).model.size.height, 24);
}

#[test]
fn a_click_lands_on_the_row_that_is_drawn_there() {
    use ratatui::crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    let mut stage = stage(Screen::Jobs, (80, 24));
    let shown = stage.drawn();
    let at = shown.lines().position(|row| row.contains("#12029")).unwrap() as u16;
    let kind = MouseEventKind::Down(MouseButton::Left);
    stage.tell(Msg::Mouse(MouseEvent { kind, column: 5, row: at, modifiers: KeyModifiers::NONE }, stage.model.now));
    let row = stage.drawn().lines().nth(usize::from(at)).unwrap().to_owned();
    assert!(row.contains('>') && row.contains("#12029"), "{row}");
}

#[test]
fn the_overview_tells_each_channel_the_rule_the_holds_and_what_nobody_works_on() {
    for size in [(120, 40), (200, 60)] {
        let shown = stage(Screen::Overview, size).drawn();
        for said in [
            "Channels, last 5 m",
            "92%",
            "OUTAGE?",
            "named at 50% of at least 10 in 5 m",
            "HOLD send/webchat by bo 10:54, INC-2291",
            "3 customers wrote since: back to Review",
            "working now: 4 reviewers, 6 programs",
            "nobody works on: followup (4 wait, 21 m)",
        ] {
            assert!(shown.contains(said), "{said} {size:?}\n{shown}");
        }
    }
}

#[test]
fn pictures() {
    for size in SIZES {
        insta::assert_snapshot!(format!("holds_overview_{}", size.0), stage(Screen::Overview, size).drawn());
        let mut stage = stage(Screen::DeadLetters, size);
        insta::assert_snapshot!(format!("holds_outage_{}", size.0), stage.drawn());
        stage.press("Hc3INC-2304⏎");
        forecast(&mut stage);
        insta::assert_snapshot!(format!("holds_confirm_{}", size.0), stage.drawn());
        answer(&mut stage, "n");
        stage.press("U2");
        resume_forecast(&mut stage);
        insta::assert_snapshot!(format!("holds_resume_{}", size.0), stage.drawn());
    }
    let mut stage = stage(Screen::DeadLetters, PHONE);
    stage.press("Hc3⏎");
    forecast(&mut stage);
    insta::assert_snapshot!("holds_confirm_40", stage.drawn());
}

#[test]
fn a_hold_says_what_stops_and_what_does_not_before_a_lowercase_y_places_it() {
    let mut stage = stage(Screen::DeadLetters, (120, 40));
    stage.press("H");
    assert!(stage.drawn().contains("c this channel (send/sms)"), "{}", stage.drawn());
    stage.press("c3");
    stage.press("inc-2304⏎");
    answer(&mut stage, "y");
    assert_eq!(acts(&stage), [], "nobody knows yet what it would stop");
    forecast(&mut stage);
    let shown = stage.drawn();
    for said in [
        "9 ready + 4 retrying stop, and every one that comes",
        "NOT stopped: 2 under way",
        "sms held",
        "comes back to Review",
    ] {
        assert!(shown.contains(said), "{said}\n{shown}");
    }
    answer(&mut stage, "Y⏎");
    assert_eq!(acts(&stage), []);
    answer(&mut stage, "y");
    let (reason, ticket) = ("provider_outage".to_owned(), Some("INC-2304".to_owned()));
    assert_eq!(acts(&stage), [Effect::Hold { scope: sms(), reason, ticket }]);
    stage.tell(Msg::Held { scope: sms(), result: Ok((applied(), 13)) });
    assert!(stage.drawn().contains("HOLD send/sms stands: 13 stopped"), "{}", stage.drawn());
    stage.press("h");
    assert_eq!(stage.model.holding.report, None);
}

#[test]
fn a_ticket_that_the_database_would_refuse_is_not_taken() {
    let mut stage = stage(Screen::DeadLetters, (80, 24));
    stage.press("Hc1INC⏎");
    assert!(stage.drawn().contains("ticket > INC"), "{}", stage.drawn());
    stage.press("-7⏎");
    assert!(stage.drawn().contains("ticket INC-7"), "{}", stage.drawn());
}

#[test]
fn a_resume_says_how_many_go_and_how_many_come_back_before_it_begins() {
    let mut stage = stage(Screen::DeadLetters, (120, 40));
    stage.press("U");
    assert!(stage.drawn().contains("At what pace?"), "{}", stage.drawn());
    stage.press("2");
    answer(&mut stage, "y");
    assert_eq!(acts(&stage), [], "nobody knows yet what would go");
    resume_forecast(&mut stage);
    let shown = stage.drawn();
    for said in ["31 go, 30 a minute, the last one in 1 m", "5 of them come back to Review", "5 sends go first"] {
        assert!(shown.contains(said), "{said}\n{shown}");
    }
    answer(&mut stage, "y");
    let what = "send/webchat of acme".to_owned();
    assert_eq!(acts(&stage), [Effect::Resume { hold_id: 3, what: what.clone(), per_minute: Some(30), tries: true }]);
    let trial = Trial { done: 2, failed: 1, back_to_review: 0, under_way: 2 };
    stage.tell(Msg::ResumeWent { what: what.clone(), result: Ok(Went::Trying(trial)) });
    assert!(stage.drawn().contains("tried first: 2 left, 1 failed, 2 under way"), "{}", stage.drawn());
    stage.press("U");
    assert!(stage.model.holding.question.is_none(), "the last one is still under way");
    stage.tell(Msg::ResumeWent { what: what.clone(), result: Ok(Went::Stopped(trial)) });
    assert!(stage.drawn().contains("STOPPED, the hold stands"), "{}", stage.drawn());
    assert_eq!(stage.model.holding.report, Some(Report::Stopped { what, trial }));
}

#[test]
fn a_resume_that_tries_a_few_is_stopped_by_n_or_esc_and_says_what_has_gone() {
    let what = "send/webchat of acme".to_owned();
    let went = |stage: &mut Stage, went| stage.tell(Msg::ResumeWent { what: what.clone(), result: Ok(went) });
    for key in ["n", "␛"] {
        let mut stage = stage(Screen::DeadLetters, (80, 24));
        stage.press(key);
        assert!(!stage.done.contains(&Effect::StopResume), "nothing is under way");
        went(&mut stage, Went::Trying(Trial { done: 1, under_way: 4, ..Trial::default() }));
        assert!(stage.drawn().contains("n stops it"), "{}", stage.drawn());
        stage.press(key);
        assert!(stage.done.contains(&Effect::StopResume));
        went(&mut stage, Went::Cancelled(Trial { done: 2, under_way: 1, ..Trial::default() }));
        assert!(stage.drawn().contains("STAYS HELD: tried first: 2 left, 1 under way"), "{}", stage.drawn());
        stage.press("h");
        assert_eq!(stage.model.holding.report, None);
    }
}

#[test]
fn a_resume_that_lets_everything_go_is_not_stopped() {
    let mut stage = stage(Screen::DeadLetters, (80, 24));
    let result = Ok(Went::Releasing { left: 700 });
    stage.tell(Msg::ResumeWent { what: "send/webchat".to_owned(), result });
    stage.press("n");
    assert!(!stage.done.contains(&Effect::StopResume));
}

#[test]
fn of_several_holds_one_is_chosen() {
    let mut world = World::troubled();
    let other = crate::domain::Hold { hold_id: 4, channel_kind: Some("email".into()), ..hold() };
    world.overview.alerts.holds.push(other);
    let mut stage = Stage::new(world, Screen::Overview, (80, 24));
    stage.press("U2");
    assert!(stage.drawn().contains("RESUME send/email of acme. At what pace?"), "{}", stage.drawn());
    stage.press("1");
    assert!(stage.done.contains(&Effect::ForecastResume { hold_id: 4, per_minute: Some(60) }), "{:?}", stage.done);
}

#[test]
fn on_the_overview_the_channel_that_fails_is_offered_first_whatever_row_the_cursor_is_on() {
    let mut stage = stage(Screen::Overview, (80, 24));
    stage.press("H");
    let shown = stage.drawn();
    assert!(shown.contains("c this channel (send/sms)"), "{shown}");
    assert!(shown.contains("k kind inbound") && shown.contains("a agency acme"), "{shown}");
    stage.press("c3⏎");
    assert!(stage.done.contains(&Effect::ForecastHold { scope: sms() }), "{:?}", stage.done);
}

#[test]
fn a_channel_of_the_overview_opens_its_jobs_and_is_held_or_resumed_from_its_row() {
    for size in [(120, 40), (200, 60)] {
        let on = |row: &str| {
            let mut stage = stage(Screen::Overview, size);
            stage.press("G");
            while !stage.drawn().lines().any(|line| line.contains(&format!(">{row} "))) {
                stage.press("k");
                assert!(stage.model.overview.cursor.index() > 0, "{row} {size:?}\n{}", stage.drawn());
            }
            stage
        };
        let mut jobs = on("sms");
        jobs.press("⏎");
        assert_eq!((jobs.model.screen, jobs.filter().as_str()), (Screen::Jobs, "kind:send status:open channel:sms"));
        let mut hold = on("email");
        hold.press("H");
        assert!(hold.drawn().contains("c this channel (send/email)"), "{}", hold.drawn());
        let mut resume = on("webchat");
        resume.press("U");
        assert!(resume.drawn().contains("RESUME send/webchat of acme. At what pace?"), "{}", resume.drawn());
    }
}

#[test]
fn a_hold_that_stands_calls_those_on_call_once_an_hour() {
    let calls = |stage: &mut Stage, minutes| {
        stage.done.clear();
        stage.wait(Duration::minutes(minutes));
        stage.wait(stage.model.settings.refresh_every);
        let called = |effect: &Effect| if let Effect::Call(said) = effect { Some(said.clone()) } else { None };
        stage.done.iter().filter_map(called).collect::<Vec<_>>()
    };
    let mut oncall = stage(Screen::Overview, (80, 24));
    assert_eq!(calls(&mut oncall, 50), Vec::<String>::new(), "it stands for 1 h 56 m");
    assert_eq!(calls(&mut oncall, 10), ["a hold stands for 2 h"]);
    assert_eq!(calls(&mut oncall, 40), Vec::<String>::new());
    assert_eq!(calls(&mut oncall, 20), ["a hold stands for 3 h"]);
    let roles = vec![Role::Operator];
    let mut other = Stage::with(World::troubled(), Screen::Overview, (80, 24), Settings::default(), roles);
    assert_eq!(calls(&mut other, 70), Vec::<String>::new());
}

#[test]
fn who_is_not_on_call_holds_nothing() {
    let roles = vec![Role::Operator, Role::Reviewer];
    let mut stage = Stage::with(World::troubled(), Screen::Overview, (80, 24), Settings::default(), roles);
    stage.press("HU");
    assert!(stage.model.holding.question.is_none());
    assert!(!stage.drawn().contains("H hold"), "{}", stage.drawn());
}

#[test]
fn nothing_is_held_while_the_database_is_away() {
    let mut stage = stage(Screen::DeadLetters, (80, 24));
    stage.press("Hc3⏎");
    forecast(&mut stage);
    stage.lose_database();
    stage.press("y");
    assert_eq!(acts(&stage), []);
    assert!(stage.model.holding.question.is_none());
}
