//! Questions on the terminal: asked again until the answer can be read.

use anyhow::Context as _;
use std::io::{BufRead, Write};

/// Somebody at a terminal.
pub struct Person<R, W> {
    lines: R,
    screen: W,
}

impl<R: BufRead, W: Write> Person<R, W> {
    /// Answers come from `lines`, questions go to `screen`.
    pub fn new(lines: R, screen: W) -> Self {
        Self { lines, screen }
    }

    /// Shows a text.
    ///
    /// # Errors
    /// When the screen is gone.
    pub fn tell(&mut self, text: &str) -> anyhow::Result<()> {
        writeln!(self.screen, "{text}")?;
        Ok(self.screen.flush()?)
    }

    /// Asks until `read` takes the answer; `None` when the person went away.
    ///
    /// # Errors
    /// When the terminal fails.
    pub fn ask<T>(&mut self, question: &str, read: impl Fn(&str) -> Result<T, String>) -> anyhow::Result<Option<T>> {
        loop {
            write!(self.screen, "{question} ")?;
            self.screen.flush()?;
            let Some(answer) = self.line()? else { return Ok(None) };
            match read(answer.trim()) {
                Ok(answer) => return Ok(Some(answer)),
                Err(why) => self.tell(&why)?,
            }
        }
    }

    /// Asks for a text of several lines, ended by an empty one; asked again while it is blank.
    ///
    /// # Errors
    /// When the terminal fails.
    pub fn ask_text(&mut self, question: &str) -> anyhow::Result<Option<String>> {
        loop {
            self.tell(question)?;
            let mut text: Vec<String> = Vec::new();
            loop {
                match self.line()? {
                    None if text.is_empty() => return Ok(None),
                    Some(line) if !line.trim().is_empty() => text.push(line.trim_end().to_owned()),
                    _ => break,
                }
            }
            if !text.is_empty() {
                return Ok(Some(text.join("\n")));
            }
        }
    }

    fn line(&mut self) -> anyhow::Result<Option<String>> {
        let mut line = String::new();
        let length = self.lines.read_line(&mut line).context("the terminal cannot be read")?;
        Ok((length > 0).then_some(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_asked_until_it_is_answered() {
        let mut screen = Vec::new();
        let mut person = Person::new("x\n7\n\n第一行\n第二行\n\n".as_bytes(), &mut screen);
        let number = person.ask("几？", |text| text.parse::<u32>().map_err(|_| "不是数字".to_owned())).unwrap();
        assert_eq!(number, Some(7));
        assert_eq!(person.ask_text("意见").unwrap().as_deref(), Some("第一行\n第二行"));
        assert_eq!(person.ask("还有？", |text| Ok(text.to_owned())).unwrap(), None);
        assert!(String::from_utf8(screen).unwrap().contains("不是数字"));
    }
}
