//! How far an encoder agrees with its makers' figures: `cargo run --release -p encoder --example agreement FOLDER GOLDEN.tsv`.
//!
//! A folder as the model hubs have them is made into one of ours first, beside it. The figures are those of `make/golden.py`.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it is run by hand and shows its results"
)]

use std::path::PathBuf;
use std::time::Instant;

use encoder::{Encoder, Side, Vector, convert};

fn main() {
    let mut args = std::env::args().skip(1);
    let mut folder = PathBuf::from(args.next().unwrap());
    let golden = std::fs::read_to_string(args.next().unwrap()).unwrap();
    if convert::is_theirs(&folder) {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let into = folder.with_file_name(format!("{name}-8bit"));
        let start = Instant::now();
        convert::convert(&folder, &into, &name, None, &|_, _| {}).unwrap();
        println!("made in {:.2} s, at most {} MB", start.elapsed().as_secs_f64(), most_mb());
        folder = into;
    }
    let start = Instant::now();
    let encoder = Encoder::open(&folder).unwrap();
    println!("{}: opened in {:.0} ms", encoder.identity(), start.elapsed().as_secs_f64() * 1e3);
    let (mut least, mut sum, mut count) = (1.0_f32, 0.0, 0);
    for line in golden.lines() {
        let [side, text, pieces, numbers] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("four columns: {line}")
        };
        let side = if side == "question" { Side::Question } else { Side::Passage };
        let numbers = numbers.split(' ').map(|number| number.parse().unwrap()).collect();
        let alike = encoder.encode(text, side).similarity(&Vector::new(numbers));
        let (found, expected) = (encoder.count(text, side), pieces.split(' ').count());
        println!("{alike:.5}  {found} pieces of {expected}  {text:?}");
        (least, sum, count) = (least.min(alike), sum + alike, count + 1);
    }
    println!("{count} texts: least {least:.5}, mean {:.5}", sum / count as f32);
    println!("at most {} MB", most_mb());
}

/// Returns the most memory that this process has had, in MB; 0 where the system doesn't tell.
fn most_mb() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap_or(0) / 1000
}
