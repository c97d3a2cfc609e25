//! Any number of hostile texts, each from its number alone, and everything that holds for one of them.

use countersign::text::{OpenedText, Rows, SafeLine, View};

use super::{oracle, terminal};

/// What one terminal in so many texts is drawn for; the parser reads the lines of all.
const DRAWN: u64 = 64;

/// Makes the text of this number and judges it, at one width between 1 and 300. Panics where something does not hold.
pub fn judge(number: u64) {
    let mut random = Random(number);
    let text = text(&mut random);
    let width = match random.below(3) {
        0 => 1 + random.below(12),
        _ => 1 + random.below(300),
    };
    judge_text(&text, width, number.is_multiple_of(DRAWN));
}

/// Judges a text at a width between 1 and 300, and where it is also drawn, in a terminal with borders. Panics where
/// something does not hold.
pub fn judge_text(text: &str, width: usize, is_drawn: bool) {
    oracle::judge(text);
    let opened = OpenedText::from_untrusted(text);
    oracle::marks_what_draws_nothing(text, opened.marks());
    let mut rows = Rows::new(opened, width, View::Unicode);
    rows.keep(0..rows.len());
    let lines: Vec<SafeLine> = (0..rows.len()).map(|row| rows.line(row).into_owned()).collect();
    for line in &lines {
        assert!(line.width() <= width, "{} cells in a row of {width}", line.width());
    }
    terminal::only_draws(lines.iter().map(SafeLine::to_string).collect::<String>().as_bytes());
    let shown: usize = lines.iter().map(SafeLine::code_points).sum();
    assert_eq!(shown, text.chars().count(), "code points at width {width}");
    if is_drawn {
        terminal::borders_stay(&lines[..lines.len().min(40)], u16::try_from(width).expect("300 at most"));
    }
}

/// Up to 23 ingredients or any characters, some of them repeated.
fn text(random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..random.below(24) {
        let times = match random.below(40) {
            0..4 => 2 + random.below(4),
            4 => 30 + random.below(50),
            _ => 1,
        };
        let one = match random.below(8) {
            0 => random.character().to_string(),
            1 => (0..1 + random.below(12)).map(|_| char::from(b' ' + random.below(95) as u8)).collect(),
            _ => INGREDIENTS[random.below(INGREDIENTS.len())].to_owned(),
        };
        text.push_str(&one.repeat(times));
    }
    text
}

/// Numbers that look random and follow from the first one: SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// Any code point: half of them from the first two planes.
    fn character(&mut self) -> char {
        loop {
            let limit = if self.below(2) == 0 { 0x2_0000 } else { 0x11_0000 };
            if let Some(c) = u32::try_from(self.below(limit)).ok().and_then(char::from_u32) {
                return c;
            }
        }
    }
}

/// Ingredients that have broken terminals, renderers or readers.
pub const INGREDIENTS: &[&str] = &[
    "a",
    "pay",
    " ",
    "  ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "<U+202E>",
    "<+9 marks>",
    "e\u{301}",
    "ß",
    "\u{1B}[2J",
    "\u{1B}]0;title\u{7}",
    "\u{1B}P1$r\u{1B}\\",
    "\u{9B}31m",
    "\u{7F}",
    "\0",
    "\u{85}",
    "\u{202E}",
    "\u{2066}",
    "\u{200F}",
    "\u{61C}",
    "\u{200B}",
    "\u{200C}",
    "\u{200D}",
    "\u{2060}",
    "\u{FEFF}",
    "\u{AD}",
    "\u{FE0F}",
    "\u{FE0E}",
    "\u{E0100}",
    "\u{E0041}",
    "\u{E007F}",
    "\u{2028}",
    "\u{2029}",
    "\u{E000}",
    "\u{378}",
    "\u{FFFF}",
    "\u{10FFFF}",
    "\u{2800}",
    "\u{3164}",
    "\u{115F}",
    "\u{1160}",
    "\u{FFA0}",
    "\u{34F}",
    "\u{301}",
    "\u{20E3}",
    "\u{489}",
    "\u{308}",
    "\u{903}",
    "\u{302E}",
    "中",
    "漢字",
    "かな",
    "ｶ",
    "\u{FF9E}",
    "\u{FF9F}",
    "한",
    "\u{1100}",
    "\u{1161}",
    "\u{11A8}",
    "\u{A960}",
    "\u{915}",
    "\u{94D}",
    "\u{937}",
    "\u{94D}\u{200D}",
    "\u{930}\u{940}",
    "\u{D4E}",
    "\u{D15}",
    "\u{17D8}",
    "\u{17D2}",
    "\u{1780}",
    "ก",
    "\u{E33}",
    "\u{E49}",
    "\u{644}",
    "\u{627}",
    "\u{600}",
    "\u{2D7F}",
    "\u{A4F8}",
    "\u{A4FC}",
    "😀",
    "👩",
    "🏻",
    "❤",
    "🚀",
    "🏳\u{FE0F}\u{200D}🌈",
    "👩\u{200D}👩\u{200D}👧",
    "1\u{FE0F}\u{20E3}",
    "1",
    "©",
    "☕",
    "\u{1F1E9}",
    "\u{1F1EA}",
    "🏴",
    "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}",
    "\u{E0067}",
    "\u{2E3B}",
    "\u{FDFD}",
    "\u{A0}",
    "\u{3000}",
    "https://",
    "www.",
    "](",
    "[",
    "<a href=",
    "</a>",
    "@",
    "example.test",
];
