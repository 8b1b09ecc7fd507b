//! Likeness of content, for what to learn next where nobody's behaviour tells yet.

use super::{Discover, index_fault};
use crate::domain::problem::Problem;
use crate::search::likeness::like;
use std::collections::BTreeSet;

impl Discover {
    /// Resources like one, best first, among those that carry one of the viewer's tokens, with a score of likeness that
    /// means something only within one answer. Empty when the resource is not indexed.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn like(&self, id: &str, tokens: &BTreeSet<String>, limit: usize) -> Result<Vec<(String, f32)>, Problem> {
        like(&self.index.generation(), id, tokens, limit).map_err(|error| index_fault(&error))
    }
}
