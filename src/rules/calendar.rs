//! The yearly tables of working days (`calendar.toml`).

use super::load::Reading;
use crate::domain::calendar::Calendar;
use serde::Deserialize;
use std::collections::BTreeSet;
use time::format_description::well_known::Iso8601;
use time::{Date, Weekday};
use toml::Spanned;

/// Longest run of days off that is taken for one; a longer one is a slip of the pen.
const LONGEST_HOLIDAY: usize = 31;

/// `calendar.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarFile {
    schema: Spanned<String>,
    year: Vec<Spanned<Year>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Year {
    year: i32,
    #[serde(rename = "basis")]
    _basis: String,
    holidays: Vec<Spanned<[String; 2]>>,
    worked: Vec<Spanned<String>>,
}

/// Reads the tables: days of their year only, no year twice, worked days on weekends only.
pub(super) fn read(raw: CalendarFile, reading: &mut Reading<'_>) -> Option<Calendar> {
    reading.check_schema(&raw.schema);
    let before = reading.problems.len();
    let (mut holidays, mut worked, mut years) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for table in &raw.year {
        let year = table.get_ref();
        if !years.insert(year.year) {
            let zh = format!("{}年重复", year.year);
            reading.problem(Some(table.span()), "duplicate", zh, format!("the year {} is there twice", year.year));
        }
        for pair in &year.holidays {
            match run(pair.get_ref(), year.year) {
                Some(days) => holidays.extend(days),
                None => reading.problem(Some(pair.span()), "date", "放假日期有误", "not a first and a last day of that year"),
            }
        }
        for text in &year.worked {
            match day(text.get_ref(), year.year).filter(|day| matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)) {
                Some(day) => drop(worked.insert(day)),
                None => reading.problem(Some(text.span()), "date", "调休上班日期应为当年的周末", "not a weekend day of that year"),
            }
        }
    }
    (reading.problems.len() == before).then(|| Calendar::new(holidays, worked))
}

fn day(text: &str, year: i32) -> Option<Date> {
    Date::parse(text, &Iso8601::DATE).ok().filter(|day| day.year() == year)
}

fn run([first, last]: &[String; 2], year: i32) -> Option<Vec<Date>> {
    let (first, last) = (day(first, year)?, day(last, year)?);
    let days: Vec<Date> = std::iter::successors(Some(first), |day| day.next_day()).take_while(|day| *day <= last).collect();
    (!days.is_empty() && days.len() <= LONGEST_HOLIDAY).then_some(days)
}
