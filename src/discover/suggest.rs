//! Suggestions while typing.

use super::{Discover, index_fault};
use crate::domain::access::Actor;
use crate::domain::problem::Problem;
use crate::search::suggest::{Suggestion, suggest};
use serde::Serialize;

/// Most suggestions of one answer.
const MOST: usize = 20;

/// The answer to what was typed so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Suggestions {
    /// Best first.
    pub suggestions: Vec<Suggestion>,
}

impl Discover {
    /// What could be meant by what was typed so far: what many people asked, and titles, keywords and names in what
    /// the viewer may see.
    ///
    /// # Errors
    /// When the index cannot be read or is not ready.
    pub fn suggest(&self, actor: &Actor, typed: &str, limit: usize) -> Result<Suggestions, Problem> {
        self.ready()?;
        let generation = self.index.generation();
        let limit = limit.clamp(1, MOST);
        let found = suggest(&generation, typed, &actor.viewer_tokens(), limit).map_err(|error| index_fault(&error))?;
        let mut suggestions = self.popular(typed).map_err(|error| index_fault(&error))?;
        let new = |one: &Suggestion| !suggestions.iter().any(|known| known.text == one.text);
        let others: Vec<Suggestion> = found.into_iter().filter(new).collect();
        suggestions.extend(others);
        suggestions.truncate(limit);
        Ok(Suggestions { suggestions })
    }
}
