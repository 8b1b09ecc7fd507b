//! How alike two texts are, estimated from small sketches.
//!
//! A text is folded and cut into shingles of five characters; two texts are as alike as the Jaccard index of their sets of
//! shingles. The sketch keeps, for each of 120 hash functions, the least hash of the set: the share of equal places estimates
//! the index without bias, with a standard error of at most 0.046 (A. Z. Broder, *On the resemblance and containment of
//! documents*, 1997). Bands of six places find candidates: texts that are 80 % alike share one of the 20 bands in 99.8 of 100
//! cases (Leskovec, Rajaraman, Ullman, *Mining of Massive Datasets*, section 3.4).

use super::access::OrgPath;
use super::change::Position;
use super::record::{IndexRow, Key, Record};
use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;
use std::hash::Hasher;
use unicode_normalization::UnicodeNormalization;

/// Characters of a shingle.
const SHINGLE: usize = 5;
/// Hash functions.
const PLACES: usize = 120;
/// Places of a band.
const BAND: usize = 6;
/// Characters of a text that are taken; the rest is left out, on every side alike. Bounds the work to about 0.1 s.
const MOST: usize = 300_000;
/// Fewer characters than this say too little: forms and title pages are alike everywhere.
const LEAST: usize = 200;

/// Takes in a text piece by piece.
#[derive(Clone, Debug)]
pub struct Sketcher {
    window: Vec<char>,
    taken: usize,
    least: Vec<u32>,
}

impl Default for Sketcher {
    fn default() -> Self {
        Self { window: Vec::with_capacity(SHINGLE), taken: 0, least: vec![u32::MAX; PLACES] }
    }
}

impl Sketcher {
    /// Takes in a piece; letters and digits count, in their compatibility form and small. Answers whether more is taken.
    pub fn add(&mut self, text: &str) -> bool {
        for letter in text.nfkc().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase) {
            if self.taken >= MOST {
                return false;
            }
            self.taken += 1;
            if self.window.len() == SHINGLE {
                self.window.remove(0);
            }
            self.window.push(letter);
            if self.window.len() == SHINGLE {
                self.shingle();
            }
        }
        self.taken < MOST
    }

    fn shingle(&mut self) {
        let mut hasher = SipHasher13::new();
        self.window.iter().for_each(|letter| hasher.write_u32(u32::from(*letter)));
        let mut state = hasher.finish();
        // SplitMix64 makes the values of all hash functions out of one hash.
        for least in &mut self.least {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            *least = (*least).min(u32::try_from(mixed >> 32).unwrap_or(u32::MAX));
        }
    }

    /// The sketch; `None` for a text that says too little.
    pub fn finish(self) -> Option<Signature> {
        (self.taken >= LEAST).then_some(Signature(self.least))
    }
}

/// The sketch of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Signature(Vec<u32>);

impl Signature {
    /// Estimated likeness in per cent.
    pub fn percent(&self, other: &Self) -> u32 {
        let equal = self.0.iter().zip(&other.0).filter(|(one, two)| one == two).count();
        u32::try_from(equal * 100 / PLACES).unwrap_or(0)
    }

    /// The names of its bands; texts that share none are hardly ever alike.
    pub fn bands(&self) -> Vec<String> {
        let name = |(place, band): (usize, &[u32])| {
            let mut hasher = SipHasher13::new();
            band.iter().for_each(|least| hasher.write_u32(*least));
            format!("{place:02}{:016x}", hasher.finish())
        };
        self.0.chunks(BAND).enumerate().map(name).collect()
    }
}

impl From<Signature> for String {
    fn from(signature: Signature) -> Self {
        signature.0.iter().map(|least| format!("{least:08x}")).collect()
    }
}

impl TryFrom<String> for Signature {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let is_sketch = text.len() == PLACES * 8 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        let read = |place: &[u8]| u32::from_str_radix(std::str::from_utf8(place).ok()?, 16).ok();
        let least: Option<Vec<u32>> = text.as_bytes().chunks(8).map(read).collect();
        least.filter(|_| is_sketch).map(Self).ok_or_else(|| "not a sketch".to_owned())
    }
}

/// The sketch of a submission's text, as its last checks saw it, or of the text of a resource that was taken over with a
/// catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Likeness {
    /// Submission; the resource itself where it was taken over. It is the key.
    pub submission: String,
    /// The resource that it is or becomes: two submissions of one resource are no duplicates.
    pub resource: String,
    /// Owning organisation.
    pub owner: OrgPath,
    /// Sketch.
    pub signature: Signature,
}

impl Likeness {
    /// Prefix of the index `band`.
    pub fn band_key(band: &str) -> Key {
        Key::prefix(&[band])
    }
}

impl Record for Likeness {
    const TABLE: &'static str = "likenesses";

    fn key(&self) -> Key {
        Key::from(self.submission.as_str())
    }

    fn indexes(&self) -> Vec<IndexRow> {
        self.signature.bands().iter().map(|band| IndexRow { index: "band", key: Key::of(&[band, &self.submission]) }).collect()
    }
}

/// How far the follower that makes sketches of what is taken over has read the feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LikenessCursor {
    /// Name of the history that `position` belongs to.
    pub epoch: String,
    /// Everything up to here has been looked at.
    pub position: Position,
}

impl LikenessCursor {
    /// The one key.
    pub fn only_key() -> Key {
        Key::from("likenesses")
    }
}

impl Record for LikenessCursor {
    const TABLE: &'static str = "likeness_cursor";
    fn key(&self) -> Key {
        Self::only_key()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn sketch(text: &str) -> Option<Signature> {
        let mut sketcher = Sketcher::default();
        sketcher.add(text);
        sketcher.finish()
    }

    fn jaccard(one: &str, two: &str) -> f64 {
        let set = |text: &str| {
            let letters: Vec<char> = text.chars().collect();
            letters.windows(SHINGLE).map(<[char]>::to_vec).collect::<BTreeSet<_>>()
        };
        let (one, two) = (set(one), set(two));
        #[expect(clippy::cast_precision_loss, reason = "counts of a test")]
        let share = one.intersection(&two).count() as f64 / one.union(&two).count() as f64;
        share
    }

    #[test]
    fn marks_blanks_width_and_pieces_do_not_count_and_short_texts_have_no_sketch() {
        let text = "土家族织锦西兰卡普是湘西地区的传统工艺之一ＡＢＣ123".repeat(9);
        let other: String = text.chars().flat_map(|letter| [letter, '，', ' ']).collect::<String>().replace('Ａ', "a");
        assert_eq!(sketch(&text), sketch(&other));
        let mut pieces = Sketcher::default();
        text.chars().for_each(|letter| assert!(pieces.add(&letter.to_string())));
        assert_eq!(pieces.finish(), sketch(&text));
        assert_eq!(sketch("太短的文字"), None);
        let kept: String = sketch(&text).unwrap().into();
        assert_eq!(Signature::try_from(kept).ok(), sketch(&text));
        assert!(
            Signature::try_from("0".repeat(959)).is_err()
                && Signature::try_from("+".repeat(960)).is_err()
                && Signature::try_from("é".repeat(960)).is_err()
        );
        assert!(!Sketcher::default().add(&"长".repeat(MOST + 1)), "what is beyond the bound is not taken");
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(64))]
        #[test]
        fn the_estimate_is_near_the_exact_index(letters in proptest::collection::vec(proptest::char::range('a', 't'), 400..900), keep in 0_usize..=100) {
            let one: String = letters.iter().collect();
            let cut = letters.len() * keep / 100;
            let two: String = letters.iter().take(cut).chain(letters.iter().rev().skip(cut)).collect();
            let exact = jaccard(&one, &two) * 100.0;
            let told = f64::from(sketch(&one).unwrap().percent(&sketch(&two).unwrap()));
            // Five standard errors and the rounding.
            proptest::prop_assert!((told - exact).abs() <= 24.0, "{told} for {exact}");
        }

        #[test]
        fn nearly_the_same_texts_share_a_band(letters in proptest::collection::vec(proptest::char::range('a', 't'), 400..900), at in 0_usize..400) {
            let one: String = letters.iter().collect();
            let mut other = letters.clone();
            other[at] = 'z';
            let (one, two) = (sketch(&one).unwrap(), sketch(&other.iter().collect::<String>()).unwrap());
            let bands = two.bands();
            proptest::prop_assert!(one.bands().iter().any(|band| bands.contains(band)));
        }
    }
}
