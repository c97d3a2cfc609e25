//! The guards inside a function: each refusal, each condition that leads to one, each call of a function that refuses, each
//! condition by which a call chooses what it touches. Read from the function's own text, so that none can be forgotten.

use std::ops::Range;

/// One guard, and the body of the function without it.
#[derive(Debug)]
pub struct Inside {
    /// The outcome or SQLSTATE that it answers with, where it says so itself.
    pub answers: Option<String>,
    pub text: String,
    pub body: String,
    /// The body without it and without what else of the same words it holds, where it says the same thing twice.
    pub body_without_all: Option<String>,
}

/// What a call answers when it did as it was told.
const AGREES: [&str; 7] = ["applied", "claimed", "empty", "ok", "opened", "swept", "resealed"];

pub fn guards(body: &str) -> Vec<Inside> {
    let source = Source { tokens: tokens(body) };
    let mut guards: Vec<(Option<String>, Range<usize>, &str)> = Vec::new();
    for place in 0..source.tokens.len() {
        let Some((answers, span, without)) = source.refusal_at(place) else { continue };
        guards.push((answers.clone(), span.clone(), without));
        let first =
            source.tokens.iter().position(|token| token.range.start >= span.start).expect("it begins with a token");
        if let Some(condition) = source.condition_before(first) {
            let parts = source.alternatives(condition);
            if parts.len() > 1 {
                guards.extend(parts.into_iter().map(|part| (answers.clone(), source.span(part), "false")));
            }
        }
    }
    for place in 0..source.tokens.len() {
        let conditions = source.conditions_of_a_choice(place);
        guards.extend(conditions.into_iter().map(|condition| (None, source.span(condition), "true")));
    }
    guards.sort_by_key(|(_, span, _)| (span.start, span.end));
    guards.dedup_by_key(|(_, span, _)| span.clone());
    let without = |spans: &[(Range<usize>, &str)]| {
        let mut rest = body.to_owned();
        for (span, instead) in spans.iter().rev() {
            rest.replace_range(span.clone(), instead);
        }
        rest
    };
    let inside = |(answers, span, instead): &(Option<String>, Range<usize>, &'static str)| {
        let words = |span: &Range<usize>| body[span.clone()].split_whitespace().collect::<Vec<_>>();
        let alike: Vec<_> = guards
            .iter()
            .filter(|(_, other, _)| words(other) == words(span))
            .map(|(_, other, instead)| (other.clone(), *instead))
            .collect();
        Inside {
            answers: answers.clone(),
            text: shortened(&body[span.clone()]),
            body: without(&[(span.clone(), instead)]),
            body_without_all: (alike.len() > 1).then(|| without(&alike)),
        }
    };
    guards.iter().map(inside).collect()
}

/// Each lock that a function takes, by its clause, and the body of the function without it.
pub fn locks(body: &str) -> Vec<(String, String)> {
    let source = Source { tokens: tokens(body) };
    let mut found: Vec<(String, String)> = Vec::new();
    for place in 0..source.tokens.len() {
        let Some((tokens, instead)) = source.lock_at(place) else { continue };
        let span = source.span(tokens);
        let clause = body[span.clone()].split_whitespace().collect::<Vec<_>>().join(" ");
        let before =
            found.iter().filter(|(name, _)| *name == clause || name.starts_with(&format!("{clause} ("))).count();
        let name = if before == 0 { clause } else { format!("{clause} ({})", before + 1) };
        found.push((name, format!("{}{instead}{}", &body[..span.start], &body[span.end..])));
    }
    found
}

fn shortened(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(100) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[derive(Debug)]
struct Token<'b> {
    text: &'b str,
    range: Range<usize>,
    /// How many parentheses are open around it.
    depth: usize,
}

struct Source<'b> {
    tokens: Vec<Token<'b>>,
}

impl Source<'_> {
    fn word(&self, place: usize) -> &str {
        self.tokens.get(place).map_or("", |token| token.text)
    }

    fn span(&self, tokens: Range<usize>) -> Range<usize> {
        self.tokens[tokens.start].range.start..self.tokens[tokens.end - 1].range.end
    }

    /// What begins here and refuses: its answer, where it stands, and what stands there without it.
    fn refusal_at(&self, place: usize) -> Option<(Option<String>, Range<usize>, &'static str)> {
        let word = self.word(place);
        if word == "raise" && self.word(place + 1) == "exception" {
            let code = (place..place + 12).find(|at| self.word(*at) == "errcode").map(|at| self.word(at + 2));
            let instead = if self.is_in_handler(place) { "raise;" } else { "null;" };
            return Some((code.map(unquoted), self.statement(place), instead));
        }
        if word == "return" && self.word(place + 1).starts_with('\'') && self.word(place + 2) == ";" {
            let answer = unquoted(self.word(place + 1));
            let is_outcome = !answer.starts_with('{');
            if is_outcome {
                return Some((Some(answer), self.statement(place), "null;"));
            }
        }
        if word == "perform" && ["check_", "as_", "begin_"].iter().any(|start| self.word(place + 3).starts_with(start))
        {
            return Some((None, self.statement(place), "null;"));
        }
        if word == "queue" && self.word(place + 2).starts_with("refuse_") && self.word(place + 3) == "(" {
            return Some((None, self.span(place..self.closing(place + 3) + 1), "null::jsonb"));
        }
        if word.starts_with('\'') && self.word(place.checked_sub(1)?) == "then" && self.is_assigned_to(place, "refused")
        {
            return Some((None, self.span(place..place + 1), "null"));
        }
        let (answer, end) = self.outcome_at(place)?;
        if AGREES.contains(&answer.as_str()) {
            return None;
        }
        let begins =
            (0..place).rev().find(|at| matches!(self.word(*at), ";" | "then" | "else" | "loop" | "begin"))? + 1;
        match self.word(begins) {
            "return" => Some((Some(answer), self.statement(begins), "null;")),
            _ => Some((Some(answer), self.span(place..end), "null::jsonb")),
        }
    }

    /// `jsonb_build_object('outcome', 'word', …)` or `'{"outcome": "word"}'`: the word, and the token behind it all.
    fn outcome_at(&self, place: usize) -> Option<(String, usize)> {
        let word = self.word(place);
        if word == "jsonb_build_object" && self.word(place + 2) == "'outcome'" && self.word(place + 4).starts_with('\'')
        {
            return Some((unquoted(self.word(place + 4)), self.closing(place + 1) + 1));
        }
        let rest = word.strip_prefix("'{\"outcome\": \"")?;
        let end = if self.word(place + 1) == ":" { place + 4 } else { place + 1 };
        Some((rest.split('"').next()?.to_owned(), end))
    }

    /// `for update`, `for share` and the like with what belongs to it, or `lock table`.
    fn lock_at(&self, place: usize) -> Option<(Range<usize>, &'static str)> {
        let words: Vec<&str> = (place..place + 7).map(|at| self.word(at)).collect();
        let mut end = match words[..] {
            ["lock", "table", ..] => {
                let ends = (place..self.tokens.len()).find(|at| self.word(*at) == ";")?;
                return Some((place..ends, "null"));
            }
            ["for", "update" | "share", next, ..] if next != "in" => place + 2,
            ["for", "key", "share", ..] => place + 3,
            ["for", "no", "key", "update", ..] => place + 4,
            _ => return None,
        };
        if self.word(end) == "of" {
            end += 2;
        }
        if self.word(end) == "skip" {
            end += 2;
        }
        Some((place..end, ""))
    }

    fn is_assigned_to(&self, place: usize, variable: &str) -> bool {
        let begins = (0..place).rev().find(|at| self.word(*at) == ";");
        begins.is_some_and(|at| self.word(at + 1) == variable && self.word(at + 2) == ":")
    }

    /// What a `where`, an `on` or the `select` of a truth asks for, all of which must hold: it chooses what a call may touch.
    fn conditions_of_a_choice(&self, place: usize) -> Vec<Range<usize>> {
        const BEHIND: [&str; 16] = [
            ";",
            "order",
            "group",
            "limit",
            "for",
            "returning",
            "union",
            "loop",
            "join",
            "left",
            "cross",
            "where",
            "then",
            "when",
            "on",
            "having",
        ];
        let begins = match (self.word(place), self.word(place + 1)) {
            ("on", "conflict" | "constraint") => return Vec::new(),
            // What is only counted is neither chosen nor touched.
            ("where", _) if place > 1 && self.word(place - 2) == "filter" => return Vec::new(),
            ("where" | "on", _) => place + 1,
            ("select", _) if place == 0 => place + 1,
            _ => return Vec::new(),
        };
        let depth = self.tokens[place].depth;
        let ends = (begins..self.tokens.len())
            .find(|at| {
                self.tokens[*at].depth < depth || (self.tokens[*at].depth == depth && BEHIND.contains(&self.word(*at)))
            })
            .unwrap_or(self.tokens.len());
        let conditions = self.split(begins..ends, "and");
        match conditions.len() {
            1 => Vec::new(),
            _ => conditions,
        }
    }

    fn is_in_handler(&self, place: usize) -> bool {
        (1..place).any(|at| self.word(at) == "exception" && self.word(at + 1) == "when")
    }

    fn statement(&self, begins: usize) -> Range<usize> {
        let ends = (begins..self.tokens.len()).find(|at| self.word(*at) == ";").expect("a statement ends");
        self.span(begins..ends + 1)
    }

    fn closing(&self, opening: usize) -> usize {
        let depth = self.tokens[opening].depth;
        (opening + 1..self.tokens.len())
            .find(|at| self.word(*at) == ")" && self.tokens[*at].depth == depth)
            .expect("a parenthesis is closed")
    }

    /// The tokens between the `if`, `elsif` or `when` and the `then` that lead to this place.
    fn condition_before(&self, place: usize) -> Option<Range<usize>> {
        let then = self.outwards(place, &["then"])?;
        let opens = self.outwards(then, &["if", "elsif", "when"])?;
        let is_handler = self.word(opens) == "when" && self.word(opens.checked_sub(1)?) == "exception";
        (!is_handler).then_some(opens + 1..then)
    }

    /// The nearest of these words before a place that is not inside something that ended before it.
    fn outwards(&self, place: usize, wanted: &[&str]) -> Option<usize> {
        let mut ended = 0;
        for at in (0..place).rev() {
            let word = self.word(at);
            let after_end = at > 0 && self.word(at - 1) == "end";
            match word {
                "end" => ended += 1,
                "if" | "case" | "loop" | "begin" if after_end => {}
                "if" | "case" | "loop" | "begin" if ended > 0 => ended -= 1,
                _ if ended == 0 && wanted.contains(&word) => return Some(at),
                "else" | "loop" | "begin" if ended == 0 => return None,
                _ => {}
            }
        }
        None
    }

    /// The conditions of which any one alone is enough.
    fn alternatives(&self, condition: Range<usize>) -> Vec<Range<usize>> {
        let either = self.split(condition.clone(), "or");
        if either.len() > 1 {
            return either.into_iter().flat_map(|part| self.alternatives(part)).collect();
        }
        for part in self.split(condition.clone(), "and") {
            let is_group = self.word(part.start) == "(" && self.closing(part.start) == part.end - 1;
            if is_group {
                let inner = self.alternatives(part.start + 1..part.end - 1);
                if inner.len() > 1 {
                    return inner;
                }
            }
        }
        vec![condition]
    }

    fn split(&self, range: Range<usize>, at_word: &str) -> Vec<Range<usize>> {
        let depth = self.tokens[range.start].depth;
        let (mut parts, mut begins, mut in_between, mut in_case) = (Vec::new(), range.start, false, 0);
        for at in range.clone() {
            let token = &self.tokens[at];
            match token.text {
                "case" => in_case += 1,
                "end" => in_case -= 1,
                _ if token.depth != depth || in_case > 0 => {}
                "between" => in_between = true,
                "and" if in_between => in_between = false,
                word if word == at_word => {
                    parts.push(begins..at);
                    begins = at + 1;
                }
                _ => {}
            }
        }
        parts.push(begins..range.end);
        parts
    }
}

fn unquoted(literal: &str) -> String {
    literal.trim_matches('\'').to_owned()
}

fn tokens(body: &str) -> Vec<Token<'_>> {
    let bytes = body.as_bytes();
    let (mut tokens, mut at, mut depth) = (Vec::new(), 0, 0);
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            b'-' if bytes.get(at + 1) == Some(&b'-') => {
                at += body[at..].find('\n').unwrap_or(body.len() - at);
                continue;
            }
            b'\'' => {
                at += 1;
                while bytes[at] != b'\'' || bytes.get(at + 1) == Some(&b'\'') {
                    at += if bytes[at] == b'\'' { 2 } else { 1 };
                }
                at += 1;
            }
            byte if byte.is_ascii_alphanumeric() || byte == b'_' => {
                while bytes.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
                    at += 1;
                }
            }
            _ => at += body[at..].chars().next().map_or(1, char::len_utf8),
        }
        if bytes[start] == b')' {
            depth -= 1;
        }
        tokens.push(Token { text: &body[start..at], range: start..at, depth });
        if bytes[start] == b'(' {
            depth += 1;
        }
    }
    tokens
}

#[test]
fn every_refusal_and_every_way_to_it_is_found() {
    let body = "
begin
    if a = 1 or (b between 2 and 3 and c) then
        raise exception using errcode = 'CS002', message = 'no; not this';
    end if;
    answer := case when d or e then '{\"outcome\": \"not_found\"}'::jsonb end;
    perform queue.check_sealed(f);
    if answer is null and (g or case when h then i end) then
        perform queue.audit();
        return jsonb_build_object('outcome', 'held', 'job_id', j(k));
    end if;
    return '{\"outcome\": \"applied\"}';
end";
    let found: Vec<_> = guards(body).into_iter().map(|guard| (guard.answers, guard.text)).collect();
    let expected = [
        (Some("CS002"), "a = 1"),
        (Some("CS002"), "(b between 2 and 3 and c)"),
        (Some("CS002"), "raise exception using errcode = 'CS002', message = 'no; not this';"),
        (Some("not_found"), "d"),
        (Some("not_found"), "e"),
        (Some("not_found"), "'{\"outcome\": \"not_found\"}'::jsonb"),
        (None, "perform queue.check_sealed(f);"),
        (Some("held"), "g"),
        (Some("held"), "case when h then i end"),
        (Some("held"), "return jsonb_build_object('outcome', 'held', 'job_id', j(k));"),
    ];
    let expected: Vec<_> = expected.map(|(answers, text)| (answers.map(str::to_owned), text.to_owned())).into();
    assert_eq!(found, expected);
    let without = guards(body).swap_remove(1).body;
    assert!(without.contains("if a = 1 or false then"), "{without}");
}
