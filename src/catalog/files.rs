//! Opening files of a resource: by path, by range, and the picture shown in lists.

use super::{Catalog, is_staff};
use crate::blob::BlobError;
use crate::domain::access::{Actor, PUBLIC};
use crate::domain::digest::Digest;
use crate::domain::metadata::FileRole;
use crate::domain::problem::Problem;
use crate::domain::resource::{Asset, Resource};
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use std::ops::Range;

/// A file that may be read.
#[derive(Clone, Debug, PartialEq, Eq)]
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
}

/// The picture that stands for a resource: its cover, else the first thumbnail. `(digest, media type)`.
pub(super) fn cover_of(resource: &Resource) -> Option<(String, String)> {
    let open = || resource.assets.iter().filter(|asset| asset.role != FileRole::Evidence);
    let thumbnail = |asset: &Asset| asset.thumbnail.clone().map(|digest| (digest, String::new()));
    let covers = || open().filter(|asset| asset.role == FileRole::Cover);
    let whole = || covers().map(|asset| (asset.facts.sha256.clone(), asset.media_type.clone())).next();
    covers().find_map(thumbnail).or_else(whole).or_else(|| open().find_map(thumbnail))
}

impl Catalog {
    /// Opens a file by its path in the package.
    ///
    /// # Errors
    /// Not found, also for evidence where the actor is not staff; `retired`.
    pub async fn file(&self, actor: &Actor, id: &str, path: &str) -> Result<OpenFile, Problem> {
        let resource = self.visible(actor, id).await?.value;
        let staff = is_staff(actor, &resource);
        let asset = resource.assets.iter().find(|asset| asset.path == path && (staff || asset.role != FileRole::Evidence));
        let asset = asset.ok_or_else(|| Problem::not_found("文件", "file"))?;
        self.open(&resource, &asset.facts.sha256, asset.media_type.clone(), path).await
    }

    /// Opens the picture shown in lists.
    ///
    /// # Errors
    /// Not found, also when there is none.
    pub async fn cover(&self, actor: &Actor, id: &str) -> Result<OpenFile, Problem> {
        let resource = self.visible(actor, id).await?.value;
        let (digest, media_type) = cover_of(&resource).ok_or_else(|| Problem::not_found("封面", "cover"))?;
        let mut file = self.open(&resource, &digest, media_type, "cover").await?;
        if file.media_type.is_empty() {
            let head = self.blobs.read(&file.digest).await?;
            file.media_type = thumbnail_type(&head).to_owned();
        }
        Ok(file)
    }

    /// Opens the thumbnail of one file, as lists of search show it.
    ///
    /// # Errors
    /// Not found, also when it has none.
    pub async fn thumbnail(&self, actor: &Actor, id: &str, path: &str) -> Result<OpenFile, Problem> {
        let resource = self.visible(actor, id).await?.value;
        let staff = is_staff(actor, &resource);
        let asset = resource.assets.iter().find(|asset| asset.path == path && (staff || asset.role != FileRole::Evidence));
        let digest = asset.and_then(|asset| asset.thumbnail.clone()).ok_or_else(|| Problem::not_found("缩略图", "thumbnail"))?;
        let mut file = self.open(&resource, &digest, String::new(), "thumbnail").await?;
        file.media_type = thumbnail_type(&self.blobs.read(&file.digest).await?).to_owned();
        Ok(file)
    }

    async fn open(&self, resource: &Resource, digest: &str, media_type: String, path: &str) -> Result<OpenFile, Problem> {
        let digest = Digest::parse(digest).ok_or_else(|| {
            tracing::error!(resource = resource.id, path, "a file has no sound digest");
            Problem::internal()
        })?;
        let Some(size) = self.blobs.size(&digest).await? else {
            tracing::error!(resource = resource.id, path, %digest, "the bytes of a file are not there; run `yuelu verify`");
            return Err(Problem::internal());
        };
        let name = path.rsplit('/').next().unwrap_or(path).to_owned();
        Ok(OpenFile { digest, size, media_type, name, public: resource.grants.contains(PUBLIC) })
    }

    /// The bytes of a part of an open file, piece by piece.
    pub fn read(&self, file: &OpenFile, range: Range<u64>) -> impl Stream<Item = Result<Bytes, BlobError>> + Send + use<> {
        // An empty range is none to the store of bytes.
        if range.is_empty() { futures::stream::empty().left_stream() } else { self.blobs.stream(&file.digest, range).right_stream() }
    }
}

/// Thumbnails are JPEG or WebP.
fn thumbnail_type(bytes: &[u8]) -> &'static str {
    if bytes.starts_with(b"RIFF") { "image/webp" } else { "image/jpeg" }
}
