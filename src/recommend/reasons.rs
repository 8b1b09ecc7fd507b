//! Why something is in the list: the source that gave most, and the resource whose row gave most of that.

use super::joined::Joined;
use super::likeness::{ContentRows, speaks_for};
use super::score::{Candidate, Viewer, Voice, shares};
use serde::{Deserialize, Serialize};

/// Longest title quoted in a sentence, in characters.
const LONGEST_TITLE: usize = 40;

/// Why a resource is recommended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Reason {
    /// `because-you-learned`, `same-series`, `similar-content`, `trending`, `new`, `learned-together`, `continue`, `next-in-course`,
    /// `because-you-finished`, `new-in-your-subjects`, `trending-in-your-subjects`, `trending-nearby` or `for-your-circle`.
    #[schema(examples("because-you-learned"))]
    pub code: String,
    /// The resource that gave most, where one did.
    pub resource: Option<String>,
    /// The same as a sentence in Chinese.
    #[schema(examples("因为您学过《智能手机使用入门》"))]
    pub text: String,
}

impl Reason {
    /// A reason that names no resource.
    pub fn plain(code: &str, text: &str) -> Self {
        Self { code: code.to_owned(), resource: None, text: text.to_owned() }
    }

    /// A reason that names a resource by its title, put where `text` has `{}`.
    pub fn naming(code: &str, id: &str, title: &str, text: &str) -> Self {
        let mut quoted: String = title.chars().take(LONGEST_TITLE).collect();
        if quoted.len() < title.len() {
            quoted.push('…');
        }
        Self { code: code.to_owned(), resource: Some(id.to_owned()), text: text.replace("{}", &quoted) }
    }
}

/// What reasons are found from.
pub struct Causes<'a> {
    /// State and catalogue.
    pub joined: &'a Joined,
    /// Rows of content.
    pub rows: &'a ContentRows,
    /// Who will read the reason: it never names what they may not see.
    pub viewer: &'a Viewer,
    /// The profile.
    pub voices: &'a [Voice],
}

impl Causes<'_> {
    /// Of a candidate that was blended.
    pub fn blended(&self, candidate: &Candidate) -> Reason {
        if candidate.series > candidate.learned().max(candidate.trend)
            && let Some(reason) = self.series(candidate)
        {
            return reason;
        }
        if candidate.trend > candidate.learned() || candidate.learned() <= 0.0 {
            return Reason::plain("trending", "近期很多人在学");
        }
        let shares = shares(self.joined, self.voices, candidate);
        let share = |voice: &Voice| {
            self.voices.iter().zip(&shares).find(|(other, _)| other.number == voice.number).map_or(0.0, |(_, share)| *share)
        };
        match self.strongest(share) {
            Some((id, title)) => Reason::naming("because-you-learned", id, title, "因为您学过《{}》"),
            None => Reason::plain("because-you-learned", "根据您的学习记录推荐"),
        }
    }

    /// Of a newcomer.
    pub fn newcomer(&self, candidate: &Candidate) -> Reason {
        let row = self.rows.get(candidate.slot);
        let cause = self.joined.catalogue.get(candidate.slot).and_then(|item| {
            self.strongest(|voice| speaks_for(self.joined, self.joined.slot(voice.number), item, row)).map(|named| (named, item.series))
        });
        match cause {
            Some(((id, title), series)) if series != 0 && self.series_of(id) == series => {
                Reason::naming("same-series", id, title, "与您学过的《{}》同属一个系列")
            }
            Some(((id, title), _)) => Reason::naming("similar-content", id, title, "新近入库，与您学过的《{}》内容相近"),
            None => Reason::plain("new", "新近入库"),
        }
    }

    fn series(&self, candidate: &Candidate) -> Option<Reason> {
        let series = self.joined.catalogue.get(candidate.slot)?.series;
        let same = |voice: &Voice| self.joined.item(voice.number).is_some_and(|item| item.series == series);
        let (id, title) = self.strongest(|voice| if same(voice) { voice.weight } else { 0.0 })?;
        Some(Reason::naming("same-series", id, title, "与您学过的《{}》同属一个系列"))
    }

    fn series_of(&self, id: &str) -> u32 {
        self.joined.catalogue.find(id).and_then(|slot| self.joined.catalogue.get(slot)).map_or(0, |item| item.series)
    }

    /// Id and title of the voice with the largest share above 0 that may be named.
    fn strongest(&self, share: impl Fn(&Voice) -> f32) -> Option<(&str, &str)> {
        let shares = self.voices.iter().map(|voice| (voice, share(voice))).filter(|(_, share)| *share > 0.0);
        let named = shares.filter_map(|(voice, share)| {
            let item = self.joined.item(voice.number)?;
            self.viewer.sees(self.joined, item.gate).then_some((item, share))
        });
        // The first of equals, which is the latest one.
        let (item, _) = named.reduce(|best, other| if other.1 > best.1 { other } else { best })?;
        Some((&item.id, &item.title))
    }
}
