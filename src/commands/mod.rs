//! Subcommands without a screen.
