//! The program as it is served, in this process: composed and listening as `yuelu serve` composes it, on a thread and a runtime of
//! its own, by a clock that the test moves.

use std::path::Path;
use std::thread::JoinHandle;
use tokio::sync::oneshot;
use yuelu::app::{App, Running};
use yuelu::clock::Clock;
use yuelu::config::{Config, Flags};

/// A house that is served here; it stops when it is dropped.
pub struct Here {
    /// `http://address`.
    pub base: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Here {
    /// Serves this data directory, with the configuration in its `yuelu.toml`, by `clock`.
    pub fn start(dir: &Path, clock: Clock) -> Self {
        let flags = Flags { data_dir: Some(dir.to_owned()), file: None, listen: Some(([127, 0, 0, 1], 0).into()) };
        let mut config = Config::load(&flags).unwrap();
        (config.limits.requests_per_minute, config.limits.sign_ins_per_minute) = (0, 0);
        let (told, listening) = std::sync::mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async move {
                let app = App::open(&config, clock, true).await.unwrap();
                let running = Running::start(app, &config.data_dir, Some(config.listen)).await.unwrap();
                told.send(running.address().unwrap()).unwrap();
                let _ = stopped.await;
                running.stop().await.unwrap();
            });
        });
        let address = listening.recv().expect("the house opens");
        Self { base: format!("http://{address}"), stop: Some(stop), thread: Some(thread) }
    }

    /// Stops it; gives whether it ended well.
    pub fn stop(&mut self) -> bool {
        drop(self.stop.take());
        self.thread.take().is_none_or(|thread| thread.join().is_ok())
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        self.stop();
    }
}
