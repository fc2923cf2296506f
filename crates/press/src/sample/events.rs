//! The sample's events, as the audit log lists them.

use crate::EventPrint;

pub(super) fn events() -> Vec<EventPrint> {
    let words = [
        ("09:31:02", "Arrived"),
        ("09:42:40", "Pre-treatment checklist completed"),
        (
            "09:44:10",
            "Vitals: 148/92, pulse 84, SpO₂ 98 %, resp. 14, MOAA/S 5",
        ),
        (
            "09:56:00",
            "Vitals: 136/86, pulse 80, SpO₂ 98 %, resp. 14, MOAA/S 5",
        ),
        ("09:58:21", "Decision: go ahead with 84 mg"),
        (
            "10:02:00",
            "Device 1 given, lot 25JG018X, expiry 2027-08, 2 sprays, 28 mg",
        ),
        (
            "10:06:10",
            "Device 2 given, lot 25JG018X, expiry 2027-08, 2 sprays, 28 mg; deviation: rest 4:10",
        ),
        (
            "10:13:05",
            "Device 3 given, lot 25JG022A, expiry 2027-08, 2 sprays, 28 mg",
        ),
        (
            "10:20:00",
            "Vitals: 150/94, pulse 88, SpO₂ 97 %, resp. 14, MOAA/S 5",
        ),
        ("10:25:00", "Dissociation began, 2 of 4"),
        ("10:38:00", "Sedation began, MOAA/S 4"),
        (
            "10:40:00",
            "Vitals: 164/101, pulse 29, SpO₂ 96 %, resp. 13, MOAA/S 4",
        ),
        ("10:43:30", "Decision: watch, repeat within 15 minutes"),
        ("10:44:00", "Adverse event: nausea, not serious"),
        ("10:46:00", "Medicine given: ondansetron 4 mg by mouth"),
        (
            "10:54:00",
            "Vitals: 156/96, pulse 90, SpO₂ 96 %, resp. 13, MOAA/S 4",
        ),
        ("10:58:12", "Correction of event 12: pulse 92"),
        (
            "11:15:00",
            "Vitals: 148/92, pulse 86, SpO₂ 97 %, resp. 14, MOAA/S 4",
        ),
        ("11:31:00", "Sedation over"),
        (
            "11:35:00",
            "Vitals: blood pressure declined, pulse 84, SpO₂ 97 %, resp. 14, MOAA/S 5",
        ),
        ("11:40:00", "Dissociation over"),
        (
            "11:50:00",
            "Vitals: 138/86, pulse 80, SpO₂ 98 %, resp. 14, MOAA/S 5",
        ),
        (
            "12:05:00",
            "Vitals: 132/84, pulse 78, SpO₂ 98 %, resp. 14, MOAA/S 5",
        ),
        (
            "12:05:40",
            "Ready: alert, no dissociation, breathing in range, blood pressure safe",
        ),
        (
            "12:26:00",
            "Discharged with escort; instructions given; record locked",
        ),
        ("12:38:00", "Addendum signed"),
    ];
    let event = |(index, (time, what)): (usize, (&str, &str))| EventPrint {
        number: u32::try_from(index).unwrap_or(u32::MAX) + 1,
        happened: time.into(),
        received: time.into(),
        taken_by: "Tobin Marrowby".into(),
        entered_by: "Tobin Marrowby".into(),
        what: what.into(),
        entry_generation: 1,
        entry_index: 4_711 + 3 * index as u64,
    };
    words.into_iter().enumerate().map(event).collect()
}
