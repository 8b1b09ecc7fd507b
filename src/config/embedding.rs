//! The embedding service that search by meaning asks. Without this section there is no search by meaning.

use super::wrong;
use crate::domain::problem::Problem;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// An embedding service with the API that OpenAI made usual. Titles, descriptions, beginnings of texts and queries go to it; of
/// resources that not everybody may see only where `restricted` says so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EmbeddingSection {
    /// Its address, without `/embeddings`.
    pub url: String,
    /// Name of the model. Another name has everything made anew.
    pub model: String,
    /// File that holds the key, so that it stands in no configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_file: Option<PathBuf>,
    /// Variable of the environment that holds the key, instead of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_variable: Option<String>,
    /// Milliseconds that a query waits for its vector, 20 to 5000; then the answer is the one by text.
    pub patience_ms: u32,
    /// Texts of one request, 1 to 256.
    pub batch: u16,
    /// Least cosine between a query and what is found by its meaning, 0 to 1. What is usual differs from model to model.
    pub least_similarity: f32,
    /// Whether texts that not everybody may see go there, too: for a service in the house.
    pub restricted: bool,
}

impl Default for EmbeddingSection {
    fn default() -> Self {
        let (url, model) = (String::new(), String::new());
        Self { url, model, key_file: None, key_variable: None, patience_ms: 300, batch: 32, least_similarity: 0.5, restricted: false }
    }
}

impl EmbeddingSection {
    pub(super) fn check(&self) -> Result<(), Problem> {
        let ok = |good: bool, key: &str, want: &str| if good { Ok(()) } else { Err(wrong(key, "", want)) };
        let address = self.url.strip_prefix("https://").or_else(|| self.url.strip_prefix("http://"));
        let host = address.map(|rest| rest.split('/').next().unwrap_or_default());
        let plain = host.is_some_and(|host| !host.is_empty() && !host.contains('@')) && !self.url.contains(['?', '#']);
        ok(plain, "embedding.url", "http(s)://host/path without user, query or /embeddings")?;
        ok(!self.model.trim().is_empty() && self.model.len() <= 200, "embedding.model", "the name of a model")?;
        ok(self.key_file.is_none() || self.key_variable.is_none(), "embedding.key_variable", "a variable or a file, not both")?;
        ok(self.key_file.as_ref().is_none_or(|file| file.is_file()), "embedding.key_file", "an existing file")?;
        ok(self.key_variable.as_ref().is_none_or(|name| !name.is_empty()), "embedding.key_variable", "the name of a variable")?;
        ok((20..=5_000).contains(&self.patience_ms), "embedding.patience_ms", "20..=5000")?;
        ok((1..=256).contains(&self.batch), "embedding.batch", "1..=256")?;
        ok((0.0..=1.0).contains(&self.least_similarity), "embedding.least_similarity", "0..=1")
    }
}
