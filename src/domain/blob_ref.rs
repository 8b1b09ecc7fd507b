//! Who needs which bytes: one claim row per digest, one reference row per (digest, owner).
//!
//! # How a service uses it
//!
//! 1. Put the bytes (`blob`). Bytes just put are safe for [`GRACE_MS`], whether or not anything refers to them.
//! 2. Read the claims of the digests (`get_many::<BlobClaim>` on [`BlobClaim::key_of`]).
//! 3. In the ChangeSet that writes the records which name the digests, call [`refer`] for each of them, with the owner that
//!    [`owner`] makes of the record's table and id. Commit. On a conflict read the claims again and go on from 2; on
//!    [`RefError::Going`] put the bytes again a little later.
//! 4. In the ChangeSet that drops the records, call [`release`] for each digest they named and nothing of the owner names any
//!    more.
//!
//! Bytes that are needed before any record names them (an upload that may take days) are held with [`claim`].
//!
//! # Why it is sound
//!
//! A reference is written under a guard on the claim row, or writes that row. The sweep ([`judge`]) condemns an unreferenced
//! digest by writing the row, waits a day, looks again, and marks the row as going under a guard before it deletes bytes. A
//! reference that read the row before it was condemned therefore misses its guard; one that read it condemned rewrites it, and
//! the mark misses its guard. Bytes put again after the mark are younger than the grace and are not deleted.

use super::change::ChangeSet;
use super::digest::Digest;
use super::record::{Key, Record, RecordError, Stored};
use super::time::{DAY_MS, Timestamp};
use serde::{Deserialize, Serialize};

/// How long bytes just put are safe without a claim, and how long condemned bytes wait, in milliseconds.
pub const GRACE_MS: i64 = DAY_MS;

/// Where a digest stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ClaimState {
    /// Held until an instant, whether or not anything refers to it.
    Claimed {
        /// Until then.
        until: Timestamp,
    },
    /// Something referred to it when this was written.
    Referenced,
    /// Nothing referred to it at that instant.
    Condemned {
        /// When it was condemned.
        since: Timestamp,
    },
    /// Its bytes are being deleted.
    Going,
}

/// The claim row of a digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobClaim {
    /// Whose bytes.
    pub digest: Digest,
    /// Where it stands.
    #[serde(flatten)]
    pub state: ClaimState,
}

impl BlobClaim {
    /// Key of a digest's claim.
    pub fn key_of(digest: &Digest) -> Key {
        Key::from(digest.as_str())
    }
}

impl Record for BlobClaim {
    const TABLE: &'static str = "blob_claims";
    fn key(&self) -> Key {
        Self::key_of(&self.digest)
    }
}

/// A reference: an owner needs the bytes of a digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobRef {
    /// Whose bytes.
    pub digest: Digest,
    /// Who needs them ([`owner`]).
    pub owner: String,
}

impl BlobRef {
    /// Prefix of all references to a digest.
    pub fn prefix_of(digest: &Digest) -> Key {
        Key::prefix(&[digest.as_str()])
    }
}

impl Record for BlobRef {
    const TABLE: &'static str = "blob_refs";
    fn key(&self) -> Key {
        Key::of(&[self.digest.as_str(), &self.owner])
    }
}

/// The name under which a record owns references: `submissions/0198…`.
pub fn owner<R: Record>(id: &str) -> String {
    format!("{}/{id}", R::TABLE)
}

/// Why bytes cannot be referred to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefError {
    /// The sweep is deleting these bytes at this moment: put them again a little later.
    #[error("the bytes of {0} are being deleted; put them again")]
    Going(Digest),
    /// The row cannot be written.
    #[error(transparent)]
    Record(#[from] RecordError),
}

/// Refers to `digest` for `owner` in this change; `found` is the claim as read.
///
/// May be called several times for one digest in one change, with the same `found`.
pub fn refer(change: &mut ChangeSet, found: Option<&Stored<BlobClaim>>, digest: &Digest, owner: &str) -> Result<(), RefError> {
    let referenced = BlobClaim { digest: digest.clone(), state: ClaimState::Referenced };
    match found {
        Some(stored) if stored.value.state == ClaimState::Going => return Err(RefError::Going(digest.clone())),
        Some(stored) if stored.value.state == ClaimState::Referenced => {
            change.guard(stored);
        }
        other => {
            change.upsert(other, &referenced)?;
        }
    }
    change.put(&BlobRef { digest: digest.clone(), owner: owner.to_owned() }, Vec::new())?;
    Ok(())
}

/// Holds `digest` until `until` in this change, unless something refers to it or holds it for longer already.
pub fn claim(change: &mut ChangeSet, found: Option<&Stored<BlobClaim>>, digest: &Digest, until: Timestamp) -> Result<(), RefError> {
    match found.map(|stored| stored.value.state) {
        Some(ClaimState::Going) => return Err(RefError::Going(digest.clone())),
        // A reference may be dropped before `until`: the row has to say so itself.
        Some(ClaimState::Claimed { until: held }) if held >= until => {
            if let Some(stored) = found {
                change.guard(stored);
            }
        }
        _ => {
            let claimed = BlobClaim { digest: digest.clone(), state: ClaimState::Claimed { until } };
            change.upsert(found, &claimed)?;
        }
    }
    Ok(())
}

/// Drops the reference of `owner` to `digest` in this change, where there is one. The sweep finds out what is left.
pub fn release(change: &mut ChangeSet, digest: &Digest, owner: &str) {
    let gone = BlobRef { digest: digest.clone(), owner: owner.to_owned() };
    change.forget(&gone);
}

/// What the sweep does about a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sweep {
    /// Nothing now.
    Keep,
    /// Write this state, guarded by the row as read.
    Become(ClaimState),
    /// Delete the bytes if they are older than the grace, then the row, guarded by the row as read.
    Delete,
}

/// Judges a digest that has a claim row; `referenced` must have been read after the row.
pub fn judge(state: ClaimState, referenced: bool, now: Timestamp) -> Sweep {
    match state {
        ClaimState::Claimed { until } if until > now => Sweep::Keep,
        ClaimState::Going => Sweep::Delete,
        ClaimState::Referenced if referenced => Sweep::Keep,
        _ if referenced => Sweep::Become(ClaimState::Referenced),
        ClaimState::Condemned { since } if since.plus_millis(GRACE_MS) > now => Sweep::Keep,
        ClaimState::Condemned { .. } => Sweep::Become(ClaimState::Going),
        ClaimState::Claimed { .. } | ClaimState::Referenced => Sweep::Become(ClaimState::Condemned { since: now }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::change::{Expect, Position};

    fn digest() -> Digest {
        Digest::from_bytes(&[7; 32])
    }

    fn stored(state: ClaimState) -> Stored<BlobClaim> {
        Stored { value: BlobClaim { digest: digest(), state }, version: Position(5) }
    }

    #[test]
    fn a_first_reference_makes_the_row_and_a_second_one_guards_it() {
        let mut first = ChangeSet::new("1");
        refer(&mut first, None, &digest(), "submissions/1").unwrap();
        assert_eq!(first.guards[0].expect, Expect::Absent);
        assert_eq!(first.puts.len(), 2);
        let mut second = ChangeSet::new("2");
        refer(&mut second, Some(&stored(ClaimState::Referenced)), &digest(), "submissions/2").unwrap();
        assert_eq!(second.guards[0].expect, Expect::Version(Position(5)));
        assert_eq!(second.puts.len(), 1, "only the reference: referring records do not contend");
    }

    #[test]
    fn a_condemned_digest_is_rewritten_and_a_going_one_refused() {
        let mut change = ChangeSet::new("1");
        let condemned = stored(ClaimState::Condemned { since: Timestamp::from_millis(1) });
        refer(&mut change, Some(&condemned), &digest(), "x/1").unwrap();
        assert_eq!(change.puts.len(), 2);
        let going = refer(&mut change, Some(&stored(ClaimState::Going)), &digest(), "x/1");
        assert_eq!(going, Err(RefError::Going(digest())));
    }

    #[test]
    fn the_sweep_waits_a_day_and_looks_again() {
        let day = |days: i64| Timestamp::from_millis(days * DAY_MS);
        let condemned = ClaimState::Condemned { since: day(1) };
        assert_eq!(judge(ClaimState::Claimed { until: day(2) }, false, day(1)), Sweep::Keep);
        assert_eq!(judge(ClaimState::Claimed { until: day(1) }, false, day(1)), Sweep::Become(condemned));
        assert_eq!(judge(ClaimState::Referenced, false, day(1)), Sweep::Become(condemned));
        assert_eq!(judge(condemned, false, day(1).plus_millis(GRACE_MS - 1)), Sweep::Keep);
        assert_eq!(judge(condemned, true, day(9)), Sweep::Become(ClaimState::Referenced));
        assert_eq!(judge(condemned, false, day(2)), Sweep::Become(ClaimState::Going));
        assert_eq!(judge(ClaimState::Going, false, day(2)), Sweep::Delete);
    }
}
