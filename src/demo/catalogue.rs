//! Which sample a conversation is, and what those who know it do with it.
//!
//! Nothing is remembered between runs: programs and reviewers recognise a conversation by what the customer wrote, as
//! they would have to anywhere.

use std::collections::HashMap;

use super::chance::Chance;
use super::conversations::{Sample, SampleDraft, Verdict, samples};
use crate::domain::Direction;

/// All samples, found by what their customers write.
#[derive(Debug)]
pub struct Catalogue {
    samples: Vec<Sample>,
    by_inbound: HashMap<String, usize>,
}

/// What a simulated reviewer does with a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement<'s> {
    Approve,
    Reject { reason: &'s str },
    Escalate { reason: &'s str },
}

impl Catalogue {
    pub fn new() -> Self {
        let samples = samples();
        let mut by_inbound = HashMap::new();
        for (index, sample) in samples.iter().enumerate() {
            for text in inbound_of(sample) {
                by_inbound.insert(text.to_owned(), index);
            }
        }
        Catalogue { samples, by_inbound }
    }

    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// The sample in which a customer writes one of these texts. None for a conversation that is none of ours.
    pub fn recognise<'t>(&self, inbound: impl IntoIterator<Item = &'t str>) -> Option<&Sample> {
        inbound.into_iter().find_map(|text| self.by_inbound.get(text)).map(|index| &self.samples[*index])
    }

    /// All samples in an order of their own, from the last to the first.
    pub fn deck(&self, chance: &mut Chance) -> Vec<Sample> {
        let mut deck = self.samples.clone();
        chance.shuffle(&mut deck);
        deck
    }
}

impl Default for Catalogue {
    fn default() -> Self {
        Catalogue::new()
    }
}

/// The next reply to write when these drafts were written before: the sample's own, then its better one, then that
/// somebody looks into it.
pub fn next_draft(sample: &Sample, written: &[&str]) -> SampleDraft {
    let fresh = |draft: &&SampleDraft| !written.contains(&draft.body.as_str());
    let own = [Some(&sample.draft), sample.redraft.as_ref()].into_iter().flatten().find(fresh);
    own.cloned().unwrap_or_else(|| SampleDraft {
        author: sample.draft.author.clone(),
        body: holding_reply(&sample.language).to_owned(),
    })
}

/// What a careful reviewer does with this draft. Where nobody is left to hand it to, the one who holds it decides.
pub fn judge<'s>(sample: &'s Sample, draft: &str, is_senior_work: bool) -> Judgement<'s> {
    // Only the first draft has what there is to notice; whatever was written after it is good.
    if draft != sample.draft.body {
        return Judgement::Approve;
    }
    match (sample.verdict, sample.reason.as_deref()) {
        (Verdict::Reject, Some(reason)) => Judgement::Reject { reason },
        (Verdict::Escalate, Some(reason)) if !is_senior_work => Judgement::Escalate { reason },
        _ => Judgement::Approve,
    }
}

fn inbound_of(sample: &Sample) -> impl Iterator<Item = &str> {
    let written = sample.messages.iter().filter(|message| message.direction == Direction::Inbound);
    written.map(|message| message.body.as_str()).chain(sample.follow_on.as_deref())
}

/// Says that a person looks into it, short enough for one SMS.
pub fn holding_reply(language: &str) -> &'static str {
    match language {
        "ar" => "شكرًا لرسالتك. يتابع أحد زملائنا الأمر وسيكتب إليك اليوم.",
        "de" => "Danke für Ihre Nachricht. Eine Kollegin kümmert sich darum und schreibt Ihnen heute noch.",
        "es" => "Gracias por su mensaje. Una compañera lo está revisando y le escribirá hoy mismo.",
        "fr" => "Merci pour votre message. Un collègue s'en occupe et vous écrira aujourd'hui.",
        "it" => "Grazie per il Suo messaggio. Un collega se ne sta occupando e Le scriverà oggi.",
        "ja" => "ご連絡ありがとうございます。担当者が確認し、本日中にご返信いたします。",
        "nl" => "Dank voor uw bericht. Een collega kijkt ernaar en schrijft u vandaag nog.",
        "pl" => "Dziękujemy za wiadomość. Ktoś z naszego zespołu się tym zajmuje i odpisze jeszcze dziś.",
        "pt" => "Obrigado pela sua mensagem. Um colega está a tratar do assunto e escreve-lhe ainda hoje.",
        "tr" => "Mesajınız için teşekkürler. Bir arkadaşımız ilgileniyor ve size bugün yazacak.",
        "uk" => "Дякуємо за повідомлення. Наш співробітник цим займається і напише вам сьогодні.",
        "vi" => "Cảm ơn tin nhắn của bạn. Đồng nghiệp của tôi đang xem xét và sẽ trả lời trong hôm nay.",
        _ => "Thank you for your message. A colleague is looking into it and will write to you today.",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn sample(catalogue: &Catalogue, wanted: impl Fn(&Sample) -> bool) -> &Sample {
        catalogue.samples().iter().find(|sample| wanted(sample)).unwrap()
    }

    #[test]
    fn every_sample_is_recognised_by_everything_its_customer_writes() {
        let catalogue = Catalogue::new();
        for sample in catalogue.samples() {
            for text in inbound_of(sample) {
                assert_eq!(catalogue.recognise([text]).map(|found| &found.slug), Some(&sample.slug));
            }
        }
        assert_eq!(catalogue.recognise(["never written by any of them"]), None);
    }

    #[test]
    fn a_rejected_draft_is_followed_by_a_better_one_and_then_by_a_promise() {
        let catalogue = Catalogue::new();
        let sample = sample(&catalogue, |sample| sample.redraft.is_some());
        let redraft = sample.redraft.clone().unwrap();
        assert_eq!(next_draft(sample, &[]), sample.draft);
        assert_eq!(next_draft(sample, &[&sample.draft.body]), redraft);
        let promise = next_draft(sample, &[&sample.draft.body, &redraft.body]);
        assert_ne!(promise.body, redraft.body);
        assert_eq!(next_draft(sample, &[&sample.draft.body, &redraft.body, &promise.body]), promise);
    }

    #[test]
    fn only_the_first_draft_is_refused_and_seniors_decide_what_reached_them() {
        let catalogue = Catalogue::new();
        let good = sample(&catalogue, |sample| sample.verdict == Verdict::Approve);
        assert_eq!(judge(good, &good.draft.body, false), Judgement::Approve);

        let bad = sample(&catalogue, |sample| sample.verdict == Verdict::Reject && sample.redraft.is_some());
        let reason = bad.reason.as_deref().unwrap();
        assert_eq!(judge(bad, &bad.draft.body, true), Judgement::Reject { reason });
        assert_eq!(judge(bad, &bad.redraft.as_ref().unwrap().body, false), Judgement::Approve);

        let hard = sample(&catalogue, |sample| sample.verdict == Verdict::Escalate);
        let reason = hard.reason.as_deref().unwrap();
        assert_eq!(judge(hard, &hard.draft.body, false), Judgement::Escalate { reason });
        assert_eq!(judge(hard, &hard.draft.body, true), Judgement::Approve);
    }

    #[test]
    fn the_promise_is_written_in_every_language_and_fits_into_an_sms() {
        let catalogue = Catalogue::new();
        let languages: BTreeSet<_> = catalogue.samples().iter().map(|sample| sample.language.as_str()).collect();
        let replies: BTreeSet<_> = languages.iter().map(|language| holding_reply(language)).collect();
        assert_eq!(replies.len(), languages.len());
        assert!(replies.iter().all(|reply| reply.chars().count() <= 160));
    }
}
