//! Time passes: staff are reminded, quiet cases close, old rows are dropped.

use super::Deciding;
use crate::act::Act;
use crate::case::{Case, CaseState, Closing};
use crate::effect::{Effect, Urgency};
use crate::reply::Body;
use jiff::{SignedDuration, Timestamp};
use knowledge::State;

/// How often staff are reminded of one case; each pause is twice the one before, so with half an
/// hour to begin with the last comes after two days.
const REMINDERS_MAX: u8 = 7;
/// How often rows past their time are dropped.
pub(crate) const SWEEP_EVERY: SignedDuration = SignedDuration::from_hours(24);

impl Deciding<'_> {
    pub(super) fn woke(&mut self) {
        let now = self.now();
        let due: Vec<Case> = self
            .memory
            .cases()
            .filter(|case| case_wakes(case).is_some_and(|at| at <= now))
            .cloned()
            .collect();
        for case in due {
            match case.state {
                CaseState::Open | CaseState::Claimed { .. } => self.remind(case),
                CaseState::Answered { .. } => self.close_quiet(case),
                CaseState::Closed { .. } => {}
            }
        }
        self.sweep();
    }

    /// Staff are reminded of a case, while the desk is open.
    fn remind(&mut self, mut case: Case) {
        let state = self.say.branches.main().map(|branch| branch.state(self.now()));
        if let Some(State::Closed { opens: Some(opens), .. }) = state {
            case.remind_at = Some(opens.timestamp());
            return self.memory.keep_case(case);
        }
        let lang = self.say.settings.desk_lang;
        let number = case.id.to_string();
        let args = [("case", (&number).into()), ("question", (&case.question).into())];
        let acts = match case.state {
            CaseState::Open => vec![Act::Claim(case.id), Act::Show(case.id)],
            CaseState::Claimed { .. } | CaseState::Answered { .. } | CaseState::Closed { .. } => {
                vec![Act::Show(case.id)]
            }
        };
        let text = self.say.say(lang, "desk-waits", &args);
        // Whoever has it is meant, whatever it is about.
        let text = match case.state {
            CaseState::Open => self.say.with_whom(text, &case),
            CaseState::Claimed { .. } | CaseState::Answered { .. } | CaseState::Closed { .. } => {
                text
            }
        };
        let reply = self.say.reply(lang, Body::Notice { text }, &acts);
        case.sheets.extend(self.tell_desks(case.id, &reply, Urgency::Reminder));
        case.reminders = case.reminders.saturating_add(1);
        let pause = self.say.settings.remind_after * (1 << case.reminders.min(REMINDERS_MAX));
        case.remind_at = (case.reminders < REMINDERS_MAX).then(|| self.after(pause));
        self.memory.keep_case(case);
    }

    fn close_quiet(&mut self, mut case: Case) {
        self.close(&mut case, Closing::Quiet);
        self.desk_news(&case, "desk-closed-quiet", &[]);
        self.memory.keep_case(case);
    }

    fn sweep(&mut self) {
        let now = self.now();
        if self.memory.counters.swept.is_none_or(|swept| sweep_at(swept) <= now) {
            self.memory.counters.swept = Some(now);
            self.memory.keep_counters();
            self.memory.drop_before(now);
            self.effects.push(Effect::ForgetBefore(now));
        }
    }
}

/// When a case wants something done.
pub(crate) fn case_wakes(case: &Case) -> Option<Timestamp> {
    match &case.state {
        CaseState::Open | CaseState::Claimed { .. } => case.remind_at,
        CaseState::Answered { closes, .. } => Some(*closes),
        CaseState::Closed { .. } => None,
    }
}

/// When rows are dropped next.
pub(crate) fn sweep_at(swept: Timestamp) -> Timestamp {
    swept.saturating_add(SWEEP_EVERY).unwrap_or(Timestamp::MAX)
}
