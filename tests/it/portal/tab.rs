//! A browser's tab without script: a session cookie, pages read, forms posted.

use super::PASSWORD;
use crate::program::{Answer, Api, Server};
use reqwest::Method;

/// A tab of somebody, or of a visitor.
pub struct Tab {
    api: Api,
    cookie: String,
    base: String,
}

impl Tab {
    /// A visitor's.
    pub fn visitor(server: &Server) -> Self {
        Self { api: server.visitor(), cookie: String::new(), base: server.base.clone() }
    }

    /// Of somebody who signs in by the form.
    pub async fn sign_in(server: &Server, name: &str) -> Self {
        let tab = Self::visitor(server);
        let answer = tab.post("/sign-in", &[("name", name), ("password", PASSWORD), ("next", "/desk")]).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/desk"), "{name}: {answer}");
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        Self { cookie, ..tab }
    }

    /// Reads a page.
    pub async fn get(&self, path: &str) -> Answer {
        self.api.send(Method::GET, path, &[("cookie", self.cookie.as_str())], Vec::new()).await
    }

    /// Reads a page as browsers do, which take compressed answers.
    pub async fn browse(&self, path: &str) -> Answer {
        self.api.send(Method::GET, path, &[("cookie", self.cookie.as_str()), ("accept-encoding", "gzip, deflate, br")], Vec::new()).await
    }

    /// A page that must be there.
    pub async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {answer}");
        String::from_utf8(answer.body.to_vec()).unwrap()
    }

    /// Posts a form as a page of the site does.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_from(&self.base, path, fields).await
    }

    /// Posts a form as a page of this origin does.
    pub async fn post_from(&self, origin: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let kind = ("content-type", "application/x-www-form-urlencoded");
        self.api.send(Method::POST, path, &[kind, ("cookie", self.cookie.as_str()), ("origin", origin)], body.into_bytes()).await
    }

    /// Posts a form that must be taken; gives where it leads on.
    pub async fn posted(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.post(path, fields).await;
        assert_eq!(answer.status, 303, "{path}: {answer}");
        answer.header("location").to_owned()
    }

    /// Posts a form with a file.
    pub async fn upload(&self, path: &str, fields: &[(&str, &str)], (name, file): (&str, &[u8])) -> Answer {
        const EDGE: &str = "edge-of-the-parts";
        let mut body = Vec::new();
        for (field, value) in fields {
            body.extend(format!("--{EDGE}\r\ncontent-disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n").into_bytes());
        }
        let head = format!("--{EDGE}\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"scan\"\r\n\r\n");
        body.extend(head.into_bytes());
        body.extend_from_slice(file);
        body.extend(format!("\r\n--{EDGE}--\r\n").into_bytes());
        let kind = format!("multipart/form-data; boundary={EDGE}");
        let headers = [("content-type", kind.as_str()), ("cookie", self.cookie.as_str()), ("origin", self.base.as_str())];
        self.api.send(Method::POST, path, &headers, body).await
    }
}
