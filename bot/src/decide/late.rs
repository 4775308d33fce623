//! What could not be delivered: a case's answer tries the next way.

use super::Deciding;
use crate::case::{CaseState, Way, Who};
use crate::effect::SendId;
use crate::event::Undelivered;
use crate::place::Place;

impl Deciding<'_> {
    pub(super) fn undelivered(&mut self, send: SendId, to: &Place, why: Undelivered) {
        let found = self.memory.cases().find(
            |case| matches!(&case.state, CaseState::Answered { reply, .. } if *reply == send),
        );
        let Some(mut case) = found.cloned() else { return };
        let CaseState::Answered { by, way, closes, .. } = case.state.clone() else { return };
        let network = to.network.0.as_str();
        let next = match (why, way) {
            (Undelivered::Uncertain, _) => {
                return self.desk_news(&case, "desk-maybe-delivered", &[]);
            }
            (Undelivered::Refused | Undelivered::Expired, Way::Place)
                if self.say.opens_direct(&case.asker.place.network, case.asker.place.kind) =>
            {
                Way::Direct
            }
            (Undelivered::Refused | Undelivered::Expired, _) => Way::Nowhere,
        };
        let text = case.log.iter().rev().find_map(|line| match &line.who {
            Who::Staff(_) => Some(line.text.clone()),
            Who::Patron | Who::Note(_) => None,
        });
        match (next, text) {
            (Way::Direct | Way::Place, Some(text)) => {
                self.desk_news(&case, "desk-trying-direct", &[]);
                let reply = self.send_case_answer(&case, &by, &text, next);
                case.state = CaseState::Answered { by, reply, way: next, closes };
            }
            // An answer that nobody read is none: whoever wrote it has the case again.
            (Way::Nowhere, _) | (_, None) => {
                self.desk_news(&case, "desk-undelivered", &[("network", network.into())]);
                self.reopen(&mut case);
            }
        }
        self.memory.keep_case(case);
    }
}
