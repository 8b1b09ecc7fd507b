//! Waiting for the checks: first until a package is unpacked, then until none of its submissions is being checked.

use super::receipt::{Receipt, Row};
use super::{Client, Out};
use crate::cli::{pick, progress};
use crate::domain::address::escaped;
use serde_json::Value;
use std::time::Duration;

const PAUSE: Duration = Duration::from_millis(250);
/// Most submissions of one deposit that are listed.
const MOST: usize = 100_000;

/// Waits for all and writes what they came to into the receipts.
///
/// # Errors
/// When the server no longer answers.
pub async fn for_checks(client: &Client, receipts: &mut [Receipt], out: &Out) -> anyhow::Result<()> {
    let sign = progress::waiting(out, "等待机器检测 · waiting for the checks");
    sign.enable_steady_tick(PAUSE);
    for receipt in receipts.iter_mut().filter(|receipt| receipt.failure.is_none()) {
        let path = format!("/api/v1/deposits/{}", escaped(&receipt.deposit));
        loop {
            let deposit: Value = client.get(&path, &[]).await?;
            receipt.take(&deposit);
            if receipt.state != "received" {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        loop {
            receipt.rows = submissions(client, &receipt.deposit).await?;
            if !receipt.rows.iter().any(|row| matches!(row.state.as_str(), "submitted" | "checking")) {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
    sign.finish_and_clear();
    Ok(())
}

async fn submissions(client: &Client, deposit: &str) -> anyhow::Result<Vec<Row>> {
    let found = pick::all_pages(client, "/api/v1/submissions", &[("deposit", deposit)], MOST).await?;
    Ok(found.iter().map(Row::of).collect())
}
