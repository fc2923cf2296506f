//! Places the blood-pressure plot: which range, which ticks, where each point lies.
//!
//! All places are fractions of the plot's width and height (0 to 1, from the lower left), so that the template only
//! multiplies. Invariant: the number of ticks is bounded for any input.

use serde::Serialize;

use crate::{PressurePlot, PressurePoint};

/// At most so many labels along the time axis.
const MINUTE_TICKS_MAX: i64 = 11;
/// At most so many labels along the pressure axis.
const MMHG_TICKS_MAX: i64 = 8;
/// Steps in minutes that read well; after the last it is doubled.
const MINUTE_STEPS: [i64; 9] = [5, 10, 15, 20, 30, 60, 120, 240, 480];
/// Points closer than this share one printed number (fraction of the width).
const LABEL_DISTANCE: f64 = 0.052;
/// Space before the first and after the last reading, in parts of the range. Before it stand the labels of the limits
/// that hold before dosing.
const MARGIN_BEFORE_PARTS: i64 = 10;
const MARGIN_AFTER_PARTS: i64 = 40;

/// The plot, ready to be drawn.
#[derive(Serialize)]
pub(crate) struct PlacedPlot {
    points: Vec<PlacedPoint>,
    devices: Vec<PlacedDevice>,
    limits: Vec<PlacedLimit>,
    minute_ticks: Vec<PlacedTick>,
    mmhg_ticks: Vec<PlacedTick>,
    description: String,
}

#[derive(Serialize)]
struct PlacedPoint {
    x: f64,
    systolic_y: f64,
    diastolic_y: f64,
    systolic: u16,
    diastolic: u16,
    labelled: bool,
}

#[derive(Serialize)]
struct PlacedDevice {
    x: f64,
    number: usize,
}

#[derive(Serialize)]
struct PlacedLimit {
    from_x: f64,
    until_x: f64,
    y: f64,
    label: String,
}

#[derive(Serialize)]
struct PlacedTick {
    at: f64,
    label: i64,
}

/// A range with its ticks.
struct Axis {
    low: i64,
    high: i64,
    step: i64,
}

impl Axis {
    fn place(&self, value: i64) -> f64 {
        // The span is at most a few times `i32::MAX`, which a double holds exactly.
        ((value - self.low) as f64 / (self.high - self.low) as f64).clamp(0.0, 1.0)
    }

    fn ticks(&self) -> Vec<PlacedTick> {
        let first = self.low.div_euclid(self.step) * self.step;
        (0..)
            .map(|index| first + index * self.step)
            .skip_while(|value| *value < self.low)
            .take_while(|value| *value <= self.high)
            .map(|value| PlacedTick {
                at: self.place(value),
                label: value,
            })
            .collect()
    }
}

/// Places a plot; `None` when there is nothing to draw.
pub(crate) fn plot_place(plot: &PressurePlot) -> Option<PlacedPlot> {
    let mut readings: Vec<&PressurePoint> = plot.readings.iter().collect();
    readings.sort_by_key(|point| point.minute);
    let (first, last) = (readings.first()?.minute, readings.last()?.minute);
    let minutes = minute_axis(&plot.devices_minute, i64::from(first), i64::from(last));
    let mmhg = mmhg_axis(plot);
    Some(PlacedPlot {
        points: points_place(&readings, &minutes, &mmhg),
        devices: devices_place(&plot.devices_minute, &minutes),
        limits: limits_place(plot, &minutes, &mmhg),
        minute_ticks: minutes.ticks(),
        mmhg_ticks: mmhg.ticks(),
        description: plot.description.clone(),
    })
}

fn minute_axis(devices: &[i32], first: i64, last: i64) -> Axis {
    let all = devices.iter().map(|minute| i64::from(*minute));
    let low = all.clone().fold(first, i64::min);
    let high = all.fold(last, i64::max).max(low + 10);
    let span = high - low;
    let (low, high) = (
        low - (span / MARGIN_BEFORE_PARTS).max(2),
        high + (span / MARGIN_AFTER_PARTS).max(2),
    );
    let wanted = (high - low) / MINUTE_TICKS_MAX + 1;
    Axis {
        low,
        high,
        step: step_choose(&MINUTE_STEPS, wanted),
    }
}

fn mmhg_axis(plot: &PressurePlot) -> Axis {
    let read = plot
        .readings
        .iter()
        .flat_map(|point| [point.systolic, point.diastolic]);
    let all = read
        .chain(plot.limits.iter().map(|limit| limit.mmhg))
        .map(i64::from);
    let low = all.clone().min().unwrap_or(60);
    let high = all.max().unwrap_or(140);
    // A little air above and below for the numbers at the points.
    let (low, high) = ((low - 8).max(0), high + 8);
    let step = step_choose(&[20, 40, 100], (high - low) / MMHG_TICKS_MAX + 1);
    Axis {
        low: low.div_euclid(step) * step,
        high: (high + step - 1).div_euclid(step) * step,
        step,
    }
}

fn step_choose(steps: &[i64], wanted: i64) -> i64 {
    let mut step = steps
        .iter()
        .copied()
        .find(|step| *step >= wanted)
        .or(steps.last().copied())
        .unwrap_or(1);
    while step < wanted {
        step *= 2;
    }
    step
}

fn points_place(readings: &[&PressurePoint], minutes: &Axis, mmhg: &Axis) -> Vec<PlacedPoint> {
    let mut labelled_x = f64::NEG_INFINITY;
    let place = |point: &&PressurePoint| {
        let x = minutes.place(i64::from(point.minute));
        let labelled = x - labelled_x >= LABEL_DISTANCE;
        if labelled {
            labelled_x = x;
        }
        PlacedPoint {
            x,
            systolic_y: mmhg.place(i64::from(point.systolic)),
            diastolic_y: mmhg.place(i64::from(point.diastolic)),
            systolic: point.systolic,
            diastolic: point.diastolic,
            labelled,
        }
    };
    readings.iter().map(place).collect()
}

fn devices_place(devices: &[i32], minutes: &Axis) -> Vec<PlacedDevice> {
    let mut sorted = devices.to_vec();
    sorted.sort_unstable();
    let place = |(index, minute): (usize, i32)| PlacedDevice {
        x: minutes.place(i64::from(minute)),
        number: index + 1,
    };
    sorted.into_iter().enumerate().map(place).collect()
}

fn limits_place(plot: &PressurePlot, minutes: &Axis, mmhg: &Axis) -> Vec<PlacedLimit> {
    let edge = |minute: Option<i32>, otherwise: f64| {
        minute.map_or(otherwise, |minute| minutes.place(i64::from(minute)))
    };
    let place = |limit: &crate::PressureLimit| PlacedLimit {
        from_x: edge(limit.from_minute, 0.0),
        until_x: edge(limit.until_minute, 1.0),
        y: mmhg.place(i64::from(limit.mmhg)),
        label: limit.label.clone(),
    };
    plot.limits
        .iter()
        .map(place)
        .filter(|limit| limit.from_x < limit.until_x)
        .collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn plot(minutes: &[i32]) -> PressurePlot {
        let point = |minute: &i32| PressurePoint {
            minute: *minute,
            systolic: 130,
            diastolic: 80,
        };
        PressurePlot {
            readings: minutes.iter().map(point).collect(),
            devices_minute: vec![0, 5],
            limits: vec![],
            description: String::new(),
        }
    }

    #[test]
    fn nothing_read_nothing_drawn() {
        assert!(plot_place(&plot(&[])).is_none());
    }

    #[test]
    fn points_come_in_order_and_inside() {
        let placed = plot_place(&plot(&[40, -10, 120])).unwrap();
        let xs: Vec<f64> = placed.points.iter().map(|point| point.x).collect();
        assert!(xs.is_sorted());
        assert!(xs.iter().all(|x| (0.0..=1.0).contains(x)));
        let labels: Vec<i64> = placed.minute_ticks.iter().map(|tick| tick.label).collect();
        assert_eq!(labels, [-15, 0, 15, 30, 45, 60, 75, 90, 105, 120]);
    }

    #[test]
    fn ticks_stay_few_for_any_span() {
        for minutes in [
            vec![0],
            vec![i32::MIN, i32::MAX],
            vec![-1, 100_000],
            vec![7; 400],
        ] {
            let placed = plot_place(&plot(&minutes)).unwrap();
            assert!(
                (1..=14).contains(&placed.minute_ticks.len()),
                "{} ticks",
                placed.minute_ticks.len()
            );
            assert!((2..=12).contains(&placed.mmhg_ticks.len()));
        }
    }

    #[test]
    fn close_readings_share_a_number() {
        let minutes: Vec<i32> = (0..120).collect();
        let placed = plot_place(&plot(&minutes)).unwrap();
        assert!(placed.points.iter().filter(|point| point.labelled).count() <= 20);
    }
}
