//! The bare handler of `search`: axum over Tantivy with nothing of the house but the analysis of queries.
//!
//! It must stay what somebody would write who has only this index and wants its answers as JSON: Tantivy's own queries,
//! collectors and document store, no cache and no code of `search::execute`. See `search.rs` for its ways.

use axum::extract::{Query, State};
use axum::response::IntoResponse;
use axum::{Json, Router, routing::get};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{BooleanQuery, BoostQuery, ConstScoreQuery, Occur, PhraseQuery, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, Value as _};
use tantivy::{Index, IndexReader, TantivyDocument, Term};
use yuelu::domain::access::Actor;
use yuelu::search::analysis::lexicon::Lexicon;
use yuelu::search::document::Card;
use yuelu::search::query::parse::parse;
use yuelu::search::query::plan::{Clause, Phrase, Plan, Worth, plan};
use yuelu::search::schema::{Facet, Fields, tokenizers};

type Boxed = Box<dyn tantivy::query::Query>;

struct Bare {
    reader: IndexReader,
    fields: Fields,
    lexicon: Lexicon,
    tokens: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Asked {
    q: String,
    way: String,
    limit: usize,
    category: Option<String>,
    kind: Option<String>,
    region: Option<String>,
}

#[derive(Serialize)]
struct Answer {
    total: usize,
    hits: Vec<Hit>,
}

#[derive(Serialize)]
struct Hit {
    score: f32,
    #[serde(flatten)]
    card: Card,
}

/// Serves the present generation below `root` on a port of its own, prints the address, and never ends by itself.
pub async fn serve(root: &Path) {
    let name = std::fs::read_to_string(root.join("CURRENT")).expect("the name of the present generation");
    let lexicon = Lexicon::load(None).expect("the language data");
    let mut index = Index::open_in_dir(root.join(name.trim())).expect("the index");
    index.set_tokenizers(tokenizers(&Arc::new(Lexicon::load(None).expect("the language data"))));
    let reader = index.reader().expect("a reader");
    let state = Arc::new(Bare { reader, fields: Fields::declare(), lexicon, tokens: Actor::visitor().viewer_tokens() });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("http://{}", listener.local_addr().expect("its address"));
    axum::serve(listener, Router::new().route("/search", get(search)).with_state(state)).await.expect("serving");
}

async fn search(State(bare): State<Arc<Bare>>, Query(asked): Query<Asked>) -> impl IntoResponse {
    let plan = plan(&parse(&asked.q), &bare.fields, &bare.lexicon, &bare.lexicon.tuning);
    let query = bare.query(&plan, &asked);
    let searcher = bare.reader.searcher();
    let best = TopDocs::with_limit(asked.limit).order_by_score();
    let (found, total) = match asked.way.as_str() {
        "pruned" => (searcher.search(&query, &best).expect("a search"), 0),
        _ => searcher.search(&query, &(best, Count)).expect("a search"),
    };
    let hit = |(score, address)| {
        let document: TantivyDocument = searcher.doc(address).expect("a stored document");
        let card = document.get_first(bare.fields.card).and_then(|card| card.as_str()).expect("a card");
        Hit { score, card: serde_json::from_str(card).expect("a card") }
    };
    Json(Answer { total, hits: found.into_iter().map(hit).collect() })
}

impl Bare {
    /// The bigram field alone: nothing but its terms, and whatever the viewer may see.
    fn bigrams(&self, plan: &Plan) -> BooleanQuery {
        let pieces = plan.candidates.iter().filter(|clause| clause.field == self.fields.pieces);
        BooleanQuery::new(pieces.map(|clause| (Occur::Should, term(clause.field, &clause.text, IndexRecordOption::WithFreqs))).collect())
    }

    fn query(&self, plan: &Plan, asked: &Asked) -> BooleanQuery {
        if asked.way == "bigrams" {
            return self.bigrams(plan);
        }
        let mut scoring: Vec<(Occur, Boxed)> = plan.candidates.iter().map(|clause| (Occur::Should, scored(clause))).collect();
        if asked.way == "same" {
            scoring.extend(plan.rescore.iter().map(|clause| (Occur::Should, scored(clause))));
        }
        for scored in &plan.scored {
            let share = if let Worth::Share(share) = scored.worth { share } else { 1.0 };
            let all = scored.all.iter().map(|wanted| (Occur::Must, phrase(wanted))).collect();
            scoring.push((Occur::Should, Box::new(ConstScoreQuery::new(Box::new(BooleanQuery::new(all)), share))));
        }
        let mut all: Vec<(Occur, Boxed)> = vec![(Occur::Must, Box::new(BooleanQuery::new(scoring)))];
        all.push((Occur::Must, any_of(self.fields.grants, self.tokens.iter())));
        for (facet, value) in [(Facet::Category, &asked.category), (Facet::Kind, &asked.kind), (Facet::Region, &asked.region)] {
            all.extend(value.as_ref().map(|value| (Occur::Must, any_of(self.fields.facet(facet), std::iter::once(value)))));
        }
        for any in &plan.required {
            let any = any.iter().map(|wanted| (Occur::Should, phrase(wanted))).collect();
            all.push((Occur::Must, without_score(Box::new(BooleanQuery::new(any)))));
        }
        all.extend(plan.without.iter().map(|unwanted| (Occur::MustNot, phrase(unwanted))));
        BooleanQuery::new(all)
    }
}

fn term(field: Field, text: &str, record: IndexRecordOption) -> Boxed {
    Box::new(TermQuery::new(Term::from_field_text(field, text), record))
}

fn scored(clause: &Clause) -> Boxed {
    Box::new(BoostQuery::new(term(clause.field, &clause.text, IndexRecordOption::WithFreqs), clause.weight))
}

fn without_score(query: Boxed) -> Boxed {
    Box::new(ConstScoreQuery::new(query, 0.0))
}

fn any_of<'a>(field: Field, values: impl Iterator<Item = &'a String>) -> Boxed {
    let terms = values.map(|value| (Occur::Should, term(field, value, IndexRecordOption::Basic))).collect();
    without_score(Box::new(BooleanQuery::new(terms)))
}

fn phrase(phrase: &Phrase) -> Boxed {
    match phrase.terms.as_slice() {
        [only] => term(phrase.field, only, IndexRecordOption::Basic),
        several => Box::new(PhraseQuery::new(several.iter().map(|text| Term::from_field_text(phrase.field, text)).collect())),
    }
}
