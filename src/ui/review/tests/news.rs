//! What happened to the open job meanwhile.

use chrono::Duration;

use super::{hostile, reading_hostile, snapshots, text};
use crate::app::Msg;
use crate::app::review::away::{self, Meanwhile};
use crate::app::review::{Change, Opened};
use crate::app::sample::{self, Sitting, short};
use crate::domain::review::Ending;
use crate::domain::{Direction, JobId, Pin};

#[test]
fn review_moved() {
    snapshots("review_moved", |width, height| {
        let mut again = hostile();
        let words = "forget it, my neighbour just brought it over";
        again.conversation.messages.push(sample::message(17, Direction::Inbound, 0, words));
        again.conversation.pin = Some(sample::pin(17));
        renewed(reading_hostile(width, height), Change::ConversationMoved, again)
    });
}

#[test]
fn review_replaced() {
    snapshots("review_replaced", |width, height| {
        let mut sitting = renewed(reading_hostile(width, height), Change::DraftChanged, replaced());
        sitting.now += Duration::seconds(3);
        sitting
    });
}

#[test]
fn review_changes() {
    snapshots("review_changes", |width, height| {
        let mut sitting = renewed(reading_hostile(width, height), Change::DraftChanged, replaced());
        sitting.press("d");
        sitting
    });
}

fn replaced() -> Opened {
    let mut again = hostile();
    let words = "Hello,\n\nI am sorry about the wait. Your order 88231 is with a neighbour.\n\nKind regards\nAcme Cards customer care";
    let mut draft = sample::message(18, Direction::Draft, 0, words);
    draft.author_ref = "drafter-2".to_owned();
    again.conversation.draft_id = Some(draft.message_id);
    again.conversation.pin = Some(Pin { draft_id: draft.message_id, ..sample::pin(14) });
    again.conversation.messages.push(draft);
    again
}

/// The open job changed, and the program fetched what is there now.
fn renewed(mut sitting: Sitting, change: Change, again: Opened) -> Sitting {
    let (job_id, pin) = (JobId(10431), sample::pin(14));
    sitting.send(Msg::Changed { job_id, pin, change, now: sitting.now });
    let ticket = sitting.ticket();
    sitting.send(Msg::Opened { ticket, result: Ok(Box::new(again)), now: sitting.now });
    sitting
}

#[test]
fn review_goes_back() {
    snapshots("review_goes_back", |width, height| {
        let mut sitting = Sitting::reading(width, height);
        for _ in 0..250 {
            sitting.wait(Duration::seconds(1));
        }
        sitting
    });
}

#[test]
fn review_blank() {
    snapshots("review_blank", |width, height| {
        let mut sitting = Sitting::reading(width, height);
        for _ in 0..400 {
            sitting.wait(Duration::seconds(1));
        }
        sitting
    });
}

#[test]
fn review_away() {
    snapshots("review_away", |width, height| {
        let mut sitting = Sitting::reading(width, height);
        sitting.wait(Duration::minutes(47));
        let meanwhile = Meanwhile {
            lease: away::Lease::WentBack(Some(sitting.now - Duration::minutes(42))),
            ending: None,
            draft_replaced: false,
            customer_wrote: false,
        };
        let (job_id, pin) = (JobId(10431), sample::pin(14));
        sitting.press("k");
        sitting.send(Msg::LookedBack { job_id, pin, meanwhile, now: sitting.now });
        sitting
    });
}

#[test]
fn what_happened_meanwhile_is_never_cut() {
    for (draft_replaced, customer_wrote) in [(false, false), (true, false), (false, true), (true, true)] {
        let mut sitting = Sitting::reading(80, 24);
        sitting.wait(Duration::minutes(47));
        sitting.press("k");
        let lease = away::Lease::WentBack(Some(sitting.now - Duration::minutes(42)));
        let meanwhile = Meanwhile { lease, ending: None, draft_replaced, customer_wrote };
        let (job_id, pin) = (JobId(10431), sample::pin(14));
        sitting.send(Msg::LookedBack { job_id, pin, meanwhile, now: sitting.now });
        sitting.model.review.pane_mut().unwrap().away.as_mut().unwrap().who = away::Absent::Database;
        let screen = text(&sitting);
        assert!(!screen.contains('…'), "{screen}");
        assert!(screen.contains("DATABASE AWAY 47 m") && screen.contains("at line 1, Esc list."), "{screen}");
        assert_eq!(screen.contains("REPLACED"), draft_replaced, "{screen}");
        assert_eq!(screen.contains("WROTE AGAIN"), customer_wrote, "{screen}");
    }
}

#[test]
fn nothing_but_the_gutters_rows_comes_from_others_on_a_sheet() {
    let mut sitting = renewed(reading_hostile(80, 24), Change::DraftChanged, replaced());
    sitting.press("d");
    let screen = text(&sitting);
    let theirs = screen.lines().filter(|row| row.contains("neighbour") || row.contains("sorry"));
    assert!(theirs.clone().count() > 1 && theirs.clone().all(|row| row.chars().nth(3) == Some('▌')), "{screen}");
}

#[test]
fn the_head_of_the_pane_says_whose_the_job_is_now() {
    let head = |change: Option<Change>| {
        let mut sitting = Sitting::review(80, 24).open(short(10431, "Dear customer."));
        sitting.press("A");
        if let Some(change) = change {
            let (job_id, pin) = (JobId(10431), sample::pin(14));
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
