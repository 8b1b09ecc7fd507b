//! Corrections: what the policy lists, recorded, and nothing that vetting would have stopped.

use super::{Site, committee, editor, reviewer, says};
use crate::domain::ledger::{LedgerEntry, ResourceChain};
use crate::domain::review::Verdict;
use crate::store::PageRequest;
use crate::vetting::correct::Correction;
use crate::vetting::decide::Decide;

#[tokio::test]
async fn a_correction_is_recorded_and_brings_in_nothing_that_vetting_would_stop() {
    let site = Site::new().await;
    site.submit("s1", |new| new.metadata.audience = vec!["everyone".to_owned()]).await;
    site.vetting.claim(&reviewer("a"), "s1", None).await.unwrap();
    site.vetting.opine(&reviewer("a"), "s1", &says(Verdict::Pass), None).await.unwrap();
    site.vetting.decide(&committee("c1"), "s1", &Decide { verdict: Verdict::Pass, reason: String::new() }, None).await.unwrap();
    let of = |keywords: &[&str]| Correction {
        reason: "错字".to_owned(),
        keywords: Some(keywords.iter().map(|word| (*word).to_owned()).collect()),
        ..Correction::default()
    };
    let told =
        async |correction: Correction| site.vetting.correct(&editor(), "r-s1", &correction, None).await.map_err(|problem| problem.code);
    assert_eq!(told(of(&["防诈骗", "六合彩", "社区"])).await, Err("needs-vetting"), "a word that a person must look at");
    assert_eq!(told(of(&["防诈骗", " "])).await, Err("text"));
    let unknown = Correction { subjects: Some(vec!["no-such".to_owned()]), ..of(&["防诈骗"]) };
    assert_eq!(told(unknown).await, Err("code"));
    assert_eq!(told(Correction { reason: " ".to_owned(), ..of(&["防诈骗", "反诈", "居民"]) }).await, Err("reason-required"));
    told(of(&["防诈骗", "反诈", "居民"])).await.unwrap();
    let chain = LedgerEntry::prefix_of(&ResourceChain::name_of("r-s1"));
    let entries = site.store.list::<LedgerEntry>(&chain, PageRequest::first(10)).await.unwrap().items;
    assert_eq!((entries.len(), entries[0].value.action.as_str()), (1, "corrected"));
    assert_eq!((entries[0].value.facts["fields"].as_str(), entries[0].value.party.as_str()), ("keywords", "editor"));
    assert!(entries[0].value.texts.contains_key("text"), "the reason is sealed as its digest");
}
