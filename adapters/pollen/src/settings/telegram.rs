//! What is settled of Telegram.

use super::STAFF_MAX;
use super::reader::{Reader, Table};
use std::collections::BTreeMap;

/// What is settled of Telegram.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Telegram {
    /// Whether `serve` runs the bot.
    pub(crate) enabled: bool,
    /// The group with topics where staff work.
    pub(crate) staff_group: Option<i64>,
    /// Who is staff, `@name` or a number by the name that the desk shows; empty: the group's
    /// administrators.
    pub(crate) staff: BTreeMap<String, String>,
    /// The site at which Telegram delivers; without one it is asked.
    pub(crate) webhook: Option<String>,
    /// The server of the Bot API, if it is not Telegram's own.
    pub(crate) server: Option<String>,
}

/// Reads the table `[telegram]`.
pub(super) fn read<'a>(reader: &mut Reader<'a>, root: &Table<'a>) -> Telegram {
    let table = reader.table(root, "telegram");
    reader.only(&table, &["enabled", "staff_group", "staff", "webhook", "server"]);
    let staff_group = reader.integer(&table, "staff_group");
    // Supergroups, which alone have topics, are below -10^12 (Bot API, Chat).
    if staff_group.is_some_and(|group| group > -1_000_000_000_000) {
        reader.wrong(&table, "staff_group", "`staff_group` must be the number of a supergroup, like -1001234567890; docs/telegram.md shows where it stands".to_owned());
    }
    let staff = reader.named(&table, "staff", STAFF_MAX);
    if staff.values().any(|account| !is_account(account)) {
        reader.wrong(
            &table,
            "staff",
            "`staff` must name accounts: staff = { mira = \"@mira_k\", tom = 123456789 }"
                .to_owned(),
        );
    }
    if !staff.is_empty() && staff_group.is_none() {
        reader.wrong(
            &table,
            "staff",
            "`staff` needs a `staff_group`, the group where they work".to_owned(),
        );
    }
    let site = |url: String| url.trim_end_matches('/').to_owned();
    let webhook = reader.url(&table, "webhook").map(site);
    Telegram {
        enabled: reader.flag(&table, "enabled").unwrap_or_default(),
        staff_group,
        staff,
        webhook,
        server: reader.url(&table, "server").map(site),
    }
}

fn is_account(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    match text.strip_prefix('@') {
        Some(name) => (4..=32).contains(&name.len()) && name.chars().all(fits),
        None => text.parse::<u64>().is_ok_and(|number| number > 0),
    }
}
