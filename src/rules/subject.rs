//! What rules are applied to.

use crate::domain::inspection::ExtractedText;
use crate::domain::metadata::{FileRole, Metadata};
use crate::domain::submission::SubmittedFile;
use crate::domain::time::Timestamp;

/// A submission as the rules see it. Facts of files are `SubmittedFile::facts`; texts come from `text` when a rule asks for them.
pub struct Subject<'a> {
    /// Description.
    pub metadata: &'a Metadata,
    /// Files with their facts.
    pub files: &'a [SubmittedFile],
    /// Row of the catalogue, for the findings.
    pub row: Option<u32>,
    /// The instant by which `valid_from` is read.
    pub at: Timestamp,
    /// Other works with nearly the same text, the nearest first, or with the same file; `None` where nobody looked for them.
    pub neighbours: Option<&'a [Neighbour]>,
    /// The text of a file, asked for at most once a file; `None` when it has none.
    pub text: &'a dyn Fn(&SubmittedFile) -> Option<ExtractedText>,
}

/// Another work whose text is nearly the same, or that holds the same file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Its title, where whoever reads the finding may know it.
    pub title: Option<String>,
    /// It is published; else it is being vetted.
    pub published: bool,
    /// Estimated likeness in per cent.
    pub percent: u32,
    /// The file that both hold, as it is called here; else the texts are alike.
    pub file: Option<String>,
}

impl Neighbour {
    /// How findings name it.
    pub fn shown(&self) -> String {
        let state = if self.published { "已入库" } else { "送审中" };
        let percent = if self.file.is_none() { format!("（约 {}%）", self.percent) } else { String::new() };
        match &self.title {
            Some(title) => format!("{state}的“{title}”{percent}"),
            None => format!("另一件{state}的资源{percent}"),
        }
    }
}

impl Subject<'_> {
    /// Files that learners are shown: all but evidence.
    pub fn shown(&self) -> impl Iterator<Item = &SubmittedFile> {
        self.files.iter().filter(|file| file.entry.role != FileRole::Evidence)
    }

    /// The works themselves.
    pub fn masters(&self) -> impl Iterator<Item = &SubmittedFile> {
        self.files.iter().filter(|file| file.entry.role == FileRole::Master)
    }
}

/// The class of a file, by what its content is.
pub fn class_of(file: &SubmittedFile) -> &'static str {
    let Some(facts) = &file.facts else { return "other" };
    let sniffed = facts.sniffed.as_str();
    let office = |name: &str| sniffed.contains(name);
    if facts.subtitle.is_some() {
        "subtitle"
    } else if facts.video.is_some() || (sniffed.starts_with("video/") && facts.audio.is_none()) {
        // A container of videos that holds nothing but sound is sound.
        "video"
    } else if facts.image.is_some() || sniffed.starts_with("image/") {
        "image"
    } else if facts.audio.is_some() || sniffed.starts_with("audio/") {
        "audio"
    } else if office("presentation") || office("powerpoint") {
        "slides"
    } else if office("epub") {
        "ebook"
    } else if ["pdf", "word", "sheet", "excel", "opendocument", "rtf", "ole-storage"].into_iter().any(office) {
        "document"
    } else if sniffed.starts_with("text/") || facts.text.is_some() {
        "text"
    } else {
        "other"
    }
}

#[cfg(test)]
mod tests {
    use super::class_of;
    use crate::domain::digest::Digest;
    use crate::domain::inspection::{AudioFacts, FileFacts, VideoFacts};
    use crate::domain::metadata::FileEntry;
    use crate::domain::submission::SubmittedFile;

    #[test]
    fn a_container_of_videos_with_sound_alone_is_sound() {
        let of = |facts: FileFacts| {
            let facts = Some(FileFacts { sniffed: "video/mp4".into(), ..facts });
            let (entry, digest) = (FileEntry::default(), Digest::from_bytes(&[0; 32]));
            class_of(&SubmittedFile { entry, digest, size: 1, facts, text: None, thumbnail: None })
        };
        let (sound, picture) = (Some(AudioFacts::default()), Some(VideoFacts::default()));
        assert_eq!(of(FileFacts { audio: sound.clone(), ..FileFacts::default() }), "audio");
        assert_eq!(of(FileFacts { audio: sound, video: picture, ..FileFacts::default() }), "video");
        assert_eq!(of(FileFacts::default()), "video", "one that does not open is what it seems");
    }
}
