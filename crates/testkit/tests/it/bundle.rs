//! The bundle of a real session proves itself, and nothing that was altered does (promises T7, B1).

use app::treatment::ExportKind;
use domain::treatment::{Change, Command, Correction, Event, Replacement};
use ledger::VerifierKey;
use ledger::bundle::{BundleParts, Trust, verify};

use crate::day::{Floor, vitals};
use crate::floor::decided;

async fn exported() -> (Floor, Vec<u8>, VerifierKey) {
    let mut floor = Floor::planned().await;
    floor.play_to_discharge().await;
    let prescriber = floor.world.ctx("tobias").await;
    let file = floor
        .world
        .app
        .export(&prescriber, floor.session, ExportKind::Bundle)
        .await
        .unwrap();
    let key = VerifierKey::parse(&floor.world.app.key_text().unwrap()).unwrap();
    (floor, file.bytes, key)
}

#[tokio::test(flavor = "multi_thread")]
async fn t7_a_bundle_verifies_offline_with_the_key() {
    let (floor, bundle, key) = exported().await;
    let report = verify(&bundle, &Trust::Key(key)).unwrap();
    assert!(report.is_origin_proved());
    assert_eq!(report.session, floor.session);
    assert_eq!(report.mode, ledger::Mode::Demo);
    assert!(
        report
            .persons
            .iter()
            .any(|person| person.name.as_deref() == Some("Mara Quillfeather"))
    );
    let without = verify(&bundle, &Trust::None).unwrap();
    assert!(
        !without.is_origin_proved(),
        "without a key from outside the origin is not proved"
    );
    floor.world.ledger_verifies().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t7_any_byte_changed_is_found() {
    let (_floor, bundle, key) = exported().await;
    let parts = BundleParts::from_zip(&bundle).unwrap();
    let trust = Trust::Key(key);
    // Every byte of each part takes minutes; a stride that shares no factor with the files' structure meets all kinds.
    for (name, length, stride) in [
        ("record.json", parts.record_json.len(), 31),
        ("record.pdf", parts.record_pdf.len(), 997),
        ("proof.json", parts.proof_json.len(), 61),
        ("checkpoint.txt", parts.checkpoint.len(), 1),
    ] {
        for at in (0..length).step_by(stride) {
            let mut altered = BundleParts::from_zip(&bundle).unwrap();
            let part = match name {
                "record.json" => &mut altered.record_json,
                "record.pdf" => &mut altered.record_pdf,
                "proof.json" => &mut altered.proof_json,
                _ => &mut altered.checkpoint,
            };
            part[at] ^= 1;
            let passed = altered
                .to_zip()
                .ok()
                .and_then(|zip| verify(&zip, &trust).ok());
            assert!(
                passed.is_none(),
                "byte {at} of {name} was changed and nobody noticed"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t7_another_clinics_proof_and_a_forgers_own_log_are_refused() {
    let (_floor, bundle, key) = exported().await;
    let (_other_floor, other, other_key) = exported().await;
    let mine = BundleParts::from_zip(&bundle).unwrap();
    let theirs = BundleParts::from_zip(&other).unwrap();

    let mut crossed = BundleParts::from_zip(&bundle).unwrap();
    crossed.proof_json = theirs.proof_json.clone();
    assert!(verify(&crossed.to_zip().unwrap(), &Trust::Key(key.clone())).is_err());
    crossed.checkpoint = theirs.checkpoint.clone();
    assert!(verify(&crossed.to_zip().unwrap(), &Trust::Key(other_key.clone())).is_err());
    assert!(mine.proof_json != theirs.proof_json);

    // The forger's bundle is consistent in itself; only a key from outside tells.
    assert!(verify(&other, &Trust::Key(key)).is_err());
    assert!(!verify(&other, &Trust::None).unwrap().is_origin_proved());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_bundle_continues_the_checkpoint_of_an_earlier_one() {
    let (floor, first, _key) = exported().await;
    let earlier = BundleParts::from_zip(&first).unwrap().checkpoint;
    let prescriber = floor.world.ctx("tobias").await;
    let second = floor
        .world
        .app
        .export(&prescriber, floor.session, ExportKind::Bundle)
        .await
        .unwrap();
    let report = verify(
        &second.bytes,
        &Trust::Checkpoint(ledger::Note::parse(&earlier).unwrap()),
    )
    .unwrap();
    assert!(report.is_origin_proved());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_leaves_its_entries_and_waits_for_the_end() {
    let mut floor = Floor::planned().await;
    let prescriber = floor.world.ctx("tobias").await;
    let early = floor
        .world
        .app
        .export(&prescriber, floor.session, ExportKind::Bundle)
        .await;
    assert!(matches!(early, Err(app::AppError::NotEnded { session }) if session == floor.session));
    floor.play_to_discharge().await;
    floor.refresh().await;
    let refused = floor
        .world
        .app
        .export(&floor.nurse, floor.session, ExportKind::Bundle)
        .await;
    assert!(
        matches!(refused, Err(app::AppError::NotFound)),
        "a bundle is not the floor's to take"
    );
    let pdf = floor
        .world
        .app
        .export(&floor.nurse, floor.session, ExportKind::Pdf)
        .await
        .unwrap();
    assert!(pdf.bytes.starts_with(b"%PDF-"));
    let owner = floor.world.ctx("imogen").await;
    let log = floor.world.app.audit_page(&owner, None).await.unwrap();
    assert!(log.lines.iter().any(|line| line.kind == "exported"));
    assert!(
        log.lines
            .iter()
            .any(|line| line.opened_for == Some(app::OpenedFor::Export))
    );
    let left = log
        .lines
        .iter()
        .find(|line| line.exported == Some(ExportKind::Pdf))
        .unwrap();
    let page = floor.page().await;
    let named: Vec<_> = left
        .sessions
        .iter()
        .map(|session| (session.id, session.day))
        .collect();
    assert_eq!(named, [(floor.session, Some(page.day))]);
    floor.world.ledger_verifies().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_after_a_decision_leaves_what_was_decided_about_in_the_bundle() {
    let (mut floor, prescriber) = decided().await;
    let before = floor.page().await;
    let Command::RecordVitals(really) = vitals((152, 96)) else {
        panic!("vitals");
    };
    let replacement = Replacement {
        happened_at: before.events[2].happened_at,
        taken_by: floor.nurse.person,
        event: Event::VitalsRecorded(really),
    };
    floor
        .must(Command::Correct(Correction {
            corrects: 2,
            reason: "Mistyped.".into(),
            change: Change::Replace(Box::new(replacement)),
        }))
        .await;
    let reason = "Fever.".to_owned();
    floor.must(Command::Delay { reason }).await;
    let app = &floor.world.app;
    let bundle = app.export(&prescriber, floor.session, ExportKind::Bundle);
    let parts = BundleParts::from_zip(&bundle.await.unwrap().bytes).unwrap();
    let record = String::from_utf8(parts.record_json).unwrap();
    // Each event as it was recorded, in the order in which it was: the reading, the decision about it, the correction.
    let places: Vec<Option<usize>> = ["\"systolic\":150", "decision_recorded", "\"systolic\":152"]
        .iter()
        .map(|words| record.find(words))
        .collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted());
    assert_eq!(record.matches("\"systolic\":152").count(), 1);
}
