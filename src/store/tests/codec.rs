//! Bytes of values and keys, by properties.

use crate::domain::change::Position;
use crate::domain::record::{IndexRow, Key, Record, decode, encode};
use crate::domain::time::Timestamp;
use crate::store::change_row::ChangeRow;
use crate::store::{engine, envelope, feed, keyspace};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Anything(Value);

impl Record for Anything {
    const TABLE: &'static str = "anything";
    fn key(&self) -> Key {
        Key::from("it")
    }
}

fn value() -> impl Strategy<Value = Value> {
    let text = "[^\\x00]{0,12}";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(text, inner, 0..6)
                .prop_map(|map: BTreeMap<String, Value>| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn canonical_json_is_read_back_and_is_its_own_canonical_form(value in value()) {
        let record = Anything(value);
        let json = encode(&record).unwrap();
        let back: Anything = decode(1, &json).unwrap();
        prop_assert_eq!(&back, &record);
        prop_assert_eq!(encode(&back).unwrap(), json);
    }

    #[test]
    fn an_envelope_opens_and_a_changed_byte_is_found(json in prop::collection::vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let sealed = envelope::seal(Position(77), 3, &json);
        let opened = envelope::open(&sealed).unwrap();
        prop_assert_eq!((opened.version, opened.schema, opened.json), (Position(77), 3, json.as_slice()));
        let mut changed = sealed.clone();
        let place = at.index(changed.len());
        changed[place] ^= 1 << bit;
        prop_assert!(envelope::open(&changed).is_none());
    }

    #[test]
    fn positions_order_as_their_keys(left in any::<u64>(), right in any::<u64>()) {
        let key = |number| keyspace::at(keyspace::FACTS, Position(number));
        prop_assert_eq!(left.cmp(&right), key(left).cmp(&key(right)));
        prop_assert_eq!(keyspace::position_of(&key(left)), Some(Position(left)));
    }

    #[test]
    fn a_prefix_ends_where_its_keys_end(prefix in prop::collection::vec(any::<u8>(), 0..4), rest in prop::collection::vec(any::<u8>(), 0..4), other in prop::collection::vec(any::<u8>(), 0..6)) {
        let inside = [prefix.clone(), rest].concat();
        let end = engine::after_prefix(&prefix);
        let within = |key: &Vec<u8>| *key >= prefix && end.as_ref().is_none_or(|end| key < end);
        prop_assert!(within(&inside));
        prop_assert_eq!(within(&other), other.starts_with(&prefix));
    }

    #[test]
    fn index_rows_come_apart(index_key in prop::collection::vec(any::<u8>(), 0..20), record in prop::collection::vec(any::<u8>(), 0..20)) {
        let row = IndexRow { index: "shelf", key: Key(index_key) };
        let record = Key(record);
        let whole = keyspace::index_row("notes", &row, &record);
        let rest = &whole[keyspace::index("notes", "shelf").len()..];
        prop_assert_eq!(keyspace::split_index_row(rest), Some((row.key, record)));
    }

    #[test]
    fn change_rows_are_read_back(at in any::<i64>(), id in ".{0,20}", mut keys in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..20)) {
        keys.sort();
        let row = ChangeRow { at: Timestamp::from_millis(at), id, keys };
        prop_assert_eq!(ChangeRow::decode(&row.encode()), Some(row));
    }

    #[test]
    fn hostile_bytes_harm_nothing(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let _ = (ChangeRow::decode(&bytes), envelope::open(&bytes), feed::decode(&bytes), keyspace::split_index_row(&bytes));
    }
}

#[test]
fn floats_and_nul_are_refused() {
    assert!(encode(&Anything(Value::from(1.5))).is_err());
    assert!(encode(&Anything(Value::from("a\0b"))).is_err());
}
