//! A panic gives the terminal back before it is told, so that it can be read.

use std::env;

use countersign::runtime::terminal;
use portable_pty::CommandBuilder;

use super::screen::Terminal;

const ON_PURPOSE: &str = "COUNTERSIGN_TEST_PANICS_ON_PURPOSE";
const LAST_WORDS: &str = "an invariant was broken on purpose";

#[test]
fn a_panic_gives_the_terminal_back_and_is_told_on_it() {
    if env::var_os(ON_PURPOSE).is_some() {
        take_the_terminal_over_and_panic();
    }
    // This very test once more, as a program of its own in a terminal of its own.
    let mut command = CommandBuilder::new(env::current_exe().unwrap());
    command.args(["--exact", "terminal::panic::a_panic_gives_the_terminal_back_and_is_told_on_it", "--nocapture"]);
    command.env(ON_PURPOSE, "1");
    command.env("RUST_BACKTRACE", "0");
    let mut terminal = Terminal::start(command, 100, 24);
    let modes_before = terminal.modes();
    let (status, written) = terminal.wait_for_end();
    assert!(!status.success());
    super::assert_restored(&terminal, &written, &modes_before);
    let written = String::from_utf8_lossy(&written);
    let told = written.find(LAST_WORDS).expect("the panic is told");
    let left = written.find("\x1b[?1049l").expect("the alternate screen is left");
    assert!(left < told, "it is told where it stays");
}

fn take_the_terminal_over_and_panic() -> ! {
    let _terminal = terminal::Terminal::enter().unwrap();
    panic!("{LAST_WORDS}");
}
