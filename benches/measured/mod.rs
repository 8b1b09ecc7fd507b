//! What the measuring programs of search and import share: a catalogue made from a seed, queries to ask of it, and the
//! figures of processes.
//!
//! Nothing here may be timed: it makes what is measured and reads the counters. `catalogue` makes rows and queries,
//! `process` starts programs and reads what they took.

pub mod catalogue;
pub mod process;

/// The median of some figures; 0 of none.
pub fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    match (sorted.len() / 2, sorted.len() % 2) {
        (0, 0) => 0.0,
        (half, 0) => (sorted[half - 1] + sorted[half]) / 2.0,
        (half, _) => sorted[half],
    }
}

/// `median (least to most)` with so many digits.
pub fn spread(figures: &[f64], digits: usize) -> String {
    let least = figures.iter().copied().fold(f64::INFINITY, f64::min);
    let most = figures.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    format!("{:.digits$} ({least:.digits$} to {most:.digits$})", median(figures))
}

/// A number from the environment.
pub fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}
