//! Reads the steps of dosing.

use domain::treatment::{Basis, Command, DeviceOutcome, DeviceUse, Disposal};

use super::read::Reader;

/// Sprays of a device that was given wholly, when the form does not say how it ended. The protocol checks the number.
const SPRAYS_BOTH: u8 = 2;

/// Now, or already done: a form that names another time writes down what was done.
pub(super) fn basis(reader: &mut Reader<'_>) -> Basis {
    let already = match reader.choice("basis", &[("now", false), ("already", true)]) {
        Some(already) => already,
        None => reader.values.get("when") == "other",
    };
    if already {
        Basis::Already {
            reason: reader.text("already_reason"),
        }
    } else {
        Basis::Now
    }
}

pub(super) fn device(reader: &mut Reader<'_>) -> Option<Command> {
    let basis = basis(reader);
    let last_spray_at = reader.moment("when").unwrap_or(reader.now);
    let first_spray_at = reader.time("first_spray").unwrap_or(last_spray_at);
    let given_on = reader.zone.to_datetime(first_spray_at).date();
    let dots_before = reader.count_needed("dots_before", "Green dots before use");
    let sprays = reader.count_needed("sprays", "Sprays delivered");
    let dots_after = reader.count_needed("dots_after", "Green dots after use");
    let expires = reader.date("expires");
    let (sprays, dots_before, dots_after) = (sprays?, dots_before?, dots_after?);
    let outcome = outcome(reader, sprays)?;
    Some(Command::GiveDevice(DeviceUse {
        basis,
        lot: reader.text("lot"),
        expires,
        given_on,
        dots_before,
        dots_after,
        sprays,
        first_spray_at,
        last_spray_at,
        outcome,
    }))
}

fn outcome(reader: &mut Reader<'_>, sprays: u8) -> Option<DeviceOutcome> {
    #[derive(Clone, Copy)]
    enum Ended {
        Complete,
        PartlyUsed,
        Failed,
    }
    let choices = [
        ("complete", Ended::Complete),
        ("partly_used", Ended::PartlyUsed),
        ("failed", Ended::Failed),
    ];
    let ended = match reader.choice("outcome", &choices) {
        Some(ended) => ended,
        None if sprays == SPRAYS_BOTH => Ended::Complete,
        None => {
            reader.wrong(
                "outcome",
                "Not both sprays were delivered: please say how the device’s use ended.",
            );
            return None;
        }
    };
    let disposal = Disposal {
        how: reader.text("disposal"),
        witness: reader.person("witness"),
    };
    Some(match ended {
        Ended::Complete => DeviceOutcome::Complete,
        Ended::PartlyUsed => DeviceOutcome::PartlyUsed(disposal),
        Ended::Failed => DeviceOutcome::Failed(disposal),
    })
}

pub(super) fn stop(reader: &mut Reader<'_>) -> Option<Command> {
    Some(Command::StopDosing {
        reason: reader.text("reason"),
    })
}
