//! What was decided is taken back while the next job is read.

use countersign::domain::JobId;

use super::Desk;
use super::screen::Terminal;

#[tokio::test(flavor = "multi_thread")]
async fn a_rejection_and_an_escalation_are_undone_from_the_next_job_on() {
    let desk = Desk::new().await;
    let JobId(first) = desk.database.question().await.job;
    let JobId(second) = desk.database.question().await.job;
    let mut terminal = Terminal::start(desk.command("ada", &["--screen", "review"]), 80, 24);
    terminal.wait_for("Waiting 2");
    terminal.press("\r");
    terminal.read("end of draft");

    terminal.press_until("R", "why?");
    terminal.press_until("1", "a note for the next draft?");
    terminal.press("\r");
    terminal.press_until("y", &format!("UNDO #{first} rejected"));
    terminal.wait_for("redraft waits (u)");
    terminal.wait_for(&format!("#{second} email"));
    terminal.press("u");
    terminal.wait_for(&format!("#{first} undone; "));
    let fresh = fresh_question(&desk, second).await;

    // What the undo put back comes next.
    terminal.read("end of draft");
    terminal.press_until("E", "why?");
    terminal.press_until("1", "y escalate");
    terminal.press_until("y", &format!("UNDO #{second} escalated"));
    terminal.wait_for("waits there (u)");
    terminal.wait_for(&format!("#{fresh} email"));
    terminal.press("u");
    terminal.wait_for(&format!("#{second} undone; "));
    assert_ne!(fresh_question(&desk, fresh).await, second);

    let jobs = desk
        .text(
            "select string_agg(split_part(job_kind, 'message_', 2) || ' ' || coalesce(outcome_code, status), ', ' order by job_id)
             from queue.job_queue",
        )
        .await;
    assert_eq!(
        jobs, "approve rejected, approve escalated, draft undone, approve leased, escalate undone, approve leased",
        "what the decisions created is gone, and both questions are asked again"
    );
    let stands = "select count(*)::text from queue.review_decision where undone_at is null";
    assert_eq!(desk.text(stands).await, "0");
}

/// The question that is leased beside this one.
async fn fresh_question(desk: &Desk, other: i64) -> i64 {
    let leased = "select job_id from queue.job_queue where status = 'leased' and job_kind = 'customer_message_approve'";
    desk.database.value(&format!("{leased} and job_id <> {other}")).await
}
