//! What the store promises, on each engine (`conformance`), across restarts (`reopen`), and of its bytes (`codec`).

mod codec;
mod conformance;
mod reopen;

use super::{EngineKind, Store, StoreOptions};
use crate::domain::change::ChangeSet;
use crate::domain::record::{IndexRow, Key, Record};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A record with two indexes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    id: String,
    shelf: String,
    text: String,
}

impl Record for Note {
    const TABLE: &'static str = "notes";
    fn key(&self) -> Key {
        Key::of(&self.id.split('/').collect::<Vec<_>>())
    }
    fn indexes(&self) -> Vec<IndexRow> {
        vec![IndexRow { index: "shelf", key: Key::from(self.shelf.as_str()) }]
    }
}

/// A record without indexes under any bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Blot {
    key: Vec<u8>,
    text: String,
}

impl Record for Blot {
    const TABLE: &'static str = "blots";
    fn key(&self) -> Key {
        Key(self.key.clone())
    }
}

fn note(id: &str, shelf: &str, text: &str) -> Note {
    Note { id: id.to_owned(), shelf: shelf.to_owned(), text: text.to_owned() }
}

fn insert(id: &str, notes: &[Note]) -> ChangeSet {
    let mut change = ChangeSet::new(id);
    for note in notes {
        change.insert(note).unwrap();
    }
    change
}

async fn open(dir: &Path, engine: EngineKind) -> Store {
    Store::open(StoreOptions { dir: dir.to_owned(), engine }).await.unwrap()
}
