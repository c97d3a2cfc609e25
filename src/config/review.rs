//! How the person who runs the dashboard reviews.

use serde::{Deserialize, Deserializer};

/// What stands in the place of the customer's reference in an address.
pub const CUSTOMER: &str = "{customer_ref}";

/// The `[review]` table of the configuration file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Review {
    /// Codes of the languages that the person reads; none: all of them.
    pub reads: Vec<String>,
    /// Where a customer can be looked up: an address with `{customer_ref}` in it.
    #[serde(deserialize_with = "address")]
    pub lookup_url: Option<String>,
    /// A draft may be edited in `$VISUAL` or `$EDITOR`, which keep copies, and not in the built-in editor.
    pub external_editor: bool,
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let address = String::deserialize(deserializer)?;
    let begins = ["https://", "http://"].iter().any(|scheme| address.starts_with(scheme));
    if begins && address.contains(CUSTOMER) && !address.chars().any(|it| it.is_whitespace() || it.is_control()) {
        return Ok(Some(address));
    }
    Err(serde::de::Error::custom(format!("expected an address such as https://crm.example/c/{CUSTOMER}")))
}
