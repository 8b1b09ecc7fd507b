//! Backup under writes, restore, move and verification, on files.

use super::*;
use crate::domain::blob_ref;
use crate::domain::change::{ChangeSet, Position, Topic};
use crate::domain::digest::Digest;
use crate::domain::job::{Job, JobKind, NewJob};
use crate::domain::record::{Key, Record as _};
use crate::domain::resource::Body;
use crate::domain::time::Timestamp;
use crate::store::engine::EngineKind;
use crate::store::{KINDS, PageRequest, Store, StoreOptions, envelope, keyspace};
use std::path::PathBuf;

fn quiet() -> impl FnMut(Progress) + Send {
    |_| {}
}

async fn open(dir: &Path, engine: EngineKind) -> Store {
    Store::open(StoreOptions { dir: dir.to_owned(), engine }).await.unwrap()
}

fn body(number: usize, text: &str) -> Body {
    Body { resource: format!("r{number:06}"), text: text.to_owned() }
}

/// Records with index rows, large values, facts, blobs that are referred to, and an event log file.
async fn filled(dir: &Path, engine: EngineKind, count: usize) -> (Store, Digest) {
    let store = open(dir, engine).await;
    std::fs::write(dir.join("tmp/blob"), "岳麓").unwrap();
    let (digest, _) = files::hash_file(&dir.join("tmp/blob")).unwrap();
    std::fs::create_dir_all(place(dir, &digest).parent().unwrap()).unwrap();
    std::fs::rename(dir.join("tmp/blob"), place(dir, &digest)).unwrap();
    for first in (0..count).step_by(50) {
        let mut change = ChangeSet::new(format!("fill-{first}"));
        for number in first..first + 50 {
            change.insert(&body(number, &"文".repeat(number % 5000))).unwrap();
            let due = Timestamp::from_millis(number as i64);
            change.queue(NewJob { id: format!("j{number}"), kind: JobKind::Check, subject: String::new(), due }, due).unwrap();
        }
        change.tell(Topic::Resource, format!("r{first:06}"));
        store.commit(change).await.unwrap();
    }
    let mut change = ChangeSet::new("blob");
    blob_ref::refer(&mut change, None, &digest, "bodies/1").unwrap();
    store.commit(change).await.unwrap();
    std::fs::create_dir_all(dir.join("events/keys")).unwrap();
    std::fs::write(dir.join("events/2026-11-22.log"), b"blocks").unwrap();
    std::fs::write(dir.join("events/keys/run"), b"derived").unwrap();
    (store, digest)
}

fn place(dir: &Path, digest: &Digest) -> PathBuf {
    let hex = digest.as_str();
    dir.join("blobs").join(hex.get(..2).unwrap()).join(hex.get(2..4).unwrap()).join(hex)
}

fn everything(dir: &Path) -> VerifyOptions {
    VerifyOptions { kinds: KINDS, blobs: Some(dir.to_owned()), audit: None }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_taken_under_writes_is_the_store_at_one_position() {
    for (from, to) in [(EngineKind::Sled, EngineKind::Redb), (EngineKind::Redb, EngineKind::Sled)] {
        let home = tempfile::tempdir().unwrap();
        let data = home.path().join("data");
        let (store, digest) = filled(&data, from, 500).await;
        // A pair of records that every commit keeps equal, while the backup runs.
        let mut change = ChangeSet::new("pair");
        change.insert(&body(900_001, "0")).unwrap().insert(&body(900_002, "0")).unwrap();
        store.commit(change).await.unwrap();
        let writer = tokio::spawn({
            let store = store.clone();
            async move {
                for round in 1..400u32 {
                    let keys = [body(900_001, "").key(), body(900_002, "").key()];
                    let pair = store.get_many::<Body>(&keys).await.unwrap();
                    let mut change = ChangeSet::new(format!("round-{round}"));
                    for old in pair.iter().flatten() {
                        change.update(old, &Body { text: round.to_string(), ..old.value.clone() }).unwrap();
                    }
                    let job = store.get::<Job>(&Key::from(format!("j{round}").as_str())).await.unwrap().unwrap();
                    change.remove(&job);
                    store.commit(change).await.unwrap();
                }
            }
        });
        let target = home.path().join("backup");
        let options = BackupOptions { data_dir: data.clone(), target: target.clone(), link_blobs: true, events: None };
        let report = store.backup(&options, &mut quiet()).await.unwrap();
        writer.await.unwrap();
        assert_eq!((report.blobs.files, report.events.files), (1, 1));
        assert_eq!(BackupReport::read(&target).unwrap(), report);
        assert!(store.backup(&options, &mut quiet()).await.is_err(), "never over another backup");

        let restored_dir = home.path().join("restored");
        let options = RestoreOptions { backup: target.clone(), data_dir: restored_dir.clone(), engine: Some(to), link_blobs: false };
        let restored = restore(&options, &mut quiet()).await.unwrap();
        assert!(restore(&options, &mut quiet()).await.is_err(), "never over another store");
        let copy = open(&restored_dir, from).await;
        assert_eq!((copy.engine_kind(), copy.head()), (to, report.position));
        assert_eq!(copy.epoch(), restored.epoch);
        assert_ne!(copy.epoch(), store.epoch());
        let found = copy.verify(&everything(&restored_dir), &mut quiet()).await.unwrap();
        assert!(found.is_clean(), "{:?}", found.faults);
        let keys = [body(900_001, "").key(), body(900_002, "").key()];
        let pair = copy.get_many::<Body>(&keys).await.unwrap();
        let texts: Vec<_> = pair.into_iter().flatten().map(|stored| stored.value.text).collect();
        assert_eq!(texts.first(), texts.last());
        let rounds: u64 = texts[0].parse().unwrap();
        assert_eq!(found.records.get("jobs").copied().unwrap(), 500 - rounds, "removed jobs are removed in the copy");
        assert_eq!(copy.get::<Body>(&Key::from("r000499")).await.unwrap().unwrap().value, body(499, &"文".repeat(499)));
        assert_eq!(std::fs::read_to_string(place(&restored_dir, &digest)).unwrap(), "岳麓");
        assert_eq!(copy.facts_after(Position(0), 100).await.unwrap().len(), 10);
        assert!(!restored_dir.join("events/keys").exists());
        copy.commit(ChangeSet::new("goes-on")).await.unwrap();
        copy.close().await.unwrap();
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_damaged_backup_is_refused_and_leaves_no_store() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let (store, digest) = filled(&data, EngineKind::Redb, 50).await;
    let target = home.path().join("backup");
    let options = BackupOptions { data_dir: data.clone(), target: target.clone(), link_blobs: false, events: None };
    store.backup(&options, &mut quiet()).await.unwrap();
    let blob = place(&target, &digest);
    for (number, file) in [target.join("rows.yl"), target.join("events/2026-11-22.log"), blob].into_iter().enumerate() {
        let good = std::fs::read(&file).unwrap();
        let mut bad = good.clone();
        let middle = bad.len() / 2;
        bad[middle] ^= 1;
        std::fs::write(&file, &bad).unwrap();
        let into = home.path().join(format!("into-{number}"));
        let options = RestoreOptions { backup: target.clone(), data_dir: into.clone(), engine: None, link_blobs: false };
        let refused = restore(&options, &mut quiet()).await;
        assert!(matches!(refused, Err(StoreError::Upkeep(_))), "{}: {refused:?}", file.display());
        let opened = Store::open(StoreOptions { dir: into, engine: EngineKind::Redb }).await;
        assert!(matches!(opened, Err(StoreError::Open(why)) if why.contains("interrupted")));
        std::fs::write(&file, good).unwrap();
    }
    std::fs::remove_file(target.join("backup.json")).unwrap();
    assert!(BackupReport::read(&target).is_err());
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_store_moves_there_and_back() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path();
    let (store, _) = filled(dir, EngineKind::Sled, 200).await;
    let (head, epoch) = (store.head(), store.epoch().to_owned());
    assert!(matches!(move_store(dir, EngineKind::Redb, &mut quiet()).await, Err(StoreError::InUse(_))));
    store.close().await.unwrap();
    let there = move_store(dir, EngineKind::Redb, &mut quiet()).await.unwrap();
    assert_eq!((there.from, there.to, there.position), (EngineKind::Sled, EngineKind::Redb, head));
    assert_ne!(there.epoch, epoch);
    assert!(there.old_files.is_dir());
    assert_eq!(there.families.iter().find(|count| count.family == "records").map(|count| count.rows), Some(402));
    let back = move_store(dir, EngineKind::Sled, &mut quiet()).await.unwrap();
    assert_eq!(back.families, there.families);
    assert!(move_store(dir, EngineKind::Sled, &mut quiet()).await.is_err(), "it is there already");
    let store = open(dir, EngineKind::Redb).await;
    assert_eq!((store.engine_kind(), store.head()), (EngineKind::Sled, head));
    let found = store.verify(&everything(dir), &mut quiet()).await.unwrap();
    assert!(found.is_clean(), "{:?}", found.faults);
    store.close().await.unwrap();
}

/// Whether some bytes stand in any file under a folder.
fn holds(folder: &Path, wanted: &str) -> bool {
    let read = |path: PathBuf| std::fs::read(folder.join(path)).unwrap();
    files::walk(folder).unwrap().into_iter().map(read).any(|bytes| memchr::memmem::find(&bytes, wanted.as_bytes()).is_some())
}

#[tokio::test]
async fn what_was_deleted_is_not_in_a_store_that_was_written_anew() {
    for engine in [EngineKind::Sled, EngineKind::Redb] {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path();
        let (store, _) = filled(dir, engine, 100).await;
        let mut change = ChangeSet::new("secret");
        change.insert(&body(700_000, "只有我知道的事")).unwrap().insert(&body(700_001, &"很长的秘密".repeat(3_000))).unwrap();
        store.commit(change).await.unwrap();
        // What is behind them stays, so that the file cannot be cut off there.
        let mut change = ChangeSet::new("behind");
        for number in 800_000..800_010 {
            change.insert(&body(number, &"在后面".repeat(3_000))).unwrap();
        }
        store.commit(change).await.unwrap();
        for number in [700_000, 700_001] {
            let stored = store.get::<Body>(&body(number, "").key()).await.unwrap().unwrap();
            let mut change = ChangeSet::new(format!("delete-{number}"));
            change.remove(&stored);
            store.commit(change).await.unwrap();
        }
        let (head, epoch) = (store.head(), store.epoch().to_owned());
        assert!(matches!(compact_store(dir, &mut quiet()).await, Err(StoreError::InUse(_))));
        store.close().await.unwrap();
        drop(store);
        let secrets = ["只有我知道的事", "很长的秘密很长的秘密"];
        // Some of it may have been written over.
        assert!(secrets.iter().any(|secret| holds(&dir.join("store"), secret)), "{engine} does not wipe what it deletes: that is why");
        std::fs::create_dir_all(dir.join("store/redb.moved-1")).unwrap();
        let report = compact_store(dir, &mut quiet()).await.unwrap();
        assert_eq!((report.engine, report.position), (engine, head));
        assert_eq!(report.old_files, [dir.join("store/redb.moved-1")], "what lies beside is named");
        for secret in secrets {
            assert!(!holds(dir, secret), "{engine}: {secret}");
        }
        // The exchange was cut short at its worst moment: asked again, it begins with the old files.
        let places = dir.join("store").join(engine.name());
        std::fs::rename(&places, places.with_file_name(format!("{engine}.compacted"))).unwrap();
        let options = StoreOptions { dir: dir.to_owned(), engine };
        assert!(Store::open(options).await.is_err_and(|error| error.to_string().contains("store compact")));
        assert_eq!(compact_store(dir, &mut quiet()).await.unwrap().families, report.families);
        let store = open(dir, engine).await;
        assert_eq!((store.head(), store.epoch()), (head, epoch.as_str()));
        let found = store.verify(&everything(dir), &mut quiet()).await.unwrap();
        assert!(found.is_clean(), "{:?}", found.faults);
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn verification_names_what_is_wrong() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path();
    let (store, digest) = filled(dir, EngineKind::Redb, 100).await;
    let clean = store.verify(&everything(dir), &mut quiet()).await.unwrap();
    assert!(clean.is_clean(), "{:?}", clean.faults);
    assert_eq!((clean.records["bodies"], clean.records["jobs"], clean.index_rows, clean.blobs.files), (100, 100, 100, 1));
    assert!(serde_json::to_string(&clean).is_ok());

    let job = |number: usize| keyspace::record("jobs", &Key::from(format!("j{number}").as_str()));
    let row =
        store.engine().range(crate::store::engine::Span::prefix(&keyspace::index("jobs", "ready"), 1)).await.unwrap().rows[0].0.clone();
    let mut torn = store.engine().get(vec![keyspace::record("bodies", &body(7, "").key())]).await.unwrap()[0].clone().unwrap();
    *torn.last_mut().unwrap() ^= 4;
    let writes = vec![
        (keyspace::record("bodies", &body(7, "").key()), Some(torn)),
        (keyspace::record("bodies", &body(8, "").key()), Some(envelope::seal(Position(1), 1, b"{\"text\":\"\",\"resource\":\"r000008\"}"))),
        (keyspace::record("strange", &Key::from("x")), Some(envelope::seal(Position(1), 1, b"{}"))),
        (row, None),
        (job(50), None),
    ];
    store.inner.committer.write(writes).await.unwrap();
    std::fs::write(place(dir, &digest), b"rot").unwrap();
    let missing = Digest::from_bytes(&[1; 32]);
    let mut change = ChangeSet::new("dangling");
    blob_ref::refer(&mut change, None, &missing, "bodies/2").unwrap();
    store.commit(change).await.unwrap();

    let audit: AuditCheck = |_| Box::pin(async { Ok(vec!["a chain is broken".to_owned()]) });
    let options = VerifyOptions { audit: Some(audit), ..everything(dir) };
    let found = store.verify(&options, &mut quiet()).await.unwrap();
    let named: Vec<String> = found.faults.iter().map(|fault| format!("{}: {}: {}", fault.area, fault.place, fault.what)).collect();
    let expected = [
        ("record: bodies/r000007", "checksum"),
        ("record: bodies/r000008", "canonical"),
        ("record: strange/x", "does not know"),
        ("index: jobs/j0", "is missing"),
        ("index: jobs/ready/00000000000000000050", "no record"),
        (&format!("blob: {missing}"), "missing"),
        (&format!("blob: {digest}"), "the bytes have"),
        ("audit", "chain"),
    ];
    for (place, what) in expected {
        assert!(named.iter().any(|line| line.starts_with(place) && line.contains(what)), "{place} … {what} in {named:#?}");
    }
    assert_eq!(found.fault_count, expected.len() as u64, "{named:#?}");
    // A damaged record is an error for its readers, never another value.
    assert!(store.list::<Body>(&Key::default(), PageRequest::first(50)).await.is_err());
    store.close().await.unwrap();
}

#[test]
fn a_file_of_rows_is_read_back() {
    let home = tempfile::tempdir().unwrap();
    let path: PathBuf = home.path().join("rows");
    let rows: Vec<_> = (0..3000u32).map(|n| (n.to_be_bytes().to_vec(), (n % 3 > 0).then(|| vec![7; n as usize]))).collect();
    let mut writer = rows_file::RowsWriter::create(&path).unwrap();
    writer.add(rows.clone()).unwrap();
    let (count, digest) = writer.finish().unwrap();
    let mut reader = rows_file::RowsReader::open(&path).unwrap();
    let mut back = Vec::new();
    while let Some(edits) = reader.next().unwrap() {
        back.extend(edits);
    }
    assert_eq!((count, reader.digest()), (3000, digest));
    assert_eq!(back, rows);
}
