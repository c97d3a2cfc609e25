//! The model, the messages and `update`.
//!
//! | file | what it holds |
//! |---|---|
//! | [`msg`] | everything that can happen, as one enum |
//! | [`effect`] | everything that `update` can ask for, as one enum |
//! | [`model`] | what is known now |
//! | [`update`](mod@update) | what a message changes, and what should happen then |
//! | [`input`] | what keys, pasted text and the mouse mean |
//! | [`keymap`] | the one table of keys: dispatch, footer and help read it |
//! | [`help`] | the table of keys as rows |
//! | [`asking`] | what is asked of the database, in which order, and when |
//! | [`feed`] | data from the database: its age, and which answer belongs to which question |
//! | [`alerts`] | what stands below the header of every screen: outages and holds |
//! | [`holds`] | the questions before a hold and before its end, on any screen that offers them |
//! | [`cursor`], [`confirm`], [`choice`], [`layout`] | what the screens share |
//! | [`kept`] | the filters that outlive the program |
//! | [`lesson`] | what a practice set teaches |
//! | [`call`] | what calls somebody who looks elsewhere |
//! | [`sight`] | whether what a key would decide on can have been read |
//! | [`review`], [`overview`], [`dead_letters`], [`activity`], [`jobs`] | one screen each |
//!
//! Nothing here waits, draws, or asks the time: `update` is a function from a message to effects, and time comes in
//! with the messages. Knows nothing of SQL, of keys to bodies, or of how a screen looks.

pub mod activity;
pub mod alerts;
pub mod asking;
pub mod call;
pub mod choice;
pub mod confirm;
pub mod cursor;
pub mod dead_letters;
pub mod effect;
pub mod feed;
pub mod help;
pub mod holds;
pub mod input;
pub mod jobs;
pub mod kept;
pub mod keymap;
pub mod layout;
pub mod lesson;
pub mod model;
pub mod msg;
pub mod overview;
pub mod review;
#[cfg(test)]
pub mod sample;
pub mod sight;
#[cfg(test)]
mod tests;
pub mod update;

pub use effect::{Effect, Query};
pub use feed::{Feed, Generation, Load, Reply};
pub use model::{Connection, Environment, Model, Reasons, Screen, Session, Settings};
pub use msg::{Failure, Msg};
pub use update::update;
