//! What is settled of Discord.

use super::reader::{Reader, Table};

/// The least number of a thing on Discord: what is shorter was not copied whole
/// (developers/reference, "Snowflakes").
const NUMBER_MIN: u64 = 10_000_000_000_000_000;

/// What is settled of Discord.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Discord {
    /// Whether `serve` runs the bot.
    pub(crate) enabled: bool,
    /// The channel where staff work.
    pub(crate) staff_channel: Option<u64>,
    /// The role of those who are staff.
    pub(crate) staff_role: Option<u64>,
    /// Whether the bot may read what people say to each other, which Discord grants.
    pub(crate) message_content: bool,
    /// Where calls go instead of to Discord.
    pub(crate) server: Option<String>,
}

/// Reads the table `[discord]`.
pub(super) fn read<'a>(reader: &mut Reader<'a>, root: &Table<'a>) -> Discord {
    let table = reader.table(root, "discord");
    reader.only(&table, &["enabled", "staff_channel", "staff_role", "message_content", "server"]);
    let staff_channel = number(reader, &table, "staff_channel");
    let staff_role = number(reader, &table, "staff_role");
    match (table.has("staff_channel"), table.has("staff_role")) {
        (true, false) => reader.wrong(
            &table,
            "staff_channel",
            "`staff_channel` needs a `staff_role`, the role of those who are staff in it"
                .to_owned(),
        ),
        (false, true) => reader.wrong(
            &table,
            "staff_role",
            "`staff_role` needs a `staff_channel`, the channel where they work".to_owned(),
        ),
        (true, true) | (false, false) => {}
    }
    let site = |url: String| url.trim_end_matches('/').to_owned();
    Discord {
        enabled: reader.flag(&table, "enabled").unwrap_or_default(),
        staff_channel,
        staff_role,
        message_content: reader.flag(&table, "message_content").unwrap_or_default(),
        server: reader.url(&table, "server").map(site),
    }
}

fn number<'a>(reader: &mut Reader<'a>, table: &Table<'a>, key: &str) -> Option<u64> {
    let written = reader.integer(table, key)?;
    let number = u64::try_from(written).ok().filter(|number| *number >= NUMBER_MIN);
    if number.is_none() {
        let words = format!(
            "`{key}` must be the number that Copy ID gives, like 1100000000000000001; \
             docs/discord.md shows where it stands"
        );
        reader.wrong(table, key, words);
    }
    number
}
