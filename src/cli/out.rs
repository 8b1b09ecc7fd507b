//! What commands print: lines for people or JSON for programs, notes and failures on the standard error stream.

use super::client::Refused;
use crate::domain::problem::Problem;
use crate::edge::problem::ProblemBody;
use serde::Serialize;
use std::io::{self, IsTerminal as _, Write as _};

/// Where commands print.
#[derive(Clone, Copy, Debug)]
pub struct Out {
    json: bool,
}

impl Out {
    /// For people, or with `json` for programs.
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether programs read it.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Whether a person watches, so that progress may be shown.
    pub fn is_watched(&self) -> bool {
        !self.json && io::stderr().is_terminal()
    }

    /// Prints data: `value` as JSON, or the lines that `people` makes.
    ///
    /// # Errors
    /// When the stream is closed.
    pub fn data<T: Serialize>(&self, value: &T, people: impl FnOnce() -> String) -> anyhow::Result<()> {
        if self.json { self.json(value) } else { self.line(&people()) }
    }

    /// Prints a value as JSON on one line.
    ///
    /// # Errors
    /// When the stream is closed.
    pub fn json<T: Serialize>(&self, value: &T) -> anyhow::Result<()> {
        self.line(&serde_json::to_string(value)?)
    }

    /// Prints a line.
    ///
    /// # Errors
    /// When the stream is closed.
    pub fn line(&self, text: &str) -> anyhow::Result<()> {
        let mut stream = io::stdout().lock();
        writeln!(stream, "{text}")?;
        Ok(stream.flush()?)
    }

    /// Says something beside the data, unless programs read.
    pub fn note(&self, text: &str) {
        if !self.json {
            // Nobody can be told that the error stream is closed.
            let _ = writeln!(io::stderr(), "{text}");
        }
    }

    /// Says why a command did not do it.
    pub fn failure(&self, error: &anyhow::Error) {
        let body = match (error.downcast_ref::<Refused>(), error.downcast_ref::<Problem>()) {
            (Some(Refused(body)), _) => Some(body.clone()),
            (None, Some(problem)) => Some(ProblemBody::from(problem.clone())),
            (None, None) => None,
        };
        let text = match (self.json, body) {
            (true, Some(body)) => serde_json::to_string(&body).unwrap_or_default(),
            (true, None) => serde_json::json!({"code": "failed", "en": format!("{error:#}")}).to_string(),
            (false, Some(body)) => for_people(&body),
            (false, None) => format!("错误 · Error: {error:#}"),
        };
        let _ = writeln!(io::stderr(), "{text}");
    }
}

fn for_people(body: &ProblemBody) -> String {
    let mut lines = vec![format!("错误：{}", body.zh), format!("Error: {} ({})", body.en, body.code)];
    let told = |field: &&crate::domain::problem::FieldProblem| field.zh != body.zh;
    for field in body.fields.iter().filter(told).take(20) {
        let row = field.row.map(|row| format!("第 {row} 行 ")).unwrap_or_default();
        lines.push(format!("  - {row}{}：{}", field.path, field.zh));
    }
    lines.join("\n")
}

/// Whether the reader of our output went away, which is no failure.
pub fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
