//! What is wrong with a package as a whole: each fault names the file it is about.

use crate::domain::finding::{Finding, Severity};
use crate::domain::problem::{FieldProblem, Problem, ProblemKind};

/// Most faults that are reported of one package; a hostile one could have millions.
pub const MOST_FAULTS: usize = 100;

/// A reason to refuse a package.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rule}: {en}")]
pub struct PackageFault {
    /// Stable id: `PKG-OPEN`, `PKG-NAME`, `PKG-LIMIT`, `PKG-LINK`, `PKG-DUPLICATE`, `PKG-PASSWORD`, `PKG-MANIFEST`, `PKG-FILE`.
    pub rule: &'static str,
    /// The file, as far as its name could be read.
    pub file: Option<String>,
    /// Sentence in Chinese.
    pub zh: String,
    /// Sentence in English.
    pub en: String,
}

impl PackageFault {
    /// A fault of the package as a whole.
    pub fn whole(rule: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { rule, file: None, zh: zh.into(), en: en.into() }
    }

    /// A fault of one file.
    pub fn of(rule: &'static str, file: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { rule, file: Some(shown(file)), zh: zh.into(), en: en.into() }
    }

    /// The fault as a finding that refuses.
    pub fn to_finding(&self) -> Finding {
        Finding {
            rule: self.rule.to_owned(),
            severity: Severity::Must,
            file: self.file.clone(),
            row: None,
            field: None,
            locator: None,
            message: self.zh.clone(),
            measured: None,
            waived: false,
        }
    }

    /// All faults as one problem with a field for each.
    pub fn to_problem(faults: &[Self]) -> Problem {
        let field = |fault: &Self| FieldProblem {
            path: fault.file.clone().unwrap_or_default(),
            row: None,
            code: fault.rule.to_owned(),
            zh: fault.zh.clone(),
            en: fault.en.clone(),
        };
        let first = faults.first();
        Problem::new(
            ProblemKind::Unprocessable,
            "package-refused",
            first.map_or_else(|| "资源包无法读取。".to_owned(), |fault| fault.zh.clone()),
            first.map_or_else(|| "The package cannot be read.".to_owned(), |fault| fault.en.clone()),
        )
        .with_fields(faults.iter().map(field).collect())
    }
}

/// A name as it may be shown: control characters escaped, cut to 200 characters.
pub fn shown(name: &str) -> String {
    let mut text = String::new();
    for sign in name.chars().take(200) {
        if sign.is_control() || super::paths::is_direction_mark(sign) {
            text.push_str(&format!("\\u{{{:x}}}", u32::from(sign)));
        } else {
            text.push(sign);
        }
    }
    if name.chars().nth(200).is_some() {
        text.push('…');
    }
    text
}
