//! One test a script and stage: `core/escalation-and-reply`. `UPDATE=1` rewrites the scripts from
//! what the first stage of each did, so that the difference shows what changed in behaviour.

use libtest_mimic::{Arguments, Failed, Trial};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use tests::core_stage::CoreStage;
use tests::program::{DISCORD, MATRIX, ProgramStage, Staged, TELEGRAM};
use tests::run::Transcript;
use tests::script::Script;
use tests::stage::Stage;
use tests::{STAGES, StageKind, checks, folder, run, transcript};

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for path in folder::scripts() {
        match folder::read(&path) {
            Ok(script) => trials.extend(trials_of(&Arc::new(script))),
            Err(what) => {
                let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                trials.push(Trial::test(format!("read/{name}"), move || Err(Failed::from(what))));
            }
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    // What was put there for this run is of no use to another.
    for network in [terminal::NETWORK, web::NETWORK, TELEGRAM, MATRIX, DISCORD] {
        let _ = std::fs::remove_dir_all(staged_folder(network));
    }
    conclusion.exit();
}

fn trials_of(script: &Arc<Script>) -> Vec<Trial> {
    let mut kinds: Vec<&'static StageKind> =
        STAGES.iter().filter(|kind| kind.performs(script)).collect();
    if tests::updating() {
        kinds.truncate(1);
    }
    let mut trials = Vec::new();
    for kind in kinds {
        let networks = kind.networks(script);
        for &network in networks {
            let at = if networks.len() > 1 { format!("@{network}") } else { String::new() };
            let name = format!("{}/{}{at}", kind.name, script.name);
            let script = script.clone();
            trials.push(Trial::test(name, move || perform(&script, kind, network)));
        }
    }
    if trials.is_empty() {
        let (name, named) = (format!("read/{}", script.name), script.networks());
        let what = format!("no stage performs it: `on {}`, {named:?}", script.stages.join(" "));
        trials.push(Trial::test(name, move || Err(Failed::from(what))));
    }
    trials
}

fn perform(script: &Script, kind: &StageKind, network: &str) -> Result<(), Failed> {
    match kind.name {
        "core" => compare(script, network, &mut core(script, false)?).map(|_| ()),
        "reborn" => compare(script, network, &mut core(script, true)?).map(|_| ()),
        "terminal" | "web" | "telegram" | "telegramhook" | "matrix" | "matrixencrypted"
        | "discord" | "discordcontent" => {
            compare(script, network, &mut program(script, kind.name, network, None)?).map(|_| ())
        }
        "crash" | "webcrash" | "telegramcrash" | "matrixcrash" | "discordcrash" => {
            crash(script, kind.name, network)
        }
        name => Err(format!("nobody knows how to build the stage `{name}`").into()),
    }
}

/// Performs a script and compares what it comes to with its file.
fn compare(script: &Script, network: &str, stage: &mut dyn Stage) -> Result<(), Failed> {
    settle(script, network, &played(script, network, stage)?)
}

fn played(script: &Script, network: &str, stage: &mut dyn Stage) -> Result<Transcript, Failed> {
    let broken = |broken| format!("{}, {broken}", script.path.display());
    Ok(run::perform(script, network, stage).map_err(broken)?)
}

fn settle(script: &Script, network: &str, played: &Transcript) -> Result<(), Failed> {
    let now = transcript::rewritten(script, network, played);
    let mut wrong: Vec<String> = transcript::settle(script, &now)?.into_iter().collect();
    wrong.extend(checks::complaints(played));
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// Lets the program die at one step after the other: whichever it is, the transcript is the same.
fn crash(script: &Script, kind: &str, network: &str) -> Result<(), Failed> {
    let mut whole = program(script, kind, network, None)?;
    compare(script, network, &mut whole)?;
    let steps = whole.steps()?;
    drop(whole);
    for step in deaths(kind, steps)? {
        let mut stage = program(script, kind, network, Some(step))?;
        if let Err(failed) = compare_but_for_repeats(script, network, &mut stage) {
            let what = failed.message().unwrap_or_default();
            let name = &script.name;
            return Err(format!(
                "it died at step {step} of {steps} (CRASH={step} cargo test -p tests --test \
                 scripts {kind}/{name}):\n{what}"
            )
            .into());
        }
    }
    Ok(())
}

/// Compares like [`compare`], and takes as the same what differs only in that the last message of a
/// place before the death stands there twice, where a network cannot be told of repeats.
fn compare_but_for_repeats(
    script: &Script,
    network: &str,
    stage: &mut ProgramStage,
) -> Result<(), Failed> {
    let played = played(script, network, stage)?;
    let whole = settle(script, network, &played);
    let repeats = stage.repeats();
    let some = |chosen: usize| -> Vec<&String> {
        let all = repeats.iter().enumerate();
        all.filter(|(i, _)| chosen & (1 << i) != 0).map(|(_, id)| id).collect()
    };
    let mut choices = 1..1_usize << repeats.len().min(REPEATS_MAX);
    if whole.is_err()
        && choices.any(|chosen| settle(script, network, &played.without(&some(chosen))).is_ok())
    {
        return Ok(());
    }
    whole
}

/// In how many places something may stand twice after one death: more are never spoken to at once.
const REPEATS_MAX: usize = 6;

/// How many deaths a script dies where nothing else is asked for: with some hundred scripts they
/// take a few minutes. A homeserver takes longer for each than all others.
const DEATHS: u64 = 4;
const DEATHS_ON_MATRIX: u64 = 2;

/// The steps to die at: `CRASH=all` for each, `CRASH=17` for one; otherwise a few at equal
/// distances, others from day to day.
fn deaths(kind: &str, steps: u64) -> Result<Vec<u64>, Failed> {
    match std::env::var("CRASH").ok().as_deref() {
        Some("all") => Ok((1..=steps).collect()),
        Some(step) => Ok(vec![step.parse().map_err(|_| "CRASH is `all` or a step's number")?]),
        None => {
            let deaths = if kind == "matrixcrash" { DEATHS_ON_MATRIX } else { DEATHS };
            let stride = steps.div_ceil(deaths).max(1);
            let day = jiff::Timestamp::now().as_second().unsigned_abs() / (24 * 60 * 60);
            Ok((1..=steps).filter(|step| step % stride == day % stride).collect())
        }
    }
}

fn core(script: &Script, forgetful: bool) -> Result<CoreStage, Failed> {
    static KNOWLEDGE: OnceLock<Result<Arc<knowledge::Knowledge>, String>> = OnceLock::new();
    let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join("core-stage");
    let knowledge = KNOWLEDGE.get_or_init(|| folder::knowledge(&data)).clone()?;
    let opening = run::opening(script)?;
    Ok(CoreStage::new(knowledge, &opening, forgetful))
}

fn program(
    script: &Script,
    kind: &str,
    network: &str,
    dies_at: Option<u64>,
) -> Result<ProgramStage, Failed> {
    let staged = staged(network)?.clone();
    let staged = match kind {
        "telegramhook" => staged.by_webhook(),
        // Who dies in the middle of encrypted rooms dies in the middle of plain ones, too.
        "matrixencrypted" | "matrixcrash" => staged.encrypted(),
        "discordcontent" => staged.reading(),
        _ => staged,
    };
    Ok(ProgramStage::new(&staged, &run::opening(script)?, dies_at)?)
}

/// What a performance by the program on this network is made from.
fn staged(network: &str) -> Result<&'static Staged, Failed> {
    static AT_TERMINAL: OnceLock<Result<Staged, String>> = OnceLock::new();
    static AT_PAGE: OnceLock<Result<Staged, String>> = OnceLock::new();
    static AT_TELEGRAM: OnceLock<Result<Staged, String>> = OnceLock::new();
    static ON_MATRIX: OnceLock<Result<Staged, String>> = OnceLock::new();
    static ON_DISCORD: OnceLock<Result<Staged, String>> = OnceLock::new();
    let program = Path::new(env!("CARGO_BIN_EXE_pollen-staged"));
    let make = || Staged::new(program, &staged_folder(network), network).map_err(|e| e.to_string());
    let staged = match network {
        web::NETWORK => &AT_PAGE,
        TELEGRAM => &AT_TELEGRAM,
        MATRIX => &ON_MATRIX,
        DISCORD => &ON_DISCORD,
        _ => &AT_TERMINAL,
    };
    Ok(staged.get_or_init(make).as_ref().map_err(Clone::clone)?)
}

/// Where the library lies that each performance by the program gets a copy of.
fn staged_folder(network: &str) -> PathBuf {
    let name = format!("staged-{network}-{}", std::process::id());
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}
