//! Reading single values: codes and labels to codes, dates, hours, truth values; what is wrong becomes a finding that names
//! its place and what would be right.

use crate::domain::access::Visibility;
use crate::domain::codes::{CodeList, CodeLists, Kind};
use crate::domain::finding::{Finding, Severity};
use crate::domain::metadata::Creator;
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{self, CREATOR_ROLES, VISIBILITIES, Words};

/// Most choices that a message lists.
const MOST_LISTED: usize = 24;
/// Minutes of a 学时.
const MINUTES: f64 = 45.0;
/// Most 学时 that are believed.
const MOST_HOURS: f64 = 2000.0;

/// Where values come from, for the findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// `yuelu.toml`.
    Manifest,
    /// A row of a catalogue.
    Row(u32),
}

/// Reads values and collects what is wrong with them.
pub(super) struct Values<'a> {
    pub codes: &'a CodeLists,
    pub source: Source,
    /// Line of `yuelu.toml` that is being read.
    pub line: usize,
    pub findings: Vec<Finding>,
}

impl<'a> Values<'a> {
    pub fn new(codes: &'a CodeLists, source: Source) -> Self {
        Self { codes, source, line: 0, findings: Vec::new() }
    }

    /// Notes a fault that refuses the row.
    pub fn fault(&mut self, rule: &str, field: &str, measured: Option<&str>, message: &str) {
        let (row, place) = match self.source {
            Source::Row(row) => (Some(row), format!("第 {row} 行“{field}”")),
            Source::Manifest if self.line > 0 => (None, format!("yuelu.toml 第 {} 行 {field}", self.line)),
            Source::Manifest => (None, format!("yuelu.toml 的 {field}")),
        };
        self.findings.push(Finding {
            rule: rule.to_owned(),
            severity: Severity::Must,
            file: (self.source == Source::Manifest).then(|| super::rows::MANIFEST.to_owned()),
            row,
            field: Some(field.to_owned()),
            locator: None,
            message: format!("{place}：{message}"),
            measured: measured.map(|text| text.chars().take(200).collect()),
            waived: false,
        });
    }

    fn unknown(&mut self, field: &str, text: &str, allowed: &[String]) {
        let mut listed = allowed.iter().take(MOST_LISTED).cloned().collect::<Vec<_>>().join("、");
        if allowed.len() > MOST_LISTED {
            listed.push_str(&format!(" 等 {} 项", allowed.len()));
        }
        self.fault("META-CODE", field, Some(text), &format!("“{}”不在可选值中；可填：{listed}。", super::fault::shown(text)));
    }

    pub fn kind(&mut self, field: &str, text: &str) -> Option<Kind> {
        let kind = Kind::parse(text.trim());
        if text.trim().is_empty() {
            self.fault("META-MISSING", field, None, "没有填写资源类型。");
        } else if kind.is_none() {
            self.unknown(field, text, &Kind::ALL.map(|row| format!("{}（{}）", row.2, row.1)));
        }
        kind
    }

    /// The code of a value; an empty value stays empty.
    pub fn code(&mut self, list: &CodeList, field: &str, text: &str) -> Option<String> {
        if text.trim().is_empty() {
            return None;
        }
        let code = list.find(text).map(|row| row.code.clone());
        if code.is_none() {
            let allowed: Vec<String> = list.rows().iter().map(|row| format!("{}（{}）", row.label, row.code)).collect();
            self.unknown(field, text, &allowed);
        }
        code
    }

    pub fn codes(&mut self, list: &CodeList, field: &str, texts: &[String]) -> Vec<String> {
        let mut found: Vec<String> = texts.iter().filter_map(|text| self.code(list, field, text)).collect();
        keep_first(&mut found);
        found
    }

    pub fn word(&mut self, words: Words, field: &str, text: &str) -> Option<String> {
        if text.trim().is_empty() {
            return None;
        }
        let code = vocabulary::find(words, text);
        if code.is_none() {
            let allowed: Vec<String> = words.iter().map(|row| format!("{}（{}）", row.1, row.0)).collect();
            self.unknown(field, text, &allowed);
        }
        code.map(str::to_owned)
    }

    /// BCP 47 tags, or the Chinese names this program knows.
    pub fn languages(&mut self, field: &str, texts: &[String]) -> Vec<String> {
        let mut tags = Vec::new();
        for text in texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
            if let Some(tag) = vocabulary::find(vocabulary::LANGUAGES, text) {
                tags.push(tag.to_owned());
            } else if is_tag(text) {
                tags.push(text.to_owned());
            } else {
                let allowed: Vec<String> = vocabulary::LANGUAGES.iter().map(|row| format!("{}（{}）", row.1, row.0)).collect();
                self.unknown(field, text, &allowed);
            }
        }
        keep_first(&mut tags);
        tags
    }

    pub fn source_id(&mut self, field: &str, text: &str) -> Option<String> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let good = text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte));
        if !good {
            self.fault("META-FORMAT", field, Some(text), "编号只能用英文字母、数字和 . _ : -，且不超过 64 位。");
        }
        good.then(|| text.to_owned())
    }

    /// Minutes from 学时.
    pub fn hours(&mut self, field: &str, text: &str) -> Option<u32> {
        let text = text.trim().trim_end_matches("学时").trim();
        if text.is_empty() {
            return None;
        }
        match text.parse::<f64>() {
            // Both bounds are checked, so the cast neither cuts nor changes the sign.
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 < hours <= 2000")]
            Ok(hours) if hours > 0.0 && hours <= MOST_HOURS => Some((hours * MINUTES).round() as u32),
            _ => {
                self.fault("META-FORMAT", field, Some(text), "学时应为大于 0、不超过 2000 的数字。");
                None
            }
        }
    }

    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; `/`, `.` and 年月日 are taken as well.
    pub fn date(&mut self, field: &str, text: &str) -> Option<String> {
        if text.trim().is_empty() {
            return None;
        }
        let date = partial_date(text.trim());
        if date.is_none() {
            self.fault("META-FORMAT", field, Some(text), "日期应写成 2026、2026-05 或 2026-05-01。");
        }
        date
    }

    /// A whole day.
    pub fn day(&mut self, field: &str, text: &str) -> Option<String> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let day = Timestamp::end_of_shanghai_date(text).map(|_| text.to_owned());
        if day.is_none() {
            self.fault("META-FORMAT", field, Some(text), "日期应写成 2026-05-01。");
        }
        day
    }

    pub fn yes_no(&mut self, field: &str, text: &str) -> Option<bool> {
        match text.trim().to_lowercase().as_str() {
            "" => None,
            "是" | "有" | "yes" | "y" | "true" | "1" => Some(true),
            "否" | "无" | "no" | "n" | "false" | "0" => Some(false),
            _ => {
                self.unknown(field, text, &["是".to_owned(), "否".to_owned()]);
                None
            }
        }
    }

    /// 公开, 注册可见, 机构内, 协议（group；group）.
    pub fn visibility(&mut self, field: &str, text: &str) -> Visibility {
        let (word, groups) = split_bracket(text);
        match self.word(VISIBILITIES, field, word.trim_end_matches(['：', ':'])).as_deref() {
            Some("registered") => Visibility::Registered,
            Some("organisation") => Visibility::Organisation,
            Some("protocol") => {
                let any: std::collections::BTreeSet<String> = split_list(groups.unwrap_or_default()).into_iter().collect();
                if any.is_empty() {
                    self.fault("META-FORMAT", field, Some(text), "协议可见须写明群组，如：协议（tujia-elders）。");
                }
                Visibility::Protocol { any, all: std::collections::BTreeSet::new() }
            }
            _ => Visibility::Public,
        }
    }

    /// `姓名（职责，单位）`.
    pub fn creator(&mut self, field: &str, text: &str) -> Creator {
        let (name, inside) = split_bracket(text);
        let mut parts = inside.unwrap_or_default().splitn(2, ['，', ',']).map(str::trim);
        let role = parts.next().filter(|role| !role.is_empty()).and_then(|role| self.word(CREATOR_ROLES, field, role));
        let organisation = parts.next().filter(|name| !name.is_empty()).map(str::to_owned);
        Creator { name: name.to_owned(), role: role.unwrap_or_else(|| "author".to_owned()), organisation }
    }

    pub fn address(&mut self, field: &str, text: &str) -> String {
        let text = text.trim();
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        if !text.is_empty() && rest.is_none_or(|rest| rest.is_empty() || rest.starts_with('/') || rest.contains(char::is_whitespace)) {
            self.fault("META-FORMAT", field, Some(text), "链接应为 http:// 或 https:// 开头的完整地址。");
        }
        text.to_owned()
    }
}

/// Splits a cell at ；; 、 |, but not inside brackets.
pub(super) fn split_list(text: &str) -> Vec<String> {
    split_outside(text, &['；', ';', '、', '|', '\n'])
}

/// Splits a cell at ；; | only, for values that are sentences.
pub(super) fn split_sentences(text: &str) -> Vec<String> {
    split_outside(text, &['；', ';', '|', '\n'])
}

fn split_outside(text: &str, marks: &[char]) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_u32;
    for sign in text.chars() {
        match sign {
            '（' | '(' => depth += 1,
            '）' | ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 && marks.contains(&sign) => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(sign);
        }
    }
    // A bracket that is never closed must not swallow the rest of the list.
    if depth > 0 {
        parts = text.split(marks).map(str::to_owned).collect();
    }
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// `a（b）` → `a`, `b`.
pub(super) fn split_bracket(text: &str) -> (&str, Option<&str>) {
    let text = text.trim();
    let Some(head) = text.strip_suffix(['）', ')']) else { return (text, None) };
    match head.rsplit_once(['（', '(']) {
        Some((before, inside)) => (before.trim(), Some(inside.trim())),
        None => (text, None),
    }
}

/// Removes later ones of equal values.
pub(super) fn keep_first(values: &mut Vec<String>) {
    let mut seen = std::collections::BTreeSet::new();
    values.retain(|value| seen.insert(value.clone()));
}

/// Whether a text has the form of a BCP 47 tag.
pub(super) fn is_tag(text: &str) -> bool {
    let mut parts = text.split('-');
    let primary = parts.next().unwrap_or_default();
    (2..=3).contains(&primary.len())
        && primary.bytes().all(|byte| byte.is_ascii_alphabetic())
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

fn partial_date(text: &str) -> Option<String> {
    let plain = text.replace(['/', '.', '年', '月'], "-").replace('日', "");
    let parts: Vec<u32> = plain.trim_end_matches('-').split('-').map(|part| part.trim().parse().ok()).collect::<Option<_>>()?;
    let good_year = |year: u32| (1000..=2999).contains(&year);
    let good_month = |month: u32| (1..=12).contains(&month);
    match parts.as_slice() {
        [year] if good_year(*year) => Some(format!("{year:04}")),
        [year, month] if good_year(*year) && good_month(*month) => Some(format!("{year:04}-{month:02}")),
        [year, month, day] if good_year(*year) => {
            let month = time::Month::try_from(u8::try_from(*month).ok()?).ok()?;
            let date = time::Date::from_calendar_date(i32::try_from(*year).ok()?, month, u8::try_from(*day).ok()?).ok()?;
            Some(format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_split_outside_brackets() {
        assert_eq!(split_list("张三（讲授；主编）；李四"), ["张三（讲授；主编）", "李四"]);
        assert_eq!(split_list("甲、乙|丙; 丁；"), ["甲", "乙", "丙", "丁"]);
        assert_eq!(split_list("甲（乙；丙"), ["甲（乙", "丙"]);
        assert_eq!(split_bracket("a.srt（字幕）"), ("a.srt", Some("字幕")));
        assert_eq!(split_bracket("a(1).srt"), ("a(1).srt", None));
    }

    #[test]
    fn values_are_normalised() {
        let codes = CodeLists::default();
        let mut values = Values::new(&codes, Source::Row(4711));
        assert_eq!(values.hours("学时", "2 学时"), Some(90));
        assert_eq!(values.date("制作日期", "2026年5月1日").as_deref(), Some("2026-05-01"));
        assert_eq!(values.date("制作日期", "2026/5").as_deref(), Some("2026-05"));
        assert_eq!(values.languages("语种", &["普通话".to_owned(), "zh-Nshu".to_owned()]), ["zh-CN", "zh-Nshu"]);
        assert_eq!(values.creator("责任者", "李秀英（讲授，示范学院）").organisation.as_deref(), Some("示范学院"));
        assert_eq!(values.findings, []);
        assert_eq!(values.date("制作日期", "2026-02-30"), None);
        assert_eq!(values.kind("类型", "电影"), None);
        let last = values.findings.last().unwrap();
        assert_eq!((last.rule.as_str(), last.row, last.field.as_deref()), ("META-CODE", Some(4711), Some("类型")));
        assert!(last.message.starts_with("第 4711 行“类型”：“电影”不在可选值中；可填：课程（course）、视频（video）"), "{}", last.message);
    }
}
