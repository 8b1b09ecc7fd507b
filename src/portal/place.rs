//! The place of a comment: read from a form, and told in words.

use super::form::Form;
use super::words;
use crate::domain::inspection::{FULL_SIDE, Locator};
use crate::domain::problem::Problem;
use crate::vetting::views::CommentView;

/// Where in a file a form points to: a page, a time, or a part of the picture. `None` where it names none.
///
/// # Errors
/// The field that holds no place.
pub fn read(form: &Form) -> Result<Option<Locator>, Problem> {
    if let Some(page) = form.some("page") {
        let page = page.parse().ok().filter(|page| *page > 0);
        let (zh, en) = ("页码请填写从 1 开始的数字。", "A page is a number from 1 on.");
        return page.map(|page| Some(Locator::Page { page })).ok_or_else(|| Problem::field("comment-place", "page", zh, en));
    }
    if let Some(time) = form.some("time") {
        let (zh, en) = ("时间请写成 分:秒，例如 1:23。", "A time is written minutes:seconds.");
        let start = words::clock_ms(time).ok_or_else(|| Problem::field("comment-place", "time", zh, en))?;
        return Ok(Some(Locator::Second { start_ms: start }));
    }
    let sides = ["left", "top", "width", "height"].map(|side| form.some(side));
    if sides.iter().all(Option::is_none) {
        return Ok(None);
    }
    let wrong = || {
        let (zh, en) =
            ("请在图上拖出一个方框，或填写四个 0 至 100 之间的百分数。", "A region is four numbers of per cent within the picture.");
        Problem::field("comment-place", "left", zh, en)
    };
    let [left, top, width, height] = sides.map(|side| side.and_then(words::hundredths));
    let region = match (left, top, width, height) {
        (Some(left), Some(top), Some(width), Some(height)) => Locator::Region { left, top, width, height },
        _ => return Err(wrong()),
    };
    if region.is_sound() { Ok(Some(region)) } else { Err(wrong()) }
}

/// Where a comment points to, in words; empty for the work as a whole.
pub fn told(comment: &CommentView) -> String {
    let field = comment.field.as_deref().map(|name| format!("著录项“{}”", words::field(name)));
    let row = comment.row.map(|row| format!("目录表第 {row} 行"));
    let locator = comment.locator.as_ref().map(Locator::label).filter(|label| !label.is_empty());
    [comment.file.clone(), locator, field, row].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// A box over a picture, in per cent of its sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Number of the comment that it belongs to.
    pub number: usize,
    /// From the left edge.
    pub left: String,
    /// From the upper edge.
    pub top: String,
    /// Width.
    pub width: String,
    /// Height.
    pub height: String,
}

/// The box of a place, where it is a part of a picture.
pub fn frame(number: usize, locator: Option<&Locator>) -> Option<Frame> {
    let Some(Locator::Region { left, top, width, height }) = locator else { return None };
    let side = |part: &u32| words::points((*part).min(FULL_SIDE));
    Some(Frame { number, left: side(left), top: side(top), width: side(width), height: side(height) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(form: &str) -> Result<Option<Locator>, String> {
        read(&Form::read(form.as_bytes())).map_err(|problem| problem.fields[0].path.clone())
    }

    #[test]
    fn places_are_read_or_the_wrong_field_is_named() {
        assert_eq!(place("text=a&page=&time="), Ok(None));
        assert_eq!(place("page=3"), Ok(Some(Locator::Page { page: 3 })));
        assert_eq!(place("time=1%3A23"), Ok(Some(Locator::Second { start_ms: 83_000 })));
        let region = Locator::Region { left: 1_050, top: 2_000, width: 3_000, height: 4_000 };
        assert_eq!(place("left=10.5&top=20&width=30&height=40"), Ok(Some(region)));
        assert_eq!(place("page=0"), Err("page".to_owned()));
        assert_eq!(place("time=later"), Err("time".to_owned()));
        for wrong in ["left=10&top=20&width=30", "left=80&top=0&width=30&height=10", "left=0&top=0&width=0&height=10"] {
            assert_eq!(place(wrong), Err("left".to_owned()), "{wrong}");
        }
    }
}
