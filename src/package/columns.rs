//! The columns of a catalogue: one table that reader, template and marked workbook share.

use crate::domain::codes::{CodeList, CodeLists, Kind};
use crate::domain::vocabulary::{HERITAGE_LEVELS, LANGUAGES, SHARING, VISIBILITIES, Words};

/// Header of the column that a returned workbook has in addition.
pub const REASON: &str = "错误原因";

/// What may stand in a column.
#[derive(Clone, Copy)]
pub enum Choice {
    /// Anything.
    Free,
    /// A kind of resource.
    Kind,
    /// One or more codes of a list of the site.
    Codes(fn(&CodeLists) -> &CodeList),
    /// A word of a closed list.
    Words(Words),
    /// 是 or 否.
    YesNo,
}

/// A column.
pub struct Column {
    /// Field name in English; also read as a header.
    pub key: &'static str,
    /// Header in Chinese.
    pub header: &'static str,
    /// Whether every resource needs it (marked in the template; the rules decide).
    pub required: bool,
    /// Whether a cell may hold several values.
    pub many: bool,
    /// What may stand in it.
    pub choice: Choice,
    /// Width in characters.
    pub width: u16,
    /// How to fill it in.
    pub help: &'static str,
}

const fn column(key: &'static str, header: &'static str, choice: Choice, width: u16, help: &'static str) -> Column {
    Column { key, header, required: false, many: false, choice, width, help }
}

const fn required(column: Column) -> Column {
    Column { required: true, ..column }
}

const fn many(column: Column) -> Column {
    Column { many: true, ..column }
}

/// All columns, in the order of the template.
pub const COLUMNS: &[Column] = &[
    column("id", "编号", Choice::Free, 16, "本机构自编号，字母、数字及 . _ : -，不超过 64 位。同一编号再次提交视为更新。"),
    required(column("title", "标题", Choice::Free, 28, "资源名称。")),
    required(column("description", "简介", Choice::Free, 40, "内容、对象与用途，50 至 300 字为宜。")),
    required(column("kind", "类型", Choice::Kind, 10, "课程、视频、音频、文档、课件、电子书、图片、网页、合集、链接之一。")),
    required(column("category", "类别", Choice::Codes(|codes| &codes.categories), 12, "教育类别，从下拉列表中选择。")),
    required(many(column("subjects", "学科", Choice::Codes(|codes| &codes.subjects), 16, "一个或多个，用“；”隔开。"))),
    required(many(column("keywords", "关键词", Choice::Free, 24, "3 至 8 个，用“；”隔开。"))),
    required(many(column("audience", "适用对象", Choice::Codes(|codes| &codes.audiences), 14, "一个或多个，用“；”隔开。"))),
    required(many(column("language", "语种", Choice::Words(LANGUAGES), 12, "普通话填 zh-CN；也可填土家语、侗语等名称。"))),
    required(many(column(
        "creators",
        "责任者",
        Choice::Free,
        28,
        "姓名（职责），如：张三（讲授）；李四（编辑）。职责后可加单位：张三（讲授，某某学院）。",
    ))),
    required(column("licence", "许可", Choice::Codes(|codes| &codes.licences), 18, "使用许可，从下拉列表中选择。")),
    required(column("holder", "权利人", Choice::Free, 18, "著作权人名称。")),
    required(column("sharing", "共享方式", Choice::Words(SHARING), 10, "免费、注册、付费、受限之一。")),
    column("evidence", "授权依据", Choice::Free, 24, "授权文件在包内的路径、网址，或一句说明。"),
    column("licence_until", "授权到期日", Choice::Free, 12, "授权的最后一日，如 2027-12-31；长期有效不填。到期自动出库。"),
    column(
        "visibility",
        "可见范围",
        Choice::Words(VISIBILITIES),
        12,
        "公开（默认）、注册可见、机构内、协议；协议须写明群组，如：协议（tujia-elders）。",
    ),
    many(column("ethnic_groups", "民族", Choice::Codes(|codes| &codes.ethnic_groups), 12, "民族文化资源必填。")),
    column("heritage_class", "非遗类别", Choice::Codes(|codes| &codes.heritage_classes), 14, "非物质文化遗产十大门类之一。"),
    column("heritage_item", "非遗项目", Choice::Free, 20, "项目名称。"),
    column("heritage_level", "非遗级别", Choice::Words(HERITAGE_LEVELS), 12, "从下拉列表中选择。"),
    column("heritage_number", "项目编号", Choice::Free, 14, "名录公布的项目编号，如 Ⅹ-65；列入名录的宜填。"),
    column("protecting_body", "保护单位", Choice::Free, 18, "非遗项目保护单位。"),
    column("consent", "传承人授权", Choice::Free, 24, "传承人授权书在包内的路径，或一句说明；录有传承人的必填。"),
    many(column("sources", "资料来源", Choice::Free, 24, "史实与数据的出处，用“；”隔开。")),
    many(column("region", "地区", Choice::Codes(|codes| &codes.regions), 14, "行政区划代码或名称。")),
    column("hours", "学时", Choice::Free, 8, "每学时 45 分钟，可填小数。"),
    column("created", "制作日期", Choice::Free, 12, "如 2026-05-01、2026-05 或 2026。"),
    column("valid_until", "有效期至", Choice::Free, 12, "资源有效的最后一日，如 2027-12-31；长期有效不填。到期自动出库。"),
    column("series", "系列", Choice::Free, 18, "所属系列名称。"),
    many(column("files", "文件", Choice::Free, 36, "包内路径，用“；”隔开，可在括号中注明用途：video/01.mp4；video/01.srt（字幕）。")),
    column("cover", "封面", Choice::Free, 18, "封面图片在包内的路径。"),
    column("url", "链接", Choice::Free, 28, "类型为“链接”时必填，http 或 https 地址。"),
    column("owner", "链接所有者", Choice::Free, 18, "所链接网站的主办单位。"),
    column("ai_generated", "AI生成", Choice::YesNo, 10, "内容是否由人工智能生成（全部或部分）：是或否。"),
    column("ai_label_visible", "AI标识", Choice::YesNo, 10, "作品中是否已有显式标识：是或否。"),
    column("ai_provider", "AI提供者", Choice::Free, 16, "生成服务的名称或编码。"),
];

/// The place in [`COLUMNS`] of a header, Chinese or English, with or without a mark for required columns.
pub fn find(header: &str) -> Option<usize> {
    let bare = bare(header);
    COLUMNS.iter().position(|column| column.header.eq_ignore_ascii_case(&bare) || column.key.eq_ignore_ascii_case(&bare))
}

fn bare(header: &str) -> String {
    let text: String = header.chars().filter(|sign| !sign.is_whitespace() && !matches!(sign, '*' | '＊' | '\u{feff}')).collect();
    for mark in ["（必填）", "(必填)", "（选填）", "(选填)"] {
        if let Some(rest) = text.strip_suffix(mark) {
            return rest.to_owned();
        }
    }
    text
}

/// What may be chosen in a column, as people write it; empty where anything may be written.
pub fn choices(column: &Column, codes: &CodeLists) -> Vec<String> {
    match column.choice {
        Choice::Free => Vec::new(),
        Choice::Kind => Kind::ALL.iter().map(|row| row.2.to_owned()).collect(),
        Choice::Codes(list) => list(codes).rows().iter().map(|row| row.label.clone()).collect(),
        Choice::Words(words) => words.iter().map(|row| row.1.to_owned()).collect(),
        Choice::YesNo => vec!["是".to_owned(), "否".to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_in_both_languages() {
        let key = |header: &str| find(header).map(|place| COLUMNS[place].key);
        assert_eq!(key("标题"), Some("title"));
        assert_eq!(key(" 标题* "), Some("title"));
        assert_eq!(key("\u{feff}编号（必填）"), Some("id"));
        assert_eq!(key("AI_Generated"), Some("ai_generated"));
        assert_eq!(key("ai生成"), Some("ai_generated"));
        assert_eq!(key("备注"), None);
    }
}
