//! Corrections (`corrected`): the short path for a change that leaves the content untouched, in the few fields that the policy lists.
//!
//! What is corrected is not vetted anew, so it must not bring in what vetting would have stopped: the rules are asked what they
//! say of the description before and after, and a correction that adds something for which they return a work, or put it before
//! the committee, is refused: it needs a new vetting.

use super::Vetting;
use crate::domain::access::Actor;
use crate::domain::change::Position;
use crate::domain::codes::CodeList;
use crate::domain::finding::Severity;
use crate::domain::metadata::Metadata;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::submission::published::{ResourceAction, Turn};
use crate::domain::vocabulary::ACCESSIBILITY;
use crate::rules::Subject;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Entries of one field, and signs of one entry, at most.
const MOST: usize = 100;

/// A correction without a new vetting. Only fields that the policy lists may be there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
pub struct Correction {
    /// Why.
    pub reason: String,
    /// Keywords.
    #[serde(default)]
    pub keywords: Option<Vec<String>>,
    /// Codes of audiences.
    #[serde(default)]
    pub audience: Option<Vec<String>>,
    /// Codes of subjects.
    #[serde(default)]
    pub subjects: Option<Vec<String>>,
    /// Codes of regions.
    #[serde(default)]
    pub region: Option<Vec<String>>,
    /// Accessibility features.
    #[serde(default)]
    pub accessibility: Option<Vec<String>>,
    /// Series; an empty text takes it away.
    #[serde(default)]
    pub series: Option<String>,
}

impl Vetting {
    /// Corrects fields of a published resource; the ledger keeps which.
    ///
    /// # Errors
    /// `not-correctable` for a field that the policy does not list, `nothing`, `code` for one that no list knows, `text`;
    /// `needs-vetting` (409) for what the rules would stop; `reason-required`; those of every step of a resource.
    pub async fn correct(&self, actor: &Actor, id: &str, correction: &Correction, expected: Option<Position>) -> Result<Position, Problem> {
        let old = self.resource(actor, id, ResourceAction::Correct, expected).await?;
        let mut resource = old.value.clone();
        let fields = apply(correction, &mut resource.metadata);
        let listed = &self.rules.policy().correctable;
        if let Some(field) = fields.iter().find(|field| !listed.iter().any(|name| name == *field)) {
            return Err(Problem::field("not-correctable", *field, "该著录项须重新送审。", "This field needs a new vetting."));
        }
        if fields.is_empty() {
            return Err(Problem::field("nothing", "keywords", "没有要更正的内容。", "There is nothing to correct."));
        }
        self.check_codes(correction)?;
        self.check_harmless(&old.value.metadata, &resource.metadata)?;
        resource.updated = self.clock.now();
        let facts = BTreeMap::from([("fields".to_owned(), fields.join(" "))]);
        self.move_resource(actor, &old, resource, Turn { facts, ..Turn::desk(ResourceAction::Correct, &correction.reason) }).await
    }

    fn check_codes(&self, correction: &Correction) -> Result<(), Problem> {
        let Correction { keywords, audience, subjects, region, accessibility, series, reason: _ } = correction;
        let lists: [(&str, &Option<Vec<String>>, &CodeList); 3] = [
            ("audience", audience, &self.codes.audiences),
            ("subjects", subjects, &self.codes.subjects),
            ("region", region, &self.codes.regions),
        ];
        for (field, codes, list) in lists {
            for code in codes.iter().flatten() {
                if list.find(code).is_none_or(|row| row.code != *code) {
                    return Err(Problem::field("code", field, format!("没有代码“{code}”。"), format!("No list knows the code {code}.")));
                }
            }
        }
        let feature = |code: &&String| !ACCESSIBILITY.iter().any(|row| row.0 == code.as_str());
        if let Some(code) = accessibility.iter().flatten().find(feature) {
            return Err(Problem::field("code", "accessibility", format!("没有代码“{code}”。"), format!("No list knows the code {code}.")));
        }
        let lists = [keywords, audience, subjects, region, accessibility];
        let texts = keywords.iter().flatten().chain(series);
        let unfit = |text: &String| text.chars().count() > MOST || text.contains('\0');
        let blank = keywords.iter().flatten().any(|text| text.trim().is_empty());
        if blank || texts.into_iter().any(unfit) || lists.iter().any(|list| list.as_ref().is_some_and(|list| list.len() > MOST)) {
            let (zh, en) = ("每项不超过 100 条，每条 1 至 100 字。", "A field has 100 entries at most, an entry 1 to 100 characters.");
            return Err(Problem::field("text", "keywords", zh, en));
        }
        Ok(())
    }

    /// Whether the rules say nothing of the new description that they did not say of the old one.
    fn check_harmless(&self, before: &Metadata, after: &Metadata) -> Result<(), Problem> {
        let (before, after) = (self.stopping(before), self.stopping(after));
        let Some((_, message)) = after.iter().find(|found| !before.contains(found)) else { return Ok(()) };
        let zh = format!("该更正须重新送审：{message}");
        Err(Problem::new(ProblemKind::Conflict, "needs-vetting", zh, "The rules would stop this correction; it needs a new vetting."))
    }

    /// For what of its description alone a work would be returned, or put before the committee: rule and message.
    fn stopping(&self, metadata: &Metadata) -> BTreeSet<(String, String)> {
        let at = self.clock.now();
        let report = self.rules.check(&Subject { metadata, files: &[], row: None, at, neighbours: None, text: &|_| None });
        let flagging = |rule: &str| self.rules.rules().iter().any(|known| known.id == rule && known.flag.is_some());
        let stops = report.findings.into_iter().filter(|found| found.severity == Severity::Must || flagging(&found.rule));
        stops.map(|found| (found.rule, found.message)).collect()
    }
}

/// Puts the corrected fields into a description; gives their names.
fn apply(correction: &Correction, meta: &mut Metadata) -> Vec<&'static str> {
    let mut fields = Vec::new();
    let lists = [
        ("keywords", &correction.keywords, &mut meta.keywords),
        ("audience", &correction.audience, &mut meta.audience),
        ("subjects", &correction.subjects, &mut meta.subjects),
        ("region", &correction.region, &mut meta.region),
        ("accessibility", &correction.accessibility, &mut meta.accessibility),
    ];
    for (name, new, field) in lists {
        if let Some(new) = new {
            field.clone_from(new);
            fields.push(name);
        }
    }
    if let Some(series) = &correction.series {
        meta.series = Some(series.trim().to_owned()).filter(|text| !text.is_empty());
        fields.push("series");
    }
    fields
}
