//! A telephone: forty columns, twelve rows, and a keyboard without Esc, Ctrl and Tab.

use std::time::Duration;

use countersign::domain::{JobId, Status};

use super::screen::Terminal;
use super::{Desk, assert_restored};
use crate::calls::sending;
use crate::support::{Database, command};

/// A reply that the provider refused for good.
async fn refused_by_the_provider(database: &Database) -> JobId {
    let send = sending(database, &database.question().await).await;
    let exe = database.as_login("exe").await;
    let failed = exe.fail_job(send.job_id, send.lease_token, "invalid_recipient", command()).await.unwrap();
    assert_eq!(failed.status, Some(Status::DeadLetter));
    send.job_id
}

#[tokio::test(flavor = "multi_thread")]
async fn on_call_gets_from_the_overview_to_a_dead_letter_and_retries_it() {
    let desk = Desk::new().await;
    let [first, second] =
        [refused_by_the_provider(&desk.database).await, refused_by_the_provider(&desk.database).await];
    let mut terminal = Terminal::start(desk.command("kim", &[]), 40, 12);
    let overview = terminal.wait_for(" send ");
    assert!(overview.contains("Enter open"), "{overview}");
    terminal.press("3");
    terminal.wait_for("Jobs 2");

    // The cell above the jobs opens them; one of them is asked about, and the question is left again.
    terminal.press("k");
    terminal.wait_for(">invalid_recipient");
    terminal.press("\r");
    terminal.wait_for("filter kind:send");
    terminal.wait_for(&format!(">  #{}", second.0));
    terminal.press_until("R", &format!("RETRY #{}", second.0));
    terminal.press_until("n", "R retry");
    assert_eq!(desk.database.status(second).await, Status::DeadLetter);

    // It is read as a whole, and back again.
    terminal.press("\r");
    terminal.wait_for("last error   invalid_recipient");
    terminal.press("h");
    terminal.wait_for(&format!(">  #{}", second.0));
    terminal.press_until("R", &format!("RETRY #{}", second.0));
    terminal.press_until("y", "1 applied");
    assert_eq!(desk.database.status(second).await, Status::Queued);
    assert_eq!(desk.database.status(first).await, Status::DeadLetter);

    // What came of it is put away, then the filter, and the way home is a digit.
    terminal.press("hh");
    terminal.wait_until(Duration::from_secs(30), |screen| !screen.contains("filter kind:send")).unwrap();
    terminal.press("1");
    terminal.wait_for("Enter open");
    terminal.press("q");
    let (status, written) = terminal.wait_for_end();
    assert!(status.success(), "{status:?}");
    assert_restored(&terminal, &written);
}
