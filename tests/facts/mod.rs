//! How well facts that occur nowhere in the conversation are found: precision and recall over labelled drafts.

mod drafts;

use std::collections::BTreeMap;
use std::fmt::Write;

use countersign::text::facts::not_in_thread;
use countersign::text::{FactKind, Remark};

use drafts::{Draft, Labelled};

/// Right marks, false alarms and misses; and how many sound drafts had a mark at all.
#[derive(Debug, Default, Clone, Copy)]
struct Score {
    right: usize,
    false_alarms: usize,
    missed: usize,
    drafts: usize,
    /// Drafts in which nothing is to be marked, and those of them that were.
    sound: usize,
    disturbed: usize,
}

impl Score {
    /// Of what was marked, the share that had to be, in percent.
    fn precision(&self) -> f64 {
        share(self.right, self.right + self.false_alarms)
    }

    /// Of what had to be marked, the share that was, in percent.
    fn recall(&self) -> f64 {
        share(self.right, self.right + self.missed)
    }

    fn add(&mut self, other: Score) {
        self.right += other.right;
        self.false_alarms += other.false_alarms;
        self.missed += other.missed;
        self.drafts += other.drafts;
        self.sound += other.sound;
        self.disturbed += other.disturbed;
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 100.0 } else { 100.0 * part as f64 / whole as f64 }
}

/// What is wrong with the marks of one draft, in words, and its score. A mark is right when its kind is and it touches
/// what was to be marked.
fn judge(draft: &Draft) -> (Score, Vec<String>) {
    let marks = not_in_thread(&draft.text, draft.thread.iter().map(String::as_str), &[]);
    let mut expected: Vec<(&Labelled, bool)> = draft.labelled.iter().map(|labelled| (labelled, false)).collect();
    let mut score = Score { drafts: 1, sound: usize::from(draft.labelled.is_empty()), ..Score::default() };
    let mut complaints = Vec::new();
    for mark in &marks {
        let Remark::NotInThread(kind) = mark.remark else { panic!("no fact: {mark:?}") };
        let touches = |labelled: &Labelled| labelled.at.start < mark.at.end && mark.at.start < labelled.at.end;
        match expected.iter_mut().find(|(labelled, hit)| !hit && labelled.kind == kind && touches(labelled)) {
            Some((_, hit)) => {
                *hit = true;
                score.right += 1;
            }
            None => {
                score.false_alarms += 1;
                complaints.push(format!("false alarm: {kind} {:?}", draft.words(&mark.at)));
            }
        }
    }
    for (labelled, _) in expected.iter().filter(|(_, hit)| !hit) {
        score.missed += 1;
        complaints.push(format!("missed: {} {:?}", labelled.kind, draft.words(&labelled.at)));
    }
    score.disturbed = usize::from(draft.labelled.is_empty() && !marks.is_empty());
    (score, complaints)
}

/// Scores of one half of the set, by language and by the sort of draft, with every complaint.
fn measure(half: &str) -> (Score, String) {
    let mut all = Score::default();
    let (mut languages, mut sorts) = (BTreeMap::<_, Score>::new(), BTreeMap::<_, Score>::new());
    let mut report = String::new();
    for draft in drafts::read(half) {
        let (score, complaints) = judge(&draft);
        all.add(score);
        languages.entry(draft.language.clone()).or_default().add(score);
        sorts.entry(draft.sort.clone()).or_default().add(score);
        for complaint in complaints {
            writeln!(report, "  {}:{} {complaint}", draft.language, draft.line).unwrap();
        }
    }
    writeln!(report, "{half}: {} drafts", all.drafts).unwrap();
    for (name, score) in languages.iter().chain(&sorts).chain([(&"all".to_owned(), &all)]) {
        writeln!(
            report,
            "  {name:<12} {:>3} drafts  precision {:>5.1} %  recall {:>5.1} %  right {:>3}  false alarms {:>2}  missed {:>2}  \
             sound drafts with a mark {}/{}",
            score.drafts,
            score.precision(),
            score.recall(),
            score.right,
            score.false_alarms,
            score.missed,
            score.disturbed,
            score.sound,
        )
        .unwrap();
    }
    (all, report)
}

#[test]
fn facts_of_the_held_out_drafts_are_found_as_often_as_is_said() {
    let (score, report) = measure("held_out");
    println!("{report}");
    assert!(score.drafts >= 100, "{report}");
    assert!(score.precision() >= 96.0 && score.recall() >= 96.0, "{report}");
}

#[test]
fn facts_of_the_tuned_drafts_are_found_as_often_as_is_said() {
    let (score, report) = measure("tuned");
    println!("{report}");
    assert!(score.drafts >= 100, "{report}");
    assert!(score.precision() >= 98.0 && score.recall() >= 98.0, "{report}");
}

#[test]
fn every_kind_and_every_language_of_the_samples_is_labelled() {
    let drafts: Vec<Draft> = ["held_out", "tuned"].into_iter().flat_map(drafts::read).collect();
    let labelled =
        |kind: FactKind| drafts.iter().flat_map(|draft| &draft.labelled).filter(|label| label.kind == kind).count();
    for kind in drafts::KINDS.map(|(_, kind)| kind) {
        assert!(labelled(kind) >= 8, "{kind}: {}", labelled(kind));
    }
    let samples: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../../assets/conversations.json")).unwrap();
    for sample in &samples {
        let language = sample["language"].as_str().unwrap();
        assert!(drafts.iter().any(|draft| draft.language == language), "{language}");
    }
}

/// The sample conversations were written for people to practise on, not for this.
#[test]
fn invented_facts_of_the_sample_drafts_are_marked_and_sound_drafts_rarely() {
    let samples: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../../assets/conversations.json")).unwrap();
    let (mut sound, mut disturbed, mut marks_in_sound) = (0, 0, Vec::new());
    let mut marked: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for sample in &samples {
        let text = |message: &serde_json::Value| message["body"].as_str().unwrap().to_owned();
        let thread: Vec<String> = sample["messages"].as_array().unwrap().iter().map(text).collect();
        let draft = text(&sample["draft"]);
        let marks = not_in_thread(&draft, thread.iter().map(String::as_str), &["acme-cards.example"]);
        let words = marks.iter().map(|mark| draft.chars().skip(mark.at.start).take(mark.at.len()).collect());
        let slug = sample["slug"].as_str().unwrap().to_owned();
        if sample["verdict"] == "approve" {
            sound += 1;
            disturbed += usize::from(!marks.is_empty());
            marks_in_sound.extend(words.map(|words: String| format!("{slug}: {words}")));
        } else {
            marked.insert(slug, words.collect());
        }
    }
    println!("{disturbed} of {sound} sound drafts have a mark: {marks_in_sound:#?}\n{marked:#?}");
    let expected = [
        ("card-late-ombudsman", vec!["the 19th", "noon", "AC-7740-2219"]),
        ("refund-kettle", vec!["KT-20481", "129.00"]),
        ("tr-iade-nerede", vec!["1.520 lira", "14.30"]),
        ("it-cambio-indirizzo", vec!["3.418,20 euro"]),
        ("fr-geste-commercial", vec!["10 %"]),
    ];
    for (slug, expected) in expected {
        let marked = &marked[slug];
        for words in expected {
            assert!(marked.iter().any(|marked| words.contains(marked.as_str())), "{slug}: {words} among {marked:?}");
        }
    }
    assert!(disturbed * 8 <= sound, "{disturbed} of {sound}: {marks_in_sound:#?}");
}
