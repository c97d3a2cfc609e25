//! Whoever was away decides nothing before a fresh look: stopped, suspended, detached, cut off, under a clock that jumped.

use std::process::Command;
use std::str::FromStr;
use std::thread;
use std::time::{Duration, Instant};

use countersign::domain::{JobId, Status};
use portable_pty::CommandBuilder;
use rustix::process::{Pid, Signal, kill_process};
use sqlx::postgres::PgConnectOptions;

use super::Desk;
use super::line::Line;
use super::screen::Terminal;
use crate::support::{Question, scaled};

const NOTHING: &str = "nothing";

async fn decisions(desk: &Desk) -> String {
    desk.text("select coalesce(string_agg(job_id || ' ' || decision, ', '), 'nothing') from queue.review_decision")
        .await
}

/// Opens the one question and asks for its approval.
fn confirm(terminal: &mut Terminal, question: &Question) {
    terminal.wait_for("Waiting 1");
    terminal.press("\r");
    terminal.wait_for("end of draft");
    let JobId(job) = question.job;
    terminal.press_until("A", &format!("APPROVE #{job}"));
    terminal.read("APPROVE");
}

/// Comes back: nothing was decided and nothing is, until the job was looked at afresh.
async fn only_a_fresh_look_decides(desk: &Desk, terminal: &mut Terminal, question: &Question) {
    let JobId(job) = question.job;
    terminal.read("AWAY");
    for key in ["y", "A", "y"] {
        terminal.press(key);
        terminal.read("AWAY");
    }
    assert!(!terminal.screen().contains("APPROVE"), "{}", terminal.screen());
    assert_eq!(decisions(desk).await, NOTHING);
    look_afresh(terminal);
    terminal.press_until("A", &format!("APPROVE #{job}"));
    terminal.press_until("y", &format!("#{job} approved"));
    assert_eq!(decisions(desk).await, format!("{job} approve"));
}

fn is_fresh(screen: &str) -> bool {
    screen.contains("end of draft") && !screen.contains("AWAY")
}

fn look_afresh(terminal: &mut Terminal) {
    terminal.press("\r");
    terminal.wait_until(Duration::from_secs(30), is_fresh).unwrap();
}

fn signal(process: u32, signal: Signal) {
    kill_process(Pid::from_raw(process as i32).unwrap(), signal).unwrap();
}

/// Waits until the process is stopped.
fn wait_until_stopped(process: u32) {
    let start = Instant::now();
    let status = || std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    while !status().contains(") T ") {
        assert!(start.elapsed() < Duration::from_secs(30), "{}", status());
        thread::yield_now();
    }
}

/// A shell with job control, which runs this program.
fn in_a_shell(program: &CommandBuilder) -> Terminal {
    let words = program.get_argv().iter().map(|word| word.to_str().unwrap().to_owned()).collect::<Vec<_>>();
    let mut shell = program.clone();
    *shell.get_argv_mut() = ["/bin/bash", "--norc", "--noprofile", "-i"].map(Into::into).to_vec();
    shell.env("PS1", "shell> ");
    let mut terminal = Terminal::start(shell, 80, 24);
    terminal.wait_for("shell> ");
    terminal.press(&format!("{}\n", words.join(" ")));
    terminal
}

/// Waits until the shell says that the program is stopped.
fn wait_for_the_shell(terminal: &Terminal) {
    terminal.wait_for("Stopped");
    terminal.wait_until(Duration::from_secs(30), |screen| screen.trim_end().ends_with("shell>")).unwrap();
}

#[track_caller]
fn assert_given_back(terminal: &Terminal) {
    let screen = terminal.screen();
    assert!(!terminal.is_on_alternate_screen() && !screen.contains("It left on Monday"), "{screen}");
    assert!(!screen.contains("0n"), "the terminal's answer went to the shell: {screen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_at_a_stopped_program_decides_nothing() {
    let desk = Desk::new().await;
    let question = desk.database.question().await;
    let mut terminal = Terminal::start(desk.command("ada", &["--screen", "review"]), 80, 24);
    confirm(&mut terminal, &question);
    let JobId(job) = question.job;
    // One key by itself looks as if it had been typed at the question, and may be heard before the news of the stop.
    for _ in 0..scaled(8, 400) {
        signal(terminal.process_id(), Signal::STOP);
        wait_until_stopped(terminal.process_id());
        terminal.press("y");
        signal(terminal.process_id(), Signal::CONT);
        terminal.wait_for("AWAY");
        assert_eq!(decisions(&desk).await, NOTHING);
        look_afresh(&mut terminal);
        terminal.press_until("A", &format!("APPROVE #{job}"));
        terminal.read("APPROVE");
    }
    signal(terminal.process_id(), Signal::STOP);
    wait_until_stopped(terminal.process_id());
    for key in ["y", "A", "y"] {
        terminal.press(key);
    }
    signal(terminal.process_id(), Signal::CONT);
    only_a_fresh_look_decides(&desk, &mut terminal, &question).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_z_leaves_no_draft_and_no_answer_behind_and_fg_needs_a_fresh_look() {
    let desk = Desk::new().await;
    let question = desk.database.question().await;
    let mut terminal = in_a_shell(&desk.command("ada", &["--screen", "review"]));
    confirm(&mut terminal, &question);
    terminal.press("\x1a");
    wait_for_the_shell(&terminal);
    assert_given_back(&terminal);
    // Behind the shell it goes on, and neither reads what is typed there nor writes.
    terminal.press("bg\n");
    terminal.press("echo $((40 + 2)) in front\n");
    terminal.wait_for("42 in front");
    terminal.read("42 in front");
    terminal.press("jobs\n");
    terminal.wait_for("Running");
    assert_given_back(&terminal);
    terminal.press("fg\n");
    only_a_fresh_look_decides(&desk, &mut terminal, &question).await;
    terminal.press("\x03");
    terminal.wait_until(Duration::from_secs(30), |screen| screen.contains("shell> ")).unwrap();
    terminal.press("echo $((40 + 3)) at last\n");
    terminal.wait_for("43 at last");
    assert_given_back(&terminal);
}

#[tokio::test(flavor = "multi_thread")]
async fn however_fast_fg_follows_on_bg_the_screen_comes_back() {
    let desk = Desk::new().await;
    desk.database.question().await;
    let mut terminal = in_a_shell(&desk.command("ada", &["--screen", "review"]));
    terminal.wait_for("Waiting 1");
    terminal.press("\r");
    terminal.wait_for("end of draft");
    // The shell thinks in between that the program runs, so it says nothing when it hands the terminal over.
    let hands_over = ["bg; fg\n", "bg\nfg\n", "bg; echo in between; fg\n", "fg\n"];
    for again in 0..scaled(8, 400) {
        terminal.press("\x1a");
        wait_for_the_shell(&terminal);
        terminal.press(hands_over[again % hands_over.len()]);
        terminal.wait_for("AWAY");
        look_afresh(&mut terminal);
        terminal.wait_for("end of draft");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_the_shell_the_program_ends_in_order() {
    let desk = Desk::new().await;
    let question = desk.database.question().await;
    let mut terminal = in_a_shell(&desk.command("ada", &["--screen", "review"]));
    terminal.wait_for("Waiting 1");
    terminal.press("\r");
    terminal.wait_for("end of draft");
    terminal.press("\x1a");
    wait_for_the_shell(&terminal);
    terminal.press("bg; kill -TERM %1; wait; echo $((40 + 2)) ended\n");
    terminal.wait_for("42 ended");
    assert_given_back(&terminal);
    assert_eq!(desk.database.status(question.job).await, Status::Queued);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_database_takes_the_question_away() {
    let desk = Desk::new().await;
    let question = desk.database.question().await;
    let line = Line::to(PgConnectOptions::from_str(&desk.database.url_of("ada")).unwrap()).await;
    let mut command = desk.command("ada", &["--screen", "review"]);
    command.env("COUNTERSIGN_DATABASE_URL", line.url());
    let mut terminal = Terminal::start(command, 80, 24);
    confirm(&mut terminal, &question);
    line.cut();
    terminal.wait_for("the database is away");
    terminal.press("y");
    assert!(!terminal.read("the database is away").contains("APPROVE"));
    line.thaw();
    terminal.wait_for("live");
    only_a_fresh_look_decides(&desk, &mut terminal, &question).await;
}

/// A tmux server of its own.
struct Tmux {
    desk: Desk,
}

impl Tmux {
    fn command(&self, arguments: &[&str]) -> CommandBuilder {
        let mut command = CommandBuilder::new("tmux");
        command.env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap());
        command.env("LANG", "C.UTF-8");
        command.env("TERM", "xterm-256color");
        command.args(["-S", self.desk.home.path().join("tmux").to_str().unwrap(), "-f", "/dev/null"]);
        command.args(arguments);
        command
    }

    /// Runs a command of tmux and returns what it says.
    fn say(&self, arguments: &[&str]) -> String {
        let command = self.command(arguments);
        let words = command.get_argv();
        let said =
            Command::new(&words[0]).args(&words[1..]).env_remove("TMUX").env("LANG", "C.UTF-8").output().unwrap();
        assert!(said.status.success(), "{said:?}");
        String::from_utf8(said.stdout).unwrap()
    }

    /// Waits until what the program shows, with nobody there to see it, holds the text.
    fn wait_for(&self, text: &str) {
        let start = Instant::now();
        loop {
            let shown = self.say(&["capture-pane", "-p"]);
            if shown.contains(text) {
                return;
            }
            assert!(start.elapsed() < Duration::from_secs(30), "no {text:?} within tmux:\n{shown}");
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let command = self.command(&["kill-server"]);
        let words = command.get_argv();
        let _ = Command::new(&words[0]).args(&words[1..]).output();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_attaches_again_after_the_lease_went_back_is_told_and_looks_afresh() {
    let tmux = Tmux { desk: Desk::new().await };
    let question = tmux.desk.database.question().await;
    let program = tmux.desk.command("ada", &["--screen", "review"]);
    let mut words = vec!["env".to_owned(), "-u".to_owned(), "TMUX".to_owned()];
    for name in ["HOME", "COUNTERSIGN_DATABASE_URL", "COUNTERSIGN_KEYS"] {
        words.push(format!("{name}={}", program.get_env(name).unwrap().to_str().unwrap()));
    }
    words.extend(program.get_argv().iter().map(|word| word.to_str().unwrap().to_owned()));
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    // A program that ends at once leaves its reason.
    let stays = [";", "set-option", "remain-on-exit", "on"];
    let begins = ["new-session", "-d", "-x", "80", "-y", "25", &quoted.join(" ")];
    tmux.say(&[&begins[..], &stays[..]].concat());
    tmux.wait_for("Waiting 1");
    let mut terminal = Terminal::start(tmux.command(&["attach"]), 80, 25);
    confirm(&mut terminal, &question);
    tmux.say(&["detach-client"]);
    terminal.wait_for_end();

    // The database's clock jumps, and the program is told to look at it: nobody can wait for as long as that here.
    tmux.desk.database.advance("47 minutes").await;
    let process: u32 = tmux.say(&["display-message", "-p", "#{pane_pid}"]).trim().parse().unwrap();
    signal(process, Signal::CONT);
    tmux.wait_for("AWAY");
    let mut terminal = Terminal::start(tmux.command(&["attach"]), 80, 25);
    terminal.wait_for("Any key shows the conversation");
    terminal.press("j");
    let story = terminal.wait_for("Nobody decided");
    assert!(story.contains("The lease went back at") && story.contains("Enter takes it again"), "{story}");
    only_a_fresh_look_decides(&tmux.desk, &mut terminal, &question).await;
}
