//! What one person alone may read, in a place where others read too.

use super::{Deciding, Visit};
use crate::act::Act;
use crate::personal::Personal;
use crate::place::{Place, PlaceKind};
use crate::reply::Reply;

impl Deciding<'_> {
    /// Says to the visitor alone what they asked for. Where nobody can be told anything alone, it
    /// says how to ask for it where that can be done; the reply is then not said at all.
    pub(super) fn tell_alone(&mut self, visit: &mut Visit, reply: Reply, asked: Personal) {
        let Some((to, alone)) = self.alone(visit) else {
            let how = self.only_directly(visit, asked);
            self.tell(visit, how);
            return;
        };
        let elsewhere = to != visit.talk.place;
        self.tell_at(visit, to, reply, alone);
        if elsewhere && !self.opens_direct(visit) {
            // Nothing opens by itself here, so the patron is told where to look.
            self.tell_notice(visit, "sent-directly", &[]);
        }
    }

    /// Where the visitor can be told something that nobody else reads, and whether it must be
    /// marked as theirs alone; `None` if there is no such place yet.
    pub(super) fn alone(&self, visit: &Visit) -> Option<(Place, bool)> {
        let here = &visit.talk.place;
        if here.kind != PlaceKind::Shared {
            return Some((here.clone(), false));
        }
        if self.say.settings.networks.get(&here.network).is_some_and(|can| can.ephemeral) {
            return Some((here.clone(), true));
        }
        let direct = Place::direct(&here.network, &visit.user);
        let is_open = self.memory.talk(&visit.person.id, &direct).is_some();
        (is_open || self.opens_direct(visit)).then_some((direct, true))
    }

    fn opens_direct(&self, visit: &Visit) -> bool {
        let here = &visit.talk.place;
        self.say.opens_direct(&here.network, here.kind)
    }

    /// That this is answered in a direct chat only, with the way to it.
    pub(super) fn only_directly(&self, visit: &Visit, asked: Personal) -> Reply {
        let networks = &self.say.settings.networks;
        if networks.get(&visit.talk.place.network).is_some_and(|can| can.buttons) {
            let acts = [Act::OpenDirect(asked)];
            return self.say.notice(visit.lang, "only-directly", &[], &acts);
        }
        let command = format!("/{}", asked.word());
        let args = [("command", (&command).into())];
        self.say.notice(visit.lang, "only-directly-words", &args, &[])
    }
}
