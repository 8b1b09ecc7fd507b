//! The desk as a conversation.

use super::super::fetch;
use super::super::labels::Labels;
use super::super::pick::{items, number, text};
use super::super::submissions::in_full;
use super::ask::Person;
use super::give::{points, verdict};
use super::{Client, Out, next, path, release};
use crate::domain::review::Verdict;
use serde_json::{Map, Value, json};
use std::io::{BufRead, IsTerminal as _, Write, stdin, stdout};
use std::path::Path;

/// What the reviewer wants to do with what is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    Judge(Verdict),
    Fetch,
    GiveBack,
    Leave,
}

/// Reviews one submission after another until nothing waits or the reviewer leaves.
///
/// # Errors
/// What the API refuses; when there is no terminal.
pub async fn desk(client: &Client, out: &Out) -> anyhow::Result<()> {
    anyhow::ensure!(
        stdin().is_terminal() && !out.is_json(),
        "这里需要终端；脚本请用 yuelu review claim / opine · this needs a terminal; scripts use `yuelu review claim` and `opine`"
    );
    let mut person = Person::new(stdin().lock(), stdout());
    let labels = Labels::ask(client).await?;
    while let Some(submission) = next(client).await? {
        person.tell(&format!("\n{}\n", in_full(&submission, &labels)))?;
        let id = text(&submission, "/id");
        let verdict = loop {
            match choose(&mut person)? {
                Choice::Judge(verdict) => break verdict,
                Choice::Fetch => {
                    let saved = fetch::files(client, &submission, Path::new(&id)).await?;
                    saved.iter().try_for_each(|file| person.tell(&format!("  {}", file.display())))?;
                }
                Choice::GiveBack => {
                    release(client, &id).await?;
                    // The same submission would come again at once.
                    return person.tell("已退还 · given back");
                }
                Choice::Leave => {
                    return person.tell("已领取的提交仍为您保留 · what you claimed stays yours until the lease ends");
                }
            }
        };
        let Some(opinion) = fill_in(&mut person, &submission, verdict)? else { return Ok(()) };
        let done: Value = client.post(&path(&id, "opinion"), &opinion).await?;
        person.tell(&format!("已提交，现为：{}", text(&done, "/state/label")))?;
    }
    person.tell("没有等待评审的提交 · nothing waits for review")
}

fn choose<R: BufRead, W: Write>(person: &mut Person<R, W>) -> anyhow::Result<Choice> {
    let question = "结论 [1 通过  2 修改后通过  3 修改后再审  4 不予入库  f 取回文件  s 退还  q 离开]：";
    let read = |answer: &str| match answer {
        "f" => Ok(Choice::Fetch),
        "s" => Ok(Choice::GiveBack),
        "q" => Ok(Choice::Leave),
        number => {
            let row = number.parse::<usize>().ok().and_then(|place| Verdict::ALL.get(place.wrapping_sub(1)));
            row.map_or_else(|| verdict(number).map(Choice::Judge), |row| Ok(Choice::Judge(row.0)))
        }
    };
    Ok(person.ask(question, read)?.unwrap_or(Choice::Leave))
}

/// Marks where the track asks for them, the opinion, and for a refusal the veto; `None` when the reviewer left.
fn fill_in<R: BufRead, W: Write>(person: &mut Person<R, W>, submission: &Value, verdict: Verdict) -> anyhow::Result<Option<Value>> {
    let mut scores = Map::new();
    if submission.pointer("/plan/scored") == Some(&Value::Bool(true)) {
        for criterion in items(submission, "/criteria") {
            let weight = number(criterion, "/weight") / 100;
            let question = format!("{}（占 {weight}%，0–100）：{}\n  分数：", text(criterion, "/label"), text(criterion, "/guide"));
            let Some(mark) = person.ask(&question, points)? else { return Ok(None) };
            scores.insert(text(criterion, "/code"), mark.into());
        }
    }
    let Some(opinion) = person.ask_text("评审意见（空行结束）：")? else { return Ok(None) };
    let mut vetoes: Vec<Value> = Vec::new();
    if verdict == Verdict::Reject {
        let Some(item) = person.ask("一票否决项的代码（没有请直接回车）：", |answer| Ok(answer.to_owned()))? else {
            return Ok(None);
        };
        if !item.is_empty() {
            let filled = |answer: &str| if answer.is_empty() { Err("请填写".to_owned()) } else { Ok(answer.to_owned()) };
            let Some(fact) = person.ask("事实：", filled)? else { return Ok(None) };
            let Some(place) = person.ask("位置（文件、页、秒）：", filled)? else { return Ok(None) };
            vetoes.push(json!({"item": item, "fact": fact, "place": place}));
        }
    }
    Ok(Some(json!({"verdict": verdict, "text": opinion, "scores": scores, "vetoes": vetoes})))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scored_opinion_is_asked_for_piece_by_piece() {
        let submission = json!({"plan": {"scored": true}, "criteria": [{"code": "accuracy", "label": "科学性", "weight": 6000}]});
        let mut screen = Vec::new();
        let mut person = Person::new("9\n修改后通过\n101\n86.5\n很好\n\n".as_bytes(), &mut screen);
        assert_eq!(choose(&mut person).unwrap(), Choice::Judge(Verdict::PassAfterChanges));
        let opinion = fill_in(&mut person, &submission, Verdict::PassAfterChanges).unwrap().unwrap();
        let wanted = json!({"verdict": "pass_after_changes", "text": "很好", "scores": {"accuracy": 8650}, "vetoes": []});
        assert_eq!(opinion, wanted);
    }

    #[test]
    fn who_goes_away_gives_no_opinion() {
        let mut person = Person::new("".as_bytes(), Vec::new());
        assert_eq!(choose(&mut person).unwrap(), Choice::Leave);
        assert_eq!(fill_in(&mut person, &json!({}), Verdict::Pass).unwrap(), None);
    }
}
