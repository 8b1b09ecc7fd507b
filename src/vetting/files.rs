//! The work itself, for those who judge it: its files and the text found in them.

use super::Vetting;
use super::mask;
use super::panel::sight;
use crate::blob::OpenFile;
use crate::domain::access::Actor;
use crate::domain::inspection::{ExtractedText, FileFacts};
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use crate::domain::rendition::{Kept, Purpose, Rendition, Source};
use crate::domain::submission::SubmittedFile;

impl Vetting {
    /// Opens a file of a submission by its path in the package, evidence of rights among them.
    ///
    /// # Errors
    /// Not found, also for who may not see the submission.
    pub async fn file(&self, actor: &Actor, id: &str, path: &str) -> Result<OpenFile, Problem> {
        let file = self.submitted(actor, id, path).await?;
        let media_type = file.facts.as_ref().map_or("application/octet-stream", FileFacts::media_type);
        let opened = self.blobs.open_file(&file.digest, path, media_type.to_owned()).await;
        Ok(opened.inspect_err(|error| tracing::error!(submission = id, path, %error, "a file cannot be opened; run `yuelu verify`"))?)
    }

    /// Opens what the platform made of a file for any phone; whoever may open the file may open that.
    ///
    /// # Errors
    /// Not found, also when there is none.
    pub async fn rendition(&self, actor: &Actor, id: &str, path: &str, purpose: Purpose) -> Result<OpenFile, Problem> {
        let file = self.submitted(actor, id, path).await?;
        let kept = self.kept(std::slice::from_ref(&file)).await?;
        let found = Source::of(&file).and_then(|source| kept.of(source)).filter(|found| found.purpose == purpose);
        let digest = found.and_then(Rendition::made).ok_or_else(|| Problem::not_found("转换件", "rendition"))?;
        let opened = self.blobs.open_file(digest, &purpose.name_of(path), purpose.media_type().to_owned()).await;
        Ok(opened
            .inspect_err(|error| tracing::error!(submission = id, path, %error, "a rendition cannot be opened; run `yuelu verify`"))?)
    }

    /// What is kept of renditions of these files.
    pub(super) async fn kept(&self, files: &[SubmittedFile]) -> Result<Kept, Problem> {
        let keys: Vec<Key> = files.iter().filter_map(|file| Source::of(file)?.key()).collect();
        Ok(Kept::new(self.store.get_many::<Rendition>(&keys).await?))
    }

    /// The text that was found in a file, by page, slide, chapter or second.
    ///
    /// # Errors
    /// Not found, also when no text was found in it.
    pub async fn text(&self, actor: &Actor, id: &str, path: &str) -> Result<ExtractedText, Problem> {
        let file = self.submitted(actor, id, path).await?;
        let digest = file.text.ok_or_else(|| Problem::not_found("文字", "text"))?;
        ExtractedText::unpack(&self.blobs.read(&digest).await?).ok_or_else(|| {
            tracing::error!(submission = id, path, %digest, "an extracted text is not one; run `yuelu verify`");
            Problem::internal()
        })
    }

    async fn submitted(&self, actor: &Actor, id: &str, path: &str) -> Result<SubmittedFile, Problem> {
        let submission = self.load(id).await?.value;
        let sight = sight(actor, &submission).ok_or_else(|| Problem::not_found("提交", "submission"))?;
        // Reviewers of a blind track know files by their neutral names alone.
        let file = mask::shown(sight, &submission).into_owned().files.into_iter().find(|file| file.entry.path == path);
        file.ok_or_else(|| Problem::not_found("文件", "file"))
    }
}
