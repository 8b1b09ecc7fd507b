//! Spot checks (抽检): a share of what one reviewer passed is looked at again after publication, by people who took no part.
//!
//! What is drawn follows from the submission's id and a secret salt of the site, so that nobody can foresee it and anybody who
//! holds the salt can show that nobody chose.

use super::access::{OrgPath, Role};
use super::ledger::{LedgerEntry, LedgerHead};
use super::problem::{Problem, ProblemKind};
use super::record::{IndexRow, Key, Record};
use super::submission::opinions::required;
use super::submission::step::{Deed, Step};
use super::submission::table::Party;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// Whether a submission is drawn: with a chance of `percent` in a hundred over all ids.
pub fn drawn(submission: &str, salt: &str, percent: u32) -> bool {
    let mut hash = Sha256::new();
    for part in ["yuelu spot check", salt, submission] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let lot = hash.finalize().iter().take(8).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    // 2^64 lots on 10,000 places: no place is favoured by more than one in 10^15.
    lot % 10_000 < u64::from(percent) * 100
}

/// The salt of the draws, made with the first one. It is never told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawSalt {
    /// What is drawn: [`DrawSalt::SPOT_CHECKS`].
    pub name: String,
    /// 128 random bits in hex.
    pub salt: String,
}

impl DrawSalt {
    /// The draw of spot checks.
    pub const SPOT_CHECKS: &str = "spot-checks";
}

impl Record for DrawSalt {
    const TABLE: &'static str = "draw_salts";
    fn key(&self) -> Key {
        Key::from(self.name.as_str())
    }
}

/// Where a spot check stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SpotState {
    /// Drawn, nobody looked yet.
    Open,
    /// Well vetted.
    Passed,
    /// Not well vetted: the resource is suspended.
    Failed,
}

impl SpotState {
    /// All states with stable code and Chinese name.
    pub const ALL: [(Self, &'static str, &'static str); 3] =
        [(Self::Open, "open", "待抽检"), (Self::Passed, "passed", "抽检合格"), (Self::Failed, "failed", "抽检不合格")];

    /// The stable code.
    pub fn code(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    /// The Chinese name.
    pub fn label(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.2)
    }
}

/// One line of the table of spot checks: state before, code of the action, who may, state after.
#[derive(Clone, Copy, Debug)]
pub struct SpotLine {
    /// State before; none when it is drawn.
    pub from: Option<SpotState>,
    /// Stable code of the action.
    pub action: &'static str,
    /// Who may.
    pub parties: &'static [Party],
    /// State after.
    pub to: SpotState,
}

const JUDGES: &[Party] = &[Party::Role(Role::Editor), Party::Role(Role::Committee)];

/// The table of spot checks.
pub const SPOT_TABLE: [SpotLine; 3] = [
    SpotLine { from: None, action: "draw", parties: &[Party::Program], to: SpotState::Open },
    SpotLine { from: Some(SpotState::Open), action: "pass", parties: JUDGES, to: SpotState::Passed },
    SpotLine { from: Some(SpotState::Open), action: "fail", parties: JUDGES, to: SpotState::Failed },
];

/// A spot check of what a submission published. It is the root row of its ledger chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpotCheck {
    /// Id of the submission.
    pub id: String,
    /// The resource that it became.
    pub resource: String,
    /// Its owner.
    pub owner: OrgPath,
    /// Its institution.
    pub institution: String,
    /// Its title.
    pub title: String,
    /// Account that submitted it, who must not see the check.
    pub submitter: String,
    /// Where it stands.
    pub state: SpotState,
    /// What was found.
    #[serde(default)]
    pub reason: String,
    /// When it was drawn.
    pub created: Timestamp,
    /// When it last moved.
    pub updated: Timestamp,
    /// End of its chain.
    pub ledger: LedgerHead,
}

impl SpotCheck {
    /// Draws it; `self` carries what it is about.
    pub fn draw(mut self, step: &Step<'_>) -> Result<(Self, LedgerEntry), Problem> {
        (self.ledger, self.created) = (LedgerHead::default(), step.at);
        self.moved(None, SpotState::Open, step)
    }

    /// Records what was found, with a reason.
    pub fn record(mut self, passed: bool, reason: &str, step: &Step<'_>) -> Result<(Self, LedgerEntry), Problem> {
        self.reason = required(reason)?;
        let from = Some(self.state);
        self.moved(from, if passed { SpotState::Passed } else { SpotState::Failed }, step)
    }

    fn moved(mut self, from: Option<SpotState>, to: SpotState, step: &Step<'_>) -> Result<(Self, LedgerEntry), Problem> {
        let Some(line) = SPOT_TABLE.iter().find(|line| line.from == from && line.to == to) else {
            let (zh, en) = ("该抽检已有结论。", "This spot check has its result already.");
            let (code, label) = from.map_or(("none", ""), |state| (state.code(), state.label()));
            return Err(Problem::new(ProblemKind::Conflict, "state", zh, en).at_state(code, label, None));
        };
        if !line.parties.contains(&step.party) {
            return Err(Problem::forbidden());
        }
        let chain = self.chain();
        let facts = BTreeMap::from([("resource".to_owned(), self.resource.clone())]);
        let deed = Deed { chain: &chain, action: line.action, from: from.map_or("", SpotState::code), to: to.code(), facts };
        let (ledger, entry) = step.seal(&self.ledger, deed)?;
        (self.ledger, self.state, self.updated) = (ledger, to, step.at);
        Ok((self, entry))
    }

    /// Name of its chain.
    pub fn chain(&self) -> String {
        format!("spot-check:{}", self.id)
    }
}

impl Record for SpotCheck {
    const TABLE: &'static str = "spot_checks";
    fn key(&self) -> Key {
        Key::from(self.id.as_str())
    }
    fn indexes(&self) -> Vec<IndexRow> {
        vec![IndexRow { index: "state", key: Key::of(&[self.state.code(), &self.id]) }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_what_was_asked_for_and_another_salt_draws_others() {
        let ids: Vec<String> = (0..20_000).map(|place| format!("submission-{place}")).collect();
        for percent in [0, 1, 5, 20, 50, 100] {
            let count = ids.iter().filter(|id| drawn(id, "salt", percent)).count();
            // Five standard deviations of a binomial draw.
            let share = f64::from(percent) / 100.0;
            let bound = 5.0 * (20_000.0 * share * (1.0 - share)).sqrt();
            assert!((count as f64 - 20_000.0 * share).abs() <= bound, "{percent} %: {count}");
        }
        let of = |salt: &str| ids.iter().filter(|id| drawn(id, salt, 10)).cloned().collect::<std::collections::BTreeSet<_>>();
        assert_eq!(of("one"), of("one"));
        assert!(of("one").intersection(&of("two")).count() < of("one").len() / 4, "the salt decides");
        let (few, many) = (of("one"), ids.iter().filter(|id| drawn(id, "one", 30)).count());
        assert!(few.iter().all(|id| drawn(id, "one", 30)) && few.len() < many, "a larger share holds the smaller one");
    }

    #[test]
    fn every_state_and_party_answers_what_the_table_says() {
        let at = Timestamp::from_millis(1_800_000_000_000);
        let owner = OrgPath::root();
        for (state, ..) in SpotState::ALL {
            for passed in [true, false] {
                for party in Party::all() {
                    let text = String::new;
                    let check = SpotCheck {
                        id: "s1".to_owned(),
                        resource: "r1".to_owned(),
                        owner: owner.clone(),
                        institution: text(),
                        title: text(),
                        submitter: text(),
                        state,
                        reason: text(),
                        created: at,
                        updated: at,
                        ledger: LedgerHead::default(),
                    };
                    let told = check.record(passed, "理由", &Step::person("actor", party, at));
                    let allowed = JUDGES.contains(&party);
                    match state {
                        SpotState::Open if allowed => assert_eq!(told.unwrap().0.state == SpotState::Passed, passed),
                        SpotState::Open => assert_eq!(told.unwrap_err().kind, ProblemKind::Forbidden, "{party:?}"),
                        _ => assert_eq!(told.unwrap_err().kind, ProblemKind::Conflict, "{party:?}"),
                    }
                }
            }
        }
    }
}
