//! Why a line was refused: a category and a place, never a word of what stood there.

use std::fmt;

use serde_json::error::Category;

/// What is wrong with one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    TooLong,
    NotJson {
        column: usize,
    },
    NotAnObject,
    UnknownField {
        column: usize,
    },
    MissingField {
        column: usize,
    },
    RepeatedField {
        column: usize,
    },
    WrongType {
        column: usize,
    },
    /// A field that is there and cannot be what it says. The name is one of the format's, not the line's.
    Bad {
        field: String,
        reason: &'static str,
    },
    /// A code that nobody registered.
    Unregistered {
        what: &'static str,
    },
    /// The database's answer, such as `switched_off`.
    Answered {
        reason: String,
    },
}

impl Fault {
    pub fn bad(field: impl Into<String>, reason: &'static str) -> Fault {
        Fault::Bad { field: field.into(), reason }
    }

    /// What is wrong without the place, so that thousands of the same can be counted as one.
    pub fn category(&self) -> String {
        match self {
            Fault::NotJson { .. } => "not JSON".to_owned(),
            Fault::UnknownField { .. } => "unknown field".to_owned(),
            Fault::MissingField { .. } => "missing field".to_owned(),
            Fault::RepeatedField { .. } => "field given twice".to_owned(),
            Fault::WrongType { .. } => "wrong type of value".to_owned(),
            Fault::Bad { field, reason } => {
                let name: String = field.chars().filter(|letter| !letter.is_ascii_digit()).collect();
                format!("{name}: {reason}")
            }
            Fault::TooLong | Fault::NotAnObject | Fault::Unregistered { .. } | Fault::Answered { .. } => {
                self.to_string()
            }
        }
    }

    /// Takes the category and the column. The error's own text is only compared with serde's fixed beginnings, because
    /// what follows quotes the line.
    pub fn from_json(error: &serde_json::Error) -> Fault {
        let column = error.column();
        if error.classify() != Category::Data {
            return Fault::NotJson { column };
        }
        let text = error.to_string();
        if text.starts_with("unknown field") {
            Fault::UnknownField { column }
        } else if text.starts_with("missing field") {
            Fault::MissingField { column }
        } else if text.starts_with("duplicate field") {
            Fault::RepeatedField { column }
        } else {
            Fault::WrongType { column }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::TooLong => write!(f, "longer than {} MB", super::lines::LONGEST / 1024 / 1024),
            Fault::NotJson { column } => write!(f, "not JSON at column {column}"),
            Fault::NotAnObject => f.write_str("not an object"),
            Fault::UnknownField { column } => write!(f, "unknown field at column {column}"),
            Fault::MissingField { column } => write!(f, "missing field in the object that ends at column {column}"),
            Fault::RepeatedField { column } => write!(f, "field given twice at column {column}"),
            Fault::WrongType { column } => write!(f, "wrong type of value at column {column}"),
            Fault::Bad { field, reason } => write!(f, "{field}: {reason}"),
            Fault::Unregistered { what } => write!(f, "unregistered {what}"),
            Fault::Answered { reason } => f.write_str(reason),
        }
    }
}
