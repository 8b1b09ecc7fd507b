//! What learners report with a figure (how far they are, which score they got), and the effective hours (有效学时) in it.

use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The figure of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// Seconds of the recording.
    Position(u32),
    /// Per mille of the whole.
    Progress(u16),
    /// Per mille of the highest score.
    Score(u16),
}

/// A learner's report about a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Resource id.
    pub resource: Arc<str>,
    /// When, by the learner's clock, at most the time of receipt.
    pub at: Timestamp,
    /// What it said.
    pub figure: Figure,
    /// It came as no person learns.
    pub marked: bool,
}

/// A number of the rule with its source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Sourced {
    /// The number.
    pub value: u32,
    /// Where it comes from.
    pub basis: String,
    /// How far that can be trusted: L law, S source read, M measured, K known in the field or proposed.
    pub mark: String,
}

/// `src/learning/rules/hours.toml`: what counts as an hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoursRule {
    /// Version, which certificates name.
    pub version: String,
    /// Minutes of one 学时.
    pub minutes_per_hour: Sourced,
    /// Between reports further apart nobody was there.
    pub longest_step_seconds: Sourced,
    /// Minutes that one day counts, at most.
    pub most_minutes_a_day: Sourced,
}

impl HoursRule {
    /// Tenths of hours in so many seconds, the rest cut off.
    pub fn tenths(&self, seconds: u64) -> u32 {
        let tenth = u64::from(self.minutes_per_hour.value.max(1)) * 6;
        u32::try_from(seconds / tenth).unwrap_or(u32::MAX)
    }
}

/// What one day counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DayOfStudy {
    /// Day in Asia/Shanghai, `YYYY-MM-DD`.
    pub date: String,
    /// Seconds that count.
    pub seconds: u32,
    /// Seconds beyond the most of a day, which do not.
    pub beyond: u32,
}

/// The days on which somebody learned, in order. `reports` must be in the order of time.
///
/// Between two reports about one resource, the way that the position (or, where no position is told, the progress) moved
/// forward counts, at most the time between them, as a stretch that ends with the later report. Stretches that lie over one
/// another count once, on the day they end.
pub fn days_of_study(reports: &[Report], rule: &HoursRule) -> Vec<DayOfStudy> {
    let mut stretches = stretches(reports, i64::from(rule.longest_step_seconds.value));
    stretches.sort_unstable();
    let (mut days, mut covered) = (BTreeMap::<String, i64>::new(), i64::MIN);
    for (begin, end) in stretches {
        let fresh = end - begin.max(covered);
        if fresh > 0 {
            *days.entry(Timestamp::from_millis(end * 1000).shanghai_date()).or_default() += fresh;
            covered = end;
        }
    }
    let most = i64::from(rule.most_minutes_a_day.value) * 60;
    let number = |seconds: i64| u32::try_from(seconds).unwrap_or(0);
    days.into_iter().map(|(date, all)| DayOfStudy { date, seconds: number(all.min(most)), beyond: number(all - all.min(most)) }).collect()
}

/// Begin and end of every stretch, in seconds since 1970.
fn stretches(reports: &[Report], longest: i64) -> Vec<(i64, i64)> {
    let mut last: HashMap<&str, (i64, Figure)> = HashMap::new();
    let mut stretches = Vec::new();
    for report in reports.iter().filter(|report| !report.marked && !matches!(report.figure, Figure::Score(_))) {
        let end = report.at.millis().div_euclid(1000);
        if let Some((begin, before)) = last.insert(&report.resource, (end, report.figure)) {
            let passed = end - begin;
            let moved = match (before, report.figure) {
                (Figure::Position(from), Figure::Position(to)) => i64::from(to) - i64::from(from),
                (Figure::Progress(from), Figure::Progress(to)) if to > from => passed,
                _ => 0,
            };
            if moved > 0 && (1..=longest).contains(&passed) {
                stretches.push((end - moved.min(passed), end));
            }
        }
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rule(most_minutes_a_day: u32) -> HoursRule {
        let sourced = |value| Sourced { value, basis: String::new(), mark: "K".to_owned() };
        let (minutes_per_hour, longest_step_seconds) = (sourced(45), sourced(300));
        HoursRule { version: "t".to_owned(), minutes_per_hour, longest_step_seconds, most_minutes_a_day: sourced(most_minutes_a_day) }
    }

    /// Noon in Shanghai.
    const NOON: i64 = 1_795_060_800 + 4 * 3600;

    fn at(resource: &str, seconds: i64, position: u32) -> Report {
        let at = Timestamp::from_millis((NOON + seconds) * 1000);
        Report { resource: Arc::from(resource), at, figure: Figure::Position(position), marked: false }
    }

    fn seconds(mut reports: Vec<Report>) -> u32 {
        reports.sort_by_key(|report| report.at);
        days_of_study(&reports, &rule(360)).iter().map(|day| day.seconds).sum()
    }

    #[test]
    fn what_was_played_counts_and_nothing_else() {
        assert_eq!(seconds(vec![at("a", 0, 0), at("a", 60, 60), at("a", 120, 120)]), 120);
        assert_eq!(seconds(vec![at("a", 0, 0), at("a", 60, 60), at("a", 120, 60)]), 60, "paused");
        assert_eq!(seconds(vec![at("a", 0, 0), at("a", 60, 1_800)]), 60, "skipped forward");
        assert_eq!(seconds(vec![at("a", 0, 0), at("a", 60, 120)]), 60, "twice as fast");
        assert_eq!(seconds(vec![at("a", 0, 0), at("a", 3_600, 3_600)]), 0, "nobody says that somebody was there");
        assert_eq!(seconds(vec![at("a", 0, 600), at("a", 60, 30), at("a", 120, 90)]), 60, "skipped back");
    }

    #[test]
    fn what_plays_side_by_side_counts_once() {
        let reports = |names: &[&str]| {
            let one = |name: &&str| (0..=10).map(|step| at(name, step * 60, step as u32 * 60)).collect::<Vec<_>>();
            names.iter().flat_map(one).collect::<Vec<_>>()
        };
        assert_eq!(seconds(reports(&["a"])), 600);
        assert_eq!(seconds(reports(&["a", "b", "c"])), 600);
    }

    #[test]
    fn a_day_counts_so_much_and_marks_count_nothing() {
        let reports: Vec<Report> = (0..=100).map(|step| at("a", step * 60, step as u32 * 60)).collect();
        let days = days_of_study(&reports, &rule(60));
        assert_eq!((days.len(), days[0].seconds, days[0].beyond), (1, 3_600, 2_400));
        assert_eq!(rule(60).tenths(2_700 + 269), 10, "cut off, not rounded");
        let marked = reports.into_iter().map(|report| Report { marked: true, ..report }).collect();
        assert_eq!(seconds(marked), 0);
    }

    #[test]
    fn where_no_position_is_told_progress_counts() {
        let told = |seconds: i64, part| Report { figure: Figure::Progress(part), ..at("a", seconds, 0) };
        assert_eq!(seconds(vec![told(0, 0), told(60, 100), told(120, 100), told(150, 200)]), 90);
    }

    proptest! {
        /// Never more than the time that passed, and the order of arrival does not matter.
        #[test]
        fn nobody_learns_more_than_time_passes(steps in proptest::collection::vec((0_i64..7_200, 0_u32..7_200, 0_usize..3), 0..60)) {
            let reports: Vec<Report> = steps.iter().map(|(seconds, position, name)| at(["a", "b", "c"][*name], *seconds, *position)).collect();
            prop_assert!(seconds(reports) <= 7_200);
        }
    }
}
