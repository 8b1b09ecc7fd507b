//! New work: the places kept for it, ranked by content while too few learners have met it.

use super::joined::{Joined, NONE};
use super::learners::Entry;
use super::likeness::{ContentRows, Interests};
use super::score::{Candidate, Met, Viewer, Voice, has_met};
use super::weights::Weights;

/// Milliseconds in a day.
const DAY: i64 = crate::domain::time::DAY_MS;

/// Who asks, and when.
pub struct Asking<'a> {
    /// What they may see.
    pub viewer: &'a Viewer,
    /// What they met.
    pub entries: &'a [Entry],
    /// Their profile.
    pub voices: &'a [Voice],
    /// Now, milliseconds since 1970.
    pub now: i64,
}

/// Up to `n` new items that the learner has not met and that are not `taken`, the likest first, then the newest.
pub fn newcomers(
    joined: &Joined,
    rows: &ContentRows,
    asking: &Asking<'_>,
    weights: &Weights,
    taken: &dyn Fn(u32) -> bool,
    n: usize,
) -> Vec<Candidate> {
    let interests = Interests::of(joined, asking.voices);
    let since = asking.now - weights.new_days * DAY;
    let met = Met::new(asking.entries);
    let mut found: Vec<(f32, Candidate)> = Vec::with_capacity(super::catalogue::YOUNG);
    for slot in joined.catalogue.young() {
        let Some(item) = joined.catalogue.get(slot).filter(|item| item.published >= since) else { break };
        let number = joined.number(slot);
        let learners = if number == NONE { 0 } else { joined.state.popularity(number).learners };
        if learners >= weights.new_learners || taken(slot) || !asking.viewer.sees(joined, item.gate) || met.holds(number) {
            continue;
        }
        let liking = interests.liking(item, rows.get(&slot).map(AsRef::as_ref));
        // Content helps while behaviour says little: it fades with every learner.
        let fading = 1.0 - learners as f32 / weights.new_learners as f32;
        found.push((liking * fading, Candidate { slot, number, covisit: 0.0, trend: 0.0, series: 0.0 }));
    }
    // The young come newest first; a stable sort keeps that among equals.
    found.sort_by(|left, right| right.0.total_cmp(&left.0));
    found.into_iter().take(n).map(|(_, candidate)| candidate).collect()
}

/// Served items that fill a list when nothing else does, the newest first.
pub fn others(joined: &Joined, asking: &Asking<'_>, taken: &dyn Fn(u32) -> bool, n: usize) -> Vec<Candidate> {
    let open = |slot: &u32| {
        let sees = joined.catalogue.get(*slot).is_some_and(|item| asking.viewer.sees(joined, item.gate));
        sees && !taken(*slot) && !has_met(asking.entries, joined.number(*slot))
    };
    let found = joined.catalogue.young().filter(open).take(n);
    found.map(|slot| Candidate { slot, number: joined.number(slot), covisit: 0.0, trend: 0.0, series: 0.0 }).collect()
}
