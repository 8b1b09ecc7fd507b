//! The log as a whole: acknowledged is kept, torn is cut, duplicates count once, learners are forgotten for good.

use super::*;
use crate::clock::Clock;
use crate::domain::event::{Event, Verb};
use crate::domain::time::{DAY_MS, Timestamp};
use std::path::Path;
use std::sync::Mutex;

type Noted = Arc<Mutex<Vec<(u64, u128)>>>;

/// Remembers every row it was given; a rebuild takes no batch while somebody holds `gate`.
#[derive(Default)]
struct Notes {
    rows: Noted,
    kept: Mutex<Option<(u64, u64)>>,
    gate: Arc<Mutex<()>>,
}

fn note(rows: &mut Vec<(u64, u128)>, batch: &Batch) {
    for row in &batch.rows {
        match row.act {
            Act::Did(_) => rows.push((row.seq, row.key)),
            Act::Forget => rows.push((row.seq, 0)),
        }
    }
}

struct Anew {
    rows: Vec<(u64, u128)>,
    into: Noted,
    gate: Arc<Mutex<()>>,
}

impl Rebuild for Anew {
    fn apply(&mut self, batch: &Batch) {
        let _open = self.gate.lock().unwrap();
        note(&mut self.rows, batch);
    }
    fn finish(self: Box<Self>) -> Box<dyn Send> {
        Box::new(std::mem::replace(&mut *self.into.lock().unwrap(), self.rows))
    }
}

impl Consumer for Notes {
    fn resume(&self, generation: u64, end: u64) -> u64 {
        let kept = self.kept.lock().unwrap().filter(|kept| kept.0 == generation && kept.1 <= end);
        let next = kept.map_or(0, |kept| kept.1);
        self.rows.lock().unwrap().retain(|row| row.0 < next);
        next
    }
    fn apply(&self, batch: &Batch, _end: u64) {
        note(&mut self.rows.lock().unwrap(), batch);
    }
    fn checkpoint(&self, generation: u64, end: u64) {
        *self.kept.lock().unwrap() = Some((generation, end));
    }
    fn settle(&self) {}
    fn begin_rebuild(&self) -> Box<dyn Rebuild> {
        Box::new(Anew { rows: Vec::new(), into: Arc::clone(&self.rows), gate: Arc::clone(&self.gate) })
    }
}

fn start() -> Timestamp {
    Timestamp::parse("2026-11-22T23:59:00Z").unwrap()
}

fn open(dir: &Path, clock: &Clock, notes: &Arc<Notes>) -> EventLog {
    let options = EventLogOptions { dir: dir.to_owned(), clock: clock.clone() };
    EventLog::open(options, Arc::clone(notes) as Arc<dyn Consumer>).unwrap()
}

fn event(key: u128, learner: u64) -> Event {
    Event {
        key,
        learner,
        resource: format!("r{}", key % 7),
        verb: Verb::Viewed,
        at: start(),
        value: 0,
        position: None,
        list: None,
        region: None,
        marked: false,
    }
}

fn keys(notes: &Notes) -> Vec<u128> {
    notes.rows.lock().unwrap().iter().map(|row| row.1).collect()
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

#[test]
fn events_count_once_in_order_over_days_and_openings() {
    let dir = tempfile::tempdir().unwrap();
    let (clock, notes) = (Clock::fixed(start()), Arc::new(Notes::default()));
    let log = open(dir.path(), &clock, &notes);
    let receipt = run(log.append((1..=5).map(|key| event(key, 1)).collect())).unwrap();
    assert_eq!(receipt, Receipt { accepted: 5, duplicates: 0 });
    clock.advance(DAY_MS);
    let receipt = run(log.append(vec![event(4, 1), event(6, 1), event(6, 1)])).unwrap();
    assert_eq!(receipt, Receipt { accepted: 1, duplicates: 2 });
    assert_eq!(log.files().len(), 2, "a file a day");
    let rows: Vec<u64> = log.read(3).flat_map(|batch| batch.unwrap().rows).map(|row| row.seq).collect();
    assert_eq!(rows, [0, 1, 2, 3, 4, 5, 6, 7], "whole blocks from where a number lies");
    drop(log);
    let again = open(dir.path(), &clock, &notes);
    assert_eq!(run(again.append(vec![event(2, 1), event(9, 1)])).unwrap(), Receipt { accepted: 1, duplicates: 1 });
    assert_eq!(keys(&notes), [1, 2, 3, 4, 5, 6, 9]);
    drop(again);
    let fresh = Arc::new(Notes::default());
    drop(open(dir.path(), &clock, &fresh));
    assert_eq!(keys(&fresh), keys(&notes), "a replay takes the same decisions");
}

#[test]
fn a_torn_tail_never_costs_an_acknowledged_event() {
    let dir = tempfile::tempdir().unwrap();
    let (clock, notes) = (Clock::fixed(start()), Arc::new(Notes::default()));
    let log = open(dir.path(), &clock, &notes);
    run(log.append(vec![event(1, 1), event(2, 1)])).unwrap();
    let whole = log.files()[0].1;
    run(log.append(vec![event(3, 1), event(4, 1)])).unwrap();
    let (path, length) = log.files()[0].clone();
    drop(log);
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(bytes.len() as u64, length);
    for cut in whole..length {
        std::fs::write(&path, &bytes[..cut as usize]).unwrap();
        let fresh = Arc::new(Notes::default());
        let log = open(dir.path(), &clock, &fresh);
        assert_eq!((log.report().end, log.report().torn), (2, cut - whole), "cut at {cut}");
        assert_eq!(keys(&fresh), [1, 2]);
        assert_eq!(run(log.append(vec![event(5, 1), event(2, 1)])).unwrap(), Receipt { accepted: 1, duplicates: 1 });
        drop(log);
        let again = Arc::new(Notes::default());
        assert_eq!(open(dir.path(), &clock, &again).report().torn, 0);
        assert_eq!(keys(&again), [1, 2, 5]);
    }
}

#[test]
fn damage_in_the_middle_is_reported_and_costs_only_its_block() {
    let dir = tempfile::tempdir().unwrap();
    let (clock, notes) = (Clock::fixed(start()), Arc::new(Notes::default()));
    let log = open(dir.path(), &clock, &notes);
    for key in 1..=3 {
        run(log.append(vec![event(key, 1)])).unwrap();
    }
    let (path, length) = log.files()[0].clone();
    drop(log);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[length as usize / 2] ^= 0x40;
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(inspect(dir.path()).unwrap().filter(Result::is_err).count(), 1);
    let fresh = Arc::new(Notes::default());
    let log = open(dir.path(), &clock, &fresh);
    assert_eq!((log.report().damaged, log.report().end, log.report().torn), (1, 3, 0));
    assert_eq!(keys(&fresh), [1, 3]);
}

#[test]
fn callers_that_come_together_are_all_answered() {
    let dir = tempfile::tempdir().unwrap();
    let (clock, notes) = (Clock::fixed(start()), Arc::new(Notes::default()));
    let log = open(dir.path(), &clock, &notes);
    let callers: Vec<_> = (0..8_u64)
        .map(|caller| {
            let log = log.clone();
            std::thread::spawn(move || {
                (0..20).map(|turn| run(log.append(vec![event(u128::from(caller * 10 + turn) + 1, caller)])).unwrap().accepted).sum::<u64>()
            })
        })
        .collect();
    let accepted: u64 = callers.into_iter().map(|caller| caller.join().unwrap()).sum();
    assert_eq!(accepted, 90, "keys 1 to 90, some of them sent by two");
    let rows = notes.rows.lock().unwrap().clone();
    assert!(rows.is_sorted() && rows.len() == 90);
}

#[test]
fn an_erased_learner_leaves_neither_rows_nor_numbers_moved() {
    let dir = tempfile::tempdir().unwrap();
    let (clock, notes) = (Clock::fixed(start()), Arc::new(Notes::default()));
    let log = open(dir.path(), &clock, &notes);
    for day in 0..3 {
        run(log.append((0..10).map(|key| event(day * 10 + key + 1, (key % 3) as u64)).collect())).unwrap();
        clock.advance(DAY_MS);
    }
    let before = log.report();
    assert_eq!(run(log.erase(vec![1])).unwrap(), 9);
    let rows: Vec<Row> = log.read(0).flat_map(|batch| batch.unwrap().rows).collect();
    assert!(rows.iter().all(|row| row.learner != 1 || row.act == Act::Forget));
    assert!(rows.iter().filter(|row| row.act != Act::Forget).all(|row| row.key == u128::from(row.seq) + 1));
    run(log.append(vec![event(100, 1)])).unwrap();
    run(log.rebuild()).unwrap();
    let live = keys(&notes);
    assert_eq!(live.len(), 21 + 1 + 1, "what is left, the forgetting, and what came after");
    drop(log);
    let fresh = Arc::new(Notes::default());
    let log = open(dir.path(), &clock, &fresh);
    assert_eq!(keys(&fresh), live);
    assert!(log.report().end > before.end);
    assert_eq!(run(log.append(vec![event(100, 1)])).unwrap().duplicates, 1);
}

#[test]
fn events_are_taken_while_the_models_learn_anew() {
    let dir = tempfile::tempdir().unwrap();
    let (clock, notes) = (Clock::fixed(start()), Arc::new(Notes::default()));
    let log = open(dir.path(), &clock, &notes);
    run(log.append((1..=6).map(|key| event(key, (key % 2) as u64)).collect())).unwrap();
    assert_eq!(run(log.erase(vec![1])).unwrap(), 3);
    let gate = Arc::clone(&notes.gate);
    let shut = gate.lock().unwrap();
    let rebuilding = std::thread::spawn({
        let log = log.clone();
        move || run(log.rebuild())
    });
    for key in 7..=9 {
        assert_eq!(run(log.append(vec![event(key, 0), event(2, 0)])).unwrap(), Receipt { accepted: 1, duplicates: 1 });
    }
    assert!(!rebuilding.is_finished(), "it waits before the gate");
    assert_eq!(keys(&notes).len(), 6 + 1 + 3, "what was learned stays until then");
    drop(shut);
    rebuilding.join().unwrap().unwrap();
    assert_eq!(keys(&notes), [2, 4, 6, 0, 7, 8, 9]);
    assert_eq!(run(log.append(vec![event(8, 0), event(1, 0)])).unwrap(), Receipt { accepted: 1, duplicates: 1 }, "the keys are new too");
    drop(log);
    let fresh = Arc::new(Notes::default());
    drop(open(dir.path(), &clock, &fresh));
    assert_eq!(keys(&fresh), keys(&notes));
}

#[test]
fn a_rebuild_begins_again_when_more_is_erased_meanwhile() {
    let dir = tempfile::tempdir().unwrap();
    let (clock, notes) = (Clock::fixed(start()), Arc::new(Notes::default()));
    let log = open(dir.path(), &clock, &notes);
    run(log.append((1..=6).map(|key| event(key, (key % 3) as u64)).collect())).unwrap();
    let gate = Arc::clone(&notes.gate);
    let shut = gate.lock().unwrap();
    let rebuilding = std::thread::spawn({
        let log = log.clone();
        move || run(log.rebuild())
    });
    assert_eq!(run(log.erase(vec![1])).unwrap(), 2);
    drop(shut);
    rebuilding.join().unwrap().unwrap();
    run(log.freshen()).unwrap();
    assert_eq!(keys(&notes), [2, 3, 5, 6, 0]);
}

#[test]
fn the_night_erases_what_lies_before_a_forgetting_and_nothing_after_it() {
    let dir = tempfile::tempdir().unwrap();
    let (clock, notes) = (Clock::fixed(start()), Arc::new(Notes::default()));
    let log = open(dir.path(), &clock, &notes);
    run(log.append((1..=4).map(|key| event(key, (key % 2) as u64)).collect())).unwrap();
    assert_eq!(run(log.erase_forgotten()).unwrap(), 0, "nobody asked for it");
    run(log.forget(1)).unwrap();
    run(log.append(vec![event(5, 1)])).unwrap();
    assert_eq!(run(log.erase_forgotten()).unwrap(), 3, "and the forgetting");
    assert_eq!(run(log.erase_forgotten()).unwrap(), 0, "once");
    run(log.freshen()).unwrap();
    assert_eq!(keys(&notes), [2, 4, 5]);
    drop(log);
    let fresh = Arc::new(Notes::default());
    drop(open(dir.path(), &clock, &fresh));
    assert_eq!(keys(&fresh), [2, 4, 5]);
}

#[test]
fn a_forgetting_at_the_end_of_the_log_keeps_its_number_until_another_row_has_come() {
    let dir = tempfile::tempdir().unwrap();
    let (clock, notes) = (Clock::fixed(start()), Arc::new(Notes::default()));
    let log = open(dir.path(), &clock, &notes);
    run(log.append((1..=4).map(|key| event(key, (key % 2) as u64)).collect())).unwrap();
    run(log.forget(1)).unwrap();
    assert_eq!(run(log.erase_forgotten()).unwrap(), 2);
    assert_eq!(run(log.erase_forgotten()).unwrap(), 0, "it waits");
    drop(log);
    let log = open(dir.path(), &clock, &notes);
    assert_eq!(log.report().end, 5);
    run(log.append(vec![event(5, 0)])).unwrap();
    assert_eq!(run(log.erase_forgotten()).unwrap(), 1);
    run(log.freshen()).unwrap();
    assert_eq!(*notes.rows.lock().unwrap(), [(1, 2), (3, 4), (5, 5)]);
}
