//! Time as offices in China count it: working days by the yearly table with its swapped days, terms counted from the day after.
//!
//! 《民法典》第二百零一条: a term of days begins on the day after the event, and ends (第二百零三条) at 24:00 of its last day. The table
//! is data (`review_rules/calendar.toml`), since the State Council announces each year's days in the autumn before. A year without
//! a table counts Mondays to Fridays.

use super::time::{DAY_MS, Timestamp};
use std::collections::BTreeSet;
use time::{Date, Duration, OffsetDateTime, UtcOffset, Weekday};

/// Asia/Shanghai is UTC+8 all year.
const SHANGHAI_MS: i64 = 8 * 3_600_000;

/// 8:30 in milliseconds since midnight.
const MORNING_MS: i64 = 17 * 1_800_000;

/// Which days are worked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    holidays: BTreeSet<Date>,
    swapped: BTreeSet<Date>,
}

impl Calendar {
    /// A calendar in which nobody works on `holidays` and everybody does on `swapped` (weekends worked in exchange, 调休上班).
    pub fn new(holidays: BTreeSet<Date>, swapped: BTreeSet<Date>) -> Self {
        Self { holidays, swapped }
    }

    /// Whether offices work on a day.
    pub fn is_working(&self, day: Date) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        self.swapped.contains(&day) || (!weekend && !self.holidays.contains(&day))
    }

    /// The end of a term of `days` working days that began with something at `from`: 24:00 in Shanghai of its last day, counted
    /// from the day after `from` (自次日起). No days: the end of that day itself.
    pub fn after_working_days(&self, from: Timestamp, days: u32) -> Timestamp {
        let mut day = shanghai_day(from);
        let mut left = days;
        while left > 0 {
            let Some(next) = day.next_day() else { break };
            day = next;
            left -= u32::from(self.is_working(day));
        }
        end_of(day)
    }

    /// The end of a term of `days` calendar days, counted the same way.
    pub fn after_days(from: Timestamp, days: u32) -> Timestamp {
        let day = shanghai_day(from);
        end_of(day.checked_add(Duration::days(i64::from(days))).unwrap_or(day))
    }

    /// The first 8:30 in Shanghai of a working day after `now`: when the offices open (proposed).
    pub fn next_morning(&self, now: Timestamp) -> Timestamp {
        let mut day = shanghai_day(now);
        loop {
            let morning = end_of(day).plus_millis(MORNING_MS - DAY_MS);
            let Some(next) = day.next_day().filter(|_| morning <= now || !self.is_working(day)) else { return morning };
            day = next;
        }
    }

    /// How many whole working days lie between the day of `now` and that of `end`; 0 when it is the same day or past.
    pub fn working_days_left(&self, now: Timestamp, end: Timestamp) -> u32 {
        // A term ends at 24:00, which is an instant of the day after.
        let (mut day, last) = (shanghai_day(now), shanghai_day(end.plus_millis(-1)));
        let mut left = 0;
        while day < last {
            let Some(next) = day.next_day() else { break };
            day = next;
            left += u32::from(self.is_working(day));
        }
        left
    }
}

/// The day in Shanghai.
pub fn shanghai_day(at: Timestamp) -> Date {
    let seconds = at.plus_millis(SHANGHAI_MS).millis().div_euclid(1000);
    OffsetDateTime::from_unix_timestamp(seconds).map_or(Date::MIN, OffsetDateTime::date)
}

/// 24:00 in Shanghai of a day.
fn end_of(day: Date) -> Timestamp {
    let midnight = day.midnight().assume_offset(UtcOffset::UTC).unix_timestamp().saturating_mul(1000);
    Timestamp::from_millis(midnight.saturating_add(DAY_MS).saturating_sub(SHANGHAI_MS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    fn calendar() -> Calendar {
        let holidays = (1..=7).map(|day| Date::from_calendar_date(2026, time::Month::October, day).unwrap()).collect();
        Calendar::new(holidays, [date!(2026 - 09 - 20), date!(2026 - 10 - 10)].into())
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn a_term_skips_holidays_and_counts_swapped_days() {
        // Wednesday 30 September: 8 and 9 October are worked, and so is Saturday the 10th; Sunday is not.
        let end = |days| calendar().after_working_days(at("2026-09-30T10:00:00+08:00"), days);
        assert_eq!(end(0), at("2026-10-01T00:00:00+08:00"));
        assert_eq!(end(1), at("2026-10-09T00:00:00+08:00"));
        assert_eq!(end(3), at("2026-10-11T00:00:00+08:00"));
        assert_eq!(end(4), at("2026-10-13T00:00:00+08:00"));
    }

    #[test]
    fn the_next_morning_is_that_of_a_working_day() {
        let next = |text| calendar().next_morning(at(text));
        assert_eq!(next("2026-09-30T08:29:59+08:00"), at("2026-09-30T08:30:00+08:00"));
        assert_eq!(next("2026-09-30T08:30:00+08:00"), at("2026-10-08T08:30:00+08:00"), "over the holidays");
        assert_eq!(next("2026-10-09T12:00:00+08:00"), at("2026-10-10T08:30:00+08:00"), "a Saturday that is worked");
        assert_eq!(next("2026-10-10T12:00:00+08:00"), at("2026-10-12T08:30:00+08:00"));
        assert_eq!(next("2026-11-22T16:30:00Z"), at("2026-11-23T08:30:00+08:00"), "Monday by the clock of Shanghai");
    }

    #[test]
    fn the_day_is_that_of_shanghai() {
        // 17:00 UTC is 01:00 of the next day there.
        assert_eq!(shanghai_day(at("2026-11-22T17:00:00Z")), date!(2026 - 11 - 23));
        assert_eq!(Calendar::after_days(at("2026-11-22T17:00:00Z"), 1), at("2026-11-25T00:00:00+08:00"));
    }

    #[test]
    fn what_is_left_is_what_was_given() {
        for days in 0..30 {
            let from = at("2026-09-14T23:59:59+08:00");
            assert_eq!(calendar().working_days_left(from, calendar().after_working_days(from, days)), days);
        }
        assert_eq!(calendar().working_days_left(at("2026-10-12T08:00:00+08:00"), at("2026-10-10T00:00:00+08:00")), 0);
    }
}
