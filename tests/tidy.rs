//! Reads the sources and fails when the map of the architecture is not what they say.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Who may know whom. A module that is not a key here may know nobody, so a new one must be decided on.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("text", &[]),
    ("cluster", &[]),
    ("vault", &["domain"]),
    ("store", &["domain"]),
    ("log", &[]),
    ("cli", &["domain"]),
    ("outside", &[]),
    ("config", &["cli", "domain", "outside"]),
    ("app", &["domain", "text"]),
    ("ui", &["app", "domain", "text"]),
    ("session", &["config", "store", "vault", "cluster", "domain"]),
    ("runtime", &["app", "ui", "store", "vault", "cluster", "outside", "domain", "text"]),
    ("commands", &["cli", "config", "session", "store", "vault", "cluster", "outside", "text", "domain"]),
    ("demo", &["config", "session", "store", "vault", "cluster", "domain"]),
    ("dashboard", &["cli", "cluster", "config", "outside", "session", "commands", "runtime", "app", "store", "vault"]),
    ("launch", &["cli", "config", "commands", "dashboard", "demo", "log", "runtime", "app", "domain"]),
];

/// Words that belong to some modules only.
struct Reserved {
    word: &'static str,
    allowed_in: &'static [&'static str],
    why: &'static str,
}

const RESERVED: &[Reserved] = &[
    Reserved { word: "sqlx", allowed_in: &["store"], why: "only the store speaks SQL" },
    Reserved { word: "Utc::now", allowed_in: &["runtime", "commands", "demo"], why: "time comes in as an argument" },
    Reserved { word: "Local::now", allowed_in: &["runtime", "commands", "demo"], why: "time comes in as an argument" },
    Reserved {
        word: "SystemTime::now",
        allowed_in: &["runtime", "commands", "demo"],
        why: "time comes in as an argument",
    },
    Reserved {
        word: "tokio",
        allowed_in: &["store", "session", "runtime", "commands", "demo", "dashboard", "launch"],
        why: "rules, text, model and drawing wait for nothing",
    },
    Reserved {
        word: "ratatui::widgets",
        allowed_in: &[],
        why: "widgets take any string; ui/paint.rs takes safe text only",
    },
];

/// Ways to put a string on the screen without making it safe. Only the painter may name them.
const RAW_DRAWING: &[&str] = &[
    "Line::from",
    "Line::raw",
    "Line::styled",
    "Span::from",
    "Span::raw",
    "Span::styled",
    "Text::from",
    "Text::raw",
    "Paragraph",
    "set_string",
    "set_stringn",
    "set_span",
    "set_line",
    "set_symbol",
    "set_char",
    "buffer_mut",
];

#[test]
fn modules_know_only_whom_the_map_lets_them_know() {
    let arrows: BTreeMap<_, _> = ARROWS.iter().copied().collect();
    let modules: Vec<&str> = ARROWS.iter().map(|(module, _)| *module).collect();
    let mut broken = Vec::new();
    for source in sources() {
        let Some(module) = source.module.as_deref() else { continue };
        let Some(known) = arrows.get(module) else {
            broken.push(format!("{}: the map has no module {module}", source.path.display()));
            continue;
        };
        for other in modules.iter().filter(|other| **other != module && !known.contains(*other)) {
            for (number, line) in source.code() {
                if mentions(line, &format!("crate::{other}")) {
                    broken.push(format!("{}:{number}: {module} may not know {other}", source.path.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn reserved_words_stay_where_they_belong() {
    let mut broken = Vec::new();
    for source in sources() {
        let Some(module) = source.module.as_deref() else { continue };
        for reserved in RESERVED.iter().filter(|reserved| !reserved.allowed_in.contains(&module)) {
            for (number, line) in source.code() {
                if mentions(line, reserved.word) {
                    let place = source.path.display();
                    broken.push(format!("{place}:{number}: {} in {module}: {}", reserved.word, reserved.why));
                }
            }
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn only_the_painter_draws_and_it_takes_safe_text() {
    let mut broken = Vec::new();
    for source in sources() {
        let draws = source.module.as_deref() == Some("ui") || source.module.as_deref() == Some("app");
        // The frame's buffer is handed to the painter in one place.
        let is_allowed = |line: &str| {
            source.path.ends_with("src/ui/paint.rs")
                || (source.path.ends_with("src/ui/mod.rs") && line.contains("Painter::new(frame.buffer_mut()"))
        };
        for (number, line) in source.code() {
            if draws && !is_allowed(line) && RAW_DRAWING.iter().any(|raw| mentions(line, raw)) {
                broken.push(format!("{}:{number}: draws without the painter: {}", source.path.display(), line.trim()));
            }
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn every_source_begins_by_saying_what_it_is() {
    let silent: Vec<_> = sources()
        .into_iter()
        .filter(|source| !source.text.starts_with("//! "))
        .map(|source| source.path.display().to_string())
        .collect();
    assert!(silent.is_empty(), "without a first line of documentation: {silent:#?}");
}

#[test]
fn every_statement_is_one_file_that_opens_with_its_question() {
    let mut broken = Vec::new();
    let statements = files(&root().join("src/store/sql"), "sql");
    assert!(!statements.is_empty(), "no statements below src/store/sql");
    for path in statements {
        let text = fs::read_to_string(&path).unwrap();
        let first = text.lines().next().unwrap_or_default();
        let statement: String = text.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
        if !first.starts_with("-- ") || !first.contains('?') {
            broken.push(format!("{}: the first line is not a question", path.display()));
        }
        if statement.trim_end_matches(';').contains(';') {
            broken.push(format!("{}: more than one statement", path.display()));
        }
        if ["SELECT", "FROM", "WHERE", "INSERT"].iter().any(|word| mentions(&statement, word)) {
            broken.push(format!("{}: SQL is written in lowercase", path.display()));
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn the_map_in_the_crate_documentation_names_every_module() {
    let map = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    for (module, _) in ARROWS {
        assert!(map.contains(&format!("[`{module}`]")), "lib.rs says nothing of {module}");
        assert!(map.contains(&format!("pub mod {module};")), "lib.rs does not declare {module}");
    }
}

/// One file below `src/`.
struct Source {
    path: PathBuf,
    /// The first folder or file below `src/`; none for `lib.rs` and `main.rs`, which know everyone.
    module: Option<String>,
    text: String,
}

impl Source {
    /// Numbered lines of code, without comments and without the tests at the end, which may use what they like.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
            .map(|(index, line)| (index + 1, line))
    }
}

/// Whether the line holds the word as a whole: `sqlx` but not `sqlxs`.
fn mentions(line: &str, word: &str) -> bool {
    let is_part =
        |character: Option<char>| character.is_some_and(|character| character.is_alphanumeric() || character == '_');
    line.match_indices(word)
        .any(|(at, _)| !is_part(line[..at].chars().next_back()) && !is_part(line[at + word.len()..].chars().next()))
}

fn sources() -> Vec<Source> {
    let src = root().join("src");
    let found = files(&src, "rs");
    assert!(!found.is_empty(), "no sources below {}", src.display());
    found
        .into_iter()
        .map(|path| {
            let below = path.strip_prefix(&src).unwrap();
            let first = below.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
            let module = first.trim_end_matches(".rs").to_owned();
            let module = (!matches!(module.as_str(), "lib" | "main")).then_some(module);
            let text = fs::read_to_string(&path).unwrap();
            Source { path, module, text }
        })
        .collect()
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
