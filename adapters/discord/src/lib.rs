//! Discord as a network.
//!
//! serenity brings routes, buckets of limits and numbers of things; how events come in is our own,
//! because its client counts an event as heard before anybody has kept it, and forgets its session when
//! it ends: `gateway` speaks with Discord, `hear` hands events in with the session and the sequence as
//! its cursor, in one transaction, and the session is resumed from there after a crash.
//!
//! In reading order: [`Settings`]; [`Discord`], the link; `hear` and `gateway`, how events come in, and
//! `acknowledge`, what is answered at once, and `missed`, what was said
//! while there was no session; `arrive`, what is done with an event; `event`, what came, and
//! `translate`, raw events to the core's; `render`, replies to messages; `speak`, how they are said, and
//! `aside`, to one person among others;
//! `desk`, a channel where staff work; `kept`, what the link remembers; `menu`, what Discord shows of the
//! bot; `rest`, `pace` and `failure`, calls, how many, and what their errors mean; [`checkup`], what
//! `pollen doctor` asks.

mod acknowledge;
mod arrive;
mod aside;
pub mod checkup;
mod desk;
mod event;
mod failure;
mod gateway;
mod hear;
mod kept;
mod link;
mod longer;
mod menu;
mod missed;
mod pace;
mod render;
mod rest;
mod settings;
mod speak;
mod translate;

#[cfg(test)]
mod golden;

pub use link::{Discord, OpenError};
pub use settings::Settings;

/// The network's name in settings, places and scripts.
pub const NETWORK: &str = "discord";
