//! Text made safe, and a file of conversations on its way into the database.

use std::fs;
use std::hint::black_box;
use std::time::{Duration, Instant};

use countersign::text::SafeText;
use serde_json::json;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::sleep;

use crate::report::{Bar, Report};
use crate::support;

const MEGABYTE: usize = 1_000_000;
const CONVERSATIONS: usize = 30_000;

pub fn safe_text(report: &mut Report) {
    let kinds = [
        ("ASCII", 100.0, "Where is my order 88231? It was promised for Monday.\n"),
        (
            "mixed scripts",
            30.0,
            "Grüße 中文 👩\u{200D}🚀 e\u{301} p\u{430}y\u{200B}pal \u{202E}x https://a.test/b\tc\r\n",
        ),
    ];
    for (name, bar, line) in kinds {
        let [small, large] = [1, 8].map(|megabytes| rate(&line.repeat(megabytes * MEGABYTE / line.len())));
        let figures = json!({ "one_megabyte": small, "eight_megabytes": large });
        report.add(&format!("SafeText, {name}"), Bar::AtLeast(bar), large, "MB/s", figures.clone());
        report.add("  eight megabytes at once, of the rate of one", Bar::AtLeast(0.8), large / small, "x", figures);
    }
}

/// Megabytes a second, the best of some.
fn rate(text: &str) -> f64 {
    let once = || {
        let began = Instant::now();
        black_box(SafeText::from_untrusted(text));
        began.elapsed()
    };
    let took = (0..7).map(|_| once()).min().expect("it was done");
    text.len() as f64 / MEGABYTE as f64 / took.as_secs_f64()
}

pub async fn import(report: &mut Report) {
    let home = TempDir::new().unwrap();
    let mut figures = Vec::new();
    for conversations in [CONVERSATIONS / 10, CONVERSATIONS] {
        let database = support::database().await;
        let keys = home.path().join("acme.key");
        database.grant_keys(&keys);
        let name: String = database.value("select current_database()::text").await;
        let url = crate::server::url(&database.login("prod"), &name).await;
        let file = home.path().join("conversations.jsonl");
        fs::write(&file, (0..conversations).map(line).collect::<String>()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command.arg("import").arg(&file).env("HOME", home.path());
        command.env("COUNTERSIGN_DATABASE_URL", url).env("COUNTERSIGN_KEYS", &keys);
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::inherit());
        let began = Instant::now();
        let mut child = command.spawn().unwrap();
        let process = child.id().expect("it was not waited for yet");
        let mut memory = 0.0_f64;
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            memory = memory.max(peak(process));
            sleep(Duration::from_millis(20)).await;
        };
        let seconds = began.elapsed().as_secs_f64();
        assert!(status.success(), "the import failed");
        let stored: i64 = database.value("select count(*) from queue.job_queue").await;
        assert_eq!(stored, conversations as i64, "each conversation asks one question");
        figures.push((conversations as f64 / seconds, memory));
    }
    let [(_, little), (rate, much)] = figures[..] else { unreachable!("it was imported twice") };
    let told = json!({ "conversations": CONVERSATIONS, "peak_mb": much, "peak_mb_of_a_tenth": little });
    report.add("import, conversations a second", Bar::AtLeast(5000.0), rate, "/s", told.clone());
    report.add("  its memory, of that for a tenth of the file", Bar::AtMost(1.2), much / little, "x", told);
}

fn line(number: usize) -> String {
    let conversation = json!({
        "agency": "acme", "customer_ref": format!("cust-{number}"), "channel_kind": "email", "language": "en",
        "intent_code": "card_arrival", "confidence": 0.83, "priority": 5, "sla": "30m",
        "messages": [{ "direction": "inbound", "at": "2026-11-20T09:12:00Z", "body": "Where is my card? I have waited for two weeks." }],
        "draft": { "author": "drafter-1", "body": "Hello, your card is on its way and will be with you soon." },
    });
    format!("{conversation}\n")
}

/// The most megabytes that a process had in memory so far; zero when it is gone.
fn peak(process: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).unwrap_or_default() * 1024.0
        / MEGABYTE as f64
}
