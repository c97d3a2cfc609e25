//! The language of a text, from its script and its commonest words. Says nothing where a text is too thin to tell.
//!
//! Knows the languages that the vocabulary begins with; a text in another one is unknown, or rarely taken for a neighbour.

use unicode_script::Script;

use super::characters;
/// How many letters are looked at: a page says as much as a book.
const LOOKED_AT: usize = 20_000;
/// Fewer letters of a script than this say nothing.
const FEWEST_LETTERS: usize = 8;

/// The language as the first part of its tag, `de`. None: nothing was recognised, or two languages are as likely.
pub fn language(text: &str) -> Option<&'static str> {
    let text = beginning(text);
    let letters = Letters::of(text);
    match letters.commonest()? {
        Script::Latin => of_latin(text),
        Script::Cyrillic => of_cyrillic(text),
        Script::Arabic => Some("ar"),
        Script::Hiragana | Script::Katakana => Some("ja"),
        // Japanese without any kana is rare, Chinese with it rarer.
        Script::Han => Some(if letters.kana > 0 { "ja" } else { "zh" }),
        _ => None,
    }
}

fn beginning(text: &str) -> &str {
    text.char_indices().nth(LOOKED_AT).map_or(text, |(end, _)| &text[..end])
}

/// How many letters of each script there are.
#[derive(Default)]
struct Letters {
    latin: usize,
    cyrillic: usize,
    arabic: usize,
    kana: usize,
    han: usize,
    other: usize,
}

impl Letters {
    fn of(text: &str) -> Letters {
        let mut letters = Letters::default();
        for c in text.chars().filter(|c| c.is_alphabetic()) {
            let count = match characters::of(c).script {
                Script::Latin => &mut letters.latin,
                Script::Cyrillic => &mut letters.cyrillic,
                Script::Arabic => &mut letters.arabic,
                Script::Hiragana | Script::Katakana => &mut letters.kana,
                Script::Han => &mut letters.han,
                _ => &mut letters.other,
            };
            *count += 1;
        }
        letters
    }

    /// A name in Latin letters is often longer than the sentence around it, so the script with more letters than all
    /// others together decides, and Latin only where it stands nearly alone.
    fn commonest(&self) -> Option<Script> {
        let own = [
            (self.cyrillic, Script::Cyrillic),
            (self.arabic, Script::Arabic),
            (self.kana, Script::Hiragana),
            (self.han, Script::Han),
        ];
        let foreign: usize = own.iter().map(|(count, _)| count).sum();
        let (most, script) = own.into_iter().max_by_key(|(count, _)| *count)?;
        if foreign * 4 > self.latin {
            // A sign of Chinese or Japanese says as much as a syllable.
            let enough = if matches!(script, Script::Han | Script::Hiragana) { 4 } else { FEWEST_LETTERS };
            return (foreign >= enough && most * 2 >= foreign && foreign >= self.other).then_some(script);
        }
        (self.latin >= FEWEST_LETTERS && self.latin > self.other).then_some(Script::Latin)
    }
}

/// Only Ukrainian writes і, ї, є and ґ without ы, э, ё and ъ.
fn of_cyrillic(text: &str) -> Option<&'static str> {
    let has = |letters: &str| text.chars().any(|c| letters.contains(c));
    (has("іїєґІЇЄҐ") && !has("ыэёъЫЭЁЪ")).then_some("uk")
}

/// The language most of whose commonest words occur. A word counts once however often it stands there, so that a name
/// repeated in a signature decides nothing.
fn of_latin(text: &str) -> Option<&'static str> {
    let mut words: Vec<String> =
        text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    words.sort_unstable();
    words.dedup();
    let score = |common: &str, signs: &str| {
        let hits = common.split(' ').filter(|word| words.binary_search_by(|have| have.as_str().cmp(word)).is_ok());
        let signed = words.iter().filter(|word| word.chars().any(|c| signs.contains(c)));
        hits.count() * 2 + signed.count()
    };
    let mut scores: Vec<_> = COMMON.iter().map(|(language, common, signs)| (score(common, signs), *language)).collect();
    scores.sort_unstable_by(|a, b| b.cmp(a));
    let ((best, language), (second, _)) = (*scores.first()?, *scores.get(1)?);
    (best >= 4 && best * 3 >= second * 4).then_some(language)
}

/// Language, its commonest words that few others have, and letters that the others do not write.
const COMMON: [(&str, &str, &str); 10] = [
    (
        "en",
        "the and to of is you your i it that for with this was are have we not on be will my our can please thank thanks \
         hello how what when if they it's i'm has there which would get from but sorry do so now still any here no any way",
        "",
    ),
    (
        "de",
        "der die und das ist nicht ich sie wir ihr ihre ihren ihnen mit für auf ein eine einen einem dem den zu von haben \
         bitte guten tag uns aber wenn noch mein meine auch wird kann vielen dank es im bei hallo schon sind oder doch \
         nur nach keine mir",
        "ß",
    ),
    (
        "es",
        "el los las que del una por con para su sus no es está gracias hola usted buenos días pero muy lo más si ya mi al \
         ha he se puede nos le hemos tarjeta cuando también esta este desde señor señora saludos cuenta como son",
        "ñ¿¡",
    ),
    (
        "fr",
        "le les des et est une vous votre nous pour je ne pas que dans sur avec mon ma merci bonjour qui au aux ce cette \
         avez sont plus vos si être été du il mais mes bien cordialement ou où tout avons suis elle fait quoi",
        "œ",
    ),
    (
        "pt",
        "o os as que uma não com para por seu sua você obrigado obrigada bom boa dia olá mas muito mais se já meu minha \
         do da dos das no na ao está foi cartão tem são nos em é podemos depois pode também quando como ou",
        "ãõ",
    ),
    (
        "it",
        "il gli che una non per con della del dei di la sono è grazie buongiorno ma più se mi ho ha suo sua alla nel dal \
         lo le ci questo questa come anche quando cosa può carta salve gentile saluti mio mia dalla sul da si",
        "",
    ),
    (
        "nl",
        "de het een en van ik je u is niet dat op te zijn voor met uw wij we mijn heb hebben bedankt hallo maar als naar \
         ook nog kan wordt er bij aan om dan graag geen goedemiddag goedemorgen wat dit deze mij beste staat uit",
        "",
    ),
    (
        "pl",
        "i nie na się z do jest to że jak proszę dzień dobry dziękuję po za od ale czy mam już tak pani pan być przez \
         dla jeśli lub oraz mi co konto karta są przy państwa może był została jeszcze",
        "łżźńąę",
    ),
    (
        "tr",
        "bir ve bu için ile çok ne da de mi merhaba lütfen teşekkürler var yok olarak daha ama sizin benim kart hesap \
         değil gibi sonra olan nasıl ben siz bize size kadar veya ediyoruz ederim iyi kartım sayın bey hanım",
        "ğşı",
    ),
    (
        "vi",
        "là và của có không cho được tôi bạn này mình xin cảm ơn chào với thẻ đã nhé ạ các một để trong những khi cũng thì \
         vui lòng chúng đến từ đó nếu ứng dụng bị",
        "ơưđạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_words_are_enough_and_fewer_are_not() {
        let cases = [
            ("Guten Tag, wo bleibt meine Karte?", Some("de")),
            ("Hello, where is my card?", Some("en")),
            ("Hola, ¿dónde está mi tarjeta?", Some("es")),
            ("Bonjour, où est ma carte ?", Some("fr")),
            ("Olá, onde está o meu cartão?", Some("pt")),
            ("Buongiorno, dove è la mia carta?", Some("it")),
            ("Hallo, waar is mijn kaart? Ik heb hem niet.", Some("nl")),
            ("Dzień dobry, gdzie jest moja karta?", Some("pl")),
            ("Merhaba, kartım nerede? Hâlâ gelmedi.", Some("tr")),
            ("カードはどこですか", Some("ja")),
            ("我的卡在哪里", Some("zh")),
            ("أين بطاقتي من فضلك", Some("ar")),
            ("Chào bạn, thẻ của tôi đâu?", Some("vi")),
            ("Добрий день, де моя картка? Її немає.", Some("uk")),
            ("", None),
            ("ok", None),
            ("88231", None),
            ("Acme Cards", None),
            ("Где моя карта? Уже вечер, и её нет.", None),
        ];
        for (text, expected) in cases {
            assert_eq!(language(text), expected, "{text}");
        }
    }

    #[test]
    fn sample_messages_are_known_or_unknown_but_never_taken_for_another_language() {
        let samples: Vec<serde_json::Value> =
            serde_json::from_str(include_str!("../../assets/conversations.json")).unwrap();
        let (mut known, mut all, mut foreign) = (0, 0, Vec::new());
        for sample in &samples {
            let expected = sample["language"].as_str().unwrap();
            let texts = sample["messages"].as_array().unwrap().iter().chain([&sample["draft"], &sample["redraft"]]);
            for text in texts.filter_map(|message| message["body"].as_str()) {
                all += 1;
                match language(text) {
                    Some(found) if found == expected => known += 1,
                    Some(_) => foreign.push((sample["slug"].as_str().unwrap(), text)),
                    None => {}
                }
            }
        }
        let wrong = samples.iter().filter(|sample| sample["reason"] == "wrong_language");
        let expected: Vec<_> =
            wrong.map(|sample| (sample["slug"].as_str().unwrap(), sample["draft"]["body"].as_str().unwrap())).collect();
        assert!(!expected.is_empty());
        assert_eq!(foreign, expected, "found are the drafts that do answer in another language, and nothing else");
        assert!(known * 100 >= all * 85, "{known} of {all}");
    }
}
