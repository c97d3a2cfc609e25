//! Rows that go in, from `rows.sql`, and what is changed in them to see who refuses.

use super::attack::{Attack, Block, blocks};

/// A row that goes in, and the changes that a rule refuses: its name, what it is, the change.
pub struct Sample {
    pub table: String,
    what: String,
    new: String,
    bad: Vec<Block>,
}

pub fn samples() -> Vec<Sample> {
    let mut samples: Vec<Sample> = Vec::new();
    for block in blocks("rows.sql") {
        match samples.last_mut() {
            Some(sample) if !block.head.contains('.') => sample.bad.push(block),
            _ => samples.push(Sample { table: block.head, what: block.what, new: block.sql, bad: Vec::new() }),
        }
    }
    samples
}

impl Sample {
    fn attack(&self, what: String, expected: String, statement: String) -> Attack {
        let preparation = format!("alter table {} disable trigger user", self.table);
        Attack {
            what,
            login: "owner".to_owned(),
            is_repeatable_read: false,
            meant_for: Vec::new(),
            expected,
            preparation,
            statement,
        }
    }

    pub fn as_it_stands(&self) -> Attack {
        let statement = format!("select world.insert('{}', ({})::jsonb)", self.table, self.new);
        self.attack(format!("{} goes in", self.what), "inserted".to_owned(), statement)
    }

    fn changed(&self, what: String, change: &str, expected: String) -> Attack {
        let statement = format!("select world.insert('{}', ({}) || ({change})::jsonb)", self.table, self.new);
        self.attack(what, expected, statement)
    }

    /// What the rule refuses in this row.
    pub fn against(&self, name: &str, kind: &str, columns: &str) -> Vec<Attack> {
        let what = &self.what;
        let by_hand = |sqlstate: &str| {
            let expected = format!("{sqlstate} {name}");
            let bad = self.bad.iter().filter(|bad| bad.head == name);
            bad.map(|bad| self.changed(format!("{what}: {}", bad.what), &bad.sql, expected.clone())).collect()
        };
        match kind {
            "c" => by_hand("23514"),
            "n" => {
                let change = format!("jsonb_build_object('{name}', null)");
                vec![self.changed(format!("{what} without {name}"), &change, format!("23502 {name}"))]
            }
            "f" => {
                let attacks: Vec<Attack> = by_hand("23503");
                if !attacks.is_empty() {
                    return attacks;
                }
                let change = format!("world.nowhere('{}', '{columns}')", self.table);
                vec![self.changed(format!("{what} that refers to nothing"), &change, format!("23503 {name}"))]
            }
            _ => {
                let statement = format!(
                    "select world.insert_twice('{}', {new}, {new}, array(select jsonb_array_elements_text('{columns}')))",
                    self.table,
                    new = self.new
                );
                vec![self.attack(format!("{what} twice"), format!("23505 {name}"), statement)]
            }
        }
    }

    /// Words where none belong, in each column that could hold some: put in, and written over what was there.
    pub fn with_words(&self, columns: &[(String, String)]) -> Vec<Attack> {
        let table = &self.table;
        let attacks = columns.iter().flat_map(|(column, kind)| {
            let words = match kind.as_str() {
                "text[]" => "array['my card has not arrived']",
                "jsonb" => "'{\"body\": \"my card has not arrived\"}'::jsonb",
                "bytea" => "'\\x00'::bytea",
                _ => "'my card has not arrived'::text",
            };
            let put_in = Attack {
                preparation: String::new(),
                ..self.changed(
                    format!("{} with words for {column}", self.what),
                    &format!("jsonb_build_object('{column}', {words})"),
                    "CS008".to_owned(),
                )
            };
            let written_over = Attack {
                preparation: format!("select world.put('{table}', ({})::jsonb)", self.new),
                ..self.attack(
                    format!("{} that gets words for {column}", self.what),
                    "CS008".to_owned(),
                    format!("update {table} set {column} = {words} where ctid = (select max(ctid) from {table})"),
                )
            };
            [put_in, written_over]
        });
        attacks.collect()
    }
}
