//! How far reviewers agree, who marks higher or lower than the others, and how much each did in how much time.

use super::Vetting;
use super::figures::YEAR_MS;
use crate::domain::access::{Actor, Role};
use crate::domain::account::Account;
use crate::domain::problem::Problem;
use crate::domain::record::Key;
use crate::domain::review::Verdict;
use crate::domain::review::agreement::{alpha, alpha_of_verdicts, is_with_others};
use crate::domain::review::figures::OpinionFigures;
use crate::domain::time::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Who may read the figures: they name reviewers.
const READERS: [Role; 3] = [Role::Editor, Role::Administrator, Role::Auditor];
/// Rounds shared with others before anything is said of a reviewer's marks. (Proposed.)
const FEWEST_SHARED: usize = 5;
/// A reviewer whose marks lie so far from the others' on the average, in hundredths of a point, is told of it: a third of the
/// spread from which the policy calls one more expert. (Proposed.)
const FAR: i64 = 500;

/// Which opinions are counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// Given at this instant or later; without it, within the year before the end.
    pub since: Option<Timestamp>,
    /// Given before this instant.
    pub until: Option<Timestamp>,
    /// Of submissions of this category.
    pub category: Option<String>,
}

/// Agreement of the reviewers. Alphas are Krippendorff's, to three places, 1 is agreement on everything; 0.8 is commonly
/// asked for, below 0.667 nothing should be concluded. Missing: too little was judged by two, or all said the same.
#[derive(Clone, Debug, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Agreement {
    /// Opinions counted.
    pub opinions: usize,
    /// Rounds of submissions with two opinions or more: what agreement is reckoned from.
    pub shared: usize,
    /// Alpha of the verdicts (ranks).
    pub verdict: Option<f64>,
    /// Alpha of the weighted marks (intervals).
    pub mark: Option<f64>,
    /// Alpha of each criterion.
    pub criteria: Vec<CriterionAgreement>,
    /// Figures of each reviewer.
    pub reviewers: Vec<ReviewerFigures>,
}

/// Agreement on one criterion.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct CriterionAgreement {
    /// Its code.
    pub code: String,
    /// Its Chinese name.
    pub label: String,
    /// Rounds with two marks or more.
    pub shared: usize,
    /// Krippendorff's alpha.
    pub alpha: Option<f64>,
}

/// What one reviewer did, and how it compares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ReviewerFigures {
    /// Account.
    pub account: String,
    /// Name.
    pub name: String,
    /// Opinions given.
    pub opinions: usize,
    /// Verdicts given, by code.
    pub verdicts: BTreeMap<String, usize>,
    /// Opinions beside which somebody else's stands.
    pub shared: usize,
    /// Of these, how many have the verdict that at least half of the others gave.
    pub with_others: usize,
    /// Own mark less the mean of the others', on the average of the shared rounds, in hundredths of a point.
    pub offset: Option<i64>,
    /// Minutes from the first claim to the opinion, in the middle case.
    pub minutes: Option<i64>,
    /// What the reviewer may be told of the marks, where enough rounds are shared to say it.
    pub hint: Option<String>,
}

impl Vetting {
    /// Agreement over the opinions of a period on submissions that the actor oversees. It reads the figures of that period.
    ///
    /// # Errors
    /// Forbidden to all but editors, administrators and auditors; those of the store.
    pub async fn agreement(&self, actor: &Actor, period: &Period) -> Result<Agreement, Problem> {
        if !actor.has_anywhere(&READERS) {
            return Err(Problem::forbidden());
        }
        let until = period.until.unwrap_or_else(|| self.clock.now().plus_millis(1));
        let since = period.since.unwrap_or_else(|| until.min(self.clock.now()).plus_millis(-YEAR_MS));
        let mut opinions = self.figures(since, until).await?;
        let is_meant = |one: &OpinionFigures| period.category.as_ref().is_none_or(|wanted| *wanted == one.category);
        opinions.retain(|one| is_meant(one) && actor.has(&READERS, &one.owner));
        opinions.sort_unstable_by(|left, right| key(left).cmp(&key(right)));
        let mut sums = Sums::default();
        let kinds: BTreeSet<(&str, bool)> = opinions.iter().map(|one| (one.category.as_str(), one.culture)).collect();
        for criterion in kinds.into_iter().flat_map(|(category, culture)| self.rules.criteria(category, culture)) {
            sums.labels.entry(criterion.code.clone()).or_insert_with(|| criterion.label.clone());
        }
        opinions
            .chunk_by(|left, right| (&left.submission, left.round) == (&right.submission, right.round))
            .for_each(|round| sums.add(round));
        let mut agreement = sums.agreement();
        for figures in &mut agreement.reviewers {
            let account = self.store.get::<Account>(&Key::from(figures.account.as_str())).await?;
            figures.name = account.map_or_else(String::new, |stored| stored.value.display);
        }
        Ok(agreement)
    }
}

/// The opinions of one round stand together.
fn key(one: &OpinionFigures) -> (&str, u32, &str) {
    (&one.submission, one.round, &one.opinion)
}

/// What is added up on the way.
#[derive(Default)]
struct Sums {
    opinions: usize,
    verdicts: Vec<Vec<Verdict>>,
    marks: Vec<Vec<u32>>,
    criteria: BTreeMap<String, Vec<Vec<u32>>>,
    labels: BTreeMap<String, String>,
    reviewers: BTreeMap<String, Reviewer>,
}

#[derive(Default)]
struct Reviewer {
    figures: ReviewerFigures,
    offsets: Vec<i64>,
    minutes: Vec<i64>,
}

impl Sums {
    /// Adds the opinions of one round.
    fn add(&mut self, round: &[OpinionFigures]) {
        self.opinions += round.len();
        self.verdicts.push(round.iter().map(|opinion| opinion.verdict).collect());
        self.marks.push(round.iter().filter_map(|opinion| opinion.mark).collect());
        let mut scores: BTreeMap<&String, Vec<u32>> = BTreeMap::new();
        for (code, score) in round.iter().flat_map(|opinion| &opinion.scores) {
            scores.entry(code).or_default().push(*score);
        }
        for (code, given) in scores {
            self.criteria.entry(code.clone()).or_default().push(given);
        }
        for opinion in round {
            let reviewer = self.reviewers.entry(opinion.reviewer.clone()).or_default();
            reviewer.add(opinion, round.iter().filter(|other| other.opinion != opinion.opinion).collect());
            reviewer.minutes.extend(opinion.minutes);
        }
    }

    fn agreement(self) -> Agreement {
        let shared = |things: &[Vec<u32>]| things.iter().filter(|values| values.len() > 1).count();
        let label = |code: &String| self.labels.get(code).cloned().unwrap_or_else(|| code.clone());
        let criterion = |(code, things): (&String, &Vec<Vec<u32>>)| CriterionAgreement {
            code: code.clone(),
            label: label(code),
            shared: shared(things),
            alpha: alpha(things).map(to_three_places),
        };
        Agreement {
            opinions: self.opinions,
            shared: self.verdicts.iter().filter(|verdicts| verdicts.len() > 1).count(),
            verdict: alpha_of_verdicts(&self.verdicts).map(to_three_places),
            mark: alpha(&self.marks).map(to_three_places),
            criteria: self.criteria.iter().map(criterion).collect(),
            reviewers: self.reviewers.into_iter().map(|(account, reviewer)| reviewer.figures(account)).collect(),
        }
    }
}

impl Reviewer {
    fn add(&mut self, opinion: &OpinionFigures, others: Vec<&OpinionFigures>) {
        self.figures.opinions += 1;
        *self.figures.verdicts.entry(opinion.verdict.code().to_owned()).or_default() += 1;
        if others.is_empty() {
            return;
        }
        self.figures.shared += 1;
        let verdicts: Vec<Verdict> = others.iter().map(|other| other.verdict).collect();
        self.figures.with_others += usize::from(is_with_others(opinion.verdict, &verdicts));
        let marks: Vec<i64> = others.iter().filter_map(|other| other.mark.map(i64::from)).collect();
        if let (Some(own), Some(mean)) = (opinion.mark, mean(&marks)) {
            self.offsets.push(i64::from(own) - mean);
        }
    }

    fn figures(mut self, account: String) -> ReviewerFigures {
        self.minutes.sort_unstable();
        let offset = mean(&self.offsets);
        let points = |offset: i64| format!("{}.{:02}", offset.abs() / 100, offset.abs() % 100);
        let hint = offset.filter(|offset| self.offsets.len() >= FEWEST_SHARED && offset.abs() >= FAR).map(|offset| {
            let direction = if offset > 0 { "高" } else { "低" };
            format!("所给分数平均比同组专家{direction} {} 分，建议对照评分标准的文字说明复核尺度。", points(offset))
        });
        let minutes = self.minutes.get(self.minutes.len() / 2).copied();
        ReviewerFigures { account, offset, minutes, hint, ..self.figures }
    }
}

/// The mean, rounded towards zero; `None` of none.
fn mean(values: &[i64]) -> Option<i64> {
    let count = i64::try_from(values.len()).ok().filter(|count| *count > 0)?;
    Some(values.iter().sum::<i64>() / count)
}

fn to_three_places(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}
