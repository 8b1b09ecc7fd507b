//! Commands: clients of the API over three transports, see [`client`].
//!
//! A command reads its arguments, asks the API, prints. It holds no rule and touches no store; what it needs of the
//! composition it asks the [`Host`] for. To add a verb: a file with its `Args` and `run`, one line in [`Command`] and one in
//! [`run`]. What is printed goes through [`out::Out`], where `--json` is heeded.

pub mod approve;
pub mod backup;
pub mod client;
pub mod config;
pub mod demo;
pub mod deposit;
pub mod evaluate;
pub mod events;
mod explain;
mod fetch;
pub mod import;
mod labels;
mod ledger;
pub mod out;
mod pick;
mod progress;
pub mod reindex;
pub mod restore;
pub mod review;
pub mod rules;
mod save;
pub mod search;
pub mod serve;
pub mod store;
pub mod submissions;
mod table;
pub mod template;
pub mod user;
pub mod verify;
pub mod words;

pub use client::Client;
pub use out::Out;

use crate::ingest::Ingest;
use axum::Router;
use clap::{Args, Parser, Subcommand};
use rules::RulesCommand;
use serde_json::Value;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// 岳麓：数字化学习资源库。Yuelu: a province's learning-resource repository in one program.
#[derive(Debug, Parser)]
#[command(name = "yuelu", version, max_term_width = 120)]
pub struct Cli {
    /// Where and how.
    #[command(flatten)]
    pub place: Place,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Which house a command talks to, and how it prints.
#[derive(Clone, Debug, Args)]
pub struct Place {
    /// 数据目录 · Data directory.
    #[arg(long, global = true, env = "YUELU_DATA", default_value = "./data", value_name = "DIR", help_heading = "Where")]
    pub data_dir: PathBuf,
    /// 配置文件，默认为数据目录中的 yuelu.toml · Configuration file; without it, yuelu.toml in the data directory.
    #[arg(long, global = true, env = "YUELU_CONFIG", value_name = "FILE", help_heading = "Where")]
    pub config: Option<PathBuf>,
    /// 远程服务器地址 · Talk to this server instead of the data directory.
    #[arg(long, global = true, env = "YUELU_SERVER", value_name = "URL", help_heading = "Where")]
    pub server: Option<String>,
    /// 访问令牌 · API token.
    #[arg(long, global = true, env = "YUELU_TOKEN", value_name = "TOKEN", hide_env_values = true, help_heading = "Where")]
    pub token: Option<String>,
    /// 以 JSON 输出 · Print JSON.
    #[arg(long, global = true, help_heading = "Where")]
    pub json: bool,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// 启动服务 · Serve the data directory.
    Serve(serve::ServeArgs),
    /// 示范：建立数据目录、入库示范资源并启动服务 · Set up a demonstration with the starter collection and serve it.
    Demo(demo::DemoArgs),
    /// 显示生效的配置 · Print the configuration in force.
    Config,
    /// 账户与令牌 · Accounts and tokens.
    #[command(subcommand)]
    User(user::UserCommand),
    /// 提交资源包 · Deposit packages.
    Deposit(deposit::DepositArgs),
    /// 机构审核：打印承诺书、上传盖章件 · Approve a deposit for the institution.
    Approve(approve::ApproveArgs),
    /// 提交的状态、意见与经过 · What was handed in, and where it stands.
    #[command(subcommand)]
    Submissions(submissions::SubmissionsCommand),
    /// 评审台：评审、终审 · A reviewer's desk: reviews and decisions.
    Review(review::ReviewArgs),
    /// 检索 · Search.
    Search(search::SearchArgs),
    /// 检索词提示 · Complete what is typed.
    Suggest(search::SuggestArgs),
    /// 检索词条：同义词、词典词、查不到的词 · What editors teach search.
    #[command(subcommand)]
    Words(words::WordsCommand),
    /// 导入已审目录 · Take over a catalogue that another body vetted.
    Import(import::ImportArgs),
    /// 学习事件 · Learning events.
    #[command(subcommand)]
    Events(events::EventsCommand),
    /// 评估推荐与检索的效果 · What recommendations and search are worth.
    Evaluate(evaluate::EvaluateArgs),
    /// 审核规则 · Vetting standards.
    #[command(subcommand)]
    Rules(rules::RulesCommand),
    /// 资源批量入库模板 · The workbook that institutions fill in.
    Template(template::TemplateArgs),
    /// 导出审核台账 · Save the review ledger for whoever verifies it elsewhere.
    Ledger(ledger::LedgerArgs),
    /// 完整性检查 · Verify that everything kept is as it was written.
    Verify(verify::VerifyArgs),
    /// 重建检索索引 · Build the search index anew.
    Reindex,
    /// 备份（服务不中断） · Back up while serving.
    Backup(backup::BackupArgs),
    /// 恢复备份 · Restore a backup.
    Restore(restore::RestoreArgs),
    /// 存储引擎 · The record store.
    #[command(subcommand)]
    Store(store::StoreCommand),
}

impl Place {
    /// The name by which notes of what was sent where tell houses apart.
    fn name(&self) -> String {
        match &self.server {
            Some(server) => server.trim_end_matches('/').to_owned(),
            None => self.data_dir.canonicalize().unwrap_or_else(|_| self.data_dir.clone()).display().to_string(),
        }
    }

    /// Requires that no server was named: for what is done on the files themselves.
    fn require_local(&self, verb: &str) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.server.is_none(),
            "{verb} 只能用于本机的数据目录，请去掉 --server · {verb} works on a data directory of this machine; leave out --server"
        );
        Ok(())
    }
}

/// The user's folder for notes of how far a long command went: `yuelu` in `$XDG_STATE_HOME` or `~/.local/state`.
fn state_folder() -> PathBuf {
    let states = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/state"));
    states.or_else(home).unwrap_or_else(std::env::temp_dir).join("yuelu")
}

/// What commands ask of the composition, which lies above them.
#[async_trait::async_trait]
pub trait Host: Send + Sync {
    /// The configuration in force, as TOML and as JSON.
    fn config(&self, place: &Place) -> anyhow::Result<(String, Value)>;

    /// Opens the data directory and serves it on an address and on its socket. `demo`: whether demonstration accounts act.
    async fn serve(&self, place: &Place, listen: Option<SocketAddr>, demo: bool) -> anyhow::Result<Box<dyn Served>>;

    /// The machine checks over `folder`, which is thrown away afterwards, by the standards that the configuration names.
    fn trial(&self, place: &Place, folder: &Path) -> anyhow::Result<Ingest>;

    /// Opens the data directory for one command, on its socket alone.
    async fn open(&self, place: &Place) -> anyhow::Result<Box<dyn Served>>;
}

/// An open house.
#[async_trait::async_trait]
pub trait Served: Send + Sync {
    /// The address it is served on, where it is.
    fn address(&self) -> Option<SocketAddr>;

    /// Everything that is served, for this process, which acts as the system.
    fn router(&self) -> Router;

    /// Waits for SIGTERM or SIGINT, then stops.
    async fn until_signal(self: Box<Self>) -> anyhow::Result<()>;

    /// Stops in order.
    async fn stop(self: Box<Self>) -> anyhow::Result<()>;
}

/// Runs the program: arguments in, exit code out (0 done, 1 refused or failed, 2 wrong usage).
pub fn main(host: &dyn Host) -> ExitCode {
    let cli = Cli::parse();
    let out = Out::new(cli.place.json);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(run(host, cli, &out)),
        Err(error) => Err(error.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if out::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            out.failure(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run(host: &dyn Host, cli: Cli, out: &Out) -> anyhow::Result<()> {
    let Cli { place, command } = cli;
    match command {
        Command::Serve(args) => serve::run(host, &place, &args, out).await,
        Command::Demo(args) => demo::run(host, &place, &args, out).await,
        Command::Config => config::run(host, &place, out),
        Command::Restore(args) => restore::run(&place, args, out).await,
        Command::Verify(verify::VerifyArgs { ledger: Some(file), checkpoint, .. }) => ledger::verify(&file, checkpoint.as_deref(), out),
        Command::Store(command) => store::run(&place, command, out).await,
        Command::Rules(RulesCommand::Check(args)) => rules::check(&args, out),
        Command::Evaluate(args) if args.is_of_file() => evaluate::of_file(args, out),
        Command::Rules(RulesCommand::Explain(args)) if args.submission.is_none() => explain::files(host, &place, &args.paths, out).await,
        asking => {
            let client = Client::connect(host, &place).await?;
            let done = ask(&client, &place, asking, out).await;
            client.close().await?;
            done
        }
    }
}

/// The commands that are clients of the API and nothing more.
async fn ask(client: &Client, place: &Place, command: Command, out: &Out) -> anyhow::Result<()> {
    match command {
        Command::User(command) => user::run(client, command, out).await,
        Command::Deposit(args) => deposit::run(client, place, args, out).await,
        Command::Approve(args) => approve::run(client, args, out).await,
        Command::Submissions(command) => submissions::run(client, command, out).await,
        Command::Review(args) => review::run(client, args, out).await,
        Command::Search(args) => search::run(client, args, out).await,
        Command::Suggest(args) => search::suggest(client, args, out).await,
        Command::Words(command) => words::run(client, command, out).await,
        Command::Import(args) => import::run(client, place, args, out).await,
        Command::Events(command) => events::run(client, command, out).await,
        Command::Evaluate(args) => evaluate::run(client, place, args, out).await,
        Command::Rules(RulesCommand::List) => rules::list(client, out).await,
        Command::Rules(RulesCommand::Diff(args)) => rules::diff(client, &args.folder, out).await,
        Command::Rules(RulesCommand::Test(args)) => rules::test(client, args, out).await,
        Command::Rules(RulesCommand::Explain(args)) => explain::submission(client, args.submission.as_deref(), out).await,
        Command::Template(args) => template::run(client, args, out).await,
        Command::Ledger(args) => ledger::run(client, args, out).await,
        Command::Verify(args) => verify::run(client, args, out).await,
        Command::Reindex => reindex::run(client, out).await,
        Command::Backup(args) => backup::run(client, place, args, out).await,
        // These were run before a client was made.
        Command::Rules(RulesCommand::Check(_))
        | Command::Serve(_)
        | Command::Demo(_)
        | Command::Config
        | Command::Restore(_)
        | Command::Store(_) => Ok(()),
    }
}
