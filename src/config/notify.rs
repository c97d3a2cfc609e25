//! How the person who runs the dashboard is called when they look elsewhere.

use serde::Deserialize;

/// The `[notify]` table of the configuration file. Both are off unless chosen; either tells counts only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notify {
    /// The terminal's bell.
    pub bell: bool,
    /// A notification of the desktop, where the terminal passes them on (OSC 9).
    pub desktop: bool,
}
