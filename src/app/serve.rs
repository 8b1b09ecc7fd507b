//! Listening: on an address for the public, on the socket in the data directory for commands.

use super::App;
use crate::edge::actor::LocalCaller;
use anyhow::Context as _;
use axum::{Extension, Router};
use std::future::Future;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::{TcpListener, UnixListener};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Name of the socket in a served data directory.
pub const SOCKET: &str = "yuelu.sock";
/// How long requests under way may take after the stop.
const GRACE: Duration = Duration::from_secs(10);

/// An open house with listeners.
pub struct Running {
    app: App,
    address: Option<SocketAddr>,
    socket: PathBuf,
    stop: CancellationToken,
    listeners: JoinSet<()>,
}

impl Running {
    /// Listens on the socket in `data_dir` and, where one is given, on `listen`.
    ///
    /// # Errors
    /// When an address is taken or the socket cannot be made.
    pub async fn start(app: App, data_dir: &Path, listen: Option<SocketAddr>) -> anyhow::Result<Self> {
        let socket = data_dir.join(SOCKET);
        let stop = CancellationToken::new();
        let mut listeners = JoinSet::new();
        let local = bind_socket(&socket)?;
        let local_router = inside(&app.router);
        let serving = axum::serve(local, local_router).with_graceful_shutdown(stop.clone().cancelled_owned());
        listeners.spawn(logged("socket", serving.into_future()));
        let mut address = None;
        if let Some(listen) = listen {
            let listener = TcpListener::bind(listen).await.with_context(|| format!("{listen} is taken; choose another with --listen"))?;
            address = Some(listener.local_addr()?);
            let service = app.router.clone().into_make_service_with_connect_info::<SocketAddr>();
            let serving = axum::serve(listener, service).with_graceful_shutdown(stop.clone().cancelled_owned());
            listeners.spawn(logged("address", serving.into_future()));
        }
        Ok(Self { app, address, socket, stop, listeners })
    }

    /// The address it is served on, with the port that the system chose where 0 was asked for.
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Everything that is served, for a caller within this process, who acts as the system.
    pub fn inside(&self) -> Router {
        inside(&self.app.router)
    }

    /// Waits for SIGTERM or SIGINT, then stops.
    ///
    /// # Errors
    /// As [`Running::stop`].
    pub async fn until_signal(self) -> anyhow::Result<()> {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            _ = terminate.recv() => {}
            interrupted = tokio::signal::ctrl_c() => interrupted?,
        }
        tracing::info!("stopping");
        self.stop().await
    }

    /// Takes no more requests, lets those under way end within a grace, stops the workers and closes the store.
    ///
    /// # Errors
    /// When the store does not close cleanly.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.stop.cancel();
        let ending = async { while self.listeners.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, ending).await.is_err() {
            tracing::warn!("requests were still under way at the stop");
            self.listeners.shutdown().await;
        }
        if let Err(error) = std::fs::remove_file(&self.socket) {
            tracing::debug!(%error, "the socket was gone already");
        }
        self.app.close().await
    }
}

fn inside(router: &Router) -> Router {
    router.clone().layer(Extension(LocalCaller))
}

fn bind_socket(path: &Path) -> anyhow::Result<UnixListener> {
    // The lock of the data directory is ours, so a socket that is there is a dead one.
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error).context("the old socket cannot be removed"),
        _ => {}
    }
    let listener = UnixListener::bind(path).with_context(|| format!("the socket {} cannot be made", path.display()))?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

async fn logged(what: &'static str, serving: impl Future<Output = std::io::Result<()>>) {
    if let Err(error) = serving.await {
        tracing::error!(%error, what, "listening failed");
    }
}
