//! What can be wrong with the library's own web pages.

use super::Found;
use crate::library::Library;

/// Reads the sitemap, if there is one, and fetches no page.
pub(super) async fn look(library: &Library, found: &mut Found) {
    let Some(settings) = library.settings.pages.for_sources() else {
        let words = "none are fetched: no `sitemap` under [pages] in pollen.toml";
        return found.good("pages", words.to_owned());
    };
    match sources::look(&settings).await {
        Ok(words) => found.good("pages", words),
        Err(words) => found.wrong("pages", words),
    }
}
