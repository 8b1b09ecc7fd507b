//! New work in the subjects of what the learner took up lately.

use super::{Found, Shelf};
use crate::domain::time::DAY_MS;
use crate::recommend::likeness::Likings;
use crate::recommend::list::RecommendedItem;
use crate::recommend::reasons::Reason;

/// The latest resources whose subjects are the learner's.
const LATEST: usize = 10;

impl Shelf<'_> {
    /// The likest first, the newest among equals; each names the latest resource of the same subject.
    pub(super) fn new_in_subjects(&self, likings: &mut Likings) -> Vec<RecommendedItem> {
        let (joined, asking) = (self.sources.joined, self.asking);
        let latest = asking.voices.iter().take(LATEST).filter_map(|voice| asking.sees(joined, joined.slot(voice.number)));
        let known: Vec<_> = latest.filter(|item| !item.subjects.is_empty()).collect();
        if known.is_empty() {
            return Vec::new();
        }
        let since = asking.now - self.sources.weights.new_days * DAY_MS;
        let mut found: Vec<(f32, i64, Found)> = Vec::new();
        for (slot, liking) in self.likings(likings) {
            let Some(item) = joined.catalogue.get(slot).filter(|item| item.published >= since) else { continue };
            let same = known.iter().find(|other| other.subjects.iter().any(|subject| item.subjects.contains(subject)));
            if let Some(other) = same {
                let reason = Reason::naming("new-in-your-subjects", &other.id, &other.title, "新近入库，与您学过的《{}》属同一学科");
                found.push((liking, item.published, (slot, liking, reason)));
            }
        }
        found.sort_by(|left, right| right.0.total_cmp(&left.0).then((right.1, left.2.0).cmp(&(left.1, right.2.0))));
        let top = found.first().map_or(1.0, |best| best.0).max(f32::MIN_POSITIVE);
        self.fill(found.into_iter().map(|(_, _, (slot, liking, reason))| (slot, liking / top, reason)))
    }
}
