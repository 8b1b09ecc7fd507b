//! The day's digest (汇总): what an account is told by a channel once each working-day morning instead of each notice singly.

use super::{Channel, Group, Notice};
use std::fmt::Write as _;

/// Notices that one digest lists; the rest is counted (proposed).
const MOST_LISTED: usize = 100;

/// Headline and text of a digest of these notices; `None` for none. A single one is told as it is. E-mail lists them by their
/// kind; short channels count them.
pub fn words(channel: Channel, notices: &[Notice]) -> Option<(String, String)> {
    match notices {
        [] => None,
        [one] => Some((one.title.clone(), one.text.clone())),
        many => Some((format!("今日汇总：{} 条未读通知", many.len()), text(channel, many))),
    }
}

fn text(channel: Channel, notices: &[Notice]) -> String {
    let of = |group: Group| notices.iter().filter(move |notice| notice.group == group);
    let groups = Group::ALL.iter().filter(|(group, _)| of(*group).next().is_some());
    if channel != Channel::Email {
        let counts: Vec<String> = groups.map(|(group, label)| format!("{label} {} 条", of(*group).count())).collect();
        return format!("您有 {} 条未读通知（{}），请登录查看。", notices.len(), counts.join("，"));
    }
    let mut text = String::new();
    let mut listed = 0;
    for (group, label) in groups {
        let _ = writeln!(text, "【{label}】{} 条", of(*group).count());
        for notice in of(*group).take(MOST_LISTED - listed) {
            let _ = writeln!(text, "· {}", notice.text);
            listed += 1;
        }
        text.push('\n');
    }
    if notices.len() > listed {
        let _ = writeln!(text, "另有 {} 条，请登录查看。", notices.len() - listed);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::notice::Subject;
    use crate::domain::time::Timestamp;

    fn notice(group: Group, title: &str) -> Notice {
        Notice {
            id: title.to_owned(),
            account: "a".to_owned(),
            code: "returned".to_owned(),
            group,
            subject: Subject::Submission,
            subject_id: "s".to_owned(),
            title: title.to_owned(),
            text: format!("{title}。请查看。"),
            at: Timestamp::from_millis(0),
            read: None,
            link: None,
        }
    }

    #[test]
    fn a_digest_lists_by_kind_counts_what_is_too_much_and_is_short_where_it_must_be() {
        assert_eq!(words(Channel::Email, &[]), None);
        let one = [notice(Group::Desk, "《甲》等待初审")];
        assert_eq!(words(Channel::Sms, &one).unwrap(), ("《甲》等待初审".to_owned(), "《甲》等待初审。请查看。".to_owned()));
        let two = [one[0].clone(), notice(Group::Submissions, "《乙》已入库")];
        let (headline, text) = words(Channel::Email, &two).unwrap();
        assert_eq!(headline, "今日汇总：2 条未读通知");
        assert_eq!(text, "【送审与入库】1 条\n· 《乙》已入库。请查看。\n\n【机构与编辑待办】1 条\n· 《甲》等待初审。请查看。\n\n");
        assert_eq!(words(Channel::Sms, &two).unwrap().1, "您有 2 条未读通知（送审与入库 1 条，机构与编辑待办 1 条），请登录查看。");
        let many: Vec<Notice> = (0..130).map(|place| notice(Group::Desk, &format!("《{place}》等待初审"))).collect();
        let (_, text) = words(Channel::Email, &many).unwrap();
        assert!(text.contains("·") && text.matches('·').count() == MOST_LISTED && text.ends_with("另有 30 条，请登录查看。\n"), "{text}");
    }
}
