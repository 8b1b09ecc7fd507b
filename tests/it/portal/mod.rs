//! The web pages over plain HTTP, as a browser without script asks for them, and journeys in a real browser.

mod blind;
mod browser;
mod dossier;
mod driver;
mod elders;
mod escaping;
mod forms;
mod learners;
mod offices;
mod own;
mod phone;
mod public;
mod search;
mod searching;
mod tab;
mod walk;

use crate::access::stage::person;
use crate::program::{Api, Server, Vetters, packages};
use reqwest::Method;
use serde_json::json;
use tab::Tab;

/// Password of everybody here.
pub const PASSWORD: &str = "橘子洲头 看万山红遍";

/// A site with everybody who vets, each with a password.
pub struct Site {
    _dir: tempfile::TempDir,
    pub server: Server,
    pub admin: Api,
    pub vetters: Vetters,
}

impl Site {
    pub async fn open() -> Self {
        Self::with_settings("").await
    }

    /// A site with these settings.
    pub async fn with_settings(settings: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("yuelu.toml"), settings).unwrap();
        let server = Server::start(dir.path());
        Self::around(dir, server).await
    }

    /// The people of a server whose data lie somewhere in this folder.
    pub async fn around(dir: tempfile::TempDir, server: Server) -> Self {
        let vetters = Vetters::register(&server, "岳麓示范社区学院");
        let admin = server.api(&server.add_user("chief", "administrator", "/", &[]));
        for name in ["contributor", "second", "reviewer", "approver", "chief"] {
            let change = json!({"password": PASSWORD}).to_string().into_bytes();
            let kind = [("content-type", "application/json")];
            admin.send(Method::PATCH, &format!("/api/v1/accounts/{name}"), &kind, change).await.ok();
        }
        let site = Self { _dir: dir, server, admin, vetters };
        for (name, role) in [("desk", "editor"), ("inspector", "auditor"), ("learner", "learner")] {
            site.person(name, role).await;
        }
        site
    }

    /// One more account over the whole site.
    pub async fn person(&self, name: &str, role: &str) -> Api {
        let held = json!([{"role": role, "scope": "/"}]);
        person(&self.server, &self.admin, name, &held, &[("password", json!(PASSWORD)), ("display", json!(format!("{name}先生")))]).await
    }

    /// Somebody who has signed in by the form.
    pub async fn tab(&self, name: &str) -> Tab {
        Tab::sign_in(&self.server, name).await
    }

    /// A checked and approved submission of the usual track; gives its id and that of its deposit.
    pub async fn submitted(&self, package: Vec<u8>) -> (String, String) {
        let deposit = self.vetters.deposit(package).await.ok()["id"].as_str().unwrap().to_owned();
        let checked = self.vetters.checked(&deposit).await;
        (checked[0]["id"].as_str().unwrap().to_owned(), deposit)
    }

    /// A submission of the track that selects, at the desk.
    pub async fn selected(&self, package: Vec<u8>) -> String {
        let path = "/api/v1/deposits?pledge=2026-1&track=selected";
        let receipt = self.vetters.contributor.send(Method::POST, path, &[("content-type", "application/zip")], package).await.ok();
        self.vetters.checked(receipt["id"].as_str().unwrap()).await[0]["id"].as_str().unwrap().to_owned()
    }
}

/// A document with a picture beside it.
pub fn with_picture(id: &str, title: &str, word: &str) -> Vec<u8> {
    let mut files = packages::document(id, title, word);
    let manifest = String::from_utf8(files[0].1.clone()).unwrap();
    let picture = "[[files]]\npath = \"图/封面.png\"\nrole = \"cover\"\n\n[[files]]\n";
    files[0].1 = manifest.replacen("[[files]]\n", picture, 1).into_bytes();
    files.push(("图/封面.png".to_owned(), packages::picture(640, 400)));
    packages::zipped(&files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Vec<_>>())
}

/// The picture of [`with_picture`] in an address.
pub const PICTURE: &str = "%E5%9B%BE/%E5%B0%81%E9%9D%A2.png";
