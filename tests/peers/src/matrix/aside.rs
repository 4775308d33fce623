//! Threads of a peer's own, so that its methods may be called from anywhere.

use std::sync::mpsc;
use tokio::runtime::Runtime;

/// A runtime beside the caller's, if that has one; it ends when this is dropped.
pub(crate) struct Aside(Option<Runtime>);

impl Aside {
    pub(crate) fn new(name: &str) -> std::io::Result<Self> {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        Ok(Self(Some(builder.worker_threads(1).thread_name(name).enable_all().build()?)))
    }

    /// Does something beside the caller. It must be called where no runtime has to be entered.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        if let Some(runtime) = &self.0 {
            runtime.spawn(work);
        }
    }

    /// Has something done while the caller's thread waits for it; nothing if the work panics.
    pub(crate) fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        // `block_on` would panic inside another runtime.
        let (done, outcome) = mpsc::sync_channel(1);
        self.spawn(async move {
            let _nobody_waits = done.send(work.await);
        });
        outcome.recv().ok()
    }

    /// Makes a listener one of this runtime's.
    pub(crate) fn adopt(
        &self,
        listener: std::net::TcpListener,
    ) -> std::io::Result<tokio::net::TcpListener> {
        listener.set_nonblocking(true)?;
        let _inside = self.0.as_ref().map(Runtime::enter);
        tokio::net::TcpListener::from_std(listener)
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            // Waiting for it would not be allowed inside another runtime.
            runtime.shutdown_background();
        }
    }
}
