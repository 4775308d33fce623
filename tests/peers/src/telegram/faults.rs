//! What goes wrong on demand.

use super::Telegram;
use super::limits::Scope;
use super::methods;
use super::refusal::Refusal;
use super::world::World;
use std::time::Duration;

/// Something that is to go wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// 429: wait for so many seconds. Until then the method is refused, and a bot that tries is
    /// complained about.
    TooMany(i64),
    /// Any status with a description, as the server words its own.
    Refuse(u16, String),
    /// 502 with the body that the Bot API gives it.
    BadGateway,
    /// 502 with a page, as the machine in front of the Bot API gives it.
    BadGatewayPage,
    /// 500.
    ServerError,
    /// 409, as if another program polled with the same token.
    Conflict,
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
    method: Option<&'static str>,
    skip: u32,
    times: u32,
}

impl Fault {
    /// Goes wrong once, at the next request whatever it is.
    pub fn new(trouble: Trouble) -> Self {
        Self { trouble, method: None, skip: 0, times: 1 }
    }

    /// Only at this method.
    ///
    /// # Panics
    /// If the peer has no such method.
    #[must_use]
    pub fn on(mut self, method: &str) -> Self {
        let known = methods::named(method);
        self.method = Some(known.unwrap_or_else(|| panic!("there is no method {method}")).name);
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
    pub(crate) fn trouble(&mut self, method: &str) -> Option<Trouble> {
        let meant = |fault: &Fault| fault.method.is_none_or(|name| name == method);
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
    pub(crate) fn refusal(&mut self, trouble: &Trouble, method: &'static str) -> Option<Refusal> {
        Some(match trouble {
            Trouble::TooMany(seconds) => {
                let now = self.settings.clock.now_us();
                self.meter.hold(Scope::Method(method), now, seconds * 1_000_000);
                Refusal::too_many(*seconds)
            }
            Trouble::Refuse(code, description) => Refusal::new(*code, description),
            Trouble::BadGateway | Trouble::BadGatewayPage => Refusal::new(502, "Bad Gateway"),
            Trouble::ServerError => Refusal::new(500, "Internal Server Error"),
            Trouble::Conflict => Refusal::conflict(
                "terminated by other getUpdates request; make sure that only one bot instance is \
                 running",
            ),
            Trouble::DropBefore | Trouble::DropAfter | Trouble::Delay(_) => return None,
        })
    }
}

impl Telegram {
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
}
