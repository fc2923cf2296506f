//! A made-up record: the page's typed sample, for tests and to be looked at. No person in it is real.

mod events;

use crate::{
    AddendumPrint, AdverseEventPrint, CheckPrint, ChecklistPrint, ClinicPrint, CorrectionPrint,
    DecisionPrint, DevicePrint, EpisodePrint, GeneratedPrint, KeyTimePrint, LabelledPrint,
    MarkPrint, MedicinePrint, NoticePrint, PatientPrint, PersonPrint, PressureLimit, PressurePlot,
    PressurePoint, ReadinessPrint, RecordPrint, SessionPrint, VitalsPrint,
};

const NURSE: &str = "Tobin Marrowby, RN";
const PRESCRIBER: &str = "Dr. Isolde Fennimarch";

/// A whole, ordinary session of a demo clinic, with a deviation, an episode, a correction and an addendum.
pub fn record_sample() -> RecordPrint {
    RecordPrint {
        demo: true,
        generated: GeneratedPrint {
            text: "14 March 2026, 12:41 CDT".into(),
            year: 2026,
            month: 3,
            day: 14,
            hour: 17,
            minute: 41,
            second: 9,
        },
        reference: "0195938e-2f4b-7c11-9d0a-5b1f6f0c7a21".into(),
        clinic: clinic(),
        patient: patient(),
        session: session(),
        key_times: key_times(),
        marks: marks(),
        devices: devices(),
        devices_total: "84 mg delivered in 3 devices (28 mg each), NDC 50458-028-03".into(),
        checklist: checklist(),
        vitals: vitals(),
        plot: Some(plot()),
        episodes: episodes(),
        decisions: decisions(),
        medicines: medicines(),
        adverse_events: adverse_events(),
        readiness: readiness(),
        discharge: discharge(),
        form: form(),
        people: people(),
        corrections: corrections(),
        addenda: addenda(),
        events: events::events(),
        check: check(),
        notices: notices(),
    }
}

fn labelled(label: &str, value: &str) -> LabelledPrint {
    LabelledPrint {
        label: label.into(),
        value: value.into(),
    }
}

fn clinic() -> ClinicPrint {
    ClinicPrint {
        name: "Harrowgate Lantern Clinic".into(),
        address: vec![
            "4100 Example Avenue, Suite 12".into(),
            "Springfield, IL 62700".into(),
        ],
        telephone: "(217) 555-0142".into(),
        time_zone: "Central Time (CDT, UTC-05:00)".into(),
    }
}

fn patient() -> PatientPrint {
    PatientPrint {
        name: "Mara Quillfeather".into(),
        birthdate: "2 February 1981".into(),
        sex: "female".into(),
        ids: vec![
            labelled("Clinic record", "HL-20417"),
            labelled("REMS enrollment", "enrolled 6 January 2026"),
        ],
    }
}

fn session() -> SessionPrint {
    SessionPrint {
        date: "14 March 2026".into(),
        indication: "Treatment-resistant depression".into(),
        dose: "84 mg planned, 84 mg given".into(),
        outcome: "Discharged 12:26".into(),
        more: vec![
            labelled("Protocol", "Esketamine, version 3 (form 11/2021)"),
            labelled("Room", "2"),
            labelled("First treatment", "no"),
        ],
    }
}

fn key_times() -> Vec<KeyTimePrint> {
    let time = |label: &str, time: &str, note: &str| KeyTimePrint {
        label: label.into(),
        time: time.into(),
        note: note.into(),
    };
    vec![
        time("Arrived", "09:31", ""),
        time("First device", "10:02", ""),
        time("Last device", "10:13", "+11 min"),
        time("40-minute reading", "10:54", "41 min after last"),
        time("Ready", "12:05", "123 min after first"),
        time("Discharged", "12:26", "133 min after last"),
        time("Monitored", "144 min", "from first device"),
    ]
}

fn marks() -> Vec<MarkPrint> {
    let mark = |time: &str, kind: &str, what: &str, reason: &str, by: &str| MarkPrint {
        time: time.into(),
        kind: kind.into(),
        what: what.into(),
        reason: reason.into(),
        by: by.into(),
    };
    vec![
        mark(
            "10:06:10",
            "Deviation",
            "Device 2 was given 4:10 after device 1; the rest is 5 minutes.",
            "Patient began the spray before she was told to; watched closely, no complaint.",
            NURSE,
        ),
        mark(
            "09:44",
            "Outside limits",
            "148/92 before dosing; the limit is 140/90.",
            "Rechecked at 09:56: 136/86.",
            NURSE,
        ),
        mark(
            "11:20",
            "Late entry",
            "Reading of 10:40 was received at 11:20.",
            "Phone had no network in room 2.",
            NURSE,
        ),
    ]
}

fn devices() -> Vec<DevicePrint> {
    let device = |number: &str, given_at: &str, lot: &str, notes: &str| DevicePrint {
        number: number.into(),
        given_at: given_at.into(),
        lot: lot.into(),
        expiry: "2027-08".into(),
        sprays: "2".into(),
        milligrams: "28".into(),
        indicator_before: "2 green".into(),
        indicator_after: "none".into(),
        given_by: NURSE.into(),
        notes: notes.into(),
    };
    vec![
        device("1", "10:02:00", "25JG018X", ""),
        device("2", "10:06:10", "25JG018X", "Rest 4:10, see deviation"),
        device("3", "10:13:05", "25JG022A", ""),
    ]
}

fn checklist() -> Vec<ChecklistPrint> {
    let check = |item: &str, answer: &str, note: &str, stands_out: bool| ChecklistPrint {
        item: item.into(),
        answer: answer.into(),
        time: "09:42".into(),
        by: NURSE.into(),
        note: note.into(),
        stands_out,
    };
    vec![
        check("Identity checked with two identifiers", "yes", "", false),
        check("No food for 2 hours", "yes", "", false),
        check(
            "No liquids for 30 minutes",
            "no",
            "Sips of water at 09:25; prescriber told",
            true,
        ),
        check(
            "Nasal corticosteroid or decongestant within 1 hour",
            "no",
            "",
            false,
        ),
        check(
            "Ride home arranged",
            "yes",
            "Brother, Osric Quillfeather",
            false,
        ),
        check("Benzodiazepines", "no", "", false),
        check("Non-benzodiazepine sedative hypnotics", "no", "", false),
        check(
            "Psychostimulants",
            "yes",
            "Usual morning dose yesterday",
            true,
        ),
        check("MAOIs", "no", "", false),
        check(
            "Aneurysmal vascular disease, AVM or intracerebral haemorrhage",
            "no",
            "",
            false,
        ),
        check("Prescriber on site", "yes", PRESCRIBER, false),
        check("Pulse oximeter at the chair", "yes", "", false),
    ]
}

fn vitals() -> Vec<VitalsPrint> {
    let row = |time: &str,
               minutes: &str,
               pressure: &str,
               rest: [&str; 4],
               mark: &str,
               stands_out: bool| VitalsPrint {
        time: time.into(),
        minutes: minutes.into(),
        blood_pressure: pressure.into(),
        pulse: rest[0].into(),
        spo2: rest[1].into(),
        respiration: rest[2].into(),
        moaas: rest[3].into(),
        taken_by: NURSE.into(),
        mark: mark.into(),
        stands_out,
    };
    vec![
        row(
            "09:44",
            "−18",
            "148/92",
            ["84", "98", "14", "5"],
            "above 140/90 before dosing",
            true,
        ),
        row(
            "09:56",
            "−6",
            "136/86",
            ["80", "98", "14", "5"],
            "before dosing, in range",
            false,
        ),
        row("10:20", "+18", "150/94", ["88", "97", "14", "5"], "", false),
        row(
            "10:40",
            "+38",
            "164/101",
            ["92", "96", "13", "4"],
            "above 160/100; entered late",
            true,
        ),
        row(
            "10:54",
            "+52",
            "156/96",
            ["90", "96", "13", "4"],
            "40-minute reading",
            false,
        ),
        row("11:15", "+73", "148/92", ["86", "97", "14", "4"], "", false),
        row(
            "11:35",
            "+93",
            "declined",
            ["84", "97", "14", "5"],
            "asked to rest the arm",
            true,
        ),
        row(
            "11:50",
            "+108",
            "138/86",
            ["80", "98", "14", "5"],
            "",
            false,
        ),
        row(
            "12:05",
            "+123",
            "132/84",
            ["78", "98", "14", "5"],
            "before completion",
            false,
        ),
    ]
}

fn plot() -> PressurePlot {
    let point = |minute, systolic, diastolic| PressurePoint {
        minute,
        systolic,
        diastolic,
    };
    let limit = |label: &str, mmhg, from_minute, until_minute| PressureLimit {
        label: label.into(),
        mmhg,
        from_minute,
        until_minute,
    };
    PressurePlot {
        readings: vec![
            point(-18, 148, 92),
            point(-6, 136, 86),
            point(18, 150, 94),
            point(38, 164, 101),
            point(52, 156, 96),
            point(73, 148, 92),
            point(108, 138, 86),
            point(123, 132, 84),
        ],
        devices_minute: vec![0, 4, 11],
        limits: vec![
            limit("140", 140, None, Some(0)),
            limit("90", 90, None, Some(0)),
            limit("160 after dosing", 160, Some(0), None),
            limit("100 after dosing", 100, Some(0), None),
        ],
        description: "Blood pressure before dosing 148/92, then 136/86; highest 164/101 at 38 minutes; 132/84 at the end."
            .into(),
    }
}

fn episodes() -> Vec<EpisodePrint> {
    let episode =
        |kind: &str, onset: &str, resolution: &str, severity: &str, note: &str| EpisodePrint {
            kind: kind.into(),
            onset: onset.into(),
            resolution: resolution.into(),
            severity: severity.into(),
            by: NURSE.into(),
            note: note.into(),
        };
    vec![
        episode(
            "Sedation",
            "10:38",
            "11:31",
            "MOAA/S 4",
            "Answered slowly, always rousable",
        ),
        episode(
            "Dissociation",
            "10:25",
            "11:40",
            "2 of 4, moderate",
            "\"Floating\"; calm; room dimmed",
        ),
    ]
}

fn decisions() -> Vec<DecisionPrint> {
    vec![
        DecisionPrint {
            time: "09:58".into(),
            about: "148/92 at 09:44, 136/86 at 09:56; water at 09:25".into(),
            decision: "Go ahead with 84 mg".into(),
            reason: "Second reading in range after rest; sips only. Benefit outweighs the risk."
                .into(),
            by: PRESCRIBER.into(),
        },
        DecisionPrint {
            time: "10:43".into(),
            about: "164/101 at 10:40".into(),
            decision: "Watch, repeat within 15 minutes".into(),
            reason: "No symptoms of hypertensive crisis; expected peak.".into(),
            by: PRESCRIBER.into(),
        },
    ]
}

fn medicines() -> Vec<MedicinePrint> {
    vec![MedicinePrint {
        time: "10:46".into(),
        drug: "Ondansetron".into(),
        dose: "4 mg".into(),
        route: "oral".into(),
        ordered_by: PRESCRIBER.into(),
        given_by: NURSE.into(),
        note: "For nausea".into(),
    }]
}

fn adverse_events() -> Vec<AdverseEventPrint> {
    vec![AdverseEventPrint {
        time: "10:44".into(),
        what: "Nausea".into(),
        serious: "no".into(),
        description: "No vomiting. Better by 11:10.".into(),
        reports: "none owed".into(),
        by: NURSE.into(),
    }]
}

fn readiness() -> Vec<ReadinessPrint> {
    let part = |part: &str, note: &str| ReadinessPrint {
        part: part.into(),
        judgement: "yes".into(),
        time: "12:05".into(),
        by: NURSE.into(),
        note: note.into(),
    };
    vec![
        part("Alert", "MOAA/S 5"),
        part("No dissociation", "over since 11:40"),
        part("Breathing and SpO₂ in range", "14 /min, 98 %"),
        part("Blood pressure safe", "132/84"),
    ]
}

fn discharge() -> Vec<LabelledPrint> {
    vec![
        labelled("Left at", "12:26, 133 minutes after the last device"),
        labelled("Judged by", NURSE),
        labelled("Escort", "Osric Quillfeather, brother, by car"),
        labelled(
            "Instructions",
            "No driving until the next day after restful sleep; given in writing",
        ),
        labelled("Next visit", "18 March 2026"),
        labelled("Locked", "12:26:40 by Tobin Marrowby, RN"),
    ]
}

fn form() -> Vec<LabelledPrint> {
    vec![
        labelled("Treatment date", "14 March 2026"),
        labelled("Dose", "84 mg"),
        labelled("Total minutes", "144"),
        labelled("Minutes until ready", "123"),
        labelled("BP before / 40 min / end", "136/86, 156/96, 132/84"),
        labelled("Serious adverse event", "no"),
        labelled("Submit by", "21 March 2026"),
        labelled("Submitted", "not yet"),
    ]
}

fn people() -> Vec<PersonPrint> {
    let person = |name: &str, role: &str, part: &str| PersonPrint {
        name: name.into(),
        role: role.into(),
        part: part.into(),
    };
    vec![
        person(
            "Tobin Marrowby",
            "Floor clinician, RN 041-000000",
            "Monitored; watched the devices; judged readiness; discharged",
        ),
        person(
            "Isolde Fennimarch, MD",
            "Prescriber, on site",
            "Decided at 09:58 and 10:43; ordered ondansetron; signed the addendum",
        ),
        person(
            "Wren Oakhollow",
            "Floor clinician, LPN",
            "Entered the reading of 11:35",
        ),
    ]
}

fn corrections() -> Vec<CorrectionPrint> {
    vec![CorrectionPrint {
        time: "10:58".into(),
        what: "Event 12, pulse of 10:40".into(),
        before: "29".into(),
        now: "92".into(),
        by: NURSE.into(),
        reason: "Digits typed the wrong way round.".into(),
    }]
}

fn addenda() -> Vec<AddendumPrint> {
    vec![AddendumPrint {
        time: "14 March 2026, 12:38".into(),
        by: PRESCRIBER.into(),
        text: "The patient called from home at 12:35: feels well, no headache.\nReminded not to drive until tomorrow.".into(),
    }]
}

fn check() -> CheckPrint {
    CheckPrint {
        bundle: "clerestory-record-2026-03-14-0195938e.zip".into(),
        command: "clerestory verify clerestory-record-2026-03-14-0195938e.zip --key KEY".into(),
        references: vec![
            labelled("Deployment", "5f0c9a1be2d34c7796a1d20b3e4f8c55"),
            labelled("Clinic", "0195938e-0000-7a10-8f00-aa11bb22cc33"),
            labelled("Session", "0195938e-2f4b-7c11-9d0a-5b1f6f0c7a21"),
            labelled(
                "Verification key",
                "clerestory/5f0c9a1be2d34c7796a1d20b3e4f8c55/demo/g1+9f3ac1d2+AW5vdC1hLXJlYWwta2V5LWp1c3QtYS1zYW1wbGUhIQ==",
            ),
        ],
        words: vec!["KEY is the verification key, taken from elsewhere than the bundle: the clinic's notice board or an earlier print.".into()],
    }
}

fn notices() -> Vec<NoticePrint> {
    vec![
        NoticePrint {
            text: "42 CFR part 2 prohibits unauthorized use or disclosure of these records.".into(),
            citation: "42 CFR 2.32".into(),
        },
        NoticePrint {
            text: "No person or agency to whom any information is disclosed under this Section may redisclose such information unless the person who consented to the disclosure specifically consents to such redisclosure.".into(),
            citation: "740 ILCS 110/5(d)".into(),
        },
    ]
}
