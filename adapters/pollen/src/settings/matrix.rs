//! What is settled of Matrix.

use super::STAFF_MAX;
use super::reader::{Reader, Table};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Servers and people whose invitations are accepted: more is no list that anybody keeps by hand.
const INVITES_MAX: usize = 200;
/// Events a second: no homeserver takes more from one account.
const PER_SECOND: RangeInclusive<f64> = 0.001..=1_000.0;
/// Events that may go at once.
const BURST_MAX: u32 = 10_000;

/// What is settled of Matrix.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Matrix {
    /// Whether `serve` runs the bot.
    pub(crate) enabled: bool,
    /// The homeserver's address.
    pub(crate) homeserver: Option<String>,
    /// The bot's account.
    pub(crate) user: Option<String>,
    /// The room where staff work.
    pub(crate) staff_room: Option<String>,
    /// Who is staff, by the names that the desk shows; empty: the room's moderators.
    pub(crate) staff: BTreeMap<String, String>,
    /// Whose invitations are accepted; `None`: those of the bot's own homeserver.
    pub(crate) invites: Option<Vec<String>>,
    /// How many events the homeserver lets the bot send in a second.
    pub(crate) per_second: Option<f64>,
    /// How many it lets it send at once.
    pub(crate) burst: Option<u32>,
}

/// Reads the table `[matrix]`.
pub(super) fn read<'a>(reader: &mut Reader<'a>, root: &Table<'a>) -> Matrix {
    let table = reader.table(root, "matrix");
    reader.only(
        &table,
        &["enabled", "homeserver", "user", "staff_room", "staff", "invites", "per_second", "burst"],
    );
    let enabled = reader.flag(&table, "enabled").unwrap_or_default();
    let homeserver = reader.url(&table, "homeserver");
    let text = |text: &str| Some(text.to_owned());
    let user = reader.parsed(
        &table,
        "user",
        |user| text(user).filter(|user| is_user(user) || is_local(user)),
        "the bot's account, like \"pollen\" or \"@pollen:example.org\"",
    );
    let staff_room = reader.parsed(
        &table,
        "staff_room",
        |room| text(room).filter(|room| is_called(room, &['!', '#']) || room.starts_with('!')),
        "a room's id or address, like \"!abc:example.org\" or \"#staff:example.org\"; docs/matrix.md \
         shows where it stands",
    );
    let staff = reader.named(&table, "staff", STAFF_MAX);
    if staff.values().any(|account| !is_user(account)) {
        let words = "`staff` must name accounts: staff = { mira = \"@mira:example.org\" }";
        reader.wrong(&table, "staff", words.to_owned());
    }
    if !staff.is_empty() && !table.has("staff_room") {
        let words = "`staff` needs a `staff_room`, the room where they work";
        reader.wrong(&table, "staff", words.to_owned());
    }
    let invites = reader.parsed_list(
        &table,
        "invites",
        INVITES_MAX,
        |one| text(one).filter(|one| one == "*" || is_user(one) || is_server(one)),
        "servers and people, like \"example.org\" and \"@ana:example.org\"; \"*\" is everybody",
    );
    if enabled && !table.has("homeserver") {
        reader.missing(
            "`homeserver` under [matrix]: write its address, like \"https://matrix.example.org\"",
        );
    }
    if enabled && !table.has("user") {
        reader.missing(
            "`user` under [matrix]: write the bot's account, like \"@pollen:example.org\"",
        );
    }
    Matrix {
        enabled,
        homeserver: homeserver.map(|url| url.trim_end_matches('/').to_owned()),
        user,
        staff_room,
        staff,
        invites: table.has("invites").then_some(invites),
        per_second: reader.number(&table, "per_second", &PER_SECOND),
        burst: reader.count(&table, "burst", BURST_MAX),
    }
}

/// Whether a text is a whole name: one of these signs, a name, a colon and a server.
fn is_called(text: &str, signs: &[char]) -> bool {
    let name = text.strip_prefix(signs).and_then(|text| text.split_once(':'));
    name.is_some_and(|(name, server)| !name.is_empty() && is_server(server))
}

fn is_user(text: &str) -> bool {
    is_called(text, &['@'])
}

fn is_local(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._=-/+".contains(c);
    !text.is_empty() && text.chars().all(fits)
}

fn is_server(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
    !text.is_empty() && text.chars().all(fits)
}
