//! Lists about one resource: what the learner finished, what was named, or what was looked at last.

use super::{Found, Shelf};
use crate::recommend::catalogue::Traits;
use crate::recommend::list::RecommendedItem;
use crate::recommend::reasons::Reason;
use crate::recommend::related::neighbours;

/// Of what was finished, so many of the latest are tried.
const TRIED: usize = 5;
/// Less alike than this is not alike.
const LEAST: f32 = 0.1;

impl Shelf<'_> {
    /// Neighbours of the latest finished resource that has any to show.
    pub(super) fn because_finished(&self) -> Vec<RecommendedItem> {
        let (joined, entries) = (self.sources.joined, self.asking.entries);
        let finished = entries.iter().rev().filter(|entry| entry.is_completed() && entry.is_positive()).take(TRIED);
        let lists = finished.map(|entry| {
            let about = self.asking.sees(joined, joined.slot(entry.resource));
            about.map_or_else(Vec::new, |item| {
                let reason = Reason::naming("because-you-finished", &item.id, &item.title, "因为您学完了《{}》");
                self.fill(self.together(entry.resource, &reason))
            })
        });
        lists.into_iter().find(|items| !items.is_empty()).unwrap_or_default()
    }

    /// Neighbours of the resource that the list is about.
    pub(super) fn also_took(&self) -> Vec<RecommendedItem> {
        let joined = self.sources.joined;
        let Some((slot, item)) = self.around.about.and_then(|slot| Some((slot, self.asking.sees(joined, slot)?))) else {
            return Vec::new();
        };
        let reason = Reason::naming("learned-together", &item.id, &item.title, "学过《{}》的人也学了它");
        self.fill(self.together(joined.number(slot), &reason))
    }

    /// Alike by the index, then by description.
    pub(super) fn like_this(&self) -> Vec<RecommendedItem> {
        let joined = self.sources.joined;
        let Some((own, item)) = self.around.about.and_then(|slot| Some((slot, self.asking.sees(joined, slot)?))) else {
            return Vec::new();
        };
        let reason = Reason::naming("similar-content", &item.id, &item.title, "与《{}》内容相近");
        let by_index = self.around.like.iter().filter_map(|(id, like)| Some((joined.catalogue.find(id)?, *like)));
        let traits = Traits::of(item);
        let others = joined.catalogue.series(item.series).iter().copied().chain(joined.catalogue.young());
        let alike = |slot: u32| joined.catalogue.get(slot).map_or(0.0, |other| Traits::of(other).alike(&traits));
        let mut described: Vec<(u32, f32)> = others.map(|slot| (slot, alike(slot))).filter(|(_, alike)| *alike > LEAST).collect();
        described.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
        let found = by_index.chain(described).filter(|(slot, _)| *slot != own);
        self.fill(found.map(|(slot, score)| (slot, score, reason.clone())))
    }

    fn together(&self, number: u32, reason: &Reason) -> Vec<Found> {
        let joined = self.sources.joined;
        let near = neighbours(joined, number).into_iter().filter(|(_, score)| *score > 0.0);
        near.map(|(other, score)| (joined.slot(other), score, reason.clone())).collect()
    }
}
