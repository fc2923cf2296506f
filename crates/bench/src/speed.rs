//! `cargo xtask bench`: how fast, and how far from the floor.

use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use crate::demo::Demo;
use crate::figures::Figures;
use crate::load::{Floor, Outcome, Work, run as load};
use crate::pgbench::Bare;

/// Clinics that the load goes to, as many sessions each, and those of the hot one.
const CLINICS: u32 = 50;
const SESSIONS: u32 = 20;
const HOT_SESSIONS: u32 = 200;
/// Bare inserts and readings are measured in so many turns each.
const TURNS: u32 = 4;

pub(crate) async fn run(
    program: &Path,
    figures_folder: &Path,
    seconds: u64,
) -> anyhow::Result<bool> {
    let lasting = Duration::from_secs(seconds);
    let turn = Duration::from_secs(seconds.div_ceil(u64::from(TURNS)));
    let mut figures = Figures::default();
    eprintln!(
        "starting a demo with {CLINICS} clinics of {SESSIONS} sessions, and one of {HOT_SESSIONS} …"
    );
    let demo = Demo::start(program, CLINICS, SESSIONS, HOT_SESSIONS).await?;
    let (hot, clinics) = demo
        .clinics
        .split_last()
        .ok_or_else(|| anyhow::anyhow!("no clinics"))?;
    let floor = Rc::new(Floor::enter(&demo, clinics).await?);
    let hot = Rc::new(Floor::enter(&demo, std::slice::from_ref(hot)).await?);
    let bare = Bare::prepare(&demo)?;
    figures.set("server_idle_mb", demo.server_mb()?);
    load(&demo, &floor, 16, Duration::from_secs(2), Work::Readings).await?;
    for connections in [1_u32, 16, 64] {
        // In turns, so that both meet the same moods of the machine.
        let (mut bare_per_s, mut readings) = (0.0, Outcome::default());
        for _ in 0..TURNS {
            bare_per_s += bare.per_s(connections, turn)? / f64::from(TURNS);
            let phones = connections as usize;
            readings.add(load(&demo, &floor, phones, turn, Work::Readings).await?);
        }
        let per_s = readings.per_s();
        figures.set(&format!("bare_insert_per_s_c{connections}"), bare_per_s);
        figures.set(&format!("reading_write_per_s_c{connections}"), per_s);
        figures.set(
            &format!("reading_write_per_1000_bare_inserts_c{connections}"),
            1_000.0 * per_s / bare_per_s,
        );
        for (side, spent) in [
            ("server", readings.spent.server),
            ("database", readings.spent.database),
        ] {
            figures.set(
                &format!("reading_write_{side}_cpu_us_c{connections}"),
                readings.cost_us(spent),
            );
        }
        if connections == 16 {
            figures.set("reading_write_p50_ms_c16", readings.quantile_ms(0.5));
            figures.set("reading_write_p99_ms_c16", readings.quantile_ms(0.99));
        }
    }
    let outcome = load(&demo, &hot, 64, lasting, Work::Readings).await?;
    figures.set("reading_write_hot_clinic_per_s_c64", outcome.per_s());
    let outcome = load(&demo, &floor, 64, lasting, Work::Pages).await?;
    figures.set("session_page_per_s_c64", outcome.per_s());
    figures.set("server_load_mb", demo.server_mb()?);
    figures.write(figures_folder, "bench")?;
    Ok(true)
}
