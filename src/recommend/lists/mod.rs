//! Lists by kind: what each of them is made from, and the page that shows several at once.
//!
//! Every list goes through the same two doors: [`Asking::wants`](super::asking::Asking::wants), which lets nothing in that the
//! viewer may not see, has met or has on the page already, and [`Shelf::fill`], which keeps the caps and makes the items. Reasons
//! name only what the viewer may see. To add a kind: a code and a heading here, a function in a file of this folder.

mod anchored;
mod nearby;
mod onward;
mod subjects;

pub use nearby::{Circle, Division};

use super::asking::Asking;
use super::likeness::Likings;
use super::list::{Recommendations, RecommendedItem, Sources, bare};
use super::reasons::Reason;
use super::score::{Candidate, Scratch};
use super::shares::Due;
use serde::{Deserialize, Serialize};

/// Lists of a page, at most: one of each kind that is not part of another.
pub const PAGE: [ListKind; 8] = [
    ListKind::Continue,
    ListKind::ForYou,
    ListKind::BecauseYouFinished,
    ListKind::LearnersAlsoTook,
    ListKind::NewInYourSubjects,
    ListKind::ForYourCircle,
    ListKind::TrendingNearby,
    ListKind::LikeThis,
];

/// Kinds of lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ListKind {
    /// From all sources.
    ForYou,
    /// Begun and not finished, and of each course of which a part was finished the next part.
    Continue,
    /// Of each course of which a part was finished the next part.
    NextInCourse,
    /// Taken up by those who took up what the learner finished last.
    BecauseYouFinished,
    /// Alike in content to a resource.
    LikeThis,
    /// Taken up by those who took up a resource.
    LearnersAlsoTook,
    /// New, in a subject of what the learner took up lately; behind it, what is taken up most there.
    NewInYourSubjects,
    /// Taken up most of late in the county, then in the city, then in the province.
    TrendingNearby,
    /// Taken up of late by several of a class that the learner is in.
    ForYourCircle,
}

impl ListKind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::ForYou,
        Self::Continue,
        Self::NextInCourse,
        Self::BecauseYouFinished,
        Self::LikeThis,
        Self::LearnersAlsoTook,
        Self::NewInYourSubjects,
        Self::TrendingNearby,
        Self::ForYourCircle,
    ];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ForYou => "for-you",
            Self::Continue => "continue",
            Self::NextInCourse => "next-in-course",
            Self::BecauseYouFinished => "because-you-finished",
            Self::LikeThis => "like-this",
            Self::LearnersAlsoTook => "learners-also-took",
            Self::NewInYourSubjects => "new-in-your-subjects",
            Self::TrendingNearby => "trending-nearby",
            Self::ForYourCircle => "for-your-circle",
        }
    }

    /// The kind of a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    const fn heading(self) -> &'static str {
        match self {
            Self::ForYou => "为您推荐",
            Self::Continue => "继续学习",
            Self::NextInCourse => "接着学下一讲",
            Self::BecauseYouFinished => "学完之后",
            Self::LikeThis => "内容相近",
            Self::LearnersAlsoTook => "大家还学了",
            Self::NewInYourSubjects => "您关注的学科",
            Self::TrendingNearby => "身边在学",
            Self::ForYourCircle => "同学在学",
        }
    }

    /// Whether it is the learner's own record rather than a guess: it is there with personalisation switched off, too.
    pub const fn is_record(self) -> bool {
        matches!(self, Self::Continue | Self::NextInCourse)
    }
}

/// What is told of those who ask, beside what is known of them.
#[derive(Clone, Debug, Default)]
pub struct Around {
    /// Where they are, the smallest division first.
    pub divisions: Vec<Division>,
    /// Their classes.
    pub circles: Vec<Circle>,
    /// The resource that the list is about, where one was named.
    pub about: Option<u32>,
    /// What the index finds like it, best first.
    pub like: Vec<(String, f32)>,
}

/// One list in the making.
pub struct Shelf<'a> {
    /// What it is made from.
    pub sources: &'a Sources<'a>,
    /// Who asks.
    pub asking: &'a Asking<'a>,
    /// What else is told of them.
    pub around: &'a Around,
    /// How many items.
    pub n: usize,
}

/// Something for a list, with its score and the reason for it.
pub type Found = (u32, f32, Reason);

impl Shelf<'_> {
    /// The list of a kind. `due` is for [`ListKind::ForYou`] alone.
    pub fn list(&self, kind: ListKind, scratch: &mut Scratch, due: &Due) -> Recommendations {
        let items = match kind {
            ListKind::ForYou => self.sources.for_you(scratch, self.asking, due, self.n),
            ListKind::Continue => self.go_on(true),
            ListKind::NextInCourse => self.go_on(false),
            ListKind::BecauseYouFinished => self.because_finished(),
            ListKind::LikeThis => self.like_this(),
            ListKind::LearnersAlsoTook => self.also_took(),
            ListKind::NewInYourSubjects => self.new_in_subjects(&mut scratch.likings),
            ListKind::TrendingNearby => self.trending_nearby(),
            ListKind::ForYourCircle => self.for_circle(),
        };
        Recommendations { items, kind: kind.code().to_owned(), heading: kind.heading().to_owned(), ..Recommendations::default() }
    }

    /// The first `n` of what was found that are wanted and stay within the caps; where these leave places empty, the rest.
    fn fill(&self, found: impl IntoIterator<Item = Found>) -> Vec<RecommendedItem> {
        let (joined, spread) = (self.sources.joined, self.sources.spread(self.n, self.n));
        let (mut there, mut items, mut over): (Vec<Candidate>, Vec<RecommendedItem>, Vec<Found>) = Default::default();
        for (slot, score, reason) in found {
            if items.len() >= self.n {
                break;
            }
            if there.iter().any(|other| other.slot == slot) || self.asking.wants(joined, slot).is_none() {
                continue;
            }
            if spread.has_room(joined, &there, slot) {
                there.push(bare(joined, slot));
                items.extend(self.sources.item(slot, score, reason));
            } else if over.len() < self.n && over.iter().all(|(other, ..)| *other != slot) {
                over.push((slot, score, reason));
            }
        }
        let missing = self.n.saturating_sub(items.len());
        items.extend(over.into_iter().take(missing).filter_map(|(slot, score, reason)| self.sources.item(slot, score, reason)));
        items
    }

    /// New items by how much they are about what the profile is about.
    fn likings(&self, likings: &mut Likings) -> Vec<(u32, f32)> {
        let mut liked = Vec::new();
        likings.each(self.sources.joined, self.sources.rows, &self.asking.voices, |slot, _, liking| liked.push((slot, liking)));
        liked
    }
}
