//! What outsiders ask: complaints about what is published, objections against what is about to be.
//!
//! Each is a record with a table and a ledger chain of its own, followed by whoever made it with a code that only they hold.
//! Names and contacts lie in the record alone: never in a ledger, a log or a public answer. A further kind of petition is a
//! further file here, with its table at its top; what moves them all is [`machine`].

pub mod complaint;
pub mod machine;
pub mod objection;

#[cfg(test)]
mod tests;

use crate::domain::access::{Assignment, OrgPath, Role};
use crate::domain::digest::Digest;
use crate::domain::problem::{FieldProblem, Problem, ProblemKind};
use crate::domain::submission::opinions::Judge;
use crate::domain::submission::table::{Party, StateCode};
use crate::domain::submission::{Submission, opinions};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization as _;

/// Longest name, contact, address or title of a work, in characters.
pub const LONGEST_LINE: usize = 300;
/// Longest statement or proof, in characters.
pub const LONGEST_TEXT: usize = 5_000;

const PUBLIC: &[Party] = &[Party::Public];
const DESK: &[Party] = &[Party::Role(Role::Editor), Party::Role(Role::Administrator)];

/// Somebody as they name themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Person {
    /// Name of a person or body.
    #[serde(default)]
    pub name: String,
    /// Telephone or e-mail.
    #[serde(default)]
    pub contact: String,
    /// Postal address.
    #[serde(default)]
    pub address: String,
}

/// A name, a contact or a title by its letters and digits alone, for comparing: `ＡＢＣ 公司` is `abc公司`.
fn folded(text: &str) -> String {
    text.nfkc().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What stands in the store for the code by which a petition is followed: its SHA-256.
pub fn code_digest(code: &str) -> String {
    Digest::from_bytes(&Sha256::digest(code.trim().as_bytes()).into()).as_str().to_owned()
}

/// A text of a petition: its field, its Chinese and English name, the longest it may be, whether it must be there.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Path of the field.
    pub path: &'a str,
    /// Its Chinese and English name.
    pub names: (&'a str, &'a str),
    /// The text.
    pub text: &'a str,
    /// Longest, in characters.
    pub longest: usize,
    /// Whether it must be there.
    pub needed: bool,
}

impl Asked<'_> {
    fn fault(&self) -> Option<FieldProblem> {
        let (zh_name, en_name) = self.names;
        let (code, zh, en) = if self.needed && self.text.trim().is_empty() {
            ("missing", format!("缺少{zh_name}。"), format!("{en_name} is missing."))
        } else if self.text.chars().count() > self.longest {
            ("too-long", format!("{zh_name}不超过{}字。", self.longest), format!("{en_name}: {} characters at most.", self.longest))
        } else if self.text.contains('\0') {
            ("text", format!("{zh_name}含有不能使用的字符。"), format!("{en_name} holds a character that is not taken."))
        } else {
            return None;
        };
        Some(FieldProblem { path: self.path.to_owned(), row: None, code: code.to_owned(), zh, en })
    }
}

/// Checks the texts of a petition; `incomplete` (422) names every one that is missing or not taken.
pub fn check_texts(asked: &[Asked<'_>]) -> Result<(), Problem> {
    let faults: Vec<FieldProblem> = asked.iter().filter_map(Asked::fault).collect();
    if faults.is_empty() {
        return Ok(());
    }
    let zh: String = faults.iter().map(|fault| fault.zh.as_str()).collect();
    let en = faults.iter().map(|fault| fault.en.as_str()).collect::<Vec<_>>().join(" ");
    Err(Problem::new(ProblemKind::Unprocessable, "incomplete", zh, en).with_fields(faults))
}

/// Whether somebody took no part in a resource: is not of the institution, did not submit it and judged it in no stage. Who
/// answered one objection may answer the next: `except` names the stage that does not count.
///
/// # Errors
/// `recused`, with the reason.
pub fn check_uninvolved(
    judge: &Judge<'_>,
    owner: &OrgPath,
    institution: &str,
    submission: Option<&Submission>,
    except: Option<StateCode>,
) -> Result<(), Problem> {
    let member = |held: &Assignment| matches!(held.role, Role::Contributor | Role::Manager) && held.scope.covers(owner);
    if judge.institution.is_some_and(|name| !name.is_empty() && name == institution) || judge.assignments.iter().any(member) {
        return Err(opinions::recused("与提交单位同属一个机构，应当回避。", "Members of the submitting institution are recused."));
    }
    let took_part = |submission: &Submission| {
        let judged = submission.hands.iter().any(|hand| hand.account == judge.account && Some(hand.stage) != except);
        submission.submitter == judge.account || judged
    };
    if submission.is_some_and(took_part) {
        return Err(opinions::recused("已参与本资源的提交或审核，应当回避。", "Whoever took part in this resource is recused."));
    }
    Ok(())
}
