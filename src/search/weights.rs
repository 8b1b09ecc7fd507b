//! All numbers of ranking, in one place. They are set by evaluation over whole query sets, never by hand on one query.

/// Candidates that are rescored; the rest keep the order of their bigrams.
pub const RESCORED: usize = 100;
/// Terms of one query that are looked up; further ones are left out.
pub const TERMS: usize = 64;
/// A query of at most this many pieces is taken for a name or a topic: titles, keywords and names count for themselves.
pub const SHORT_QUERY: usize = 8;
/// Pieces of the query in any text.
pub const PIECES: f32 = 1.0;
/// A part of a word with signs (`node` of `node.js`).
pub const PART: f32 = 0.3;
/// A synonym of something in the query, as a share of what the query itself could score.
pub const SYNONYM: f32 = 0.4;
/// Pieces of a short query in a title.
pub const TITLE: f32 = 0.6;
/// Pieces of a short query in the keywords.
pub const KEYWORDS: f32 = 0.3;
/// Pieces of a short query in names of people.
pub const PEOPLE: f32 = 0.5;
/// Dictionary words in any text.
pub const WORDS: f32 = 1.0;
/// The whole query is the whole title.
pub const TITLE_EXACT: f32 = 2.0;
/// A query of one ideograph, wherever it stands inside words.
pub const LONE: f32 = 0.2;
/// Share of what a query could score that a document must reach to be a hit: a single weak bigram of a long query is none.
pub const FLOOR: f32 = 0.08;
/// The same where hits are ordered by date or title.
pub const FLOOR_UNRANKED: f32 = 0.25;
