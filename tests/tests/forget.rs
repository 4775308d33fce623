//! /forget reaches every byte: the folder of the real program is searched for words that only the
//! forgotten person, and staff to them, have said.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may as well stop")]

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tests::program::{ProgramStage, Staged};
use tests::run;
use tests::script::Script;

/// Said by the person who is forgotten, on one account or another, or to them: none may be left.
const GONE: [&str; 6] =
    ["zanzibarine", "quokkaphone", "wombatissimo", "narwhalette", "platypusine", "ben"];
/// Said by somebody else: proves that the search finds what is there.
const STAYS: &str = "axolotlish";

/// Longer than an index takes to be built on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// `any` is the network that it is played on.
const TALK: &str = "# Everything that leaves traces, and then /forget.
any/dm-ben ben: do you lend a zanzibarine?
any/dm-ben bot: What is said is not compared here.
any/dm-ben ben edits: do you lend a zanzibarine quokkaphone?
any/room-hall ben: @pollen is there a wombatissimo?
any/dm-ana ana: do you lend an axolotlish quokka?
desk mira: note 1 narwhalette
desk mira: reply 1 The narwhalette has it.
any/dm-ben ben: is there wifi?
any/dm-ben ben presses [Helpful]
any/dm-ben ben: /person where is the zanzibarine?
restart
any/dm-ben ben: /find wombatissimo
any/dm-bea bea: do you lend a platypusine?
any/dm-bea bea: /link
any/dm-ben ben: /link {code}
any/dm-ben ben: /forget
any/dm-ben ben presses [Erase all of it]
";

#[test]
fn no_byte_of_a_forgotten_person_is_left() {
    forgets(terminal::NETWORK);
}

#[test]
fn no_byte_of_a_forgotten_person_is_left_of_their_page() {
    forgets(web::NETWORK);
}

fn forgets(network: &str) {
    // The page has no rooms.
    let fits = |line: &&str| network == terminal::NETWORK || !line.contains("room-");
    let text: String = TALK.lines().filter(fits).flat_map(|line| [line, "\n"]).collect();
    let scratch = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_pollen-staged"));
    let staged = Staged::new(program, &scratch.path().join("library"), network).unwrap();
    let talk = |text: &str| Script::read(Path::new("forget.txt"), text).unwrap();

    let until_forget = talk(&text[..text.find("any/dm-ben ben: /forget").unwrap()]);
    let mut stage =
        ProgramStage::new(&staged, &run::opening(&until_forget).unwrap(), None).unwrap();
    run::perform(&until_forget, network, &mut stage).unwrap();
    // A page knows people by cookies alone, and three letters may stand in one of those by chance.
    let gone: Vec<&str> =
        GONE.into_iter().filter(|word| network != web::NETWORK || *word != "ben").collect();
    // What staff write stays where a page can show it again, and leaves a terminal when it is shown.
    let kept = |word: &&str| network == web::NETWORK || *word != "narwhalette";
    for word in gone.iter().copied().filter(kept).chain([STAYS]) {
        assert!(!holding(stage.folder(), word).is_empty(), "`{word}` was never kept");
    }
    drop(stage);

    let whole = talk(&text);
    let mut stage = ProgramStage::new(&staged, &run::opening(&whole).unwrap(), None).unwrap();
    run::perform(&whole, network, &mut stage).unwrap();
    for word in gone {
        let left = holding(stage.folder(), word);
        assert!(left.is_empty(), "`{word}` is left in {left:?}");
    }
    assert!(!holding(stage.folder(), STAYS).is_empty(), "what others said is gone too");
}

/// The files below `data/` that hold this word, whatever the case of its letters. Files of an index
/// that is being built come and go: each word is looked for until none has gone meanwhile.
fn holding(library: &Path, word: &str) -> Vec<PathBuf> {
    let until = Instant::now() + PATIENCE;
    loop {
        match found(library, word) {
            Ok(found) => return found,
            Err(error) if error.kind() == ErrorKind::NotFound && Instant::now() < until => {}
            Err(error) => panic!("{} cannot be looked through: {error}", library.display()),
        }
    }
}

fn found(library: &Path, word: &str) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![library.join("data")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                // The indexes hold the library's own words, of which a name may be one.
                if entry.file_name() != "index" || word != "ben" {
                    folders.push(entry.path());
                }
            } else if kind.is_file() {
                let bytes = fs::read(entry.path())?.to_ascii_lowercase();
                if bytes.windows(word.len()).any(|part| part == word.as_bytes()) {
                    found.push(entry.path());
                }
            }
        }
    }
    Ok(found)
}
