use std::path::Path;

use countersign::vault::Keyring;

use super::home::{Home, Run, drafted, word_after};

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

#[test]
fn an_edited_draft_takes_its_place_and_its_editor_does_not_approve_it() {
    let home = Home::shared();
    let (job, text, pin) = opened(home, "review-7");
    assert!(text.contains(&format!("countersign review revise {job} --pin {pin}")), "{text}");
    let file = home.write("reply.txt", "It left on Tuesday.\n");
    let same = home.write("same.txt", "On its way.\n");
    let refused = home.run(&["review", "revise", &job, "--pin", &pin, same.to_str().unwrap()]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("nothing was changed"), "{}", refused.stderr);

    let edited = home.ok(&["review", "revise", &job, "--pin", &pin, file.to_str().unwrap()]);
    assert!(edited.contains("somebody else's look"), "{edited}");
    assert_eq!(home.json(&["show", &job, "--json"])["job"]["status"], "queued");
    let text = home.ok(&["review", "open", &job]);
    assert!(text.contains("| It left on Tuesday."), "{text}");
    assert!(text.contains("someone else must approve it") && !text.contains("review approve"), "{text}");
    let approved = home.run(&["review", "approve", &job, "--pin", &word_after(&text, "--pin ")]);
    assert_eq!(approved.code, 1);
    assert!(approved.stderr.contains("someone else must approve it"), "{}", approved.stderr);
}

#[test]
fn a_text_that_comes_too_late_is_refused_kept_and_printed() {
    let home = Home::shared();
    let (job, _, pin) = opened(home, "review-8");
    // Opening it again moves the lease on, so the first pin is of no use any more.
    home.ok(&["review", "open", &job]);
    let text = std::fs::File::open(home.write("late.txt", "Too \u{202e}late.\n")).unwrap();
    let late = Run::of(home.command(&["review", "revise", &job, "--pin", &pin, "-"]).stdin(text).output().unwrap());
    assert_eq!(late.code, 1);
    assert!(late.stderr.contains(&format!("countersign review kept {job}")), "{}", late.stderr);
    assert!(!late.stderr.contains("late."), "{}", late.stderr);
    let kept = home.ok(&["review", "kept", &job]);
    assert!(kept.contains("| Too <U+202E>late."), "{kept}");
    let listed = home.json(&["review", "kept", "--json"]);
    assert!(listed.as_array().unwrap().iter().any(|row| row["job_id"].as_i64() == job.parse().ok()), "{listed}");
    assert!(home.ok(&["review", "open", &job]).contains("| On its way."), "the draft is what it was");
    assert_eq!(home.run(&["review", "kept", "1"]).code, 1);
}

#[test]
fn a_rejection_takes_a_note_from_a_file_and_refuses_one_without_words() {
    let home = Home::shared();
    let (job, _, pin) = opened(home, "review-9");
    let reject = |text: &str| {
        let note = home.write("note.txt", text);
        let decision = ["review", "reject", &job, "--pin", &pin, "--reason", "wrong_fact"];
        home.run(&[&decision[..], &["--note-file", note.to_str().unwrap()]].concat())
    };
    let blank = reject(" \n");
    assert_eq!((blank.code, blank.stderr.contains("the note is empty")), (1, true), "{}", blank.stderr);
    assert_eq!(home.json(&["show", &job, "--json"])["job"]["status"], "leased");
    assert_eq!(reject("Monday was a holiday.\n").code, 0);
    assert_eq!(home.json(&["show", &job, "--json"])["job"]["status"], "failed");
}

#[test]
fn a_note_that_does_not_open_keeps_nothing_else_from_who_reviews() {
    let home = Home::fresh();
    let (job, _, pin) = opened(&home, "review-10");
    let early = home.path("early.key").to_str().unwrap().to_owned();
    home.ok(&["vault", "grant", "ana", "--agency", "local", "--out", &early]);
    home.ok(&["vault", "rotate", "--agency", "local"]);
    let note = home.write("note.txt", "Monday was a holiday.\n");
    let reject = ["review", "reject", &job, "--pin", &pin, "--reason", "wrong_fact", "--note-file"];
    home.ok(&[&reject[..], &[note.to_str().unwrap()]].concat());
    let again = drafted("review-10", "Where is it?", "It left on Tuesday.").to_string();
    let again = home.write("again.jsonl", &again);
    home.ok(&["--keys", &early, "import", again.to_str().unwrap()]);
    let job = home.job("approve", "review-10");
    assert!(home.ok(&["review", "open", &job]).contains("| Monday was a holiday."));

    let text = home.ok(&["--keys", &early, "review", "open", &job]);
    assert!(text.contains("(its note does not open: ") && !text.contains("holiday"), "{text}");
    assert!(text.contains("| Where is it?") && text.contains("| It left on Tuesday."), "{text}");
    let approved = home.ok(&["--keys", &early, "review", "approve", &job, "--pin", &word_after(&text, "--pin ")]);
    assert!(approved.contains("approved"), "{approved}");
}
