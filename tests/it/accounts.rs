//! Accounts, tokens and sessions through the API.

use crate::support::{TestApp, request};
use axum::http::{Method, header};
use serde_json::json;

#[tokio::test]
async fn a_token_opens_what_its_role_allows_until_it_is_revoked() {
    let app = TestApp::new().await;
    let admin = app.account("管理员·甲", "administrator", "/").await;
    let learner = app.account("学习者", "learner", "/hunan").await;
    app.get("", "/api/v1/accounts").await.expect(401);
    app.get("yuelu_wrong", "/api/v1/me").await.expect(401);
    app.get(&learner, "/api/v1/accounts").await.expect(403);
    let listed = app.get(&admin, "/api/v1/accounts").await.expect(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    assert!(!listed.to_string().contains("argon2"), "{listed}");
    let tokens = app.get(&learner, "/api/v1/accounts/学习者/tokens".replace("学习者", "%E5%AD%A6%E4%B9%A0%E8%80%85").as_str()).await;
    let id = tokens.expect(200).json()[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/accounts/%E5%AD%A6%E4%B9%A0%E8%80%85/tokens/{id}");
    app.call(Method::DELETE, &learner, &path, json!(null)).await.expect(204);
    app.get(&learner, "/api/v1/me").await.expect(401);
    app.get(&admin, "/api/v1/me").await.expect(200);
    app.close().await;
}

#[tokio::test]
async fn sign_in_names_are_unique_display_names_are_not() {
    let app = TestApp::new().await;
    let make = |name: &str, display: &str| request(Method::POST, "", "/api/v1/accounts", Some(json!({"name": name, "display": display})));
    app.send_inside(make("阿依古丽·买买提", "张伟")).await.expect(201);
    let taken = app.send_inside(make("阿依古丽•买买提", "张伟")).await.expect(409);
    assert_eq!(taken.code(), "name-taken");
    assert_eq!(taken.json()["fields"][0]["path"], "name");
    let rare = app.send_inside(make("𬱖𫖮", "张伟")).await.expect(201).json();
    assert_eq!((rare["name"].as_str(), rare["display"].as_str()), (Some("𬱖𫖮"), Some("张伟")));
    app.close().await;
}

#[tokio::test]
async fn nobody_gives_more_than_they_hold() {
    let app = TestApp::new().await;
    let city = app.account("changsha-admin", "administrator", "/hunan/changsha").await;
    let make =
        |role: &str, scope: &str| json!({"name": format!("{role}-{}", scope.len()), "assignments": [{"role": role, "scope": scope}]});
    app.call(Method::POST, &city, "/api/v1/accounts", make("editor", "/hunan/changsha/yuelu")).await.expect(201);
    let beyond = app.call(Method::POST, &city, "/api/v1/accounts", make("editor", "/hunan")).await.expect(403);
    assert_eq!(beyond.json()["fields"][0]["path"], "assignments[0]");
    // What lies beyond the scope does not exist for it.
    app.account("provincial", "editor", "/hunan").await;
    app.get(&city, "/api/v1/accounts/provincial").await.expect(404);
    // A narrowed token cannot make a wider one.
    let narrow = app.token("changsha-admin", json!({"limit": [{"role": "administrator", "scope": "/hunan/changsha/yuelu"}]})).await;
    let own = "/api/v1/accounts/changsha-admin/tokens";
    let wide = json!({"limit": [{"role": "administrator", "scope": "/hunan/changsha"}]});
    assert_eq!(app.call(Method::POST, &narrow, own, wide).await.expect(403).code(), "forbidden-limit");
    let made = app.call(Method::POST, &narrow, own, json!({})).await.expect(201).json();
    assert_eq!(made["limit"][0]["scope"], "/hunan/changsha/yuelu");
    app.close().await;
}

#[tokio::test]
async fn nobody_borrows_what_they_do_not_hold() {
    let app = TestApp::new().await;
    let manager = app.account("manager", "manager", "/hunan/changsha/yuelu").await;
    let elder = json!({"name": "elder", "groups": ["elders"], "assignments": [{"role": "learner", "scope": "/hunan/changsha/yuelu"}]});
    app.send_inside(request(Method::POST, "", "/api/v1/accounts", Some(elder))).await.expect(201);
    // Who manages a member of a protocol group can lock the account, but not act as it.
    app.call(Method::PUT, &manager, "/api/v1/accounts/elder/lock", json!({"locked": false})).await.expect(200);
    app.call(Method::POST, &manager, "/api/v1/accounts/elder/tokens", json!({})).await.expect(403);
    let password = json!({"password": "橘子洲头 看万山红遍"});
    app.call(Method::PATCH, &manager, "/api/v1/accounts/elder", password.clone()).await.expect(403);
    // A limited token sets no password, by which all that the account holds could be had.
    app.account("editor", "editor", "/hunan").await;
    let narrow = app.token("editor", json!({"limit": [{"role": "editor", "scope": "/hunan/changsha"}]})).await;
    app.call(Method::PATCH, &narrow, "/api/v1/accounts/editor", password.clone()).await.expect(403);
    let whole = app.token("editor", json!({})).await;
    app.call(Method::PATCH, &whole, "/api/v1/accounts/editor", password).await.expect(200);
    // Auditors see the trail of what lies within their scope.
    let auditor = app.account("auditor", "auditor", "/hunan/changsha").await;
    app.get(&auditor, "/api/v1/accounts/manager/audit").await.expect(200);
    app.get(&auditor, "/api/v1/accounts/editor/audit").await.expect(404);
    app.close().await;
}

#[tokio::test]
async fn a_session_begins_with_a_password_and_ends() {
    let app = TestApp::new().await;
    let new = json!({"name": "lixiuying", "display": "李秀英", "password": "橘子洲头 看万山红遍"});
    app.send_inside(request(Method::POST, "", "/api/v1/accounts", Some(new))).await.expect(201);
    let sign_in = |name: &str, password: &str| json!({"name": name, "password": password});
    let sessions = "/api/v1/sessions";
    for (name, password) in [("lixiuying", "wrong"), ("nobody", "橘子洲头 看万山红遍")] {
        let refused = app.call(Method::POST, "", sessions, sign_in(name, password)).await.expect(401);
        assert_eq!(refused.code(), "wrong-name-or-password");
    }
    let begun = app.call(Method::POST, "", sessions, sign_in("LiXiuYing", "橘子洲头 看万山红遍")).await.expect(201);
    let cookie = begun.header("set-cookie").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let secret = cookie.split(';').next().unwrap().to_owned();
    let with_cookie = |method: Method, path: &str| {
        let mut request = request(method, "", path, None);
        request.headers_mut().insert(header::COOKIE, secret.parse().unwrap());
        request
    };
    assert_eq!(app.send(with_cookie(Method::GET, "/api/v1/me")).await.expect(200).json()["name"], "lixiuying");
    let mut forged = with_cookie(Method::DELETE, "/api/v1/sessions/current");
    forged.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    assert_eq!(app.send(forged).await.expect(403).code(), "cross-site");
    app.send(with_cookie(Method::DELETE, "/api/v1/sessions/current")).await.expect(204);
    app.send(with_cookie(Method::GET, "/api/v1/me")).await.expect(401);
    app.close().await;
}

#[tokio::test]
async fn a_locked_account_cannot_act_and_the_trail_says_who_did_it() {
    let app = TestApp::new().await;
    let admin = app.account("admin", "administrator", "/").await;
    let other = app.account("other", "editor", "/hunan").await;
    app.get(&other, "/api/v1/me").await.expect(200);
    app.call(Method::PUT, &admin, "/api/v1/accounts/other/lock", json!({"locked": true})).await.expect(200);
    assert_eq!(app.get(&other, "/api/v1/me").await.expect(401).code(), "locked");
    let trail = app.get(&admin, "/api/v1/accounts/other/audit").await.expect(200).json();
    let acts: Vec<_> = trail.as_array().unwrap().iter().map(|entry| entry["act"].as_str().unwrap().to_owned()).collect();
    assert_eq!(acts, ["locked", "token_made", "created"]);
    app.close().await;
}

#[tokio::test]
async fn a_change_needs_the_version_that_was_read() {
    let app = TestApp::new().await;
    let admin = app.account("admin", "administrator", "/").await;
    app.account("other", "editor", "/hunan").await;
    let read = app.get(&admin, "/api/v1/accounts/other").await.expect(200);
    let tag = read.header("etag").to_owned();
    let change = |tag: &str, display: &str| {
        let mut request = request(Method::PATCH, &admin, "/api/v1/accounts/other", Some(json!({"display": display})));
        request.headers_mut().insert(header::IF_MATCH, tag.parse().unwrap());
        request
    };
    app.send(change(&tag, "一")).await.expect(200);
    assert_eq!(app.send(change(&tag, "二")).await.expect(412).code(), "precondition-failed");
    app.close().await;
}

#[tokio::test]
async fn demonstration_accounts_do_not_outlive_the_demonstration() {
    use yuelu::accounts::{Accounts, register::NewAccount, token::NewToken};
    use yuelu::domain::access::Actor;
    use yuelu::domain::account::CredentialKind;
    let store = yuelu::store::Store::memory();
    let clock = yuelu::clock::Clock::system();
    let demo = Accounts::new(store.clone(), clock.clone(), true);
    let system = Actor::system();
    demo.register(&system, NewAccount { name: "演示".to_owned(), demo: true, ..NewAccount::default() }).await.unwrap();
    let token = demo.make_token(&system, "演示", NewToken::default()).await.unwrap().token;
    assert!(demo.authenticate(&token, CredentialKind::Token).await.is_ok());
    let served = Accounts::new(store, clock, false);
    assert_eq!(served.authenticate(&token, CredentialKind::Token).await.unwrap_err().code, "demo-account");
}
