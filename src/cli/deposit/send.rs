//! Sending one package: packed, named by its digest, tried again when the network gives way.

use super::super::client::Refused;
use super::super::pick;
use super::journal::Journal;
use super::pack::{self, Packed};
use super::receipt::Receipt;
use super::{Client, DepositArgs, Out};
use crate::cli::progress;
use crate::domain::address::escaped;
use crate::domain::deposit::PLEDGE_VERSION;
use axum::http::HeaderName;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use futures::StreamExt as _;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;
use tokio_util::io::ReaderStream;

/// How often a package is tried.
const ATTEMPTS: u32 = 4;
/// Pause before the second try; it doubles.
const PAUSE: Duration = Duration::from_millis(500);
const PIECE: usize = 256 * 1024;

/// Sends a package unless the server has it already; what went wrong stands in the receipt.
pub async fn one(client: &Client, journal: &mut Journal, path: &Path, args: &DepositArgs, label: &str, out: &Out) -> Receipt {
    let mut receipt = Receipt { path: path.display().to_string(), ..Receipt::default() };
    if let Err(error) = try_one(client, journal, path, args, label, out, &mut receipt).await {
        receipt.failure = Some(match error.downcast_ref::<Refused>() {
            Some(Refused(problem)) => format!("{} · {} ({})", problem.zh, problem.en, problem.code),
            None => format!("{error:#}"),
        });
    }
    receipt
}

async fn try_one(
    client: &Client,
    journal: &mut Journal,
    path: &Path,
    args: &DepositArgs,
    label: &str,
    out: &Out,
    receipt: &mut Receipt,
) -> anyhow::Result<()> {
    let from = path.to_owned();
    let packed = tokio::task::spawn_blocking(move || pack::pack(&from)).await??;
    receipt.package = packed.digest.as_str().to_owned();
    receipt.size = packed.size;
    if let Some(known) = journal.deposit_of(packed.digest.as_str())
        && let Some(deposit) = still_there(client, known).await?
    {
        receipt.resumed = true;
        receipt.take(&deposit);
        return Ok(());
    }
    let deposit = persistently(client, &packed, args, label, out).await?;
    journal.note(packed.digest.as_str(), &pick::text(&deposit, "/id"))?;
    receipt.take(&deposit);
    Ok(())
}

/// The deposit as the server knows it; `None` when it knows none of that id (a server set up anew).
async fn still_there(client: &Client, id: &str) -> anyhow::Result<Option<Value>> {
    match client.get(&format!("/api/v1/deposits/{}", escaped(id)), &[]).await {
        Ok(deposit) => Ok(Some(deposit)),
        Err(error) if error.downcast_ref::<Refused>().is_some_and(|refused| refused.0.status == 404) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Tries until it is taken in or refused: the Idempotency-Key keeps a second try from making a second deposit.
async fn persistently(client: &Client, packed: &Packed, args: &DepositArgs, label: &str, out: &Out) -> anyhow::Result<Value> {
    let mut pause = PAUSE;
    for attempt in 1.. {
        let error = match send(client, packed, args, label, out).await {
            Ok(deposit) => return Ok(deposit),
            Err(error) => error,
        };
        let hopeless = error.downcast_ref::<Refused>().is_some_and(|refused| !matches!(refused.0.status, 429 | 500..));
        if hopeless || attempt >= ATTEMPTS {
            return Err(error);
        }
        out.note(&format!("{label}: {error:#}；稍后重试 · trying again"));
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
    anyhow::bail!("not sent")
}

async fn send(client: &Client, packed: &Packed, args: &DepositArgs, label: &str, out: &Out) -> anyhow::Result<Value> {
    use std::io::Seek as _;
    let mut file = packed.file.try_clone()?;
    file.rewind()?;
    let bar = progress::of_bytes(out, packed.size, label);
    let watched = bar.clone();
    let pieces = ReaderStream::with_capacity(tokio::fs::File::from_std(file), PIECE)
        .inspect(move |piece| watched.inc(piece.as_ref().map_or(0, |bytes| bytes.len() as u64)));
    let mut query = vec![("pledge", PLEDGE_VERSION), ("file_name", packed.name.as_str())];
    query.extend(args.track.as_deref().map(|track| ("track", track)));
    query.extend(args.owner.as_deref().map(|owner| ("owner", owner)));
    query.extend(args.institution.as_deref().map(|name| ("institution", name)));
    let (length, key) = (packed.size.to_string(), format!("cli-{}", packed.digest.as_str()));
    let headers =
        [(CONTENT_TYPE, "application/zip"), (CONTENT_LENGTH, length.as_str()), (HeaderName::from_static("idempotency-key"), key.as_str())];
    let sent = client.post_stream("/api/v1/deposits", &query, &headers, pieces).await;
    bar.finish_and_clear();
    sent
}
