//! The program at rest: what stands on the screen already is not written again.

use super::Desk;
use super::screen::Terminal;

/// What goes out at the end of whatever is drawn: the colours are put back.
const DRAWN: &str = "\x1b[39m\x1b[49m";

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_answers_that_change_nothing_write_nothing() {
    let desk = Desk::new().await;
    desk.database.question().await;
    let mut terminal = Terminal::start(desk.command("ada", &["--screen", "jobs"]), 120, 40);
    terminal.wait_for("_ada · acme · live");
    terminal.wait_for("newest first");
    // Each asks the database once more, or moves the cursor where it is, and is drawn.
    terminal.press(&"\u{12}k".repeat(50));
    terminal.press("?");
    terminal.wait_for("Keys of Jobs");
    terminal.press("qq");
    let (_, written) = terminal.wait_for_end();
    let written = String::from_utf8_lossy(&written).into_owned();
    let times = |what: &str| written.matches(what).count();
    // By taking the terminal over, and by the library's first frame; then the cursor stays hidden.
    assert!(times("\x1b[?25l") <= 2, "the cursor was hidden {} times", times("\x1b[?25l"));
    // Connecting, who, what, the help: each may come in a frame of its own, and a minute may pass.
    assert!(times(DRAWN) <= 12, "{} frames were written", times(DRAWN));
}
