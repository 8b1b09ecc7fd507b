//! Who asks.

/// An actor: a column of the table.
pub struct Actor {
    /// Heading of the column.
    pub name: &'static str,
    /// Role; none: a visitor.
    pub role: Option<&'static str>,
    /// Organisation that the role is held over.
    pub scope: &'static str,
}

/// The organisation that is "own" to all whose scope is one institution.
pub const OWN: &str = "/hunan/changsha/yuelu";
/// Another institution of the same city.
pub const SIBLING: &str = "/hunan/changsha/tianxin";
/// An institution of another branch.
pub const FOREIGN: &str = "/hunan/xiangxi/jishou";

const fn one(name: &'static str, role: &'static str, scope: &'static str) -> Actor {
    Actor { name, role: Some(role), scope }
}

/// Acts for an office over the own institution. It has no column: what it may do beside a learner's is [`OFFICE_LINES`].
pub const OFFICE: Actor = one("ethni", "ethnic_affairs", OWN);

/// What an office is answered otherwise than a learner of the same organisation: operation, object, status.
pub const OFFICE_LINES: [(&str, &str, u16); 5] = [
    ("POST /api/v1/reviews/{id}/countersign", "own", 412),
    // Whoever judges keeps a profile.
    ("GET /api/v1/reviewers/me", "-", 200),
    ("PUT /api/v1/reviewers/me", "-", 200),
    ("GET /api/v1/reviewers/me/phrases", "-", 200),
    ("PUT /api/v1/reviewers/me/phrases", "-", 200),
];

/// The columns, in order.
pub const ACTORS: [Actor; 14] = [
    Actor { name: "visit", role: None, scope: OWN },
    one("learn", "learner", OWN),
    one("contr", "contributor", OWN),
    one("manag", "manager", OWN),
    one("revie", "reviewer", OWN),
    one("commi", "committee", OWN),
    one("edito", "editor", OWN),
    one("audit", "auditor", OWN),
    one("platf", "platform", OWN),
    one("a.ins", "administrator", OWN),
    one("a.cit", "administrator", "/hunan/changsha"),
    one("a.hun", "administrator", "/hunan"),
    one("a.all", "administrator", "/"),
    one("u.all", "auditor", "/"),
];
