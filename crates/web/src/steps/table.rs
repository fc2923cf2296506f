//! Every step of the day, each with its form. The order is the order of the page.

use super::spec::{FieldKind, FieldSpec, Group, SectionShape, SectionSpec, Source, Step};
use super::vocabulary::{
    ABSENT, COUNTS, DEPARTURE, EPISODES, OCCASIONS, SERIOUS, YES_NO, choice, chosen, folded, line,
    many, note, one, plain,
};
use super::{before, dosing, ending, events, record};

/// The reason beside “it was already done”; shown when a rule asks for it.
pub(crate) const ALREADY_REASON: FieldSpec = note("already_reason", "Why it was done so");

/// When it happened: on every form.
pub(crate) const WHEN: FieldSpec = FieldSpec::new("when", "When", FieldKind::Moment);

/// Who did or saw it: on every form; you, unless another is chosen.
pub(crate) const TAKEN_BY: FieldSpec = one("taken_by", "Who did or saw it", Source::Clinicians, "");

/// What a correction asks besides the entry's own fields.
pub(crate) const CORRECTION_SECTION: SectionSpec = plain(&[
    choice(
        "change",
        "What is right",
        &[
            chosen("replace", "It was otherwise"),
            chosen("strike", "It did not happen"),
        ],
    ),
    note("correction_reason", "Why it is corrected"),
]);

/// The vital signs, the blood pressure first.
pub(super) const VITAL_SIGNS: &[FieldSpec] = &[
    FieldSpec::new("systolic", "Blood pressure", FieldKind::Pressure).optional(),
    FieldSpec::new("pulse", "Pulse", FieldKind::Number { unit: "/min" }).optional(),
    FieldSpec::new("spo2", "SpO₂", FieldKind::Number { unit: "%" }).optional(),
    FieldSpec::new(
        "respiration",
        "Respiration",
        FieldKind::Number { unit: "/min" },
    )
    .optional(),
    FieldSpec::new(
        "moaas",
        "MOAA/S",
        FieldKind::Number {
            unit: "5 alert – 0",
        },
    )
    .optional(),
];

/// Every step.
pub(crate) const STEPS: &[Step] = &[
    Step {
        name: "arrival",
        kind: "arrive",
        title: "Arrival",
        lead: "Everything after this is asked in the clinic.",
        submit: "Patient is here",
        group: Group::BeforeDosing,
        sections: &[],
        read: before::arrival,
    },
    Step {
        name: "checklist",
        kind: "answer_checklist",
        title: "Pre-treatment checklist",
        lead: "Answer what you have asked; the rest can follow. The last answer counts.",
        submit: "Save answers",
        group: Group::BeforeDosing,
        sections: &[plain(&[FieldSpec::new(
            "answers",
            "Checklist",
            FieldKind::Checklist,
        )])],
        read: before::checklist,
    },
    Step {
        name: "vitals",
        kind: "record_vitals",
        title: "Vitals",
        lead: "",
        submit: "Save vitals",
        group: Group::Monitoring,
        sections: &[
            SectionSpec {
                title: "",
                shape: SectionShape::Grid,
                fields: VITAL_SIGNS,
            },
            folded(
                "Not obtained or declined",
                &[
                    choice("occasion", "For which reading", OCCASIONS).optional(),
                    choice("pressure_absent", "Blood pressure", ABSENT).optional(),
                    line("pressure_reason", "Why no blood pressure").optional(),
                    choice("pulse_absent", "Pulse", ABSENT).optional(),
                    line("pulse_reason", "Why no pulse").optional(),
                    choice("spo2_absent", "SpO₂", ABSENT).optional(),
                    line("spo2_reason", "Why no SpO₂").optional(),
                    choice("respiration_absent", "Respiration", ABSENT).optional(),
                    line("respiration_reason", "Why no respiration").optional(),
                    choice("moaas_absent", "MOAA/S", ABSENT).optional(),
                    line("moaas_reason", "Why no MOAA/S").optional(),
                ],
            ),
        ],
        read: before::vitals,
    },
    Step {
        name: "decision",
        kind: "record_decision",
        title: "Prescriber’s decision",
        lead: "The weighing of risk and benefit that the prescriber documents.",
        submit: "Save the decision",
        group: Group::BeforeDosing,
        sections: &[plain(&[
            many("about", "What it is about", Source::Concerns),
            choice(
                "choice",
                "Decision",
                &[
                    chosen("proceed", "Go on"),
                    chosen("wait", "Wait and look again"),
                    chosen("delay", "Not today"),
                ],
            ),
            note("reason", "Risk and benefit, in your words"),
        ])],
        read: before::decision,
    },
    Step {
        name: "clearing",
        kind: "clear",
        title: "Clear for dosing",
        lead: "",
        submit: "Clear for dosing",
        group: Group::BeforeDosing,
        sections: &[plain(&[one(
            "prescriber_on_site",
            "Prescriber on site",
            Source::Prescribers,
            "Nobody is signed in as on site",
        )])],
        read: before::clearing,
    },
    Step {
        name: "plan-change",
        kind: "change_plan",
        title: "Change the plan",
        lead: "What stays empty stays as it is.",
        submit: "Change the plan",
        group: Group::BeforeDosing,
        sections: &[plain(&[
            one("dose_mg", "Dose", Source::Doses, "As planned").optional(),
            one(
                "prescriber",
                "Prescriber",
                Source::Prescribers,
                "As planned",
            )
            .optional(),
            line("room", "Room").optional(),
            note("reason", "Why"),
        ])],
        read: before::plan_change,
    },
    Step {
        name: "device",
        kind: "give_device",
        title: "Device",
        lead: "Check the expiry date. Do not prime. Head reclined.",
        submit: "Device given",
        group: Group::Dosing,
        sections: &[
            plain(&[
                line("lot", "Lot number"),
                FieldSpec::new("expires", "Expiry date", FieldKind::Date),
                choice("dots_before", "Green dots before use", COUNTS),
                choice("sprays", "Sprays delivered", COUNTS),
                choice("dots_after", "Green dots after use", COUNTS),
            ]),
            folded(
                "Partly used, failed, or sprays apart",
                &[
                    choice(
                        "outcome",
                        "How it ended",
                        &[
                            chosen("complete", "Both sprays delivered"),
                            chosen("partly_used", "Partly used"),
                            chosen("failed", "Device failed"),
                        ],
                    )
                    .optional(),
                    line("disposal", "How the rest was disposed of").optional(),
                    one(
                        "witness",
                        "Witness of the disposal",
                        Source::Clinicians,
                        "Nobody",
                    )
                    .optional(),
                    FieldSpec::new(
                        "first_spray",
                        "First spray, if earlier than the last",
                        FieldKind::Time,
                    )
                    .optional(),
                ],
            ),
        ],
        read: dosing::device,
    },
    Step {
        name: "dosing-stop",
        kind: "stop_dosing",
        title: "Stop dosing",
        lead: "No more devices are given; watching goes on.",
        submit: "Stop dosing",
        group: Group::Dosing,
        sections: &[plain(&[note("reason", "Why")])],
        read: dosing::stop,
    },
    Step {
        name: "episode",
        kind: "open_episode",
        title: "Onset",
        lead: "Sedation, dissociation or respiratory depression begins.",
        submit: "Save the onset",
        group: Group::Monitoring,
        sections: &[plain(&[
            choice("kind", "What begins", EPISODES),
            one("severity", "Severity", Source::Severities, "Not graded").optional(),
            note("note", "Note").optional(),
        ])],
        read: events::episode,
    },
    Step {
        name: "episode-resolution",
        kind: "resolve_episode",
        title: "Resolution",
        lead: "",
        submit: "Save the resolution",
        group: Group::Monitoring,
        sections: &[plain(&[
            one("episode", "What has resolved", Source::OpenEpisodes, ""),
            one(
                "worst_severity",
                "Worst severity",
                Source::Severities,
                "Not graded",
            )
            .optional(),
        ])],
        read: events::resolution,
    },
    Step {
        name: "none-observed",
        kind: "report_none_observed",
        title: "None observed",
        lead: "The monitoring form asks for a plain no.",
        submit: "Save",
        group: Group::Monitoring,
        sections: &[plain(&[FieldSpec::new(
            "kinds",
            "Not observed in this session",
            FieldKind::Several(EPISODES),
        )])],
        read: events::none_observed,
    },
    Step {
        name: "hand-over",
        kind: "hand_over",
        title: "Hand over",
        lead: "Who monitors from now on.",
        submit: "Hand over",
        group: Group::Monitoring,
        sections: &[plain(&[one("to", "To", Source::Clinicians, "")])],
        read: events::hand_over,
    },
    Step {
        name: "readiness",
        kind: "judge_readiness",
        title: "Ready to leave?",
        lead: "Time is none of the four: judge the patient, not the clock.",
        submit: "Save the judgment",
        group: Group::Monitoring,
        sections: &[plain(&[
            choice("alert", "Alert (MOAA/S 5)", YES_NO),
            choice("no_dissociation", "No dissociation", YES_NO),
            choice("breathing_in_range", "Breathing and SpO₂ in range", YES_NO),
            choice("pressure_safe", "Blood pressure safe", YES_NO),
        ])],
        read: ending::readiness,
    },
    Step {
        name: "vomiting",
        kind: "record_vomiting",
        title: "Vomiting",
        lead: "",
        submit: "Save",
        group: Group::Events,
        sections: &[plain(&[note("note", "Note").optional()])],
        read: events::vomiting,
    },
    Step {
        name: "crisis-symptoms",
        kind: "record_crisis_symptoms",
        title: "Symptoms of hypertensive crisis",
        lead: "With any of these: emergency care at once.",
        submit: "Save the symptoms",
        group: Group::Events,
        sections: &[plain(&[
            many("symptoms", "Symptoms", Source::CrisisSymptoms),
            note("note", "Note").optional(),
        ])],
        read: events::crisis_symptoms,
    },
    Step {
        name: "medicine",
        kind: "give_medicine",
        title: "Medicine given",
        lead: "",
        submit: "Save the medicine",
        group: Group::Events,
        sections: &[plain(&[
            line("drug", "Medicine"),
            line("dose", "Dose with its unit"),
            line("route", "Route"),
            one(
                "ordered_by",
                "Ordered by",
                Source::Prescribers,
                "Nobody of the clinic",
            )
            .optional(),
            line("other_order", "Or on another order")
                .optional()
                .hint("Such as a standing order, or the ambulance’s physician."),
        ])],
        read: events::medicine,
    },
    Step {
        name: "adverse-event",
        kind: "record_adverse_event",
        title: "Adverse event",
        lead: "",
        submit: "Save the event",
        group: Group::Events,
        sections: &[plain(&[
            note("description", "What happened"),
            choice("serious", "Was it a serious adverse event?", SERIOUS),
            many(
                "serious_kinds",
                "If serious: what it led to",
                Source::SeriousKinds,
            )
            .optional(),
        ])],
        read: events::adverse_event,
    },
    Step {
        name: "emergency-call",
        kind: "call_emergency",
        title: "Emergency services called",
        lead: "",
        submit: "Save the call",
        group: Group::Events,
        sections: &[plain(&[note("note", "Note").optional()])],
        read: events::emergency_call,
    },
    Step {
        name: "emergency-arrival",
        kind: "emergency_arrive",
        title: "Emergency services arrived",
        lead: "",
        submit: "Save",
        group: Group::Events,
        sections: &[plain(&[note("note", "Note").optional()])],
        read: events::emergency_arrival,
    },
    Step {
        name: "discharge",
        kind: "discharge",
        title: "Discharge",
        lead: "This locks the record. Afterwards only addenda are possible.",
        submit: "Discharge and lock",
        group: Group::Ending,
        sections: &[plain(&[
            choice(
                "clinically_stable",
                "Clinically stable and ready to leave",
                YES_NO,
            ),
            choice(
                "instructions_given",
                "Instructions given (no driving until the next day after restful sleep)",
                YES_NO,
            ),
            line("escort", "Who takes the patient home"),
        ])],
        read: ending::discharge,
    },
    Step {
        name: "departure",
        kind: "leave_against_advice",
        title: "Left against medical advice",
        lead: "Save at once what you know: the rest stays asked. This locks the record.",
        submit: "Save and lock",
        group: Group::Ending,
        sections: &[
            plain(&[choice(
                "how",
                "What happened",
                &[
                    chosen("left", "The patient left"),
                    chosen("found_gone", "Found gone"),
                ],
            )]),
            plain(&[
                FieldSpec::new("last_seen", "Last seen, if found gone", FieldKind::Time).optional(),
            ]),
            plain(DEPARTURE),
        ],
        read: ending::departure,
    },
    Step {
        name: "emergency-care",
        kind: "send_to_emergency_care",
        title: "Sent to emergency care",
        lead: "This locks the record.",
        submit: "Save and lock",
        group: Group::Ending,
        sections: &[plain(&[
            note("reason", "Why"),
            line("destination", "Where to").optional(),
            choice("serious", "Was it a serious adverse event?", SERIOUS),
            many(
                "serious_kinds",
                "If serious: what it led to",
                Source::SeriousKinds,
            )
            .optional(),
        ])],
        read: ending::emergency_care,
    },
    Step {
        name: "delay",
        kind: "delay",
        title: "Delay to another day",
        lead: "This ends the session. It is taken up as a new one, with everything asked anew. Delayed by mistake, it can be taken back on its record.",
        submit: "Delay",
        group: Group::Ending,
        sections: &[plain(&[note("reason", "Why")])],
        read: ending::delay,
    },
    Step {
        name: "cancellation",
        kind: "cancel",
        title: "Cancel",
        lead: "This ends the session. If it takes place after all, that can be taken back on its record.",
        submit: "Cancel the session",
        group: Group::Ending,
        sections: &[plain(&[note("reason", "Why")])],
        read: ending::cancellation,
    },
    Step {
        name: "no-show",
        kind: "mark_no_show",
        title: "No-show",
        lead: "The patient did not come: this ends the session. If the patient comes after all, that can be taken back on its record.",
        submit: "Save",
        group: Group::Ending,
        sections: &[plain(&[note("note", "Note").optional()])],
        read: ending::no_show,
    },
    Step {
        name: "seriousness",
        kind: "answer_serious",
        title: "Was it serious?",
        lead: "Asked, never inferred.",
        submit: "Save the answer",
        group: Group::Afterwards,
        sections: &[plain(&[
            one("about", "What it is about", Source::SeriousSubjects, ""),
            choice("serious", "Was it a serious adverse event?", YES_NO),
            many(
                "serious_kinds",
                "If serious: what it led to",
                Source::SeriousKinds,
            )
            .optional(),
        ])],
        read: events::seriousness,
    },
    Step {
        name: "report",
        kind: "tick_report",
        title: "Report made",
        lead: "",
        submit: "Save",
        group: Group::Afterwards,
        sections: &[plain(&[one(
            "report",
            "Which report was made",
            Source::Reports,
            "",
        )])],
        read: events::report,
    },
    Step {
        name: "addendum",
        kind: "add_addendum",
        title: "Addendum",
        lead: "It stands beside the record, with your name and the time.",
        submit: "Add to the record",
        group: Group::Record,
        sections: &[
            plain(&[note("text", "Text")]),
            folded("Open questions about the departure", DEPARTURE),
        ],
        read: record::addendum,
    },
    Step {
        name: "correction",
        kind: "correct",
        title: "Correction",
        lead: "The entry stays on the record; the correction stands beside it.",
        submit: "Save the correction",
        group: Group::Record,
        sections: &[
            plain(&[one("corrects", "Which entry", Source::Correctable, "")]),
            CORRECTION_SECTION,
        ],
        read: record::correction,
    },
];
