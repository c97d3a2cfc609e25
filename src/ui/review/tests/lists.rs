//! The list, and what stands below it.

use chrono::Duration;

use super::{snapshot, snapshots, text};
use crate::app::Msg;
use crate::app::model::Screen;
use crate::app::review::ReviewList;
use crate::app::sample::{self, Sitting, short};
use crate::domain::review::Decided;
use crate::domain::{Backlog, JobKind, Waiting};

fn empty() -> ReviewList {
    ReviewList { waiting: Vec::new(), at_most: 500, mine: Vec::new() }
}

#[test]
fn review_list() {
    snapshots("review_list", Sitting::review);
}

/// The list of the mock-up: more than there is room for, some of it late, some of it skipped, and what became of decisions.
fn crowded(width: u16, height: u16) -> Sitting {
    let mut sitting = Sitting::review(width, height);
    sitting.model.settings.reads = ["en", "de", "es", "fr"].map(str::to_owned).to_vec();
    let mut list = sample::list();
    let late = list.waiting.pop().unwrap();
    list.waiting.extend((0..40).map(|at| sample::waiting(10_460 + at, 100 + 7 * at)));
    list.waiting[7].skipped_because = Some("language".to_owned());
    list.waiting[8].codes.language = Some("ja".to_owned());
    let kim = sample::waiting(10377, -9);
    let since = Some(sample::morning() - Duration::minutes(6));
    let until = Some(sample::morning() + Duration::minutes(3));
    list.waiting.push(Waiting {
        lease_owner: Some("kim".to_owned()),
        lease_expires_at: until,
        held_since: since,
        ..late
    });
    list.waiting.extend([kim, sample::waiting(10371, -14), Waiting { held: true, ..sample::waiting(10312, -51) }]);
    let status = |status: &str| Some(status.to_owned());
    let past = |job_id, decision| Decided { leaves_at: None, ..sample::decided(job_id, decision, None) };
    list.mine = vec![
        sample::decided(10424, "approve", Some(21)),
        Decided {
            created_status: status("succeeded"),
            created_finished_at: Some(sample::morning() - Duration::minutes(3)),
            ..past(10419, "approve")
        },
        Decided { reason: status("wrong_fact"), ..past(10415, "reject") },
        Decided { created_job_id: None, ..past(10409, "revise") },
    ];
    sitting.wait(Duration::seconds(2));
    sitting.answer(list, sample::backlog());
    sitting
}

#[test]
fn review_crowded() {
    snapshots("review_crowded", crowded);
}

#[test]
fn review_deadline_first() {
    snapshots("review_deadline_first", |width, height| {
        let mut sitting = crowded(width, height);
        sitting.press("o");
        sitting
    });
}

#[test]
fn a_language_that_i_do_not_read_is_marked_and_it_is_said_that_n_passes_it_by() {
    for (width, height) in [(80, 24), (120, 40)] {
        let mut sitting = crowded(width, height);
        sitting.press("jjjjjjjj");
        let screen = text(&sitting);
        let row = |job: &str| screen.lines().find(|row| row.contains(job)).unwrap().to_owned();
        assert!(row("10461").contains("(ja)") && !row("10460").contains('('), "{screen}");
        let title = screen.lines().find(|row| row.contains("reads en,de,es,fr")).unwrap();
        assert!(width > 100 || title.contains("n passes 1 by"), "{title}");
    }
}

#[test]
fn review_skipped() {
    snapshots("review_skipped", |width, height| {
        let mut sitting = crowded(width, height);
        sitting.press("S");
        sitting
    });
}

#[test]
fn review_stale() {
    snapshots("review_stale", |width, height| {
        let mut sitting = Sitting::review(width, height);
        sitting.send(Msg::ConnectionLost("connection refused".to_owned(), sitting.now));
        sitting.now += Duration::seconds(41);
        sitting
    });
}

#[test]
fn review_empty() {
    snapshots("review_empty", |width, height| {
        let mut sitting = Sitting::connected(Screen::Review, width, height);
        sitting.answer(empty(), Backlog::complete(Vec::new()));
        sitting
    });
}

#[test]
fn review_too_small() {
    let sitting = Sitting::review(59, 14);
    snapshot("review_too_small", &sitting);
}

#[test]
fn every_word_of_mine_is_true_when_it_is_said() {
    let now = sample::morning();
    let told = |decision: &str, status: Option<&str>, outcome: Option<&str>| {
        let mut sitting = Sitting::review(120, 40);
        let mut row = sample::decided(10424, decision, None);
        row.created_status = status.map(str::to_owned);
        row.created_outcome = outcome.map(str::to_owned);
        row.created_finished_at = status.filter(|status| *status == "succeeded").map(|_| now);
        row.reason = (decision != "approve").then(|| "wrong_fact".to_owned());
        sitting.wait(Duration::seconds(2));
        sitting.answer(ReviewList { mine: vec![row], ..sample::list() }, sample::backlog());
        let screen = text(&sitting);
        let row = screen.lines().find(|line| line.contains("│ #10424")).unwrap();
        row.split('│').nth(1).unwrap().trim().trim_start_matches("#10424").trim().to_owned()
    };
    for (decision, status, outcome, expected) in [
        ("approve", Some("queued"), None, "queued, no sender yet"),
        ("approve", Some("running"), None, "approved  being sent"),
        ("approve", Some("retry_waiting"), None, "not sent yet, tried again"),
        ("approve", Some("paused"), None, "approved  held, not sent yet"),
        ("approve", Some("succeeded"), Some("sent"), "approved  sent 09:36"),
        ("approve", Some("dead_letter"), Some("outcome_unknown"), "NOT SENT: outcome_unknown"),
        ("approve", Some("cancelled"), Some("approval_expired"), "not sent: approval_expired"),
        ("reject", Some("queued"), None, "wrong_fact, redraft waits"),
        ("reject", Some("running"), None, "wrong_fact, being redrafted"),
        ("reject", Some("paused"), None, "rejected  wrong_fact, held"),
        ("reject", Some("dead_letter"), None, "wrong_fact, NOT redrafted"),
        ("reject", Some("succeeded"), None, "wrong_fact, redrafted"),
        ("reject", None, None, "rejected  wrong_fact"),
        ("escalate", Some("queued"), None, "wrong_fact, waits there"),
        ("revise", Some("leased"), None, "edited    waits for 2nd look"),
        ("revise", Some("failed"), Some("rejected"), "edited    rejected"),
    ] {
        assert_eq!(told(decision, status, outcome), expected);
    }
}

#[test]
fn an_escalated_job_is_named_in_list_and_pane() {
    let mut sitting = Sitting::review(120, 40);
    assert!(text(&sitting).contains("ESC"));
    let mut escalated = short(10450, "Dear customer.");
    escalated.conversation.pin = None;
    assert_eq!(escalated.job.job_kind, JobKind::Escalate);
    sitting = sitting.open(escalated);
    assert!(text(&sitting).contains("T takes it over"));
}
