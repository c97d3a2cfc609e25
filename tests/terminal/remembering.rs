//! Filters outlive the program, in a file that nobody else reads.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use super::screen::Terminal;
use super::{Desk, assert_restored};

/// What stands above the footer while a filter is set.
fn set(filter: &str) -> String {
    format!("filter {filter}   (/")
}

fn file(desk: &Desk) -> PathBuf {
    desk.home.path().join(".local/state/countersign/filters")
}

/// Starts the dashboard as ada, on the screen that lists jobs.
fn jobs(desk: &Desk, more: &[&str]) -> Terminal {
    let terminal = Terminal::start(desk.command("ada", &[&["--screen", "jobs"], more].concat()), 80, 24);
    terminal.wait_for("newest first");
    terminal
}

fn quit(mut terminal: Terminal) {
    terminal.press("q");
    let (status, written) = terminal.wait_for_end();
    assert!(status.success(), "{status:?}");
    assert_restored(&terminal, &written);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_screen_has_its_filter_again_after_a_restart() {
    let desk = Desk::new().await;
    desk.database.question().await;
    let mut terminal = jobs(&desk, &[]);
    assert!(!terminal.screen().contains("h clears it"), "{}", terminal.screen());
    terminal.press("/kind:approve status:open\r");
    terminal.wait_for(&set("kind:approve status:open"));
    terminal.press("4");
    terminal.wait_for("the newest");
    terminal.press("/mine\r");
    terminal.wait_for(&set("mine"));
    quit(terminal);
    assert_eq!(fs::read_to_string(file(&desk)).unwrap(), "activity mine\njobs kind:approve status:open\n");
    assert_eq!(fs::metadata(file(&desk)).unwrap().permissions().mode() & 0o777, 0o600);

    let mut terminal = jobs(&desk, &[]);
    terminal.wait_for(&set("kind:approve status:open"));
    terminal.press("4");
    terminal.wait_for(&set("mine"));
    // A filter that was cleared does not come back, nor does one that names a customer.
    terminal.press("h");
    terminal.press("5");
    terminal.wait_for(&set("kind:approve status:open"));
    terminal.press("/");
    terminal.press("\x15cust:cust-1042\r");
    terminal.wait_for(&set("cust:cust-1042"));
    quit(terminal);
    assert_eq!(fs::read_to_string(file(&desk)).unwrap(), "");
    quit(jobs(&desk, &[]));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_only_looks_neither_finds_nor_leaves_a_filter() {
    let desk = Desk::new().await;
    desk.database.question().await;
    let mut terminal = jobs(&desk, &["--read-only"]);
    terminal.press("/kind:approve\r");
    terminal.wait_for(&set("kind:approve"));
    quit(terminal);
    assert!(!file(&desk).exists());

    fs::write(file(&desk), "jobs kind:draft\n").unwrap();
    let terminal = jobs(&desk, &["--read-only"]);
    assert!(!terminal.screen().contains("kind:draft"), "{}", terminal.screen());
    quit(terminal);
    assert_eq!(fs::read_to_string(file(&desk)).unwrap(), "jobs kind:draft\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_file_is_ignored_and_said_in_the_log_without_its_words() {
    let desk = Desk::new().await;
    desk.database.question().await;
    fs::create_dir_all(file(&desk).parent().unwrap()).unwrap();
    for broken in [&b"jobs kind:approve\njobs hush-hush:1\n"[..], b"\xff\xfe", &[b'x'; 100_000]] {
        fs::write(file(&desk), broken).unwrap();
        let terminal = jobs(&desk, &[]);
        assert!(!terminal.screen().contains("kind:approve"), "{}", terminal.screen());
        quit(terminal);
    }
    let log = fs::read_to_string(file(&desk).with_file_name("countersign.log")).unwrap();
    assert_eq!(log.matches("the filters of last time cannot be read").count(), 3, "{log}");
    assert!(log.contains("line 2 is no filter of a screen") && !log.contains("hush-hush"), "{log}");
}
