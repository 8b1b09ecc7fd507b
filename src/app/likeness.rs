//! Lets recommendation ask search what is alike: two services that do not know one another meet here.

use crate::discover::Discover;
use crate::recommend::Likeness;
use std::collections::BTreeSet;

/// Likeness of content by the search index.
pub struct ByIndex(pub Discover);

impl Likeness for ByIndex {
    fn like(&self, id: &str, viewer_tokens: &BTreeSet<String>, n: usize) -> Vec<(String, f32)> {
        // An index that cannot be read was logged where it failed; recommendations then go by descriptions alone.
        self.0.like(id, viewer_tokens, n).unwrap_or_default()
    }
}
