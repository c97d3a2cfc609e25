//! Who looks elsewhere is called, if they want to be.

use super::Desk;
use super::screen::Terminal;

const NOTIFICATION: &[u8] = b"\x1b]9;Countersign: 1 waiting for review\x07\x07";

/// What the program wrote until the first question stood in its header.
async fn written(configuration: &str) -> Vec<u8> {
    let desk = Desk::new().await;
    let file = desk.home.path().join("config.toml");
    std::fs::write(&file, configuration).unwrap();
    let file = file.to_str().unwrap();
    let mut terminal = Terminal::start(desk.command("ada", &["--config", file, "--screen", "activity"]), 80, 24);
    terminal.wait_for("2 Rev 0");
    desk.database.question().await;
    terminal.wait_for("2 Rev 1");
    terminal.press("q");
    let (status, bytes) = terminal.wait_for_end();
    assert!(status.success());
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_question_rings_where_that_was_chosen_and_tells_no_more_than_how_many() {
    let is_called = |bytes: &[u8]| bytes.windows(NOTIFICATION.len()).any(|window| window == NOTIFICATION);
    assert!(is_called(&written("[notify]\nbell = true\ndesktop = true").await));
    let quiet = written("").await;
    assert!(!is_called(&quiet) && !quiet.contains(&7), "nobody asked for a bell");
}
