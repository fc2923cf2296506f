//! Signed notes against the `signed_note` crate, and what is refused.

use ledger::{
    Checkpoint, CheckpointError, DeploymentId, KeyError, Mode, Note, NoteError, Origin,
    SIGNATURES_MAX, VerifierKey,
};
use proptest::prelude::*;
use signed_note::{StandardVerifier, Verifier, VerifierList};
use uuid::Uuid;

use crate::fixture::{TestSigner, signer};

fn checkpoint(generation: u32) -> Checkpoint {
    let deployment = DeploymentId(Uuid::from_u128(0x0192_aaaa));
    let origin = Origin {
        deployment,
        mode: Mode::Live,
        generation,
    };
    Checkpoint {
        origin,
        size: 1_234,
        root: [0xfb; 32],
    }
}

fn key(checkpoint: &Checkpoint, signer: &TestSigner) -> VerifierKey {
    checkpoint
        .origin
        .key(ledger::Signer::public_key(signer))
        .unwrap()
}

#[test]
fn another_implementation_verifies_what_is_signed_here() {
    let (signer, checkpoint) = (signer(1), checkpoint(1));
    let encoded = checkpoint.sign(&signer).unwrap().encode();
    let key = key(&checkpoint, &signer);
    let theirs = StandardVerifier::new(&key.to_string()).unwrap();
    assert_eq!(theirs.key_id(), u32::from_be_bytes(key.id()));
    let note = signed_note::Note::from_bytes(encoded.as_bytes()).unwrap();
    let (verified, unverified) = note
        .verify(&VerifierList::new(vec![Box::new(theirs)]))
        .unwrap();
    assert_eq!((verified.len(), unverified.len()), (1, 0));
    assert_eq!(note.text(), checkpoint.text().as_bytes());
}

#[test]
fn what_another_implementation_signs_is_verified_here() {
    let (ours, checkpoint) = (signer(1), checkpoint(1));
    let name = checkpoint.origin.to_string();
    let key_id = signed_note::key_id(
        &name,
        &[&[1][..], &ledger::Signer::public_key(&ours)].concat(),
    );
    let seed = [&[1][..], &[1; 32]].concat(); // the seed of `signer(1)`
    let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, seed);
    let secret = format!("PRIVATE+KEY+{name}+{key_id:08x}+{base64}");
    let theirs = signed_note::StandardSigner::new(&secret).unwrap();
    let mut note = signed_note::Note::new(checkpoint.text().as_bytes(), &[]).unwrap();
    note.add_sigs(&[&theirs]).unwrap();
    let opened = Checkpoint::open(&note.to_bytes(), ledger::Signer::public_key(&ours)).unwrap();
    assert_eq!(opened.0, checkpoint);
    assert_eq!(
        opened.1.encode().as_bytes(),
        note.to_bytes(),
        "Ed25519 signs the same alike"
    );
}

#[test]
fn the_wrong_key_name_or_text_is_refused() {
    let (signer, checkpoint) = (signer(1), checkpoint(1));
    let note = checkpoint.sign(&signer).unwrap();
    note.verify(&key(&checkpoint, &signer)).unwrap();
    let other_key = key(&checkpoint, &crate::fixture::signer(2));
    assert!(matches!(
        note.verify(&other_key),
        Err(NoteError::NotSigned { .. })
    ));
    let other_name = key(&self::checkpoint(2), &signer);
    assert!(matches!(
        note.verify(&other_name),
        Err(NoteError::NotSigned { .. })
    ));
    let bent = note.encode().replacen("1234", "1235", 1);
    let bent = Note::parse(bent.as_bytes()).unwrap();
    assert_eq!(
        bent.verify(&key(&checkpoint, &signer)),
        Err(NoteError::WrongSignature)
    );
}

#[test]
fn every_other_byte_is_refused() {
    let (signer, checkpoint) = (signer(1), checkpoint(1));
    let encoded = checkpoint.sign(&signer).unwrap().encode().into_bytes();
    let public_key = ledger::Signer::public_key(&signer);
    assert!(Checkpoint::open(&encoded, public_key).is_ok());
    for index in 0..encoded.len() {
        for mask in [0x01, 0x20, 0x80] {
            let mut bent = encoded.clone();
            bent[index] ^= mask;
            assert!(Checkpoint::open(&bent, public_key).is_err(), "byte {index}");
        }
    }
}

#[test]
fn origins_have_one_spelling() {
    let origin = checkpoint(3).origin;
    let text = origin.to_string();
    assert_eq!(text, "clerestory/0000000000000000000000000192aaaa/live/g3");
    assert_eq!(Origin::parse(&text).unwrap(), origin);
    for bad in [
        "clerestory/0000000000000000000000000192AAAA/live/g3",
        "clerestory/0000000000000000000000000192aaaa/live/g03",
        "clerestory/0000000000000000000000000192aaaa/live/g+3",
        "clerestory/0000000000000000000000000192aaaa/live/g3/",
        "clerestory/0000000000000000000000000192aaaa/test/g3",
        "clerestory/192aaaa/live/g3",
        "someone/0000000000000000000000000192aaaa/live/g3",
        "",
    ] {
        assert_eq!(Origin::parse(bad), Err(CheckpointError::Origin), "{bad}");
    }
}

#[test]
fn checkpoints_have_one_spelling() {
    let text = checkpoint(1).text();
    assert_eq!(Checkpoint::parse(&text).unwrap(), checkpoint(1));
    let cases = [
        (text.replace("1234", "01234"), CheckpointError::Size),
        (text.replace("1234", "+1234"), CheckpointError::Size),
        (
            text.replace("1234", "9007199254740992"),
            CheckpointError::Size,
        ),
        (text.replace("1234", ""), CheckpointError::Size),
        (text.replace("+/v7", "-_v7"), CheckpointError::Root),
        (text.replace('=', ""), CheckpointError::Root),
        (format!("{text}extension\n"), CheckpointError::Shape),
        (text.trim_end().to_owned(), CheckpointError::Shape),
    ];
    for (bad, error) in cases {
        assert_ne!(bad, text);
        assert_eq!(Checkpoint::parse(&bad), Err(error), "{bad}");
    }
}

#[test]
fn verifier_keys_have_one_spelling() {
    let (signer, checkpoint) = (signer(1), checkpoint(1));
    let key = key(&checkpoint, &signer);
    let text = key.to_string();
    assert_eq!(VerifierKey::parse(&text).unwrap(), key);
    assert_eq!(VerifierKey::parse("a+b"), Err(KeyError::Shape));
    assert_eq!(
        VerifierKey::parse(&text.replacen("live", "demo", 1)),
        Err(KeyError::Id)
    );
    assert!(VerifierKey::parse(&format!("{text}\n")).is_err());
    assert!(VerifierKey::parse(&text.to_uppercase()).is_err());
    assert_eq!(VerifierKey::new("with space", [0; 32]), Err(KeyError::Name));
    assert_eq!(VerifierKey::new("", [0; 32]), Err(KeyError::Name));
    // Algorithm 4 is a witness' key.
    let witness = format!(
        "w+00000000+{}",
        base64::Engine::encode(
            &base64::engine::general_purpose::STANDARD,
            [&[4][..], &[0; 32]].concat()
        )
    );
    assert_eq!(VerifierKey::parse(&witness), Err(KeyError::Algorithm));
}

#[test]
fn a_signers_own_mistake_is_seen_before_the_note_leaves() {
    struct Liar;
    impl ledger::Signer for Liar {
        fn public_key(&self) -> [u8; 32] {
            signer(1).public_key()
        }
        fn sign(&self, _: &[u8]) -> Result<ledger::Signature, ledger::SignError> {
            Ok([0; 64])
        }
    }
    assert!(checkpoint(1).sign(&Liar).is_err());
}

#[test]
fn notes_are_bounded() {
    let note = checkpoint(1).sign(&signer(1)).unwrap().encode();
    let line = |name: usize| format!("— w{name} AAAAAAA=\n");
    let with = |count| [note.clone(), (0..count).map(line).collect()].concat();
    assert!(Note::parse(with(SIGNATURES_MAX - 1).as_bytes()).is_ok());
    assert_eq!(
        Note::parse(with(SIGNATURES_MAX).as_bytes()),
        Err(NoteError::SignatureLine)
    );
    let twice = [note.clone(), line(1), line(1)].concat();
    assert_eq!(Note::parse(twice.as_bytes()), Err(NoteError::SignatureLine));
    assert_eq!(Note::parse(&[b'a'; 9_000]), Err(NoteError::TooLong));
    assert_eq!(
        Note::parse(note.trim_end().as_bytes()),
        Err(NoteError::Shape)
    );
    assert_eq!(Note::parse(b"no signature\n"), Err(NoteError::Shape));
    assert_eq!(
        Note::parse(note.replace('\n', "\r\n").as_bytes()),
        Err(NoteError::Text)
    );
}

proptest! {
    #[test]
    fn any_text_is_refused_or_written_again_alike(text in "([a-b\n]{0,9}\n\n)?(— [a-b]{1,3} [A-Z=]{0,12}\n){0,3}") {
        if let Ok(note) = Note::parse(text.as_bytes()) {
            prop_assert_eq!(note.encode(), text);
        }
    }
}
