//! Learners whom the law protects in particular, and accounts that many people share.
//!
//! PIPL art. 28 and 31: all data of a child under fourteen are sensitive, and a guardian must have consented. Law on the
//! Protection of Minors art. 72 and 73 and PIPL art. 15: consent is withdrawn as easily as it is given. Of the birth no more
//! is kept than year and month.

use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::record::{Key, Record};
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Below this age a guardian must have consented (PIPL art. 31).
const CHILD_UNTIL: u32 = 14;
/// Below this age one is a minor (Law on the Protection of Minors art. 2).
const MINOR_UNTIL: u32 = 18;
/// Longest description of a guardian or of the text that was agreed to, in characters.
const LONGEST: usize = 60;

/// Year and month of birth, `2014-05`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BirthMonth {
    year: u32,
    month: u32,
}

impl BirthMonth {
    /// Whether somebody born in this month may still be younger than so many years. The day is not known, so the month of
    /// the birthday belongs to the younger age. Months are those of Asia/Shanghai.
    pub fn may_be_under(&self, years: u32, now: Timestamp) -> bool {
        let present = Self::try_from(now.shanghai_month()).unwrap_or(Self { year: u32::MAX / 24, month: 1 });
        present.count() <= self.count() + years * 12
    }

    const fn count(&self) -> u32 {
        self.year * 12 + self.month
    }
}

impl TryFrom<String> for BirthMonth {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let told = text.split_once('-').filter(|(year, month)| year.len() == 4 && month.len() == 2);
        let read = told.and_then(|(year, month)| Some((year.parse().ok()?, month.parse().ok()?)));
        match read {
            Some((year @ 1900..2100, month @ 1..=12)) => Ok(Self { year, month }),
            _ => Err("a month is written 2014-05"),
        }
    }
}

impl From<BirthMonth> for String {
    fn from(born: BirthMonth) -> Self {
        format!("{:04}-{:02}", born.year, born.month)
    }
}

/// Who it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Holder {
    /// One grown-up person: what everybody is of whom nothing else is known.
    Adult,
    /// Somebody under eighteen, or who was when this was written.
    Minor {
        /// Year and month of birth.
        #[schema(value_type = String, pattern = r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$", example = "2014-05")]
        born: BirthMonth,
    },
    /// Several people under one account, such as a village's.
    Shared,
}

/// A guardian's consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Consent {
    /// Who the guardian is to the child (父亲, 母亲, 祖母 …).
    pub relation: String,
    /// Which text was agreed to, by its version.
    pub text: String,
    /// When.
    pub given: Timestamp,
}

/// How a learner is protected. Of adults nothing is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protection {
    /// Surrogate of the learner.
    pub learner: String,
    /// Who it is.
    pub holder: Holder,
    /// Of a child: the guardian's consent.
    pub consent: Option<Consent>,
    /// When this was written.
    pub since: Timestamp,
}

impl Record for Protection {
    const TABLE: &'static str = "protections";
    fn key(&self) -> Key {
        Key::from(self.learner.as_str())
    }
}

/// What follows from a protection at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// As anybody.
    #[default]
    Usual,
    /// Fourteen to seventeen: not personalised unless they ask for it; who looks at the record is noted.
    Minor,
    /// Under fourteen, with a guardian's consent: the same, and only the guardian's side switches personalisation on.
    Child,
    /// Under fourteen, without: nothing is kept of what they do.
    ChildWithoutConsent,
    /// Several people: kept in the account's record, learned by no model, counted in nobody's hours.
    Shared,
}

impl Treatment {
    /// Whether what the learner does may be kept.
    pub const fn may_keep(self) -> bool {
        !matches!(self, Self::ChildWithoutConsent)
    }

    /// Whether lists may be made from what the learner did, if the learner does not say otherwise.
    pub const fn may_personalise(self) -> bool {
        matches!(self, Self::Usual | Self::Minor | Self::Child)
    }

    /// Whether somebody under eighteen is behind it.
    pub const fn is_minor(self) -> bool {
        matches!(self, Self::Minor | Self::Child | Self::ChildWithoutConsent)
    }
}

impl Protection {
    /// What follows from it now. Who was born long enough ago is treated as anybody, without anything being written.
    pub fn treatment(&self, now: Timestamp) -> Treatment {
        match &self.holder {
            Holder::Adult => Treatment::Usual,
            Holder::Shared => Treatment::Shared,
            Holder::Minor { born } if !born.may_be_under(MINOR_UNTIL, now) => Treatment::Usual,
            Holder::Minor { born } if !born.may_be_under(CHILD_UNTIL, now) => Treatment::Minor,
            Holder::Minor { .. } if self.consent.is_some() => Treatment::Child,
            Holder::Minor { .. } => Treatment::ChildWithoutConsent,
        }
    }
}

/// Checks the words of a consent.
///
/// # Errors
/// `bad-length`.
pub fn check_consent(relation: &str, text: &str) -> Result<(), Problem> {
    super::check_text("relation", "监护关系", relation, LONGEST)?;
    super::check_text("text", "同意书版本", text, LONGEST)
}

/// What happened to a consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConsentAct {
    /// It was given.
    Given,
    /// It was withdrawn.
    Withdrawn,
}

/// The proof of a consent or of its end. It outlives the learner's record, for as long as the rule of retention says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ConsentEntry {
    /// Surrogate of the learner.
    pub learner: String,
    /// Id; grows with time.
    pub id: String,
    /// What happened.
    pub act: ConsentAct,
    /// The consent.
    pub consent: Consent,
    /// Account that wrote it down.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl Record for ConsentEntry {
    const TABLE: &'static str = "consents";
    fn key(&self) -> Key {
        Key::of(&[&self.learner, &self.id])
    }
}

/// Somebody else looked at the record of a minor (Law on the Protection of Minors by way of 未成年人网络保护条例 art. 36:
/// access is noted). One row a day, account and part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RecordAccess {
    /// Surrogate of the learner.
    pub learner: String,
    /// Day in Asia/Shanghai.
    pub day: String,
    /// Account that looked.
    pub by: String,
    /// At which part: `record`, `history`, `notes`, `export`, `lists`, `hours`, `certificates`, `recommendations`, or `class`, how far
    /// the learner is with a class.
    pub part: String,
    /// When first on that day.
    pub at: Timestamp,
    /// The learner had everything deleted since. The row is no part of a record any more but of a log of security, which is kept
    /// for its time and read by auditors alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sealed: bool,
}

impl Record for RecordAccess {
    const TABLE: &'static str = "record_accesses";
    fn key(&self) -> Key {
        Key::of(&[&self.learner, &self.day, &self.by, &self.part])
    }
}

/// The refusal to keep what a child does.
pub fn consent_missing() -> Problem {
    let zh = "未满十四周岁，尚无监护人同意，不能保存学习记录。请监护人通过学校或学习点办理同意。";
    let en = "This learner is under fourteen and no guardian has consented, so nothing is kept. A guardian can consent through the school or station.";
    Problem::new(ProblemKind::Forbidden, "guardian-consent-missing", zh, en)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn minor(born: &str, consent: bool) -> Protection {
        let given = at("2026-01-01T00:00:00Z");
        let consent = consent.then(|| Consent { relation: "母亲".to_owned(), text: "2026-1".to_owned(), given });
        let holder = Holder::Minor { born: BirthMonth::try_from(born.to_owned()).unwrap() };
        Protection { learner: "1".to_owned(), holder, consent, since: given }
    }

    #[test]
    fn one_grows_up_with_the_months_of_shanghai() {
        let child = minor("2012-11", false);
        // The last second of the month of the fourteenth birthday, and the first of the next, in Shanghai.
        assert_eq!(child.treatment(at("2026-11-30T15:59:59Z")), Treatment::ChildWithoutConsent);
        assert_eq!(child.treatment(at("2026-11-30T16:00:00Z")), Treatment::Minor);
        assert_eq!(child.treatment(at("2030-11-30T15:59:59Z")), Treatment::Minor);
        assert_eq!(child.treatment(at("2030-11-30T16:00:00Z")), Treatment::Usual);
        assert_eq!(minor("2012-11", true).treatment(at("2026-11-28T00:00:00Z")), Treatment::Child);
    }

    #[test]
    fn months_that_are_none_are_refused() {
        for wrong in ["", "2014", "2014-13", "2014-00", "2014-5", "1899-01", "+201-01", "２０１４-05"] {
            assert!(BirthMonth::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
        assert_eq!(String::from(BirthMonth::try_from("2014-05".to_owned()).unwrap()), "2014-05");
    }
}
