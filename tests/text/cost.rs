//! The work grows with the text, not with its square.

use std::hint::black_box;
use std::time::Duration;

use countersign::text::SafeText;
use rustix::time::{ClockId, clock_gettime};

/// A text of eight times the length may take eight times as long, and where caches are small some more. Its square would take sixty-four times as long.
const MOST_TIMES: u32 = 30;

/// What this thread has used of a processor: what others do meanwhile does not count.
fn spent() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().expect("time used is not negative")
}

fn cost_grows_with_the_length(beginning: &str, repeated: &str) {
    let long = 24_000 / repeated.chars().count();
    let cost = |times: usize| {
        let text = format!("{beginning}{}", repeated.repeat(times));
        let measure = || {
            let start = spent();
            let safe = SafeText::from_untrusted(&text);
            for line in safe.lines() {
                black_box((line.wrap(40), line.fit(40), line.ascii_only()));
            }
            spent() - start
        };
        (0..3).map(|_| measure()).min().unwrap_or_default().max(Duration::from_micros(200))
    };
    let (short, long) = (cost(long / 8), cost(long));
    assert!(long < short * MOST_TIMES, "{beginning:?} {repeated:?}: {short:?}, then {long:?}");
}

#[test]
fn cost_is_linear_in_one_line_of() {
    let kinds = [
        ("", "a"),
        ("", "word "),
        ("e", "\u{301}"),
        ("", "\u{301}"),
        ("", "e\u{301}\u{308}"),
        ("", "中"),
        ("", "\u{1100}"),
        ("", "\u{1161}"),
        ("", "\u{1F1E9}"),
        ("", "👩\u{200D}"),
        ("👩", "\u{FE0F}\u{200D}"),
        ("", "\u{915}\u{94D}"),
        ("", "\u{200B}"),
        ("", "\u{200B}\u{200C}"),
        ("", "a\u{200B}"),
        ("", "\t"),
        ("", "\u{600}"),
        ("", "\u{1B}[31m"),
        ("", "\u{430}a"),
    ];
    for (beginning, repeated) in kinds {
        cost_grows_with_the_length(beginning, repeated);
    }
}

#[test]
fn cost_is_linear_in_broken_links() {
    let kinds =
        ["](", "[", "[a](", "<a ", "<a href=x>", "<", "://", "a://", "http://a@", "www.", "www.a", "(http://a.b)"];
    for repeated in kinds {
        cost_grows_with_the_length("", repeated);
        cost_grows_with_the_length("[http://a.test](", repeated);
    }
}

#[test]
fn a_flood_of_marks_stays_short() {
    let safe = SafeText::from_untrusted(&format!("e{}", "\u{301}".repeat(100_000)));
    assert_eq!(safe.to_string(), format!("e{}<+99993 marks>", "\u{301}".repeat(7)));
    let safe = SafeText::from_untrusted(&"\u{200B}".repeat(4000));
    assert_eq!(safe.to_string(), "<U+200B x 4000>");
    let tags: String = (0..4000)
        .map(|n| char::from(b'a' + (n % 26) as u8))
        .map(|c| char::from_u32(0xE0000 + u32::from(c)).unwrap())
        .collect();
    let safe = SafeText::from_untrusted(&tags);
    assert!(safe.lines()[0].width() < 400, "{}", safe.lines()[0].width());
    assert_eq!(safe.findings().hidden, 4000);
}
