//! The words around numbers, in the languages of the vocabulary: months, currencies, what makes a number a day, a time, a
//! share or a phone number. All lower case.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A list of words, separated by spaces.
pub(super) fn is_among(word: &str, list: &str) -> bool {
    !word.is_empty() && list.split(' ').any(|listed| listed == word)
}

/// What each name stands for, the first where it stands for two.
fn by_name<T: Copy>(lists: impl IntoIterator<Item = (T, &'static str)>) -> HashMap<&'static str, T> {
    let mut names = HashMap::new();
    for (value, list) in lists {
        list.split(' ').for_each(|name| _ = names.entry(name).or_insert(value));
    }
    names
}

/// A word that begins with one of the list, for languages that bend the ends of words.
fn begins_among(word: &str, list: &str) -> bool {
    list.split(' ').any(|begin| word.starts_with(begin))
}

/// 1 to 12.
pub(super) fn month(word: &str) -> Option<u8> {
    static BY_NAME: LazyLock<HashMap<&str, u8>> = LazyLock::new(|| by_name((1..).zip(MONTHS)));
    BY_NAME.get(word).copied()
}

/// Names and usual abbreviations, without those that are common words besides, such as `out` and `set` for October and
/// September.
const MONTHS: [&str; 12] = [
    "january jan januar jänner jän enero ene janvier janv janeiro gennaio gen januari stycznia styczeń sty ocak oca січня січень يناير",
    "february feb februar febrero février févr fév fevereiro fev febbraio februari lutego luty lut şubat şub лютого лютий فبراير شباط",
    "march mar märz mär mrz marzo mars março maart mrt marca marzec mart березня березень مارس آذار",
    "april apr abril abr avril avr aprile kwietnia kwiecień kwi nisan nis квітня квітень أبريل ابريل نيسان",
    "may mai mayo maio maggio mag mei maja maj mayıs травня травень مايو",
    "june jun juni junio juin junho giugno giu czerwca czerwiec cze haziran haz червня червень يونيو حزيران",
    "july jul juli julio juillet juil julho luglio lug lipca lipiec lip temmuz tem липня липень يوليو تموز",
    "august aug agosto août aoû augustus sierpnia sierpień ağustos ağu серпня серпень أغسطس",
    "september sep sept septiembre septembre setembro settembre sett września wrzesień wrz eylül eyl вересня вересень سبتمبر أيلول",
    "october oct oktober okt octubre octobre outubro ottobre ott października październik paź ekim eki жовтня жовтень أكتوبر",
    "november nov noviembre novembre novembro listopada listopad lis kasım kas листопада листопад نوفمبر",
    "december dec dezember dez diciembre dic décembre déc dezembro dicembre grudnia grudzień gru aralık грудня грудень ديسمبر",
];

/// Whether the month is one that may stand before its day: only English writes it so.
pub(super) fn precedes_its_day(word: &str) -> bool {
    is_among(
        word,
        "january jan february feb march mar april apr may june jun july jul august aug september sep sept october oct november \
         nov december dec",
    )
}

/// Between a day and its month, or a month and its year.
pub(super) fn links_date(word: &str) -> bool {
    is_among(word, "of de del di do")
}

/// Whether the two words make a range of two numbers: one before the first, one between them.
pub(super) fn makes_range(before: &str, between: &str) -> bool {
    is_among(between, "to bis à a al até tot do til до")
        || is_among(before, "between zwischen entre tra fra tussen między arasında між от від")
            && is_among(between, "and und y e et en i ve і та")
}

/// A word before a day.
pub(super) fn precedes_day(word: &str) -> bool {
    is_among(
        word,
        "the on by until till from since am vom zum bis ab seit dem den der el día al le au du dès il dal giorno entro dia ao \
         até op de tot vanaf vóór dnia do od ngày يوم від до з",
    )
}

/// A word before `17.11` or `31-12` that makes a date of it, where an amount or a range is as likely otherwise.
pub(super) fn precedes_date(word: &str) -> bool {
    precedes_day(word)
        || is_weekday(word)
        || is_among(word, "bevor before after nach after les date datum fecha data a em w on tarih ngày")
}

/// A day of the week, in full or cut.
pub(super) fn is_weekday(word: &str) -> bool {
    is_among(
        word,
        "monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun montag dienstag mittwoch donnerstag \
         freitag samstag sonntag mo di mi do fr sa so lunes martes miércoles jueves viernes sábado domingo lundi mardi mercredi jeudi \
         vendredi samedi dimanche lunedì martedì mercoledì giovedì venerdì sabato domenica segunda terça quarta quinta sexta \
         maandag dinsdag woensdag donderdag vrijdag zaterdag zondag poniedziałek wtorek środa środę czwartek piątek sobota sobotę \
         niedziela niedzielę pazartesi salı çarşamba perşembe cuma cumartesi pazar понеділок вівторок середа середу четвер пʼятниця \
         субота суботу неділя неділю",
    )
}

/// A word before a time: `um 9`, `saat 14.30`.
pub(super) fn precedes_time(word: &str) -> bool {
    is_among(word, "at um saat ore alle las godz godzinie às om о lúc الساعة à kl gegen vers klokke")
}

/// A word behind a time.
pub(super) fn follows_time(word: &str) -> bool {
    is_among(word, "uhr uur giờ годині година") || word.starts_with('時')
}

/// Words that are a time of their own, in minutes since midnight.
pub(super) fn named_time(word: &str) -> Option<u16> {
    static BY_NAME: LazyLock<HashMap<&str, u16>> = LazyLock::new(|| {
        let noon = "noon midi mediodía mezzogiorno mittag mittags południe öğlen 正午";
        let midnight = "midnight minuit mitternacht medianoche mezzanotte północ middernacht";
        by_name([(720, noon), (0, midnight)])
    });
    BY_NAME.get(word).copied()
}

/// What is counted in `5 days`: such a number is a duration, neither a price nor a share.
pub(super) fn is_time_unit(word: &str) -> bool {
    begins_among(
        word,
        "second minute hour day week month year sekund minuten stunde tage tagen werktag arbeitstag woche monat jahr segundo \
         minuto hora día dias semana mes año seconde heure jour semaine mois minuti secondi ore giorni settiman mes anno anni \
         secondes minut godzin dni tygod miesi lat dagen weken maand jaar uur werkdag saniye dakika gün hafta ay yıl phút giây \
         ngày tuần tháng năm секунд хвилин годин дн тижн місяц рок working business",
    ) || is_among(word, "min sec sek std tag h s an ans jours")
}

/// Words that may follow `the 16th` or `at 9` without making it the sixteenth of something.
pub(super) fn opens_no_noun(word: &str) -> bool {
    is_among(
        word,
        "and or of in on at to until till before after from by is was has will but if we you i tomorrow today sharp please thanks as \
         so for this last next und oder um bis ist war wird vor nach ab von an in im mit auf ist passt geht haben wir sie ich bitte \
         das die der es danke heute morgen früh abends y o e a de del al hasta hoy mañana por para en et ou à au avant après du \
         pour le la les est nous vous avec il el alle ed prima dopo di per oggi domani è era às até com no na em op tot van en om \
         heb i lub do w na od ve ile o і та або до від він",
    )
}

/// A currency, by its sign, its code or its name; one code for all dollars and one for all crowns, because people leave
/// out which.
pub(super) fn currency(word: &str) -> Option<&'static str> {
    static BY_NAME: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| by_name(CURRENCIES));
    BY_NAME.get(word).copied()
}

/// A currency by a name with an ending: `1.250 lirayı`, `4,800円です`.
pub(super) fn bent_currency(word: &str) -> Option<&'static str> {
    let (begin, currency) = BENT_CURRENCIES.iter().find(|(begin, _)| word.starts_with(begin))?;
    (word.chars().count() <= begin.chars().count() + 7 || *begin == "円").then_some(*currency)
}

/// Whether the word is a code or a sign, which may stand before the amount, and not a name such as `pounds`.
pub(super) fn is_currency_code(word: &str) -> bool {
    is_among(word, "eur usd gbp chf pln tl uah jpy vnd brl sek nok dkk czk aed sar cad aud rs kr zł sfr euro")
}

const CURRENCIES: [(&str, &str); 14] = [
    ("EUR", "€ eur euro euros ευρώ євро يورو ユーロ"),
    ("USD", "$ usd cad aud dollar dollars dólar dólares dollari dollaro dolarów dolar долар доларів đô دولار ドル"),
    ("GBP", "£ gbp pound pounds pfund libras libra livres sterline funtów quid"),
    ("JPY", "¥ ￥ jpy yen"),
    ("CHF", "chf sfr franken francs franc franchi franco francos frank franków"),
    ("PLN", "zł pln zloty złoty złote złotych zlotych"),
    ("TRY", "₺ tl"),
    ("UAH", "₴ uah грн"),
    ("VND", "₫ vnd đ đồng dong vnđ"),
    ("BRL", "brl reais"),
    ("KR", "kr sek nok dkk kronen kronor kroner"),
    ("CZK", "kč czk korun"),
    ("SAR", "sar ريال ريالا ريالات"),
    ("AED", "aed درهم درهما"),
];

const BENT_CURRENCIES: [(&str, &str); 8] = [
    ("円", "JPY"),
    ("lira", "TRY"),
    ("гривн", "UAH"),
    ("euro", "EUR"),
    ("dolar", "USD"),
    ("dolár", "USD"),
    ("ユーロ", "EUR"),
    ("złot", "PLN"),
];

/// A word behind a percentage; two words as one.
pub(super) fn is_percent(word: &str, next: &str) -> Option<usize> {
    if begins_among(word, "percent prozent procent procenta відсотк パーセント") {
        return Some(1);
    }
    if is_among(word, "بالمئة بالمائة pct") {
        return Some(1);
    }
    let pairs =
        [("per", "cent"), ("pour", "cent"), ("por", "ciento"), ("por", "cento"), ("per", "cento"), ("phần", "trăm")];
    pairs.contains(&(word, next)).then_some(2)
}

/// Words near a phone number.
pub(super) fn speaks_of_phones(word: &str) -> bool {
    begins_among(
        word,
        "phone tel call ring anruf ruf rückruf handy mobil llam appel zadzwo dzwo bel chiam ligu gọi телефон дзвон 電話 お電話 هاتف \
         اتصل whatsapp ara sms hotline",
    )
}

/// Words before a number that only identifies, however short or much like a year it is.
pub(super) fn precedes_identifier(word: &str) -> bool {
    is_among(
        word,
        "no nr nº n num number nummer número numéro numero order ticket case invoice account bestellung auftrag vorgang kundennummer \
         rechnung pedido commande dossier ordine encomenda bestelling zamówienie sipariş замовлення số 番号 box",
    )
}
