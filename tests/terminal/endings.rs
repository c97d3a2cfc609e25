//! However the dashboard ends, what was leased goes back and the terminal too.

use std::fs::File;
use std::process::Command;

use countersign::domain::Status;
use portable_pty::CommandBuilder;
use rustix::process::{Pid, Signal, kill_process};

use super::screen::Terminal;
use super::{Desk, assert_restored};

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_that_breaks_gives_the_lease_back() {
    let desk = Desk::new().await;
    let question = desk.database.question().await;
    // Keys come from one terminal, and the screen is another one, which goes away. What that one answers to questions about
    // itself must not be echoed into the picture.
    let mut silent = CommandBuilder::new("/bin/sh");
    silent.args(["-c", "stty raw -echo && echo silent && exec cat > /dev/null"]);
    let screen = Terminal::start(silent, 120, 40);
    screen.wait_for("silent");
    let program = desk.command("ada", &["--screen", "review"]);
    let mut behind_shell = program.clone();
    let arguments = program.get_argv().iter().map(|argument| argument.to_str().unwrap().to_owned());
    let script = format!("exec {} > {}", arguments.collect::<Vec<_>>().join(" "), screen.path().display());
    *behind_shell.get_argv_mut() = ["/bin/sh", "-c", &script].map(Into::into).to_vec();
    let mut keys = Terminal::start(behind_shell, 120, 40);
    screen.wait_for("Waiting 1");
    keys.press("\r");
    screen.wait_for("end of draft");
    screen.vanish();
    let (status, written) = keys.wait_for_end();
    assert_eq!(status.exit_code(), 1);
    let written = String::from_utf8_lossy(&written);
    assert!(written.contains("the terminal could not be used"), "{written}");
    assert_eq!(desk.database.status(question.job).await, Status::Queued);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_goes_on_after_a_stop_takes_its_modes_again() {
    let desk = Desk::new().await;
    let mut terminal = Terminal::start(desk.command("ada", &["--screen", "review"]), 80, 24);
    terminal.wait_for("Waiting 0");
    let modes = terminal.modes();
    // What a shell does while the program is stopped.
    let sane = Command::new("stty").arg("sane").stdin(File::open(terminal.path()).unwrap()).status().unwrap();
    assert!(sane.success());
    assert_ne!(terminal.modes(), modes);
    let process = Pid::from_raw(terminal.process_id() as i32).unwrap();
    kill_process(process, Signal::CONT).unwrap();
    terminal.wait_until_modes(&modes);
    terminal.press("q");
    let (_, written) = terminal.wait_for_end();
    assert_restored(&terminal, &written);
}
