//! Matrix, beside a bare echo bot on matrix-sdk: the real program and the echo bot at one homeserver,
//! in turns.

use crate::program::{Memory, PROGRAM, memory_after};
use crate::table::{quantile, row};
use peers::matrix::{Limits, Synapse};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tests::at_home::{AtHome, Patron};

/// People with a direct chat with each bot: enough that none of them writes thirty times a minute.
const PATRONS: usize = 60;
/// People who ask at once when it is looked how many answers there are a second.
const AT_ONCE: usize = 12;
/// Questions in one round of that, and rounds.
const CROWD: usize = 240;
const ROUNDS: usize = 3;
/// Questions in one round at half that rate.
const LONE: usize = 120;
/// Far longer than any of this takes: tells hanging from slow.
const PATIENCE: Duration = Duration::from_secs(120);

const BARE: &str = env!("CARGO_BIN_EXE_bare-matrix");
const QUESTION: &str = "What is a health emergency?";

/// Measures all of it.
pub(crate) fn measure(library: &Path, questions: &[String]) {
    let synapse = Arc::new(Synapse::start(Limits::none()).unwrap());
    let ours = AtHome::ours(&synapse, "pollen", Path::new(PROGRAM), library).unwrap();
    let bare = AtHome::bare(&synapse, "echo", Path::new(BARE)).unwrap();
    let mut bots = [ours, bare];
    let names = ["ours", "bare"];
    let patrons = [0, 1].map(|which| {
        bots[which].start().unwrap();
        bots[which].patrons(names[which], PATRONS).unwrap()
    });
    // What comes first makes the machine warm.
    let (mut rates, mut all) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for round in 0..=ROUNDS {
        for which in [0, 1] {
            let rate = throughput(&bots[which], &patrons[which], questions, round);
            if round > 0 {
                rates[which].push(rate);
            }
        }
    }
    let [ours, bare] = rates.map(|mut rates| {
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    });
    row("matrix: answers a second, beside an echo bot", ours, bare, ours / bare, "≥ 0.90");
    let between = Duration::from_secs_f64(2.0 / bare);
    for round in 0..ROUNDS {
        for which in [0, 1] {
            all[which].extend(latency(&bots[which], &patrons[which], questions, round, between));
        }
    }
    let [mut ours, mut bare] = all;
    for (share, name, goal) in
        [(0.5, "… at half that rate, µs to an answer, p50", "≤ 1.20"), (0.99, "… p99", "")]
    {
        let (ours, bare) = (quantile(&mut ours, share), quantile(&mut bare, share));
        row(name, ours, bare, ours / bare, goal);
    }
    drop(bots);
    memory(&synapse, library);
}

/// How many questions a second are answered when so many people ask at once, each again once they are
/// answered.
fn throughput(bot: &AtHome, patrons: &[Patron], questions: &[String], round: usize) -> f64 {
    let next = AtomicUsize::new(0);
    let began = Instant::now();
    std::thread::scope(|scope| {
        for asker in 0..AT_ONCE {
            let next = &next;
            scope.spawn(move || {
                let own = patrons.iter().skip(asker).step_by(AT_ONCE).cycle();
                for patron in own {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    if number >= CROWD {
                        break;
                    }
                    asked(
                        bot,
                        patron,
                        &questions[number % questions.len()],
                        &format!("t{round}.{number}"),
                    );
                }
            });
        }
    });
    CROWD as f64 / began.elapsed().as_secs_f64()
}

/// Lets somebody ask, and waits until they are answered; how long that took.
fn asked(bot: &AtHome, patron: &Patron, question: &str, key: &str) -> Duration {
    let before = bot.proxy.said_in(&patron.room).len();
    let began = Instant::now();
    bot.says(patron, question, key).unwrap();
    let answered =
        bot.proxy.wait_until(PATIENCE, |proxy| proxy.said_in(&patron.room).len() > before);
    assert!(answered, "a question is not answered");
    bot.proxy.said_in(&patron.room)[before].saturating_duration_since(began)
}

/// How long answers take when somebody asks at each of these times, whoever else is waiting.
fn latency(
    bot: &AtHome,
    patrons: &[Patron],
    questions: &[String],
    round: usize,
    between: Duration,
) -> Vec<Duration> {
    let began = Instant::now();
    std::thread::scope(|scope| {
        let asks: Vec<_> = (0..LONE)
            .map(|number| {
                let due = began + between * u32::try_from(number).unwrap();
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                let patron = &patrons[number % patrons.len()];
                let question = &questions[number % questions.len()];
                scope.spawn(move || asked(bot, patron, question, &format!("l{round}.{number}")))
            })
            .collect();
        asks.into_iter().map(|ask| ask.join().unwrap()).collect()
    })
}

/// What the adapter holds in memory beyond the core, with its keys.
fn memory(synapse: &Arc<Synapse>, library: &Path) {
    let mut ours = AtHome::ours(synapse, "pollen2", Path::new(PROGRAM), library).unwrap();
    ours.start().unwrap();
    let patrons = ours.patrons("memory", 3).unwrap();
    for patron in &patrons {
        asked(&ours, patron, QUESTION, "m");
    }
    let with = Memory::of(ours.process().unwrap());
    drop(ours);
    std::fs::write(library.join("pollen.toml"), "name = \"Library\"\nlanguages = [\"en\"]\n")
        .unwrap();
    let without = memory_after(library, &[QUESTION; 3]);
    let name = "matrix: resident memory beside the core's, MB";
    row(name, with.resident, without.resident, f64::NAN, "");
    row("… without the pages of files, MB", with.own, without.own, f64::NAN, "");
    row("… the difference", with.own - without.own, 60.0, f64::NAN, "≤ 60");
}
