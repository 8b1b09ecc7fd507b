//! Who may see and do what. Every list, file, facet, suggestion and recommendation passes through here.
//!
//! Organisations form a tree of paths (`/hunan/changsha/yuelu-college`); an assignment is a role within a scope of that tree.
//! A resource carries grant tokens, a viewer carries viewer tokens; the viewer sees the resource when they share one. What a
//! viewer may not see must leave no trace: callers answer "not found", never "forbidden", for it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The grant everybody holds.
pub const PUBLIC: &str = "public";
/// The grant everybody holds who is signed in.
pub const REGISTERED: &str = "registered";

/// A path in the tree of organisations: `/` or `/part/part…`, parts of `[a-z0-9-]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, examples("/hunan/changsha/yuelu-college"))]
pub struct OrgPath(String);

impl OrgPath {
    /// The root: the province's platform as a whole.
    pub fn root() -> Self {
        Self("/".to_owned())
    }

    /// Reads a path.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "/" {
            return Some(Self::root());
        }
        let good_part =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        let parts = text.strip_prefix('/')?;
        (text.len() <= 200 && parts.split('/').all(good_part)).then(|| Self(text.to_owned()))
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `inner` is this organisation or lies below it.
    pub fn covers(&self, inner: &Self) -> bool {
        self.0 == "/" || inner.0 == self.0 || inner.0.strip_prefix(&self.0).is_some_and(|rest| rest.starts_with('/'))
    }

    /// This path and all above it, the root first.
    pub fn lineage(&self) -> Vec<Self> {
        let mut paths = vec![Self::root()];
        let mut path = String::new();
        for part in self.0.split('/').filter(|part| !part.is_empty()) {
            path.push('/');
            path.push_str(part);
            paths.push(Self(path.clone()));
        }
        paths
    }
}

impl TryFrom<String> for OrgPath {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("not an organisation path: {text}"))
    }
}

impl From<OrgPath> for String {
    fn from(path: OrgPath) -> Self {
        path.0
    }
}

impl std::fmt::Display for OrgPath {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

/// What a person or program is allowed to be within a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Learns; writes only its own events.
    Learner,
    /// Deposits for an institution.
    Contributor,
    /// Manages an institution: pledges, contributors, its submissions.
    Manager,
    /// Reviews.
    Reviewer,
    /// Sits on the committee; final approval.
    Committee,
    /// Acts for the office of ethnic and religious affairs: countersigns what concerns it.
    EthnicAffairs,
    /// Runs the desk: screening, panels, returns.
    Editor,
    /// Reads everything, changes nothing.
    Auditor,
    /// Runs the site.
    Administrator,
    /// A learning platform that reports the events of its learners.
    Platform,
}

impl Role {
    /// All roles, in the order of their declaration.
    pub const ALL: [Self; 10] = [
        Self::Learner,
        Self::Contributor,
        Self::Manager,
        Self::Reviewer,
        Self::Committee,
        Self::EthnicAffairs,
        Self::Editor,
        Self::Auditor,
        Self::Administrator,
        Self::Platform,
    ];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Learner => "learner",
            Self::Contributor => "contributor",
            Self::Manager => "manager",
            Self::Reviewer => "reviewer",
            Self::Committee => "committee",
            Self::EthnicAffairs => "ethnic_affairs",
            Self::Editor => "editor",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
            Self::Platform => "platform",
        }
    }

    /// The Chinese name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Learner => "学习者",
            Self::Contributor => "资源提供者",
            Self::Manager => "机构管理员",
            Self::Reviewer => "评审专家",
            Self::Committee => "审核委员会委员",
            Self::EthnicAffairs => "民族宗教事务部门",
            Self::Editor => "编辑",
            Self::Auditor => "审计员",
            Self::Administrator => "系统管理员",
            Self::Platform => "学习平台",
        }
    }

    /// Reads a stable code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }
}

/// A role within a scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Assignment {
    /// Role.
    pub role: Role,
    /// The organisation it holds for, with all below it.
    pub scope: OrgPath,
}

/// Who acts. The first argument of every service function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    /// Account id; `None` for a visitor.
    pub account: Option<String>,
    /// Name of the account, for the ledger's surrogate and for learners' own records.
    pub name: Option<String>,
    /// Roles in force for this request (a scoped token may hold fewer than its account).
    pub assignments: Vec<Assignment>,
    /// Protocol groups the account belongs to.
    pub groups: BTreeSet<String>,
}

impl Actor {
    /// Somebody who is not signed in.
    pub fn visitor() -> Self {
        Self::default()
    }

    /// The program itself (start-up, jobs, commands on a local data directory): administrator of everything.
    pub fn system() -> Self {
        let assignments = vec![Assignment { role: Role::Administrator, scope: OrgPath::root() }];
        Self { account: Some("system".to_owned()), name: Some("system".to_owned()), assignments, groups: BTreeSet::new() }
    }

    /// Whether one of these roles is held over `scope`.
    pub fn has(&self, roles: &[Role], scope: &OrgPath) -> bool {
        self.assignments.iter().any(|held| roles.contains(&held.role) && held.scope.covers(scope))
    }

    /// Whether one of these roles is held anywhere.
    pub fn has_anywhere(&self, roles: &[Role]) -> bool {
        self.assignments.iter().any(|held| roles.contains(&held.role))
    }

    /// The tokens by which this actor sees resources.
    pub fn viewer_tokens(&self) -> BTreeSet<String> {
        let mut tokens = BTreeSet::from([PUBLIC.to_owned()]);
        if self.account.is_some() {
            tokens.insert(REGISTERED.to_owned());
        }
        for held in &self.assignments {
            for path in held.scope.lineage() {
                tokens.insert(format!("org:{path}"));
            }
            if matches!(held.role, Role::Editor | Role::Auditor | Role::Administrator | Role::Committee) {
                tokens.insert(format!("staff:{}", held.scope));
            }
        }
        tokens.extend(combinations(&self.groups));
        tokens
    }

    /// Whether a thing with these grants may be seen.
    pub fn sees(&self, grants: &BTreeSet<String>) -> bool {
        grants.contains(PUBLIC) || !self.viewer_tokens().is_disjoint(grants)
    }
}

/// Who may see a resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "visibility")]
pub enum Visibility {
    /// Everybody.
    #[default]
    Public,
    /// Everybody who is signed in.
    Registered,
    /// Members of the owning organisation and those below it.
    Organisation,
    /// Members of protocol groups: of any one in `any`, or of all in `all`.
    Protocol {
        /// One of these is enough.
        #[serde(default)]
        any: BTreeSet<String>,
        /// All of these together.
        #[serde(default)]
        all: BTreeSet<String>,
    },
}

/// Most groups whose combinations a viewer's tokens spell out.
const COMBINED_GROUPS: usize = 6;

/// The grant tokens of a resource: never empty, staff of the owner's lineage always among them.
pub fn grants(owner: &OrgPath, visibility: &Visibility) -> BTreeSet<String> {
    let mut tokens: BTreeSet<String> = owner.lineage().into_iter().map(|path| format!("staff:{path}")).collect();
    match visibility {
        Visibility::Public => {
            tokens.insert(PUBLIC.to_owned());
        }
        Visibility::Registered => {
            tokens.insert(REGISTERED.to_owned());
        }
        Visibility::Organisation => {
            tokens.insert(format!("org:{owner}"));
        }
        Visibility::Protocol { any, all } => {
            tokens.extend(any.iter().map(|group| format!("group:{group}")));
            if !all.is_empty() {
                tokens.insert(combined(all.iter()));
            }
        }
    }
    tokens
}

fn combined<'a>(groups: impl Iterator<Item = &'a String>) -> String {
    let names: Vec<&str> = groups.map(String::as_str).collect();
    format!("group:{}", names.join("+"))
}

fn combinations(groups: &BTreeSet<String>) -> Vec<String> {
    let names: Vec<&String> = groups.iter().take(COMBINED_GROUPS).collect();
    let singles = groups.iter().skip(COMBINED_GROUPS).map(|group| format!("group:{group}"));
    let subsets = 1_usize..(1 << names.len());
    let chosen = |mask: usize| combined(names.iter().enumerate().filter(move |(bit, _)| mask >> bit & 1 == 1).map(|(_, name)| *name));
    subsets.map(chosen).chain(singles).collect()
}
