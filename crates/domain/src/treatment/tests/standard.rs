//! The protocol that the product ships, built by hand, and its data file written from it.

use super::super::{
    ChecklistItem, ChecklistKind, Choice, CountsFrom, DoseDevices, Dosing, Expected, Kit, Limits,
    Plausible, Protocol, Range, Sourced, Timing, VitalKind, WantedReadings,
};

const LABEL: &str = "field: from the label";
const CLINIC: &str = "clinic: its own choice; no source gives a number";
const SETTLED: &str =
    "clinic: settled by us; the form asks for it before completion and gives no number";
pub(super) const FORM: &str = "official: Patient Monitoring Form, 11/2021";
const NEWER: &str = "maker: newer form, 06/2026; open";

pub(super) fn sourced<T>(value: T, source: &str) -> Sourced<T> {
    Sourced {
        value,
        source: source.to_owned(),
    }
}

impl Protocol {
    /// The protocol of `crates/app/protocols/esketamine-2026-11.toml`.
    pub(crate) fn standard() -> Self {
        Self {
            version: "esketamine-2026-11".to_owned(),
            name: "Esketamine (SPRAVATO) under its REMS".to_owned(),
            timing: timing(),
            dosing: dosing(),
            readings: WantedReadings {
                before_dosing: sourced(
                    vec![VitalKind::BloodPressure],
                    "maker: blood pressure before dosing",
                ),
                every_session: sourced(
                    vec![VitalKind::Spo2],
                    "official: respiratory status with pulse oximetry every session",
                ),
            },
            limits_before: limits((140, 90), "field: from the label; a weighing, not a bar"),
            limits_after: limits((160, 100), CLINIC),
            plausible: plausible(),
            checklist: checklist(),
            severities: [
                ("mild", "Mild"),
                ("moderate", "Moderate"),
                ("severe", "Severe"),
            ]
            .map(|(id, wording)| choice(id, wording, "clinic: its own scale"))
            .to_vec(),
            crisis_symptoms: crisis_symptoms(),
            serious_kinds: serious_kinds(),
            serious_reports: serious_reports(),
            form: super::standard_form::form(),
            kits: [(56, 2, "50458-028-02"), (84, 3, "50458-028-03")]
                .map(|(dose_mg, devices, ndc)| Kit {
                    ndc: ndc.to_owned(),
                    dose_mg,
                    devices,
                    schedule: "CIII".to_owned(),
                    source: "official: prescribing information".to_owned(),
                })
                .to_vec(),
        }
    }
}

fn timing() -> Timing {
    let open = "clinic: no source says; the last device is the safe reading";
    Timing {
        rest_s: sourced(300, LABEL),
        minimum_minutes: sourced(120, "official: REMS, at least 2 hours"),
        minimum_counts_from: sourced(CountsFrom::LastDevice, open),
        check_minutes: sourced(40, "maker: blood pressure at about 40 minutes"),
        check_counts_from: sourced(CountsFrom::LastDevice, open),
        check_due_from_minutes: sourced(35, CLINIC),
        check_overdue_after_minutes: sourced(45, CLINIC),
        check_counted_within_minutes: sourced(10, CLINIC),
        last_pressure_before_minimum_minutes: sourced(15, SETTLED),
        last_pressure_before_discharge_minutes: sourced(30, SETTLED),
        late_entry_minutes: sourced(15, CLINIC),
    }
}

fn dosing() -> Dosing {
    let dose = |dose_mg, devices| DoseDevices {
        dose_mg,
        devices,
        source: "official: prescribing information".to_owned(),
    };
    Dosing {
        spray_mg: sourced(14, "official: a device of 28 mg gives two sprays"),
        sprays_per_device: sourced(2, "maker: instructions for use"),
        dots_unused: sourced(2, "maker: instructions for use"),
        doses: vec![dose(56, 2), dose(84, 3)],
        first_treatment_trd_mg: sourced(56, LABEL),
    }
}

fn limits(pressure: (i32, i32), source: &str) -> Limits {
    Limits {
        systolic_max: sourced(pressure.0, source),
        diastolic_max: sourced(pressure.1, source),
        spo2_min: sourced(94, CLINIC),
        spo2_critical: sourced(90, CLINIC),
        respiration_min: sourced(10, CLINIC),
        moaas_min: sourced(5, "field: MOAA/S 5 is alert"),
    }
}

fn plausible() -> Plausible {
    let range = |low, high| {
        sourced(
            Range { low, high },
            "clinic: anything else is a typing error",
        )
    };
    Plausible {
        systolic: range(40, 300),
        diastolic: range(20, 200),
        pulse: range(20, 300),
        spo2: range(30, 100),
        respiration: range(0, 80),
        moaas: sourced(Range { low: 0, high: 5 }, "field: the MOAA/S scale"),
    }
}

fn checklist() -> Vec<ChecklistItem> {
    use ChecklistKind::{Asked, PrescriberDecides, Required};
    use Expected::{Either, No, Yes};
    [
        (
            "identity",
            "Identity confirmed with two identifiers",
            Required,
            Yes,
            CLINIC,
        ),
        (
            "enrolled",
            "Enrollment in the REMS confirmed",
            Required,
            Yes,
            "official: enrolled before treatment",
        ),
        (
            "aneurysm",
            "Aneurysmal vascular disease",
            Required,
            No,
            "official: label, contraindicated",
        ),
        (
            "malformation",
            "Arteriovenous malformation",
            Required,
            No,
            "official: label, contraindicated",
        ),
        (
            "haemorrhage",
            "History of intracerebral hemorrhage",
            Required,
            No,
            "official: label, contraindicated",
        ),
        (
            "hypersensitivity",
            "Hypersensitivity to esketamine, ketamine or an ingredient",
            Required,
            No,
            "official: label, contraindicated",
        ),
        (
            "food",
            "No food for at least 2 hours",
            PrescriberDecides,
            Yes,
            LABEL,
        ),
        (
            "liquids",
            "No liquids for at least 30 minutes",
            PrescriberDecides,
            Yes,
            LABEL,
        ),
        (
            "nasal",
            "No nasal corticosteroid or decongestant for at least 1 hour",
            PrescriberDecides,
            Yes,
            LABEL,
        ),
        (
            "ride",
            "Ride home arranged",
            PrescriberDecides,
            Yes,
            "maker: no driving until the next day after restful sleep",
        ),
        (
            "benzodiazepines",
            "Currently takes benzodiazepines",
            Asked,
            Either,
            FORM,
        ),
        (
            "hypnotics",
            "Currently takes non-benzodiazepine sedative hypnotics",
            Asked,
            Either,
            FORM,
        ),
        (
            "psychostimulants",
            "Currently takes psychostimulants",
            Asked,
            Either,
            FORM,
        ),
        ("maois", "Currently takes MAOIs", Asked, Either, FORM),
        ("opioids", "Currently takes opioids", Asked, Either, NEWER),
    ]
    .map(|(id, wording, kind, expected, source)| ChecklistItem {
        id: id.to_owned(),
        wording: wording.to_owned(),
        kind,
        expected,
        source: source.to_owned(),
    })
    .to_vec()
}

fn choice(id: &str, wording: &str, source: &str) -> Choice {
    Choice {
        id: id.to_owned(),
        wording: wording.to_owned(),
        source: source.to_owned(),
    }
}

fn crisis_symptoms() -> Vec<Choice> {
    [
        ("chest_pain", "Chest pain"),
        ("shortness_of_breath", "Shortness of breath"),
        ("headache", "Sudden severe headache"),
        ("vision", "Visual disturbance"),
        ("seizure", "Seizure"),
        ("consciousness", "Diminished consciousness"),
        ("focal_deficit", "Focal neurological deficit"),
    ]
    .map(|(id, wording)| choice(id, wording, "official: label, 2019"))
    .to_vec()
}

fn serious_kinds() -> Vec<Choice> {
    [
        ("death", "Death"),
        ("hospitalization", "Hospitalization"),
        ("disability", "Disability"),
        ("life_threatening", "Life-threatening event"),
    ]
    .map(|(id, wording)| choice(id, wording, "field: the form's definition"))
    .to_vec()
}

fn serious_reports() -> Vec<Choice> {
    vec![
        choice(
            "rems",
            "On the monitoring form, to the REMS",
            "field: outpatients, on the form",
        ),
        choice(
            "maker",
            "To the maker, 1-800-526-7736",
            "field: any suspected reaction",
        ),
        choice(
            "fda",
            "To the FDA, 1-800-FDA-1088",
            "field: any suspected reaction",
        ),
    ]
}
