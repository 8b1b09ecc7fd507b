//! What is kept.

use super::{BlobError, Blobs};
use crate::domain::digest::Digest;
use crate::domain::time::Timestamp;
use futures::stream::{Stream, StreamExt as _};
use object_store::path::Path as ObjectPath;

/// Bytes that are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobEntry {
    /// Their name.
    pub digest: Digest,
    /// Length in bytes.
    pub size: u64,
    /// When they were last put.
    pub put: Timestamp,
}

impl Blobs {
    /// All bytes that are kept, in no order. Files that are not named by a digest are passed over.
    pub fn list(&self) -> impl Stream<Item = Result<BlobEntry, BlobError>> + Send + 'static {
        let found = self.objects.list(Some(&ObjectPath::from("blobs")));
        found.filter_map(async |entry| {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => return Some(Err(error.into())),
            };
            let digest = Digest::parse(entry.location.filename()?)?;
            let put = Timestamp::from_millis(entry.last_modified.timestamp_millis());
            Some(Ok(BlobEntry { digest, size: entry.size, put }))
        })
    }
}
