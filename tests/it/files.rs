//! Files, covers and thumbnails as a browser, a player and a cache ask for them.

use crate::program::{Answer, Api, Server, Vetters, packages};
use reqwest::Method;

/// A page that would run its script in the portal's name, were it let.
const PAGE: &str = "<!DOCTYPE html><html lang=\"zh\"><head><title>教案</title></head><body><h1>智能手机使用教案</h1><p>第一节认识手机；\
    第二节练习；第三节常见问题。</p><script>fetch('/api/v1/me')</script></body></html>";

struct Work {
    server: Server,
    vetters: Vetters,
    id: String,
    text: Vec<u8>,
    _dir: tempfile::TempDir,
}

impl Work {
    /// Publishes a work of several files; `access`: its `[access]` table.
    async fn published(access: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let server = Server::start(dir.path());
        let vetters = Vetters::register(&server, "岳麓示范社区学院");
        let mut files = packages::document("FILES-1", "智能手机入门", "智能手机");
        let text = files[1].1.clone();
        let manifest = String::from_utf8(files[0].1.clone()).unwrap();
        let more = format!(
            "{access}\n[[files]]\npath = \"cover.png\"\nrole = \"cover\"\n\n[[files]]\npath = \"附件/教案·一.html\"\nrole = \"attachment\"\n\n\
             [[files]]\npath = \"rights/授权.txt\"\nrole = \"evidence\"\n\n[[files]]\n"
        );
        files[0].1 = manifest.replacen("[[files]]\n", &more, 1).into_bytes();
        files.push(("cover.png".to_owned(), packages::picture(1_280, 720)));
        files.push(("附件/教案·一.html".to_owned(), PAGE.as_bytes().to_vec()));
        files.push(("rights/授权.txt".to_owned(), "同意以 CC BY 4.0 共享。".as_bytes().to_vec()));
        let package = packages::zipped(&files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Vec<_>>());
        let id = vetters.publish(package).await;
        Self { server, vetters, id, text, _dir: dir }
    }

    fn path(&self, rest: &str) -> String {
        format!("/api/v1/resources/{}{rest}", self.id)
    }

    async fn ask(&self, api: &Api, method: Method, rest: &str, headers: &[(&str, &str)]) -> Answer {
        api.send(method, &self.path(rest), headers, Vec::new()).await
    }

    /// The text, as a visitor gets it with these headers.
    async fn text_with(&self, headers: &[(&str, &str)]) -> Answer {
        self.ask(&self.server.visitor(), Method::GET, "/files/text.txt", headers).await
    }
}

#[tokio::test]
async fn parts_of_a_file_are_given_as_the_norm_says() {
    let work = Work::published("").await;
    let whole = work.text_with(&[]).await;
    let size = work.text.len();
    assert_eq!((whole.status.as_u16(), whole.body.as_ref()), (200, work.text.as_slice()));
    assert_eq!(whole.header("accept-ranges"), "bytes");
    assert_eq!(whole.header("content-length"), size.to_string());
    let tag = whole.header("etag").to_owned();
    let check = async |range: &str, from: usize, to: usize| {
        let part = work.text_with(&[("range", range)]).await;
        assert_eq!(part.status, 206, "{range}");
        assert_eq!(part.header("content-range"), format!("bytes {from}-{}/{size}", to - 1), "{range}");
        assert_eq!(part.header("content-length"), (to - from).to_string(), "{range}");
        assert_eq!((part.header("etag"), part.body.as_ref()), (tag.as_str(), &work.text[from..to]), "{range}");
    };
    check("bytes=0-0", 0, 1).await;
    check("bytes=10-19", 10, 20).await;
    check("bytes=100-", 100, size).await;
    check("bytes=-7", size - 7, size).await;
    check("bytes=-99999999", 0, size).await;
    check(&format!("bytes={}-99999999", size - 3), size - 3, size).await;
    for beyond in [format!("bytes={size}-"), "bytes=-0".to_owned(), "bytes=99999999-99999999999".to_owned()] {
        let answer = work.text_with(&[("range", &beyond)]).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-range")), (416, format!("bytes */{size}").as_str()), "{beyond}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.json()["code"], "range-not-satisfiable");
    }
    // Several ranges, other units and nonsense: the whole, as the norm lets a server do.
    for other in ["bytes=0-1,5-6", "bytes=5-2", "lines=1-2", "bytes=a-b", "bytes=-"] {
        let answer = work.text_with(&[("range", other)]).await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (200, size), "{other}");
    }
    for (given, status) in [(tag.as_str(), 206), ("\"other\"", 200), (&format!("W/{tag}"), 200), ("Sun, 22 Nov 2026 10:00:00 GMT", 200)] {
        let answer = work.text_with(&[("range", "bytes=0-3"), ("if-range", given)]).await;
        assert_eq!(answer.status, status, "{given}");
    }
}

#[tokio::test]
async fn what_a_cache_has_is_not_sent_again_and_a_head_has_no_body() {
    let work = Work::published("").await;
    let visitor = work.server.visitor();
    for rest in ["/files/text.txt", "/cover", "/thumbnail?path=cover.png"] {
        let whole = work.ask(&visitor, Method::GET, rest, &[]).await;
        assert_eq!(whole.status, 200, "{rest}: {whole}");
        let tag = whole.header("etag");
        let weak = format!("\"x\", W/{tag}");
        for given in [tag, weak.as_str(), "*"] {
            let unchanged = work.ask(&visitor, Method::GET, rest, &[("if-none-match", given), ("range", "bytes=0-1")]).await;
            assert_eq!((unchanged.status.as_u16(), unchanged.body.len()), (304, 0), "{rest} {given}");
            for name in ["etag", "cache-control"] {
                assert_eq!(unchanged.header(name), whole.header(name), "{rest} {name}");
            }
        }
        assert_eq!(work.ask(&visitor, Method::GET, rest, &[("if-none-match", "\"x\"")]).await.status, 200, "{rest}");
        let head = work.ask(&visitor, Method::HEAD, rest, &[("range", "bytes=0-1")]).await;
        assert_eq!((head.status.as_u16(), head.body.len()), (200, 0), "{rest}");
        for name in ["etag", "content-length", "content-type", "accept-ranges", "cache-control", "content-disposition"] {
            assert_eq!(head.header(name), whole.header(name), "{rest} {name}");
        }
        assert_eq!(whole.header("cache-control"), "public, no-cache", "{rest}");
    }
}

#[tokio::test]
async fn files_of_others_are_named_typed_and_caged() {
    let work = Work::published("").await;
    let visitor = work.server.visitor();
    let get = async |rest: &str| work.ask(&visitor, Method::GET, rest, &[]).await;
    let page = get("/files/%E9%99%84%E4%BB%B6/%E6%95%99%E6%A1%88%C2%B7%E4%B8%80.html").await;
    assert_eq!((page.status.as_u16(), page.body.as_ref()), (200, PAGE.as_bytes()), "{page}");
    assert!(page.header("content-type").starts_with("text/html"), "{}", page.header("content-type"));
    let cage = page.header("content-security-policy");
    assert!(cage.starts_with("sandbox;") && cage.contains("default-src 'none'"), "{cage}");
    assert!(!cage.contains("allow-scripts") && !cage.contains("script-src") && !cage.contains("allow-same-origin"), "{cage}");
    let name = "filename=\"____.html\"; filename*=UTF-8''%E6%95%99%E6%A1%88%C2%B7%E4%B8%80.html";
    assert_eq!(page.header("content-disposition"), format!("inline; {name}"));
    let saved = get("/files/%E9%99%84%E4%BB%B6/%E6%95%99%E6%A1%88%C2%B7%E4%B8%80.html?download=true").await;
    assert_eq!(saved.header("content-disposition"), format!("attachment; {name}"));
    let text = get("/files/text.txt").await;
    assert_eq!(text.header("content-type"), "text/plain; charset=utf-8");
    assert!(text.header("content-security-policy").starts_with("sandbox;"));
    let cover = get("/cover").await;
    let thumbnail = get("/thumbnail?path=cover.png").await;
    for picture in [&cover, &thumbnail] {
        let kind = picture.header("content-type");
        let known = image::guess_format(&picture.body).unwrap();
        assert_eq!(kind, known.to_mime_type());
    }
    for answer in [&page, &saved, &text, &cover, &thumbnail] {
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("x-frame-options"), "SAMEORIGIN");
        assert!(answer.header("content-security-policy").contains("default-src 'none'"));
    }
    for missing in
        ["/files/none.txt", "/files/TEXT.TXT", "/files/..%2Ftext.txt", "/files/text.txt%2F", "/files/%00", "/thumbnail?path=text.txt"]
    {
        let answer = get(missing).await;
        assert!([400, 404].contains(&answer.status.as_u16()), "{missing}: {answer}");
        assert_eq!(answer.header("content-type"), "application/problem+json", "{missing}");
    }
    // The page of facts gives addresses that lead to the files.
    let facts = get("").await.ok();
    for file in facts["files"].as_array().unwrap() {
        assert_eq!(visitor.get(file["url"].as_str().unwrap()).await.status, 200, "{file}");
    }
}

#[tokio::test]
async fn proofs_stay_behind_and_what_is_closed_is_closed_in_every_form() {
    let work = Work::published("[access]\nvisibility = \"organisation\"\n").await;
    let member = &work.vetters.contributor;
    let outside = work.server.api(&work.server.add_user("outside", "learner", "/hunan/xiangxi", &[]));
    let proof = "/files/rights/%E6%8E%88%E6%9D%83.txt";
    assert_eq!(work.ask(member, Method::GET, proof, &[]).await.status, 404);
    let facts = work.ask(member, Method::GET, "", &[]).await;
    assert!(!String::from_utf8_lossy(&facts.body).contains("授权.txt"), "{facts}");
    let tag = work.ask(member, Method::GET, "/files/text.txt", &[]).await.header("etag").to_owned();
    for api in [&work.server.visitor(), &outside] {
        for rest in ["/files/text.txt", "/cover", "/thumbnail?path=cover.png", proof, "/files/none.txt"] {
            for headers in [vec![], vec![("range", "bytes=0-1")], vec![("range", "bytes=99999999-")], vec![("if-none-match", tag.as_str())]]
            {
                for method in [Method::GET, Method::HEAD] {
                    let answer = work.ask(api, method, rest, &headers).await;
                    assert_eq!((answer.status.as_u16(), answer.header("etag")), (404, ""), "{rest} {headers:?}");
                }
            }
        }
    }
    let text = work.ask(member, Method::GET, "/files/text.txt", &[("range", "bytes=0-1")]).await;
    assert_eq!((text.status.as_u16(), text.header("cache-control")), (206, "private, no-cache"));
}
