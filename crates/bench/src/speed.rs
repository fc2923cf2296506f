//! `cargo xtask bench`: how fast, and how far from the floor.

use std::path::Path;
use std::time::Duration;

use crate::demo::Demo;
use crate::figures::Figures;
use crate::load::{Work, run as load};
use crate::pgbench::Bare;

/// Clinics that the load goes to, as many sessions each, and those of the hot one.
const CLINICS: u32 = 50;
const SESSIONS: u32 = 20;
const HOT_SESSIONS: u32 = 200;

pub(crate) async fn run(
    program: &Path,
    figures_folder: &Path,
    seconds: u64,
) -> anyhow::Result<bool> {
    let lasting = Duration::from_secs(seconds);
    let mut figures = Figures::default();
    eprintln!(
        "starting a demo with {CLINICS} clinics of {SESSIONS} sessions, and one of {HOT_SESSIONS} …"
    );
    let demo = Demo::start(program, CLINICS, SESSIONS, HOT_SESSIONS).await?;
    let (hot, clinics) = demo
        .clinics
        .split_last()
        .ok_or_else(|| anyhow::anyhow!("no clinics"))?;
    let bare = Bare::prepare(&demo)?;
    figures.set("server_idle_mb", demo.server_mb()?);
    load(&demo, clinics, 16, Duration::from_secs(2), Work::Readings).await?;
    for connections in [1_u32, 16, 64] {
        figures.set(
            &format!("bare_insert_per_s_c{connections}"),
            bare.per_s(connections, seconds)?,
        );
        let outcome = load(
            &demo,
            clinics,
            connections as usize,
            lasting,
            Work::Readings,
        )
        .await?;
        figures.set(
            &format!("reading_write_per_s_c{connections}"),
            outcome.per_s(),
        );
        if connections == 16 {
            figures.set("reading_write_p50_ms_c16", outcome.quantile_ms(0.5));
            figures.set("reading_write_p99_ms_c16", outcome.quantile_ms(0.99));
        }
    }
    let outcome = load(
        &demo,
        std::slice::from_ref(hot),
        64,
        lasting,
        Work::Readings,
    )
    .await?;
    figures.set("reading_write_hot_clinic_per_s_c64", outcome.per_s());
    let outcome = load(&demo, clinics, 64, lasting, Work::Pages).await?;
    figures.set("session_page_per_s_c64", outcome.per_s());
    figures.set("server_load_mb", demo.server_mb()?);
    figures.write(figures_folder, "bench")?;
    Ok(true)
}
