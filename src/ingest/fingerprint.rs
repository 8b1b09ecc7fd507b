//! What tells a changed row from an unchanged one.

use crate::domain::digest::Digest;
use crate::domain::metadata::Metadata;
use crate::domain::submission::SubmittedFile;
use sha2::{Digest as _, Sha256};

/// SHA-256 over the description as it was read and the digests of its files in their order. Neither the row's number nor the
/// form of the catalogue counts, so that a sorted table or one turned into a workbook is the same.
pub(super) fn of(metadata: &Metadata, files: &[SubmittedFile]) -> Digest {
    let mut hasher = Sha256::new();
    // Descriptions are made of strings, numbers and maps with text keys, which always serialise.
    hasher.update(serde_json::to_vec(metadata).unwrap_or_default());
    for file in files {
        hasher.update([0]);
        hasher.update(file.entry.path.as_bytes());
        hasher.update([0]);
        hasher.update(file.digest.as_str());
    }
    digest_of(hasher)
}

/// The digest that a hasher came to.
pub(super) fn digest_of(hasher: Sha256) -> Digest {
    Digest::from_bytes(&hasher.finalize().into())
}
