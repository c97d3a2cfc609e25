//! Which jobs to list: the filter language `kind:send status:dead_letter due:<15m`.

use std::fmt;
use std::time::Duration;

use uuid::Uuid;

use super::job::UnknownWord;
use super::{JobId, JobKind, Status, duration};

/// Terms that all have to hold. The empty filter takes every job.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    pub job_id: Option<JobId>,
    /// Any of these; empty means every kind.
    pub kinds: Vec<JobKind>,
    /// Any of these; empty means every status.
    pub statuses: Vec<Status>,
    pub channel: Option<String>,
    pub language: Option<String>,
    pub intent: Option<String>,
    pub confidence: Option<Limit<f64>>,
    /// How long until the deadline; what is breached is below every limit.
    pub due: Option<Limit<Duration>>,
    pub holder: Option<String>,
    pub error: Option<String>,
    pub conversation: Option<Uuid>,
    pub customer: Option<String>,
    /// The role that a person's job waits for.
    pub to_role: Option<String>,
    /// Held or decided by whoever asks.
    pub mine: bool,
    /// Whose draft this login revised; `me` is whoever asks.
    pub edited_by: Option<String>,
    /// That this login skipped; `me` is whoever asks.
    pub skipped_by: Option<String>,
}

/// `<15m` or `>1h`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit<T> {
    Below(T),
    Above(T),
}

impl<T> Limit<T> {
    pub fn below(self) -> Option<T> {
        match self {
            Limit::Below(value) => Some(value),
            Limit::Above(_) => None,
        }
    }

    pub fn above(self) -> Option<T> {
        match self {
            Limit::Above(value) => Some(value),
            Limit::Below(_) => None,
        }
    }

    /// Whether a value keeps the limit; one that meets it exactly does not.
    pub fn holds(self, value: T) -> bool
    where
        T: PartialOrd,
    {
        match self {
            Limit::Below(limit) => value < limit,
            Limit::Above(limit) => value > limit,
        }
    }

    fn term(self, key: &str, write: impl Fn(T) -> String) -> String {
        match self {
            Limit::Below(value) => format!("{key}:<{}", write(value)),
            Limit::Above(value) => format!("{key}:>{}", write(value)),
        }
    }
}

impl Filter {
    pub fn is_empty(&self) -> bool {
        *self == Filter::default()
    }

    /// Adds one term.
    fn take(&mut self, term: &str) -> Result<(), UnknownWord> {
        if term == "mine" {
            self.mine = true;
            return Ok(());
        }
        let (key, value) = term.split_once(':').ok_or(UnknownWord { what: "filter" })?;
        if value.is_empty() && !matches!(key, "edited" | "skipped") {
            return Err(UnknownWord { what: "filter value" });
        }
        let text = || Some(value.to_owned());
        match key {
            "id" => self.job_id = Some(JobId(number(value.trim_start_matches('#'), "job id")?)),
            "kind" => self.kinds = any_of(value)?,
            "status" if value == OPEN => self.statuses = Status::OPEN.to_vec(),
            "status" => self.statuses = any_of(value)?,
            "channel" => self.channel = text(),
            "lang" => self.language = text(),
            "intent" => self.intent = text(),
            "conf" => self.confidence = Some(limit(value, |value| number(value, "confidence"))?),
            "due" => self.due = Some(limit(value, duration::parse)?),
            "holder" => self.holder = text(),
            "error" => self.error = text(),
            "conv" => {
                self.conversation = Some(Uuid::parse_str(value).map_err(|_| UnknownWord { what: "conversation id" })?);
            }
            "cust" => self.customer = text(),
            "to" => self.to_role = text(),
            "edited" => self.edited_by = Some(someone(value)),
            "skipped" => self.skipped_by = Some(someone(value)),
            _ => return Err(UnknownWord { what: "filter" }),
        }
        Ok(())
    }
}

impl std::str::FromStr for Filter {
    type Err = UnknownWord;

    /// Terms with blanks between them.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut filter = Filter::default();
        for term in text.split_whitespace() {
            filter.take(term)?;
        }
        Ok(filter)
    }
}

/// As it would be typed; reading it back gives the same filter.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let terms = [
            self.job_id.map(|id| format!("id:{}", id.0)),
            one_of("kind", self.kinds.iter().map(|kind| kind.short())),
            one_of("status", statuses(&self.statuses)),
            one_of("channel", self.channel.as_deref()),
            one_of("lang", self.language.as_deref()),
            one_of("intent", self.intent.as_deref()),
            self.confidence.map(|limit| limit.term("conf", |confidence| confidence.to_string())),
            self.due.map(|limit| limit.term("due", duration::format)),
            one_of("holder", self.holder.as_deref()),
            one_of("error", self.error.as_deref()),
            self.conversation.map(|id| format!("conv:{id}")),
            one_of("cust", self.customer.as_deref()),
            one_of("to", self.to_role.as_deref()),
            self.mine.then(|| "mine".to_owned()),
            one_of("edited", self.edited_by.as_deref()),
            one_of("skipped", self.skipped_by.as_deref()),
        ];
        let terms: Vec<String> = terms.into_iter().flatten().collect();
        f.write_str(&terms.join(" "))
    }
}

fn one_of<'a>(key: &str, values: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let values: Vec<&str> = values.into_iter().collect();
    (!values.is_empty()).then(|| format!("{key}:{}", values.join(",")))
}

/// The word for every status that has not ended.
const OPEN: &str = "open";

fn statuses(statuses: &[Status]) -> Vec<&'static str> {
    if *statuses == Status::OPEN { vec![OPEN] } else { statuses.iter().map(|status| status.as_str()).collect() }
}

fn any_of<T: std::str::FromStr<Err = UnknownWord>>(words: &str) -> Result<Vec<T>, UnknownWord> {
    words.split(',').map(str::parse).collect()
}

fn someone(value: &str) -> String {
    if value.is_empty() { "me".to_owned() } else { value.to_owned() }
}

fn number<T: std::str::FromStr>(value: &str, what: &'static str) -> Result<T, UnknownWord> {
    value.parse().map_err(|_| UnknownWord { what })
}

fn limit<T>(value: &str, parse: impl Fn(&str) -> Result<T, UnknownWord>) -> Result<Limit<T>, UnknownWord> {
    if let Some(value) = value.strip_prefix('<') {
        parse(value).map(Limit::Below)
    } else if let Some(value) = value.strip_prefix('>') {
        parse(value).map(Limit::Above)
    } else {
        Err(UnknownWord { what: "limit; it begins with < or >" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_term_of_the_language_is_understood() {
        let conversation = Uuid::from_u128(3);
        let text = format!(
            "id:#7 kind:send,approve status:queued,leased channel:sms lang:de intent:refund conf:<0.4 due:<15m \
             holder:ada error:rate_limited conv:{conversation} cust:cust-1042 to:team_lead mine edited:bo skipped:"
        );
        let expected = Filter {
            job_id: Some(JobId(7)),
            kinds: vec![JobKind::Send, JobKind::Approve],
            statuses: vec![Status::Queued, Status::Leased],
            channel: Some("sms".into()),
            language: Some("de".into()),
            intent: Some("refund".into()),
            confidence: Some(Limit::Below(0.4)),
            due: Some(Limit::Below(Duration::from_secs(900))),
            holder: Some("ada".into()),
            error: Some("rate_limited".into()),
            conversation: Some(conversation),
            customer: Some("cust-1042".into()),
            to_role: Some("team_lead".into()),
            mine: true,
            edited_by: Some("bo".into()),
            skipped_by: Some("me".into()),
        };
        assert_eq!(text.parse(), Ok(expected.clone()));
        assert_eq!(expected.to_string().parse(), Ok(expected));
        assert!("".parse::<Filter>().unwrap().is_empty());
    }

    #[test]
    fn open_stands_for_every_status_that_has_not_ended() {
        let filter: Filter = "kind:send status:open".parse().unwrap();
        assert_eq!(filter.statuses, Status::OPEN);
        assert_eq!(filter.to_string(), "kind:send status:open");
    }

    #[test]
    fn what_is_not_understood_is_refused_not_ignored() {
        for text in ["yours", "size:3", "kind:delete", "due:15m", "due:<15", "conf:<low", "id:x", "conv:1", "cust:"] {
            assert!(text.parse::<Filter>().is_err(), "{text}");
        }
    }
}
