//! The service over a real index in a temporary folder and the memory store.

use super::*;
use crate::discover::indexer::Indexer;
use crate::discover::request::SearchQuery;
use crate::domain::access::{Actor, OrgPath, Visibility, grants};
use crate::domain::change::{ChangeSet, Position, Topic};
use crate::domain::codes::Kind;
use crate::domain::inspection::{ExtractedText, FileFacts, Locator, TextPart, VideoFacts};
use crate::domain::metadata::{Creator, Culture, FileRole, Lesson, Metadata};
use crate::domain::record::{Key, Record};
use crate::domain::resource::{Asset, Body, Provenance, Resource, ResourceState};
use crate::domain::text::LangMap;
use crate::domain::time::Timestamp;
use crate::search::analysis::lexicon::Lexicon;
use crate::search::index::WriteOptions;
use crate::search::query::origin::Origin;
use crate::store::Told;
use std::collections::BTreeSet;
use std::sync::LazyLock;

static LEXICON: LazyLock<Arc<Lexicon>> = LazyLock::new(|| Arc::new(Lexicon::load(None).unwrap()));

pub(super) struct House {
    discover: Discover,
    indexer: Indexer,
    store: Store,
    blobs: Blobs,
    covered: Position,
    dir: tempfile::TempDir,
}

fn metadata(title: &str, keywords: &[&str]) -> Metadata {
    let json =
        serde_json::json!({"title": title, "kind": "document", "category": "community", "keywords": keywords, "language": ["zh-CN"]});
    serde_json::from_value(json).unwrap()
}

pub(super) fn resource(id: &str, title: &str) -> Resource {
    let owner = OrgPath::parse("/hunan/changsha").unwrap();
    Resource {
        id: id.to_owned(),
        institution: "岳麓示范社区学院".to_owned(),
        revision: 1,
        metadata: metadata(title, &[]),
        assets: Vec::new(),
        grants: grants(&owner, &Visibility::Public),
        owner,
        state: ResourceState::Published,
        provenance: Provenance::Admitted { vetted_by: "测试".to_owned(), source: "测试".to_owned() },
        published: Timestamp::from_millis(1_700_000_000_000),
        updated: Timestamp::from_millis(1_700_000_000_000),
        added: None,
    }
}

impl House {
    pub(super) async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (store, blobs) = (Store::memory(), Blobs::open(dir.path()).unwrap());
        let options = WriteOptions { threads: 2, memory_per_thread: 20_000_000 };
        let index = SearchIndex::open(&dir.path().join("index"), Arc::clone(&LEXICON), options).unwrap();
        let codes = Arc::new(crate::search::codes::load(None).unwrap());
        let discover = Discover::new(index, store.clone(), blobs.clone(), codes, crate::clock::Clock::system());
        let mut indexer = discover.indexer();
        assert_eq!(indexer.position().unwrap(), None);
        let covered = indexer.rebuild(&|_, _| {}).await.unwrap();
        Self { discover, indexer, store, blobs, covered, dir }
    }

    pub(super) async fn write(&self, resource: &Resource, body: Option<&str>) -> Position {
        let mut change = ChangeSet::new(uuid::Uuid::now_v7().to_string());
        let old = self.store.get::<Resource>(&resource.key()).await.unwrap();
        change.upsert(old.as_ref(), resource).unwrap().tell(Topic::Resource, &resource.id);
        if let Some(text) = body {
            change.insert(&Body { resource: resource.id.clone(), text: text.to_owned() }).unwrap();
        }
        self.store.commit(change).await.unwrap()
    }

    pub(super) async fn follow(&mut self) {
        let told: Vec<Told> = self.store.facts_after(self.covered, 1_000).await.unwrap();
        if let Some(last) = told.last().map(|last| last.position) {
            self.indexer.apply(&told, last).await.unwrap();
            self.covered = last;
        }
    }

    pub(super) async fn search(&self, query: SearchQuery) -> answer::Results {
        self.discover.search(&Actor::visitor(), &query, None).await.unwrap()
    }

    async fn ids(&self, q: &str) -> Vec<String> {
        self.search(of(q)).await.hits.into_iter().map(|hit| hit.id).collect()
    }
}

pub(super) fn of(q: &str) -> SearchQuery {
    SearchQuery { q: q.to_owned(), ..SearchQuery::default() }
}

async fn small_collection() -> House {
    let mut house = House::open().await;
    let mut brocade = resource("brocade", "土家族织锦“西兰卡普”入门");
    brocade.metadata.keywords = vec!["西兰卡普".to_owned(), "织锦".to_owned()];
    brocade.metadata.region = vec!["433130".to_owned()];
    brocade.metadata.creators = vec![Creator { name: "叶水云".to_owned(), role: "presenter".to_owned(), organisation: None }];
    brocade.metadata.culture =
        Some(Culture { ethnic_groups: vec!["15".to_owned()], heritage_class: "craft".to_owned(), ..Culture::default() });
    brocade.metadata.kind = Kind::Video;
    house.write(&brocade, Some("西兰卡普是土家族妇女用木腰机织成的花铺盖。")).await;
    let mut dance = resource("dance", "湘西土家族毛古斯舞");
    dance.metadata.region = vec!["433127".to_owned()];
    dance.metadata.culture =
        Some(Culture { ethnic_groups: vec!["15".to_owned()], heritage_class: "dance".to_owned(), ..Culture::default() });
    house.write(&dance, Some("毛古斯是戏剧的活化石。")).await;
    let mut phone = resource("phone", "智能手机使用入门：预防电信诈骗");
    phone.metadata.category = "elderly".to_owned();
    phone.metadata.subjects = vec!["anti-fraud".to_owned()];
    phone.metadata.region = vec!["430104".to_owned()];
    house.write(&phone, Some("老年人如何用手机挂号，如何识别诈骗电话。")).await;
    let mut script = resource("script", "江永女书：\u{1b170}\u{1b171}\u{1b172}");
    script.metadata.title =
        LangMap([("zh-CN".to_owned(), "江永女书识字".to_owned()), ("zh-Nshu".to_owned(), "\u{1b170}\u{1b171}\u{1b172}".to_owned())].into());
    script.metadata.creators = vec![Creator { name: "买买提·吐尔逊".to_owned(), ..Creator::default() }];
    house.write(&script, Some("作者住在𬭼村，写C语言教程与1+X证书辅导。喝茶。")).await;
    house.follow().await;
    house
}

#[tokio::test]
async fn names_parts_of_names_and_rare_characters_are_found() {
    let house = small_collection().await;
    for (q, id) in [
        ("西兰卡普", "brocade"),
        ("西蘭卡普", "brocade"),
        ("毛古斯", "dance"),
        ("毛古斯舞", "dance"),
        ("叶水云", "brocade"),
        ("手机怎么防诈骗", "phone"),
        ("\u{1b171}\u{1b172}", "script"),
        ("买买提吐尔逊", "script"),
        ("买买提•吐尔逊", "script"),
        ("𬭼", "script"),
        ("𬭼村", "script"),
        ("c语言", "script"),
        ("1+x", "script"),
        ("茶", "script"),
        ("土家织锦", "brocade"),
        ("舍巴 西兰卡普", "brocade"),
    ] {
        assert_eq!(house.ids(q).await.first().map(String::as_str), Some(id), "{q}");
    }
    assert!(house.ids("毫不相干").await.is_empty());
}

#[tokio::test]
async fn hits_say_what_matched_and_where() {
    let house = small_collection().await;
    let results = house.search(of("西兰卡普")).await;
    let hit = &results.hits[0];
    assert_eq!(hit.matched, ["title", "keywords", "body"]);
    assert_eq!(hit.snippets[0].html, "<mark>土家族织锦</mark>“<mark>西兰卡普</mark>”入门");
    assert_eq!(hit.snippets[2].html, "<mark>西兰卡普</mark>是土家族妇女用木腰机织成的花铺盖。");
    assert_eq!((results.total.value, results.total.relation), (1, "eq"));
    let json = serde_json::to_value(&results).unwrap();
    assert_eq!(json["hits"][0]["snippets"][2]["locator"], serde_json::Value::Null);
    assert_eq!(json["next"], serde_json::Value::Null);
}

#[tokio::test]
async fn a_hit_inside_a_document_names_file_and_page() {
    let mut house = House::open().await;
    let page = |page: u32, text: &str| TextPart { locator: Locator::Page { page }, text: text.to_owned() };
    for (id, filler) in [("short", 1), ("long", 20_000)] {
        let parts = vec![page(1, &"无关的文字。".repeat(filler)), page(2, "第二页讲<踏虎>凿花的刻法。")];
        let digest = house.blobs.put_bytes(ExtractedText { parts }.pack().into()).await.unwrap();
        let mut book = resource(id, "一本书");
        book.assets.push(Asset {
            path: "docs/书.pdf".to_owned(),
            role: FileRole::Master,
            media_type: "application/pdf".to_owned(),
            facts: FileFacts::default(),
            text: Some(digest.to_string()),
            thumbnail: None,
        });
        house.write(&book, None).await;
    }
    house.follow().await;
    let results = house.search(of("踏虎凿花")).await;
    assert_eq!(results.hits.len(), 2);
    for hit in &results.hits {
        let snippet = serde_json::to_value(&hit.snippets[0]).unwrap();
        let html = "第二页讲&lt;<mark>踏虎</mark>&gt;<mark>凿花</mark>的刻法。";
        let locator = serde_json::json!({"file": "docs/书.pdf", "at": "page", "page": 2});
        assert_eq!(snippet, serde_json::json!({"field": "body", "html": html, "locator": locator}));
    }
}

#[tokio::test]
async fn a_hit_in_subtitles_names_the_recording_and_one_in_a_lesson_its_file() {
    let mut house = House::open().await;
    let cue = TextPart { locator: Locator::Second { start_ms: 61_000 }, text: "先把手机调到静音".to_owned() };
    let digest = house.blobs.put_bytes(ExtractedText { parts: vec![cue] }.pack().into()).await.unwrap();
    let mut course = resource("course", "一门课");
    let lesson =
        |title: &str, files: &[&str]| Lesson { title: title.to_owned(), files: files.iter().map(|file| (*file).to_owned()).collect() };
    course.metadata.lessons = vec![lesson("开课的话", &[]), lesson("认识屏幕", &["video/01.mp4", "subtitle/01.srt"])];
    let video = FileFacts { video: Some(VideoFacts::default()), ..FileFacts::default() };
    for (path, role, facts, text) in [
        ("video/01.mp4", FileRole::Master, video, None),
        ("subtitle/01.srt", FileRole::Subtitle, FileFacts::default(), Some(digest.to_string())),
    ] {
        course.assets.push(Asset { path: path.to_owned(), role, media_type: String::new(), facts, text, thumbnail: None });
    }
    house.write(&course, None).await;
    house.follow().await;
    for (q, locator) in [
        ("静音", serde_json::json!({"file": "video/01.mp4", "at": "second", "start_ms": 61_000})),
        ("认识屏幕", serde_json::json!({"file": "video/01.mp4", "at": "whole"})),
        ("开课", serde_json::Value::Null),
    ] {
        let found = serde_json::to_value(house.search(of(q)).await).unwrap();
        assert_eq!(found["hits"][0]["snippets"][0]["locator"], locator, "{q}: {found}");
    }
}

#[tokio::test]
async fn the_whole_title_stands_first_and_labels_of_codes_match() {
    let mut house = House::open().await;
    for (id, title) in [("often", "剪纸入门，剪纸入门，剪纸入门"), ("exact", "剪纸入门"), ("longer", "剪纸入门第二册")]
    {
        house.write(&resource(id, title), None).await;
    }
    let mut other = resource("other", "王大娘的一天");
    other.metadata.subjects = vec!["anti-fraud".to_owned()];
    let mut alike = resource("alike", "小陈记账");
    alike.metadata.subjects = vec!["anti-fraud".to_owned()];
    house.write(&other, None).await;
    house.write(&alike, None).await;
    house.follow().await;
    assert_eq!(house.ids("剪纸入门").await.first().map(String::as_str), Some("exact"));
    assert!(house.search(of("诈骗")).await.hits.iter().all(|hit| hit.matched == ["subject"]));
    let like = house.discover.like("other", &Actor::visitor().viewer_tokens(), 1).unwrap();
    assert_eq!(like.first().map(|(id, _)| id.as_str()), Some("alike"));
}

#[tokio::test]
async fn facets_count_under_the_filters_of_others() {
    let house = small_collection().await;
    let query = SearchQuery {
        q: "土家族".to_owned(),
        heritage_class: Some("craft".to_owned()),
        facets: Some("heritage_class,region,kind".to_owned()),
        ..SearchQuery::default()
    };
    let results = house.search(query).await;
    assert_eq!(results.total.value, 1);
    let counts = |name: &str| -> Vec<(String, u64)> { results.facets[name].iter().map(|one| (one.value.clone(), one.count)).collect() };
    assert_eq!(counts("heritage_class"), [("craft".to_owned(), 1), ("dance".to_owned(), 1)]);
    assert_eq!(counts("kind"), [("video".to_owned(), 1)]);
    assert!(counts("region").contains(&("433100".to_owned(), 1)));
    assert_eq!(results.facets["kind"][0].label, "视频");
}

#[tokio::test]
async fn a_county_counts_for_its_city() {
    let house = small_collection().await;
    let query = SearchQuery { region: Some("湘西州".to_owned()), ..SearchQuery::default() };
    assert_eq!(house.search(query).await.total.value, 2);
    let query = SearchQuery { region: Some("长沙".to_owned()), ..SearchQuery::default() };
    assert_eq!(house.search(query).await.hits[0].id, "phone");
}

#[tokio::test]
async fn phrases_exclusions_and_fields() {
    let house = small_collection().await;
    assert_eq!(house.ids("\"土家族妇女\"").await, ["brocade"]);
    assert!(house.ids("\"妇女土家族\"").await.is_empty());
    assert_eq!(house.ids("土家族 -西兰卡普").await, ["dance"]);
    assert_eq!(house.ids("title:毛古斯").await, ["dance"]);
    assert_eq!(house.ids("作者:叶水云").await, ["brocade"]);
    assert_eq!(house.ids("kind:video").await, ["brocade"]);
    assert_eq!(house.ids("-土家族").await.len(), 2);
}

#[tokio::test]
async fn what_may_not_be_seen_leaves_no_trace() {
    let mut house = small_collection().await;
    let mut secret = resource("secret", "还盘王愿仪式记录");
    secret.metadata.keywords = vec!["还盘王愿".to_owned()];
    secret.grants = grants(&secret.owner, &Visibility::Protocol { any: ["yao-elders".to_owned()].into(), all: BTreeSet::new() });
    house.write(&secret, Some("土家族与瑶族的往来")).await;
    house.follow().await;
    let elder = Actor { account: Some("a".to_owned()), groups: ["yao-elders".to_owned()].into(), ..Actor::default() };
    for (actor, count, suggested) in [(Actor::visitor(), 4, 0), (elder, 5, 1)] {
        let all = house.discover.search(&actor, &SearchQuery { facets: Some("kind".to_owned()), ..of("") }, None).await.unwrap();
        assert_eq!(all.total.value, count);
        assert_eq!(all.facets["kind"].iter().map(|one| one.count).sum::<u64>(), count);
        let found = house.discover.search(&actor, &of("还盘王愿"), None).await.unwrap();
        assert_eq!(found.total.value, suggested);
        assert_eq!(house.discover.suggest(&actor, "还盘", 10).unwrap().suggestions.len() as u64, suggested * 2);
        assert_eq!(house.discover.suggest(&actor, "hpwy", 10).unwrap().suggestions.len() as u64, suggested * 2);
        let like = house.discover.like("brocade", &actor.viewer_tokens(), 10).unwrap();
        assert_eq!(like.iter().filter(|(id, _)| id == "secret").count() as u64, suggested);
    }
}

#[tokio::test]
async fn suggestions_come_by_characters_pinyin_and_initials() {
    let house = small_collection().await;
    for (typed, first) in [
        ("西兰", "西兰卡普"),
        ("xilan", "西兰卡普"),
        ("xlkp", "西兰卡普"),
        ("ysy", "叶水云"),
        ("jiangyongnv", "江永女书识字"),
        ("jiangyongnü", "江永女书识字"),
        ("jiangyongnu", "江永女书识字"),
        ("毛古", "湘西土家族毛古斯舞"),
        ("\u{1b170}", "\u{1b170}\u{1b171}\u{1b172}"),
    ] {
        let found = house.discover.suggest(&Actor::visitor(), typed, 10).unwrap().suggestions;
        assert_eq!(found.first().map(|one| one.text.as_str()), Some(first), "{typed}");
    }
    assert!(house.discover.suggest(&Actor::visitor(), "。", 10).unwrap().suggestions.is_empty());
}

#[tokio::test]
async fn pages_show_every_hit_once() {
    let mut house = House::open().await;
    for number in 0..260 {
        let mut one = resource(&format!("r{number}"), &format!("社区教育课程{}", number % 7));
        one.published = Timestamp::from_millis(1_700_000_000_000 + number % 13);
        house.write(&one, Some(&"社区".repeat(number as usize % 5 + 1))).await;
    }
    house.follow().await;
    for (sort, limit) in [("relevance", 30), ("relevance", 100), ("newest", 30), ("title", 100)] {
        let mut seen = BTreeSet::new();
        let mut cursor = None;
        let mut pages = 0;
        loop {
            let query = SearchQuery { limit: Some(limit), cursor, sort: Some(sort.to_owned()), ..of("社区教育") };
            let page = house.search(query).await;
            assert_eq!(page.total.value, 260);
            for hit in &page.hits {
                assert!(seen.insert(hit.id.clone()), "{} twice by {sort}", hit.id);
            }
            pages += 1;
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!((seen.len(), pages), (260, 260_usize.div_ceil(limit as usize)), "{sort}");
    }
}

#[tokio::test]
async fn index_follows_the_store_and_says_so() {
    let mut house = small_collection().await;
    assert!(house.discover.verify().await.unwrap().is_clean());
    let mut phone = house.store.get::<Resource>(&Key::from("phone")).await.unwrap().unwrap().value;
    phone.metadata.title = LangMap::zh("改了名字的课程");
    house.write(&phone, None).await;
    let mut dance = house.store.get::<Resource>(&Key::from("dance")).await.unwrap().unwrap().value;
    dance.state = ResourceState::Suspended { reason: "投诉".to_owned(), holds: BTreeSet::new() };
    house.write(&dance, None).await;
    let report = house.discover.verify().await.unwrap();
    assert_eq!((report.stale, report.extra), (vec!["phone".to_owned()], vec!["dance".to_owned()]));
    house.follow().await;
    assert!(house.discover.verify().await.unwrap().is_clean());
    assert_eq!(house.ids("改了名字").await, ["phone"]);
    assert!(house.ids("毛古斯").await.is_empty());
    dance.state = ResourceState::Published;
    let position = house.write(&dance, None).await;
    house.follow().await;
    house.discover.index().wait_for(position).await;
    assert_eq!(house.ids("毛古斯").await, ["dance"]);
}

#[tokio::test]
async fn a_better_mark_comes_first_among_equals() {
    let mut house = House::open().await;
    for (id, score) in [("low", Some(6_100)), ("none", None), ("high", Some(9_500))] {
        let mut one = resource(id, "茶艺基础");
        one.provenance = Provenance::Vetted { submission: "s".to_owned(), rule_set: "r".to_owned(), score, reviewers: 3 };
        house.write(&one, None).await;
    }
    house.follow().await;
    assert_eq!(house.ids("茶艺基础").await, ["high", "low", "none"]);
    let found = house.search(SearchQuery { explain: true, ..of("茶艺基础") }).await;
    let mark = found.hits[0].why.iter().flatten().find(|part| part.origin == Origin::Quality).unwrap();
    assert_eq!((mark.text.as_str(), mark.field), ("95.00", "resource"));
}

#[tokio::test]
async fn a_rebuild_and_a_restart_find_the_same() {
    let mut house = small_collection().await;
    let before = house.ids("土家族").await;
    house.covered = house.indexer.rebuild(&|_, _| {}).await.unwrap();
    assert_eq!(house.ids("土家族").await, before);
    assert!(house.discover.verify().await.unwrap().is_clean());
    let House { discover, indexer, store, blobs, covered, dir } = house;
    drop((discover, indexer));
    let index = SearchIndex::open(&dir.path().join("index"), Arc::clone(&LEXICON), WriteOptions::default()).unwrap();
    let discover = Discover::new(index, store, blobs, Arc::default(), crate::clock::Clock::system());
    assert!(discover.search(&Actor::visitor(), &of(""), None).await.is_err(), "nothing is served before it is known to be right");
    assert_eq!(discover.indexer().position().unwrap(), Some(covered));
    let found = discover.search(&Actor::visitor(), &of("土家族"), None).await.unwrap();
    assert_eq!(found.hits.iter().map(|hit| hit.id.clone()).collect::<Vec<_>>(), before);
    assert_eq!(std::fs::read_dir(dir.path().join("index")).unwrap().count(), 2, "one generation and its name");
}

#[tokio::test]
async fn an_index_of_another_dictionary_serves_until_the_next_is_there() {
    let house = small_collection().await;
    let before = house.ids("土家族").await;
    let House { discover, indexer, store, blobs, covered, dir } = house;
    drop((discover, indexer));
    let taught = Arc::new(LEXICON.taught(&["腰机织成".to_owned()]).unwrap().unwrap());
    let index = SearchIndex::open(&dir.path().join("index"), taught, WriteOptions::default()).unwrap();
    let discover = Discover::new(index, store.clone(), blobs.clone(), Arc::default(), crate::clock::Clock::system());
    let mut indexer = discover.indexer();
    assert_eq!(indexer.position().unwrap(), None, "it is to be built anew");
    let mut house = House { discover, indexer, store, blobs, covered, dir };
    assert_eq!(house.ids("土家族").await, before);
    house.write(&resource("late", "土家族摆手舞"), None).await;
    house.follow().await;
    assert_eq!(house.ids("摆手舞").await, ["late"], "it is kept up");
    assert_eq!(house.discover.indexer().position().unwrap(), None, "and does not pass for one of the new dictionary");
}

#[tokio::test]
async fn what_happens_while_the_next_index_is_built_is_told_and_found_in_both() {
    let mut house = small_collection().await;
    let position = house.write(&resource("late", "土家族摆手舞"), None).await;
    // One that has not just committed.
    house.indexer = house.discover.indexer();
    assert!(house.indexer.position().unwrap().is_some());
    let heard = std::sync::Mutex::new(Vec::new());
    let discover = house.discover.clone();
    let told = |at, _| heard.lock().unwrap().push((at, discover.index().applied().position));
    house.covered = house.indexer.rebuild(&told).await.unwrap();
    assert_eq!(heard.into_inner().unwrap(), [(position, position)], "the present index took it in before the next was there");
    assert_eq!(house.covered, position);
    assert_eq!(house.ids("摆手舞").await, ["late"]);
}

#[tokio::test]
async fn hostile_queries_are_answered() {
    let house = small_collection().await;
    let long: String = ('\u{4e00}'..'\u{9000}').collect();
    for q in ["\"", "-", "\"\" -\"\"", "title:", ":::", "\u{0}\u{1}", "(((", "AND OR NOT", "*", "%", long.as_str(), &"\" -a:".repeat(3_000)]
    {
        house.search(of(q)).await;
    }
}

#[tokio::test]
async fn the_few_works_of_a_quiet_day_make_one_segment() {
    let mut house = House::open().await;
    for number in 0..60 {
        house.write(&resource(&format!("work-{number}"), &format!("第{number}册读本")), None).await;
    }
    house.follow().await;
    let view = house.discover.index.generation().view();
    assert_eq!((view.searcher().segment_readers().len(), view.searcher().num_docs()), (1, 60));
}

#[tokio::test]
async fn a_word_that_only_hidden_works_hold_changes_no_total() {
    let mut house = House::open().await;
    for number in 0..40 {
        house.write(&resource(&format!("work-{number}"), &format!("社区读本{number}")), None).await;
    }
    house.follow().await;
    let found = house.search(of("社区 龘靐齉")).await;
    assert_eq!(found.total.value, 40);
    let mut secret = resource("secret", "龘靐齉");
    secret.grants = grants(&secret.owner, &Visibility::Protocol { any: ["yao-elders".to_owned()].into(), all: BTreeSet::new() });
    house.write(&secret, None).await;
    house.follow().await;
    let still = house.search(of("社区 龘靐齉")).await;
    assert_eq!((still.total.value, still.next.map(|next| next.len())), (40, found.next.map(|next| next.len())));
}
