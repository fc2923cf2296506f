//! Vital signs and the blood-pressure plot.

use domain::treatment::{
    Event, FormPressures, LimitSide, Limits, Mark, Recorded, VitalKind, Vitals,
};
use press::{PressureLimit, PressurePlot, PressurePoint, VitalsPrint};

use super::sheet::{Sheet, joined};
use crate::words::{absence_words, capital, vital_words};

pub(super) fn vitals(sheet: &Sheet<'_>) -> Vec<VitalsPrint> {
    let asked = sheet.form_pressures();
    sheet
        .effective()
        .filter_map(|recorded| {
            let Event::VitalsRecorded(vitals) = &recorded.event else {
                return None;
            };
            Some(row(sheet, asked, recorded, vitals))
        })
        .collect()
}

/// What the form calls this reading; nothing for one that it does not name.
fn named(sheet: &Sheet<'_>, asked: FormPressures, seq: u32) -> Vec<String> {
    let check = format!(
        "{}-minute reading",
        sheet.protocol().timing.check_minutes.value
    );
    [
        (asked.before_dosing, "last before dosing".to_owned()),
        (asked.forty_minutes, check),
        (asked.last, "last reading".to_owned()),
    ]
    .into_iter()
    .filter(|(named, _)| *named == Some(seq))
    .map(|(_, words)| words)
    .collect()
}

fn row(
    sheet: &Sheet<'_>,
    asked: FormPressures,
    recorded: &Recorded,
    vitals: &Vitals,
) -> VitalsPrint {
    let value = |kind: VitalKind, value: Option<String>| {
        let absence = || vitals.absent.iter().find(|absence| absence.kind == kind);
        value
            .or_else(|| absence().map(|absence| absence_words(absence.why).to_owned()))
            .unwrap_or_default()
    };
    let number = |kind, number: Option<i32>| value(kind, number.map(|number| number.to_string()));
    let pressure = vitals
        .pressure
        .map(|both| format!("{}/{}", both.systolic, both.diastolic));
    let remarks = remarks(sheet, recorded, vitals);
    VitalsPrint {
        time: sheet.say.clock(recorded.happened_at),
        minutes: sheet
            .minute(recorded.happened_at)
            .map(signed)
            .unwrap_or_default(),
        blood_pressure: value(VitalKind::BloodPressure, pressure),
        pulse: number(VitalKind::Pulse, vitals.pulse),
        spo2: number(VitalKind::Spo2, vitals.spo2),
        respiration: number(VitalKind::Respiration, vitals.respiration),
        moaas: number(VitalKind::Moaas, vitals.moaas),
        taken_by: sheet.by(recorded),
        stands_out: !remarks.is_empty(),
        mark: capital(&joined(
            named(sheet, asked, recorded.seq).into_iter().chain(remarks),
        )),
    }
}

/// `+40`, `0`, `−12`.
fn signed(minute: i64) -> String {
    match minute {
        0 => "0".to_owned(),
        after if after > 0 => format!("+{after}"),
        before => format!("−{}", before.abs()),
    }
}

/// What stands out about one reading, in a few words; the sentences are in the table of marks.
fn remarks(sheet: &Sheet<'_>, recorded: &Recorded, vitals: &Vitals) -> Vec<String> {
    let absences = vitals.absent.iter().map(|absence| {
        format!(
            "{} {}: {}",
            vital_words(absence.kind),
            absence_words(absence.why),
            absence.reason
        )
    });
    let marks = sheet.marks_of(recorded.seq).filter_map(mark_remark);
    marks.chain(absences).collect()
}

fn mark_remark(mark: &Mark) -> Option<String> {
    if let Mark::ReadingOutsideLimits {
        kind,
        limit,
        side,
        diastolic,
        ..
    } = mark
    {
        let what = match (kind, diastolic) {
            (VitalKind::BloodPressure, true) => "diastolic",
            (VitalKind::BloodPressure, false) => "systolic",
            (VitalKind::Pulse | VitalKind::Spo2 | VitalKind::Respiration | VitalKind::Moaas, _) => {
                vital_words(*kind)
            }
        };
        let side = match side {
            LimitSide::Above => "above",
            LimitSide::Below => "below",
            LimitSide::Critical => "critical, below",
        };
        return Some(format!("{what} {side} {limit}"));
    }
    if let Mark::LateEntry { minutes, .. } = mark {
        return Some(format!("entered {minutes} min later"));
    }
    matches!(mark, Mark::Corrected { .. }).then(|| "corrected".to_owned())
}

/// The plot; none without a device, since its time counts from the first.
pub(super) fn plot(sheet: &Sheet<'_>) -> Option<PressurePlot> {
    sheet.first_device_at?;
    let readings: Vec<PressurePoint> = sheet
        .session()
        .pressure_series()
        .into_iter()
        .filter_map(|point| {
            Some(PressurePoint {
                minute: i32::try_from(sheet.minute(point.at)?).ok()?,
                systolic: u16::try_from(point.pressure.systolic).ok()?,
                diastolic: u16::try_from(point.pressure.diastolic).ok()?,
            })
        })
        .collect();
    let devices = sheet
        .devices()
        .into_iter()
        .filter(|(_, device)| device.sprays > 0);
    Some(PressurePlot {
        description: description(&readings),
        readings,
        devices_minute: devices
            .filter_map(|(_, device)| i32::try_from(sheet.minute(device.first_spray_at)?).ok())
            .collect(),
        limits: limit_lines(
            &sheet.protocol().limits_before,
            &sheet.protocol().limits_after,
        ),
    })
}

fn limit_lines(before: &Limits, after: &Limits) -> Vec<PressureLimit> {
    let pairs = [
        (before.systolic_max.value, after.systolic_max.value),
        (before.diastolic_max.value, after.diastolic_max.value),
    ];
    let mut lines = Vec::new();
    for (before, after) in pairs {
        if before == after {
            lines.extend(limit_line("limit", before, None, None));
        } else {
            lines.extend(limit_line("before dosing", before, None, Some(0)));
            lines.extend(limit_line("after dosing", after, Some(0), None));
        }
    }
    lines
}

fn limit_line(
    words: &str,
    mmhg: i32,
    from: Option<i32>,
    until: Option<i32>,
) -> Option<PressureLimit> {
    Some(PressureLimit {
        label: format!("{mmhg} {words}"),
        mmhg: u16::try_from(mmhg).ok()?,
        from_minute: from,
        until_minute: until,
    })
}

/// The plot for those who hear the page instead of seeing it.
fn description(readings: &[PressurePoint]) -> String {
    let words = |point: &PressurePoint| {
        format!(
            "{}/{} at minute {}",
            point.systolic, point.diastolic, point.minute
        )
    };
    let highest = readings.iter().max_by_key(|point| point.systolic);
    let (Some(first), Some(highest), Some(last)) = (readings.first(), highest, readings.last())
    else {
        return String::new();
    };
    format!(
        "Blood pressure over time, {} readings: first {}; highest systolic {}; last {}. Minutes count from the first device.",
        readings.len(),
        words(first),
        words(highest),
        words(last)
    )
}
