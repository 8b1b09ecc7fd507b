//! The vectors in memory, row by row.

use super::Packed;
use std::collections::{HashMap, HashSet};

/// What is known of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Store version of the resource that was looked at.
    pub version: u64,
    /// Digest of the text.
    pub digest: u128,
    /// Its row; none where the service makes no vector of the text.
    row: Option<u32>,
}

/// The vectors of one model, by hash of the resource's id.
#[derive(Debug, Default)]
pub struct Table {
    length: usize,
    numbers: Vec<i8>,
    scales: Vec<f32>,
    known: HashMap<u64, Known>,
    free: Vec<u32>,
}

impl Table {
    /// Numbers of each vector; 0 before the first.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Resources that are known.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// What is known of a resource.
    pub fn known(&self, tie: u64) -> Option<Known> {
        self.known.get(&tie).copied()
    }

    /// Resources that are known and not among these.
    pub fn others(&self, ties: &HashSet<u64>) -> Vec<u64> {
        self.known.keys().filter(|tie| !ties.contains(tie)).copied().collect()
    }

    /// All of them, with their vectors.
    pub fn iter(&self) -> impl Iterator<Item = (u64, Known, Option<(f32, &[i8])>)> {
        self.known.iter().map(|(tie, known)| (*tie, *known, known.row.and_then(|row| self.row(row))))
    }

    /// The cosine between a vector and that of a resource; `None` where there is none.
    pub fn cosine(&self, tie: u64, query: &Packed) -> Option<f32> {
        let (scale, numbers) = self.row(self.known.get(&tie)?.row?)?;
        Some(query.cosine(scale, numbers))
    }

    /// Puts a resource in, in place of what was known of it. A vector of another length than the others is refused.
    pub fn put(&mut self, tie: u64, version: u64, digest: u128, vector: Option<&Packed>) -> bool {
        if let Some(vector) = vector {
            if self.scales.is_empty() {
                self.length = vector.numbers.len();
            }
            if vector.numbers.len() != self.length {
                return false;
            }
        }
        self.remove(tie);
        let row = vector.map(|vector| self.add(vector));
        self.known.insert(tie, Known { version, digest, row });
        true
    }

    /// Says that the text of a resource is the same at another store version; whether it was known.
    pub fn renew(&mut self, tie: u64, version: u64) -> bool {
        self.known.get_mut(&tie).map(|known| known.version = version).is_some()
    }

    /// Forgets a resource; whether it was known.
    pub fn remove(&mut self, tie: u64) -> bool {
        let known = self.known.remove(&tie);
        self.free.extend(known.and_then(|known| known.row));
        known.is_some()
    }

    fn add(&mut self, vector: &Packed) -> u32 {
        let length = self.length;
        if let Some(row) = self.free.pop() {
            let start = row as usize * length;
            if let (Some(numbers), Some(scale)) = (self.numbers.get_mut(start..start + length), self.scales.get_mut(row as usize)) {
                numbers.copy_from_slice(&vector.numbers);
                *scale = vector.scale;
            }
            return row;
        }
        self.numbers.extend_from_slice(&vector.numbers);
        self.scales.push(vector.scale);
        u32::try_from(self.scales.len() - 1).unwrap_or(u32::MAX)
    }

    fn row(&self, row: u32) -> Option<(f32, &[i8])> {
        let start = row as usize * self.length;
        Some((*self.scales.get(row as usize)?, self.numbers.get(start..start + self.length)?))
    }
}
