//! `yuelu import`: takes over a catalogue that another body vetted.
//!
//! The file goes up in parts of whole lines; after each part the place is noted, so a run that was broken off goes on there.
//! The server passes over rows that it has already, so a lost note costs time and nothing else. The command ends when what
//! was taken over can be found.

use super::client::Refused;
use super::pick::{items, number, text};
use super::{Client, Out, Place, progress};
use anyhow::Context as _;
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead, BufReader, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Bytes of one part.
const PART: usize = 16 << 20;
/// Wrong rows that are shown to people.
const SHOWN: usize = 20;
/// Times that a server is asked whether search has caught up; it waits ten seconds each time before it says no.
const PATIENCE: usize = 60;

/// Arguments of `import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// 目录文件，每行一个 JSON 对象：id title description body kind category subjects language institution … ·
    /// Catalogue, one JSON object a line.
    #[arg(value_name = "catalogue.jsonl")]
    pub file: PathBuf,
    /// 完成审核的单位 · The body that vetted it.
    #[arg(long, value_name = "NAME")]
    pub vetted_by: String,
    /// 目录来源，编号在其中唯一；默认为审核单位 · Where it is taken from; ids are unique within it; without it, the vetting body.
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// 归属机构路径 · Organisation that owns what names no owner of its own.
    #[arg(long, value_name = "ORG")]
    pub owner: Option<String>,
    /// 从头开始，不续传 · Begin at the first line, whatever was sent before.
    #[arg(long)]
    pub from_start: bool,
}

/// How far a file was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    target: String,
    source: String,
    file: PathBuf,
    size: u64,
    modified: u64,
    byte: u64,
    line: u64,
}

/// Sends the file and prints what became of its rows.
///
/// # Errors
/// When the file cannot be read, when rows were refused, or what the API refuses.
pub async fn run(client: &Client, place: &Place, args: ImportArgs, out: &Out) -> anyhow::Result<()> {
    let reading = || format!("{}：无法读取 · cannot be read", args.file.display());
    let file = File::open(&args.file).with_context(reading)?;
    let source = args.source.clone().unwrap_or_else(|| args.vetted_by.clone());
    let mut mark = mark_of(place, &source, &args.file, &file)?;
    let marks = super::state_folder().join("imports.json");
    if !args.from_start
        && let Some(known) = known_mark(&marks, &mark)
    {
        out.note(&format!("从第 {} 行续传 · going on at line {}", known.line + 1, known.line + 1));
        mark = known;
    }
    let mut lines = BufReader::with_capacity(1 << 20, file);
    lines.seek(SeekFrom::Start(mark.byte)).with_context(reading)?;
    let bar = progress::of_bytes(out, mark.size, "导入 · importing");
    bar.set_position(mark.byte);
    let mut total = Total::default();
    while let Some((part, count)) = next_part(&mut lines).with_context(reading)? {
        let length = part.len() as u64;
        let first = (mark.line + 1).to_string();
        let mut query = vec![("vetted_by", args.vetted_by.as_str()), ("source", source.as_str()), ("first_line", first.as_str())];
        query.extend(args.owner.as_deref().map(|owner| ("owner", owner)));
        let body = futures::stream::iter([Ok::<_, std::io::Error>(Bytes::from(part))]);
        let done: Value = client.post_stream("/api/v1/imports", &query, &[(CONTENT_TYPE, "application/x-ndjson")], body).await?;
        total.add(&done);
        mark.byte += length;
        mark.line += count;
        note_mark(&marks, &mark)?;
        bar.inc(length);
    }
    bar.finish_and_clear();
    if total.created + total.updated > 0 {
        until_found(client, &total.position, out).await?;
    }
    out.data(&total.as_json(), || total.as_text())?;
    anyhow::ensure!(total.refused == 0, "{} 行未导入，改正后再次运行即可 · {} rows were refused", total.refused, total.refused);
    Ok(())
}

/// Waits until search reflects the commit at `position`.
async fn until_found(client: &Client, position: &Value, out: &Out) -> anyhow::Result<()> {
    let position = position.to_string();
    for turn in 0..PATIENCE {
        let found = client.get::<Value>("/api/v1/search", &[("limit", "1"), ("after", &position)]).await;
        match found {
            Err(error) if error.downcast_ref::<Refused>().is_some_and(|refused| refused.0.code == "search-behind") => {
                if turn == 0 {
                    out.note("正在编入检索索引 · search is taking it in");
                }
            }
            other => return other.map(drop),
        }
    }
    out.note("已全部存入；检索索引仍在后台更新 · all is stored; search is still taking it in");
    Ok(())
}

/// Whole lines of at least [`PART`] bytes, or what is left; and how many lines.
fn next_part(lines: &mut impl BufRead) -> std::io::Result<Option<(Vec<u8>, u64)>> {
    let (mut part, mut count) = (Vec::new(), 0);
    while part.len() < PART && lines.read_until(b'\n', &mut part)? > 0 {
        count += 1;
    }
    Ok((count > 0).then_some((part, count)))
}

fn mark_of(place: &Place, source: &str, path: &Path, file: &File) -> anyhow::Result<Mark> {
    let facts = file.metadata()?;
    let modified = facts.modified()?.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Ok(Mark { target: place.name(), source: source.to_owned(), file: path.canonicalize()?, size: facts.len(), modified, byte: 0, line: 0 })
}

fn all_marks(path: &Path) -> Vec<Mark> {
    std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// The mark of the same file, unchanged since; a file that was sent whole begins anew.
fn known_mark(path: &Path, wanted: &Mark) -> Option<Mark> {
    let same = |mark: &Mark| Mark { byte: 0, line: 0, ..mark.clone() } == *wanted;
    all_marks(path).into_iter().find(|mark| same(mark) && mark.byte > 0 && mark.byte < mark.size)
}

fn note_mark(path: &Path, mark: &Mark) -> anyhow::Result<()> {
    let mut marks = all_marks(path);
    marks.retain(|other| (&other.target, &other.source, &other.file) != (&mark.target, &mark.source, &mark.file));
    if mark.byte < mark.size {
        marks.push(mark.clone());
    }
    let writing = || format!("{}：续传记录无法写入 · the note of how far it went cannot be written", path.display());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(writing)?;
    }
    let fresh = path.with_extension("new");
    std::fs::write(&fresh, serde_json::to_vec(&marks)?).with_context(writing)?;
    std::fs::rename(&fresh, path).with_context(writing)
}

/// What became of the rows of all parts.
#[derive(Debug, Default)]
struct Total {
    created: u64,
    updated: u64,
    unchanged: u64,
    refused: u64,
    errors: Vec<Value>,
    position: Value,
}

impl Total {
    fn add(&mut self, part: &Value) {
        self.created += number(part, "/created");
        self.updated += number(part, "/updated");
        self.unchanged += number(part, "/unchanged");
        self.refused += number(part, "/refused");
        let room = 1000_usize.saturating_sub(self.errors.len());
        self.errors.extend(items(part, "/errors").take(room).cloned());
        self.position = part.pointer("/position").cloned().unwrap_or(Value::Null);
    }

    fn as_json(&self) -> Value {
        let Self { created, updated, unchanged, refused, errors, position } = self;
        json!({"created": created, "updated": updated, "unchanged": unchanged, "refused": refused, "errors": errors, "position": position})
    }

    fn as_text(&self) -> String {
        let Self { created, updated, unchanged, refused, .. } = self;
        let mut lines = vec![format!("新增 {created}，更新 {updated}，未变 {unchanged}，拒绝 {refused}")];
        let wrong = |error: &Value| format!("  第 {} 行 {}：{}", text(error, "/row"), text(error, "/path"), text(error, "/zh"));
        lines.extend(self.errors.iter().take(SHOWN).map(wrong));
        if self.errors.len() > SHOWN {
            lines.push("  …（--json 显示更多 · --json shows more）".to_owned());
        }
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_whole_lines() {
        let line = format!("{{\"id\":\"{}\"}}\n", "x".repeat(1 << 20));
        let text = line.repeat(40);
        let mut lines = std::io::Cursor::new(text.as_bytes());
        let mut counts = Vec::new();
        let mut bytes = 0;
        while let Some((part, count)) = next_part(&mut lines).unwrap() {
            assert!(part.ends_with(b"}\n"));
            bytes += part.len();
            counts.push(count);
        }
        assert_eq!((counts, bytes), (vec![16, 16, 8], text.len()));
    }

    #[test]
    fn a_changed_file_begins_anew() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep/imports.json");
        let whole = Mark { target: "a".to_owned(), source: "s".to_owned(), size: 100, modified: 5, ..Mark::default() };
        note_mark(&path, &Mark { byte: 40, line: 4, ..whole.clone() }).unwrap();
        assert_eq!(known_mark(&path, &whole).unwrap().line, 4);
        assert_eq!(known_mark(&path, &Mark { modified: 6, ..whole.clone() }), None);
        note_mark(&path, &Mark { byte: 100, line: 9, ..whole.clone() }).unwrap();
        assert_eq!(known_mark(&path, &whole), None, "what was sent whole is not gone on with");
    }
}
