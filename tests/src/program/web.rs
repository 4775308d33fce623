//! The people at the program's web page: a browser for each, without the part that paints.

use super::people::{Lost, as_scripts_say};
use crate::html::{self, ShownLine};
use crate::http::{self, Answer, Events, RUNTIME};
use crate::place::PlaceName;
use crate::stage::{Act, BotLine, Does, StageError};
use bot::{DeskAct, PlaceKind};
use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The member of staff who looks at the desk from the start and says nothing.
const WATCHER: &str = "watcher";
/// The desk's password on the stage.
pub const PASSWORD: &str = "honey and thyme";
/// How long a page may take to show what lies on its shelf.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a stage's library settles of its page.
pub(crate) const SETTINGS: &str = "[terminal]\nenabled = false\n[web]\nenabled = true\n\
                                   listen = \"127.0.0.1:0\"\nper_person = 100000\n\
                                   per_address = 100000\n";

/// The hash of the stage's password; a weak one, since each performance signs in anew.
pub(crate) fn password_hash() -> String {
    use argon2::password_hash::SaltString;
    use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, Version};
    let weak = Params::new(8, 1, 1, None).expect("these are allowed");
    let salt = SaltString::encode_b64(b"of the stage").expect("it is long enough");
    let hash = Argon2::new(Algorithm::Argon2id, Version::V0x13, weak);
    hash.hash_password(PASSWORD.as_bytes(), &salt).expect("it is hashed").to_string()
}

/// All browsers of a stage.
pub(crate) struct Browsers {
    address: String,
    people: BTreeMap<String, Browser>,
    staff: BTreeMap<String, Browser>,
    desk: Arc<Shown>,
    speaks: BTreeMap<String, String>,
    seen: Vec<BotLine>,
    /// What each message said last, by place and name.
    last: BTreeMap<(PlaceName, String), String>,
    acts: u64,
}

/// One person's browser.
#[derive(Default)]
struct Browser {
    cookie: String,
    token: String,
    shown: Arc<Shown>,
}

/// What a page has been shown since it was opened.
#[derive(Default)]
struct Shown {
    state: Mutex<Stream>,
    changed: Condvar,
}

#[derive(Default)]
struct Stream {
    lines: Vec<ShownLine>,
    version: i64,
    /// How many streams bring lines: for a moment two, when the program has been started anew.
    open: usize,
}

/// Something that a person does, ready to be sent as often as it takes.
#[derive(Clone, Debug)]
pub(crate) struct Deed {
    who: String,
    at_desk: bool,
    path: String,
    fields: Vec<(String, String)>,
}

impl Browsers {
    pub(crate) fn new(address: &str, speaks: BTreeMap<String, String>) -> Browsers {
        Browsers {
            address: address.to_owned(),
            people: BTreeMap::new(),
            staff: BTreeMap::new(),
            desk: Arc::default(),
            speaks,
            seen: Vec::new(),
            last: BTreeMap::new(),
            acts: 0,
        }
    }

    /// Looks at the desk.
    pub(crate) fn watch(&mut self) -> Result<(), Lost> {
        self.sign_in(WATCHER)?;
        self.follow_desk()
    }

    /// Opens a person's page, or lets a member of staff sign in; nothing if they are there already.
    pub(crate) fn join(&mut self, place: &PlaceName, who: &str) -> Result<(), Lost> {
        match place.kind {
            PlaceKind::Desk if self.staff.contains_key(who) => Ok(()),
            PlaceKind::Desk => self.sign_in(who),
            PlaceKind::Direct if self.people.contains_key(who) => Ok(()),
            PlaceKind::Direct => self.come(who),
            PlaceKind::Shared => Err(failed("the web page has no rooms")),
        }
    }

    /// What an act is on the page, under a name of its own.
    pub(crate) fn prepare(&mut self, act: Act<'_>) -> Result<Deed, StageError> {
        self.acts += 1;
        let key = format!("k{}", self.acts);
        let at_desk = act.place.kind == PlaceKind::Desk;
        let deed = |path: &str, fields: &[(&str, &str)]| Deed {
            who: act.who.to_owned(),
            at_desk,
            path: path.to_owned(),
            fields: fields.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        };
        Ok(match act.does {
            Does::Says { text, .. } if at_desk => by_staff(text, &key, &deed),
            Does::Presses { code, .. } if at_desk => {
                deed("/desk/press", &[("act", code), ("key", &key)])
            }
            // The script's own name of the message is that of the line, so that it can be found.
            Does::Says { text, key, answers } => {
                let answers = answers.unwrap_or_default();
                deed("/say", &[("text", text), ("key", key), ("answers", answers)])
            }
            Does::Edits { key: of, text } => {
                let line = format!("u-{of}");
                deed("/edit", &[("line", &line), ("text", text), ("key", &key)])
            }
            Does::Deletes { key: of } => {
                deed("/delete", &[("line", &format!("u-{of}")), ("key", &key)])
            }
            Does::Presses { code, .. } => deed("/press", &[("act", code), ("key", &key)]),
            Does::Shares { .. } | Does::Attaches { .. } => {
                return Err(StageError("the page takes words alone".to_owned()));
            }
        })
    }

    /// Does it. Doing it again does no harm.
    pub(crate) fn carry_out(&mut self, deed: &Deed) -> Result<(), Lost> {
        let answer = self.post(deed)?;
        if deed.at_desk && answer.status == 401 {
            // The session is over, as it is after half a day.
            self.sign_in(&deed.who)?;
            return self.took(&self.post(deed)?);
        }
        self.took(&answer)
    }

    fn post(&self, deed: &Deed) -> Result<Answer, Lost> {
        let browsers = if deed.at_desk { &self.staff } else { &self.people };
        let browser =
            browsers.get(&deed.who).ok_or_else(|| failed(&format!("{} is not there", deed.who)))?;
        let token = ("token", browser.token.as_str());
        let fields = deed.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let fields: Vec<_> = fields.chain([token]).collect();
        let headers = [("cookie", browser.cookie.as_str()), ("hx-request", "true")];
        let lang = self.lang(&deed.who);
        let path =
            if deed.at_desk { deed.path.clone() } else { format!("{}?lang={lang}", deed.path) };
        send(&self.address, http::post(&self.address, &path, &headers, &fields))
    }

    fn took(&self, answer: &Answer) -> Result<(), Lost> {
        match answer.status.as_u16() {
            // 409: the desk says why not.
            204 | 409 => Ok(()),
            // It is stopping: whether it has died shows at the next word with it.
            503 => Err(Lost::Gone),
            status => Err(failed(&format!("the page answers {status}: {}", answer.text()))),
        }
    }

    /// Opens everybody's page again, at the address of a program that was started anew.
    pub(crate) fn reconnect(&mut self, address: &str) -> Result<(), Lost> {
        address.clone_into(&mut self.address);
        for (who, browser) in &self.people {
            let after = browser.shown.lock().version;
            let path = format!("/events?lang={}&after={after}", self.lang(who));
            follow(&self.address, &path, &browser.cookie, &browser.shown)?;
        }
        self.follow_desk()
    }

    /// What has been shown since this was last asked.
    pub(crate) fn seen(&mut self) -> Result<Vec<BotLine>, Lost> {
        self.catch_up()?;
        let people: Vec<(String, Arc<Shown>)> =
            self.people.iter().map(|(who, browser)| (who.clone(), browser.shown.clone())).collect();
        for (who, shown) in people {
            let place = PlaceName::parse(&format!("{}/dm-{who}", web::NETWORK));
            self.take(&place.map_err(|what| failed(&what))?, &shown);
        }
        let desk = self.desk.clone();
        self.take(&PlaceName::desk(), &desk);
        Ok(std::mem::take(&mut self.seen))
    }

    /// Waits until each page shows what lies on its shelf, as its address says when it is loaded.
    fn catch_up(&mut self) -> Result<(), Lost> {
        for (who, browser) in &self.people {
            let path = format!("/?lang={}", self.lang(who));
            let page = send(
                &self.address,
                http::get(&self.address, &path, &[("cookie", browser.cookie.as_str())]),
            )?;
            browser.shown.wait_for(last_version(&page, "#chat")?, who)?;
        }
        self.catch_up_at_desk()
    }

    /// The same for the desk's page alone.
    pub(crate) fn catch_up_at_desk(&mut self) -> Result<(), Lost> {
        let version = last_version(&self.desk_page(WATCHER)?, "#desk")?;
        if let Err(Lost::Gone) = self.desk.wait_for(version, "the desk") {
            // The watcher's session was over, and their stream with it.
            self.follow_desk()?;
            self.desk.wait_for(version, "the desk")?;
        }
        Ok(())
    }

    /// Takes what a page was shown: the bot's lines, each change of them, no repeats.
    fn take(&mut self, place: &PlaceName, shown: &Shown) {
        let lines = std::mem::take(&mut shown.lock().lines);
        for line in lines.into_iter().filter(|line| !line.said) {
            let key = (place.clone(), line.id.clone());
            let whole = format!("{}\n{:?}", line.text, line.buttons);
            let before = self.last.insert(key, whole.clone());
            if before.as_ref() == Some(&whole) {
                continue;
            }
            self.seen.push(BotLine {
                place: place.clone(),
                id: line.id,
                changes: before.is_some(),
                only_for: None,
                text: self.as_scripts_say(line.text),
                buttons: line.buttons,
                reply: None,
            });
        }
    }

    /// A text with the names that scripts have: people on the page are called by their cookies.
    fn as_scripts_say(&self, text: String) -> String {
        let user = |browser: &Browser| {
            browser.cookie.split(['=', '.']).nth(1).unwrap_or_default().to_owned()
        };
        let users = self.people.iter().map(|(who, browser)| (who.as_str(), user(browser)));
        as_scripts_say(text, web::NETWORK, users)
    }

    fn lang(&self, who: &str) -> &str {
        self.speaks.get(who).map_or("en", String::as_str)
    }

    /// A person opens the page for the first time.
    fn come(&mut self, who: &str) -> Result<(), Lost> {
        let path = format!("/?lang={}", self.lang(who));
        let page = send(&self.address, http::get(&self.address, &path, &[]))?;
        let cookie = cookie(&page).ok_or_else(|| failed("the page gives no cookie"))?;
        let token = html::attribute(&page.text(), "#say input[name=token]", "value");
        let token = token.ok_or_else(|| failed("the page has no form token"))?;
        let events = html::attribute(&page.text(), "#chat", "data-events");
        let events = events.ok_or_else(|| failed("the page follows no events"))?;
        let browser = Browser { cookie, token, shown: Arc::default() };
        follow(&self.address, &events, &browser.cookie, &browser.shown)?;
        self.people.insert(who.to_owned(), browser);
        Ok(())
    }

    fn sign_in(&mut self, who: &str) -> Result<(), Lost> {
        self.let_in(who)?;
        let page = self.desk_page(who)?;
        let token = html::attribute(&page.text(), "input[name=token]", "value");
        let token = token.ok_or_else(|| failed("the desk has no form token"))?;
        if let Some(browser) = self.staff.get_mut(who) {
            browser.token = token;
        }
        Ok(())
    }

    fn desk_page(&mut self, who: &str) -> Result<Answer, Lost> {
        let ask = |browsers: &Browsers| {
            let cookie = browsers.staff.get(who).map_or("", |browser| browser.cookie.as_str());
            let headers = [("cookie", cookie)];
            send(&browsers.address, http::get(&browsers.address, "/desk", &headers))
        };
        let page = ask(self)?;
        if page.status == 200 {
            return Ok(page);
        }
        self.let_in(who)?;
        ask(self)
    }

    /// Lets a member of staff in; their form token stays as it is until they look at the desk.
    fn let_in(&mut self, who: &str) -> Result<(), Lost> {
        let fields = [("name", who), ("password", PASSWORD)];
        let answer = send(&self.address, http::post(&self.address, "/desk/sign-in", &[], &fields))?;
        let cookie = cookie(&answer)
            .ok_or_else(|| failed(&format!("{who} is not let in: {}", answer.text())))?;
        self.staff.entry(who.to_owned()).or_default().cookie = cookie;
        Ok(())
    }

    fn follow_desk(&mut self) -> Result<(), Lost> {
        // Signs in again if the session is over.
        self.desk_page(WATCHER)?;
        let cookie = self.staff.get(WATCHER).map(|browser| browser.cookie.clone());
        let after = self.desk.lock().version;
        let path = format!("/desk/events?after={after}");
        follow(&self.address, &path, &cookie.unwrap_or_default(), &self.desk)
    }
}

/// What staff write, as the form of the page that does it.
fn by_staff(text: &str, key: &str, deed: &impl Fn(&str, &[(&str, &str)]) -> Deed) -> Deed {
    let key = ("key", key);
    let at = |case: bot::CaseId, what: &str| format!("/desk/cases/{case}/{what}");
    let press = |act: bot::Act| deed("/desk/press", &[("act", &act.code()), key]);
    match DeskAct::parse(text) {
        DeskAct::Show(case) => press(bot::Act::Show(case)),
        DeskAct::Claim(case) => press(bot::Act::Claim(case)),
        DeskAct::Close(case) => press(bot::Act::Close(case)),
        DeskAct::Release(case) => deed(&at(case, "release"), &[key]),
        DeskAct::Assign { case, to } => deed(&at(case, "assign"), &[("to", &to), key]),
        DeskAct::Reply { case, also, text } => {
            let also: Vec<String> = also.iter().map(ToString::to_string).collect();
            let mut fields = vec![("text", text.as_str()), key];
            fields.extend(also.iter().map(|case| ("also", case.as_str())));
            deed(&at(case, "reply"), &fields)
        }
        DeskAct::Note { case, text } => deed(&at(case, "note"), &[("text", &text), key]),
        DeskAct::Topic { case, topic } if !topic.is_empty() => {
            deed(&at(case, "topic"), &[("topic", &topic), key])
        }
        DeskAct::Topic { .. }
        | DeskAct::Queue
        | DeskAct::QueueOf(_)
        | DeskAct::Help
        | DeskAct::File(_)
        | DeskAct::Unclear(_)
        | DeskAct::NotStaff { .. } => deed("/desk/say", &[("text", text), key]),
    }
}

/// The last version that a page has, as its events' address says.
fn last_version(page: &Answer, fits: &str) -> Result<i64, Lost> {
    let events = html::attribute(&page.text(), fits, "data-events").unwrap_or_default();
    let version = events.rsplit("after=").next().and_then(|text| text.parse().ok());
    version.ok_or_else(|| failed(&format!("a page follows no events: {}", page.status)))
}

/// The first cookie that an answer sets, as it is sent back.
fn cookie(answer: &Answer) -> Option<String> {
    let pair = answer.header("set-cookie").split(';').next()?;
    (!pair.is_empty()).then(|| pair.to_owned())
}

/// Follows a page's events on a task of its own; returns once the server has begun to send them.
fn follow(address: &str, path: &str, cookie: &str, shown: &Arc<Shown>) -> Result<(), Lost> {
    let request = http::get(address, path, &[("cookie", cookie)]);
    let response = RUNTIME.block_on(http::open(address, request)).map_err(|_| Lost::Gone)?;
    if response.status() != 200 {
        return Err(failed(&format!("events are refused with {}", response.status())));
    }
    let shown = shown.clone();
    shown.lock().open += 1;
    RUNTIME.spawn(async move {
        let mut events = Events::of(response);
        while let Some(event) = events.next().await {
            if event.kind == "line" {
                let mut stream = shown.lock();
                stream.version = event.id.parse().unwrap_or(stream.version);
                stream.lines.extend(html::lines(&event.data));
                drop(stream);
                shown.changed.notify_all();
            }
        }
        shown.lock().open -= 1;
        shown.changed.notify_all();
    });
    Ok(())
}

impl Shown {
    fn lock(&self) -> MutexGuard<'_, Stream> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the page has been shown this version.
    fn wait_for(&self, version: i64, whose: &str) -> Result<(), Lost> {
        let behind = |stream: &mut Stream| stream.version < version && stream.open > 0;
        let waited = self.changed.wait_timeout_while(self.lock(), PATIENCE, behind);
        let (stream, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out() {
            return Err(failed(&format!("the page of {whose} is not shown what lies there")));
        }
        if stream.version < version { Err(Lost::Gone) } else { Ok(()) }
    }
}

fn send(
    address: &str,
    request: hyper::Request<http_body_util::Full<bytes::Bytes>>,
) -> Result<Answer, Lost> {
    RUNTIME.block_on(http::send(address, request)).map_err(|_| Lost::Gone)
}

fn failed(what: &str) -> Lost {
    Lost::Failed(StageError(what.to_owned()))
}
