//! The edition for elders: kept by the device, large on every page, read aloud.

use super::Site;
use super::browser::sign_in;
use super::driver::Phone;
use super::search::{hold, work};
use super::tab::Tab;
use reqwest::Method;

/// What is too small on the page: text below 18 pt, and what is touched below 60 px. Links within a sentence are as high as its line.
const SMALL: &str = "
    const shown = (part) => part.getClientRects().length && !part.closest('.skip, .unseen, svg, thead, select');
    const name = (part) => `${part.outerHTML.slice(0, 100)} in ${part.parentElement.outerHTML.slice(0, 60)}`;
    const texts = [...document.querySelectorAll('body *')].filter((part) =>
        shown(part) && [...part.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()) && parseFloat(getComputedStyle(part).fontSize) < 24);
    const touched = [...document.querySelectorAll('button, .button, select, summary, nav a, .choice, textarea, input:not([type=hidden], [type=radio], [type=checkbox])')]
        .filter((part) => shown(part) && part.getBoundingClientRect().height < 59.5);
    return [...texts.map((part) => 'text: ' + name(part)), ...touched.map((part) => 'touched: ' + name(part))].join('\\n')";

#[tokio::test]
async fn large_text_is_kept_by_the_device_and_leads_back_to_the_page() {
    let site = Site::open().await;
    let visitor = Tab::visitor(&site.server);
    let form = "<input type=\"hidden\" name=\"next\" value=\"/search?q=%E5%BF%AB%E6%9D%BF\">";
    let page = visitor.page("/search?q=%E5%BF%AB%E6%9D%BF").await;
    assert!(page.contains(form) && page.contains("长辈版") && !page.contains("标准版") && !page.contains("class=\"large\""), "{page}");
    let chosen = visitor.post("/text-size", &[("text", "large"), ("next", "/search?q=%E5%BF%AB%E6%9D%BF")]).await;
    assert_eq!((chosen.status.as_u16(), chosen.header("location")), (303, "/search?q=%E5%BF%AB%E6%9D%BF"));
    assert_eq!(chosen.header("set-cookie"), "yuelu_text=large; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax");
    let large = async |path: &str| {
        let answer = site.server.visitor().send(Method::GET, path, &[("cookie", "yuelu_text=large")], Vec::new()).await;
        answer.to_string()
    };
    for path in ["/", "/search?q=%E5%BF%AB%E6%9D%BF", "/sign-in", "/public-notices"] {
        let page = large(path).await;
        assert!(page.contains("<html lang=\"zh-CN\" class=\"large\">") && page.contains("标准版") && !page.contains("长辈版"), "{page}");
    }
    let back = visitor.post("/text-size", &[("text", "usual"), ("next", "//evil.example")]).await;
    assert_eq!((back.status.as_u16(), back.header("location")), (303, "/desk"), "nobody is led elsewhere");
    assert!(back.header("set-cookie").starts_with("yuelu_text=large; Path=/; Max-Age=0;"), "{back}");
    assert_eq!(visitor.post_from("https://evil.example", "/text-size", &[("text", "large")]).await.status, 403);
    let plain = large("/").await;
    assert!(plain.contains("浏览全部资源") && !plain.contains("接口文档") && !plain.contains("评审台"), "for learners alone: {plain}");
    let problem = large("/resources/none").await;
    assert!(problem.contains("class=\"large\"") && !problem.contains("/text-size"), "{problem}");
    // The page that answers a form cannot be asked for again.
    let wrong = visitor.post("/sign-in", &[("name", "learner"), ("password", "wrong")]).await;
    assert!(wrong.status == 422 && !wrong.to_string().contains("/text-size"), "{wrong}");
}

#[tokio::test]
async fn every_page_that_elders_use_is_large_and_fits_a_phone() {
    let site = Site::open().await;
    let rows = [work("e1", "快板入门", "video", "430104", 12), work("e2", "快板书欣赏：从传统段子到新编故事", "document", "430104", 25)];
    hold(&site, &rows).await;
    let phone = Phone::start().await;
    let base = &site.server.base;
    phone.open(base).await;
    assert_ne!(phone.run(SMALL).await, "", "the usual edition is smaller");
    phone.tap("[name=text][value=large]").await;
    phone.sees("标准版").await;
    assert_eq!(phone.run("return location.pathname").await, "/");
    let fits = async |name: &str| {
        assert_eq!(phone.overflow().await, "", "{name}");
        assert_eq!(phone.run(SMALL).await, "", "{name}");
        phone.picture(&format!("e-{name}")).await;
    };
    fits("start").await;
    for (name, path) in [
        ("found", "/search?q=%E5%BF%AB%E6%9D%BF"),
        ("nothing", "/search?q=%E9%87%8F%E5%AD%90"),
        ("enter", "/search"),
        ("work", "/resources/e1"),
        ("complaint", "/complaints/new?resource=e1"),
        ("notices", "/public-notices"),
        ("sign-in", "/sign-in?next=/learn"),
    ] {
        phone.open(&format!("{base}{path}")).await;
        phone.sees("标准版").await;
        fits(name).await;
    }
    sign_in(&phone, &site, "learner", "/resources/e2").await;
    phone.sees("我学完了").await;
    fits("work-signed-in").await;
    phone.tap("form:has([value=completed]) button").await;
    phone.sees("已记为学完").await;
    phone.open(&format!("{base}/learn")).await;
    phone.sees("已学完").await;
    fits("learn").await;
    phone.tap("[name=text][value=usual]").await;
    phone.sees("长辈版").await;
    phone.close().await;
}

#[tokio::test]
async fn a_page_is_read_aloud_where_there_is_a_chinese_voice() {
    let site = Site::open().await;
    let phone = Phone::start().await;
    phone.open(&site.server.base).await;
    phone.tap("[name=text][value=large]").await;
    phone.sees("标准版").await;
    let offered = "return document.getElementById('aloud').getClientRects().length > 0";
    assert_eq!(phone.run(offered).await, false, "no voice, no button");
    // A device with voices; what is said is kept.
    let voices = "const real = speechSynthesis;
        window.said = [];
        const fake = { speaking: false, getVoices: () => [{ lang: 'en-US' }, { lang: 'zh-HK' }, { lang: 'cmn-Hans-CN' }], cancel() { this.speaking = false; },
            speak(part) { this.speaking = true; said.push(part); } };
        Object.defineProperty(window, 'speechSynthesis', { value: fake, configurable: true });
        window.SpeechSynthesisUtterance = function (text) { this.text = text; };
        real.onvoiceschanged();";
    phone.run(voices).await;
    assert_eq!(phone.run(offered).await, true);
    phone.tap("#aloud").await;
    phone.sees("停止朗读").await;
    let said = phone.run("return said.map((part) => part.text).join('|')").await;
    assert!(said.as_str().is_some_and(|said| said.starts_with("找学习资源|") && said.contains("浏览全部资源")), "{said}");
    assert_eq!(phone.run("return said.every((part) => part.voice.lang === 'cmn-Hans-CN' && part.lang === 'zh-CN')").await, true);
    phone.tap("#aloud").await;
    phone.sees("朗读本页").await;
    assert_eq!(phone.run("return speechSynthesis.speaking").await, false);
    phone.tap("#aloud").await;
    phone.run("said[said.length - 1].onend()").await;
    phone.sees("朗读本页").await;
    phone.close().await;
}
