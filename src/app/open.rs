//! Opening a data directory and making the services over it.

use super::likeness::ByIndex;
use super::meaning;
use super::space;
use super::ways;
use super::workers::Workers;
use crate::accounts::Accounts;
use crate::blob::Blobs;
use crate::catalog::Catalog;
use crate::clock::Clock;
use crate::config::{Config, EngineName};
use crate::discover::Discover;
use crate::discover::teach::{dictionary_words, entries};
use crate::domain::codes::CodeLists;
use crate::gateway::hook::Hooks;
use crate::http::{self, House, Site, house::Figures};
use crate::ingest::Ingest;
use crate::learning::{Learning, LearningRules};
use crate::media::{Media, Tools};
use crate::notices::{NoticeOptions, Notices};
use crate::operations::ready::Tool;
use crate::operations::{Operations, Pulse, Upkeep};
use crate::portal::{self, Face, Labels, Rooms};
use crate::recommend::{Keeping, Recommender, RecommenderOptions, Shape, Weights};
use crate::rules::RuleSet;
use crate::search;
use crate::search::analysis::lexicon::Lexicon;
use crate::search::index::{SearchIndex, WriteOptions};
use crate::store::events::{EventLog, EventLogOptions, SiteKey};
use crate::store::{EngineKind, Store, StoreError, StoreOptions};
use crate::telemetry;
use crate::vetting::{Vetting, verify_ledgers};
use anyhow::Context as _;
use axum::Router;
use futures::future::BoxFuture;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// An open house: services over a data directory that nobody else has open.
pub struct App {
    /// Everything that is served.
    pub router: Router,
    /// The record store.
    pub store: Store,
    workers: Workers,
}

impl App {
    /// Opens the data directory and starts the workers. `demo_allowed`: whether accounts of the demonstration may act.
    ///
    /// # Errors
    /// What stands in the way, with what to do.
    pub async fn open(config: &Config, clock: Clock, demo_allowed: bool) -> anyhow::Result<Self> {
        let engine = match config.store.engine {
            EngineName::Sled => EngineKind::Sled,
            EngineName::Redb => EngineKind::Redb,
            EngineName::Memory => EngineKind::Memory,
        };
        let store = Store::open(StoreOptions { dir: config.data_dir.clone(), engine }).await?;
        let look = space::look_at(&config.data_dir, config.store.reserve_mb);
        store.keep_reserve(Arc::clone(&look));
        let blobs = Blobs::open(&config.data_dir).context("the folder of blobs cannot be opened")?.with_reserve(Arc::clone(&look));
        let codes = search::codes::load(config.search.index_data.as_deref()).context("the code lists cannot be read")?;
        let media = looking_into_files(config);
        let rules = standards(config.rules_dir.as_deref())?.converting(media.tools().makeable());
        let (codes, rules) = (Arc::new(codes), Arc::new(rules));
        let discover = discover(config, &store, &blobs, &codes, &clock).await?;
        let (recommender, log) = learned(config, &clock, &discover, &codes).await?;
        log.keep_reserve(look);
        let pulse = Pulse::default();
        let upkeep = Upkeep { data_dir: config.data_dir.clone(), events: log.clone(), audit: check_ledgers };
        let operations =
            Operations::new(store.clone(), clock.clone(), pulse.clone(), Arc::clone(&codes), upkeep).with_tools(told_tools(&media));
        let (figures, state) = (telemetry::metrics(), operations.clone());
        let notices = told(config, &store, &clock, &rules)?;
        let house = House {
            accounts: Accounts::new(store.clone(), clock.clone(), demo_allowed),
            operations,
            catalog: Catalog::new(store.clone(), blobs.clone(), clock.clone(), Arc::clone(&codes)),
            notices,
            ingest: Ingest::new(store.clone(), blobs.clone(), clock.clone(), media, Arc::clone(&rules), Arc::clone(&codes)),
            vetting: Vetting::new(store.clone(), blobs, clock.clone(), rules, Arc::clone(&codes)),
            discover,
            learning: Learning::new(log, Arc::new(recommender.clone()), store.clone(), clock.clone(), learning_rules(config)?, codes),
            recommender,
            limits: Arc::new(config.limits.clone()),
            figures: Figures(Arc::new(move || {
                telemetry::measure(&state.readiness());
                figures.render()
            })),
            site: Arc::new(site(config)?),
        };
        house.learning.recall_choices().await.context("what learners chose cannot be read")?;
        house.learning.recall_protections().await.context("how learners are protected cannot be read")?;
        let workers = Workers::start(config, &house, &store, &clock, &pulse).await?;
        let pages = portal::router(rooms(&house), &config.limits);
        Ok(Self { router: http::router(house, pages, &config.limits), store, workers })
    }

    /// Stops the workers and closes the store.
    ///
    /// # Errors
    /// When the store cannot be closed cleanly; nothing acknowledged is lost by that.
    pub async fn close(self) -> anyhow::Result<()> {
        let Self { router, store, workers } = self;
        workers.stop().await;
        // The last handle on the event log closes it.
        drop(router);
        store.close().await.context("the store did not close cleanly")
    }
}

/// What the web pages are made with.
fn rooms(house: &House) -> Rooms {
    Rooms {
        accounts: house.accounts.clone(),
        vetting: house.vetting.clone(),
        ingest: house.ingest.clone(),
        notices: house.notices.clone(),
        catalog: house.catalog.clone(),
        discover: house.discover.clone(),
        operations: house.operations.clone(),
        learning: house.learning.clone(),
        recommender: house.recommender.clone(),
        labels: Arc::new(Labels::new(house.operations.code_lists())),
        limits: Arc::clone(&house.limits),
        face: Arc::new(Face { name: house.site.name.clone(), is_secure: house.site.is_secure() }),
    }
}

/// The machine checks over a folder that is thrown away, by the standards in force.
pub(super) fn trial(config: &Config, folder: &Path) -> anyhow::Result<Ingest> {
    let codes = search::codes::load(config.search.index_data.as_deref()).context("the code lists cannot be read")?;
    let media = looking_into_files(config);
    let rules = Arc::new(standards(config.rules_dir.as_deref())?.converting(media.tools().makeable()));
    let blobs = Blobs::open(folder).context("the temporary folder cannot be used")?;
    Ok(Ingest::new(Store::memory(), blobs, Clock::system(), media, rules, Arc::new(codes)))
}

/// The audit chains, as verification of the store asks for them.
fn check_ledgers(store: Store) -> BoxFuture<'static, Result<Vec<String>, StoreError>> {
    Box::pin(async move {
        let report = verify_ledgers(&store).await.map_err(|problem| StoreError::Unavailable(problem.to_string()))?;
        Ok(report.faults)
    })
}

/// The search index and who may see what in it.
async fn discover(config: &Config, store: &Store, blobs: &Blobs, codes: &Arc<CodeLists>, clock: &Clock) -> anyhow::Result<Discover> {
    let words = dictionary_words(&entries(store).await?);
    let (folder, root) = (config.search.index_data.clone(), config.data_dir.join("index"));
    let usual = WriteOptions::default();
    let bytes = (config.search.writer_memory_mb as usize) << 20;
    let options = WriteOptions { memory_per_thread: (bytes / usual.threads.max(1)).max(15 << 20), ..usual };
    let opening = tokio::task::spawn_blocking(move || {
        let lexicon = Lexicon::load_with(folder.as_deref(), &words).context("the language data cannot be read")?;
        SearchIndex::open(&root, Arc::new(lexicon), options)
            .context("the search index cannot be opened; delete `index` in the data directory")
    });
    let discover = Discover::new(opening.await??, store.clone(), blobs.clone(), Arc::clone(codes), clock.clone());
    discover.learn_words().await?;
    Ok(match &config.embedding {
        Some(section) => discover.with_meaning(meaning::open(section, &config.data_dir)?),
        None => discover,
    })
}

/// The event log, and what was learned from it.
async fn learned(config: &Config, clock: &Clock, discover: &Discover, codes: &CodeLists) -> anyhow::Result<(Recommender, EventLog)> {
    let dir = config.data_dir.join("events");
    let folder = config.data_dir.join("recommend");
    let (snapshot, section) = (Some(folder.join("state")), &config.recommendation);
    let (groups, experiments) = (section.groups(codes)?, section.experiments());
    let weights = blend(config)?;
    let served = Some(Keeping { dir: folder.join("served"), days: section.keep_lists_days });
    let (clock, likeness) = (clock.clone(), Arc::new(ByIndex(discover.clone())));
    let opening = tokio::task::spawn_blocking(move || {
        let key = SiteKey::open(&dir)?;
        let shape = Shape::default();
        let recommender = Recommender::new(RecommenderOptions {
            snapshot,
            key,
            clock: clock.clone(),
            likeness,
            shape,
            weights,
            groups,
            experiments,
            served,
        });
        let log = EventLog::open(EventLogOptions { dir, clock }, Arc::new(recommender.clone()))?;
        anyhow::Ok((recommender, log))
    });
    opening.await?.context("the event log cannot be opened")
}

/// The weights of recommendations: the built-in ones, or those that were tuned on this site.
fn blend(config: &Config) -> anyhow::Result<Weights> {
    let usual = config.data_dir.join("recommend").join("weights.toml");
    let file = config.recommendation.weights.clone().or_else(|| usual.is_file().then_some(usual));
    let read = |file: PathBuf| Weights::load(&file).map_err(|fault| anyhow::anyhow!("{}: {fault}", file.display()));
    file.map_or_else(|| Ok(Weights::default()), read)
}

/// The rules of learning: the built-in ones, or those of a folder.
fn learning_rules(config: &Config) -> anyhow::Result<LearningRules> {
    let read = LearningRules::load(config.learning_rules_dir.as_deref());
    read.map_err(|fault| anyhow::anyhow!("learning_rules_dir: {fault}"))
}

/// Notices, and the ways by which they leave the house.
fn told(config: &Config, store: &Store, clock: &Clock, rules: &RuleSet) -> anyhow::Result<Notices> {
    let hooks = Hooks::new(config.notices.webhooks_inside).context("webhooks cannot be called")?;
    let (keep_days, site_name, base_url) = (config.notices.keep_days, config.site.name.clone(), config.site.base_url.clone());
    let options = NoticeOptions { keep_days, site_name, base_url, calendar: rules.calendar().clone() };
    Ok(Notices::new(store.clone(), clock.clone(), ways::open(config)?, hooks, options))
}

/// The vetting standards: the built-in ones, or those of a folder.
fn standards(folder: Option<&Path>) -> anyhow::Result<RuleSet> {
    let read = folder.map_or_else(RuleSet::builtin, RuleSet::from_folder);
    read.map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("rules_dir: the vetting standards are not sound:\n{}", lines.join("\n"))
    })
}

/// Files of strangers are read in child processes of this program, where it is this program that runs.
fn looking_into_files(config: &Config) -> Media {
    Media::here(Tools::find()).with_longest_conversion(Duration::from_secs(u64::from(config.conversion.longest_seconds)))
}

/// The programs of others, as those who run the site see them.
fn told_tools(media: &Media) -> Vec<Tool> {
    let told = media.tools().report().into_iter();
    told.map(|tool| Tool { name: tool.name.to_owned(), found: tool.found, about: tool.about.to_owned() }).collect()
}

fn site(config: &Config) -> anyhow::Result<Site> {
    let picture = |path: &std::path::PathBuf| -> anyhow::Result<_> {
        let bytes = std::fs::read(path).with_context(|| format!("site.logo: {} cannot be read", path.display()))?;
        let media_type = mime_guess::from_path(path).first_or_octet_stream();
        anyhow::ensure!(media_type.type_() == mime_guess::mime::IMAGE, "site.logo: {} is no picture", path.display());
        Ok((media_type.to_string(), bytes.into()))
    };
    let logo = config.site.logo.as_ref().map(picture).transpose()?;
    Ok(Site { name: config.site.name.clone(), base_url: config.site.base_url.clone(), logo })
}
