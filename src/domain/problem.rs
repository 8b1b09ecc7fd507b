//! What goes wrong, in words for a program (a stable code) and for people (Chinese and English).
//!
//! Services answer `Result<_, Problem>`; the HTTP edge turns it into RFC 9457 problem+json, the command line into lines.
//! A problem never carries the words of a backend: those are logged where they happen.

use serde::{Deserialize, Serialize};

/// The class of a problem; the HTTP status follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// The request is not well formed or breaks a rule (400).
    Invalid,
    /// Nobody is signed in, or the token is not valid (401).
    Unauthorized,
    /// The actor may not do this (403).
    Forbidden,
    /// There is no such thing, or the actor may not know of it (404).
    NotFound,
    /// The state does not allow it now, or somebody else was faster (409).
    Conflict,
    /// The thing was here and has been removed (410).
    Gone,
    /// If-Match did not match (412).
    Precondition,
    /// Larger than the limits allow (413).
    TooLarge,
    /// A type of content that is not taken here (415).
    Unsupported,
    /// A range that cannot be satisfied (416).
    Range,
    /// Well formed, but its content cannot be accepted (422).
    Unprocessable,
    /// Too many requests (429).
    TooMany,
    /// A fault of ours (500).
    Internal,
    /// Not able to answer now; try again (503).
    Unavailable,
}

impl ProblemKind {
    /// The HTTP status.
    pub const fn status(self) -> u16 {
        match self {
            Self::Invalid => 400,
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::Gone => 410,
            Self::Precondition => 412,
            Self::TooLarge => 413,
            Self::Unsupported => 415,
            Self::Range => 416,
            Self::Unprocessable => 422,
            Self::TooMany => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }

    /// The class in Chinese and English.
    pub const fn title(self) -> (&'static str, &'static str) {
        match self {
            Self::Invalid => ("请求有误", "Invalid request"),
            Self::Unauthorized => ("未登录或凭证无效", "Not signed in"),
            Self::Forbidden => ("没有权限", "Forbidden"),
            Self::NotFound => ("没有找到", "Not found"),
            Self::Conflict => ("状态冲突", "Conflict"),
            Self::Gone => ("已经移除", "Gone"),
            Self::Precondition => ("版本不符", "Precondition failed"),
            Self::TooLarge => ("内容过大", "Too large"),
            Self::Unsupported => ("内容类型不受支持", "Unsupported content type"),
            Self::Range => ("范围无法满足", "Range not satisfiable"),
            Self::Unprocessable => ("内容不合要求", "Unprocessable content"),
            Self::TooMany => ("请求过于频繁", "Too many requests"),
            Self::Internal => ("系统内部出错", "Internal error"),
            Self::Unavailable => ("暂时无法服务", "Unavailable"),
        }
    }
}

/// One field or row that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldProblem {
    /// Path of the field (`rights.licence`, `lessons[2].files`), or of the file in a package.
    pub path: String,
    /// Row of a table, 1 for the header row, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
    /// Stable code.
    pub code: String,
    /// Sentence in Chinese.
    pub zh: String,
    /// Sentence in English.
    pub en: String,
}

/// Where the thing stands that a refused step was about, so that whoever was slower need not ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CurrentState {
    /// Stable code of the state.
    pub code: String,
    /// Its Chinese name.
    pub label: String,
    /// Version, as in the `ETag`, where the thing has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}

/// Code of [`Problem::storage_full`].
pub const STORAGE_FULL: &str = "storage-full";

/// Why a request was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {en}")]
pub struct Problem {
    /// Class.
    pub kind: ProblemKind,
    /// Stable code in kebab case, never changed once published.
    pub code: &'static str,
    /// Sentence in Chinese, for the person who reads it.
    pub zh: String,
    /// The same in English.
    pub en: String,
    /// What exactly is wrong, where that can be named.
    pub fields: Vec<FieldProblem>,
    /// Where the thing stands, where its state is what refuses the step.
    pub state: Option<Box<CurrentState>>,
}

impl Problem {
    /// A problem without named fields.
    pub fn new(kind: ProblemKind, code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { kind, code, zh: zh.into(), en: en.into(), fields: Vec::new(), state: None }
    }

    /// Shorthand for [`ProblemKind::Invalid`] about one field.
    pub fn field(code: &'static str, path: impl Into<String>, zh: impl Into<String>, en: impl Into<String>) -> Self {
        let (zh, en) = (zh.into(), en.into());
        let field = FieldProblem { path: path.into(), row: None, code: code.to_owned(), zh: zh.clone(), en: en.clone() };
        Self { kind: ProblemKind::Invalid, code, zh, en, fields: vec![field], state: None }
    }

    /// Nothing of that name, or nothing the actor may know of.
    pub fn not_found(what_zh: &str, what_en: &str) -> Self {
        Self::new(ProblemKind::NotFound, "not-found", format!("没有找到该{what_zh}。"), format!("There is no such {what_en}."))
    }

    /// The actor may not do this.
    pub fn forbidden() -> Self {
        Self::new(ProblemKind::Forbidden, "forbidden", "您没有进行此操作的权限。", "You are not allowed to do this.")
    }

    /// A fault of ours; the cause is logged, never shown.
    pub fn internal() -> Self {
        Self::new(ProblemKind::Internal, "internal", "系统内部出错，请稍后再试。", "Something failed on our side; please try again later.")
    }

    /// There is no room for what would be written; nothing of it was.
    pub fn storage_full() -> Self {
        let zh = "存储空间不足，本次内容未保存，请稍后再试或联系管理员。";
        Self::new(ProblemKind::Unavailable, STORAGE_FULL, zh, "There is no space left; nothing of this was kept. Please try again later.")
    }

    /// The same problem with these fields named.
    #[must_use]
    pub fn with_fields(mut self, fields: Vec<FieldProblem>) -> Self {
        self.fields = fields;
        self
    }

    /// The same problem saying where the thing stands; only of a conflict or a missed precondition, which that explains.
    #[must_use]
    pub fn at_state(mut self, code: &str, label: &str, version: Option<u64>) -> Self {
        if matches!(self.kind, ProblemKind::Conflict | ProblemKind::Precondition) {
            self.state = Some(Box::new(CurrentState { code: code.to_owned(), label: label.to_owned(), version }));
        }
        self
    }
}
