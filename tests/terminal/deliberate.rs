//! What a person did not mean does not decide, whatever they, their keyboard, their terminal and their line do.

use std::time::{Duration, Instant};

use countersign::domain::{Direction, JobId};

use super::screen::{Answers, Seat, Terminal};
use super::{Desk, assert_restored};
use crate::support::Question;

/// What a held key pauses between two of its letters.
const REPEATS: Duration = Duration::from_millis(33);

/// A reviewer at their list, and two questions on it.
struct Sitting {
    desk: Desk,
    first: Question,
    second: Question,
    terminal: Terminal,
}

impl Sitting {
    async fn new() -> Sitting {
        Sitting::at(Seat::default()).await
    }

    async fn at(seat: Seat) -> Sitting {
        let desk = Desk::new().await;
        let first = desk.database.question().await;
        let second = desk.database.question().await;
        let terminal = Terminal::at(seat, desk.command("ada", &["--screen", "review"]), 80, 24);
        terminal.wait_for("Waiting 2");
        Sitting { desk, first, second, terminal }
    }

    /// The first question is open and read.
    async fn reading(seat: Seat) -> Sitting {
        let mut sitting = Sitting::at(seat).await;
        sitting.terminal.press("\r");
        sitting.terminal.wait_for(&sitting.first.job.to_string());
        sitting.terminal.read("end of draft");
        sitting
    }

    /// The first question is open, and its approval waits for an answer, which is taken from now on.
    async fn confirming(seat: Seat) -> Sitting {
        let mut sitting = Sitting::reading(seat).await;
        let JobId(first) = sitting.first.job;
        sitting.terminal.press_until("A", &format!("APPROVE #{first}"));
        sitting.terminal.read("APPROVE");
        sitting
    }

    /// What was decided, job by job.
    async fn decisions(&self) -> String {
        let all = "select coalesce(string_agg(job_id || ' ' || decision, ', ' order by decision_id), 'nothing')
                   from queue.review_decision";
        self.desk.text(all).await
    }

    /// Presses a key as often as a held one comes, and returns the screen once it shows the text.
    fn hold(&mut self, key: &str, times: usize, until: &str) -> String {
        for _ in 0..times {
            self.terminal.press(key);
            if let Ok(screen) = self.terminal.wait_until(REPEATS, |screen| screen.contains(until)) {
                return screen;
            }
        }
        self.terminal.screen()
    }

    /// A `y` that is meant decides, now, and it is the only one.
    async fn only_what_is_meant_decides(mut self) {
        let JobId(first) = self.first.job;
        assert_eq!(self.decisions().await, "nothing");
        self.terminal.press_until("A", &format!("APPROVE #{first}"));
        self.terminal.press_until("y", &format!("UNDO #{first} approved"));
        assert_eq!(self.decisions().await, format!("{first} approve"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_ahead_decides_nothing() {
    let mut sitting = Sitting::new().await;
    // One after the other, faster than the program can open anything.
    for key in ["\r", "A", "y", "A", "y"] {
        sitting.terminal.press(key);
    }
    sitting.terminal.wait_for("end of draft");
    sitting.terminal.press_until("A", "APPROVE");
    sitting.terminal.press("\x1b");
    sitting.terminal.wait_for("list");
    sitting.only_what_is_meant_decides().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_key_decides_nothing_and_opens_nothing_on_the_next_job() {
    let mut sitting = Sitting::reading(Seat::default()).await;
    let JobId(second) = sitting.second.job;
    let screen = sitting.hold("A", 60, "approve sent");
    assert!(screen.contains("APPROVE") && screen.contains("swallowed"), "{screen}");
    sitting.terminal.press("\x1b");
    sitting.terminal.wait_for("list");
    assert_eq!(sitting.decisions().await, "nothing");
    // A `y` that begins before the line can have been read, and is held.
    sitting.terminal.press_until("A", "APPROVE");
    let screen = sitting.hold("y", 60, "approve sent");
    assert!(screen.contains("too early"), "{screen}");
    assert_eq!(sitting.decisions().await, "nothing");
    // One that is meant, and then held: the next job comes up under it.
    sitting.terminal.press_until("y", &format!("#{second}"));
    let screen = sitting.hold("y", 30, "APPROVE");
    assert!(screen.contains(&format!("#{second}")) && !screen.contains("APPROVE"), "{screen}");
    sitting.hold("A", 30, "approve sent");
    let first = sitting.first.job.0;
    assert_eq!(sitting.decisions().await, format!("{first} approve"));
}

#[tokio::test(flavor = "multi_thread")]
async fn pasted_text_decides_nothing_with_brackets_and_without() {
    let mut sitting = Sitting::confirming(Seat::default()).await;
    sitting.terminal.press_until("Ay", "one key by itself");
    sitting.terminal.paste("y");
    sitting.terminal.wait_for("pasted text ignored");
    sitting.terminal.paste("y\ny\nAy\n");
    sitting.terminal.press("yyyyyyyy");
    sitting.terminal.press("\x1b[200~y\x1b[201~y");
    sitting.terminal.press("\x1b");
    sitting.terminal.wait_for("list");
    sitting.only_what_is_meant_decides().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn caps_lock_and_the_mouse_decide_nothing() {
    let mut sitting = Sitting::confirming(Seat::default()).await;
    sitting.terminal.press("Y");
    sitting.terminal.wait_for("Caps Lock");
    for row in 1..=24 {
        for column in [2, 10, 40, 79] {
            sitting.terminal.press(&format!("\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m"));
        }
    }
    for key in ["\r", " ", "x", "1", "A"] {
        sitting.terminal.press(key);
    }
    sitting.terminal.wait_for("swallowed: ");
    sitting.terminal.press("\x1b");
    sitting.terminal.wait_for("list");
    sitting.only_what_is_meant_decides().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_a_line_of_200_milliseconds_a_confirm_waits_for_400() {
    let away = Duration::from_millis(100);
    let mut sitting = Sitting::reading(Seat { away, ..Seat::default() }).await;
    let JobId(first) = sitting.first.job;
    let mut was_too_early = false;
    while !was_too_early {
        sitting.terminal.press_until("A", &format!("APPROVE #{first}"));
        let seen = Instant::now();
        // Arrives 350 ms after the line was drawn, more than enough on a short line and not enough on this one.
        let _ = sitting.terminal.wait_until(Duration::from_millis(150), |_| false);
        sitting.terminal.press("y");
        let waited = seen.elapsed();
        sitting.terminal.wait_for("too early");
        assert_eq!(sitting.decisions().await, "nothing");
        // On a machine that is busy it was later than that, and then the try says nothing.
        was_too_early = waited < Duration::from_millis(190);
        sitting.terminal.press("\x1b");
        sitting.terminal.wait_for("h list");
    }
    sitting.only_what_is_meant_decides().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_answers_in_pieces_or_never_is_waited_for_and_its_answer_is_no_key() {
    for answers in [Answers::InPieces, Answers::Never] {
        let sitting = Sitting::reading(Seat { answers, away: Duration::ZERO }).await;
        sitting.only_what_is_meant_decides().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_of_the_terminal_is_answered_before_the_terminal_is_given_back() {
    let away = Duration::from_millis(150);
    let desk = Desk::new().await;
    desk.database.question().await;
    let program = desk.command("ada", &["--screen", "review"]);
    let words = program.get_argv().iter().map(|word| word.to_str().unwrap().to_owned()).collect::<Vec<_>>();
    let mut shell = program.clone();
    // What is left in the input is shown by whoever reads it next.
    let script = format!("{}; echo it has ended; exec cat -v", words.join(" "));
    *shell.get_argv_mut() = ["/bin/sh", "-c", &script].map(Into::into).to_vec();
    let mut terminal = Terminal::at(Seat { away, ..Seat::default() }, shell, 80, 24);
    terminal.wait_for("Waiting 1");
    terminal.press("\r");
    terminal.wait_for("end of draft");
    // The confirm line asks the terminal, and the program is told to end before the answer can have come.
    terminal.press_until("A", "APPROVE");
    terminal.press("\x03");
    terminal.wait_for("it has ended");
    terminal.press("the next line\n");
    let screen = terminal.read("the next line");
    assert!(!screen.contains("[0n") && !screen.contains("0n"), "{screen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_ordered_anew_does_not_move_a_decision_to_another_job() {
    let mut sitting = Sitting::confirming(Seat::default()).await;
    let JobId(first) = sitting.first.job;
    let conversation = sitting.desk.database.conversation().await;
    sitting.desk.database.history(&conversation, Direction::Inbound, "Now.").await;
    let mut urgent = sitting.desk.database.new_draft(&conversation, "At once.");
    urgent.priority = Some(0);
    urgent.deadline_at = Some(chrono::Utc::now() + chrono::TimeDelta::minutes(1));
    sitting.desk.database.ask(&conversation, &urgent).await;
    // The header counts it, so the list has come.
    sitting.terminal.wait_for("2[Review 3]");
    sitting.terminal.press_until("y", &format!("UNDO #{first} approved"));
    assert_eq!(sitting.decisions().await, format!("{first} approve"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_changed_hands_under_the_confirm_line_is_not_decided() {
    let mut sitting = Sitting::confirming(Seat::default()).await;
    let (database, job) = (&sitting.desk.database, sitting.first.job);
    database
        .execute(&format!("update queue.job_queue set lease_expires_at = queue.clock() where job_id = {}", job.0))
        .await;
    let claim = database.as_login("bo").await.claim_review(Some(job)).await.unwrap();
    assert!(claim.outcome.is_applied(), "{claim:?}");
    sitting.terminal.press("y");
    sitting.terminal.wait_for("_bo");
    assert_eq!(sitting.decisions().await, "nothing");
    let holder = sitting.desk.text(&format!("select lease_owner from queue.job_queue where job_id = {}", job.0)).await;
    assert!(holder.ends_with("_bo"), "{holder}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dumb_terminal_is_told_that_a_real_one_is_needed() {
    let desk = Desk::new().await;
    let mut command = desk.command("ada", &["--screen", "review"]);
    command.env("TERM", "dumb");
    let mut terminal = Terminal::start(command, 80, 24);
    let (status, written) = terminal.wait_for_end();
    assert_eq!(status.exit_code(), 2);
    assert!(String::from_utf8_lossy(&written).contains("needs a terminal"), "{}", String::from_utf8_lossy(&written));
}

#[tokio::test(flavor = "multi_thread")]
async fn digits_are_asked_where_something_is_accepted_and_a_pasted_digest_is_none() {
    let desk = Desk::new().await;
    let conversation = desk.database.conversation().await;
    desk.database.history(&conversation, Direction::Inbound, "Is it free?").await;
    let draft = desk.database.new_draft(&conversation, "It is free\u{200B} of charge.");
    let JobId(job) = desk.database.ask(&conversation, &draft).await.job;
    let digits: String = draft.body.digest.iter().take(2).map(|byte| format!("{byte:02x}")).collect();
    let mut terminal = Terminal::start(desk.command("ada", &["--screen", "review"]), 80, 24);
    terminal.wait_for("Waiting 1");
    terminal.press("\r");
    terminal.read("end of draft");
    if terminal.screen().contains("mark") {
        terminal.press("w");
    }
    terminal.press_until("A", &format!("APPROVE #{job}"));
    let screen = terminal.read(&format!("type {digits} > ____"));
    assert!(screen.contains("after the digest") && !screen.contains("after y"), "{screen}");
    terminal.press_until("y", "no answer");
    terminal.press_until(&digits, "one key by itself");
    terminal.paste(&digits);
    terminal.wait_for("pasted text ignored");
    terminal.read("pasted text ignored");
    assert_eq!(desk.text("select count(*)::text from queue.review_decision").await, "0");
    // Who pasted has to pause before the first of them is heard.
    terminal.press_until(&digits[..1], &format!("> {:_<4}", &digits[..1]));
    for typed in 2..=digits.len() {
        // Two digits are not typed faster than this.
        let _ = terminal.wait_until(Duration::from_millis(30), |_| false);
        terminal.press(&digits[typed - 1..typed]);
        let shown = format!("> {:_<4}", &digits[..typed]);
        let told = format!("#{job} approved");
        terminal
            .wait_until(Duration::from_secs(10), |screen| screen.contains(&shown) || screen.contains(&told))
            .unwrap();
    }
    terminal.wait_for(&format!("#{job} approved"));
    terminal.press("\x03");
    let (_, written) = terminal.wait_for_end();
    assert_restored(&terminal, &written);
}
