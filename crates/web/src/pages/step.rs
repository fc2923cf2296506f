//! One step: its form, and what becomes of it.

use app::treatment::{Returned, SessionPage, StepSession, Submission};
use app::{Action, AppError, Ctx, may};
use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::treatment::{Recorded, Refusal};
use http::StatusCode;
use uuid::Uuid;

use super::session::id_parse;
use super::{frame, page};
use crate::fault::Fault;
use crate::form::Values;
use crate::request::{Asking, Cookie, Posted, SignedIn, query_values};
use crate::router::Shared;
use crate::steps::read::{Problems, person_value, tap_name, tapped_at};
use crate::steps::{
    self, ALREADY_REASON, ASKED, Entered, SectionShape, SectionSpec, Step, TAKEN_BY, WHEN, is_asked,
};
use crate::view::{
    Control, EntryView, FieldView, FormView, Frame, Head, Icon, LackView, RefusalView, StepLink,
    against_view, asked, entry_view, field_view, form_view, head_view, is_missed, may_correct,
    refusal_view, say_of, step_href, step_lead, step_title,
};
use crate::words::{clock_minutes, event_title, refusal_words_of};

#[derive(Template)]
#[template(path = "step.html")]
pub(crate) struct StepHtml {
    pub(crate) frame: Frame,
    pub(crate) id: String,
    pub(crate) version: u32,
    pub(crate) head: Head,
    pub(crate) name: &'static str,
    pub(crate) title: String,
    pub(crate) lead: String,
    pub(crate) submit: &'static str,
    pub(crate) refusal: Option<RefusalView>,
    pub(crate) against: Option<RefusalView>,
    pub(crate) stale: Option<StaleView>,
    pub(crate) offer: Option<AlreadyView>,
    pub(crate) choices: Vec<StepLink>,
    pub(crate) form: FormView,
}

/// What came in between.
pub(crate) struct StaleView {
    pub(crate) title: &'static str,
    pub(crate) advice: &'static str,
    pub(crate) changed: Vec<EntryView>,
}

/// “It was already given”, or whatever the step is, beside a refusal.
pub(crate) struct AlreadyView {
    pub(crate) title: &'static str,
    pub(crate) words: &'static str,
    pub(crate) button: &'static str,
    pub(crate) name: &'static str,
    pub(crate) value: &'static str,
    pub(crate) reason: FieldView,
}

/// A form with what was typed: its key, and the version and watch of the page that it goes back on.
pub(crate) struct Draft {
    pub(crate) key: Uuid,
    pub(crate) seen: u32,
    pub(crate) watch: String,
    pub(crate) values: Values,
}

impl Draft {
    /// A draft on the page as it stands now.
    pub(crate) fn fresh(session: &SessionPage, key: Uuid, values: Values) -> Self {
        Self {
            key,
            seen: session.version,
            watch: session.watch.clone(),
            values,
        }
    }
}

/// Why a form is shown again.
pub(crate) enum Again {
    /// For the first time.
    No,
    /// Something in it could not be read.
    Unread(Problems),
    /// A rule refuses it.
    Refused(Box<Refusal>),
    /// Somebody else recorded something in between.
    Stale(Vec<Recorded>),
    /// Its key was used with other content.
    KeyReused,
}

type SessionStepPath = Result<Path<(String, String)>, axum::extract::rejection::PathRejection>;

/// The session and the step of an address, if the person may take that step.
fn target(ctx: &Ctx, path: SessionStepPath) -> Result<(Uuid, &'static Step), Fault> {
    let Path((id, name)) = path.map_err(|_| Fault::NotFound)?;
    let step = step_for(ctx, &name).ok_or(Fault::NotFound)?;
    Ok((id_parse(&id)?, step))
}

fn step_for(ctx: &Ctx, name: &str) -> Option<&'static Step> {
    steps::step(name).filter(|step| may(ctx.role, Action::Step(step.kind)))
}

/// The session of an address, or what is nobody's.
fn session_named(path: &SessionStepPath) -> Uuid {
    path.as_ref()
        .map_or(Uuid::nil(), |Path((id, _))| id_or_nil(id))
}

fn id_or_nil(typed: &str) -> Uuid {
    Uuid::try_parse(typed).unwrap_or_default()
}

/// `GET /floor/sessions/{id}/steps/{step}`
pub(crate) async fn show(
    State(shared): State<Shared>,
    SignedIn(ctx): SignedIn,
    path: SessionStepPath,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    let (id, step) = target(&ctx, path)?;
    let session = shared.app.session_page(&ctx, id).await?;
    let values = prefilled(&session, step, query_values(query.as_deref()));
    answer(
        &shared,
        &session,
        step,
        Draft::fresh(&session, shared.app.id(), values),
        Again::No,
    )
}

/// `GET /floor/sessions/{id}/{step}`: where a form was sent to; reloading that address shows the form afresh.
pub(crate) async fn again(
    SignedIn(ctx): SignedIn,
    path: SessionStepPath,
) -> Result<Response, Fault> {
    let (id, step) = target(&ctx, path)?;
    Ok(Redirect::to(&format!("/floor/sessions/{id}/steps/{}", step.name)).into_response())
}

/// `POST /floor/sessions/{id}/{step}`
pub(crate) async fn create(
    State(shared): State<Shared>,
    Asking(request): Asking,
    Cookie(cookie): Cookie,
    path: SessionStepPath,
    Posted(mut values): Posted,
) -> Result<Response, Fault> {
    let (session, watch) = (session_named(&path), id_or_nil(values.get("watch")));
    let returned = Returned {
        cookie: &cookie,
        request,
        session,
        watch,
    };
    let seen: Option<u32> = values.get("seen").parse().ok();
    let read = |ctx: &Ctx| submission_plain(ctx, &path, seen?, &values);
    if let (Some(_), Some(seen)) = (shared.app.record_held(&returned, read).await?, seen) {
        return Ok(saved(session, seen));
    }
    let (ctx, found) = shared
        .app
        .authenticate_step(&cookie, request, session, watch)
        .await?
        .ok_or(Fault::SignIn)?;
    let (id, step) = target(&ctx, path)?;
    let key = Uuid::try_parse(values.get("key"))
        .map_err(|_| Fault::BadRequest("Nothing was saved: a part of the form is missing."))?;
    let seen = seen.ok_or(Fault::BadRequest(
        "Nothing was saved: the form does not say which version it saw.",
    ))?;
    let tapped = tapped_at(&values, ctx.now).map_err(Fault::BadRequest)?;
    let entered = match steps::read(step, &values, &ctx.zone, tapped) {
        Ok(entered) => entered,
        Err(problems) => {
            tap_name(&mut values, &ctx.zone, tapped, ctx.now);
            let session = shared.app.session_page(&ctx, id).await?;
            // The version that the form saw stays: what came in between is still to be shown when it is sent again.
            let draft = Draft {
                seen,
                ..Draft::fresh(&session, key, values)
            };
            return answer(&shared, &session, step, draft, Again::Unread(problems));
        }
    };
    let submission = submission(key, seen, Some(found), entered, &values);
    // Only where the form is shown again: what is recorded, and its digest, were taken from what was sent.
    tap_name(&mut values, &ctx.zone, tapped, ctx.now);
    match shared.app.record(&ctx, id, submission).await {
        Ok(_) => Ok(saved(id, seen)),
        Err(AppError::Refused { refusal, page }) => {
            // As above: what came in between is still to be shown.
            let draft = Draft {
                seen,
                ..Draft::fresh(&page, key, values)
            };
            answer(
                &shared,
                &page,
                step,
                draft,
                Again::Refused(Box::new(refusal)),
            )
        }
        Err(AppError::Stale { changed, page }) => {
            let draft = Draft::fresh(&page, key, values);
            answer(&shared, &page, step, draft, Again::Stale(changed))
        }
        Err(AppError::KeyReused { page }) => {
            let draft = Draft {
                seen,
                ..Draft::fresh(&page, shared.app.id(), values)
            };
            answer(&shared, &page, step, draft, Again::KeyReused)
        }
        Err(error) => Err(error.into()),
    }
}

/// The submission of a form in which nothing is amiss.
fn submission_plain(
    ctx: &Ctx,
    path: &SessionStepPath,
    seen: u32,
    values: &Values,
) -> Option<Submission> {
    let Path((_, name)) = path.as_ref().ok()?;
    let step = step_for(ctx, name)?;
    let tapped = tapped_at(values, ctx.now).ok()?;
    let entered = steps::read(step, values, &ctx.zone, tapped).ok()?;
    let key = Uuid::try_parse(values.get("key")).ok()?;
    Some(submission(key, seen, None, entered, values))
}

fn submission(
    key: Uuid,
    seen: u32,
    found: Option<StepSession>,
    entered: Entered,
    values: &Values,
) -> Submission {
    Submission {
        key,
        seen,
        found,
        command: entered.command,
        happened_at: entered.happened_at,
        taken_by: entered.taken_by,
        fields: values.typed(),
    }
}

fn saved(session: Uuid, seen: u32) -> Response {
    Redirect::to(&format!("/floor/sessions/{session}?saved={seen}")).into_response()
}

fn answer(
    shared: &Shared,
    session: &SessionPage,
    step: &'static Step,
    draft: Draft,
    again: Again,
) -> Result<Response, Fault> {
    let status = match again {
        Again::No => StatusCode::OK,
        Again::Unread(_) | Again::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Again::Stale(_) | Again::KeyReused => StatusCode::CONFLICT,
    };
    let frame = frame(
        shared,
        step.title,
        session.now,
        &session.clinic,
        &session.people,
        session.viewer,
    );
    page(status, &step_html(session, frame, step, &draft, &again))
}

/// The values of a form that is opened: you, now, and for a correction the entry as it stands.
pub(crate) fn prefilled(session: &SessionPage, step: &Step, query: Values) -> Values {
    let mut values = Values::default();
    let corrected = corrected(session, step, &query);
    if let Some(recorded) = corrected {
        values = steps::values_of(recorded, &session.zone);
        values.push("corrects", recorded.seq.to_string());
        values.push("step", steps::step_of(&recorded.event).unwrap_or_default());
        // A link can say already that it did not happen.
        let change = match query.get("change") {
            "strike" => "strike",
            _ => "replace",
        };
        values.push("change", change);
    } else {
        values.push("taken_by", person_value(session.viewer));
    }
    if is_asked(query.get("occasion")) {
        values.push(ASKED, query.get("occasion"));
    }
    values
}

/// The entry that a correction names, as it stands now.
fn corrected<'a>(session: &'a SessionPage, step: &Step, values: &Values) -> Option<&'a Recorded> {
    if step.kind != "correct" {
        return None;
    }
    let seq: u32 = values.get("corrects").parse().ok()?;
    session
        .session
        .effective()
        .iter()
        .find(|recorded| recorded.seq == seq && may_correct(session, recorded))
}

const WHEN_SECTION: SectionSpec = SectionSpec {
    title: "",
    shape: SectionShape::Plain,
    fields: &[WHEN],
};
const TAKEN_BY_SECTION: SectionSpec = SectionSpec {
    title: "Somebody else did or saw it",
    shape: SectionShape::Folded { open: false },
    fields: &[TAKEN_BY],
};

/// The form of a step with what was typed.
pub(crate) fn step_form(
    session: &SessionPage,
    step: &Step,
    draft: &Draft,
    problems: &Problems,
) -> FormView {
    let mut hidden = vec![
        ("key".to_owned(), draft.key.to_string()),
        ("seen".to_owned(), draft.seen.to_string()),
        ("watch".to_owned(), draft.watch.clone()),
    ];
    let mut sections: Vec<SectionSpec> = Vec::new();
    match corrected(session, step, &draft.values) {
        Some(recorded) => {
            hidden.push(("corrects".to_owned(), recorded.seq.to_string()));
            let own = steps::step_of(&recorded.event).unwrap_or_default();
            hidden.push(("step".to_owned(), own.to_owned()));
            sections.push(steps::CORRECTION_SECTION);
            sections.extend(
                steps::form_of(own)
                    .map(|own| own.sections)
                    .unwrap_or_default(),
            );
            sections.extend([WHEN_SECTION, TAKEN_BY_SECTION]);
        }
        None if step.kind == "correct" => {}
        None => {
            match asked(step, &draft.values) {
                Some(occasion) => {
                    let missed = occasion == "forty_minutes" && is_missed(session);
                    sections.extend(if missed { steps::MISSED } else { steps::WANTED });
                    hidden.push((ASKED.to_owned(), occasion.to_owned()));
                    hidden.push(("occasion".to_owned(), occasion.to_owned()));
                }
                None => sections.extend(step.sections),
            }
            sections.extend([WHEN_SECTION, TAKEN_BY_SECTION]);
        }
    }
    form_view(
        session,
        format!("/floor/sessions/{}/{}", session.id, step.name),
        hidden,
        &sections,
        &draft.values,
        problems,
    )
}

/// The page of a step.
pub(crate) fn step_html(
    session: &SessionPage,
    frame: Frame,
    step: &'static Step,
    draft: &Draft,
    again: &Again,
) -> StepHtml {
    let say = say_of(session);
    let mut problems = Problems::new();
    let mut refusal_shown = None;
    let mut stale = None;
    match again {
        Again::No => {}
        Again::Unread(unread) => problems = unread.clone(),
        Again::Refused(refusal) => {
            let form_of = corrected(session, step, &draft.values)
                .and_then(|recorded| steps::step_of(&recorded.event))
                .unwrap_or(step.name);
            let words = refusal_words_of(&say, form_of, refusal);
            problems.extend(
                words
                    .places
                    .iter()
                    .map(|(name, sentence)| (place_name(step, name).to_owned(), sentence.clone())),
            );
            refusal_shown = Some(refusal_view(session, refusal, words));
        }
        Again::Stale(changed) => stale = Some(stale_view(session, changed)),
        Again::KeyReused => {
            stale = Some(StaleView {
                title: "Not saved yet",
                advice: "This form was saved before with other answers. If these are new, save again.",
                changed: Vec::new(),
            });
        }
    }
    let mut form = step_form(session, step, draft, &problems);
    if let Some(refusal) = &mut refusal_shown {
        // The refusal itself says it; the fields show where.
        let problems = std::mem::take(&mut form.problems);
        if matches!(again, Again::Refused(refusal) if matches!(**refusal, Refusal::Incomplete { .. }))
            && !refusal.missing.is_empty()
        {
            refusal.missing = problems.into_iter().map(LackView::of).collect();
        }
    }
    let title = match corrected(session, step, &draft.values) {
        Some(recorded) => {
            format!(
                "Correct: {}, {}",
                event_title(&recorded.event),
                clock_minutes(recorded.happened_at, &session.zone)
            )
        }
        None => step_title(session, step, &draft.values),
    };
    let against = match refusal_shown {
        Some(_) => None,
        None => against_view(session, step.name),
    };
    StepHtml {
        frame: frame.with_dock(),
        id: session.id.to_string(),
        version: session.version,
        head: head_view(
            session,
            format!("/floor/sessions/{}", session.id),
            "Back to the session",
        ),
        name: step.name,
        title,
        lead: step_lead(session, step, &draft.values),
        submit: step.submit,
        offer: is_lacking(again, against.as_ref())
            .then(|| already_offer(session, step, draft, &problems))
            .flatten(),
        refusal: refusal_shown,
        against,
        stale,
        choices: entry_choices(session, step, &draft.values),
        form,
    }
}

/// The form's name for a field that a refusal points at: a correction's own reason has a name of its own.
fn place_name(step: &Step, name: &'static str) -> &'static str {
    if step.kind == "correct" && name == "reason" {
        "correction_reason"
    } else {
        name
    }
}

fn stale_view(session: &SessionPage, changed: &[Recorded]) -> StaleView {
    let say = say_of(session);
    StaleView {
        title: "Not saved yet: the session has changed",
        advice: "What you typed is still here. If it still holds, save again.",
        changed: changed
            .iter()
            .map(|recorded| entry_view(session, &say, recorded, &[]))
            .collect(),
    }
}

/// Whether the step lacks something, or broke a rule without a reason.
fn is_lacking(again: &Again, against: Option<&RefusalView>) -> bool {
    match again {
        Again::Refused(refusal) => matches!(
            **refusal,
            Refusal::Lacks { .. } | Refusal::ReasonNeeded { .. }
        ),
        Again::No | Again::Unread(_) | Again::Stale(_) | Again::KeyReused => {
            against.is_some_and(|against| !against.missing.is_empty())
        }
    }
}

/// Beside a clearing, device or discharge that lacks something: what has happened can always be recorded, with its reason.
fn already_offer(
    session: &SessionPage,
    step: &Step,
    draft: &Draft,
    problems: &Problems,
) -> Option<AlreadyView> {
    let (title, words, button) = match step.name {
        "clearing" => (
            "The patient was already cleared",
            "What has happened can always be recorded. It will stand out on the record, with your reason.",
            "Already cleared: save",
        ),
        "device" => (
            "It was already given",
            "What has happened can always be recorded. It will stand out on the record, with your reason.",
            "It was already given: save",
        ),
        "discharge" => (
            "The patient has already left",
            "If the patient has left with the provider’s consent, record it. It will stand out on the record, with your reason.",
            "Already discharged: save and lock",
        ),
        _ => return None,
    };
    Some(AlreadyView {
        title,
        words,
        button,
        name: "basis",
        value: "already",
        reason: field_view(session, &ALREADY_REASON, &draft.values, problems),
    })
}

/// A correction without its entry: the entries to choose from.
fn entry_choices(session: &SessionPage, step: &Step, values: &Values) -> Vec<StepLink> {
    if step.kind != "correct" || corrected(session, step, values).is_some() {
        return Vec::new();
    }
    let say = say_of(session);
    session
        .session
        .effective()
        .iter()
        .rev()
        .filter(|recorded| may_correct(session, recorded))
        .map(|recorded| {
            let words = crate::words::event_words(&say, recorded);
            let href = format!(
                "{}?corrects={}",
                step_href(session, step.name),
                recorded.seq
            );
            let mut link = StepLink::plain(
                "correction",
                href,
                format!("{} {}", say.clock(recorded.happened_at), words.what),
            );
            link.note = words.details.join(" · ");
            link
        })
        .collect()
}
