//! A file as it is handed out: bytes with a name and a media type.

use super::{BlobError, Blobs};
use crate::domain::digest::Digest;
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use std::ops::Range;

/// A file that may be read.
#[derive(Clone, Debug)]
pub struct OpenFile {
    /// Names the bytes.
    pub digest: Digest,
    /// Bytes.
    pub size: u64,
    /// Media type it is served as.
    pub media_type: String,
    /// Last part of its path.
    pub name: String,
    /// Whether everybody may see it, so that caches between may keep it.
    pub public: bool,
    blobs: Blobs,
}

impl OpenFile {
    /// The bytes of a part, piece by piece.
    pub fn read(&self, range: Range<u64>) -> impl Stream<Item = Result<Bytes, BlobError>> + Send + use<> {
        // An empty range is none to the store of bytes.
        if range.is_empty() { futures::stream::empty().left_stream() } else { self.blobs.stream(&self.digest, range).right_stream() }
    }
}

impl Blobs {
    /// Opens bytes as the file at `path`, for its owner's eyes: whoever may show it to everybody sets `public`.
    ///
    /// # Errors
    /// [`BlobError::NotFound`] when the bytes are not there.
    pub async fn open_file(&self, digest: &Digest, path: &str, media_type: String) -> Result<OpenFile, BlobError> {
        let Some(size) = self.size(digest).await? else { return Err(BlobError::NotFound(digest.clone())) };
        let name = path.rsplit('/').next().unwrap_or(path).to_owned();
        Ok(OpenFile { digest: digest.clone(), size, media_type, name, public: false, blobs: self.clone() })
    }
}
