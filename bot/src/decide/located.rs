//! Somebody shares where they are.

use super::{Deciding, Visit};
use crate::nearest::Location;
use crate::reply::Body;
use knowledge::Findings;

impl Deciding<'_> {
    /// Tells the nearest branch; the hours of all where the library has not said where they are.
    /// Where somebody was is not kept.
    pub(super) fn located(&mut self, visit: &mut Visit, location: Location) {
        let reply = match self.say.nearest(visit.lang, location) {
            Some(part) => {
                let body = Body::Answer { parts: vec![part], left: None };
                self.with_banner(self.say.reply(visit.lang, body, &[]))
            }
            None => self.hours_command(visit, &Findings::default()),
        };
        self.tell(visit, reply);
    }
}
