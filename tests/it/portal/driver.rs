//! Debian's chromium, driven over the WebDriver protocol: as much of it as one journey needs.

use crate::program::eventually;
use base64::Engine as _;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How long a page may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// Member under which the protocol names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser of the size of a phone. It ends when dropped.
pub struct Phone {
    driver: Child,
    session: String,
    http: reqwest::Client,
    _profile: tempfile::TempDir,
}

impl Phone {
    /// Starts chromedriver on a free port, and a browser with a profile of its own.
    pub async fn start() -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed (tests/run.sh does that)");
        let lines = BufReader::new(driver.stdout.take().unwrap()).lines().map_while(Result::ok);
        let told = lines
            .filter_map(|line| line.rsplit_once("started successfully on port ").map(|(_, port)| port.trim_end_matches('.').to_owned()));
        let port = told.into_iter().next().expect("chromedriver tells its port");
        let profile = tempfile::tempdir().unwrap();
        let flags = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            // Pages that scroll softly would be tapped where they are no more.
            "--force-prefers-reduced-motion",
        ];
        let own = format!("--user-data-dir={}", profile.path().display());
        let arguments: Vec<&str> = flags.into_iter().chain([own.as_str()]).collect();
        let phone = json!({"deviceMetrics": {"width": 390, "height": 844, "pixelRatio": 1.0, "touch": true}});
        let options = json!({"args": arguments, "mobileEmulation": phone});
        let wanted = json!({"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}});
        let http = reqwest::Client::builder().timeout(PATIENCE).build().unwrap();
        let made = http.post(format!("http://127.0.0.1:{port}/session")).json(&wanted).send().await.unwrap().json::<Value>().await.unwrap();
        let id = made["value"]["sessionId"].as_str().unwrap_or_else(|| panic!("no browser: {made}"));
        Self { driver, session: format!("http://127.0.0.1:{port}/session/{id}"), http, _profile: profile }
    }

    async fn ask(&self, path: &str, body: &Value) -> Value {
        let answer = self.http.post(format!("{}{path}", self.session)).json(body).send().await.unwrap();
        answer.json::<Value>().await.unwrap()["value"].clone()
    }

    /// Opens an address.
    pub async fn open(&self, address: &str) {
        self.ask("/url", &json!({"url": address})).await;
    }

    /// Runs a script in the page.
    pub async fn run(&self, script: &str) -> Value {
        self.ask("/execute/sync", &json!({"script": script, "args": []})).await
    }

    /// Waits until the page shows a text.
    pub async fn sees(&self, text: &str) {
        eventually(&format!("“{text}” on the page"), PATIENCE, async || {
            let shown = self.run("return document.body ? document.body.innerText : ''").await;
            shown.as_str().is_some_and(|shown| shown.contains(text)).then_some(())
        })
        .await;
    }

    /// The element that a selector finds first, brought into the middle of the screen.
    async fn element(&self, css: &str) -> String {
        let element = self.found(css).await;
        let script = "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})";
        self.ask("/execute/sync", &json!({"script": script, "args": [{ELEMENT: element}]})).await;
        element
    }

    async fn found(&self, css: &str) -> String {
        eventually(&format!("{css} on the page"), PATIENCE, async || {
            let found = self.ask("/element", &json!({"using": "css selector", "value": css})).await;
            found[ELEMENT].as_str().map(str::to_owned)
        })
        .await
    }

    /// Taps what a selector finds first.
    pub async fn tap(&self, css: &str) {
        let element = self.element(css).await;
        let done = self.ask(&format!("/element/{element}/click"), &json!({})).await;
        assert!(done.is_null(), "{css}: {done}");
    }

    /// Types into what a selector finds first.
    pub async fn write(&self, css: &str, text: &str) {
        let element = self.element(css).await;
        let done = self.ask(&format!("/element/{element}/value"), &json!({"text": text})).await;
        assert!(done.is_null(), "{css}: {done}");
    }

    /// Draws from one place of an element to another with a finger; places are pixels from its middle.
    pub async fn draw(&self, css: &str, from: (i32, i32), to: (i32, i32)) {
        let element = self.element(css).await;
        let at = |(x, y): (i32, i32)| json!({"type": "pointerMove", "duration": 50, "origin": {ELEMENT: element}, "x": x, "y": y});
        let steps = [at(from), json!({"type": "pointerDown", "button": 0}), at(to), json!({"type": "pointerUp", "button": 0})];
        let finger = json!({"type": "pointer", "id": "finger", "parameters": {"pointerType": "touch"}, "actions": steps});
        let done = self.ask("/actions", &json!({"actions": [finger]})).await;
        assert!(done.is_null(), "{done}");
    }

    /// What is wider than the screen; empty where nothing is.
    pub async fn overflow(&self) -> String {
        let wide = "const wide = [...document.querySelectorAll('body *')].filter((part) => part.getBoundingClientRect().right > innerWidth + 1 \
                    && !part.closest('.skip, .unseen, thead, svg'));
                    return document.documentElement.scrollWidth > innerWidth ? wide.map((part) => part.outerHTML.slice(0, 120)).join('\\n') || 'page' : '';";
        self.run(wide).await.as_str().unwrap_or_default().to_owned()
    }

    /// The screen as a picture, for who looks into a failure: `PORTAL_PICTURES` names a folder.
    pub async fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("PORTAL_PICTURES") else { return };
        let answer = self.http.get(format!("{}/screenshot", self.session)).send().await.unwrap().json::<Value>().await.unwrap();
        let bytes = base64::engine::general_purpose::STANDARD.decode(answer["value"].as_str().unwrap()).unwrap();
        std::fs::write(std::path::Path::new(&folder).join(format!("{name}.png")), bytes).unwrap();
    }

    /// Ends the browser.
    pub async fn close(self) {
        let _ = self.http.delete(&self.session).send().await;
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        // The driver ends its browser with itself.
        let _ = Command::new("kill").args(["-TERM", &self.driver.id().to_string()]).status();
        let _ = self.driver.wait();
    }
}
