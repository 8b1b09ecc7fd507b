//! 一资源一档, on paper.

use crate::domain::codes::Code;
use crate::domain::ledger::capacity;
use crate::domain::problem::Problem;
use crate::domain::resource::Provenance;
use crate::domain::review::{Audience, Criterion, VetoItem};
use crate::domain::time::Timestamp;
use crate::vetting::dossier::{Dossier, DossierOpinion, DossierStep};
use askama::Template;
use std::collections::BTreeMap;

const SHANGHAI_MS: i64 = 8 * 3_600_000;

#[derive(Template)]
#[template(path = "dossier.html")]
struct Page<'a> {
    dossier: &'a Dossier,
    criteria: &'a [Criterion],
    vetoes: &'a [VetoItem],
    described: Vec<(&'static str, String)>,
    came: String,
}

/// The record as a page.
///
/// # Errors
/// When it cannot be written, which is a fault of ours.
pub fn page(
    dossier: &Dossier,
    (criteria, vetoes): (&[Criterion], &[VetoItem]),
    lists: &BTreeMap<&'static str, Vec<Code>>,
) -> Result<String, Problem> {
    let page = Page { dossier, criteria, vetoes, described: described(dossier, lists), came: came(&dossier.provenance) };
    page.render().map_err(|error| {
        tracing::error!(%error, "a record could not be written");
        Problem::internal()
    })
}

fn described(dossier: &Dossier, lists: &BTreeMap<&'static str, Vec<Code>>) -> Vec<(&'static str, String)> {
    let work = &dossier.metadata;
    let label = |list: &str, code: &str| {
        let row = lists.get(list).and_then(|rows| rows.iter().find(|row| row.code == code));
        row.map_or_else(|| code.to_owned(), |row| row.label.clone())
    };
    let all = |list: &str, codes: &[String]| codes.iter().map(|code| label(list, code)).collect::<Vec<_>>().join("、");
    let people = work.creators.iter().map(|person| format!("{}（{}）", person.name, label("creator_roles", &person.role)));
    let culture = work.culture.as_ref().map(|item| {
        let groups = all("ethnic_groups", &item.ethnic_groups);
        [groups, item.heritage_item.clone(), item.protecting_body.clone(), item.consent.clone()]
    });
    let culture = culture.map(|parts| parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("；"));
    let rows = [
        ("题名", dossier.title.clone()),
        ("简介", work.description.main().to_owned()),
        ("类型", work.kind.label().to_owned()),
        ("类别", label("categories", &work.category)),
        ("学科", all("subjects", &work.subjects)),
        ("关键词", work.keywords.join("、")),
        ("语种", all("languages", &work.language)),
        ("责任者", people.collect::<Vec<_>>().join("、")),
        ("许可", label("licences", &work.rights.licence)),
        ("权利人", work.rights.holder.clone()),
        ("授权依据", work.rights.evidence.clone()),
        ("民族文化", culture.unwrap_or_default()),
        ("机构编号", work.source_id.clone().unwrap_or_default()),
    ];
    rows.into_iter().filter(|row| !row.1.is_empty()).collect()
}

fn came(provenance: &Provenance) -> String {
    match provenance {
        Provenance::Vetted { reviewers, score, .. } => {
            let score = score.map(|score| format!("，得分 {}", points(&score))).unwrap_or_default();
            format!("经本平台审核入库（评审 {reviewers} 人{score}）")
        }
        Provenance::Admitted { vetted_by, source } => format!("由“{vetted_by}”审核，认可入库；来源：{source}"),
    }
}

/// An instant in Shanghai, to the minute.
fn at(instant: &Timestamp) -> String {
    let local = instant.plus_millis(SHANGHAI_MS).to_string();
    local.chars().take(16).map(|sign| if sign == 'T' { ' ' } else { sign }).collect()
}

fn points(hundredths: &u32) -> String {
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    if rest == 0 { whole.to_string() } else { format!("{whole}.{rest:02}") }
}

/// Enough of a hash or a surrogate to tell it from others on paper; the whole stands in the data.
fn short(hash: &str) -> String {
    hash.chars().take(12).collect()
}

/// Who took a step: by name where that is told, by surrogate else; the program has no name.
fn who(step: &DossierStep) -> String {
    match (&step.name, step.party.as_str()) {
        (_, "program") => "系统".to_owned(),
        (Some(name), code) => format!("{name}（{}）", capacity(code)),
        (None, code) => format!("{} {}", capacity(code), short(&step.actor)),
    }
}

fn reviewer(opinion: &DossierOpinion) -> String {
    let surrogate = opinion.reviewer.as_deref().map(short);
    [opinion.name.clone(), surrogate].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn audience(audience: &Audience) -> &'static str {
    match audience {
        Audience::Submitter => "提交方可见",
        Audience::Internal => "内部",
    }
}

impl Page<'_> {
    fn criterion<'a>(&'a self, code: &'a str) -> &'a str {
        self.criteria.iter().find(|one| one.code == code).map_or(code, |one| one.label.as_str())
    }

    fn veto<'a>(&'a self, code: &'a str) -> &'a str {
        self.vetoes.iter().find(|item| item.code == code).map_or(code, |item| item.label.as_str())
    }
}
