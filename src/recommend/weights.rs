//! The numbers of the blend. Sources: prequential and leave-last-out replays of public logs (MovieLens-100K,
//! MovieTweetings-100K, MOOCCubeX) with the serving code; `evaluate` measures them on the site's own log.

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
    /// Share of the trend beside co-visitation.
    pub trend: f32,
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
            recency: 3.0,
            trend: 0.5,
            series: 0.15,
            relevance: 0.85,
            provider_cap: 4,
            new_every: 10,
            new_days: 60,
            new_learners: 150,
        }
    }
}
