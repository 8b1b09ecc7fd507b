//! What the serving code is worth on this site's own log (see [`super::evaluate`]).

use super::catalogue::CatalogueItem;
use super::evaluate::{GroupExposure, Protocol, Report, Sample, Tuned, evaluate, tune};
use super::service::Recommender;
use crate::domain::access::{Actor, OrgPath, PUBLIC, Role};
use crate::domain::problem::Problem;
use crate::store::events::Batch;
use std::collections::{BTreeSet, HashMap};

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
        let one = |protocol: &Protocol| {
            let report = evaluate(&sample, &catalogue, *protocol, self.inner.shape, &self.inner.weights, lists);
            Report { groups: self.named(report.groups), ..report }
        };
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

    /// The declared groups by their names; those of which nothing was shown or taken up, too.
    fn named(&self, found: Vec<GroupExposure>) -> Vec<GroupExposure> {
        let groups = self.inner.shares.groups().iter().zip(1..);
        let named = groups.map(|(declared, group)| {
            let exposure = found.iter().find(|one| one.group == group).cloned().unwrap_or_default();
            GroupExposure { group, name: declared.name.clone(), share: declared.share, ..exposure }
        });
        named.collect()
    }

    /// The served catalogue, all of it public: the figures are of the whole site. Features and series are kept as numbers only,
    /// which are as good where they are only compared.
    fn described(&self) -> Vec<CatalogueItem> {
        self.inner.read(|joined| {
            let (categories, providers) = (joined.catalogue.named("category:"), joined.catalogue.named("provider:"));
            let name =
                |names: &HashMap<u32, &str>, number: u32| names.get(&number).map_or_else(|| number.to_string(), |name| (*name).to_owned());
            let slots = 0..joined.catalogue.slots();
            let served = slots.filter_map(|slot| joined.catalogue.get(slot)).filter(|item| item.gate > 0);
            let described = served.map(|item| CatalogueItem {
                id: item.id.to_string(),
                title: item.title.to_string(),
                provider: name(&providers, item.provider),
                category: name(&categories, item.category),
                series: (item.series > 0).then(|| item.series.to_string()),
                features: item.features.iter().map(u32::to_string).collect(),
                grants: BTreeSet::from([PUBLIC.to_owned()]),
                published: item.published,
                groups: item.groups,
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
    use crate::domain::event::Verb;
    use crate::domain::time::Timestamp;
    use crate::recommend::{Group, RecommenderOptions};
    use crate::store::events::{Act, Row, SiteKey};

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

    #[test]
    fn exposure_is_told_by_the_declared_groups_and_by_provider() {
        let dir = tempfile::tempdir().unwrap();
        let key = SiteKey::open(dir.path()).unwrap();
        let group = |code: &str| Group {
            name: code.to_owned(),
            share: 0.1,
            ethnic_groups: vec![code.to_owned()],
            regions: Vec::new(),
            owners: Vec::new(),
        };
        let options = RecommenderOptions { groups: vec![group("06"), group("15")], ..RecommenderOptions::plain(key, Clock::system()) };
        let recommender = Recommender::new(options);
        for number in 0..40 {
            let (people, provider) = if number % 4 == 0 { ("15", "山乡") } else { ("01", "省馆") };
            recommender.put(CatalogueItem {
                id: format!("r{number}"),
                provider: provider.to_owned(),
                category: "culture".to_owned(),
                features: [format!("ethnic:{people}")].into(),
                grants: [PUBLIC.to_owned()].into(),
                ..CatalogueItem::default()
            });
        }
        let mut random = fastrand::Rng::with_seed(3);
        let row = |turn: u64| Row {
            resource: random.u32(0..20),
            at: 1_600_000_000_000 + turn as i64 * 60_000,
            ..Row::blank(turn, turn % 100 + 1, Act::Did(Verb::Viewed))
        };
        let rows = (0..3_000).map(row).collect();
        let resources = (0..20).map(|place| format!("r{}", place * 2)).collect();
        let log = std::iter::once(Ok(Batch { received: Timestamp::from_millis(1_700_000_000_000), resources, rows }));
        let report = recommender.appraise(&Actor::system(), log, &[Protocol::Temporal], 100).unwrap().remove(0);
        let [none, some] = [0, 1].map(|place| &report.groups[place]);
        assert_eq!((none.group, none.name.as_str(), none.share, none.shown), (1, "06", 0.1, 0.0));
        // Every second of the even numbers.
        assert!((some.taken - 0.5).abs() < 0.1 && some.shown > 0.2 && some.shown < 0.8, "{some:?}");
        let names: std::collections::BTreeSet<&str> = report.providers.iter().map(|one| one.provider.as_str()).collect();
        assert_eq!(names, ["山乡", "省馆"].into());
        assert!((report.providers.iter().map(|one| one.shown).sum::<f64>() - 1.0).abs() < 1e-9);
        assert!(report.providers.is_sorted_by(|left, right| left.shown >= right.shown));
    }
}
