//! How a resource is described: the manifest's content after reading, whatever form it came in.
//!
//! Field names follow the crosswalk to LOM (GB/T 21365), Dublin Core and schema.org given beside each field as
//! `LOM / DC / schema.org`. A draft may be wrong or incomplete; the rules decide what a published one needs.

use super::access::Visibility;
use super::codes::Kind;
use super::text::LangMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The description of one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Metadata {
    /// The depositor's own number; 1.1 / identifier / identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<String>,
    /// 1.2 / title / name.
    pub title: LangMap,
    /// 1.4 / description / description.
    #[serde(default)]
    pub description: LangMap,
    /// 5.2 / type / learningResourceType.
    pub kind: Kind,
    /// 5.6 / educationLevel / educationalLevel: code of `categories`.
    #[serde(default)]
    pub category: String,
    /// 9 / subject / about: codes of `subjects`.
    #[serde(default)]
    pub subjects: Vec<String>,
    /// 1.5 / subject / keywords.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// 5.5 / audience / audience: codes of `audiences`.
    #[serde(default)]
    pub audience: Vec<String>,
    /// 1.3 / language / inLanguage: BCP 47.
    #[serde(default)]
    pub language: Vec<String>,
    /// 1.6 / spatial / spatialCoverage: GB/T 2260 codes.
    #[serde(default)]
    pub region: Vec<String>,
    /// 5.9 / extent / timeRequired: minutes of learning; 学时 are 45 minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
    /// 2.3.3 / created / dateCreated: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// – / valid / expires: last day on which it is served, `YYYY-MM-DD` in Shanghai.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
    /// 7 / isPartOf / isPartOf: the series it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    /// 2.3 / creator, contributor / author, contributor.
    #[serde(default)]
    pub creators: Vec<Creator>,
    /// 6 / rights, license, rightsHolder / license, copyrightHolder.
    #[serde(default)]
    pub rights: Rights,
    /// Who may see it once published.
    #[serde(default)]
    pub access: Visibility,
    /// 9 / subject / about: what makes it an item of the ethnic-culture zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub culture: Option<Culture>,
    /// Made by artificial intelligence, wholly or in part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ai: Option<AiLabel>,
    /// – / – / accessibilityFeature.
    #[serde(default)]
    pub accessibility: Vec<String>,
    /// Where a linked resource is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
    /// 1.7 / hasPart / hasPart: lessons in order, by file path.
    #[serde(default)]
    pub lessons: Vec<Lesson>,
    /// What the manifest says of its files.
    #[serde(default)]
    pub files: Vec<FileEntry>,
    /// Keys this version does not know, kept as they came (numbers with a fraction as text).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Object)]
    pub extra: BTreeMap<String, serde_json::Value>,
}

impl Metadata {
    /// A description that says nothing but the title and the kind.
    pub fn titled(title: LangMap, kind: Kind) -> Self {
        Self {
            source_id: None,
            title,
            description: LangMap::default(),
            kind,
            category: String::new(),
            subjects: Vec::new(),
            keywords: Vec::new(),
            audience: Vec::new(),
            language: Vec::new(),
            region: Vec::new(),
            minutes: None,
            created: None,
            valid_until: None,
            series: None,
            creators: Vec::new(),
            rights: Rights::default(),
            access: Visibility::default(),
            culture: None,
            ai: None,
            accessibility: Vec::new(),
            link: None,
            lessons: Vec::new(),
            files: Vec::new(),
            extra: BTreeMap::default(),
        }
    }
}

/// Somebody who had a part in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Creator {
    /// Name as the person writes it.
    pub name: String,
    /// `author presenter narrator editor illustrator photographer performer bearer collector translator producer publisher`.
    #[serde(default)]
    pub role: String,
    /// Organisation, which also tells two people of one name apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
}

/// Rights.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Rights {
    /// Code of `licences`.
    #[serde(default)]
    pub licence: String,
    /// Who holds them.
    #[serde(default)]
    pub holder: String,
    /// `free registered paid restricted`.
    #[serde(default)]
    pub sharing: String,
    /// Path in the package, address or sentence that proves it.
    #[serde(default)]
    pub evidence: String,
    /// Last day of the licence, `YYYY-MM-DD` in Shanghai.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence_until: Option<String>,
}

/// An item of a people's culture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Culture {
    /// GB/T 3304 codes.
    #[serde(default)]
    pub ethnic_groups: Vec<String>,
    /// Code of `heritage_classes`.
    #[serde(default)]
    pub heritage_class: String,
    /// Name of the heritage item.
    #[serde(default)]
    pub heritage_item: String,
    /// `national provincial municipal county unesco none`.
    #[serde(default)]
    pub heritage_level: String,
    /// 项目编号 of the list that it stands on, as published (`Ⅹ-65`).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub heritage_number: String,
    /// 保护单位.
    #[serde(default)]
    pub protecting_body: String,
    /// 传承人授权: path or sentence.
    #[serde(default)]
    pub consent: String,
    /// Where its facts come from.
    #[serde(default)]
    pub sources: Vec<String>,
}

/// The label asked for by the measures on AI-generated content in force since 2025-09-01.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AiLabel {
    /// Whether any of it was generated.
    #[serde(default)]
    pub generated: bool,
    /// Name or code of the provider.
    #[serde(default)]
    pub provider: String,
    /// Whether the visible mark is in the work.
    #[serde(default)]
    pub label_visible: bool,
    /// Number of the content.
    #[serde(default)]
    pub content_id: String,
}

/// A resource elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Link {
    /// http or https address.
    pub url: String,
    /// Who runs it.
    #[serde(default)]
    pub owner: String,
}

/// A lesson of a course.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Lesson {
    /// Title.
    pub title: String,
    /// Paths of its files.
    #[serde(default)]
    pub files: Vec<String>,
}

/// What a file is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileRole {
    /// The work itself.
    #[default]
    Master,
    /// Subtitles of a master.
    Subtitle,
    /// A transcript.
    Transcript,
    /// The picture shown in lists.
    Cover,
    /// Something to go with it.
    Attachment,
    /// Evidence of rights or consent; never shown to learners.
    Evidence,
}

/// A file of the package.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FileEntry {
    /// Path in the package, `/` between parts, NFC.
    pub path: String,
    /// What it is for.
    #[serde(default)]
    pub role: FileRole,
    /// Title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// BCP 47.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Rights of this file, where they differ from those of the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rights: Option<Rights>,
}
