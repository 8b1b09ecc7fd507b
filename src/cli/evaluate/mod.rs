//! `yuelu evaluate`: what recommendations are worth on the log, and what search is worth on judged queries.
//!
//! A further thing to evaluate is a file with its `Args` and `run`, and one line in [`EvaluateCommand`].

mod experiment;
mod judged;
mod recommend;
mod search;

use super::{Client, Out, Place};
use clap::{Args, Subcommand};

/// Arguments of `evaluate`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct EvaluateArgs {
    /// What; recommendations where nothing is said.
    #[command(subcommand)]
    command: Option<EvaluateCommand>,
    #[command(flatten)]
    recommend: recommend::RecommendArgs,
}

/// What is evaluated.
#[derive(Debug, Subcommand)]
enum EvaluateCommand {
    /// 推荐：回放学习记录 · Recommendations, on the site's own log.
    Recommend(recommend::RecommendArgs),
    /// 推荐实验：两组清单的效果 · An experiment: what the lists of its arms led to.
    Experiment(experiment::ExperimentArgs),
    /// 检索：有标准答案的检索词 · Search, on judged queries.
    Search(search::SearchArgs),
}

impl EvaluateArgs {
    /// Whether it evaluates a file, for which no house is needed.
    pub fn is_of_file(&self) -> bool {
        let recommend = match &self.command {
            None => &self.recommend,
            Some(EvaluateCommand::Recommend(args)) => args,
            Some(EvaluateCommand::Experiment(_) | EvaluateCommand::Search(_)) => return false,
        };
        recommend.log.is_some()
    }
}

/// Evaluates recommendations on a file of events.
///
/// # Errors
/// When a file cannot be read or written.
pub fn of_file(args: EvaluateArgs, out: &Out) -> anyhow::Result<()> {
    match args.command {
        Some(EvaluateCommand::Recommend(args)) => recommend::of_file(&args, out),
        _ => recommend::of_file(&args.recommend, out),
    }
}

/// Evaluates and prints the figures.
///
/// # Errors
/// When a file cannot be read, or what the API refuses.
pub async fn run(client: &Client, place: &Place, args: EvaluateArgs, out: &Out) -> anyhow::Result<()> {
    match args.command {
        None => recommend::run(client, place, args.recommend, out).await,
        Some(EvaluateCommand::Recommend(args)) => recommend::run(client, place, args, out).await,
        Some(EvaluateCommand::Experiment(args)) => experiment::run(client, args, out).await,
        Some(EvaluateCommand::Search(args)) => search::run(client, args, out).await,
    }
}
