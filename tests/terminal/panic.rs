//! A panic gives the terminal back before it is told, so that it can be read, and is told without what it was about.

use std::env;

use countersign::app::{Screen, Settings};
use countersign::runtime::{self, Options, terminal};
use countersign::store::{ConnectOptions, Store};
use crossterm::terminal::is_raw_mode_enabled;
use portable_pty::{CommandBuilder, ExitStatus};

use super::screen::Terminal;

const ON_PURPOSE: &str = "COUNTERSIGN_TEST_PANICS_ON_PURPOSE";
const CONTENT: &str = "what a customer wrote";

/// Runs one of these tests once more, as a program of its own in a terminal of its own.
fn run_again(test: &str) -> (Terminal, ExitStatus, String) {
    let mut command = CommandBuilder::new(env::current_exe().unwrap());
    command.args(["--exact", &format!("terminal::panic::{test}"), "--nocapture"]);
    command.env(ON_PURPOSE, "1");
    command.env("RUST_BACKTRACE", "1");
    let mut terminal = Terminal::start(command, 100, 24);
    let (status, written) = terminal.wait_for_end();
    super::assert_restored(&terminal, &written);
    (terminal, status, String::from_utf8_lossy(&written).into_owned())
}

#[track_caller]
fn assert_told_by_its_place(written: &str) {
    let told = written.find("a fault in the program ended it, at tests/terminal/panic.rs:").expect("the panic is told");
    let left = written.rfind("\x1b[?1049l").expect("the alternate screen is left");
    assert!(left < told, "it is told where it stays");
    assert!(!written.contains(CONTENT), "{written}");
}

#[test]
fn a_panic_gives_the_terminal_back_and_is_told_by_its_place() {
    if env::var_os(ON_PURPOSE).is_some() {
        let _terminal = terminal::Terminal::enter().unwrap();
        panic!("{CONTENT}");
    }
    let (_terminal, status, written) = run_again("a_panic_gives_the_terminal_back_and_is_told_by_its_place");
    assert!(!status.success());
    assert_told_by_its_place(&written);
}

#[test]
fn a_panic_beside_the_loop_ends_the_dashboard_in_order() {
    if env::var_os(ON_PURPOSE).is_some() {
        let error = tokio::runtime::Runtime::new().unwrap().block_on(dashboard_beside_a_panic());
        eprintln!("{error}");
        return;
    }
    let (_terminal, status, written) = run_again("a_panic_beside_the_loop_ends_the_dashboard_in_order");
    assert!(status.success(), "the dashboard returned: {written}");
    assert_told_by_its_place(&written);
}

async fn dashboard_beside_a_panic() -> runtime::Error {
    let nobody = ConnectOptions::new("postgres://nobody@127.0.0.1:1/nothing");
    let options = Options {
        store: Store::connect_lazily(&nobody).unwrap(),
        keys: None,
        cluster: None,
        screen: Screen::Overview,
        read_only: true,
        editor: None,
        settings: Settings::default(),
        filters: None,
    };
    let task = tokio::spawn(async {
        while !is_raw_mode_enabled().unwrap() {
            tokio::task::yield_now().await;
        }
        panic!("{CONTENT}");
    });
    let farewell = runtime::run(options).await.unwrap();
    assert!(task.await.is_err());
    farewell.error.expect("it did not end by itself")
}
