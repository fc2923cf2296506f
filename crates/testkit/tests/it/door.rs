//! `ledger_append` in SQL makes the same trees as the `ledger` crate, for every size.

use ledger::{ClinicId, EntryRef, Frontier, Leaf, MemoryTree, inclusion_path, verify_inclusion};
use testkit::Database;
use uuid::Uuid;

/// Sizes that are compared one by one.
const SIZE_MAX: u64 = 1_000;

#[tokio::test(flavor = "multi_thread")]
async fn the_door_and_the_crate_make_the_same_trees() {
    let database = Database::fresh().await;
    let client = database.superuser().await;
    let clinic = Uuid::from_u128(0xC11);
    client.batch_execute("BEGIN").await.unwrap();
    client
        .execute(
            "SELECT set_config('app.clinic', $1, true)",
            &[&clinic.to_string()],
        )
        .await
        .unwrap();
    client
        .execute("SELECT ledger_begin($1)", &[&clinic])
        .await
        .unwrap();
    let (mut frontier, mut memory) = (Frontier::empty(), MemoryTree::default());
    for index in 0..SIZE_MAX {
        let body = index.to_be_bytes().to_vec();
        let row = client
            .query_one(
                "SELECT first_index FROM ledger_append($1, $2, '{}', '{}')",
                &[&clinic, &vec![body.clone()]],
            )
            .await
            .unwrap();
        assert_eq!(row.get::<_, i64>(0), i64::try_from(index).unwrap());
        let entry = EntryRef {
            generation: 1,
            index,
        };
        let hash = Leaf {
            clinic: ClinicId(clinic),
            entry,
            body: &body,
        }
        .hash();
        let nodes = frontier.append(hash).unwrap();
        memory.append(hash).unwrap();
        let stored = client
            .query_one(
                "SELECT h.frontier, l.nodes FROM ledger_head h
                   JOIN ledger_leaf l ON l.clinic = h.clinic AND l.index = h.size - 1 WHERE h.clinic = $1",
                &[&clinic],
            )
            .await
            .unwrap();
        assert_eq!(
            stored.get::<_, Vec<Vec<u8>>>(0),
            bytes(frontier.hashes()),
            "frontier at {index}"
        );
        assert_eq!(
            stored.get::<_, Vec<Vec<u8>>>(1),
            bytes(&nodes),
            "nodes of {index}"
        );
    }
    let path = inclusion_path(617, SIZE_MAX, &memory).unwrap();
    let leaf = Leaf {
        clinic: ClinicId(clinic),
        entry: EntryRef {
            generation: 1,
            index: 617,
        },
        body: &617_u64.to_be_bytes(),
    };
    verify_inclusion(&leaf.hash(), 617, SIZE_MAX, &path, &frontier.root()).unwrap();
}

fn bytes(hashes: &[ledger::Hash]) -> Vec<Vec<u8>> {
    hashes.iter().map(|hash| hash.to_vec()).collect()
}
