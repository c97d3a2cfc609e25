//! The loop, the terminal and the effects.
