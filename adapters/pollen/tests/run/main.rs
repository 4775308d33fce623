//! The program as people call it: run as a child, in folders of the test's own.

mod chat;
mod program;
mod serve;
