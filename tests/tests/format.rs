//! The scripts' format, shown on a stage that only says again what it is told.

use jiff::Timestamp;
use std::path::Path;
use tests::place::PlaceName;
use tests::script::Script;
use tests::stage::{Act, BotLine, Does, Pressable, Stage, StageError};
use tests::{checks, run, transcript};

/// Says everything again, in the place and at the desk.
#[derive(Default)]
struct Echo {
    lines: Vec<BotLine>,
    count: usize,
}

impl Echo {
    fn say(&mut self, place: &PlaceName, text: &str) {
        self.count += 1;
        self.lines.push(BotLine {
            place: place.clone(),
            id: format!("b{}", self.count),
            changes: false,
            only_for: None,
            text: text.to_owned(),
            buttons: vec![Pressable { label: "Again".to_owned(), code: text.to_owned() }],
            reply: None,
        });
    }
}

impl Stage for Echo {
    fn perform(&mut self, act: Act<'_>) -> Result<(), StageError> {
        match act.does {
            Does::Says { text, answers: Some(id), .. } => {
                self.say(act.place, &format!("{text} (to {id})"));
            }
            Does::Says { text, .. } => {
                self.say(&PlaceName::desk(), &format!("{} said something", act.who));
                self.say(act.place, text);
            }
            Does::Edits { text, .. } => {
                self.say(act.place, text);
                if let Some(line) = self.lines.last_mut() {
                    line.id = "b2".to_owned();
                    line.changes = true;
                }
            }
            Does::Deletes { key } => self.say(act.place, &format!("{key} is gone")),
            Does::Presses { message, code } => {
                self.say(act.place, &format!("{code} of {message}"));
            }
            Does::Shares { location, answers, .. } => {
                let at = location.coordinates();
                let said = format!("{} {} (to {answers:?})", at.latitude, at.longitude);
                self.say(act.place, &said);
            }
            Does::Attaches { name, text, .. } => self.say(act.place, &format!("{name}, {text}")),
        }
        Ok(())
    }

    fn seen(&mut self) -> Result<Vec<BotLine>, StageError> {
        Ok(std::mem::take(&mut self.lines))
    }

    fn wait(&mut self, until: Timestamp) -> Result<(), StageError> {
        self.say(&PlaceName::desk(), &format!("it is {until}"));
        Ok(())
    }

    fn restart(&mut self) -> Result<(), StageError> {
        Ok(())
    }

    fn cut(&mut self, network: &str) -> Result<(), StageError> {
        self.say(&PlaceName::desk(), &format!("{network} is gone"));
        Ok(())
    }

    fn restore(&mut self, _: &str) -> Result<(), StageError> {
        Ok(())
    }

    fn refuse(&mut self, _: &PlaceName) -> Result<(), StageError> {
        Err(StageError("an echo refuses nothing".to_owned()))
    }
}

fn read(text: &str) -> Result<Script, String> {
    Script::read(Path::new("a.txt"), text).map_err(|e| e.to_string())
}

fn performed(text: &str) -> Result<String, String> {
    let script = read(text)?;
    let played = run::perform(&script, "telegram", &mut Echo::default())
        .map_err(|broken| broken.to_string())?;
    Ok(transcript::rewritten(&script, "telegram", &played))
}

#[test]
fn a_transcript_is_the_file_with_the_bots_lines_in_it() {
    let text = "\
# A sentence.
at 2026-07-01 09:30

any/dm-ben ben: one\\n\\ntwo
any/dm-ben bot: one

  two
  [Again]
desk bot: ben said something
  [Again]
# A comment stays where it is.
any/dm-ben ben presses [Again]
any/dm-ben bot: one

  two of b2
  [Again]
any/dm-ben ben edits \"one\": thr\\u{200b}ee
any/dm-ben bot changes: thr\\u{200b}ee
  [Again]

any/dm-ben ben replies to \"thr\\u{200b}\": four
any/dm-ben bot: four (to b2)
  [Again]
any/dm-ben ben deletes
any/dm-ben bot: u2 is gone
  [Again]
any/dm-ben ben shares 51.5,-0.12
any/dm-ben bot: 51.5 -0.12 (to None)
  [Again]
any/dm-ben ben shares 51.5,-0.12 in reply
any/dm-ben bot: 51.5 -0.12 (to Some(\"b7\"))
  [Again]
any/dm-ben ben attaches \"torn.jpg\": mend\\nthis
any/dm-ben bot: torn.jpg, mend
  this
  [Again]
any/dm-ben ben attaches \"torn.jpg\"
any/dm-ben bot: torn.jpg,
  [Again]
cut any
desk bot: telegram is gone
  [Again]
wait 30m
desk bot: it is 2026-07-01T09:00:00Z
  [Again]
";
    assert_eq!(performed(text).unwrap(), text);
}

#[test]
fn what_the_file_says_of_the_bot_does_not_matter_to_the_performance() {
    let bare = "# A sentence.\nany/dm-ben ben: hello\nany/dm-ben bot: wrong\n  wholly\n";
    let whole = "# A sentence.\nany/dm-ben ben: hello\nany/dm-ben bot: hello\n  [Again]\n\
                 desk bot: ben said something\n  [Again]\n";
    assert_eq!(performed(bare).unwrap(), whole);
    let script = read(bare).unwrap();
    let diff = transcript::settle(&script, whole).unwrap().unwrap();
    assert!(diff.contains("-any/dm-ben bot: wrong") && diff.contains("+any/dm-ben bot: hello"));
}

#[test]
fn mistakes_are_named_with_file_and_line() {
    for (text, expected) in [
        ("any/dm-ben ben: hi\n", "a.txt:1: the first line must be `# ` and a sentence"),
        ("# no full stop\n", "a.txt:1: the first line must be"),
        ("# A.\n\n# B.\n", "a.txt:3: this script does nothing"),
        ("# A.\nany/dm-ben ben: hi\n", "a.txt:2: this script shows nothing"),
        ("# A.\nany/dm-ben ben shouts: hi\n", "a.txt:2: `ben shouts: hi`"),
        ("# A.\nany/dm-ben ben presses Helpful\n", "a.txt:2: `presses` needs a button"),
        ("# A.\nany/dm-ben ben shares 95,0\n", "a.txt:2: `95,0` is no place on the map"),
        ("# A.\nany/dm-ben ben shares\n", "a.txt:2: `` is no place on the map"),
        ("# A.\nany/dm-ben ben attaches torn.jpg\n", "a.txt:2: `attaches` needs a file"),
        ("# A.\nany/dm-ben ben attaches \"a\" b\n", "a.txt:2: a colon and the words"),
        ("# A.\nany/ben ben: hi\n", "a.txt:2: `any/ben` is no place"),
        ("# A.\nelephant\n", "a.txt:2: `elephant` is no place"),
        ("# A.\nwait 5\n", "a.txt:2: `5` is no span of time"),
        ("# A.\nany/dm-ben ben: a\\qb\n", "a.txt:2: after `\\` comes"),
        ("# A.\nany/dm-ben ben: hi\nat 2026-01-01 10:00\n", "a.txt:3: this belongs above"),
        ("# A.\n  indented\n", "a.txt:2: an indented line must follow"),
        ("# A.\nat 2026-13-01 10:00\n", "a.txt:2: `2026-13-01 10:00` is no time"),
        ("# A.\nben speaks fr-x1_!\n", ""),
    ] {
        match read(text) {
            Err(error) => assert!(error.starts_with(expected), "{text:?}: {error}"),
            Ok(_) => panic!("{text:?} was read"),
        }
    }
}

#[test]
fn a_step_that_refers_to_nothing_breaks_off() {
    for (step, expected) in [
        ("any/dm-ben ben presses [Helpful]", "line 4: no message in telegram/dm-ben has a button"),
        ("any/dm-ben ben edits \"xyz\": a", "line 4: ben has not said"),
        ("any/dm-ben ana deletes", "line 4: ana has not said"),
        ("any/dm-ben ben replies to \"xyz\": a", "line 4: the bot has not said"),
        ("refuse any/dm-ben", "line 4: an echo refuses nothing"),
        ("wait until 2026-01-01 10:00", "line 4: 2026-01-01T10:00:00 is over already"),
    ] {
        let text = format!("# A.\nany/dm-ben ben: hi\nany/dm-ben bot: hi\n{step}\n");
        let error = performed(&text).unwrap_err();
        assert!(error.starts_with(expected), "{step}: {error}");
    }
}

#[test]
fn silence_and_straying_are_complained_of() {
    let text = "# A.\nany/room-hall ben: @pollen hi\nany/room-hall bot: hi\n";
    let script = read(text).unwrap();
    let mut played = run::perform(&script, "telegram", &mut Echo::default()).unwrap();
    let complaints = checks::complaints(&played);
    assert_eq!(complaints, Vec::<String>::new());
    let said = &mut played.steps[0].said;
    said.retain(|line| line.place == PlaceName::desk());
    said[0].place = PlaceName::parse("telegram/dm-ana").unwrap();
    let complaints = checks::complaints(&played);
    assert_eq!(complaints.len(), 2, "{complaints:#?}");
}
