//! `yuelu reindex`: a fresh search index; the present one serves until the new one is ready.

use super::{Client, Out, progress};
use serde_json::{Value, json};
use std::time::Duration;

/// Has it built and waits for it.
///
/// # Errors
/// What the API refuses.
pub async fn run(client: &Client, out: &Out) -> anyhow::Result<()> {
    let sign = progress::waiting(out, "重建检索索引 · rebuilding the index");
    sign.enable_steady_tick(Duration::from_millis(200));
    let done: anyhow::Result<Value> = client.post("/api/v1/index/rebuild", &json!({})).await;
    sign.finish_and_clear();
    done?;
    out.data(&json!({"rebuilt": true}), || "检索索引已重建 · the index was built anew".to_owned())
}
