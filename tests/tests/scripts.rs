//! One test a script and stage: `core/escalation-and-reply`. `UPDATE=1` rewrites the scripts from
//! what the first stage of each did, so that the difference shows what changed in behaviour.

use libtest_mimic::{Arguments, Failed, Trial};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use tests::core_stage::CoreStage;
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
    libtest_mimic::run(&arguments, trials).exit();
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
    let mut stage = build(script, kind)?;
    let played = run::perform(script, network, stage.as_mut())
        .map_err(|broken| format!("{}, {broken}", script.path.display()))?;
    let now = transcript::rewritten(script, network, &played);
    let mut wrong: Vec<String> = transcript::settle(script, &now)?.into_iter().collect();
    wrong.extend(checks::complaints(&played));
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn build(script: &Script, kind: &StageKind) -> Result<Box<dyn Stage>, Failed> {
    match kind.name {
        "core" => core(script, false),
        "reborn" => core(script, true),
        name => Err(format!("the stage `{name}` cannot be built yet").into()),
    }
}

fn core(script: &Script, forgetful: bool) -> Result<Box<dyn Stage>, Failed> {
    static KNOWLEDGE: OnceLock<Result<Arc<knowledge::Knowledge>, String>> = OnceLock::new();
    let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join("core-stage");
    let knowledge = KNOWLEDGE.get_or_init(|| folder::knowledge(&data)).clone()?;
    let opening = run::opening(script)?;
    Ok(Box::new(CoreStage::new(knowledge, &opening, forgetful)))
}
