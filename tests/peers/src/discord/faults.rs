//! What goes wrong on demand.

use super::refusal::Refusal;
use super::world::World;
use super::{Discord, rest};
use std::time::Duration;

/// Something that is to go wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// 429: wait for so many milliseconds, for everything or for this alone.
    TooMany {
        /// How long.
        retry_after_ms: i64,
        /// Everything is refused until then, and a bot that asks is complained about.
        global: bool,
    },
    /// Any status with a code and words, as Discord has them.
    Refuse(u16, u32, String),
    /// 500.
    ServerError,
    /// The connection breaks and nothing was done.
    DropBefore,
    /// The connection breaks when everything was done; the bot cannot know.
    DropAfter,
    /// The answer takes so long, in real time; it is carried out first.
    Delay(Duration),
}

/// A trouble, for whom and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    trouble: Trouble,
    route: Option<&'static str>,
    skip: u32,
    times: u32,
}

impl Fault {
    /// Goes wrong once, at the next request whatever it is.
    pub fn new(trouble: Trouble) -> Self {
        Self { trouble, route: None, skip: 0, times: 1 }
    }

    /// Only at this route, such as `create_message`.
    ///
    /// # Panics
    /// If the peer has no such route.
    #[must_use]
    pub fn on(mut self, route: &str) -> Self {
        let known = rest::ROUTES.iter().find(|known| known.name == route);
        self.route = Some(known.unwrap_or_else(|| panic!("there is no route {route}")).name);
        self
    }

    /// So many times.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// After so many requests went well.
    #[must_use]
    pub fn after(mut self, requests: u32) -> Self {
        self.skip = requests;
        self
    }
}

impl World {
    /// The trouble that this request has, if any.
    pub(crate) fn trouble(&mut self, route: &str) -> Option<Trouble> {
        let meant = |fault: &Fault| fault.route.is_none_or(|name| name == route);
        let fault = self.faults.iter_mut().find(|fault| meant(fault) && fault.times > 0)?;
        if fault.skip > 0 {
            fault.skip -= 1;
            return None;
        }
        fault.times -= 1;
        let trouble = fault.trouble.clone();
        self.faults.retain(|fault| fault.times > 0);
        Some(trouble)
    }

    /// The answer of a trouble that refuses, if it does.
    #[expect(clippy::cast_precision_loss, reason = "a wait is short")]
    pub(crate) fn refusal(&mut self, trouble: &Trouble) -> Option<Refusal> {
        Some(match trouble {
            Trouble::TooMany { retry_after_ms, global: true } => self.hold_all(*retry_after_ms),
            Trouble::TooMany { retry_after_ms, global: false } => {
                Refusal::too_many(*retry_after_ms as f64 / 1000.0, false)
            }
            Trouble::Refuse(status, code, words) => Refusal::new(*status, *code, words),
            Trouble::ServerError => Refusal::new(500, 0, "500: Internal Server Error"),
            Trouble::DropBefore | Trouble::DropAfter | Trouble::Delay(_) => return None,
        })
    }
}

impl Discord {
    /// Makes something go wrong. Several wait for their turn in order.
    pub fn fault(&self, fault: Fault) {
        self.shared.lock().faults.push(fault);
    }

    /// Lets everything go well from now on.
    pub fn clear_faults(&self) {
        self.shared.lock().faults.clear();
    }

    /// How many faults have not happened yet.
    pub fn faults_left(&self) -> u32 {
        self.shared.lock().faults.iter().map(|fault| fault.times).sum()
    }

    /// Breaks every connection from now on, of REST and of the gateway, until [`Self::restore`].
    pub fn cut(&self) {
        self.shared.lock().down = true;
        self.shared.wake();
    }

    /// The network is back.
    pub fn restore(&self) {
        self.shared.lock().down = false;
        self.shared.wake();
    }
}
