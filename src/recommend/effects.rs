//! What an experiment did: how often what was shown by each arm was opened and finished.
//!
//! A showing is an impression of a learner that names a kept list of the experiment; one list shows a learner a resource once. It
//! led to a click when the learner took the resource up within [`DAYS`] after it, and to a completion when it was finished then.
//! Showings of one learner are alike, so learners, not showings, are counted as independent: rates are ratios of sums over
//! learners with the variance of a ratio estimator (Cochran, *Sampling Techniques*, 3rd ed., section 6.4), intervals and the
//! two-sided test are normal.

use super::Recommender;
use super::experiments::Arm;
use crate::domain::access::{Actor, OrgPath, Role};
use crate::domain::event::Verb;
use crate::domain::problem::Problem;
use crate::domain::time::DAY_MS;
use crate::store::events::{Act, Batch, Row};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Days within which a showing may lead to something.
const DAYS: i64 = 7;
/// 97.5th percentile of the normal distribution.
const Z: f64 = 1.959_964;

/// A rate with its 95 % interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Rate {
    /// Of all showings.
    pub rate: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// One arm.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ArmReport {
    /// Which.
    pub arm: Arm,
    /// Lists of it that are kept.
    pub lists: u64,
    /// Learners with showings.
    pub learners: u64,
    /// Showings.
    pub showings: u64,
    /// Of which the learner took the resource up within seven days.
    pub clicks: Rate,
    /// Of which the learner finished it within seven days.
    pub completions: Rate,
}

/// How far the arms differ.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Difference {
    /// Treatment less control.
    pub difference: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// How probable chance alone makes a difference at least as large; nothing where there is too little to tell.
    pub p: Option<f64>,
}

/// What an experiment did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Effects {
    /// Name of the experiment.
    pub name: String,
    /// Control, then treatment.
    pub arms: Vec<ArmReport>,
    /// Of click rates.
    pub clicks: Difference,
    /// Of completion rates.
    pub completions: Difference,
}

#[derive(Clone, Copy, Debug)]
struct Showing {
    list: u128,
    at: i64,
    arm: Arm,
    clicked: bool,
    completed: bool,
}

/// Showings by learner and resource.
type Showings = HashMap<(u64, String), Vec<Showing>>;

impl Recommender {
    /// What an experiment did, from the lists that are kept and the log, which is read twice.
    ///
    /// # Errors
    /// Forbidden but for administrators and auditors of the whole site; 404 for a name that is not declared; what reading the log
    /// fails with.
    pub fn effects<I>(&self, actor: &Actor, name: &str, log: impl Fn() -> Result<I, Problem>) -> Result<Effects, Problem>
    where
        I: Iterator<Item = Result<Batch, Problem>>,
    {
        if !actor.has(&[Role::Administrator, Role::Auditor], &OrgPath::root()) {
            return Err(Problem::forbidden());
        }
        if !self.inner.experiments.knows(name) {
            return Err(Problem::not_found("实验", "experiment"));
        }
        let arms = self.lists_of(name)?;
        let mut showings = Showings::new();
        for batch in log()? {
            let batch = batch?;
            batch.rows.iter().for_each(|row| show(&batch, row, &arms, &mut showings));
        }
        for batch in log()? {
            let batch = batch?;
            batch.rows.iter().for_each(|row| follow(&batch, row, &mut showings));
        }
        Ok(told(name, &arms, &showings))
    }

    /// The kept lists of an experiment with their arms.
    fn lists_of(&self, name: &str) -> Result<HashMap<u128, Arm>, Problem> {
        let mut arms = HashMap::new();
        let read = self.inner.served.read(|served| {
            let arm = served.variant.as_deref().and_then(|variant| variant.rsplit_once(':')).filter(|(of, _)| *of == name);
            let arm = arm.and_then(|(_, arm)| [Arm::Control, Arm::Treatment].into_iter().find(|known| known.code() == arm));
            if let (Some(arm), Some(list)) = (arm, number(&served.list)) {
                arms.insert(list, arm);
            }
        });
        read.map(|()| arms).map_err(|error| {
            tracing::error!(%error, "served lists cannot be read");
            Problem::internal()
        })
    }
}

fn number(list: &str) -> Option<u128> {
    uuid::Uuid::parse_str(list).ok().map(|id| id.as_u128())
}

fn show(batch: &Batch, row: &Row, arms: &HashMap<u128, Arm>, showings: &mut Showings) {
    if row.act == Act::Forget {
        showings.retain(|(learner, _), _| *learner != row.learner);
        return;
    }
    let named = |place: u32| batch.resources.get(place as usize);
    let list = row.list.and_then(named).and_then(|list| number(list));
    let (Some(list), Some(resource)) = (list.filter(|_| !row.marked), named(row.resource)) else { return };
    let Some(arm) = arms.get(&list) else { return };
    let of = showings.entry((row.learner, resource.clone())).or_default();
    // The log may hold duplicates.
    if of.iter().all(|other| other.list != list) {
        of.push(Showing { list, at: row.at.min(batch.received.millis()), arm: *arm, clicked: false, completed: false });
    }
}

fn follow(batch: &Batch, row: &Row, showings: &mut Showings) {
    let Act::Did(verb) = row.act else { return };
    if row.marked || verb.liking(row.value) != Some(true) {
        return;
    }
    let Some(resource) = batch.resources.get(row.resource as usize) else { return };
    let at = row.at.min(batch.received.millis());
    let Some(of) = showings.get_mut(&(row.learner, resource.clone())) else { return };
    for showing in of.iter_mut().filter(|showing| (showing.at..showing.at + DAYS * DAY_MS).contains(&at)) {
        showing.clicked = true;
        showing.completed |= verb == Verb::Completed;
    }
}

/// Of one learner: showings, clicks, completions.
type Sums = (f64, f64, f64);

fn told(name: &str, lists: &HashMap<u128, Arm>, showings: &Showings) -> Effects {
    let sums = |arm: Arm| {
        let mut sums: HashMap<u64, Sums> = HashMap::new();
        for ((learner, _), of) in showings {
            for showing in of.iter().filter(|showing| showing.arm == arm) {
                let (all, clicks, completions) = sums.entry(*learner).or_default();
                *all += 1.0;
                *clicks += f64::from(u8::from(showing.clicked));
                *completions += f64::from(u8::from(showing.completed));
            }
        }
        sums.into_values().collect::<Vec<Sums>>()
    };
    let (control, treatment) = (sums(Arm::Control), sums(Arm::Treatment));
    let report = |arm: Arm, sums: &[Sums]| ArmReport {
        arm,
        lists: lists.values().filter(|other| **other == arm).count() as u64,
        learners: sums.len() as u64,
        showings: sums.iter().map(|one| one.0).sum::<f64>() as u64,
        clicks: estimate(sums, |one| one.1).rate(),
        completions: estimate(sums, |one| one.2).rate(),
    };
    let difference = |of: fn(&Sums) -> f64| differ(estimate(&control, of), estimate(&treatment, of));
    Effects {
        name: name.to_owned(),
        arms: vec![report(Arm::Control, &control), report(Arm::Treatment, &treatment)],
        clicks: difference(|one| one.1),
        completions: difference(|one| one.2),
    }
}

/// A ratio and the variance of its estimate.
#[derive(Clone, Copy, Debug)]
struct Estimate {
    ratio: f64,
    variance: f64,
}

impl Estimate {
    fn rate(self) -> Rate {
        let around = Z * self.variance.sqrt();
        Rate { rate: self.ratio, low: (self.ratio - around).max(0.0), high: (self.ratio + around).min(1.0) }
    }
}

fn estimate(sums: &[Sums], of: impl Fn(&Sums) -> f64) -> Estimate {
    let (all, learners) = (sums.iter().map(|one| one.0).sum::<f64>(), sums.len() as f64);
    if all == 0.0 {
        return Estimate { ratio: 0.0, variance: 0.0 };
    }
    let ratio = sums.iter().map(&of).sum::<f64>() / all;
    let squares: f64 = sums.iter().map(|one| (of(one) - ratio * one.0).powi(2)).sum();
    Estimate { ratio, variance: if learners > 1.0 { squares / all.powi(2) * learners / (learners - 1.0) } else { 0.0 } }
}

fn differ(control: Estimate, treatment: Estimate) -> Difference {
    let (difference, error) = (treatment.ratio - control.ratio, (control.variance + treatment.variance).sqrt());
    let p = (error > 0.0).then(|| tail(difference.abs() / error));
    Difference { difference, low: difference - Z * error, high: difference + Z * error, p }
}

/// The probability of a standard normal number at least this far from 0 (Abramowitz and Stegun, 7.1.26; error below 1.5e-7).
fn tail(z: f64) -> f64 {
    let x = z / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let polynomial = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
    polynomial.iter().fold(0.0, |sum, factor| (sum + factor) * t) * (-x * x).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_those_of_the_normal_distribution() {
        for (z, p) in [(0.0, 1.0), (1.0, 0.317_310_5), (1.959_964, 0.05), (3.0, 0.002_699_8)] {
            assert!((tail(z) - p).abs() < 2e-7, "{z}: {}", tail(z));
        }
    }

    /// Under no difference one test in twenty is below 0.05, however alike the showings of one learner are.
    #[test]
    fn chance_alone_is_called_a_difference_as_often_as_it_says() {
        let mut random = fastrand::Rng::with_seed(7);
        let mut arm = || {
            let one = |random: &mut fastrand::Rng| {
                let (showings, likely) = (random.u32(1..40), if random.bool() { 0.05 } else { 0.4 });
                let clicks = (0..showings).filter(|_| random.f64() < likely).count();
                (f64::from(showings), clicks as f64, 0.0)
            };
            let sums: Vec<Sums> = (0..200).map(|_| one(&mut random)).collect();
            estimate(&sums, |one| one.1)
        };
        let found = (0..1_000).filter(|_| differ(arm(), arm()).p.is_some_and(|p| p < 0.05)).count();
        assert!((25..=80).contains(&found), "{found} of 1,000");
    }
}
