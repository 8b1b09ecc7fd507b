//! What a learner chose for itself.

use crate::domain::record::{Key, Record};
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A learner who does not want recommendations made from its own behaviour (PIPL article 24). Nothing is kept of those who did
/// not choose, nor of those who chose otherwise since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotPersonalised {
    /// Surrogate of the learner.
    pub learner: String,
    /// Since when.
    pub since: Timestamp,
}

impl Record for NotPersonalised {
    const TABLE: &'static str = "not_personalised";
    fn key(&self) -> Key {
        Key::from(self.learner.as_str())
    }
}
