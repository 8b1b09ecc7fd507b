//! New work: the places kept for it, ranked by content while too few learners have met it.

use super::asking::Asking;
use super::catalogue::Item;
use super::joined::{Joined, NONE};
use super::likeness::Likings;
use super::list::{Sources, bare};
use super::score::Candidate;
use super::state::instant;

/// Milliseconds in a day.
const DAY: i64 = crate::domain::time::DAY_MS;

/// Up to `n` new items that the learner has not met and that are not `taken`, the likest first; for those of whom nothing is
/// known the newest. What has nothing in common with anything that a learner took up is not shown for being new alone.
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
        (open && asking.wants(joined, slot).is_some()).then(|| 1.0 - learners as f32 / weights.new_learners as f32)
    };
    let mut found: Vec<(f32, i64, u32)> = Vec::new();
    likings.each(joined, rows, &asking.voices, |slot, item, liking| {
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
    let strangers = joined.catalogue.young().take_while(|_| asking.voices.is_empty());
    for slot in strangers {
        let Some(item) = joined.catalogue.get(slot).filter(|item| slots.len() < n && item.published >= since) else { break };
        if !slots.contains(&slot) && room(slot, item).is_some() {
            slots.push(slot);
        }
    }
    slots.into_iter().map(|slot| bare(joined, slot)).collect()
}

/// Served items that fill a list when nothing else does, the newest first.
pub fn others(joined: &Joined, asking: &Asking<'_>, taken: &dyn Fn(u32) -> bool, n: usize) -> Vec<Candidate> {
    let open = |slot: &u32| !taken(*slot) && asking.wants(joined, *slot).is_some();
    joined.catalogue.young().filter(open).take(n).map(|slot| bare(joined, slot)).collect()
}
