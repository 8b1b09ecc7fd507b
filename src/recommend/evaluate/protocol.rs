//! The three protocols, and what is compared by them.

use super::super::shares::MOST_GROUPS;
use super::super::state::Shape;
use super::super::weights::Weights;
use super::score::{Exposure, GroupExposure, ProviderExposure, Report};
use super::trial::{Side, Trial};
use super::{CatalogueItem, Sample, Taking};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// Providers that a report names.
const MOST_PROVIDERS: usize = 20;
/// Seconds in a week.
const WEEK: u32 = 7 * 86_400;

/// How the log is split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// The earliest four fifths train.
    Temporal,
    /// Each learner's last resource is to be found.
    LeaveLastOut,
    /// Each event of the last three tenths is asked for before it is learned.
    Prequential,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Temporal, Self::LeaveLastOut, Self::Prequential];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Temporal => "temporal",
            Self::LeaveLastOut => "leave-last-out",
            Self::Prequential => "prequential",
        }
    }
}

/// Runs a protocol for the serving code and what it is compared with, one after the other, so that one state at a time is in
/// memory. `catalogue` describes the resources it knows; the rest are taken as public and of a provider each. At most `most`
/// lists are asked for, spread evenly.
pub fn evaluate(sample: &Sample, catalogue: &[CatalogueItem], protocol: Protocol, shape: Shape, weights: &Weights, most: usize) -> Report {
    let run = |side: Side<'_>| {
        let mut trial = Trial::new(sample, catalogue, side);
        trial.run(protocol, most);
        trial.tallies
    };
    let side = Side { shape, weights, lag: 0, columns: usize::MAX };
    let mut trial = Trial::new(sample, catalogue, side);
    trial.run(protocol, most);
    let (exposure, groups, providers) = exposures(&trial, catalogue);
    let Trial { counts, trained, tallies: [model, popularity, recent], .. } = trial;
    let figures = |tally: super::score::Tally| tally.figures(&counts);
    let [neighbours, ..] = run(Side { shape: cosine_shape(), weights: &cosine_weights(), ..side });
    let last_week = (sample.span() > WEEK).then(|| run(Side { lag: WEEK, ..side })).map(|[late, ..]| figures(late));
    Report {
        protocol: protocol.code().to_owned(),
        trained,
        lists: model.lists(),
        model: figures(model),
        popularity: figures(popularity),
        recent_popularity: figures(recent),
        neighbours: figures(neighbours),
        last_week,
        exposure,
        groups,
        providers,
    }
}

/// How much of what the side showed was of each category, of each group and of the providers of whom most was shown.
fn exposures(trial: &Trial<'_>, catalogue: &[CatalogueItem]) -> (Vec<Exposure>, Vec<GroupExposure>, Vec<ProviderExposure>) {
    let categories = trial.exposure(catalogue, |item| vec![item.category.as_str()]).into_iter();
    let categories = categories.map(|(category, shown, taken)| Exposure { category: category.to_owned(), shown, taken });
    let of_groups = |item: &CatalogueItem| (1..=MOST_GROUPS).filter(|group| item.groups >> (group - 1) & 1 == 1).collect();
    let groups = trial.exposure(catalogue, of_groups).into_iter();
    let groups = groups.map(|(group, shown, taken)| GroupExposure { group, shown, taken, ..GroupExposure::default() });
    let providers = trial.exposure(catalogue, |item| vec![item.provider.as_str()]).into_iter();
    let providers = providers.map(|(provider, shown, taken)| ProviderExposure { provider: provider.to_owned(), shown, taken });
    let mut providers: Vec<ProviderExposure> = providers.collect();
    providers.sort_by(|left, right| right.shown.total_cmp(&left.shown).then(right.taken.total_cmp(&left.taken)));
    providers.truncate(MOST_PROVIDERS);
    (categories.collect(), groups.collect(), providers)
}

/// Rows that count every pair of a profile alike, both ways and for ever: co-occurrence.
fn cosine_shape() -> Shape {
    Shape { covisit_days: 36_500, reach: 0, backward: 256, ..Shape::default() }
}

/// Nothing but the cosine of co-occurrence, summed over the profile.
fn cosine_weights() -> Weights {
    Weights {
        popularity: 0.5,
        row: 0.5,
        smoothing: 1.0,
        recency: f32::MAX,
        ridge: 0.0,
        trend: 0.0,
        series: 0.0,
        relevance: 1.0,
        provider_cap: usize::MAX / 1_000,
        new_every: 0,
        ..Weights::default()
    }
}

/// What a protocol trains on and what it asks for. Of `prequential`, which learns on as it asks, the part before the first
/// question and the rest.
pub fn split(sample: &Sample, protocol: Protocol) -> (Vec<Taking>, Vec<Taking>) {
    let parted = |cut: usize| {
        let (train, test) = sample.takings.split_at_checked(cut).unwrap_or_default();
        (train.to_vec(), test.to_vec())
    };
    match protocol {
        Protocol::Prequential => parted(sample.takings.len() * 7 / 10),
        Protocol::Temporal => parted(sample.takings.len() * 4 / 5),
        Protocol::LeaveLastOut => {
            let mut last = HashMap::new();
            for (place, taking) in sample.takings.iter().enumerate() {
                last.insert(taking.learner, place);
            }
            let held: HashSet<usize> = last.into_values().collect();
            let part = |wanted: bool| {
                let places = sample.takings.iter().enumerate().filter(|(place, _)| held.contains(place) == wanted);
                places.map(|(_, taking)| *taking).collect::<Vec<Taking>>()
            };
            (part(false), part(true))
        }
    }
}
