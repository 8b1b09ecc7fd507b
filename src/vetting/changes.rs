//! What a submission that came back changed since its last round: description, files, and what the checks say now.

use super::Vetting;
use super::mask;
use super::panel::sight;
use crate::domain::access::Actor;
use crate::domain::digest::Digest;
use crate::domain::finding::Finding;
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use crate::domain::submission::{Round, Submission};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What changed between two rounds.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct RoundChanges {
    /// The round before; none where this is the first.
    pub since: Option<u32>,
    /// The round that is compared with it.
    pub round: u32,
    /// Fields of the description that changed.
    pub fields: Vec<FieldChange>,
    /// Files that came, went or have other bytes.
    pub files: Vec<FileChange>,
    /// What the checks found before and no longer find.
    pub resolved: Vec<Finding>,
    /// What they find still.
    pub remaining: Vec<Finding>,
    /// What they find for the first time.
    pub new: Vec<Finding>,
}

/// A field of the description that changed.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct FieldChange {
    /// Field.
    pub field: String,
    /// Before; null where it was not there.
    pub before: Value,
    /// Now; null where it is gone.
    pub after: Value,
}

/// How a file changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileTurn {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It has other bytes.
    Replaced,
}

/// A file that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FileChange {
    /// Path in the package.
    pub path: String,
    /// How.
    pub turn: FileTurn,
}

impl Vetting {
    /// What changed since the round before, as far as the actor may see it. Nothing changed in a first round.
    ///
    /// # Errors
    /// Not found, also for who may not see the submission.
    pub async fn changes(&self, actor: &Actor, id: &str) -> Result<RoundChanges, Problem> {
        let now = self.load(id).await?.value;
        let missing = || Problem::not_found("提交", "submission");
        let sight = sight(actor, &now).ok_or_else(missing)?;
        let earlier = now.round.checked_sub(1).filter(|round| *round > 0);
        let before = match earlier {
            Some(round) => self.store.get::<Round>(&Key::of(&[id, &format!("{round:06}")])).await?,
            None => None,
        };
        let Some(before) = before else {
            return Ok(RoundChanges {
                since: None,
                round: now.round,
                fields: Vec::new(),
                files: Vec::new(),
                resolved: Vec::new(),
                remaining: Vec::new(),
                new: Vec::new(),
            });
        };
        let before = before.value.submission;
        // Once blind it stays so: what is kept from a reviewer now is kept in the round before, too.
        let before = Submission { blind: before.blind.max(now.blind), ..before };
        compare(&mask::shown(sight, &before), &mask::shown(sight, &now))
    }
}

fn compare(before: &Submission, now: &Submission) -> Result<RoundChanges, Problem> {
    let (resolved, remaining, new) = findings(&before.findings, &now.findings);
    Ok(RoundChanges {
        since: Some(before.round),
        round: now.round,
        fields: fields(before, now)?,
        files: files(before, now),
        resolved,
        remaining,
        new,
    })
}

fn fields(before: &Submission, now: &Submission) -> Result<Vec<FieldChange>, Problem> {
    let (before, now) = (described(before)?, described(now)?);
    let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let value = |of: &Map<String, Value>, name: &String| of.get(name).cloned().unwrap_or(Value::Null);
    let pairs = names.into_iter().map(|name| FieldChange { field: name.clone(), before: value(&before, name), after: value(&now, name) });
    Ok(pairs.filter(|pair| pair.before != pair.after).collect())
}

/// The description without its list of files, which are compared by their bytes.
fn described(submission: &Submission) -> Result<Map<String, Value>, Problem> {
    match serde_json::to_value(&submission.metadata) {
        Ok(Value::Object(mut fields)) => {
            fields.remove("files");
            Ok(fields)
        }
        _ => Err(Problem::internal()),
    }
}

fn files(before: &Submission, now: &Submission) -> Vec<FileChange> {
    let by_path = |of: &Submission| -> BTreeMap<String, Digest> {
        of.files.iter().map(|file| (file.entry.path.clone(), file.digest.clone())).collect()
    };
    let (before, now) = (by_path(before), by_path(now));
    let paths: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let turned = paths.into_iter().filter_map(|path| {
        let turn = match (before.get(path), now.get(path)) {
            (None, _) => FileTurn::Added,
            (_, None) => FileTurn::Removed,
            (old, new) if old != new => FileTurn::Replaced,
            _ => return None,
        };
        Some(FileChange { path: path.clone(), turn })
    });
    turned.collect()
}

/// Resolved, remaining and new. Two findings are the same when rule, file, field and what was measured are.
fn findings(before: &[Finding], now: &[Finding]) -> (Vec<Finding>, Vec<Finding>, Vec<Finding>) {
    let same = |one: &Finding, other: &Finding| {
        one.rule == other.rule && one.file == other.file && one.field == other.field && one.measured == other.measured
    };
    let resolved = before.iter().filter(|old| !now.iter().any(|new| same(old, new))).cloned().collect();
    let (remaining, new) = now.iter().cloned().partition(|new| before.iter().any(|old| same(old, new)));
    (resolved, remaining, new)
}
