//! Who someone is: a login, its agency and its roles.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::job::UnknownWord;

/// What a member of staff may do. A person can have several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Reviewer,
    SeniorReviewer,
    TeamLead,
    Oncall,
    Operator,
    WorkflowAdmin,
    PlatformAdmin,
}

impl Role {
    pub const ALL: [Role; 7] = [
        Role::Reviewer,
        Role::SeniorReviewer,
        Role::TeamLead,
        Role::Oncall,
        Role::Operator,
        Role::WorkflowAdmin,
        Role::PlatformAdmin,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Role::Reviewer => "reviewer",
            Role::SeniorReviewer => "senior_reviewer",
            Role::TeamLead => "team_lead",
            Role::Oncall => "oncall",
            Role::Operator => "operator",
            Role::WorkflowAdmin => "workflow_admin",
            Role::PlatformAdmin => "platform_admin",
        }
    }

    /// The roles that read bodies and decide.
    pub fn reviews(self) -> bool {
        matches!(self, Role::Reviewer | Role::SeniorReviewer | Role::TeamLead)
    }

    /// The roles that may take back what another decided, or release another's lease.
    pub fn is_senior(self) -> bool {
        matches!(self, Role::SeniorReviewer | Role::TeamLead)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Role {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|role| role.as_str() == word).ok_or(UnknownWord { what: "role" })
    }
}

/// What the database knows of the login that is connected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    pub login: String,
    /// `staff`, `executor`, `producer`, `monitor`, or `none` for a login that is not registered.
    pub class: String,
    /// None: registered for all agencies.
    pub agency: Option<String>,
    pub roles: Vec<Role>,
}

impl Principal {
    pub fn reviews(&self) -> bool {
        self.roles.iter().any(|role| role.reviews())
    }

    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    pub fn is_senior(&self) -> bool {
        self.roles.iter().any(|role| role.is_senior())
    }
}
