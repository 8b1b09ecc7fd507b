//! A 学习证明 on paper; the same page is what verifying it shows.

use super::{escape, filled};
use crate::http::house::Site;
use crate::learning::certificates::CertificateView;

const PAGE: &str = include_str!("certificate.html");

/// The paper as a page.
pub fn page(paper: &CertificateView, site: &Site) -> String {
    let period = match &paper.from {
        Some(from) => format!("于 {from} 至 {} ", paper.to),
        None => format!("截至 {} ", paper.to),
    };
    let minutes = paper.seconds / 60;
    let address = format!("{}/api/v1/certificates/{}/page.html", site.base_url, paper.code);
    filled(
        PAGE,
        &[
            ("number", escape(&paper.number)),
            ("name", escape(&paper.name)),
            ("period", escape(&period)),
            ("site", escape(&site.name)),
            ("days", paper.days.to_string()),
            ("rule", escape(&paper.rule)),
            ("time", format!("{} 小时 {} 分钟", minutes / 60, minutes % 60)),
            ("hours", format!("{}.{}", paper.hours_tenths / 10, paper.hours_tenths % 10)),
            ("minutes", paper.minutes_per_hour.to_string()),
            ("issued", escape(&paper.issued.shanghai_date())),
            ("code", escape(&paper.code)),
            ("verify", format!("打开 <span class=\"code\">{}</span>", escape(&address))),
        ],
    )
}
