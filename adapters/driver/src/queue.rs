//! What waits to be handled, in order, and what of it can be handled at the same time.

use bot::{Event, PersonId, Place, PlaceKind};
use contract::InboxId;
use jiff::Timestamp;
use std::collections::{HashSet, VecDeque};

/// How many arrivals wait in memory, at about 1 KiB each; the others wait in the inbox. Many more
/// than a round takes, so that one busy conversation does not keep the others out of it.
pub(crate) const QUEUE_MAX: usize = 1024;

/// An arrival that waits, as events.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) id: InboxId,
    pub(crate) at: Timestamp,
    pub(crate) events: Vec<Event>,
}

/// The first arrivals of the inbox, in order.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    waiting: VecDeque<Waiting>,
    /// The last arrival that was read.
    pub(crate) read_to: InboxId,
}

impl Queue {
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(crate) fn push(&mut self, waiting: Waiting) {
        self.waiting.push_back(waiting);
    }

    /// Takes out what is no longer to be handled.
    pub(crate) fn remove(&mut self, ids: &[InboxId]) {
        let ids: HashSet<InboxId> = ids.iter().copied().collect();
        self.waiting.retain(|waiting| !ids.contains(&waiting.id));
    }

    /// Takes one out; when it arrived, if it was there.
    pub(crate) fn take(&mut self, id: InboxId) -> Option<Timestamp> {
        let at = self.waiting.iter().position(|waiting| waiting.id == id)?;
        self.waiting.remove(at).map(|waiting| waiting.at)
    }

    /// Forgets all; it is read from the inbox again.
    pub(crate) fn clear(&mut self) {
        *self = Queue::default();
    }

    /// Up to `limit` arrivals that touch nothing in common, in order; those `held` and all
    /// that comes after them and touches the same wait. They stay in the queue until they are removed.
    pub(crate) fn pick(&self, limit: usize, held: &[InboxId]) -> Vec<Waiting> {
        let mut touched = Touched::default();
        let mut picked = Vec::new();
        for waiting in &self.waiting {
            if picked.len() == limit {
                break;
            }
            // What is passed over counts as touched too: whatever comes after it must stay after it.
            if touched.claim(&waiting.events) && !held.contains(&waiting.id) {
                picked.push(waiting.clone());
            }
        }
        picked
    }
}

/// What an event touches. Two events that touch something in common are handled in the order in
/// which they arrived and in different rounds, so that the second is asked and looked up with what
/// the first has left behind. All others may change places.
///
/// A person is one thing wherever they speak; a deletion that does not say whose message it was
/// touches all who speak in its place; and all desks are one thing, so that staff's acts follow each other.
/// Staff and patrons touch the same cases and may still be in one round: neither can answer what
/// the other has not yet been told, and `handle` sees each after the other.
enum Touches<'a> {
    Person(&'a PersonId, &'a Place),
    Place(&'a Place),
    Desks,
    Nothing,
}

fn touches(event: &Event) -> Touches<'_> {
    match event {
        Event::Said(said) => spoken(&said.speaker.person, &said.place),
        Event::Edited { place, speaker, .. }
        | Event::Pressed { place, speaker, .. }
        | Event::Flooded { place, speaker, .. }
        | Event::Unreadable { place, speaker, .. } => spoken(&speaker.person, place),
        Event::Deleted { place, person: Some(person), .. } => spoken(person, place),
        Event::Deleted { place, person: None, .. } => Touches::Place(place),
        Event::Desk { .. } => Touches::Desks,
        Event::Undelivered { .. } | Event::LinkDown { .. } | Event::Woke => Touches::Nothing,
    }
}

fn spoken<'a>(person: &'a PersonId, place: &'a Place) -> Touches<'a> {
    match place.kind {
        PlaceKind::Desk => Touches::Desks,
        PlaceKind::Direct | PlaceKind::Shared => Touches::Person(person, place),
    }
}

#[derive(Default)]
struct Touched<'a> {
    people: HashSet<&'a PersonId>,
    /// Places in which somebody of `people` spoke.
    spoken_in: HashSet<&'a Place>,
    whole_places: HashSet<&'a Place>,
    desks: bool,
}

impl<'a> Touched<'a> {
    /// Counts what these events touch as touched; whether nothing of it was before.
    fn claim(&mut self, events: &'a [Event]) -> bool {
        let free = events.iter().all(|event| match touches(event) {
            Touches::Person(person, place) => {
                !self.people.contains(person) && !self.whole_places.contains(place)
            }
            Touches::Place(place) => {
                !self.spoken_in.contains(place) && !self.whole_places.contains(place)
            }
            Touches::Desks => !self.desks,
            Touches::Nothing => true,
        });
        for event in events {
            match touches(event) {
                Touches::Person(person, place) => {
                    self.people.insert(person);
                    self.spoken_in.insert(place);
                }
                Touches::Place(place) => {
                    self.whole_places.insert(place);
                }
                Touches::Desks => self.desks = true,
                Touches::Nothing => {}
            }
        }
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bot::{DeskAct, MessageId, Network};

    fn place(id: &str, kind: PlaceKind) -> Place {
        Place { network: Network("net".to_owned()), id: id.to_owned(), kind }
    }

    fn deleted(who: Option<&str>, room: &str) -> Event {
        Event::Deleted {
            place: place(room, PlaceKind::Shared),
            person: who.map(|who| PersonId(who.to_owned())),
            message: MessageId("1".to_owned()),
        }
    }

    fn desk() -> Event {
        let desk = place("desk", PlaceKind::Desk);
        Event::Desk { desk, staff: "mira".to_owned(), act: DeskAct::Queue }
    }

    fn picked(events: Vec<Vec<Event>>, limit: usize, held: &[i64]) -> Vec<i64> {
        let mut queue = Queue::default();
        for (i, events) in (1..).zip(events) {
            queue.push(Waiting { id: InboxId(i), at: Timestamp::UNIX_EPOCH, events });
        }
        let held: Vec<InboxId> = held.iter().copied().map(InboxId).collect();
        queue.pick(limit, &held).iter().map(|waiting| waiting.id.0).collect()
    }

    #[test]
    fn what_touches_the_same_is_not_in_the_same_round_and_keeps_its_order() {
        let (ben, ida) = (|| deleted(Some("ben"), "a"), || deleted(Some("ida"), "a"));
        assert_eq!(picked(vec![vec![ben()], vec![ben()], vec![ida()]], 9, &[]), [1, 3]);
        // The deletion in "a" must stay behind both of ben's, of which the second waits.
        let whole = vec![vec![ben()], vec![ben()], vec![deleted(None, "a")], vec![ida()]];
        assert_eq!(picked(whole, 9, &[]), [1]);
        assert_eq!(
            picked(vec![vec![ben()], vec![deleted(None, "b")], vec![ida()]], 9, &[]),
            [1, 2, 3]
        );
        assert_eq!(picked(vec![vec![desk()], vec![ben()], vec![desk()]], 9, &[]), [1, 2]);
        assert_eq!(picked(vec![vec![ben(), ida()], vec![ida()]], 9, &[]), [1]);
        assert_eq!(picked(vec![vec![ben()], vec![ida()]], 1, &[]), [1]);
        assert_eq!(picked(vec![vec![ben()], vec![ben()], vec![ida()]], 9, &[1]), [3]);
    }
}
