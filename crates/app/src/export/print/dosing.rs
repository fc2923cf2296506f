//! Checklist, the prescriber's decisions, and the devices with their sum.

use domain::treatment::{
    Basis, ChecklistKind, ChecklistState, DeviceOutcome, DeviceUse, Disposal, Event, Mark, Recorded,
};
use press::{ChecklistPrint, DecisionPrint, DevicePrint};

use super::sheet::{Sheet, joined};
use crate::words::{
    answer_words, capital, choice_words, day_words, decided_words, list_words, rest_words,
};

pub(super) fn checklist(sheet: &Sheet<'_>) -> Vec<ChecklistPrint> {
    let items = sheet.session().checklist(sheet.protocol());
    if items.iter().all(|item| item.seq.is_none()) {
        return Vec::new();
    }
    items
        .into_iter()
        .map(|item| checklist_item(sheet, item))
        .collect()
}

fn checklist_item(sheet: &Sheet<'_>, item: ChecklistState) -> ChecklistPrint {
    let recorded = item.seq.and_then(|seq| sheet.say.event(seq));
    ChecklistPrint {
        item: sheet.say.item(&item.item),
        answer: answer_words(item.answer).to_owned(),
        time: recorded
            .map(|recorded| sheet.say.clock(recorded.happened_at))
            .unwrap_or_default(),
        by: recorded
            .map(|recorded| sheet.by(recorded))
            .unwrap_or_default(),
        stands_out: item_stands_out(sheet, &item),
        note: item.note,
    }
}

/// Answered otherwise than expected, or never asked before a device though it had to be.
fn item_stands_out(sheet: &Sheet<'_>, state: &ChecklistState) -> bool {
    let Some(seq) = state.seq else {
        let asked = sheet
            .protocol()
            .checklist_item(&state.item)
            .is_none_or(|item| item.kind == ChecklistKind::Asked);
        return !asked && sheet.first_device_at.is_some();
    };
    sheet
        .marks_of(seq)
        .any(|mark| matches!(mark, Mark::ChecklistAnswer { item, .. } if *item == state.item))
}

pub(super) fn decisions(sheet: &Sheet<'_>) -> Vec<DecisionPrint> {
    sheet
        .effective()
        .filter_map(|recorded| {
            let Event::DecisionRecorded(decision) = &recorded.event else {
                return None;
            };
            let about: Vec<String> = decision
                .about
                .iter()
                .map(|concern| decided_words(&sheet.say, concern, recorded.seq))
                .collect();
            Some(DecisionPrint {
                time: sheet.say.clock(recorded.happened_at),
                about: capital(&list_words(&about)),
                decision: capital(choice_words(decision.choice)),
                reason: decision.reason.clone(),
                by: sheet.by(recorded),
            })
        })
        .collect()
}

pub(super) fn devices(sheet: &Sheet<'_>) -> Vec<DevicePrint> {
    let mut before: Option<&DeviceUse> = None;
    let mut rows = Vec::new();
    for (index, (recorded, device)) in sheet.devices().into_iter().enumerate() {
        rows.push(device_row(sheet, index + 1, recorded, device, before));
        if device.sprays > 0 {
            before = Some(device);
        }
    }
    rows
}

fn device_row(
    sheet: &Sheet<'_>,
    number: usize,
    recorded: &Recorded,
    device: &DeviceUse,
    before: Option<&DeviceUse>,
) -> DevicePrint {
    let given_at = match device.sprays {
        0 => "not given".to_owned(),
        _ => sheet.say.clock_exact(device.first_spray_at),
    };
    DevicePrint {
        number: number.to_string(),
        given_at,
        lot: device.lot.clone(),
        expiry: device.expires.map(day_words).unwrap_or_default(),
        sprays: device.sprays.to_string(),
        milligrams: (u32::from(device.sprays) * spray_mg(sheet)).to_string(),
        indicator_before: device.dots_before.to_string(),
        indicator_after: device.dots_after.to_string(),
        given_by: sheet.by(recorded),
        notes: joined(device_notes(sheet, device, before)),
    }
}

fn device_notes(sheet: &Sheet<'_>, device: &DeviceUse, before: Option<&DeviceUse>) -> Vec<String> {
    let mut notes = Vec::new();
    if device.sprays == 0 {
        notes.push(format!(
            "Tried at {}",
            sheet.say.clock_exact(device.first_spray_at)
        ));
    } else if device.last_spray_at != device.first_spray_at {
        notes.push(format!(
            "Last spray {}",
            sheet.say.clock_exact(device.last_spray_at)
        ));
    }
    if let Some(before) = before.filter(|_| device.sprays > 0) {
        let rest_s = device.first_spray_at.as_second() - before.last_spray_at.as_second();
        notes.push(if rest_s < 0 {
            let early = rest_words(-rest_s);
            format!("Begun {early} before the last spray of the device before")
        } else {
            format!("Rest {}", rest_words(rest_s))
        });
    }
    match &device.outcome {
        DeviceOutcome::Complete => {}
        DeviceOutcome::PartlyUsed(disposal) => notes.extend(unused(sheet, "Partly used", disposal)),
        DeviceOutcome::Failed(disposal) => notes.extend(unused(sheet, "Failed", disposal)),
    }
    if let Basis::Already { reason } = &device.basis {
        notes.push("Written down afterwards".to_owned());
        notes.push(reason.clone());
    }
    notes
}

fn unused(sheet: &Sheet<'_>, how_it_ended: &str, disposal: &Disposal) -> Vec<String> {
    let disposed = match disposal.how.as_str() {
        "" => "disposal not recorded".to_owned(),
        how => format!("disposal: {how}"),
    };
    let witness = disposal.witness.map_or_else(
        || "witness not recorded".to_owned(),
        |witness| format!("witness: {}", sheet.say.person(witness)),
    );
    vec![how_it_ended.to_owned(), disposed, witness]
}

/// Milligrams in one spray, as the session was planned with.
fn spray_mg(sheet: &Sheet<'_>) -> u32 {
    let planned = sheet.effective().find_map(|recorded| {
        let Event::Planned(planned) = &recorded.event else {
            return None;
        };
        Some(planned.spray_mg)
    });
    planned.unwrap_or(sheet.protocol().dosing.spray_mg.value)
}

/// The sum beneath the devices, with the National Drug Code of the kit that holds the planned dose.
pub(super) fn devices_total(sheet: &Sheet<'_>) -> String {
    let dose = sheet.session().dose(sheet.protocol());
    if sheet.devices().is_empty() {
        return String::new();
    }
    let given = format!(
        "{} mg delivered with {} ({} of {} mg)",
        dose.given_mg,
        counted(dose.devices, "device"),
        counted(dose.sprays, "spray"),
        spray_mg(sheet)
    );
    let kit = sheet
        .protocol()
        .kits
        .iter()
        .find(|kit| kit.dose_mg == dose.intended_mg);
    match kit {
        Some(kit) => format!(
            "{given}. Kit of {} mg: NDC {}, schedule {}.",
            kit.dose_mg, kit.ndc, kit.schedule
        ),
        None => format!("{given}."),
    }
}

/// `1 device`, `3 devices`.
fn counted(count: u32, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
