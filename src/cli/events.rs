//! `yuelu events`: learning events from a file.

use super::pick::number;
use super::{Client, Out, progress};
use crate::learning::import::Bodies;
use anyhow::Context as _;
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

/// Verbs of `events`.
#[derive(Debug, Subcommand)]
pub enum EventsCommand {
    /// 导入学习事件，每行一个 JSON 对象：id learner resource verb at value position list slot；重复导入不会重复计数 ·
    /// Import events, one JSON object a line; an event counts once however often it comes.
    Import(ImportArgs),
}

/// Arguments of `events import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// 事件文件 · File of events.
    #[arg(value_name = "events.jsonl")]
    pub file: PathBuf,
}

/// Runs it.
///
/// # Errors
/// When the file cannot be read, or the API refuses a batch: the line where it begins is told.
pub async fn run(client: &Client, command: EventsCommand, out: &Out) -> anyhow::Result<()> {
    let EventsCommand::Import(args) = command;
    let reading = || format!("{}：无法读取 · cannot be read", args.file.display());
    let file = File::open(&args.file).with_context(reading)?;
    let bar = progress::of_bytes(out, file.metadata().with_context(reading)?.len(), "导入 · importing");
    let mut bodies = Bodies::new(BufReader::with_capacity(1 << 20, file));
    let (mut accepted, mut duplicates) = (0, 0);
    loop {
        let first = bodies.line + 1;
        let Some(body) = bodies.next() else { break };
        let (body, _) = body.with_context(reading)?;
        let length = body.len() as u64;
        let body = futures::stream::iter([Ok::<_, std::io::Error>(Bytes::from(body))]);
        let headers = [(CONTENT_TYPE, "application/x-ndjson")];
        let taken: anyhow::Result<Value> = client.post_stream("/api/v1/events", &[], &headers, body).await;
        let taken = taken.inspect_err(|_| {
            bar.finish_and_clear();
            out.note(&format!(
                "第 {first} 行开始的一批未导入，此前的已保存 · the batch that begins at line {first} was refused; those before it are kept"
            ));
        })?;
        accepted += number(&taken, "/accepted");
        duplicates += number(&taken, "/duplicates");
        bar.inc(length);
    }
    bar.finish_and_clear();
    let sum = json!({"accepted": accepted, "duplicates": duplicates, "lines": bodies.line});
    out.data(&sum, || format!("收到 {accepted} 条，其中重复 {duplicates} 条 · {accepted} events taken, {duplicates} of them known already"))
}
