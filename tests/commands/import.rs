use std::io::Write;
use std::process::Stdio;

use serde_json::json;

use super::home::{Home, Run, asked, drafted};

const CANARY: &str = "canary-4471";

#[test]
fn the_same_file_twice_adds_nothing() {
    let home = Home::shared();
    let mut long = drafted("twice-1", "Where is my card?", "On its way.");
    let earlier = json!({"direction": "inbound", "at": "2026-11-19T09:12:00Z", "body": "Hello?"});
    // Said twice in the same moment, and still two messages.
    long["messages"].as_array_mut().unwrap().splice(0..0, [earlier.clone(), earlier]);
    let lines = [long, asked("twice-2", "And mine?")];

    let first = home.import("twice.jsonl", &lines);
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert!(
        first.stdout.starts_with("2 lines: 2 conversations added, 0 already there, 0 refused;"),
        "{}",
        first.stdout
    );
    let trace = home.json(&["trace", "twice-1", "--json"]);
    let stored = trace.as_array().unwrap().iter().filter(|event| !event["message_id"].is_null()).count();
    assert_eq!(stored, 4);

    let second = home.import("twice.jsonl", &lines);
    assert_eq!(second.code, 0);
    assert!(
        second.stdout.starts_with("2 lines: 0 conversations added, 2 already there, 0 refused;"),
        "{}",
        second.stdout
    );
    assert_eq!(home.json(&["trace", "twice-1", "--json"]), trace);
    home.job("approve", "twice-1");
    home.job("inbound", "twice-2");
}

#[test]
fn a_conversation_that_goes_on_is_continued() {
    let home = Home::shared();
    let mut line = asked("grows-1", "First");
    assert_eq!(home.import("grows.jsonl", &[line.clone()]).code, 0);
    line["messages"]
        .as_array_mut()
        .unwrap()
        .push(json!({"direction": "inbound", "at": "2026-11-20T10:00:00Z", "body": "Second"}));
    // In one file with another line of the same conversation, too.
    let mut answered = line.clone();
    answered["draft"] = json!({"author": "drafter-1", "body": "Answer"});
    let run = home.import("grows.jsonl", &[line, answered]);
    assert!(run.stdout.starts_with("2 lines: 2 conversations added"), "{}{}", run.stdout, run.stderr);
    let trace = home.json(&["trace", "grows-1", "--json"]);
    let stored: Vec<_> = trace.as_array().unwrap().iter().filter_map(|event| event["direction"].as_str()).collect();
    assert_eq!(stored, ["inbound", "inbound", "draft"]);
}

#[test]
fn a_bad_line_is_reported_without_its_content_and_stops_nothing_else() {
    let home = Home::shared();
    let good = |customer: &str| drafted(customer, "Question", "Answer").to_string();
    let mut unregistered = drafted("bad-3", CANARY, CANARY);
    unregistered["intent_code"] = json!("canary_4471");
    let mut elsewhere = drafted("bad-4", CANARY, CANARY);
    elsewhere["agency"] = json!("canary_agency");
    let lines = [
        good("bad-1"),
        format!("{{\"{CANARY}"),
        format!("{{\"{CANARY}\": 1}}"),
        unregistered.to_string(),
        elsewhere.to_string(),
        String::new(),
        good("bad-2").replace("2026-11-20T09:12:00Z", CANARY),
        good("bad-2"),
    ];
    let run = home.run(&["import", home.write("bad.jsonl", &lines.join("\n")).to_str().unwrap()]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.starts_with("7 lines: 2 conversations added, 0 already there, 5 refused;"), "{}", run.stdout);
    let reported: Vec<&str> = run.stderr.lines().collect();
    let expected = [
        "line 2: not JSON at column 13",
        "line 3: unknown field at column 14",
        "line 4: unregistered intent",
        "line 5: unregistered agency",
        "line 7: messages[0].at: not a time such as 2026-11-20T09:12:00Z",
        "countersign: 5 of 7 lines were refused; --register-vocabulary registers new codes and agencies first",
    ];
    assert_eq!(reported, expected);
    let log = std::fs::read_to_string(home.path("state/countersign/countersign.log")).unwrap();
    for text in [&run.stdout, &run.stderr, &log] {
        assert!(!text.contains("canary"), "{text}");
    }
}

#[test]
fn new_words_are_registered_only_when_asked_for() {
    let home = Home::shared();
    let mut line = drafted("words-1", "Question", "Answer");
    line["intent_code"] = json!("brand_new_intent");
    line["agency"] = json!("newcomer");
    assert_eq!(home.import("words.jsonl", &[line.clone()]).code, 1);
    line["intent_code"] = json!("Not A Code!");
    let path = home.write("words.jsonl", &format!("{line}\n"));
    let run = home.run(&["import", path.to_str().unwrap(), "--register-vocabulary"]);
    assert!(run.stderr.contains("line 1: unregistered intent"), "{}", run.stderr);
    line["intent_code"] = json!("brand_new_intent");
    let path = home.write("words.jsonl", &format!("{line}\n"));
    home.ok(&["import", path.to_str().unwrap(), "--register-vocabulary"]);
    assert!(home.ok(&["vocabulary", "list", "intent"]).contains("brand_new_intent"));
}

#[test]
fn standard_input_is_read_like_a_file() {
    let home = Home::shared();
    let mut import = home.command(&["import", "-"]);
    let mut child = import.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{}", asked("stdin-1", "Question")).unwrap();
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.starts_with("1 line: 1 conversation added"), "{}", run.stdout);
}

#[test]
fn an_interrupted_import_stops_the_private_server_and_says_how_to_go_on() {
    let home = Home::fresh();
    home.ok(&["migrate"]);
    let mut import = home.command(&["import", "-"]);
    let mut child = import.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = child.stdin.take().unwrap();
    // A chunk that is full is stored at once; then it waits for more.
    for number in 0..500 {
        writeln!(lines, "{}", asked(&format!("interrupted-{number}"), "Question")).unwrap();
    }
    let stored = || home.run(&["trace", "interrupted-0"]).code == 0;
    while !stored() {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
    }
    let process = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
    let run = Run::of(child.wait_with_output().unwrap());
    drop(lines);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("the same file again adds the rest"), "{}", run.stderr);
    assert!(!countersign::cluster::state(&home.path("data")).unwrap().running);
}
