//! What must happen by itself happens where a dashboard is open.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::Desk;
use super::screen::Terminal;

#[tokio::test(flavor = "multi_thread")]
async fn an_open_dashboard_escalates_what_is_late_and_one_that_only_reads_does_not() {
    let desk = Desk::new().await;
    let late = desk.database.question().await.job;
    // Opened first, it would sweep first.
    let reading = Terminal::start(desk.command("bo", &["--screen", "review", "--read-only"]), 80, 24);
    reading.wait_for("Waiting 1");
    let working = Terminal::start(desk.command("ada", &["--screen", "review"]), 80, 24);
    working.wait_for("Waiting 1");
    desk.database
        .execute(&format!("update queue.job_queue set deadline_at = queue.clock() where job_id = {}", late.0))
        .await;
    let swept = "select coalesce(string_agg(login, ' '), '') from queue.dot_iu_command_run where call = 'sweep'
                 and code = 'deadline_passed'";
    let patience = Instant::now() + Duration::from_secs(30);
    while desk.text(swept).await.is_empty() {
        assert!(Instant::now() < patience, "nobody swept");
        sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(desk.text(swept).await, desk.database.login("ada"));
}
