//! Vectors of texts from an embedding service with the API that OpenAI made usual and many programs speak.
//!
//! `POST {url}/embeddings` with `{"model", "input": [..]}` answers `{"data": [{"index", "embedding": [..]}, ..]}`. Redirects are
//! not followed. The operator chose the address, so it may lie within the house. The key is never logged or told.

use super::outside;
use reqwest::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

/// Most bytes of an answer that are read.
const MOST_BYTES: usize = 64 << 20;
/// Most numbers of one vector.
const MOST_NUMBERS: usize = 16_384;

/// Why there are no vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmbedFault {
    /// Nobody answered in time, or the conversation broke off.
    #[error("nobody answered in time")]
    NotReached,
    /// The service answered this status.
    #[error("the answer was {0}")]
    Refused(u16),
    /// The answer does not hold one vector of finite numbers for each text, all of one length.
    #[error("the answer is not what was asked for")]
    Garbled,
}

impl EmbedFault {
    /// Whether the service refuses these texts, and not every text or every caller: it is no use to send the same again.
    pub fn is_of_the_text(self) -> bool {
        matches!(self, Self::Refused(400 | 413 | 422))
    }
}

/// An embedding service.
pub struct Embedder {
    address: String,
    model: String,
    key: Option<String>,
    http: reqwest::Client,
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    #[serde(default)]
    index: Option<usize>,
    embedding: Vec<f32>,
}

impl Embedder {
    /// The service at `url` (without `/embeddings`), asked for this model, with a bearer key where it wants one.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(url: &str, model: String, key: Option<String>) -> Result<Self, reqwest::Error> {
        outside::install_tls();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().user_agent(outside::AGENT);
        Ok(Self { address: format!("{}/embeddings", url.trim_end_matches('/')), model, key, http: http.build()? })
    }

    /// Name of the model.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The vectors of some texts, in their order.
    ///
    /// # Errors
    /// [`EmbedFault`].
    pub async fn embed(&self, texts: &[&str], patience: Duration) -> Result<Vec<Vec<f32>>, EmbedFault> {
        let body = json!({"model": self.model, "input": texts}).to_string();
        let request = self.http.post(&self.address).header(CONTENT_TYPE, "application/json").body(body).timeout(patience);
        let request = match &self.key {
            Some(key) => request.bearer_auth(key),
            None => request,
        };
        let mut answer = request.send().await.map_err(|_| EmbedFault::NotReached)?;
        if !answer.status().is_success() {
            return Err(EmbedFault::Refused(answer.status().as_u16()));
        }
        let mut bytes = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(|_| EmbedFault::NotReached)? {
            if bytes.len() + part.len() > MOST_BYTES {
                return Err(EmbedFault::Garbled);
            }
            bytes.extend_from_slice(&part);
        }
        vectors(&bytes, texts.len()).ok_or(EmbedFault::Garbled)
    }
}

/// Reads an answer of `wanted` vectors.
fn vectors(bytes: &[u8], wanted: usize) -> Option<Vec<Vec<f32>>> {
    let Answer { data } = serde_json::from_slice(bytes).ok()?;
    let length = data.first().map_or(1, |item| item.embedding.len());
    if data.len() != wanted || !(1..=MOST_NUMBERS).contains(&length) {
        return None;
    }
    let mut found = vec![Vec::new(); wanted];
    for (place, Item { index, embedding }) in data.into_iter().enumerate() {
        let slot = found.get_mut(index.unwrap_or(place)).filter(|slot| slot.is_empty())?;
        if embedding.len() != length || !embedding.iter().all(|number| number.is_finite()) {
            return None;
        }
        *slot = embedding;
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_in_the_order_of_its_indices_or_not_at_all() {
        let read = |text: &str, wanted| vectors(text.as_bytes(), wanted);
        let turned = r#"{"data":[{"index":1,"embedding":[2,0]},{"index":0,"embedding":[1,0]}]}"#;
        assert_eq!(read(turned, 2), Some(vec![vec![1.0, 0.0], vec![2.0, 0.0]]));
        assert_eq!(read(r#"{"data":[{"embedding":[1]},{"embedding":[2]}]}"#, 2), Some(vec![vec![1.0], vec![2.0]]));
        for wrong in [
            r#"{"data":[{"index":0,"embedding":[1,0]}]}"#,
            r#"{"data":[{"index":0,"embedding":[1,0]},{"index":0,"embedding":[1,0]}]}"#,
            r#"{"data":[{"index":0,"embedding":[1,0]},{"index":2,"embedding":[1,0]}]}"#,
            r#"{"data":[{"index":0,"embedding":[1,0]},{"index":1,"embedding":[1]}]}"#,
            r#"{"data":[{"index":0,"embedding":[]},{"index":1,"embedding":[]}]}"#,
            r#"{"data":[{"index":0,"embedding":[1,null]},{"index":1,"embedding":[1,1]}]}"#,
            r#"{"data":[{"index":0,"embedding":[1e99,0]},{"index":1,"embedding":[1,0]}]}"#,
            r#"{"error":"no"}"#,
            "",
        ] {
            assert_eq!(read(wrong, 2), None, "{wrong}");
        }
    }
}
