//! What could not be delivered: a case's answer tries the next way.

use super::Deciding;
use crate::case::{Case, CaseState, Way, Who};
use crate::effect::SendId;
use crate::event::Undelivered;
use crate::person::Linked;
use crate::place::Place;

impl Deciding<'_> {
    pub(super) fn undelivered(&mut self, send: SendId, to: &Place, why: Undelivered) {
        let found = self.memory.cases().find(|case| case.is_answered_by(send));
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
            (Undelivered::Refused | Undelivered::Expired, Way::Direct)
                if self.say.tells_alone(&case.asker.place) =>
            {
                Way::Aside
            }
            (Undelivered::Refused | Undelivered::Expired, _) => Way::Linked,
        };
        let linked = self.next_account(&case, way, to).filter(|_| next == Way::Linked);
        let text = case.log.iter().rev().find_map(|line| match &line.who {
            Who::Staff(_) => Some(line.text.clone()),
            Who::Patron | Who::Note(_) => None,
        });
        match (next, linked, text) {
            (Way::Direct | Way::Place | Way::Aside, _, Some(text)) => {
                let news =
                    if next == Way::Aside { "desk-trying-aside" } else { "desk-trying-direct" };
                self.desk_news(&case, news, &[]);
                let reply = self.send_case_answer(&case, &by, &text, next);
                case.state = CaseState::Answered { by, reply, way: next, closes };
            }
            (Way::Linked, Some(account), Some(text)) => {
                let elsewhere = account.network.0.as_str();
                self.desk_news(&case, "desk-trying-linked", &[("network", elsewhere.into())]);
                let reply = self.send_to_account(&case, &by, &text, account);
                case.state = CaseState::Answered { by, reply, way: next, closes };
            }
            // An answer that nobody read is none: whoever wrote it has the case again.
            (Way::Nowhere | Way::Linked, ..) | (_, _, None) => {
                self.desk_news(&case, "desk-undelivered", &[("network", network.into())]);
                self.reopen(&mut case);
            }
        }
        self.memory.keep_case(case);
    }

    /// The direct chat of the asker's linked account whose turn it is: the first, or, if one of
    /// them has just failed, the one after that.
    fn next_account(&self, case: &Case, way: Way, failed: &Place) -> Option<Place> {
        let asker = self.memory.person(&case.asker.person)?;
        let accounts = self.linked_accounts(asker);
        let chat =
            |account: &Linked| Place::direct(&account.address.network, &account.address.user);
        let mut chats = accounts.iter().map(chat);
        if way == Way::Linked {
            chats.find(|chat| chat == failed)?;
        }
        chats.find(|chat| chat != failed)
    }
}
