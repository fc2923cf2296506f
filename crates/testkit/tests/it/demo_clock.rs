//! How far the demo's clock moves at once.

use app::AppError;
use jiff::{SignedDuration, Timestamp};

use crate::day::Floor;

#[tokio::test(flavor = "multi_thread")]
async fn the_demos_clock_moves_forward_and_by_a_year_at_most() {
    let floor = Floor::planned().await;
    let app = &floor.world.app;
    let begin = app.now();
    let year = SignedDuration::from_hours(24 * 366);
    let second = SignedDuration::from_secs(1);
    for refused in [begin - second, begin + year + second, Timestamp::MAX] {
        let answer = app.demo_clock_set(refused).await;
        assert!(
            matches!(answer, Err(AppError::BadInput(sentence)) if sentence.ends_with('.')),
            "{refused}"
        );
        assert_eq!(app.now(), begin);
    }
    app.demo_clock_set(begin + year).await.unwrap();
    assert_eq!(app.now(), begin + year);
    // A year from where it stands now.
    app.demo_clock_set(begin + year + year).await.unwrap();
}
