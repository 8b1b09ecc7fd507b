//! What is left when a store is opened again: after closing, after a killed process, with foreign or damaged files.

use super::{Blot, Note, insert, note, open};
use crate::domain::change::{ChangeSet, Position, Topic};
use crate::domain::record::Key;
use crate::store::{EngineKind, PageRequest, Store, StoreError, StoreOptions};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

const KEPT: [EngineKind; 2] = [EngineKind::Sled, EngineKind::Redb];

#[tokio::test]
async fn everything_is_there_after_closing() {
    for kind in KEPT {
        let dir = tempfile::tempdir().unwrap();
        let store = open(dir.path(), kind).await;
        let epoch = store.epoch().to_owned();
        let mut change = insert("1", &[note("a", "x", "1")]);
        change.tell(Topic::Resource, "a");
        change.insert(&Blot { key: vec![9], text: "z".repeat(100_000) }).unwrap();
        store.commit(change.clone()).await.unwrap();
        store.close().await.unwrap();
        assert!(matches!(store.commit(ChangeSet::new("2")).await, Err(StoreError::Unavailable(_))));
        // The engine in force is that of the directory, whatever is asked for.
        let store = open(dir.path(), EngineKind::Memory).await;
        assert_eq!((store.engine_kind(), store.epoch(), store.head()), (kind, epoch.as_str(), Position(1)));
        assert_eq!(store.facts_after(Position(0), 1).await.unwrap()[0].facts[0].id, "a");
        assert_eq!(store.commit(change).await, Ok(Position(1)));
        assert_eq!(store.get::<Blot>(&Key(vec![9])).await.unwrap().unwrap().value.text.len(), 100_000);
        assert_eq!(store.commit(insert("3", &[note("b", "x", "1")])).await, Ok(Position(2)));
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_directory_belongs_to_one_process() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path(), EngineKind::Redb).await;
    let second = Store::open(StoreOptions { dir: dir.path().to_owned(), engine: EngineKind::Redb }).await;
    assert!(matches!(second, Err(StoreError::InUse(_))));
    store.close().await.unwrap();
    open(dir.path(), EngineKind::Redb).await.close().await.unwrap();
}

#[tokio::test]
async fn damaged_files_are_set_aside_with_advice() {
    for (kind, file) in [(EngineKind::Sled, "conf"), (EngineKind::Redb, "store.redb")] {
        let dir = tempfile::tempdir().unwrap();
        open(dir.path(), kind).await.close().await.unwrap();
        let files = dir.path().join("store").join(kind.name());
        std::fs::write(files.join(file), b"this is not what was written").unwrap();
        let options = StoreOptions { dir: dir.path().to_owned(), engine: kind };
        let Err(StoreError::Open(advice)) = Store::open(options.clone()).await else { panic!("{kind} opened") };
        assert!(advice.contains("yuelu restore") && advice.contains("quarantine"), "{advice}");
        assert!(!files.exists());
        // Starting again says what is missing and makes no empty store.
        let Err(StoreError::Open(advice)) = Store::open(options).await else { panic!("{kind} opened") };
        assert!(advice.contains("restore a backup"), "{advice}");
        assert!(!files.exists());
    }
}

/// sled writes these as it opens; a start may be killed in the middle of it.
#[tokio::test]
async fn what_a_start_left_half_written_in_sled_is_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    let files = dir.path().join("store/sled");
    std::fs::create_dir_all(files.join("blobs")).unwrap();
    std::fs::write(files.join("conf"), b"").unwrap();
    for (round, torn) in [&b""[..], b"torn", &[7; 100]].into_iter().enumerate() {
        let store = open(dir.path(), EngineKind::Sled).await;
        assert_eq!(store.head().0, round as u64);
        store.commit(insert(&format!("{round}"), &[note(&format!("{round}"), "x", "")])).await.unwrap();
        store.close().await.unwrap();
        std::fs::write(files.join("snap.7FFFFFFFFFFFFFFF.generating"), torn).unwrap();
    }
    let store = open(dir.path(), EngineKind::Sled).await;
    assert_eq!(store.list::<Note>(&Key::default(), PageRequest::first(9)).await.unwrap().items.len(), 3);
    store.close().await.unwrap();
}

#[tokio::test]
async fn what_a_first_start_left_half_made_of_redb_is_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    let files = dir.path().join("store/redb");
    std::fs::create_dir_all(&files).unwrap();
    std::fs::write(files.join("store.half"), [0; 4096]).unwrap();
    let store = open(dir.path(), EngineKind::Redb).await;
    store.commit(insert("1", &[note("a", "x", "")])).await.unwrap();
    store.close().await.unwrap();
    assert_eq!(std::fs::read_dir(&files).unwrap().count(), 1);
    open(dir.path(), EngineKind::Redb).await.close().await.unwrap();
}

#[tokio::test]
async fn unfinished_files_are_removed_at_start() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("tmp/half")).unwrap();
    std::fs::write(dir.path().join("tmp/half/upload"), b"x").unwrap();
    let store = open(dir.path(), EngineKind::Redb).await;
    assert!(std::fs::read_dir(dir.path().join("tmp")).unwrap().next().is_none());
    store.close().await.unwrap();
}

const CHILD: &str = "YUELU_TEST_STORE_CHILD";

/// Not a test by itself: what the next one starts and kills.
#[expect(clippy::print_stdout, reason = "how the child tells its parent what was acknowledged")]
#[tokio::test]
async fn child_that_is_killed() {
    let Ok(task) = std::env::var(CHILD) else { return };
    let (kind, dir) = task.split_once(':').unwrap();
    let store = open(Path::new(dir), EngineKind::parse(kind).unwrap()).await;
    for number in store.head().0.. {
        let mut change =
            insert(&format!("c{number}"), &[note(&format!("{number:08}/a"), "x", ""), note(&format!("{number:08}/b"), "y", "")]);
        change.insert(&Blot { key: number.to_be_bytes().to_vec(), text: "b".repeat((number as usize * 997) % 30_000) }).unwrap();
        let position = store.commit(change).await.unwrap();
        println!("acknowledged {position}");
    }
}

#[tokio::test]
async fn a_killed_process_loses_nothing_acknowledged() {
    for kind in KEPT {
        let dir = tempfile::tempdir().unwrap();
        let mut acknowledged = 0u64;
        for round in 1..=3u64 {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "store::tests::reopen::child_that_is_killed", "--nocapture", "--test-threads=1"])
                .env(CHILD, format!("{kind}:{}", dir.path().display()))
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let lines = BufReader::new(child.stdout.take().unwrap()).lines();
            let mut heard = 0;
            for line in lines.map_while(Result::ok) {
                if let Some(number) = line.split("acknowledged ").nth(1) {
                    acknowledged = number.trim().parse().unwrap();
                    heard += 1;
                    if heard == 7 * round {
                        child.kill().unwrap();
                    }
                }
            }
            child.wait().unwrap();
            let store = open(dir.path(), kind).await;
            let head = store.head().0;
            assert!(head >= acknowledged && acknowledged > 0, "{kind}: {head} of {acknowledged}");
            let blots = store.list::<Blot>(&Key::default(), PageRequest::first(1000)).await.unwrap().items;
            let notes = store.list_by::<Note>("shelf", &Key::from("x"), PageRequest::first(1000)).await.unwrap().items;
            assert_eq!((blots.len() as u64, notes.len() as u64), (head, head), "{kind}: whole changes, no parts of changes");
            store.close().await.unwrap();
        }
    }
}
