//! What those who judge write, as others read it: without what tells who they are.
//!
//! Opinions, vetoes, comments, reasons of decisions and the office's words are free text, and people sign, name their school or
//! leave a telephone. Whoever is neither the author nor at the desk reads them without the author's sign-in name, display name,
//! pen names and institution, and without e-mail addresses and telephone numbers. The text as it was written stays in the record
//! and under its digest in the ledger. Words of the desk are not touched: its telephone is there to be called. An office is known
//! by its name; who spoke for it is not.
//!
//! A reviewer of a blind track who names somebody of the work has recognised it. That is nothing to hide from the submitter and
//! something for the desk to know: see [`names_somebody`].

use super::Vetting;
use super::mask::HIDDEN;
use super::panel::Sight;
use crate::domain::access::{Actor, Role};
use crate::domain::account::Account;
use crate::domain::problem::Problem;
use crate::domain::record::{Key, Stored};
use crate::domain::reviewer::ReviewerProfile;
use crate::domain::submission::table::StateCode;
use crate::domain::submission::{Blind, State, Submission};
use std::collections::{BTreeMap, BTreeSet};

/// Shortest name that is looked for, in characters; in Latin letters one more.
const SHORTEST: usize = 2;

/// Names of authors, the longest first, by account. Texts of others are left as they are.
#[derive(Default)]
pub(super) struct Voices(BTreeMap<String, Vec<String>>);

impl Vetting {
    /// What is kept from somebody of this sight in the texts of these authors.
    pub(super) async fn voices(&self, sight: Sight, authors: BTreeSet<&str>) -> Result<Voices, Problem> {
        if sight == Sight::Staff {
            return Ok(Voices::default());
        }
        self.voices_of(authors).await
    }

    /// What tells who these authors are.
    pub(super) async fn voices_of(&self, authors: BTreeSet<&str>) -> Result<Voices, Problem> {
        if authors.is_empty() {
            return Ok(Voices::default());
        }
        let keys: Vec<Key> = authors.iter().map(|account| Key::from(*account)).collect();
        let accounts = self.store.get_many::<Account>(&keys).await?;
        let profiles = self.store.get_many::<ReviewerProfile>(&keys).await?;
        let known = authors.iter().zip(accounts.iter().zip(&profiles));
        Ok(Voices(known.map(|(id, (account, profile))| ((*id).to_owned(), names(account.as_ref(), profile.as_ref()))).collect()))
    }

    /// Takes from submissions what their own texts tell this actor, who has these sights of them, of who wrote those.
    pub(super) async fn hush(&self, actor: &Actor, mut rows: Vec<(Sight, &mut Submission)>) -> Result<(), Problem> {
        rows.retain(|(sight, _)| *sight != Sight::Staff);
        let spoken = rows.iter_mut().flat_map(|(_, submission)| spoken(submission)).collect::<Vec<_>>();
        let mut authors: BTreeSet<&str> = spoken.iter().flat_map(|(authors, _)| authors).map(String::as_str).collect();
        authors.retain(|author| Some(*author) != actor.account.as_deref());
        let voices = self.voices_of(authors).await?;
        for (authors, text) in spoken {
            *text = authors.iter().fold(std::mem::take(text), |text, author| voices.text(author, &text));
        }
        Ok(())
    }
}

/// The texts that stand in a submission itself and were written by those who judge it, each with whoever may have written it.
fn spoken(submission: &mut Submission) -> Vec<(Vec<String>, &mut String)> {
    let decided = |stage| matches!(stage, StateCode::Final | StateCode::Committee | StateCode::Appealed);
    let hands = submission.hands.iter().filter(|hand| decided(hand.stage));
    let deciders: Vec<String> = hands.map(|hand| hand.account.clone()).collect();
    let mut texts = Vec::new();
    match &mut submission.state {
        State::Returned { verdict: Some(_), reason, .. } => texts.push((deciders.clone(), reason)),
        State::Rejected { stage, reason, appealed } if *appealed || *stage != StateCode::Screening => {
            texts.push((deciders.clone(), reason));
        }
        _ => {}
    }
    if let Some(said) = &mut submission.countersigned {
        let office = vec![said.by.clone()];
        texts.extend([(office.clone(), &mut said.text), (office, &mut said.letter)]);
        texts.extend(said.answers.iter_mut().map(|answer| (deciders.clone(), answer)));
    }
    let granted = submission.waivers.iter_mut().filter(|waiver| waiver.role == Role::Committee.code());
    texts.extend(granted.map(|waiver| (vec![waiver.account.clone()], &mut waiver.reason)));
    texts
}

fn names(account: Option<&Stored<Account>>, profile: Option<&Stored<ReviewerProfile>>) -> Vec<String> {
    let mut names = Vec::new();
    if let Some(Stored { value, .. }) = account {
        names.extend([&value.id, &value.name, &value.display].into_iter().cloned());
        let speaks_for_office = value.assignments.iter().any(|held| held.role == Role::EthnicAffairs);
        names.extend(value.institution.iter().filter(|_| !speaks_for_office).cloned());
    }
    names.extend(profile.iter().flat_map(|profile| profile.value.names.iter().cloned()));
    let closed: Vec<String> = names.iter().map(|name| name.split_whitespace().collect()).collect();
    names.extend(closed);
    names.retain(|name| name.chars().count() >= SHORTEST + usize::from(name.is_ascii()));
    names.sort_by(|left, right| right.len().cmp(&left.len()).then_with(|| left.cmp(right)));
    names.dedup();
    names
}

impl Voices {
    /// A text of this author as it is read.
    pub fn text(&self, author: &str, text: &str) -> String {
        let Some(names) = self.0.get(author) else { return text.to_owned() };
        names.iter().fold(without_contacts(text), |text, name| without(&text, name))
    }
}

/// A text without a name; one of Latin letters is not looked for inside of words.
fn without(text: &str, name: &str) -> String {
    let mut rest = text;
    let mut out = String::with_capacity(text.len());
    while let Some((before, after)) = rest.split_once(name) {
        let inside = |sign: Option<char>| name.is_ascii() && sign.is_some_and(|sign| sign.is_ascii_alphanumeric());
        let word = inside(before.chars().next_back().or(out.chars().next_back())) || inside(after.chars().next());
        out.push_str(before);
        out.push_str(if word { name } else { HIDDEN });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// A text without e-mail addresses and telephone numbers of the mainland.
fn without_contacts(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    for sign in text.chars().map(Some).chain([None]) {
        match sign {
            Some(sign) if sign.is_ascii_alphanumeric() || matches!(sign, '@' | '.' | '_' | '+' | '-') => run.push(sign),
            sign => {
                let bare = run.trim_end_matches(['.', '-', '_']);
                let hide = is_address(bare) || is_telephone(bare);
                out.push_str(if hide { HIDDEN } else { bare });
                out.extend(run.chars().skip(bare.len()));
                out.extend(sign);
                run.clear();
            }
        }
    }
    out
}

fn is_address(run: &str) -> bool {
    run.split_once('@').is_some_and(|(local, host)| !local.is_empty() && host.contains('.'))
}

/// Eleven digits that begin with 13 to 19, or an area code of three or four digits and seven or eight more; 86 may stand before.
fn is_telephone(run: &str) -> bool {
    let digits: String = run.chars().filter(|sign| !matches!(sign, '-' | '+')).collect();
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) || run.matches('-').count() > 3 {
        return false;
    }
    let bare = digits.strip_prefix("86").filter(|bare| bare.len() >= 10).unwrap_or(&digits);
    let mobile = bare.len() == 11 && bare.starts_with('1') && !bare.starts_with("10") && !bare.starts_with("11") && !bare.starts_with("12");
    mobile || (matches!(bare.len(), 11 | 12) && bare.starts_with('0'))
}

/// Whether a text of a reviewer of a blind work names somebody of it.
pub(super) fn names_somebody(submission: &Submission, text: &str) -> bool {
    submission.blind != Blind::None && submission.names().iter().any(|name| text.contains(name.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_judge_who_signs_is_not_named() {
        let names = vec!["湘江大学".to_owned(), "王小评".to_owned(), "li".to_owned()];
        let voices = Voices(BTreeMap::from([("w".to_owned(), names)]));
        let said = "建议修改第3页。王小评（湘江大学），电话0731-84021234或13912345678，wang.p@xju.example。li, list, 2026-11-28";
        let read = "建议修改第3页。（已匿名）（（已匿名）），电话（已匿名）或（已匿名），（已匿名）。（已匿名）, list, 2026-11-28";
        assert_eq!(voices.text("w", said), read);
        assert_eq!(voices.text("somebody", "王小评"), "王小评", "another person may be of that name");
        assert_eq!(Voices::default().text("w", said), said, "the desk reads what was written");
        for kept in ["ISBN 978-7-5355-1234-6", "0306406152", "第 100 页", "1.2.840.10008", "a@b", "版本 v1.2-3", "12345678901"] {
            assert_eq!(without_contacts(kept), kept);
        }
        assert_eq!(without_contacts("+86-139-1234-5678。"), "（已匿名）。");
    }
}
