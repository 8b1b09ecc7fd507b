//! What the serving code is worth on this site's own log (see [`super::evaluate`]).

use super::catalogue::CatalogueItem;
use super::evaluate::{Protocol, Report, Sample, Tuned, evaluate, tune};
use super::service::Recommender;
use crate::domain::access::{Actor, OrgPath, PUBLIC, Role};
use crate::domain::problem::Problem;
use crate::store::events::Batch;
use std::collections::BTreeSet;

/// Most lists asked for by one protocol.
pub const MOST_LISTS: usize = 20_000;

impl Recommender {
    /// Replays a log by each of these protocols, with at most `lists` lists each. Takes minutes on a large log, and reads
    /// nothing of the live state but the catalogue.
    ///
    /// # Errors
    /// Forbidden but for administrators and auditors of the whole site; what reading the log fails with.
    pub fn appraise(
        &self,
        actor: &Actor,
        log: impl Iterator<Item = Result<Batch, Problem>>,
        protocols: &[Protocol],
        lists: usize,
    ) -> Result<Vec<Report>, Problem> {
        let (sample, catalogue) = (read(actor, log)?, self.described());
        let lists = lists.clamp(1, MOST_LISTS);
        let one = |protocol: &Protocol| evaluate(&sample, &catalogue, *protocol, self.inner.shape, &self.inner.weights, lists);
        Ok(protocols.iter().map(one).collect())
    }

    /// The weights that fit a log best (see [`super::evaluate::tune`]); those in force stay. Of the log only what `leave-last-out`
    /// trains on is looked at, so that they may be judged by it.
    ///
    /// # Errors
    /// As [`Self::appraise`].
    pub fn tune(&self, actor: &Actor, log: impl Iterator<Item = Result<Batch, Problem>>) -> Result<Tuned, Problem> {
        let sample = read(actor, log)?.training(Protocol::LeaveLastOut);
        Ok(tune(&sample, &self.described(), self.inner.shape, &self.inner.weights))
    }

    /// The served catalogue, all of it public: the figures are of the whole site. Names are kept as numbers only, which are
    /// as good where they are only compared.
    fn described(&self) -> Vec<CatalogueItem> {
        self.inner.read(|joined| {
            let names = joined.catalogue.categories();
            let slots = 0..joined.catalogue.slots();
            let served = slots.filter_map(|slot| joined.catalogue.get(slot)).filter(|item| item.gate > 0);
            let described = served.map(|item| CatalogueItem {
                id: item.id.to_string(),
                title: item.title.to_string(),
                provider: item.provider.to_string(),
                category: names.get(&item.category).map_or_else(|| item.category.to_string(), |name| (*name).to_owned()),
                series: (item.series > 0).then(|| item.series.to_string()),
                features: item.features.iter().map(u32::to_string).collect(),
                grants: BTreeSet::from([PUBLIC.to_owned()]),
                published: item.published,
                ..CatalogueItem::default()
            });
            described.collect()
        })
    }
}

/// What a log holds, for those who may evaluate it.
fn read(actor: &Actor, log: impl Iterator<Item = Result<Batch, Problem>>) -> Result<Sample, Problem> {
    if !actor.has(&[Role::Administrator, Role::Auditor], &OrgPath::root()) {
        return Err(Problem::forbidden());
    }
    let mut sample = Sample::default();
    for batch in log {
        sample.read(&batch?);
    }
    sample.sort();
    Ok(sample)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::recommend::RecommenderOptions;
    use crate::store::events::SiteKey;

    #[test]
    fn only_those_who_run_the_site_may_ask() {
        let dir = tempfile::tempdir().unwrap();
        let key = SiteKey::open(dir.path()).unwrap();
        let recommender = Recommender::new(RecommenderOptions::plain(key, Clock::system()));
        let none = || std::iter::empty::<Result<Batch, Problem>>();
        assert!(recommender.appraise(&Actor::visitor(), none(), &Protocol::ALL, 10).is_err());
        assert!(recommender.tune(&Actor::visitor(), none()).is_err());
        let reports = recommender.appraise(&Actor::system(), none(), &Protocol::ALL, 10).unwrap();
        assert_eq!(reports.iter().map(|report| report.lists).collect::<Vec<_>>(), [0, 0, 0]);
    }
}
