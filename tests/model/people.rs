//! Who takes part: of every class, agency and tier somebody.

use std::collections::BTreeMap;

use countersign::domain::{JobKind, Role};

pub type Who = &'static str;
pub type Agency = &'static str;
pub type Channel = &'static str;

pub const AGENCIES: [Agency; 2] = ["acme", "globex"];
pub const CHANNELS: [Channel; 2] = ["email", "sms"];

/// One member of staff.
pub struct Person {
    pub who: Who,
    /// None: registered for all agencies.
    pub agency: Option<Agency>,
    pub roles: &'static [Role],
}

impl Person {
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    pub fn is_of(&self, agency: Agency) -> bool {
        self.agency.is_none_or(|own| own == agency)
    }

    pub fn reviews(&self) -> bool {
        self.roles.iter().any(|role| role.reviews())
    }

    pub fn is_senior(&self) -> bool {
        self.roles.iter().any(|role| role.is_senior())
    }
}

pub const STAFF: [Person; 13] = [
    Person { who: "ada", agency: Some("acme"), roles: &[Role::Reviewer] },
    Person { who: "bo", agency: Some("acme"), roles: &[Role::Reviewer] },
    Person { who: "sen", agency: Some("acme"), roles: &[Role::SeniorReviewer] },
    Person { who: "max", agency: Some("acme"), roles: &[Role::Reviewer, Role::SeniorReviewer] },
    Person { who: "lee", agency: Some("acme"), roles: &[Role::TeamLead] },
    Person { who: "gus", agency: Some("globex"), roles: &[Role::Reviewer] },
    Person { who: "gil", agency: Some("globex"), roles: &[Role::SeniorReviewer] },
    Person { who: "kim", agency: Some("acme"), roles: &[Role::Oncall] },
    Person { who: "kai", agency: None, roles: &[Role::Oncall, Role::Operator] },
    Person { who: "opa", agency: Some("acme"), roles: &[Role::Operator] },
    Person { who: "wad", agency: Some("acme"), roles: &[Role::WorkflowAdmin] },
    Person { who: "wag", agency: Some("globex"), roles: &[Role::WorkflowAdmin] },
    Person { who: "pad", agency: None, roles: &[Role::PlatformAdmin] },
];

pub fn person(who: Who) -> Option<&'static Person> {
    STAFF.iter().find(|person| person.who == who)
}

/// What a program may touch. Producers have no kinds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whitelist {
    pub kinds: Vec<JobKind>,
    pub channels: Vec<Channel>,
    pub agencies: Vec<Agency>,
}

pub const PROGRAM_KINDS: [JobKind; 5] =
    [JobKind::Inbound, JobKind::Classify, JobKind::Draft, JobKind::Send, JobKind::Followup];

/// Every executor and what it is registered for when a history begins.
pub fn executors() -> BTreeMap<Who, Whitelist> {
    let list = |kinds: &[JobKind], channels: &[Channel], agencies: &[Agency]| Whitelist {
        kinds: kinds.to_vec(),
        channels: channels.to_vec(),
        agencies: agencies.to_vec(),
    };
    BTreeMap::from([
        ("exe", list(&PROGRAM_KINDS, &CHANNELS, &AGENCIES)),
        ("sms_exe", list(&[JobKind::Send], &["sms"], &["acme"])),
        ("pen", list(&[JobKind::Draft, JobKind::Classify], &CHANNELS, &["acme"])),
    ])
}

pub const EXECUTORS: [Who; 3] = ["exe", "sms_exe", "pen"];
pub const PRODUCERS: [Who; 2] = ["prod", "sms_prod"];
/// May log in and is registered as nothing.
pub const NOBODY: Who = "nobody";

/// What a producer is registered for.
pub fn producer(who: Who) -> Option<Whitelist> {
    match who {
        "prod" => Some(Whitelist { kinds: vec![], channels: CHANNELS.to_vec(), agencies: AGENCIES.to_vec() }),
        "sms_prod" => Some(Whitelist { kinds: vec![], channels: vec!["sms"], agencies: vec!["acme"] }),
        _ => None,
    }
}

pub fn everybody() -> impl Iterator<Item = Who> {
    STAFF.iter().map(|person| person.who).chain(EXECUTORS).chain(PRODUCERS).chain([NOBODY])
}
