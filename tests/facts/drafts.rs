//! Reads the labelled drafts; their README says how they are written.

use std::fs;
use std::ops::Range;
use std::path::Path;

use countersign::text::FactKind;

pub const KINDS: [(&str, FactKind); 9] = [
    ("date", FactKind::Date),
    ("time", FactKind::Time),
    ("amount", FactKind::Amount),
    ("percent", FactKind::Percentage),
    ("number", FactKind::Number),
    ("link", FactKind::Link),
    ("email", FactKind::Email),
    ("phone", FactKind::Phone),
    ("place", FactKind::Place),
];

/// A draft with its conversation.
pub struct Draft {
    pub language: String,
    /// Of the file, counted from one.
    pub line: usize,
    pub sort: String,
    pub thread: Vec<String>,
    pub text: String,
    pub labelled: Vec<Labelled>,
}

/// What is to be marked.
pub struct Labelled {
    /// In code points of the draft.
    pub at: Range<usize>,
    pub kind: FactKind,
}

impl Draft {
    pub fn words(&self, at: &Range<usize>) -> String {
        self.text.chars().skip(at.start).take(at.len()).collect()
    }
}

/// All drafts of one half.
pub fn read(half: &str) -> Vec<Draft> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/facts").join(half);
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
        .iter()
        .flat_map(|file| {
            let language = file.file_stem().unwrap().to_str().unwrap();
            parse(language, &fs::read_to_string(file).unwrap())
        })
        .collect()
}

fn parse(language: &str, text: &str) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if let Some(sort) = line.strip_prefix("== ") {
            let known = ["correct", "invented", "other", "reformatted", "tricky"];
            assert!(known.contains(&sort), "{language}:{}: {sort}", at + 1);
            drafts.push(Draft {
                language: language.to_owned(),
                line: at + 1,
                sort: sort.to_owned(),
                thread: Vec::new(),
                text: String::new(),
                labelled: Vec::new(),
            });
            continue;
        }
        let place = format!("{language}:{}: {line}", at + 1);
        let Some(draft) = drafts.last_mut() else { panic!("{place}") };
        match (line.get(..2), line.get(2..)) {
            (Some("< " | "> "), Some(words)) => draft.thread.push(words.to_owned()),
            (Some("= "), Some(words)) => words.clone_into(&mut draft.text),
            (Some("  "), Some(words)) if !draft.text.is_empty() => draft.text += &format!("\n{words}"),
            (Some("  "), Some(words)) => *draft.thread.last_mut().unwrap() += &format!("\n{words}"),
            _ => assert!(line.is_empty(), "{place}"),
        }
    }
    drafts.iter_mut().for_each(take_labels);
    drafts
}

/// Takes `⟦date:17 November⟧` out of the draft and keeps where it stood.
fn take_labels(draft: &mut Draft) {
    let place = format!("{}:{}", draft.language, draft.line);
    let mut text = String::new();
    for (at, part) in draft.text.split('⟦').enumerate() {
        let Some((label, rest)) = part.split_once('⟧') else {
            assert!(at == 0, "{place}: a label without an end");
            text += part;
            continue;
        };
        let (kind, words) = label.split_once(':').unwrap();
        let (_, kind) = KINDS.into_iter().find(|(name, _)| *name == kind).unwrap_or_else(|| panic!("{place}: {kind}"));
        let start = text.chars().count();
        draft.labelled.push(Labelled { at: start..start + words.chars().count(), kind });
        text += words;
        text += rest;
    }
    assert!(!text.is_empty() && !draft.thread.is_empty(), "{place}: no draft, or no conversation");
    draft.text = text;
}
