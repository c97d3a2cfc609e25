//! What happens to jobs inside of calls and without their worker's doing: questions, escalations, leases that ran out,
//! sends that are no longer wanted, holds.

use countersign::domain::{JobKind, Role, Status};

use super::settings::Setting;
use super::world::{Codes, ConversationNo, Job, JobNo, MessageNo, Moment, NewJob, Payload, Right, World};

/// A retry never waits longer than this.
const LONGEST_WAIT: i64 = 60 * 60;

/// What a draft brings to the question about it.
pub struct Asking {
    pub conversation: ConversationNo,
    pub parent: Option<JobNo>,
    pub draft: MessageNo,
    pub codes: Codes,
    pub priority: Option<i64>,
    pub due: Option<Moment>,
}

impl World {
    /// One open question per conversation: the open one is pointed at the draft, or one is opened. Returns the question,
    /// and whether it was open before.
    pub fn ask_a_person(&mut self, asking: Asking) -> (JobNo, bool) {
        if let Some(open) = self.open_question(asking.conversation) {
            self.skipped.retain(|(_, skipped)| *skipped != open);
            self.edited.retain(|(_, edited)| *edited != open);
            let question = &mut self.jobs[open];
            question.payload = Payload::Message(asking.draft);
            question.codes = question.codes.overlaid(asking.codes);
            question.priority = question.priority.min(asking.priority.unwrap_or(question.priority));
            if let Some(due) = asking.due.filter(|due| *due <= question.deadline_at) {
                question.deadline_at = due;
                question.is_promised = true;
            }
            return (open, true);
        }
        let opened = self.insert(NewJob {
            kind: JobKind::Approve,
            conversation: asking.conversation,
            parent: asking.parent,
            payload: Payload::Message(asking.draft),
            codes: asking.codes,
            priority: asking.priority.unwrap_or(5),
            not_before: None,
            due: asking.due,
            is_promise: true,
            role: Role::Reviewer,
        });
        (opened, false)
    }

    /// I10: a draft whose own author doubts it goes up at once, if the question waits and the tier above has room.
    pub fn escalate_when_unsure(&mut self, question: JobNo) -> Option<JobNo> {
        let job = &self.jobs[question];
        let confidence = job.codes.confidence?;
        let waits = job.kind == JobKind::Approve && job.status == Status::Queued;
        if !waits
            || !self.rules(job.kind).escalates
            || confidence >= self.settings.get(Some(self.agency(question)), Setting::ConfidenceThreshold)
            || self.is_held(question)
            || !self.may_go_up_by_itself(question)
        {
            return None;
        }
        self.escalate(question, None)
    }

    /// Whether a tier above exists, is not full, and escalations are switched on.
    fn may_go_up_by_itself(&self, question: JobNo) -> bool {
        self.tier_above(question).is_some_and(|role| !self.is_full(question, role))
            && self.is_switched_on(JobKind::Escalate)
    }

    pub fn tier_above(&self, question: JobNo) -> Option<Role> {
        match self.jobs[question].target? {
            Role::Reviewer => Some(Role::SeniorReviewer),
            Role::SeniorReviewer => Some(Role::TeamLead),
            _ => None,
        }
    }

    fn is_full(&self, question: JobNo, role: Role) -> bool {
        let agency = self.agency(question);
        let is_open = |job: &Job| {
            job.kind == JobKind::Escalate
                && job.target == Some(role)
                && self.conversations[job.conversation].agency == agency
                && matches!(job.status, Status::Queued | Status::Leased | Status::Paused)
        };
        let open = self.jobs.iter().filter(|job| is_open(job)).count();
        open as i64 >= self.settings.get(Some(agency), Setting::EscalationOpenLimit)
    }

    /// I10: ends the question and opens an escalate job for the next role up; none at the top.
    pub fn escalate(&mut self, question: JobNo, not_before: Option<Moment>) -> Option<JobNo> {
        let role = self.tier_above(question)?;
        self.end(question, Status::Cancelled, "escalated");
        let Job { conversation, payload, codes, priority, .. } = self.jobs[question];
        let opened = self.insert(NewJob {
            kind: JobKind::Escalate,
            conversation,
            parent: Some(question),
            payload,
            codes,
            priority,
            not_before,
            due: None,
            is_promise: true,
            role,
        });
        self.emit("customer.message.escalated");
        Some(opened)
    }

    /// I18: why a send may not go on, none when it may.
    pub fn no_longer_wanted(&self, send: JobNo) -> Option<&'static str> {
        let Some(right) = self.right_of(send) else { return Some("dispensation_ended") };
        let agency = Some(self.agency(send));
        let draft = self.draft_of(send).expect("a send has a draft");
        let seen = match right {
            Right::Approval(approve) => self.decisions[&approve].newest_inbound,
            Right::Dispensation(_) => self.messages[draft].seq,
        };
        let newest = self.conversations[self.jobs[send].conversation].newest_inbound;
        if newest > seen && self.settings.get(agency, Setting::SendIfMoved) == 0 {
            return Some("conversation_moved");
        }
        match right {
            Right::Approval(approve)
                if self.decisions[&approve].at + self.settings.get(agency, Setting::MaxApprovalAge) < self.now =>
            {
                Some("approval_expired")
            }
            _ => None,
        }
    }

    /// I18: ends the send and asks a person again, where nobody is being asked.
    pub fn stop_send(&mut self, send: JobNo, why: &'static str) -> JobNo {
        self.end(send, Status::Cancelled, why);
        let role = self.jobs[send].parent.and_then(|parent| self.jobs[parent].target).unwrap_or(Role::Reviewer);
        let Job { payload, codes, .. } = self.jobs[send];
        self.ask_again(send, payload, codes, role)
    }

    /// Opens a fresh question in place of a job, with its deadline; the open one where there is one.
    pub fn ask_again(&mut self, about: JobNo, payload: Payload, codes: Codes, role: Role) -> JobNo {
        let Job { conversation, priority, deadline_at, is_promised, .. } = self.jobs[about];
        self.open_question(conversation).unwrap_or_else(|| {
            self.insert(NewJob {
                kind: JobKind::Approve,
                conversation,
                parent: Some(about),
                payload,
                codes,
                priority,
                not_before: None,
                due: Some(deadline_at),
                is_promise: is_promised,
                role,
            })
        })
    }

    /// Ends a program's attempt: another one later, or a dead letter. I17: a send that may have left is never repeated.
    pub fn fail_attempt(&mut self, job: JobNo, code: &'static str) {
        let Job { kind, status, attempt, max_attempts, .. } = self.jobs[job];
        let (is_final, may_have_left) = match code {
            "provider_timeout" => (true, true),
            "provider_rejected" | "invalid_recipient" => (true, false),
            "worker_vanished" => (false, true),
            _ => (false, false),
        };
        let is_unknown = kind == JobKind::Send && status == Status::Running && may_have_left;
        let is_over = is_unknown || is_final || max_attempts.is_some_and(|most| attempt >= most);
        self.let_go(job, if is_over { Status::DeadLetter } else { Status::RetryWaiting });
        let rules = self.rules(kind);
        let now = self.now;
        let failed = &mut self.jobs[job];
        failed.last_error = Some(code);
        if is_over {
            failed.outcome_code = Some(match (is_unknown, is_final) {
                (true, _) => "outcome_unknown",
                (_, true) => "failed_for_good",
                _ => "attempts_used_up",
            });
            if kind == JobKind::Send {
                self.emit("customer.message.send_failed");
            }
        } else {
            let doubled = rules.retry_after << (attempt - 1).clamp(0, 20);
            failed.process_after = now + doubled.min(LONGEST_WAIT);
        }
    }

    /// I9: takes back leases that ran out. Returns how many.
    pub fn recover_leases(&mut self, kinds: &[JobKind]) -> usize {
        let has_run_out = |job: &Job| {
            kinds.contains(&job.kind) && job.lease.as_ref().is_some_and(|lease| lease.expires_at <= self.now)
        };
        let lost: Vec<JobNo> = (0..self.jobs.len()).filter(|job| has_run_out(&self.jobs[*job])).collect();
        for job in &lost {
            if self.jobs[*job].kind.is_for_people() {
                self.let_go(*job, Status::Queued);
            } else {
                self.fail_attempt(*job, "worker_vanished");
            }
        }
        lost.len()
    }

    /// Pauses what standing holds cover. Returns how many.
    pub fn pause_what_is_held(&mut self) -> usize {
        let waits = |job: JobNo| matches!(self.jobs[job].status, Status::Queued | Status::RetryWaiting);
        let covered: Vec<JobNo> = (0..self.jobs.len()).filter(|job| waits(*job) && self.is_held(*job)).collect();
        for job in &covered {
            self.jobs[*job].status = Status::Paused;
        }
        covered.len()
    }

    /// I10: what waits past its deadline goes up, tier by tier, the latest first, as far as there is room.
    pub fn escalate_what_is_late(&mut self) -> usize {
        let is_late =
            |job: &Job| self.rules(job.kind).escalates && job.status == Status::Queued && job.deadline_at <= self.now;
        let mut late: Vec<JobNo> = (0..self.jobs.len()).filter(|job| is_late(&self.jobs[*job])).collect();
        late.sort_by_key(|job| (self.jobs[*job].deadline_at, *job));
        late.into_iter()
            .filter(|job| !self.is_held(*job) && self.may_go_up_by_itself(*job) && self.escalate(*job, None).is_some())
            .count()
    }
}
