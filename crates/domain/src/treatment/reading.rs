//! Vital signs, and the ones that could not be had.

/// A kind of vital sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VitalKind {
    /// Systolic and diastolic blood pressure.
    BloodPressure,
    /// Pulse.
    Pulse,
    /// Oxygen saturation by pulse oximetry.
    Spo2,
    /// Respiratory rate.
    Respiration,
    /// Modified Observer's Assessment of Alertness/Sedation, 5 (alert) to 0.
    Moaas,
}

impl VitalKind {
    /// Every kind, in the order in which pages show them.
    pub const ALL: [Self; 5] = [
        Self::BloodPressure,
        Self::Pulse,
        Self::Spo2,
        Self::Respiration,
        Self::Moaas,
    ];
}

/// One blood pressure, in mmHg.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct Pressure {
    /// Systolic, mmHg.
    pub systolic: i32,
    /// Diastolic, mmHg.
    pub diastolic: i32,
}

/// What was measured at one time, and what was not. At least one value or one absence.
///
/// Values are signed and wide on purpose: an impossible one gets a typed refusal here, not an overflow before.
#[derive(Clone, PartialEq, Eq, Default)]
#[cfg_attr(test, derive(Debug))]
pub struct Vitals {
    /// Blood pressure.
    pub pressure: Option<Pressure>,
    /// Beats a minute.
    pub pulse: Option<i32>,
    /// Per cent.
    pub spo2: Option<i32>,
    /// Breaths a minute.
    pub respiration: Option<i32>,
    /// MOAA/S, 5 to 0.
    pub moaas: Option<i32>,
    /// What could not be had.
    pub absent: Vec<Absence>,
}

/// Why a value is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AbsenceKind {
    /// It could not be, or was not, measured.
    NotObtained,
    /// The patient did not want it.
    Declined,
}

/// The occasion that an absence answers. Never inferred from the time: a missed reading is often written down later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// Before the first device.
    BeforeDosing,
    /// The reading at about 40 minutes.
    FortyMinutes,
    /// The last reading, before monitoring ends.
    BeforeDischarge,
    /// None of the wanted ones.
    Other,
}

/// A value that was wanted and is not there.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct Absence {
    /// Which value.
    pub kind: VitalKind,
    /// Not obtained, or declined.
    pub why: AbsenceKind,
    /// The reason, in words.
    pub reason: String,
    /// For which wanted reading it stands.
    pub occasion: Occasion,
}

impl Vitals {
    /// Whether a value of this kind is there.
    #[must_use]
    pub const fn has(&self, kind: VitalKind) -> bool {
        match kind {
            VitalKind::BloodPressure => self.pressure.is_some(),
            VitalKind::Pulse => self.pulse.is_some(),
            VitalKind::Spo2 => self.spo2.is_some(),
            VitalKind::Respiration => self.respiration.is_some(),
            VitalKind::Moaas => self.moaas.is_some(),
        }
    }

    /// Whether any value is there.
    #[must_use]
    pub fn has_any(&self) -> bool {
        VitalKind::ALL.into_iter().any(|kind| self.has(kind))
    }

    /// The absence of a value on an occasion, if this holds one.
    #[must_use]
    pub fn absence(&self, kind: VitalKind, occasion: Occasion) -> Option<&Absence> {
        self.absent
            .iter()
            .find(|absence| absence.kind == kind && absence.occasion == occasion)
    }
}
