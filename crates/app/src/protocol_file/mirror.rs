//! The protocol's structs as the data file has them, field by field.
//!
//! The domain stays free of serialisation. A field that only one side has does not compile or does not parse.

use domain::treatment as domain;
use serde::Deserialize;

/// A value as the file has it, made into the domain's.
pub(super) trait Convert<T> {
    /// The same value, as the domain has it.
    fn convert(self) -> T;
}

macro_rules! plain {
    ($($type:ty),*) => { $(impl Convert<$type> for $type {
        fn convert(self) -> $type {
            self
        }
    })* };
}
plain!(String, u8, u32, i32);

impl<A: Convert<B>, B> Convert<Vec<B>> for Vec<A> {
    fn convert(self) -> Vec<B> {
        self.into_iter().map(Convert::convert).collect()
    }
}

/// Where a value can come from; the words after it say more.
const ORIGINS: [&str; 4] = ["official: ", "maker: ", "field: ", "clinic: "];

/// Where something comes from. Always said: a value without a source is no rule.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub(super) struct SourceFile(String);

impl TryFrom<String> for SourceFile {
    type Error = String;

    fn try_from(source: String) -> Result<Self, Self::Error> {
        let said = ORIGINS.iter().any(|origin| {
            source
                .strip_prefix(origin)
                .is_some_and(|rest| !rest.is_empty())
        });
        if said {
            Ok(Self(source))
        } else {
            Err(format!("a source that says no origin: “{source}”"))
        }
    }
}

impl Convert<String> for SourceFile {
    fn convert(self) -> String {
        self.0
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SourcedFile<T> {
    value: T,
    source: SourceFile,
}

impl<A: Convert<B>, B> Convert<domain::Sourced<B>> for SourcedFile<A> {
    fn convert(self) -> domain::Sourced<B> {
        domain::Sourced {
            value: self.value.convert(),
            source: self.source.convert(),
        }
    }
}

macro_rules! mirror_struct {
    ($($file:ident => $domain:ident { $($field:ident: $type:ty),* $(,)? })*) => { $(
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $file {
            $($field: $type),*
        }

        impl Convert<domain::$domain> for $file {
            fn convert(self) -> domain::$domain {
                domain::$domain { $($field: self.$field.convert()),* }
            }
        }
    )* };
}

macro_rules! mirror_enum {
    ($($file:ident => $domain:ident { $($variant:ident),* })*) => { $(
        #[derive(Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub(super) enum $file {
            $($variant),*
        }

        impl Convert<domain::$domain> for $file {
            fn convert(self) -> domain::$domain {
                match self {
                    $(Self::$variant => domain::$domain::$variant),*
                }
            }
        }
    )* };
}

mirror_enum! {
    CountsFromFile => CountsFrom { FirstDevice, LastDevice }
    VitalKindFile => VitalKind { BloodPressure, Pulse, Spo2, Respiration, Moaas }
    ChecklistKindFile => ChecklistKind { Required, PrescriberDecides, Asked }
    ExpectedFile => Expected { Yes, No, Either }
    NecessityFile => Necessity { Required, Optional }
    FieldKindFile => FieldKind { Text, Date, Time, YesNo, Choice, Minutes, Pressure }
    PrefillFile => Prefill { Patient, Setting, Provider, Session, AskedAgain, Asked }
}

mirror_struct! {
    ProtocolFile => Protocol {
        version: String, name: String, timing: TimingFile, dosing: DosingFile, readings: WantedReadingsFile,
        limits_before: LimitsFile, limits_after: LimitsFile, plausible: PlausibleFile,
        checklist: Vec<ChecklistItemFile>, severities: Vec<ChoiceFile>, crisis_symptoms: Vec<ChoiceFile>,
        serious_kinds: Vec<ChoiceFile>, serious_reports: Vec<ChoiceFile>, form: FormFile, kits: Vec<KitFile>,
    }
    TimingFile => Timing {
        rest_s: SourcedFile<u32>,
        minimum_minutes: SourcedFile<u32>, minimum_counts_from: SourcedFile<CountsFromFile>,
        check_minutes: SourcedFile<u32>, check_counts_from: SourcedFile<CountsFromFile>,
        check_due_from_minutes: SourcedFile<u32>, check_overdue_after_minutes: SourcedFile<u32>,
        check_counted_within_minutes: SourcedFile<u32>,
        last_pressure_before_minimum_minutes: SourcedFile<u32>,
        last_pressure_before_discharge_minutes: SourcedFile<u32>,
        late_entry_minutes: SourcedFile<u32>,
    }
    DosingFile => Dosing {
        spray_mg: SourcedFile<u32>, sprays_per_device: SourcedFile<u8>, dots_unused: SourcedFile<u8>,
        doses: Vec<DoseDevicesFile>, first_treatment_trd_mg: SourcedFile<u32>,
    }
    DoseDevicesFile => DoseDevices { dose_mg: u32, devices: u32, source: SourceFile }
    WantedReadingsFile => WantedReadings {
        before_dosing: SourcedFile<Vec<VitalKindFile>>, every_session: SourcedFile<Vec<VitalKindFile>>,
    }
    LimitsFile => Limits {
        systolic_max: SourcedFile<i32>, diastolic_max: SourcedFile<i32>, spo2_min: SourcedFile<i32>,
        spo2_critical: SourcedFile<i32>, respiration_min: SourcedFile<i32>, moaas_min: SourcedFile<i32>,
    }
    RangeFile => Range { low: i32, high: i32 }
    PlausibleFile => Plausible {
        systolic: SourcedFile<RangeFile>, diastolic: SourcedFile<RangeFile>, pulse: SourcedFile<RangeFile>,
        spo2: SourcedFile<RangeFile>, respiration: SourcedFile<RangeFile>, moaas: SourcedFile<RangeFile>,
    }
    ChecklistItemFile => ChecklistItem {
        id: String, wording: String, kind: ChecklistKindFile, expected: ExpectedFile, source: SourceFile,
    }
    ChoiceFile => Choice { id: String, wording: String, source: SourceFile }
    FormFile => Form {
        version: String, days_to_submit: SourcedFile<u32>, minutes_count_from: SourcedFile<CountsFromFile>,
        fax: SourcedFile<String>, telephone: SourcedFile<String>, fields: Vec<FormFieldFile>,
    }
    FormFieldFile => FormField {
        id: String, section: String, wording: String, kind: FieldKindFile, necessity: NecessityFile,
        prefill: PrefillFile, options: Vec<String>, source: SourceFile,
    }
    KitFile => Kit { ndc: String, dose_mg: u32, devices: u32, schedule: String, source: SourceFile }
}
