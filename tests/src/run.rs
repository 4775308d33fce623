//! Performs a script on a stage.

use crate::place::PlaceName;
use crate::script::{ANY, Deed, Script, Step, Which};
use crate::stage::{Act, BotLine, Does, Opening, Stage, StageError, ZONE};
use bot::{LinkCode, PlaceKind};
use jiff::Timestamp;
use jiff::civil::DateTime;

/// All that was said, step by step.
#[derive(Clone, Debug)]
pub struct Transcript {
    /// One a step of the script.
    pub steps: Vec<Played>,
}

impl Transcript {
    /// The same as if these lines had not been said: what they were changed to later stays, as the
    /// change of what they repeat.
    #[must_use]
    pub fn without(&self, ids: &[&String]) -> Transcript {
        let mut rest = self.clone();
        for step in &mut rest.steps {
            step.said.retain(|line| line.changes || !ids.contains(&&line.id));
        }
        rest
    }
}

/// A step, and what the bot said to it.
#[derive(Clone, Debug)]
pub struct Played {
    /// What was done, its places on the stage's own network.
    pub deed: Deed,
    /// What was seen then: the step's own place first, then others by name, the desk last; within
    /// a place in the order in which it was seen.
    pub said: Vec<BotLine>,
}

/// A performance that broke off.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct BrokenOff {
    /// The line of the step.
    pub line: usize,
    /// What went wrong.
    pub what: String,
}

/// How a script's performance begins.
///
/// # Errors
/// If the script begins at a time that the zone does not have.
pub fn opening(script: &Script) -> Result<Opening, StageError> {
    let at_desk = |step: &Step| {
        if let Deed::Says { place, who, .. } | Deed::Presses { place, who, .. } = &step.deed
            && place.kind == PlaceKind::Desk
        {
            return Some(who.clone());
        }
        None
    };
    let staff = script.steps().filter_map(at_desk).collect();
    Ok(Opening { now: at(script.start)?, speaks: script.speaks.clone(), staff })
}

/// Performs a script, `any` being this network.
///
/// # Errors
/// If the stage fails or a step refers to what is not there.
pub fn perform(
    script: &Script,
    network: &str,
    stage: &mut dyn Stage,
) -> Result<Transcript, BrokenOff> {
    let broken = |line: usize| move |e: StageError| BrokenOff { line, what: e.0 };
    let now = at(script.start).map_err(broken(1))?;
    let mut play =
        Play { stage, network, now, people: Vec::new(), count: 0, bots: Vec::new(), code: None };
    let mut steps = Vec::new();
    let mut line = 1;
    for step in script.steps() {
        line = step.line;
        steps.push(play.step(step).map_err(broken(line))?);
    }
    play.stage.end().map_err(broken(line))?;
    Ok(Transcript { steps })
}

fn at(time: DateTime) -> Result<Timestamp, StageError> {
    let there = time.in_tz(ZONE).map_err(|e| StageError(e.to_string()))?;
    Ok(there.timestamp())
}

/// A performance in progress.
struct Play<'a> {
    stage: &'a mut dyn Stage,
    network: &'a str,
    now: Timestamp,
    /// What people said, oldest first.
    people: Vec<Message>,
    /// How many messages they have written, those deleted since included.
    count: usize,
    /// What the bot said, oldest first, as it reads now.
    bots: Vec<BotLine>,
    /// The last code for linking accounts that it told.
    code: Option<LinkCode>,
}

/// What stands for the last code that the bot told: chance makes codes, and another one on each
/// stage.
const CODE: &str = "{code}";

/// A message of somebody's.
struct Message {
    place: PlaceName,
    who: String,
    text: String,
    key: String,
}

impl Play<'_> {
    fn step(&mut self, step: &Step) -> Result<Played, StageError> {
        let deed = on_network(&step.deed, self.network);
        self.act(&deed)?;
        let mut said = self.stage.seen()?;
        for line in &mut said {
            self.hide_codes(line);
            self.remember(line);
        }
        let own = place_of(&deed).cloned();
        said.sort_by_key(|line| {
            let rank = match line.place.kind {
                PlaceKind::Desk => 2,
                PlaceKind::Direct | PlaceKind::Shared => {
                    u8::from(Some(&line.place) != own.as_ref())
                }
            };
            (rank, line.place.clone())
        });
        Ok(Played { deed, said })
    }

    fn act(&mut self, deed: &Deed) -> Result<(), StageError> {
        match deed {
            Deed::Says { place, who, text, answers } => {
                self.says(place, who, text, answers.as_ref())
            }
            Deed::Edits { place, who, which, text } => {
                let message = self.message(place, who, which)?;
                message.text.clone_from(text);
                let key = message.key.clone();
                self.stage.perform(Act { place, who, does: Does::Edits { key: &key, text } })
            }
            Deed::Deletes { place, who, which } => {
                let key = self.message(place, who, which)?.key.clone();
                self.people.retain(|message| message.key != key);
                self.stage.perform(Act { place, who, does: Does::Deletes { key: &key } })
            }
            Deed::Presses { place, who, label } => self.presses(place, who, label),
            Deed::Shares { place, who, location, answers } => {
                let key = self.next_key();
                let answers = self.answered(place, answers.as_ref())?;
                let does =
                    Does::Shares { location: *location, key: &key, answers: answers.as_deref() };
                self.stage.perform(Act { place, who, does })
            }
            Deed::Attaches { place, who, name, text } => {
                let key = self.spoken(place, who, text);
                let does = Does::Attaches { name, text, key: &key };
                self.stage.perform(Act { place, who, does })
            }
            Deed::Wait(span) => {
                self.now += *span;
                self.stage.wait(self.now)
            }
            Deed::WaitUntil(time) => {
                let until = at(*time)?;
                if until <= self.now {
                    return Err(StageError(format!("{time} is over already")));
                }
                self.now = until;
                self.stage.wait(until)
            }
            Deed::Restart => self.stage.restart(),
            Deed::Cut(network) => self.stage.cut(network),
            Deed::Restore(network) => self.stage.restore(network),
            Deed::Refuse(place) => self.stage.refuse(place),
        }
    }

    fn says(
        &mut self,
        place: &PlaceName,
        who: &str,
        text: &str,
        answers: Option<&Which>,
    ) -> Result<(), StageError> {
        let text = &self.with_code(text)?;
        let answers = self.answered(place, answers)?;
        let key = self.spoken(place, who, text);
        let does = Does::Says { text, key: &key, answers: answers.as_deref() };
        self.stage.perform(Act { place, who, does })
    }

    /// What a message of somebody's is called from now on.
    fn next_key(&mut self) -> String {
        self.count += 1;
        format!("u{}", self.count)
    }

    /// Remembers a message of somebody's; returns what it is called.
    fn spoken(&mut self, place: &PlaceName, who: &str, text: &str) -> String {
        let key = self.next_key();
        let (place, who, text) = (place.clone(), who.to_owned(), text.to_owned());
        self.people.push(Message { place, who, text, key: key.clone() });
        key
    }

    /// The bot's message that something answers.
    fn answered(
        &self,
        place: &PlaceName,
        answers: Option<&Which>,
    ) -> Result<Option<String>, StageError> {
        answers.map(|which| self.bots_message(place, which)).transpose()
    }

    fn presses(&mut self, place: &PlaceName, who: &str, label: &str) -> Result<(), StageError> {
        let there = self.bots.iter().rev().filter(|line| line.place == *place);
        let mut buttons = there.flat_map(|line| line.buttons.iter().map(move |b| (line, b)));
        let (line, button) =
            buttons.find(|(_, button)| button.label == label).ok_or_else(|| {
                self.missing(place, &format!("no message in {place} has a button [{label}]"))
            })?;
        let (message, code) = (line.id.clone(), button.code.clone());
        let does = Does::Presses { message: &message, code: &code };
        self.stage.perform(Act { place, who, does })
    }

    /// That no message of the bot's in a place is as a step needs one to be, and which there are.
    fn missing(&self, place: &PlaceName, what: &str) -> StageError {
        let there = self.bots.iter().filter(|line| line.place == *place);
        let there: Vec<String> = there.map(|line| format!("  {}", line.text)).collect();
        let words = format!("{what}; there are:\n{}", there.join("\n"));
        self.stage.explain(StageError(words))
    }

    fn message(
        &mut self,
        place: &PlaceName,
        who: &str,
        which: &Which,
    ) -> Result<&mut Message, StageError> {
        let mut theirs =
            self.people.iter_mut().rev().filter(|m| m.place == *place && m.who == *who);
        theirs
            .find(|message| is_that(which, &message.text))
            .ok_or_else(|| StageError(format!("{who} has not said {which} in {place}")))
    }

    fn bots_message(&self, place: &PlaceName, which: &Which) -> Result<String, StageError> {
        let mut there = self.bots.iter().rev().filter(|line| line.place == *place);
        let line = there.find(|line| is_that(which, &line.text)).ok_or_else(|| {
            self.missing(place, &format!("the bot has not said {which} in {place}"))
        })?;
        Ok(line.id.clone())
    }

    /// What somebody types, `{code}` being the last code that the bot told.
    fn with_code(&self, text: &str) -> Result<String, StageError> {
        if !text.contains(CODE) {
            return Ok(text.to_owned());
        }
        let code = self.code.as_ref();
        let code = code.ok_or_else(|| StageError("the bot has told no code yet".to_owned()))?;
        Ok(text.replace(CODE, code.as_str()))
    }

    /// Puts `{code}` where the bot tells a code: behind `/link`, where it shows how to use it.
    fn hide_codes(&mut self, line: &mut BotLine) {
        const BEFORE: &str = "/link ";
        let told = line
            .text
            .split(BEFORE)
            .skip(1)
            .filter_map(|rest| LinkCode::parse(rest.split_whitespace().next()?));
        if let Some(code) = told.last() {
            line.text = line.text.replace(code.as_str(), CODE);
            self.code = Some(code);
        }
    }

    fn remember(&mut self, line: &BotLine) {
        let earlier =
            self.bots.iter_mut().find(|known| known.id == line.id && known.place == line.place);
        match earlier {
            Some(known) if line.changes => *known = line.clone(),
            Some(_) | None => self.bots.push(line.clone()),
        }
    }
}

fn is_that(which: &Which, text: &str) -> bool {
    match which {
        Which::Last => true,
        Which::Beginning(beginning) => text.starts_with(beginning.as_str()),
    }
}

/// Where a step happens, if anywhere.
pub fn place_of(deed: &Deed) -> Option<&PlaceName> {
    match deed {
        Deed::Says { place, .. }
        | Deed::Edits { place, .. }
        | Deed::Deletes { place, .. }
        | Deed::Presses { place, .. }
        | Deed::Shares { place, .. }
        | Deed::Attaches { place, .. }
        | Deed::Refuse(place) => Some(place),
        Deed::Wait(_) | Deed::WaitUntil(_) | Deed::Restart | Deed::Cut(_) | Deed::Restore(_) => {
            None
        }
    }
}

/// The deed with `any` replaced by a network.
fn on_network(deed: &Deed, network: &str) -> Deed {
    let mut deed = deed.clone();
    match &mut deed {
        Deed::Says { place, .. }
        | Deed::Edits { place, .. }
        | Deed::Deletes { place, .. }
        | Deed::Presses { place, .. }
        | Deed::Shares { place, .. }
        | Deed::Attaches { place, .. }
        | Deed::Refuse(place) => *place = place.swapped(ANY, network),
        Deed::Cut(name) | Deed::Restore(name) if name == ANY => network.clone_into(name),
        Deed::Wait(_) | Deed::WaitUntil(_) | Deed::Restart | Deed::Cut(_) | Deed::Restore(_) => {}
    }
    deed
}
