//! What the texts say: personal data, sensitive words, traditional characters, words left from a template.

use super::{Item, Measure, Shape, Value, View, whole};
use crate::domain::inspection::ExtractedText;
use crate::rules::scan::personal::masked;
use crate::rules::scan::script;
use crate::rules::subject::class_of;

pub(super) const MEASURES: &[Measure] = &[
    whole("text.citizen_ids", Shape::List, "", "公民身份号码", |view| Some(citizen_ids(view))),
    whole("text.personal", Shape::List, "", "公民身份号码与成批的手机号", personal_data),
    whole("text.mobiles", Shape::List, "", "手机号", |view| Some(mobiles(view))),
    whole("text.sensitive", Shape::List, "", "敏感用语（不含民俗语境）", |view| Some(sensitive(view, false))),
    whole("text.sensitive_cultural", Shape::List, "", "民俗语境中的敏感用语", |view| Some(sensitive(view, true))),
    whole("text.near", Shape::List, "", "文字高度相似的其他作品", near),
    whole("text.traditional_subtitles", Shape::List, "", "通篇繁体的字幕", |view| Some(traditional_subtitles(view))),
    whole("text.mixed_script", Shape::List, "", "简繁混用", |view| Some(mixed(view))),
];

/// So many different mobile numbers in one file make a list of people.
const A_LIST: usize = 5;
/// Findings beyond this many say nothing new.
const MOST_HITS: usize = 20;
/// Different mobile numbers beyond this many say nothing new.
const MOST_NUMBERS: usize = 100;

fn citizen_ids(view: &View<'_>) -> Value {
    let items = view.seen().iter().flat_map(|seen| seen.numbers.citizen_ids.iter().map(|id| seen.place.item(masked(id, 6, 4))));
    Value::List(items.take(MOST_HITS).collect())
}

fn mobiles(view: &View<'_>) -> Value {
    let items = view.seen().iter().flat_map(|seen| seen.numbers.mobiles.iter().map(|number| seen.place.item(masked(number, 3, 4))));
    let mut found: Vec<Item> = Vec::new();
    for item in items {
        if !found.iter().any(|known| known.text == item.text && known.file == item.file) {
            found.push(item);
        }
        if found.len() >= MOST_NUMBERS {
            break;
        }
    }
    Value::List(found)
}

fn personal_data(view: &View<'_>) -> Option<Value> {
    let Value::List(mut found) = citizen_ids(view) else { return None };
    let Value::List(numbers) = mobiles(view) else { return None };
    let mut files: Vec<&Option<String>> = numbers.iter().map(|item| &item.file).collect();
    files.dedup();
    for file in files {
        let here: Vec<&Item> = numbers.iter().filter(|item| item.file == *file).collect();
        if here.len() >= A_LIST
            && let Some(first) = here.first()
        {
            found.push(Item { text: format!("{}等{}个手机号", first.text, here.len()), ..(*first).clone() });
        }
    }
    Some(Value::List(found))
}

fn sensitive(view: &View<'_>, cultural: bool) -> Value {
    let mut found: Vec<Item> = Vec::new();
    for seen in view.seen() {
        for hit in seen.hits.iter().filter(|hit| hit.cultural == cultural) {
            let item = seen.place.item(hit.word.to_owned());
            if !found.contains(&item) {
                found.push(item);
            }
        }
        if found.len() >= MOST_HITS {
            break;
        }
    }
    Value::List(found)
}

/// Works with nearly the same text; `None` where nobody looked for them.
fn near(view: &View<'_>) -> Option<Value> {
    let likes =
        view.subject.neighbours?.iter().filter(|like| like.file.is_none()).map(|like| Item { text: like.shown(), ..Item::default() });
    Some(Value::List(likes.collect()))
}

/// Subtitles that are in traditional characters throughout; those in both are mixed, which [`mixed`] tells.
fn traditional_subtitles(view: &View<'_>) -> Value {
    let subtitles = view.texts.of_files(|file| class_of(file) == "subtitle");
    let all = |text: &ExtractedText| text.parts.iter().map(|part| part.text.as_str()).collect::<String>();
    Value::List(subtitles.filter(|(_, text)| script::is_traditional(&all(text))).map(|(file, _)| Item::file(&file.entry.path)).collect())
}

/// A text in simplified characters that holds some traditional ones; a text in traditional characters throughout is not mixed.
fn mixed(view: &View<'_>) -> Value {
    let items = view.seen().iter().filter_map(|seen| Some(seen.place.item(seen.mixed.clone()?)));
    Value::List(items.take(MOST_HITS).collect())
}
