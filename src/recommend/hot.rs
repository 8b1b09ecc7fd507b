//! What is taken up most just now, over all, per category and per subject: found by one pass over the masses, kept for a second.
//!
//! The counters are those of the resources, at all half-lives of the trend. What a resource is about is the catalogue's to say, and
//! a description may change: categories and subjects are put together here and are no part of the state, which knows the log alone
//! (as the log itself says where something happened, regions are). Events pay nothing for it.

use super::joined::Joined;
use std::collections::HashMap;

/// Kept over all.
const OVERALL: usize = 256;
/// Kept per category.
const PER_CATEGORY: usize = 48;
/// Kept per subject, of the hottest sixteen times [`OVERALL`].
const PER_SUBJECT: usize = 24;

/// The trend.
#[derive(Clone, Debug, Default)]
pub struct Hot {
    /// Numbers of resources that are served, the hottest first, with their trend (see [`super::priors::Pace`]).
    pub overall: Vec<(u32, f32)>,
    /// The same for each category number.
    pub by_category: Vec<(u32, Vec<(u32, f32)>)>,
    /// The same for each subject, by the number of its feature.
    pub by_subject: HashMap<u32, Vec<(u32, f32)>>,
    /// The largest trend of all.
    pub top: f32,
}

impl Hot {
    /// Finds it.
    pub fn find(joined: &Joined) -> Self {
        let pace = joined.pace();
        let mut all: Vec<(u32, f32)> = Vec::new();
        for number in 0..u32::try_from(joined.state.ids().len()).unwrap_or(u32::MAX) {
            if joined.facet(number).is_some_and(|facet| facet.gate != 0) {
                let trend = pace.of(&joined.state.popularity(number));
                if trend > 0.0 {
                    all.push((number, trend));
                }
            }
        }
        let hotter = |left: &(u32, f32), right: &(u32, f32)| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0));
        let wide = OVERALL * 16;
        if all.len() > wide {
            all.select_nth_unstable_by(wide, hotter);
            all.truncate(wide);
        }
        all.sort_unstable_by(hotter);
        let mut by_category: Vec<(u32, Vec<(u32, f32)>)> = Vec::new();
        let mut by_subject: HashMap<u32, Vec<(u32, f32)>> = HashMap::new();
        for (number, trend) in &all {
            let Some(item) = joined.item(*number) else { continue };
            for subject in &item.subjects {
                let list = by_subject.entry(*subject).or_default();
                if list.len() < PER_SUBJECT {
                    list.push((*number, *trend));
                }
            }
            let place = match by_category.iter().position(|(category, _)| *category == item.category) {
                Some(place) => place,
                None => {
                    by_category.push((item.category, Vec::new()));
                    by_category.len() - 1
                }
            };
            if let Some((_, list)) = by_category.get_mut(place).filter(|(_, list)| list.len() < PER_CATEGORY) {
                list.push((*number, *trend));
            }
        }
        all.truncate(OVERALL);
        let top = all.first().map_or(1.0, |first| first.1);
        Self { overall: all, by_category, by_subject, top }
    }
}
