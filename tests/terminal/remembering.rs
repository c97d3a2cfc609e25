//! Filters outlive the program, in a file for each database and login that nobody else reads.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::screen::Terminal;
use super::{Desk, assert_restored};

/// What stands above the footer while a filter is set.
fn set(filter: &str) -> String {
    format!("filter {filter}   (/")
}

/// Where what is kept of every database was once.
fn old_file(desk: &Desk) -> PathBuf {
    desk.home.path().join(".local/state/countersign/filters")
}

/// The files of each database and login.
fn files(desk: &Desk) -> Vec<PathBuf> {
    let entries = fs::read_dir(old_file(desk).parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    let is_one = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with("filters-");
    entries.filter(is_one).collect()
}

/// The only one.
fn file(desk: &Desk) -> PathBuf {
    let files = files(desk);
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].clone()
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
    assert_eq!((files(&desk), old_file(&desk).exists()), (Vec::new(), false));

    fs::write(old_file(&desk), "jobs kind:draft\n").unwrap();
    let terminal = jobs(&desk, &["--read-only"]);
    assert!(!terminal.screen().contains("kind:draft"), "{}", terminal.screen());
    quit(terminal);
    assert_eq!(fs::read_to_string(old_file(&desk)).unwrap(), "jobs kind:draft\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_stays_with_its_database_and_login() {
    let (desk, elsewhere) = (Desk::new().await, Desk::new().await);
    desk.database.question().await;
    elsewhere.database.question().await;
    let mut terminal = jobs(&desk, &[]);
    terminal.press("/kind:approve\r");
    terminal.wait_for(&set("kind:approve"));
    quit(terminal);
    let own = file(&desk);
    let name = own.file_name().unwrap().to_str().unwrap().to_owned();
    assert!(!name.contains("ada") && !name.contains("test"), "{name}");

    let mut of_another_login = desk.command("bo", &["--screen", "jobs"]);
    let mut of_another_database = elsewhere.command("ada", &["--screen", "jobs"]);
    for command in [&mut of_another_login, &mut of_another_database] {
        command.env("HOME", desk.home.path());
        let mut terminal = Terminal::start(command.clone(), 80, 24);
        terminal.wait_for("newest first");
        assert!(!terminal.screen().contains("kind:approve"), "{}", terminal.screen());
        terminal.press("/kind:send\r");
        terminal.wait_for(&set("kind:send"));
        quit(terminal);
    }
    assert_eq!(files(&desk).len(), 3);
    let read = |file: &Path| fs::read_to_string(file).unwrap();
    assert_eq!(read(&own), "jobs kind:approve\n");
    let mut terminal = jobs(&desk, &[]);
    terminal.wait_for(&set("kind:approve"));
    terminal.press("q");
    terminal.wait_for_end();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_once_kept_for_all_is_found_by_who_has_nothing_of_their_own_and_stays() {
    let desk = Desk::new().await;
    desk.database.question().await;
    fs::create_dir_all(old_file(&desk).parent().unwrap()).unwrap();
    fs::write(old_file(&desk), "jobs kind:draft\n").unwrap();
    let mut terminal = jobs(&desk, &[]);
    terminal.wait_for(&set("kind:draft"));
    terminal.press("h");
    quit(terminal);
    assert_eq!(fs::read_to_string(file(&desk)).unwrap(), "", "nothing of their own is something");
    let terminal = jobs(&desk, &[]);
    assert!(!terminal.screen().contains("kind:draft"), "{}", terminal.screen());
    quit(terminal);
    assert_eq!(fs::read_to_string(old_file(&desk)).unwrap(), "jobs kind:draft\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_file_is_ignored_and_said_in_the_log_without_its_words() {
    let desk = Desk::new().await;
    desk.database.question().await;
    let mut terminal = jobs(&desk, &[]);
    terminal.press("/kind:send\r");
    terminal.wait_for(&set("kind:send"));
    quit(terminal);
    let own = file(&desk);
    let broken = [&b"jobs kind:approve\njobs hush-hush:1\n"[..], b"\xff\xfe", &[b'x'; 100_000]];
    for (broken, file) in broken.into_iter().zip([&own, &own, &old_file(&desk)]) {
        fs::write(file, broken).unwrap();
        if *file != own {
            fs::remove_file(&own).unwrap();
        }
        let terminal = jobs(&desk, &[]);
        assert!(!terminal.screen().contains("kind:approve"), "{}", terminal.screen());
        quit(terminal);
    }
    let log = fs::read_to_string(own.with_file_name("countersign.log")).unwrap();
    assert_eq!(log.matches("the filters of last time cannot be read").count(), 3, "{log}");
    assert!(log.contains("line 2 is no filter of a screen") && !log.contains("hush-hush"), "{log}");
}
