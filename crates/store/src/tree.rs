//! Reading the trees: heads, leaves, the nodes that proofs need, and what stands under a subject.
//!
//! Invariant: nothing here writes. The only door is `ledger_append`, and only [`crate::Tx`] calls it.

use ledger::{EntryRef, Hash};
use uuid::Uuid;

use crate::error::StoreError;
use crate::scope::Scope;

/// A clinic's head: the tree's generation, size and frontier (perfect subtrees' roots, largest first).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadRow {
    /// The clinic.
    pub clinic: Uuid,
    /// The generation, from 1.
    pub generation: u32,
    /// Leaves in it.
    pub size: u64,
    /// Roots of the perfect subtrees, largest first.
    pub frontier: Vec<Hash>,
}

/// A leaf's entry with its place.
pub struct LeafRow {
    /// Its place.
    pub place: EntryRef,
    /// `Entry::encode`'s bytes.
    pub body: Vec<u8>,
}

/// The head of the transaction's clinic, if it has a tree.
///
/// # Errors
/// When the database is away.
pub async fn head(scope: &Scope) -> Result<Option<HeadRow>, StoreError> {
    scope
        .query_opt(
            "SELECT clinic, generation, size, frontier FROM ledger_head WHERE clinic = clinic_now()",
            &[],
        )
        .await?
        .map(|row| head_from(&row))
        .transpose()
}

/// Every clinic's head, in the order of an epoch's tree.
///
/// # Errors
/// When the database is away.
pub async fn heads(scope: &Scope) -> Result<Vec<HeadRow>, StoreError> {
    scope
        .query(
            "SELECT clinic, generation, size, frontier FROM epoch_heads()",
            &[],
        )
        .await?
        .iter()
        .map(head_from)
        .collect()
}

/// Leaves of one generation, from `from` on, oldest first, at most `rows_max`.
///
/// # Errors
/// When the database is away.
pub async fn leaves(
    scope: &Scope,
    generation: u32,
    from: u64,
    rows_max: i64,
) -> Result<Vec<LeafRow>, StoreError> {
    let (generation, from) = (column_i32(generation)?, column_i64(from)?);
    scope
        .query(
            "SELECT generation, index, body FROM ledger_leaf
              WHERE clinic = clinic_now() AND generation = $1 AND index >= $2 ORDER BY index LIMIT $3",
            &[&generation, &from, &rows_max],
        )
        .await?
        .iter()
        .map(leaf_from)
        .collect()
}

/// These leaves of one generation, oldest first.
///
/// # Errors
/// When the database is away.
pub async fn leaves_at(
    scope: &Scope,
    generation: u32,
    leaves: &[u64],
) -> Result<Vec<LeafRow>, StoreError> {
    let generation = column_i32(generation)?;
    let wanted = leaves
        .iter()
        .map(|leaf| column_i64(*leaf))
        .collect::<Result<Vec<_>, _>>()?;
    scope
        .query(
            "SELECT generation, index, body FROM ledger_leaf
              WHERE clinic = clinic_now() AND generation = $1 AND index = ANY($2) ORDER BY index",
            &[&generation, &wanted],
        )
        .await?
        .iter()
        .map(leaf_from)
        .collect()
}

/// The newest leaves before a place, newest first, over all generations.
///
/// # Errors
/// When the database is away.
pub async fn leaves_before(
    scope: &Scope,
    before: Option<EntryRef>,
    rows_max: i64,
) -> Result<Vec<LeafRow>, StoreError> {
    let (generation, index) = match before {
        Some(place) => (column_i32(place.generation)?, column_i64(place.index)?),
        None => (i32::MAX, i64::MAX),
    };
    scope
        .query(
            "SELECT generation, index, body FROM ledger_leaf
              WHERE clinic = clinic_now() AND (generation, index) < ($1, $2)
              ORDER BY generation DESC, index DESC LIMIT $3",
            &[&generation, &index, &rows_max],
        )
        .await?
        .iter()
        .map(leaf_from)
        .collect()
}

/// The entries that speak of these subjects, oldest first.
///
/// # Errors
/// When the database is away.
pub async fn leaves_of(scope: &Scope, subjects: &[Uuid]) -> Result<Vec<LeafRow>, StoreError> {
    scope
        .query(
            "SELECT DISTINCT l.generation, l.index, l.body
               FROM ledger_subject s
               JOIN ledger_leaf l ON l.clinic = s.clinic AND l.generation = s.generation AND l.index = s.index
              WHERE s.clinic = clinic_now() AND s.subject = ANY($1)
              ORDER BY l.generation, l.index",
            &[&subjects],
        )
        .await?
        .iter()
        .map(leaf_from)
        .collect()
}

/// The inner nodes that these leaves completed: for each leaf its hash first, then upwards.
///
/// # Errors
/// When the database is away, or a node is no hash.
pub async fn nodes(
    scope: &Scope,
    generation: u32,
    leaves: &[u64],
) -> Result<Vec<(u64, Vec<Hash>)>, StoreError> {
    let generation = column_i32(generation)?;
    let wanted = leaves
        .iter()
        .map(|leaf| column_i64(*leaf))
        .collect::<Result<Vec<_>, _>>()?;
    scope
        .query(
            "SELECT index, nodes FROM ledger_leaf
              WHERE clinic = clinic_now() AND generation = $1 AND index = ANY($2)",
            &[&generation, &wanted],
        )
        .await?
        .iter()
        .map(|row| {
            let index: i64 = row.get(0);
            Ok((unsigned(index)?, hashes_from("ledger_leaf", row.get(1))?))
        })
        .collect()
}

/// Opens a new generation of the transaction's tree: what follows in this transaction is its first leaf.
///
/// # Errors
/// When the tree's generation is not `found`, or `next` does not follow it.
pub async fn generation_open(scope: &Scope, found: u32, next: u32) -> Result<(), StoreError> {
    let (found, next) = (column_i32(found)?, column_i32(next)?);
    scope
        .execute(
            "SELECT ledger_generation_open(clinic_now(), $1, $2)",
            &[&found, &next],
        )
        .await?;
    Ok(())
}

fn head_from(row: &tokio_postgres::Row) -> Result<HeadRow, StoreError> {
    let (generation, size): (i32, i64) = (row.get(1), row.get(2));
    Ok(HeadRow {
        clinic: row.get(0),
        generation: u32::try_from(generation).map_err(|_| IMPOSSIBLE_PLACE)?,
        size: unsigned(size)?,
        frontier: hashes_from("ledger_head", row.get(3))?,
    })
}

fn leaf_from(row: &tokio_postgres::Row) -> Result<LeafRow, StoreError> {
    let (generation, index): (i32, i64) = (row.get(0), row.get(1));
    Ok(LeafRow {
        place: EntryRef {
            generation: u32::try_from(generation).map_err(|_| IMPOSSIBLE_PLACE)?,
            index: unsigned(index)?,
        },
        body: row.get(2),
    })
}

fn hashes_from(table: &'static str, column: Vec<Vec<u8>>) -> Result<Vec<Hash>, StoreError> {
    column
        .into_iter()
        .map(|bytes| {
            Hash::try_from(bytes).map_err(|_| StoreError::Impossible {
                table,
                what: "a node that is no SHA-256 hash",
            })
        })
        .collect()
}

const IMPOSSIBLE_PLACE: StoreError = StoreError::Impossible {
    table: "ledger_leaf",
    what: "a place outside of its range",
};

pub(crate) fn column_i32(value: u32) -> Result<i32, StoreError> {
    i32::try_from(value).map_err(|_| IMPOSSIBLE_PLACE)
}

pub(crate) fn column_i64(value: u64) -> Result<i64, StoreError> {
    i64::try_from(value).map_err(|_| IMPOSSIBLE_PLACE)
}

pub(crate) fn unsigned(value: i64) -> Result<u64, StoreError> {
    u64::try_from(value).map_err(|_| IMPOSSIBLE_PLACE)
}

/// Begins the tree of the transaction's clinic.
///
/// # Errors
/// [`StoreError::Exists`] when it has one.
pub async fn begin(scope: &Scope) -> Result<(), StoreError> {
    scope
        .execute("SELECT ledger_begin(clinic_now())", &[])
        .await?;
    Ok(())
}
