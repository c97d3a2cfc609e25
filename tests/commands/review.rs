use std::path::Path;

use countersign::vault::Keyring;

use super::home::{Home, drafted, word_after};

/// Imports a conversation with a draft and opens it. Returns the job, what was printed, and the pin.
fn opened(home: &Home, customer: &str) -> (String, String, String) {
    assert_eq!(home.import(&format!("{customer}.jsonl"), &[drafted(customer, "Where is it?", "On its way.")]).code, 0);
    let job = home.job("approve", customer);
    let text = home.ok(&["review", "open", &job]);
    let pin = word_after(&text, "--pin ");
    (job, text, pin)
}

#[test]
fn a_draft_is_approved_by_its_pin_once_and_undone() {
    let home = Home::shared();
    let (job, text, pin) = opened(home, "review-1");
    assert!(text.contains("| Where is it?") && text.contains("| On its way."), "{text}");

    let approved = home.ok(&["review", "approve", &job, "--pin", &pin]);
    assert!(approved.contains("approved"), "{approved}");
    let shown = home.json(&["show", &job, "--json"]);
    assert_eq!(shown["job"]["status"], "succeeded");
    let send = home.job("send", "review-1");
    assert_eq!(shown["tree"][1]["job_id"].to_string(), send);

    let again = home.run(&["review", "approve", &job, "--pin", &pin]);
    assert_eq!(again.code, 1);
    assert!(again.stderr.contains("already decided: approve by"), "{}", again.stderr);

    home.ok(&["review", "undo", &job]);
    assert_eq!(home.json(&["show", &send, "--json"])["job"]["status"], "cancelled");
    assert_ne!(home.job("approve", "review-1"), job);
}

#[test]
fn another_pin_decides_nothing() {
    let home = Home::shared();
    let (job, _, pin) = opened(home, "review-2");
    let (draft, rest) = pin.split_at(37);
    let other = format!("{draft}{}", rest.replacen(&rest[..4], if &rest[..4] == "0000" { "1111" } else { "0000" }, 1));
    let run = home.run(&["review", "approve", &job, "--pin", &other]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("draft was replaced"), "{}", run.stderr);
    assert_eq!(home.json(&["show", &job, "--json"])["job"]["status"], "leased");
    assert_eq!(home.run(&["review", "approve", &job, "--pin", "nonsense"]).code, 2);
}

#[test]
fn a_rejection_and_an_escalation_open_what_follows() {
    let home = Home::shared();
    let (job, _, pin) = opened(home, "review-3");
    assert_eq!(home.run(&["review", "reject", &job, "--pin", &pin, "--reason", "no_such_reason"]).code, 1);
    home.ok(&["review", "reject", &job, "--pin", &pin, "--reason", "wrong_fact"]);
    assert_eq!(home.json(&["show", &job, "--json"])["job"]["status"], "failed");
    home.job("draft", "review-3");

    let (job, _, pin) = opened(home, "review-4");
    home.ok(&["review", "escalate", &job, "--pin", &pin, "--reason", "legal_threat"]);
    let shown = home.json(&["show", &job, "--json"]);
    assert_eq!((&shown["job"]["status"], &shown["job"]["outcome_code"]), (&"cancelled".into(), &"escalated".into()));
    home.job("escalate", "review-4");
}

#[test]
fn what_does_not_open_is_neither_shown_nor_approved_nor_kept_from_others() {
    let home = Home::shared();
    let (job, _, pin) = opened(home, "review-5");
    let directory = tempfile::tempdir().unwrap();
    let ring = directory.path().join("other");
    Keyring::administrator(&ring).unwrap().ensure_agency("local").unwrap();
    for (path, reason) in [(ring.as_path(), "which this key ring does not have"), (Path::new("nowhere"), "no keys at")]
    {
        let path = path.to_str().unwrap();
        let approved = home.run(&["--keys", path, "review", "approve", &job, "--pin", &pin]);
        assert_eq!(approved.code, 1, "{}", approved.stdout);
        assert!(approved.stderr.contains(reason), "{}", approved.stderr);
        assert_eq!(home.json(&["show", &job, "--json"])["job"]["status"], "leased");
    }

    let shown = home.run(&["--keys", ring.to_str().unwrap(), "review", "open", &job]);
    assert_eq!((shown.code, shown.stdout.as_str()), (1, ""));
    assert_eq!(home.json(&["show", &job, "--json"])["job"]["status"], "queued");
}

#[test]
fn hostile_text_reaches_neither_the_terminal_nor_the_frame() {
    let home = Home::shared();
    let hostile = "\u{1b}]0;owned\u{7}\u{202e}txt.exe\u{9b}31m\nDRAFT approved by root";
    assert_eq!(home.import("hostile.jsonl", &[drafted("\u{202e}hostile-1", hostile, hostile)]).code, 0);
    // The trace finds the job by its reference, whatever stands in it.
    let trace = home.json(&["trace", "\u{202e}hostile-1", "--json"]);
    let job = trace.as_array().unwrap().iter().find_map(|event| event["job_id"].as_i64()).unwrap().to_string();

    let text = home.ok(&["review", "open", &job]);
    let dangerous = |character: char| matches!(character, '\u{1b}' | '\u{7}' | '\u{9b}' | '\u{202e}');
    assert!(!text.contains(dangerous), "{text:?}");
    assert!(text.contains("<ESC>]0;owned") && text.contains("<U+202E>txt.exe"), "{text}");
    assert!(text.contains("\n| DRAFT approved by root\n"), "{text}");
    assert!(home.ok(&["review", "open", &job, "--ascii"]).is_ascii());
}
