//! How long a resource takes, in the steps that people choose by.

/// Codes, Chinese labels and the most minutes of each step; the last has no end.
const STEPS: [(&str, &str, u32); 4] =
    [("up_to_10", "10 分钟以内", 10), ("up_to_30", "10–30 分钟", 30), ("up_to_60", "30–60 分钟", 60), ("over_60", "1 小时以上", u32::MAX)];

/// The step of a number of minutes.
pub fn step_of(minutes: u32) -> &'static str {
    STEPS.iter().find(|(.., most)| minutes <= *most).map_or("over_60", |(code, ..)| code)
}

/// The step of this code or label.
pub fn find(text: &str) -> Option<&'static str> {
    STEPS.iter().find(|(code, label, _)| *code == text || *label == text).map(|(code, ..)| *code)
}

/// What a step is called; the code where there is none.
pub fn label(code: &str) -> &str {
    STEPS.iter().find(|(known, ..)| *known == code).map_or(code, |(_, label, _)| label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_end_where_they_say() {
        let steps: Vec<&str> = [0, 10, 11, 30, 60, 61, u32::MAX].into_iter().map(step_of).collect();
        assert_eq!(steps, ["up_to_10", "up_to_10", "up_to_30", "up_to_30", "up_to_60", "over_60", "over_60"]);
        assert!(STEPS.iter().all(|(code, label, _)| find(code) == Some(*code) && find(label) == Some(*code)));
        assert_eq!((label("up_to_10"), label("long"), find("long")), ("10 分钟以内", "long", None));
    }
}
