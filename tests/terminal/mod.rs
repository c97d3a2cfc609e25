//! The real program in a real terminal, as its users meet it.

mod away;
mod calling;
mod deliberate;
mod editing;
mod endings;
mod intent;
mod keeper;
pub(crate) mod line;
mod network;
mod panic;
mod remembering;
mod resting;
pub(crate) mod screen;
mod streams;
mod sweeping;
mod telephone;
mod undoing;

use std::time::Duration;

use countersign::domain::{JobId, Status};
use portable_pty::CommandBuilder;
use tempfile::TempDir;

use crate::support::{self, Database};
use screen::Terminal;

/// A dashboard over a test database, as one of the fixtures' reviewers.
struct Desk {
    database: Database,
    home: TempDir,
}

impl Desk {
    async fn new() -> Desk {
        let desk = Desk { database: support::database().await, home: TempDir::new().unwrap() };
        desk.database.grant_keys(&desk.home.path().join("acme.key"));
        desk
    }

    fn command(&self, who: &str, arguments: &[&str]) -> CommandBuilder {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_countersign"));
        command.env_clear();
        command.env("HOME", self.home.path());
        command.env("LANG", "C.UTF-8");
        command.env("TERM", "xterm-256color");
        command.env("TZ", "UTC0");
        command.env("COUNTERSIGN_DATABASE_URL", self.database.url_of(who));
        command.env("COUNTERSIGN_KEYS", self.home.path().join("acme.key"));
        command.args(arguments);
        command
    }

    /// One string of SQL, as the superuser.
    async fn text(&self, statement: &str) -> String {
        self.database.value(statement).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reviewer_opens_reads_approves_undoes_approves_again_and_quits() {
    let desk = Desk::new().await;
    let question = desk.database.question().await;
    let JobId(first) = question.job;

    let mut terminal = Terminal::start(desk.command("ada", &["--screen", "review"]), 80, 24);
    terminal.wait_for("Waiting 1");
    terminal.press("\r");
    terminal.wait_for("── end of draft ──");
    assert_ne!(terminal.modes(), terminal.modes_before(), "the terminal is in raw mode while the dashboard runs");

    terminal.press_until("A", &format!("APPROVE #{first}"));
    terminal.press_until("y", &format!("UNDO #{first} approved"));
    assert_eq!(desk.database.status(question.job).await, Status::Succeeded);

    terminal.press("u");
    terminal.wait_for("yours");
    let fresh: i64 = desk
        .database
        .value("select job_id from queue.job_queue where status = 'leased' and job_kind = 'customer_message_approve'")
        .await;
    terminal.wait_for(&format!("#{fresh} email"));

    terminal.press_until("A", &format!("APPROVE #{fresh}"));
    terminal.press_until("y", &format!("UNDO #{fresh} approved"));

    // The reply can still be taken back, so quitting asks first; the second `q` lets it go.
    terminal.press("q");
    terminal.read("q let it go and quit");
    terminal.press("q");
    let (status, written) = terminal.wait_for_end();
    assert!(status.success(), "{status:?}");
    assert_restored(&terminal, &written);

    let jobs = desk
        .text(
            "select string_agg(split_part(job_kind, 'message_', 2) || ' ' || status || ' ' || coalesce(outcome_code, '-'),
                               ', ' order by job_id)
             from queue.job_queue",
        )
        .await;
    assert_eq!(
        jobs, "approve succeeded approved, send cancelled undone, approve succeeded approved, send queued -",
        "the first approval was undone, the second stands"
    );
    let decisions = desk
        .text(
            "select string_agg(decision || case when undone_at is null then '' else ' undone' end, ', ' order by decision_id)
             from queue.review_decision where decided_by like '%_ada'",
        )
        .await;
    assert_eq!(decisions, "approve undone, approve");
    let is_pinned: bool = desk
        .database
        .value(&format!(
            "select bool_and(draft_id = '{}' and newest_inbound_seq = 1) from queue.review_decision",
            question.draft_id
        ))
        .await;
    assert!(is_pinned, "both decisions carry the draft and the newest message that were on the screen");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_second_is_told_who_holds_the_job_and_who_decided_it() {
    let desk = Desk::new().await;
    desk.database.question().await;
    let mut ada = Terminal::start(desk.command("ada", &["--screen", "review"]), 120, 40);
    let mut bo = Terminal::start(desk.command("bo", &["--screen", "review"]), 120, 40);
    bo.wait_for("Waiting 1");
    ada.wait_for("Waiting 1");
    ada.press("\r");
    ada.wait_for("end of draft");
    bo.press("\r");
    bo.wait_for("_ada is reading it until");
    bo.press("A");
    let lease = desk.text("select lease_owner from queue.job_queue").await;
    assert!(lease.ends_with("_ada"), "{lease}");
    assert!(bo.wait_until(Duration::from_millis(500), |screen| screen.contains("APPROVE")).is_err());
    ada.press_until("A", "APPROVE #");
    ada.press_until("y", "approved, leaves in");
    bo.wait_for("_ada (approve) at");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_writes_again_stops_the_decision_until_it_was_seen() {
    let desk = Desk::new().await;
    let question = desk.database.question().await;
    let mut terminal = Terminal::start(desk.command("ada", &["--screen", "review"]), 80, 24);
    terminal.wait_for("Waiting 1");
    terminal.press("\r");
    terminal.wait_for("end of draft");
    desk.database.inbound(&question.conversation, "forget it, it has just come").await;
    terminal.wait_for("CUSTOMER WROTE AGAIN");
    terminal.press("A");
    terminal.wait_for("A and R off: message");
    terminal.press("v");
    terminal.wait_for("forget it, it has just come");
    assert_eq!(desk.database.status(question.job).await, Status::Leased);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_gives_the_terminal_back_and_the_lease_too() {
    let desk = Desk::new().await;
    let question = desk.database.question().await;
    let mut terminal = Terminal::start(desk.command("ada", &["--screen", "review"]), 80, 24);
    terminal.wait_for("Waiting 1");
    terminal.press("\r");
    terminal.wait_for("end of draft");
    let process = rustix::process::Pid::from_raw(terminal.process_id() as i32).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
    let (_, written) = terminal.wait_for_end();
    assert_restored(&terminal, &written);
    assert_eq!(desk.database.status(question.job).await, Status::Queued);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_that_shrinks_to_nothing_and_grows_again_is_drawn_again() {
    let desk = Desk::new().await;
    desk.database.question().await;
    let terminal = Terminal::start(desk.command("ada", &["--screen", "review"]), 120, 40);
    terminal.wait_for("Waiting 1");
    terminal.resize(20, 3);
    terminal.resize(1, 1);
    terminal.resize(100, 30);
    terminal.wait_for("Waiting 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn times_are_told_in_the_zone_of_the_machine_and_the_zone_is_named() {
    let desk = Desk::new().await;
    desk.database.question().await;
    for (arguments, zone) in [(&[][..], "UTC+5:30 ·"), (&["--utc"][..], "UTC ·")] {
        let mut command = desk.command("ada", &[&["--screen", "review"][..], arguments].concat());
        command.env("TZ", "XYZ-5:30");
        let mut terminal = Terminal::start(command, 80, 24);
        terminal.wait_for("Waiting 1");
        terminal.press("\r");
        terminal.wait_for(zone);
        terminal.press("q");
        terminal.wait_for_end();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_terminal_the_dashboard_says_what_to_use_instead() {
    let desk = Desk::new().await;
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_countersign"))
        .env("COUNTERSIGN_DATABASE_URL", desk.database.url_of("ada"))
        .env("HOME", desk.home.path())
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("countersign status --json"), "{output:?}");
}

/// The alternate screen is left, the cursor is shown, mouse and paste are the shell's again, echo is on again.
fn assert_restored(terminal: &Terminal, written: &[u8]) {
    assert!(!terminal.is_on_alternate_screen());
    for (what, on, off) in [
        ("the cursor", "\x1b[?25h", "\x1b[?25l"),
        ("mouse reports", "\x1b[?1000l", "\x1b[?1000h"),
        ("bracketed paste", "\x1b[?2004l", "\x1b[?2004h"),
        ("the alternate screen", "\x1b[?1049l", "\x1b[?1049h"),
    ] {
        let last = |sequence: &str| written.windows(sequence.len()).rposition(|window| window == sequence.as_bytes());
        assert!(last(on).is_some() && last(on) > last(off), "{what} was not given back");
    }
    assert_eq!(terminal.modes(), terminal.modes_before(), "echo and line editing are as they were");
}
