//! Marks in a text what a query found in it, and cuts the best passage out of a long one.
//!
//! Works on the original text through the folded one, so 機器 is marked for 机器. Overlapping marks are merged before
//! anything is written, and everything is escaped.

use super::analysis::fold::Folded;
use super::analysis::lexicon::Lexicon;
use super::analysis::pieces::{Piece, Run, Shape, pieces, runs};
use super::analysis::pinyin::{initials_of, plain};
use super::analysis::script::is_ideograph;
use super::query::spelled::Spelled;

/// Characters of a passage.
const PASSAGE: usize = 90;
/// Characters that are shown before the first mark of a passage.
const LEAD: usize = 20;

/// What is marked.
#[derive(Clone, Debug, Default)]
pub struct Marker {
    /// Pairs of ideographs within words that tell something.
    strong: Vec<[char; 2]>,
    /// All pairs of the query, for texts where none of the strong ones stands.
    weak: Vec<[char; 2]>,
    /// Words of letters, seams and lone ideographs.
    words: Vec<String>,
    /// Texts that are marked only where they stand whole: synonyms.
    whole: Vec<String>,
    /// What the query spells: marked in names.
    spelled: Option<Spelled>,
}

/// A marked passage.
#[derive(Clone, Debug, PartialEq)]
pub struct Passage {
    /// HTML: the text escaped, with `<mark>` around what was found.
    pub html: String,
    /// How much of the query stands in it: distinct marks.
    pub found: usize,
}

/// Part of a folded text, in characters, with the number of what it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    start: usize,
    end: usize,
    what: usize,
}

impl Marker {
    /// From the words and the pieces of a query, further texts that were asked for in single fields, and synonyms.
    pub fn of<'a>(
        words: impl Iterator<Item = &'a str>,
        pieces: impl Iterator<Item = &'a str>,
        named: impl Iterator<Item = String>,
        whole: Vec<String>,
    ) -> Self {
        let mut marker = Self { whole, ..Self::default() };
        let add = |list: &mut Vec<[char; 2]>, text: &str| {
            let letters: Vec<char> = text.chars().collect();
            for pair in letters.windows(2) {
                if let [left, right] = *pair
                    && is_ideograph(left)
                    && is_ideograph(right)
                    && !list.contains(&[left, right])
                {
                    list.push([left, right]);
                }
            }
        };
        words.for_each(|word| add(&mut marker.strong, word));
        for piece in pieces {
            add(&mut marker.weak, piece);
            let letters = piece.chars().count();
            if (letters == 1 || !piece.chars().all(is_ideograph)) && !marker.words.iter().any(|word| word == piece) {
                marker.words.push(piece.to_owned());
            }
        }
        for text in named {
            add(&mut marker.strong, &text);
            marker.words.extend(text.split_whitespace().filter(|word| !word.chars().all(is_ideograph)).map(str::to_owned));
        }
        marker
    }

    /// Marks in names also what the query spells.
    pub fn hear(&mut self, spelled: Option<Spelled>) {
        self.spelled = spelled;
    }

    /// Whether there is nothing to mark.
    pub fn is_empty(&self) -> bool {
        self.strong.is_empty() && self.weak.is_empty() && self.words.is_empty() && self.whole.is_empty() && self.spelled.is_none()
    }

    /// Whether anything in a name is marked.
    pub fn finds(&self, lexicon: &Lexicon, text: &str) -> bool {
        self.look(lexicon, text).is_some_and(|folded| !self.marks_of_name(lexicon, &folded).is_empty())
    }

    /// The whole of a name with marks, when anything in it is marked.
    pub fn whole(&self, lexicon: &Lexicon, text: &str) -> Option<Passage> {
        let folded = self.look(lexicon, text)?;
        let marks = self.marks_of_name(lexicon, &folded);
        (!marks.is_empty()).then(|| Passage { html: render(text, &folded, &marks, 0, folded.len()), found: distinct(&marks) })
    }

    /// The best passage of a text with marks, when anything in it is marked.
    pub fn passage(&self, lexicon: &Lexicon, text: &str) -> Option<Passage> {
        let folded = self.look(lexicon, text)?;
        let marks = self.marks(&folded);
        let (first, last) = best_window(&marks)?;
        let chosen = marks.get(first..last)?;
        let (start, end) = bounds(&folded, chosen);
        let inside: Vec<Mark> = marks.iter().copied().filter(|mark| mark.start >= start && mark.end <= end).collect();
        let mut html = String::with_capacity(400);
        if start > 0 {
            html.push('…');
        }
        html.push_str(&render(text, &folded, &inside, start, end));
        if end < folded.len() {
            html.push('…');
        }
        Some(Passage { html, found: distinct(&inside) })
    }

    /// Folds a text when anything in it could be marked.
    fn look(&self, lexicon: &Lexicon, text: &str) -> Option<Folded> {
        (!self.is_empty() && !text.is_empty()).then(|| lexicon.folds.fold_with_origin(text))
    }

    fn marks(&self, folded: &Folded) -> Vec<Mark> {
        let mut marks = pairs_in(folded, &self.strong);
        if marks.is_empty() {
            marks = pairs_in(folded, &self.weak);
        }
        if !self.words.is_empty() || !self.whole.is_empty() {
            self.add_words(folded, &mut marks);
            self.add_whole(folded, &mut marks);
            marks.sort_by_key(|mark| (mark.start, mark.end));
        }
        marks
    }

    /// Marks of what is written, and of what sounds as the query spells.
    fn marks_of_name(&self, lexicon: &Lexicon, folded: &Folded) -> Vec<Mark> {
        let mut marks = self.marks(folded);
        let Some(spelled) = self.spelled.as_ref().filter(|spelled| marks.is_empty() || !spelled.written.is_empty()) else { return marks };
        marks.extend(heard(lexicon, folded, spelled));
        marks.sort_by_key(|mark| (mark.start, mark.end));
        marks
    }

    fn add_whole(&self, folded: &Folded, marks: &mut Vec<Mark>) {
        let place = |byte: usize| folded.at.partition_point(|at| (*at as usize) < byte);
        for (what, text) in self.whole.iter().enumerate() {
            let found = folded.text.match_indices(text.as_str());
            marks.extend(found.map(|(start, _)| Mark { start: place(start), end: place(start + text.len()), what: 2000 + what }));
        }
    }

    fn add_words(&self, folded: &Folded, marks: &mut Vec<Mark>) {
        let (mut all, mut found): (Vec<Run>, Vec<Piece>) = (Vec::new(), Vec::new());
        let lone = self.words.iter().position(|word| word.chars().count() == 1 && word.chars().all(is_ideograph));
        if let Some(what) = lone {
            let letter = self.words.get(what).and_then(|word| word.chars().next());
            let places = folded.text.chars().enumerate().filter(|(_, other)| Some(*other) == letter);
            marks.extend(places.map(|(start, _)| Mark { start, end: start + 1, what: 1000 + what }));
        }
        runs(folded, &mut all);
        pieces(folded, &all, &mut found);
        for piece in found.iter().filter(|piece| matches!(piece.shape, Shape::Word | Shape::Part | Shape::Seam)) {
            let text = folded.part(piece.start as usize, piece.end as usize);
            if let Some(what) = self.words.iter().position(|word| word == text) {
                marks.push(Mark { start: piece.start as usize, end: piece.end as usize, what: 1000 + what });
            }
        }
    }
}

/// Where a name sounds as the letters of a query spell.
fn heard(lexicon: &Lexicon, folded: &Folded, spelled: &Spelled) -> Vec<Mark> {
    let syllables = lexicon.readings.spell(&folded.text);
    let sounds: Vec<String> = syllables.iter().map(|syllable| plain(&syllable.text)).collect();
    let mark = |first: usize, after: usize| {
        let start = syllables.get(first)?.start;
        let end = syllables.get(after.checked_sub(1)?)?.end;
        Some(Mark { start, end, what: 3000 })
    };
    for way in &spelled.ways {
        let places = sounds.windows(way.len().max(1)).enumerate().filter(|(_, window)| window == way);
        let marks: Vec<Mark> = places.filter_map(|(place, _)| mark(place, place + way.len())).collect();
        if !marks.is_empty() {
            return marks;
        }
    }
    let Some(initials) = spelled.initials.as_ref().map(|initials| initials.concat()) else { return Vec::new() };
    let mut begun = String::new();
    let after = syllables.iter().position(|syllable| {
        begun.push_str(initials_of(&syllable.text));
        begun.len() >= initials.len()
    });
    let begins = begun.starts_with(&initials);
    after.filter(|_| begins).and_then(|last| mark(0, last + 1)).into_iter().collect()
}

/// All places of the pairs. Most characters are passed after one look at a small table.
fn pairs_in(folded: &Folded, pairs: &[[char; 2]]) -> Vec<Mark> {
    let mut marks = Vec::new();
    if pairs.is_empty() {
        return marks;
    }
    let mut begins = [false; 256];
    for [left, _] in pairs {
        if let Some(slot) = begins.get_mut(*left as usize & 255) {
            *slot = true;
        }
    }
    let mut before = '\0';
    for (place, letter) in folded.text.chars().enumerate() {
        if begins.get(before as usize & 255).copied().unwrap_or(false)
            && let Some(what) = pairs.iter().position(|pair| *pair == [before, letter])
        {
            marks.push(Mark { start: place - 1, end: place + 1, what });
        }
        before = letter;
    }
    marks
}

fn distinct(marks: &[Mark]) -> usize {
    let mut seen: Vec<usize> = marks.iter().map(|mark| mark.what).collect();
    seen.sort_unstable();
    seen.dedup();
    seen.len()
}

/// The range of marks within one passage's length that holds most different ones; the earliest of the best.
fn best_window(marks: &[Mark]) -> Option<(usize, usize)> {
    let mut best = None;
    let mut most = 0;
    let mut counts: Vec<(usize, usize)> = Vec::new();
    let mut first = 0;
    for (last, mark) in marks.iter().enumerate() {
        match counts.iter_mut().find(|(what, _)| *what == mark.what) {
            Some((_, count)) => *count += 1,
            None => counts.push((mark.what, 1)),
        }
        while let Some(gone) = marks.get(first).filter(|gone| mark.end - gone.start > PASSAGE - LEAD) {
            if let Some((_, count)) = counts.iter_mut().find(|(what, _)| *what == gone.what) {
                *count -= 1;
            }
            first += 1;
        }
        let held = counts.iter().filter(|(_, count)| *count > 0).count();
        if held > most {
            most = held;
            best = Some((first, last + 1));
        }
    }
    best
}

/// A passage around the marks that begins, where it can, at the beginning of a sentence.
fn bounds(folded: &Folded, marks: &[Mark]) -> (usize, usize) {
    let first = marks.first().map_or(0, |mark| mark.start);
    let last = marks.last().map_or(0, |mark| mark.end);
    let end_of_text = folded.len();
    if end_of_text <= PASSAGE {
        return (0, end_of_text);
    }
    let earliest = first.saturating_sub(LEAD);
    let before = folded.part(earliest, first);
    let sentence = before.chars().enumerate().filter(|(_, letter)| matches!(letter, '。' | '！' | '？' | '!' | '?' | '\n')).last();
    let start = sentence.map_or(earliest, |(place, _)| earliest + place + 1);
    let end = (start + PASSAGE).max(last).min(end_of_text);
    // A passage at the very end of the text is filled up from the front.
    let start = if end == end_of_text { start.min(end_of_text - PASSAGE) } else { start };
    (start.min(first), end)
}

/// The part of the original behind folded characters `start..end`, escaped, with marks.
fn render(text: &str, folded: &Folded, marks: &[Mark], start: usize, end: usize) -> String {
    let mut html = String::with_capacity((end - start) * 4);
    let from = if start == 0 { 0 } else { folded.from.get(start).map_or(text.len(), |span| span.0 as usize) };
    let to = if end >= folded.len() { text.len() } else { folded.from.get(end).map_or(text.len(), |span| span.0 as usize) };
    let mut written = from;
    let mut marks = marks.iter().peekable();
    while let Some(mark) = marks.next() {
        let mut stop = mark.end;
        while let Some(next) = marks.next_if(|next| next.start <= stop) {
            stop = stop.max(next.end);
        }
        let open = folded.from.get(mark.start).map_or(to, |span| span.0 as usize).max(written).min(to);
        let close = folded.from.get(stop.saturating_sub(1)).map_or(to, |span| span.1 as usize).max(open).min(to);
        escape(text.get(written..open).unwrap_or_default(), &mut html);
        html.push_str("<mark>");
        escape(text.get(open..close).unwrap_or_default(), &mut html);
        html.push_str("</mark>");
        written = close;
    }
    escape(text.get(written..to).unwrap_or_default(), &mut html);
    html
}

/// Writes text as HTML.
pub fn escape(text: &str, html: &mut String) {
    for letter in text.chars() {
        match letter {
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '&' => html.push_str("&amp;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            _ => html.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::analysis::lexicon::tests::LEXICON;
    use super::super::query::{parse::parse, plan::plan};
    use super::super::schema::Fields;
    use super::*;
    use proptest::prelude::*;

    fn marker(query: &str) -> Marker {
        plan(&parse(query), &Fields::declare(), &LEXICON, &LEXICON.tuning).marker
    }

    fn marked(query: &str, text: &str) -> String {
        marker(query).whole(&LEXICON, text).map(|passage| passage.html).unwrap_or_default()
    }

    #[test]
    fn marks_are_merged_and_text_is_escaped() {
        assert_eq!(marked("西兰卡普", "织<西兰卡普>&布"), "织&lt;<mark>西兰卡普</mark>&gt;&amp;布");
        assert_eq!(marked("机器学习", "機器學習入門"), "<mark>機器學習</mark>入門");
        assert_eq!(marked("没有的词", "土家族"), "");
    }

    #[test]
    fn words_decide_before_seams_between_words() {
        assert_eq!(marked("土家族的织锦", "土家族人的衣服"), "<mark>土家族</mark>人的衣服");
        assert_eq!(marked("C语言 node.js", "学C语言和Node.js"), "学<mark>C语言</mark>和<mark>Node.js</mark>");
        assert_eq!(marked("茶", "喝茶与茶艺"), "喝<mark>茶</mark>与<mark>茶</mark>艺");
    }

    #[test]
    fn names_are_marked_as_they_sound() {
        assert_eq!(marked("maogusi", "湘西毛古斯舞"), "湘西<mark>毛古斯</mark>舞");
        assert_eq!(marked("土家zhijin", "土家织锦"), "<mark>土家织锦</mark>");
        assert_eq!((marked("mgs", "毛古斯舞"), marked("mgs", "湘西毛古斯舞")), ("<mark>毛古斯</mark>舞".to_owned(), String::new()));
        assert!(marker("maogusi").passage(&LEXICON, "毛古斯是舞").is_none(), "only names are heard");
    }

    #[test]
    fn rare_characters_names_and_nvshu() {
        assert_eq!(marked("\u{1b170}\u{1b171}", "女书\u{1b170}\u{1b171}字"), "女书<mark>\u{1b170}\u{1b171}</mark>字");
        assert_eq!(marked("𠮷野", "住在𠮷野的人"), "住在<mark>𠮷野</mark>的人");
        assert_eq!(marked("买买提吐尔逊", "买买提·吐尔逊著"), "<mark>买买提·吐尔逊</mark>著");
    }

    #[test]
    fn the_best_passage_is_cut_out() {
        let text = format!("{}前一句。土家族织锦用棉线和丝线织成。{}", "开头的话。".repeat(60), "后面的话。".repeat(60));
        let passage = marker("土家族织锦").passage(&LEXICON, &text).unwrap();
        assert!(passage.html.starts_with("…<mark>土家族织锦</mark>用棉线"), "{}", passage.html);
        assert!(passage.html.ends_with('…') && passage.html.chars().count() < 140);
        let at_end = format!("{}最后是织锦", "开头的话。".repeat(60));
        let passage = marker("织锦").passage(&LEXICON, &at_end).unwrap();
        assert!(passage.html.ends_with("<mark>织锦</mark>") && passage.html.chars().count() > PASSAGE);
    }

    proptest! {
        #[test]
        fn any_text_and_query(query in any::<String>(), text in any::<String>()) {
            let marker = marker(&query);
            let _ = marker.whole(&LEXICON, &text);
            let _ = marker.passage(&LEXICON, &text);
        }

        #[test]
        fn without_marks_the_text_remains(query in "[a土家e\u{301}㎡ＡB]{1,6}", text in "[a土家<e\u{301}㎡ＡB·\u{200b}]{0,200}") {
            if let Some(passage) = marker(&query).whole(&LEXICON, &text) {
                let plain = passage.html.replace("<mark>", "").replace("</mark>", "").replace("&lt;", "<");
                prop_assert_eq!(plain, text);
            }
        }
    }
}
