//! Naughty strings and terminal recordings that others collected, where they are at hand.

use std::path::PathBuf;
use std::{env, fs};

use countersign::text::SafeText;

use super::oracle;

/// The folder of the public corpora, or a plain word on standard error that it is not there.
fn corpus(test: &str) -> Option<PathBuf> {
    let folder = env::var_os("COUNTERSIGN_CORPUS_DIR").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("{test}: COUNTERSIGN_CORPUS_DIR is not set, so the public corpora were not tried");
    }
    folder
}

#[test]
fn naughty_strings_are_safe_to_draw() {
    let Some(folder) = corpus("naughty strings") else { return };
    let file = fs::read_to_string(folder.join("naughty-strings.json")).unwrap();
    let strings: Vec<String> = serde_json::from_str(&file).unwrap();
    assert!(strings.len() > 100, "{} strings", strings.len());
    for string in strings {
        oracle::judge(&string);
    }
}

#[test]
fn questions_of_real_customers_raise_hardly_an_alarm() {
    let Some(folder) = corpus("customer questions") else { return };
    let file = fs::read_to_string(folder.join("customer-questions.csv")).unwrap();
    let alarms = |line: &&str| !oracle::judge(line).findings().is_empty();
    let lines = file.lines().count();
    let flagged: Vec<&str> = file.lines().filter(alarms).collect();
    println!("customer questions: {} of {lines} lines have something hidden or deceptive", flagged.len());
    assert!(lines > 5000 && flagged.len() * 200 < lines, "{} of {lines}: {flagged:?}", flagged.len());
}

#[test]
fn terminal_recordings_do_nothing_to_a_terminal() {
    let Some(folder) = corpus("terminal recordings") else { return };
    let files: Vec<_> = fs::read_dir(folder.join("escapes")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() > 10, "{} recordings", files.len());
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "in")) {
        let bytes = fs::read(file).unwrap();
        let safe = SafeText::from_bytes(&bytes);
        for line in safe.lines() {
            oracle::prints_only(line);
            oracle::draws_only_what_is_seen(line);
            oracle::measures_as_ratatui(line);
        }
        match String::from_utf8(bytes) {
            Ok(text) => oracle::accounts_for(safe.lines(), &text),
            Err(_) => assert!(safe.findings().hidden > 0),
        }
    }
}
