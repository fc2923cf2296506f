//! “Wrong patient”: what was recorded moves into the right session in one tap, and the wrong session is deleted.

use app::treatment::{BoardSession, Moving, WrongPatientError, WrongPatientPage};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::treatment::{Recorded, Refusal};
use http::StatusCode;
use uuid::Uuid;

use super::session::{SessionPath, session_of};
use super::{frame, page};
use crate::fault::Fault;
use crate::request::{PostedBy, SignedIn};
use crate::router::Shared;
use crate::view::{
    ChoiceShape, Control, EntryView, FieldView, Frame, Head, Icon, OptionView, StepLink,
    entry_view, head_view, patient_name, say_of,
};
use crate::words::{RefusalWords, Say, day_words, phase_words, refusal_words};

/// The name of the field for the right session.
const TO: &str = "to";

#[derive(Template)]
#[template(path = "wrong_patient.html")]
pub(crate) struct WrongPatientHtml {
    pub(crate) frame: Frame,
    pub(crate) id: String,
    pub(crate) version: u32,
    pub(crate) head: Head,
    pub(crate) key: String,
    pub(crate) action: String,
    pub(crate) moving: Vec<EntryView>,
    pub(crate) to: Option<FieldView>,
    pub(crate) may_submit: bool,
    pub(crate) submit: String,
    /// Who gets what is moved: the script puts in who is chosen.
    pub(crate) receiver: Option<String>,
    pub(crate) again: Option<AgainView>,
}

/// Why nothing was done.
pub(crate) struct AgainView {
    pub(crate) outcome: &'static str,
    pub(crate) key: &'static str,
    pub(crate) title: &'static str,
    pub(crate) sentence: String,
    pub(crate) missing: Vec<String>,
    pub(crate) links: Vec<StepLink>,
}

/// Why the page is shown again.
pub(crate) enum WhyAgain {
    /// For the first time.
    No,
    /// A rule refuses it, and speaks of the entries of this session.
    Refused(Refusal, Uuid),
    /// The right session was not chosen.
    NotChosen,
    /// Something was recorded in between.
    Stale,
}

/// `GET /floor/sessions/{id}/wrong-patient`
pub(crate) async fn show(
    State(shared): State<Shared>,
    SignedIn(ctx): SignedIn,
    path: SessionPath,
) -> Result<Response, Fault> {
    let id = session_of(path)?;
    let wrong = shared.app.wrong_patient_page(&ctx, id).await?;
    answer(&shared, &wrong, shared.app.id(), "", &WhyAgain::No)
}

/// `POST /floor/sessions/{id}/wrong-patient`
pub(crate) async fn create(
    State(shared): State<Shared>,
    path: SessionPath,
    PostedBy(ctx, values): PostedBy,
) -> Result<Response, Fault> {
    let id = session_of(path)?;
    if !app::may(ctx.role, app::Action::WrongPatient) {
        return Err(Fault::NotFound);
    }
    let key = Uuid::try_parse(values.get("key"))
        .map_err(|_| Fault::BadRequest("Nothing was moved: a part of the form is missing."))?;
    let seen = values.get("seen").parse().map_err(|_| {
        Fault::BadRequest("Nothing was moved: the form does not say which version it saw.")
    })?;
    let chosen = values.get(TO).to_owned();
    let moving = Moving {
        key,
        seen,
        to: Uuid::try_parse(&chosen).ok(),
    };
    match shared.app.wrong_patient(&ctx, id, &moving).await {
        Ok(moved) => Ok(Redirect::to(&match (moved.to, moved.before) {
            (Some(to), Some(before)) => format!("/floor/sessions/{to}?saved={before}"),
            (Some(to), None) => format!("/floor/sessions/{to}"),
            (None, _) => "/floor".to_owned(),
        })
        .into_response()),
        Err(WrongPatientError::App(error)) => Err(error.into()),
        Err(WrongPatientError::Refused { refusal, of, page }) => {
            let again = WhyAgain::Refused(refusal, of);
            answer(&shared, &page, key, &chosen, &again)
        }
        Err(WrongPatientError::NotChosen { page }) => {
            answer(&shared, &page, key, &chosen, &WhyAgain::NotChosen)
        }
        Err(WrongPatientError::Stale { page }) => {
            answer(&shared, &page, key, &chosen, &WhyAgain::Stale)
        }
    }
}

fn answer(
    shared: &Shared,
    wrong: &WrongPatientPage,
    key: Uuid,
    chosen: &str,
    again: &WhyAgain,
) -> Result<Response, Fault> {
    let status = match again {
        WhyAgain::No => StatusCode::OK,
        WhyAgain::Refused(..) | WhyAgain::NotChosen => StatusCode::UNPROCESSABLE_ENTITY,
        WhyAgain::Stale => StatusCode::CONFLICT,
    };
    let session = &wrong.session;
    let frame = frame(
        shared,
        "Wrong patient",
        session.now,
        &session.clinic,
        &session.people,
        session.viewer,
    );
    page(
        status,
        &wrong_patient_html(wrong, frame, key, chosen, again),
    )
}

/// The page.
pub(crate) fn wrong_patient_html(
    wrong: &WrongPatientPage,
    frame: Frame,
    key: Uuid,
    chosen: &str,
    again: &WhyAgain,
) -> WrongPatientHtml {
    let session = &wrong.session;
    let say = say_of(session);
    let moving: Vec<EntryView> = wrong
        .moving()
        .into_iter()
        .map(|recorded| entry_view(session, &say, recorded, &[]))
        .collect();
    let to = (!moving.is_empty()).then(|| right_session_field(wrong, chosen, again));
    let is_open = !session.session.phase().is_ended();
    let submit = match moving.len() {
        0 => "Delete this session".to_owned(),
        1 => "Move 1 entry to".to_owned(),
        count => format!("Move {count} entries to"),
    };
    let chosen_other = wrong
        .others
        .iter()
        .find(|other| other.id.to_string() == chosen);
    let receiver = (!moving.is_empty())
        .then(|| chosen_other.map_or_else(|| "the chosen patient".to_owned(), patient_label));
    WrongPatientHtml {
        frame: frame.with_dock(),
        id: session.id.to_string(),
        version: session.version,
        head: head_view(
            session,
            format!("/floor/sessions/{}", session.id),
            "Back to the session",
        ),
        key: key.to_string(),
        action: format!("/floor/sessions/{}/wrong-patient", session.id),
        may_submit: is_open && (moving.is_empty() || !wrong.others.is_empty()),
        moving,
        to,
        submit,
        receiver,
        again: again_view(wrong, again),
    }
}

fn right_session_field(wrong: &WrongPatientPage, chosen: &str, again: &WhyAgain) -> FieldView {
    FieldView {
        id: format!("f-{TO}"),
        name: TO.to_owned(),
        label: "Whose session is it really?".to_owned(),
        hint: String::new(),
        optional: false,
        error: matches!(again, WhyAgain::NotChosen)
            .then(|| "Please choose the session that these entries belong to.".to_owned()),
        control: Control::Choice {
            options: wrong
                .others
                .iter()
                .map(|other| right_session_option(other, chosen))
                .collect(),
            shape: ChoiceShape::Tall,
        },
    }
}

fn right_session_option(other: &BoardSession, chosen: &str) -> OptionView {
    let value = other.id.to_string();
    let room = other
        .session
        .plan()
        .map_or_else(String::new, |plan| plan.room);
    let place: Vec<&str> = [room.as_str(), phase_words(other.session.phase())]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    OptionView {
        chosen: value == chosen,
        value,
        label: patient_label(other),
        hint: place.join(" · "),
    }
}

/// A patient, so that two of one name are told apart.
fn patient_label(other: &BoardSession) -> String {
    format!(
        "{}, born {}",
        patient_name(&other.patient),
        day_words(other.patient.birthdate)
    )
}

fn again_view(wrong: &WrongPatientPage, again: &WhyAgain) -> Option<AgainView> {
    let plain = |outcome, key, title, sentence: &str| AgainView {
        outcome,
        key,
        title,
        sentence: sentence.to_owned(),
        missing: Vec::new(),
        links: Vec::new(),
    };
    match again {
        WhyAgain::No => None,
        WhyAgain::Refused(refusal, of) => Some(refused_view(wrong, refusal, *of)),
        WhyAgain::NotChosen => Some(plain(
            "refused",
            "",
            "Nothing was moved",
            "Please choose the session that these entries belong to.",
        )),
        WhyAgain::Stale => Some(plain(
            "stale",
            "",
            "Nothing was moved yet",
            "Somebody recorded something in this session since you opened the page. Look at the list once more, then move it.",
        )),
    }
}

/// A refusal, in the words of the session that it speaks of: its entries, and after them what was to be moved there.
fn refused_view(wrong: &WrongPatientPage, refusal: &Refusal, of: Uuid) -> AgainView {
    let own = say_of(&wrong.session);
    let view = |words: RefusalWords, sentence: String, links: Vec<StepLink>| AgainView {
        outcome: "refused",
        key: refusal.kind(),
        title: "Nothing was moved",
        sentence,
        missing: words.missing,
        links,
    };
    let right = wrong.others.iter().find(|other| other.id == of);
    let Some(right) = right else {
        let words = refusal_words(&own, refusal);
        let sentence = words.sentence.clone();
        return view(words, sentence, Vec::new());
    };
    let before = right.session.next_seq();
    let moving = (before..)
        .zip(wrong.moving())
        .map(|(seq, recorded)| Recorded {
            seq,
            ..recorded.clone()
        });
    let effective: Vec<Recorded> = right
        .session
        .effective()
        .iter()
        .cloned()
        .chain(moving)
        .collect();
    let say = Say {
        events: right.session.recorded(),
        effective: &effective,
        ..own
    };
    let words = refusal_words(&say, refusal);
    let sentence = format!(
        "In the session of {}: {}",
        patient_name(&right.patient),
        words.sentence
    );
    // Only what stands there already can be corrected there.
    let links = words
        .correct
        .iter()
        .filter(|(seq, _)| *seq < before)
        .map(|(seq, label)| {
            let href = format!("/floor/sessions/{of}/steps/correction?corrects={seq}");
            StepLink::plain("correction", href, label.clone())
        })
        .collect();
    view(words, sentence, links)
}
