//! Epochs: the heads of one moment, kept so that a path to one clinic's head can be made.

use ledger::EntryRef;

use crate::error::StoreError;
use crate::scope::Scope;
use crate::tree::{column_i32, column_i64};

/// Forgets the heads of epochs before this place: every proof made today uses a later one.
///
/// # Errors
/// When the database is away.
pub async fn delete_before(scope: &Scope, place: EntryRef) -> Result<(), StoreError> {
    let (generation, index) = (column_i32(place.generation)?, column_i64(place.index)?);
    scope
        .execute(
            "DELETE FROM epoch WHERE clinic = clinic_now() AND (generation, index) < ($1, $2)",
            &[&generation, &index],
        )
        .await?;
    Ok(())
}

/// The newest epoch's place and head leaves, if any.
///
/// # Errors
/// When the database is away.
pub async fn newest(scope: &Scope) -> Result<Option<(EntryRef, Vec<u8>)>, StoreError> {
    let row = scope
        .query_opt(
            "SELECT generation, index, heads FROM epoch WHERE clinic = clinic_now()
              ORDER BY generation DESC, index DESC LIMIT 1",
            &[],
        )
        .await?;
    row.map(|row| {
        let (generation, index): (i32, i64) = (row.get(0), row.get(1));
        let impossible = StoreError::Impossible {
            table: "epoch",
            what: "a place outside of its range",
        };
        match (u32::try_from(generation), u64::try_from(index)) {
            (Ok(generation), Ok(index)) => Ok((EntryRef { generation, index }, row.get(2))),
            (_, _) => Err(impossible),
        }
    })
    .transpose()
}
