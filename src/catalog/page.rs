//! A resource's page of facts: what it is, its files, and how it was vetted, without anybody's name.

use super::Catalog;
use super::files::source_of;
use crate::domain::access::{Actor, OrgPath};
use crate::domain::address;
use crate::domain::change::Position;
use crate::domain::metadata::{FileRole, Metadata};
use crate::domain::problem::Problem;
use crate::domain::rendition::{Kept, RenditionView};
use crate::domain::resource::{Asset, Provenance, Resource, ResourceState};
use crate::domain::time::Timestamp;
use serde::Serialize;

/// A resource as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ResourcePage {
    /// Id.
    pub id: String,
    /// The title to show where one is wanted.
    pub title: String,
    /// 1 is the first.
    pub revision: u32,
    /// Owning organisation.
    pub owner: OrgPath,
    /// Name of the owning institution.
    pub institution: String,
    /// Where it stands.
    #[serde(flatten)]
    pub state: ResourceState,
    /// Description.
    pub metadata: Metadata,
    /// Files that the viewer may open.
    pub files: Vec<ResourceFile>,
    /// Address of the picture shown in lists, where there is one.
    pub cover: Option<String>,
    /// How it was vetted.
    pub review: Provenance,
    /// First publication.
    pub published: Timestamp,
    /// This revision's publication.
    pub updated: Timestamp,
    /// Version, as in the `ETag`.
    pub version: Position,
    /// When a rendition of its files last changed, which changes what is shown and not the resource.
    #[serde(skip)]
    pub renditions: Option<Position>,
}

/// A file as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ResourceFile {
    /// Path in the package.
    pub path: String,
    /// Address of the bytes.
    pub url: String,
    /// What it is for.
    pub role: FileRole,
    /// Media type.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the bytes.
    pub sha256: String,
    /// Title, where the manifest gives one.
    pub title: Option<String>,
    /// BCP 47, where the manifest says.
    pub language: Option<String>,
    /// Milliseconds of picture or sound.
    pub duration_ms: Option<u64>,
    /// Pages, slides, sheets or chapters.
    pub parts: Option<u32>,
    /// Pixels.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
    /// What the platform made of it for any phone.
    pub renditions: Vec<RenditionView>,
}

impl ResourceFile {
    fn of(resource: &Resource, asset: &Asset, kept: &Kept) -> Self {
        let entry = resource.metadata.files.iter().find(|entry| entry.path == asset.path);
        let (facts, url) = (&asset.facts, address::file(&resource.id, &asset.path));
        let sound = facts.audio.as_ref().map(|audio| audio.duration_ms);
        Self {
            path: asset.path.clone(),
            renditions: kept.shown(source_of(asset), &url),
            url,
            role: asset.role,
            media_type: asset.media_type.clone(),
            size: facts.size,
            sha256: facts.sha256.clone(),
            title: entry.and_then(|entry| entry.title.clone()),
            language: entry.and_then(|entry| entry.language.clone()),
            duration_ms: facts.video.as_ref().map(|video| video.duration_ms).or(sound),
            parts: facts.text.as_ref().map(|text| text.parts),
            width: facts.video.as_ref().map(|video| video.width).or(facts.image.as_ref().map(|image| image.width)),
            height: facts.video.as_ref().map(|video| video.height).or(facts.image.as_ref().map(|image| image.height)),
        }
    }
}

impl Catalog {
    /// The page of a resource.
    ///
    /// # Errors
    /// Not found; `retired`.
    pub async fn page(&self, actor: &Actor, id: &str) -> Result<ResourcePage, Problem> {
        let found = self.visible(actor, id).await?;
        let kept = self.kept(&found.value).await?;
        Ok(shown(actor, found.value, found.version, &kept))
    }
}

/// A resource as this actor may see it: evidence is for staff.
pub(super) fn shown(actor: &Actor, resource: Resource, version: Position, kept: &Kept) -> ResourcePage {
    let staff = resource.is_staff(actor);
    let open = |asset: &&Asset| staff || asset.role != FileRole::Evidence;
    let files = resource.assets.iter().filter(open).map(|asset| ResourceFile::of(&resource, asset, kept)).collect();
    let has_cover = super::files::cover_of(&resource).is_some();
    let cover = has_cover.then(|| format!("{}/cover", address::resource(&resource.id)));
    let mut metadata = resource.metadata;
    if !staff {
        metadata.rights.evidence.clear();
        metadata.files.retain(|entry| entry.role != FileRole::Evidence);
        if let Some(culture) = &mut metadata.culture {
            culture.consent.clear();
        }
    }
    ResourcePage {
        title: metadata.title.main().to_owned(),
        id: resource.id,
        revision: resource.revision,
        owner: resource.owner,
        institution: resource.institution,
        state: resource.state,
        metadata,
        files,
        cover,
        review: resource.provenance,
        published: resource.published,
        updated: resource.updated,
        version,
        renditions: kept.latest(),
    }
}
