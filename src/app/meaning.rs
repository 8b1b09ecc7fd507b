//! Search by meaning, as the configuration names its service.

use super::ways::secret;
use crate::config::embedding::EmbeddingSection;
use crate::discover::meaning::{Meaning, MeaningOptions};
use crate::gateway::embed::Embedder;
use crate::search::meaning::Vectors;
use anyhow::Context as _;
use std::path::Path;
use std::time::Duration;

/// Opens the vectors in the data directory, and the way to the service.
///
/// # Errors
/// A key that cannot be read, a file of vectors that cannot be opened, TLS that cannot be set up.
pub fn open(section: &EmbeddingSection, data_dir: &Path) -> anyhow::Result<Meaning> {
    let key = match (&section.key_file, &section.key_variable) {
        (None, None) => None,
        (None, Some(name)) => Some(std::env::var(name).with_context(|| format!("embedding.key_variable: {name} is not set"))?),
        (file, _) => Some(secret(file.as_ref()).context("embedding.key_file")?),
    };
    let embedder = Embedder::new(&section.url, section.model.clone(), key).context("the embedding service cannot be asked")?;
    let path = data_dir.join("meaning").join("vectors");
    let vectors = Vectors::open(&path, &section.model).with_context(|| format!("{} cannot be opened", path.display()))?;
    let patience = Duration::from_millis(u64::from(section.patience_ms));
    let (batch, least, restricted) = (usize::from(section.batch), section.least_similarity, section.restricted);
    let options = MeaningOptions { patience, batch, least, restricted };
    Ok(Meaning::new(embedder, vectors, options))
}
