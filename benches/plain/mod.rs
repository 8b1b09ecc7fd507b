//! The plain side of `import`: documents straight into Tantivy, bytes straight into sled.
//!
//! It must do nothing that an import could leave out, and nothing twice: no guards, no feed, no reading back. See `import.rs`
//! for what is measured.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy};
use tantivy::{Index, IndexSettings, IndexWriter};
use yuelu::config::SearchSection;
use yuelu::domain::codes::CodeLists;
use yuelu::domain::inspection::Locator;
use yuelu::domain::record::{Key, Stored, encode};
use yuelu::domain::resource::{Body, Resource};
use yuelu::search::analysis::lexicon::Lexicon;
use yuelu::search::document::{BodyPart, Document};
use yuelu::search::index::WriteOptions;
use yuelu::search::schema::{Fields, tokenizers};
use yuelu::store::{EngineKind, PageRequest, Store, StoreOptions};

/// Resources of one batch, as many as an import commits at once.
const BATCH: usize = 500;

/// A resource with its text, and both as bytes.
struct Prepared {
    resource: Stored<Resource>,
    body: String,
    rows: [(Vec<u8>, Vec<u8>); 2],
}

/// Reads what was imported into `data`, writes it below `target`, prints seconds on the processor and by the clock.
pub fn run(data: &Path, target: &Path) {
    let prepared = tokio::runtime::Runtime::new().expect("a runtime").block_on(prepare(data));
    let (lexicon, codes) = (Arc::new(Lexicon::load(None).expect("language data")), yuelu::search::codes::load(None).expect("code lists"));
    let (mut batches, mut resources) = (Vec::new(), Vec::new());
    for Prepared { resource, body, rows } in prepared {
        if resources.len() % BATCH == 0 {
            batches.push(Vec::new());
        }
        batches.last_mut().expect("a batch").extend(rows);
        resources.push((resource, body));
    }
    let (began, before) = (Instant::now(), cpu());
    std::thread::scope(|scope| {
        scope.spawn(|| write_rows(&target.join("store"), batches));
        index(&target.join("index"), resources, &lexicon, &codes);
    });
    println!("{} {}", cpu() - before, began.elapsed().as_secs_f64());
}

async fn prepare(data: &Path) -> Vec<Prepared> {
    let store = Store::open(StoreOptions { dir: data.to_owned(), engine: EngineKind::Sled }).await.expect("the imported store");
    let (mut prepared, mut cursor) = (Vec::new(), None);
    loop {
        let page = store.list::<Resource>(&Key::default(), PageRequest::first(1_000).after(cursor)).await.expect("resources");
        let keys: Vec<Key> = page.items.iter().map(|stored| Key::from(stored.value.id.as_str())).collect();
        let bodies = store.get_many::<Body>(&keys).await.expect("bodies");
        for (resource, body) in page.items.into_iter().zip(bodies) {
            let (body, id) = (body.expect("a body").value, resource.value.id.as_bytes());
            let rows = [
                ([b"r", id].concat(), encode(&resource.value).expect("a record")),
                ([b"b", id].concat(), encode(&body).expect("a record")),
            ];
            prepared.push(Prepared { resource, body: body.text, rows });
        }
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    store.close().await.expect("the store closes");
    prepared
}

fn index(dir: &Path, resources: Vec<(Stored<Resource>, String)>, lexicon: &Arc<Lexicon>, codes: &CodeLists) {
    std::fs::create_dir_all(dir).expect("a folder");
    let fields = Fields::declare();
    let settings = IndexSettings { docstore_blocksize: 4_096, ..IndexSettings::default() };
    let builder = Index::builder().schema(fields.schema.clone()).settings(settings).tokenizers(tokenizers(lexicon));
    let index = builder.create_in_dir(dir).expect("an index");
    let threads = WriteOptions::default().threads;
    let memory = ((SearchSection::default().writer_memory_mb as usize) << 20) / threads;
    let options = IndexWriterOptions::builder().num_worker_threads(threads).memory_budget_per_thread(memory).num_merge_threads(1).build();
    let mut writer: IndexWriter = index.writer_with_options(options).expect("a writer");
    let mut policy = LogMergePolicy::default();
    policy.set_min_num_segments(6);
    writer.set_merge_policy(Box::new(policy));
    for (resource, text) in resources {
        let body = vec![BodyPart { file: None, locator: Locator::Whole, text }];
        writer.add_document(Document::of(&resource, body, codes).into_tantivy(&fields, lexicon)).expect("a document goes in");
    }
    writer.commit().expect("a commit");
}

fn write_rows(dir: &Path, batches: Vec<Vec<(Vec<u8>, Vec<u8>)>>) {
    let config = sled::Config::new().path(dir).cache_capacity(48 << 20).mode(sled::Mode::HighThroughput);
    let tree = config.open().expect("sled opens");
    let file = std::fs::File::open(dir.join("db")).expect("its file");
    for rows in batches {
        let mut batch = sled::Batch::default();
        rows.into_iter().for_each(|(key, value)| batch.insert(key, value));
        tree.apply_batch(batch).expect("a batch goes in");
        tree.flush().expect("a flush");
        file.sync_all().expect("a sync");
    }
}

/// Seconds on the processor of all threads of this process.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = |place: usize| rest.split_whitespace().nth(place).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}
