//! `view`: a question asked of the model.
