//! The real program: what its commands are given and fail over, and what its dashboard must not show.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use countersign::domain::Direction;
use portable_pty::CommandBuilder;
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

use super::Canary;
use super::places::{dumped, tables, talkative};
use crate::support::{self, Database};
use crate::terminal::screen::Terminal;

/// Somebody's home, with a key file in it, and the database that they work on.
struct Place {
    db: Database,
    home: TempDir,
}

impl Place {
    async fn new() -> Place {
        let place = Place { db: support::database().await, home: TempDir::new().unwrap() };
        place.db.grant_keys(&place.home.path().join("acme.key"));
        place
    }

    /// What the program finds around it, and nothing else.
    fn surroundings(&self, who: &str) -> Vec<(&'static str, String)> {
        vec![
            ("HOME", self.home.path().display().to_string()),
            ("LANG", "C.UTF-8".to_owned()),
            ("TERM", "xterm-256color".to_owned()),
            ("RUST_LOG", "trace".to_owned()),
            ("RUST_BACKTRACE", "1".to_owned()),
            ("COUNTERSIGN_DATABASE_URL", self.db.url_of(who)),
            ("COUNTERSIGN_KEYS", self.home.path().join("acme.key").display().to_string()),
        ]
    }

    fn run(&self, who: &str, arguments: &[&str], input: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command.env_clear().envs(self.surroundings(who)).args(arguments);
        let pipe = Stdio::piped;
        let mut child = command.stdin(pipe()).stdout(pipe()).stderr(pipe()).spawn().unwrap();
        // Who fails before reading closes its end.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    fn dashboard(&self, who: &str, screen: &str, with_keys: bool) -> Terminal {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_countersign"));
        command.env_clear();
        for (name, value) in self.surroundings(who) {
            command.env(name, value);
        }
        if !with_keys {
            command.env_remove("COUNTERSIGN_KEYS");
        }
        command.args(["--screen", screen]);
        Terminal::start(command, 160, 48)
    }

    /// The files below the home that show the canary, but for the one that brought it.
    fn files(&self, canary: &Canary, but: &Path) -> Vec<String> {
        let mut found = Vec::new();
        let mut directories = vec![self.home.path().to_owned()];
        while let Some(directory) = directories.pop() {
            for entry in fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    directories.push(path);
                } else if path != but && canary.found_in(&String::from_utf8_lossy(&fs::read(&path).unwrap())).is_some()
                {
                    found.push(path.display().to_string());
                }
            }
        }
        found
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn i2_the_program_shows_and_keeps_nothing_of_what_it_fails_over() {
    let place = Place::new().await;
    talkative(&place.db).await;
    let question = place.db.question().await;
    let pin = place.db.read("ada", question.job).await.to_string();
    let canary = Canary::new();
    let (words, code) = (canary.words(1), canary.code(2));

    let good = json!({
        "agency": "acme", "customer_ref": words, "channel_kind": "email", "language": "en",
        "messages": [{"direction": "inbound", "at": "2026-11-20T09:12:00Z", "body": words}],
        "draft": {"author": words, "body": words},
    });
    let with = |key: &str, value: serde_json::Value| {
        let mut line = good.clone();
        line[key] = value;
        line.to_string()
    };
    let lines = [
        good.to_string(),
        with(&code, json!(words)),
        with("agency", json!(code)),
        with("language", json!(code)),
        with("intent_code", json!(code)),
        with("channel_kind", json!(words)),
        with("confidence", json!(words)),
        with("sla", json!(words)),
        with("conversation_id", json!(words)),
        with("messages", json!([{"direction": words, "at": words, "body": words}])),
        with("messages", json!({ "body": words })),
        format!("{{\"{words}"),
        words.clone(),
    ];
    let file = place.home.path().join("lines.jsonl");
    fs::write(&file, lines.join("\n")).unwrap();
    let (file_name, job) = (file.display().to_string(), question.job.to_string());

    let commands: Vec<(&str, Vec<&str>)> = vec![
        ("prod", vec!["import", &file_name]),
        ("prod", vec!["import", &file_name, "--register-vocabulary"]),
        ("exe", vec!["put-draft", &job, "--token", "1", "--author", &words]),
        ("ada", vec!["review", "reject", &job, "--pin", &pin, "--reason", &code]),
        ("ada", vec!["review", "escalate", &job, "--pin", &pin, "--reason", &code]),
        ("ada", vec!["review", "approve", &job, "--pin", &words]),
        ("kim", vec!["dead-letters", "discard", &job, "--reason", &words]),
        ("kim", vec!["dead-letters", "confirm-sent", &job, "--provider-ref", &words]),
        ("kim", vec!["dead-letters", "confirm-sent", &words, "--provider-ref", &words]),
        ("kim", vec!["dead-letters", "confirm-sent", "1=x", &words]),
        ("kim", vec!["hold", "--reason", &code, "--channel", "sms"]),
        ("kim", vec!["hold", "--reason", "incident", "--channel", &code, "--ticket", &words]),
        ("pad", vec!["config", "set", &code, &words]),
        ("pad", vec!["config", "set", "queue.environment", &words]),
        ("wad", vec!["config", "set", "queue.customer.confidence_threshold", &words, "--agency", "acme"]),
        ("pad", vec!["vocabulary", "add", "intent", &words]),
        ("pad", vec!["access", "add", &code, "staff", "--agency", "acme", "--role", "reviewer"]),
        ("pad", vec!["access", "add", &code, "producer", "--agency", &code, "--channel", &code]),
        ("pad", vec!["access", "remove", &code]),
        ("ada", vec!["trace", &words]),
        ("ada", vec!["jobs", &words]),
        ("ada", vec!["jobs", "--json", &code]),
        ("ada", vec!["show", &words]),
        ("nobody", vec!["trace", &words]),
    ];
    let mut refused = 0;
    for (who, arguments) in &commands {
        let output = place.run(who, arguments, &words);
        let code = output.status.code();
        assert!(code != Some(0) || arguments[0] == "trace", "{arguments:?}: {}", text(&output.stdout));
        assert_eq!(canary.found_in(&text(&output.stdout)), None, "{arguments:?}");
        refused += usize::from(code == Some(1));
        // Wrong usage, and a login that is not there, are told with the very words that somebody typed, on their own
        // terminal and nowhere else.
        if code != Some(2) && arguments[0] != "access" {
            assert_eq!(canary.found_in(&text(&output.stderr)), None, "{arguments:?}");
        }
    }
    assert!(refused >= 14, "only {refused} of {} commands were refused", commands.len());

    assert_eq!(place.files(&canary, Path::new("")), [file_name.as_str()], "what was planted is found");
    assert_eq!(place.files(&canary, &file), Vec::<String>::new(), "the program's log and whatever else it keeps");
    assert_eq!(Vec::from_iter(tables(&place.db, &canary).await), Vec::<String>::new());
    assert_eq!(place.db.server_log().await.and_then(|log| canary.found_in(&log)), None);
    // The one good line went in: its references, never its bodies.
    let references = ["care.customer.customer_ref", "care.customer_message.author_ref"];
    assert_eq!(Vec::from_iter(dumped(&place.db.dump().await, &canary)), references);
}

/// Walks through every screen, and returns all that was written on the terminal.
fn walk(mut terminal: Terminal, until: &str) -> String {
    terminal.wait_for("Waiting 1");
    terminal.press("\r");
    terminal.wait_for(until);
    for key in ["1", "3", "4", "5", "2"] {
        terminal.press(key);
    }
    terminal.wait_for("Waiting");
    terminal.press("qq");
    text(&terminal.wait_for_end().1)
}

#[tokio::test(flavor = "multi_thread")]
async fn i2_the_terminal_shows_a_body_to_whoever_may_read_it_and_to_nobody_else() {
    let place = Place::new().await;
    let (ours, foreign, moved) = (Canary::new(), Canary::new(), Canary::new());
    let customers = |agency: &str, canary: &Canary| {
        let (agency, words) = (agency.to_owned(), canary.words(0));
        let place = &place;
        async move {
            let conversation = place.db.conversation_of(&agency, "email").await;
            place.db.history(&conversation, Direction::Inbound, &words).await;
            let draft = place.db.new_draft(&conversation, &words);
            place.db.ask(&conversation, &draft).await
        }
    };
    let question = customers("acme", &ours).await;
    customers("globex", &foreign).await;

    let written = walk(place.dashboard("ada", "review", true), "end of draft");
    assert!(ours.found_in(&written).is_some(), "what is shown is found");
    assert_eq!(foreign.found_in(&written), None, "another agency's words");
    let written = walk(place.dashboard("ada", "review", false), "no keys");
    assert_eq!(ours.found_in(&written).or(foreign.found_in(&written)), None, "without keys");
    for who in ["opa", "kim", "pad"] {
        let terminal = place.dashboard(who, "jobs", true);
        terminal.wait_for("Jobs");
        let mut terminal = terminal;
        for key in ["\r", "1", "2", "3", "4", "q"] {
            terminal.press(key);
        }
        let written = text(&terminal.wait_for_end().1);
        assert_eq!(ours.found_in(&written).or(foreign.found_in(&written)), None, "{who}");
    }

    // A body that was moved here from elsewhere does not open, and neither its words nor its bytes are shown.
    let elsewhere = place.db.seal("acme", Uuid::new_v4(), Uuid::new_v4(), Direction::Draft, &moved.words(0));
    sqlx::raw_sql("alter table care.customer_message disable trigger keep_messages")
        .execute(place.db.pool())
        .await
        .unwrap();
    sqlx::query("update care.customer_message set sealed_body = $1, digest = $2 where message_id = $3")
        .bind(&elsewhere.sealed)
        .bind(&elsewhere.digest)
        .bind(question.draft_id)
        .execute(place.db.pool())
        .await
        .unwrap();
    let written = walk(place.dashboard("ada", "review", true), "does not open");
    assert_eq!(moved.found_in(&written), None, "a body of another place");
    for canary in [&ours, &foreign, &moved] {
        assert_eq!(place.files(canary, Path::new("")), Vec::<String>::new());
    }
}
