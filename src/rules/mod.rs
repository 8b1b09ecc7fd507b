//! Vetting standards as data: reads the rule files of `review_rules/` and applies them to a submission.
//!
//! A folder holds rule sets (`*.toml` with `[[rule]]` and `[[adjust]]`), `policy.toml` (tracks), `criteria.toml` (scored
//! criteria and vetoes), `words.toml` (sensitive words and their cultural contexts) and `calendar.toml` (working days). The folder of the repository is compiled in;
//! another may replace it at start-up. A rule names a measure, a comparison and a threshold; it holds or it yields findings.
//!
//! `category/` and `kind/` hold one set per category and per kind over `core.toml`; a set may add rules, or change those of
//! others for what it applies to (`[[adjust]]`: the last that matches wins). Sound tables can still make no sense together:
//! [`check_folder`] tells rules that nothing reaches, changes without effect and rules that overlap.
//!
//! A `must` rule may name who can waive it (`waiver`); the waiver itself is the submission's business. Works that are nearly
//! the same are looked up by whoever calls and given in [`Subject::neighbours`].
//!
//! A rule may say what it tells instead (`converted`) of a file that the platform makes a rendition of by itself: then it is `info`.
//!
//! What this room must never do: read a clock or a store, look into files (facts and texts are given to it), refuse for a word
//! alone. Only what law, a norm in force or the adopted profile asks for, and what makes a file unusable, is `must`.
//!
//! To add a rule: a `[[rule]]` table in a file of `review_rules/`. To add a measure: a function in `measures/` and its line in
//! [`measures::MEASURES`]; the rule files can name it at once and `rules check` knows it.

mod calendar;
pub mod check;
pub mod diff;
pub mod explain;
mod format;
mod load;
pub mod measures;
pub mod policy;
mod reach;
pub mod rule;
mod scan;
mod screening;
pub mod subject;
mod text_pool;
mod validate;

#[cfg(test)]
mod tests;

pub use check::Report;
pub use diff::StandardsDiff;
pub use explain::{Explanation, Taken};
pub use load::{Files, RuleProblem, check_folder, read_folder};
pub use policy::{Criteria, Policy, Track};
pub use rule::{Rule, RuleSet};
pub use subject::{Neighbour, Subject};
