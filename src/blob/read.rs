//! Bytes out: whole, by range, checked.

use super::{BlobError, Blobs, place};
use crate::domain::digest::Digest;
use bytes::Bytes;
use futures::stream::{Stream, TryStreamExt as _, try_unfold};
use object_store::ObjectStoreExt as _;
use sha2::{Digest as _, Sha256};
use std::ops::Range;

/// Bytes read at a time.
const CHUNK: u64 = 256 << 10;

impl Blobs {
    /// All bytes of a digest, in memory: for texts and thumbnails, not for films.
    pub async fn read(&self, digest: &Digest) -> Result<Bytes, BlobError> {
        let found = self.objects.get(&place(digest)).await.map_err(|error| BlobError::about(digest, error))?;
        found.bytes().await.map_err(|error| BlobError::about(digest, error))
    }

    /// The bytes of a range, which must lie within the length, piece by piece.
    pub fn stream(&self, digest: &Digest, range: Range<u64>) -> impl Stream<Item = Result<Bytes, BlobError>> + Send + use<> {
        let (blobs, digest, place) = (self.clone(), digest.clone(), place(digest));
        try_unfold(range, move |rest| {
            let (blobs, digest, place) = (blobs.clone(), digest.clone(), place.clone());
            async move {
                if rest.is_empty() {
                    return Ok(None);
                }
                let end = rest.end.min(rest.start.saturating_add(CHUNK));
                let bytes = blobs.objects.get_range(&place, rest.start..end).await;
                let bytes = bytes.map_err(|error| BlobError::about(&digest, error))?;
                if bytes.is_empty() {
                    return Err(BlobError::Range);
                }
                let next = rest.start + bytes.len() as u64..rest.end;
                Ok(Some((bytes, next)))
            }
        })
    }

    /// The length in bytes; `None` when nothing is kept under the digest.
    pub async fn size(&self, digest: &Digest) -> Result<Option<u64>, BlobError> {
        match self.objects.head(&place(digest)).await {
            Ok(found) => Ok(Some(found.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads the bytes and says whether they still have their digest.
    pub async fn is_sound(&self, digest: &Digest) -> Result<bool, BlobError> {
        let Some(size) = self.size(digest).await? else { return Err(BlobError::NotFound(digest.clone())) };
        let mut hasher = Sha256::new();
        let mut stream = std::pin::pin!(self.stream(digest, 0..size));
        while let Some(bytes) = stream.try_next().await? {
            hasher.update(&bytes);
        }
        Ok(Digest::from_bytes(&hasher.finalize().into()) == *digest)
    }
}
