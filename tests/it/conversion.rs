//! What no phone opens is converted, not returned: renditions appear by themselves, are served as their files are, and nothing
//! waits for them.

use crate::program::{Api, Server, Vetters, eventually, packages};
use reqwest::Method;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use yuelu::domain::inspection::FileFacts;
use yuelu::domain::metadata::FileRole;
use yuelu::media::{Tools, inspect};

/// How long a conversion may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
const SRT: &str = "1\r\n00:00:00,500 --> 00:00:01,800\r\n大家好，欢迎来到智能手机课堂\r\n";

/// Two seconds of film in these codings.
fn film(name: &str, coding: &[&str]) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=2"]);
    ffmpeg.args(["-f", "lavfi", "-i", "sine=frequency=440:duration=2"]).args(coding).arg(&path);
    assert!(ffmpeg.status().expect("ffmpeg is installed").success());
    std::fs::read(path).unwrap()
}

fn old_film() -> Vec<u8> {
    film("a.avi", &["-c:v", "mpeg2video", "-flags", "+ilme+ildct", "-c:a", "mp2"])
}

fn picture(format: image::ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::load_from_memory(&packages::picture(800, 600)).unwrap().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A package of kind `kind` with a text as its master and these files beside it: path, role, bytes.
fn package(id: &str, more: &str, files: &[(&str, &str, Vec<u8>)]) -> Vec<u8> {
    let mut all = packages::document(id, "智能手机入门", "智能手机");
    let mut manifest = String::from_utf8(all[0].1.clone()).unwrap().replace("kind = \"document\"", "kind = \"video\"");
    manifest = manifest.replacen("[[files]]\n", &format!("{more}\n[[files]]\n"), 1);
    for (path, role, _) in files {
        manifest.push_str(&format!("\n[[files]]\npath = \"{path}\"\nrole = \"{role}\"\n"));
    }
    all[0].1 = manifest.into_bytes();
    all.extend(files.iter().map(|(path, _, bytes)| ((*path).to_owned(), bytes.clone())));
    packages::zipped(&all.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Vec<_>>())
}

/// A folder with a program `ffmpeg` of these lines of shell (`$REAL` is the true one), before all others on the path.
fn stand_in(folder: &Path, lines: &str) -> OsString {
    let real = std::env::split_paths(&std::env::var_os("PATH").unwrap()).map(|dir| dir.join("ffmpeg")).find(|path| path.is_file()).unwrap();
    let program = folder.join("ffmpeg");
    std::fs::write(&program, format!("#!/bin/sh\nREAL='{}'\nHERE='{}'\n{lines}\n", real.display(), folder.display())).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let others = std::env::var_os("PATH").unwrap();
    std::env::join_paths(std::iter::once(folder.to_owned()).chain(std::env::split_paths(&others))).unwrap()
}

fn file<'a>(page: &'a Value, path: &str) -> &'a Value {
    page["files"].as_array().unwrap().iter().find(|file| file["path"] == path).unwrap_or_else(|| panic!("{path}: {page}"))
}

/// Waits until each of these files of a page has its rendition; gives the page.
async fn converted(api: &Api, page: &str, paths: &[&str]) -> Value {
    eventually("renditions", PATIENCE, async || {
        let shown = api.get(page).await.ok();
        let made = paths.iter().all(|path| !file(&shown, path)["renditions"].as_array().unwrap().is_empty());
        made.then_some(shown)
    })
    .await
}

fn looked_into(name: &str, bytes: &[u8]) -> FileFacts {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(name), bytes).unwrap();
    inspect(&dir.path().join(name), name, FileRole::Master, &Tools::default())
}

/// The rendition of a file, fetched whole.
async fn fetched(api: &Api, page: &Value, path: &str, media_type: &str, saved_as: &str) -> Vec<u8> {
    let shown = &file(page, path)["renditions"][0];
    let address = shown["url"].as_str().unwrap();
    let whole = api.get(address).await;
    assert_eq!(whole.status, 200, "{path}: {whole}");
    assert_eq!((shown["media_type"].as_str(), shown["size"].as_u64()), (Some(media_type), Some(whole.body.len() as u64)), "{shown}");
    assert!(whole.header("content-type").starts_with(media_type), "{path}: {}", whole.header("content-type"));
    assert_eq!(whole.header("etag"), format!("\"{}\"", shown["sha256"].as_str().unwrap()), "{path}");
    assert!(whole.header("content-disposition").contains(saved_as), "{}", whole.header("content-disposition"));
    let part = api.send(Method::GET, address, &[("range", "bytes=1-4")], Vec::new()).await;
    assert_eq!((part.status.as_u16(), part.body.as_ref()), (206, &whole.body[1..5]), "{path}");
    let same = api.send(Method::GET, address, &[("if-none-match", whole.header("etag"))], Vec::new()).await;
    assert_eq!(same.status, 304, "{path}");
    whole.body.to_vec()
}

#[tokio::test]
async fn old_films_subtitles_and_scans_become_what_every_phone_opens() {
    let dir = tempfile::tempdir().unwrap();
    let bin = tempfile::tempdir().unwrap();
    let path = stand_in(bin.path(), "case \"$*\" in *libx264*) echo made >> \"$HERE/count\";; esac\nexec \"$REAL\" \"$@\"");
    let server = Server::start_with(dir.path(), &[("PATH", &path)]);
    let vetters = Vetters::register(&server, "岳麓示范社区学院");
    let srt = encoding_rs::GB18030.encode(SRT).0.into_owned();
    let files = [
        ("video/第一讲.avi", "master", old_film()),
        (
            "video/第二讲.mkv",
            "master",
            film("a.mkv", &["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"]),
        ),
        ("第一讲.srt", "subtitle", srt),
        ("图.bmp", "attachment", picture(image::ImageFormat::Bmp)),
        ("扫描.tif", "attachment", picture(image::ImageFormat::Tiff)),
        ("授权.bmp", "evidence", picture(image::ImageFormat::Bmp)),
    ];
    let paths = ["video/第一讲.avi", "video/第二讲.mkv", "第一讲.srt", "图.bmp", "扫描.tif"];
    let bytes = package("CONVERT-1", "[access]\nvisibility = \"organisation\"\n", &files);
    let decided = vetters.decide(bytes).await;
    assert_eq!(decided["state"]["code"], "published", "{decided}");
    let told = decided["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| ["V-CODEC", "V-CONTAINER", "A-CODEC"].contains(&one["rule"].as_str().unwrap()));
    let told: Vec<&Value> = told.filter(|one| one["file"] == "video/第二讲.mkv").collect();
    assert_eq!(told.len(), 3, "{decided}");
    assert!(told.iter().all(|one| one["severity"] == "info" && one["message"].as_str().unwrap().contains("自动转换")), "{told:?}");

    let (member, page) = (&vetters.contributor, format!("/api/v1/resources/{}", decided["resource"].as_str().unwrap()));
    let shown = converted(member, &page, &paths).await;
    for (path, saved_as) in [(paths[0], ".mp4"), (paths[1], ".mp4")] {
        let film = fetched(member, &shown, path, "video/mp4", saved_as).await;
        let facts = looked_into("a.mp4", &film);
        let (video, audio) = (facts.video.unwrap(), facts.audio.unwrap());
        assert_eq!((video.codec.as_str(), video.width, video.height, audio.codec.as_str()), ("h264", 320, 240, "aac"), "{path}");
        assert_eq!((video.profile.as_deref(), video.interlaced), (Some("high"), Some(false)), "{path}");
        assert!((1_800..2_300).contains(&video.duration_ms), "{path}: {}", video.duration_ms);
        let place = |kind: &[u8]| film.windows(4).position(|four| four == kind).unwrap();
        assert!(place(b"moov") < place(b"mdat"), "{path}: the index stands at the front");
    }
    let captions = fetched(member, &shown, paths[2], "text/vtt", ".vtt").await;
    assert_eq!(String::from_utf8(captions).unwrap(), "WEBVTT\n\n00:00:00.500 --> 00:00:01.800\n大家好，欢迎来到智能手机课堂\n");
    for path in &paths[3..] {
        let picture = fetched(member, &shown, path, "image/jpeg", ".jpg").await;
        assert_eq!(image::guess_format(&picture).unwrap(), image::ImageFormat::Jpeg, "{path}");
    }
    // The master is as it was.
    let master = member.get(file(&shown, paths[0])["url"].as_str().unwrap()).await;
    assert_eq!(master.body.as_ref(), files[0].2.as_slice());
    assert_eq!(file(&shown, "text.txt")["renditions"], json!([]));

    closed_to_others(&server, &vetters, &decided, &shown).await;
    the_page_tells_caches(member, &page).await;
    // The same bytes in another package were converted already.
    let before = std::fs::read_to_string(bin.path().join("count")).unwrap();
    let again = vetters.decide(package("CONVERT-2", "", &files[..1])).await;
    let submission = format!("/api/v1/submissions/{}", again["id"].as_str().unwrap());
    let other = converted(member, &submission, &paths[..1]).await;
    assert_eq!(file(&other, paths[0])["renditions"][0]["sha256"], file(&shown, paths[0])["renditions"][0]["sha256"]);
    jobs_end(&server).await;
    assert_eq!(std::fs::read_to_string(bin.path().join("count")).unwrap(), before, "it was converted twice");
    server.run(["--json", "verify"]);
    assert!(server.stop());
}

/// Whoever may not open a file gets nothing of what was made of it, in a submission as in a resource.
async fn closed_to_others(server: &Server, vetters: &Vetters, submission: &Value, page: &Value) {
    let address = file(page, "video/第一讲.avi")["renditions"][0]["url"].as_str().unwrap();
    let outside = server.api(&server.add_user("outside", "contributor", "/hunan/xiangxi", &[]));
    for api in [&server.visitor(), &outside] {
        for headers in [vec![], vec![("range", "bytes=0-1")]] {
            assert_eq!(api.send(Method::GET, address, &headers, Vec::new()).await.status, 404, "{address}");
        }
    }
    let id = submission["id"].as_str().unwrap();
    let inside = vetters.contributor.get(&format!("/api/v1/submissions/{id}")).await.ok();
    let address = file(&inside, "video/第一讲.avi")["renditions"][0]["url"].as_str().unwrap();
    assert_eq!(vetters.reviewer.get(address).await.status, 200);
    assert_eq!((outside.get(address).await.status.as_u16(), server.visitor().get(address).await.status.as_u16()), (404, 401));
    assert_eq!(file(&inside, "授权.bmp")["renditions"], json!([]), "evidence stays as it is");
    for wrong in ["read", "captions"] {
        assert_eq!(vetters.contributor.get(&address.replace("=play", &format!("={wrong}"))).await.status, 404, "{wrong}");
    }
    let nonsense = vetters.contributor.get(&address.replace("=play", "=nonsense")).await;
    assert!(nonsense.status.is_client_error(), "{nonsense}");
}

/// A page that was kept before a rendition was made is not taken for fresh; what guards the resource stays.
async fn the_page_tells_caches(api: &Api, page: &str) {
    let shown = api.get(page).await;
    let tag = shown.header("etag").to_owned();
    let version = shown.json()["version"].as_u64().unwrap();
    assert!(tag.starts_with(&format!("\"v{version}-")), "{tag}");
    assert_eq!(api.send(Method::GET, page, &[("if-none-match", &tag)], Vec::new()).await.status, 304);
    let older = format!("\"v{version}\"");
    assert_eq!(api.send(Method::GET, page, &[("if-none-match", &older)], Vec::new()).await.status, 200);
}

async fn jobs_end(server: &Server) {
    let auditor = server.api(&server.add_user("auditor", "auditor", "/", &[]));
    eventually("all conversions are done", PATIENCE, async || {
        auditor.get("/api/v1/jobs?converting=true").await.ok()["items"].as_array().unwrap().is_empty().then_some(())
    })
    .await;
    assert_eq!(auditor.get("/api/v1/jobs?parked=true").await.ok()["items"], json!([]));
}

#[tokio::test]
async fn a_server_killed_while_it_converts_leaves_nothing_running_and_ends_the_work_later() {
    let dir = tempfile::tempdir().unwrap();
    let bin = tempfile::tempdir().unwrap();
    // The first conversion never ends.
    let lines = "case \"$*\" in *libx264*) [ -e \"$HERE/pid\" ] || { echo $$ > \"$HERE/pid.new\"; mv \"$HERE/pid.new\" \"$HERE/pid\"; exec sleep 1000; };; esac\n\
                 exec \"$REAL\" \"$@\"";
    let path = stand_in(bin.path(), lines);
    let server = Server::start_with(dir.path(), &[("PATH", &path)]);
    let vetters = Vetters::register(&server, "岳麓示范社区学院");
    let deposit = vetters.deposit(package("KILLED-1", "", &[("第一讲.avi", "master", old_film())])).await.ok();
    let lines = vetters.examined(deposit["id"].as_str().unwrap()).await;
    let page = format!("/api/v1/submissions/{}", lines[0]["id"].as_str().unwrap());
    let pid = eventually("a conversion that runs", PATIENCE, async || std::fs::read_to_string(bin.path().join("pid")).ok()).await;
    let running = PathBuf::from(format!("/proc/{}", pid.trim()));
    assert!(running.exists());
    server.kill();
    eventually("the program ends with the server", PATIENCE, async || (!is_alive(&running)).then_some(())).await;
    let server = Server::start_with(dir.path(), &[("PATH", &path)]);
    let shown = converted(&vetters.contributor.at(&server), &page, &["第一讲.avi"]).await;
    assert_eq!(file(&shown, "第一讲.avi")["renditions"][0]["purpose"], "play");
    jobs_end(&server).await;
    assert_eq!(std::fs::read_dir(dir.path().join("tmp")).unwrap().count(), 0, "nothing of the work stays");
    server.run(["--json", "verify"]);
    assert!(server.stop());
}

/// Whether a process runs: one that ended and waits to be asked for does not.
fn is_alive(process: &Path) -> bool {
    let state = std::fs::read_to_string(process.join("stat")).unwrap_or_default();
    state.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

#[tokio::test]
async fn a_program_that_hangs_is_stopped_and_told_and_keeps_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let bin = tempfile::tempdir().unwrap();
    let lines = "case \"$*\" in *libx264*) [ -e \"$HERE/mended\" ] || exec sleep 1000;; esac\nexec \"$REAL\" \"$@\"";
    let path = stand_in(bin.path(), lines);
    let server = Server::start_with(dir.path(), &[("PATH", &path), ("YUELU_CONVERSION__LONGEST_SECONDS", "1".as_ref())]);
    let vetters = Vetters::register(&server, "岳麓示范社区学院");
    let decided = vetters.decide(package("HANGS-1", "", &[("第一讲.avi", "master", old_film())])).await;
    assert_eq!(decided["state"]["code"], "published", "nothing waits for a conversion: {decided}");
    let administrator = server.api(&server.add_user("administrator", "administrator", "/", &[]));
    let parked = eventually("a parked conversion", PATIENCE, async || {
        let page = administrator.get("/api/v1/jobs?parked=true").await.ok();
        page["items"].as_array().unwrap().first().cloned()
    })
    .await;
    assert_eq!((&parked["kind"], &parked["attempts"]), (&json!("convert"), &json!(3)), "{parked}");
    assert!(parked["last_error"].as_str().unwrap().contains("第一讲.avi"), "{parked}");
    let page = format!("/api/v1/submissions/{}", decided["id"].as_str().unwrap());
    let shown = vetters.contributor.get(&page).await.ok();
    let fault = file(&shown, "第一讲.avi")["conversion_fault"].as_str().unwrap().to_owned();
    assert!(fault.contains("已中止") && !fault.contains('/'), "{fault}");
    assert_eq!(administrator.get("/api/v1/jobs?converting=true").await.ok()["items"], json!([]), "it is not tried for ever");
    // A better machine, and somebody who tries again.
    std::fs::write(bin.path().join("mended"), "").unwrap();
    assert!(server.stop());
    let server = Server::start_with(dir.path(), &[("PATH", &path)]);
    let retry = format!("/api/v1/jobs/{}/retry", parked["id"].as_str().unwrap());
    administrator.at(&server).post(&retry, &json!({})).await.ok();
    let shown = converted(&vetters.contributor.at(&server), &page, &["第一讲.avi"]).await;
    assert_eq!(file(&shown, "第一讲.avi")["conversion_fault"], Value::Null);
}

#[tokio::test]
async fn without_the_programs_the_rest_goes_on_and_what_was_left_is_made_when_they_come() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &[("PATH", "/nowhere".as_ref())]);
    let tools = server.visitor().get("/readyz").await.ok()["tools"].as_array().unwrap().clone();
    assert!(tools.iter().any(|tool| tool["name"] == "ffmpeg" && tool["found"] == false), "{tools:?}");
    let vetters = Vetters::register(&server, "岳麓示范社区学院");
    let vp9 = film("a.mkv", &["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"]);
    let files = [("第一讲.mkv", "master", vp9), ("第一讲.srt", "subtitle", encoding_rs::GB18030.encode(SRT).0.into_owned())];
    let decided = vetters.decide(package("BARE-1", "", &files)).await;
    assert_eq!(decided["state"]["code"], "published", "{decided}");
    let codec = decided["findings"].as_array().unwrap().iter().find(|one| one["rule"] == "V-CODEC").unwrap().clone();
    assert_eq!(codec["severity"], "should", "{codec}");
    assert!(!codec["message"].as_str().unwrap().contains("转换"), "{codec}");
    let page = format!("/api/v1/submissions/{}", decided["id"].as_str().unwrap());
    let shown = converted(&vetters.contributor, &page, &["第一讲.srt"]).await;
    jobs_end(&server).await;
    assert_eq!((&file(&shown, "第一讲.mkv")["renditions"], &file(&shown, "第一讲.mkv")["conversion_fault"]), (&json!([]), &Value::Null));
    assert!(server.stop());
    let server = Server::start(dir.path());
    converted(&vetters.contributor.at(&server), &page, &["第一讲.mkv"]).await;
}
