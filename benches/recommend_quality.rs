//! Quality of recommendations on a log of one's own: `YUELU_RATINGS=ratings.tsv cargo bench --bench recommend_quality`.
//!
//! The file has a line per event, tab-separated: learner, resource, rating, seconds since 1970. `YUELU_POSITIVE` (default 0)
//! is the lowest rating that counts; `YUELU_WEIGHTS` (`name=value,…`) changes weights and shape; `YUELU_PROTOCOLS` (default
//! all) names protocols; `YUELU_TRAINING` (protocols, none by default) keeps only what all of these train on, which is what
//! numbers may be chosen on; `YUELU_LISTS` (default 10000) bounds the lists asked for; `YUELU_TUNE` (a protocol) tunes the
//! weights first, on what that protocol trains on.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::panic,
    reason = "a measuring program prints, and stops at what it cannot read"
)]

use std::env::var;
use std::hash::{DefaultHasher, Hash, Hasher};
use yuelu::recommend::evaluate::{Figures, Protocol, Sample, evaluate, tune};
use yuelu::recommend::{Shape, Weights};

fn main() {
    let Ok(path) = var("YUELU_RATINGS") else {
        println!("recommend_quality: no YUELU_RATINGS given, nothing to measure");
        return;
    };
    let number = |name: &str, default: f64| var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let sample = read(&path, number("YUELU_POSITIVE", 0.0));
    let sample = match var("YUELU_TRAINING").unwrap_or_default().split(',').collect::<Vec<_>>().as_slice() {
        [""] => sample,
        parts => Protocol::ALL.iter().filter(|part| parts.contains(&part.code())).fold(sample, |rest, part| rest.training(*part)),
    };
    let lists = number("YUELU_LISTS", 10_000.0) as usize;
    let protocols = var("YUELU_PROTOCOLS").unwrap_or_else(|_| "temporal,leave-last-out,prequential".to_owned());
    println!("{path}: {} takings, {} resources", sample.takings.len(), sample.ids.len());
    for setting in var("YUELU_WEIGHTS").unwrap_or_default().split(';') {
        let (shape, mut weights) = settings(setting);
        println!("[{setting}]");
        for part in Protocol::ALL.iter().filter(|part| var("YUELU_TUNE").is_ok_and(|name| name == part.code())) {
            let tuned = tune(&sample.training(*part), &[], shape, &weights);
            println!("{}{} replays; before {}\nafter {}", tuned.as_file(), tuned.trials, line(&tuned.before), line(&tuned.after));
            for weight in &tuned.weights {
                weights.at(&weight.name).into_iter().for_each(|value| *value = weight.after);
            }
        }
        for protocol in Protocol::ALL.into_iter().filter(|protocol| protocols.contains(protocol.code())) {
            let report = evaluate(&sample, &[], protocol, shape, &weights, lists);
            println!("{:15} {:6} lists  model {}", report.protocol, report.lists, line(&report.model));
            if var("YUELU_BASELINES").is_ok() {
                let week = report.last_week.unwrap_or_default();
                let sides = [
                    ("popularity", report.popularity),
                    ("recent", report.recent_popularity),
                    ("item-knn", report.neighbours),
                    ("last week", week),
                ];
                sides.iter().for_each(|(name, figures)| println!("{:15} {name:12} {}", "", line(figures)));
            }
        }
    }
}

fn line(figures: &Figures) -> String {
    let Figures { ndcg_at_10, ndcg_error, recall_at_20, hit_at_10, coverage_at_10, gini_at_10, tail_at_10, freshness_at_10 } = figures;
    format!(
        "ndcg@10 {ndcg_at_10:.4} ±{ndcg_error:.4} recall@20 {recall_at_20:.4} hit@10 {hit_at_10:.4} coverage@10 {coverage_at_10:.4} gini@10 {gini_at_10:.3} tail@10 {tail_at_10:.3} freshness@10 {freshness_at_10:.4}"
    )
}

fn settings(text: &str) -> (Shape, Weights) {
    let (mut shape, mut weights) = (Shape::default(), Weights::default());
    for (name, value) in text.split(',').filter_map(|pair| pair.split_once('=')) {
        let value: f32 = value.parse().expect("a number");
        match name.trim() {
            "covisit" => shape.covisit_days = value as u32,
            "reach" => shape.reach = value as u32,
            "backward" => shape.backward = value as u32,
            "provider_cap" => weights.provider_cap = value as usize,
            "new_every" => weights.new_every = value as usize,
            other => *weights.at(other).unwrap_or_else(|| panic!("there is no weight {other}")) = value,
        }
    }
    (shape, weights)
}

fn read(path: &str, positive: f64) -> Sample {
    let text = std::fs::read_to_string(path).expect("the file of ratings");
    let mut rows: Vec<(u32, &str, &str)> = text
        .lines()
        .filter_map(|line| {
            let mut cells = line.split('\t');
            let (learner, resource) = (cells.next()?, cells.next()?);
            let rating: f64 = cells.next()?.parse().ok()?;
            let at: f64 = cells.next()?.parse().ok()?;
            (rating >= positive).then_some((at as u32, learner, resource))
        })
        .collect();
    rows.sort();
    let mut sample = Sample::default();
    for (at, learner, resource) in rows {
        let mut hasher = DefaultHasher::new();
        learner.hash(&mut hasher);
        sample.add(hasher.finish(), resource, at);
    }
    sample.sort();
    sample
}
