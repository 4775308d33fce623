//! What several tests need.

use crate::settings::Settings;
use crate::site::Site;
use knowledge::Lang;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::MemoryStore;

/// The settings of a library that has settled nothing.
pub(crate) fn settings() -> Settings {
    Settings {
        listen: "127.0.0.1:0".parse().unwrap(),
        address: None,
        proxies: Vec::new(),
        embed: Vec::new(),
        per_person: 20,
        per_address: 120,
        name: BTreeMap::from([(Lang::EN, "Linden Library".to_owned())]),
        langs: vec![Lang::EN, Lang::FR],
        desk_lang: Lang::EN,
        keep: jiff::SignedDuration::from_hours(14 * 24),
        desk_password: None,
        staff: Vec::new(),
    }
}

/// A site on an empty store.
pub(crate) fn site() -> Site {
    Site::new(settings(), axum::Router::new(), Arc::new(MemoryStore::new()), &[7; 32])
}
