//! `yuelu deposit PATH…`: hands in packages, or folders of packages, and prints one receipt for all of them.
//!
//! A package that fails stops none of the others. What was taken in is noted at once, and each package carries an
//! Idempotency-Key made of its bytes: run again after a break, the command sends only what is missing.

mod find;
mod journal;
pub(super) mod pack;
mod receipt;
mod send;
mod wait;

use super::{Client, Out, Place};
use clap::Args;
use journal::Journal;
use receipt::Receipt;
use std::path::PathBuf;

/// Arguments of `deposit`.
#[derive(Debug, Args)]
pub struct DepositArgs {
    /// 资源包（文件夹或 ZIP），或装有多个资源包的文件夹 · Packages (folders or ZIP files), or folders of packages.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// 本批资源已逐条自审，接受入库承诺 · The institution has reviewed each item itself and gives the pledge (see `yuelu deposit --help`).
    ///
    /// 承诺全文：本机构已对本批资源逐条自审，确认其政治导向正确、内容科学真实、不侵犯他人著作权与个人信息权益，人工智能生成内容已按规定标识；
    /// 涉及民族文化与传承人的内容已取得授权。如有不实，愿承担相应责任。
    #[arg(long)]
    pub pledge: bool,
    /// 等到机器检测结束 · Wait until the machine checks have ended.
    #[arg(long)]
    pub wait: bool,
    /// 希望走的审核通道：regular（常规入库）、selected（精品遴选） · Track that is asked for.
    #[arg(long, value_name = "TRACK")]
    pub track: Option<String>,
    /// 以此机构的名义提交 · Organisation to deposit for, where the account has several.
    #[arg(long, value_name = "ORG")]
    pub owner: Option<String>,
    /// 机构名称，仅供管理员代为提交 · Name of the institution, for administrators who deposit for others.
    #[arg(long, value_name = "NAME")]
    pub institution: Option<String>,
    /// 续传记录文件 · Journal by which a run that was broken off goes on.
    #[arg(long, value_name = "FILE")]
    pub journal: Option<PathBuf>,
}

/// Deposits them and prints the receipt.
///
/// # Errors
/// When a path holds no package, or when a package was not taken in or was refused: the receipt says which and why.
pub async fn run(client: &Client, place: &Place, args: DepositArgs, out: &Out) -> anyhow::Result<()> {
    anyhow::ensure!(
        args.pledge,
        "提交前请确认承诺并加上 --pledge，承诺全文见 yuelu deposit --help · \
         depositing needs the institution's pledge: add --pledge (its words are in yuelu deposit --help)"
    );
    let packages = find::packages(&args.paths)?;
    let path = args.journal.clone().unwrap_or_else(|| super::state_folder().join("deposits.jsonl"));
    let mut journal = Journal::open(path, place.name())?;
    let mut receipts: Vec<Receipt> = Vec::new();
    for (number, path) in (1..).zip(&packages) {
        let label = format!("[{number}/{}] {}", packages.len(), path.file_name().unwrap_or_default().to_string_lossy());
        receipts.push(send::one(client, &mut journal, path, &args, &label, out).await);
    }
    if args.wait {
        wait::for_checks(client, &mut receipts, out).await?;
    }
    out.data(&receipt::as_json(&receipts), || receipt::as_text(&receipts))?;
    let failed = receipts.iter().filter(|receipt| receipt.failure.is_some()).count();
    anyhow::ensure!(
        failed == 0,
        "{failed} 个资源包没有提交成功，修正后再次运行即可续传 · {failed} packages were not taken in; run again after mending them"
    );
    Ok(())
}
