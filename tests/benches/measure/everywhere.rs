//! A large library everywhere at once: what the program holds in memory with all networks, the page and its desk, ten
//! thousand entries and a large catalogue. How long it takes to find an answer by its meaning among these is what
//! `knowledge/examples/times.rs` prints.

use crate::library;
use crate::networks::{PATIENCE, QUESTION};
use crate::program::{Memory, PROGRAM, memory_after};
use crate::table::row;
use knowledge::Encoding;
use knowledge::index::{self, Rebuild};
use peers::discord::Limits as DiscordLimits;
use peers::matrix::{Limits, Synapse};
use peers::telegram::Limits as TelegramLimits;
use serde_json::json;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tests::at_home::AtHome;
use tests::beside::{Server as _, on_discord, on_telegram};
use tests::program::{connect_discord, connect_telegram};

/// Entries beside those of the set.
const ENTRIES: usize = 10_000;
const SETTINGS: &str = "name = \"Library\"\nlanguages = [\"en\"]\n";

/// Measures it.
pub(crate) fn measure(temporary: &Path, data: &Path) {
    let sets = ["gutenberg/records.jsonl.gz", "covid-en/faq.jsonl"];
    let library = library::library(temporary, "everywhere", data, &sets);
    write_entries(&library, data);
    let report =
        index::build(&library, &library.join("data"), Rebuild::All, &Encoding::Shipped, &|_| {})
            .unwrap();
    let (entries, records) = (report.entries as f64, report.records as f64);
    row("everywhere: entries, and records", entries, records, f64::NAN, "");
    let synapse = Arc::new(Synapse::start(Limits::none()).unwrap());
    let mut ours = AtHome::ours(&synapse, "pollen", Path::new(PROGRAM), &library).unwrap();
    let folder = ours.library().unwrap();
    let (telegram, discord) =
        (on_telegram(TelegramLimits::none()), on_discord(DiscordLimits::none()));
    let desk = discord.peer.add_channel(discord.guild, "desk");
    let staff = discord.peer.add_role(discord.guild, "Staff", peers::discord::Permissions::NONE);
    connect_telegram(folder, &telegram, None, None).unwrap();
    connect_discord(folder, &discord.peer, Some((desk, staff)), false).unwrap();
    let mut file = std::fs::File::options().append(true).open(folder.join("pollen.toml")).unwrap();
    writeln!(file, "[web]\nenabled = true\nlisten = \"127.0.0.1:0\"").unwrap();
    ours.start().unwrap();
    telegram.wait_for_listener(0);
    discord.wait_for_listener(0);
    let (ana, ben) = (telegram.somebody("ana"), discord.somebody("ben"));
    telegram.says(ana, QUESTION);
    discord.says(ben, QUESTION);
    assert!(
        telegram.next_sent(PATIENCE).is_some() && discord.next_sent(PATIENCE),
        "no answer has come"
    );
    let patron = ours.patrons("eva", 1).unwrap().remove(0);
    ours.says(&patron, QUESTION, "1").unwrap();
    let began = Instant::now();
    while ours.answers(&patron).unwrap() == 0 {
        assert!(began.elapsed() < PATIENCE, "no answer has come");
        std::thread::sleep(Duration::from_millis(50));
    }
    let with = Memory::of(ours.process().unwrap());
    drop(ours);
    std::fs::write(library.join("pollen.toml"), SETTINGS).unwrap();
    let without = memory_after(&library, &[QUESTION; 3]);
    row("… resident, beside the core's alone, MB", with.resident, without.resident, f64::NAN, "");
    row("… without the pages of files, MB", with.own, without.own, f64::NAN, "");
}

/// Entries of which each answers one question that people have asked somewhere.
fn write_entries(library: &Path, data: &Path) {
    let mut file = std::fs::File::create(library.join("faq/many.jsonl")).unwrap();
    let asked = library::texts(&data.join("intent_en_clinc150/train.jsonl"));
    for (number, text) in asked.into_iter().enumerate().take(ENTRIES) {
        let answer = format!("This is what the library says of it: {text}");
        let entry =
            json!({ "id": format!("many-{number}"), "questions": [text], "answer": answer });
        writeln!(file, "{entry}").unwrap();
    }
}
