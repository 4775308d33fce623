//! Looks up what a round asks for, on worker threads.

use crate::core::Finder;
use crate::panics::caught;
use crate::shared::lock;
use knowledge::{Findings, Query};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::runtime::{Handle, RuntimeFlavor};

/// Looks all queries up, as many at once as there are cores. Returns their findings in the order of
/// the queries, and how many of them panicked: those have found nothing.
pub(crate) async fn look_up(
    finder: &Arc<dyn Finder>,
    queries: Vec<Query>,
) -> (Vec<Findings>, usize) {
    let found = queries.iter().map(|_| None).collect();
    let job = Arc::new(Job { queries, next: AtomicUsize::new(0), found: Mutex::new(found) });
    if job.queries.len() == 1 && Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread {
        // Waking another thread would take longer than many a look-up does.
        tokio::task::block_in_place(|| job.work(&**finder));
        return job.found();
    }
    let threads = cores().min(job.queries.len());
    let workers: Vec<_> = (0..threads)
        .map(|_| {
            let (job, finder) = (job.clone(), finder.clone());
            tokio::task::spawn_blocking(move || job.work(&*finder))
        })
        .collect();
    for worker in workers {
        // A worker catches what panics, so it fails only when the program is ending.
        let _ = worker.await;
    }
    job.found()
}

struct Job {
    queries: Vec<Query>,
    next: AtomicUsize,
    found: Mutex<Vec<Option<Findings>>>,
}

impl Job {
    fn found(&self) -> (Vec<Findings>, usize) {
        let found = std::mem::take(&mut *lock(&self.found));
        let failed = found.iter().filter(|findings| findings.is_none()).count();
        (found.into_iter().map(Option::unwrap_or_default).collect(), failed)
    }

    fn work(&self, finder: &dyn Finder) {
        loop {
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(query) = self.queries.get(at) else { return };
            if let Ok(findings) = caught(|| finder.find(query)) {
                lock(&self.found)[at] = Some(findings);
            }
        }
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
