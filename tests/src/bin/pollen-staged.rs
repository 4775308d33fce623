//! The program as it is, with the control socket in it: what the stages perform against.

use std::process::ExitCode;

fn main() -> ExitCode {
    pollen::main()
}
