//! The settings that calls go by, with the values that the contract says are shipped.

use std::collections::BTreeMap;

use countersign::domain::JobKind;

use super::people::{Agency, Channel};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    Enabled,
    KindEnabled(JobKind),
    SendWithoutApprove,
    EditorMayApprove,
    SendIfMoved,
    /// In thousandths.
    ConfidenceThreshold,
    EscalationOpenLimit,
    /// In seconds.
    MaxApprovalAge,
    UndoSeconds(Channel),
}

impl Setting {
    pub fn key(self) -> String {
        match self {
            Setting::Enabled => "queue.customer.enabled".to_owned(),
            Setting::KindEnabled(kind) => format!("queue.customer.{kind}.enabled"),
            Setting::SendWithoutApprove => "queue.customer.send_without_approve.enabled".to_owned(),
            Setting::EditorMayApprove => "queue.customer.editor_may_approve".to_owned(),
            Setting::SendIfMoved => "queue.customer.send_if_moved".to_owned(),
            Setting::ConfidenceThreshold => "queue.customer.confidence_threshold".to_owned(),
            Setting::EscalationOpenLimit => "queue.customer.escalation_open_limit".to_owned(),
            Setting::MaxApprovalAge => "queue.customer.max_approval_age".to_owned(),
            Setting::UndoSeconds(channel) => format!("queue.customer.undo_seconds.{channel}"),
        }
    }

    /// The value as the call takes it.
    pub fn value(self, value: i64) -> String {
        match self {
            Setting::ConfidenceThreshold => thousandths(value),
            Setting::EscalationOpenLimit | Setting::MaxApprovalAge | Setting::UndoSeconds(_) => value.to_string(),
            _ => (value == 1).to_string(),
        }
    }

    fn shipped(self) -> i64 {
        match self {
            Setting::Enabled | Setting::KindEnabled(_) => 1,
            Setting::SendWithoutApprove | Setting::EditorMayApprove | Setting::SendIfMoved => 0,
            Setting::ConfidenceThreshold => 400,
            Setting::EscalationOpenLimit => 40,
            Setting::MaxApprovalAge => 2 * 60 * 60,
            Setting::UndoSeconds("email") => 30,
            Setting::UndoSeconds("sms") => 15,
            Setting::UndoSeconds(_) => 5,
        }
    }

    /// Whether a workflow_admin may set it for the own agency.
    pub fn is_per_agency(self) -> bool {
        !matches!(self, Setting::Enabled | Setting::KindEnabled(_) | Setting::SendWithoutApprove)
    }
}

/// 0 to 1000 as a number from 0 to 1.
pub fn thousandths(value: i64) -> String {
    format!("{}.{:03}", value / 1000, value % 1000)
}

#[derive(Debug, Clone, Default)]
pub struct Settings {
    values: BTreeMap<(Option<Agency>, Setting), i64>,
}

impl Settings {
    pub fn put(&mut self, agency: Option<Agency>, setting: Setting, value: i64) {
        self.values.insert((agency, setting), value);
    }

    /// What somebody set, for exactly this agency or for all.
    pub fn set(&self, agency: Option<Agency>, setting: Setting) -> Option<i64> {
        self.values.get(&(agency, setting)).copied()
    }

    /// The agency's value, else everybody's, else the shipped one.
    pub fn get(&self, agency: Option<Agency>, setting: Setting) -> i64 {
        let own = agency.and_then(|agency| self.set(Some(agency), setting));
        own.or_else(|| self.set(None, setting)).unwrap_or_else(|| setting.shipped())
    }
}
