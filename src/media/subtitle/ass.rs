//! Advanced SubStation Alpha: `Dialogue:` lines of `[Events]`, whose columns a `Format:` line names; the text is the last one.

use super::{Cue, MOST_CUES, time_of};

pub(super) fn is_ass(text: &str) -> bool {
    let head = |line: &str| line.trim().eq_ignore_ascii_case("[Script Info]") || line.trim().eq_ignore_ascii_case("[Events]");
    text.lines().any(head)
}

/// All dialogues that show words, by their beginnings.
pub(super) fn cues_of(text: &str) -> Vec<Cue> {
    let mut cues = Vec::new();
    let (mut start, mut end, mut columns) = (1, 2, 10);
    for line in text.lines().map(str::trim) {
        if let Some(format) = line.strip_prefix("Format:") {
            let names: Vec<String> = format.split(',').map(|name| name.trim().to_lowercase()).collect();
            let place = |wanted: &str| names.iter().position(|name| name == wanted);
            // The styles have a format of their own, without times.
            if let (Some(first), Some(second)) = (place("start"), place("end")) {
                (start, end, columns) = (first, second, names.len());
            }
            continue;
        }
        let Some(dialogue) = line.strip_prefix("Dialogue:") else { continue };
        let fields: Vec<&str> = dialogue.splitn(columns, ',').collect();
        let time = |place: usize| fields.get(place).and_then(|field| time_of(field.trim()));
        let (Some(start), Some(end), Some(words)) = (time(start), time(end), fields.last()) else { continue };
        let lines = spoken(words);
        if cues.len() < MOST_CUES && !lines.is_empty() {
            cues.push(Cue { start, end, lines });
        }
    }
    cues.sort_by_key(|cue| cue.start);
    cues
}

/// The words of a dialogue without overrides; drawings have none.
fn spoken(text: &str) -> Vec<String> {
    let mut words = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        words.push_str(before);
        let Some((inside, behind)) = after.split_once('}') else { break };
        if draws(inside) {
            return Vec::new();
        }
        rest = behind;
    }
    if !rest.contains('{') {
        words.push_str(rest);
    }
    let words = words.replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " ");
    words.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// `\p1` and above switch to drawing.
fn draws(overrides: &str) -> bool {
    overrides.split('\\').any(|one| one.strip_prefix('p').is_some_and(|scale| scale.parse::<u8>().is_ok_and(|scale| scale > 0)))
}
