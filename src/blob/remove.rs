//! Bytes away: only old ones, and only for who has made sure that nothing needs them.

use super::{BlobError, Blobs, place};
use crate::domain::digest::Digest;
use crate::domain::time::Timestamp;
use object_store::ObjectStoreExt as _;

impl Blobs {
    /// Deletes the bytes of a digest unless they were put (again) at or after `cutoff`. Whether they are gone now.
    ///
    /// Deciding that nothing needs them is the caller's: see `domain::blob_ref`.
    pub async fn remove_older(&self, digest: &Digest, cutoff: Timestamp) -> Result<bool, BlobError> {
        let _gate = self.gate.write().await;
        match self.objects.head(&place(digest)).await {
            Err(object_store::Error::NotFound { .. }) => return Ok(true),
            Err(error) => return Err(error.into()),
            Ok(found) if found.last_modified.timestamp_millis() >= cutoff.millis() => return Ok(false),
            Ok(_) => {}
        }
        match self.objects.delete(&place(digest)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }
}
