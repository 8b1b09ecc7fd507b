//! `yuelu serve`.

use super::{Host, Out, Place};
use clap::Args;
use std::net::SocketAddr;

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// 监听地址，默认 127.0.0.1:7700 · Address and port to serve on.
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,
}

/// Serves until a signal.
///
/// # Errors
/// What keeps it from starting, or from ending cleanly.
pub async fn run(host: &dyn Host, place: &Place, args: &ServeArgs, out: &Out) -> anyhow::Result<()> {
    let house = host.serve(place, args.listen, false).await?;
    if let Some(address) = house.address() {
        let ready = serde_json::json!({"address": format!("http://{address}")});
        out.data(&ready, || format!("岳麓已就绪 · ready at http://{address}"))?;
    }
    house.until_signal().await
}
