//! Near duplicates: nobody is missed because two came at once, or because one was never checked here.

use super::*;
use crate::domain::resource::{Body, Provenance, Resource, ResourceState, RetireCause};

fn prose(seed: u64) -> String {
    let mut random = fastrand::Rng::with_seed(seed);
    (0..600).map(|_| char::from_u32(random.u32(0x4E00..0x5E00)).unwrap()).collect()
}

impl Site {
    /// Unpacks a deposit of one document and answers the job that checks it.
    async fn waiting(&self, actor: &Actor, id: &str, text: &str) -> Stored<Job> {
        let csv = [HEAD, &row(id, &format!("读本{id}"), "文档", "a.txt")].concat();
        let package = zip(&[("catalogue.csv", csv.as_bytes()), ("a.txt", text.as_bytes())]);
        self.receive(actor, pledged(), package).await.unwrap();
        let jobs = self.jobs().await;
        let unpack = jobs.iter().find(|job| job.value.kind == JobKind::Unpack).unwrap();
        let mut change = self.run(&unpack.value).await;
        change.remove(unpack);
        self.store.commit(change).await.unwrap();
        let before: Vec<String> = jobs.into_iter().map(|job| job.value.id).collect();
        self.jobs().await.into_iter().find(|job| !before.contains(&job.value.id)).unwrap()
    }

    async fn near(&self, submission: &str) -> Vec<String> {
        let found = self.store.get::<Submission>(&Key::from(submission)).await.unwrap().unwrap();
        found.value.findings.into_iter().filter(|finding| finding.rule == "PACKAGE-NEAR").map(|finding| finding.message).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_works_checked_at_the_same_instant_one_finds_the_other() {
    let site = Site::new();
    let (one, two) = (contributor("/hunan/changsha"), contributor("/hunan/xiangxi"));
    let text = prose(1);
    let jobs = [site.waiting(&one, "A-1", &text).await, site.waiting(&two, "B-1", &format!("{text}后记")).await];
    let done = [site.run(&jobs[0].value).await, site.run(&jobs[1].value).await];
    for (mut change, job) in done.into_iter().zip(&jobs) {
        change.remove(job);
        site.store.commit(change).await.unwrap();
    }
    let (first, second) = (site.near(&jobs[0].value.subject).await, site.near(&jobs[1].value.subject).await);
    assert_eq!((first.len(), second.len()), (0, 1), "neither result was written when the other was reckoned: {second:?}");
    assert!(second[0].contains("送审中"), "{second:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_what_was_taken_over_is_found_until_that_is_retired() {
    let (site, actor) = (Site::new(), contributor("/hunan/changsha"));
    let text = prose(2);
    let mut resource = admitted("taken-over");
    let mut change = ChangeSet::new(site.clock.fresh_id());
    change.insert(&resource).unwrap().insert(&Body { resource: resource.id.clone(), text: text.clone() }).unwrap();
    let head = site.store.commit(change).await.unwrap();
    assert_eq!(site.ingest.sketched_to().await.unwrap(), None);
    assert_eq!(site.ingest.sketch_all().await.unwrap(), head);
    assert_eq!(site.ingest.sketched_to().await.unwrap(), Some(head));
    let checked = async |id: &str| {
        let job = site.waiting(&actor, id, &text).await;
        let mut change = site.run(&job.value).await;
        change.remove(&job);
        site.store.commit(change).await.unwrap();
        site.near(&job.value.subject).await
    };
    let found = checked("C-1").await;
    assert!(found.iter().any(|message| message.contains("已入库的“接收的读本”")), "{found:?}");

    let old = site.store.get::<Resource>(&Key::from("taken-over")).await.unwrap().unwrap();
    resource.state = ResourceState::Retired { at: site.clock.now(), reason: "到期".to_owned(), cause: RetireCause::default() };
    let mut change = ChangeSet::new(site.clock.fresh_id());
    change.update(&old, &resource).unwrap();
    let head = site.store.commit(change).await.unwrap();
    site.ingest.sketch_changed(&["taken-over", "nothing"], head).await.unwrap();
    let found = checked("C-2").await;
    assert!(found.iter().all(|message| !message.contains("接收的读本")) && !found.is_empty(), "C-1 alone is there still: {found:?}");
}

fn admitted(id: &str) -> Resource {
    let value = serde_json::json!({ "title": "接收的读本", "kind": "document", "category": "community" });
    let at = crate::domain::time::Timestamp::from_millis(1_800_000_000_000);
    Resource {
        id: id.to_owned(),
        owner: OrgPath::parse("/hunan").unwrap(),
        institution: "省平台".to_owned(),
        revision: 1,
        metadata: serde_json::from_value(value).unwrap(),
        assets: Vec::new(),
        grants: std::collections::BTreeSet::new(),
        state: ResourceState::Published,
        provenance: Provenance::Admitted { vetted_by: "省教育厅".to_owned(), source: "旧平台".to_owned() },
        published: at,
        updated: at,
        added: None,
    }
}
