//! The table of what must come.

use super::cast::ACTORS;

/// One line: what every actor gets for one operation on one object.
#[derive(Clone)]
pub struct Line {
    /// `METHOD /path`, as the document has it.
    pub operation: String,
    /// What it is about: `own`, `sibling` or `foreign` organisation, or another word that `ask.rs` knows.
    pub object: String,
    /// Statuses, in the order of the columns.
    pub statuses: Vec<u16>,
}

impl std::fmt::Display for Line {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:<62} {:<8}", self.operation, self.object)?;
        self.statuses.iter().try_for_each(|status| write!(out, " {status:>5}"))
    }
}

/// The head of the table.
pub fn head() -> String {
    let names: Vec<String> = ACTORS.iter().map(|actor| format!("{:>5}", actor.name)).collect();
    format!("{:<62} {:<8} {}", "# operation", "object", names.join(" "))
}

/// Reads the table.
pub fn read() -> Vec<Line> {
    let text = include_str!("matrix.txt");
    assert!(text.lines().any(|line| line == head()), "the table's head must be:\n{}", head());
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines.map(line).collect()
}

fn line(text: &str) -> Line {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [method, path, object, statuses @ ..] = words.as_slice() else { panic!("no line of the table: {text}") };
    let statuses = statuses.iter().map(|status| status.parse().unwrap_or(0)).collect();
    Line { operation: format!("{method} {path}"), object: (*object).to_owned(), statuses }
}
