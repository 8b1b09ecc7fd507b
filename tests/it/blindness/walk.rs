//! Reading everything: each GET operation of the served document, with every id that is known, and the search for planted words.

use super::cast::{Cast, OWNERS, Person, Planted};
use super::table::{Eye, Kind, hidden_from, tells_the_public};
use crate::program::{Answer, Api};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

/// Ids of what there is, by the part of an address before them.
pub type Known = BTreeMap<&'static str, BTreeSet<String>>;

/// What was read, and what should not have been in it.
#[derive(Default)]
pub struct Reading {
    /// Answers with 200, by reader and operation.
    pub read: BTreeMap<(String, String), usize>,
    /// Words found where they should not be.
    pub leaks: BTreeSet<String>,
    /// Institutions whose works are under notice or published by now.
    pub public: BTreeSet<usize>,
}

/// An operation of the document that reads.
pub struct Operation {
    path: String,
    /// Its query parameters: name, and whether it must be given.
    query: Vec<(String, bool)>,
}

/// Every operation of the served document that reads.
pub async fn operations(api: &Api) -> Vec<Operation> {
    let document = api.get("/api/v1/openapi.json").await.ok();
    let paths = document["paths"].as_object().unwrap().iter().filter(|(_, item)| item.get("get").is_some());
    let operation = |(path, item): (&String, &Value)| {
        let parameters = item["get"]["parameters"].as_array().cloned().unwrap_or_default();
        let query = parameters.iter().filter(|one| one["in"] == "query");
        let named = query.map(|one| (one["name"].as_str().unwrap().to_owned(), one["required"] == true));
        Operation { path: path.clone(), query: named.collect() }
    };
    paths.map(operation).collect()
}

impl Operation {
    /// Every address of it that is known.
    fn addresses(&self, known: &Known) -> Vec<String> {
        let mut filled = vec![String::new()];
        let mut before = "";
        for part in self.path.split('/').skip(1) {
            let values = match part.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) => values(name, before, known),
                None => vec![part.to_owned()],
            };
            filled = filled.iter().flat_map(|start| values.iter().map(move |value| format!("{start}/{value}"))).collect();
            before = part;
        }
        filled.iter().flat_map(|path| self.asked(path, known)).collect()
    }

    /// The address as it is, then with each parameter that something is known for.
    fn asked(&self, path: &str, known: &Known) -> Vec<String> {
        let with = |start: &String, name: &str| -> Vec<String> {
            let sign = if start.contains('?') { '&' } else { '?' };
            said(name, known).iter().map(|value| format!("{start}{sign}{name}={value}")).collect()
        };
        let must = self.query.iter().filter(|one| one.1);
        let base = must.fold(vec![path.to_owned()], |starts, (name, _)| starts.iter().flat_map(|start| with(start, name)).collect());
        let may = self.query.iter().filter(|one| !one.1);
        let more: Vec<String> = may.flat_map(|(name, _)| base.iter().flat_map(|start| with(start, name)).collect::<Vec<_>>()).collect();
        base.into_iter().chain(more).collect()
    }
}

/// What stands for a parameter of a path: what of its kind is known; everything for a kind that this test does not know.
fn values(name: &str, before: &str, known: &Known) -> Vec<String> {
    let kind = match (name, before) {
        ("id", "reviews" | "public-notices" | "spot-checks") => "submissions",
        ("id" | "pledge" | "comment" | "webhook" | "notice", before) => before,
        (other, _) => other,
    };
    let found = known.get(kind).cloned().unwrap_or_else(|| known.values().flatten().cloned().collect());
    found.into_iter().map(|value| encoded(&value)).collect()
}

/// What is said with a parameter of a query.
fn said(name: &str, known: &Known) -> Vec<String> {
    let all = |kind: &str| known.get(kind).into_iter().flatten().map(|value| encoded(value)).collect::<Vec<_>>();
    match name {
        "q" => ["鸬鹚".to_owned(), "指南".to_owned()].iter().map(|word| encoded(word)).collect(),
        "month" => all("month"),
        "format" => ["json", "csv", "xlsx"].map(str::to_owned).to_vec(),
        "owner" | "source" => OWNERS.iter().map(|owner| encoded(owner)).collect(),
        "account" => all("account"),
        "deposit" => all("deposits"),
        "submission" => all("submissions"),
        "resource" => all("resources"),
        "id" => all("source"),
        "path" => all("path"),
        "limit" => vec!["100".to_owned()],
        "download" => vec!["true".to_owned()],
        "rendition" => vec!["captions".to_owned(), "text".to_owned()],
        _ => Vec::new(),
    }
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut place) = (Vec::new(), 0);
    while let Some(byte) = bytes.get(place) {
        let coded = (*byte == b'%').then(|| text.get(place + 1..place + 3)).flatten();
        match coded.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(value) => (out.push(value), place += 3).1,
            None => (out.push(*byte), place += 1).1,
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// All that an answer says: its headers, its body, and what lies packed in that.
fn told(answer: &Answer) -> String {
    let headers = answer.headers.iter().map(|(name, value)| format!("{name}: {}\n", decoded(&String::from_utf8_lossy(value.as_bytes()))));
    let mut told: String = headers.collect();
    told.push_str(&String::from_utf8_lossy(&answer.body));
    if answer.body.starts_with(b"PK") {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(answer.body.to_vec())).unwrap();
        for place in 0..archive.len() {
            let mut part = archive.by_index(place).unwrap();
            told.push_str(&part.name().unwrap());
            let mut bytes = Vec::new();
            part.read_to_end(&mut bytes).unwrap();
            told.push_str(&String::from_utf8_lossy(&bytes));
        }
    }
    told
}

impl Reading {
    /// Reads everything as everybody of these.
    pub async fn walk(&mut self, stage: &str, cast: &Cast, readers: &[Person], known: &Known, operations: &[Operation]) {
        for reader in readers {
            let mut own = known.clone();
            let inbox = reader.api.get("/api/v1/notices?limit=100").await.value();
            let mine = inbox["items"].as_array().into_iter().flatten().map(|one| one["id"].as_str().unwrap().to_owned());
            own.insert("notices", mine.collect());
            for operation in operations.iter().filter(|operation| !operation.path.ends_with("openapi.json")) {
                for address in operation.addresses(&own) {
                    let answer = reader.api.get(&address).await;
                    assert!(!answer.status.is_server_error(), "{address}: {answer}");
                    if answer.status == 200 {
                        *self.read.entry((reader.name.clone(), operation.path.clone())).or_default() += 1;
                    }
                    self.look(&format!("{stage}: {}", operation.path), reader, &address, &answer, &cast.planted);
                }
            }
        }
    }

    /// Looks for planted words in an answer.
    pub fn look(&mut self, place: &str, reader: &Person, address: &str, answer: &Answer, planted: &[Planted]) {
        // A refusal may repeat what was asked; an answer may not tell more for having been asked.
        let asked = if answer.status.is_success() { String::new() } else { decoded(address) };
        let open = tells_the_public(address);
        self.find(place, reader.eye, &reader.name, open, &asked, &told(answer), planted);
    }

    /// Looks for planted words in what was sent to somebody.
    pub fn sent(&mut self, reader: &Person, line: &Value, planted: &[Planted]) {
        let text = json!([line["subject"], line["text"], line["html"]]).to_string();
        assert!(text.len() > 20, "{line}");
        self.find("outbox", reader.eye, &reader.name, false, "", &text, planted);
    }

    #[expect(clippy::too_many_arguments, reason = "what is read, by whom and where are as many things")]
    fn find(&mut self, place: &str, eye: Eye, name: &str, open: bool, asked: &str, text: &str, planted: &[Planted]) {
        let hidden = hidden_from(eye);
        let public = |kind: Kind| matches!(kind, Kind::House(house) if open && self.public.contains(&house));
        let secret = planted.iter().filter(|one| hidden.contains(&one.kind) && one.person != name && !public(one.kind));
        let found = secret.filter(|one| !asked.contains(&one.word)).filter_map(|one| text.find(&one.word).map(|at| (one, at)));
        let leaks: Vec<String> =
            found.map(|(one, at)| format!("{place}, {eye:?} {name}: {:?} {} in …{}…", one.kind, one.word, around(text, at))).collect();
        for leak in leaks {
            println!("{leak}");
            self.leaks.insert(leak);
        }
    }
}

/// A few signs on both sides of a place.
fn around(text: &str, at: usize) -> String {
    let (before, after) = text.split_at(at);
    let before: String = before.chars().rev().take(90).collect::<Vec<_>>().into_iter().rev().collect();
    before + &after.chars().take(60).collect::<String>()
}
