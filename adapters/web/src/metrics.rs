//! What happens, in the form that Prometheus reads.

use axum::http::StatusCode;
use contract::{Health, LinkState};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};
use std::time::Instant;

/// The counts of the page's own.
pub(crate) struct Metrics {
    answers: Family<ByStatus, Counter>,
    refusals: Family<ByStatus, Counter>,
    started: Instant,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByStatus {
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByNetwork {
    network: String,
}

impl Metrics {
    pub(crate) fn new() -> Metrics {
        Metrics { answers: Family::default(), refusals: Family::default(), started: Instant::now() }
    }

    /// A request was answered.
    pub(crate) fn answered(&self, status: StatusCode) {
        self.answers.get_or_create(&ByStatus { status: status.as_u16() }).inc();
    }

    /// Something was refused, with words for whoever asked.
    pub(crate) fn refused(&self, status: StatusCode) {
        self.refusals.get_or_create(&ByStatus { status: status.as_u16() }).inc();
    }

    /// All of it as text. `health` is how the library is, `streams` how many pages listen.
    pub(crate) fn text(&self, health: Option<&Health>, streams: usize) -> String {
        let mut registry = Registry::with_prefix("pollen");
        registry.register("web_answers", "Requests answered, by status", self.answers.clone());
        registry.register(
            "web_refusals",
            "Requests refused with words for whoever asked, by status",
            self.refusals.clone(),
        );
        gauge(&mut registry, "web_streams", "Pages that listen for answers", streams as u64);
        registry.register_with_unit(
            "uptime",
            "Time since the start",
            Unit::Seconds,
            ConstGauge::new(self.started.elapsed().as_secs_f64()),
        );
        if let Some(health) = health {
            library(&mut registry, health);
        }
        let mut text = String::new();
        // Writing to a text does not fail.
        let _ = encode(&mut text, &registry);
        text
    }
}

fn library(registry: &mut Registry, health: &Health) {
    gauge(registry, "ready", "1 if what arrives is handled", u64::from(health.ready));
    gauge(registry, "inbox_waiting", "Arrivals not handled yet", health.inbox);
    gauge(registry, "inbox_set_aside", "Arrivals set aside because of a bug", health.set_aside);
    gauge(registry, "outbox_sending", "Messages that are being said", health.sending);
    let up: Family<ByNetwork, prometheus_client::metrics::gauge::Gauge> = Family::default();
    for (network, state) in &health.links {
        let listens = matches!(state, LinkState::Listening);
        up.get_or_create(&ByNetwork { network: network.0.clone() }).set(i64::from(listens));
    }
    registry.register("link_up", "1 if a network is listened to", up);
    let counts = &health.counts;
    for (name, help, count) in [
        ("arrivals", "Arrivals handed in, repeats included", counts.arrived),
        ("arrivals_accepted", "Arrivals taken in, repeats not", counts.accepted),
        ("arrivals_handled", "Arrivals handled", counts.handled),
        ("events", "Events handled", counts.events),
        ("commits", "Transactions of handled events", counts.rounds),
        ("commits_failed", "Transactions that failed", counts.commits_failed),
        ("finds_failed", "Look-ups that failed by a bug", counts.finds_failed),
        ("messages_sent", "Messages said or changed", counts.sent),
        ("messages_retried", "Tries to be made again", counts.retried),
        ("messages_dropped", "Messages given up", counts.dropped),
        ("link_restarts", "Times that a network was connected again", counts.links_restarted),
    ] {
        registry.register(name, help, ConstCounter::new(count));
    }
    registry.register_with_unit(
        "commit",
        "Time that transactions took, altogether",
        Unit::Seconds,
        ConstCounter::new(counts.commit_us as f64 / 1e6),
    );
}

fn gauge(registry: &mut Registry, name: &str, help: &str, value: u64) {
    registry.register(name, help, ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX)));
}
