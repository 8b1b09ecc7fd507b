//! What looking at a file told: facts measured, nothing judged. Rules judge (see `rules`).

use serde::{Deserialize, Serialize};

/// The facts of one file. Lengths of time are milliseconds, rates are whole numbers in the unit of their name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FileFacts {
    /// Bytes.
    pub size: u64,
    /// SHA-256 in lower-case hex.
    pub sha256: String,
    /// Media type that the content shows; `application/octet-stream` when it shows none.
    pub sniffed: String,
    /// Media type that the name claims, where it claims one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed: Option<String>,
    /// Whether content and name agree (equal, or one a known special case of the other).
    pub type_agrees: bool,
    /// Whether it could be opened and read to the end of what inspection reads.
    pub opens: bool,
    /// Needs a password.
    #[serde(default)]
    pub encrypted: bool,
    /// Why it does not open, in Chinese, for the submitter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// Picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageFacts>,
    /// Moving picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub video: Option<VideoFacts>,
    /// Sound, alone or of a video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio: Option<AudioFacts>,
    /// What decoding the sound told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sound: Option<SoundFacts>,
    /// What decoding some key frames told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<PictureFacts>,
    /// Why sound or picture was not decoded and measured, in Chinese (the program that decodes is not installed, …).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmeasured: Option<String>,
    /// Why sound or picture cannot be decoded at all, in Chinese: its coding is not known here, it is locked or spoilt. Nothing can be
    /// made of such a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undecoded: Option<String>,
    /// Text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<TextFacts>,
    /// Why the text of a document could not be read though it opens, in Chinese.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread: Option<String>,
    /// Subtitle cues.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<SubtitleFacts>,
    /// Addresses on other sites from which a page takes what it shows or runs, the first of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remote: Vec<String>,
    /// Its metadata bears the implicit mark of AI-made content (`AIGC`, 《人工智能生成合成内容标识办法》, GB 45438-2025).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ai_mark: bool,
}

impl FileFacts {
    /// The media type it is served as. Where content and name agree the name is the more precise one (a DOCX is a ZIP, a VTT is
    /// plain text); else the content decides.
    pub fn media_type(&self) -> &str {
        self.claimed.as_deref().filter(|_| self.type_agrees).unwrap_or(&self.sniffed)
    }
}

/// A picture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ImageFacts {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Bits per pixel over all channels.
    pub bits_per_pixel: u16,
    /// Dots per inch, where the file says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpi: Option<u32>,
    /// Pages, where the format can hold several (TIFF); size and depth are those of the largest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<u32>,
}

/// A video track.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct VideoFacts {
    /// `mp4`, `webm`, `matroska`.
    pub container: String,
    /// `h264`, `hevc`, `av1`, `vp8`, `vp9`, …
    pub codec: String,
    /// Milliseconds.
    pub duration_ms: u64,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Frames per 1,000 seconds (25 fps = 25,000).
    pub millifps: u32,
    /// Bits per second of the video track.
    pub bitrate: u64,
    /// Profile of H.264 (`main`, `high`, …), where the file says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Whether pictures may be interlaced, where the file says so (H.264).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interlaced: Option<bool>,
    /// How colours are sampled (`4:2:0`, `4:2:2`, `4:4:4`), where the file says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chroma: Option<String>,
    /// Width of a pixel in thousandths of its height, where the file says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pixel_aspect: Option<u32>,
    /// Milliseconds after the beginning of the file at which the track begins.
    #[serde(default)]
    pub start_ms: u64,
}

/// A sound track.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AudioFacts {
    /// `aac`, `mp3`, `opus`, `vorbis`, `flac`, `pcm`, …
    pub codec: String,
    /// Milliseconds.
    pub duration_ms: u64,
    /// Hertz.
    pub sample_rate: u32,
    /// Channels.
    pub channels: u16,
    /// Bits per second.
    pub bitrate: u64,
    /// Bits per sample, of lossless sound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bits: Option<u8>,
    /// Milliseconds after the beginning of the file at which the track begins.
    #[serde(default)]
    pub start_ms: u64,
}

/// What a sound track comes to when it is decoded. Levels are hundredths of a decibel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SoundFacts {
    /// Milliseconds that were measured.
    pub measured_ms: u64,
    /// Only pieces of it were measured, since it is long or decoding took too long.
    pub sampled: bool,
    /// Nothing is to be heard on any channel.
    pub silent: bool,
    /// Integrated loudness in hundredths of LUFS (ITU-R BS.1770); `None` where all of it is below the gate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loudness: Option<i32>,
    /// True peak in hundredths of dBTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub true_peak: Option<i32>,
    /// What a peak meter shows for most of the time: nine tenths of the sounding tenths of seconds peak below it (hundredths of dBFS).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<i32>,
    /// How far the pauses lie below the speech: an estimate of signal to noise; `None` where there are no pauses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause_gap: Option<i32>,
    /// Milliseconds, in tenths of seconds, in which the wave was cut off at full scale.
    pub clipped_ms: u64,
    /// Where that is first.
    pub clipped_at_ms: u64,
    /// The longest silence.
    pub silence_ms: u64,
    /// Where it begins.
    pub silence_at_ms: u64,
    /// A channel that carries nothing while another does; 1 is the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_channel: Option<u16>,
}

/// What some key frames of a video come to. Luma is 0 to 255 in the range of television, where 16 is black and 235 white.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PictureFacts {
    /// Key frames that were looked at.
    pub frames: u32,
    /// Only stretches of it were looked at.
    pub sampled: bool,
    /// How many of them are black.
    pub black_frames: u32,
    /// In nine tenths of the frames that show something, nine tenths of the picture are lighter than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub luma_low: Option<u16>,
    /// In nine tenths of the frames that show something, nine tenths of the picture are darker than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub luma_high: Option<u16>,
    /// From the first to the last key frame of the longest stretch of black ones.
    pub black_ms: u64,
    /// Where it begins.
    pub black_at_ms: u64,
}

/// Text found inside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TextFacts {
    /// Characters without white space.
    pub characters: u64,
    /// Pages, slides, sheets or chapters.
    pub parts: u32,
    /// Encoding of a text file (`UTF-8`, `GB18030`, …).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Most characters on one part.
    pub longest_part: u64,
}

/// Subtitle cues.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SubtitleFacts {
    /// `srt`, `vtt`, `ass`, `lrc`, `xml`.
    pub format: String,
    /// Number of cues.
    pub cues: u32,
    /// Cues that begin before the one before them ends (in forms that show several at once: begins), or end before they begin.
    pub disordered: u32,
    /// First disordered cue, 1 is the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_disordered: Option<u32>,
    /// Longest line in characters.
    pub longest_line: u32,
    /// Most lines in one cue.
    pub most_lines: u32,
    /// Shortest and longest cue in milliseconds.
    pub shortest_ms: u64,
    /// Longest cue in milliseconds.
    pub longest_ms: u64,
    /// Highest characters per second of any cue.
    pub fastest_cps: u32,
    /// End of the last cue in milliseconds.
    pub end_ms: u64,
    /// Characters of all cues without white space; 0 where an older look did not count them.
    #[serde(default)]
    pub characters: u64,
    /// Milliseconds for which any cue stands.
    #[serde(default)]
    pub spoken_ms: u64,
}

/// Text taken out of a file, in parts that a hit can point to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ExtractedText {
    /// Parts in order.
    pub parts: Vec<TextPart>,
}

/// Longest packed text that is unpacked, in bytes of JSON.
const LONGEST_TEXT: usize = 256 << 20;

impl ExtractedText {
    /// The bytes of its blob: JSON under lz4, its length before it.
    pub fn pack(&self) -> Vec<u8> {
        // Parts are made of strings and numbers alone, which always serialise.
        lz4_flex::compress_prepend_size(&serde_json::to_vec(self).unwrap_or_default())
    }

    /// Reads what [`ExtractedText::pack`] wrote; `None` when it is something else.
    pub fn unpack(bytes: &[u8]) -> Option<Self> {
        let (length, packed) = bytes.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok().filter(|length| *length <= LONGEST_TEXT)?;
        serde_json::from_slice(&lz4_flex::decompress(packed, length).ok()?).ok()
    }
}

/// One part of a text and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TextPart {
    /// Where.
    pub locator: Locator,
    /// The text as it stands in the file, white space folded.
    pub text: String,
}

/// A place inside a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "at")]
pub enum Locator {
    /// The file as a whole.
    Whole,
    /// Page of a PDF, 1 is the first.
    Page {
        /// Number.
        page: u32,
    },
    /// Slide.
    Slide {
        /// Number, 1 is the first.
        slide: u32,
    },
    /// Sheet of a workbook.
    Sheet {
        /// Name.
        name: String,
    },
    /// Row of a table.
    Row {
        /// Sheet, where the file has several.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sheet: Option<String>,
        /// Number as office programs show it, 1 is the first.
        row: u32,
    },
    /// Chapter of a book.
    Chapter {
        /// Number, 1 is the first.
        chapter: u32,
        /// Heading, where it has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
    },
    /// A time in a recording.
    Second {
        /// Milliseconds from its beginning.
        start_ms: u64,
    },
    /// A part of a picture, in hundredths of a per cent of its width and height.
    Region {
        /// From the left edge.
        left: u32,
        /// From the upper edge.
        top: u32,
        /// Width, more than 0.
        width: u32,
        /// Height, more than 0.
        height: u32,
    },
    /// A place in another file, as an annotation names it.
    Elsewhere {
        /// Path of the file, `#` and a media fragment.
        target: String,
    },
}

/// A whole side of a picture in the unit of [`Locator::Region`].
pub const FULL_SIDE: u32 = 10_000;
/// Longest name of a sheet or heading of a chapter, in characters.
const LONGEST_NAME: usize = 200;

impl Locator {
    /// Whether it can be a place: numbers from 1 on, names that are short, a region with an area within the picture.
    pub fn is_sound(&self) -> bool {
        let within = |from: u32, length: u32| length > 0 && from.checked_add(length).is_some_and(|end| end <= FULL_SIDE);
        let short = |name: &str| name.chars().count() <= LONGEST_NAME && !name.contains('\0');
        match self {
            Self::Whole | Self::Second { .. } => true,
            Self::Page { page: number } | Self::Slide { slide: number } => *number > 0,
            Self::Sheet { name } | Self::Elsewhere { target: name } => short(name),
            Self::Row { sheet, row } => *row > 0 && sheet.as_deref().is_none_or(short),
            Self::Chapter { chapter, title } => *chapter > 0 && title.as_deref().is_none_or(short),
            Self::Region { left, top, width, height } => within(*left, *width) && within(*top, *height),
        }
    }

    /// The place in Chinese; empty for the whole.
    pub fn label(&self) -> String {
        match self {
            Self::Whole => String::new(),
            Self::Page { page } => format!("第 {page} 页"),
            Self::Slide { slide } => format!("第 {slide} 张"),
            Self::Sheet { name } => format!("工作表“{name}”"),
            Self::Row { sheet: Some(name), row } => format!("工作表“{name}”第 {row} 行"),
            Self::Row { sheet: None, row } => format!("第 {row} 行"),
            Self::Elsewhere { target } => format!("标注 {target}"),
            Self::Chapter { chapter, .. } => format!("第 {chapter} 章"),
            Self::Second { start_ms } => {
                let seconds = start_ms / 1000;
                format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
            }
            Self::Region { left, top, width, height } => {
                let percent = |part: &u32| part / 100;
                format!("画面左 {}%、上 {}%，宽 {}%、高 {}%", percent(left), percent(top), percent(width), percent(height))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_text_is_read_again_and_other_bytes_are_refused() {
        let part = TextPart { locator: Locator::Page { page: 3 }, text: "土家族织锦".repeat(50) };
        let text = ExtractedText { parts: vec![part] };
        let packed = text.pack();
        assert!(packed.len() < 300);
        assert_eq!(ExtractedText::unpack(&packed), Some(text));
        assert_eq!(ExtractedText::unpack(b""), None);
        assert_eq!(ExtractedText::unpack(&[0xff; 40]), None);
    }

    #[test]
    fn places_outside_of_what_they_are_in_are_not_sound() {
        let region = |left, top, width, height| Locator::Region { left, top, width, height }.is_sound();
        assert!(region(0, 0, 10_000, 10_000) && region(9_999, 9_999, 1, 1));
        assert!(!region(0, 0, 0, 5) && !region(5_000, 0, 5_001, 5) && !region(1, u32::MAX, 1, 1));
        assert!(!Locator::Page { page: 0 }.is_sound() && Locator::Page { page: 1 }.is_sound());
        assert!(!Locator::Sheet { name: "a\0".to_owned() }.is_sound());
        assert_eq!(Locator::Second { start_ms: 3_725_900 }.label(), "01:02:05");
        assert_eq!(Locator::Row { sheet: Some("名单".to_owned()), row: 12 }.label(), "工作表“名单”第 12 行");
        assert!(!Locator::Row { sheet: None, row: 0 }.is_sound());
    }
}
