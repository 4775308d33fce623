//! Discord, beside a bare echo bot on serenity; and how soon commands are acknowledged on a machine that has
//! too much to do.

use crate::networks::{self, Commits};
use crate::program::PROGRAM;
use crate::table::row;
use knowledge::Knowledge;
use peers::discord::Limits;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tests::beside::{Beside, Guilded, on_discord};

/// People who all ask at once, for the pace.
const CROWD: usize = 4_000;
/// What Discord allows a second (developers/topics/rate-limits, "Global Rate Limit").
const ALLOWED: f64 = 50.0;
/// Commands that are given while the machine has too much to do, and the pause between two.
const COMMANDS: usize = 100;
const BETWEEN: Duration = Duration::from_millis(100);
/// What is written again and again meanwhile, in bytes.
const WRITTEN: usize = 8 << 20;

const BARE: &str = env!("CARGO_BIN_EXE_bare-discord");

/// Measures all of it.
pub(crate) fn measure(
    library: &Path,
    questions: &[String],
    knowledge: Arc<Knowledge>,
    commits: &Commits,
) {
    let bare = Beside::bare(Path::new(BARE), on_discord(Limits::none()));
    let lone = ours(library, Limits::none());
    networks::added("discord", lone, bare, questions, &knowledge, commits);
    drop(knowledge);
    networks::pace("discord", ours(library, Limits::default()), CROWD, ALLOWED);
    acknowledged(ours(library, Limits::none()));
    networks::memory("discord", ours(library, Limits::none()), library, (20.0, "≤ 20"));
}

fn ours(library: &Path, limits: Limits) -> Beside<Guilded> {
    Beside::ours(Path::new(PROGRAM), library, on_discord(limits)).unwrap()
}

/// How long the slowest of many commands waits for its acknowledgement while the index is rebuilt, the disk
/// is written to without end, and every core is taken.
fn acknowledged(mut ours: Beside<Guilded>) {
    ours.start().unwrap();
    let copy = ours.library().unwrap().to_owned();
    let over = AtomicBool::new(false);
    let goes_on = || !over.load(Ordering::Relaxed);
    let mut times: Vec<Duration> = std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while goes_on() {
                    std::hint::black_box((0..10_000_u64).sum::<u64>());
                }
            });
        }
        scope.spawn(|| {
            while goes_on() {
                let mut file = std::fs::File::create(copy.join("data/written")).unwrap();
                file.write_all(&vec![7; WRITTEN]).unwrap();
                file.sync_all().unwrap();
            }
        });
        scope.spawn(|| {
            while goes_on() {
                let index = Command::new(PROGRAM)
                    .arg("index")
                    .arg("-L")
                    .arg(&copy)
                    .stdout(Stdio::null())
                    .stderr(Stdio::null())
                    .status();
                index.unwrap();
            }
        });
        let people = ours.people(COMMANDS);
        let server = &ours.peer;
        let times = people.into_iter().map(|person| {
            std::thread::sleep(BETWEEN);
            let question = [("question", networks::QUESTION.into())];
            let began = Instant::now();
            let asked = server.peer.command(person, server.chat(person), "ask", &question);
            let answered = |peer: &peers::discord::Discord| peer.interaction(asked).reply.is_some();
            assert!(server.peer.wait_until(networks::PATIENCE, answered));
            began.elapsed()
        });
        let times = times.collect();
        over.store(true, Ordering::Relaxed);
        times
    });
    times.sort();
    let ms = |time: Option<&Duration>| time.map_or(f64::NAN, |time| time.as_secs_f64() * 1e3);
    let name = "discord: commands acknowledged under load, ms, the slowest";
    row(name, ms(times.last()), 500.0, f64::NAN, "≤ 500");
    row("… p50", ms(times.get(COMMANDS / 2)), f64::NAN, f64::NAN, "");
}
