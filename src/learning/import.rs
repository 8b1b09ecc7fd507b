//! Cuts a file of events into bodies that one call takes.

use super::MOST_EVENTS;
use std::io::{self, BufRead};

/// Bodies of at most [`MOST_EVENTS`] lines of NDJSON, in order, without looking into the lines. Blank lines are dropped.
pub struct Bodies<R> {
    lines: R,
    most: usize,
    /// Lines given so far, blank ones included: where the next body begins.
    pub line: u64,
}

impl<R: BufRead> Bodies<R> {
    /// Over lines.
    pub fn new(lines: R) -> Self {
        Self { lines, most: MOST_EVENTS, line: 0 }
    }
}

impl<R: BufRead> Iterator for Bodies<R> {
    /// The body and how many events it holds.
    type Item = io::Result<(Vec<u8>, usize)>;

    fn next(&mut self) -> Option<Self::Item> {
        let (mut body, mut events) = (Vec::with_capacity(self.most * 128), 0);
        while events < self.most {
            let before = body.len();
            match self.lines.read_until(b'\n', &mut body) {
                Ok(0) => break,
                Ok(_) => self.line += 1,
                Err(error) => return Some(Err(error)),
            }
            let blank = body.get(before..).is_none_or(|line| line.iter().all(u8::is_ascii_whitespace));
            if blank { body.truncate(before) } else { events += 1 }
        }
        (events > 0).then_some(Ok((body, events)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_in_one_body() {
        let text: String = (0..25_000).map(|line| if line % 5 == 0 { "\n".to_owned() } else { format!("{{\"id\":{line}}}\n") }).collect();
        let bodies: Vec<_> = Bodies::new(text.as_bytes()).map(Result::unwrap).collect();
        assert_eq!(bodies.iter().map(|body| body.1).collect::<Vec<_>>(), [10_000, 10_000]);
        assert_eq!(bodies.concat_len(), text.lines().filter(|line| !line.is_empty()).map(|line| line.len() + 1).sum::<usize>());
    }

    trait ConcatLen {
        fn concat_len(&self) -> usize;
    }

    impl ConcatLen for Vec<(Vec<u8>, usize)> {
        fn concat_len(&self) -> usize {
            self.iter().map(|body| body.0.len()).sum()
        }
    }
}
