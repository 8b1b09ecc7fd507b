//! `yuelu demo`: a data directory of its own with the starter collection, deposited and vetted through the API like anything
//! else, a log of synthetic events, and a served repository to try.
//!
//! Nothing here knows a shortcut: accounts, deposits, opinions, decisions and events go through the same routes that people
//! use. A second run finds what is done and goes on; a data directory that is not a demonstration's is refused.

mod cast;
mod collection;
mod guide;
mod journey;
mod learners;

use super::{Client, Host, Out, Place, Served};
use cast::Cast;
use clap::Args;
use collection::Collection;
use serde_json::json;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The data directory where none was named.
const DATA_DIR: &str = "./data-demo";

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// 监听地址，默认 127.0.0.1:7700 · Address and port to serve on.
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,
    /// 示范资源所在的文件夹，默认为源代码中的 resources · Folder of the starter collection; without it, `resources` of the source tree.
    #[arg(long, value_name = "DIR")]
    pub collection: Option<PathBuf>,
}

/// Sets the demonstration up and serves until a signal.
///
/// # Errors
/// What keeps it from being set up; the data directory keeps what was done, and the next run goes on there.
pub async fn run(host: &dyn Host, place: &Place, args: &DemoArgs, out: &Out) -> anyhow::Result<()> {
    let mut place = place.clone();
    place.require_local("demo")?;
    if place.data_dir == Path::new("./data") {
        place.data_dir = PathBuf::from(DATA_DIR);
    }
    let collection = Collection::read(&collection_folder(args)?)?;
    let mut cast = Cast::of(&place.data_dir)?;
    let house = host.serve(&place, args.listen, true).await?;
    let prepared = prepare(house.as_ref(), &mut cast, &collection, out).await;
    if let Err(error) = prepared {
        house.stop().await?;
        return Err(error);
    }
    house.until_signal().await
}

async fn prepare(house: &dyn Served, cast: &mut Cast, collection: &Collection, out: &Out) -> anyhow::Result<()> {
    let system = Client::within(house.router(), None);
    let address = house.address().map(|address| format!("http://{address}")).unwrap_or_default();
    out.note("1/5 示范账户 · accounts");
    cast.complete(&system, collection).await?;
    let client = |person: &cast::Person| Client::within(house.router(), Some(person.token.clone()));
    let outcome = match cast.deposits() {
        Some(deposits) => journey::outcome(&system, deposits, collection).await?,
        None => {
            out.note("2/5 提交示范资源并检测 · depositing the starter collection, machine checks");
            let deposits = journey::deposit_all(&client, cast, collection, out).await?;
            out.note("3/5 机构审核 · the institutions' approval");
            journey::approve_all(&client, cast, collection, &deposits).await?;
            out.note("4/5 评审与终审 · reviews and decisions");
            journey::vet_all(&client, cast, collection, out).await?;
            let outcome = journey::outcome(&system, &deposits, collection).await?;
            out.note("5/5 模拟学习记录 · synthetic learning events");
            learners::load(&client, cast, collection, &outcome).await?;
            cast.finish(deposits)?;
            outcome
        }
    };
    journey::until_searchable(&system).await?;
    let guide = guide::Guide::write(&system, &address, cast, collection, &outcome).await?;
    let told = json!({"address": address, "outcome": outcome, "accounts": cast.people(), "try": guide.lines()});
    out.data(&told, || guide.as_text(&outcome))
}

/// The folder named, else `resources` below the working directory, else that of the source tree the program was built from.
fn collection_folder(args: &DemoArgs) -> anyhow::Result<PathBuf> {
    let built_from = Path::new(env!("CARGO_MANIFEST_DIR")).join("resources");
    let usual = [PathBuf::from("resources"), built_from];
    let found = match &args.collection {
        Some(folder) => Some(folder.clone()).filter(|folder| collection::is_one(folder)),
        None => usual.into_iter().find(|folder| collection::is_one(folder)),
    };
    found.ok_or_else(|| {
        anyhow::anyhow!(
            "找不到示范资源（含 collection.toml 的文件夹），请在源代码目录中运行，或用 --collection 指明 · \
             the starter collection was not found; run this in the source tree or name its folder with --collection"
        )
    })
}
