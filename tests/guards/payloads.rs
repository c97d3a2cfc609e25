//! I1: what `safe_payload` takes, against a judge that shares nothing with the database: it never parses, because it knows
//! what was written.

use std::cell::Cell;

use countersign::domain::JobId;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::{Database, Figure, database, scaled};

/// The words that the test database has registered, by the field that takes them. The job goes by e-mail.
const TAKEN: [(&str, &[&str]); 5] = [
    ("language", &["en", "de"]),
    ("intent_code", &["refund", "card_arrival"]),
    ("channel_kind", &["email"]),
    ("routing_hint", &["role:reviewer", "role:team_lead"]),
    ("retry_reason_code", &["wrong_tone", "provider_timeout"]),
];
/// All that a refusal may say.
const SENTENCES: [&str; 3] = [
    "safe_payload is not JSON",
    "safe_payload may carry codes and numbers only",
    "safe_payload holds something that is not a registered code",
];

/// A number as it is written: sign, digits before and after the point, exponent.
#[derive(Debug, Clone)]
struct Number {
    minus: bool,
    whole: u32,
    fraction: String,
    exponent: Option<i32>,
}

#[derive(Debug, Clone)]
enum Value {
    Null,
    Truth(bool),
    Number(Number),
    Text(String),
    /// A text with an escape that stands for no character.
    NoText(&'static str),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

/// What is handed in: JSON written out with or without escapes, or what remains of it.
#[derive(Debug, Clone)]
struct Payload {
    value: Value,
    escaped: bool,
    /// The text ends before its end.
    cut: bool,
}

impl Number {
    /// Digits behind the point that are left when the exponent was applied, and the number without its point.
    fn scale(&self) -> (i64, u128) {
        let digits = format!("{}{}", self.whole, self.fraction).parse().unwrap();
        (self.fraction.len() as i64 - i64::from(self.exponent.unwrap_or(0)), digits)
    }

    /// Whether it is from 0 to `highest`, with at most so many digits behind the point.
    fn is_within(&self, highest: u128, most_digits: i64) -> bool {
        let (scale, digits) = self.scale();
        match (digits, u32::try_from(scale)) {
            (0, _) => scale <= most_digits,
            (_, Ok(scale)) if i64::from(scale) <= most_digits => !self.minus && digits <= highest * 10u128.pow(scale),
            (_, Ok(_)) => false,
            // The exponent moves the point past the last digit.
            (_, Err(_)) => {
                !self.minus && 10u128.checked_pow((-scale) as u32).is_some_and(|power| digits * power <= highest)
            }
        }
    }

    fn write(&self) -> String {
        let mut text = format!("{}{}", if self.minus { "-" } else { "" }, self.whole);
        if !self.fraction.is_empty() {
            text += &format!(".{}", self.fraction);
        }
        if let Some(exponent) = self.exponent {
            text += &format!("e{exponent}");
        }
        text
    }
}

impl Value {
    fn is_taken_by(&self, key: &str) -> bool {
        match (key, self) {
            ("priority", Value::Number(number)) => number.is_within(9, 0),
            ("confidence", Value::Number(number)) => number.is_within(1, 3),
            (_, Value::Text(text)) => {
                TAKEN.iter().any(|(field, words)| *field == key && words.contains(&text.as_str()))
            }
            _ => false,
        }
    }

    fn is_writable(&self) -> bool {
        match self {
            Value::NoText(_) => false,
            Value::List(values) => values.iter().all(Value::is_writable),
            Value::Object(fields) => fields.iter().all(|(_, value)| value.is_writable()),
            _ => true,
        }
    }

    fn write(&self, escaped: bool) -> String {
        let joined = |parts: Vec<String>| parts.join(if escaped { ",\n\t" } else { "," });
        match self {
            Value::Null => "null".to_owned(),
            Value::Truth(truth) => truth.to_string(),
            Value::Number(number) => number.write(),
            Value::Text(text) => quoted(text, escaped),
            Value::NoText(escape) => format!("\"{escape}\""),
            Value::List(values) => format!("[{}]", joined(values.iter().map(|value| value.write(escaped)).collect())),
            Value::Object(fields) => {
                let field =
                    |(key, value): &(String, Value)| format!("{}: {}", quoted(key, escaped), value.write(escaped));
                format!("{{{}}}", joined(fields.iter().map(field).collect()))
            }
        }
    }
}

impl Payload {
    /// The last of several fields of one name counts.
    fn is_a_signal(&self) -> bool {
        let Value::Object(fields) = &self.value else { return false };
        let is_last = |index: usize| fields[index + 1..].iter().all(|(key, _)| *key != fields[index].0);
        !self.cut
            && self.value.is_writable()
            && (0..fields.len())
                .filter(|index| is_last(*index))
                .all(|index| fields[index].1.is_taken_by(&fields[index].0))
    }

    fn write(&self) -> String {
        let mut text = self.value.write(self.escaped);
        if self.cut {
            text.pop();
        }
        text
    }
}

fn quoted(text: &str, escaped: bool) -> String {
    let mut written = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => written += "\\\"",
            '\\' => written += "\\\\",
            _ if escaped || letter.is_control() => {
                written.extend(letter.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04X}")));
            }
            _ => written.push(letter),
        }
    }
    written + "\""
}

fn word() -> impl Strategy<Value = String> {
    let taken: Vec<&str> = TAKEN.iter().flat_map(|(_, words)| words.iter().copied()).collect();
    let similar =
        vec!["EN", "еn", "ｅｎ", "en\u{200b}", "en ", "sms", "jane_canary", "+49 151 2345678", "j@x.example", ""];
    prop_oneof![
        6 => prop::sample::select(taken).prop_map(str::to_owned),
        2 => prop::sample::select(similar).prop_map(str::to_owned),
        1 => "[^\\x00]{0,12}",
    ]
}

fn key() -> impl Strategy<Value = String> {
    let known =
        vec!["language", "intent_code", "priority", "channel_kind", "routing_hint", "confidence", "retry_reason_code"];
    let similar = vec!["Language", "lаnguage", "language ", "langu\u{200b}age", "PRIORITY", "body", "customer_ref", ""];
    prop_oneof![
        12 => prop::sample::select(known).prop_map(str::to_owned),
        1 => prop::sample::select(similar).prop_map(str::to_owned),
    ]
}

fn number() -> impl Strategy<Value = Number> {
    (any::<bool>(), prop_oneof![0..3u32, 0..12u32, any::<u32>()], "[0-9]{0,5}", prop::option::of(-6..7i32)).prop_map(
        |(minus, whole, fraction, exponent)| Number { minus: minus && whole % 3 == 0, whole, fraction, exponent },
    )
}

fn value() -> impl Strategy<Value = Value> {
    let plain = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Truth),
        8 => number().prop_map(Value::Number),
        12 => word().prop_map(Value::Text),
        1 => prop::sample::select(vec!["\\u0000", "\\ud800", "\\uDC00x"]).prop_map(Value::NoText),
    ];
    plain.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::List),
            prop::collection::vec((key(), inner), 0..3).prop_map(Value::Object),
        ]
    })
}

/// A field that is mostly well formed, so that what is taken comes up often enough.
fn field() -> impl Strategy<Value = (String, Value)> {
    let known = prop::sample::select(TAKEN.to_vec()).prop_flat_map(|(key, words)| {
        (Just(key.to_owned()), prop::sample::select(words).prop_map(|word| Value::Text(word.to_owned())))
    });
    let counted = (prop::sample::select(vec!["priority", "confidence"]), number())
        .prop_map(|(key, number)| (key.to_owned(), Value::Number(number)));
    prop_oneof![4 => known, 4 => counted, 3 => (key(), value())]
}

fn payload() -> impl Strategy<Value = Payload> {
    let whole = prop_oneof![20 => prop::collection::vec(field(), 0..6).prop_map(Value::Object), 1 => value()];
    (whole, any::<bool>(), prop::bool::weighted(0.03)).prop_map(|(value, escaped, cut)| Payload { value, escaped, cut })
}

/// Writes each payload into a job's row as a call would, and says of each what it was refused with, if it was.
const TRY_OUT: &str = "
    create function public.try_out(payloads text[], job bigint) returns table (message text, more text) language plpgsql as $$
    declare
        payload text;
    begin
        foreach payload in array payloads loop
            begin
                update queue.job_queue set safe_payload = queue.as_codes(payload) where job_id = job;
                message := null;
                more := null;
            exception when others then
                get stacked diagnostics message = message_text, more = pg_exception_detail;
            end;
            return next;
        end loop;
    end $$";

async fn refusals(db: &Database, job: JobId, texts: &[String]) -> Vec<(Option<String>, Option<String>)> {
    let asked = sqlx::query_as("select message, more from public.try_out($1, $2)").bind(texts).bind(job.0);
    asked.fetch_all(db.pool()).await.unwrap()
}

#[test]
fn i1_the_wall_takes_what_a_judge_of_its_own_takes_and_nothing_else() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (db, job) = runtime.block_on(async {
        let db = database().await;
        db.execute(TRY_OUT).await;
        let job = db.question().await.job;
        (db, job)
    });
    let figure = Figure::begin("I1, payloads judged twice");
    let (taken, refused) = (Cell::new(0), Cell::new(0));
    let config = Config { cases: scaled(30, 4_000) as u32, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&prop::collection::vec(payload(), 50), |payloads| {
        let texts: Vec<String> = payloads.iter().map(Payload::write).collect();
        let refusals = runtime.block_on(refusals(&db, job, &texts));
        for ((payload, text), (message, more)) in payloads.iter().zip(&texts).zip(refusals) {
            prop_assert_eq!(message.is_none(), payload.is_a_signal(), "{}", text);
            let Some(message) = message else {
                taken.set(taken.get() + 1);
                continue;
            };
            refused.set(refused.get() + 1);
            // Our sentence, and nothing else.
            prop_assert!(SENTENCES.contains(&message.as_str()), "{}: {}", text, message);
            prop_assert_eq!(more.as_deref(), Some(""), "{}", text);
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    let (taken, refused) = (taken.get(), refused.get());
    assert!(taken * 9 > refused && refused * 9 > taken, "{taken} taken, {refused} refused: too much of one");
    figure.end(taken + refused);
    runtime.block_on(async move { drop(db) });
}

/// What a registered word can never be long enough for: the size itself.
#[tokio::test]
async fn i1_a_payload_is_at_most_one_kilobyte_as_the_database_writes_it() {
    let db = database().await;
    let frame = r#"{"intent_code": ""}"#.len();
    for (length, fits) in [(1024 - frame, true), (1025 - frame, false)] {
        let shaped = format!("select queue.has_signal_shape(jsonb_build_object('intent_code', repeat('x', {length})))");
        assert_eq!(db.value::<bool>(&shaped).await, fits, "{length}");
        // Bytes count, not letters.
        let wide = shaped.replace("'x', ", "'é', ");
        assert!(!db.value::<bool>(&wide).await);
    }
}
