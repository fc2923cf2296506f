//! What a protocol must hold so that nothing that relies on it goes wrong.

use std::collections::BTreeSet;
use std::fmt::Display;

use domain::treatment::{FieldKind, Protocol, Range};

/// Whether the protocol agrees with itself.
///
/// # Errors
/// The first place that does not fit.
pub(super) fn check(protocol: &Protocol) -> Result<(), String> {
    check_lists(protocol)?;
    check_timing(protocol)?;
    check_doses(protocol)?;
    check_limits(protocol)?;
    check_form(protocol)
}

/// Records name list entries by their ids: each is there, once, and has words.
fn check_lists(protocol: &Protocol) -> Result<(), String> {
    let choices = [
        ("severities", &protocol.severities),
        ("crisis_symptoms", &protocol.crisis_symptoms),
        ("serious_kinds", &protocol.serious_kinds),
        ("serious_reports", &protocol.serious_reports),
    ];
    for (list, choices) in choices {
        check_ids(
            list,
            choices.iter().map(|choice| (&choice.id, &choice.wording)),
        )?;
    }
    check_ids(
        "checklist",
        protocol
            .checklist
            .iter()
            .map(|item| (&item.id, &item.wording)),
    )?;
    check_ids(
        "form.fields",
        protocol
            .form
            .fields
            .iter()
            .map(|field| (&field.id, &field.wording)),
    )
}

fn check_ids<'a>(
    list: &str,
    entries: impl Iterator<Item = (&'a String, &'a String)>,
) -> Result<(), String> {
    let mut known = BTreeSet::new();
    for (id, wording) in entries {
        if id.is_empty() || wording.is_empty() {
            return Err(format!("{list}: an entry without id or wording (“{id}”)"));
        }
        if !known.insert(id) {
            return Err(format!("{list}: “{id}” stands there twice"));
        }
    }
    if known.is_empty() {
        Err(format!("{list}: no entries"))
    } else {
        Ok(())
    }
}

/// The window of the reading at about 40 minutes, in its order: it counts, is due, is there, is overdue, counts no more.
/// The last pressure counts after it, so that no reading is both.
fn check_timing(protocol: &Protocol) -> Result<(), String> {
    let timing = &protocol.timing;
    let (at, within) = (
        timing.check_minutes.value,
        timing.check_counted_within_minutes.value,
    );
    let window = [
        at.saturating_sub(within),
        timing.check_due_from_minutes.value,
        at,
        timing.check_overdue_after_minutes.value,
        at.saturating_add(within),
        timing
            .minimum_minutes
            .value
            .saturating_sub(timing.last_pressure_before_minimum_minutes.value),
        timing.minimum_minutes.value,
    ];
    if !window.is_sorted() {
        return Err(format!("timing: minutes out of order: {window:?}"));
    }
    // Else a pressure taken at the first moment that counts would be too old when the shortest monitoring is over.
    require(
        timing.last_pressure_before_minimum_minutes.value
            <= timing.last_pressure_before_discharge_minutes.value,
        "timing",
        "last_pressure_before_discharge_minutes",
    )
}

/// Each dose is what its devices hold, and each kit holds a dose that can be planned.
fn check_doses(protocol: &Protocol) -> Result<(), String> {
    let dosing = &protocol.dosing;
    let device_mg = dosing
        .spray_mg
        .value
        .saturating_mul(u32::from(dosing.sprays_per_device.value));
    let mut known = BTreeSet::new();
    for dose in &dosing.doses {
        require(
            dose.dose_mg > 0 && dose.dose_mg == dose.devices.saturating_mul(device_mg),
            "dosing.doses",
            dose.dose_mg,
        )?;
        require(
            known.insert(dose.dose_mg),
            "dosing.doses (twice)",
            dose.dose_mg,
        )?;
    }
    let first = dosing.first_treatment_trd_mg.value;
    require(
        known.contains(&first),
        "dosing.first_treatment_trd_mg",
        first,
    )?;
    for kit in &protocol.kits {
        require(
            protocol.devices_for(kit.dose_mg) == Some(kit.devices),
            "kits",
            &kit.ndc,
        )?;
    }
    Ok(())
}

/// A limit lies within what is plausible, else no reading could pass it or fail it.
fn check_limits(protocol: &Protocol) -> Result<(), String> {
    let plausible = &protocol.plausible;
    let ranges = [
        ("systolic", plausible.systolic.value),
        ("diastolic", plausible.diastolic.value),
        ("pulse", plausible.pulse.value),
        ("spo2", plausible.spo2.value),
        ("respiration", plausible.respiration.value),
        ("moaas", plausible.moaas.value),
    ];
    for (name, range) in ranges {
        require(range.low < range.high, "plausible", name)?;
    }
    for limits in [&protocol.limits_before, &protocol.limits_after] {
        within(
            &plausible.systolic.value,
            limits.systolic_max.value,
            "systolic_max",
        )?;
        within(
            &plausible.diastolic.value,
            limits.diastolic_max.value,
            "diastolic_max",
        )?;
        within(&plausible.spo2.value, limits.spo2_min.value, "spo2_min")?;
        within(
            &plausible.spo2.value,
            limits.spo2_critical.value,
            "spo2_critical",
        )?;
        within(
            &plausible.respiration.value,
            limits.respiration_min.value,
            "respiration_min",
        )?;
        within(&plausible.moaas.value, limits.moaas_min.value, "moaas_min")?;
        require(
            limits.spo2_critical.value <= limits.spo2_min.value,
            "limits",
            "spo2_critical",
        )?;
        require(
            limits.diastolic_max.value < limits.systolic_max.value,
            "limits",
            "diastolic_max",
        )?;
    }
    Ok(())
}

fn within(range: &Range, value: i32, name: &str) -> Result<(), String> {
    require((range.low..=range.high).contains(&value), "limits", name)
}

/// A choice has options to choose from; nothing else has any.
fn check_form(protocol: &Protocol) -> Result<(), String> {
    for field in &protocol.form.fields {
        require(
            (field.kind == FieldKind::Choice) != field.options.is_empty(),
            "form.fields (options)",
            &field.id,
        )?;
    }
    Ok(())
}

fn require(holds: bool, place: &str, what: impl Display) -> Result<(), String> {
    if holds {
        Ok(())
    } else {
        Err(format!("{place}: “{what}” does not fit"))
    }
}
