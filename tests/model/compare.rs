//! Lays what the model expects beside what the database shows, and says where they differ.

use countersign::domain::Status;
use serde_json::{Value, json};

use super::calls::{Answer, Asked, Call, Reply};
use super::real::{Answered, Names, Remains, Seen};
use super::statements::{as_json, pin_text, time};
use super::world::{Job, JobNo, MessageNo, Payload, Right, Verb, Way, World};

type Difference = Result<(), String>;

/// Every job that was written, column by column, and no other. New ones are given their names first.
pub fn jobs(before: &[Job], world: &World, seen: &Seen, names: &mut Names) -> Difference {
    name_new_jobs(world, seen, names)?;
    for (number, id) in names.jobs.iter().enumerate() {
        let Some(real) = seen.jobs.iter().find(|job| job["job_id"] == *id) else {
            match before.get(number) {
                Some(was) if *was == world.jobs[number] => continue,
                _ => return Err(format!("job {number} stayed as it was, expected {:?}", world.jobs[number])),
            }
        };
        let expected = expected(world, number, names);
        for (column, value) in expected.as_object().expect("built as an object") {
            if real[column] != *value {
                return Err(format!(
                    "job {number} ({}): {column} is {}, expected {value}",
                    world.jobs[number].kind, real[column]
                ));
            }
        }
    }
    Ok(())
}

/// Pairs jobs that a call made with those that the model made: by kind, conversation and parent, in order.
fn name_new_jobs(world: &World, seen: &Seen, names: &mut Names) -> Difference {
    let mut new: Vec<&Value> =
        seen.jobs.iter().filter(|job| !names.jobs.iter().any(|id| job["job_id"] == *id)).collect();
    for number in names.jobs.len()..world.jobs.len() {
        let job = &world.jobs[number];
        let conversation = world.conversations[job.conversation].id;
        let is_it = |real: &&Value| {
            real["job_kind"] == job.kind.as_str()
                && real["correlation_id"] == conversation.to_string()
                && real["parent_job_id"] == json!(job.parent.map(|parent| names.jobs[parent]))
        };
        let Some(place) = new.iter().position(is_it) else {
            return Err(format!("no {} job was created with parent {:?}", job.kind, job.parent));
        };
        names.jobs.push(new.remove(place)["job_id"].as_i64().expect("a job has a number"));
        names.agencies.push(world.agency(number));
    }
    match new.first() {
        Some(job) => Err(format!("a {} job was created that nothing asked for", job["job_kind"])),
        None => Ok(()),
    }
}

fn expected(world: &World, number: JobNo, names: &Names) -> Value {
    let job: &Job = &world.jobs[number];
    let conversation = &world.conversations[job.conversation];
    let payload = match job.payload {
        Payload::Message(message) => {
            format!("message:{}", world.messages[message].id.expect("jobs are about messages with an id"))
        }
        Payload::Conversation => format!("conversation:{}", conversation.id),
    };
    let at = |moment: i64| json!(time(moment).format("%Y-%m-%dT%H:%M:%S+00:00").to_string());
    json!({
        "job_kind": job.kind,
        "status": job.status,
        "priority": job.priority,
        "agency": conversation.agency,
        "target_ref": job.target.map(|role| format!("agency:{}/role:{role}", conversation.agency)),
        "channel_kind": conversation.channel,
        "correlation_id": conversation.id,
        "parent_job_id": job.parent.map(|parent| names.jobs[parent]),
        "payload_ref": payload,
        "safe_payload": as_json(&job.codes),
        "attempt": job.attempt,
        "max_attempts": job.max_attempts,
        "created_at": at(job.created_at),
        "process_after": at(job.process_after),
        "deadline_at": at(job.deadline_at),
        "deadline_promised": job.is_promised,
        "lease_owner": job.lease.as_ref().map(|lease| names.login(lease.owner)),
        "lease_token": job.token,
        "lease_expires_at": job.lease.as_ref().map(|lease| at(lease.expires_at)),
        "outcome_code": job.outcome_code,
        "last_error_code": job.last_error,
    })
}

pub fn reply(expected: &Reply, answered: &Answered, names: &Names) -> Difference {
    match (expected, answered) {
        (Reply::Misuse(codes), Err(code)) if codes.contains(&code.as_str()) => Ok(()),
        (Reply::Replayed(answer), Ok(real)) if real["replayed"] == true => answer_is(answer, real, names),
        (Reply::Answered(answer), Ok(real)) if real["replayed"].is_null() => answer_is(answer, real, names),
        _ => Err(format!("answered {answered:?}, expected {expected:?}")),
    }
}

fn answer_is(expected: &Answer, real: &Value, names: &Names) -> Difference {
    let same = |what: &str, real: &Value, expected: Value| {
        if *real == expected { Ok(()) } else { Err(format!("answered {what} {real}, expected {expected}")) }
    };
    same("outcome", &real["outcome"], json!(expected.outcome))?;
    if let Some(created) = expected.created {
        let id = names.jobs[created];
        let is_named = real["created_job_id"] == id || (real["created_job_id"].is_null() && real["job_id"] == id);
        same("that it created", &json!(is_named), json!(true)).map_err(|_| format!("answered {real}, created {id}"))?;
    }
    if let Some(token) = expected.lease_token {
        same("lease_token", &real["lease_token"], json!(token))?;
    }
    if let Some(by) = expected.by {
        same("by", &real["by"], json!(names.login(by)))?;
    }
    if let Some(claimed) = &expected.claimed {
        let ours: Vec<Value> = claimed.iter().map(|(job, token)| json!([names.jobs[*job], token])).collect();
        let pair = |job: &Value| json!([job["job_id"], job["lease_token"]]);
        let theirs = match &real["jobs"] {
            Value::Array(jobs) => jobs.iter().map(pair).collect(),
            _ => vec![pair(real)],
        };
        same("claims of", &Value::Array(theirs), Value::Array(ours))?;
    }
    if let Some(pin) = &expected.pin {
        same("pin", &real["pin"], json!(pin.as_ref().map(pin_text)))?;
    }
    if let Some(messages) = expected.messages {
        let shown = real["messages"].as_array().map(Vec::len);
        same("messages", &json!(shown), json!(messages))?;
    }
    for (name, number) in &expected.numbers {
        let shown = real[*name].as_bool().map(i64::from).or(real[*name].as_i64());
        same(name, &json!(shown), json!(number))?;
    }
    Ok(())
}

/// I13, I14: what the call announced, and what it left in the audit trail.
pub fn trails(
    before: &[Job],
    world: &World,
    asked: &Asked,
    expected: &Reply,
    seen: &Seen,
    names: &Names,
) -> Difference {
    let mut announced: Vec<&str> = seen.events.iter().map(String::as_str).collect();
    let mut events = world.events.clone();
    announced.sort_unstable();
    events.sort_unstable();
    if announced != events {
        return Err(format!("announced {announced:?}, expected {events:?}"));
    }
    let who = names.login(asked.who);
    if let Some(run) = seen.runs.iter().find(|run| run.login != who) {
        return Err(format!("the trail says that {} did it", run.login));
    }
    let is_written = |job: JobNo, status: Status| {
        let is_it = |run: &&super::real::Run| {
            run.job_id == Some(names.jobs[job]) && run.to_status.as_deref() == Some(status.as_str())
        };
        seen.runs.iter().any(|run| is_it(&run))
    };
    for (number, job) in world.jobs.iter().enumerate() {
        let was = before.get(number);
        let has_moved = was.is_none_or(|was| (was.status, was.token) != (job.status, job.token));
        if has_moved && !is_written(number, job.status) {
            return Err(format!("no trail of job {number} becoming {}", job.status));
        }
    }
    match expected {
        Reply::Misuse(_) | Reply::Replayed(_) if !seen.runs.is_empty() => Err("a trail of nothing".to_owned()),
        Reply::Answered(answer) if answers_in_trail(&asked.call, answer) => {
            // What is done may be written down in other words; a refusal in its own.
            let is_it = |outcome: &str| outcome == answer.outcome || answer.outcome == "applied";
            let is_there = seen.runs.iter().any(|run| is_it(&run.outcome));
            if is_there { Ok(()) } else { Err(format!("no trail of the answer {}", answer.outcome)) }
        }
        _ => Ok(()),
    }
}

/// Empty claims, lease extensions and sweeps leave no trail of their own.
fn answers_in_trail(call: &Call, answer: &Answer) -> bool {
    !matches!(call, Call::ClaimJobs { .. } | Call::ExtendLease { .. } | Call::Sweep) && answer.outcome != "empty"
}

/// What is left when a history is over.
pub fn remains(world: &World, remains: &Remains, names: &Names) -> Difference {
    let mut order: Vec<MessageNo> = (0..world.messages.len()).collect();
    order.sort_by_key(|message| {
        let message = &world.messages[*message];
        (world.conversations[message.conversation].id, message.seq)
    });
    let id = |message: Option<MessageNo>| message.and_then(|message| world.messages[message].id);
    let messages = order.into_iter().map(|number| {
        let message = &world.messages[number];
        let is_ours = message.id.is_some();
        let author = if message.author == "customer" { "customer".to_owned() } else { names.login(message.author) };
        json!({
            "message": message.id,
            "conversation": world.conversations[message.conversation].id,
            "seq": message.seq,
            "direction": match message.way {
                Way::Inbound => "inbound",
                Way::Outbound => "outbound",
                Way::Draft => "draft",
            },
            "revises": id(message.revises),
            "author": is_ours.then_some(author),
            "stored_by": is_ours.then(|| names.login(message.stored_by)),
            "made_for": message.made_for.map(|job| names.jobs[job]),
        })
    });
    same("messages", messages.collect(), &remains.messages)?;
    let decisions = world.decisions.iter().map(|(job, decision)| {
        json!({
            "job": names.jobs[*job],
            "decision": match decision.verb {
                Verb::Approve => "approve",
                Verb::Reject => "reject",
                Verb::Escalate => "escalate",
            },
            "by": names.login(decision.by),
            "draft": id(Some(decision.draft)),
            "seq": decision.newest_inbound,
            "created": decision.created.map(|job| names.jobs[job]),
            "undone_by": decision.undone_by.map(|who| names.login(who)),
        })
    });
    same("decisions", in_order(decisions.collect()), &remains.decisions)?;
    let evidence = world.evidence.iter().map(|(job, right)| {
        let approve = match right {
            Right::Approval(approve) => Some(names.jobs[*approve]),
            Right::Dispensation(_) => None,
        };
        json!({ "job": names.jobs[*job], "approve": approve, "is_dispensed": approve.is_none() })
    });
    same("evidence", in_order(evidence.collect()), &remains.evidence)
}

/// By the database's numbers; the model may count otherwise.
fn in_order(mut rows: Vec<Value>) -> Vec<Value> {
    rows.sort_by_key(|row| row["job"].as_i64());
    rows
}

fn same(what: &str, expected: Vec<Value>, real: &[Value]) -> Difference {
    let differing = expected.iter().zip(real).find(|(expected, real)| expected != real);
    match differing {
        Some((expected, real)) => Err(format!("{what}: {real} was left, expected {expected}")),
        None if expected.len() != real.len() => {
            Err(format!("{what}: {} were left, expected {}", real.len(), expected.len()))
        }
        None => Ok(()),
    }
}
