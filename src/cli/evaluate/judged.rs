//! Files of judged queries and of runs.
//!
//! Queries: a JSON object a line, `id` and `text`. Answers: `query TAB id TAB grade` a line, or the four columns of TREC.
//! Runs: a JSON object a line, `id` and `hits`.

use crate::domain::relevance::{Qrels, Run};
use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;

/// A query.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Query {
    /// Its name in the answers.
    pub id: String,
    /// As people type it.
    pub text: String,
}

#[derive(Deserialize, Serialize)]
struct Ranked {
    id: String,
    hits: Vec<String>,
}

fn lines<T>(path: &Path, read: impl Fn(&str) -> anyhow::Result<T>) -> anyhow::Result<Vec<T>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{}：无法读取 · cannot be read", path.display()))?;
    let text = text.trim_start_matches('\u{feff}');
    let told = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let one = |(place, line): (usize, &str)| read(line).with_context(|| format!("{}:{}", path.display(), place + 1));
    told.map(one).collect()
}

/// Reads queries.
pub fn queries(path: &Path) -> anyhow::Result<Vec<Query>> {
    lines(path, |line| Ok(serde_json::from_str(line)?))
}

/// Reads judged answers; those of grade 0 are none.
pub fn qrels(path: &Path) -> anyhow::Result<Qrels> {
    let rows = lines(path, |line| {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let (query, id, grade) = match cells.as_slice() {
            [query, id, grade] | [query, _, id, grade] => (*query, *id, *grade),
            _ => anyhow::bail!("应为“检索词编号 资源编号 等级” · expected `query id grade`"),
        };
        let grade: i32 = grade.parse().context("等级应为整数 · the grade must be a whole number")?;
        Ok((query.to_owned(), id.to_owned(), u32::try_from(grade).unwrap_or(0)))
    })?;
    let mut qrels = Qrels::new();
    for (query, id, grade) in rows.into_iter().filter(|(.., grade)| *grade > 0) {
        qrels.entry(query).or_default().insert(id, grade);
    }
    Ok(qrels)
}

/// The queries that are judged; and the answers of those alone.
pub fn judged(queries: Vec<Query>, mut qrels: Qrels) -> anyhow::Result<(Vec<Query>, Qrels)> {
    let judged: Vec<Query> = queries.into_iter().filter(|query| qrels.contains_key(&query.id)).collect();
    let ids: BTreeSet<&str> = judged.iter().map(|query| query.id.as_str()).collect();
    anyhow::ensure!(ids.len() == judged.len(), "检索词编号重复 · two queries have the same id");
    anyhow::ensure!(!judged.is_empty(), "没有一条检索词有答案 · no query has an answer");
    qrels.retain(|query, _| ids.contains(query.as_str()));
    Ok((judged, qrels))
}

/// Reads a run.
pub fn run(path: &Path) -> anyhow::Result<Run> {
    let rows: Vec<Ranked> = lines(path, |line| Ok(serde_json::from_str(line)?))?;
    Ok(rows.into_iter().map(|row| (row.id, row.hits)).collect())
}

/// Writes a run.
pub fn save(path: &Path, run: &Run) -> anyhow::Result<()> {
    let mut text = String::new();
    for (id, hits) in run {
        text.push_str(&serde_json::to_string(&Ranked { id: id.clone(), hits: hits.clone() })?);
        text.push('\n');
    }
    std::fs::write(path, text).with_context(|| format!("{}：无法写入 · cannot be written", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_in_three_columns_or_four() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("qrels.tsv");
        std::fs::write(&path, "q1\ta\t1\nq1 0 b 2\nq2\tc\t0\n\nq3 0 d -1\n").unwrap();
        let read = qrels(&path).unwrap();
        assert_eq!(read.len(), 1, "{read:?}");
        assert_eq!((read["q1"]["a"], read["q1"]["b"]), (1, 2));
        std::fs::write(&path, "q1\ta\t1\nq1\ta\n").unwrap();
        assert!(format!("{:#}", qrels(&path).unwrap_err()).contains("qrels.tsv:2"));
    }

    #[test]
    fn a_run_is_read_as_it_was_saved() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("run.jsonl");
        let written = Run::from([("q1".to_owned(), vec!["a".to_owned(), "b".to_owned()]), ("q2".to_owned(), Vec::new())]);
        save(&path, &written).unwrap();
        assert_eq!(run(&path).unwrap(), written);
    }

    #[test]
    fn queries_without_answers_are_left_out() {
        let query = |id: &str| Query { id: id.to_owned(), text: "歌".to_owned() };
        let qrels = Qrels::from([("q1".to_owned(), [("a".to_owned(), 1)].into()), ("q9".to_owned(), [("b".to_owned(), 1)].into())]);
        let (queries, kept) = judged(vec![query("q1"), query("q2")], qrels.clone()).unwrap();
        assert_eq!((queries.len(), kept.len()), (1, 1));
        assert!(judged(vec![query("q1"), query("q1")], qrels.clone()).is_err());
        assert!(judged(vec![query("q2")], qrels).is_err());
    }
}
