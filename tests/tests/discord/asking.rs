//! How people ask: by commands, by the bot's name, from the menu of a message, in direct chats; in
//! their language and at any length.

use crate::library::{Library, Town, code, words};
use crate::{ANSWER, PATIENCE, QUESTION, UNKNOWN};
use peers::discord::{Discord, InteractionId, Message, Pings, Reply, Settings, User};
use serde_json::Value;
use std::path::Path;

#[test]
fn a_command_is_answered_to_its_asker_alone_until_they_share_the_answer() {
    let library = Library::open();
    let (ana, hall) = (library.somebody("ana"), library.town.hall);
    let answer = library.answered(library.asks(ana, hall, QUESTION));
    assert_eq!(answer.only_for, Some(ana));
    assert!(answer.content.contains(ANSWER), "{}", answer.content);
    let press = library.peer().press(ana, hall, answer.id, &code(&answer, "Share here"));
    let shared = library.answered(press);
    assert_eq!(shared.only_for, None, "everybody sees it");
    assert_eq!((&shared.content, &shared.embeds), (&answer.content, &answer.embeds));
    assert_eq!(shared.components, Vec::<Value>::new());
    assert_eq!(shared.pings, Pings::default());
    library.assert_content();
}

#[test]
fn a_record_is_shared_with_its_frame() {
    let library = Library::open();
    let (ana, hall) = (library.somebody("ana"), library.town.hall);
    let answer = library.answered(library.asks(ana, hall, "Middlemarch"));
    assert_eq!(answer.only_for, Some(ana));
    assert_eq!(answer.embeds.len(), 1, "{answer:#?}");
    assert_eq!(answer.embeds[0]["title"], "Middlemarch");
    // A list is one person's, with buttons that the others could not press.
    let named = [("words", "woolf".into())];
    let list = library.answered(library.peer().command(ana, hall, "find", &named));
    assert!(list.control("share").is_none(), "{list:#?}");
    let press = library.peer().press(ana, hall, answer.id, &code(&answer, "Share here"));
    let shared = library.answered(press);
    assert_eq!(shared.only_for, None);
    assert_eq!((&shared.content, &shared.embeds), (&answer.content, &answer.embeds));
    library.assert_content();
}

#[test]
fn whoever_calls_the_bot_by_name_is_answered_before_everybody_and_not_pinged() {
    let library = Library::open();
    let (ana, ben, hall) = (library.somebody("ana"), library.somebody("ben"), library.town.hall);
    library.peer().say(ben, hall, QUESTION);
    let asked = library.peer().say(ana, hall, &library.called(QUESTION));
    let answer = library.hears(hall, ANSWER);
    assert_eq!(answer.only_for, None);
    assert_eq!(answer.reply_to, Some(asked));
    assert_eq!(answer.pings, Pings::default());
    assert!(answer.control("share").is_none(), "everybody sees it already");
    library.has_taken_all_in();
    assert_eq!(library.texts(hall).len(), 1, "what ben said was said to others");
    library.assert_content();
}

#[test]
fn words_that_would_ping_everybody_ping_nobody_on_their_way_back() {
    let library = Library::open();
    let (ana, hall) = (library.somebody("ana"), library.town.hall);
    library.peer().set_mentionable(library.town.guild, library.town.role, true);
    let mira = library.town.mira;
    let evil = format!("@everyone @here <@&{}> <@{mira}> sewing machines?", library.town.role);
    let named = [("words", evil.as_str().into())];
    let found = library.answered(library.peer().command(ana, hall, "find", &named));
    assert_eq!(found.pings, Pings::default());
    library.peer().say(ana, hall, &library.called(&evil));
    let case = library.hears(library.town.desk, "case 1 ·");
    assert_eq!(case.pings, Pings::default());
    let all = library.peer().from_bot(hall);
    assert!(all.iter().all(|message| message.pings == Pings::default()), "{all:#?}");
    library.assert_content();
}

/// What is offered to somebody who types.
fn offered(library: &Library, typing: InteractionId) -> Vec<String> {
    match library.replied(typing) {
        Reply::Choices(choices) => {
            let name = |choice: &Value| choice["name"].as_str().unwrap().to_owned();
            choices.iter().map(name).collect()
        }
        other @ (Reply::Message(_)
        | Reply::Deferred(_)
        | Reply::DeferredUpdate
        | Reply::Updated(_)
        | Reply::Modal(_)) => panic!("nothing is offered, but {other:?}"),
    }
}

#[test]
fn whoever_types_a_title_is_offered_those_of_the_catalogue() {
    let library = Library::open();
    let (ana, hall) = (library.somebody("ana"), library.town.hall);
    let direct = library.peer().direct(ana);
    for channel in [hall, direct] {
        let typing = library.peer().type_option(ana, channel, "find", ("words", "pride and"));
        let offered = offered(&library, typing);
        assert_eq!(offered[0], "pride and", "what was typed can be sent as it is");
        assert!(offered.contains(&"Pride and Prejudice".to_owned()), "{offered:?}");
        assert!(offered.len() <= 25);
    }
    for (typed, meant) in
        [("pride and prej", "Pride and Prejudice"), ("to the ligh", "To the Lighthouse")]
    {
        let typing = library.peer().type_option(ana, hall, "find", ("words", typed));
        let offered = offered(&library, typing);
        assert!(offered.contains(&meant.to_owned()), "{typed}: {offered:?}");
    }
    let typing = library.peer().type_option(ana, hall, "find", ("words", "woolf"));
    let woolf = offered(&library, typing);
    assert!((3..=25).contains(&woolf.len()), "{woolf:?}");
    let typing = library.peer().type_option(ana, hall, "find", ("words", "xyzzy qwxzk"));
    assert_eq!(offered(&library, typing), ["xyzzy qwxzk"], "nothing was found");
    let typing = library.peer().type_option(ana, hall, "find", ("words", ""));
    assert_eq!(offered(&library, typing), Vec::<String>::new());
    let long = "x".repeat(4_000);
    let typing = library.peer().type_option(ana, hall, "find", ("words", &long));
    assert_eq!(offered(&library, typing)[0].chars().count(), 100);
    // Each letter is asked about, and each is answered in time.
    let letters = (1..="lighthouse".len()).map(|end| &"lighthouse"[..end]);
    let typing =
        letters.map(|typed| library.peer().type_option(ana, hall, "find", ("words", typed)));
    let typing: Vec<InteractionId> = typing.collect();
    let last = typing.into_iter().map(|typing| offered(&library, typing)).last().unwrap();
    assert!(last.contains(&"To the Lighthouse".to_owned()), "{last:?}");
    // Nothing was said to anybody, so nothing could ping.
    library.peer().assert_content();
}

#[test]
fn the_library_is_asked_about_what_somebody_else_said() {
    let library = Library::open();
    let (ana, ben, hall) = (library.somebody("ana"), library.somebody("ben"), library.town.hall);
    let said = library.peer().say(ben, hall, QUESTION);
    let menu = "Ask the library about this";
    let answer = library.answered(library.peer().message_command(ana, hall, said, menu));
    assert_eq!(answer.only_for, Some(ana), "ben has asked nothing");
    assert!(answer.content.contains(ANSWER), "{}", answer.content);
    assert_eq!(answer.pings, Pings::default());
    library.has_taken_all_in();
    assert_eq!(library.texts(hall).len(), 1, "{:#?}", library.texts(hall));
    library.assert_content();
}

#[test]
fn whoever_uses_discord_in_french_is_answered_in_french() {
    let library = Library::open();
    let commands = library.peer().commands(Some(library.town.guild));
    let find = |name: &str| commands.iter().find(|command| command["name"] == name).unwrap();
    let hours = find("hours");
    assert_eq!(hours["name_localizations"]["fr"], "horaires");
    assert_eq!(hours["description"], "When the library is open");
    assert_eq!(hours["description_localizations"]["fr"], "Quand la bibliothèque est ouverte");
    assert_eq!(hours["options"][0]["name_localizations"]["fr"], "lieu");
    let menu = find("Ask the library about this");
    assert_eq!(menu["name_localizations"]["fr"], "Interroger la bibliothèque");
    let lea = library.somebody_who(User::new("lea").locale("fr"));
    for channel in [library.town.hall, library.peer().direct(lea)] {
        let hours = library.answered(library.peer().command(lea, channel, "hours", &[]));
        assert!(hours.content.contains("Bibliothèque centrale"), "{}", hours.content);
        assert!(hours.content.contains("D’après les renseignements"), "{}", hours.content);
    }
    let hall = library.town.hall;
    let answer = library.asks(lea, hall, "Comment me connecter à internet ?");
    let answer = library.answered(answer);
    assert!(answer.content.contains("Le wifi est gratuit"), "{}", answer.content);
    let press = library.peer().press(lea, hall, answer.id, &code(&answer, "Montrer ici"));
    assert_eq!(library.answered(press).content, answer.content);
    library.told_alone(
        library.peer().press_code(lea, hall, answer.id, "nonsense"),
        "Je ne connais plus ce bouton.",
    );
    library.assert_content();
}

#[test]
fn what_is_for_one_person_alone_is_shown_to_nobody_else() {
    let library = Library::open();
    let (ana, hall) = (library.somebody("ana"), library.town.hall);
    library.answered(library.asks(ana, hall, QUESTION));
    let told = library.answered(library.peer().command(ana, hall, "mydata", &[]));
    assert_eq!(told.only_for, Some(ana));
    assert!(words(&told).contains(QUESTION), "{}", words(&told));
    assert!(told.control("share").is_none(), "it is no answer of the library's");
    let direct = library.peer().direct(ana);
    library.peer().say(ana, hall, &library.called("/mydata"));
    let all = library.hears(direct, "This is all that I have about you");
    assert!(words(&all).contains(QUESTION), "{}", words(&all));
    let open = library.peer().from_bot(hall).into_iter();
    let open: Vec<String> =
        open.filter(|message| message.only_for.is_none()).map(|message| words(&message)).collect();
    assert!(!open.join("\n").contains(QUESTION), "{open:#?}");
    library.assert_content();
}

#[test]
fn the_longest_message_is_read() {
    let library = Library::open();
    let ana = library.somebody("ana");
    let (direct, hall) = (library.peer().direct(ana), library.town.hall);
    let mut long = String::from(QUESTION);
    while long.chars().count() < 3_990 {
        long.push_str(" wifi?");
    }
    let long: String = long.chars().chain("x".repeat(10).chars()).take(4_000).collect();
    library.says(ana, &long);
    let so = |peer: &Discord| !peer.from_bot(direct).is_empty();
    assert!(library.peer().wait_until(PATIENCE, so), "it is answered");
    let answer = library.answered(library.asks(ana, hall, &long));
    assert!(!words(&answer).is_empty());
    // Every sign of it is one that has to be escaped.
    library.says(ana, &format!("/find {}", "_".repeat(3_900)));
    library.says(ana, &"👩‍👩‍👧‍👦".repeat(570));
    library.has_taken_all_in();
    library.answers();
    library.assert_content();
}

/// Answers that together are longer than a message.
fn long_answers(folder: &Path) -> std::io::Result<()> {
    let cellar = |word: &str| format!("The {word} is in the cellar. ").repeat(60);
    let steps = (0..1_000).map(|step| format!("Climb step {step}. ")).collect::<String>();
    let answers = ["loom", "kiln", "lathe"].map(|word| (word, cellar(word)));
    for (word, answer) in answers.into_iter().chain([("attic", steps)]) {
        let text = format!(
            "---\nid: {word}\nlang: en\nquestions:\n  - Where is the {word}?\n---\n{answer}\n"
        );
        std::fs::write(folder.join(format!("faq/{word}.md")), text)?;
    }
    tests::folder::build(folder, &folder.join("data")).map_err(std::io::Error::other)
}

#[test]
fn a_long_answer_is_several_messages_or_one_that_is_hidden() {
    let library = Library::open_in(Town::new(Settings::default()), long_answers);
    let ana = library.somebody("ana");
    let (direct, hall) = (library.peer().direct(ana), library.town.hall);
    let asked = "Where is the loom? Where is the kiln? Where is the lathe?";
    let whole = |text: &str| {
        for word in ["loom", "kiln", "lathe"] {
            let sentence = format!("The {word} is in the cellar.");
            assert_eq!(text.matches(&sentence).count(), 60, "{sentence} {text}");
        }
    };
    library.says(ana, asked);
    let last = library.hears(direct, "The lathe is in the cellar");
    assert!(!last.controls().is_empty(), "the buttons stand below the last");
    let all = library.peer().from_bot(direct);
    assert!(all.len() > 1, "{all:#?}");
    assert!(all.iter().all(|message| message.content.chars().count() <= 2_000));
    whole(&library.texts(direct).join("\n"));
    let hidden = library.answered(library.asks(ana, hall, asked));
    assert_eq!(hidden.only_for, Some(ana));
    assert!(!hidden.embeds.is_empty(), "what does not fit the message is framed below it");
    whole(&words(&hidden));
    library.has_taken_all_in();
    assert_eq!(library.peer().from_bot(hall).len(), 1, "it is one message");
    let press = library.peer().press(ana, hall, hidden.id, &code(&hidden, "Share here"));
    whole(&words(&library.answered(press)));
    library.assert_content();
}

#[test]
fn an_answer_too_long_to_be_shown_at_once_goes_on_at_a_press() {
    let library = Library::open_in(Town::new(Settings::default()), long_answers);
    let (ana, hall) = (library.somebody("ana"), library.town.hall);
    let first = library.answered(library.asks(ana, hall, "Where is the attic?"));
    assert_eq!(first.only_for, Some(ana));
    let has = |shown: &Message, label: &str| {
        shown.controls().iter().any(|button| button["label"] == label)
    };
    let read_on = |shown: &Message| {
        library.answered(library.peer().press(ana, hall, shown.id, &code(shown, "Read on")))
    };
    let mut all = vec![first.clone()];
    while all.last().is_some_and(|shown| has(shown, "Read on")) {
        all.push(read_on(&all[all.len() - 1]));
    }
    assert_eq!(all.len(), 3, "of 20,000 letters 8,000 are shown at once");
    assert!(all.iter().all(|shown| shown.only_for == Some(ana) && !has(shown, "Share here")));
    let whole = all.iter().map(words).collect::<Vec<_>>().join(" ").replace('\\', "");
    let whole = whole.split_whitespace().collect::<Vec<_>>().join(" ");
    for step in 0..1_000 {
        assert_eq!(whole.matches(&format!("Climb step {step}.")).count(), 1, "step {step}");
    }
    library.assert_content();
}

#[test]
fn staff_answer_a_command_so_that_nobody_else_is_shown_it() {
    let library = Library::open();
    let (ana, hall) = (library.somebody("ana"), library.town.hall);
    library.answered(library.asks(ana, hall, UNKNOWN));
    let case = library.has_thread("case 1 ·");
    let long = "Yes, and here is how. ".repeat(180);
    library.fills_in(library.town.mira, &case, "reply.1", long.trim());
    let answer = library.hears(hall, "Yes, and here is how.");
    assert_eq!(answer.only_for, Some(ana));
    assert_eq!(words(&answer).matches("Yes, and here is how.").count(), 180);
    assert!(!answer.embeds.is_empty());
    library.assert_content();
}
