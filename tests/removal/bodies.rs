//! The guards inside the functions: taken away one by one by rewriting the function without it.

use std::collections::BTreeSet;

use super::attack::{Attack, attacks};
use super::ledger::{Guard, Known, Ledger};
use super::scratch::Scratch;
use super::{source, wall};
use crate::support::scaled;

const FUNCTIONS: &str = "
    select proname::text, prosrc, pg_get_functiondef(oid)
    from pg_proc
    where pronamespace in ('queue'::regnamespace, 'care'::regnamespace) and prokind = 'f'
    order by proname";

/// Guards that no attack in one session can miss, by the beginning of their names, and why they stand all the same.
const UNMISSED: [(&str, &str); 38] = [
    ("as_codes: raise exception", "the wall refuses it too, after more work"),
    ("as_reason: value is null", "what is null is registered for nothing either"),
    ("as_setting: raise exception using errcode = 'CS002', message = 'no such setting;", "the next refusal says less"),
    ("channel_health: counted.what <=", "for the index: nothing else is summed"),
    ("channel_health: place.channel_kind is not null", "for speed: what has no channel is joined to none"),
    ("check_sealed: raise exception using errcode = 'CS002', message = 'the sealing key", "the table refuses it too"),
    ("claim_jobs: placed.", "for speed: what a hold keeps is passed over one by one too"),
    ("draw_bitmaps: job.job_id <= up_to", "for speed: what is drawn too soon is drawn again"),
    ("draw_bitmaps: job.job_id > turn.drawn_to", "for speed: what is drawn again is the same"),
    ("enter_login: who is null", "what is null is no login either"),
    ("force_release: job.job_id is null", "no job has no target either"),
    ("history: counted.minute <= right_now", "for the index: what is due later is not late, and nothing else is later"),
    ("history: counted.what in", "for the index: nothing else is summed"),
    ("jobs_in: job.status in ('queued'", "for the index: only what is open is asked for by when it is due"),
    ("is_own_edit: job.lease_token", "for speed: what nobody ever had, nobody edited"),
    ("is_on_record: run.to_status = job.status", "the latest move is to the status that the job has"),
    ("count_overview: held.status in", "for the index: nothing else has a lease"),
    ("late_questions: waiting.job_kind in", "for the index: only these kinds escalate"),
    ("lock_next_question: queue.is_free_question", "for what happens between looking and locking"),
    ("message_of: starts_with", "no other kind of thing has a message's id"),
    ("queue_health: job.process_after >= whole.oldest", "for speed: nothing is queued before it"),
    ("read_outbox: written_in < pg_snapshot_xmin", "missed by a race"),
    ("recover_leases: status in ('leased', 'running')", "for the index: nothing else has a lease"),
    ("refuse_review: job.job_id is null", "no job has no target either"),
    ("release_job: job.job_id is null", "nobody is registered for no job either"),
    ("review_undo: job.job_id is null", "nobody decided no job either"),
    ("sla_pressure: (counted.minute <= in_1h", "for the index: what is due later is subtracted, not summed"),
    ("sla_pressure: job.deadline_at >= due.next", "for speed: nothing is due between"),
    ("settle: pg_locks.", "tells who is under way and refuses nothing"),
    ("take_escalation: taken.status = 'queued'", "an escalation is leased nowhere but in this call"),
    ("switch_settled: raise exception using errcode = 'CS000'", "gives the gate back and refuses nothing"),
    ("sweep: placed.drained_at is null", "for speed: of what is drained nothing is left"),
    ("sweep_jobs: job.finished_at", "for the index: whether the tree is over says it too"),
    ("sweep_jobs: job.parent_job_id is null", "for speed: one job of each tree is enough"),
    ("sweep_jobs: job.status in", "for the index: whether the tree is over says it too"),
    ("sweep_messages: known.opened_at", "for speed: whether the conversation is over says it too"),
    ("tier_is_full: agency = of_agency", "for the index: the target names the agency"),
    ("was_passed_over: job.lease_token", "for speed: what nobody ever had, nobody gave back"),
];

/// The attacks that go through a function, the likeliest to miss the guard first: those that it answers, those of the
/// function itself, and those that stand behind the one that missed the guard before.
fn by_likelihood<'a>(all: &'a [Known], callers: &[String], answers: Option<&str>, last: &str) -> Vec<&'a Attack> {
    let function = &callers[0];
    let names = |known: &Known| {
        known.attack.meant_for.contains(function) || known.attack.statement.contains(&format!("queue.{function}("))
    };
    let answered = |known: &Known| answers.is_some_and(|answer| known.attack.expected == answer);
    let begin = all.iter().position(|known| known.attack.what == last).unwrap_or(0);
    let mut likely: Vec<&Known> = all[begin..]
        .iter()
        .chain(&all[..begin])
        // What names a function may go through it unseen, written into the statement.
        .filter(|known| names(known) || callers.iter().any(|caller| known.touched.contains(caller)))
        .collect();
    likely.sort_by_key(|known| (!(names(known) && answered(known)), !names(known), !answered(known)));
    likely.into_iter().map(|known| &known.attack).collect()
}

#[tokio::test]
async fn every_refusal_inside_a_function_is_missed_when_it_is_gone() {
    let scratch = Scratch::new().await;
    let mut ledger = Ledger::open(&scratch, "refusals inside functions");
    let by_hand = ["calls.sql", "hands.sql"].into_iter().flat_map(attacks).collect();
    let mut all = ledger.all_repelled(by_hand).await;
    all.extend(ledger.repelled(wall::attacks(&scratch).await).await);
    let functions = scratch.rows(FUNCTIONS).await;
    let (mut excused, mut needless) = (BTreeSet::new(), Vec::new());
    for [function, body, definition] in &functions {
        let callers = callers(function, &functions);
        let mut last = String::new();
        for inside in source::guards(body) {
            let name = format!("{function}: {}", inside.text);
            let rewritten = |rest: &str| definition.replacen(body.as_str(), rest, 1);
            let mut guard = Guard { name, removal: rewritten(&inside.body) };
            let attacks = by_likelihood(&all, &callers, inside.answers.as_deref(), &last);
            if let Some(excuse) = UNMISSED.iter().position(|(beginning, _)| guard.name.starts_with(beginning)) {
                excused.insert(excuse);
                ledger.excuse(&guard);
                if scaled(0, 1) == 1
                    && let Some((attack, result)) = ledger.miss(&guard.removal, attacks).await
                {
                    needless.push(format!("{} is missed by {} ({result})", guard.name, attack.what));
                }
                continue;
            }
            // What says the same thing twice is one guard where either is enough.
            if let Some(rest) = &inside.body_without_all
                && ledger.miss(&guard.removal, attacks.iter().copied()).await.is_none()
            {
                guard.removal = rewritten(rest);
            }
            if let Some(attack) = ledger.remove(&guard, attacks).await {
                last.clone_from(&attack.what);
            }
        }
    }
    ledger.close("In tests/removal/calls.sql add `-- LOGIN: EXPECTED · what`, and below it what the call refuses.");
    assert!(needless.is_empty(), "no excuse is needed where something misses the guard:\n{}", needless.join("\n"));
    assert_eq!(excused.len(), UNMISSED.len(), "an excuse is for no guard; needed are {excused:?} of {UNMISSED:?}");
}

/// The function, and those that call it: the server may have written it into them.
fn callers(function: &str, functions: &[[String; 3]]) -> Vec<String> {
    let call = format!("queue.{function}(");
    let calling = functions.iter().filter(|[_, body, _]| body.contains(&call)).map(|[name, ..]| name.clone());
    std::iter::once(function.to_owned()).chain(calling).collect()
}
