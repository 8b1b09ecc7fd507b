//! `yuelu user`: accounts and tokens.

use super::{Client, Out};
use crate::domain::access::Role;
use crate::domain::address::escaped;
use anyhow::Context as _;
use axum::http::Method;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::io::BufRead as _;

/// Verbs of `user`.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// 新建账户并显示一次令牌 · Make an account and print a token once.
    Add(AddArgs),
    /// 列出账户 · List accounts.
    List,
    /// 为账户新建令牌 · Make another token for an account.
    Token(TokenArgs),
    /// 锁定账户 · Lock an account.
    Lock(NameArgs),
    /// 解锁账户 · Unlock an account.
    Unlock(NameArgs),
}

/// Arguments of `user add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// 登录名 · Sign-in name.
    pub name: String,
    /// 角色，可重复 · Role; can be repeated: learner contributor manager reviewer committee editor auditor administrator platform.
    #[arg(long, required = true, value_parser = role)]
    pub role: Vec<Role>,
    /// 组织范围 · Organisation the roles hold for, e.g. /hunan/changsha/yuelu-college.
    #[arg(long, default_value = "/", value_name = "PATH")]
    pub scope: String,
    /// 显示名称 · Name shown to people.
    #[arg(long)]
    pub display: Option<String>,
    /// 所属机构 · Institution.
    #[arg(long)]
    pub institution: Option<String>,
    /// 协议组，可重复 · Protocol group; can be repeated.
    #[arg(long)]
    pub group: Vec<String>,
    /// 从标准输入读取密码 · Read a password from standard input.
    #[arg(long)]
    pub password_stdin: bool,
}

/// Arguments of `user token`.
#[derive(Debug, Args)]
pub struct TokenArgs {
    /// 登录名 · Sign-in name or id.
    pub name: String,
    /// 用途 · What it is for.
    #[arg(long, default_value = "")]
    pub label: String,
    /// 有效天数 · Days until it ends.
    #[arg(long)]
    pub days: Option<u32>,
}

/// An account.
#[derive(Debug, Args)]
pub struct NameArgs {
    /// 登录名 · Sign-in name or id.
    pub name: String,
}

fn role(code: &str) -> Result<Role, String> {
    let known = || Role::ALL.map(Role::code).join(", ");
    Role::parse(code).ok_or_else(|| format!("没有这个角色，可用 · known are: {}", known()))
}

/// Runs it.
///
/// # Errors
/// What the API refuses.
pub async fn run(client: &Client, command: UserCommand, out: &Out) -> anyhow::Result<()> {
    match command {
        UserCommand::Add(args) => add(client, args, out).await,
        UserCommand::List => list(client, out).await,
        UserCommand::Token(args) => {
            let path = format!("/api/v1/accounts/{}/tokens", escaped(&args.name));
            let made: Value = client.post(&path, &json!({"label": args.label, "days": args.days})).await?;
            out.data(&made, || text(&made, "token"))
        }
        UserCommand::Lock(args) => lock(client, &args.name, true, out).await,
        UserCommand::Unlock(args) => lock(client, &args.name, false, out).await,
    }
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

async fn add(client: &Client, args: AddArgs, out: &Out) -> anyhow::Result<()> {
    let password = if args.password_stdin {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).context("the password cannot be read from standard input")?;
        Some(line.trim_end_matches(['\r', '\n']).to_owned())
    } else {
        None
    };
    let assignments: Vec<Value> = args.role.iter().map(|role| json!({"role": role, "scope": args.scope})).collect();
    let wanted = json!({
        "name": args.name, "display": args.display, "institution": args.institution,
        "assignments": assignments, "groups": args.group, "password": password,
    });
    let account: Value = client.post("/api/v1/accounts", &wanted).await?;
    let path = format!("/api/v1/accounts/{}/tokens", escaped(&text(&account, "id")));
    let made: Value = client.post(&path, &json!({"label": "yuelu user add"})).await?;
    let both = json!({"account": account, "token": text(&made, "token")});
    out.note("令牌只显示这一次，请妥善保存 · The token is shown this once:");
    out.data(&both, || text(&made, "token"))
}

async fn list(client: &Client, out: &Out) -> anyhow::Result<()> {
    let mut cursor: Option<String> = None;
    loop {
        let mut query = vec![("limit", "100")];
        query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
        let page: Value = client.get("/api/v1/accounts", &query).await?;
        for account in page.get("items").and_then(Value::as_array).into_iter().flatten() {
            out.data(account, || line(account))?;
        }
        cursor = page.get("next").and_then(Value::as_str).map(str::to_owned);
        if cursor.is_none() {
            return Ok(());
        }
    }
}

fn line(account: &Value) -> String {
    let roles = account.get("assignments").and_then(Value::as_array).into_iter().flatten();
    let roles: Vec<String> = roles.map(|held| format!("{}@{}", text(held, "role"), text(held, "scope"))).collect();
    let locked = if account.get("locked") == Some(&Value::Bool(true)) { "  [已锁定]" } else { "" };
    format!("{}  {}  {}  {}{locked}", text(account, "id"), text(account, "name"), text(account, "display"), roles.join(", "))
}

async fn lock(client: &Client, name: &str, locked: bool, out: &Out) -> anyhow::Result<()> {
    let path = format!("/api/v1/accounts/{}/lock", escaped(name));
    let account: Value = client.call(Method::PUT, &path, &json!({"locked": locked})).await?;
    out.data(&account, || line(&account))
}
