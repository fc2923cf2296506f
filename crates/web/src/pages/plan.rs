//! Planning a session. Blocked without enrolment, with a sentence.

use app::treatment::{BoardSession, Patient, PlanError, PlanPage, Planning};
use app::{AppError, Ctx, Role};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::treatment::{Command, PatientId, Plan, Refusal, SessionId};
use http::StatusCode;
use jiff::civil::Date;
use uuid::Uuid;

use super::{frame_in, page};
use crate::fault::Fault;
use crate::form::Values;
use crate::request::{PostedBy, SignedIn, query_values};
use crate::router::Shared;
use crate::steps::read::{Problems, Reader, person_value};
use crate::steps::{SectionShape, plan_read_fields};
use crate::view::{
    ChoiceShape, Control, FieldView, FormView, Frame, Icon, OptionView, Problem, SectionView,
    patient_name, person_label,
};
use crate::words::{Say, day_words, field_name, phase_words, refusal_words};

#[derive(Template)]
#[template(path = "plan.html")]
pub(crate) struct PlanHtml {
    pub(crate) frame: Frame,
    pub(crate) refusal: Option<PlanRefusal>,
    pub(crate) is_key_reused: bool,
    pub(crate) booked: Option<BookedView>,
    pub(crate) form: FormView,
    pub(crate) not_enrolled: Vec<String>,
    /// How many patients are not in the list because their records could not be opened.
    pub(crate) unreadable: usize,
}

/// Sessions that the patient has on that day already.
pub(crate) struct BookedView {
    pub(crate) sentence: String,
    /// Address and words of each.
    pub(crate) sessions: Vec<(String, String)>,
}

/// Why the form is shown.
pub(crate) enum PlanAgain {
    /// For the first time.
    No,
    /// Something in it could not be read.
    Unread(Problems),
    /// A rule refuses it.
    Refused(Box<Refusal>),
    /// The patient has these sessions on that day already.
    DoubleBooked(Vec<BoardSession>),
    /// Its key was used with other content.
    KeyReused,
}

/// The name of the field that says beside which sessions of the same day a second one is meant.
const BESIDE: &str = "beside";

/// Why the plan was refused.
pub(crate) struct PlanRefusal {
    pub(crate) key: &'static str,
    pub(crate) sentence: String,
    pub(crate) missing: Vec<String>,
}

/// `GET /floor/sessions/new`
pub(crate) async fn show(
    State(shared): State<Shared>,
    SignedIn(ctx): SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    let planning = shared.app.plan_page(&ctx).await?;
    let query = query_values(query.as_deref());
    let mut values = Values::default();
    // Somebody who cannot be planned for is never chosen beforehand.
    let is_choosable = |patient: &&Patient| {
        patient.enrolled && Uuid::try_parse(query.get("patient")) == Ok(patient.id)
    };
    if let Some(patient) = planning.patients.iter().find(is_choosable) {
        values.push("patient", patient.id.to_string());
    }
    if Uuid::try_parse(query.get("follows")).is_ok() {
        values.push("follows", query.get("follows"));
    }
    values.push("key", shared.app.id().to_string());
    values.push("day", planning.setting.today.to_string());
    let frame = frame_in(&shared, "Plan a session", &planning.setting);
    page(
        StatusCode::OK,
        &plan_html(&planning, frame, &values, &PlanAgain::No),
    )
}

/// `POST /floor/sessions`
pub(crate) async fn create(
    State(shared): State<Shared>,
    PostedBy(ctx, mut values): PostedBy,
) -> Result<Response, Fault> {
    // Before the form is read: what is wrong with it is no business of somebody who may not plan.
    if !app::may(ctx.role, app::Action::Plan) {
        return Err(Fault::NotFound);
    }
    let key = Uuid::try_parse(values.get("key"))
        .map_err(|_| Fault::BadRequest("Nothing was saved: a part of the form is missing."))?;
    let (planning, again) = match plan_read(&values, &ctx, key) {
        Err(problems) => (
            Box::new(shared.app.plan_page(&ctx).await?),
            PlanAgain::Unread(problems),
        ),
        Ok(planning) => match shared.app.plan(&ctx, planning).await {
            Ok(session) => {
                return Ok(
                    Redirect::to(&format!("/floor/sessions/{session}?saved=0")).into_response()
                );
            }
            Err(PlanError::Refused { refusal, page }) => {
                (page, PlanAgain::Refused(Box::new(refusal)))
            }
            Err(PlanError::DoubleBooked { sessions, page }) => {
                (page, PlanAgain::DoubleBooked(sessions))
            }
            Err(PlanError::KeyReused { page }) => {
                // A browser went back to a form that was saved: what is typed now gets a key of its own.
                values.push("key", shared.app.id().to_string());
                (page, PlanAgain::KeyReused)
            }
            Err(PlanError::App(error)) => return Err(app_fault(error)),
        },
    };
    let frame = frame_in(&shared, "Plan a session", &planning.setting);
    let status = match again {
        PlanAgain::No => StatusCode::OK,
        PlanAgain::Unread(_) | PlanAgain::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
        PlanAgain::DoubleBooked(_) | PlanAgain::KeyReused => StatusCode::CONFLICT,
    };
    page(status, &plan_html(&planning, frame, &values, &again))
}

fn app_fault(error: AppError) -> Fault {
    error.into()
}

/// Reads the form. The patient's enrolment is what the clinic's record says, not what a form says: `app` puts it in.
fn plan_read(values: &Values, ctx: &Ctx, key: Uuid) -> Result<Planning, Problems> {
    let mut reader = Reader::new(values, &ctx.zone, ctx.now);
    let read = plan_fields(&mut reader, key);
    match read {
        Some(planning) if reader.problems.is_empty() => Ok(planning),
        Some(_) | None => Err(reader.problems),
    }
}

fn plan_fields(reader: &mut Reader<'_>, key: Uuid) -> Option<Planning> {
    let patient = Uuid::try_parse(reader.values.get("patient")).ok();
    if patient.is_none() {
        reader.wrong("patient", "Please choose the patient.");
    }
    let day: Option<Date> = reader.date("day");
    if day.is_none() {
        reader.wrong("day", "Please choose the day.");
    }
    let plan = plan_read_fields(reader);
    let follows = Uuid::try_parse(reader.values.get("follows"))
        .ok()
        .map(|id| SessionId(id.as_u128()));
    let patient = patient?;
    let plan = Plan {
        patient: PatientId(patient.as_u128()),
        follows,
        ..plan?
    };
    Some(Planning {
        key,
        patient,
        day: day?,
        command: Command::Plan(plan),
        beside: beside_read(reader.values.get(BESIDE)),
        fields: reader.values.typed(),
    })
}

/// The sessions that this one is meant to stand beside: what the page's own box holds, so what is no id is left out.
fn beside_read(value: &str) -> Vec<Uuid> {
    value
        .split(',')
        .filter_map(|id| Uuid::try_parse(id).ok())
        .collect()
}

/// The page of a plan.
pub(crate) fn plan_html(
    planning: &PlanPage,
    frame: Frame,
    values: &Values,
    again: &PlanAgain,
) -> PlanHtml {
    let say = Say {
        protocol: &planning.setting.protocol,
        people: &planning.setting.people,
        zone: &planning.setting.zone,
        events: &[],
        effective: &[],
        now: planning.setting.now,
        today: planning.setting.today,
    };
    let mut problems = &Problems::new();
    let mut refusal_shown = None;
    let mut booked = None;
    match again {
        PlanAgain::No | PlanAgain::KeyReused => {}
        PlanAgain::DoubleBooked(sessions) => booked = booked_view(planning.setting.today, sessions),
        PlanAgain::Unread(unread) => problems = unread,
        PlanAgain::Refused(refusal) => {
            let words = refusal_words(&say, refusal);
            refusal_shown = Some(PlanRefusal {
                key: refusal.kind(),
                sentence: words.sentence,
                missing: words.missing,
            });
        }
    }
    let mut fields = plan_field_views(planning, values, problems);
    if let PlanAgain::DoubleBooked(sessions) = again {
        fields.insert(0, beside_field(values, sessions));
    }
    let problems = problems
        .iter()
        .map(|(name, words)| Problem {
            place: format!("f-{name}"),
            words: words.clone(),
        })
        .collect();
    let mut hidden = vec![("key".to_owned(), values.get("key").to_owned())];
    let mut kept = vec!["follows"];
    if booked.is_none() {
        kept.push(BESIDE);
    }
    for name in kept {
        if !values.get(name).is_empty() {
            hidden.push((name.to_owned(), values.get(name).to_owned()));
        }
    }
    let sections = vec![SectionView {
        title: String::new(),
        shape: SectionShape::Plain,
        fields,
    }];
    let not_enrolled = planning
        .patients
        .iter()
        .filter(|patient| !patient.enrolled)
        .map(patient_name)
        .collect();
    PlanHtml {
        frame: frame.with_dock(),
        refusal: refusal_shown,
        is_key_reused: matches!(again, PlanAgain::KeyReused),
        booked,
        form: FormView {
            action: "/floor/sessions".to_owned(),
            hidden,
            sections,
            problems,
        },
        not_enrolled,
        unreadable: planning.unreadable,
    }
}

/// What the patient has on that day already; none without a session.
fn booked_view(today: Date, sessions: &[BoardSession]) -> Option<BookedView> {
    let first = sessions.first()?;
    let day = if first.day == today {
        "today".to_owned()
    } else {
        format!("on {}", day_words(first.day))
    };
    Some(BookedView {
        sentence: format!(
            "{} already has a session {day}.",
            patient_name(&first.patient)
        ),
        sessions: sessions
            .iter()
            .map(|session| {
                let phase = phase_words(session.session.phase());
                let words = match session.session.plan() {
                    Some(plan) => format!("{phase} · {} · {} mg", plan.room, plan.dose_mg),
                    None => phase.to_owned(),
                };
                (format!("/floor/sessions/{}", session.id), words)
            })
            .collect(),
    })
}

/// The question whether a second session is meant. It is not answered beforehand, and its answer holds for the sessions that
/// were shown: of another patient, another day, or one planned in between it is asked anew.
fn beside_field(values: &Values, sessions: &[BoardSession]) -> FieldView {
    let mut ids = beside_read(values.get(BESIDE));
    ids.extend(sessions.iter().map(|session| session.id));
    let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
    FieldView {
        id: format!("f-{BESIDE}"),
        name: BESIDE.to_owned(),
        label: "A second session on this day?".to_owned(),
        hint: String::new(),
        optional: false,
        error: Some("Please choose another patient or day, or say that this is meant.".to_owned()),
        control: Control::Many {
            options: vec![OptionView {
                value: ids.join(","),
                label: "Yes, plan a second session".to_owned(),
                hint: String::new(),
                chosen: false,
            }],
        },
    }
}

fn plan_field_views(planning: &PlanPage, values: &Values, problems: &Problems) -> Vec<FieldView> {
    let field = |name: &str, label: &str, control: Control| FieldView {
        id: format!("f-{name}"),
        name: name.to_owned(),
        label: label.to_owned(),
        hint: String::new(),
        optional: false,
        error: problems.get(name).cloned(),
        control,
    };
    let option = |name: &str, value: &str, label: String| OptionView {
        value: value.to_owned(),
        label,
        hint: String::new(),
        chosen: values.get(name) == value,
    };
    let choice = |name: &str, options: Vec<OptionView>, shape: ChoiceShape| {
        (name.to_owned(), Control::Choice { options, shape })
    };
    let (indication, indication_control) = choice(
        "indication",
        vec![
            option(
                "indication",
                "treatment_resistant",
                "Treatment-resistant depression".to_owned(),
            ),
            option(
                "indication",
                "acute_suicidality",
                "Depression with acute suicidality".to_owned(),
            ),
        ],
        ChoiceShape::Tall,
    );
    let doses = planning
        .setting
        .protocol
        .dosing
        .doses
        .iter()
        .map(|dose| {
            option(
                "dose_mg",
                &dose.dose_mg.to_string(),
                format!("{} mg", dose.dose_mg),
            )
        })
        .collect();
    let people = |name: &str, keep: fn(Role) -> bool| {
        let mut people: Vec<_> = planning
            .setting
            .people
            .values()
            .filter(|person| keep(person.role))
            .collect();
        people.sort_by(|one, other| one.name.cmp(&other.name));
        Control::Pick {
            options: asked(
                people
                    .into_iter()
                    .map(|person| option(name, &person_value(person.id), person_label(person)))
                    .collect(),
            ),
        }
    };
    vec![
        field(
            "patient",
            "Patient",
            Control::Pick {
                options: asked(
                    planning
                        .patients
                        .iter()
                        .map(|patient| {
                            option("patient", &patient.id.to_string(), patient_option(patient))
                        })
                        .collect(),
                ),
            },
        ),
        field(
            "day",
            "Day",
            Control::Date {
                value: values.get("day").to_owned(),
            },
        ),
        field(&indication, "Given for", indication_control),
        field(
            "first_treatment",
            "First treatment?",
            Control::Choice {
                options: vec![
                    option("first_treatment", "first", "First treatment".to_owned()),
                    option("first_treatment", "later", "Later treatment".to_owned()),
                ],
                shape: ChoiceShape::Pair,
            },
        ),
        field(
            "dose_mg",
            "Dose",
            Control::Choice {
                options: doses,
                shape: ChoiceShape::Pair,
            },
        ),
        field(
            "prescriber",
            "Prescriber",
            people("prescriber", |role| role == Role::Prescriber),
        ),
        field(
            "monitor",
            "Who monitors",
            people("monitor", |role| role != Role::Owner),
        ),
        field(
            field_name(domain::treatment::Field::Room),
            "Room",
            Control::Line {
                value: values.get("room").to_owned(),
                longest: 120,
                mode: "text",
            },
        ),
    ]
}

/// A list to pick from, with a first line that asks to choose.
fn asked(mut options: Vec<OptionView>) -> Vec<OptionView> {
    let chosen = !options.iter().any(|option| option.chosen);
    options.insert(
        0,
        OptionView {
            value: String::new(),
            label: "Please choose".to_owned(),
            hint: String::new(),
            chosen,
        },
    );
    options
}

fn patient_option(patient: &Patient) -> String {
    let enrolled = if patient.enrolled {
        ""
    } else {
        " · not enrolled"
    };
    format!(
        "{}, born {}{enrolled}",
        patient_name(patient),
        day_words(patient.birthdate)
    )
}
