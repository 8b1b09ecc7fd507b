//! Small closed word lists of a description: a stable code with its Chinese label.
//!
//! Lists that a site may change are data (see `codes`); behaviour hangs on these, or a norm closes them.

/// A closed list: code, label.
pub type Words = &'static [(&'static str, &'static str)];

/// What somebody did for a resource.
pub const CREATOR_ROLES: Words = &[
    ("author", "作者"),
    ("presenter", "讲授"),
    ("narrator", "朗读"),
    ("editor", "编辑"),
    ("illustrator", "绘图"),
    ("photographer", "摄影"),
    ("performer", "表演"),
    ("bearer", "传承人"),
    ("collector", "采集"),
    ("translator", "翻译"),
    ("producer", "制作"),
    ("publisher", "出版"),
];

/// How a resource is shared.
pub const SHARING: Words = &[("free", "免费"), ("registered", "注册"), ("paid", "付费"), ("restricted", "受限")];

/// Who may see a resource.
pub const VISIBILITIES: Words = &[("public", "公开"), ("registered", "注册可见"), ("organisation", "机构内"), ("protocol", "协议")];

/// Levels of the lists of intangible cultural heritage.
pub const HERITAGE_LEVELS: Words = &[
    ("national", "国家级"),
    ("provincial", "省级"),
    ("municipal", "市级"),
    ("county", "县级"),
    ("unesco", "联合国教科文组织"),
    ("none", "未列入"),
];

/// What a file is for.
pub const FILE_ROLES: Words =
    &[("master", "正片"), ("subtitle", "字幕"), ("transcript", "文字稿"), ("cover", "封面"), ("attachment", "附件"), ("evidence", "证明")];

/// What makes a resource easier to use.
pub const ACCESSIBILITY: Words = &[
    ("captions", "字幕"),
    ("transcript", "文字稿"),
    ("large-print", "大字"),
    ("sign-language", "手语"),
    ("audio-description", "口述影像"),
];

/// Languages of Hunan that have a Chinese name here; any other BCP 47 tag is taken as well.
/// ISO 639-3 codes; `zh-Nshu` is Chinese in Nüshu script (ISO 15924).
pub const LANGUAGES: Words = &[
    ("zh-CN", "普通话"),
    ("hsn", "湘语"),
    ("tji", "北部土家语"),
    ("tjs", "南部土家语"),
    ("mmr", "湘西苗语西部土语"),
    ("muq", "湘西苗语东部土语"),
    ("kmc", "南部侗语"),
    ("doc", "北部侗语"),
    ("ium", "勉语"),
    ("zh-Nshu", "女书"),
    ("gan", "赣语"),
    ("hak", "客家语"),
    ("en", "英语"),
];

/// Other names that people write for an entry.
const ALSO: &[(&str, &str)] = &[
    ("主讲", "presenter"),
    ("主讲人", "presenter"),
    ("讲师", "presenter"),
    ("配音", "narrator"),
    ("传承", "bearer"),
    ("整理", "collector"),
    ("撰稿", "author"),
    ("著", "author"),
    ("主编", "editor"),
    ("拍摄", "photographer"),
    ("联合国", "unesco"),
    ("人类非遗", "unesco"),
    ("无", "none"),
    ("汉语", "zh-CN"),
    ("中文", "zh-CN"),
    ("国家通用语言", "zh-CN"),
    ("湖南话", "hsn"),
    ("土家语", "tji"),
    ("侗语", "kmc"),
    ("苗语", "mmr"),
    ("湘西苗语", "mmr"),
    ("瑶语", "ium"),
    ("主文件", "master"),
    ("授权", "evidence"),
    ("证据", "evidence"),
];

/// The code of a word of the list: by code, label or another usual name.
pub fn find(words: Words, text: &str) -> Option<&'static str> {
    let text = text.trim();
    let by = |name: &str| words.iter().find(|(code, label)| *code == name || *label == name).map(|(code, _)| *code);
    by(text).or_else(|| by(ALSO.iter().find(|(name, _)| *name == text)?.1))
}

/// The label of a code, or the code itself.
pub fn label(words: Words, code: &str) -> &str {
    words.iter().find(|row| row.0 == code).map_or(code, |row| row.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_by_code_label_and_usual_name() {
        assert_eq!(find(CREATOR_ROLES, "讲授"), Some("presenter"));
        assert_eq!(find(CREATOR_ROLES, " 主讲 "), Some("presenter"));
        assert_eq!(find(SHARING, "free"), Some("free"));
        assert_eq!(find(SHARING, "主讲"), None);
        assert_eq!(label(HERITAGE_LEVELS, "national"), "国家级");
    }
}
