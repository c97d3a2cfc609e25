//! What follows from the database's answers.

use chrono::Duration;

use super::{JOB, approve, check, decided_as, ready};
use crate::app::effect::Effect;
use crate::app::keymap::{Action, Availability};
use crate::app::msg::{Failure, Msg};
use crate::app::review::{Change, Posture, Question, Standing, Verb, availability};
use crate::app::sample::{self, Sitting, decided, minutes, opened, outcome, pin, short};
use crate::domain::review::{Decided, Ending};
use crate::domain::{JobId, Outcome};

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
fn the_lease_that_a_decision_used_up_is_not_called_lost() {
    let mut sitting = ready();
    sitting.press("Ay");
    sitting.send(Msg::Changed { job_id: JOB, pin: pin(14), change: Change::LeaseLost { by: None }, now: sitting.now });
    let pane = sitting.model.review.pane().unwrap();
    assert_eq!((&pane.change, &pane.question), (&None, &Question::Pending(Verb::Approve)));
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
    assert_eq!(sitting.model.review.pane().unwrap().change, Some(Change::Away));
    sitting.asked();
    sitting.press("Ay");
    assert!(!sitting.asked().contains(&approve()), "it has to be fetched afresh first");
    sitting.press("v");
    let ticket = sitting.ticket();
    let again = short(10431, "Dear customer,\nit arrives tomorrow.");
    sitting.send(Msg::Opened { ticket, result: Ok(Box::new(again)), now: sitting.now });
    sitting.asked();
    check(sitting, "Ay", &[approve()]);
}

/// Approved, the connection broke, the database is back, and only then there is an answer.
fn doubted(result: Result<Outcome, Failure>) -> Sitting {
    let mut sitting = ready();
    sitting.press("Ay");
    sitting.send(Msg::DecisionInDoubt { job_id: JOB, verb: Verb::Approve });
    sitting.send(Msg::ConnectionLost("connection refused".to_owned(), sitting.now));
    assert_eq!(told(&sitting), "checking what became of #10431 (approve)");
    sitting.send(Msg::Connected(Box::new(sample::session()), sitting.now));
    sitting.send(Msg::Decided { job_id: JOB, verb: Verb::Approve, result, now: sitting.now });
    for _ in 0..60 {
        sitting.wait(Duration::seconds(1));
    }
    sitting.asked();
    sitting
}

fn told(sitting: &Sitting) -> String {
    sitting.model.review.doubt().map(|(words, _)| words).unwrap_or_default()
}

#[test]
fn what_became_of_a_decision_in_doubt_stands_until_it_was_seen() {
    let not_made = "#10431 was NOT approved: the lease has expired; open the job again";
    let mut sitting = doubted(Ok(outcome("lease_lost")));
    assert_eq!(told(&sitting), not_made);
    sitting.press("v");
    assert_eq!(told(&sitting), "");
    assert!(matches!(sitting.asked()[..], [Effect::Reopen { job_id: JOB, .. }]), "one key sees both");

    let mut sitting = doubted(Ok(outcome("applied")));
    assert_eq!(told(&sitting), "#10431 WAS approved");
    sitting.press("v");
    assert_eq!((told(&sitting).as_str(), sitting.asked()), ("", Vec::new()));
}

#[test]
fn what_became_of_a_decision_in_doubt_goes_when_its_job_is_left() {
    let mut sitting = doubted(Ok(outcome("self_approval")));
    sitting.press("h");
    assert_eq!(told(&sitting), "");

    let mut sitting = doubted(Ok(outcome("applied")));
    let sitting = {
        sitting.press("hn");
        sitting.open(short(10433, "Dear other customer."))
    };
    assert_eq!(told(&sitting), "#10431 WAS approved", "leaving another job says nothing about this one");
}

#[test]
fn who_looks_at_a_job_of_somebody_else_sees_what_becomes_of_it() {
    let mut theirs = short(10436, "Dear customer.");
    let until = Some("2026-11-20T12:04:00Z".parse().unwrap());
    theirs.standing = Standing::Held { by: "bo".to_owned(), until };
    theirs.conversation.pin = None;
    let mut sitting = Sitting::review(80, 24).open(theirs);
    let off = |sitting: &Sitting| match availability(&sitting.model, Action::Approve) {
        Availability::Off(why) => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(off(&sitting), "bo is reading it until 12:04 UTC");
    sitting.effects.clear();
    sitting.wait(Duration::seconds(1));
    assert!(sitting.effects.contains(&Effect::Watch { job_id: JobId(10436), pin: None }));
    let ending = Ending::of(&[sample::run("bo", "review_approve", "succeeded")]).unwrap();
    let over = Msg::Stands { job_id: JobId(10436), standing: Standing::Ended(ending), now: sitting.now };
    sitting.send(over);
    assert_eq!(off(&sitting), "decided by bo (approve) at 09:36 UTC");
    sitting.effects.clear();
    sitting.wait(Duration::seconds(5));
    assert!(!sitting.effects.iter().any(|effect| matches!(effect, Effect::Watch { .. })), "nothing more can happen");
}

#[test]
fn after_the_lease_was_lost_the_screen_follows_who_has_it() {
    let mut sitting = ready();
    let lost = |by: Option<&str>, sitting: &Sitting| Msg::Changed {
        job_id: JOB,
        pin: pin(14),
        change: Change::LeaseLost { by: by.map(str::to_owned) },
        now: sitting.now,
    };
    sitting.send(lost(None, &sitting));
    sitting.effects.clear();
    sitting.wait(Duration::seconds(1));
    assert!(sitting.effects.contains(&Effect::Watch { job_id: JOB, pin: Some(pin(14)) }));
    sitting.send(lost(Some("bo"), &sitting));
    let taken = Change::LeaseLost { by: Some("bo".to_owned()) };
    assert_eq!(sitting.model.review.pane().unwrap().change, Some(taken));
    sitting.asked();
    check(sitting, "h", &[]);
}

#[test]
fn a_connection_that_came_back_while_the_decision_was_under_way_asks_for_a_fresh_look() {
    let mut sitting = ready();
    sitting.press("Ay");
    sitting.send(Msg::ConnectionLost("connection refused".to_owned(), sitting.now));
    sitting.send(Msg::Connected(Box::new(sample::session()), sitting.now));
    assert_eq!(sitting.model.review.pane().unwrap().question, Question::Pending(Verb::Approve));
    decided_as(&mut sitting, Verb::Approve, outcome("self_approval"));
    assert_eq!(sitting.model.review.pane().unwrap().change, Some(Change::Away));
}

#[test]
fn a_decision_that_failed_with_the_connection_tells_that_the_database_was_away() {
    let mut sitting = ready();
    sitting.press("Ay");
    let result = Err(Failure::Away("the connection broke".to_owned()));
    sitting.send(Msg::Decided { job_id: JOB, verb: Verb::Approve, result, now: sitting.now });
    let pane = sitting.model.review.pane().unwrap();
    let told = pane.away.as_ref().unwrap().to_string();
    assert!(told.starts_with("DATABASE AWAY"), "{told}");
    assert_eq!(pane.change, Some(Change::Away));
    sitting.asked();
    sitting.wait(Duration::seconds(1));
    let looks_back = sitting.asked().iter().any(|effect| matches!(effect, Effect::LookBack { .. }));
    assert!(looks_back, "what became of the job is asked for");
}

#[test]
fn a_refused_decision_gives_the_lease_back_when_its_job_was_left() {
    let release = [Effect::Release { job_id: JOB, lease_token: 12 }];
    let broken = Err(Failure::Other("nothing was done".to_owned()));
    for result in [Ok(outcome("conversation_moved")), Ok(outcome("self_approval")), broken] {
        let mut sitting = ready();
        sitting.press("Ayh");
        assert_eq!(sitting.asked(), [approve()], "the lease is the decision's until it was answered");
        sitting.send(Msg::Decided { job_id: JOB, verb: Verb::Approve, result, now: sitting.now });
        assert_eq!(sitting.asked(), release);
    }
    for word in ["applied", "already_decided", "lease_lost"] {
        let mut sitting = ready();
        sitting.press("Ayh");
        sitting.asked();
        decided_as(&mut sitting, Verb::Approve, outcome(word));
        assert_eq!(sitting.asked(), [], "{word}: there is none to give back");
    }
}

#[test]
fn while_a_decision_is_under_way_nothing_else_is_done_with_its_job() {
    for keys in ["Ay", "s\u{1b}Ay", "s1", "v", "R1\ny", "E1y"] {
        for broken in [false, true] {
            let mut sitting = ready();
            sitting.press("Ay");
            if broken {
                sitting.send(Msg::ConnectionLost("connection refused".to_owned(), sitting.now));
                sitting.send(Msg::Connected(Box::new(sample::session()), sitting.now));
            }
            sitting.asked();
            sitting.press(keys);
            let changes: Vec<Effect> = sitting.asked().into_iter().filter(Effect::changes).collect();
            assert_eq!(changes, [], "{keys}, broken: {broken}");
        }
    }
}

#[test]
fn a_job_that_was_left_and_opened_again_is_not_decided_twice() {
    let mut sitting = ready();
    sitting.press("Ayh\n");
    let ticket = sitting.ticket();
    assert!(matches!(sitting.asked()[..], [_, Effect::OpenForReview { job_id: Some(JOB), .. }]));
    let again = Ok(Box::new(short(10431, "Dear customer.")));
    sitting.send(Msg::Opened { ticket, result: again, now: sitting.now });
    sitting.press("AyR1\ny");
    assert!(!sitting.asked().iter().any(Effect::changes));
}

#[test]
fn after_a_skip_the_next_job_opens_only_where_it_is_seen() {
    for (keys, opens) in [("s1", 1), ("s11", 0), ("s1qq", 0)] {
        let mut sitting = ready();
        sitting.press(keys);
        sitting.asked();
        sitting.send(Msg::Skipped { job_id: JOB, result: Ok(outcome("applied")) });
        let asked = sitting.asked();
        assert_eq!(asked.len(), opens, "{keys}: {asked:?}");
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
fn whatever_was_decided_is_undone_from_the_next_job() {
    let status = |status: &str| Some(status.to_owned());
    for (keys, verb, leaves_in) in
        [("Ay", Verb::Approve, Some(30)), ("R1\ny", Verb::Reject, None), ("E1y", Verb::Escalate, None)]
    {
        // A status that the list tells later; none: it has not told yet. Each time: is this still the one that `u` takes back?
        for (created, is_it) in [
            (None, true),
            (status("queued"), true),
            (status("paused"), true),
            (status("leased"), false),
            (status("running"), false),
            (status("succeeded"), false),
        ] {
            let mut sitting = ready();
            sitting.press(keys);
            let leaves_at = leaves_in.map(|seconds| sitting.now + Duration::seconds(seconds));
            let created_job_id = Some(JobId(12601));
            decided_as(&mut sitting, verb, Outcome { leaves_at, created_job_id, ..outcome("applied") });
            let ticket = sitting.ticket();
            let next = Ok(Box::new(short(10433, "Dear other customer.")));
            sitting.send(Msg::Opened { ticket, result: next, now: sitting.now });
            if let Some(status) = &created {
                let mut list = sample::list();
                let row = Decided { created_job_id, ..decided(JOB.0, verb.as_str(), leaves_in) };
                list.mine.insert(0, Decided { created_status: Some(status.clone()), ..row });
                sitting.wait(Duration::seconds(2));
                sitting.answer(list, sample::backlog());
            }
            sitting.asked();
            sitting.press("u");
            let taken_back = if is_it { JOB } else { JobId(10424) };
            assert_eq!(sitting.asked(), [Effect::Undo { job_id: taken_back }], "{verb:?} {created:?}");
            assert_eq!(sitting.model.review.pane().unwrap().job.job_id, JobId(10433), "what is open stays open");
        }
    }
}

#[test]
fn what_could_not_be_undone_does_not_stand_before_what_can() {
    let mut sitting = ready();
    sitting.press("R1\ny");
    decided_as(&mut sitting, Verb::Reject, outcome("applied"));
    sitting.asked();
    sitting.press("u");
    assert_eq!(sitting.asked(), [Effect::Undo { job_id: JOB }]);
    sitting.send(Msg::Undone { job_id: JOB, result: Ok(outcome("too_late")), now: sitting.now });
    assert!(sitting.model.notice.as_ref().unwrap().text.contains("not undone"));
    sitting.press("u");
    assert_eq!(sitting.asked(), [Effect::Undo { job_id: JobId(10424) }]);
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
fn what_an_undo_put_back_comes_before_the_next_job_but_not_what_another_window_holds() {
    for (put_back, opens) in [(true, Some(JobId(10442))), (false, None)] {
        let mut sitting = ready();
        if put_back {
            sitting.press("u");
            let fresh = Outcome { created_job_id: Some(JobId(10442)), lease_token: Some(1), ..outcome("applied") };
            sitting.send(Msg::Undone { job_id: JobId(10424), result: Ok(fresh), now: sitting.now });
        }
        sitting.press("h");
        let mut list = sample::list();
        list.waiting[4].lease_owner = Some("ada".to_owned());
        list.waiting[4].lease_expires_at = Some(sitting.now + minutes(9));
        sitting.wait(Duration::seconds(2));
        sitting.answer(list, sample::backlog());
        sitting.asked();
        sitting.press("n");
        let asked = sitting.asked();
        assert!(matches!(&asked[..], [Effect::OpenForReview { job_id, .. }] if *job_id == opens), "{asked:?}");
    }
}

#[test]
fn a_lease_that_comes_after_quitting_goes_back_at_once() {
    let mut sitting = Sitting::review(80, 24);
    sitting.press("n");
    let ticket = sitting.ticket();
    sitting.send(Msg::Terminate);
    sitting.asked();
    let late = short(10431, "Dear customer,\nit arrives tomorrow.");
    sitting.send(Msg::Opened { ticket, result: Ok(Box::new(late)), now: sitting.now });
    assert_eq!(sitting.asked(), [Effect::Release { job_id: JOB, lease_token: 12 }]);
}

#[test]
fn a_decision_refused_after_quitting_gives_its_lease_back() {
    for (word, expected) in [
        ("conversation_moved", vec![Effect::Release { job_id: JOB, lease_token: 12 }]),
        ("applied", Vec::new()),
        ("lease_lost", Vec::new()),
    ] {
        let mut sitting = ready();
        sitting.press("Ay");
        sitting.send(Msg::Terminate);
        sitting.asked();
        decided_as(&mut sitting, Verb::Approve, outcome(word));
        assert_eq!(sitting.asked(), expected, "{word}");
    }
}

#[test]
fn what_an_undo_put_back_is_given_back_when_quitting_before_or_after_it() {
    let fresh = Outcome { created_job_id: Some(JobId(10442)), lease_token: Some(1), ..outcome("applied") };
    let release = Effect::Release { job_id: JobId(10442), lease_token: 1 };
    for quits_first in [true, false] {
        let mut sitting = ready();
        sitting.press("u");
        if quits_first {
            sitting.send(Msg::Terminate);
        }
        sitting.asked();
        sitting.send(Msg::Undone { job_id: JobId(10424), result: Ok(fresh.clone()), now: sitting.now });
        sitting.send(Msg::Terminate);
        let given_back = sitting.asked().iter().filter(|effect| **effect == release).count();
        assert_eq!(given_back, 1, "quits first: {quits_first}");
    }
}
