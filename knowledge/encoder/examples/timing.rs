//! How long a text takes: `cargo run --release -p encoder --example timing [FOLDER]`. One thread; memory is Linux's word for it.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it is run by hand and shows its results"
)]

use std::time::Instant;

use encoder::{Encoder, Side};

fn main() {
    let before = resident_kb();
    let start = Instant::now();
    let encoder = match std::env::args().nth(1).as_deref() {
        Some(folder) => Encoder::open(folder.as_ref()).unwrap(),
        None => Encoder::shipped(),
    };
    println!("{}: opened in {:.1} ms", encoder.identity(), start.elapsed().as_secs_f64() * 1e3);

    let words = "how long may i keep a book that somebody else is waiting for and what does it cost if it comes back late";
    let words: Vec<&str> = words.split(' ').cycle().take(200).collect();
    for target in [8, 12, 16, 32, 64, 128] {
        let text = (1..200)
            .map(|count| words[..count].join(" "))
            .take_while(|text| encoder.count(text, Side::Question) <= target)
            .last()
            .unwrap_or_default();
        let runs = if target > 64 { 40 } else { 300 };
        let mut times: Vec<f64> = (0..runs + 10)
            .map(|_| {
                let start = Instant::now();
                std::hint::black_box(encoder.encode(&text, Side::Question));
                start.elapsed().as_secs_f64() * 1e3
            })
            .skip(10)
            .collect();
        times.sort_by(f64::total_cmp);
        println!(
            "{:3} tokens: least {:6.2} ms, p50 {:6.2} ms, p99 {:6.2} ms",
            encoder.count(&text, Side::Question),
            times[0],
            times[times.len() / 2],
            times[times.len() * 99 / 100],
        );
    }
    println!(
        "resident: {} MB, {} MB of them since it was opened",
        resident_kb() / 1000,
        (resident_kb() - before) / 1000
    );
}

/// Returns the memory of this process in kB, 0 where the system doesn't tell.
fn resident_kb() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0");
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0)
}
