//! Untrusted text, made visible, complete and bounded.
