//! The model, the messages and `update`.
