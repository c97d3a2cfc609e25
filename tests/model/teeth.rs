//! The model has teeth: where the database breaks one promise on purpose, histories show it.
//!
//! Every spoilt rule is one phrase of one function, replaced in a database of the test. What stands behind the rule as a
//! second line, a trigger that refuses the row, is out of force at the same time; otherwise the model would only see that.

use super::driver::Place;
use crate::support::scaled;

/// A rule that is broken on purpose.
struct Spoilt {
    what: &'static str,
    function: &'static str,
    phrase: &'static str,
    instead: &'static str,
    /// Triggers that would still refuse what comes of it.
    second_line: &'static [&'static str],
}

/// Enough to come to every one of the situations.
const HISTORIES: u64 = 150;

const SPOILT: [Spoilt; 16] = [
    Spoilt {
        what: "I4 an approval holds although it was undone, and its send is not cancelled",
        function: "review_undo",
        phrase: "where made.job_id = created.job_id;",
        instead: "where false;",
        second_line: &[],
    },
    Spoilt {
        what: "I5 a dispensation that has ended still lets a send through",
        function: "no_longer_wanted",
        phrase: "if num_nonnulls(by_right.decision_id, by_right.signoff_id) = 0 then",
        instead: "if false then",
        second_line: &["machine_gate", "evidenced"],
    },
    Spoilt {
        what: "I6 a decision about another draft counts",
        function: "refuse_pin",
        phrase: "draft.message_id is distinct from seen.draft_id or",
        instead: "false and",
        second_line: &["pinned"],
    },
    Spoilt {
        what: "I6 a decision counts although the customer wrote again",
        function: "refuse_pin",
        phrase: "if newest <> seen.newest_inbound_seq then",
        instead: "if false then",
        second_line: &["pinned"],
    },
    Spoilt {
        what: "I7 who edited a draft approves it",
        function: "had_a_hand_in",
        phrase: "session_user::text in (author_ref, stored_by)",
        instead: "false",
        second_line: &[],
    },
    Spoilt {
        what: "I8 a command repeated with other arguments is answered",
        function: "first_answer",
        phrase: "if earlier.asked <> first_answer.asked then",
        instead: "if false then",
        second_line: &[],
    },
    Spoilt {
        what: "I9 a person's lease that ran out still decides",
        function: "refuse_review",
        phrase: "or job.lease_expires_at <= queue.clock()",
        instead: "",
        second_line: &[],
    },
    Spoilt {
        what: "I9 a program's lease that ran out still works",
        function: "refuse_without_lease",
        phrase: "or job.lease_expires_at <= queue.clock()",
        instead: "",
        second_line: &[],
    },
    Spoilt {
        what: "I10 who escalated a job takes it",
        function: "take_escalation",
        phrase: "and earlier.decided_by = session_user",
        instead: "and false",
        second_line: &[],
    },
    Spoilt {
        what: "I10 a tier that is full takes more",
        function: "tier_is_full",
        phrase: "count(*) >=",
        instead: "count(*) >= 1 +",
        second_line: &[],
    },
    Spoilt {
        what: "I11 a kind that is switched off is enqueued",
        function: "is_switched_on",
        phrase: "queue.setting('queue.customer.' || kind || '.enabled'),",
        instead: "",
        second_line: &[],
    },
    Spoilt {
        what: "I12 an executor works for an agency that it is not registered for",
        function: "may_work_on",
        phrase: "and job.agency = any (me.agencies)",
        instead: "",
        second_line: &[],
    },
    Spoilt {
        what: "I17 a send that may have left is tried again by itself",
        function: "fail_attempt",
        phrase: "(known.effect = 'unknown' or error = 'worker_vanished')",
        instead: "known.effect = 'unknown'",
        second_line: &["machine_gate"],
    },
    Spoilt {
        what: "I18 a send goes although the customer wrote after the approval",
        function: "no_longer_wanted",
        phrase: "if newest > seen",
        instead: "if false",
        second_line: &[],
    },
    Spoilt {
        what: "I18 an approval never grows too old",
        function: "no_longer_wanted",
        phrase: "< queue.clock() then",
        instead: "< '-infinity' then",
        second_line: &[],
    },
    Spoilt {
        what: "resuming a hold releases what another one covers",
        function: "release_uncovered",
        phrase: "(placed.resumed_at is null or",
        instead: "(false or",
        second_line: &[],
    },
];

#[test]
fn a_database_that_breaks_a_promise_is_caught() {
    let mut place = Place::new();
    let uncaught: Vec<&str> = SPOILT
        .iter()
        .filter(|spoilt| {
            place.execute(&format!(
                "select model.spoil('queue.{}', $phrase${}$phrase$, $instead${}$instead$, '{{{}}}')",
                spoilt.function,
                spoilt.phrase,
                spoilt.instead,
                spoilt.second_line.join(",")
            ));
            let caught = (0..scaled(1, 5) as u64 * HISTORIES).find_map(|seed| place.history(seed, 0).err());
            place.execute("select model.heal()");
            match &caught {
                Some(failure) => println!("seed {}: {}: {}", failure.seed, spoilt.what, failure.first_line()),
                None => println!("not caught: {}", spoilt.what),
            }
            caught.is_none()
        })
        .map(|spoilt| spoilt.what)
        .collect();
    assert_eq!(uncaught, [""; 0], "no history noticed");
    place.history(0, 0).expect("a database that was made whole again does what the model says");
}
