//! Any call, by mostly the right kind of caller, with arguments that are often wrong: a stale pin, an old token, a job of
//! another agency, a login that is not registered.

use countersign::domain::{JobKind, Status};

use super::acts::{Pick, pick};
use super::calls::{About, Call, Pin};
use super::choose::{CONVERSATIONS, conversation_id, job_like, open_conversation};
use super::choose_onward::read;
use super::people::{
    AGENCIES, CHANNELS, EXECUTORS, NOBODY, PRODUCERS, PROGRAM_KINDS, STAFF, Whitelist, Who, everybody,
};
use super::settings::Setting;
use super::world::{Codes, JobNo, Way, World};

/// One chance of everything.
struct Chance<'w> {
    world: &'w mut World,
    who: Pick,
    about: Pick,
    twist: Pick,
}

pub fn any_call(world: &mut World, verb: Pick, who: Pick, about: Pick, twist: Pick) -> (Who, Call) {
    let mut chance = Chance { world, who, about, twist };
    match verb % 24 {
        0..=3 => chance.producer(verb / 24),
        4..=8 => chance.executor(verb / 24),
        9..=15 => chance.reviewer(verb / 24),
        16..=19 => chance.oncall(verb / 24),
        20..=22 => chance.admin(verb / 24),
        _ => (chance.one_of(&everybody().collect::<Vec<_>>()), Call::Sweep),
    }
}

impl Chance<'_> {
    /// Somebody of the list, and now and then somebody else.
    fn one_of(&self, list: &[Who]) -> Who {
        match self.who % 24 {
            0 => pick(&everybody().collect::<Vec<_>>(), self.who / 24),
            1 => NOBODY,
            _ => pick(list, self.who / 24),
        }
    }

    fn staff(&self) -> Who {
        self.one_of(&STAFF.map(|person| person.who))
    }

    fn job(&self, fits: impl Fn(&World, JobNo) -> bool) -> About {
        job_like(self.world, self.about, |job| fits(self.world, job))
    }

    fn is_in(&self, statuses: &[Status], for_people: bool) -> About {
        self.job(|world, job| {
            world.jobs[job].kind.is_for_people() == for_people && statuses.contains(&world.jobs[job].status)
        })
    }

    /// The token of the job, or one that was or will be.
    fn token(&self, job: About) -> i64 {
        let token = job.map_or(1, |job| self.world.jobs[job].token);
        token + pick(&[0, 0, 0, 0, 0, -1, 1], self.twist)
    }

    /// Mostly who holds the job.
    fn holder(&self, job: About, otherwise: Who) -> Who {
        let lease = job.and_then(|job| self.world.jobs[job].lease.as_ref());
        lease.filter(|_| !self.who.is_multiple_of(5)).map_or(otherwise, |lease| lease.owner)
    }

    fn producer(&mut self, verb: Pick) -> (Who, Call) {
        let who = self.one_of(&PRODUCERS);
        let number = usize::from(self.about) % CONVERSATIONS.len();
        let conversation = conversation_id(number);
        let known: Vec<_> = self.world.messages.iter().filter_map(|message| message.id).collect();
        let is_known = self.twist.is_multiple_of(7) && !known.is_empty();
        let message = if is_known { pick(&known, self.about) } else { self.world.fresh_id() };
        let codes = Codes { confidence: pick(&[None, Some(200), Some(900)], self.twist / 3), ..Codes::default() };
        let priority = pick(&[None, Some(0), Some(9)], self.twist / 5);
        let due = pick(&[None, Some(1), Some(60), Some(3600)], self.twist / 11).map(|wait| self.world.now + wait);
        let call = match verb % 6 {
            0 => match open_conversation(number) {
                Call::OpenConversation { conversation, agency, channel, .. } if self.twist.is_multiple_of(3) => {
                    Call::OpenConversation { conversation, agency, channel, customer: 9 }
                }
                same => same,
            },
            1 | 2 => Call::StoreInbound { conversation, message, codes, priority, due },
            3 => {
                let way = pick(&[Way::Inbound, Way::Outbound], self.twist);
                Call::StoreHistory { conversation, message, way }
            }
            4 => {
                let revises = (self.twist.is_multiple_of(2) && !known.is_empty()).then(|| pick(&known, self.twist));
                let author = pick(&["drafter", "ada", "bo", "gus"], self.twist / 2);
                Call::SubmitDraft { conversation, draft: message, author, codes, priority, due, revises }
            }
            _ => {
                let not_before = self.world.now + pick(&[0, 30, 600], self.twist);
                Call::ScheduleFollowup { conversation, not_before, priority }
            }
        };
        (who, call)
    }

    fn executor(&mut self, verb: Pick) -> (Who, Call) {
        let who = self.one_of(&EXECUTORS);
        if verb % 10 <= 1 {
            let kinds =
                if verb.is_multiple_of(2) { PROGRAM_KINDS.to_vec() } else { vec![JobKind::Send, JobKind::Approve] };
            return (who, Call::ClaimJobs { kinds, limit: usize::from(self.twist % 4 + 1) });
        }
        let job = self.is_in(&[Status::Leased, Status::Running], verb % 10 == 9);
        let who = self.holder(job, who);
        let token = self.token(job);
        let drafts: Vec<_> = self.world.messages.iter().filter(|message| message.way == Way::Draft).collect();
        let draft = drafts.last().and_then(|message| message.id);
        let found = Codes {
            confidence: pick(&[None, Some(100)], self.twist),
            priority: pick(&[None, Some(1)], self.twist / 2),
            ..Codes::default()
        };
        let call = match verb % 10 {
            2 => Call::StartJob { job, token },
            3 | 9 => Call::ExtendLease { job, token },
            4 => Call::ReleaseJob { job, token },
            5 => {
                let id = if self.twist.is_multiple_of(5) { draft } else { None };
                Call::PutDraft { job, token, draft: id.unwrap_or_else(|| self.world.fresh_id()) }
            }
            6 => {
                let provider_ref = !self.twist.is_multiple_of(4);
                Call::CompleteJob { job, token, found, draft, provider_ref }
            }
            7 => {
                let codes =
                    ["rate_limited", "provider_timeout", "provider_rejected", "worker_vanished", "no_such_code"];
                Call::FailJob { job, token, code: pick(&codes, self.twist) }
            }
            _ => Call::OpenBody { job, token },
        };
        (who, call)
    }

    fn reviewer(&mut self, verb: Pick) -> (Who, Call) {
        let who = self.staff();
        match verb % 16 {
            0 => return (who, Call::ClaimReview { job: None }),
            1 => return (who, Call::ClaimReview { job: Some(self.is_in(&[Status::Queued, Status::Leased], true)) }),
            2 => {
                return (
                    who,
                    Call::TakeEscalation { job: self.job(|world, job| world.jobs[job].kind == JobKind::Escalate) },
                );
            }
            3 => return (who, Call::ForceRelease { job: self.is_in(&[Status::Leased], true) }),
            4 | 5 => {
                let job = self.job(|world, job| world.decisions.contains_key(&job));
                let decider = job.and_then(|job| self.world.decisions.get(&job)).map(|decision| decision.by);
                let who = decider.filter(|_| !self.who.is_multiple_of(3)).unwrap_or(who);
                return (who, Call::Undo { job });
            }
            6 => return (who, Call::OpenBody { job: self.is_in(&[Status::Queued, Status::Leased], true), token: 0 }),
            _ => {}
        }
        let job = self.is_in(&[Status::Leased], true);
        let who = self.holder(job, who);
        let pin = self.pin(who, job);
        let token = self.token(job);
        let call = match verb % 16 {
            7..=9 => Call::Approve { job, pin },
            10 | 11 => {
                let reason = pick(&["wrong_tone", "policy", "no_reply_needed"], self.twist);
                Call::Reject { job, pin, reason }
            }
            12 => Call::Escalate { job, pin },
            13 => Call::Revise { job, pin, revision: self.world.fresh_id() },
            14 => Call::Skip { job, token },
            _ => Call::ReleaseJob { job, token },
        };
        (who, call)
    }

    /// What somebody saw: just now, a while ago, or never.
    fn pin(&self, who: Who, job: About) -> Pin {
        let Some(job) = job else { return read_nothing() };
        let seen = read(self.world, who, job);
        let now = self.world.pin(job).unwrap_or(seen);
        match self.twist % 12 {
            0..=4 => seen,
            5 | 6 => now,
            7 => Pin { digest_of: conversation_id(1), ..now },
            8 => Pin { newest_inbound: now.newest_inbound + 1, ..now },
            9 => Pin { newest_inbound: (now.newest_inbound - 1).max(0), ..now },
            10 => Pin { token: now.token + 1, ..now },
            _ => self.world.readings.first().map_or(seen, |reading| Pin { token: now.token, ..reading.pin }),
        }
    }

    fn oncall(&mut self, verb: Pick) -> (Who, Call) {
        let who = if self.who.is_multiple_of(4) { self.staff() } else { pick(&["kim", "kai"], self.who) };
        let dead = [Status::DeadLetter];
        let call = match verb % 10 {
            0 | 1 => {
                Call::RetryDeadLetter { job: self.is_in(&dead, false), may_have_left: self.twist.is_multiple_of(2) }
            }
            2 => Call::DiscardDeadLetter { job: self.is_in(&dead, false) },
            3 => Call::ConfirmSent { job: self.is_in(&dead, false) },
            4 => Call::RetryNow { job: self.is_in(&[Status::RetryWaiting], false) },
            5 => {
                let for_people = self.twist.is_multiple_of(2);
                Call::Cancel { job: self.is_in(&[Status::Queued, Status::RetryWaiting, Status::Paused], for_people) }
            }
            6..=8 => {
                let kind =
                    pick(&[None, Some(JobKind::Approve), Some(JobKind::Send), Some(JobKind::Escalate)], self.about);
                let channel = pick(&[None, Some("sms"), Some("email")], self.twist);
                let agency = pick(&[None, None, Some("acme"), Some("globex")], self.twist / 3);
                Call::PlaceHold { kind, channel, agency }
            }
            _ => {
                let standing = self.world.holds.len();
                let hold = (standing > 0).then(|| usize::from(self.about) % standing);
                let per_minute = pick(&[None, Some(1), Some(6), Some(0)], self.twist);
                Call::Resume { hold, per_minute }
            }
        };
        (who, call)
    }

    fn admin(&mut self, verb: Pick) -> (Who, Call) {
        let workflow = self.one_of(&["wad", "wag"]);
        let platform = self.one_of(&["pad"]);
        let customer = (self.about % 4) as u8;
        match verb % 12 {
            0 | 1 => {
                let expires_at = self.world.now + pick(&[0, 60, 86_400], self.twist);
                (workflow, Call::SignOff { customer, expires_at })
            }
            2 => (workflow, Call::RevokeSignOff { customer }),
            3..=5 => {
                let (setting, value) = self.adjustment();
                (workflow, Call::SetAgencyConfig { setting, value })
            }
            6 => {
                let (setting, value) = self.adjustment();
                (platform, Call::SetConfig { setting, value })
            }
            7 | 8 => {
                let kind = pick(&JobKind::ALL, self.about);
                let setting = pick(
                    &[
                        Setting::KindEnabled(kind),
                        Setting::KindEnabled(kind),
                        Setting::Enabled,
                        Setting::SendWithoutApprove,
                    ],
                    self.twist,
                );
                (platform, Call::SetConfig { setting, value: i64::from(self.twist / 4 % 2) })
            }
            9 => {
                let agency = pick(&AGENCIES, self.about);
                (platform, Call::OrderOfReview { agency, savable_first: self.twist.is_multiple_of(2) })
            }
            10 => {
                let whitelist = Whitelist {
                    kinds: PROGRAM_KINDS[usize::from(self.about % 5)..].to_vec(),
                    channels: CHANNELS[usize::from(self.twist % 2)..].to_vec(),
                    agencies: AGENCIES[usize::from(self.twist / 2 % 2)..].to_vec(),
                };
                (platform, Call::RegisterExecutor { login: pick(&EXECUTORS, self.twist / 4), whitelist })
            }
            _ => (platform, Call::RevokeLogin { login: pick(&EXECUTORS, self.twist) }),
        }
    }

    fn adjustment(&self) -> (Setting, i64) {
        pick(
            &[
                (Setting::EditorMayApprove, 1),
                (Setting::EditorMayApprove, 0),
                (Setting::SendIfMoved, 1),
                (Setting::SendIfMoved, 0),
                (Setting::ConfidenceThreshold, 1000),
                (Setting::ConfidenceThreshold, 0),
                (Setting::EscalationOpenLimit, 0),
                (Setting::EscalationOpenLimit, 1),
                (Setting::MaxApprovalAge, 60),
                (Setting::UndoSeconds("email"), 0),
                (Setting::UndoSeconds("sms"), 60),
                (Setting::SendWithoutApprove, 0),
            ],
            self.about,
        )
    }
}

fn read_nothing() -> Pin {
    Pin { draft: conversation_id(0), digest_of: conversation_id(0), newest_inbound: 0, token: 1 }
}
