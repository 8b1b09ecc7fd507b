//! Opening files of a resource: by path, by range, and the picture shown in lists.

use super::Catalog;
pub use crate::blob::OpenFile;
use crate::domain::access::{Actor, PUBLIC};
use crate::domain::digest::Digest;
use crate::domain::metadata::FileRole;
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use crate::domain::rendition::{Kept, Purpose, Rendition, Source};
use crate::domain::resource::{Asset, Resource};

/// The picture that stands for a resource: its cover, else the first thumbnail. `(digest, media type)`.
pub(super) fn cover_of(resource: &Resource) -> Option<(String, String)> {
    let open = || resource.assets.iter().filter(|asset| asset.role != FileRole::Evidence);
    let thumbnail = |asset: &Asset| asset.thumbnail.clone().map(|digest| (digest, String::new()));
    let covers = || open().filter(|asset| asset.role == FileRole::Cover);
    let whole = || covers().map(|asset| (asset.facts.sha256.clone(), asset.media_type.clone())).next();
    covers().find_map(thumbnail).or_else(whole).or_else(|| open().find_map(thumbnail))
}

/// An asset as one that may need a rendition.
pub(super) fn source_of(asset: &Asset) -> Source<'_> {
    Source { path: &asset.path, role: asset.role, facts: &asset.facts }
}

impl Catalog {
    /// Opens a file by its path in the package.
    ///
    /// # Errors
    /// Not found, also for evidence where the actor is not staff; `retired`.
    pub async fn file(&self, actor: &Actor, id: &str, path: &str) -> Result<OpenFile, Problem> {
        let resource = self.visible(actor, id).await?.value;
        let staff = resource.is_staff(actor);
        let asset = resource.assets.iter().find(|asset| asset.path == path && (staff || asset.role != FileRole::Evidence));
        let asset = asset.ok_or_else(|| Problem::not_found("文件", "file"))?;
        self.open(&resource, &asset.facts.sha256, asset.media_type.clone(), path).await
    }

    /// Opens what the platform made of a file for any phone; whoever may open the file may open that.
    ///
    /// # Errors
    /// Not found, also when there is none; `retired`.
    pub async fn rendition(&self, actor: &Actor, id: &str, path: &str, purpose: Purpose) -> Result<OpenFile, Problem> {
        let resource = self.visible(actor, id).await?.value;
        let staff = resource.is_staff(actor);
        let asset = resource.assets.iter().find(|asset| asset.path == path && (staff || asset.role != FileRole::Evidence));
        let source = asset.map(source_of).ok_or_else(|| Problem::not_found("文件", "file"))?;
        let kept = self.kept(&resource).await?;
        let found = kept.of(source).filter(|found| found.purpose == purpose);
        let digest = found.and_then(Rendition::made).ok_or_else(|| Problem::not_found("转换件", "rendition"))?;
        self.open(&resource, digest.as_str(), purpose.media_type().to_owned(), &purpose.name_of(path)).await
    }

    /// What is kept of renditions of a resource's files.
    pub(super) async fn kept(&self, resource: &Resource) -> Result<Kept, Problem> {
        let keys: Vec<Key> = resource.assets.iter().filter_map(|asset| source_of(asset).key()).collect();
        Ok(if keys.is_empty() { Kept::default() } else { Kept::new(self.store.get_many::<Rendition>(&keys).await?) })
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
        let staff = resource.is_staff(actor);
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
        let opened = self.blobs.open_file(&digest, path, media_type).await;
        let mut file = opened.inspect_err(|error| {
            tracing::error!(resource = resource.id, path, %error, "a file cannot be opened; run `yuelu verify`");
        })?;
        file.public = resource.grants.contains(PUBLIC);
        Ok(file)
    }
}

/// Thumbnails are JPEG or WebP.
fn thumbnail_type(bytes: &[u8]) -> &'static str {
    if bytes.starts_with(b"RIFF") { "image/webp" } else { "image/jpeg" }
}
