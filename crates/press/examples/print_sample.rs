//! Writes the made-up record as a PDF, to be looked at, and says how long a page takes.
//!
//! `cargo run --release -p press --features sample --example print_sample -- FILE.pdf`

use std::time::Instant;

#[expect(
    clippy::disallowed_methods,
    reason = "a look at the layout and its speed, not part of the program"
)]
#[expect(clippy::print_stdout, reason = "its output")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).ok_or("name the file to write")?;
    let record = press::sample::record_sample();
    for print in ["first", "second", "third"] {
        let start = Instant::now();
        let pdf = press::record_pdf(&record)?;
        println!(
            "{print} print: {} bytes in {} ms",
            pdf.len(),
            start.elapsed().as_millis()
        );
        std::fs::write(&file, pdf)?;
    }
    Ok(())
}
