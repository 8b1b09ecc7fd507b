//! Renditions: what the platform makes of a file so that it opens on any phone. The file itself, the master, is never touched.
//!
//! Which rendition a file needs follows from its facts alone ([`Source::need`]); whether it can be made depends on the programs
//! that are installed. A rendition is kept under the digest of its source and its purpose, so that the same bytes are converted
//! once, whoever sent them in. Nobody's row names it: a submission and a resource show what is kept for the bytes of their files,
//! so that a conversion that ends while people judge or after publication changes nothing that they guard. It lives as long as
//! the bytes of its source: the sweep lets go of both.
//!
//! To add a kind: a [`Purpose`] with its recipe, a line in [`Source::need`], and whoever makes it in `media::convert`.

use super::change::{ChangeSet, Position};
use super::digest::Digest;
use super::inspection::FileFacts;
use super::job::{JobKind, NewJob};
use super::metadata::FileRole;
use super::record::{Key, Record, RecordError, Stored};
use super::submission::table::StateCode;
use super::submission::{Submission, SubmittedFile};
use super::time::{DAY_MS, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

mod need;

pub use need::{is_plain_picture, is_plain_sound};

/// What a rendition is for. One file needs at most one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Film: MP4 with H.264 and AAC, progressive, at most 1080p.
    Play,
    /// Sound: M4A with AAC.
    Listen,
    /// Picture: JPEG of at most 2,560 pixels.
    View,
    /// Document: PDF.
    Read,
    /// Subtitles: WebVTT in UTF-8, the one form that browsers show.
    Captions,
    /// Text in UTF-8.
    Text,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Play, Self::Listen, Self::View, Self::Read, Self::Captions, Self::Text];

    /// Stable code, as in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Play => "play",
            Self::Listen => "listen",
            Self::View => "view",
            Self::Read => "read",
            Self::Captions => "captions",
            Self::Text => "text",
        }
    }

    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Play => "播放版（MP4）",
            Self::Listen => "收听版（M4A）",
            Self::View => "浏览版（JPEG）",
            Self::Read => "阅读版（PDF）",
            Self::Captions => "播放用字幕（WebVTT）",
            Self::Text => "UTF-8 文本",
        }
    }

    /// How it is made: parameters, and a number that is raised when they change. Renditions of another recipe are made anew.
    pub const fn recipe(self) -> &'static str {
        match self {
            Self::Play => "mp4 h264-high yuv420p crf25 veryfast 1080p30 aac96k faststart/1",
            Self::Listen => "m4a aac128k/1",
            Self::View => "jpeg q85 2560px/1",
            Self::Read => "pdf/1",
            Self::Captions => "webvtt/1",
            Self::Text => "utf-8/1",
        }
    }

    /// Media type of what is made.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Play => "video/mp4",
            Self::Listen => "audio/mp4",
            Self::View => "image/jpeg",
            Self::Read => "application/pdf",
            Self::Captions => "text/vtt",
            Self::Text => "text/plain",
        }
    }

    /// Ending of its name.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Play => "mp4",
            Self::Listen => "m4a",
            Self::View => "jpg",
            Self::Read => "pdf",
            Self::Captions => "vtt",
            Self::Text => "txt",
        }
    }

    /// Whether making it takes moments; films and recordings take a part of their length.
    pub const fn takes_moments(self) -> bool {
        !matches!(self, Self::Play | Self::Listen)
    }

    /// The name it is saved under: that of its source with its own ending.
    pub fn name_of(self, path: &str) -> String {
        let name = path.rsplit('/').next().unwrap_or(path);
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        format!("{stem}.{}", self.ending())
    }
}

/// What became of a conversion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It was made.
    Made {
        /// Its bytes.
        digest: Digest,
        /// What inspection measured of it.
        facts: Box<FileFacts>,
    },
    /// The program that should make it failed, or took too long.
    Failed {
        /// Id of the job that tried: it alone tries again, so that no other sender of the same bytes has to wait for it too.
        job: String,
        /// Why, in Chinese.
        reason: String,
    },
}

/// The rendition of some bytes for one purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendition {
    /// Digest of the source.
    pub source: Digest,
    /// What it is for.
    pub purpose: Purpose,
    /// How it was made ([`Purpose::recipe`] of that time).
    pub recipe: String,
    /// Program and version that made it; empty where none came to it.
    #[serde(default)]
    pub tool: String,
    /// When.
    pub at: Timestamp,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

impl Rendition {
    /// The key of the rendition of these bytes for this purpose.
    pub fn key_of(source: &Digest, purpose: Purpose) -> Key {
        Key::of(&[source.as_str(), purpose.code()])
    }

    /// Prefix of all renditions of these bytes.
    pub fn prefix_of(source: &Digest) -> Key {
        Key::prefix(&[source.as_str()])
    }

    /// The name under which it refers to its bytes (see `blob_ref::owner`).
    pub fn owner(&self) -> String {
        super::blob_ref::owner::<Self>(&format!("{}/{}", self.source, self.purpose.code()))
    }

    /// The bytes that were made.
    pub fn made(&self) -> Option<&Digest> {
        match &self.outcome {
            Outcome::Made { digest, .. } => Some(digest),
            Outcome::Failed { .. } => None,
        }
    }

    /// Whether this job has nothing to do: it was made by the present recipe, or another job failed at it.
    pub fn stands_for(&self, job: &str) -> bool {
        self.recipe == self.purpose.recipe()
            && match &self.outcome {
                Outcome::Made { .. } => true,
                Outcome::Failed { job: tried, .. } => tried != job,
            }
    }
}

impl Record for Rendition {
    const TABLE: &'static str = "renditions";

    fn key(&self) -> Key {
        Self::key_of(&self.source, self.purpose)
    }
}

/// By which recipes and programs the catalogue was last gone through: when they differ from the present ones, it is gone through
/// again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenditionMark {
    /// Recipes that could be made.
    pub recipes: BTreeSet<String>,
}

impl RenditionMark {
    /// The mark of what can be made now.
    pub fn of(makeable: &BTreeSet<Purpose>) -> Self {
        Self { recipes: makeable.iter().map(|purpose| purpose.recipe().to_owned()).collect() }
    }

    /// Key of the one row.
    pub fn only_key() -> Key {
        Key::from("present")
    }
}

impl Record for RenditionMark {
    const TABLE: &'static str = "rendition_mark";

    fn key(&self) -> Key {
        Self::only_key()
    }
}

/// A file that may need a rendition.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Path in the package, whose ending tells forms of plain text apart.
    pub path: &'a str,
    /// What the file is for.
    pub role: FileRole,
    /// What inspection measured.
    pub facts: &'a FileFacts,
}

impl<'a> Source<'a> {
    /// A file of a submission; `None` before it was looked into.
    pub fn of(file: &'a SubmittedFile) -> Option<Self> {
        Some(Self { path: &file.entry.path, role: file.entry.role, facts: file.facts.as_ref()? })
    }

    /// Key of the rendition it needs.
    pub fn key(self) -> Option<Key> {
        Some(Rendition::key_of(&Digest::parse(&self.facts.sha256)?, self.need()?))
    }
}

/// What is kept for some files, by key. Read with [`Source::key`] of each of them.
#[derive(Clone, Debug, Default)]
pub struct Kept(BTreeMap<Key, Stored<Rendition>>);

impl Kept {
    /// Of rows as the store gave them.
    pub fn new(found: Vec<Option<Stored<Rendition>>>) -> Self {
        Self(found.into_iter().flatten().map(|row| (row.value.key(), row)).collect())
    }

    /// The rendition of a file, whatever became of it.
    pub fn of(&self, source: Source<'_>) -> Option<&Rendition> {
        Some(&self.0.get(&source.key()?)?.value)
    }

    /// When any of them last changed; `None` where there is none.
    pub fn latest(&self) -> Option<Position> {
        self.0.values().map(|row| row.version).max()
    }

    /// The rendition of a file as it is shown; `address` is that of the file.
    pub fn shown(&self, source: Source<'_>, address: &str) -> Vec<RenditionView> {
        self.of(source).and_then(|rendition| RenditionView::of(rendition, address)).into_iter().collect()
    }

    /// Why there is none of a file that needs one, where its conversion failed.
    pub fn fault(&self, source: Source<'_>) -> Option<String> {
        match &self.of(source)?.outcome {
            Outcome::Failed { reason, .. } => Some(reason.clone()),
            Outcome::Made { .. } => None,
        }
    }
}

/// A rendition as it is shown beside its file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RenditionView {
    /// What it is for.
    pub purpose: Purpose,
    /// The same in Chinese.
    pub label: String,
    /// Address of its bytes: that of the file, with `rendition`.
    pub url: String,
    /// Media type.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Milliseconds of picture or sound.
    pub duration_ms: Option<u64>,
    /// Pixels.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
    /// Pages.
    pub pages: Option<u32>,
}

impl RenditionView {
    fn of(rendition: &Rendition, address: &str) -> Option<Self> {
        let Outcome::Made { digest, facts } = &rendition.outcome else { return None };
        let purpose = rendition.purpose;
        let (video, image) = (facts.video.as_ref(), facts.image.as_ref());
        let sound = facts.audio.as_ref().map(|audio| audio.duration_ms);
        Some(Self {
            purpose,
            label: purpose.label().to_owned(),
            url: format!("{address}?rendition={}", purpose.code()),
            media_type: purpose.media_type().to_owned(),
            size: facts.size,
            sha256: digest.to_string(),
            duration_ms: video.map(|video| video.duration_ms).or(sound),
            width: video.map(|video| video.width).or(image.map(|image| image.width)),
            height: video.map(|video| video.height).or(image.map(|image| image.height)),
            pages: facts.text.as_ref().filter(|_| purpose == Purpose::Read).map(|text| text.parts),
        })
    }
}

/// What a conversion is about: a file of a submission by its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Submission.
    pub submission: String,
    /// Bytes of the file.
    pub digest: Digest,
}

impl Order {
    /// Reads the subject of a job.
    pub fn parse(subject: &str) -> Option<Self> {
        let (submission, digest) = subject.rsplit_once('/')?;
        Some(Self { submission: submission.to_owned(), digest: Digest::parse(digest)? })
    }

    fn subject(&self) -> String {
        format!("{}/{}", self.submission, self.digest)
    }
}

/// Whether files of a submission in this state are converted: it passed its machine checks, and was not taken back or refused.
pub fn is_due(state: StateCode) -> bool {
    use StateCode as S;
    !matches!(state, S::Draft | S::Submitted | S::Checking | S::Returned | S::Withdrawn | S::Rejected)
}

/// Queues the conversions that the files of a submission need, where it has passed its checks. A conversion that was done before is
/// found done when its turn comes.
pub fn queue(
    change: &mut ChangeSet,
    submission: &Submission,
    mut fresh_id: impl FnMut() -> String,
    now: Timestamp,
) -> Result<(), RecordError> {
    if !is_due(submission.state.code()) {
        return Ok(());
    }
    let needy = submission.files.iter().filter_map(|file| Some((&file.digest, Source::of(file)?.need()?)));
    let needs: BTreeMap<&Digest, Purpose> = needy.collect();
    for (digest, purpose) in needs {
        let order = Order { submission: submission.id.clone(), digest: digest.clone() };
        // As if they had waited for a day: subtitles do not stand behind a term's films, nor do films wait for ever.
        let due = if purpose.takes_moments() { now.plus_millis(-DAY_MS) } else { now };
        change.queue(NewJob { id: fresh_id(), kind: JobKind::Convert, subject: order.subject(), due }, now)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_read_again_and_other_subjects_are_not() {
        let order = Order { submission: "0199-a".to_owned(), digest: Digest::from_bytes(&[7; 32]) };
        assert_eq!(Order::parse(&order.subject()), Some(order));
        assert_eq!(Order::parse("0199-a"), None);
        assert_eq!(Order::parse("0199-a/xyz"), None);
    }

    #[test]
    fn a_rendition_stands_until_its_recipe_changes_and_a_failure_for_others_alone() {
        let made = Outcome::Made { digest: Digest::from_bytes(&[1; 32]), facts: Box::default() };
        let failed = Outcome::Failed { job: "a".to_owned(), reason: "超时".to_owned() };
        let (source, at) = (Digest::from_bytes(&[2; 32]), Timestamp::from_millis(1));
        let with = |recipe: &str, outcome: &Outcome| Rendition {
            source: source.clone(),
            purpose: Purpose::View,
            recipe: recipe.to_owned(),
            tool: String::new(),
            at,
            outcome: outcome.clone(),
        };
        let present = Purpose::View.recipe();
        assert!(with(present, &made).stands_for("a"));
        assert!(!with("jpeg/0", &made).stands_for("a"));
        assert!(with(present, &failed).stands_for("b") && !with(present, &failed).stands_for("a"));
        let json = super::super::record::encode(&with(present, &made)).unwrap();
        assert_eq!(super::super::record::decode::<Rendition>(1, &json).unwrap(), with(present, &made));
    }

    #[test]
    fn a_rendition_is_saved_under_the_name_of_its_source() {
        assert_eq!(Purpose::Play.name_of("video/第一讲.1.avi"), "第一讲.1.mp4");
        assert_eq!(Purpose::Read.name_of("讲义"), "讲义.pdf");
    }
}
