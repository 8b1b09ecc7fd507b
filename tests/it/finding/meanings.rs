//! An embedding service of somebody else's, with a model that needs no learning: texts of one theme point one way, whatever
//! characters they are written in, and the rest of the direction comes from pairs of characters.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// The key it wants.
pub const KEY: &str = "sk-secret-of-the-test";

/// Words that mean about the same.
const THEMES: [&[&str]; 3] =
    [&["养老保险待遇", "退休金怎么拿", "退休金"], &["太极拳", "强身健体", "锻炼"], &["土家织锦", "西兰卡普", "brocade"]];
/// Numbers for pairs of characters.
const PAIRS: usize = 61;

/// What it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// It answers.
    Well,
    /// It answers this status.
    Refusing(u16),
    /// It never answers.
    Hanging,
    /// It answers vectors of another length.
    Short,
    /// It answers something else.
    Garbled,
}

#[derive(Clone)]
struct Shared {
    mood: Arc<Mutex<Mood>>,
    texts: Arc<Mutex<Vec<String>>>,
    requests: Arc<AtomicUsize>,
}

/// The service; it ends with the test's runtime.
pub struct Meanings {
    /// `http://127.0.0.1:port/v1`.
    pub url: String,
    shared: Shared,
}

impl Meanings {
    /// Starts it.
    pub async fn start(mood: Mood) -> Self {
        let shared = Shared { mood: Arc::new(Mutex::new(mood)), texts: Arc::default(), requests: Arc::default() };
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", socket.local_addr().unwrap());
        let router = Router::new().route("/v1/embeddings", post(embed)).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(socket, router).await });
        Self { url, shared }
    }

    /// What it does from now on.
    pub fn set(&self, mood: Mood) {
        *self.shared.mood.lock().unwrap() = mood;
    }

    /// Requests that came.
    pub fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::SeqCst)
    }

    /// The texts that it answered vectors of, in their order.
    pub fn texts(&self) -> Vec<String> {
        self.shared.texts.lock().unwrap().clone()
    }
}

async fn embed(State(shared): State<Shared>, headers: HeaderMap, Json(ask): Json<Value>) -> Response {
    let mood = *shared.mood.lock().unwrap();
    shared.requests.fetch_add(1, Ordering::SeqCst);
    if headers.get("authorization").and_then(|key| key.to_str().ok()) != Some(&format!("Bearer {KEY}")) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    assert!(ask["model"].as_str().is_some_and(|model| model.starts_with("themes")), "{ask}");
    let texts: Vec<&str> = ask["input"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    let length = match mood {
        Mood::Well => THEMES.len() + PAIRS,
        Mood::Short => THEMES.len() + 1,
        Mood::Refusing(status) => return StatusCode::from_u16(status).unwrap().into_response(),
        Mood::Hanging => return std::future::pending().await,
        Mood::Garbled => return "[]".into_response(),
    };
    if texts.iter().any(|text| text.is_empty() || text.contains("不可向量化")) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    shared.texts.lock().unwrap().extend(texts.iter().map(|text| (*text).to_owned()));
    // The last first: the index says which is which.
    let item = |(index, text): (usize, &&str)| json!({"index": index, "embedding": vector(text, length)});
    Json(json!({"data": texts.iter().enumerate().rev().map(item).collect::<Vec<_>>()})).into_response()
}

fn vector(text: &str, length: usize) -> Vec<f32> {
    let mut vector = vec![0.0; length];
    for (place, theme) in THEMES.iter().enumerate() {
        vector[place] = if theme.iter().any(|word| text.contains(word)) { 9.0 } else { 0.0 };
    }
    let letters: Vec<u32> = text.chars().map(u32::from).collect();
    for pair in letters.windows(2) {
        let place = pair[0].wrapping_mul(31).wrapping_add(pair[1]).wrapping_mul(0x9E37_79B1) as usize % (length - THEMES.len());
        vector[THEMES.len() + place] += if pair[0] & 1 == 0 { 0.5 } else { -0.5 };
    }
    vector
}
