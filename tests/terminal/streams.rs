//! Random keys in random rhythms on the real program: whatever they decide was meant.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

use super::Desk;
use super::intent::{Decision, Intent};
use super::screen::Terminal;
use crate::support::{Dice, Figure, scaled};

/// In full, as many of them as there are in this time.
const WITHIN: Duration = Duration::from_secs(90 * 60);
/// Streams between two looks into the database.
const BETWEEN_LOOKS: usize = 20;
/// Questions that are there for one such round.
const STOCK: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn random_keys_decide_nothing_that_was_not_meant() {
    let streams = scaled(90, 100_000);
    let terminals = scaled(3, 40);
    let figure = Figure::begin("streams of random keys");
    let handle = Handle::current();
    let played = Arc::new(AtomicUsize::new(0));
    // One after the other, and nobody types before all are there: many at the door at once is another test's subject.
    let mut waiting = Vec::new();
    for number in 0..terminals {
        waiting.push(Player::new(number as u64).await);
    }
    let mut players = Vec::new();
    for player in waiting {
        let (handle, played) = (handle.clone(), Arc::clone(&played));
        let streams = streams.div_ceil(terminals);
        players.push(tokio::task::spawn_blocking(move || player.play(&handle, streams, &played)));
    }
    let mut all = Tally::default();
    for player in players {
        let tally = player.await.unwrap();
        all.streams += tally.streams;
        all.keys += tally.keys;
        all.hasty += tally.hasty;
        all.decisions += tally.decisions;
        all.unmeant.extend(tally.unmeant);
    }
    figure.end(all.streams);
    println!("{} bursts, {} hasty answers, {} decisions", all.keys, all.hasty, all.decisions);
    assert_eq!(all.unmeant, BTreeSet::new(), "decided, and not meant");
    assert!(all.decisions > 0 && all.hasty > 0, "the keys never came near a decision: {all:?}");
}

#[derive(Debug, Default)]
struct Tally {
    streams: usize,
    keys: usize,
    hasty: usize,
    decisions: usize,
    unmeant: BTreeSet<Decision>,
}

/// One person at one terminal.
struct Player {
    desk: Desk,
    terminal: Terminal,
    intent: Arc<Mutex<Intent>>,
    dice: Dice,
    keys: usize,
}

impl Player {
    async fn new(number: u64) -> Player {
        let desk = Desk::new().await;
        let terminal = Terminal::start(desk.command("ada", &["--screen", "review"]), 80, 24);
        let intent = Arc::new(Mutex::new(Intent::default()));
        let eyes = Arc::clone(&intent);
        terminal.watch(move |screen| {
            let rows: Vec<String> = screen.rows(0, 80).collect();
            eyes.lock().unwrap().see(&rows, Instant::now());
        });
        tokio::task::block_in_place(|| terminal.wait_for("Waiting"));
        let player = Player { desk, terminal, intent, dice: Dice(number + 1), keys: 0 };
        player.stock_up().await;
        player
    }

    fn play(mut self, handle: &Handle, streams: usize, played: &AtomicUsize) -> Tally {
        let begin = Instant::now();
        let mut tally = Tally::default();
        while tally.streams < streams && begin.elapsed() < WITHIN {
            handle.block_on(self.stock_up());
            for _ in 0..BETWEEN_LOOKS.min(streams - tally.streams) {
                self.settle();
                self.stream();
                tally.streams += 1;
            }
            let decided = handle.block_on(self.decided());
            let mut intent = self.intent.lock().unwrap();
            tally.decisions = decided.len();
            tally.unmeant =
                decided.into_iter().filter(|it| !intent.meant.contains(it) && !intent.open.contains(it)).collect();
            (tally.hasty, tally.keys) = (intent.hasty, self.keys);
            if !tally.unmeant.is_empty() {
                println!("not meant: {:?}, after\n{}", tally.unmeant, intent.trail.join("\n"));
                break;
            }
            intent.trail.clear();
            let so_far = played.fetch_add(BETWEEN_LOOKS, Ordering::Relaxed) + BETWEEN_LOOKS;
            if so_far.is_multiple_of(1000) {
                println!("{so_far} streams in {:.0} s", begin.elapsed().as_secs_f64());
            }
        }
        tally
    }

    async fn stock_up(&self) {
        let waiting: i64 = self
            .desk
            .database
            .value(
                "select count(*) from queue.job_queue
                 where job_kind = 'customer_message_approve' and status in ('queued', 'leased')",
            )
            .await;
        let missing = STOCK.saturating_sub(waiting as usize);
        self.desk.database.questions(missing).await;
        // Some have something to be accepted knowingly.
        for _ in 0..missing.div_ceil(4) {
            let conversation = self.desk.database.conversation().await;
            let draft = self.desk.database.new_draft(&conversation, "It is free\u{200B} of charge.");
            self.desk.database.ask(&conversation, &draft).await;
        }
    }

    async fn decided(&self) -> Vec<Decision> {
        let rows: Vec<Decision> = sqlx::query_as("select job_id, decision from queue.review_decision")
            .fetch_all(self.desk.database.pool())
            .await
            .unwrap();
        rows
    }

    /// Goes on typing until a job is open and nothing is asked.
    fn settle(&mut self) {
        let is_settled = |screen: &str| screen.contains("Space on") && screen.contains("yours");
        for time in 0..60 {
            let screen = self.terminal.screen();
            let key = match () {
                () if is_settled(&screen) => return,
                // The editor is left by the line behind Esc.
                () if screen.contains(" EDIT #") => ["\x1b", "T"][time % 2],
                () if screen.contains("[Review") && screen.contains("Enter open") => "n",
                () if screen.contains("[Review") => "\x1b",
                () if screen.contains("close") => "\x1b",
                () => "2",
            };
            self.type_keys(key);
            let _ = self.terminal.wait_until(Duration::from_millis(400), is_settled);
        }
        panic!("no job opens:\n{}", self.terminal.screen());
    }

    /// Eight to twenty keys, by themselves, held, in bursts, pasted, in any rhythm.
    fn stream(&mut self) {
        let mut left = 8 + self.dice.roll(13);
        while left > 0 {
            let keys = self.burst();
            // Some mean it, and have read what they answer.
            if self.intent.lock().unwrap().asked() == Some(keys.as_str()) && self.dice.roll(4) != 0 {
                thread::sleep(Duration::from_millis(750));
            }
            let times = if self.dice.roll(16) == 0 { 2 + self.dice.roll(8) } else { 1 };
            for _ in 0..times {
                self.type_keys(&keys);
                let pause = if times > 1 { 33 } else { self.pause() };
                // The rhythm is the subject here; what comes meanwhile is looked at as it comes.
                thread::sleep(Duration::from_millis(pause));
            }
            left = left.saturating_sub(times * keys.len());
        }
    }

    fn burst(&mut self) -> String {
        match self.dice.roll(100) {
            0..6 => (0..2 + self.dice.roll(5)).map(|_| self.key()).collect(),
            6..9 => ["Ay", "A\ry", "yyyy", "R1y", "E1y", "y\ry\r"][self.dice.roll(6)].to_owned(),
            9..13 => format!("\x1b[200~{}\x1b[201~", ["y", "Ay", "y\ny", "7f3a"][self.dice.roll(4)]),
            13..15 => format!("\x1b[<0;{};{}M", 1 + self.dice.roll(80), 1 + self.dice.roll(24)),
            // Somebody who means it, or is in a hurry.
            15..40 => {
                let asked = self.intent.lock().unwrap().asked().map(str::to_owned);
                asked.unwrap_or_else(|| ["A", "A", "R", "E"][self.dice.roll(4)].to_owned())
            }
            _ => self.key(),
        }
    }

    fn key(&mut self) -> String {
        const KEYS: &[(&str, usize)] = &[
            ("y", 16),
            ("A", 12),
            ("R", 5),
            ("E", 4),
            ("Y", 4),
            ("n", 3),
            ("\r", 8),
            (" ", 8),
            ("\x1b", 3),
            ("0123456789abcdf", 12),
            ("jkgGfvwtu", 12),
            ("?", 1),
            ("s", 1),
        ];
        let all = KEYS.iter().map(|(_, weight)| weight).sum();
        let mut at = self.dice.roll(all);
        for (keys, weight) in KEYS {
            if at < *weight {
                let letters: Vec<char> = keys.chars().collect();
                return letters[self.dice.roll(letters.len())].to_string();
            }
            at -= weight;
        }
        unreachable!("the weights sum up")
    }

    /// Milliseconds until the next key.
    fn pause(&mut self) -> u64 {
        match self.dice.roll(100) {
            0..55 => self.dice.roll(6) as u64,
            55..88 => 6 + self.dice.roll(60) as u64,
            88..95 => 320,
            _ => 720,
        }
    }

    /// Types, and has it judged. What would fall into the time that the law leaves open comes later.
    fn type_keys(&mut self, keys: &str) {
        let (asked, age) = {
            let intent = self.intent.lock().unwrap();
            (intent.asked() == Some(keys), intent.age(Instant::now()).unwrap_or_default())
        };
        let open = Duration::from_millis(60)..Duration::from_millis(310);
        if asked && open.contains(&age) {
            thread::sleep(open.end - age);
        }
        let mut intent = self.intent.lock().unwrap();
        self.terminal.press(keys);
        intent.typed(keys, Instant::now());
        self.keys += 1;
    }
}
