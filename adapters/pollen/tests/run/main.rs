//! The program as people call it: run as a child, in folders of the test's own.

mod chat;
mod encoders;
mod keep;
mod look;
mod pages;
mod program;
mod serve;
