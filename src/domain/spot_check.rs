//! Spot checks (抽检): a share of what one reviewer passed is looked at again after publication, by people who took no part.
//!
//! What is drawn follows from the submission's id and a secret salt of the site, so that nobody can foresee it and anybody who
//! holds the salt can show that nobody chose. It is moved by the machine of the petitions.

use super::access::Role;
use super::petition::machine::{Coded, Effect, Line, Petition, Root, Taken, line};
use super::problem::Problem;
use super::record::{IndexRow, Key, Record};
use super::submission::opinions::required;
use super::submission::step::Step;
use super::submission::table::Party;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

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

impl Coded for SpotState {
    const ALL: &'static [(Self, &'static str, &'static str)] =
        &[(Self::Open, "open", "待抽检"), (Self::Passed, "passed", "抽检合格"), (Self::Failed, "failed", "抽检不合格")];
}

/// What is done about a spot check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpotAction {
    /// It is drawn.
    Draw,
    /// The work was well vetted.
    Pass,
    /// It was not.
    Fail,
}

const JUDGES: &[Party] = &[Party::Role(Role::Editor), Party::Role(Role::Committee)];

/// The table of spot checks.
pub const SPOT_TABLE: &[Line<SpotState, SpotAction>] = {
    use SpotAction as A;
    use SpotState as S;
    &[
        line(None, A::Draw, ("draw", "抽取"), &[Party::Program], S::Open, Effect::None),
        line(Some(S::Open), A::Pass, ("pass", "认定合格"), JUDGES, S::Passed, Effect::None),
        line(Some(S::Open), A::Fail, ("fail", "认定不合格"), JUDGES, S::Failed, Effect::Hold),
    ]
};

/// A spot check of what a submission published. It is the root row of its ledger chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpotCheck {
    /// What every petition has; the id is that of the submission.
    #[serde(flatten)]
    pub root: Root<SpotState>,
    /// The resource that it became.
    pub resource: String,
    /// Its title.
    pub title: String,
    /// Account that submitted it, who must not see the check.
    pub submitter: String,
}

impl SpotCheck {
    /// Draws it; `self` carries what it is about.
    ///
    /// # Errors
    /// Those of the table.
    pub fn draw(self, step: &Step<'_>) -> Result<Taken<Self>, Problem> {
        let resource = self.resource.clone();
        self.made(SpotAction::Draw, &[("resource", &resource)], step)
    }

    /// Records what was found, with a reason.
    ///
    /// # Errors
    /// `reason-required`, and those of the table.
    pub fn record(mut self, action: SpotAction, reason: &str, step: &Step<'_>) -> Result<Taken<Self>, Problem> {
        self.root.reason = required(reason)?;
        let resource = self.resource.clone();
        self.take(action, &[("resource", &resource)], step)
    }
}

impl Petition for SpotCheck {
    type State = SpotState;
    type Action = SpotAction;
    const NAMES: (&'static str, &'static str) = ("抽检", "spot check");
    const CHAIN: &'static str = "spot-check";
    const LINES: &'static [Line<SpotState, SpotAction>] = SPOT_TABLE;

    fn root(&self) -> &Root<SpotState> {
        &self.root
    }

    fn root_mut(&mut self) -> &mut Root<SpotState> {
        &mut self.root
    }
}

impl Record for SpotCheck {
    const TABLE: &'static str = "spot_checks";
    fn key(&self) -> Key {
        Key::from(self.root.id.as_str())
    }
    fn indexes(&self) -> Vec<IndexRow> {
        vec![self.root.row("state", self.root.state.code())]
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
}
