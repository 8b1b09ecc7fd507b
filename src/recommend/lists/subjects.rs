//! New work in the subjects of what the learner took up lately; behind it, where there is too little of it, what many take up in
//! these subjects just now.

use super::{Found, Shelf};
use crate::domain::time::DAY_MS;
use crate::recommend::catalogue::Item;
use crate::recommend::likeness::Likings;
use crate::recommend::list::RecommendedItem;
use crate::recommend::reasons::Reason;
use crate::recommend::regions::FEWEST;

/// The latest resources whose subjects are the learner's.
const LATEST: usize = 10;

impl Shelf<'_> {
    /// Each names the latest resource of the same subject.
    pub(super) fn new_in_subjects(&self, likings: &mut Likings) -> Vec<RecommendedItem> {
        let (joined, asking) = (self.sources.joined, self.asking);
        let latest = asking.voices.iter().take(LATEST).filter_map(|voice| asking.sees(joined, joined.slot(voice.number)));
        let known: Vec<&Item> = latest.filter(|item| !item.subjects.is_empty()).collect();
        if known.is_empty() {
            return Vec::new();
        }
        let mut found = self.new_of(&known, likings);
        if found.len() < self.n {
            found.extend(self.hot_of(&known));
        }
        self.fill(found)
    }

    /// The likest first, the newest among equals.
    fn new_of(&self, known: &[&Item], likings: &mut Likings) -> Vec<Found> {
        let since = self.asking.now - self.sources.weights.new_days * DAY_MS;
        let mut found: Vec<(f32, i64, u32, Reason)> = Vec::new();
        for (slot, liking) in self.likings(likings) {
            let Some(item) = self.sources.joined.catalogue.get(slot).filter(|item| item.published >= since) else { continue };
            let same = known.iter().find(|other| other.subjects.iter().any(|subject| item.subjects.contains(subject)));
            if let Some(other) = same {
                let reason = Reason::naming("new-in-your-subjects", &other.id, &other.title, "新近入库，与您学过的《{}》属同一学科");
                found.push((liking, item.published, slot, reason));
            }
        }
        found.sort_by(|left, right| right.0.total_cmp(&left.0).then((right.1, left.2).cmp(&(left.1, right.2))));
        let top = found.first().map_or(1.0, |best| best.0).max(f32::MIN_POSITIVE);
        found.into_iter().map(|(liking, _, slot, reason)| (slot, liking / top, reason)).collect()
    }

    /// The hottest first; of what fewer than [`FEWEST`] learners took up nothing is said.
    fn hot_of(&self, known: &[&Item]) -> Vec<Found> {
        let joined = self.sources.joined;
        let mut found: Vec<(u32, f32, &Item)> = Vec::new();
        for other in known {
            let hot = other.subjects.iter().filter_map(|subject| self.sources.hot.by_subject.get(subject)).flatten();
            let many = hot.filter(|(number, _)| joined.state.popularity(*number).learners >= FEWEST);
            for (number, trend) in many {
                if found.iter().all(|(there, ..)| there != number) {
                    found.push((*number, *trend, other));
                }
            }
        }
        found.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
        let top = found.first().map_or(1.0, |hottest| hottest.1).max(f32::MIN_POSITIVE);
        let text = "近期很多人在学，与您学过的《{}》属同一学科";
        let shown = |(number, trend, other): (u32, f32, &Item)| {
            (joined.slot(number), trend / top, Reason::naming("trending-in-your-subjects", &other.id, &other.title, text))
        };
        found.into_iter().map(shown).collect()
    }
}
