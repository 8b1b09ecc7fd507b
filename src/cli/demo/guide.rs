//! What to try: addresses, accounts and lines for the shell, each of which works as it stands.

use super::cast::{Cast, Person};
use super::collection::Collection;
use super::journey::{Outcome, Work};
use crate::cli::pick::{items, text};
use crate::cli::{Client, table};
use crate::domain::access::Role;
use crate::domain::address::escaped;
use crate::domain::deposit::PLEDGE_VERSION;
use crate::domain::time::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// A line for the shell.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// What it shows.
    pub what: String,
    /// The line.
    pub command: String,
}

/// Everything there is to try.
#[derive(Clone, Debug)]
pub struct Guide {
    address: String,
    people: Vec<Person>,
    lines: Vec<Line>,
}

/// Writes the lines for one address.
struct Pen<'a> {
    address: &'a str,
    lines: Vec<Line>,
}

impl Pen<'_> {
    /// A request of a visitor; `more` are further arguments of curl.
    fn visitor(&mut self, what: &str, path: &str, more: &str) {
        let command = format!("curl -fsS{} '{}{path}'", if more.is_empty() { String::new() } else { format!(" {more}") }, self.address);
        self.lines.push(Line { what: what.to_owned(), command });
    }

    /// A request of somebody with a token.
    fn by(&mut self, what: &str, person: &Person, path: &str, more: &str) {
        let space = if more.is_empty() { "" } else { " " };
        self.visitor(what, path, &format!("-H 'Authorization: Bearer {}'{space}{more}", person.token));
    }
}

impl Guide {
    /// Writes the guide of a demonstration served at `address`.
    ///
    /// # Errors
    /// When the API does not answer, or the cast is not whole.
    pub async fn write(system: &Client, address: &str, cast: &Cast, collection: &Collection, outcome: &Outcome) -> anyhow::Result<Self> {
        let mut pen = Pen { address, lines: Vec::new() };
        searching(&mut pen, cast)?;
        if let Some((work, video)) = a_video(system, outcome).await? {
            opening(&mut pen, &work, &video);
        }
        learning(&mut pen, cast, outcome)?;
        vetting(&mut pen, cast, collection, outcome)?;
        pen.visitor("接口文档（OpenAPI 3.1） · the API's document", "/api/v1/openapi.json", "-o /dev/null");
        pen.visitor("运行状态 · readiness", "/readyz", "");
        Ok(Self { address: address.to_owned(), people: cast.people().to_vec(), lines: pen.lines })
    }

    /// The lines.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// All of it, for people.
    pub fn as_text(&self, outcome: &Outcome) -> String {
        let Outcome { published, returned, astray } = outcome;
        let mut parts = vec![format!("已入库 {} 个资源，按规则退回 {} 个。", published.len(), returned.len())];
        for work in returned {
            parts.push(format!("  退回：{}  {}（{}）", work.source_id, work.title, work.rule.as_deref().unwrap_or("-")));
        }
        for work in astray {
            parts.push(format!("  注意：{} 的状态为 {}，与预期不符 · is not where it should be", work.source_id, work.state));
        }
        parts.push("\n账户（密码和令牌只属于本次示范） · accounts".to_owned());
        let row =
            |person: &Person| vec![person.name.clone(), person.role.label().to_owned(), person.display.clone(), person.password.clone()];
        parts.push(table::of(&self.people.iter().map(row).collect::<Vec<_>>()));
        parts.push("\n可以试试 · what to try".to_owned());
        for line in &self.lines {
            parts.push(format!("\n# {}\n{}", line.what, line.command));
        }
        let address = &self.address;
        parts.push(format!("\n浏览 · in a browser: {address}/  {address}/api/docs"));
        parts.push(format!("岳麓已就绪，按 Ctrl-C 结束 · ready at {address}"));
        parts.join("\n")
    }
}

fn searching(pen: &mut Pen<'_>, cast: &Cast) -> anyhow::Result<()> {
    let ask = |words: &str, more: &str| format!("-G --data-urlencode 'q={words}'{more}");
    pen.visitor("检索，附分面 · search with facets", "/api/v1/search", &ask("智能手机", " -d facets=category,kind -d limit=3"));
    pen.visitor("民族文化专区 · the ethnic-culture zone", "/api/v1/search", &ask("织锦", " --data-urlencode 'ethnic_group=土家族'"));
    pen.visitor("江永女书（𛅰 等字照样可检索） · Nüshu", "/api/v1/search", &ask("女书", " -d limit=3"));
    pen.visitor("按拼音首字母提示 · suggestions by initials", "/api/v1/suggest", &ask("znsj", ""));
    pen.visitor("受限资源：游客检索不到 · a restricted item leaves no trace for visitors", "/api/v1/search", &ask("乌桕灯序", ""));
    pen.by(
        "受限资源：协议组成员可以看到 · members of its protocol group see it",
        cast.named("demo-elder")?,
        "/api/v1/search",
        &ask("乌桕灯序", ""),
    );
    Ok(())
}

/// The first published work with a video that everybody may see, and the address of the video.
async fn a_video(system: &Client, outcome: &Outcome) -> anyhow::Result<Option<(Work, String)>> {
    for work in &outcome.published {
        let page: Value = system.get(&format!("/api/v1/resources/{}", escaped(&work.resource)), &[]).await?;
        let public = text(&page, "/metadata/access/visibility") == "public";
        let video = items(&page, "/files").find(|file| text(file, "/media_type") == "video/mp4");
        if let Some(video) = video.filter(|_| public) {
            return Ok(Some((work.clone(), text(video, "/url"))));
        }
    }
    Ok(None)
}

fn opening(pen: &mut Pen<'_>, work: &Work, video: &str) {
    let resource = format!("/api/v1/resources/{}", escaped(&work.resource));
    pen.visitor(&format!("资源《{}》 · a resource", work.title), &resource, "");
    pen.visitor("它的评审记录 · its review record", &format!("{resource}/review"), "");
    pen.visitor("视频的一段（断点续传） · a range of its video", video, "-r 0-65535 -o /dev/null -D -");
    pen.visitor("相关资源 · related resources", &format!("{resource}/related"), "");
}

fn learning(pen: &mut Pen<'_>, cast: &Cast, outcome: &Outcome) -> anyhow::Result<()> {
    let (platform, learner) = (cast.named("demo-platform")?, cast.named("demo-learner")?);
    pen.by(
        "给模拟学员 demo-018 的推荐及理由 · recommendations with reasons",
        platform,
        "/api/v1/learners/demo-018/recommendations?limit=5",
        "",
    );
    if let Some(work) = outcome.published.first() {
        let event = serde_json::json!([{
            "id": "try-1", "learner": "me", "resource": work.resource, "verb": "completed", "at": now()
        }]);
        let body = format!("-H 'Content-Type: application/json' -d '{event}'");
        pen.by(&format!("学员学完《{}》 · a learner finishes a resource", work.title), learner, "/api/v1/events", &body);
    }
    pen.by("随即反映在推荐里 · and the next list reflects it", learner, "/api/v1/learners/me/recommendations?limit=5", "");
    Ok(())
}

fn vetting(pen: &mut Pen<'_>, cast: &Cast, collection: &Collection, outcome: &Outcome) -> anyhow::Result<()> {
    pen.by("被退回的提交 · what was returned", cast.named("demo-editor")?, "/api/v1/submissions?state=returned", "");
    let returned = outcome.returned.first();
    let package = returned.and_then(|work| collection.packages.iter().find(|package| package.ids.contains(&work.source_id)));
    if let (Some(work), Some(package)) = (returned, package) {
        let depositor = cast.depositor(&package.organisation)?;
        pen.by("退回的理由，逐条注明规则 · why, by file and rule", depositor, &format!("/api/v1/deposits/{}/findings", work.deposit), "");
        let workbook = format!("/api/v1/deposits/{}/findings?format=xlsx", work.deposit);
        pen.by("同一份意见存为 Excel · the same as a workbook", depositor, &workbook, "-o yuelu-findings.xlsx");
    }
    if let Some(work) = outcome.published.first() {
        let package = collection.packages.iter().find(|package| package.ids.contains(&work.source_id));
        let depositor = package.map(|package| cast.depositor(&package.organisation)).transpose()?;
        if let Some(depositor) = depositor {
            let path = "/api/v1/notices?limit=5";
            pen.by("提交人的站内通知 · what the depositor was told", depositor, path, "");
        }
    }
    pen.visitor("资源批量入库模板 · the workbook that institutions fill in", "/api/v1/template", "-o yuelu-template.xlsx");
    let zip = collection.packages.iter().find(|package| package.path.extension().is_some_and(|extension| extension == "zip"));
    if let Some(package) = zip {
        let file = collection.folder.join(&package.path);
        let body = format!("-H 'Content-Type: application/zip' --data-binary @{}", quoted(&file));
        let path = format!("/api/v1/deposits?pledge={PLEDGE_VERSION}");
        pen.by("提交一个资源包（内容未变，不会重复入库） · deposit a package", cast.depositor(&package.organisation)?, &path, &body);
    }
    if let Some(office) = cast.in_role(Role::EthnicAffairs).into_iter().next() {
        pen.by("民族宗教事务部门会签过的作品 · what the office countersigned", office, "/api/v1/submissions?state=published&limit=3", "");
    }
    let reviewer = cast.in_role(Role::Reviewer).into_iter().next();
    if let Some(reviewer) = reviewer {
        pen.by("评审台 · a reviewer's desk", reviewer, "/api/v1/reviews", "");
    }
    Ok(())
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// A path for the shell.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}
