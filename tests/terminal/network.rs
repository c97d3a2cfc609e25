//! What becomes of a decision and a lease when the network swallows everything, and when the person leaves meanwhile.

use std::str::FromStr;

use countersign::domain::{JobId, Status};
use sqlx::postgres::PgConnectOptions;

use super::line::Line;
use super::screen::Terminal;
use super::{Desk, assert_restored};
use crate::support::Question;

/// A reviewer at the end of a line, and one question for her.
async fn reviewer() -> (Desk, Line, Question, Terminal) {
    let desk = Desk::new().await;
    let question = desk.database.question().await;
    let line = Line::to(PgConnectOptions::from_str(&desk.database.url_of("ada")).unwrap()).await;
    let mut command = desk.command("ada", &["--screen", "review"]);
    command.env("COUNTERSIGN_DATABASE_URL", line.url());
    let terminal = Terminal::start(command, 120, 40);
    terminal.wait_for("Waiting 1");
    (desk, line, question, terminal)
}

/// Reads the draft and confirms its approval, which does not arrive.
fn approve_in_vain(terminal: &mut Terminal, line: &Line, question: &Question) {
    terminal.press("\r");
    terminal.wait_for("end of draft");
    terminal.press_until("A", "APPROVE #");
    terminal.wait_for("APPROVE #");
    // The pin names the draft, and nothing else that is sent does.
    line.freeze_at(&question.draft_id.to_string());
    terminal.press_until("y", "approve sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_that_arrives_late_takes_effect_once_and_is_told() {
    let (desk, line, question, mut terminal) = reviewer().await;
    let JobId(job) = question.job;
    approve_in_vain(&mut terminal, &line, &question);
    terminal.wait_for(&format!("checking what became of #{job}"));
    line.thaw();
    terminal.wait_for(&format!("UNDO #{job} approved"));
    let decisions = desk.text("select count(*)::text from queue.review_decision").await;
    assert_eq!(decisions, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_that_nobody_answered_is_told_when_leaving() {
    let (_desk, line, question, mut terminal) = reviewer().await;
    let JobId(job) = question.job;
    approve_in_vain(&mut terminal, &line, &question);
    terminal.press("q");
    let (status, written) = terminal.wait_for_end();
    assert_eq!(status.exit_code(), 1);
    let said = format!("#{job} approve: unknown; `countersign show {job}` tells what became of it");
    assert!(String::from_utf8_lossy(&written).contains(&said), "{}", String::from_utf8_lossy(&written));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_that_comes_after_leaving_is_told_and_the_lease_goes_back() {
    let (desk, line, question, mut terminal) = reviewer().await;
    let JobId(job) = question.job;
    approve_in_vain(&mut terminal, &line, &question);
    desk.database.inbound(&question.conversation, "forget it, it has just come").await;
    terminal.press("q");
    terminal.wait_for("waiting for the database's last answers");
    line.thaw();
    let (status, written) = terminal.wait_for_end();
    assert_eq!(status.exit_code(), 1);
    assert_restored(&terminal, &written);
    let said = format!("#{job} approve: not done, the customer wrote again");
    assert!(String::from_utf8_lossy(&written).contains(&said), "{}", String::from_utf8_lossy(&written));
    assert_eq!(desk.database.status(question.job).await, Status::Queued);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_comes_after_leaving_goes_back() {
    let (desk, line, question, mut terminal) = reviewer().await;
    let claims =
        "select count(*)::text from queue.dot_iu_command_run where call = 'claim_review' and outcome = 'applied'";
    line.freeze_at("claim_review");
    terminal.press("n");
    terminal.wait_for("opening");
    terminal.press("q");
    terminal.wait_for("waiting for the database's last answers");
    line.thaw();
    let (status, _) = terminal.wait_for_end();
    assert!(status.success(), "{status:?}");
    assert_eq!(desk.text(claims).await, "1", "the lease was there");
    assert_eq!(desk.database.status(question.job).await, Status::Queued);
}
