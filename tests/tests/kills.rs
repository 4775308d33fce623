//! The real program is killed at random moments while patrons ask: no question is lost, and none is
//! answered twice. `KILLS=200 cargo test -p tests --test kills -- --nocapture` prints the table.

#![expect(clippy::print_stdout, reason = "the table is what one reads")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on may as well stop")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use terminal::protocol::{FromClient, FromServer, Hello, Role};
use tests::program::Staged;

/// Kills where nothing else is asked for: enough to meet most steps, and a few seconds.
const KILLS: usize = 10;
/// How many patrons ask at once.
const PATRONS: usize = 4;
/// How many questions, over all patrons, are kept between two kills at most.
const BETWEEN_MAX: u64 = 40;
/// Far longer than a loaded machine needs for an answer: tells a lost one from a slow one.
const PATIENCE: Duration = Duration::from_secs(60);

const QUESTIONS: [&str; 4] =
    ["is there wifi?", "How do I renew a book?", "are you open tomorrow?", "Middlemarch"];

#[test]
fn no_question_is_lost_or_answered_twice_however_often_it_is_killed() {
    let kills = std::env::var("KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS);
    let scratch = tempfile::tempdir().unwrap();
    let library = scratch.path().join("library");
    let program = Path::new(env!("CARGO_BIN_EXE_pollen-staged"));
    Staged::new(program, &library, terminal::NETWORK).unwrap();

    let life = Arc::new(Life::default());
    let (kept, hears_kept) = channel();
    let each = kills * usize::try_from(BETWEEN_MAX).unwrap() / PATRONS + 10;
    let mut serve = serve(program, &library);
    life.begin();
    let patrons: Vec<_> = (0..PATRONS)
        .map(|number| {
            let patron = Patron::new(number, each, library.join("data/terminal.sock"));
            let (life, kept) = (life.clone(), kept.clone());
            std::thread::spawn(move || patron.ask_all(&life, &kept))
        })
        .collect();
    drop(kept);
    let mut chance = 20_261_124;
    let mut killed = 0;
    while killed < kills && wait_for(&hears_kept, next(&mut chance) % BETWEEN_MAX + 1) {
        serve.kill().unwrap();
        serve.wait().unwrap();
        killed += 1;
        serve = crate::serve(program, &library);
        life.begin();
    }
    let patrons: Vec<Patron> = patrons.into_iter().map(|patron| patron.join().unwrap()).collect();
    serve.kill().unwrap();
    serve.wait().unwrap();
    report(killed, &patrons);
    for patron in &patrons {
        assert_eq!(patron.lost(), Vec::<u64>::new(), "{} heard nothing on these", patron.name());
        assert_eq!(patron.doubled(), Vec::<u64>::new(), "{} was answered twice", patron.name());
    }
    assert!(killed > 0, "it was never killed");
}

fn report(killed: usize, patrons: &[Patron]) {
    let sum = |count: fn(&Patron) -> usize| patrons.iter().map(count).sum::<usize>();
    println!("kills {killed}");
    println!("questions asked {}", sum(|patron| patron.asked));
    println!("questions lost {}", sum(|patron| patron.lost().len()));
    println!("questions answered twice {}", sum(|patron| patron.doubled().len()));
    println!("answers shown again under their own name {}", sum(|patron| patron.repeats));
}

/// Starts the program and waits until it says that it is ready.
fn serve(program: &Path, library: &Path) -> Child {
    let mut child = Command::new(program)
        .args(["serve", "-L"])
        .arg(library)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let ready = lines.by_ref().map_while(Result::ok).any(|line| line.contains("ready:"));
    assert!(ready, "it does not start");
    // Read on, so that it never waits for a reader.
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
    child
}

/// Waits for so many questions to be kept; false once nobody asks any more.
fn wait_for(kept: &Receiver<()>, count: u64) -> bool {
    (0..count).all(|_| kept.recv_timeout(PATIENCE).is_ok())
}

/// A linear congruential generator (Knuth's MMIX): the same moments in every run, as far as
/// threads allow.
fn next(chance: &mut u64) -> u64 {
    *chance =
        chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *chance >> 33
}

/// Counts the lives of the program, so that patrons wait for the next one.
#[derive(Default)]
struct Life {
    number: Mutex<u64>,
    begun: Condvar,
}

impl Life {
    fn begin(&self) {
        *self.number.lock().unwrap() += 1;
        self.begun.notify_all();
    }

    /// The number of a life after this one, once it has begun.
    fn after(&self, last: u64) -> u64 {
        let number = self.number.lock().unwrap();
        let waited = self.begun.wait_timeout_while(number, PATIENCE, |number| *number <= last);
        *waited.unwrap().0
    }
}

/// Somebody who asks one question after the other, and says each again until it is kept.
struct Patron {
    number: usize,
    socket: PathBuf,
    asked: usize,
    kept: BTreeSet<u64>,
    /// The names of the answers, by question.
    answers: BTreeMap<u64, BTreeSet<String>>,
    repeats: usize,
}

impl Patron {
    fn new(number: usize, asked: usize, socket: PathBuf) -> Patron {
        let answers = (1..=asked as u64).map(|question| (question, BTreeSet::new())).collect();
        Patron { number, socket, asked, kept: BTreeSet::new(), answers, repeats: 0 }
    }

    fn name(&self) -> String {
        format!("patron{}", self.number)
    }

    fn session(&self) -> String {
        format!("session{:04}", self.number)
    }

    fn lost(&self) -> Vec<u64> {
        self.answers.iter().filter(|(_, names)| names.is_empty()).map(|(id, _)| *id).collect()
    }

    fn doubled(&self) -> Vec<u64> {
        self.answers.iter().filter(|(_, names)| names.len() > 1).map(|(id, _)| *id).collect()
    }

    fn ask_all(mut self, life: &Life, kept: &Sender<()>) -> Patron {
        let mut lived = 0;
        loop {
            let now = life.after(lived);
            if now == lived {
                return self;
            }
            lived = now;
            // Whatever breaks the connection, the next life goes on from what is known.
            if self.live(kept).is_some() {
                return self;
            }
        }
    }

    /// One life of the program; `None` if it ended before everything was answered.
    fn live(&mut self, kept: &Sender<()>) -> Option<()> {
        let mut stream = UnixStream::connect(&self.socket).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
        let hello = Hello {
            session: self.session(),
            name: self.name(),
            place: None,
            role: Role::Patron,
            lang: None,
        };
        write(&mut stream, &FromClient::Hello(hello))?;
        let mut asking = None;
        while asking.is_some() || !self.lost().is_empty() {
            if asking.is_none() {
                asking = (1..=self.asked as u64).find(|id| !self.kept.contains(id));
                if let Some(id) = asking {
                    let text = QUESTIONS[id as usize % QUESTIONS.len()].to_owned();
                    write(&mut stream, &FromClient::Say { id, text, replies_to: None })?;
                }
            }
            match serde_json::from_str(&lines.next()?.ok()?).ok()? {
                FromServer::Kept(id) => {
                    self.kept.insert(id);
                    asking = asking.filter(|asking| *asking != id);
                    // Nobody counts them any more once the last kill is over.
                    let _ = kept.send(());
                }
                FromServer::Show(show) => {
                    let about = show.about.as_deref().and_then(|about| about.split('.').nth(1));
                    if let Some(id) = about.and_then(|id| id.parse().ok()) {
                        let new = self.answers.entry(id).or_default().insert(show.message);
                        self.repeats += usize::from(!new);
                    }
                    write(&mut stream, &FromClient::Shown(show.n))?;
                }
                FromServer::Welcome { .. } | FromServer::Other { .. } => {}
                FromServer::Refused { why, .. } => panic!("refused: {why:?}"),
            }
        }
        Some(())
    }
}

fn write(stream: &mut UnixStream, line: &FromClient) -> Option<()> {
    let mut bytes = serde_json::to_vec(line).unwrap();
    bytes.push(b'\n');
    stream.write_all(&bytes).ok()
}
