//! New work: the places kept for it, ranked by content while too few learners have met it.

use super::catalogue::Item;
use super::joined::{Joined, NONE};
use super::learners::Entry;
use super::likeness::Likings;
use super::list::Sources;
use super::score::{Candidate, Viewer, Voice, has_met};
use super::state::instant;

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
    sources: &Sources<'_>,
    likings: &mut Likings,
    asking: &Asking<'_>,
    taken: &dyn Fn(u32) -> bool,
    n: usize,
) -> Vec<Candidate> {
    let Sources { joined, rows, weights, .. } = sources;
    let since = asking.now - weights.new_days * DAY;
    // How much content may still say, 0 to 1: it helps while behaviour says little, and fades with every learner.
    let room = |slot: u32, item: &Item| {
        let number = joined.number(slot);
        let learners = if number == NONE { 0 } else { joined.state.popularity(number).learners };
        // A history that came along with the resource tells that it is not new, whenever it was published here.
        let learned_before = learners > 0 && instant(joined.state.popularity(number).since).millis() < since;
        let open = item.published >= since && !learned_before && learners < weights.new_learners && !taken(slot);
        (open && asking.viewer.sees(joined, item.gate) && !has_met(asking.entries, number))
            .then(|| 1.0 - learners as f32 / weights.new_learners as f32)
    };
    let mut found: Vec<(f32, i64, u32)> = Vec::new();
    likings.each(joined, rows, asking.voices, |slot, item, liking| {
        if liking > 0.0
            && joined.catalogue.is_young(slot, item)
            && let Some(room) = room(slot, item)
        {
            found.push((liking * room, item.published, slot));
        }
    });
    // The newest first among equals.
    found.sort_unstable_by(|left, right| right.0.total_cmp(&left.0).then((right.1, right.2).cmp(&(left.1, left.2))));
    found.truncate(n);
    let mut slots: Vec<u32> = found.iter().map(|(_, _, slot)| *slot).collect();
    for slot in joined.catalogue.young() {
        let Some(item) = joined.catalogue.get(slot).filter(|item| slots.len() < n && item.published >= since) else { break };
        if !slots.contains(&slot) && room(slot, item).is_some() {
            slots.push(slot);
        }
    }
    slots
        .into_iter()
        .map(|slot| Candidate { slot, number: joined.number(slot), covisit: 0.0, ridge: 0.0, trend: 0.0, series: 0.0 })
        .collect()
}

/// Served items that fill a list when nothing else does, the newest first.
pub fn others(joined: &Joined, asking: &Asking<'_>, taken: &dyn Fn(u32) -> bool, n: usize) -> Vec<Candidate> {
    let open = |slot: &u32| {
        let sees = joined.catalogue.get(*slot).is_some_and(|item| asking.viewer.sees(joined, item.gate));
        sees && !taken(*slot) && !has_met(asking.entries, joined.number(*slot))
    };
    let found = joined.catalogue.young().filter(open).take(n);
    found.map(|slot| Candidate { slot, number: joined.number(slot), covisit: 0.0, ridge: 0.0, trend: 0.0, series: 0.0 }).collect()
}
