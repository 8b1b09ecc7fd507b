//! The section `[recommendation]`: weights, shares of groups of works, experiments, how long served lists are kept.

use super::wrong;
use crate::domain::access::OrgPath;
use crate::domain::codes::CodeLists;
use crate::domain::problem::Problem;
use crate::recommend::{Experiment, Group, MOST_GROUPS, WeightChange};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Recommendation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RecommendationSection {
    /// File of weights by which recommendations are blended, as `yuelu evaluate recommend --tune` writes it. Without one, it is
    /// `recommend/weights.toml` in the data directory, where there is such a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights: Option<PathBuf>,
    /// Days that served lists are kept for, by which effects are estimated; 0 keeps none, at most 366.
    pub keep_lists_days: u16,
    /// Groups of works that are to have a share of what is shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupSection>,
    /// Experiments; a learner is in the first that takes it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub experiments: Vec<ExperimentSection>,
}

impl Default for RecommendationSection {
    fn default() -> Self {
        Self { weights: None, keep_lists_days: 30, groups: Vec::new(), experiments: Vec::new() }
    }
}

/// A group of works: those of one of the ethnic groups, about one of the regions or of one of the organisations.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GroupSection {
    /// Its name, for those who read the file and the reports of evaluation.
    pub name: String,
    /// Share of the places of recommendation lists, in percent, above 0 and at most 25.
    pub share_percent: f64,
    /// Ethnic groups by code or name; `*` for all but the Han.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ethnic_groups: Vec<String>,
    /// Divisions by code or name, with all below them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    /// Paths of organisations, with all below them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<String>,
}

/// An experiment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExperimentSection {
    /// Its name: small letters, digits and `-`, at most 40.
    pub name: String,
    /// Part of the learners that is in it, in percent, above 0 and at most 100; half of them get the changed weights.
    pub share_percent: f64,
    /// What is changed (`WeightChange`).
    pub weights: WeightChange,
}

impl RecommendationSection {
    pub(super) fn check(&self) -> Result<(), Problem> {
        let ok = |good: bool, key: &str, want: &str| if good { Ok(()) } else { Err(wrong(&format!("recommendation.{key}"), "", want)) };
        ok(self.weights.as_ref().is_none_or(|path| path.is_file()), "weights", "an existing file")?;
        ok(self.keep_lists_days <= 366, "keep_lists_days", "0..=366")?;
        ok(self.groups.len() <= MOST_GROUPS, "groups", "at most 16")?;
        ok(self.groups.iter().map(|group| group.share_percent).sum::<f64>() <= 25.0, "groups", "shares of at most 25 % together")?;
        for group in &self.groups {
            ok(group.share_percent > 0.0, "groups.share_percent", "above 0")?;
            ok(group.owners.iter().all(|owner| OrgPath::parse(owner).is_some()), "groups.owners", "paths such as /hunan/xiangxi")?;
        }
        let plain = |name: &str| {
            (1..=40).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        for experiment in &self.experiments {
            ok(plain(&experiment.name), "experiments.name", "small letters, digits and -, at most 40")?;
            ok((f64::MIN_POSITIVE..=100.0).contains(&experiment.share_percent), "experiments.share_percent", "above 0, at most 100")?;
            ok(experiment.weights.is_sound(), "experiments.weights", "weights by which lists can be made")?;
        }
        let names: BTreeSet<&str> = self.experiments.iter().map(|experiment| experiment.name.as_str()).collect();
        ok(names.len() == self.experiments.len(), "experiments.name", "a name of its own for each")
    }

    /// The groups with codes for names.
    ///
    /// # Errors
    /// A name that is in no list of codes.
    pub fn groups(&self, codes: &CodeLists) -> Result<Vec<Group>, Problem> {
        let unknown =
            |key: &str, name: &str| wrong(&format!("recommendation.groups.{key}"), "", &format!("{name}: 代码表中没有 / not in the list"));
        let people = |name: &String| match name.as_str() {
            "*" => Ok(name.clone()),
            name => codes.ethnic_groups.find(name).map(|row| row.code.clone()).ok_or_else(|| unknown("ethnic_groups", name)),
        };
        let place = |name: &String| codes.regions.find(name).and_then(|row| row.code.parse().ok()).ok_or_else(|| unknown("regions", name));
        let group = |section: &GroupSection| {
            Ok(Group {
                name: section.name.clone(),
                share: section.share_percent / 100.0,
                ethnic_groups: section.ethnic_groups.iter().map(people).collect::<Result<_, _>>()?,
                regions: section.regions.iter().map(place).collect::<Result<_, _>>()?,
                owners: section.owners.iter().filter_map(|owner| OrgPath::parse(owner)).collect(),
            })
        };
        self.groups.iter().map(group).collect()
    }

    /// The experiments.
    pub fn experiments(&self) -> Vec<Experiment> {
        let one = |section: &ExperimentSection| {
            let ExperimentSection { name, share_percent, weights } = section;
            Experiment { name: name.clone(), share: share_percent / 100.0, change: *weights }
        };
        self.experiments.iter().map(one).collect()
    }
}
