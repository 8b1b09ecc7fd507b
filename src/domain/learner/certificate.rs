//! 学习证明: effective hours as they were at one moment, under a number, found by whoever has the code.

use crate::domain::record::{IndexRow, Key, Record};
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Signs of codes: digits and capitals that nobody takes for one another (no 0, 1, I, O). 32 of them, five bits each.
const SIGNS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// Signs of a code: 80 bits, which nobody guesses.
const LENGTH: usize = 16;

/// A certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// By which it is found; without the dashes it is printed with.
    pub code: String,
    /// Year and number in it, such as `2026-000012`.
    pub number: String,
    /// Surrogate of the learner.
    pub learner: String,
    /// Name of the learner, as printed.
    pub name: String,
    /// First day that is counted, `YYYY-MM-DD`; none: from the beginning.
    pub from: Option<String>,
    /// Last day that is counted.
    pub to: String,
    /// Effective seconds in these days.
    pub seconds: u64,
    /// The same in tenths of 学时.
    pub hours_tenths: u32,
    /// Minutes of one 学时.
    pub minutes_per_hour: u32,
    /// Version of the rule they were counted by.
    pub rule: String,
    /// Days on which something was learned.
    pub days: u32,
    /// When it was issued.
    pub issued: Timestamp,
}

/// Index of a learner's certificates.
pub const BY_LEARNER: &str = "learner";

impl Record for Certificate {
    const TABLE: &'static str = "certificates";
    fn key(&self) -> Key {
        Key::from(self.code.as_str())
    }
    fn indexes(&self) -> Vec<IndexRow> {
        vec![IndexRow { index: BY_LEARNER, key: Key::of(&[&self.learner, &self.number]) }]
    }
}

/// How many certificates a year has: the root row of their numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateCount {
    /// Year in Asia/Shanghai.
    pub year: String,
    /// The last number given.
    pub last: u64,
}

impl CertificateCount {
    /// The next number of the year.
    pub fn next(&self) -> Self {
        Self { year: self.year.clone(), last: self.last + 1 }
    }

    /// The number as printed.
    pub fn number(&self) -> String {
        format!("{}-{:06}", self.year, self.last)
    }
}

impl Record for CertificateCount {
    const TABLE: &'static str = "certificate_counts";
    fn key(&self) -> Key {
        Key::from(self.year.as_str())
    }
}

/// A code out of random bytes.
pub fn code_of(random: [u8; LENGTH]) -> String {
    random.iter().filter_map(|byte| SIGNS.get(usize::from(byte % 32))).map(|sign| char::from(*sign)).collect()
}

/// A code as somebody typed it: dashes, blanks and small letters do not matter. `None` for what cannot be one.
pub fn read_code(typed: &str) -> Option<String> {
    let code: String = typed.chars().filter(|sign| !matches!(sign, '-' | ' ')).map(|sign| sign.to_ascii_uppercase()).collect();
    (code.len() == LENGTH && code.bytes().all(|sign| SIGNS.contains(&sign))).then_some(code)
}

/// A code in groups of four, as printed.
pub fn printed_code(code: &str) -> String {
    let signs: Vec<char> = code.chars().collect();
    signs.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back_as_they_are_typed() {
        let code = code_of(std::array::from_fn(|place| place as u8 * 17));
        assert_eq!(code.len(), LENGTH);
        assert_eq!(read_code(&printed_code(&code).to_lowercase()).as_deref(), Some(code.as_str()));
        assert_eq!(read_code(code.get(1..).unwrap()), None);
        assert_eq!(read_code("0000-0000-0000-0000"), None);
    }
}
