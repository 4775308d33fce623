//! What happens to a network itself, which no script can do: it will not have the bot any more, or
//! what somebody wrote on it cannot be read.

use bot::{
    Body, Bot, Effect, Event, MessageId, Moment, Network, PersonId, Place, PlaceKind, Settings,
    Speaker,
};
use jiff::Timestamp;
use knowledge::{Branches, Findings, Lang};
use std::sync::Arc;

fn network(name: &str) -> Network {
    Network(name.to_owned())
}

fn desk(name: &str) -> Place {
    Place { network: network(name), id: "desk".to_owned(), kind: PlaceKind::Desk }
}

/// What is said, and where.
fn said(bot: &mut Bot, event: Event) -> Vec<(Place, String)> {
    let moment = Moment { time: Timestamp::UNIX_EPOCH, seed: 1 };
    let effects = bot.handle(moment, event, Findings::default());
    let words = |effect| {
        let Effect::Send(sending) = effect else { return None };
        let Body::Notice { text } = sending.reply.body else { return None };
        Some((sending.to, text))
    };
    effects.into_iter().filter_map(words).collect()
}

fn bot_with_desks(desks: Vec<Place>) -> Bot {
    let mut settings = Settings::new("Linden Library", &[Lang::EN, Lang::FR]);
    settings.desks = desks;
    Bot::new(settings, Arc::new(Branches::default()), Vec::new())
}

#[test]
fn staff_elsewhere_are_told_of_a_network_that_is_down() {
    let mut bot = bot_with_desks(vec![desk("matrix"), desk("telegram"), desk("web")]);
    let told = said(&mut bot, Event::LinkDown { network: network("matrix") });
    let places: Vec<&str> = told.iter().map(|(place, _)| place.network.0.as_str()).collect();
    assert_eq!(places, ["telegram", "web"], "nothing arrives where it is down");
    assert!(told.iter().all(|(_, text)| text.starts_with("Nobody is answered on matrix")));
}

#[test]
fn whoever_wrote_what_cannot_be_read_is_told_so() {
    let mut bot = bot_with_desks(vec![desk("web")]);
    let user = "@ben:linden.example".to_owned();
    let place = Place::direct(&network("matrix"), &user);
    let speaker = Speaker { person: PersonId("ben".to_owned()), user, locale: None };
    let message = MessageId("m".to_owned());
    let told = said(&mut bot, Event::Unreadable { place: place.clone(), speaker, message });
    let [(to, text)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(*to, place);
    assert!(text.contains("Please write it once more"), "{text}");
}
