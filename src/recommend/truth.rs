//! That what is told is true: reasons name what gave most, and digests cover everything that was learned.

use super::catalogue::CatalogueItem;
use super::hot::Hot;
use super::joined::Joined;
use super::learners::Deed;
use super::likeness::ContentRows;
use super::list::{RecommendedItem, Sources};
use super::ridge::Solver;
use super::score::{self, Scratch, Viewer, Voice};
use super::state::{Shape, State};
use super::weights::Weights;
use crate::domain::access::PUBLIC;
use crate::domain::event::Verb;
use std::collections::BTreeSet;

const LEARNERS: u64 = 400;
const RESOURCES: u32 = 160;

/// Learners of four tastes, who also look around.
fn simulated(weights: &Weights) -> Joined {
    let mut state = State::new(Shape::default());
    for number in 0..RESOURCES {
        state.number(&format!("r{number}"));
    }
    let mut joined = Joined::new(state, weights);
    for number in 0..RESOURCES {
        joined.put(CatalogueItem {
            id: format!("r{number}"),
            title: format!("资源{number}"),
            provider: format!("p{}", number % 40),
            grants: BTreeSet::from([PUBLIC.to_owned()]),
            published: i64::MIN,
            ..CatalogueItem::default()
        });
    }
    let mut random = fastrand::Rng::with_seed(3);
    for turn in 0..LEARNERS as u32 * 9 {
        let learner = random.u64(0..LEARNERS);
        let own = random.u8(..5) > 0;
        let resource = if own { random.u32(0..RESOURCES / 4) * 4 + (learner % 4) as u32 } else { random.u32(0..RESOURCES) };
        joined.tell(learner << 32, resource, &Deed::of(1_700_000_000 + turn * 600, Verb::Viewed, 0));
    }
    joined.solve(&mut Solver::default(), usize::MAX);
    joined
}

/// What each voice gave to each resource, made anew from the definition: its share of the sum of rows, divided by the largest
/// such sum, and of the column, divided by the largest.
fn given(joined: &Joined, voices: &[Voice], met: &dyn Fn(u32) -> bool) -> Vec<Vec<f32>> {
    let row = |voice: &Voice, number: u32| {
        let lift = joined.facet(number).map_or(0.0, |facet| facet.lift);
        joined.state.row(voice.number).map_or(0.0, |row| row.mass(number) as f32) * voice.weight * lift
    };
    let column = |voice: &Voice, number: u32| {
        joined.ridge.column(number).iter().find(|(other, _)| *other == voice.number).map_or(0.0, |(_, weight)| *weight) * voice.recency
    };
    let heard = |number: &u32| !met(*number) && voices.iter().any(|voice| row(voice, *number) > 0.0);
    let pool: Vec<u32> = (0..RESOURCES).filter(heard).collect();
    let top = |part: &dyn Fn(&Voice, u32) -> f32| {
        let sums = pool.iter().map(|number| voices.iter().map(|voice| part(voice, *number)).sum::<f32>());
        sums.fold(f32::MIN_POSITIVE, f32::max)
    };
    let (rows, columns) = (top(&row), top(&column));
    let share = |voice: &Voice, number: u32| row(voice, number) / rows + column(voice, number) / columns * joined.ridge_share();
    (0..RESOURCES).map(|number| voices.iter().map(|voice| share(voice, number)).collect()).collect()
}

#[test]
fn the_resource_that_a_reason_names_gave_the_most_and_a_trend_more_than_all_of_them() {
    let weights = Weights { ridge: 2.0, trend: 3.0, ..Weights::default() };
    let joined = simulated(&weights);
    let (hot, rows) = (Hot::find(&joined), ContentRows::default());
    let sources = Sources { joined: &joined, hot: &hot, rows: &rows, weights: &weights };
    let viewer = Viewer::new(BTreeSet::from([PUBLIC.to_owned()]));
    let (mut scratch, mut named, mut trending, mut by_ridge) = (Scratch::default(), 0, 0, 0);
    for learner in 0..LEARNERS {
        let entries = joined.state.learners.entries(learner << 32);
        let voices = score::voices(&joined, entries, &weights);
        let given = given(&joined, &voices, &|number| score::has_met(entries, number));
        let list = sources.list(&mut scratch, &viewer, Some(learner << 32), 1_700_000_000_000, 10);
        for RecommendedItem { id, reason, .. } in &list.items {
            let number = joined.state.find(id).unwrap();
            let shares = &given[number as usize];
            let all: f32 = shares.iter().sum();
            let pace = joined.pace();
            let trend = weights.trend * pace.of(&joined.state.popularity(number)) / hot.top;
            if reason.code == "trending" {
                trending += 1;
                assert!(trend >= all - 1e-4, "{learner} {id}: {trend} {all}");
            }
            if reason.code == "because-you-learned" {
                named += 1;
                assert!(trend <= all + 1e-4, "{learner} {id}: {trend} {all}");
                let cause = joined.state.find(reason.resource.as_deref().unwrap()).unwrap();
                let place = voices.iter().position(|voice| voice.number == cause).unwrap();
                let most = shares.iter().copied().fold(f32::MIN, f32::max);
                assert!(shares[place] >= most - 1e-4 * most.abs(), "{learner} {id}: {shares:?} {place}");
                let by_row = |voice: &Voice| joined.state.row(voice.number).map_or(0.0, |row| row.mass(number) as f32 * voice.weight);
                by_ridge += usize::from(voices.iter().any(|voice| by_row(voice) > by_row(&voices[place])));
            }
        }
    }
    assert!(named > 1_000 && trending > 10 && by_ridge > 20, "{named} {trending} {by_ridge}: all kinds were there");
}

#[test]
fn digests_cover_trends_priors_and_since_when_a_resource_is_known() {
    let told = |deeds: &[(u64, u32, Verb, i32)]| {
        let mut state = State::new(Shape::default());
        let resource = state.number("r");
        for (learner, at, verb, value) in deeds {
            state.tell(*learner, resource, &Deed::of(*at, *verb, *value));
        }
        // Learners and the clock alike: what differs is known of the resource.
        (0..4).for_each(|learner| state.learners.forget(learner));
        state.clock = 0;
        state
    };
    let usual = told(&[(1, 900_000, Verb::Viewed, 0), (1, 900_000, Verb::Rated, 4_000)]);
    let digest = usual.digest();
    let others = [
        told(&[(1, 900_000, Verb::Viewed, 0), (1, 900_000, Verb::Rated, 5_000)]),
        told(&[(1, 900_000, Verb::Viewed, 0)]),
        told(&[(1, 900_000, Verb::Completed, 0), (1, 900_000, Verb::Rated, 4_000)]),
        told(&[(1, 820_000, Verb::Viewed, 0), (1, 900_000, Verb::Rated, 4_000)]),
    ];
    assert!(others.iter().all(|other| other.digest() != digest));
    let changed = told(&[(1, 900_000, Verb::Viewed, 0), (1, 900_000, Verb::Rated, 2_000), (1, 900_000, Verb::Rated, 4_000)]);
    assert_eq!(changed.digest(), digest, "a rating that was changed is as if it had been so at first");
}

#[test]
fn what_was_taken_up_before_it_was_published_here_is_not_new() {
    let weights = Weights::default();
    let mut joined = simulated(&weights);
    let now = 1_700_000_000_000 + 600_000 * 9 * LEARNERS as i64;
    let fresh = |id: &str, title: &str| CatalogueItem {
        id: id.to_owned(),
        title: title.to_owned(),
        provider: "new".to_owned(),
        grants: BTreeSet::from([PUBLIC.to_owned()]),
        published: now - 1_000,
        ..CatalogueItem::default()
    };
    let mut old = joined.state.clone();
    let number = old.number("old");
    old.tell(9 << 40, number, &Deed::of(1_600_000_000, Verb::Viewed, 0));
    joined.replace_state(old);
    joined.put(fresh("old", "旧"));
    joined.put(fresh("new", "新"));
    let (hot, rows) = (Hot::find(&joined), ContentRows::default());
    let sources = Sources { joined: &joined, hot: &hot, rows: &rows, weights: &weights };
    let viewer = Viewer::new(BTreeSet::from([PUBLIC.to_owned()]));
    let news = |learner: Option<u64>| {
        let list = sources.list(&mut Scratch::default(), &viewer, learner, now, 20);
        let items = list.items.into_iter().filter(|item| item.reason.code == "new");
        items.map(|item| item.id).collect::<Vec<_>>()
    };
    assert_eq!(news(None), ["new"]);
    assert_eq!(news(Some(1 << 32)), Vec::<String>::new(), "it has nothing in common with what the learner took up");
}
