//! The three protocols, and what is compared by them.

use super::super::state::Shape;
use super::super::weights::Weights;
use super::score::Report;
use super::trial::{Side, Trial};
use super::{CatalogueItem, Sample, Taking};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

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
    let exposure = trial.exposure(catalogue);
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
    }
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
