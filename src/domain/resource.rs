//! A published resource and its files. The submission's machine is another one (see `submission`).

use super::access::{Actor, OrgPath, Role};
use super::inspection::FileFacts;
use super::metadata::{FileRole, Metadata};
use super::record::{IndexRow, Key, Record};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Where a resource stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ResourceState {
    /// Served.
    Published,
    /// Held back while a complaint is looked into.
    Suspended {
        /// Why.
        reason: String,
        /// What holds it back: [`DESK`], or ids of complaints. It is served again when the last of them lets go. Empty in rows
        /// written before complaints were kept: then it is the desk.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        holds: BTreeSet<String>,
    },
    /// Removed (出库); a tombstone stays.
    Retired {
        /// Why.
        reason: String,
        /// When.
        at: Timestamp,
        /// The ground.
        #[serde(default)]
        cause: RetireCause,
    },
}

/// The hold of the desk on a suspended resource.
pub const DESK: &str = "desk";

/// On what ground a resource was retired (出库).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RetireCause {
    /// The desk decided so.
    #[default]
    Decision,
    /// Its own term ended.
    Expired,
    /// The licence it was shared under ended.
    LicenceEnded,
    /// It does not meet new standards.
    Retest,
    /// A complaint was upheld.
    Complaint,
}

impl RetireCause {
    /// The ground in Chinese and English, for the tombstone.
    pub const fn label(self) -> (&'static str, &'static str) {
        match self {
            Self::Decision => ("管理决定", "by decision"),
            Self::Expired => ("有效期届满", "its term ended"),
            Self::LicenceEnded => ("授权到期", "its licence ended"),
            Self::Retest => ("不符合新的入库标准", "it does not meet new standards"),
            Self::Complaint => ("投诉经核实成立", "a complaint was upheld"),
        }
    }
}

/// How it came in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Provenance {
    /// Through this site's vetting.
    Vetted {
        /// The submission that published this revision.
        submission: String,
        /// Digest of the rule set the decision was made under.
        rule_set: String,
        /// Weighted mark in hundredths of a point (8,650 = 86.5), where it was scored.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        score: Option<u32>,
        /// Number of reviewers whose opinions it rests on.
        reviewers: u32,
    },
    /// Vetted by another body, taken over by an administrator (`admitted`).
    Admitted {
        /// The body that vetted it.
        vetted_by: String,
        /// Where it was taken from.
        source: String,
    },
}

/// A file of a published resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Asset {
    /// Path in the package.
    pub path: String,
    /// What it is for.
    pub role: FileRole,
    /// Media type it is served as.
    pub media_type: String,
    /// What inspection measured; its `sha256` names the bytes.
    pub facts: FileFacts,
    /// SHA-256 of the extracted text's blob, where text was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// SHA-256 of a thumbnail (JPEG or WebP), where one was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<String>,
}

/// A resource: its head revision and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Resource {
    /// UUIDv7, or an imported id.
    pub id: String,
    /// Owning organisation.
    pub owner: OrgPath,
    /// Name of the owning institution.
    pub institution: String,
    /// 1 is the first.
    pub revision: u32,
    /// Description.
    pub metadata: Metadata,
    /// Files.
    #[serde(default)]
    pub assets: Vec<Asset>,
    /// Who may see it; never empty (see `access::grants`).
    pub grants: BTreeSet<String>,
    /// Where it stands.
    #[serde(flatten)]
    pub state: ResourceState,
    /// How this revision came in.
    pub provenance: Provenance,
    /// First publication.
    pub published: Timestamp,
    /// This revision's publication.
    pub updated: Timestamp,
    /// When it came into this catalogue, where it was first published elsewhere on another day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added: Option<Timestamp>,
}

/// Roles that see what is suspended, and files that only prove something.
const STAFF: [Role; 4] = [Role::Editor, Role::Committee, Role::Auditor, Role::Administrator];

impl Resource {
    /// When it came into this catalogue; stays what it is with each revision.
    pub fn added(&self) -> Timestamp {
        self.added.unwrap_or(self.published)
    }

    /// Whether it is served at all.
    pub fn is_served(&self) -> bool {
        matches!(self.state, ResourceState::Published)
    }

    /// When it must end and why: its own last day or that of its licence, whichever comes first. `None` for what has no end or
    /// was retired already.
    pub fn ends(&self) -> Option<(Timestamp, RetireCause)> {
        let own = self.metadata.valid_until.as_deref().map(|day| (day, RetireCause::Expired));
        let licence = self.metadata.rights.licence_until.as_deref().map(|day| (day, RetireCause::LicenceEnded));
        let retired = matches!(self.state, ResourceState::Retired { .. });
        let known = [own, licence].into_iter().flatten().filter(|_| !retired);
        known.filter_map(|(day, cause)| Some((Timestamp::end_of_shanghai_date(day)?, cause))).min_by_key(|end| end.0)
    }

    /// Key in the index `ends` of an end: in order of time.
    pub fn end_key(end: Timestamp) -> Key {
        Key::from(end.to_string().as_str())
    }

    /// Whether this actor is of the owner's staff.
    pub fn is_staff(&self, actor: &Actor) -> bool {
        actor.has(&STAFF, &self.owner)
    }

    /// Whether this actor may know that it exists: its grants are the actor's, and while it is suspended the actor is staff.
    /// A retired one stays known to who saw it before.
    pub fn is_known_to(&self, actor: &Actor) -> bool {
        let held_back = matches!(self.state, ResourceState::Suspended { .. });
        actor.sees(&self.grants) && (!held_back || self.is_staff(actor))
    }
}

impl Record for Resource {
    const TABLE: &'static str = "resources";
    fn key(&self) -> Key {
        Key::from(self.id.as_str())
    }
    /// `ends`: what has an end, in order of time.
    fn indexes(&self) -> Vec<IndexRow> {
        self.ends().map(|(end, _)| IndexRow { index: "ends", key: Self::end_key(end) }).into_iter().collect()
    }
}

/// An earlier revision, kept as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// The resource as it stood.
    pub resource: Resource,
}

impl Record for Revision {
    const TABLE: &'static str = "revisions";
    fn key(&self) -> Key {
        Key::of(&[&self.resource.id, &format!("{:010}", self.resource.revision)])
    }
}

/// The searchable body of a resource that has no files of its own (imported catalogues): one row beside the resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// Resource id.
    pub resource: String,
    /// The text.
    pub text: String,
}

impl Record for Body {
    const TABLE: &'static str = "bodies";
    fn key(&self) -> Key {
        Key::from(self.resource.as_str())
    }
}

/// Another name of a resource: an institution's own number or an address it used to have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alias {
    /// `source` (scope = owner path) or `address` (scope empty).
    pub space: String,
    /// Owner path or empty.
    pub scope: String,
    /// The name.
    pub name: String,
    /// The resource it names.
    pub resource: String,
}

impl Alias {
    /// Key of an alias.
    pub fn key_of(space: &str, scope: &str, name: &str) -> Key {
        Key::of(&[space, scope, name])
    }
}

impl Record for Alias {
    const TABLE: &'static str = "aliases";
    fn key(&self) -> Key {
        Self::key_of(&self.space, &self.scope, &self.name)
    }
}

/// What the last look at a linked resource found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LinkCheck {
    /// Resource id.
    pub resource: String,
    /// When.
    pub checked: Timestamp,
    /// HTTP status; missing when nobody answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Looks in a row that found it broken.
    pub failures: u32,
}

impl Record for LinkCheck {
    const TABLE: &'static str = "link_checks";
    fn key(&self) -> Key {
        Key::from(self.resource.as_str())
    }
}

/// One taking over of resources that another body vetted: the trace of who brought in what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Admission {
    /// UUIDv7.
    pub id: String,
    /// Account that did it.
    pub actor: String,
    /// The body that vetted them.
    pub vetted_by: String,
    /// Where they were taken from.
    pub source: String,
    /// Resources made.
    pub created: u64,
    /// Resources changed.
    pub updated: u64,
    /// Rows that were there already.
    pub unchanged: u64,
    /// Rows that were refused.
    pub refused: u64,
    /// When it ended.
    pub at: Timestamp,
}

impl Record for Admission {
    const TABLE: &'static str = "admissions";
    fn key(&self) -> Key {
        Key::from(self.id.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn resource(state: serde_json::Value) -> Resource {
        let mut row = json!({
            "id": "r1", "owner": "/hunan/a", "institution": "甲学院", "revision": 1, "metadata": {"title": "读本", "kind": "document"},
            "grants": ["public"], "provenance": {"by": "admitted", "vetted_by": "Board", "source": "lib"},
            "published": "2026-01-01T00:00:00Z", "updated": "2026-01-01T00:00:00Z",
        });
        row.as_object_mut().unwrap().extend(state.as_object().unwrap().clone());
        serde_json::from_value(row).unwrap()
    }

    #[test]
    fn rows_from_before_complaints_are_read() {
        let held = resource(json!({"state": "suspended", "reason": "投诉"}));
        assert_eq!(held.state, ResourceState::Suspended { reason: "投诉".into(), holds: BTreeSet::new() });
        let gone = resource(json!({"state": "retired", "reason": "过时", "at": "2026-02-01T00:00:00Z"}));
        assert!(matches!(gone.state, ResourceState::Retired { cause: RetireCause::Decision, .. }));
    }

    #[test]
    fn the_earlier_end_counts_and_a_retired_one_has_none() {
        let mut one = resource(json!({"state": "published"}));
        assert_eq!((one.ends(), one.indexes()), (None, Vec::new()));
        one.metadata.valid_until = Some("2027-06-30".into());
        let end = |text: &str| Timestamp::parse(text).unwrap();
        assert_eq!(one.ends(), Some((end("2027-07-01T00:00:00+08:00"), RetireCause::Expired)));
        one.metadata.rights.licence_until = Some("2026-12-31".into());
        assert_eq!(one.ends(), Some((end("2027-01-01T00:00:00+08:00"), RetireCause::LicenceEnded)));
        assert_eq!(one.indexes().len(), 1);
        one.metadata.valid_until = Some("someday".into());
        assert_eq!(one.ends().unwrap().1, RetireCause::LicenceEnded, "what is no day is no end");
        one.state = ResourceState::Retired { reason: String::new(), at: one.published, cause: RetireCause::Decision };
        assert_eq!((one.ends(), one.indexes()), (None, Vec::new()));
    }
}
