//! The pledge of a batch, to be signed and stamped.

use super::{escape, filled};
use crate::vetting::approve::PledgeSheet;

const PAGE: &str = include_str!("pledge.html");

/// The sheet as a page.
pub fn page(sheet: &PledgeSheet) -> String {
    let items = sheet.self_review.iter();
    let self_review = items.map(|item| format!("<tr><td>{}<td>{}<td>□", escape(&item.label), escape(&item.statement)));
    let works = sheet.works.iter().zip(1_u32..).map(|(work, number)| {
        let source = escape(work.source_id.as_deref().unwrap_or_default());
        format!("<tr><td>{number}<td>{source}<td>{}<td>{}<td>{}", escape(&work.title), escape(&work.kind), work.should)
    });
    let note = match (sheet.checking, sheet.works.len()) {
        (0, 0) => "<p class=\"note\">本批没有待机构审核的资源。</p>".to_owned(),
        (0, _) => "<p class=\"note\">请打印本页，签字盖章后扫描上传。此提示不会打印。</p>".to_owned(),
        (checking, _) => format!("<p class=\"note\">还有 {checking} 件正在检测，请待检测结束后再打印，否则清单会变化。</p>"),
    };
    filled(
        PAGE,
        &[
            ("note", note),
            ("institution", escape(&sheet.institution)),
            ("deposited", escape(&sheet.deposited)),
            ("deposit", escape(&sheet.deposit)),
            ("count", sheet.works.len().to_string()),
            ("list", escape(&sheet.list)),
            ("text", escape(&sheet.text)),
            ("self_review", self_review.collect()),
            ("version", escape(&sheet.text_version)),
            ("works", works.collect()),
        ],
    )
}
