//! One suite for every engine: what `engine::Engine` means.

use super::{Blot, Note, insert, note, open};
use crate::domain::change::{ChangeSet, Position, Topic};
use crate::domain::record::{Key, Record as _, Stored};
use crate::domain::time::Timestamp;
use crate::store::{EngineKind, PageRequest, Store, StoreError};

macro_rules! on_every_engine {
    ($($check:ident),+ $(,)?) => {
        on_engine!(sled, EngineKind::Sled, $($check),+);
        on_engine!(redb, EngineKind::Redb, $($check),+);
        on_engine!(memory, EngineKind::Memory, $($check),+);
    };
}

macro_rules! on_engine {
    ($engine:ident, $kind:expr, $($check:ident),+) => {
        mod $engine {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $check() {
                let dir = tempfile::tempdir().unwrap();
                let store = open(dir.path(), $kind).await;
                super::$check(store.clone()).await;
                store.close().await.unwrap();
            })+
        }
    };
}

on_every_engine! {
    what_is_written_is_read,
    a_missed_guard_applies_nothing,
    a_version_never_comes_back,
    one_conflict_in_a_group_fails_alone,
    lists_are_in_key_order_both_ways,
    cursors_walk_the_whole_list,
    indexes_follow_their_records,
    an_id_seen_again_answers_its_position,
    the_feed_is_in_order_and_pruned,
    large_values_are_whole,
    binary_keys_keep_their_order,
    concurrent_writers_lose_no_update,
    a_dropped_caller_cancels_nothing,
    limits_are_kept,
    the_committer_can_be_held,
}

async fn get(store: &Store, id: &str) -> Option<Stored<Note>> {
    store.get::<Note>(&note(id, "", "").key()).await.unwrap()
}

async fn what_is_written_is_read(store: Store) {
    assert_eq!(store.head(), Position(0));
    assert_eq!(get(&store, "a").await, None);
    let position = store.commit(insert("1", &[note("a", "x", "岳麓"), note("b", "x", "")])).await.unwrap();
    assert_eq!(store.head(), position);
    assert_eq!(*store.watch().borrow(), position);
    let read = get(&store, "a").await.unwrap();
    assert_eq!(read, Stored { value: note("a", "x", "岳麓"), version: position });
    let keys = [Key::from("b"), Key::from("no"), Key::from("a")];
    let many = store.get_many::<Note>(&keys).await.unwrap();
    assert_eq!(many.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false, true]);
    let mut change = ChangeSet::new("2");
    change.remove(&read);
    store.commit(change).await.unwrap();
    assert_eq!(get(&store, "a").await, None);
    assert_eq!(store.epoch().len(), 32);
}

async fn a_missed_guard_applies_nothing(store: Store) {
    store.commit(insert("1", &[note("a", "x", "1")])).await.unwrap();
    let mut change = insert("2", &[note("new", "x", "1"), note("a", "x", "2")]);
    change.tell(Topic::Resource, "a");
    let head = store.head();
    let missed = store.commit(change.clone()).await;
    assert_eq!(missed, Err(StoreError::Conflict { table: "notes", key: Key::from("a") }));
    assert_eq!(get(&store, "new").await, None);
    assert_eq!(get(&store, "a").await.unwrap().value.text, "1");
    assert_eq!(store.head(), head);
    assert!(store.facts_after(Position(0), 10).await.unwrap().is_empty());
    // What was not applied is not remembered as applied.
    assert!(store.commit(change).await.is_err());
}

async fn a_version_never_comes_back(store: Store) {
    store.commit(insert("1", &[note("a", "x", "1")])).await.unwrap();
    let first = get(&store, "a").await.unwrap();
    let mut remove = ChangeSet::new("2");
    remove.remove(&first);
    store.commit(remove).await.unwrap();
    store.commit(insert("3", &[note("a", "x", "1")])).await.unwrap();
    let mut stale = ChangeSet::new("4");
    stale.update(&first, &note("a", "x", "2")).unwrap();
    assert!(matches!(store.commit(stale).await, Err(StoreError::Conflict { .. })));
}

async fn one_conflict_in_a_group_fails_alone(store: Store) {
    // While the committer is held these wait, so that they become one group.
    let held = store.hold().await.unwrap();
    let tasks: Vec<_> = (0..40)
        .map(|number: u32| {
            let store = store.clone();
            tokio::spawn(async move {
                let change = insert(
                    &format!("c{number}"),
                    &[note(&format!("own/{number}"), "x", ""), note(&format!("shared/{}", number % 20), "x", "")],
                );
                store.commit(change).await
            })
        })
        .collect();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    drop(held);
    let mut done = Vec::new();
    let mut conflicts = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(position) => done.push(position.0),
            Err(StoreError::Conflict { .. }) => conflicts += 1,
            Err(other) => panic!("{other}"),
        }
    }
    done.sort_unstable();
    assert_eq!(conflicts, 20, "the second of each pair sees the first, in the same group or not");
    assert_eq!(done, (1..=20).collect::<Vec<_>>());
    assert_eq!(store.list::<Note>(&Key::prefix(&["own"]), PageRequest::first(100)).await.unwrap().items.len(), 20);
}

async fn lists_are_in_key_order_both_ways(store: Store) {
    let names = ["b", "a/2", "a", "ab", "a/1", "中", "é", "a/10"];
    let notes: Vec<Note> = names.iter().map(|name| note(name, "x", "")).collect();
    store.commit(insert("1", &notes)).await.unwrap();
    let ids = async |prefix: Key, request: PageRequest| -> Vec<String> {
        store.list::<Note>(&prefix, request).await.unwrap().items.into_iter().map(|stored| stored.value.id).collect()
    };
    let all = ["a", "a/1", "a/10", "a/2", "ab", "b", "é", "中"];
    assert_eq!(ids(Key::default(), PageRequest::first(100)).await, all);
    let mut backwards = all;
    backwards.reverse();
    assert_eq!(ids(Key::default(), PageRequest::last(100)).await, backwards);
    assert_eq!(ids(Key::prefix(&["a"]), PageRequest::first(100)).await, ["a/1", "a/10", "a/2"]);
    assert_eq!(ids(Key::prefix(&["a"]), PageRequest::last(2)).await, ["a/2", "a/10"]);
    assert_eq!(ids(Key::from("zz"), PageRequest::first(100)).await, [""; 0]);
}

async fn cursors_walk_the_whole_list(store: Store) {
    let notes: Vec<Note> = (0..250).map(|number| note(&format!("n/{number:03}"), "x", "")).collect();
    store.commit(insert("1", &notes)).await.unwrap();
    for reverse in [false, true] {
        let mut request = PageRequest { limit: 60, cursor: None, reverse };
        let mut walked = Vec::new();
        loop {
            let page = store.list::<Note>(&Key::prefix(&["n"]), request.clone()).await.unwrap();
            walked.extend(page.items.into_iter().map(|stored| stored.value));
            match page.next {
                Some(next) => request.cursor = Some(next),
                None => break,
            }
        }
        if reverse {
            walked.reverse();
        }
        assert_eq!(walked, notes, "reverse = {reverse}");
    }
    let exact = store.list::<Note>(&Key::default(), PageRequest::first(250)).await.unwrap();
    assert_eq!((exact.items.len(), exact.next), (250, None), "a full last page has no next one");
    let foreign = store.list::<Note>(&Key::prefix(&["n"]), PageRequest::first(1)).await.unwrap().next;
    let elsewhere = store.list::<Note>(&Key::prefix(&["m"]), PageRequest::first(1).after(foreign)).await;
    assert_eq!(elsewhere, Err(StoreError::BadCursor));
    let nonsense = PageRequest::first(1).after(Some("§".to_owned()));
    assert_eq!(store.list::<Note>(&Key::default(), nonsense).await, Err(StoreError::BadCursor));
}

async fn indexes_follow_their_records(store: Store) {
    let notes = [note("a", "x", ""), note("b/1", "x", ""), note("c", "xy", ""), note("d", "w", "")];
    store.commit(insert("1", &notes)).await.unwrap();
    let ids = async |prefix: Key, request: PageRequest| -> Vec<String> {
        store.list_by::<Note>("shelf", &prefix, request).await.unwrap().items.into_iter().map(|stored| stored.value.id).collect()
    };
    assert_eq!(ids(Key::from("x"), PageRequest::first(10)).await, ["a", "b/1", "c"]);
    assert_eq!(ids(Key::prefix(&["x"]), PageRequest::first(10)).await, ["a", "b/1"]);
    assert_eq!(ids(Key::default(), PageRequest::last(10)).await, ["c", "b/1", "a", "d"]);
    let mut change = ChangeSet::new("2");
    change.update(&get(&store, "a").await.unwrap(), &note("a", "w", "")).unwrap();
    change.remove(&get(&store, "c").await.unwrap());
    store.commit(change).await.unwrap();
    assert_eq!(ids(Key::default(), PageRequest::first(10)).await, ["a", "d", "b/1"]);
    let first = store.list_by::<Note>("shelf", &Key::default(), PageRequest::first(2)).await.unwrap();
    let rest = ids(Key::default(), PageRequest::first(2).after(first.next)).await;
    assert_eq!(rest, ["b/1"]);
}

async fn an_id_seen_again_answers_its_position(store: Store) {
    let change = insert("same", &[note("a", "x", "1")]);
    let first = store.commit(change.clone()).await.unwrap();
    store.commit(insert("other", &[note("b", "x", "")])).await.unwrap();
    assert_eq!(store.commit(change.clone()).await, Ok(first), "its guard would miss now: nothing is checked or done");
    let (left, right) =
        tokio::join!(store.commit(insert("twice", &[note("c", "x", "")])), store.commit(insert("twice", &[note("c", "x", "")])));
    assert_eq!(left, right);
    assert!(left.is_ok());
    assert_eq!(store.head(), Position(3));
}

async fn the_feed_is_in_order_and_pruned(store: Store) {
    for number in 1..=30u32 {
        let mut change = insert(&format!("{number}"), &[note(&format!("{number}"), "x", "")]);
        if number % 3 == 0 {
            change.tell(Topic::Resource, format!("r{number}")).tell(Topic::Submission, format!("s{number}"));
        }
        store.commit(change).await.unwrap();
    }
    let told = store.facts_after(Position(3), 4).await.unwrap();
    let positions: Vec<u64> = told.iter().map(|told| told.position.0).collect();
    assert_eq!(positions, [6, 9, 12, 15]);
    assert_eq!(told[0].facts.iter().map(|fact| fact.id.as_str()).collect::<Vec<_>>(), ["r6", "s6"]);
    assert!(store.facts_after(Position(30), 10).await.unwrap().is_empty());
    assert_eq!(store.facts_after(Position(31), 10).await, Err(StoreError::FactsGone), "beyond the head");
    store.prune(Timestamp::from_millis(i64::MAX), 10).await.unwrap();
    // Positions 1 to 20 are forgotten; the last facts among them were at 18.
    assert_eq!(store.facts_after(Position(17), 10).await, Err(StoreError::FactsGone));
    assert_eq!(store.facts_after(Position(18), 10).await.unwrap()[0].position, Position(21));
    assert_eq!(store.commit(insert("30", &[])).await, Ok(Position(30)), "recent ids are kept");
    assert!(matches!(store.commit(insert("5", &[note("5", "x", "")])).await, Err(StoreError::Conflict { .. })));
    store.prune(Timestamp::from_millis(0), 0).await.unwrap();
    assert_eq!(store.facts_after(Position(18), 100).await.unwrap().len(), 4, "what is young is kept");
    store.prune(Timestamp::from_millis(i64::MAX), 0).await.unwrap();
    assert!(store.facts_after(Position(30), 10).await.unwrap().is_empty(), "who has read everything goes on");
    assert_eq!(store.facts_after(Position(29), 10).await, Err(StoreError::FactsGone));
    let mut change = insert("31", &[note("31", "x", "")]);
    change.tell(Topic::Resource, "r31".to_owned());
    assert_eq!(store.commit(change).await, Ok(Position(31)));
    assert_eq!(store.facts_after(Position(30), 10).await.unwrap()[0].position, Position(31));
}

async fn large_values_are_whole(store: Store) {
    let text = |seed: u64, length: usize| -> String {
        (0..length).map(|place| char::from(b'a' + ((seed + place as u64 * 7) % 26) as u8)).collect()
    };
    let blot = |seed: u64, length: usize| Blot { key: b"big".to_vec(), text: text(seed, length) };
    let mut change = ChangeSet::new("1");
    change.insert(&blot(1, 8 << 20)).unwrap();
    change.insert(&Blot { key: b"small".to_vec(), text: "s".to_owned() }).unwrap();
    store.commit(change).await.unwrap();
    for (id, length) in [("2", 20_000), ("3", 7 << 20), ("4", 3), ("5", 6_144), ("6", 6_200)] {
        let read = store.get::<Blot>(&Key::from("big")).await.unwrap().unwrap();
        let mut change = ChangeSet::new(id);
        change.update(&read, &blot(length as u64, length)).unwrap();
        store.commit(change).await.unwrap();
        let read = store.get::<Blot>(&Key::from("big")).await.unwrap().unwrap();
        assert!(read.value == blot(length as u64, length), "{length} bytes");
    }
    let page = store.list::<Blot>(&Key::default(), PageRequest::first(10)).await.unwrap();
    assert_eq!(page.items.len(), 2);
    let mut change = ChangeSet::new("7");
    change.remove(&page.items[0]);
    store.commit(change).await.unwrap();
    assert_eq!(store.get::<Blot>(&Key::from("big")).await.unwrap(), None);
}

async fn binary_keys_keep_their_order(store: Store) {
    let keys: [&[u8]; 8] = [b"", b"\0", b"\0\0", b"\0\xff", b"a", b"a\0", b"\xff", b"\xff\xff"];
    let mut change = ChangeSet::new("1");
    for key in keys.iter().rev() {
        change.insert(&Blot { key: key.to_vec(), text: String::new() }).unwrap();
    }
    store.commit(change).await.unwrap();
    let mut walked = Vec::new();
    let mut request = PageRequest::first(3);
    loop {
        let page = store.list::<Blot>(&Key::default(), request.clone()).await.unwrap();
        walked.extend(page.items.into_iter().map(|stored| stored.value.key));
        if page.next.is_none() {
            break;
        }
        request.cursor = page.next;
    }
    assert_eq!(walked, keys);
    let high = store.list::<Blot>(&Key(vec![0xff]), PageRequest::last(10)).await.unwrap();
    assert_eq!(high.items.len(), 2, "a prefix of 0xff has an end");
}

async fn concurrent_writers_lose_no_update(store: Store) {
    store.commit(insert("start", &[note("counter", "x", "0")])).await.unwrap();
    let writers = (0..8).map(|writer| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut tries = 0;
            for round in 0..10 {
                loop {
                    tries += 1;
                    let read = get(&store, "counter").await.unwrap();
                    let next = read.value.text.parse::<u32>().unwrap() + 1;
                    let mut change = ChangeSet::new(format!("{writer}-{round}-{tries}"));
                    change.update(&read, &note("counter", "x", &next.to_string())).unwrap();
                    match store.commit(change).await {
                        Ok(_) => break,
                        Err(StoreError::Conflict { .. }) => {}
                        Err(other) => panic!("{other}"),
                    }
                }
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    assert_eq!(get(&store, "counter").await.unwrap().value.text, "80");
    assert_eq!(store.head(), Position(81));
}

async fn a_dropped_caller_cancels_nothing(store: Store) {
    let held = store.hold().await.unwrap();
    let mut commit = Box::pin(store.commit(insert("1", &[note("a", "x", "")])));
    assert!(futures::poll!(&mut commit).is_pending());
    drop(commit);
    drop(held);
    let mut head = store.watch();
    head.wait_for(|head| *head == Position(1)).await.unwrap();
    assert!(get(&store, "a").await.is_some());
}

async fn limits_are_kept(store: Store) {
    let long = note(&"k".repeat(2000), "x", "");
    assert!(matches!(store.commit(insert("1", &[long])).await, Err(StoreError::TooLarge(_))));
    let wide = note("a", &"k".repeat(2000), "");
    assert!(matches!(store.commit(insert("2", &[wide])).await, Err(StoreError::TooLarge(_))));
    assert_eq!(store.head(), Position(0));
    let notes: Vec<Note> = (0..1100).map(|number| note(&format!("{number:05}"), "x", "")).collect();
    store.commit(insert("3", &notes)).await.unwrap();
    let page = store.list::<Note>(&Key::default(), PageRequest::first(usize::MAX)).await.unwrap();
    assert_eq!((page.items.len(), page.next.is_some()), (1000, true));
    let none = store.list::<Note>(&Key::default(), PageRequest::first(0)).await.unwrap();
    assert_eq!(none.items.len(), 1);
}

async fn the_committer_can_be_held(store: Store) {
    let held = store.hold().await.unwrap();
    let waiting = tokio::spawn({
        let store = store.clone();
        async move { store.commit(insert("1", &[note("a", "x", "")])).await }
    });
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    assert!(!waiting.is_finished());
    assert_eq!(store.head(), Position(0));
    drop(held);
    assert_eq!(waiting.await.unwrap(), Ok(Position(1)));
}
