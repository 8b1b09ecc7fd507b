//! One search in a real browser of a phone's size: suggestions by keyboard, filters, a hit; and nothing is wider than the screen,
//! also where text is twice as large.

use super::Site;
use super::driver::Phone;
use super::search::{hold, work};
use serde_json::json;

const DOWN: &str = "\u{E015}";
const ESCAPE: &str = "\u{E00C}";
const ENTER: &str = "\u{E007}";

/// What the page is like when the reader's text is twice as large.
async fn fits(phone: &Phone, name: &str) {
    assert_eq!(phone.overflow().await, "", "{name}");
    phone.picture(name).await;
    phone.run("document.documentElement.style.fontSize = '200%'").await;
    assert_eq!(phone.overflow().await, "", "{name} in large text");
    phone.picture(&format!("{name}-large")).await;
    phone.run("document.documentElement.style.fontSize = ''").await;
}

async fn of_box(phone: &Phone, attribute: &str) -> String {
    let script = format!("return document.getElementById('q').getAttribute('{attribute}') || ''");
    phone.run(&script).await.as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn somebody_types_takes_a_suggestion_by_keyboard_narrows_and_opens_a_hit() {
    let site = Site::open().await;
    let rows = [
        work("s1", "毛古斯舞：稻草里的远古记忆", "video", "433127", 12),
        work("s2", "毛古斯舞动作分解", "document", "433127", 25),
        work("s3", "太极拳入门", "video", "430104", 40),
    ];
    hold(&site, &rows).await;
    let phone = Phone::start().await;
    phone.open(&site.server.base).await;
    fits(&phone, "s1-start").await;
    phone.write("#q", "maogusi").await;
    phone.sees("条建议").await;
    assert_eq!((of_box(&phone, "aria-expanded").await, of_box(&phone, "aria-activedescendant").await), ("true".into(), String::new()));
    fits(&phone, "s2-suggestions").await;
    phone.write("#q", DOWN).await;
    assert_eq!(of_box(&phone, "aria-activedescendant").await, "suggestion-0");
    phone.write("#q", ESCAPE).await;
    assert_eq!((of_box(&phone, "aria-expanded").await, of_box(&phone, "aria-activedescendant").await), ("false".into(), String::new()));
    assert_eq!(phone.run("return document.getElementById('q').value").await, "maogusi", "the first Escape keeps what was typed");
    phone.write("#q", DOWN).await;
    let chosen = phone.run("return document.querySelector('[aria-selected=true]').dataset.text").await;
    assert!(chosen.as_str().unwrap().contains("毛古斯"), "{chosen}");
    phone.write("#q", ENTER).await;
    phone.sees("找到").await;
    assert_eq!(phone.run("return document.getElementById('q').value").await, chosen);

    phone.open(&format!("{}/search?q=%E6%AF%9B%E5%8F%A4%E6%96%AF", site.server.base)).await;
    phone.sees("找到 2 个资源").await;
    fits(&phone, "s3-found").await;
    phone.tap(".narrow-down > summary").await;
    phone.tap(".narrow-down details:has([name=kind]) > summary").await;
    phone.tap(".choice:has([name=kind][value=document])").await;
    fits(&phone, "s4-filters").await;
    phone.tap(".narrow-down form button").await;
    phone.sees("找到 1 个资源").await;
    phone.sees("类型：文档").await;
    fits(&phone, "s5-narrowed").await;
    phone.tap(".hits h2 a").await;
    phone.sees("毛古斯舞动作分解").await;
    phone.sees("投诉此资源").await;
    fits(&phone, "s6-work").await;
    phone.open(&format!("{}/search?q=%E9%87%8F%E5%AD%90+%E8%92%B8%E6%B1%BD%E6%9C%BA", site.server.base)).await;
    phone.sees("可以试试").await;
    fits(&phone, "s7-nothing").await;
    phone.close().await;
}

/// An input method brings letters before it brings characters: these are asked for by nobody.
#[tokio::test]
async fn nothing_is_asked_while_an_input_method_composes() {
    let site = Site::open().await;
    hold(&site, &[work("c1", "毛古斯舞", "video", "433127", 12)]).await;
    let phone = Phone::start().await;
    phone.open(&format!("{}/search", site.server.base)).await;
    phone.sees("检索资源").await;
    // What is put off is done at once, and what is asked is written down.
    let watch = "window.asked = []; window.setTimeout = (todo) => { todo(); return 0; };
        const ask = window.fetch; window.fetch = (address, ...more) => { window.asked.push(decodeURIComponent(address)); return ask(address, ...more); };";
    phone.run(watch).await;
    let compose = "const box = document.getElementById('q'); box.dispatchEvent(new CompositionEvent('compositionstart'));
        for (const text of ['m', 'mao', '毛古']) {
          box.value = text; box.dispatchEvent(new InputEvent('input', { bubbles: true, isComposing: true, inputType: 'insertCompositionText' }));
        } return window.asked.length;";
    assert_eq!(phone.run(compose).await, 0);
    phone.run("document.getElementById('q').dispatchEvent(new CompositionEvent('compositionend', { data: '毛古' }))").await;
    phone.sees("条建议").await;
    assert_eq!(phone.run("return window.asked").await, json!(["/api/v1/suggest?limit=8&q=毛古"]));
    phone.close().await;
}
