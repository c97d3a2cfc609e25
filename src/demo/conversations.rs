//! The written conversations that `demo` plays: customers of the fictional "Acme Cards", and the replies drafted for them.
//!
//! Most drafts are good; some are subtly wrong, and some conversations carry hostile text, so that a reviewer has
//! something to decide. Each sample says what a careful reviewer would do and what there is to notice. The texts stand in
//! `assets/conversations.json`, where every control, format and combining character is written as an escape: the file
//! itself is plain and its diffs can be read. Knows nothing of queues or of when a sample is played.

use serde::Deserialize;

use crate::domain::Direction;

/// Every intent that a sample may have.
pub const INTENT_CODES: [&str; 20] = [
    "account_closure",
    "address_change",
    "app_trouble",
    "card_arrival",
    "card_declined",
    "card_lost",
    "complaint",
    "data_request",
    "exchange_rate",
    "fee_question",
    "fraud_report",
    "invoice_copy",
    "legal_threat",
    "login_trouble",
    "other",
    "parcel_tracking",
    "praise",
    "refund_status",
    "subscription_cancel",
    "travel_notice",
];

/// Why a sample's draft should be rejected.
pub const REJECT_REASONS: [&str; 8] = [
    "incomplete",
    NO_REPLY_NEEDED,
    "policy",
    "unsafe_link",
    "wrong_fact",
    "wrong_language",
    "wrong_recipient",
    "wrong_tone",
];

/// Why a sample should go to somebody with more authority.
pub const ESCALATE_REASONS: [&str; 4] = ["fraud_suspected", "legal_threat", "needs_authority", "vulnerable_customer"];

/// The one reason for a rejection after which nothing is drafted again.
pub const NO_REPLY_NEEDED: &str = "no_reply_needed";

/// One written conversation with its draft and the decision that it deserves.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// Names the sample; unique, kebab-case.
    pub slug: String,
    /// `cust-NNNN`. Some customers have two conversations.
    pub customer_ref: String,
    pub channel_kind: Channel,
    /// Two-letter code of the language in which the customer writes.
    pub language: String,
    /// One of [`INTENT_CODES`].
    pub intent_code: String,
    /// 0 is the most urgent, 9 the least.
    pub priority: i16,
    /// How sure the classifier claims to be, 0.35 to 0.99.
    pub confidence: f64,
    pub mood: Mood,
    /// Oldest first; the last one is inbound.
    pub messages: Vec<SampleMessage>,
    /// The reply that waits for review.
    pub draft: SampleDraft,
    /// The better reply after a rejection. There for every [`Verdict::Reject`] except [`NO_REPLY_NEEDED`].
    pub redraft: Option<SampleDraft>,
    /// What the customer writes while the draft waits.
    pub follow_on: Option<String>,
    pub verdict: Verdict,
    /// One of [`REJECT_REASONS`] or [`ESCALATE_REASONS`]; none when the draft is good.
    pub reason: Option<String>,
    /// What a careful reviewer notices, in one sentence.
    pub teaches: String,
}

/// One message between the customer and Acme Cards.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleMessage {
    /// Inbound or outbound; a draft is never among the messages.
    pub direction: Direction,
    /// Minutes between this message and the start of the demo.
    pub minutes_ago: u32,
    pub body: String,
}

/// A reply as a drafting program wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleDraft {
    pub author: String,
    pub body: String,
}

/// How the customer wrote to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Email,
    Webchat,
    Sms,
}

impl Channel {
    /// The registered code.
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Email => "email",
            Channel::Webchat => "webchat",
            Channel::Sms => "sms",
        }
    }
}

/// How the customer sounds. `Hostile` is text made to deceive or to break the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mood {
    Angry,
    Anxious,
    Chatty,
    Confused,
    Grateful,
    Hostile,
    Polite,
    Sarcastic,
    Terse,
}

/// What a careful reviewer does with the draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Approve,
    Reject,
    Escalate,
}

/// All samples, in the order of the file.
pub fn samples() -> Vec<Sample> {
    serde_json::from_str(FILE).expect("the samples are part of the program, and its tests parse them")
}

const FILE: &str = include_str!("../../assets/conversations.json");

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use unicode_properties::{GeneralCategory as Category, UnicodeGeneralCategory};

    use super::*;

    /// Every text of a sample that a screen may show.
    fn texts(sample: &Sample) -> impl Iterator<Item = &str> {
        let messages = sample.messages.iter().map(|message| message.body.as_str());
        let drafts = [Some(&sample.draft), sample.redraft.as_ref()].into_iter().flatten();
        messages.chain(drafts.map(|draft| draft.body.as_str())).chain(sample.follow_on.as_deref())
    }

    /// Characters that a reader of the file, or of an unprotected screen, would not see as they are.
    fn is_deceptive(character: char) -> bool {
        character != '\n'
            && matches!(
                character.general_category(),
                Category::Control
                    | Category::Format
                    | Category::PrivateUse
                    | Category::Unassigned
                    | Category::LineSeparator
                    | Category::ParagraphSeparator
                    | Category::NonspacingMark
                    | Category::EnclosingMark
            )
    }

    /// The slugs for which the rule does not hold: a failure names every one of them.
    fn breaking(rule: impl Fn(&Sample) -> bool) -> Vec<String> {
        samples().into_iter().filter(|sample| !rule(sample)).map(|sample| sample.slug).collect()
    }

    fn none() -> Vec<String> {
        Vec::new()
    }

    #[test]
    fn there_are_enough_samples_of_every_sort() {
        let samples = samples();
        assert!(samples.len() >= 60, "{} samples", samples.len());

        let mut by_language = BTreeMap::<&str, usize>::new();
        for sample in &samples {
            *by_language.entry(&sample.language).or_default() += 1;
        }
        let languages: Vec<_> = by_language.keys().copied().collect();
        assert_eq!(languages, ["ar", "de", "en", "es", "fr", "it", "ja", "nl", "pl", "pt", "tr", "uk", "vi"]);
        for language in ["de", "es", "fr"] {
            assert!(by_language[language] >= 5, "{language} has {}", by_language[language]);
        }

        for channel in [Channel::Email, Channel::Webchat, Channel::Sms] {
            let count = samples.iter().filter(|sample| sample.channel_kind == channel).count();
            assert!(count >= 10, "{} has {count}", channel.as_str());
        }
        let intents: BTreeSet<_> = samples.iter().map(|sample| sample.intent_code.as_str()).collect();
        assert_eq!(intents, BTreeSet::from(INTENT_CODES));
    }

    #[test]
    fn most_drafts_are_good_and_enough_are_not() {
        let samples = samples();
        let percent = |verdict| 100 * samples.iter().filter(|sample| sample.verdict == verdict).count() / samples.len();
        assert!((55..=65).contains(&percent(Verdict::Approve)));
        assert!((23..=33).contains(&percent(Verdict::Reject)));
        assert!((8..=16).contains(&percent(Verdict::Escalate)));

        let reasons: BTreeSet<_> = samples.iter().filter_map(|sample| sample.reason.as_deref()).collect();
        assert_eq!(reasons, REJECT_REASONS.into_iter().chain(ESCALATE_REASONS).collect());

        let followed = samples.iter().filter(|sample| sample.follow_on.is_some()).count();
        assert!((25..=45).contains(&(100 * followed / samples.len())), "{followed} are followed");
    }

    #[test]
    fn slugs_are_unique_and_every_code_is_well_formed() {
        let slugs: BTreeSet<_> = samples().into_iter().map(|sample| sample.slug).collect();
        assert_eq!(slugs.len(), samples().len());

        assert_eq!(
            breaking(|sample| sample.slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')),
            none()
        );
        assert_eq!(
            breaking(|sample| {
                let digits = sample.customer_ref.strip_prefix("cust-").unwrap_or_default();
                digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit())
            }),
            none()
        );
        assert_eq!(breaking(|sample| (0..=9).contains(&sample.priority)), none());
        assert_eq!(breaking(|sample| (0.35..=0.99).contains(&sample.confidence)), none());
    }

    #[test]
    fn messages_run_forward_in_time_and_end_with_the_customer() {
        assert_eq!(breaking(|sample| sample.messages.is_sorted_by(|a, b| a.minutes_ago > b.minutes_ago)), none());
        assert_eq!(
            breaking(|sample| sample.messages.last().is_some_and(|last| last.direction == Direction::Inbound)),
            none()
        );
        assert_eq!(
            breaking(|sample| sample.messages.iter().all(|message| message.direction != Direction::Draft)),
            none()
        );
        assert_eq!(breaking(|sample| texts(sample).all(|text| !text.trim().is_empty())), none());
        assert!(samples().iter().filter(|sample| sample.messages.len() >= 12).count() >= 3);
    }

    #[test]
    fn texts_of_an_sms_fit_into_one() {
        assert_eq!(
            breaking(
                |sample| sample.channel_kind != Channel::Sms || texts(sample).all(|text| text.chars().count() <= 160)
            ),
            none()
        );
    }

    #[test]
    fn every_verdict_has_its_reason_and_every_rejection_a_better_draft() {
        assert_eq!(
            breaking(|sample| match (sample.verdict, sample.reason.as_deref()) {
                (Verdict::Approve, reason) => reason.is_none() && sample.redraft.is_none(),
                (Verdict::Reject, Some(reason)) =>
                    REJECT_REASONS.contains(&reason) && sample.redraft.is_none() == (reason == NO_REPLY_NEEDED),
                (Verdict::Escalate, Some(reason)) => ESCALATE_REASONS.contains(&reason) && sample.redraft.is_none(),
                (Verdict::Reject | Verdict::Escalate, None) => false,
            }),
            none()
        );
        assert_eq!(breaking(|sample| sample.teaches.ends_with('.')), none());
    }

    #[test]
    fn enough_samples_hide_something() {
        let hiding = samples().iter().filter(|sample| texts(sample).any(|text| text.contains(is_deceptive))).count();
        assert!(hiding >= 8, "{hiding} samples contain control or format characters");
    }

    #[test]
    fn the_file_itself_is_plain() {
        let raw: Vec<_> = FILE.chars().filter(|&character| is_deceptive(character)).collect();
        assert_eq!(raw, Vec::<char>::new());
    }

    #[test]
    fn links_and_mailboxes_lead_nowhere_real() {
        let host_of = |rest: &str| -> String {
            let shown = rest.chars().filter(|&character| character.is_control() || !is_deceptive(character));
            shown.take_while(|&character| character.is_alphanumeric() || ".-".contains(character)).collect()
        };
        assert_eq!(
            breaking(|sample| {
                texts(sample).flat_map(|text| text.split("://").skip(1).chain(text.split('@').skip(1))).all(|rest| {
                    let host = host_of(rest);
                    host.ends_with(".example") || host.ends_with(".test")
                })
            }),
            none()
        );
    }
}
