//! The numbers of the blend, and what each rests on.
//!
//! `popularity`, `relevance`, `provider_cap`, `new_every` and `new_learners` are the middle of the ranges that published
//! measurements of such blends give (popularity exponent 0.45; MMR 0.8 to 0.9 with a cap of 3 to 4; one or two places in
//! twenty for new work, which fades over 100 to 200 events).
//!
//! `recency`, `row`, `smoothing`, `trend` and, in the state, `backward`, `reach` and `trend_days` were chosen one after the
//! other on the *training* parts of three public logs, the held-out parts cut off first (`YUELU_TRAINING` of the bench
//! `recommend_quality`): prequential replay of what `temporal` and `leave-last-out` train on for MovieLens-100K and
//! MovieTweetings-100K, leave-last-out of what `leave-last-out` trains on for MOOCCubeX, which has no clock. The measure was
//! the mean logarithm of NDCG@10 over the sets; steps of less than about 0.01 are noise there, and then the value that costs
//! less or shows more of the catalogue stands: `recency` 2 (3: -0.008, 5: -0.05), `row` 0.5 (0.3: -0.02, 0.7: the same),
//! `smoothing` 2 (8: +0.01, but a tenth less of the catalogue shown), `trend` 0.5 to 0.75 alike on the two sets with a clock
//! (what fits a site depends on its drift), `backward` 64 (0: -0.02, 128: -0.01, 256: -0.05), `reach` 2 (1: -0.04, 4: +0.02
//! at half as much work again), `trend_days` 1 to 4 alike (7: -0.02), of which 4, since small sites have few events a day.
//! `evaluate` measures the blend on the site's own log.

/// How sources are blended. Nothing here changes the state: any weights can be tried on one state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights {
    /// Popularity correction: a score is divided by (learners + `smoothing`) to this power.
    pub popularity: f32,
    /// The same for the resource a row belongs to.
    pub row: f32,
    /// Learners added to every count before the corrections, so that rare resources do not win by chance.
    pub smoothing: f32,
    /// The weight of a profile's resource halves every so many places.
    pub recency: f32,
    /// Share of neighbourhood ridge beside co-visitation.
    pub ridge: f32,
    /// Share of the trend beside co-visitation.
    pub trend: f32,
    /// In the trend, weight of takings a day with a half-life of one day,
    pub trend_day: f32,
    /// of a week,
    pub trend_week: f32,
    /// of a month.
    pub trend_month: f32,
    /// How much more co-visitation is believed of what learners finish and rate well.
    pub quality: f32,
    /// Bonus for the same series as one of the latest three.
    pub series: f32,
    /// Relevance against difference from what is already in the list (MMR), 0 to 1.
    pub relevance: f32,
    /// Most items of one provider in ten.
    pub provider_cap: usize,
    /// One of so many places is for new work; 0 for none.
    pub new_every: usize,
    /// Work is new for so many days
    pub new_days: i64,
    /// and until so many learners took it up.
    pub new_learners: u32,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            popularity: 0.45,
            row: 0.5,
            smoothing: 2.0,
            recency: 2.0,
            ridge: 1.0,
            trend: 0.5,
            trend_day: 1.0,
            trend_week: 1.0,
            trend_month: 0.0,
            quality: 0.0,
            series: 0.15,
            relevance: 0.85,
            provider_cap: 4,
            new_every: 10,
            new_days: 60,
            new_learners: 150,
        }
    }
}
