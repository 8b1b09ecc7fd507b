//! The rule of severities over all files of the built-in standards, and that each kind and category has its set.

use crate::domain::finding::Severity;
use crate::rules::RuleSet;
use crate::rules::measures::MEASURES;
use crate::rules::rule::Evidence;
use std::collections::BTreeSet;

/// What a `must` may rest on: law and regulations, norms in force, or that the file cannot be used.
const GROUNDS: [&str; 5] = ["《", "GB ", "GB/T", "教科信厅", "文件不可用"];

#[test]
fn must_rests_on_law_or_a_norm_in_force_and_what_is_proposed_only_advises() {
    let rules = RuleSet::builtin().unwrap();
    let mut musts = 0;
    for rule in rules.rules() {
        let id = &rule.id;
        assert!(!rule.basis.trim().is_empty() && rule.valid_from.len() == 10, "{id}");
        let severities = rule.adjustments.iter().filter_map(|change| change.severity).chain([rule.severity]);
        if rule.evidence == Evidence::Proposed {
            assert!(severities.max() < Some(Severity::Must), "{id} is proposed and returns");
        } else if severities.max() == Some(Severity::Must) {
            musts += 1;
            assert!(GROUNDS.iter().any(|ground| rule.basis.starts_with(ground)), "{id} rests on {}", rule.basis);
        }
        // A finding of a measured value tells the value.
        let tells = rule.message.contains("{measured}") || matches!(rule.test.measure.shape, crate::rules::measures::Shape::Flag);
        let counts = [
            "text.parts",
            "rights.evidence",
            "meta.accessibility",
            "package.masters",
            "package.covers",
            "file.size_bytes",
            "subtitle.cues",
        ];
        assert!(tells || counts.contains(&rule.test.measure.name), "{id} does not tell {}", rule.test.measure.name);
        for change in &rule.adjustments {
            assert!(change.basis.is_some(), "the change of {id} by {} names no basis", change.set);
        }
    }
    assert!(musts >= 14, "{musts}");
}

#[test]
fn each_category_and_kind_has_its_set() {
    let rules = RuleSet::builtin().unwrap();
    let own = rules.rules().iter().map(|rule| rule.set.as_str());
    let changed = rules.rules().iter().flat_map(|rule| rule.adjustments.iter().map(|change| change.set.as_str()));
    let sets: BTreeSet<&str> = own.chain(changed).collect();
    let categories = ["vocational", "elderly", "community", "special", "continuing", "farmers", "family", "culture"];
    let kinds = ["video", "audio", "document", "slides", "image", "master", "package", "subtitle", "link", "duration"];
    for name in ["core"].iter().chain(&categories).chain(&kinds) {
        assert!(sets.contains(name), "{name}");
    }
}

#[test]
fn every_measure_is_asked_for_or_known_to_be_for_other_sets() {
    // Measures that no built-in rule asks for; a province may.
    let spare = ["file.program", "file.class", "text.citizen_ids", "culture.is", "package.size_mb"];
    let rules = RuleSet::builtin().unwrap();
    let asked: BTreeSet<&str> =
        rules.rules().iter().flat_map(|rule| rule.when.tests().chain([&rule.test])).map(|test| test.measure.name).collect();
    let idle: Vec<&str> = MEASURES.iter().flat_map(|group| group.iter()).map(|one| one.name).filter(|name| !asked.contains(name)).collect();
    assert_eq!(idle.iter().filter(|name| !spare.contains(name)).collect::<Vec<_>>(), Vec::<&&str>::new());
}
