//! What `pollen.toml` settles.

mod discord;
mod encoder;
mod matrix;
mod pages;
mod reader;
mod telegram;
mod topics;
mod web;

use bot::{Capabilities, NEARLY, Network, Place, SURE};
use jiff::SignedDuration;
use knowledge::Lang;
use reader::{Range, Reader};
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::Path;

pub(crate) use discord::Discord;
pub(crate) use encoder::Encoder;
pub(crate) use matrix::Matrix;
pub(crate) use pages::Pages;
pub(crate) use telegram::Telegram;
pub(crate) use web::Web;

/// The languages that the bot has sentences in.
const SPOKEN: [Lang; 2] = [Lang::EN, Lang::FR];

/// Bytes of the file that are read: far above what anybody writes, so that a wrong file is told
/// and not taken in.
const FILE_BYTES_MAX: u64 = 256 * 1024;

/// What a library has settled.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    /// The library's name, by language.
    pub(crate) name: BTreeMap<Lang, String>,
    /// The languages in which patrons are answered, the library's own first; never empty.
    pub(crate) languages: Vec<Lang>,
    /// Where the whole privacy notice stands.
    pub(crate) privacy_url: Option<String>,
    /// How long a conversation is kept.
    pub(crate) keep: SignedDuration,
    /// From this confidence on it answers outright.
    pub(crate) sure: f32,
    /// From this confidence on it offers choices.
    pub(crate) nearly: f32,
    /// What finds answers that share no word with the question, as it is written.
    pub(crate) encoder: Encoder,
    /// The one address of this machine that stands in for the hub of encoders, in tests.
    pub(crate) hub: Option<SocketAddr>,
    /// The language of the desk.
    pub(crate) desk_language: Lang,
    /// How long a case waits before staff are reminded.
    pub(crate) remind_after: SignedDuration,
    /// How long an answered case stays open.
    pub(crate) quiet: SignedDuration,
    /// Topics of cases, with who works at them.
    pub(crate) topics: BTreeMap<String, Vec<String>>,
    /// The library's own web pages.
    pub(crate) pages: Pages,
    /// The terminal.
    pub(crate) terminal: Terminal,
    /// The web page.
    pub(crate) web: Web,
    /// Telegram.
    pub(crate) telegram: Telegram,
    /// Discord.
    pub(crate) discord: Discord,
    /// Matrix.
    pub(crate) matrix: Matrix,
}

/// What is settled of the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Terminal {
    /// Whether `serve` opens it.
    pub(crate) enabled: bool,
    /// Who may stand at the desk; empty: everybody.
    pub(crate) staff: Vec<String>,
}

/// What is wrong with a settings file, all of it, in the file's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong(Vec<Mistake>);

/// One mistake, with its mend.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mistake {
    file: String,
    /// Counted from 1; `None` where it is the file as a whole.
    line: Option<usize>,
    reason: String,
}

impl Settings {
    /// Reads a file.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its line and its mend.
    pub(crate) fn read(path: &Path) -> Result<Settings, Wrong> {
        use std::io::Read;
        let shown = path.strip_prefix(".").unwrap_or(path).display().to_string();
        let whole =
            |reason: String| Wrong(vec![Mistake { file: shown.clone(), line: None, reason }]);
        let mut bytes = Vec::new();
        std::fs::File::open(path)
            .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes))
            .map_err(|error| whole(format!("cannot be read: {error}")))?;
        if bytes.len() as u64 > FILE_BYTES_MAX {
            return Err(whole(format!(
                "is longer than {} KB and no settings file; `pollen init` makes one",
                FILE_BYTES_MAX / 1024
            )));
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
            let reason = "is not UTF-8 text from here on; save the file as UTF-8".to_owned();
            Wrong(vec![Mistake { file: shown.clone(), line: Some(line), reason }])
        })?;
        Settings::parse(&shown, &text)
    }

    /// Reads the text of a file; `shown` is how people are told of it.
    fn parse(shown: &str, text: &str) -> Result<Settings, Wrong> {
        let mut reader = Reader::new(shown, text);
        let settings = read(&mut reader);
        let mut mistakes = reader.mistakes();
        mistakes.sort_by_key(|mistake| mistake.line);
        match (settings, mistakes.is_empty()) {
            (Some(settings), true) => Ok(settings),
            _ => Err(Wrong(mistakes)),
        }
    }

    /// The settings that apply if nothing is written.
    pub(crate) fn unwritten(name: &str) -> Settings {
        let languages = SPOKEN.to_vec();
        let bot = bot::Settings::new(name, &languages);
        Settings {
            name: bot.name,
            languages,
            privacy_url: None,
            keep: bot.keep,
            sure: SURE,
            nearly: NEARLY,
            encoder: Encoder::Shipped,
            hub: None,
            desk_language: bot.desk_lang,
            remind_after: bot.remind_after,
            quiet: bot.quiet,
            topics: BTreeMap::new(),
            pages: Pages::default(),
            terminal: Terminal { enabled: true, staff: Vec::new() },
            web: Web::default(),
            telegram: Telegram::default(),
            discord: Discord::default(),
            matrix: Matrix::default(),
        }
    }

    /// The settings as the core takes them, with the networks and desks that there are.
    pub(crate) fn for_bot(
        &self,
        networks: BTreeMap<Network, Capabilities>,
        desks: Vec<Place>,
    ) -> bot::Settings {
        bot::Settings {
            name: self.name.clone(),
            langs: self.languages.clone(),
            desk_lang: self.desk_language,
            desks,
            topics: self.topics.clone(),
            networks,
            sure: self.sure,
            nearly: self.nearly,
            remind_after: self.remind_after,
            quiet: self.quiet,
            keep: self.keep,
            privacy_url: self.privacy_url.clone(),
        }
    }

    /// The settings as the web page takes them.
    pub(crate) fn for_web(
        &self,
        listen: SocketAddr,
        desk_password: Option<String>,
    ) -> ::web::Settings {
        let web = self.web.clone();
        ::web::Settings {
            listen,
            address: web.address,
            proxies: web.proxies,
            embed: web.embed,
            per_person: web.per_person,
            per_address: web.per_address,
            name: self.name.clone(),
            langs: self.languages.clone(),
            desk_lang: self.desk_language,
            keep: self.keep,
            desk_password,
            staff: web.staff,
        }
    }

    /// The name in the library's own language.
    pub(crate) fn own_name(&self) -> &str {
        let own = self.languages.first().and_then(|lang| self.name.get(lang));
        own.or_else(|| self.name.values().next()).map_or("", String::as_str)
    }
}

/// What is said of a webhook that nothing listens for.
const WEBHOOK_WITHOUT_WEB: &str = "`enabled = true` under [web]: Telegram delivers to `webhook` through the page's own server; \
     without `webhook` the program asks Telegram itself";

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Under a minute staff would be reminded while they write; over a month it is no reminder.
const REMIND: Range<SignedDuration> =
    Range { least: MINUTE, most: DAY.saturating_mul(30), say: "from 1 minute to 30 days" };
/// An hour is the shortest in which anybody comes back; cases that are open for longer than a
/// quarter of a year hide those that wait.
const QUIET: Range<SignedDuration> =
    Range { least: HOUR, most: DAY.saturating_mul(90), say: "from 1 hour to 90 days" };
/// What is kept longer than a year is a transcript, which the program does not keep.
const KEEP: Range<SignedDuration> =
    Range { least: HOUR, most: DAY.saturating_mul(366), say: "from 1 hour to 366 days" };

/// What an address of a test's own server must be.
const SERVER: &str =
    "an address of this machine with a port, like \"127.0.0.1:8000\"; it is for tests alone";

/// Names of staff: more is no list that anybody keeps by hand.
const STAFF_MAX: usize = 200;

fn read(reader: &mut Reader<'_>) -> Option<Settings> {
    let root = reader.root()?;
    let known = [
        "name",
        "languages",
        "privacy_url",
        "keep",
        "answers",
        "desk",
        "pages",
        "terminal",
        "web",
        "telegram",
        "matrix",
        "discord",
    ];
    reader.only(&root, &known);
    let languages = reader.languages(&root, "languages", &SPOKEN);
    let languages = languages.unwrap_or_else(|| SPOKEN.to_vec());
    let name = reader.by_language(&root, "name");
    if !root.has("name") {
        reader.missing("`name`: write what the library is called, name = \"Linden Library\"");
    }
    let name = named(name, &languages);
    let usual = Settings::unwritten("");
    let keep = reader.duration(&root, "keep", &KEEP);
    let privacy_url = reader.url(&root, "privacy_url");

    let answers = reader.table(&root, "answers");
    reader.only(&answers, &["sure", "nearly", "encoder", "server"]);
    let sure = reader.share(&answers, "sure").unwrap_or(usual.sure);
    let nearly = reader.share(&answers, "nearly").unwrap_or(usual.nearly);
    let encoder = reader.parsed(&answers, "encoder", encoder::parse, encoder::SAY);
    let hub = reader.parsed(&answers, "server", |text| text.parse().ok(), SERVER);
    if nearly > sure {
        reader.wrong(
            &answers,
            "nearly",
            format!("`nearly` ({nearly}) must not be above `sure` ({sure}): what is offered as a choice is less sure than an answer"),
        );
    }

    let desk = reader.table(&root, "desk");
    reader.only(&desk, &["language", "remind_after", "quiet", "topics"]);
    let desk_language = reader.language(&desk, "language", &SPOKEN);
    let remind_after = reader.duration(&desk, "remind_after", &REMIND);
    let quiet = reader.duration(&desk, "quiet", &QUIET);
    let topics = topics::read(reader, &desk);

    let pages = pages::read(reader, &root);
    let terminal = reader.table(&root, "terminal");
    reader.only(&terminal, &["enabled", "staff"]);
    let enabled = reader.flag(&terminal, "enabled").unwrap_or(true);
    let staff = reader.texts(&terminal, "staff", STAFF_MAX);
    let web = web::read(reader, &root);
    let telegram = telegram::read(reader, &root);
    let matrix = matrix::read(reader, &root);
    let discord = discord::read(reader, &root);
    if telegram.webhook.is_some() && telegram.enabled && !web.enabled {
        reader.missing(WEBHOOK_WITHOUT_WEB);
    }
    Some(Settings {
        name,
        desk_language: desk_language.or(languages.first().copied())?,
        languages,
        privacy_url,
        keep: keep.unwrap_or(usual.keep),
        sure,
        nearly,
        encoder: encoder.unwrap_or_default(),
        hub,
        remind_after: remind_after.unwrap_or(usual.remind_after),
        quiet: quiet.unwrap_or(usual.quiet),
        topics,
        pages,
        terminal: Terminal { enabled, staff },
        web,
        telegram,
        matrix,
        discord,
    })
}

/// A name for every language: one that has none of its own takes the one written first.
fn named(written: reader::Names, languages: &[Lang]) -> BTreeMap<Lang, String> {
    let mut names = written.by_language;
    if let Some(first) = written.first {
        for lang in languages {
            names.entry(*lang).or_insert_with(|| first.clone());
        }
    }
    names
}

impl std::error::Error for Wrong {}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, mistake) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("\n        ")?;
            }
            match mistake.line {
                Some(line) => write!(f, "{}, line {line}: {}", mistake.file, mistake.reason)?,
                None => write!(f, "{}: {}", mistake.file, mistake.reason)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sources::AlsoHost;

    fn wrong(text: &str) -> String {
        Settings::parse("pollen.toml", text).unwrap_err().to_string().replace("\n        ", "\n")
    }

    #[test]
    fn the_sample_says_what_applies_if_nothing_is_written() {
        let sample = include_str!("../../sample/pollen.toml");
        let read = Settings::parse("pollen.toml", sample).unwrap();
        assert_eq!(read.own_name(), "Linden Library");
        // The page is switched on in what `pollen init` makes.
        let web = Web { enabled: true, ..Web::default() };
        let usual = Settings { name: read.name.clone(), web, ..Settings::unwritten("") };
        assert_eq!(read, usual);

        // Every setting that is only shown reads as well, and the values are those that apply.
        let is_setting = |line: &str| {
            line.strip_prefix("# ").is_some_and(|line| {
                let word = line.split(" = ").next().unwrap_or_default();
                line.contains(" = ") && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
            })
        };
        let shown: String = sample
            .lines()
            .map(|line| if is_setting(line) { &line[2..] } else { line })
            .flat_map(|line| [line, "\n"])
            .collect();
        let read = Settings::parse("pollen.toml", &shown).unwrap();
        let usual = Settings {
            privacy_url: Some("https://library.linden.example/privacy".to_owned()),
            pages: Pages {
                sitemap: Some("https://library.linden.example/sitemap.xml".parse().unwrap()),
                hosts: vec![AlsoHost::parse("www.linden.example").unwrap()],
                ..usual.pages
            },
            terminal: Terminal { enabled: true, staff: vec!["mira".to_owned(), "tom".to_owned()] },
            web: Web {
                address: Some("https://ask.linden.example".to_owned()),
                proxies: vec!["127.0.0.1/32".parse().unwrap()],
                embed: vec!["https://library.linden.example".to_owned()],
                staff: vec!["mira".to_owned(), "tom".to_owned()],
                ..usual.web
            },
            telegram: Telegram {
                staff_group: Some(-1_001_234_567_890),
                staff: [("mira", "@mira_k"), ("tom", "123456789")]
                    .map(|(name, account)| (name.to_owned(), account.to_owned()))
                    .into(),
                webhook: Some("https://ask.linden.example".to_owned()),
                ..usual.telegram
            },
            matrix: Matrix {
                homeserver: Some("https://matrix.linden.example".to_owned()),
                user: Some("@pollen:linden.example".to_owned()),
                staff_room: Some("!desk:linden.example".to_owned()),
                staff: [("mira", "@mira:linden.example"), ("tom", "@tom:linden.example")]
                    .map(|(name, account)| (name.to_owned(), account.to_owned()))
                    .into(),
                invites: Some(vec!["linden.example".to_owned(), "@ana:elm.example".to_owned()]),
                per_second: Some(0.2),
                burst: Some(10),
                ..usual.matrix
            },
            encoder: Encoder::Without,
            topics: [("rooms".to_owned(), vec!["mira".to_owned()])].into(),
            discord: Discord {
                staff_channel: Some(1_100_000_000_000_000_001),
                staff_role: Some(1_100_000_000_000_000_002),
                ..usual.discord
            },
            ..usual
        };
        assert_eq!(read, usual);
    }

    #[test]
    fn one_name_serves_every_language() {
        let read = Settings::parse("pollen.toml", "name = \"Linden\"").unwrap();
        assert_eq!(read.name[&Lang::FR], "Linden");
        let read = Settings::parse("pollen.toml", "name = { fr = \"Tilleul\" }").unwrap();
        assert_eq!(read.name[&Lang::EN], "Tilleul");
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        let text = "name = \"L\"\nkeep = \"2 weeks\"\n[desk]\nremind_after = \"1h 30m\"\nquiet = \"3 days\"";
        let read = Settings::parse("pollen.toml", text).unwrap();
        assert_eq!(read.keep, DAY * 14);
        assert_eq!(read.remind_after, MINUTE * 90);
        assert_eq!(read.quiet, DAY * 3);
    }

    #[test]
    fn each_mistake_is_told_with_its_line_and_its_mend() {
        let text = "\
nmae = \"Linden\"
languages = [\"en\", \"de\"]
keep = \"a while\"
privacy_url = \"linden.example\"

[answers]
sure = 7
nearly = \"0.2\"
encoder = \"hub:multilingual-e5-base\"

[desk]
langauge = \"en\"
remind_after = \"2 months\"
quiet = \"1 minute\"

[terminal]
enabled = \"yes\"
staff = [\"mira\", 3]

[web]
listen = \"8080\"
address = \"https://linden.example/ask\"
proxies = [\"127.0.0.1\", \"the proxy\"]
embed = [\"https://linden.example; script-src *\"]
per_person = 0

[telegram]
staff_group = 12
staff = { mira = \"mira\" }
webhook = \"linden.example\"

[matrix]
enabled = true
user = \"Pollen Bot\"
staff_room = \"staff\"
staff = { mira = \"mira\" }
invites = [\"everybody, please\"]
per_second = 0
burst = 0

[discord]
staff_channel = 12
message_content = 1
token = \"x\"

[pages]
sitemap = \"linden.example/sitemap.xml\"
hosts = [\"https://linden.example/\"]
most = 0
every = \"1 minute\"
server = \"here\"
";
        assert_eq!(
            wrong(text),
            "\
pollen.toml: something is missing, `name`: write what the library is called, name = \"Linden Library\"
pollen.toml: something is missing, `homeserver` under [matrix]: write its address, like \"https://matrix.example.org\"
pollen.toml, line 1: unknown key `nmae`; did you mean `name`?
pollen.toml, line 2: the program does not speak `de` yet; it speaks en, fr
pollen.toml, line 3: `keep` cannot be read as a time; write it like \"30m\", \"12 hours\" or \"14 days\"
pollen.toml, line 4: `privacy_url` must be a whole web address, from https:// on
pollen.toml, line 7: `sure` must be a number from 0 to 1, like 0.75, without quotation marks
pollen.toml, line 8: `nearly` must be a number from 0 to 1, like 0.75, without quotation marks
pollen.toml, line 9: `encoder` must be \"none\", the folder of an encoder, or a model of the hub, like \"hub:intfloat/multilingual-e5-base\"
pollen.toml, line 12: unknown key `langauge`; did you mean `language`?
pollen.toml, line 13: `remind_after` is written in months or years, which are not all as long; write it in days
pollen.toml, line 14: `quiet` must be from 1 hour to 90 days
pollen.toml, line 17: `enabled` must be true or false, without quotation marks
pollen.toml, line 18: each of `staff` must be a text in quotation marks
pollen.toml, line 21: `listen` must be an address of this machine with a port, like \"127.0.0.1:8080\"; \"0.0.0.0:8080\" is open to others
pollen.toml, line 22: `address` must be a site without a path, like \"https://ask.library.example\": the pages know no other place
pollen.toml, line 23: `proxies` must hold addresses or networks, like \"127.0.0.1\" or \"10.0.0.0/8\"
pollen.toml, line 24: `embed` must hold sites, like \"https://library.example\"; \"*\" is every site
pollen.toml, line 25: `per_person` must be a whole number from 1 to 100000
pollen.toml, line 28: `staff_group` must be the number of a supergroup, like -1001234567890; docs/telegram.md shows where it stands
pollen.toml, line 29: `staff` must name accounts: staff = { mira = \"@mira_k\", tom = 123456789 }
pollen.toml, line 30: `webhook` must be a whole web address, from https:// on
pollen.toml, line 34: `user` must be the bot's account, like \"pollen\" or \"@pollen:example.org\"
pollen.toml, line 35: `staff_room` must be a room's id or address, like \"!abc:example.org\" or \"#staff:example.org\"; docs/matrix.md shows where it stands
pollen.toml, line 36: `staff` must name accounts: staff = { mira = \"@mira:example.org\" }
pollen.toml, line 37: `invites` must hold servers and people, like \"example.org\" and \"@ana:example.org\"; \"*\" is everybody
pollen.toml, line 38: `per_second` must be a number from 0.001 to 1000, like 0.2
pollen.toml, line 39: `burst` must be a whole number from 1 to 10000
pollen.toml, line 42: `staff_channel` must be the number that Copy ID gives, like 1100000000000000001; docs/discord.md shows where it stands
pollen.toml, line 42: `staff_channel` needs a `staff_role`, the role of those who are staff in it
pollen.toml, line 43: `message_content` must be true or false, without quotation marks
pollen.toml, line 44: unknown key `token`; known here are enabled, staff_channel, staff_role, message_content, server
pollen.toml, line 47: `sitemap` must be a whole web address, from https:// on
pollen.toml, line 48: `hosts` must hold hosts without https://, like \"www.library.example\"
pollen.toml, line 49: `most` must be a whole number from 1 to 10000
pollen.toml, line 50: `every` must be from 1 hour to 30 days
pollen.toml, line 51: `server` must be an address of this machine with a port, like \"127.0.0.1:8000\"; it is for tests alone"
        );
    }

    #[test]
    fn topics_name_who_works_at_them() {
        let text =
            "name = \"L\"\n[desk.topics]\nrooms = [\"mira\", \"tom\"]\n\"local history\" = []\n";
        let topics = Settings::parse("pollen.toml", text).unwrap().topics;
        let rooms = vec!["mira".to_owned(), "tom".to_owned()];
        assert_eq!(
            topics,
            [("rooms".to_owned(), rooms), ("local history".to_owned(), Vec::new())].into()
        );
        let text =
            "name = \"L\"\n[desk.topics]\nrooms = \"mira\"\nRooms = []\n\" \" = []\n\"-\" = []\n";
        assert_eq!(
            wrong(text),
            "\
pollen.toml, line 3: `rooms` must be a list: rooms = [\"…\", \"…\"]
pollen.toml, line 3: the topic `rooms` is there already, written otherwise; take one of them out
pollen.toml, line 5: a topic must be a word or some, of at most 60 characters: rooms = [\"mira\"], \"local history\" = [\"ana\"]
pollen.toml, line 6: a topic must be a word or some, of at most 60 characters: rooms = [\"mira\"], \"local history\" = [\"ana\"]"
        );
    }

    #[test]
    fn a_file_that_is_no_toml_is_told_where() {
        let text = wrong("name = \"Linden\"\nlanguages = [\"en\"\n\n[desk]\n");
        assert!(text.starts_with("pollen.toml, line "), "{text}");
        assert!(!text.contains('\n'), "{text}");
        let text = wrong("name = \"Linden\"\nname = \"Elm\"\n");
        assert!(text.starts_with("pollen.toml, line 2: "), "{text}");
    }

    #[test]
    fn what_is_less_sure_is_not_answered_outright() {
        let text = wrong("name = \"L\"\n[answers]\nsure = 0.3\nnearly = 0.5\n");
        assert_eq!(
            text,
            "pollen.toml, line 4: `nearly` (0.5) must not be above `sure` (0.3): what is offered as a choice is less sure than an answer"
        );
    }
}
