//! `yuelu review`: the desk of a reviewer, of the committee and of an office that countersigns on the terminal.
//!
//! Without a verb it takes the next submission, shows it, asks for marks, verdict and opinion, and goes on to the next one.
//! Each of these steps is also a verb with flags, for scripts.

mod ask;
mod give;
mod talk;

use super::labels::Labels;
use super::pick::{all_pages, items, text};
use super::submissions::in_full;
use super::{Client, Out, table};
use crate::domain::address::escaped;
use axum::http::Method;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

pub use give::{CountersignArgs, DecideArgs, FlagArgs, OpineArgs};

/// Arguments of `review`.
#[derive(Debug, Args)]
pub struct ReviewArgs {
    /// What to do; without it, the next submission is reviewed at the terminal.
    #[command(subcommand)]
    pub command: Option<ReviewCommand>,
}

/// Verbs of `review`.
#[derive(Debug, Subcommand)]
pub enum ReviewCommand {
    /// 我的评审台 · What is claimed and what waits.
    Desk,
    /// 领取下一条（或指定的一条） · Claim the next submission, or this one.
    Claim(ClaimArgs),
    /// 退还一条 · Give a claimed submission back.
    Release(IdArgs),
    /// 提交评审意见 · Give an opinion.
    Opine(OpineArgs),
    /// 标记须会签的内容 · Mark as content that an office must countersign.
    Flag(FlagArgs),
    /// 待会签、待终审的提交 · What awaits a countersign or a final decision.
    Pending,
    /// 会签 · Agree or object for an office.
    Countersign(CountersignArgs),
    /// 终审或委员会表决 · Decide, or vote as a member of the committee.
    Decide(DecideArgs),
}

/// Arguments of `review claim`.
#[derive(Debug, Args)]
pub struct ClaimArgs {
    /// 提交编号 · Id of the submission.
    pub id: Option<String>,
}

/// A submission.
#[derive(Debug, Args)]
pub struct IdArgs {
    /// 提交编号 · Id of the submission.
    pub id: String,
}

/// Runs it.
///
/// # Errors
/// What the API refuses.
pub async fn run(client: &Client, args: ReviewArgs, out: &Out) -> anyhow::Result<()> {
    match args.command {
        None => talk::desk(client, out).await,
        Some(ReviewCommand::Desk) => desk(client, out).await,
        Some(ReviewCommand::Claim(args)) => claim(client, args.id.as_deref(), out).await,
        Some(ReviewCommand::Release(args)) => {
            release(client, &args.id).await?;
            out.data(&json!({"released": args.id}), || "已退还".to_owned())
        }
        Some(ReviewCommand::Opine(args)) => show(client, &give::opine(client, args).await?, out).await,
        Some(ReviewCommand::Flag(args)) => show(client, &give::flag(client, &args).await?, out).await,
        Some(ReviewCommand::Countersign(args)) => show(client, &give::countersign(client, &args).await?, out).await,
        Some(ReviewCommand::Pending) => pending(client, out).await,
        Some(ReviewCommand::Decide(args)) => decide(client, &args, out).await,
    }
}

async fn decide(client: &Client, args: &DecideArgs, out: &Out) -> anyhow::Result<()> {
    if let [id] = args.ids.as_slice() {
        return show(client, &give::decide(client, id, args).await?, out).await;
    }
    let answers = give::decide_many(client, args).await?;
    out.data(&answers, || {
        let said = |answer: &Value| ["/state/label", "/zh"].map(|pointer| text(answer, pointer)).concat();
        table::of(&items(&answers, "").map(|answer| vec![text(answer, "/id"), said(answer)]).collect::<Vec<_>>())
    })?;
    let open = answers.as_array().into_iter().flatten().filter(|answer| answer.pointer("/done") != Some(&Value::Bool(true))).count();
    anyhow::ensure!(open == 0, "{open} 件未能决定 · {open} could not be decided");
    Ok(())
}

/// The address of a step of a review.
pub(super) fn path(id: &str, step: &str) -> String {
    format!("/api/v1/reviews/{}/{step}", escaped(id))
}

/// The next submission for this reviewer, claimed; none when nothing waits.
pub(super) async fn next(client: &Client) -> anyhow::Result<Option<Value>> {
    let found: Value = client.post("/api/v1/reviews/next", &json!({})).await?;
    Ok(found.get("id").is_some().then_some(found))
}

async fn release(client: &Client, id: &str) -> anyhow::Result<()> {
    let _done: Value = client.call(Method::DELETE, &path(id, "claim"), &json!({})).await?;
    Ok(())
}

async fn claim(client: &Client, id: Option<&str>, out: &Out) -> anyhow::Result<()> {
    let claimed = match id {
        Some(id) => Some(client.post(&path(id, "claim"), &json!({})).await?),
        None => next(client).await?,
    };
    match claimed {
        Some(claimed) => show(client, &claimed, out).await,
        None => out.data(&Value::Null, || "没有等待评审的提交 · nothing waits for review".to_owned()),
    }
}

async fn show(client: &Client, submission: &Value, out: &Out) -> anyhow::Result<()> {
    let labels = Labels::ask(client).await?;
    out.data(submission, || in_full(submission, &labels))
}

async fn desk(client: &Client, out: &Out) -> anyhow::Result<()> {
    let desk: Value = client.get("/api/v1/reviews", &[]).await?;
    out.data(&desk, || {
        let (claimed, waiting): (Vec<&Value>, Vec<&Value>) = (items(&desk, "/claimed").collect(), items(&desk, "/waiting").collect());
        format!("已领取 {}\n{}\n\n等待评审 {}\n{}", claimed.len(), lines(&claimed), waiting.len(), lines(&waiting))
    })
}

async fn pending(client: &Client, out: &Out) -> anyhow::Result<()> {
    let mut found = Vec::new();
    for state in ["countersign", "final", "committee"] {
        found.extend(all_pages(client, "/api/v1/submissions", &[("state", state)], 1000).await?);
    }
    out.data(&json!({"items": found}), || match found.as_slice() {
        [] => "没有等待会签或终审的提交 · nothing awaits a countersign or a decision".to_owned(),
        found => lines(&found.iter().collect::<Vec<_>>()),
    })
}

fn lines(submissions: &[&Value]) -> String {
    let line = |submission: &&Value| ["/id", "/state/label", "/institution", "/title"].map(|pointer| text(submission, pointer)).to_vec();
    table::of(&submissions.iter().map(line).collect::<Vec<_>>())
}
