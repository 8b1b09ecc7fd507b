//! What goes with one resource.

use super::catalogue::{Item, Traits};
use super::joined::{Joined, NONE};
use super::list::{Recommendations, RecommendedItem};
use super::reasons::Reason;
use super::score::Viewer;

/// The resource's item, when the viewer sees it.
pub fn seen<'a>(joined: &'a Joined, viewer: &Viewer, id: &str) -> Option<&'a Item> {
    let item = joined.catalogue.find(id).and_then(|slot| joined.catalogue.get(slot)).filter(|item| viewer.sees(joined, item.gate))?;
    debug_assert_eq!(&*item.id, id, "slots keep their ids");
    Some(item)
}

/// Up to `n` items: two thirds at most from co-visitation, the rest from the index (`like`), then from descriptions.
pub fn related(joined: &Joined, viewer: &Viewer, id: &str, like: &[(String, f32)], n: usize) -> Option<Recommendations> {
    let item = seen(joined, viewer, id)?;
    let mut items: Vec<RecommendedItem> = Vec::with_capacity(n);
    let together = Reason::naming("learned-together", id, &item.title, "学过《{}》的人也学了它");
    for (number, score) in neighbours(joined, joined.state.find(id).unwrap_or(NONE)).into_iter() {
        if items.len() >= (n * 2).div_ceil(3) {
            break;
        }
        push(&mut items, joined.item(number), joined, viewer, score, &together);
    }
    let similar = Reason::naming("similar-content", id, &item.title, "与《{}》内容相近");
    for (other, score) in like {
        if items.len() < n && other != id {
            push(&mut items, seen(joined, viewer, other), joined, viewer, *score, &similar);
        }
    }
    if items.len() < n {
        let traits = Traits::of(item);
        let others = joined.catalogue.series(item.series).iter().copied().chain(joined.catalogue.young());
        let mut near: Vec<(f32, u32)> = others
            .filter_map(|slot| joined.catalogue.get(slot).map(|other| (Traits::of(other).alike(&traits), slot)))
            .filter(|(likeness, _)| *likeness > 0.1)
            .collect();
        near.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
        for (likeness, slot) in near {
            if items.len() < n && joined.catalogue.get(slot).is_some_and(|other| *other.id != *id) {
                push(&mut items, joined.catalogue.get(slot), joined, viewer, likeness, &similar);
            }
        }
    }
    Some(Recommendations { items, ..Recommendations::default() })
}

fn push(items: &mut Vec<RecommendedItem>, item: Option<&Item>, joined: &Joined, viewer: &Viewer, score: f32, reason: &Reason) {
    let Some(item) = item.filter(|item| viewer.sees(joined, item.gate)) else { return };
    if items.iter().all(|other| *other.id != *item.id) {
        let score = (score * 10_000.0).round() / 10_000.0;
        let (id, title) = (item.id.to_string(), item.title.to_string());
        items.push(RecommendedItem { id, title, score, reason: reason.clone(), ..RecommendedItem::default() });
    }
}

/// Neighbours of a row by mass, corrected for popularity; the best scores 1.
pub fn neighbours(joined: &Joined, number: u32) -> Vec<(u32, f32)> {
    let Some(row) = joined.state.row(number) else { return Vec::new() };
    let scored = row.iter().map(|(other, mass)| (other, mass as f32 * joined.facet(other).map_or(0.0, |facet| facet.lift)));
    let mut scored: Vec<(u32, f32)> = scored.collect();
    scored.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
    let top = scored.first().map_or(1.0, |first| first.1).max(f32::MIN_POSITIVE);
    scored.iter_mut().for_each(|entry| entry.1 /= top);
    scored
}
