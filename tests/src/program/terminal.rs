//! The people at the program's socket: one client for each person and place, over the terminal's
//! own protocol.

use super::people::Lost;
use crate::place::PlaceName;
use crate::stage::{Act, BotLine, Does, Pressable, StageError};
use bot::PlaceKind;
use contract::plain;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use terminal::protocol::{FromClient, FromServer, Hello, Role, Show};

/// How long a client waits for an answer before the program counts as hanging: far longer than a
/// loaded machine needs, so that it tells hanging from slow.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The member of staff who looks at the desk from the start and says nothing.
const WATCHER: &str = "watcher";

/// All clients of a stage.
pub(crate) struct Clients {
    socket: PathBuf,
    seen: Arc<Mutex<Seen>>,
    all: BTreeMap<(PlaceName, String), Client>,
    speaks: BTreeMap<String, String>,
    /// The lines that people's messages were, by the keys of the script.
    lines: BTreeMap<String, u64>,
}

/// A line that a person writes.
pub(crate) type Written = FromClient;

impl Clients {
    pub(crate) fn new(socket: &Path, speaks: BTreeMap<String, String>) -> Clients {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let (socket, all, lines) = (socket.to_owned(), BTreeMap::new(), BTreeMap::new());
        Clients { socket, seen, all, speaks, lines }
    }

    /// Looks at the desk.
    pub(crate) fn watch(&mut self) -> Result<(), Lost> {
        self.join(&PlaceName::desk(), WATCHER)
    }

    /// Lets a person be in a place, and in their direct chat; nothing if they are there already.
    pub(crate) fn join(&mut self, place: &PlaceName, who: &str) -> Result<(), Lost> {
        self.connect(place, who)?;
        match place.kind {
            PlaceKind::Shared => self.connect(&place.direct(who), who),
            PlaceKind::Direct | PlaceKind::Desk => Ok(()),
        }
    }

    fn connect(&mut self, place: &PlaceName, who: &str) -> Result<(), Lost> {
        let key = (place.clone(), who.to_owned());
        if self.all.contains_key(&key) {
            return Ok(());
        }
        let role = match place.kind {
            PlaceKind::Desk => Role::Staff,
            PlaceKind::Direct | PlaceKind::Shared => Role::Patron,
        };
        let hello = Hello {
            session: format!("session{:08}", self.all.len() + 1),
            name: who.to_owned(),
            place: Some(place.id.clone()),
            role,
            lang: self.speaks.get(who).cloned(),
        };
        let client = Client::connect(&self.socket, hello, place, &self.seen)?;
        self.all.insert(key, client);
        Ok(())
    }

    /// Connects everybody again, under their old sessions, to a program that was started anew.
    pub(crate) fn reconnect(&mut self) -> Result<(), Lost> {
        for ((place, _), client) in &mut self.all {
            let last_id = client.last_id;
            *client = Client::connect(&self.socket, client.hello.clone(), place, &self.seen)?;
            client.last_id = last_id;
        }
        Ok(())
    }

    /// The line that a person's act is over the socket.
    pub(crate) fn prepare(&mut self, act: Act<'_>) -> Result<Written, StageError> {
        let id = self.next_id(act.place, act.who)?;
        let known = |lines: &BTreeMap<String, u64>, key: &str| {
            lines.get(key).copied().ok_or_else(|| StageError(format!("no message is called {key}")))
        };
        Ok(match act.does {
            Does::Says { text, key, answers } => {
                self.lines.insert(key.to_owned(), id);
                let replies_to = answers.map(str::to_owned);
                FromClient::Say { id, text: text.to_owned(), replies_to }
            }
            Does::Edits { key, text } => {
                FromClient::Edit { id, message: known(&self.lines, key)?, text: text.to_owned() }
            }
            Does::Deletes { key } => FromClient::Delete { id, message: known(&self.lines, key)? },
            Does::Presses { code, .. } => FromClient::Press { id, code: code.to_owned() },
            Does::Shares { .. } | Does::Attaches { .. } => {
                return Err(StageError("in a terminal there are words alone".to_owned()));
            }
        })
    }

    /// The number that this person's next line will have.
    fn next_id(&mut self, place: &PlaceName, who: &str) -> Result<u64, StageError> {
        let client = self.client(place, who)?;
        client.last_id += 1;
        Ok(client.last_id)
    }

    /// Writes a line and waits until it is kept. Writing the same line again does no harm.
    pub(crate) fn say(
        &mut self,
        place: &PlaceName,
        who: &str,
        line: &FromClient,
    ) -> Result<(), Lost> {
        let client = self.client(place, who).map_err(Lost::Failed)?;
        client.say(line)
    }

    /// What has been shown since this was last asked.
    pub(crate) fn seen(&self) -> Vec<BotLine> {
        std::mem::take(&mut lock(&self.seen).lines)
    }

    fn client(&mut self, place: &PlaceName, who: &str) -> Result<&mut Client, StageError> {
        let key = (place.clone(), who.to_owned());
        self.all.get_mut(&key).ok_or_else(|| StageError(format!("{who} is not in {place}")))
    }
}

/// One person's connection.
struct Client {
    hello: Hello,
    last_id: u64,
    write: Arc<Mutex<UnixStream>>,
    words: Receiver<FromServer>,
}

impl Client {
    fn connect(
        socket: &Path,
        hello: Hello,
        place: &PlaceName,
        seen: &Arc<Mutex<Seen>>,
    ) -> Result<Client, Lost> {
        let stream = UnixStream::connect(socket).map_err(|_| Lost::Gone)?;
        let read = stream.try_clone().map_err(|_| Lost::Gone)?;
        let write = Arc::new(Mutex::new(stream));
        let (tell, words) = channel();
        let listener =
            Listener { place: place.clone(), write: write.clone(), seen: seen.clone(), tell };
        std::thread::spawn(move || listener.listen(read));
        let client = Client { hello: hello.clone(), last_id: 0, write, words };
        client.write(&FromClient::Hello(hello.clone()))?;
        match client.next()? {
            FromServer::Welcome { .. } => {}
            other @ (FromServer::Kept(_)
            | FromServer::Show(_)
            | FromServer::Other { .. }
            | FromServer::Refused { .. }) => {
                let what = format!("{} is not let in: {other:?}", hello.name);
                return Err(Lost::Failed(StageError(what)));
            }
        }
        // Lines are read only after the driver has been told that the place can be reached: that a
        // second hello is refused shows that this has happened.
        client.write(&FromClient::Hello(hello))?;
        while !matches!(client.next()?, FromServer::Refused { .. }) {}
        Ok(client)
    }

    fn say(&self, line: &FromClient) -> Result<(), Lost> {
        self.write(line)?;
        loop {
            match self.next()? {
                // A line that was written again is kept twice over; the first word is enough.
                FromServer::Kept(id) if Some(id) == line.id() => return Ok(()),
                FromServer::Kept(_) | FromServer::Welcome { .. } => {}
                FromServer::Other { .. } | FromServer::Show(_) => {}
                FromServer::Refused { why, .. } => {
                    return Err(Lost::Failed(StageError(format!("the line is refused: {why:?}"))));
                }
            }
        }
    }

    fn write(&self, line: &FromClient) -> Result<(), Lost> {
        write(&self.write, line).map_err(|_| Lost::Gone)
    }

    fn next(&self) -> Result<FromServer, Lost> {
        self.words.recv_timeout(PATIENCE).map_err(|e| match e {
            RecvTimeoutError::Disconnected => Lost::Gone,
            RecvTimeoutError::Timeout => {
                Lost::Failed(StageError("the program does not answer".to_owned()))
            }
        })
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // The listener ends with the connection; one that is broken already needs no word.
        let _ = lock(&self.write).shutdown(std::net::Shutdown::Both);
    }
}

/// The reading half of a connection, on a thread of its own.
struct Listener {
    place: PlaceName,
    write: Arc<Mutex<UnixStream>>,
    seen: Arc<Mutex<Seen>>,
    tell: Sender<FromServer>,
}

impl Listener {
    fn listen(self, read: UnixStream) {
        for line in BufReader::new(read).lines() {
            let Ok(line) = line else { return };
            let Ok(heard) = serde_json::from_str::<FromServer>(&line) else { return };
            if let FromServer::Show(show) = heard {
                let n = show.n;
                lock(&self.seen).take(&self.place, show);
                // Only what has been seen is acknowledged.
                if write(&self.write, &FromClient::Shown(n)).is_err() {
                    return;
                }
            } else if self.tell.send(heard).is_err() {
                return;
            }
        }
    }
}

fn write(to: &Mutex<UnixStream>, line: &FromClient) -> std::io::Result<()> {
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    lock(to).write_all(&bytes)
}

/// What all clients have been shown.
#[derive(Default)]
struct Seen {
    lines: Vec<BotLine>,
    /// The last words of each message. Several people in a place are shown the same one, and after
    /// a crash a message may come again under its name: neither is a second message.
    last: BTreeMap<(PlaceName, String), bot::Reply>,
}

impl Seen {
    fn take(&mut self, place: &PlaceName, show: Show) {
        let key = (place.clone(), show.message.clone());
        let repeat = match self.last.get(&key) {
            Some(last) => !show.changed || *last == show.reply,
            None => false,
        };
        if repeat {
            return;
        }
        let buttons = show.reply.buttons.iter();
        self.lines.push(BotLine {
            place: place.clone(),
            id: show.message,
            changes: show.changed,
            only_for: show.only_for,
            text: plain::text(&show.reply),
            buttons: buttons
                .map(|button| Pressable { label: button.label.clone(), code: button.act.code() })
                .collect(),
            reply: Some(show.reply.clone()),
        });
        self.last.insert(key, show.reply);
    }
}

/// A lock; whoever panicked while holding it has failed the test already.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
