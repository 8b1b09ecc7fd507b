//! The fields of an index document. One document is one resource.

use super::analysis::lexicon::Lexicon;
use super::analysis::tokenizer::{ChineseTokenizer, Cut};
use std::sync::Arc;
use tantivy::schema::{Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{TextAnalyzer, TokenizerManager};

/// Raise it whenever fields, analysis or the stored card change: every node then builds its index anew beside the old one.
pub const VERSION: u32 = 7;

const PIECES: &str = "pieces";
const WORDS: &str = "words";
const RAW: &str = "raw";
const SPACED: &str = "whitespace";

/// What results can be narrowed by and counted over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Facet {
    /// Educational category.
    Category,
    /// Kind of resource.
    Kind,
    /// Subject, with those above it.
    Subject,
    /// Ethnic group, GB/T 3304.
    EthnicGroup,
    /// Class of intangible heritage.
    HeritageClass,
    /// Division, with those above it: a county counts for its city.
    Region,
    /// Language, BCP 47.
    Language,
    /// Name of the owning institution.
    Institution,
    /// Licence.
    Licence,
    /// Audience.
    Audience,
    /// Feature of accessibility.
    Accessibility,
    /// How long it takes (see `durations`).
    Duration,
    /// Whether it can be kept for when there is no network (see `offline`).
    Offline,
}

impl Facet {
    /// All facets, in the order of their fields.
    pub const ALL: [Self; 13] = [
        Self::Category,
        Self::Kind,
        Self::Subject,
        Self::EthnicGroup,
        Self::HeritageClass,
        Self::Region,
        Self::Language,
        Self::Institution,
        Self::Licence,
        Self::Audience,
        Self::Accessibility,
        Self::Duration,
        Self::Offline,
    ];

    /// Its name in the API and in the index.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Category => "category",
            Self::Kind => "kind",
            Self::Subject => "subject",
            Self::EthnicGroup => "ethnic_group",
            Self::HeritageClass => "heritage_class",
            Self::Region => "region",
            Self::Language => "language",
            Self::Institution => "institution",
            Self::Licence => "licence",
            Self::Audience => "audience",
            Self::Accessibility => "accessibility",
            Self::Duration => "duration",
            Self::Offline => "offline",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|facet| facet.name() == name)
    }
}

/// The fields, by what they are for.
#[derive(Clone, Debug)]
pub struct Fields {
    /// The schema they belong to.
    pub schema: Schema,
    /// Resource id.
    pub id: Field,
    /// Bigrams, letters and seams of all text, with positions: what candidates and phrases come from.
    pub pieces: Field,
    /// Dictionary words of all text: what the best candidates are rescored by.
    pub words: Field,
    /// Pieces of the titles.
    pub title: Field,
    /// Pieces of the keywords.
    pub keywords: Field,
    /// Pieces of people's names.
    pub people: Field,
    /// The whole folded title as one term.
    pub title_exact: Field,
    /// Names as they sound (see `sounds`).
    pub sounds: Field,
    /// Initials of names.
    pub initials: Field,
    /// Words that corrections come from (see `spelling`).
    pub spelling: Field,
    /// Beginnings that suggestions come from (see `suggest`).
    pub suggest: Field,
    /// Grant tokens.
    pub grants: Field,
    /// Milliseconds of the first publication.
    pub published: Field,
    /// Milliseconds of the coming into this catalogue.
    pub added: Field,
    /// Minutes of learning.
    pub minutes: Field,
    /// Mark of the vetting in hundredths of a point.
    pub mark: Field,
    /// Store version of the resource that was indexed.
    pub version: Field,
    /// Hash of the id: a stable order among equals.
    pub tie: Field,
    /// Packed pinyin of the title's beginning.
    pub title_order: Field,
    /// What a hit shows, as JSON.
    pub card: Field,
    /// Text that snippets are cut from, a value for each part, where it is short.
    pub text: Field,
    facets: [Field; Facet::ALL.len()],
}

impl Fields {
    /// Declares the schema.
    pub fn declare() -> Self {
        let mut builder = Schema::builder();
        let analysed = |tokenizer: &str, record| {
            let indexing = TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(record);
            TextOptions::default().set_indexing_options(indexing)
        };
        let raw = || {
            let indexing = TextFieldIndexing::default().set_tokenizer(RAW).set_index_option(IndexRecordOption::Basic).set_fieldnorms(false);
            TextOptions::default().set_indexing_options(indexing)
        };
        let number = || NumericOptions::default().set_fast();
        let stored = || TextOptions::default().set_stored();
        let positions = IndexRecordOption::WithFreqsAndPositions;
        let frequencies = IndexRecordOption::WithFreqs;
        let facets = Facet::ALL.map(|facet| builder.add_text_field(facet.name(), raw().set_fast(RAW)));
        let id = builder.add_text_field("id", raw().set_fast(RAW));
        let pieces = builder.add_text_field("pieces", analysed(PIECES, positions));
        let words = builder.add_text_field("words", analysed(WORDS, frequencies));
        let title = builder.add_text_field("title", analysed(PIECES, positions));
        let keywords = builder.add_text_field("keywords", analysed(PIECES, positions));
        let people = builder.add_text_field("people", analysed(PIECES, positions));
        let title_exact = builder.add_text_field("title_exact", raw());
        let heard = || {
            let indexing = TextFieldIndexing::default().set_tokenizer(SPACED).set_index_option(positions).set_fieldnorms(false);
            TextOptions::default().set_indexing_options(indexing)
        };
        let sounds = builder.add_text_field("sounds", heard());
        let initials = builder.add_text_field("initials", heard());
        let spelling = builder.add_text_field("spelling", raw());
        let suggest = builder.add_text_field("suggest", raw());
        let grants = builder.add_text_field("grants", raw());
        let published = builder.add_u64_field("published", number());
        let added = builder.add_u64_field("added", number());
        let minutes = builder.add_u64_field("minutes", number());
        let mark = builder.add_u64_field("mark", number());
        let version = builder.add_u64_field("version", number());
        let tie = builder.add_u64_field("tie", number());
        let title_order = builder.add_u64_field("title_order", number());
        let card = builder.add_text_field("card", stored());
        let text = builder.add_text_field("text", stored());
        Self {
            schema: builder.build(),
            id,
            pieces,
            words,
            title,
            keywords,
            people,
            title_exact,
            sounds,
            initials,
            spelling,
            suggest,
            grants,
            published,
            added,
            minutes,
            mark,
            version,
            tie,
            title_order,
            card,
            text,
            facets,
        }
    }

    /// The field of a facet.
    pub fn facet(&self, facet: Facet) -> Field {
        let [category, ..] = self.facets;
        self.facets.get(facet as usize).copied().unwrap_or(category)
    }
}

/// The tokenizers the schema names.
pub fn tokenizers(lexicon: &Arc<Lexicon>) -> TokenizerManager {
    // The manager's own tokenizers stay: Tantivy asks for them for the fields of numbers.
    let manager = TokenizerManager::default();
    manager.register(PIECES, TextAnalyzer::from(ChineseTokenizer::new(Arc::clone(lexicon), Cut::Pieces)));
    manager.register(WORDS, TextAnalyzer::from(ChineseTokenizer::new(Arc::clone(lexicon), Cut::Words)));
    manager
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facets_have_their_own_fields() {
        let fields = Fields::declare();
        for facet in Facet::ALL {
            assert_eq!(fields.schema.get_field_name(fields.facet(facet)), facet.name());
            assert_eq!(Facet::parse(facet.name()), Some(facet));
        }
    }
}
