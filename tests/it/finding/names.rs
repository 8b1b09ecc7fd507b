//! Names of heritage items and of divisions: first by the name, by its pinyin, by a part; among ten by initials.

use super::stock::{Name, holding_names, names, search, titles};
use crate::support::TestApp;

struct Tally {
    app: TestApp,
    missed: Vec<String>,
}

impl Tally {
    /// Requires that the name is among the first `within` of what a query finds.
    async fn among(&mut self, query: &str, name: &str, within: usize) {
        let found = titles(&search(&self.app, query).await);
        if !found.iter().take(within).any(|title| title == name) {
            self.missed.push(format!("{query} → {name}: {found:?}"));
        }
    }
}

/// How many names hold a part: none of them can come before all the others.
fn holders(all: &[Name], part: &str) -> usize {
    all.iter().filter(|name| name.name.contains(part)).count()
}

#[tokio::test]
async fn every_name_is_found_by_each_way_of_typing_it() {
    let (app, _) = holding_names().await;
    let all = names();
    assert_eq!(all.len(), 155 + 136);
    let mut tally = Tally { app, missed: Vec::new() };
    for Name { name, syllables, part } in &all {
        tally.among(name, name, 1).await;
        let same_sound = all.iter().filter(|other| other.syllables == *syllables).count();
        tally.among(&syllables.concat(), name, same_sound).await;
        let initials: String = syllables.iter().filter_map(|syllable| syllable.chars().next()).collect();
        tally.among(&initials, name, 10).await;
        if let Some(part) = part {
            tally.among(part, name, holders(&all, part)).await;
        }
    }
    assert!(tally.missed.is_empty(), "{} missed:\n{}", tally.missed.len(), tally.missed.join("\n"));
    tally.app.close().await;
}

#[tokio::test]
async fn names_are_found_in_other_ways_of_writing() {
    let (app, _) = holding_names().await;
    let mut tally = Tally { app, missed: Vec::new() };
    for (query, name) in [
        ("jiangyongnvshu", "江永女书"),
        ("jiangyongnushu", "江永女书"),
        ("jiangyongnüshu", "江永女书"),
        ("nv shu xi su", "女书习俗"),
        ("maogusi", "毛古斯"),
        ("tu jia zu bai shou wu", "土家族摆手舞"),
        ("changde sixian", "常德丝弦"),
        ("土家zuzhijin", "土家族织锦技艺"),
        ("土家族zhijin", "土家族织锦技艺"),
        ("靖州geteng", "靖州苗族歌鼟"),
        ("長沙彈詞", "长沙弹词"),
        ("汨羅市", "汨罗市"),
        ("澧縣", "澧县"),
        ("張家界陽戲", "张家界阳戏"),
        ("苗族椎牛祭", "苗族椎牛祭"),
        ("ＸＵＰＵＸＩＡＮ", "溆浦县"),
        ("Hui'tong", "会同县"),
    ] {
        tally.among(query, name, 1).await;
    }
    assert!(tally.missed.is_empty(), "{}", tally.missed.join("\n"));
    tally.app.close().await;
}

#[tokio::test]
async fn what_sounds_the_same_is_no_hit() {
    let (app, _) = holding_names().await;
    // 毛姑丝 is written in characters: it is not looked for by its sound.
    let found = search(&app, "毛姑丝").await;
    assert_eq!(found["total"]["value"], 0, "{found}");
    let found = search(&app, "图家zhijin").await;
    assert!(titles(&found).is_empty(), "{found}");
    let heard = search(&app, "maogusi").await;
    assert_eq!(
        (&heard["hits"][0]["matched"][0], &heard["hits"][0]["snippets"][0]["html"]),
        (&"title".into(), &"<mark>毛古斯</mark>".into())
    );
    app.close().await;
}
