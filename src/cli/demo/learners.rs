//! The synthetic learning events of the collection, reported by the demonstration's platform.

use super::cast::Cast;
use super::collection::Collection;
use super::journey::{ClientOf, Outcome};
use crate::cli::pick::text;
use anyhow::Context as _;
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use serde_json::Value;
use std::collections::HashMap;

/// Events of one call.
const BATCH: usize = 5_000;

/// Reports them. The file names resources by the institutions' own numbers; here they become resource ids.
pub async fn load(client: ClientOf<'_>, cast: &Cast, collection: &Collection, outcome: &Outcome) -> anyhow::Result<()> {
    let path = collection.folder.join("events.jsonl");
    let file = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let resources: HashMap<&str, &str> = outcome.published.iter().map(|work| (work.source_id.as_str(), work.resource.as_str())).collect();
    let mut lines: Vec<String> = Vec::new();
    for line in file.lines().filter(|line| !line.trim().is_empty()) {
        let mut event: Value = serde_json::from_str(line).with_context(|| path.display().to_string())?;
        let Some(resource) = resources.get(text(&event, "/resource").as_str()) else { continue };
        if let Some(fields) = event.as_object_mut() {
            fields.insert("resource".to_owned(), (*resource).into());
        }
        lines.push(event.to_string());
    }
    let platform = client(cast.named("demo-platform")?);
    for batch in lines.chunks(BATCH) {
        let body = futures::stream::iter([Ok::<_, std::io::Error>(Bytes::from(batch.join("\n")))]);
        let _taken: Value = platform.post_stream("/api/v1/events", &[], &[(CONTENT_TYPE, "application/x-ndjson")], body).await?;
    }
    Ok(())
}
