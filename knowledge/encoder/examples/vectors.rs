//! Writes the vectors of texts, one a line of the input, as 32-bit numbers one after another: what `make/turn.py` learns from.
//!
//! `cargo run --release -p encoder --example vectors -- FOLDER question|passage < TEXTS > VECTORS`
#![expect(clippy::unwrap_used, reason = "it is run by hand and shows what is wrong")]

use encoder::{Encoder, Side};
use std::io::{BufRead as _, Write as _};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let encoder = Encoder::open(arguments[0].as_ref()).unwrap();
    let side = if arguments[1] == "passage" { Side::Passage } else { Side::Question };
    let mut out = std::io::stdout().lock();
    for text in std::io::stdin().lock().lines() {
        for number in encoder.encode(&text.unwrap(), side).numbers() {
            out.write_all(&number.to_le_bytes()).unwrap();
        }
    }
}
