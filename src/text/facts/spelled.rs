//! Small numbers in words, where a unit behind them makes a fact of them: `forty euros`, `ten percent`, `zwölf Uhr`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::tokens::Window;

/// A number in words.
pub(super) struct Spelled {
    pub(super) value: u16,
    /// How many tokens it has.
    pub(super) tokens: usize,
}

/// The number whose words begin with the next token.
pub(super) fn read(window: &Window<'_>) -> Option<Spelled> {
    let first = value(&window.get(0)?.word())?;
    let joined = window.get(1).is_some_and(|hyphen| hyphen.joins() && hyphen.is_sign("-"));
    let linked = window.get(1).is_some_and(|link| link.word() == "y");
    let next = window.get(1 + usize::from(joined || linked)).map(|next| next.word()).unwrap_or_default();
    if joined || linked {
        let unit = value(&next).filter(|unit| (20..100).contains(&first) && *unit < 10)?;
        return Some(Spelled { value: first + unit, tokens: 3 });
    }
    if first < 10 && next == "hundred" {
        return Some(Spelled { value: first * 100, tokens: 2 });
    }
    Some(Spelled { value: first, tokens: 1 })
}

/// Whether a number in words may begin here.
pub(super) fn is_number(word: &str) -> bool {
    value(word).is_some()
}

fn value(word: &str) -> Option<u16> {
    if word.len() > 24 {
        return None;
    }
    VALUES.get(word).copied().or_else(|| {
        // `fünfundsiebzig`, `vijfenzeventig`
        if !word.ends_with('g') {
            return None;
        }
        let (unit, tens) = word.split_once("und").or_else(|| word.split_once("en"))?;
        let (unit, tens) = (VALUES.get(unit)?, VALUES.get(tens)?);
        (*unit < 10 && (20..100).contains(tens)).then_some(unit + tens)
    })
}

static VALUES: LazyLock<HashMap<&str, u16>> = LazyLock::new(|| {
    let values = (1..=20).chain((30..=100).step_by(10)).zip(WORDS);
    values.flat_map(|(value, words)| words.split(' ').map(move |word| (word, value))).collect()
});

/// 1 to 20, then the tens up to 100. What is an article as well stands only in its full form.
const WORDS: [&str; 28] = [
    "one ein",
    "two zwei dos deux due dois duas twee dwa iki два дві",
    "three drei tres trois tre três drie trzy üç три",
    "four vier cuatro quatre quattro quatro cztery dört чотири",
    "five fünf cinco cinq cinque vijf pięć beş",
    "six sechs seis sei zes sześć altı шість",
    "seven sieben siete sept sette sete zeven siedem yedi сім",
    "eight acht ocho huit otto oito osiem sekiz вісім",
    "nine neun nueve neuf nove negen dziewięć dokuz",
    "ten zehn diez dix dieci dez tien dziesięć десять",
    "eleven elf once onze undici jedenaście",
    "twelve zwölf doce douze dodici doze twaalf dwanaście",
    "thirteen dreizehn trece treize tredici treze dertien trzynaście",
    "fourteen vierzehn catorce quatorze quattordici veertien czternaście",
    "fifteen fünfzehn quince quinze quindici vijftien piętnaście",
    "sixteen sechzehn dieciséis seize sedici zestien szesnaście",
    "seventeen siebzehn diecisiete diciassette zeventien siedemnaście",
    "eighteen achtzehn dieciocho diciotto achttien osiemnaście",
    "nineteen neunzehn diecinueve diciannove negentien dziewiętnaście",
    "twenty zwanzig veinte vingt venti vinte twintig dwadzieścia yirmi двадцять",
    "thirty dreißig dreissig treinta trente trenta trinta dertig trzydzieści otuz тридцять",
    "forty vierzig cuarenta quarante quaranta quarenta veertig czterdzieści kırk сорок",
    "fifty fünfzig cincuenta cinquante cinquanta cinquenta vijftig pięćdziesiąt elli",
    "sixty sechzig sesenta soixante sessanta sessenta zestig sześćdziesiąt altmış",
    "seventy siebzig setenta settanta zeventig siedemdziesiąt yetmiş сімдесят",
    "eighty achtzig ochenta ottanta oitenta tachtig osiemdziesiąt seksen вісімдесят",
    "ninety neunzig noventa novanta negentig dziewięćdziesiąt doksan",
    "hundred hundert einhundert cien cent cento cem honderd sto yüz сто",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_words_have_their_value() {
        let cases = [
            ("forty euros", Some(40)),
            ("seventy-five pounds", Some(75)),
            ("two hundred dollars", Some(200)),
            ("zwölf Euro", Some(12)),
            ("fünfundsiebzig Euro", Some(75)),
            ("treinta y cinco euros", Some(35)),
            ("vingt-cinq euros", Some(25)),
            ("vijfenzeventig euro", Some(75)),
            ("euros", None),
            ("stunden", None),
        ];
        for (text, expected) in cases {
            assert_eq!(read(&Window::new(text)).map(|spelled| spelled.value), expected, "{text}");
        }
    }
}
