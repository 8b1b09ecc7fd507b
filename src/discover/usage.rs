//! How much resources are used, as search is told from outside.

use super::Discover;
use crate::search::usage::Usage;
use std::sync::{Arc, PoisonError};

impl Discover {
    /// Ranks by this from now on.
    pub fn learn_usage(&self, usage: Usage) {
        *self.usage.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(usage);
    }

    /// What is ranked by.
    pub(super) fn usage(&self) -> Arc<Usage> {
        Arc::clone(&self.usage.read().unwrap_or_else(PoisonError::into_inner))
    }
}
