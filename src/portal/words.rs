//! Times, marks and names as pages write them.

use crate::domain::finding::Severity;
use crate::domain::time::{DAY_MS, Timestamp};

const SHANGHAI_MS: i64 = 8 * 3_600_000;

/// An instant in Shanghai, to the minute: `2026-11-28 11:52`.
pub fn at(instant: Timestamp) -> String {
    let local = instant.plus_millis(SHANGHAI_MS).to_string();
    local.chars().take(16).map(|sign| if sign == 'T' { ' ' } else { sign }).collect()
}

/// A day in Shanghai: `2026-11-28`.
pub fn day(instant: Timestamp) -> String {
    instant.shanghai_date()
}

/// Seconds of a recording as its player shows them: `1:23`, `1:02:03`.
pub fn clock(seconds: u32) -> String {
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours == 0 { format!("{minutes}:{rest:02}") } else { format!("{hours}:{minutes:02}:{rest:02}") }
}

/// A deadline in Shanghai with its day of the week: `11月30日（周一）18:00`; the end of a day is its 24:00.
pub fn until(instant: Timestamp) -> String {
    const DAYS: [&str; 7] = ["四", "五", "六", "日", "一", "二", "三"];
    let local = instant.plus_millis(SHANGHAI_MS);
    let ends_day = local.millis().rem_euclid(DAY_MS) == 0;
    let local = if ends_day { local.plus_millis(-DAY_MS) } else { local };
    let text = local.to_string();
    let part = |from: usize| text.get(from..from + 2).unwrap_or_default();
    // 1970-01-01 was a Thursday.
    let day = usize::try_from(local.day().rem_euclid(7)).ok().and_then(|day| DAYS.get(day)).copied().unwrap_or_default();
    let number = |text: &str| text.trim_start_matches('0').to_owned();
    let hour = if ends_day { "24" } else { part(11) };
    format!("{}月{}日（周{day}）{hour}:{}", number(part(5)), number(part(8)), part(14))
}

/// Hundredths of a point as points: `86.5`.
pub fn points(hundredths: u32) -> String {
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    match (rest, rest % 10) {
        (0, _) => whole.to_string(),
        (_, 0) => format!("{whole}.{}", rest / 10),
        _ => format!("{whole}.{rest:02}"),
    }
}

/// Points as somebody types them, in hundredths: digits, and up to two after a point. `None` for everything else.
pub fn hundredths(text: &str) -> Option<u32> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 4 || rest.len() > 2 || !digits(whole) || !digits(rest) {
        return None;
    }
    Some(whole.parse::<u32>().ok()? * 100 + format!("{rest:0<2}").parse::<u32>().ok()?)
}

/// A time in a recording as somebody types it (`83`, `1:23`, `1:02:03`), in milliseconds. `None` for everything else.
pub fn clock_ms(text: &str) -> Option<u64> {
    let text = text.replace('：', ":");
    let parts: Vec<&str> = text.split(':').collect();
    let sound = |part: &&str| !part.is_empty() && part.len() <= 6 && part.bytes().all(|byte| byte.is_ascii_digit());
    if parts.len() > 3 || !parts.iter().all(sound) {
        return None;
    }
    let seconds = parts.iter().try_fold(0_u64, |sum, part| Some(sum * 60 + part.parse::<u64>().ok()?))?;
    Some(seconds * 1_000)
}

/// Bytes in the unit that reads best.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} 字节"),
        1_024..1_048_576 => format!("{} KB", bytes.div_ceil(1_024)),
        _ => format!("{}.{} MB", bytes / 1_048_576, bytes % 1_048_576 * 10 / 1_048_576),
    }
}

/// How much a finding weighs.
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Must => "须改",
        Severity::Should => "提示",
        Severity::Info => "说明",
    }
}

/// Why the committee, or an office, must see something.
pub fn flag(code: &str) -> &str {
    match code {
        "ethnic" => "民族文化",
        "religious" => "宗教内容",
        "rites" => "民俗仪轨",
        "sensitive" => "敏感内容",
        "escalated" => "提请审议",
        "split-veto" | "split_veto" => "否决意见不一",
        other => other,
    }
}

/// What a field of the description is called.
pub fn field(name: &str) -> &str {
    match name {
        "title" => "题名",
        "description" => "简介",
        "kind" => "类型",
        "category" => "类别",
        "subjects" => "学科",
        "keywords" => "关键词",
        "audience" => "适用对象",
        "language" => "语种",
        "region" => "地区",
        "minutes" => "学习时长（分钟）",
        "created" => "制作日期",
        "valid_until" => "有效期至",
        "series" => "系列",
        "creators" => "责任者",
        "rights" => "版权",
        "access" => "公开范围",
        "culture" => "民族文化",
        "ai" => "人工智能生成",
        "accessibility" => "无障碍",
        "link" => "链接",
        "lessons" => "课时",
        "files" => "文件",
        "source_id" => "机构编号",
        "extra" => "其他",
        "rights.licence" => "许可",
        "rights.holder" => "权利人",
        "rights.sharing" => "共享方式",
        "rights.evidence" => "授权依据",
        "culture.ethnic_groups" => "民族",
        "culture.heritage_item" => "非遗项目",
        "culture.protecting_body" => "保护单位",
        "culture.consent" => "传承人授权",
        "culture.sources" => "资料来源",
        "ai.label_visible" => "人工智能显式标识",
        other => other,
    }
}

/// What was just done, by the code that a form leads on with.
pub fn done(code: &str) -> &'static str {
    match code {
        "claim" => "已领取，请在期限内提交意见。",
        "release" => "已退还。",
        "decline" => "已谢绝邀请。",
        "recuse" => "已登记回避，此件不会再分给您。",
        "comment" => "批注已保存。",
        "resolved" => "已标为处理完毕。",
        "reopened" => "已恢复为待处理。",
        "draft" => "草稿已保存，尚未提交。",
        "phrase" => "常用语已插入，草稿已保存。",
        "phrases" => "常用语已保存。",
        "opinion" => "评审意见已提交，谢谢。",
        "decision" => "决定已登记。",
        "screening" => "已处理。",
        "invite" => "邀请已发出。",
        "answer" => "处理已登记。",
        "profile" => "已保存。",
        "settings" => "通知设置已保存。新地址须用收到的验证码确认。",
        "confirmed" => "地址已确认，从现在起使用。",
        "spot-check" => "抽检结论已登记。",
        "deposit" => "资源包已收到，正在拆包检测，请稍后刷新本页。",
        "countersign" => "会签意见已登记。",
        "flag" => "标记已登记。",
        "waiver" => "豁免已登记。",
        "withdraw" => "已撤回。",
        "appeal" => "申诉已提交，由未参与原审核的委员处理。",
        "read" => "已标为已读。",
        "stamped" => "扫描件已收到，系统正在逐件登记审核结果。",
        "favourited" => "已收藏。",
        "unfavourited" => "已取消收藏。",
        "completed" => "已记为学完。",
        "dismissed" => "以后不再推荐这个资源。",
        "settings-saved" => "设置已保存。",
        "search-saved" => "检索已保存，有新资源时每天通知您一次。",
        "search-removed" => "保存的检索已删除。",
        "forgotten" => "学习记录已全部删除。",
        "nothing" => "目前没有等待评审的资源。",
        "signed-out" => "已退出登录。",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_told_in_shanghai() {
        let instant = Timestamp::parse("2026-11-29T17:05:00Z").unwrap();
        assert_eq!((at(instant).as_str(), until(instant).as_str()), ("2026-11-30 01:05", "11月30日（周一）01:05"));
        assert_eq!(until(Timestamp::parse("2026-12-11T16:00:00Z").unwrap()), "12月11日（周五）24:00");
    }

    #[test]
    fn marks_are_read_and_written_exactly() {
        for (text, want) in [("86.5", Some(8_650)), ("86", Some(8_600)), ("100.00", Some(10_000)), ("0.05", Some(5)), ("86.", Some(8_600))]
        {
            assert_eq!(hundredths(text), want, "{text}");
        }
        for text in ["", ".5", "-1", "8.555", "八十", "99999", "1e2", "+5"] {
            assert_eq!(hundredths(text), None, "{text}");
        }
        let written = [(8_650, "86.5"), (8_600, "86"), (8_605, "86.05"), (5, "0.05")];
        assert!(written.into_iter().all(|(mark, text)| points(mark) == text));
    }

    #[test]
    fn times_are_read_as_people_type_them() {
        for (text, want) in [("83", 83_000), ("1:23", 83_000), ("1：23", 83_000), ("1:02:03", 3_723_000)] {
            assert_eq!(clock_ms(text), Some(want), "{text}");
        }
        assert!(["", ":", "1:", "a", "1:2:3:4", "-1"].into_iter().all(|text| clock_ms(text).is_none()));
    }

    #[test]
    fn times_are_written_as_players_do() {
        assert_eq!([clock(5), clock(83), clock(3_723)], ["0:05", "1:23", "1:02:03"]);
    }

    #[test]
    fn sizes_are_told_in_the_unit_that_reads_best() {
        assert_eq!([size(12), size(1_025), size(1_572_864)], ["12 字节", "2 KB", "1.5 MB"]);
    }
}
