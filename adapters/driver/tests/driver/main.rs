//! The driver between a network and a store that do what a test says.

#[cfg(test)]
#[cfg(all(feature = "control", unix))]
mod control;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod fakes;
#[cfg(test)]
mod flow;
