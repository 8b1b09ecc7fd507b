//! Giving an opinion or a decision by flags.

use super::{Client, path};
use crate::domain::review::{FULL_MARK, Verdict, Veto};
use clap::Args;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Arguments of `review opine`.
#[derive(Debug, Args)]
pub struct OpineArgs {
    /// 提交编号 · Id of the submission.
    pub id: String,
    /// 结论：通过 修改后通过 修改后再审 不予入库 · Verdict: pass, pass_after_changes, review_again, reject.
    #[arg(long, value_parser = verdict)]
    pub verdict: Verdict,
    /// 评审意见 · Written opinion, for the submitter to read.
    #[arg(long, value_name = "TEXT")]
    pub opinion: String,
    /// 评分，可重复，如 accuracy=86.5 · Mark of a criterion in points, can be repeated.
    #[arg(long, value_name = "CRITERION=POINTS", value_parser = score)]
    pub score: Vec<(String, u32)>,
    /// 一票否决，写明事实与位置，用竖线分隔 · Veto with fact and place: ITEM|FACT|PLACE.
    #[arg(long, value_name = "ITEM|FACT|PLACE", value_parser = veto)]
    pub veto: Vec<Veto>,
}

/// Arguments of `review decide`.
#[derive(Debug, Args)]
pub struct DecideArgs {
    /// 提交编号，可写多个 · Ids of submissions.
    #[arg(required = true)]
    pub ids: Vec<String>,
    /// 决定：通过 修改后通过 修改后再审 不予入库 · Decision: pass, pass_after_changes, review_again, reject.
    #[arg(long, value_parser = verdict)]
    pub verdict: Verdict,
    /// 理由，不通过时必填 · Why; needed unless it passes.
    #[arg(long, default_value = "", value_name = "TEXT")]
    pub reason: String,
}

/// Arguments of `review countersign`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("answer").required(true))]
pub struct CountersignArgs {
    /// 提交编号 · Id of the submission.
    pub id: String,
    /// 同意会签 · Agree.
    #[arg(long, group = "answer")]
    pub agree: bool,
    /// 不同意会签，须写明意见 · Object; needs reasons.
    #[arg(long, group = "answer", requires = "text")]
    pub object: bool,
    /// 会签意见 · In words.
    #[arg(long, default_value = "", value_name = "TEXT")]
    pub text: String,
    /// 会签文号 · Number of the office's letter.
    #[arg(long, default_value = "", value_name = "NUMBER")]
    pub letter: String,
}

/// Arguments of `review flag`.
#[derive(Debug, Args)]
pub struct FlagArgs {
    /// 提交编号 · Id of the submission.
    pub id: String,
    /// 标记：ethnic 涉民族，religious 涉宗教，rites 涉民俗仪式 · The mark, as the policy names it.
    #[arg(long, value_name = "FLAG")]
    pub flag: String,
    /// 理由 · Why.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

/// Reads a verdict by code or Chinese name.
pub(super) fn verdict(text: &str) -> Result<Verdict, String> {
    let known = || Verdict::ALL.map(|row| format!("{}（{}）", row.2, row.1)).join(" ");
    Verdict::parse(text).ok_or_else(|| format!("没有这个结论，可用 · known are: {}", known()))
}

fn score(text: &str) -> Result<(String, u32), String> {
    let (name, given) = text.split_once('=').ok_or("应写成 指标=分数 · must be CRITERION=POINTS")?;
    Ok((name.to_owned(), points(given)?))
}

fn veto(text: &str) -> Result<Veto, String> {
    let mut parts = text.splitn(3, '|').map(|part| part.trim().to_owned());
    match (parts.next(), parts.next(), parts.next()) {
        (Some(item), Some(fact), Some(place)) if !fact.is_empty() && !place.is_empty() => Ok(Veto { item, fact, place }),
        _ => Err("应写成 否决项|事实|位置 · must be ITEM|FACT|PLACE".to_owned()),
    }
}

/// Points as people write them (`86`, `86.5`) in hundredths.
pub(super) fn points(text: &str) -> Result<u32, String> {
    let wrong = || format!("{text}：应为 0 至 100 的分数，最多两位小数 · must be 0 to 100 points");
    let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 3 || part.len() > 2 || !digits(whole) || !digits(part) {
        return Err(wrong());
    }
    let read = |text: &str| text.parse::<u32>().map_err(|_| wrong());
    let mark = read(whole)? * 100 + read(&format!("{part:0<2}"))?;
    if mark <= FULL_MARK { Ok(mark) } else { Err(wrong()) }
}

/// Gives an opinion by flags.
pub(super) async fn opine(client: &Client, args: OpineArgs) -> anyhow::Result<Value> {
    let scores: BTreeMap<String, u32> = args.score.into_iter().collect();
    let body = json!({"verdict": args.verdict, "text": args.opinion, "scores": scores, "vetoes": args.veto});
    client.post(&path(&args.id, "opinion"), &body).await
}

/// Speaks for an office by flags.
pub(super) async fn countersign(client: &Client, args: &CountersignArgs) -> anyhow::Result<Value> {
    let answer = if args.agree { "agree" } else { "object" };
    client.post(&path(&args.id, "countersign"), &json!({"answer": answer, "text": args.text, "letter": args.letter})).await
}

/// Marks a submission for the office by flags.
pub(super) async fn flag(client: &Client, args: &FlagArgs) -> anyhow::Result<Value> {
    client.post(&path(&args.id, "flags"), &json!({"flag": args.flag, "reason": args.reason})).await
}

/// Decides one submission by flags.
pub(super) async fn decide(client: &Client, id: &str, args: &DecideArgs) -> anyhow::Result<Value> {
    client.post(&path(id, "decision"), &json!({"verdict": args.verdict, "reason": args.reason})).await
}

/// Decides many by one form, each singly.
pub(super) async fn decide_many(client: &Client, args: &DecideArgs) -> anyhow::Result<Value> {
    let items: Vec<Value> = args.ids.iter().map(|id| json!({"id": id})).collect();
    client.post("/api/v1/reviews/decisions", &json!({"verdict": args.verdict, "reason": args.reason, "items": items})).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_hundredths() {
        assert_eq!([points("86.5"), points("100"), points("0"), points(" 7.25 ")], [Ok(8650), Ok(10_000), Ok(0), Ok(725)]);
        assert!(["100.01", "-1", "8.123", "", ".", "good", "1e2"].iter().all(|text| points(text).is_err()));
    }

    #[test]
    fn verdicts_and_vetoes_read_as_people_write_them() {
        assert_eq!(verdict("修改后通过"), Ok(Verdict::PassAfterChanges));
        assert!(verdict("好").unwrap_err().contains("不予入库"));
        assert_eq!(veto("privacy|有身份证号|第 3 页").unwrap().place, "第 3 页");
        assert!(veto("privacy|").is_err());
    }
}
