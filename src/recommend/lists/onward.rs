//! Going on: what was begun, and the next part of a course.

use super::Shelf;
use crate::domain::study::Figure;
use crate::recommend::catalogue::Item;
use crate::recommend::joined::NONE;
use crate::recommend::learners::Entry;
use crate::recommend::list::{RecommendedItem, Resume};
use crate::recommend::reasons::Reason;
use std::collections::{HashMap, HashSet};

/// Furthest progress, per mille, of what was finished without anybody saying so.
const WHOLE: u16 = 1000;

/// The learner's entries and positions by the number of the resource.
struct Known<'a> {
    entries: HashMap<u32, &'a Entry>,
    positions: HashMap<u32, u32>,
}

impl Known<'_> {
    fn is_finished(&self, number: u32) -> bool {
        self.entries.get(&number).is_some_and(|entry| is_finished(entry))
    }

    fn is_begun(&self, number: u32) -> bool {
        let position = || self.positions.get(&number).is_some_and(|seconds| *seconds > 0);
        self.entries.get(&number).is_some_and(|entry| !is_finished(entry) && (entry.progress() > 0 || position()))
    }

    fn is_dismissed(&self, number: u32) -> bool {
        self.entries.get(&number).is_some_and(|entry| entry.is_dismissed())
    }
}

fn is_finished(entry: &Entry) -> bool {
    entry.is_completed() || entry.progress() >= WHOLE
}

impl Shelf<'_> {
    /// Steps by the latest event, the latest first: what was begun (where it is wanted), and of each course of which a part was
    /// finished the next part that was not. A part that was begun is no next one: it is begun.
    pub(super) fn go_on(&self, with_begun: bool) -> Vec<RecommendedItem> {
        let (joined, asking) = (self.sources.joined, self.asking);
        let known = self.known();
        let (mut items, mut courses): (Vec<RecommendedItem>, HashSet<(u32, u32)>) = Default::default();
        for entry in asking.entries.iter().rev().filter(|entry| !entry.is_dismissed()) {
            if items.len() >= self.n {
                break;
            }
            let slot = joined.slot(entry.resource);
            let Some(item) = asking.sees(joined, slot) else { continue };
            let score = 1.0 / (1.0 + items.len() as f32);
            if !is_finished(entry) {
                if with_begun && known.is_begun(entry.resource) && !asking.taken.contains(&slot) {
                    items.extend(self.begun(slot, item, entry, &known, score));
                }
                continue;
            }
            if item.series == 0 || !courses.insert((item.series, item.provider)) {
                continue;
            }
            if let Some(next) = self.next_of(slot, item, &known) {
                let reason = Reason::naming("next-in-course", &item.id, &item.title, "已学完《{}》，接着学下一讲");
                items.extend(self.sources.item(next, score, reason));
            }
        }
        items
    }

    fn known(&self) -> Known<'_> {
        let mut positions = HashMap::new();
        // In the order of time: the latest stays.
        for one in self.asking.figures {
            if let Figure::Position(seconds) = one.figure() {
                positions.insert(one.resource, seconds);
            }
        }
        Known { entries: self.asking.entries.iter().map(|entry| (entry.resource, entry)).collect(), positions }
    }

    fn begun(&self, slot: u32, item: &Item, entry: &Entry, known: &Known<'_>, score: f32) -> Option<RecommendedItem> {
        let position = known.positions.get(&entry.resource).copied().filter(|seconds| *seconds > 0);
        let text = match position {
            Some(seconds) => format!("上次学到{}，接着学", told(seconds)),
            None => format!("已学 {}%，接着学", entry.progress() / 10),
        };
        let reason = Reason { code: "continue".to_owned(), resource: Some(item.id.to_string()), text };
        let shown = self.sources.item(slot, score, reason)?;
        Some(RecommendedItem { resume: Some(Resume { position, progress: entry.progress() }), ..shown })
    }

    /// The first part after this one that the learner neither finished nor dismissed, then the first such one before it; nothing
    /// when that part was begun.
    fn next_of(&self, slot: u32, item: &Item, known: &Known<'_>) -> Option<u32> {
        let joined = self.sources.joined;
        let parts = joined.catalogue.series(item.series);
        let own = parts.iter().position(|part| *part == slot)?;
        let (before, after) = parts.split_at_checked(own)?;
        let number = |part: u32| joined.number(part);
        let is_open = |part: &&u32| {
            let of_course = self.asking.sees(joined, **part).is_some_and(|other| other.provider == item.provider);
            let number = number(**part);
            of_course && **part != slot && (number == NONE || !known.is_finished(number) && !known.is_dismissed(number))
        };
        let next = *after.iter().chain(before).find(is_open)?;
        (!known.is_begun(number(next)) && !self.asking.taken.contains(&next)).then_some(next)
    }
}

/// A position as people say it.
fn told(seconds: u32) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}秒"),
        (0, _) => format!("{minutes}分{seconds}秒"),
        _ => format!("{hours}小时{minutes}分"),
    }
}
