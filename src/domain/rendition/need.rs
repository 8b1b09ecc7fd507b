//! Which rendition a file needs, by what inspection measured of it.

use super::{Purpose, Source};
use crate::domain::inspection::{AudioFacts, FileFacts, ImageFacts, VideoFacts};
use crate::domain::metadata::FileRole;

/// Sides of a 1080p picture in pixels; coders pad the short one to 1,088.
const LONG_SIDE: u32 = 1_920;
const SHORT_SIDE: u32 = 1_088;
/// Longest side of a picture that is shown as it is, in pixels.
const MOST_PIXELS: u32 = 4_096;
/// Largest picture that is shown as it is, in bytes: half a minute at 3 Mbit/s.
const MOST_PICTURE: u64 = 10_000_000;
/// Bits per pixel of a JPEG in CMYK, which phones show in wrong colours or not at all.
const CMYK_BITS: u16 = 32;

/// Films that are known by their content, though no reader of ours measures all of them.
const FILMS: [&str; 10] = [
    "video/mp4",
    "video/webm",
    "video/x-matroska",
    "video/x-msvideo",
    "video/mpeg",
    "video/mp2t",
    "video/x-flv",
    "video/x-ms-wmv",
    "application/vnd.rn-realmedia",
    "application/mxf",
];
/// Sound that is known by its content.
const SOUNDS: [&str; 10] = [
    "audio/mpeg",
    "audio/mp4",
    "audio/aac",
    "audio/wav",
    "audio/flac",
    "audio/ogg",
    "audio/opus",
    "audio/aiff",
    "audio/amr",
    "audio/x-ape",
];
/// Documents in forms that a phone does not open by itself.
const DOCUMENTS: [&str; 4] = [
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/rtf",
];
/// How the types of OpenDocument begin.
const OPEN_DOCUMENT: &str = "application/vnd.oasis.opendocument";
/// Documents in the old formats, by their content or, where that says only how they are packed, by their names.
const OLD_DOCUMENTS: [&str; 4] =
    ["application/msword", "application/vnd.ms-powerpoint", "application/vnd.ms-excel", "application/vnd.ms-works"];

impl Source<'_> {
    /// What must be made of it for any phone; `None` when it can be opened as it is, or nothing can be made of it.
    pub fn need(self) -> Option<Purpose> {
        let facts = self.facts;
        // Evidence is for the desk, which has its own programs; what does not open or decode cannot be read for a conversion either.
        let unreadable = !facts.opens || facts.encrypted || facts.undecoded.is_some();
        if self.role == FileRole::Evidence || unreadable || !facts.type_agrees {
            return None;
        }
        if facts.subtitle.is_some() {
            return (facts.sniffed != "text/vtt" || is_foreign(facts)).then_some(Purpose::Captions);
        }
        let sniffed = facts.sniffed.as_str();
        if self.is_film() {
            return (!plays(facts)).then_some(Purpose::Play);
        }
        if facts.audio.is_some() || SOUNDS.contains(&sniffed) || (self.is_named_sound() && FILMS.contains(&sniffed)) {
            return (!is_heard_everywhere(facts.audio.as_ref(), sniffed)).then_some(Purpose::Listen);
        }
        if let Some(image) = &facts.image {
            return (!is_shown_everywhere(image, facts)).then_some(Purpose::View);
        }
        if is_document(facts) {
            return Some(Purpose::Read);
        }
        (sniffed == "text/plain" && is_foreign(facts)).then_some(Purpose::Text)
    }

    /// Films and sound share containers (ASF, MP4); where nothing was measured the name tells.
    fn is_named_sound(self) -> bool {
        self.facts.claimed.as_deref().is_some_and(|claimed| claimed.starts_with("audio/"))
    }

    fn is_film(self) -> bool {
        let facts = self.facts;
        let sound_alone = facts.video.is_none() && facts.audio.is_some();
        let ogg = facts.sniffed.ends_with("/ogg") && facts.claimed.as_deref() == Some("video/ogg");
        facts.video.is_some() || (!sound_alone && !self.is_named_sound() && (FILMS.contains(&facts.sniffed.as_str()) || ogg))
    }
}

/// Whether it is a document in a form that a phone does not open by itself.
fn is_document(facts: &FileFacts) -> bool {
    let (sniffed, claimed) = (facts.sniffed.as_str(), facts.claimed.as_deref().unwrap_or_default());
    let old = OLD_DOCUMENTS.contains(&sniffed) || (sniffed == "application/x-ole-storage" && OLD_DOCUMENTS.contains(&claimed));
    DOCUMENTS.contains(&sniffed) || sniffed.starts_with(OPEN_DOCUMENT) || old
}

/// Whether the picture of a film may be taken over as it is: H.264 in a profile that phones know, progressive, at most 1080p.
pub fn is_plain_picture(video: &VideoFacts) -> bool {
    let (long, short) = (video.width.max(video.height), video.width.min(video.height));
    let profiles = ["baseline", "constrained-baseline", "main", "high"];
    let known = video.profile.as_deref().is_some_and(|profile| profiles.contains(&profile));
    video.codec == "h264" && known && video.interlaced == Some(false) && long <= LONG_SIDE && short <= SHORT_SIDE
}

/// Whether sound may be taken over into an MP4 as it is.
pub fn is_plain_sound(audio: &AudioFacts) -> bool {
    audio.codec == "aac" && (1..=2).contains(&audio.channels)
}

/// Whether a film plays in every browser. What an older look did not measure counts as good: most films are.
fn plays(facts: &FileFacts) -> bool {
    let Some(video) = &facts.video else { return false };
    let mp4 = video.container == "mp4" && matches!(facts.media_type(), "video/mp4" | "video/x-m4v");
    let measured = VideoFacts {
        profile: video.profile.clone().or_else(|| Some("high".to_owned())),
        interlaced: Some(video.interlaced.unwrap_or(false)),
        ..video.clone()
    };
    mp4 && is_plain_picture(&measured) && facts.audio.as_ref().is_none_or(|audio| matches!(audio.codec.as_str(), "aac" | "mp3"))
}

fn is_heard_everywhere(audio: Option<&AudioFacts>, sniffed: &str) -> bool {
    match audio {
        Some(audio) => {
            matches!(audio.codec.as_str(), "aac" | "mp3") && matches!(sniffed, "audio/mpeg" | "audio/mp4" | "audio/aac" | "video/mp4")
        }
        None => matches!(sniffed, "audio/mpeg" | "audio/aac"),
    }
}

fn is_shown_everywhere(image: &ImageFacts, facts: &FileFacts) -> bool {
    match facts.sniffed.as_str() {
        "image/tiff" | "image/bmp" => false,
        "image/jpeg" if image.bits_per_pixel == CMYK_BITS => false,
        // A moving picture would stand still.
        "image/gif" => true,
        _ => image.width.max(image.height) <= MOST_PIXELS && facts.size <= MOST_PICTURE,
    }
}

/// Whether a text is in another encoding than UTF-8.
fn is_foreign(facts: &FileFacts) -> bool {
    facts.text.as_ref().and_then(|text| text.encoding.as_deref()).is_some_and(|encoding| encoding != "UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inspection::{SubtitleFacts, TextFacts};

    fn facts(sniffed: &str, claimed: &str) -> FileFacts {
        let claimed = Some(claimed.to_owned()).filter(|claimed| !claimed.is_empty());
        FileFacts { sniffed: sniffed.to_owned(), claimed, opens: true, type_agrees: true, size: 1_000, ..FileFacts::default() }
    }

    fn film(container: &str, codec: &str, claimed: &str) -> FileFacts {
        let sniffed = if container == "mp4" { "video/mp4" } else { "video/x-matroska" };
        let video = VideoFacts {
            container: container.to_owned(),
            codec: codec.to_owned(),
            width: 1_280,
            height: 720,
            profile: Some("high".to_owned()),
            interlaced: Some(false),
            ..VideoFacts::default()
        };
        FileFacts { video: Some(video), ..facts(sniffed, claimed) }
    }

    fn sound(codec: &str, sniffed: &str) -> FileFacts {
        FileFacts { audio: Some(AudioFacts { codec: codec.to_owned(), channels: 2, ..AudioFacts::default() }), ..facts(sniffed, "") }
    }

    fn picture(sniffed: &str, width: u32, bits: u16) -> FileFacts {
        FileFacts { image: Some(ImageFacts { width, height: 100, bits_per_pixel: bits, ..ImageFacts::default() }), ..facts(sniffed, "") }
    }

    fn text(sniffed: &str, encoding: &str) -> FileFacts {
        FileFacts { text: Some(TextFacts { encoding: Some(encoding.to_owned()), ..TextFacts::default() }), ..facts(sniffed, "") }
    }

    fn cues(sniffed: &str, encoding: &str) -> FileFacts {
        FileFacts { subtitle: Some(SubtitleFacts::default()), ..text(sniffed, encoding) }
    }

    fn check(path: &str, facts: &FileFacts, need: Option<Purpose>) {
        let source = Source { path, role: FileRole::Master, facts };
        assert_eq!(source.need(), need, "{path} {facts:?}");
        assert_eq!(Source { role: FileRole::Evidence, ..source }.need(), None, "{path}");
        assert_eq!(Source { facts: &FileFacts { opens: false, ..facts.clone() }, ..source }.need(), None, "{path}");
    }

    #[test]
    fn films_are_converted_unless_every_phone_plays_them() {
        check("a.mp4", &film("mp4", "h264", "video/mp4"), None);
        check("a.mov", &film("mp4", "h264", "video/quicktime"), Some(Purpose::Play));
        check("a.mp4", &film("mp4", "hevc", "video/mp4"), Some(Purpose::Play));
        check("a.mkv", &film("matroska", "h264", "video/x-matroska"), Some(Purpose::Play));
        check("a.avi", &facts("video/x-msvideo", "video/x-msvideo"), Some(Purpose::Play));
        check("a.rmvb", &facts("application/vnd.rn-realmedia", "application/vnd.rn-realmedia-vbr"), Some(Purpose::Play));
        check("a.wma", &facts("video/x-ms-wmv", "audio/x-ms-wma"), Some(Purpose::Listen));
        let with = |change: &dyn Fn(&mut FileFacts)| {
            let mut facts = film("mp4", "h264", "video/mp4");
            change(&mut facts);
            facts
        };
        let video = |change: fn(&mut VideoFacts)| with(&|facts: &mut FileFacts| facts.video.iter_mut().for_each(change));
        check("a.mp4", &video(|video| video.interlaced = Some(true)), Some(Purpose::Play));
        check("a.mp4", &video(|video| video.profile = Some("high-10".to_owned())), Some(Purpose::Play));
        check("a.mp4", &video(|video| (video.width, video.height) = (3_840, 2_160)), Some(Purpose::Play));
        check("a.mp4", &video(|video| (video.width, video.height) = (1_080, 1_920)), None);
        check("a.mp4", &video(|video| (video.profile, video.interlaced) = (None, None)), None);
        check("a.mp4", &with(&|facts: &mut FileFacts| facts.audio = sound("ac-3", "").audio), Some(Purpose::Play));
    }

    #[test]
    fn sound_is_converted_unless_every_phone_plays_it() {
        check("a.mp3", &sound("mp3", "audio/mpeg"), None);
        check("a.m4a", &sound("aac", "audio/mp4"), None);
        check("a.m4a", &sound("alac", "audio/mp4"), Some(Purpose::Listen));
        check("a.wav", &sound("pcm", "audio/wav"), Some(Purpose::Listen));
        check("a.ogg", &sound("vorbis", "audio/ogg"), Some(Purpose::Listen));
        check("a.amr", &facts("audio/amr", ""), Some(Purpose::Listen));
    }

    #[test]
    fn pictures_are_converted_when_browsers_do_not_show_them_or_they_are_huge() {
        check("a.png", &picture("image/png", 1_280, 24), None);
        check("a.bmp", &picture("image/bmp", 100, 24), Some(Purpose::View));
        check("a.tif", &picture("image/tiff", 100, 24), Some(Purpose::View));
        check("a.jpg", &picture("image/jpeg", 100, 32), Some(Purpose::View));
        check("a.jpg", &picture("image/jpeg", 8_000, 24), Some(Purpose::View));
        check("a.gif", &picture("image/gif", 8_000, 24), None);
        check("a.tif", &FileFacts { undecoded: Some("编码方式不受支持".to_owned()), ..picture("image/tiff", 1_728, 1) }, None);
    }

    #[test]
    fn documents_subtitles_and_texts() {
        check("a.docx", &facts(DOCUMENTS[0], ""), Some(Purpose::Read));
        check("a.wps", &facts("application/x-ole-storage", "application/vnd.ms-works"), Some(Purpose::Read));
        check("a.doc", &facts("application/msword", "application/msword"), Some(Purpose::Read));
        check("a.odt", &facts("application/vnd.oasis.opendocument.text", ""), Some(Purpose::Read));
        check("a.msg", &facts("application/x-ole-storage", "application/vnd.ms-outlook"), None);
        check("a.pdf", &facts("application/pdf", ""), None);
        check("a.srt", &cues("application/x-subrip", "UTF-8"), Some(Purpose::Captions));
        check("a.vtt", &cues("text/vtt", "UTF-8"), None);
        check("a.vtt", &cues("text/vtt", "GB18030"), Some(Purpose::Captions));
        check("a.ass", &cues("text/plain", "UTF-8"), Some(Purpose::Captions));
        check("a.ttml", &cues("application/xml", "UTF-8"), Some(Purpose::Captions));
        check("a.txt", &text("text/plain", "UTF-8"), None);
        check("a.txt", &text("text/plain", "GB18030"), Some(Purpose::Text));
        check("a.html", &text("text/html", "GB18030"), None);
    }
}
