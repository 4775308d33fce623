//! The conversation in a person's terminal: lines typed there go to the socket, what comes from it
//! is printed.
//!
//! Every line that is not one of the client's own commands (`/quit`, `/edit TEXT`, `/delete`) goes
//! to the bot. A line that is just the number or the label of a button presses it, under the
//! latest message that has such a button. If the program goes away the client says so, keeps what
//! is typed and connects again.
//!
//! Where input is not a terminal, each line waits until the one before it has been answered, at
//! most [`ANSWER_WAIT`], and the client leaves when the last one has been: `echo "when do you
//! open?" | pollen chat` prints the answer.

mod screen;
mod talk;
mod typed;
mod words;

use crate::lines::{Line, Lines};
use crate::protocol::{DESK, FromClient, FromServer, Hello, Role, encode};
use screen::Screen;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use talk::{Did, Talk};
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use typed::Typed;
use words::{Given, Word, Words};

/// How long a line that was kept may wait for its answer before the next one is read, or the
/// client leaves: a look-up takes milliseconds, and some lines are not answered at all.
pub const ANSWER_WAIT: Duration = Duration::from_secs(10);

/// How long a client whose input has ended goes on trying to connect, so that what was said is
/// kept: a program that starts anew is back in that time.
const CONNECT_WAIT: Duration = Duration::from_secs(60);

/// How long after the last answer a client whose input has ended listens for a second message to
/// the same question.
const LINGER: Duration = Duration::from_millis(200);

/// How long one who has left waits until the last lines are kept.
const QUIT_WAIT: Duration = Duration::from_secs(2);

/// Bytes of one line from the program: a case with all of its conversation is the longest.
const SHOW_MAX: usize = 16 * 1024 * 1024;

/// The first pause before connecting again; each is twice the one before it.
const PAUSE_FIRST: Duration = Duration::from_millis(250);

/// The longest pause: a person who waits should not have to wait longer once the program is back.
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// Who talks, and to which program.
#[derive(Clone, Debug)]
pub struct Options {
    /// The program's socket.
    pub socket: PathBuf,
    /// The person's name.
    pub name: String,
    /// The place; `None` for the direct chat or the desk.
    pub place: Option<String>,
    /// Patron or staff.
    pub role: Role,
    /// The language tag of the person's terminal, `fr_FR.UTF-8` say.
    pub lang: Option<String>,
}

/// How a conversation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The person left, and everything they said has been kept.
    Left,
    /// The person left, and this many lines could not be handed over.
    Unsent(usize),
    /// The program would not talk; the reason has been printed.
    Refused,
}

/// Talks between the process's standard input and output and the program at the socket, until the
/// person leaves.
///
/// # Errors
/// What standard output says, a closed pipe excepted: that ends the conversation as well.
pub async fn run(options: &Options) -> io::Result<Ended> {
    let stdout = io::stdout();
    let interactive = io::stdin().is_terminal();
    let screen = Screen::new(stdout.lock(), stdout.is_terminal() && interactive);
    let typed = typed::from_stdin()?;
    let client = Client::new(options, screen, typed, interactive)?;
    match client.run(&options.socket).await {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Ended::Left),
        ended => ended,
    }
}

/// One conversation, over as many connections as it takes.
struct Client<W> {
    hello: Hello,
    place: String,
    talk: Talk,
    words: Words,
    screen: Screen<W>,
    typed: mpsc::Receiver<Typed>,
    interactive: bool,
    /// Nothing more is typed.
    ended: bool,
    /// The person left and does not wait for answers.
    left: bool,
    /// The program has welcomed this client, perhaps on an earlier connection.
    met: bool,
    /// What the person was told last of the connection, so that it is said once.
    told: Option<Word>,
    /// When something last went on: a line typed or heard.
    progress: Instant,
}

/// A connection.
struct Wire {
    lines: Lines<BufReader<OwnedReadHalf>>,
    write: OwnedWriteHalf,
}

impl Wire {
    /// Writes a line; `false` if the connection is gone.
    async fn write(&mut self, line: &FromClient) -> bool {
        self.write.write_all(&encode(line)).await.is_ok()
    }
}

/// What follows from a line of the program's.
enum Heard {
    Acknowledge(u64),
    Refused,
    Nothing,
}

impl<W: Write> Client<W> {
    fn new(
        options: &Options,
        screen: Screen<W>,
        typed: mpsc::Receiver<Typed>,
        interactive: bool,
    ) -> io::Result<Client<W>> {
        let hello = Hello {
            session: session()?,
            name: options.name.clone(),
            place: options.place.clone(),
            role: options.role,
            lang: options.lang.clone(),
        };
        let place = options.place.clone().unwrap_or_else(|| match options.role {
            Role::Patron => format!("dm-{}", options.name),
            Role::Staff => DESK.to_owned(),
        });
        Ok(Client {
            talk: Talk::new(&hello.session, options.role, &place),
            place,
            hello,
            words: Words::new(options.lang.as_deref()),
            screen,
            typed,
            interactive,
            ended: false,
            left: false,
            met: false,
            told: None,
            progress: Instant::now(),
        })
    }

    async fn run(mut self, socket: &Path) -> io::Result<Ended> {
        let mut pause = PAUSE_FIRST;
        let ended = loop {
            if let Ok(stream) = UnixStream::connect(socket).await {
                let before = self.told;
                if let Some(ended) = self.converse(stream).await? {
                    break ended;
                }
                // Only a connection that came to something makes the next pause short again.
                if self.told != before || self.told.is_none() {
                    pause = PAUSE_FIRST;
                }
            }
            self.tell_once(if self.met { Word::Lost } else { Word::Connecting })?;
            if let Some(ended) = self.wait(pause).await? {
                break ended;
            }
            pause = (pause * 2).min(PAUSE_MAX);
        };
        if let Ended::Unsent(count) = ended {
            self.tell_with(Word::Unsent, count)?;
        }
        self.screen.leave()?;
        Ok(ended)
    }

    /// Talks over one connection; `None` when it breaks.
    async fn converse(&mut self, stream: UnixStream) -> io::Result<Option<Ended>> {
        let (read, write) = stream.into_split();
        let mut wire = Wire { lines: Lines::new(BufReader::new(read), SHOW_MAX), write };
        if !wire.write(&FromClient::Hello(self.hello.clone())).await {
            return Ok(None);
        }
        // A line that was kept just before the last connection broke is known by its number.
        for line in self.talk.waiting() {
            if !wire.write(line).await {
                return Ok(None);
            }
        }
        loop {
            if let Some(ended) = self.done() {
                return Ok(Some(ended));
            }
            let (reads, deadline) = (self.reads(), self.deadline());
            tokio::select! {
                line = wire.lines.next() => {
                    let Ok(Some(line)) = line else { return Ok(None) };
                    match self.hear(&line)? {
                        Heard::Acknowledge(n) if !wire.write(&FromClient::Shown(n)).await => {
                            return Ok(None);
                        }
                        Heard::Refused => return Ok(Some(Ended::Refused)),
                        Heard::Acknowledge(_) | Heard::Nothing => {}
                    }
                }
                typed = self.typed.recv(), if reads => {
                    if let Some(line) = self.take(typed)?
                        && !wire.write(&line).await
                    {
                        return Ok(None);
                    }
                }
                () = until(deadline), if deadline.is_some() => {
                    if let Some(ended) = self.overdue() {
                        return Ok(Some(ended));
                    }
                }
            }
        }
    }

    /// Waits before the next connection; what is typed meanwhile is kept.
    async fn wait(&mut self, pause: Duration) -> io::Result<Option<Ended>> {
        let again = Instant::now() + pause;
        loop {
            if let Some(ended) = self.done() {
                return Ok(Some(ended));
            }
            let (reads, deadline) = (self.reads(), self.deadline());
            tokio::select! {
                () = until(Some(again)) => return Ok(None),
                typed = self.typed.recv(), if reads => {
                    // It waits in `talk` for the connection.
                    self.take(typed)?;
                }
                () = until(deadline), if deadline.is_some() => {
                    if let Some(ended) = self.overdue() {
                        return Ok(Some(ended));
                    }
                }
            }
        }
    }

    /// Whether the next typed line may be read.
    fn reads(&self) -> bool {
        !self.ended && (self.interactive || !self.talk.expects())
    }

    /// Whether the conversation is over at once.
    fn done(&self) -> Option<Ended> {
        (self.left && self.talk.unsent() == 0).then_some(Ended::Left)
    }

    /// Until when something must go on; `None` while a person may type.
    fn deadline(&self) -> Option<Instant> {
        if self.reads() {
            return None;
        }
        let patience = if self.left {
            QUIT_WAIT
        } else if self.talk.unsent() > 0 {
            CONNECT_WAIT
        } else if self.talk.expects() {
            ANSWER_WAIT
        } else {
            LINGER
        };
        Some(self.progress + patience)
    }

    /// Nothing went on until the deadline.
    fn overdue(&mut self) -> Option<Ended> {
        self.progress = Instant::now();
        if self.talk.unsent() > 0 {
            return Some(Ended::Unsent(self.talk.unsent()));
        }
        if self.talk.expects() {
            // What was said is kept, and some things are not answered: on to the next line.
            self.talk.expect_nothing();
            return None;
        }
        self.ended.then_some(Ended::Left)
    }

    /// Takes what was typed; a line for the program is returned, and waits in `talk` until kept.
    fn take(&mut self, typed: Option<Typed>) -> io::Result<Option<FromClient>> {
        self.progress = Instant::now();
        let did = match typed {
            Some(Typed::Line(text)) => self.talk.typed(&text),
            Some(Typed::TooLong) => Did::Tell(Word::TooLong),
            None => {
                self.ended = true;
                // A person who ends the input leaves; a pipe waits for its answers.
                self.left |= self.interactive;
                return Ok(None);
            }
        };
        match did {
            Did::Say(line) => {
                self.screen.prompt()?;
                Ok(Some(line))
            }
            Did::Tell(word) => {
                self.tell(word)?;
                Ok(None)
            }
            Did::Quit => {
                (self.ended, self.left) = (true, true);
                Ok(None)
            }
            Did::Nothing => {
                self.screen.prompt()?;
                Ok(None)
            }
        }
    }

    fn hear(&mut self, line: &Line) -> io::Result<Heard> {
        self.progress = Instant::now();
        let line = match line {
            Line::Whole(bytes) => serde_json::from_slice::<FromServer>(bytes).ok(),
            Line::TooLong => None,
        };
        match line {
            Some(FromServer::Welcome { .. }) => self.welcomed()?,
            Some(FromServer::Kept(id)) => self.talk.kept(id),
            Some(FromServer::Show(show)) => {
                if self.talk.shown(&show) {
                    let shared = self.place.starts_with("room-");
                    self.screen.show(&show, shared, &self.words)?;
                }
                return Ok(Heard::Acknowledge(show.n));
            }
            Some(FromServer::Other { name, text }) => self.screen.other(&name, &text)?,
            Some(FromServer::Refused { id, why, closing }) => {
                if let Some(id) = id {
                    self.talk.refused(id);
                }
                self.tell(Word::refused(why))?;
                if closing {
                    return Ok(Heard::Refused);
                }
            }
            // A newer program may say what this client does not know.
            None => {}
        }
        Ok(Heard::Nothing)
    }

    fn welcomed(&mut self) -> io::Result<()> {
        let word = match (self.hello.role, self.place.starts_with("room-")) {
            _ if self.met => Word::Back,
            (Role::Staff, _) => Word::WelcomeDesk,
            (Role::Patron, true) => Word::WelcomeRoom,
            (Role::Patron, false) => Word::Welcome,
        };
        let first = !self.met;
        self.met = true;
        self.told = None;
        // Where nobody looks, what is printed is the conversation alone.
        if self.interactive || !first { self.tell(word) } else { Ok(()) }
    }

    fn tell_once(&mut self, word: Word) -> io::Result<()> {
        if self.told == Some(word) {
            return Ok(());
        }
        self.told = Some(word);
        self.tell(word)
    }

    fn tell(&mut self, word: Word) -> io::Result<()> {
        self.tell_with(word, 0)
    }

    fn tell_with(&mut self, word: Word, count: usize) -> io::Result<()> {
        let given = Given { name: &self.hello.name, place: &self.place, count };
        let text = self.words.say(word, given);
        self.screen.note(&text)
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// A session's name, unlike that of any other client.
fn session() -> io::Result<String> {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte & 31)])).collect())
}

#[cfg(test)]
mod tests;
