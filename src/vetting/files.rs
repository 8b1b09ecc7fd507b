//! The work itself, for those who judge it: its files and the text found in them.

use super::Vetting;
use super::mask;
use super::panel::sight;
use crate::blob::OpenFile;
use crate::domain::access::Actor;
use crate::domain::inspection::{ExtractedText, FileFacts};
use crate::domain::problem::Problem;
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
