//! Attacks, as they stand in the files beside this one.

use std::fs;
use std::path::Path;

/// Something that is refused, or comes to nothing, as long as every guard stands.
#[derive(Debug, Clone)]
pub struct Attack {
    pub what: String,
    /// A fixture, or `owner` for whoever owns the tables.
    pub login: String,
    pub is_repeatable_read: bool,
    /// What it comes to, in the words of `world.result`.
    pub expected: String,
    /// What the superuser arranges first.
    pub preparation: String,
    pub statement: String,
    /// Functions whose guards it is meant for, beside those that the statement names.
    pub meant_for: Vec<String>,
}

/// One `-- HEAD · what it is` with the SQL below it.
pub struct Block {
    pub head: String,
    pub what: String,
    pub sql: String,
}

/// The blocks of a file. Comments without a middle dot are for people.
pub fn blocks(file: &str) -> Vec<Block> {
    let text = read(file);
    let mut blocks: Vec<Block> = Vec::new();
    for line in text.lines() {
        match line.strip_prefix("-- ") {
            Some(comment) if comment.starts_with('`') => {}
            Some(comment) => {
                if let Some((head, what)) = comment.split_once(" · ") {
                    blocks.push(Block { head: head.to_owned(), what: what.to_owned(), sql: String::new() });
                }
            }
            None if line == "--" => {}
            None => {
                if let Some(block) = blocks.last_mut() {
                    block.sql.push_str(line);
                    block.sql.push('\n');
                }
            }
        }
    }
    for block in &mut blocks {
        block.sql = block.sql.trim().to_owned();
    }
    blocks
}

/// The attacks of a file: `-- LOGIN: EXPECTED · what`, and below it statements of which the last is the attack.
pub fn attacks(file: &str) -> Vec<Attack> {
    blocks(file).into_iter().map(attack).collect()
}

fn attack(block: Block) -> Attack {
    let (login, expected) = block.head.split_once(": ").expect("an attack begins with `-- LOGIN: EXPECTED · what`");
    let sql = block.sql.trim_end_matches(';');
    let (preparation, statement) = sql.rsplit_once(";\n").unwrap_or(("", sql));
    let (what, meant_for) = match block.what.strip_suffix(']').and_then(|what| what.rsplit_once(" [")) {
        Some((what, functions)) => (what.to_owned(), functions.split(", ").map(str::to_owned).collect()),
        None => (block.what, Vec::new()),
    };
    Attack {
        what,
        meant_for,
        login: login.split(',').next().unwrap_or(login).to_owned(),
        is_repeatable_read: login.ends_with(", repeatable read"),
        expected: expected.to_owned(),
        preparation: preparation.to_owned(),
        statement: statement.to_owned(),
    }
}

pub fn read(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/removal").join(file)).unwrap()
}
